//! Where the server keeps its data: a SQLite file, a private MariaDB or MySQL, or an existing one.

use std::collections::BTreeMap;

use super::secret;
use crate::causes::Speaker;
use crate::deployment::{Database, Deployment, LocalTarget, Mysql, RuntimeKind, Sqlite};
use crate::scenario::{Component, DataClass, TargetKind};
use crate::secrets::SecretName;
use crate::unit::local::{
    Certificate, DatabaseAddress, DatabaseTls, DatabaseUser, Folder, MariadbData, Port, Process, ReadyWhen, Runtime,
};
use crate::unit::{Text, Unit};

pub(super) const DATABASE: &str = "database";
const DATA: &str = "database/data";
const CERTIFICATE: &str = "database/certificate";
/// Database of the server within a private MariaDB or MySQL.
const SERVER_SCHEMA: &str = "zenml";
/// Database of MLflow within a private MariaDB or MySQL, or beside the server's in an existing one.
pub(super) const MLFLOW_SCHEMA: &str = "mlflow";
const FIRST_PORT: u16 = 3307;
/// A year and a bit; renewed by any `apply` in the last month.
const CERTIFICATE_DAYS: u32 = 397;

pub(super) fn password() -> SecretName {
    SecretName::new("database-password")
}

/// Of MLflow within a private MariaDB or MySQL.
pub(super) fn mlflow_password() -> SecretName {
    SecretName::new("mlflow-password")
}

/// MLflow's user has the name of its database, unless the server's user is called like that.
fn mlflow_username(mysql: &Mysql) -> String {
    if mysql.username == MLFLOW_SCHEMA { format!("{MLFLOW_SCHEMA}_server") } else { MLFLOW_SCHEMA.to_owned() }
}

pub(super) fn units(deployment: &Deployment, local: &LocalTarget) -> Vec<Unit> {
    match &deployment.database {
        Database::Sqlite(sqlite) => vec![sqlite_folder(deployment, sqlite)],
        Database::Mysql(mysql) if mysql.url.is_none() => private_mysql(deployment, local, mysql),
        Database::Mysql(_) => Vec::new(),
    }
}

fn unit<S: crate::unit::Spec>(deployment: &Deployment, id: &str, title: &str, spec: &S) -> Unit {
    Unit::new(id, title, Component::Database, deployment.side(Component::Database), TargetKind::Local, spec)
}

fn sqlite_folder(deployment: &Deployment, sqlite: &Sqlite) -> Unit {
    unit(deployment, DATABASE, "folder of the SQLite store", &Folder { path: sqlite.folder.clone() })
        .holding(DataClass::Metadata, "all runs, models and users of the server")
        .holding(DataClass::Secrets, "secrets stored through the server")
}

fn private_mysql(deployment: &Deployment, local: &LocalTarget, mysql: &Mysql) -> Vec<Unit> {
    let certificate = Certificate { subjects: vec!["127.0.0.1".into(), "localhost".into()], days: CERTIFICATE_DAYS };
    let user = |username: String, password: &SecretName| DatabaseUser { username, password: Text::secret(password) };
    let mut passwords = vec![password(), SecretName::new("database-root-password")];
    let mut users = BTreeMap::from([(SERVER_SCHEMA.to_owned(), user(mysql.username.clone(), &password()))]);
    if deployment.has_database_of_mlflow() {
        users.insert(MLFLOW_SCHEMA.to_owned(), user(mlflow_username(mysql), &mlflow_password()));
        passwords.push(mlflow_password());
    }
    let runtime = super::server::runtime(local, local.database_image.as_deref(), "docker.io/library/mariadb:11.4");
    let data = MariadbData {
        program: mysql.program.clone(),
        users,
        root_password: Text::secret(&SecretName::new("database-root-password")),
        runtime: runtime.clone(),
    };
    let data = unit(deployment, DATA, "data folder of the database", &data)
        .holding(DataClass::Metadata, "all runs, models and users of the server")
        .holding(DataClass::Secrets, "secrets stored through the server");
    vec![
        unit(deployment, CERTIFICATE, "certificate of the database", &certificate),
        passwords
            .iter()
            .fold(data, |unit, password| unit.after(&secret::unit_id(password), "users are made with the data folder")),
        unit(deployment, DATABASE, "database server", &process(mysql, local, runtime)),
    ]
}

fn process(mysql: &Mysql, local: &LocalTarget, runtime: Runtime) -> Process {
    let own = |output: &str| Text::output(DATABASE, output);
    let program = match local.runtime {
        RuntimeKind::Process => Text::output(DATA, "program"),
        RuntimeKind::Container => Text::literal("mariadbd"),
    };
    Process {
        runtime,
        speaker: Speaker::Mariadb,
        program,
        arguments: vec![Text::literal("--defaults-file=").then(own("folder")).then("/my.cnf")],
        environment: BTreeMap::from([("LD_LIBRARY_PATH".to_owned(), Text::output(DATA, "libraries"))]),
        files: BTreeMap::from([("my.cnf".to_owned(), configuration())]),
        mounts: vec![
            Text::output(DATA, "folder"),
            Text::output(CERTIFICATE, "ca"),
            Text::output(CERTIFICATE, "certificate"),
            Text::output(CERTIFICATE, "key"),
            own("folder"),
        ],
        port: Port { wanted: mysql.port, from: FIRST_PORT },
        ready_when: ReadyWhen::PortOpen,
        stop_seconds: 60,
    }
}

/// Loopback and TLS only, small enough for a laptop. No socket: its path may have 107 bytes only, and nobody needs it.
fn configuration() -> Text {
    let own = |output: &str| Text::output(DATABASE, output);
    let tls = |output: &str| Text::output(CERTIFICATE, output);
    Text::literal("[mariadbd]\ndatadir=")
        .then(Text::output(DATA, "folder"))
        .then("\nsocket=\npid-file=")
        .then(own("folder"))
        .then("/database.pid\nport=")
        .then(own("port"))
        .then("\nbind-address=127.0.0.1\nskip-name-resolve\nrequire_secure_transport=ON\nssl-ca=")
        .then(tls("ca"))
        .then("\nssl-cert=")
        .then(tls("certificate"))
        .then("\nssl-key=")
        .then(tls("key"))
        .then("\n")
        .then(Text::output(DATA, "settings"))
        .then(
            "character-set-server=utf8mb4\ncollation-server=utf8mb4_general_ci\ninnodb_buffer_pool_size=128M\n\
             key_buffer_size=1M\naria_pagecache_buffer_size=8M\nmax_connections=200\nperformance_schema=OFF\n\
             skip-log-bin\nlocal-infile=0\n",
        )
}

/// How the server reaches its database.
pub(super) fn address(deployment: &Deployment) -> DatabaseAddress {
    match &deployment.database {
        Database::Sqlite(_) => DatabaseAddress::Sqlite { path: Text::output(DATABASE, "path").then("/zenml.db") },
        Database::Mysql(mysql) => mysql_address(mysql),
    }
}

/// How MLflow reaches its own database, with its own user where the database server is ours.
pub(super) fn mlflow_address(mysql: &Mysql) -> DatabaseAddress {
    let mut address = mysql_address(mysql);
    if let DatabaseAddress::Mysql { database, username, password, .. } = &mut address {
        MLFLOW_SCHEMA.clone_into(database);
        if mysql.url.is_none() {
            *username = mlflow_username(mysql);
            *password = Some(Text::secret(&mlflow_password()));
        }
    }
    address
}

fn mysql_address(mysql: &Mysql) -> DatabaseAddress {
    let Some(url) = mysql.url.as_deref().and_then(|text| url::Url::parse(text).ok()) else {
        return DatabaseAddress::Mysql {
            host: Text::literal("127.0.0.1"),
            port: Text::output(DATABASE, "port"),
            database: SERVER_SCHEMA.to_owned(),
            username: mysql.username.clone(),
            password: Some(Text::secret(&password())),
            tls: Some(DatabaseTls { ca: Some(Text::output(CERTIFICATE, "ca")), verify_name: true }),
        };
    };
    let tls = mysql.tls.clone().unwrap_or(crate::deployment::MysqlTls { enabled: false, ca: None, verify_name: false });
    DatabaseAddress::Mysql {
        host: Text::literal(url.host_str().unwrap_or_default()),
        port: Text::literal(url.port().unwrap_or(3306).to_string()),
        database: url.path().trim_start_matches('/').to_owned(),
        username: if url.username().is_empty() { mysql.username.clone() } else { url.username().to_owned() },
        password: Some(Text::secret(&password())),
        tls: tls.enabled.then(|| DatabaseTls {
            ca: tls.ca.as_ref().map(|path| Text::literal(path.display().to_string())),
            verify_name: tls.verify_name,
        }),
    }
}

/// How a server reaches a database that somebody provides for the deployment: known once that is there.
pub(super) fn provided_address(mysql: &Mysql) -> DatabaseAddress {
    DatabaseAddress::Mysql {
        host: Text::output(DATABASE, "host"),
        port: Text::output(DATABASE, "port"),
        database: SERVER_SCHEMA.to_owned(),
        username: mysql.username.clone(),
        password: Some(Text::secret(&password())),
        tls: Some(DatabaseTls { ca: None, verify_name: true }),
    }
}

/// The part of the server's environment that tells it where its data is.
pub(super) fn environment(deployment: &Deployment) -> BTreeMap<String, Text> {
    let mut variables = BTreeMap::from([("ZENML_STORE_TYPE".to_owned(), Text::literal("sql"))]);
    let mut set = |name: &str, value: Text| variables.insert(name.to_owned(), value);
    match address(deployment) {
        DatabaseAddress::Sqlite { path } => {
            set("ZENML_STORE_URL", Text::literal("sqlite:///").then(path));
        }
        DatabaseAddress::Mysql { host, port, database, username, password, tls } => {
            let url = Text::literal(format!("mysql://{username}@")).then(host).then(":").then(port);
            set("ZENML_STORE_URL", url.then(format!("/{database}")));
            if let Some(password) = password {
                set("ZENML_STORE_PASSWORD", password);
            }
            if let Some(tls) = tls {
                // Up to 0.73 the CA alone switches TLS on and these keys are refused; later it is off without them.
                if !super::release_before(&deployment.release, (0, 74, 0)) {
                    set("ZENML_STORE_SSL", Text::literal("True"));
                    let verify = if tls.verify_name { "True" } else { "False" };
                    set("ZENML_STORE_SSL_VERIFY_SERVER_CERT", Text::literal(verify));
                }
                if let Some(ca) = tls.ca {
                    set("ZENML_STORE_SSL_CA", ca);
                }
            }
        }
    }
    variables
}
