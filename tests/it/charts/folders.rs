//! Our own charts in `tests/charts`, one or more for each feature, and charts that are broken.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::comparison::Comparison;
use super::golden;
use super::oracle::{self, Oracle, require_oracle};
use super::ours;
use super::question::{Outcome, Question};
use crate::support::{TestEnv, repository};

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

/// The flags of a call, the same for both commands. Values go to files in the folder.
fn flags(call: &Question, folder: &Path) -> Vec<String> {
    let mut flags = vec!["--namespace".to_owned(), call.namespace.clone()];
    for (number, text) in call.values.iter().enumerate() {
        let name = format!("values-{}.yaml", number + 1);
        std::fs::write(folder.join(&name), text).unwrap();
        flags.extend(["-f".to_owned(), name]);
    }
    let lists = [
        ("--set", &call.set),
        ("--set-string", &call.set_string),
        ("--api-versions", &call.api_versions),
        ("--show-only", &call.show_only),
    ];
    for (flag, items) in lists {
        flags.extend(items.iter().flat_map(|item| [flag.to_owned(), item.clone()]));
    }
    if !call.kube_version.is_empty() {
        flags.extend(["--kube-version".to_owned(), call.kube_version.clone()]);
    }
    let switches = [
        ("--is-upgrade", call.is_upgrade),
        ("--include-crds", call.include_crds),
        ("--no-hooks", call.no_hooks),
        ("--skip-tests", call.skip_tests),
        ("--skip-schema-validation", call.skip_schema),
    ];
    flags.extend(switches.iter().filter(|(_, on)| *on).map(|(flag, _)| (*flag).to_owned()));
    flags
}

/// What the real `helm template` says.
fn real_command(call: &Question) -> Outcome {
    let folder = tempfile::tempdir().unwrap();
    let mut command = std::process::Command::new(oracle::folder().unwrap().join("helm"));
    command.arg("template").arg(&call.release).arg(call.chart.path.as_ref().unwrap()).args(flags(call, folder.path()));
    command.env_clear().env("HOME", folder.path()).env("TZ", "UTC").current_dir(folder.path());
    let output = command.output().unwrap();
    if output.status.success() {
        return Outcome::Text(output.stdout);
    }
    let talk = String::from_utf8_lossy(&output.stderr).into_owned();
    let at = talk.find("Error: ").unwrap_or_else(|| panic!("{talk}"));
    let error = talk[at + "Error: ".len()..].strip_suffix('\n').unwrap_or_default();
    Outcome::read(&serde_json::json!({ "error": error }), "")
}

/// The first calls of each chart: the commands take a while.
fn some_calls() -> Vec<Question> {
    let mut seen: BTreeMap<Option<PathBuf>, usize> = BTreeMap::new();
    let calls = calls().into_iter().filter(|call| call.cluster.is_empty());
    calls
        .filter(|call| {
            let count = seen.entry(call.chart.path.clone()).or_default();
            *count += 1;
            *count <= 4
        })
        .map(Question::with_defaults)
        .collect()
}

/// The oracle does in process what the real command does: where the two differ, nothing else here counts.
#[test]
fn oracle_answers_as_the_real_command() {
    require_oracle!();
    let mut oracle = Oracle::start();
    let mut comparison = Comparison::of("answers of the oracle");
    for call in some_calls() {
        comparison.add(|| title(&call), &real_command(&call), &oracle.template(&call));
    }
    comparison.finish();
}

/// One command for the other, in a pipeline: the same bytes on stdout, and both fail or neither.
#[test]
fn our_command_prints_what_the_real_one_prints() {
    require_oracle!();
    let mut comparison = Comparison::of("outputs of the commands");
    for call in some_calls() {
        let env = TestEnv::new();
        let chart = call.chart.path.as_ref().unwrap().display().to_string();
        let run =
            env.deploy(["chart", "render", &chart, "--name", &call.release]).args(flags(&call, env.folder())).run();
        let ours = if run.code == Some(0) { Outcome::text(run.stdout.clone()) } else { Outcome::error("failed") };
        let helm = match real_command(&call) {
            Outcome::Error(_) => Outcome::error("failed"),
            other => other,
        };
        comparison.add(|| title(&call), &helm, &ours);
    }
    comparison.finish();
}
