//! Who keeps users, roles and the audit log.

use super::{Claim, Connection, Fact, Purpose, Reader, names_host, stored};
use crate::contract::host::{self, Host};
use crate::contract::settings::{Scope, Setting};
use crate::scenario::{Component, DataClass, Side};

const DATA: [DataClass; 2] = [DataClass::Identity, DataClass::Audit];
/// Whoever answers there says who somebody is.
const ADDRESSES: [&str; 2] = ["ZENML_SERVER_PRO_API_URL", "ZENML_SERVER_EXTERNAL_USER_INFO_URL"];
const DASHBOARDS: [&str; 2] = ["ZENML_SERVER_PRO_DASHBOARD_URL", "ZENML_SERVER_DASHBOARD_URL"];

pub(super) fn facts(reader: &Reader) -> Vec<Fact> {
    let mut facts = of_the_file(reader);
    for scope in &reader.scopes {
        facts.extend(
            ADDRESSES
                .into_iter()
                .filter_map(|name| scope.get(name))
                .flat_map(|setting| of_setting(reader, scope, setting)),
        );
        facts.extend(
            DASHBOARDS.into_iter().filter_map(|name| scope.get(name)).filter_map(|setting| dashboard(reader, setting)),
        );
    }
    facts
}

fn of_the_file(reader: &Reader) -> Vec<Fact> {
    let Some(plane) = &reader.deployment.control_plane else { return Vec::new() };
    let asked_from = reader.scopes.first().map_or(Component::Client, |scope| scope.component);
    if let Some(url) = &plane.url {
        let Some(address) = reader.address(url) else { return Vec::new() };
        let because = format!("`controlPlane.url` names {}", address.host.describe());
        return at(asked_from, &address.host, "controlPlane.url", &because);
    }
    // Where the scenario has none on the customer's side, only the vendor's can be meant.
    if reader.is_customers(Component::ControlPlane) {
        let target = Some(reader.deployment.target_kind());
        let claim = Claim::Runs { component: Component::ControlPlane, side: Side::Customer, target };
        return vec![Fact::new(
            claim,
            "controlPlane",
            "`controlPlane` asks for one, and no `url` names one that is there",
        )];
    }
    let host = Host::new(host::CONTROL_PLANE, reader.scenario);
    at(asked_from, &host, "controlPlane", "`controlPlane` without `url` means the vendor's")
}

fn of_setting(reader: &Reader, scope: &Scope, setting: &Setting) -> Vec<Fact> {
    let Some(address) = setting.text().and_then(|text| reader.address(text)) else { return Vec::new() };
    at(scope.component, &address.host, &setting.path, &names_host(setting, &address.host))
}

fn at(from: Component, host: &Host, path: &str, because: &str) -> Vec<Fact> {
    let mut facts = stored(&DATA, Component::ControlPlaneDatabase, host, path, because);
    let claim = Claim::Runs { component: Component::ControlPlane, side: host.side, target: None };
    facts.push(Fact::new(claim, path, because));
    let connection = Connection {
        from,
        from_side: Side::Customer,
        to: Some(Component::ControlPlane),
        host: host.clone(),
        purpose: Purpose::Work,
        encrypted: true,
        verified: true,
        carries: DATA.to_vec(),
    };
    facts.push(Fact::new(Claim::Opens(connection), path, because));
    facts
}

/// The dashboard that browsers are sent to.
fn dashboard(reader: &Reader, setting: &Setting) -> Option<Fact> {
    let host = reader.address(setting.text()?)?.host;
    // A server that shows its own dashboard under another name of its own is no control plane's dashboard.
    if setting.name == "ZENML_SERVER_DASHBOARD_URL" && host.side == Side::Customer {
        return None;
    }
    let claim = Claim::Runs { component: Component::ControlPlaneDashboard, side: host.side, target: None };
    Some(Fact::new(claim, &setting.path, names_host(setting, &host)))
}
