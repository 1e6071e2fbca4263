use super::*;
use crate::diagnostics::{Findings, SourceText};
use crate::scenario::Catalogue;
use crate::scenario::catalogue::read_scenario;

fn read(name: &str, text: &str) -> ScenarioFile {
    read_scenario(SourceText::new(format!("scenarios/{name}.yaml"), text)).expect("a scenario that can be decoded")
}

fn good(name: &str) -> String {
    std::fs::read_to_string(format!("{}/scenarios/{name}.yaml", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// The first words of each finding and the text that it marks.
fn findings(found: &[Diagnostic]) -> Vec<String> {
    found
        .iter()
        .map(|finding| {
            assert_eq!(finding.code, codes::SCENARIO_CONTRADICTS_ITSELF);
            let label = finding.labels.first().expect("a finding points at a place");
            let marked = &label.source.text[label.span.start..label.span.end];
            let title = finding.title.split_once("`: ").map_or(finding.title.as_str(), |(_, title)| title);
            format!("{title} @ {marked}")
        })
        .collect()
}

#[test]
fn the_built_in_scenarios_agree_with_themselves() {
    let catalogue = Catalogue::embedded().unwrap();
    assert_eq!(catalogue.iter().count(), 12);
}

/// Each row breaks a good scenario in one place and says which single finding has to come of it.
#[test]
fn each_contradiction_is_found_where_it_was_written() {
    let table: &[(&str, &str, &str, &str)] = &[
        // Names
        ("agent", "name: agent\n", "name: agents\n", "the file is called `agent` @ agents"),
        ("agent", "title: SaaS with an agent", "title: \" \"", "`title` says nothing @ \" \""),
        // Components
        (
            "agent",
            "{ component: artifact-store, side: customer",
            "{ component: agent, side: customer, targets: [local] }\n  - { component: artifact-store, side: customer",
            "agent is listed twice on the customer side @ agent",
        ),
        (
            "full-saas",
            "    targets: [managed]\n    optional: true\n",
            "    targets: [managed]\n",
            "mlflow is on both sides @ mlflow",
        ),
        ("agent", "agent\n    side: customer\n    targets: [kubernetes]", "agent\n    side: customer\n    targets: []", "agent runs nowhere @ targets"),
        ("agent", "agent\n    side: customer\n    targets: [kubernetes]", "agent\n    side: customer\n    targets: [local, local]", "agent has a target twice @ targets"),
        ("agent", "agent\n    side: customer\n    targets: [kubernetes]", "agent\n    side: customer\n    targets: [managed]", "agent is on the customer's side, so no vendor runs it @ targets"),
        ("agent", "{ component: database, side: vendor, targets: [managed] }", "{ component: database, side: vendor, targets: [kubernetes] }", "database is the vendor's, so `deploy` cannot run it @ targets"),
        // Contract: rows
        ("on-prem", "  - { data: code, storedOn: [customer], storedIn: client, readableBy: [customer-clients], mayCross: false }
", "", "the contract says nothing about code @ contract"),
        ("local-server", "identity\n    storedOn: []\n    readableBy: []", "identity\n    storedOn: []\n    readableBy: [local-user]", "identity is stored nowhere, and yet the row goes on @ readableBy"),
        ("local-server", "identity\n    storedOn: []\n", "identity\n    storedOn: []\n    storedIn: database\n", "identity is stored nowhere, and yet the row goes on @ database"),
        ("local-server", "readableBy: []\n    mayCross: false", "readableBy: []\n    mayCross: true", "identity is stored nowhere, and yet the row goes on @ true"),
        // Contract: storage
        ("agent", "{ data: images, storedOn: [customer]", "{ data: images, storedOn: [customer, customer]", "images names the customer side twice @ customer"),
        ("agent", "artifacts\n    storedOn: [customer]", "artifacts\n    storedOn: [customer, vendor]", "nothing on the vendor side could hold artifacts @ vendor"),
        ("agent", "{ data: images, storedOn: [customer], storedIn: container-registry", "{ data: images, storedOn: [customer], storedIn: log-store", "images is stored in log-store, which is not among the components @ log-store"),
        ("agent", "{ data: images, storedOn: [customer], storedIn: container-registry", "{ data: images, storedOn: [customer], storedIn: server", "images is stored on the customer side, but server is not @ server"),
        ("agent", "{ data: images, storedOn: [customer], storedIn: container-registry", "{ data: images, storedOn: [customer], storedIn: agent", "agent cannot hold images @ agent"),
        // Contract: readers
        ("agent", "storedIn: container-registry, readableBy: [customer-clients]", "storedIn: container-registry, readableBy: []", "nobody may read images @ readableBy"),
        ("agent", "readableBy: [customer-agent]", "readableBy: [customer-agent, customer-agent]", "secrets names the reader customer-agent twice @ customer-agent"),
        ("agent", "readableBy: [customer-agent]", "readableBy: [customer-server]", "customer-server reads secrets, but is not among the components @ customer-server"),
        ("agent", "readableBy: [customer-agent]", "readableBy: [local-user]", "local-user reads secrets, but is not among the components @ local-user"),
        ("agent", "readableBy: [customer-agent]", "readableBy: [vendor-service]", "vendor-service reads secrets from the other side, and secrets may not cross @ vendor-service"),
        ("on-prem", "storedIn: secrets-store\n    readableBy: [customer-server]", "storedIn: secrets-store\n    readableBy: [vendor-service]", "vendor-service reads secrets, but is not among the components @ vendor-service"),
        // Links
        ("agent", "from: agent\n    fromSide: customer\n    to: secrets-store\n    toSide: customer", "from: agent\n    fromSide: customer\n    to: log-store\n    toSide: customer", "link from agent to log-store: there is no log-store on the customer side @ log-store"),
        ("agent", "from: agent\n    fromSide: customer\n    to: secrets-store", "from: agent\n    fromSide: customer\n    to: agent", "link from agent to agent: leads back to where it begins @ agent"),
        ("agent", "carries: [experiments]\n    optional: true\n  - from: client", "carries: [experiments]\n  - from: client", "link from agent to mlflow: mlflow may be left out, the link may not @ mlflow"),
        ("agent", "to: container-registry\n    toSide: customer", "to: artifact-store\n    toSide: customer", "link from client to artifact-store is listed twice @ client"),
        ("agent", "carries: [metadata, artifacts, logs]", "carries: [metadata, secrets, logs]", "link from client to server carries secrets to the other side @ secrets"),
        ("agent", "carries: [metadata, artifacts, logs]", "carries: [metadata, artifacts, metadata]", "link from client to server names metadata twice @ metadata"),
        ("local-server", "carries: [metadata, secrets, logs]", "carries: [metadata, audit, logs]", "link from client to server carries audit, and the contract knows none @ audit"),
        ("agent", "port: 443", "port: 0", "link from control-plane to agent has no port @ 0"),
        ("agent", "protocol: https", "protocol: http", "link from control-plane to agent crosses in clear text @ http"),
        (
            "hybrid-workspace",
            "links:\n",
            "links:\n  - { from: control-plane, fromSide: vendor, to: server, toSide: customer, port: 443, protocol: https, purpose: x }\n",
            "link from control-plane to server: services on the vendor side may not open connections to the customer @ vendor",
        ),
        // The rule on crossings
        ("on-prem", "openedBy: []", "openedBy: [customer]", "everything is on one side, so nothing can cross @ crossings"),
        ("agent", "openedBy: [vendor]", "openedBy: [vendor, vendor]", "crossings names the vendor side twice @ vendor"),
        ("full-saas", "openedBy: [vendor]", "openedBy: [vendor, customer]", "the customer side may open connections, and no link says which @ customer"),
        ("agent", "exactly: 1", "exactly: 2", "2 connections between services are allowed, and 1 are listed @ 2"),
    ];
    for (name, before, after, expected) in table {
        let text = good(name);
        assert!(text.contains(before), "{name} has no {before:?}");
        let broken = read(name, &text.replacen(before, after, 1));
        let shown = findings(&file(&broken));
        assert_eq!(shown, [*expected], "{name}: {before:?} -> {after:?}");
    }
}

#[test]
fn clients_may_call_only_where_the_scenario_says_so() {
    let text = good("agent").replace(", clients: true", "");
    let shown = findings(&file(&read("agent", &text)));
    assert_eq!(shown.len(), 3, "{shown:#?}");
    assert_eq!(
        shown[0],
        "link from client to server: clients on the customer side may not open connections to the vendor @ customer"
    );
}

#[test]
fn two_rows_about_one_class() {
    let text = good("local-sqlite").replace(
        "contract:\n",
        "contract:\n  - { data: code, storedOn: [customer], readableBy: [local-user], mayCross: false }\n",
    );
    assert_eq!(findings(&file(&read("local-sqlite", &text))), ["the contract has two rows about code @ code"]);
}

#[test]
fn names_that_no_shell_takes() {
    for name in ["Agent", "4-agents", "agent-", "an agent"] {
        let text = good("agent").replacen("name: agent\n", &format!("name: {name}\n"), 1);
        assert_eq!(findings(&file(&read(name, &text))), [format!("the name cannot be used as one @ {name}")]);
    }
}

#[test]
fn aliases_are_taken_once_in_each_vocabulary() {
    let two = |agent: &str, on_prem: &str| {
        let agent = good("agent").replacen("{ vocabulary: beta-2, name: \"4\" }", agent, 1);
        let on_prem = good("on-prem").replacen("{ vocabulary: beta-1, name: \"4\" }", on_prem, 1);
        findings(&files(&[read("agent", &agent), read("on-prem", &on_prem)]))
    };
    let good_one = "{ vocabulary: beta-1, name: \"4\" }";
    let none: [String; 0] = [];
    assert_eq!(two("{ vocabulary: beta-2, name: \"4\" }", good_one), none);
    assert_eq!(two(good_one, good_one), ["`beta-1:4` already means `agent` @ \"4\""]);
    assert_eq!(
        two("{ vocabulary: oss, name: On-Prem }", good_one),
        ["the alias `On-Prem` is the name of another scenario @ On-Prem"]
    );
    assert_eq!(
        two("{ vocabulary: oss, name: x }, { vocabulary: oss, name: X }".replace(", {", "\n  - {").as_str(), good_one),
        ["`oss:X` already means `agent` @ X"]
    );
    let twins = [
        read("agent", &good("agent")),
        read(
            "agent",
            &good("agent").replace(
                "aliases:\n  - { vocabulary: beta-1, name: \"3\" }\n  - { vocabulary: beta-2, name: \"4\" }\n",
                "",
            ),
        ),
    ];
    assert_eq!(findings(&files(&twins)), ["two files have this name @ agent"]);
}

#[test]
fn a_folder_reports_the_mistakes_of_all_its_files_together() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("agent.yaml", &good("agent").replacen("exactly: 1", "exactly: 3", 1));
    write("broken.yaml", "name: [\n");
    write("half.yaml", "name: half\nsumary: x\n");
    write("notes.txt", "not a scenario");
    let Findings(found) = Catalogue::from_dir(folder.path()).unwrap_err();
    let seen: Vec<&str> = found.iter().map(|finding| finding.code.as_str()).collect();
    assert_eq!(seen, ["DEP-FILE-003", "DEP-FILE-005", "DEP-FILE-007", "DEP-SCENARIO-003"]);
    std::fs::remove_file(folder.path().join("broken.yaml")).unwrap();
    std::fs::remove_file(folder.path().join("half.yaml")).unwrap();
    write("agent.yaml", &good("agent"));
    let catalogue = Catalogue::from_dir(folder.path()).unwrap();
    assert_eq!(catalogue.iter().map(|scenario| scenario.name.as_str()).collect::<Vec<_>>(), ["agent"]);
    assert_eq!(catalogue.find("4").unwrap().name, "agent", "this catalogue has no other scenario of that name");
}

#[test]
fn a_folder_without_scenarios_is_said_to_be_one() {
    let folder = tempfile::tempdir().unwrap();
    let Findings(found) = Catalogue::from_dir(folder.path()).unwrap_err();
    assert_eq!(found[0].code, codes::FILE_UNREADABLE);
    let Findings(found) = Catalogue::from_dir(&folder.path().join("nowhere")).unwrap_err();
    assert_eq!(found[0].code, codes::FILE_UNREADABLE);
}
