//! The contract in a few plain words, the same ones in every table, picture and message.

use super::model::{ContractRule, Crossings, Scenario};
use super::words::{DataClass, Principal, Side};

/// `customer`, `vendor or customer`, `none`.
pub fn sides(sides: &[Side]) -> String {
    let words: Vec<&str> = sides.iter().map(|side| side.as_str()).collect();
    if words.is_empty() { "none".to_owned() } else { words.join(" or ") }
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
        DataClass::Identity => "users and roles",
        DataClass::Audit => "audit log",
    }
}

/// A row of the contract: `secrets stored by customer, read by vendor, may cross`.
pub fn rule(rule: &ContractRule) -> String {
    let name = data(rule.data);
    if rule.stored_on.is_empty() {
        return format!("no {name}");
    }
    let crossing = if rule.may_cross { ", may cross" } else { "" };
    format!("{name} stored by {}, read by {}{crossing}", sides(&rule.stored_on), readers(&rule.readable_by))
}

/// Which connections between the sides there may be: `vendor to customer; clients to vendor`.
pub fn crossings(scenario: &Scenario) -> String {
    if scenario.is_single_sided() {
        return "none".to_owned();
    }
    let Crossings { opened_by, exactly, clients } = &scenario.crossings;
    let count = exactly.map_or_else(String::new, |count| format!("exactly {count}, "));
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
