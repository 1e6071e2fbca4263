//! What to write instead, or which scenario allows it.

use std::sync::LazyLock;

use super::facts::{Claim, Fact};
use super::rules::{self, Clause};
use super::violation::Violation;
use crate::scenario::{Catalogue, Component, Scenario, Side};

/// More names than these are no advice.
const MAX_SCENARIOS: usize = 3;

/// The scenarios of the program, to look for one that fits better.
static CATALOGUE: LazyLock<Option<Catalogue>> = LazyLock::new(|| Catalogue::embedded().ok());

/// What to do, best first.
pub(super) fn steps(violation: &Violation, scenario: &Scenario) -> Vec<String> {
    let Some((clause, fact)) = violation.broken.first() else { return Vec::new() };
    std::iter::once(instead(*clause, fact, scenario)).chain(allowing(violation, scenario)).collect()
}

fn instead(clause: Clause, fact: &Fact, scenario: &Scenario) -> String {
    let path = fact.path.as_str();
    if clause == Clause::Checkable {
        let plain = "write the address in plain, such as `database.mysql.url`, with its `password` as a secret";
        return format!("remove `{path}` and {plain}");
    }
    if path.starts_with("server.") && matches!(clause, Clause::Placed(_) | Clause::NothingElse) {
        return format!("remove `{path}`: there is no server of your own to set up");
    }
    if ["server.environment.", "server.secretEnvironment.", "chart.values."].iter().any(|key| path.starts_with(key)) {
        return format!("remove `{path}`: `deploy` sets what it stands for from the scenario and from keys of its own");
    }
    match path {
        "server.analytics" => "write `server.analytics: false`, or leave it out".to_owned(),
        "server.listen" => "write `listen: 127.0.0.1` below `server`, or leave it out".to_owned(),
        "server.auth" => "write `auth: password` below `server`, or leave it out".to_owned(),
        "server.url" if clause == Clause::ReachedSafely => {
            "leave `server.url` out, or write an `https://` address where others may reach the server".to_owned()
        }
        "server.url" => "name a host of your own, or leave `server.url` out".to_owned(),
        "database.mysql.tls" => {
            "add `tls: { ca: FILE }` below `database.mysql`, with the authority that signed its certificate".to_owned()
        }
        "mlflow.backendStore" if clause == Clause::DatabaseEncrypted => {
            "name the authority's file as `database.mysql.tls.ca`, or write `mlflow.backendStore: sqlite`".to_owned()
        }
        "secretsStore.vault.address" if clause == Clause::StoreEncrypted => "write an `https://` address".to_owned(),
        _ => by_side(path, fact, scenario),
    }
}

/// Keys with which somebody names a place of the wrong side.
fn by_side(path: &str, fact: &Fact, scenario: &Scenario) -> String {
    let root = path.split('.').next().unwrap_or_default();
    let component = match root {
        "target" => return "leave `target` out: the scenario knows where it runs".to_owned(),
        "database" => Component::Database,
        "secretsStore" => Component::SecretsStore,
        "artifactStore" => Component::ArtifactStore,
        "controlPlane" => Component::ControlPlane,
        "mlflow" => Component::Mlflow,
        _ => return format!("remove `{path}`"),
    };
    let on_this_machine = matches!(fact.claim, Claim::Stores { side: Side::Customer, this_machine: false, .. });
    match scenario.placement(component).map(|placement| placement.side) {
        None => format!("remove `{root}`"),
        Some(Side::Vendor) => format!("remove `{path}`: the vendor provides it"),
        Some(Side::Customer) if on_this_machine => format!("leave `{path}` out, to have it on this machine"),
        Some(Side::Customer) if component == Component::SecretsStore => {
            "name a store of your own, such as `secretsStore: { vault: { address: URL } }`".to_owned()
        }
        Some(Side::Customer) => format!("name one of your own, or leave `{path}` out"),
    }
}

/// Scenarios that have the same parts and in which none of the facts breaks anything, the most similar first. There
/// are none for what protects: no scenario is chosen for having less of it.
fn allowing(violation: &Violation, scenario: &Scenario) -> Option<String> {
    let facts = || violation.broken.iter().map(|(_, fact)| *fact);
    let mut fitting: Vec<&Scenario> = CATALOGUE
        .iter()
        .flat_map(Catalogue::iter)
        .filter(|other| other.name != scenario.name)
        .filter(|other| facts().all(|fact| speaks_of(&fact.claim, other)))
        .filter(|other| {
            !facts().any(|fact| rules::clauses(other).iter().any(|clause| clause.is_broken_by(fact, other)))
        })
        .collect();
    fitting.sort_by_key(|other| distance(scenario, other));
    let names: Vec<String> = fitting.iter().take(MAX_SCENARIOS).map(|other| format!("`{}`", other.name)).collect();
    let diff = format!("`deploy scenario diff {} NAME`", scenario.name);
    (!names.is_empty()).then(|| format!("or choose a scenario that allows it: {} ({diff})", names.join(" or ")))
}

/// Whether what a fact is about is a part of a scenario, where the fact has it.
fn speaks_of(claim: &Claim, scenario: &Scenario) -> bool {
    let has = |component: Component, side: Side| scenario.placement_on(component, side).is_some();
    match claim {
        Claim::Runs { component, side, .. } | Claim::Stores { component, side, .. } => has(*component, *side),
        Claim::Opens(connection) => {
            let to = connection.to.is_none_or(|to| has(to, connection.host.side));
            to && has(connection.from, connection.from_side)
        }
        Claim::Reads { .. } => true,
        Claim::Listens { .. } | Claim::AsksNobody { .. } | Claim::StoresSecretsPlain | Claim::Hidden => false,
    }
}

/// How many rows of the contract and places of components differ.
fn distance(one: &Scenario, other: &Scenario) -> usize {
    let rows = |scenario: &Scenario| {
        scenario.contract.iter().map(|rule| (rule.data, rule.stored_on.clone())).collect::<Vec<_>>()
    };
    let places =
        |scenario: &Scenario| scenario.components.iter().map(|place| (place.component, place.side)).collect::<Vec<_>>();
    let (rows_of_other, places_of_other) = (rows(other), places(other));
    let rows = rows(one).into_iter().filter(|row| !rows_of_other.contains(row)).count();
    rows + places(one).into_iter().filter(|place| !places_of_other.contains(place)).count()
}
