//! No promise without a flip that breaks it, or a reason why no value of the file can.

use super::mutations::MUTATIONS;
use super::*;
use crate::contract::rules;
use crate::scenario::{Component, DataClass, Principal, Side};

/// Why no value of the deployment file breaks a promise.
fn unbreakable(scenario: &Scenario, clause: Clause) -> Option<&'static str> {
    let vendors = VENDOR.contains(&scenario.name.as_str());
    let local = LOCAL.contains(&scenario.name.as_str());
    match clause {
        Clause::StoredOn(DataClass::Images) | Clause::ReadBy(DataClass::Images) | Clause::Stays(DataClass::Images) => {
            Some("the file has no key for the registry of pipelines' images; it is part of the client's stack")
        }
        Clause::StoredOn(DataClass::Code) | Clause::ReadBy(DataClass::Code) | Clause::Stays(DataClass::Code)
            if local || scenario.name == "full-saas-all-data" =>
        {
            Some("code stays with the client: the scenario has no link on which it is uploaded, and no key makes one")
        }
        Clause::StoredOn(DataClass::Experiments)
        | Clause::ReadBy(DataClass::Experiments)
        | Clause::Stays(DataClass::Experiments)
            if scenario.name == "local-sqlite" =>
        {
            Some("there is no tracking server; MLflow's library writes beside the client")
        }
        Clause::ReadBy(data) => reads_of_the_vendor(scenario, data),
        Clause::OpenedBy if vendors && !has_customers_mlflow(scenario) => {
            Some("the customer's side has clients only, and the scenario lets clients call")
        }
        Clause::OpenedBy if scenario.name == "hybrid-workspace" => {
            Some("customers may open connections; the vendor's services take no orders from the file")
        }
        Clause::NothingElse if vendors || ["hybrid-workspace", "on-prem"].contains(&scenario.name.as_str()) => {
            Some("all components that the file can ask for are part of the scenario")
        }
        Clause::Targets if scenario.name == "remote-server" => Some("what the file can ask for runs on both targets"),
        Clause::Placed(component) => never_misplaced(scenario, component),
        _ => None,
    }
}

/// The file can give the vendor access, and put a server of the customer's before a database; nobody else.
fn reads_of_the_vendor(scenario: &Scenario, data: DataClass) -> Option<&'static str> {
    let rule = scenario.rule(data)?;
    let vendor_may = rule.readable_by.contains(&Principal::VendorService);
    let in_database = matches!(data, DataClass::Metadata | DataClass::Identity | DataClass::Audit);
    (vendor_may && !in_database).then_some("the vendor may read them, and no key lets anybody else")
}

fn has_customers_mlflow(scenario: &Scenario) -> bool {
    scenario.placement_on(Component::Mlflow, Side::Customer).is_some()
}

fn never_misplaced(scenario: &Scenario, component: Component) -> Option<&'static str> {
    match component {
        Component::Client
        | Component::Dashboard
        | Component::ContainerRegistry
        | Component::IdentityProvider
        | Component::Agent
        | Component::ServiceConnectors
        | Component::WorkloadManager => Some("no key says on which side it is"),
        Component::ControlPlaneDashboard if VENDOR.contains(&scenario.name.as_str()) => {
            Some("only a server of one's own is told which dashboard to send people to")
        }
        Component::Mlflow if has_customers_mlflow(scenario) => {
            Some("`deploy` runs it; the file cannot name one that is elsewhere")
        }
        _ => None,
    }
}

#[test]
fn every_promise_of_every_scenario_is_broken_once_or_has_a_reason() {
    let mut open = Vec::new();
    let mut promises = 0;
    for scenario in CATALOGUE.iter() {
        let flips = MUTATIONS.iter().filter(|mutation| mutation.scenarios.contains(&scenario.name.as_str()));
        let broken: Vec<Clause> = flips.flat_map(|mutation| mutation.breaks).copied().collect();
        for clause in rules::clauses(scenario) {
            promises += 1;
            match (broken.contains(&clause), unbreakable(scenario, clause)) {
                (true, None) | (false, Some(_)) => {}
                (false, None) => open.push(format!("{}: nothing breaks {clause:?}", scenario.name)),
                (true, Some(reason)) => {
                    open.push(format!("{}: {clause:?} is broken, and yet: {reason}", scenario.name));
                }
            }
        }
    }
    assert!(open.is_empty(), "{} of {promises} promises are open:\n{}", open.len(), open.join("\n"));
    assert!(promises > 300, "rows and rules of twelve scenarios, not {promises}");
}

/// A flip must not promise to break what the scenario does not promise.
#[test]
fn flips_break_promises_that_there_are() {
    for mutation in MUTATIONS {
        for name in mutation.scenarios {
            let clauses = rules::clauses(scenario(name));
            for clause in mutation.breaks {
                assert!(clauses.contains(clause), "{name} does not promise {clause:?} (--set {})", mutation.flip);
            }
        }
    }
}

#[test]
fn every_code_of_the_family_is_used_and_every_row_has_its_clauses() {
    let mut used: Vec<_> = MUTATIONS.iter().map(|mutation| mutation.code).collect();
    used.extend(CATALOGUE.iter().flat_map(|scenario| rules::clauses(scenario).into_iter().map(Clause::code)));
    for explanation in crate::diagnostics::codes::EXPLANATIONS {
        let ours = explanation.code.as_str().starts_with("DEP-CONTRACT-");
        assert!(!ours || used.contains(&explanation.code), "{} is never reported", explanation.code);
    }
    for scenario in CATALOGUE.iter() {
        let clauses = rules::clauses(scenario);
        for data in DataClass::ALL {
            let rule = scenario.rule(*data).unwrap();
            assert_eq!(
                clauses.contains(&Clause::StoredOn(*data)),
                rule.stored_on.len() < 2,
                "{} {data}",
                scenario.name
            );
            assert!(clauses.contains(&Clause::ReadBy(*data)));
            assert_eq!(clauses.contains(&Clause::Stays(*data)), !rule.may_cross);
        }
    }
}
