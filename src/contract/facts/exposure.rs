//! Who can reach what listens, and whether they are asked who they are.

use super::{Claim, Connection, Fact, Purpose, Reader, names_host};
use crate::contract::host::Host;
use crate::contract::settings::{PLAIN_INGRESS, PLAIN_SERVICE, Scope, Setting};
use crate::deployment::Target;
use crate::scenario::{Component, DataClass, Side};
use crate::unit::{Text, Unit};

/// What clients and browsers get from a server.
const SERVED: [DataClass; 5] =
    [DataClass::Metadata, DataClass::Secrets, DataClass::Artifacts, DataClass::Logs, DataClass::Identity];

pub(super) fn facts(reader: &Reader) -> Vec<Fact> {
    let mut facts: Vec<Fact> = reader.units.iter().filter_map(|unit| listens(reader, unit)).collect();
    if !reader.is_customers(Component::Server) {
        return facts;
    }
    for scope in &reader.scopes {
        facts.extend(logins(reader, scope));
        facts.extend(public_address(reader, scope));
        facts.extend([PLAIN_INGRESS, PLAIN_SERVICE].into_iter().filter_map(|name| scope.get(name)).map(plain));
    }
    facts
}

/// The address after `--host`, as the program will be started.
fn host_argument(unit: &Unit) -> Option<String> {
    let arguments: Vec<Text> = serde_json::from_value(unit.spec.get("arguments")?.clone()).ok()?;
    let known: Vec<Option<String>> = arguments.iter().map(Text::known).collect();
    let at = known.iter().position(|argument| argument.as_deref() == Some("--host"))?;
    known.get(at + 1)?.clone()
}

fn listens(reader: &Reader, unit: &Unit) -> Option<Fact> {
    let address = host_argument(unit)?;
    let this_machine = Host::new(&address, reader.scenario).this_machine;
    // The programs themselves speak no TLS; an `https` address says that something in front of the server does.
    let url = reader.deployment.server.url.as_deref().and_then(|url| reader.address(url));
    let tls = unit.component == Component::Server && url.is_some_and(|address| address.scheme == "https");
    let path = if unit.component == Component::Server { "server.listen" } else { "mlflow" };
    let claim = Claim::Listens { component: unit.component, this_machine, tls };
    Some(Fact::new(claim, path, format!("unit `{}` listens on {address}", unit.id)))
}

/// Whether others than this machine can reach the server, and the key that decides it.
fn reach(reader: &Reader) -> (bool, bool) {
    match reader.deployment.target {
        Target::Local(_) => {
            let listen = reader.deployment.server.listen.to_string();
            (Host::new(&listen, reader.scenario).this_machine, true)
        }
        Target::Kubernetes(_) => (false, false),
    }
}

fn logins(reader: &Reader, scope: &Scope) -> Vec<Fact> {
    let (this_machine, has_administrator) = reach(reader);
    let asks_nobody = |setting: &Setting, because: &str| {
        Fact::new(Claim::AsksNobody { component: Component::Server, this_machine }, &setting.path, because)
    };
    let mut facts = Vec::new();
    if let Some(scheme) = scope
        .get("ZENML_SERVER_AUTH_SCHEME")
        .filter(|scheme| scheme.text().is_some_and(|text| text.eq_ignore_ascii_case("NO_AUTH")))
    {
        facts.push(asks_nobody(scheme, "the server is told to log nobody in (NO_AUTH)"));
    }
    // On this machine the schema is made with its administrator in it, so nothing is left to activate.
    let activated = scope.get("ZENML_SERVER_AUTO_ACTIVATE").filter(|setting| setting.is_on() && !has_administrator);
    if let Some(setting) = activated.filter(|_| scope.get("ZENML_DEFAULT_USER_PASSWORD").is_none()) {
        facts.push(asks_nobody(setting, "the server makes its administrator itself, with an empty password"));
    }
    facts
}

/// Where clients are sent to reach the server.
fn public_address(reader: &Reader, scope: &Scope) -> Vec<Fact> {
    let Some(setting) = scope.get("ZENML_SERVER_SERVER_URL") else { return Vec::new() };
    let Some(address) = setting.text().and_then(|text| reader.address(text)) else { return Vec::new() };
    let because = names_host(setting, &address.host);
    let tls = address.scheme != "http";
    let claim = Claim::Listens { component: Component::Server, this_machine: address.host.this_machine, tls };
    let mut facts = vec![Fact::new(claim, &setting.path, &because)];
    if address.host.side == Side::Vendor {
        let runs = Claim::Runs { component: Component::Server, side: Side::Vendor, target: None };
        facts.push(Fact::new(runs, &setting.path, &because));
        let connection = Connection {
            from: Component::Client,
            from_side: Side::Customer,
            to: Some(Component::Server),
            host: address.host,
            purpose: Purpose::Work,
            encrypted: tls,
            verified: true,
            carries: reader.carried(Component::Client, Component::Server, &SERVED),
        };
        facts.push(Fact::new(Claim::Opens(connection), &setting.path, because));
    }
    facts
}

fn plain(setting: &Setting) -> Fact {
    let claim = Claim::Listens { component: Component::Server, this_machine: false, tls: false };
    let what = setting.text().unwrap_or_default();
    Fact::new(claim, &setting.path, format!("{what} lets others reach the server without TLS"))
}
