//! What units on this machine are made of: one spec per kind, pure data. The drivers are in `targets/local`.
//!
//! A spec may refer to outputs of its own unit (a process to its own port); the driver fills those in.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{Spec, Text};
use crate::causes::Speaker;
use crate::secrets::SecretName;

macro_rules! kinds {
    ($($spec:ty => $kind:literal,)*) => { $(impl Spec for $spec { const KIND: &'static str = $kind; })* };
}

kinds! {
    Secret => "secret",
    Folder => "local.folder",
    PythonEnvironment => "local.python",
    Certificate => "local.certificate",
    MariadbData => "local.mariadb-data",
    Process => "local.process",
    Migration => "zenml.migration",
    MlflowSchema => "mlflow.schema",
    Activation => "zenml.activation",
    Client => "zenml.client",
}

/// A secret that has to have a value before others use it. Outputs: none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Secret {
    pub name: SecretName,
    /// Where it comes from, for people; never the value.
    pub source: String,
    pub purpose: String,
}

/// A folder that holds data. Outputs: `path`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Folder {
    /// Absolute, or none for a folder of the deployment's own.
    pub path: Option<PathBuf>,
}

/// A virtual environment with pinned packages, shared by all deployments that want the same.
/// Outputs: `python` (interpreter), `bin` (folder of its programs).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PythonEnvironment {
    /// As the installer takes them: `zenml[server]==0.98.0`.
    pub packages: Vec<String>,
    /// The interpreter to use; the first fitting one on PATH if none is named.
    pub python: Option<PathBuf>,
    /// Install from the wheels in this folder only, without a network.
    pub wheelhouse: Option<PathBuf>,
    /// A module that must import for the environment to count as whole.
    pub probe: String,
}

/// A private certificate authority and one server certificate signed by it.
/// Outputs: `ca`, `certificate`, `key` (paths of PEM files).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Certificate {
    /// DNS names and IP addresses.
    pub subjects: Vec<String>,
    pub days: u32,
}

/// The initialised data folder of a private MariaDB, with its users; made in one step, never open to anyone in
/// between. Outputs: `folder`, `program` (server binary), `version`, `settings` (lines that belong into the server's
/// configuration file, each with its line end: basedir and the like; empty for most), `libraries` (value for
/// LD_LIBRARY_PATH; empty for most).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MariadbData {
    /// Server binary; looked for on PATH and in system folders if none is named.
    pub program: Option<PathBuf>,
    /// Databases to create, each with the one user that may use it, over TLS only, and nothing else.
    pub users: BTreeMap<String, DatabaseUser>,
    pub root_password: Text,
    pub runtime: Runtime,
}

/// Whom a database belongs to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DatabaseUser {
    pub username: String,
    pub password: Text,
}

/// How a program is run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Runtime {
    /// A process of this machine.
    Process,
    /// A container of docker or podman, in the host's network so that everything stays on loopback.
    Container { engine: Option<String>, image: String },
}

/// A program that keeps running. Outputs: `port`, `address` (`127.0.0.1:PORT`), `url` (`http://…`), `log`, `folder`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Process {
    pub runtime: Runtime,
    /// Whose words stand in its log.
    pub speaker: Speaker,
    pub program: Text,
    pub arguments: Vec<Text>,
    /// The whole environment of the program, besides PATH, HOME, LANG and TMPDIR.
    pub environment: BTreeMap<String, Text>,
    /// Files written into the unit's own folder before each start, by name. No secrets.
    pub files: BTreeMap<String, Text>,
    /// Host paths that a container has to see, at the same place.
    pub mounts: Vec<Text>,
    pub port: Port,
    pub ready_when: ReadyWhen,
    /// How long it may take to end by itself after being asked.
    pub stop_seconds: u32,
}

/// Which port of 127.0.0.1 to listen on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Port {
    /// Demanded by the user: taken means an error.
    pub wanted: Option<u16>,
    /// Otherwise the first free one from here on; kept as long as the unit lives.
    pub from: u16,
}

/// The sign that a process serves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ReadyWhen {
    /// The port accepts connections.
    PortOpen,
    /// This path answers 200.
    HttpOk { path: String },
}

/// How to reach a database.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DatabaseAddress {
    Sqlite {
        /// Of the file.
        path: Text,
    },
    #[serde(rename_all = "camelCase")]
    Mysql {
        host: Text,
        port: Text,
        database: String,
        username: String,
        password: Option<Text>,
        tls: Option<DatabaseTls>,
    },
}

/// TLS towards a database.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DatabaseTls {
    /// PEM file with the authorities to trust; none means that no certificate is verified.
    pub ca: Option<Text>,
    /// Whether the certificate must be for the host's name.
    pub verify_name: bool,
}

/// The database's schema brought to the server's release by the server's own migration.
/// Present when the revision equals the release. Outputs: `revision`, and `backup` (a file with the database as it was
/// before the last upgrade, if there was one).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Migration {
    pub runtime: Runtime,
    /// Python interpreter of the environment that holds the server; ignored in a container.
    pub python: Text,
    pub release: String,
    pub environment: BTreeMap<String, Text>,
    pub mounts: Vec<Text>,
    pub database: DatabaseAddress,
    /// Made together with a new schema, so that no server ever runs that anyone could claim. In a store that a local
    /// client made, its user without a password becomes this one.
    pub administrator: Option<Administrator>,
}

/// MLflow's tables, made by MLflow itself before its server runs. Outputs: none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MlflowSchema {
    pub runtime: Runtime,
    /// Python interpreter of the environment that holds MLflow; ignored in a container.
    pub python: Text,
    /// Holds the store's address, and with it its password.
    pub environment: BTreeMap<String, Text>,
    pub mounts: Vec<Text>,
    pub database: DatabaseAddress,
}

/// Who may do everything on a server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Administrator {
    pub username: String,
    pub password: Text,
}

/// The server's one administrator can log in, and nobody can without a password. Mostly the migration has made it; a
/// server that is still inactive, and could be claimed by anyone who reaches it, is activated.
/// Outputs: `username`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Activation {
    /// Of the server, on this machine.
    pub url: Text,
    pub server_name: String,
    pub username: String,
    pub password: Text,
}

/// A configured client for people: a folder with its configuration, a `zenml` to call and a file to source.
/// Secrets are not written into these files: they are fetched from their sources when the client is called.
/// Outputs: `zenml` (program), `environment` (file to source), `configuration` (folder; without a server, the data).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Client {
    /// Folder of the real `zenml`.
    pub bin: Text,
    /// Besides ZENML_CONFIG_PATH, which is the unit's own folder.
    pub environment: BTreeMap<String, Text>,
}
