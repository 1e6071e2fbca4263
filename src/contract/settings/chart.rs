//! The user's own values of the server's chart, as the environment variables that the chart makes of them.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::{Setting, Value};
use crate::contract::host;

/// Charts from 0.94.2 on read `server:`, older ones `zenml:`; new ones merge both and `zenml:` wins.
const ROOTS: [&str; 2] = ["server", "zenml"];

/// Keys of the chart below its root, with the variables that it renders from them (`_environment.tpl`, 0.94.3).
#[rustfmt::skip]
const VARIABLES: [(&str, &str); 27] = [
    ("database.url", "ZENML_STORE_URL"),
    ("database.authMode", "ZENML_STORE_AUTH_MODE"),
    ("database.ssl", "ZENML_STORE_SSL"),
    ("database.sslVerifyServerCert", "ZENML_STORE_SSL_VERIFY_SERVER_CERT"),
    ("database.sslCa", "ZENML_STORE_SSL_CA"),
    ("database.sslCa.value", "ZENML_STORE_SSL_CA"),
    ("database.sslCa.secretRef.name", "ZENML_STORE_SSL_CA"),
    ("secretsStore.type", "ZENML_SECRETS_STORE_TYPE"),
    ("secretsStore.sql.encryptionKey", "ZENML_SECRETS_STORE_ENCRYPTION_KEY"),
    ("secretsStore.hashicorp.vault_addr", "ZENML_SECRETS_STORE_VAULT_ADDR"),
    ("secretsStore.hashicorp.authConfig.vault_addr", "ZENML_SECRETS_STORE_VAULT_ADDR"),
    ("secretsStore.aws.authConfig", "ZENML_SECRETS_STORE_AUTH_CONFIG"),
    ("secretsStore.gcp.authConfig", "ZENML_SECRETS_STORE_AUTH_CONFIG"),
    ("backupSecretsStore.type", "ZENML_BACKUP_SECRETS_STORE_TYPE"),
    ("backupSecretsStore.sql.encryptionKey", "ZENML_BACKUP_SECRETS_STORE_ENCRYPTION_KEY"),
    ("backupSecretsStore.hashicorp.vault_addr", "ZENML_BACKUP_SECRETS_STORE_VAULT_ADDR"),
    ("backupSecretsStore.hashicorp.authConfig.vault_addr", "ZENML_BACKUP_SECRETS_STORE_VAULT_ADDR"),
    ("backupSecretsStore.aws.authConfig", "ZENML_BACKUP_SECRETS_STORE_AUTH_CONFIG"),
    ("backupSecretsStore.gcp.authConfig", "ZENML_BACKUP_SECRETS_STORE_AUTH_CONFIG"),
    ("analyticsOptIn", "ZENML_ANALYTICS_OPT_IN"),
    ("auth.authType", "ZENML_SERVER_AUTH_SCHEME"),
    ("authType", "ZENML_SERVER_AUTH_SCHEME"),
    ("auth.externalUserInfoURL", "ZENML_SERVER_EXTERNAL_USER_INFO_URL"),
    ("serverURL", "ZENML_SERVER_SERVER_URL"),
    ("dashboardURL", "ZENML_SERVER_DASHBOARD_URL"),
    ("proxy.httpProxy", "HTTP_PROXY"),
    ("proxy.httpsProxy", "HTTPS_PROXY"),
];

/// What the chart's values say.
pub(super) struct ChartSettings {
    /// Variables that the chart computes.
    pub(super) values: Vec<Setting>,
    /// Variables that the user lists there.
    pub(super) environment: Vec<Setting>,
    /// The same, for each program that the chart runs beside the server.
    pub(super) workers: Vec<Vec<Setting>>,
}

pub(super) fn read(values: &BTreeMap<String, Json>) -> ChartSettings {
    let mut found = ChartSettings { values: Vec::new(), environment: Vec::new(), workers: Vec::new() };
    for root in ROOTS {
        if let Some(server) = values.get(root) {
            let path = format!("chart.values.{root}");
            found.values.extend(computed(server, &path));
            found.environment.extend(listed(server, &path));
            found.workers.extend(workers(server, &path));
        }
    }
    // They stand beside the root in the chart's values.
    found.workers.extend(workers(&serde_json::to_value(values).unwrap_or_default(), "chart.values"));
    found
}

fn at<'a>(value: &'a Json, path: &str) -> Option<&'a Json> {
    path.split('.').try_fold(value, |value, key| value.get(key))
}

fn text(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Bool(true) => "True".to_owned(),
        Json::Bool(false) => "False".to_owned(),
        Json::Null => String::new(),
        other => other.to_string(),
    }
}

fn computed(server: &Json, root: &str) -> Vec<Setting> {
    let mut found: Vec<Setting> = VARIABLES
        .iter()
        .filter_map(|(key, variable)| {
            let value = at(server, key).filter(|value| !value.is_object() || key.ends_with("authConfig"))?;
            Some(Setting::new(variable, text(value), format!("{root}.{key}")))
        })
        .collect();
    if at(server, "secretsStore.enabled") == Some(&Json::Bool(false)) {
        found.push(Setting::new("ZENML_SECRETS_STORE_TYPE", "none", format!("{root}.secretsStore.enabled")));
    }
    if at(server, "backupSecretsStore.enabled") != Some(&Json::Bool(true)) {
        found.retain(|setting| !setting.name.starts_with("ZENML_BACKUP_"));
    }
    found.extend(pro(server, root));
    found.extend(telemetry(server, root));
    found.extend(exposure(server, root));
    found
}

/// Without an address of its own, `pro.enabled` means the vendor's control plane.
fn pro(server: &Json, root: &str) -> Vec<Setting> {
    if at(server, "pro.enabled") != Some(&Json::Bool(true)) {
        return Vec::new();
    }
    let dashboard = at(server, "pro.dashboardURL")
        .map(|url| Setting::new("ZENML_SERVER_PRO_DASHBOARD_URL", text(url), format!("{root}.pro.dashboardURL")));
    let (url, key) = at(server, "pro.apiURL")
        .map_or_else(|| (format!("https://{}", host::CONTROL_PLANE), "enabled"), |url| (text(url), "apiURL"));
    let api = Setting::new("ZENML_SERVER_PRO_API_URL", url, format!("{root}.pro.{key}"));
    std::iter::once(api).chain(dashboard).collect()
}

/// Any address below `openTelemetry`, whatever the chart's version calls it.
fn telemetry(server: &Json, root: &str) -> Vec<Setting> {
    let Some(Json::Object(map)) = server.get("openTelemetry") else { return Vec::new() };
    let addresses = map.iter().filter(|(_, value)| value.as_str().is_some_and(|text| text.contains("://")));
    addresses
        .map(|(key, value)| {
            Setting::new("OTEL_EXPORTER_OTLP_ENDPOINT", text(value), format!("{root}.openTelemetry.{key}"))
        })
        .collect()
}

/// How the chart lets others reach the server. No variables, but read in the same way.
fn exposure(server: &Json, root: &str) -> Vec<Setting> {
    let mut found = Vec::new();
    if at(server, "ingress.tls.enabled") == Some(&Json::Bool(false)) {
        found.push(Setting::new(super::PLAIN_INGRESS, "an ingress without TLS", format!("{root}.ingress.tls.enabled")));
    }
    if let Some(kind) = at(server, "service.type").and_then(Json::as_str).filter(|kind| *kind != "ClusterIP") {
        let what = format!("a service of type {kind}");
        found.push(Setting::new(super::PLAIN_SERVICE, what, format!("{root}.service.type")));
    }
    if let Some(image) = at(server, "image.repository").and_then(Json::as_str) {
        found.push(Setting::new(super::IMAGE, image, format!("{root}.image.repository")));
    }
    found
}

fn listed(server: &Json, root: &str) -> Vec<Setting> {
    let mut found = Vec::new();
    for (name, value) in server.get("environment").and_then(Json::as_object).into_iter().flatten() {
        found.push(Setting::new(name, text(value), format!("{root}.environment.{name}")));
    }
    let secret = |name: &str, path: String| Setting { name: name.to_owned(), value: Value::Secret, path };
    for name in server.get("secretEnvironment").and_then(Json::as_object).into_iter().flat_map(|map| map.keys()) {
        found.push(secret(name, format!("{root}.secretEnvironment.{name}")));
    }
    for (index, item) in
        server.get("environmentSecretKeyRefs").and_then(Json::as_array).into_iter().flatten().enumerate()
    {
        if let Some(name) = item.get("name").and_then(Json::as_str) {
            found.push(secret(name, format!("{root}.environmentSecretKeyRefs.{index}")));
        }
    }
    found
}

fn workers(values: &Json, root: &str) -> Vec<Vec<Setting>> {
    let deployments = values.get("workerDeployments").and_then(Json::as_object).into_iter().flatten();
    deployments.map(|(name, worker)| listed(worker, &format!("{root}.workerDeployments.{name}"))).collect()
}
