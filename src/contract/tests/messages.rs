//! What people read.

use super::*;
use crate::contract::explain_contract;
use crate::diagnostics::{Severity, codes, draw};
use proptest::prelude::*;

fn drawn(case: &Case) -> String {
    case.check().iter().map(|diagnostic| draw::draw(diagnostic, 110)).collect()
}

#[test]
fn a_violation_is_answered_like_a_compiler_answers() {
    let case = Case::new("on-prem", "controlPlane:\n  url: https://cloudapi.zenml.io\n", &[]);
    let [violation] = &case.check()[..] else { panic!("one key, one violation") };
    assert_eq!(violation.code, codes::CONTRACT_STORED_ELSEWHERE);
    assert_eq!(violation.severity, Severity::Error);
    assert_eq!(
        violation.title,
        "`on-prem` keeps user accounts and audit log on the customer's side; `controlPlane.url` puts them on the vendor's"
    );
    assert_eq!(violation.cause.as_deref(), Some("`controlPlane.url` names cloudapi.zenml.io, a host of the vendor"));
    assert_eq!(violation.notes[0], "`on-prem` promises: user accounts, audit log: stored on the customer's side only");
    let others = "the same key also breaks DEP-CONTRACT-002, DEP-CONTRACT-003, DEP-CONTRACT-004, DEP-CONTRACT-005";
    assert_eq!(violation.notes.last().map(String::as_str), Some(others));
    assert_eq!(
        violation.next,
        [
            "name one of your own, or leave `controlPlane.url` out",
            "or choose a scenario that allows it: `hybrid-workspace` (`deploy scenario diff on-prem NAME`)",
        ]
    );
    let drawing = drawn(&case);
    assert!(drawing.contains("deployment.yaml:4:8"), "{drawing}");
    assert!(drawing.contains("url: https://cloudapi.zenml.io"), "{drawing}");
}

#[test]
fn a_missing_key_is_marked_where_it_is_missing() {
    let case = Case::new(
        "remote-server",
        "database:\n  mysql:\n    url: mysql://db.acme.example/zenml\n    password: prompt\n",
        &[],
    );
    let drawing = drawn(&case);
    assert!(drawing.contains("deployment.yaml:5:5"), "{drawing}");
    assert!(drawing.contains("`database.mysql.tls` is missing here"), "{drawing}");
}

#[test]
fn a_layer_that_is_no_file_is_named() {
    let found = Case::new("on-prem", "", &["server.analytics=true"]).check();
    assert_eq!(found[0].place.as_deref(), Some("--set server.analytics"));
    assert_eq!(found[0].next[0], "write `server.analytics: false`, or leave it out");
    let found = Case::new("local-server", "cloud: { aws: { region: eu-central-1 } }\n", &[]).check();
    assert_eq!(found[0].labels[0].text, "set here");
}

#[test]
fn each_key_is_refused_once_and_the_most_telling_first() {
    let more = "server: { analytics: true, auth: none, listen: 0.0.0.0 }\nartifactStore: { s3: { bucket: 'arn:aws:s3:::715803424590:x' } }\n";
    let found = Case::new("on-prem", more, &[]).check();
    let codes: Vec<&str> = found.iter().map(|diagnostic| diagnostic.code.as_str()).collect();
    assert_eq!(codes, ["DEP-CONTRACT-001", "DEP-CONTRACT-006", "DEP-CONTRACT-006", "DEP-CONTRACT-008"]);
}

#[test]
fn no_password_is_shown_with_the_key_that_holds_it() {
    let cases = [
        ("server:\n  environment:\n    ZENML_STORE_URL: mysql://root:hunter2@db.zenml.io/zenml\n", vec![]),
        ("server: { listen: 0.0.0.0, environment: { ZENML_SECRETS_STORE_VAULT_TOKEN: hunter2 } }\n", vec![]),
        ("", vec!["server.environment.ZENML_STORE_URL=mysql://root:hunter2@db.zenml.io/zenml"]),
    ];
    for (more, assignments) in cases {
        let case = Case::new("remote-server", more, &assignments);
        let found = case.check();
        assert!(!found.is_empty(), "{more} {assignments:?}");
        let json: String = found.iter().map(|diagnostic| diagnostic.to_json().to_string()).collect();
        assert!(!drawn(&case).contains("hunter2") && !json.contains("hunter2"), "{}", drawn(&case));
    }
}

#[test]
fn promises_are_listed_with_their_codes_and_said_once() {
    let promises = explain_contract(scenario("private-secret-store"));
    let lines: Vec<String> = promises.iter().map(|promise| format!("{} {}", promise.code, promise.text)).collect();
    assert_eq!(lines[0], "DEP-CONTRACT-001 metadata, user accounts, audit log: stored on the vendor's side only");
    let secrets =
        "DEP-CONTRACT-002 experiments, images, code, secrets: read where they are stored by customer's clients only";
    assert!(lines.iter().any(|line| line == secrets), "{lines:#?}");
    for scenario in CATALOGUE.iter() {
        let promises = explain_contract(scenario);
        assert!(promises.len() < 25, "{} promises in {} lines", scenario.name, promises.len());
        assert!(promises.iter().all(|promise| !promise.text.is_empty() && !promise.text.ends_with(": ")));
        assert!(promises.iter().all(|promise| codes::explain(promise.code.as_str()).is_some()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever stands in a variable, it is judged or left alone.
    #[test]
    fn no_value_is_too_strange(index in 0usize..12, name in 0usize..6, value in "\\PC{0,40}") {
        let names = [
            "ZENML_STORE_URL", "ZENML_SECRETS_STORE_AUTH_CONFIG", "ZENML_SECRETS_STORE_TYPE",
            "ZENML_SERVER_PRO_API_URL", "HTTPS_PROXY", "ZENML_SERVER_SERVER_URL",
        ];
        let scenario = CATALOGUE.iter().nth(index).unwrap().name.as_str();
        let json = serde_json::to_string(&value).unwrap();
        let assignment = format!("server.environment.{}={json}", names[name]);
        if let Ok(case) = Case::try_new(scenario, "", &[&assignment]) {
            for diagnostic in case.check() {
                prop_assert!(!diagnostic.next.is_empty() && diagnostic.cause.is_some());
            }
        }
    }
}
