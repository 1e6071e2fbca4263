//! The vendor's own charts, all releases with all value sets.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::comparison::Comparison;
use super::golden;
use super::oracle::{Oracle, require_oracle};
use super::question::{Chart, Outcome, Question};
use super::{coverage, ours};
use crate::support::{Setup, require};

/// The inputs: see tests/oracle/values/zenml.yaml.
pub fn value_sets() -> Vec<Question> {
    serde_saphyr::from_str(include_str!("../../oracle/values/zenml.yaml")).unwrap()
}

/// The charts, by their folder's name. Check first: `require!("charts")`.
pub fn charts() -> Vec<(String, PathBuf)> {
    let folder = Setup::get().path("DEPLOY_TEST_CHARTS").expect("no charts");
    let mut found: Vec<(String, PathBuf)> = std::fs::read_dir(folder)
        .unwrap()
        .flatten()
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry.path()))
        .collect();
    found.sort();
    assert!(found.len() >= 14, "{} charts in {}", found.len(), folder.display());
    found
}

fn asked(set: &Question, path: &Path) -> Question {
    Question { chart: Chart::at(path), ..set.clone() }
}

fn digest(outcome: &Outcome) -> String {
    Sha256::digest(outcome.to_json().to_string()).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Set → release → digest of Helm's answer. The charts are the vendor's, so their texts are not kept here.
type Digests = BTreeMap<String, BTreeMap<String, String>>;

#[test]
fn golden_renderings_of_the_vendors_charts() {
    require!("charts");
    let kept = golden::kept_text("zenml.json", || {
        let mut oracle = Oracle::start();
        let mut digests = Digests::new();
        for (name, path) in charts() {
            for set in value_sets() {
                let outcome = set.seen(oracle.template(&asked(&set, &path)));
                digests.entry(set.name.clone()).or_default().insert(name.clone(), digest(&outcome));
            }
        }
        Some(serde_json::to_vec_pretty(&digests).unwrap())
    });
    let kept: Digests = serde_json::from_slice(&kept).unwrap();
    let mut wrong = Vec::new();
    for (name, path) in charts() {
        for set in value_sets() {
            let ours = set.seen(ours::template(&asked(&set, &path)));
            if kept.get(&set.name).and_then(|releases| releases.get(&name)) != Some(&digest(&ours)) {
                wrong.push(format!("{name} with {}", set.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{} renderings are not as Helm's were:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn vendors_charts_as_helm_renders_them() {
    require!("charts");
    require_oracle!();
    let mut oracle = Oracle::start();
    let mut comparison = Comparison::of("renderings of the vendor's charts");
    for (name, path) in charts() {
        for set in value_sets() {
            let question = asked(&set, &path);
            let helm = set.seen(oracle.template(&question));
            let ours = set.seen(ours::template(&question));
            comparison.add(|| format!("{name} with {}", set.name), &helm, &ours);
        }
    }
    comparison.finish();
}

/// Without it, equal answers would say little.
#[test]
fn value_sets_take_every_branch() {
    require!("charts");
    require_oracle!();
    let mut oracle = Oracle::start();
    for (name, path) in charts() {
        let found = coverage::of(&mut oracle, &Chart::at(&path), &value_sets());
        let missed: Vec<&String> = found.missed.iter().filter(|place| !coverage::is_out_of_reach(place)).collect();
        assert!(missed.is_empty(), "{name}: branches that no value set takes:\n{missed:#?}");
        let within = found.branches - found.missed.len();
        println!("{name}: {} of {} branches, {} out of any reach", within, found.branches, found.missed.len());
    }
}
