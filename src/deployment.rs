//! The user's file: its schema, the layers it is made of, and the resolved deployment in which every value is
//! decided and knows who decided it. Pure: same layers, same result.

mod answers;
mod assignment;
pub mod edit;
mod layers;
pub mod questions;
mod resolve;
mod schema;
mod template;
mod unshown;

pub use answers::{Answers, DATABASE_PASSWORD_VARIABLE, DEFAULT_FILE, DatabaseAnswer};
pub use assignment::{Assignment, parse_assignment};
pub use layers::{Layer, merge};
pub use resolve::{DecidedValue, Deployment, ResolveOptions, Resolved, resolve};
pub use schema::{
    ArtifactStore, Auth, BackendStore, Chart, Cloud, ControlPlane, Database, DeploymentFile, Health, KubernetesTarget,
    LocalTarget, Mlflow, Mysql, MysqlTls, Network, Proxy, RuntimeKind, SecretsStore, Server, Size, SqlSecretsStore,
    Sqlite, Target, json_schema, key_named,
};
pub use template::commented_file;
pub use unshown::{hide_secret_lines, is_secret_key};

/// The release of ZenML that is deployed unless the file names another.
pub const DEFAULT_RELEASE: &str = "0.98.0";
/// The release of MLflow that is deployed unless the file names another.
pub const DEFAULT_MLFLOW_RELEASE: &str = "3.17.2";
