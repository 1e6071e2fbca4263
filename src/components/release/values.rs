//! The values of the server's release, as its version of the chart wants them.

use serde_json::{Map, Value, json};

use super::super::{database, release_before, server};
use super::layout::Layout;
use super::{SECRET_NAME, chart_version, keys, secret_variables, user_variables};
use crate::deployment::{ControlPlane, Database, Deployment, Mysql, MysqlTls, Proxy, SecretsStore};
use crate::scenario::{Component, Side};
use crate::secrets::SecretName;
use crate::unit::Text;
use crate::unit::local::DatabaseAddress;

/// Images of a workspace's server are the vendor's own; access to them is given to customers.
const WORKSPACE_IMAGE: &str = "715803424590.dkr.ecr.eu-central-1.amazonaws.com/zenml-pro-server";
const CONTROL_PLANE_API: &str = "https://cloudapi.zenml.io";
const CONTROL_PLANE_DASHBOARD: &str = "https://cloud.zenml.io";

/// Values, and which of them hold a secret themselves.
pub(super) struct Values {
    pub(super) tree: Value,
    pub(super) secret_values: Vec<String>,
}

/// All that the deployment decides, then the user's own values over it.
pub(super) fn of(deployment: &Deployment, layout: &Layout) -> Values {
    let mut tree = Tree { root: Map::new(), secret_values: Vec::new(), path: layout.root };
    image(deployment, &mut tree);
    server_itself(deployment, layout, &mut tree);
    the_database(deployment, layout, &mut tree);
    secrets_store(deployment, layout, &mut tree);
    exposure(deployment, &mut tree);
    control_plane(deployment, layout, &mut tree);
    network(deployment, layout, &mut tree);
    let mut values = Map::from_iter([(layout.root.to_owned(), Value::Object(tree.root))]);
    overlay(&mut values, deployment.chart.values.iter());
    Values { tree: Value::Object(values), secret_values: tree.secret_values }
}

/// The server's values while they are written.
struct Tree {
    root: Map<String, Value>,
    secret_values: Vec<String>,
    path: &'static str,
}

impl Tree {
    fn set(&mut self, path: &str, value: impl Into<Value>) {
        let mut keys: Vec<&str> = path.split('.').collect();
        let last = keys.pop().unwrap_or_default();
        let map = keys.into_iter().fold(&mut self.root, |map, key| {
            let next = map.entry(key).or_insert_with(|| Value::Object(Map::new()));
            if !next.is_object() {
                *next = Value::Object(Map::new());
            }
            next.as_object_mut().unwrap_or_else(|| unreachable!("it was made an object"))
        });
        map.insert(last.to_owned(), value.into());
    }

    fn set_text(&mut self, path: &str, text: &Text) {
        if text.secrets().next().is_some() {
            self.secret_values.push(format!("{}.{path}", self.path));
        }
        self.set(path, serde_json::to_value(text).unwrap_or_default());
    }
}

fn image(deployment: &Deployment, tree: &mut Tree) {
    if deployment.side(Component::ControlPlane) == Side::Vendor && is_workspace(deployment) {
        tree.set("image.repository", WORKSPACE_IMAGE);
    }
    // The chart's own number is the default tag.
    if chart_version(deployment) != deployment.release {
        tree.set("image.tag", deployment.release.as_str());
    }
}

fn is_workspace(deployment: &Deployment) -> bool {
    deployment.control_plane.is_some() && deployment.scenario.placement(Component::ControlPlane).is_some()
}

fn server_itself(deployment: &Deployment, layout: &Layout, tree: &mut Tree) {
    tree.set("replicaCount", deployment.server.replicas);
    if let Some(url) = &deployment.server.url {
        tree.set("serverURL", url.as_str());
    }
    // The chart's default keeps hook objects with every credential in them after they have done their work.
    tree.set("debug", false);
    tree.set("analyticsOptIn", deployment.server.analytics);
    tree.set("auth.authType", server::auth_scheme(deployment));
    let environment = deployment.server.environment.iter().map(|(name, value)| (name.clone(), json!(value)));
    let environment: Map<String, Value> = environment.collect();
    if !environment.is_empty() {
        tree.set("environment", environment);
    }
    if layout.environment_references {
        let references = secret_variables(deployment).into_iter().map(
            |(variable, secret)| json!({ "name": variable, "secretName": SECRET_NAME, "secretKey": secret.as_str() }),
        );
        tree.set("environmentSecretKeyRefs", references.collect::<Vec<_>>());
        return;
    }
    tree.set_text("auth.jwtSecretKey", &Text::secret(&SecretName::new("jwt-key")));
    for (variable, secret) in user_variables(deployment) {
        tree.set_text(&format!("secretEnvironment.{variable}"), &Text::secret(&secret));
    }
}

fn the_database(deployment: &Deployment, layout: &Layout, tree: &mut Tree) {
    let Database::Mysql(mysql) = &deployment.database else { return };
    let address = match &mysql.url {
        Some(_) => database::address(deployment),
        None => database::provided_address(mysql),
    };
    let DatabaseAddress::Mysql { host, port, database, username, .. } = address else { return };
    let start = |user: Text| Text::literal("mysql://").then(user).then("@");
    let rest = |url: Text| url.then(host).then(":").then(port).then(format!("/{database}"));
    if layout.password_reference {
        tree.set_text("database.url", &rest(start(Text::literal(username))));
        tree.set("database.passwordSecretRef", json!({ "name": SECRET_NAME, "key": keys::DATABASE_PASSWORD }));
    } else {
        let user = Text::literal(format!("{username}:")).then(Text::url_encoded_secret(&database::password()));
        tree.set_text("database.url", &rest(start(user)));
    }
    encryption(deployment, mysql, layout, tree);
}

/// A certificate alone does not switch TLS on. A chart without the switch may run a server that has it.
fn encryption(deployment: &Deployment, mysql: &Mysql, layout: &Layout, tree: &mut Tree) {
    let tls = match (&mysql.tls, &mysql.url) {
        (Some(tls), _) => tls.clone(),
        (None, None) => MysqlTls::default(),
        (None, Some(_)) => return,
    };
    if !tls.enabled {
        return;
    }
    if !layout.tls_switch {
        if !release_before(&deployment.release, (0, 74, 0)) {
            tree.set("environment.ZENML_STORE_SSL", "True");
            tree.set("environment.ZENML_STORE_SSL_VERIFY_SERVER_CERT", if tls.verify_name { "True" } else { "False" });
        }
        return;
    }
    tree.set("database.ssl", true);
    tree.set("database.sslVerifyServerCert", tls.verify_name);
    if tls.ca.is_some() && layout.certificate_references {
        tree.set("database.sslCa.secretRef", json!({ "name": SECRET_NAME, "key": keys::DATABASE_CA }));
    }
}

fn secrets_store(deployment: &Deployment, layout: &Layout, tree: &mut Tree) {
    tree.set("secretsStore.enabled", true);
    match &deployment.secrets_store {
        SecretsStore::Sql(_) => {
            tree.set("secretsStore.type", "sql");
            if !layout.environment_references {
                let key = Text::secret(&SecretName::new("encryption-key"));
                tree.set_text("secretsStore.sql.encryptionKey", &key);
            }
        }
        SecretsStore::Aws(aws) => {
            let settings = [("region", &aws.region), ("role_arn", &aws.role_arn)];
            cloud_store(tree, "aws", &settings);
        }
        SecretsStore::Gcp(gcp) => cloud_store(tree, "gcp", &[("project_id", &gcp.project)]),
        SecretsStore::Azure(azure) => {
            cloud_store(tree, "azure", &[("subscription_id", &azure.subscription)]);
            if let Some(vault) = &azure.vault {
                tree.set("secretsStore.azure.key_vault_name", vault.as_str());
            }
        }
        SecretsStore::Vault(vault) => {
            tree.set("secretsStore.type", "hashicorp");
            // Charts up to 0.85 take these without `authConfig`.
            let below = if release_before(chart_version(deployment), (0, 86, 0)) { "" } else { "authConfig." };
            let settings =
                [("vault_addr", &vault.address), ("mount_point", &vault.mount), ("vault_namespace", &vault.namespace)];
            for (key, value) in settings {
                if let Some(value) = value {
                    tree.set(&format!("secretsStore.hashicorp.{below}{key}"), value.as_str());
                }
            }
        }
    }
}

/// Opened with the identity that the server runs with.
fn cloud_store(tree: &mut Tree, kind: &str, settings: &[(&str, &Option<String>)]) {
    tree.set("secretsStore.type", kind);
    tree.set(&format!("secretsStore.{kind}.authMethod"), "implicit");
    for (key, value) in settings {
        if let Some(value) = value {
            tree.set(&format!("secretsStore.{kind}.authConfig.{key}"), value.as_str());
        }
    }
    tree.set("enableImplicitAuthMethods", true);
}

/// An ingress for the address that clients use; without one the server is reached inside the cluster only.
fn exposure(deployment: &Deployment, tree: &mut Tree) {
    let url = deployment.server.url.as_deref().and_then(|url| url::Url::parse(url).ok());
    let Some(host) = url.as_ref().and_then(|url| url.host_str()) else {
        tree.set("ingress.enabled", false);
        return;
    };
    let encrypted = url.as_ref().is_some_and(|url| url.scheme() == "https");
    tree.set("ingress.enabled", true);
    tree.set("ingress.host", host);
    // The chart writes into this map when TLS is on, and fails on none.
    tree.set("ingress.annotations", Map::new());
    tree.set("ingress.tls.enabled", encrypted);
}

fn control_plane(deployment: &Deployment, layout: &Layout, tree: &mut Tree) {
    let Some(plane) = deployment.control_plane.as_ref().filter(|_| is_workspace(deployment)) else { return };
    let ControlPlane { url, workspace, organization, enrollment_key } = plane;
    tree.set("pro.enabled", true);
    tree.set("pro.apiURL", url.as_deref().unwrap_or(CONTROL_PLANE_API));
    if url.is_none() {
        tree.set("pro.dashboardURL", CONTROL_PLANE_DASHBOARD);
    }
    if let Some(workspace) = workspace {
        tree.set(if layout.workspaces { "pro.workspaceID" } else { "pro.tenantID" }, workspace.as_str());
    }
    if let Some(organization) = organization {
        tree.set("pro.organizationID", organization.as_str());
    }
    if enrollment_key.is_some() && !layout.environment_references {
        tree.set_text("pro.enrollmentKey", &Text::secret(&SecretName::new("enrollment-key")));
    }
}

fn network(deployment: &Deployment, layout: &Layout, tree: &mut Tree) {
    if deployment.network.ca_bundle.is_some() && layout.network {
        tree.set("certificates.secretRefs", json!([{ "name": SECRET_NAME, "key": keys::CA_BUNDLE }]));
    }
    let Some(Proxy { url: Some(url), except, .. }) = &deployment.network.proxy else { return };
    if layout.network {
        tree.set("proxy.enabled", true);
        tree.set("proxy.httpProxy", url.as_str());
        tree.set("proxy.httpsProxy", url.as_str());
        if !except.is_empty() {
            tree.set("proxy.additionalNoProxy", except.clone());
        }
    } else {
        for variable in ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"] {
            tree.set(&format!("environment.{variable}"), url.as_str());
        }
        let except = [vec!["localhost".to_owned(), ".svc".to_owned(), ".cluster.local".to_owned()], except.clone()];
        for variable in ["NO_PROXY", "no_proxy"] {
            tree.set(&format!("environment.{variable}"), except.concat().join(","));
        }
    }
}

/// Maps are merged; anything else is replaced.
fn overlay<'a>(values: &mut Map<String, Value>, above: impl Iterator<Item = (&'a String, &'a Value)>) {
    for (key, value) in above {
        match (values.get_mut(key), value) {
            (Some(Value::Object(below)), Value::Object(above)) => overlay_map(below, above),
            _ => {
                values.insert(key.clone(), value.clone());
            }
        }
    }
}

fn overlay_map(values: &mut Map<String, Value>, above: &Map<String, Value>) {
    overlay(values, &mut above.iter() as &mut dyn Iterator<Item = _>);
}
