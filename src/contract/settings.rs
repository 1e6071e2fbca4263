//! What the customer's server is told: the environment that it is started with, each variable with the key of the
//! deployment file that decides it. On this machine it is read from the units; where a chart renders it, from the
//! keys that the chart renders, in the chart's order of winning.

mod chart;

use std::collections::BTreeMap;

use crate::deployment::{Auth, Database, Deployment, Resolved, SecretsStore, Target};
use crate::scenario::{Component, Side};
use crate::unit::{Part, Text, Unit};

/// Names for what the chart decides without a variable.
pub(super) const PLAIN_INGRESS: &str = "(ingress)";
pub(super) const PLAIN_SERVICE: &str = "(service)";
pub(super) const IMAGE: &str = "(image)";

/// Values that one program is started with.
#[derive(Debug, Clone)]
pub(super) struct Scope {
    /// The component whose program it is.
    pub(super) component: Component,
    settings: BTreeMap<String, Setting>,
}

/// One environment variable.
#[derive(Debug, Clone)]
pub(super) struct Setting {
    pub(super) name: String,
    pub(super) value: Value,
    /// The key that decides it.
    pub(super) path: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// Outputs of other units, such as ports, stand as `0`.
    Text(String),
    /// Not known before it is used.
    Secret,
}

impl Setting {
    fn new(name: &str, value: impl Into<String>, path: impl Into<String>) -> Self {
        Self { name: name.to_owned(), value: Value::Text(value.into()), path: path.into() }
    }

    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            Value::Secret => None,
        }
    }

    /// As the server reads a truth value.
    pub(super) fn is_on(&self) -> bool {
        self.is_one_of(&["1", "true", "t", "yes", "y", "on"])
    }

    pub(super) fn is_off(&self) -> bool {
        self.is_one_of(&["0", "false", "f", "no", "n", "off"])
    }

    fn is_one_of(&self, words: &[&str]) -> bool {
        self.text().is_some_and(|text| words.contains(&text.trim().to_lowercase().as_str()))
    }

    /// Written by the user as a variable or a value of the chart, over what `deploy` computes.
    pub(super) fn is_by_hand(&self) -> bool {
        ["server.environment.", "server.secretEnvironment.", "chart.values."]
            .iter()
            .any(|key| self.path.starts_with(key))
    }

    /// How a sentence names it: the key where the key says it, else the variable.
    pub(super) fn subject(&self) -> String {
        if self.is_by_hand() && !self.path.ends_with(&self.name) {
            format!("`{}` ({})", self.path, self.name)
        } else if self.is_by_hand() {
            format!("`{}`", self.name)
        } else {
            format!("`{}`", self.path)
        }
    }
}

impl Scope {
    pub(super) fn new(component: Component) -> Self {
        Self { component, settings: BTreeMap::new() }
    }

    /// Empty values count as absent: the server ignores them.
    pub(super) fn get(&self, name: &str) -> Option<&Setting> {
        self.settings.get(name).filter(|setting| setting.text() != Some(""))
    }

    /// Also when it is there and empty.
    pub(super) fn written(&self, name: &str) -> Option<&Setting> {
        self.settings.get(name)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Setting> {
        self.settings.values()
    }

    /// Later ones win.
    fn extend(&mut self, settings: impl IntoIterator<Item = Setting>) {
        self.settings.extend(settings.into_iter().map(|setting| (setting.name.clone(), setting)));
    }
}

/// Every program of the customer's own server: the server itself, whatever brings its schema up to date, workers, and
/// the client where it opens the store by itself. None where the vendor runs the server.
pub(super) fn scopes(resolved: &Resolved, units: &[Unit]) -> Vec<Scope> {
    let deployment = &resolved.deployment;
    if deployment.scenario.placement_on(Component::Database, Side::Customer).is_none() {
        return Vec::new();
    }
    match deployment.target {
        Target::Local(_) => {
            let mut scopes: Vec<Scope> = units.iter().filter_map(|unit| from_unit(unit, deployment)).collect();
            // What is said about the server itself reads best.
            scopes.sort_by_key(|scope| scope.component != Component::Server);
            scopes
        }
        Target::Kubernetes(_) => from_deployment(deployment),
    }
}

fn from_unit(unit: &Unit, deployment: &Deployment) -> Option<Scope> {
    let runs_zenml = matches!(unit.component, Component::Server | Component::Database | Component::Client);
    let environment = unit.spec.get("environment")?.as_object().filter(|_| runs_zenml)?;
    let settings = environment.iter().map(|(name, value)| {
        let text: Text = serde_json::from_value(value.clone()).unwrap_or_default();
        let value = value_of(&text);
        let path = deciding_path(name, &value, deployment);
        (name.clone(), Setting { name: name.clone(), value, path })
    });
    let settings: BTreeMap<String, Setting> = settings.collect();
    let opener = if deployment.has(Component::Server) { Component::Server } else { Component::Client };
    settings.contains_key("ZENML_STORE_TYPE").then_some(Scope { component: opener, settings })
}

/// A secret within a longer text is its password; the rest is known. A secret alone is not known at all.
pub(super) fn value_of(text: &Text) -> Value {
    if let [Part::Secret(_) | Part::UrlEncodedSecret(_)] = text.0.as_slice() {
        return Value::Secret;
    }
    let piece = |part: &Part| match part {
        Part::Literal(literal) => literal.clone(),
        Part::Output(_) => "0".to_owned(),
        Part::Secret(_) | Part::UrlEncodedSecret(_) => "secret".to_owned(),
    };
    Value::Text(text.0.iter().map(piece).collect())
}

/// The user's own variables win over computed ones, the secret ones over all.
fn deciding_path(name: &str, value: &Value, deployment: &Deployment) -> String {
    let server = &deployment.server;
    if *value == Value::Secret && server.secret_environment.contains_key(name) {
        return format!("server.secretEnvironment.{name}");
    }
    let by_hand = server.environment.get(name).is_some_and(|written| *value == Value::Text(written.clone()));
    if by_hand { format!("server.environment.{name}") } else { computed_path(name, deployment) }
}

fn computed_path(name: &str, deployment: &Deployment) -> String {
    let store = secrets_store_path(&deployment.secrets_store);
    match name {
        "ZENML_SECRETS_STORE_AUTH_CONFIG" => owner_path(&deployment.secrets_store).to_owned(),
        "ZENML_STORE_URL" | "ZENML_STORE_TYPE" => database_path(&deployment.database).to_owned(),
        "ZENML_SECRETS_STORE_VAULT_ADDR" => format!("{store}.address"),
        "ZENML_SERVER_AUTH_SCHEME" => "server.auth".to_owned(),
        "ZENML_ANALYTICS_OPT_IN" => "server.analytics".to_owned(),
        "ZENML_SERVER_SERVER_URL" => "server.url".to_owned(),
        "ZENML_SERVER_PRO_API_URL" => "controlPlane.url".to_owned(),
        _ if name.starts_with("ZENML_STORE_SSL") => "database.mysql.tls".to_owned(),
        _ if name.starts_with("ZENML_STORE_") => database_path(&deployment.database).to_owned(),
        _ if name.starts_with("ZENML_SECRETS_STORE_") => store.to_owned(),
        _ if name.starts_with("ZENML_SERVER_PRO_") => "controlPlane".to_owned(),
        _ => "server".to_owned(),
    }
}

pub(super) fn database_path(database: &Database) -> &'static str {
    match database {
        Database::Sqlite(_) => "database.sqlite",
        Database::Mysql(mysql) if mysql.url.is_some() => "database.mysql.url",
        Database::Mysql(_) => "database.mysql",
    }
}

pub(super) fn secrets_store_path(store: &SecretsStore) -> &'static str {
    match store {
        SecretsStore::Sql(_) => "secretsStore.sql",
        SecretsStore::Aws(_) => "secretsStore.aws",
        SecretsStore::Gcp(_) => "secretsStore.gcp",
        SecretsStore::Azure(_) => "secretsStore.azure",
        SecretsStore::Vault(_) => "secretsStore.vault",
    }
}

/// The key that says whose account a store is in.
pub(super) fn owner_path(store: &SecretsStore) -> &'static str {
    match store {
        SecretsStore::Aws(aws) if aws.role_arn.is_some() => "secretsStore.aws.roleArn",
        SecretsStore::Gcp(gcp) if gcp.project.is_some() => "secretsStore.gcp.project",
        SecretsStore::Vault(vault) if vault.address.is_some() => "secretsStore.vault.address",
        other => secrets_store_path(other),
    }
}

/// What the chart will be given, as far as the contract asks for it. The chart lets `environment` win over the values
/// that it computes variables from (`_environment.tpl`, since 0.94.1), and `chart.values` is the user's last word.
fn from_deployment(deployment: &Deployment) -> Vec<Scope> {
    let chart = chart::read(&deployment.chart.values);
    let mut scope = Scope::new(Component::Server);
    scope.extend(computed(deployment));
    scope.extend(chart.values);
    let server = &deployment.server;
    let environment = server.environment.iter();
    scope.extend(environment.map(|(name, value)| Setting::new(name, value, format!("server.environment.{name}"))));
    scope.extend(server.secret_environment.keys().map(|name| Setting {
        name: name.clone(),
        value: Value::Secret,
        path: format!("server.secretEnvironment.{name}"),
    }));
    scope.extend(chart.environment);
    let workers = chart.workers.into_iter().map(|environment| {
        let mut worker = scope.clone();
        worker.extend(environment);
        worker
    });
    let workers: Vec<Scope> = workers.collect();
    std::iter::once(scope).chain(workers).collect()
}

fn computed(deployment: &Deployment) -> Vec<Setting> {
    let truth = |value: bool| if value { "True" } else { "False" };
    let mut found =
        vec![Setting::new("ZENML_ANALYTICS_OPT_IN", truth(deployment.server.analytics), "server.analytics")];
    if deployment.server.auth == Auth::None {
        found.push(Setting::new("ZENML_SERVER_AUTH_SCHEME", "NO_AUTH", "server.auth"));
    }
    if let Some(url) = &deployment.server.url {
        found.push(Setting::new("ZENML_SERVER_SERVER_URL", url, "server.url"));
    }
    if let Database::Mysql(mysql) = &deployment.database
        && let Some(url) = &mysql.url
    {
        found.push(Setting::new("ZENML_STORE_URL", url, "database.mysql.url"));
        if let Some(tls) = mysql.tls.as_ref().filter(|tls| tls.enabled) {
            if !before_tls_switch(&deployment.release) {
                found.push(Setting::new("ZENML_STORE_SSL", "True", "database.mysql.tls"));
            }
            let verify = truth(tls.verify_name);
            found.push(Setting::new("ZENML_STORE_SSL_VERIFY_SERVER_CERT", verify, "database.mysql.tls"));
            let ca = tls.ca.iter().map(|ca| ca.display().to_string());
            found.extend(ca.map(|ca| Setting::new("ZENML_STORE_SSL_CA", ca, "database.mysql.tls")));
        }
    }
    found.extend(secrets_store(&deployment.secrets_store));
    found
}

/// Servers up to 0.73 have no switch for TLS to the database: naming an authority is one.
pub(super) fn before_tls_switch(release: &str) -> bool {
    let mut numbers = release.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let mut next = || numbers.next().unwrap_or(0);
    (next(), next()) < (0, 74)
}

/// The same variables that the server of this machine is given.
fn secrets_store(store: &SecretsStore) -> Vec<Setting> {
    let path = secrets_store_path(store);
    let named = |name: &str, value: &str| Setting::new(&format!("ZENML_SECRETS_STORE_{name}"), value, path);
    let config = |key: &str, value: &Option<String>| {
        let json = value.iter().map(|value| serde_json::json!({ key: value }).to_string());
        json.map(|json| Setting::new("ZENML_SECRETS_STORE_AUTH_CONFIG", json, owner_path(store))).collect::<Vec<_>>()
    };
    match store {
        SecretsStore::Sql(_) => {
            let key = "ZENML_SECRETS_STORE_ENCRYPTION_KEY".to_owned();
            vec![
                named("TYPE", "sql"),
                Setting { name: key, value: Value::Secret, path: format!("{path}.encryptionKey") },
            ]
        }
        SecretsStore::Aws(aws) => [vec![named("TYPE", "aws")], config("role_arn", &aws.role_arn)].concat(),
        SecretsStore::Gcp(gcp) => [vec![named("TYPE", "gcp")], config("project_id", &gcp.project)].concat(),
        SecretsStore::Azure(_) => vec![named("TYPE", "azure")],
        SecretsStore::Vault(vault) => {
            let address = vault
                .address
                .iter()
                .map(|address| Setting::new("ZENML_SECRETS_STORE_VAULT_ADDR", address, owner_path(store)));
            std::iter::once(named("TYPE", "hashicorp")).chain(address).collect()
        }
    }
}
