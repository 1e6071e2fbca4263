//! The rows of the contract: where data are stored, who reads them, whether they travel.

use super::{Clause, Statement};
use crate::contract::facts::{Claim, Fact};
use crate::scenario::{Component, DataClass, Principal, Scenario, Side, phrase};

pub(super) fn clauses(scenario: &Scenario) -> Vec<Clause> {
    let mut found = Vec::new();
    for rule in &scenario.contract {
        if rule.stored_on.len() < Side::ALL.len() {
            found.push(Clause::StoredOn(rule.data));
        }
        found.push(Clause::ReadBy(rule.data));
        if !rule.may_cross {
            found.push(Clause::Stays(rule.data));
        }
    }
    found
}

/// A row without a side says that the scenario keeps no such data. On the customer's own side that is no promise (a
/// local server may have users); on the vendor's it is.
pub(super) fn stored_elsewhere(data: DataClass, claim: &Claim, scenario: &Scenario) -> bool {
    let Claim::Stores { data: stored, side, .. } = claim else { return false };
    let Some(rule) = scenario.rule(data) else { return false };
    let allowed = if rule.stored_on.is_empty() { *side == Side::Customer } else { rule.stored_on.contains(side) };
    *stored == data && !allowed
}

/// What a reader hands on to its own users is no reading, except where nobody but this machine's user is meant: there
/// whoever else reaches the server reads.
pub(super) fn read_by_another(data: DataClass, claim: &Claim, scenario: &Scenario) -> bool {
    let Some(rule) = scenario.rule(data) else { return false };
    match claim {
        Claim::Reads { data: read, reader } => {
            let nobody = rule.readable_by.is_empty() && *reader != Principal::VendorService;
            *read == data && !nobody && !rule.readable_by.contains(reader)
        }
        Claim::Listens { component, this_machine: false, .. } => {
            rule.readable_by == [Principal::LocalUser] && is_served(data, *component, scenario)
        }
        _ => false,
    }
}

fn is_served(data: DataClass, by: Component, scenario: &Scenario) -> bool {
    scenario.links.iter().any(|link| link.from == Component::Client && link.to == by && link.carries.contains(&data))
}

pub(super) fn leaves(data: DataClass, claim: &Claim) -> bool {
    matches!(claim, Claim::Opens(connection) if connection.crosses() && connection.carries.contains(&data))
}

pub(super) fn statement(clause: Clause, data: DataClass, scenario: &Scenario) -> Statement {
    let Some(rule) = scenario.rule(data) else { return Statement::plain(String::new()) };
    let says = match clause {
        Clause::StoredOn(_) if rule.stored_on.is_empty() => {
            "not kept by the vendor, nor promised to be kept at all".to_owned()
        }
        Clause::StoredOn(_) => format!("stored on the {}'s side only", phrase::sides(&rule.stored_on)),
        Clause::ReadBy(_) if rule.readable_by.is_empty() => "not there for the vendor to read".to_owned(),
        Clause::ReadBy(_) => format!("read where they are stored by {} only", phrase::readers(&rule.readable_by)),
        _ => "never leaving their side".to_owned(),
    };
    Statement::of(says, phrase::data(data))
}

pub(super) fn accusation(clause: Clause, broken: &[(Clause, &Fact)], key: &str) -> String {
    let list = classes(broken);
    let first = broken.first().map(|(_, fact)| &fact.claim);
    match (clause, first) {
        (Clause::StoredOn(_), Some(Claim::Stores { side, .. })) => {
            format!("keeps {list} on the {}'s side; {key} puts them on the {side}'s", phrase::other(*side))
        }
        (Clause::ReadBy(_), Some(Claim::Reads { reader, .. })) => {
            format!("does not let the {} read {list}; {key} does", phrase::principal(*reader))
        }
        (Clause::ReadBy(_), _) => format!("lets nobody but this machine's user read {list}; {key} lets others"),
        (_, Some(Claim::Opens(connection))) => {
            format!(
                "keeps {list} on the {}'s side; {key} sends them to the {}'s",
                connection.from_side, connection.host.side
            )
        }
        _ => format!("forbids {key}"),
    }
}

/// `metadata, secrets and logs`.
fn classes(broken: &[(Clause, &Fact)]) -> String {
    let mut words: Vec<&str> = Vec::new();
    for (clause, _) in broken {
        if let Clause::StoredOn(data) | Clause::ReadBy(data) | Clause::Stays(data) = clause {
            let word = phrase::data(*data);
            if !words.contains(&word) {
                words.push(word);
            }
        }
    }
    match words.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}
