//! Records of releases: what Helm keeps we read and write back, and what we keep Helm reads.

use deploy::chart::release::{Release, storage};
use serde_json::{Value, json};

use super::oracle::{Oracle, require_oracle};
use crate::support::repository;

const CHARTS: [&str; 4] = ["hooks", "subcharts", "schema", "version-1"];

/// The Secret that Helm makes of a release of one of our charts, and the record in it.
fn record_of_helm(oracle: &mut Oracle, chart: &str) -> (Value, String) {
    let answer = oracle.ask(&json!({
        "operation": "record",
        "chart": { "path": repository().join("tests/charts").join(chart) },
        "name": "demo",
        "namespace": "default",
        "revision": 3,
        "status": "superseded",
        "labels": { "team": "a" },
        "description": "Upgrade \"complete\" <1>",
    }));
    let record = answer["release"].as_str().unwrap_or_else(|| panic!("{chart}: {answer}")).to_owned();
    (answer["secret"].clone(), record)
}

fn kept(object: &Value) -> Release {
    let mut object = object.clone();
    object["kind"] = "Secret".into();
    storage::from_object(&object).unwrap()
}

#[test]
fn what_helm_keeps_is_read_and_written_back_as_it_was() {
    require_oracle!();
    let mut oracle = Oracle::start();
    for chart in CHARTS {
        let (secret, record) = record_of_helm(&mut oracle, chart);
        let release = kept(&secret);
        assert_eq!(release.to_json(), record, "{chart}");
        assert_eq!(release.labels, [("team".to_owned(), "a".to_owned())].into(), "{chart}");
        let created = secret["metadata"]["labels"]["createdAt"].as_str().unwrap().parse().unwrap();
        let ours = storage::to_secret(&release, ("createdAt", created)).unwrap();
        // What the API server writes beside it is not Helm's.
        for field in ["name", "namespace", "labels"] {
            assert_eq!(ours["metadata"][field], secret["metadata"][field], "{chart}");
        }
        assert_eq!(ours["type"], secret["type"], "{chart}");
    }
}

#[test]
fn what_we_keep_helm_reads() {
    require_oracle!();
    let mut oracle = Oracle::start();
    for chart in CHARTS {
        let (secret, record) = record_of_helm(&mut oracle, chart);
        let ours = storage::to_secret(&kept(&secret), ("createdAt", 1)).unwrap();
        let answer = oracle.ask(&json!({ "operation": "read", "secret": ours }));
        assert_eq!(answer["release"].as_str(), Some(record.as_str()), "{chart}: {answer}");
        assert_eq!(answer["labels"], json!({ "team": "a" }), "{chart}");
    }
}
