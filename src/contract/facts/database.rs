//! Where metadata lie, and how the server reaches them.

use super::{Claim, Connection, Fact, Purpose, Reader, names_host, stored};
use crate::contract::host::{Address, Host};
use crate::contract::settings::{self, Scope, Setting, Value};
use crate::deployment::{Database, Deployment};
use crate::scenario::{Component, DataClass, Side};

const URL: &str = "ZENML_STORE_URL";

/// Variables that decide about data; as a secret they cannot be checked.
const DECISIVE: [&str; 13] = [
    URL,
    "ZENML_STORE_TYPE",
    "ZENML_STORE_SSL",
    "ZENML_STORE_SSL_VERIFY_SERVER_CERT",
    "ZENML_SECRETS_STORE_TYPE",
    "ZENML_SECRETS_STORE_VAULT_ADDR",
    "ZENML_BACKUP_SECRETS_STORE_TYPE",
    "ZENML_BACKUP_SECRETS_STORE_VAULT_ADDR",
    "ZENML_SERVER_AUTH_SCHEME",
    "ZENML_SERVER_PRO_API_URL",
    "ZENML_SERVER_EXTERNAL_USER_INFO_URL",
    "ZENML_SERVER_SERVER_URL",
    "ZENML_ANALYTICS_OPT_IN",
];

pub(super) fn facts(reader: &Reader) -> Vec<Fact> {
    if reader.scopes.is_empty() {
        return of_the_file(reader);
    }
    reader.scopes.iter().flat_map(|scope| of_scope(reader, scope)).chain(hidden(reader)).collect()
}

fn hidden(reader: &Reader) -> Vec<Fact> {
    let settings = reader.scopes.iter().flat_map(Scope::iter);
    settings
        .filter(|setting| setting.value == Value::Secret && DECISIVE.contains(&setting.name.as_str()))
        .map(|setting| Fact::new(Claim::Hidden, &setting.path, format!("`{}` is given as a secret", setting.name)))
        .collect()
}

/// A database that the user names although the vendor runs the server.
fn of_the_file(reader: &Reader) -> Vec<Fact> {
    if !reader.is_written("database") {
        return Vec::new();
    }
    let database = &reader.deployment.database;
    let path = settings::database_path(database);
    let url = match database {
        Database::Mysql(mysql) => mysql.url.as_deref(),
        Database::Sqlite(_) => None,
    };
    let (host, because) = match url.and_then(|url| reader.address(url)) {
        Some(address) => (address.host.clone(), format!("`{path}` names {}", address.host.describe())),
        None => (here(reader), format!("`{path}` asks for a database of your own")),
    };
    stored(&[DataClass::Metadata], Component::Database, &host, path, &because)
}

pub(super) fn here(reader: &Reader) -> Host {
    Host::new("127.0.0.1", reader.scenario)
}

/// Where the store of a scope is, and the key that says so; this machine or the cluster if no address does.
pub(super) fn location(reader: &Reader, scope: &Scope) -> (Host, String, String) {
    let named = scope.get(URL).and_then(|setting| Some((setting, reader.address(setting.text()?)?)));
    if let Some((setting, address)) = named {
        let because = names_host(setting, &address.host);
        return (address.host, setting.path.clone(), because);
    }
    let path = settings::database_path(&reader.deployment.database).to_owned();
    (here(reader), path, "the database is the deployment's own".to_owned())
}

fn of_scope(reader: &Reader, scope: &Scope) -> Vec<Fact> {
    let (host, path, because) = location(reader, scope);
    let mut data = vec![DataClass::Metadata];
    if has_own_users(reader) {
        data.push(DataClass::Identity);
    }
    let mut facts = stored(&data, Component::Database, &host, &path, &because);
    let Some((setting, address)) = scope.get(URL).and_then(|setting| Some((setting, reader.address(setting.text()?)?)))
    else {
        return facts;
    };
    let tls = Tls::read(scope, setting, &address, reader.deployment);
    let connection = Connection {
        from: scope.component,
        from_side: Side::Customer,
        to: Some(Component::Database),
        host: address.host.clone(),
        purpose: Purpose::Work,
        encrypted: true,
        verified: true,
        carries: data,
    };
    facts.push(Fact::new(Claim::Opens(connection.clone()), &path, &because));
    if !tls.encrypted || !tls.verified {
        let claim = Claim::Opens(Connection { encrypted: tls.encrypted, verified: tls.verified, ..connection });
        facts.push(Fact::new(claim, &tls.path, format!("{because}, {}", tls.because)));
    }
    facts
}

/// The server keeps users itself unless a control plane does.
fn has_own_users(reader: &Reader) -> bool {
    let placed = reader.scenario.placement(Component::ControlPlane).is_some_and(|placement| !placement.optional);
    !placed && reader.deployment.control_plane.is_none()
}

/// How the connection to a database is protected, and the key that decides it.
struct Tls {
    encrypted: bool,
    verified: bool,
    path: String,
    because: &'static str,
}

impl Tls {
    fn read(scope: &Scope, url: &Setting, address: &Address, deployment: &Deployment) -> Self {
        let is_true = |name: &str| {
            address.parameter(name).is_some_and(|value| value.eq_ignore_ascii_case("true") || value == "1")
        };
        let switch = scope.get("ZENML_STORE_SSL");
        let authority = scope.get("ZENML_STORE_SSL_CA");
        let in_url = ["ssl_ca", "ssl_cert", "ssl_key"].iter().any(|name| address.parameter(name).is_some());
        // Up to 0.73 there is no switch: naming an authority is one. In the URL it still is.
        let by_authority = settings::before_tls_switch(&deployment.release) && authority.is_some();
        let over_https = address.scheme == "https";
        let encrypted = over_https || switch.is_some_and(Setting::is_on) || by_authority || in_url || is_true("ssl");
        let names = scope.get("ZENML_STORE_SSL_VERIFY_SERVER_CERT");
        let verifies_name = names.is_some_and(Setting::is_on) || is_true("ssl_verify_server_cert");
        // With the identity of its cloud the server verifies against the system's authorities; else it needs one named.
        let by_identity = scope
            .get("ZENML_STORE_AUTH_MODE")
            .and_then(Setting::text)
            .is_some_and(|mode| mode.to_uppercase().contains("IAM"));
        let has_authority = authority.is_some() || address.parameter("ssl_ca").is_some() || by_identity;
        let path = match (encrypted, has_authority) {
            (false, _) => switch.map(|setting| &setting.path),
            (true, true) => names.map(|setting| &setting.path),
            (true, false) => None,
        };
        let missing = if url.is_by_hand() { &url.path } else { "database.mysql.tls" };
        Self {
            encrypted,
            // PyMySQL checks no certificate at all when it is given no authority, whatever else it is told.
            verified: !encrypted || over_https || (has_authority && verifies_name),
            path: path.map_or(missing, String::as_str).to_owned(),
            because: match (encrypted, has_authority) {
                (false, _) => "and TLS is off",
                (true, false) => "and no authority is given that could have signed its certificate",
                (true, true) => "and the name in its certificate is not compared",
            },
        }
    }
}
