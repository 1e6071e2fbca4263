//! What can be asked, as data.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::diagnostics::{Code, codes};
use crate::scenario::Component;
use crate::secrets::SecretName;
use crate::unit::local::DatabaseAddress;
use crate::unit::{Text, UnitId};

/// One question to one part of a deployment. URLs are those of the part itself, without a path of the question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Probe {
    /// Is the process that was started the one that runs?
    ProcessAlive { component: Component, unit: UnitId },
    /// Is a TCP connection to `HOST:PORT` accepted?
    PortOpen { component: Component, address: Text },
    /// Does a static page say that the process serves?
    HttpOk { page: Page, url: Text },
    /// Does the server call itself what was planned? Reads its database.
    ServerInfo { url: Text, expected: ExpectedInfo },
    /// Can the administrator log in? Without a password: does the server let everybody in, as planned?
    Login { url: Text, username: String, password: Option<SecretName> },
    /// Can a secret be stored, read back and deleted?
    SecretRoundTrip { url: Text, username: String, password: Option<SecretName>, release: String },
    /// Does the dashboard's page load with all its parts?
    Dashboard { url: Text },
    /// Does the database answer the server's own login?
    DatabaseAnswers { address: DatabaseAddress },
    /// Is the schema of this release?
    SchemaRevision { address: DatabaseAddress, release: Text },
    /// Is the connection encrypted, and one without encryption refused?
    DatabaseTls { address: DatabaseAddress },
    /// Does the real client (a program) open its store?
    ClientSeesStore { program: Text },
    /// Has MLflow the planned version?
    MlflowVersion { url: Text, expected: String },
    /// Does MLflow keep an experiment and, where it serves artifacts, an artifact?
    MlflowRoundTrip { url: Text },
}

/// A page that every server of its kind has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Page {
    /// `/health` of the ZenML server. Does not touch the database.
    Liveness,
    /// `/ready` of the ZenML server; see [`Page::has_readiness`].
    Readiness,
    /// `/health` of MLflow.
    Mlflow,
}

impl Page {
    /// Releases up to 0.80 have no `/ready`: they answer it with the dashboard. 0.85 has it; those in between were
    /// not looked at and count as without.
    pub fn has_readiness(release: &str) -> bool {
        is_at_least(release, [0, 85])
    }

    pub(super) fn path(self) -> &'static str {
        match self {
            Self::Liveness | Self::Mlflow => "/health",
            Self::Readiness => "/ready",
        }
    }
}

/// What `GET /api/v1/info` has to say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExpectedInfo {
    /// `0.98.0`.
    pub version: String,
    /// `sqlite`, `mysql`.
    pub database_type: String,
    /// `sql`, `aws`, `gcp`, `azure`, `hashicorp`, `none`.
    pub secrets_store_type: String,
    /// `OAUTH2_PASSWORD_BEARER`, `NO_AUTH`, `EXTERNAL`.
    pub auth_scheme: String,
    /// An inactive server can be claimed by anyone who reaches it.
    pub active: bool,
    /// Further fields by their names: `server_url`, `deployment_type`, `pro_workspace_id`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, Text>,
}

impl Probe {
    pub fn process_alive(component: Component, unit: &str) -> Self {
        Self::ProcessAlive { component, unit: UnitId::new(unit) }
    }

    /// `address` is `HOST:PORT`.
    pub fn port_open(component: Component, address: impl Into<Text>) -> Self {
        Self::PortOpen { component, address: address.into() }
    }

    pub fn liveness(url: impl Into<Text>) -> Self {
        Self::HttpOk { page: Page::Liveness, url: url.into() }
    }

    /// Only for releases that have the page: [`Page::has_readiness`].
    pub fn readiness(url: impl Into<Text>) -> Self {
        Self::HttpOk { page: Page::Readiness, url: url.into() }
    }

    pub fn server_info(url: impl Into<Text>, expected: ExpectedInfo) -> Self {
        Self::ServerInfo { url: url.into(), expected }
    }

    pub fn login(url: impl Into<Text>, username: &str, password: Option<&SecretName>) -> Self {
        Self::Login { url: url.into(), username: username.to_owned(), password: password.cloned() }
    }

    /// `release` decides how secrets are created: before 0.80 within a workspace.
    pub fn secret_round_trip(
        url: impl Into<Text>,
        username: &str,
        password: Option<&SecretName>,
        release: &str,
    ) -> Self {
        Self::SecretRoundTrip {
            url: url.into(),
            username: username.to_owned(),
            password: password.cloned(),
            release: release.to_owned(),
        }
    }

    pub fn dashboard(url: impl Into<Text>) -> Self {
        Self::Dashboard { url: url.into() }
    }

    pub fn database_answers(address: &DatabaseAddress) -> Self {
        Self::DatabaseAnswers { address: address.clone() }
    }

    /// `release` is the revision that the migration reached (its unit's output `revision`), since some releases
    /// have no migration of their own; the release itself where no migration unit is.
    pub fn schema_revision(address: &DatabaseAddress, release: impl Into<Text>) -> Self {
        Self::SchemaRevision { address: address.clone(), release: release.into() }
    }

    /// For databases over a network only.
    pub fn database_tls(address: &DatabaseAddress) -> Self {
        Self::DatabaseTls { address: address.clone() }
    }

    pub fn client_sees_store(program: impl Into<Text>) -> Self {
        Self::ClientSeesStore { program: program.into() }
    }

    pub fn mlflow_health(url: impl Into<Text>) -> Self {
        Self::HttpOk { page: Page::Mlflow, url: url.into() }
    }

    pub fn mlflow_version(url: impl Into<Text>, expected: &str) -> Self {
        Self::MlflowVersion { url: url.into(), expected: expected.to_owned() }
    }

    pub fn mlflow_round_trip(url: impl Into<Text>) -> Self {
        Self::MlflowRoundTrip { url: url.into() }
    }

    /// The part that is asked.
    pub fn component(&self) -> Component {
        match self {
            Self::ProcessAlive { component, .. } | Self::PortOpen { component, .. } => *component,
            Self::HttpOk { page: Page::Mlflow, .. } | Self::MlflowVersion { .. } | Self::MlflowRoundTrip { .. } => {
                Component::Mlflow
            }
            Self::HttpOk { .. } | Self::ServerInfo { .. } | Self::Login { .. } => Component::Server,
            Self::SecretRoundTrip { .. } => Component::SecretsStore,
            Self::Dashboard { .. } => Component::Dashboard,
            Self::DatabaseAnswers { .. } | Self::SchemaRevision { .. } | Self::DatabaseTls { .. } => {
                Component::Database
            }
            Self::ClientSeesStore { .. } => Component::Client,
        }
    }

    /// The stable name of the question; that of a failure is the finding's own.
    pub fn code(&self) -> Code {
        match self {
            Self::ProcessAlive { .. } => codes::HEALTH_PROCESS,
            Self::PortOpen { .. } => codes::HEALTH_PORT,
            Self::HttpOk { page: Page::Liveness, .. } => codes::HEALTH_LIVENESS,
            Self::HttpOk { page: Page::Readiness, .. } => codes::HEALTH_READINESS,
            Self::HttpOk { page: Page::Mlflow, .. } => codes::HEALTH_MLFLOW,
            Self::ServerInfo { .. } => codes::HEALTH_INFO,
            Self::Login { .. } => codes::HEALTH_LOGIN,
            Self::SecretRoundTrip { .. } => codes::HEALTH_SECRET_ROUND_TRIP,
            Self::Dashboard { .. } => codes::HEALTH_DASHBOARD,
            Self::DatabaseAnswers { .. } => codes::HEALTH_DATABASE,
            Self::SchemaRevision { .. } => codes::HEALTH_SCHEMA,
            Self::DatabaseTls { .. } => codes::HEALTH_DATABASE_TLS,
            Self::ClientSeesStore { .. } => codes::HEALTH_CLIENT,
            Self::MlflowVersion { .. } => codes::HEALTH_MLFLOW_VERSION,
            Self::MlflowRoundTrip { .. } => codes::HEALTH_MLFLOW_ROUND_TRIP,
        }
    }

    /// For people and for JUnit; does not change from round to round.
    pub fn name(&self) -> String {
        let name = match self {
            Self::ProcessAlive { component, .. } => return format!("{component} process is alive"),
            Self::PortOpen { component, .. } => return format!("{component} port accepts connections"),
            Self::HttpOk { page: Page::Liveness, .. } => "server answers /health",
            Self::HttpOk { page: Page::Readiness, .. } => "server answers /ready",
            Self::HttpOk { page: Page::Mlflow, .. } => "MLflow answers /health",
            Self::ServerInfo { .. } => "server is what was planned",
            Self::Login { .. } => "administrator can log in",
            Self::SecretRoundTrip { .. } => "secrets can be stored",
            Self::Dashboard { .. } => "dashboard loads",
            Self::DatabaseAnswers { .. } => "database answers",
            Self::SchemaRevision { .. } => "database schema fits the server",
            Self::DatabaseTls { .. } => "database connection is encrypted",
            Self::ClientSeesStore { .. } => "client sees the store",
            Self::MlflowVersion { .. } => "MLflow has the planned version",
            Self::MlflowRoundTrip { .. } => "MLflow stores and reads",
        };
        name.to_owned()
    }

    /// Without what the question makes no sense, beside the part itself.
    pub(super) fn needs(&self) -> &'static [Need] {
        const SERVER_AND_STORE: &[Need] = &[Need::Part(Component::Database), Need::Part(Component::Server)];
        match self {
            Self::ServerInfo { .. } | Self::Login { .. } | Self::ClientSeesStore { .. } => SERVER_AND_STORE,
            Self::SecretRoundTrip { .. } => {
                &[Need::Part(Component::Database), Need::Part(Component::Server), Need::Login]
            }
            Self::Dashboard { .. } => &[Need::Part(Component::Server)],
            _ => &[],
        }
    }

    /// When it is asked: a later question is asked only of what passed the earlier ones.
    pub(super) fn stage(&self) -> u8 {
        match self {
            Self::ProcessAlive { .. } => 0,
            Self::PortOpen { .. } => 1,
            Self::DatabaseAnswers { .. } | Self::HttpOk { page: Page::Liveness | Page::Mlflow, .. } => 2,
            Self::Login { .. } | Self::ClientSeesStore { .. } => 4,
            Self::SecretRoundTrip { .. } => LAST_STAGE,
            _ => 3,
        }
    }
}

pub(super) const LAST_STAGE: u8 = 5;
/// Questions before this stage decide whether a part is up at all.
pub(super) const PARTS_ARE_UP: u8 = 3;

/// What a question takes for granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Need {
    Part(Component),
    Login,
}

impl std::fmt::Display for Need {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Part(component) => write!(f, "{component} is down"),
            Self::Login => f.write_str("the administrator cannot log in"),
        }
    }
}

/// Whether a release such as `0.98.0` is of this series or a later one. What is no release counts as new.
pub(super) fn is_at_least(release: &str, series: [u32; 2]) -> bool {
    let mut parts = release.split('.').map(str::parse::<u32>);
    match (parts.next(), parts.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => [major, minor] >= series,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probes_survive_json_and_take_outputs() {
        let name = SecretName::new("admin-password");
        let probes = vec![
            Probe::secret_round_trip(Text::output("server", "url"), "admin", Some(&name), "0.98.0"),
            Probe::port_open(Component::Database, Text::literal("127.0.0.1:").then(Text::output("database", "port"))),
            Probe::liveness("http://127.0.0.1:1"),
        ];
        let json = serde_json::to_value(&probes).unwrap();
        assert_eq!(serde_json::from_value::<Vec<Probe>>(json.clone()).unwrap(), probes);
        assert_eq!(crate::unit::references(&json).len(), 2);
        let outputs = BTreeMap::from([
            (
                UnitId::new("server"),
                crate::unit::Outputs::from([("url".to_owned(), "http://127.0.0.1:8237".to_owned())]),
            ),
            (UnitId::new("database"), crate::unit::Outputs::from([("port".to_owned(), "3307".to_owned())])),
        ]);
        let (filled, unknown) = crate::unit::resolve(&json, &outputs);
        assert!(unknown.is_empty());
        let probes: Vec<Probe> = serde_json::from_value(filled).unwrap();
        assert_eq!(probes[1], Probe::port_open(Component::Database, "127.0.0.1:3307"));
    }

    #[test]
    fn releases_are_compared_as_numbers() {
        assert!(is_at_least("0.100.0", [0, 80]) && is_at_least("0.80.0", [0, 80]) && is_at_least("nightly", [0, 80]));
        assert!(!is_at_least("0.75.1", [0, 80]) && !Page::has_readiness("0.73.0"));
    }
}
