//! What was fetched before: kept by its digest, never trusted, and enough without a network.

use std::net::TcpListener;
use std::path::PathBuf;

use super::{files, names, packed, pull, pulled};
use crate::support::{Registry, TestEnv, digest, require};

const IMAGE_INDEX: &str = "application/vnd.oci.image.index.v1+json";

fn contents(env: &TestEnv) -> PathBuf {
    env.deploy_home().join("cache/charts/sha256")
}

/// Nobody came to this port since it was bound.
fn nobody_came(listener: &TcpListener) -> bool {
    listener.set_nonblocking(true).unwrap();
    listener.accept().is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock)
}

#[test]
fn a_pinned_chart_that_was_fetched_needs_no_connection() {
    require!("registry");
    let (env, registry) = (TestEnv::new(), Registry::plain());
    let chart = packed("demo", "1.0.0", "a");
    let pin = registry.push_chart("charts/demo", "1.0.0", &chart);
    let (port, tagged) = (registry.port(), registry.reference("charts/demo:1.0.0"));
    let pinned = registry.reference(&format!("charts/demo@{pin}"));
    pull(&env, &[&tagged, "--plain-http"]).succeeds();
    drop(registry);
    let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
    for reference in [&pinned, &format!("{tagged}@{pin}")] {
        std::fs::remove_dir_all(pulled(&env)).unwrap();
        let document = pull(&env, &[reference, "--plain-http", "-o", "json"]).succeeds().json();
        assert_eq!((&document["digest"], &document["cached"]), (&pin.as_str().into(), &true.into()));
        assert_eq!(files(&pulled(&env)).remove(0).1, chart);
    }
    pull(&env, &[&pinned, "--plain-http", "--version", "1.0.0"]).succeeds();
    assert!(nobody_came(&listener), "a connection was opened");
    // A tag may name something else by now, so it has to be asked for.
    drop(listener);
    pull(&env, &[&tagged, "--plain-http"]).exits(1);
}

#[test]
fn tag_and_digest_have_to_agree() {
    require!("registry");
    let (env, registry) = (TestEnv::new(), Registry::plain());
    let old = registry.push_chart("charts/demo", "1.0.0", &packed("demo", "1.0.0", "old"));
    let pinned = registry.reference(&format!("charts/demo:1.0.0@{old}"));
    pull(&env, &[&pinned, "--plain-http"]).succeeds();
    let new = registry.push_chart("charts/demo", "1.0.0", &packed("demo", "1.0.0", "new"));
    let fresh = TestEnv::new();
    let refused = pull(&fresh, &[&pinned, "--plain-http"]).exits(1).finding();
    assert_eq!(refused.code, "DEP-REGISTRY-008");
    assert!(refused.cause.contains(&old) && refused.cause.contains(&new), "{refused:#?}");
    assert_eq!(names(&pulled(&fresh)), Vec::<String>::new());
    // By digest alone the old one is still there.
    pull(&fresh, &[&registry.reference(&format!("charts/demo@{old}")), "--plain-http"]).succeeds();
    // A tag that was never there is no contradiction, as in Helm, but is told.
    let gone = registry.reference(&format!("charts/demo:0.1.0@{old}"));
    let run = pull(&fresh, &[&gone, "--plain-http"]).succeeds();
    assert!(run.stderr.contains("no tag 0.1.0"), "{}", run.transcript());
}

#[test]
fn a_broken_file_is_fetched_again() {
    require!("registry");
    let (env, registry) = (TestEnv::new(), Registry::plain());
    let chart = packed("demo", "1.0.0", "a");
    let pin = registry.push_chart("charts/demo", "1.0.0", &chart);
    let reference = registry.reference(&format!("charts/demo@{pin}"));
    pull(&env, &[&reference, "--plain-http"]).succeeds();
    for broken in [digest(&chart), pin.clone()] {
        let path = contents(&env).join(broken.strip_prefix("sha256:").unwrap());
        for content in [&b"half"[..], b""] {
            std::fs::write(&path, content).unwrap();
            pull(&env, &[&reference, "--plain-http"]).succeeds();
            assert_eq!(files(&pulled(&env)).remove(0).1, chart);
            assert_eq!(digest(&std::fs::read(&path).unwrap()), broken);
        }
    }
    // A folder or a link in its way does no harm either.
    let path = contents(&env).join(pin.strip_prefix("sha256:").unwrap());
    std::fs::remove_file(&path).unwrap();
    std::fs::create_dir(&path).unwrap();
    let run = pull(&env, &[&reference, "--plain-http"]).succeeds();
    assert!(run.stderr.contains("could not be kept"), "{}", run.transcript());
}

#[test]
fn runs_at_the_same_time_do_not_disturb_each_other() {
    require!("registry");
    let (env, registry) = (TestEnv::new(), Registry::plain());
    let chart = packed("demo", "1.0.0", "a");
    registry.push_chart("charts/demo", "1.0.0", &chart);
    let reference = registry.reference("charts/demo:1.0.0");
    let runs: Vec<_> = (0..8)
        .map(|number| {
            let folder = format!("out-{number}");
            env.deploy(["chart", "pull", &reference, "--plain-http", "--destination", &folder]).start()
        })
        .collect();
    for run in runs {
        run.wait().succeeds();
    }
    for number in 0..8 {
        assert_eq!(std::fs::read(env.folder().join(format!("out-{number}/demo-1.0.0.tgz"))).unwrap(), chart);
    }
    assert_eq!(names(&contents(&env)).len(), 2, "manifest and chart, nothing unfinished");
}

#[test]
fn nothing_is_written_unless_it_is_whole() {
    require!("registry");
    let (env, registry) = (TestEnv::new(), Registry::plain());
    registry.push_chart("charts/demo", "1.0.0", &packed("demo", "1.0.0", "a"));
    let reference = registry.reference("charts/demo:1.0.0");
    env.write("taken", "a file, not a folder");
    let run = env.deploy(["chart", "pull", &reference, "--plain-http", "--destination", "taken"]).run().exits(1);
    assert_eq!(run.finding().code, "DEP-FILE-012");
    // A folder where the file should be.
    std::fs::create_dir_all(pulled(&env).join("demo-1.0.0.tgz/inside")).unwrap();
    pull(&env, &[&reference, "--plain-http"]).exits(1);
    assert_eq!(std::fs::read_dir(pulled(&env)).unwrap().count(), 1);
}

#[test]
fn without_a_home_folder_nothing_is_kept() {
    require!("registry");
    let (env, registry) = (TestEnv::new(), Registry::plain());
    registry.push_chart("charts/demo", "1.0.0", &packed("demo", "1.0.0", "a"));
    let reference = registry.reference("charts/demo:1.0.0");
    let arguments = ["chart", "pull", &reference, "--plain-http", "--destination", "pulled"];
    env.deploy(arguments).without_variable("HOME").without_variable("DEPLOY_HOME").run().succeeds();
    assert_eq!(names(env.folder()), ["pulled/demo-1.0.0.tgz"]);
}

#[test]
fn a_chart_is_found_in_an_index() {
    require!("registry");
    let (env, registry) = (TestEnv::new(), Registry::plain());
    let chart = packed("demo", "1.0.0", "a");
    let image = registry.push("charts/demo", "image", "application/vnd.oci.image.config.v1+json", "x/y", b"layer");
    let pin = registry.push_chart("charts/demo", "chart", &chart);
    let entry = |digest: &str| serde_json::json!({ "mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": digest, "size": 1 });
    let index =
        serde_json::json!({ "schemaVersion": 2, "mediaType": IMAGE_INDEX, "manifests": [entry(&image), entry(&pin)] });
    registry.push_manifest("charts/demo", "1.0.0", IMAGE_INDEX, &index.to_string());
    pull(&env, &[&registry.reference("charts/demo"), "--plain-http"]).succeeds();
    assert_eq!(files(&pulled(&env)), [("demo-1.0.0.tgz".to_owned(), chart)]);
}
