//! The MLflow tracking server: its environment, its stores, its process.

use std::collections::BTreeMap;

use super::{database, secret, server};
use crate::causes::Speaker;
use crate::deployment::{BackendStore, Database, Deployment, LocalTarget, RuntimeKind};
use crate::scenario::{Component, DataClass, TargetKind};
use crate::secrets::SecretName;
use crate::unit::local::{DatabaseAddress, Folder, MlflowSchema, Port, Process, PythonEnvironment, ReadyWhen, Runtime};
use crate::unit::{Spec, Text, Unit};

pub(super) const MLFLOW: &str = "mlflow";
const PYTHON: &str = "mlflow/python";
const ARTIFACTS: &str = "mlflow/artifacts";
const STORE: &str = "mlflow/store";
const SCHEMA: &str = "mlflow/schema";
const FIRST_PORT: u16 = 5000;

pub(super) fn units(deployment: &Deployment, local: &LocalTarget) -> Vec<Unit> {
    if !deployment.has(Component::Mlflow) {
        return Vec::new();
    }
    let mut units = Vec::new();
    if local.runtime == RuntimeKind::Process {
        units.push(unit(deployment, PYTHON, "Python environment with MLflow", &python(deployment, local)));
    }
    let artifacts = Folder { path: deployment.mlflow.artifact_folder.clone() };
    units.push(
        unit(deployment, ARTIFACTS, "folder of MLflow's artifacts", &artifacts)
            .holding(DataClass::Artifacts, "models and files that MLflow recorded"),
    );
    if !uses_database(deployment) {
        units.push(
            unit(deployment, STORE, "folder of MLflow's SQLite store", &Folder { path: None })
                .holding(DataClass::Experiments, "experiments, runs and metrics"),
        );
    }
    units.push(schema(deployment, local));
    units.push(process(deployment, local));
    units
}

fn unit<S: Spec>(deployment: &Deployment, id: &str, title: &str, spec: &S) -> Unit {
    Unit::new(id, title, Component::Mlflow, deployment.side(Component::Mlflow), TargetKind::Local, spec)
}

fn uses_database(deployment: &Deployment) -> bool {
    let Database::Mysql(mysql) = &deployment.database else { return false };
    let is_there = deployment.has(Component::Database) || mysql.url.is_some();
    deployment.mlflow.backend_store == BackendStore::Database && is_there
}

/// An existing database is opened by one user, the one that the file names.
fn password(deployment: &Deployment) -> SecretName {
    if deployment.has_database_of_mlflow() { database::mlflow_password() } else { database::password() }
}

pub(super) fn release(deployment: &Deployment) -> &str {
    deployment.mlflow.version.as_deref().unwrap_or(crate::deployment::DEFAULT_MLFLOW_RELEASE)
}

fn python(deployment: &Deployment, local: &LocalTarget) -> PythonEnvironment {
    PythonEnvironment {
        packages: vec![format!("mlflow=={}", release(deployment)), "pymysql".to_owned(), "cryptography".to_owned()],
        python: local.python.clone(),
        wheelhouse: local.wheelhouse.clone(),
        probe: "mlflow".to_owned(),
    }
}

/// The store's address may hold a password, so it is given in the environment and never as an argument.
fn environment(deployment: &Deployment) -> BTreeMap<String, Text> {
    let mut variables = BTreeMap::from([
        ("MLFLOW_DISABLE_TELEMETRY".to_owned(), Text::literal("true")),
        ("DO_NOT_TRACK".to_owned(), Text::literal("true")),
        // Nobody runs jobs inside the tracking server here, and the runners would take eight processes.
        ("MLFLOW_SERVER_ENABLE_JOB_EXECUTION".to_owned(), Text::literal("false")),
    ]);
    let store = match &deployment.database {
        Database::Mysql(mysql) if uses_database(deployment) => {
            let DatabaseAddress::Mysql { host, port, database, username, tls, .. } = database::mlflow_address(mysql)
            else {
                return variables;
            };
            if let Some(ca) = tls.and_then(|tls| tls.ca) {
                variables.insert("MLFLOW_MYSQL_SSL_CA".to_owned(), ca);
            }
            Text::literal(format!("mysql+pymysql://{username}:"))
                .then(Text::url_encoded_secret(&password(deployment)))
                .then("@")
                .then(host)
                .then(":")
                .then(port)
                .then(format!("/{database}"))
        }
        _ => Text::literal("sqlite:///").then(Text::output(STORE, "path")).then("/mlflow.db"),
    };
    variables.insert("MLFLOW_BACKEND_STORE_URI".to_owned(), store);
    variables
}

fn process(deployment: &Deployment, local: &LocalTarget) -> Unit {
    let own = |output: &str| Text::output(MLFLOW, output);
    let program = match local.runtime {
        RuntimeKind::Process => Text::output(PYTHON, "bin").then("/mlflow"),
        RuntimeKind::Container => Text::literal("mlflow"),
    };
    let mut arguments: Vec<Text> = ["server", "--host", "127.0.0.1", "--port"].into_iter().map(Text::literal).collect();
    arguments.push(own("port"));
    arguments.extend(["--workers", "1", "--serve-artifacts", "--artifacts-destination"].into_iter().map(Text::literal));
    arguments.push(Text::output(ARTIFACTS, "path"));
    let mut mounts = vec![Text::output(ARTIFACTS, "path"), own("folder")];
    let environment = environment(deployment);
    mounts.extend(store(deployment, &environment));
    let spec = Process {
        runtime: runtime(deployment, local),
        speaker: Speaker::Mlflow,
        program,
        arguments,
        environment,
        files: BTreeMap::new(),
        mounts,
        port: Port { wanted: deployment.mlflow.port, from: FIRST_PORT },
        ready_when: ReadyWhen::HttpOk { path: "/health".to_owned() },
        stop_seconds: 20,
    };
    let unit = unit(deployment, MLFLOW, "MLflow tracking server", &spec)
        .after(SCHEMA, "a server that makes its own tables and is cut off there never starts again");
    needs_store(unit, deployment)
}

fn runtime(deployment: &Deployment, local: &LocalTarget) -> Runtime {
    let official = format!("docker.io/burakince/mlflow:{}", release(deployment));
    server::runtime(local, local.mlflow_image.as_deref(), &official)
}

/// What of the store has to be seen from a container.
fn store(deployment: &Deployment, environment: &BTreeMap<String, Text>) -> Option<Text> {
    if uses_database(deployment) {
        environment.get("MLFLOW_MYSQL_SSL_CA").cloned()
    } else {
        Some(Text::output(STORE, "path"))
    }
}

fn schema(deployment: &Deployment, local: &LocalTarget) -> Unit {
    let environment = environment(deployment);
    let database = match &deployment.database {
        Database::Mysql(mysql) if uses_database(deployment) => database::mlflow_address(mysql),
        _ => DatabaseAddress::Sqlite { path: Text::output(STORE, "path").then("/mlflow.db") },
    };
    let spec = MlflowSchema {
        runtime: runtime(deployment, local),
        python: match local.runtime {
            RuntimeKind::Process => Text::output(PYTHON, "python"),
            RuntimeKind::Container => Text::literal("python"),
        },
        mounts: store(deployment, &environment).into_iter().collect(),
        environment,
        database,
    };
    needs_store(unit(deployment, SCHEMA, "tables of MLflow", &spec), deployment)
}

fn needs_store(mut unit: Unit, deployment: &Deployment) -> Unit {
    if uses_database(deployment) {
        // An existing database is no unit.
        if matches!(&deployment.database, Database::Mysql(mysql) if mysql.url.is_none()) {
            unit = unit.after(database::DATABASE, "experiments are kept there");
        }
        unit = unit.after(&secret::unit_id(&password(deployment)), "it is started with this secret");
    }
    unit
}
