//! Packed charts on web servers, and repositories with an `index.yaml`.

use std::path::PathBuf;

use base64::Engine as _;

use super::{files, helm, names, packed, pull, pulled};
use crate::support::{Reply, TestEnv, Web, digest, require};

/// Serves the files of a folder.
fn serve(folder: PathBuf) -> Web {
    Web::serve(move |asked| match std::fs::read(folder.join(asked.path.trim_start_matches('/').replace("%2B", "+"))) {
        Ok(bytes) => Reply::new(200, bytes),
        Err(_) => Reply::new(404, ""),
    })
}

#[test]
fn a_repository_gives_what_helm_takes_from_it() {
    require!("oracle");
    let env = TestEnv::new();
    for version in ["1.0.0", "1.1.0+b.1", "2.0.0-rc.1"] {
        let path = env.folder().join(format!("repo/demo-{version}.tgz"));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, packed("demo", version, "a")).unwrap();
    }
    let helm = helm();
    let call = |arguments: &[&str]| env.deploy([""; 0]).stand_in(&helm, arguments).run();
    call(&["repo", "index", "repo"]).succeeds();
    std::fs::create_dir_all(env.folder().join("helm")).unwrap();
    let web = serve(env.folder().join("repo"));
    let tables: [&[&str]; 5] =
        [&[], &["--version", "1.0.0"], &["--version", "^1"], &["--version", ">0-0"], &["--version", "9"]];
    let url = web.url();
    for arguments in tables {
        let from = [&["demo", "--repo", &url], arguments].concat();
        let ours = pull(&env, &from);
        let theirs = call(&[&["pull", "--destination", "helm"], &from[..]].concat());
        assert_eq!(ours.code, theirs.code, "{arguments:?}\n{}{}", ours.transcript(), theirs.transcript());
        assert_eq!(files(&pulled(&env)), files(&env.folder().join("helm")), "{arguments:?}");
    }
    let run = pull(&env, &["dmo", "--repo", &web.url()]).exits(1);
    assert!(run.finding().next.contains("`demo`"), "{}", run.transcript());
}

#[test]
fn an_address_is_enough() {
    let env = TestEnv::new();
    let chart = packed("demo", "1.0.0", "a");
    std::fs::create_dir_all(env.folder().join("www")).unwrap();
    std::fs::write(env.folder().join("www/demo-1.0.0.tgz"), &chart).unwrap();
    std::fs::write(env.folder().join("www/page.tgz"), "<html>sorry</html>").unwrap();
    let web = serve(env.folder().join("www"));
    let run = pull(&env, &[&format!("{}/demo-1.0.0.tgz", web.url()), "-o", "json"]).succeeds();
    assert_eq!(run.json()["content"], digest(&chart));
    assert_eq!(files(&pulled(&env)), [("demo-1.0.0.tgz".to_owned(), chart)]);
    let run = pull(&env, &[&format!("{}/other.tgz", web.url())]).exits(1);
    assert_eq!(run.finding().code, "DEP-REGISTRY-005");
    let run = pull(&env, &[&format!("{}/page.tgz", web.url())]).exits(1);
    assert_eq!(run.finding().code, "DEP-REGISTRY-007", "{}", run.transcript());
    assert_eq!(names(&pulled(&env)), ["demo-1.0.0.tgz"]);
}

#[test]
fn announced_digests_are_checked_and_cached_charts_taken() {
    let env = TestEnv::new();
    let chart = packed("demo", "1.0.0", "a");
    let good = digest(&chart).replace("sha256:", "");
    let bad = digest(b"other").replace("sha256:", "");
    let web = Web::serve(move |asked| match asked.path.as_str() {
        "/good/index.yaml" => Reply::new(200, index(&good)),
        "/bad/index.yaml" => Reply::new(200, index(&bad)),
        "/good/demo-1.0.0.tgz" | "/bad/demo-1.0.0.tgz" => Reply::new(200, chart.clone()),
        _ => Reply::new(404, ""),
    });
    let run = pull(&env, &["demo", "--repo", &format!("{}/bad", web.url())]).exits(1);
    assert_eq!(run.finding().code, "DEP-REGISTRY-008", "{}", run.transcript());
    for cached in [false, true] {
        let run = pull(&env, &["demo", "--repo", &format!("{}/good/", web.url()), "-o", "json"]).succeeds();
        assert_eq!(run.json()["cached"], cached);
    }
    let run = pull(&env, &["demo", "--repo", &web.url()]).exits(1);
    assert_eq!(run.finding().code, "DEP-REGISTRY-005", "{}", run.transcript());
    let run = pull(&env, &["demo", "--repo", "oci://127.0.0.1/charts"]).exits(1);
    assert_eq!(run.finding().code, "DEP-REGISTRY-001", "{}", run.transcript());
}

fn index(digest: &str) -> String {
    format!("apiVersion: v1\nentries:\n  demo:\n  - version: 1.0.0\n    digest: {digest}\n    urls: [demo-1.0.0.tgz]\n")
}

#[test]
fn a_password_goes_to_its_repository_only() {
    const PASSWORD: &str = "planted repository password";
    let chart = packed("demo", "1.0.0", "a");
    let elsewhere = Web::serve(move |_| Reply::new(200, chart.clone()));
    let target = format!("{}/demo-1.0.0.tgz", elsewhere.url());
    let expected = format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("ana:{PASSWORD}")));
    let repository = Web::serve(move |asked| {
        if asked.header("authorization") != expected {
            return Reply::new(401, "who are you?");
        }
        Reply::new(200, format!("entries:\n  demo:\n  - version: 1.0.0\n    urls: ['{target}']\n"))
    });
    let env = TestEnv::new();
    let run = pull(&env, &["demo", "--repo", &repository.url()]).exits(7);
    assert!(run.finding().cause.contains("401"), "{}", run.transcript());
    let arguments = ["chart", "pull", "demo", "--repo", &repository.url(), "--username", "ana", "--password-stdin"];
    env.deploy(arguments).args(["--destination", "pulled"]).input(PASSWORD).run().succeeds();
    assert_eq!(elsewhere.asked()[0].header("authorization"), "");
    assert_eq!(names(&pulled(&env)), ["demo-1.0.0.tgz"]);
}
