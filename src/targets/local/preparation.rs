//! Which drivers make what has to be there before a process can run.

use std::sync::Arc;

use super::activation::ActivationDriver;
use super::certificate::CertificateDriver;
use super::client::ClientDriver;
use super::folder::FolderDriver;
use super::mariadb_data::MariadbDataDriver;
use super::migration::MigrationDriver;
use super::mlflow_schema::MlflowSchemaDriver;
use super::python::PythonDriver;
use super::secret::SecretDriver;
use super::target::LocalTarget;
use crate::unit::Driver;

impl LocalTarget {
    /// Drivers of everything on this machine that is not a running process.
    pub fn preparation_drivers(&self) -> Vec<Arc<dyn Driver>> {
        vec![
            Arc::new(SecretDriver(self.clone())),
            Arc::new(FolderDriver(self.clone())),
            Arc::new(PythonDriver(self.clone())),
            Arc::new(CertificateDriver(self.clone())),
            Arc::new(MariadbDataDriver(self.clone())),
            Arc::new(MigrationDriver(self.clone())),
            Arc::new(MlflowSchemaDriver(self.clone())),
            Arc::new(ActivationDriver(self.clone())),
            Arc::new(ClientDriver(self.clone())),
        ]
    }
}
