//! Connections to what is no component of any scenario: reports, collectors, proxies, registries.

use super::{Claim, Connection, Fact, Purpose, Reader, names_host};
use crate::contract::host::{self, Host};
use crate::contract::settings::{IMAGE, Scope, Setting};
use crate::deployment::{LocalTarget, RuntimeKind, Target};
use crate::scenario::{Component, DataClass, Side};

/// Variables that name hosts of whom the server does not open a connection to, or that other facts speak of.
const SPOKEN_OF: [&str; 10] = [
    "ZENML_STORE_URL",
    "ZENML_SERVER_SERVER_URL",
    "ZENML_SERVER_DASHBOARD_URL",
    "ZENML_SERVER_PRO_API_URL",
    "ZENML_SERVER_PRO_DASHBOARD_URL",
    "ZENML_SERVER_PRO_OAUTH2_AUDIENCE",
    "ZENML_SERVER_EXTERNAL_LOGIN_URL",
    "ZENML_SERVER_EXTERNAL_USER_INFO_URL",
    "ZENML_SERVER_CORS_ALLOW_ORIGINS",
    IMAGE,
];

pub(super) fn facts(reader: &Reader) -> Vec<Fact> {
    let mut facts = proxy_of_the_file(reader);
    if let Target::Local(local) = &reader.deployment.target {
        facts.extend(images(reader, local));
    }
    for scope in &reader.scopes {
        facts.extend(scope.iter().filter_map(|setting| of_setting(reader, scope, setting)));
    }
    facts
}

fn of_setting(reader: &Reader, scope: &Scope, setting: &Setting) -> Option<Fact> {
    let name = setting.name.to_uppercase();
    if name == "ZENML_ANALYTICS_OPT_IN" {
        let host = Host::new(host::ANALYTICS, reader.scenario);
        let because = format!("{} has the server report its use to {}", setting.subject(), host.name);
        // The server reports unless it is told not to; what it cannot read as a no is none.
        return (!setting.is_off())
            .then(|| opens(scope.component, host, Purpose::UsageReports, &setting.path, because));
    }
    let text = setting.text().filter(|text| !text.is_empty())?;
    if name == IMAGE.to_uppercase() {
        return image(reader, Component::Server, text, &setting.path);
    }
    if SPOKEN_OF.contains(&name.as_str()) || name.contains("SECRETS_STORE_") {
        return None;
    }
    let address = text.contains("://").then(|| reader.address(text)).flatten();
    let proxy = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"].contains(&name.as_str());
    let host = if proxy { reader.address(text)?.host } else { address?.host };
    let purpose = if proxy {
        Purpose::Proxy
    } else if name.contains("OTEL") {
        Purpose::Telemetry
    } else {
        Purpose::Work
    };
    // An address of unknown meaning is somebody's business only where it is the vendor's.
    let matters = purpose != Purpose::Work || host.side == Side::Vendor;
    let because = names_host(setting, &host);
    matters.then(|| opens(scope.component, host, purpose, &setting.path, because))
}

fn proxy_of_the_file(reader: &Reader) -> Vec<Fact> {
    let Some(proxy) = &reader.deployment.network.proxy else { return Vec::new() };
    let opener = if reader.is_customers(Component::Server) { Component::Server } else { Component::Client };
    if let Some(address) = proxy.url.as_deref().and_then(|url| reader.address(url)) {
        let because = format!("`network.proxy.url` names {}, a way out for every component", address.host.describe());
        return vec![opens(opener, address.host, Purpose::Proxy, "network.proxy.url", because)];
    }
    if !proxy.from_environment {
        return Vec::new();
    }
    let host = Host { name: "a proxy".to_owned(), side: Side::Customer, this_machine: false };
    let because = "`network.proxy.fromEnvironment` gives every component a way out";
    vec![opens(opener, host, Purpose::Proxy, "network.proxy.fromEnvironment", because)]
}

fn images(reader: &Reader, local: &LocalTarget) -> Vec<Fact> {
    if local.runtime != RuntimeKind::Container {
        return Vec::new();
    }
    let named = [
        (Component::Server, &local.image, "target.local.image"),
        (Component::Database, &local.database_image, "target.local.databaseImage"),
        (Component::Mlflow, &local.mlflow_image, "target.local.mlflowImage"),
    ];
    named.into_iter().filter_map(|(component, name, path)| image(reader, component, name.as_deref()?, path)).collect()
}

/// Only the vendor's registries are known by name.
fn image(reader: &Reader, component: Component, name: &str, path: &str) -> Option<Fact> {
    let registry = name.split('/').next().unwrap_or_default();
    let host = Host { side: Side::Vendor, ..Host::new(registry, reader.scenario) };
    let because = format!("`{path}` names an image in a registry of the vendor, {registry}");
    (host::owner(name) == Side::Vendor).then(|| opens(component, host, Purpose::Images, path, because))
}

fn opens(from: Component, host: Host, purpose: Purpose, path: &str, because: impl Into<String>) -> Fact {
    // Traces name runs and parameters, and the server's log may hold lines of steps.
    let carries = if purpose == Purpose::Telemetry { vec![DataClass::Metadata, DataClass::Logs] } else { Vec::new() };
    let connection = Connection {
        from,
        from_side: Side::Customer,
        to: None,
        host,
        purpose,
        encrypted: true,
        verified: true,
        carries,
    };
    Fact::new(Claim::Opens(connection), path, because)
}
