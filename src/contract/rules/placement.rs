//! Components: those of the scenario, on their sides, on targets that they can run on.

use super::{Clause, Statement};
use crate::contract::facts::{Claim, Fact, Purpose};
use crate::scenario::{Component, Scenario, Side, TargetKind, phrase};

/// Parts that a setting can take away from this machine.
const MOVABLE: [Component; 5] =
    [Component::Server, Component::Database, Component::SecretsStore, Component::ArtifactStore, Component::Mlflow];

pub(super) fn clauses(scenario: &Scenario) -> Vec<Clause> {
    let placed = Component::ALL.iter().copied().filter(|component| scenario.placement(*component).is_some());
    let mut found: Vec<Clause> =
        placed.filter(|component| sides(*component, scenario).len() < Side::ALL.len()).map(Clause::Placed).collect();
    found.push(Clause::NothingElse);
    found.push(Clause::Targets);
    let local = MOVABLE.into_iter().filter(|component| is_for_this_machine(*component, scenario));
    found.extend(local.map(Clause::OnThisMachine));
    found
}

fn sides(component: Component, scenario: &Scenario) -> Vec<Side> {
    scenario
        .components
        .iter()
        .filter(|placement| placement.component == component)
        .map(|placement| placement.side)
        .collect()
}

/// The only target that the scenario names for it is this machine.
fn is_for_this_machine(component: Component, scenario: &Scenario) -> bool {
    scenario.placement(component).is_some_and(|placement| placement.targets == [TargetKind::Local])
}

pub(super) fn on_another_side(component: Component, claim: &Claim, scenario: &Scenario) -> bool {
    let Claim::Runs { component: running, side, .. } = claim else { return false };
    *running == component && !sides(component, scenario).contains(side)
}

pub(super) fn unknown(claim: &Claim, scenario: &Scenario) -> bool {
    matches!(claim, Claim::Runs { component, .. } if scenario.placement(*component).is_none())
}

pub(super) fn on_another_target(claim: &Claim, scenario: &Scenario) -> bool {
    let Claim::Runs { component, side, target: Some(target) } = claim else { return false };
    scenario.placement_on(*component, *side).is_some_and(|placement| !placement.targets.contains(target))
}

pub(super) fn elsewhere(component: Component, claim: &Claim) -> bool {
    match claim {
        Claim::Stores { component: holder, this_machine: false, .. } => *holder == component,
        Claim::Opens(connection) if !connection.host.this_machine => {
            let collected = connection.from == component && connection.purpose == Purpose::Telemetry;
            connection.to == Some(component) && connection.purpose == Purpose::Work || collected
        }
        _ => false,
    }
}

pub(super) fn statement(clause: Clause, scenario: &Scenario) -> Statement {
    match clause {
        Clause::Placed(component) => {
            let side = scenario.placement(component).map_or(Side::Customer, |placement| placement.side);
            Statement::of(format!("on the {side}'s side"), phrase::component(component))
        }
        Clause::NothingElse => Statement::plain("no component but those of the scenario"),
        Clause::Targets => Statement::plain(format!("what the customer runs, runs on {}", targets(scenario))),
        Clause::OnThisMachine(component) => {
            Statement::of("on this machine and nowhere else", phrase::component(component))
        }
        _ => Statement::plain(String::new()),
    }
}

/// Targets of all that the customer's side always has.
fn targets(scenario: &Scenario) -> String {
    let always =
        || scenario.components.iter().filter(|placement| placement.side == Side::Customer && !placement.optional);
    let common =
        TargetKind::ALL.iter().copied().filter(|target| always().all(|placement| placement.targets.contains(target)));
    places(&common.collect::<Vec<_>>())
}

fn places(targets: &[TargetKind]) -> String {
    let words: Vec<&str> = targets.iter().map(|target| place(*target)).collect();
    words.join(" or ")
}

/// A target as a sentence uses it.
fn place(target: TargetKind) -> &'static str {
    match target {
        TargetKind::Local => "this machine",
        TargetKind::Kubernetes => "Kubernetes",
        TargetKind::Managed => "the vendor's service",
    }
}

pub(super) fn accusation(clause: Clause, broken: &[(Clause, &Fact)], scenario: &Scenario, key: &str) -> String {
    let Some((_, fact)) = broken.first() else { return format!("forbids {key}") };
    match (clause, &fact.claim) {
        (Clause::NothingElse, Claim::Runs { component, .. }) => {
            format!("has no {}; {key} asks for one", phrase::component(*component))
        }
        (Clause::Targets, Claim::Runs { component, target: Some(target), .. }) => {
            let allowed = scenario.placement(*component).map_or(&[][..], |placement| &placement.targets);
            let (component, asked) = (phrase::component(*component), place(*target));
            format!("runs its {component} on {} only; {key} asks for {asked}", places(allowed))
        }
        (Clause::Placed(component), Claim::Runs { side, .. }) => {
            let own = phrase::other(*side);
            format!("has its {} on the {own}'s side; {key} asks for one on the {side}'s", phrase::component(component))
        }
        (Clause::OnThisMachine(component), _) => {
            format!("keeps its {} on this machine; {key} leads elsewhere", phrase::component(component))
        }
        _ => format!("forbids {key}"),
    }
}
