//! Records that the real Helm wrote and reads.

use super::record::{Info, RecordedHook, Release};
use super::storage;
use crate::chart::load;
use crate::chart::values::Warnings;
use crate::template::{Dict, Value};

/// Written by Helm 4.3.1's storage driver, packed as in a Secret.
const OF_HELM: &str = include_str!("tests/helm.record");
/// The same release, as Helm's encoder writes it.
const JSON_OF_HELM: &str = include_str!("tests/helm.json");

#[test]
fn a_record_of_helm_is_read_and_written_back_as_it_was() {
    let release = storage::decode(OF_HELM).unwrap();
    assert_eq!(release.name, "demo");
    assert_eq!(release.version, 3);
    assert_eq!(release.hooks[0].hook.weight, -5);
    assert_eq!(release.to_json(), JSON_OF_HELM.trim_end());
}

#[test]
fn a_record_of_ours_comes_back() {
    let files = vec![
        crate::chart::File::new("Chart.yaml", "apiVersion: v2\nname: demo\nversion: 1.0.0\n"),
        crate::chart::File::new("values.yaml", "a: 1\n"),
        crate::chart::File::new("templates/t.yaml", "kind: ConfigMap\n"),
    ];
    let config = Dict::new();
    config.insert("html", Value::string("<a & b>"));
    let release = Release {
        name: "demo".to_owned(),
        namespace: "default".to_owned(),
        version: 1,
        info: Info { status: "deployed".to_owned(), notes: "hi\n".into(), ..Info::default() },
        chart: Some(load::files(files, &mut Warnings::default()).unwrap()),
        config,
        manifest: "---\n# Source: demo/templates/t.yaml\nkind: ConfigMap\n".into(),
        hooks: Vec::<RecordedHook>::new(),
        apply_method: "ssa".to_owned(),
        labels: [("team".to_owned(), "a".to_owned())].into(),
    };
    for object in [
        storage::to_secret(&release, ("createdAt", 1)).unwrap(),
        storage::to_config_map(&release, ("createdAt", 1)).unwrap(),
    ] {
        assert_eq!(object["metadata"]["name"], "sh.helm.release.v1.demo.v1");
        let read = storage::from_object(&object).unwrap();
        assert_eq!(read.to_json(), release.to_json());
        assert_eq!(read.labels, release.labels);
    }
}

#[test]
fn damaged_records_are_refused() {
    for text in ["", "!", "aGVsbG8=", "H4sIAAAAAAAA"] {
        assert!(storage::decode(text).is_err(), "{text}");
    }
}
