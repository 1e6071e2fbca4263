//! The real Helm pushes, and both pull: the same bytes, digests and choices of versions.

use super::{files, helm, names, packed, pull, pulled};
use crate::support::{Registry, Run, TestEnv, require};

const VERSIONS: [&str; 5] = ["1.0.0", "1.1.0", "1.1.1+build.5", "0.9.9", "2.0.0-rc.1"];

/// A call of Helm in the same world.
fn call_helm(env: &TestEnv, arguments: &[&str]) -> Run {
    let helm = helm();
    env.deploy([""; 0]).stand_in(&helm, arguments).run()
}

/// `helm pull` into the folder `helm`.
fn helm_pull(env: &TestEnv, arguments: &[&str]) -> Run {
    let all = [&["pull", "--plain-http", "--destination", "helm"], arguments].concat();
    std::fs::create_dir_all(env.folder().join("helm")).unwrap();
    call_helm(env, &all)
}

fn pushed(env: &TestEnv, registry: &Registry) {
    call_helm(env, &["create", "demo"]).succeeds();
    for version in VERSIONS {
        call_helm(env, &["package", "demo", "--version", version]).succeeds();
        call_helm(env, &["push", "--plain-http", &format!("demo-{version}.tgz"), &registry.reference("charts")])
            .succeeds();
    }
}

/// `Pulled:` and `Digest:`, wherever they were printed.
fn head(run: &Run) -> Vec<String> {
    let lines = run.stdout.lines().chain(run.stderr.lines());
    lines.filter(|line| line.starts_with("Pulled: ") || line.starts_with("Digest: ")).map(str::to_owned).collect()
}

#[test]
fn the_same_reference_is_the_same_chart() {
    require!("registry", "oracle");
    let (env, registry) = (TestEnv::new(), Registry::plain());
    pushed(&env, &registry);
    let chart = registry.reference("charts/demo");
    let tables: [&[&str]; 12] = [
        &[],
        &["--version", "1.0.0"],
        &["--version", "^1"],
        &["--version", "~1.0"],
        &["--version", "< 1.0.0"],
        &["--version", ">0-0"],
        &["--version", "1.x"],
        &["--version", "1.1.1+build.5"],
        &["--version", " 1.1.0 "],
        &["--version", "1.0.0 - 1.1.0"],
        &["--version", ">= 0.9 < 1.1 || 7"],
        &["--version", "2.0.0-rc.1"],
    ];
    for arguments in tables {
        let ours = pull(&env, &[&[chart.as_str(), "--plain-http"], arguments].concat());
        let theirs = helm_pull(&env, &[&[chart.as_str()], arguments].concat());
        // Helm takes a version with spaces for a constraint, which only costs it a request more.
        assert_eq!(ours.code, theirs.code, "{arguments:?}\n{}{}", ours.transcript(), theirs.transcript());
        assert_eq!(head(&ours), head(&theirs), "{arguments:?}");
        assert_eq!(files(&pulled(&env)), files(&env.folder().join("helm")), "{arguments:?}");
        std::fs::remove_dir_all(pulled(&env)).unwrap();
        std::fs::remove_dir_all(env.folder().join("helm")).unwrap();
    }
}

#[test]
fn what_helm_does_not_find_is_not_found() {
    require!("registry", "oracle");
    let (env, registry) = (TestEnv::new(), Registry::plain());
    pushed(&env, &registry);
    let demo = registry.reference("charts/demo");
    let tables: [&[&str]; 6] = [
        &[&demo, "--version", "9"],
        &[&demo, "--version", "1.0"],
        &[&demo, "--version", "v1.0.0"],
        &[&demo, "--version", "> 5"],
        &[&registry.reference("charts/demo:1.0.0"), "--version", "1.1.0"],
        &[&registry.reference("charts/other")],
    ];
    for arguments in tables {
        helm_pull(&env, arguments).exits(1);
        pull(&env, &[&["--plain-http"], arguments].concat()).exits(1);
        assert_eq!(names(&pulled(&env)), Vec::<String>::new(), "{arguments:?}");
    }
}

#[test]
fn an_unpacked_chart_is_the_one_that_helm_unpacks() {
    require!("registry", "oracle");
    let (env, registry) = (TestEnv::new(), Registry::plain());
    pushed(&env, &registry);
    let chart = registry.reference("charts/demo:1.1.0");
    pull(&env, &[&chart, "--plain-http", "--untar"]).succeeds();
    helm_pull(&env, &[&chart, "--untar"]).succeeds();
    // Helm leaves an empty folder beside it, named by the reference.
    assert_eq!(files(&pulled(&env)), files(&env.folder().join("helm")));
    assert!(names(&pulled(&env)).contains(&"demo/templates/tests/test-connection.yaml".to_owned()));
    let again = pull(&env, &[&chart, "--plain-http", "--untar"]).exits(1);
    assert_eq!(again.finding().code, "DEP-FILE-011");
}

#[test]
fn provenance_beside_a_chart_does_not_matter() {
    require!("registry", "oracle");
    let (env, registry) = (TestEnv::new(), Registry::plain());
    let chart = packed("signed", "1.0.0", "a");
    std::fs::write(env.folder().join("signed-1.0.0.tgz"), &chart).unwrap();
    env.write("signed-1.0.0.tgz.prov", "no real signature\n");
    call_helm(&env, &["push", "--plain-http", "signed-1.0.0.tgz", &registry.reference("charts")]).succeeds();
    pull(&env, &[&registry.reference("charts/signed"), "--plain-http"]).succeeds();
    assert_eq!(files(&pulled(&env)), [("signed-1.0.0.tgz".to_owned(), chart)]);
}
