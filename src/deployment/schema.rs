//! What may stand in a deployment file. Defaults that never depend on the scenario are here, beside their keys.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::secrets::SecretSource;

/// A deployment of one scenario.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DeploymentFile {
    /// Names the deployment on its target. Lower-case letters, digits and `-`, at most 40 characters.
    pub name: String,
    /// A scenario or one of its aliases: `deploy scenario list`.
    pub scenario: String,
    /// Release of ZenML, such as `0.98.0`.
    #[serde(default)]
    pub version: Option<String>,
    /// Where things run. The default fits the scenario.
    #[serde(default)]
    pub target: Option<Target>,
    /// Who provides managed resources, if anyone.
    #[serde(default)]
    pub cloud: Option<Cloud>,
    #[serde(default)]
    pub server: Server,
    /// Where the server keeps its data. The default fits the scenario.
    #[serde(default)]
    pub database: Option<Database>,
    /// Where secrets of pipelines are kept. The default fits the scenario.
    #[serde(default)]
    pub secrets_store: Option<SecretsStore>,
    /// Where artifacts of pipelines are kept. The default fits the scenario.
    #[serde(default)]
    pub artifact_store: Option<ArtifactStore>,
    /// The MLflow tracking server. The default fits the scenario.
    #[serde(default)]
    pub mlflow: Option<Mlflow>,
    /// The vendor's control plane, in scenarios that have one.
    #[serde(default)]
    pub control_plane: Option<ControlPlane>,
    #[serde(default)]
    pub network: Network,
    #[serde(default)]
    pub chart: Chart,
    #[serde(default)]
    pub health: Health,
}

/// Where things run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Target {
    /// This machine.
    Local(LocalTarget),
    Kubernetes(KubernetesTarget),
}

/// This machine.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct LocalTarget {
    /// Processes of this machine, or containers of docker or podman.
    pub runtime: RuntimeKind,
    /// `podman` or `docker`; the first one found if left out.
    pub engine: Option<String>,
    /// Image of the server in containers; the official one of the release if left out.
    pub image: Option<String>,
    /// Image of the database in containers.
    pub database_image: Option<String>,
    /// Image of MLflow in containers.
    pub mlflow_image: Option<String>,
    /// Python interpreter for the environments; the first fitting one on PATH if left out.
    pub python: Option<PathBuf>,
    /// Install Python packages from this folder of wheels only, without a network.
    pub wheelhouse: Option<PathBuf>,
}

/// How programs run on this machine.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum RuntimeKind {
    #[default]
    Process,
    Container,
}

/// A Kubernetes cluster.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct KubernetesTarget {
    pub context: Option<String>,
    pub namespace: Option<String>,
    pub kubeconfig: Option<PathBuf>,
}

/// Who provides managed resources.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Cloud {
    Aws {
        region: String,
        #[serde(default)]
        size: Size,
    },
    Gcp {
        project: String,
        region: String,
        #[serde(default)]
        size: Size,
    },
    Azure {
        subscription: String,
        location: String,
        #[serde(default)]
        size: Size,
    },
}

/// How many people and pipelines it is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Size {
    Trial,
    #[default]
    Team,
    Company,
}

/// The ZenML server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Server {
    /// Port on this machine. Left out: the first free one from 8237 on, kept for good.
    pub port: Option<u16>,
    /// Address to listen on.
    pub listen: IpAddr,
    /// The address under which clients reach it, if it is not the one it listens on.
    pub url: Option<String>,
    /// Who may use it.
    pub auth: Auth,
    /// Name of the administrator.
    pub admin_user: String,
    /// Password of the administrator.
    pub admin_password: SecretSource,
    /// Key that signs the server's tokens.
    pub jwt_secret_key: SecretSource,
    /// How many servers, on targets that can run several.
    pub replicas: u32,
    /// Whether the server reports its use to the vendor.
    pub analytics: bool,
    /// Further environment variables of the server. No secrets.
    pub environment: BTreeMap<String, String>,
    /// Further environment variables whose values are secrets.
    pub secret_environment: BTreeMap<String, SecretSource>,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            port: None,
            listen: IpAddr::from([127, 0, 0, 1]),
            url: None,
            auth: Auth::Password,
            admin_user: "admin".to_owned(),
            admin_password: SecretSource::Generate { length: None },
            jwt_secret_key: SecretSource::Generate { length: None },
            replicas: 1,
            analytics: false,
            environment: BTreeMap::new(),
            secret_environment: BTreeMap::new(),
        }
    }
}

/// Who may use the server.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Auth {
    /// Users with passwords; an administrator is made at once.
    #[default]
    Password,
    /// Whoever reaches it. Only where the scenario has no users and nothing but this machine can reach it.
    None,
}

/// Where the server keeps its data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Database {
    /// One file; for one machine.
    Sqlite(Sqlite),
    /// MySQL or MariaDB: a private one of the deployment's own, or an existing one.
    Mysql(Mysql),
}

/// A SQLite store.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Sqlite {
    /// Folder of the store; one of the deployment's own if left out.
    pub folder: Option<PathBuf>,
}

/// A MySQL or MariaDB database.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Mysql {
    /// An existing one: `mysql://host:3306/zenml`. Left out: a private one.
    pub url: Option<String>,
    pub username: String,
    pub password: SecretSource,
    /// TLS towards an existing one. A private one always has TLS.
    pub tls: Option<MysqlTls>,
    /// Port of a private one on this machine; the first free one from 3307 on if left out.
    pub port: Option<u16>,
    /// Server program of a private one; looked for if left out.
    pub program: Option<PathBuf>,
    /// Whether the cloud provides it.
    pub managed: bool,
}

impl Default for Mysql {
    fn default() -> Self {
        Self {
            url: None,
            username: "zenml".to_owned(),
            password: SecretSource::Generate { length: None },
            tls: None,
            port: None,
            program: None,
            managed: false,
        }
    }
}

/// TLS towards an existing database.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct MysqlTls {
    pub enabled: bool,
    /// PEM file with the authority that signed the database's certificate. Without it the connection is encrypted, but
    /// the server's driver verifies no certificate at all, which no contract allows for a database on another machine.
    pub ca: Option<PathBuf>,
    /// Whether the certificate must be for the name in the URL.
    pub verify_name: bool,
}

impl Default for MysqlTls {
    fn default() -> Self {
        Self { enabled: true, ca: None, verify_name: true }
    }
}

/// Where secrets of pipelines are kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum SecretsStore {
    /// In the server's database, encrypted.
    Sql(SqlSecretsStore),
    Aws(AwsSecretsStore),
    Gcp(GcpSecretsStore),
    Azure(AzureSecretsStore),
    Vault(VaultSecretsStore),
}

/// Secrets in the server's database.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct SqlSecretsStore {
    /// Losing it means losing all secrets; it can never be changed.
    pub encryption_key: SecretSource,
}

impl Default for SqlSecretsStore {
    fn default() -> Self {
        Self { encryption_key: SecretSource::Generate { length: None } }
    }
}

/// AWS Secrets Manager.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct AwsSecretsStore {
    pub region: Option<String>,
    pub role_arn: Option<String>,
}

/// Google Secret Manager.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct GcpSecretsStore {
    pub project: Option<String>,
}

/// Azure Key Vault.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct AzureSecretsStore {
    pub vault: Option<String>,
    pub subscription: Option<String>,
}

/// HashiCorp Vault.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct VaultSecretsStore {
    pub address: Option<String>,
    pub mount: Option<String>,
    pub namespace: Option<String>,
}

/// Where artifacts of pipelines are kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum ArtifactStore {
    /// A folder on this machine.
    Local {
        #[serde(default)]
        folder: Option<PathBuf>,
    },
    S3 {
        #[serde(default)]
        bucket: Option<String>,
        #[serde(default)]
        managed: bool,
    },
    Gcs {
        #[serde(default)]
        bucket: Option<String>,
        #[serde(default)]
        managed: bool,
    },
    AzureBlob {
        #[serde(default)]
        container: Option<String>,
        #[serde(default)]
        managed: bool,
    },
}

/// The MLflow tracking server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Mlflow {
    pub enabled: bool,
    /// Release of MLflow.
    pub version: Option<String>,
    /// Port on this machine; the first free one from 5000 on if left out.
    pub port: Option<u16>,
    pub backend_store: BackendStore,
    /// Folder for artifacts; one of the deployment's own if left out.
    pub artifact_folder: Option<PathBuf>,
}

impl Default for Mlflow {
    fn default() -> Self {
        Self { enabled: true, version: None, port: None, backend_store: BackendStore::default(), artifact_folder: None }
    }
}

/// Where MLflow keeps runs and metrics.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum BackendStore {
    /// The deployment's MySQL database, if it has a private one; else SQLite.
    #[default]
    Automatic,
    /// A file of its own.
    Sqlite,
    /// A database of its own beside the server's, named `mlflow`. Within a private database it has a user of its own;
    /// in an existing one it has to be there already, for the same user.
    Database,
}

/// The vendor's control plane.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ControlPlane {
    #[serde(default)]
    pub url: Option<String>,
    /// UUID of the workspace, as the vendor gave it.
    #[serde(default)]
    pub workspace: Option<String>,
    #[serde(default)]
    pub organization: Option<String>,
    #[serde(default)]
    pub enrollment_key: Option<SecretSource>,
}

/// The way to other machines.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Network {
    /// PEM file with further authorities to trust, for every client and every component.
    pub ca_bundle: Option<PathBuf>,
    pub proxy: Option<Proxy>,
}

/// An HTTP proxy.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Proxy {
    /// Take `HTTPS_PROXY` and its kin from the environment of `deploy`.
    pub from_environment: bool,
    pub url: Option<String>,
    pub except: Vec<String>,
}

/// The Helm chart of a server that runs on Kubernetes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Chart {
    /// Where the server's chart is taken from: a folder, a `.tgz` file, or `oci://HOST/PATH`. The vendor's registry if
    /// left out.
    pub source: Option<String>,
    /// Version of the chart, if it is not that of the server.
    pub version: Option<String>,
    /// Values of the chart, over those that `deploy` writes.
    pub values: BTreeMap<String, Value>,
}

/// When it counts as healthy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Health {
    /// Good rounds in a row after an apply.
    pub rounds: u32,
    /// Seconds between two rounds.
    pub interval_seconds: u32,
}

impl Default for Health {
    fn default() -> Self {
        Self { rounds: 2, interval_seconds: 1 }
    }
}

/// The JSON Schema of a deployment file, for editors.
pub fn json_schema() -> Value {
    let mut schema = schemars::schema_for!(DeploymentFile).to_value();
    if let Some(object) = schema.as_object_mut() {
        object.insert("title".to_owned(), "Deployment".into());
        object.insert("$id".to_owned(), "https://deploy.invalid/schema/v1/deployment.json".into());
    }
    schema
}

/// The key that `word` means below a path, whatever its case and whether it is written with `_`: how environment
/// variables name keys. The second value lists the keys that are known there.
pub fn key_named(path: &[String], word: &str) -> (Option<String>, Vec<String>) {
    let schema = json_schema();
    let keys = path.iter().fold(vec![&schema], |nodes, key| {
        nodes
            .iter()
            .flat_map(|node| children(&schema, node))
            .filter(|(name, _)| name == key)
            .map(|(_, node)| node)
            .collect()
    });
    let known: Vec<String> = keys.iter().flat_map(|node| children(&schema, node)).map(|(name, _)| name).collect();
    let fold = |text: &str| text.replace(['_', '-'], "").to_lowercase();
    (known.iter().find(|key| fold(key) == fold(word)).cloned(), known)
}

/// Whether nothing but a text can stand at a path.
pub(super) fn takes_text(path: &[String]) -> bool {
    let schema = json_schema();
    let mut nodes = vec![&schema];
    for key in path {
        let mut below = Vec::new();
        for node in nodes {
            below.extend(children(&schema, node).into_iter().filter(|(name, _)| name == key).map(|(_, child)| child));
            // Keys of a map are the user's own.
            below.extend(node.get("additionalProperties"));
        }
        nodes = below;
    }
    let is_text = |node: &&Value| match node.get("type") {
        Some(Value::Array(types)) => types.iter().all(|one| one == "string" || one == "null"),
        Some(one) => one == "string",
        None => false,
    };
    !nodes.is_empty() && nodes.iter().all(is_text)
}

/// The keys below a schema node, through references and choices.
fn children<'a>(root: &'a Value, node: &'a Value) -> Vec<(String, &'a Value)> {
    let mut found: Vec<(String, &Value)> = Vec::new();
    if let Some(reference) = node.get("$ref").and_then(Value::as_str) {
        let name = reference.rsplit('/').next().unwrap_or_default();
        if let Some(target) = root.get("$defs").and_then(|defs| defs.get(name)) {
            found.extend(children(root, target));
        }
    }
    if let Some(properties) = node.get("properties").and_then(Value::as_object) {
        found.extend(properties.iter().map(|(name, child)| (name.clone(), child)));
    }
    for choice in ["anyOf", "oneOf", "allOf"] {
        for branch in node.get(choice).and_then(Value::as_array).into_iter().flatten() {
            found.extend(children(root, branch));
            // A choice without content is written as its name.
            for name in branch.get("enum").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
                found.push((name.to_owned(), &Value::Null));
            }
            if let Some(name) = branch.get("const").and_then(Value::as_str) {
                found.push((name.to_owned(), &Value::Null));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn environment_names_find_their_keys() {
        let at =
            |path: &[&str], word: &str| key_named(&path.iter().map(|p| (*p).to_owned()).collect::<Vec<_>>(), word).0;
        assert_eq!(at(&[], "SECRETS_STORE"), Some("secretsStore".to_owned()));
        assert_eq!(at(&["server"], "ADMIN_PASSWORD"), Some("adminPassword".to_owned()));
        assert_eq!(at(&["database"], "MYSQL"), Some("mysql".to_owned()));
        assert_eq!(at(&["database", "mysql"], "PORT"), Some("port".to_owned()));
        assert_eq!(at(&["server"], "PROT"), None);
    }
}
