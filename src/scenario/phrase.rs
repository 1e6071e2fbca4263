//! The contract in a few plain words, the same ones in every table, picture and message.

use super::model::{ContractRule, Crossings, Scenario};
use super::words::{Component, DataClass, Principal, Side, TargetKind};

/// `customer`, `vendor or customer`, `none`.
pub fn sides(sides: &[Side]) -> String {
    let words: Vec<&str> = sides.iter().map(|side| side.as_str()).collect();
    if words.is_empty() { "none".to_owned() } else { words.join(" or ") }
}

/// A component as a sentence uses it.
pub fn component(component: Component) -> &'static str {
    match component {
        Component::Client => "client",
        Component::Server => "server",
        Component::Database => "database",
        Component::Dashboard => "dashboard",
        Component::SecretsStore => "secrets store",
        Component::ArtifactStore => "artifact store",
        Component::ContainerRegistry => "container registry",
        Component::Mlflow => "MLflow",
        Component::ControlPlane => "control plane",
        Component::ControlPlaneDatabase => "control-plane database",
        Component::ControlPlaneDashboard => "control-plane dashboard",
        Component::IdentityProvider => "identity provider",
        Component::Agent => "agent",
        Component::WorkloadManager => "workload manager",
        Component::LogStore => "log store",
        Component::ServiceConnectors => "service connectors",
    }
}

/// Where it can run: `local, kubernetes`; `run by the vendor` when `deploy` has nothing to do.
pub fn targets(targets: &[TargetKind]) -> String {
    if targets == [TargetKind::Managed] {
        return "run by the vendor".to_owned();
    }
    let words: Vec<&str> = targets.iter().map(|target| target.as_str()).collect();
    words.join(", ")
}

/// Classes of data in a row: `artifacts, logs`.
pub fn all_data(classes: &[DataClass]) -> String {
    let words: Vec<&str> = classes.iter().map(|class| data(*class)).collect();
    words.join(", ")
}

/// With a capital in front, for the start of a sentence.
pub fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A reader in as few words as a table has room for.
pub fn principal(principal: Principal) -> &'static str {
    match principal {
        Principal::LocalUser => "local user",
        Principal::CustomerClients => "customer's clients",
        Principal::CustomerServer => "customer's server",
        Principal::CustomerAgent => "customer's agent",
        Principal::VendorService => "vendor",
    }
}

/// A reader where its side stands beside it.
pub fn role(principal: Principal) -> &'static str {
    match principal {
        Principal::LocalUser => "user",
        Principal::CustomerClients => "clients",
        Principal::CustomerServer => "server",
        Principal::CustomerAgent => "agent",
        Principal::VendorService => "vendor",
    }
}

/// All readers: `customer's clients, vendor`; `nobody` when there are none.
pub fn readers(readers: &[Principal]) -> String {
    let words: Vec<&str> = readers.iter().map(|reader| principal(*reader)).collect();
    if words.is_empty() { "nobody".to_owned() } else { words.join(", ") }
}

/// A class of data as a sentence uses it.
pub fn data(data: DataClass) -> &'static str {
    match data {
        DataClass::Metadata => "metadata",
        DataClass::Artifacts => "artifacts",
        DataClass::Experiments => "experiments",
        DataClass::Images => "images",
        DataClass::Logs => "logs",
        DataClass::Code => "code",
        DataClass::Secrets => "secrets",
        DataClass::Identity => "user accounts",
        DataClass::Audit => "audit log",
    }
}

/// A row of the contract: `secrets stored by customer, read by vendor, may cross`.
pub fn rule(rule: &ContractRule) -> String {
    let name = data(rule.data);
    if rule.stored_on.is_empty() { format!("no {name}") } else { format!("{name} {}", place_and_readers(rule)) }
}

/// A row of the contract without its name.
pub fn place_and_readers(rule: &ContractRule) -> String {
    if rule.stored_on.is_empty() {
        return "none".to_owned();
    }
    let crossing = if rule.may_cross { ", may cross" } else { "" };
    format!("stored by {}, read by {}{crossing}", sides(&rule.stored_on), readers(&rule.readable_by))
}

/// What a row says that another does not: `read by vendor, may cross`.
pub fn aspects(rule: &ContractRule, other: &ContractRule) -> String {
    let mut words = Vec::new();
    if rule.stored_on.is_empty() {
        return "none".to_owned();
    }
    if rule.stored_on != other.stored_on {
        words.push(format!("stored by {}", sides(&rule.stored_on)));
    }
    if rule.readable_by != other.readable_by {
        words.push(format!("read by {}", readers(&rule.readable_by)));
    }
    if rule.may_cross != other.may_cross {
        words.push(if rule.may_cross { "may cross" } else { "never cross" }.to_owned());
    }
    words.join(", ")
}

/// Who opens connections between the sides, for a column: `vendor (1), clients`.
pub fn openers(scenario: &Scenario) -> String {
    let Crossings { opened_by, exactly, clients, .. } = &scenario.crossings;
    let count = exactly.map_or_else(String::new, |count| format!(" ({count})"));
    let mut words: Vec<String> = opened_by.iter().map(|side| format!("{side}{count}")).collect();
    if *clients && !opened_by.contains(&Side::Customer) {
        words.push("clients".to_owned());
    }
    if words.is_empty() { "none".to_owned() } else { words.join(", ") }
}

/// Which connections between the sides there may be: `vendor to customer; clients to vendor`.
pub fn crossings(scenario: &Scenario) -> String {
    if scenario.is_single_sided() {
        return "none".to_owned();
    }
    let Crossings { opened_by, exactly, clients, .. } = &scenario.crossings;
    let count = match exactly {
        Some(1) => "exactly one, ".to_owned(),
        Some(count) => format!("exactly {count}, "),
        None => String::new(),
    };
    let mut words: Vec<String> = opened_by.iter().map(|side| format!("{count}{side} to {}", other(*side))).collect();
    if *clients && !opened_by.contains(&Side::Customer) {
        words.push("clients to vendor".to_owned());
    }
    if words.is_empty() { "none".to_owned() } else { words.join("; ") }
}

/// The other side.
pub fn other(side: Side) -> Side {
    match side {
        Side::Vendor => Side::Customer,
        Side::Customer => Side::Vendor,
    }
}
