//! What changes for somebody who goes from one scenario to another.

use serde::Serialize;

use super::model::{ContractRule, Link, Placement, Requirement, Scenario, TradeOff};
use super::phrase;
use super::words::{Component, DataClass, Side};

/// All differences that matter to people and to checks; wording does not count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ScenarioDiff {
    /// The scenario that is left.
    pub from: String,
    /// The scenario that is entered.
    pub to: String,
    pub components: Vec<ComponentChange>,
    pub contract: Vec<RuleChange>,
    /// Who may open connections between the sides, in words; absent when it stays the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crossings: Option<CrossingsChange>,
    pub links: Vec<LinkChange>,
    pub requirements: GainsAndLosses<Requirement>,
    pub trade_offs: GainsAndLosses<TradeOff>,
}

/// How something differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    Added,
    Removed,
    /// To the other side.
    Moved,
    /// On the same side, in some other way.
    Changed,
}

/// A component that differs, with its places in both scenarios.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ComponentChange {
    pub component: Component,
    pub change: Change,
    pub before: Vec<Placement>,
    pub after: Vec<Placement>,
}

/// A row of the contract that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RuleChange {
    pub data: DataClass,
    pub before: Option<ContractRule>,
    pub after: Option<ContractRule>,
}

/// The rule on connections between the sides, as [`phrase::crossings`] says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CrossingsChange {
    pub before: String,
    pub after: String,
}

/// A connection that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LinkChange {
    pub change: Change,
    pub before: Option<Link>,
    pub after: Option<Link>,
}

/// What is new and what is no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GainsAndLosses<T> {
    pub gained: Vec<T>,
    pub lost: Vec<T>,
}

impl ScenarioDiff {
    /// Whether both scenarios ask for the same.
    pub fn is_empty(&self) -> bool {
        self.components.is_empty()
            && self.contract.is_empty()
            && self.crossings.is_none()
            && self.links.is_empty()
            && self.requirements.is_empty()
            && self.trade_offs.is_empty()
    }
}

impl<T> GainsAndLosses<T> {
    pub fn is_empty(&self) -> bool {
        self.gained.is_empty() && self.lost.is_empty()
    }
}

/// Compares two scenarios.
pub fn difference(from: &Scenario, to: &Scenario) -> ScenarioDiff {
    let (before, after) = (phrase::crossings(from), phrase::crossings(to));
    ScenarioDiff {
        from: from.name.clone(),
        to: to.name.clone(),
        components: Component::ALL.iter().filter_map(|component| component_change(*component, from, to)).collect(),
        contract: DataClass::ALL.iter().filter_map(|data| rule_change(from.rule(*data), to.rule(*data))).collect(),
        crossings: (before != after).then_some(CrossingsChange { before, after }),
        links: link_changes(&from.links, &to.links),
        requirements: gains_and_losses(&from.requirements, &to.requirements, |item| &item.what),
        trade_offs: gains_and_losses(&from.trade_offs, &to.trade_offs, |item| &item.what),
    }
}

fn component_change(component: Component, from: &Scenario, to: &Scenario) -> Option<ComponentChange> {
    let placements = |scenario: &Scenario| -> Vec<Placement> {
        scenario.components.iter().filter(|placement| placement.component == component).cloned().collect()
    };
    let (before, after) = (placements(from), placements(to));
    let sides = |placements: &[Placement]| -> Vec<Side> { placements.iter().map(|placement| placement.side).collect() };
    let facts = |placements: &[Placement]| -> Vec<_> {
        placements.iter().map(|placement| (placement.side, placement.targets.clone(), placement.optional)).collect()
    };
    let change = match (before.is_empty(), after.is_empty()) {
        (true, false) => Change::Added,
        (false, true) => Change::Removed,
        (false, false) if sides(&before) != sides(&after) => Change::Moved,
        (false, false) if facts(&before) != facts(&after) => Change::Changed,
        (true, true) | (false, false) => return None,
    };
    Some(ComponentChange { component, change, before, after })
}

fn rule_change(before: Option<&ContractRule>, after: Option<&ContractRule>) -> Option<RuleChange> {
    let facts =
        |rule: &ContractRule| (rule.stored_on.clone(), rule.stored_in, rule.readable_by.clone(), rule.may_cross);
    if before.map(facts) == after.map(facts) {
        return None;
    }
    let data = before.or(after)?.data;
    Some(RuleChange { data, before: before.cloned(), after: after.cloned() })
}

/// Links are the same when they join the same ends on the same port; the wording of their purpose does not count.
fn link_changes(before: &[Link], after: &[Link]) -> Vec<LinkChange> {
    let ends = |link: &Link| (link.from, link.from_side, link.to, link.to_side, link.port);
    let twin = |link: &Link, others: &[Link]| others.iter().find(|other| ends(other) == ends(link)).cloned();
    let facts =
        |link: &Link| (link.protocol.clone(), link.host.clone(), link.carries.clone(), link.mutual_tls, link.optional);
    let mut changes = Vec::new();
    for link in before {
        match twin(link, after) {
            None => changes.push(LinkChange { change: Change::Removed, before: Some(link.clone()), after: None }),
            Some(new) if facts(&new) != facts(link) => {
                changes.push(LinkChange { change: Change::Changed, before: Some(link.clone()), after: Some(new) });
            }
            Some(_) => {}
        }
    }
    let added = after.iter().filter(|link| twin(link, before).is_none());
    changes.extend(added.map(|link| LinkChange { change: Change::Added, before: None, after: Some(link.clone()) }));
    changes
}

fn gains_and_losses<T: Clone>(before: &[T], after: &[T], name: impl Fn(&T) -> &String) -> GainsAndLosses<T> {
    let missing = |items: &[T], others: &[T]| -> Vec<T> {
        items.iter().filter(|item| !others.iter().any(|other| name(other) == name(item))).cloned().collect()
    };
    GainsAndLosses { gained: missing(after, before), lost: missing(before, after) }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;
    use crate::scenario::Catalogue;

    static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::embedded().expect("good scenarios"));

    fn between(from: &str, to: &str) -> ScenarioDiff {
        difference(CATALOGUE.find(from).unwrap(), CATALOGUE.find(to).unwrap())
    }

    #[test]
    fn a_scenario_does_not_differ_from_itself() {
        for scenario in CATALOGUE.iter() {
            assert!(difference(scenario, scenario).is_empty(), "{}", scenario.name);
        }
    }

    #[test]
    fn taking_the_secret_store_home() {
        let diff = between("hybrid-customer-data", "private-secret-store");
        let moved: Vec<(Component, Change)> = diff.components.iter().map(|c| (c.component, c.change)).collect();
        assert_eq!(
            moved,
            [
                (Component::SecretsStore, Change::Moved),
                (Component::Mlflow, Change::Moved),
                (Component::WorkloadManager, Change::Removed),
            ]
        );
        let rows: Vec<DataClass> = diff.contract.iter().map(|row| row.data).collect();
        assert_eq!(rows, [DataClass::Experiments, DataClass::Secrets]);
        assert!(diff.trade_offs.gained.iter().any(|trade_off| trade_off.what == "No central roles on secrets"));
        assert!(diff.trade_offs.lost.iter().any(|t| t.what == "The vendor stores the secrets and can read them"));
        assert_eq!(diff.crossings, None);
    }

    #[test]
    fn there_and_back_swaps_what_is_gained_and_lost() {
        for a in CATALOGUE.iter() {
            for b in CATALOGUE.iter() {
                let (there, back) = (difference(a, b), difference(b, a));
                assert_eq!(there.trade_offs.gained, back.trade_offs.lost);
                assert_eq!(there.components.len(), back.components.len());
                assert_eq!(there.links.len(), back.links.len());
                assert_eq!(there.is_empty(), a.name == b.name, "{} and {}", a.name, b.name);
            }
        }
    }

    #[test]
    fn a_link_that_carries_something_else_is_changed_not_replaced() {
        let diff = between("customer-secret-store", "private-secret-store");
        let changed: Vec<&LinkChange> = diff.links.iter().filter(|link| link.change == Change::Changed).collect();
        assert_eq!(changed.len(), 2, "client to server loses secrets, server to artifact store becomes optional");
        let removed = diff.links.iter().filter_map(|link| link.before.as_ref().filter(|_| link.after.is_none()));
        let removed: Vec<Component> = removed.map(|link| link.to).collect();
        assert_eq!(removed, [Component::SecretsStore, Component::Mlflow, Component::WorkloadManager]);
    }
}
