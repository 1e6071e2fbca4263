//! `deploy render` with the vendor's own chart.

use std::path::Path;

use crate::support::{Run, Setup, TestEnv, require};

fn rendered(env: &TestEnv, chart: &Path, more: &[&str]) -> Run {
    let source = format!("chart.source={}", chart.display());
    let mut arguments = vec!["render", "-f", "examples/on-prem-kubernetes.yaml", "--set", &source];
    arguments.extend(more);
    env.deploy(arguments).in_folder(&crate::support::repository()).run()
}

fn chart() -> std::path::PathBuf {
    Setup::get().path("DEPLOY_TEST_CHARTS").expect("no charts").join("zenml-0.73.0")
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        std::fs::read_dir(folder).unwrap().flatten().map(|e| e.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn a_deployment_becomes_values_and_one_file_for_each_object_of_its_chart() {
    require!("charts");
    let env = TestEnv::new();
    let folders = ["first", "second"].map(|name| env.folder().join(name));
    for folder in &folders {
        let folder = folder.display().to_string();
        rendered(&env, &chart(), &["--set", "chart.version=0.73.0", "-o", &folder]).succeeds();
    }
    let objects = [
        "01-hook-serviceaccount-zenml-db-migration.yaml",
        "02-hook-secret-zenml-db-migration.yaml",
        "03-hook-pod-zenml-test-connection.yaml",
        "04-hook-job-zenml-db-migration.yaml",
        "05-serviceaccount-zenml.yaml",
        "06-secret-zenml.yaml",
        "07-service-zenml.yaml",
        "08-deployment-zenml.yaml",
        "09-ingress-zenml.yaml",
    ];
    assert_eq!(names(&folders[0].join("manifests")), objects);
    for name in objects {
        let [first, second] =
            folders.each_ref().map(|folder| std::fs::read(folder.join("manifests").join(name)).unwrap());
        assert!(first == second, "{name} differs from rendering to rendering");
    }
    let ingress = std::fs::read_to_string(folders[0].join("manifests/09-ingress-zenml.yaml")).unwrap();
    assert!(ingress.starts_with("# Source: zenml/templates/server-ingress.yaml\n"), "{ingress}");
    assert!(ingress.contains("zenml.corp.example"), "{ingress}");
    let values = std::fs::read_to_string(folders[0].join("values/zenml.yaml")).unwrap();
    assert!(values.contains("(secret jwt-key)"), "a secret is a name here: {values}");
}

#[test]
fn values_are_not_given_to_a_chart_that_reads_other_names() {
    require!("charts");
    let env = TestEnv::new();
    let run = rendered(&env, &chart(), &[]).exits(1);
    assert!(run.stderr.contains("error[DEP-CHART-011]: this is chart 0.73.0, not 0.98.0"), "{}", run.transcript());
    assert!(run.stderr.contains("set `chart.version: 0.73.0`"), "{}", run.transcript());
    let run = rendered(&env, Path::new("/nonexistent/chart"), &[]).exits(1);
    assert!(run.stderr.contains("error[DEP-CHART-001]"), "{}", run.transcript());
}
