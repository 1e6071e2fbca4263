//! How the health of a deployment is seen: one list of questions, made with the units.

use std::collections::BTreeMap;

use super::{client, database, mlflow, server};
use crate::deployment::{Auth, Database, Deployment, SecretsStore, Target};
use crate::health::{ExpectedInfo, Page, Probe};
use crate::scenario::Component;
use crate::secrets::SecretName;
use crate::unit::Text;
use crate::unit::local::DatabaseAddress;

/// Questions to all parts that run on this machine.
pub fn probes(deployment: &Deployment) -> Vec<Probe> {
    if !matches!(deployment.target, Target::Local(_)) {
        return Vec::new();
    }
    let mut probes = if deployment.has(Component::Database) { database_probes(deployment) } else { Vec::new() };
    if deployment.has(Component::Server) {
        probes.extend(server_probes(deployment));
    }
    if deployment.has(Component::Mlflow) {
        probes.extend(mlflow_probes(deployment));
    }
    if client::is_configured(deployment) {
        probes.push(Probe::client_sees_store(Text::output(client::CLIENT, "zenml")));
    }
    probes
}

fn database_probes(deployment: &Deployment) -> Vec<Probe> {
    let address = database::address(deployment);
    let mut probes = Vec::new();
    if matches!(&deployment.database, Database::Mysql(mysql) if mysql.url.is_none()) {
        // No probe of the bare port: the database would log each as a connection that was broken off.
        probes.push(Probe::process_alive(Component::Database, database::DATABASE));
    }
    probes.push(Probe::database_answers(&address));
    probes.push(Probe::schema_revision(&address, Text::output(server::SCHEMA, "revision")));
    if matches!(&address, DatabaseAddress::Mysql { tls: Some(_), .. }) {
        probes.push(Probe::database_tls(&address));
    }
    probes
}

fn server_probes(deployment: &Deployment) -> Vec<Probe> {
    let url = || Text::output(server::SERVER, "url");
    let release = deployment.release.as_str();
    let password = SecretName::new("admin-password");
    let (user, password) = match deployment.server.auth {
        Auth::Password => (deployment.server.admin_user.as_str(), Some(&password)),
        Auth::None => ("default", None),
    };
    let mut probes = vec![
        Probe::process_alive(Component::Server, server::SERVER),
        Probe::port_open(Component::Server, Text::output(server::SERVER, "address")),
        Probe::liveness(url()),
    ];
    if Page::has_readiness(release) {
        probes.push(Probe::readiness(url()));
    }
    probes.push(Probe::server_info(url(), expected_info(deployment)));
    probes.push(Probe::login(url(), user, password));
    probes.push(Probe::secret_round_trip(url(), user, password, release));
    probes.push(Probe::dashboard(url()));
    probes
}

fn expected_info(deployment: &Deployment) -> ExpectedInfo {
    let database_type = match deployment.database {
        Database::Sqlite(_) => "sqlite",
        Database::Mysql(_) => "mysql",
    };
    let secrets_store_type = match deployment.secrets_store {
        SecretsStore::Sql(_) => "sql",
        SecretsStore::Aws(_) => "aws",
        SecretsStore::Gcp(_) => "gcp",
        SecretsStore::Azure(_) => "azure",
        SecretsStore::Vault(_) => "hashicorp",
    };
    let fields = deployment.server.url.iter().map(|url| ("server_url".to_owned(), Text::literal(url)));
    ExpectedInfo {
        version: deployment.release.clone(),
        database_type: database_type.to_owned(),
        secrets_store_type: secrets_store_type.to_owned(),
        auth_scheme: server::auth_scheme(deployment).to_owned(),
        active: true,
        fields: fields.collect::<BTreeMap<_, _>>(),
    }
}

fn mlflow_probes(deployment: &Deployment) -> Vec<Probe> {
    let url = || Text::output(mlflow::MLFLOW, "url");
    vec![
        Probe::process_alive(Component::Mlflow, mlflow::MLFLOW),
        Probe::port_open(Component::Mlflow, Text::output(mlflow::MLFLOW, "address")),
        Probe::mlflow_health(url()),
        Probe::mlflow_version(url(), mlflow::release(deployment)),
        Probe::mlflow_round_trip(url()),
    ]
}
