//! The built-in scenarios against the project's own table of them, and their pictures and texts against files.

use std::path::PathBuf;
use std::sync::LazyLock;

use super::*;

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::embedded().expect("good scenarios"));

/// One row of the table of scenarios.
struct Row {
    name: &'static str,
    server: &'static str,
    artifacts: &'static str,
    experiments: &'static str,
    secrets: &'static str,
    secrets_read_by: &'static str,
    identity: &'static str,
    crossings: &'static str,
}

#[rustfmt::skip]
const TABLE: [Row; 12] = [
    row(["local-sqlite", "none", "customer", "customer", "customer", "local user", "none", "none"]),
    row(["local-server", "customer", "customer", "customer", "customer", "local user", "none", "none"]),
    row(["remote-server", "customer", "customer", "customer", "customer", "customer's server", "customer", "none"]),
    row(["full-saas", "vendor", "customer", "customer or vendor", "vendor", "vendor", "vendor", "vendor to customer; clients to vendor"]),
    row(["full-saas-all-data", "vendor", "vendor", "vendor", "vendor", "vendor", "vendor", "vendor to customer; clients to vendor"]),
    row(["hybrid-partial-data", "vendor", "customer", "vendor", "vendor", "vendor", "vendor", "vendor to customer; clients to vendor"]),
    row(["hybrid-customer-data", "vendor", "customer", "vendor or customer", "vendor", "vendor", "vendor", "vendor to customer; clients to vendor"]),
    row(["customer-secret-store", "vendor", "customer", "customer", "customer", "vendor", "vendor", "vendor to customer; clients to vendor"]),
    row(["private-secret-store", "vendor", "customer", "customer", "customer", "customer's clients", "vendor", "vendor to customer; clients to vendor"]),
    row(["agent", "vendor", "customer", "customer", "customer", "customer's agent", "vendor", "exactly one, vendor to customer; clients to vendor"]),
    row(["hybrid-workspace", "customer", "customer", "customer", "customer", "customer's server", "vendor", "customer to vendor"]),
    row(["on-prem", "customer", "customer", "customer", "customer", "customer's server", "customer", "none"]),
];

const fn row(cells: [&'static str; 8]) -> Row {
    let [name, server, artifacts, experiments, secrets, secrets_read_by, identity, crossings] = cells;
    Row { name, server, artifacts, experiments, secrets, secrets_read_by, identity, crossings }
}

#[test]
fn each_scenario_is_what_the_table_says() {
    let names: Vec<&str> = CATALOGUE.iter().map(|scenario| scenario.name.as_str()).collect();
    assert_eq!(names, TABLE.map(|row| row.name), "all of them, in this order");
    for row in &TABLE {
        let scenario = CATALOGUE.find(row.name).unwrap();
        let stored = |data: DataClass| phrase::sides(&scenario.rule(data).unwrap().stored_on);
        let side = |component| scenario.placement(component).map_or("none", |placement| placement.side.as_str());
        let secrets = scenario.rule(DataClass::Secrets).unwrap();
        assert_eq!(side(Component::Server), row.server, "{}: server", row.name);
        // Without a server the metadata are the client's own.
        let metadata = if row.server == "none" { "customer" } else { row.server };
        assert_eq!(side(Component::Database), metadata, "{}: metadata database", row.name);
        assert_eq!(stored(DataClass::Metadata), metadata, "{}: metadata", row.name);
        assert_eq!(stored(DataClass::Artifacts), row.artifacts, "{}: artifacts", row.name);
        assert_eq!(stored(DataClass::Experiments), row.experiments, "{}: experiments", row.name);
        assert_eq!(stored(DataClass::Secrets), row.secrets, "{}: secrets", row.name);
        assert_eq!(phrase::readers(&secrets.readable_by), row.secrets_read_by, "{}: secrets", row.name);
        assert_eq!(stored(DataClass::Identity), row.identity, "{}: identity", row.name);
        assert_eq!(phrase::crossings(scenario), row.crossings, "{}: crossings", row.name);
    }
}

/// Nuances of the table that are more than a side.
#[test]
fn what_the_table_says_between_the_lines() {
    let rule = |name: &str, data| CATALOGUE.find(name).unwrap().rule(data).unwrap();
    let services = |name: &str| -> Vec<(Component, Component)> {
        let links = CATALOGUE.find(name).unwrap().crossing_links();
        links.filter(|link| link.from != Component::Client).map(|link| (link.from, link.to)).collect()
    };
    assert!(rule("full-saas", DataClass::Artifacts).readable_by.contains(&Principal::VendorService), "to show them");
    assert!(rule("customer-secret-store", DataClass::Secrets).may_cross, "values may leave");
    for name in ["private-secret-store", "agent", "hybrid-workspace", "on-prem"] {
        assert!(!rule(name, DataClass::Secrets).may_cross, "{name}: values may not leave");
    }
    assert!(services("customer-secret-store").contains(&(Component::Server, Component::SecretsStore)));
    assert_eq!(services("private-secret-store"), [(Component::Server, Component::ArtifactStore)]);
    assert_eq!(services("agent"), [(Component::ControlPlane, Component::Agent)], "exactly one");
    assert!(CATALOGUE.find("agent").unwrap().links[0].mutual_tls);
    assert!(CATALOGUE.find("hybrid-workspace").unwrap().crossing_links().all(|link| link.port == 443));
    for name in ["local-sqlite", "local-server", "remote-server", "on-prem"] {
        assert!(CATALOGUE.find(name).unwrap().is_single_sided(), "{name}");
    }
}

#[test]
fn targets_are_those_that_the_scenario_can_run_on() {
    for scenario in CATALOGUE.iter() {
        let local_only = ["local-sqlite", "local-server"].contains(&scenario.name.as_str());
        for placement in &scenario.components {
            let runs = |target| placement.targets.contains(&target);
            assert_eq!(runs(TargetKind::Managed), placement.side == Side::Vendor, "{}", scenario.name);
            assert!(!(local_only && runs(TargetKind::Kubernetes)), "{}", scenario.name);
            // What a scenario always has must run on each of its targets, or a target would be a trap. With a
            // vendor's side it cannot run wholly on one machine.
            let complete = placement.optional || local_only || placement.side == Side::Vendor;
            let one_machine = scenario.components.iter().all(|p| p.side == Side::Customer);
            let client = placement.component == Component::Client;
            assert!(complete || runs(TargetKind::Kubernetes), "{}", scenario.name);
            assert!(complete || client || runs(TargetKind::Local) == one_machine, "{}", scenario.name);
        }
    }
}

/// Compares a text with a file below `tests/golden/scenarios/`, or writes the file when `UPDATE_GOLDEN` is set.
fn assert_golden(file: &str, text: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/scenarios").join(file);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        return;
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    let place = expected.lines().zip(text.lines()).position(|(a, b)| a != b).map_or(0, |line| line + 1);
    assert!(expected == text, "{file} differs from line {place} on; refresh with UPDATE_GOLDEN=1 and look at the diff");
}

#[test]
fn texts_and_pictures_are_those_of_the_golden_files() {
    assert_golden("list.txt", &text::list(&CATALOGUE, None, 80));
    assert_golden("list-wide.txt", &text::list(&CATALOGUE, None, 132));
    for vocabulary in Vocabulary::ALL {
        assert_golden(&format!("list-{vocabulary}.txt"), &text::list(&CATALOGUE, Some(*vocabulary), 80));
    }
    for scenario in CATALOGUE.iter() {
        assert_golden(&format!("{}/show.txt", scenario.name), &text::show(scenario, 80));
        assert_golden(&format!("{}/explain.txt", scenario.name), &text::explain(&CATALOGUE, scenario, 80));
    }
    for scenario in CATALOGUE.iter() {
        assert_golden(&format!("{}/picture.mmd", scenario.name), &picture::mermaid(scenario));
        assert_golden(&format!("{}/picture.svg", scenario.name), &picture::svg(scenario));
    }
    let find = |name| CATALOGUE.find(name).unwrap();
    let diff = difference(find("customer-secret-store"), find("private-secret-store"));
    assert_golden("diff-3a-3b.txt", &text::diff(&diff, 80));
}
