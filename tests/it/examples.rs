//! The examples are read by the program as a user's file would be.

use std::collections::BTreeSet;
use std::path::PathBuf;

use deploy::components;
use deploy::deployment::{Layer, ResolveOptions, Resolved, Target, resolve};
use deploy::diagnostics::{Diagnostic, SourceText};
use deploy::plan::Graph;
use deploy::scenario::{Catalogue, Component};

use crate::support::{TestEnv, repository};

fn catalogue() -> Catalogue {
    Catalogue::embedded().unwrap()
}

fn examples() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(repository().join("examples")).unwrap();
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    paths.sort();
    paths
}

/// Reads one as `deploy plan -f` does; fails with the finding as a user would see it.
fn resolved(path: &PathBuf) -> Resolved {
    let text = std::fs::read_to_string(path).unwrap();
    let name = path.file_name().unwrap().to_string_lossy();
    let tree = deploy::yaml::parse(&SourceText::new(&*name, &*text)).unwrap();
    let catalogue = catalogue();
    let options = ResolveOptions { folder: repository().join("examples"), ..ResolveOptions::default() };
    resolve(&[Layer::File(tree)], &|name| catalogue.find(name), &options).unwrap_or_else(|findings| {
        let lines: Vec<String> = findings.0.iter().map(|found: &Diagnostic| found.to_json().to_string()).collect();
        panic!("{name}:\n{}", lines.join("\n"))
    })
}

#[test]
fn all_resolve_without_warnings_and_their_units_can_be_ordered() {
    for path in examples() {
        let resolved = resolved(&path);
        assert!(resolved.warnings.is_empty(), "{}: {:?}", path.display(), resolved.warnings);
        let units = components::units(&resolved.deployment, &resolved.secrets);
        assert!(!units.is_empty(), "{}", path.display());
        Graph::new(units).unwrap_or_else(|error| panic!("{}: {}", path.display(), error.title));
    }
}

#[test]
fn every_scenario_has_one() {
    let shown: BTreeSet<String> = examples().iter().map(|path| resolved(path).deployment.scenario.name).collect();
    let all: BTreeSet<String> = catalogue().iter().map(|scenario| scenario.name.clone()).collect();
    assert_eq!(shown, all);
}

#[test]
fn each_says_what_it_needs_and_how_to_try_it() {
    for path in examples() {
        let text = std::fs::read_to_string(&path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy();
        assert!(text.starts_with("# yaml-language-server: $schema=../docs/schema/deployment.json\n"), "{name}");
        assert!(text.contains(&format!("-f examples/{name}")), "{name} does not say how to try it");
        assert!(text.contains("\n# Needs:  ") || text.contains("\n# Today:  "), "{name}");
    }
}

#[test]
fn no_example_holds_a_secret_value() {
    for path in examples() {
        for secret in resolved(&path).secrets {
            assert!(
                !matches!(secret.source, deploy::secrets::SecretSource::Inline(_)),
                "{}: {}",
                path.display(),
                secret.path
            );
        }
    }
}

#[test]
fn all_can_be_planned_and_planning_writes_nothing() {
    let mut env = TestEnv::new();
    env.set("ZENML_DATABASE_PASSWORD", "for-planning-only");
    env.set("ZENML_ENROLLMENT_KEY", "for-planning-only");
    for path in examples() {
        let run = env.deploy(["plan", "-o", "json", "-f"]).arg(&path).run().succeeds();
        assert_eq!(run.json()["apiVersion"], "deploy/v1", "{}", path.display());
    }
    assert!(!env.deploy_home().exists());
}

/// What the README promises to work today runs on this machine, server and all.
#[test]
fn local_examples_run_on_this_machine() {
    for (name, server) in
        [("local-sqlite", false), ("local-server", true), ("remote-server-local", true), ("on-prem-local", true)]
    {
        let path = repository().join(format!("examples/{name}.yaml"));
        let deployment = resolved(&path).deployment;
        assert!(matches!(deployment.target, Target::Local(_)), "{name}");
        assert_eq!(deployment.has(Component::Server), server, "{name}");
    }
}
