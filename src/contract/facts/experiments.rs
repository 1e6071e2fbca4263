//! Where MLflow keeps what it records.

use super::{Claim, Connection, Fact, Purpose, Reader, database, stored};
use crate::contract::host::Host;
use crate::contract::settings::{self, Value};
use crate::deployment::{BackendStore, Database};
use crate::scenario::{Component, DataClass, Side};
use crate::unit::Text;

const DATA: [DataClass; 1] = [DataClass::Experiments];

pub(super) fn facts(reader: &Reader) -> Vec<Fact> {
    if !reader.deployment.mlflow.enabled {
        return Vec::new();
    }
    if reader.is_vendors(Component::Mlflow) {
        return own_although_the_vendor_has_one(reader);
    }
    if !reader.is_customers(Component::Mlflow) {
        return Vec::new();
    }
    match backend(reader) {
        Some(backend) => in_database(&backend),
        None => stored(&DATA, Component::Mlflow, &database::here(reader), "mlflow", "MLflow keeps files of its own"),
    }
}

fn own_although_the_vendor_has_one(reader: &Reader) -> Vec<Fact> {
    let written = ["mlflow.artifactFolder", "mlflow.backendStore", "mlflow.port"]
        .into_iter()
        .filter(|path| reader.is_written(path));
    let here = database::here(reader);
    written
        .flat_map(|path| {
            let because = format!("`{path}` has experiments kept by a tracking server of your own");
            stored(&DATA, Component::Mlflow, &here, path, &because)
        })
        .collect()
}

/// The database that MLflow is started with.
struct Backend {
    host: Host,
    has_authority: bool,
    path: &'static str,
}

/// As the unit says; where MLflow runs elsewhere, as the file says. None for files.
fn backend(reader: &Reader) -> Option<Backend> {
    let path = settings::database_path(&reader.deployment.database);
    let of_unit = reader.units.iter().filter(|unit| unit.component == Component::Mlflow).find_map(|unit| {
        let environment = unit.spec.get("environment")?;
        let text: Text = serde_json::from_value(environment.get("MLFLOW_BACKEND_STORE_URI")?.clone()).ok()?;
        let Value::Text(uri) = settings::value_of(&text) else { return None };
        Some((uri, environment.get("MLFLOW_MYSQL_SSL_CA").is_some()))
    });
    let (uri, has_authority) = of_unit.or_else(|| {
        let Database::Mysql(mysql) = &reader.deployment.database else { return None };
        let wanted = reader.deployment.mlflow.backend_store == BackendStore::Database;
        let has_authority = mysql.tls.as_ref().is_some_and(|tls| tls.enabled && tls.ca.is_some());
        Some((mysql.url.clone()?, has_authority)).filter(|_| wanted)
    })?;
    Some(Backend { host: reader.address(&uri)?.host, has_authority, path })
}

fn in_database(backend: &Backend) -> Vec<Fact> {
    let because = format!(
        "MLflow keeps its records in the database that `{}` names, on {}",
        backend.path,
        backend.host.describe()
    );
    let mut facts: Vec<Fact> = stored(&DATA, Component::Mlflow, &backend.host, backend.path, &because);
    // The tracking server itself stays where it is.
    facts.retain(|fact| !matches!(fact.claim, Claim::Runs { .. }));
    let connection = Connection {
        from: Component::Mlflow,
        from_side: Side::Customer,
        to: Some(Component::Database),
        host: backend.host.clone(),
        purpose: Purpose::Work,
        encrypted: true,
        verified: true,
        carries: DATA.to_vec(),
    };
    facts.push(Fact::new(Claim::Opens(connection.clone()), backend.path, &because));
    if !backend.has_authority {
        // Its driver switches TLS on only when it is given an authority.
        let claim = Claim::Opens(Connection { encrypted: false, verified: false, ..connection });
        facts.push(Fact::new(
            claim,
            "mlflow.backendStore",
            format!("{because}, and MLflow uses TLS only with an authority's file"),
        ));
    }
    facts
}
