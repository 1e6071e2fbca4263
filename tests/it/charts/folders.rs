//! Our own charts in `tests/charts`, one or more for each feature, and charts that are broken.

use std::collections::BTreeSet;

use super::comparison::Comparison;
use super::golden;
use super::oracle::{self, Oracle, require_oracle};
use super::ours;
use super::question::{Outcome, Question};
use crate::support::repository;

/// The calls of our charts.
fn calls() -> Vec<Question> {
    let mut calls: Vec<Question> = serde_saphyr::from_str(include_str!("../../oracle/values/charts.yaml")).unwrap();
    for call in &mut calls {
        call.chart.path = call.chart.path.take().map(|path| repository().join(path));
    }
    calls
}

/// Charts that are broken, each in its own way, or that are odd.
fn broken() -> Vec<Question> {
    serde_saphyr::from_str(include_str!("../../oracle/values/broken.yaml")).unwrap()
}

/// The chart's folder and the case.
fn title(call: &Question) -> String {
    let chart = call.chart.path.as_deref().and_then(|path| path.file_name()).map(|name| name.to_string_lossy());
    format!("{}/{}", chart.unwrap_or("broken".into()), call.name)
}

/// As a terminal would show it.
fn printed(outcome: &Outcome) -> Vec<u8> {
    match outcome {
        Outcome::Text(text) => text.clone(),
        Outcome::Error(text) => [b"Error: ", &text[..], b"\n"].concat(),
        Outcome::Crash(cause) => format!("Crash: {cause}\n").into_bytes(),
    }
}

#[test]
fn golden_renderings_of_our_charts() {
    let mut helm = golden::is_refreshed().then(Oracle::start);
    let mut wrong = Vec::new();
    for call in calls().iter().chain(&broken()) {
        let file = format!("{}.txt", title(call));
        let kept = golden::kept_text(&file, || Some(printed(&call.seen(helm.as_mut()?.template(call)))));
        let ours = call.seen(ours::template(call));
        if kept != printed(&ours) {
            wrong.push(format!("{file}:\n{}", ours.show()));
        }
    }
    assert!(wrong.is_empty(), "{} renderings are not as Helm's were:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn our_charts_as_helm_renders_them() {
    require_oracle!();
    let mut oracle = Oracle::start();
    let mut comparison = Comparison::of("renderings of our charts");
    for call in calls().iter().chain(&broken()) {
        let (helm, ours) = (call.seen(oracle.template(call)), call.seen(ours::template(call)));
        comparison.add(|| title(call), &helm, &ours);
    }
    comparison.finish();
}

/// The oracle does in process what the real command does: where the two differ, nothing else here counts.
#[test]
fn oracle_answers_as_the_real_command() {
    require_oracle!();
    let helm = oracle::folder().unwrap().join("helm");
    let mut oracle = Oracle::start();
    let mut comparison = Comparison::of("answers of the oracle");
    let mut seen = BTreeSet::new();
    for call in calls().iter().filter(|call| call.cluster.is_empty()) {
        // The first calls of each chart are enough: the command takes a while.
        let chart = call.chart.path.clone().unwrap();
        if !seen.insert((chart.clone(), seen.iter().filter(|(known, _)| *known == chart).count().min(3))) {
            continue;
        }
        let call = call.clone().with_defaults();
        let folder = tempfile::tempdir().unwrap();
        let mut command = std::process::Command::new(&helm);
        command.arg("template").arg(&call.release).arg(&chart).args(["--namespace", &call.namespace]);
        command.env_clear().env("HOME", folder.path()).env("TZ", "UTC").current_dir(folder.path());
        for (number, text) in call.values.iter().enumerate() {
            let name = format!("values-{}.yaml", number + 1);
            std::fs::write(folder.path().join(&name), text).unwrap();
            command.args(["-f", &name]);
        }
        let lists = [
            ("--set", &call.set),
            ("--set-string", &call.set_string),
            ("--api-versions", &call.api_versions),
            ("--show-only", &call.show_only),
        ];
        for (flag, items) in lists {
            command.args(items.iter().flat_map(|item| [flag, item.as_str()]));
        }
        if !call.kube_version.is_empty() {
            command.args(["--kube-version", &call.kube_version]);
        }
        let switches = [
            ("--is-upgrade", call.is_upgrade),
            ("--include-crds", call.include_crds),
            ("--no-hooks", call.no_hooks),
            ("--skip-tests", call.skip_tests),
            ("--skip-schema-validation", call.skip_schema),
        ];
        command.args(switches.iter().filter(|(_, on)| *on).map(|(flag, _)| *flag));
        let output = command.output().unwrap();
        let real = if output.status.success() {
            Outcome::Text(output.stdout)
        } else {
            let talk = String::from_utf8_lossy(&output.stderr).into_owned();
            let at = talk.find("Error: ").unwrap_or_else(|| panic!("{talk}"));
            let error = talk[at + "Error: ".len()..].strip_suffix('\n').unwrap_or_default();
            Outcome::read(&serde_json::json!({ "error": error }), "")
        };
        let answer = oracle.template(&call);
        comparison.add(|| title(&call), &real, &answer);
    }
    comparison.finish();
}
