//! Hosts that are not there, fall silent, or say what no registry says: one cause, the right one, and nothing written.

use std::time::{Duration, Instant};

use serde_json::json;

use super::{names, packed, pull, pulled};
use crate::support::{Expected, Registry, Reply, Stub, TestEnv, Web, digest, free_port, require};

const CONFIG: &str = "application/vnd.cncf.helm.config.v1+json";
const CHART: &str = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";

fn manifest(content: &str, size: usize) -> String {
    json!({
        "schemaVersion": 2,
        "config": { "mediaType": CONFIG, "digest": content, "size": 2 },
        "layers": [{ "mediaType": CHART, "digest": content, "size": size }],
    })
    .to_string()
}

fn reference(web: &Web) -> String {
    format!("oci://{}/charts/demo:1.0.0", web.address())
}

#[test]
fn hosts_that_are_not_there() {
    let env = TestEnv::new();
    let port = free_port();
    let nobody = format!("oci://127.0.0.1:{port}/charts/demo:1.0.0");
    for arguments in [&[nobody.as_str()][..], &[&nobody, "--plain-http"]] {
        pull(&env, arguments).exits(1).tells(&Expected {
            code: "DEP-REGISTRY-002",
            place: &format!("127.0.0.1:{port}"),
            cause: "Connection refused",
            next: "check host and port",
        });
    }
    pull(&env, &["oci://no-such-host.invalid/charts/demo:1.0.0"]).exits(1).tells(&Expected {
        code: "DEP-REGISTRY-002",
        place: "no-such-host.invalid",
        cause: "no-such-host.invalid is not known",
        next: "check the name",
    });
    let plain = Web::serve(|_| Reply::new(200, ""));
    pull(&env, &[&reference(&plain)]).exits(1).tells(&Expected {
        code: "DEP-REGISTRY-002",
        place: &plain.address(),
        cause: "ends the connection when TLS begins",
        next: "--plain-http",
    });
    assert_eq!(names(&pulled(&env)), Vec::<String>::new());
}

#[test]
fn silence_ends_with_the_name_of_the_host() {
    let silent = Stub::silent();
    let address = silent.url().replace("http://", "");
    let env = TestEnv::new();
    let dripping =
        Web::serve(|_| Reply { pause: Some(Duration::from_millis(20)), ..Reply::new(200, vec![b' '; 4000]) });
    for address in [address, dripping.address()] {
        let began = Instant::now();
        let reference = format!("oci://{address}/charts/demo:1.0.0");
        let run = pull(&env, &[&reference, "--plain-http", "--pull-timeout", "1s"]).exits(9);
        assert_eq!(run.finding().code, "DEP-REGISTRY-012");
        assert!(run.finding().place.contains(&address), "{}", run.transcript());
        assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    }
}

#[test]
fn only_what_may_help_is_tried_again() {
    let env = TestEnv::new();
    for (status, times) in [(503, 3), (429, 3), (502, 3), (500, 1), (404, 2), (400, 1), (403, 1)] {
        let web = Web::serve(move |_| Reply::new(status, "no"));
        pull(&env, &[&reference(&web), "--plain-http"]);
        // Not found asks for the tags as well.
        assert_eq!(web.asked().len(), times, "{status}");
    }
    let stub = Stub::hanging_up();
    let address = stub.url().replace("http://", "");
    let run = pull(&env, &[&format!("oci://{address}/charts/demo:1.0.0"), "--plain-http"]).exits(1);
    assert_eq!(stub.requests().len(), 3, "{}", run.transcript());
    // A longer pause than anybody waits for without being asked.
    let web = Web::serve(|_| Reply::new(429, "slow down").header("Retry-After", "3600"));
    let run = pull(&env, &[&reference(&web), "--plain-http"]).exits(1);
    assert_eq!(web.asked().len(), 1);
    assert!(run.finding().cause.contains("429 Too Many Requests: slow down"), "{}", run.transcript());
}

#[test]
fn a_connection_that_breaks_once_does_not_matter() {
    let chart = packed("demo", "1.0.0", "a");
    let (content, length) = (digest(&chart), chart.len());
    let broken = std::sync::atomic::AtomicBool::new(false);
    let web = Web::serve(move |asked| {
        if !asked.path.contains("/blobs/") {
            return Reply::new(200, manifest(&content, length));
        }
        if broken.swap(true, std::sync::atomic::Ordering::Relaxed) {
            return Reply::new(200, chart.clone());
        }
        Reply { claimed_length: Some(length), ..Reply::new(200, &chart[..20]) }
    });
    let env = TestEnv::new();
    pull(&env, &[&reference(&web), "--plain-http"]).succeeds();
}

#[test]
fn what_comes_is_compared_with_what_was_announced() {
    let chart = packed("demo", "1.0.0", "a");
    let (content, length) = (digest(&chart), chart.len());
    let env = TestEnv::new();
    let mut other = chart.clone();
    other[30] ^= 1;
    let sent = digest(&other);
    let announced = content.clone();
    let web = Web::serve(move |asked| {
        let is_blob = asked.path.contains("/blobs/");
        Reply::new(200, if is_blob { other.clone() } else { manifest(&announced, length).into_bytes() })
    });
    let finding = pull(&env, &[&reference(&web), "--plain-http"]).exits(1).finding();
    assert_eq!(finding.code, "DEP-REGISTRY-008");
    assert!(finding.cause.contains(&content) && finding.cause.contains(&sent), "{finding:#?}");
    // Another manifest than the one that was pinned.
    let text = manifest(&content, length);
    let (pin, came) = (digest(b"pinned"), digest(text.as_bytes()));
    let web = Web::serve(move |_| Reply::new(200, text.clone()));
    let pinned = format!("oci://{}/charts/demo@{pin}", web.address());
    let finding = pull(&env, &[&pinned, "--plain-http"]).exits(1).finding();
    assert_eq!(finding.code, "DEP-REGISTRY-008");
    assert!(finding.cause.contains(&pin) && finding.cause.contains(&came), "{finding:#?}");
    assert_eq!(names(&pulled(&env)), Vec::<String>::new());
}

#[test]
fn too_much_is_refused_before_it_is_loaded() {
    let env = TestEnv::new();
    let huge = 200 * 1024 * 1024;
    let cases = [
        // A manifest that says so, a blob that is larger than its manifest said, a manifest without an end.
        (manifest(&digest(b"x"), huge), Vec::new(), None),
        (manifest(&digest(b"x"), 10), vec![0; 100], None),
        (String::new(), Vec::new(), Some(huge)),
    ];
    for (manifest, blob, claimed_length) in cases {
        let web = Web::serve(move |asked| {
            let body = if asked.path.contains("/blobs/") { blob.clone() } else { manifest.clone().into_bytes() };
            Reply { claimed_length, ..Reply::new(200, body) }
        });
        let run = pull(&env, &[&reference(&web), "--plain-http"]).exits(1);
        assert_eq!(run.finding().code, "DEP-REGISTRY-009", "{}", run.transcript());
    }
}

#[test]
fn what_is_no_registry_is_seen() {
    let env = TestEnv::new();
    for body in ["<html>hello</html>", "", "{}", "null", r#"{"schemaVersion":2,"layers":3}"#] {
        let web = Web::serve(move |_| Reply::new(200, body));
        let run = pull(&env, &[&reference(&web), "--plain-http"]).exits(1);
        assert_eq!(run.finding().code, "DEP-REGISTRY-010", "{}", run.transcript());
        let tags = format!("oci://{}/charts/demo", web.address());
        pull(&env, &[&tags, "--plain-http"]).exits(1);
    }
    // A list of tags that leads round and round, and one that leads to another host.
    let round = Web::serve(|_| {
        Reply::new(200, r#"{"tags":["x"]}"#).header("Link", "</v2/charts/demo/tags/list?n=1>; rel=\"next\"")
    });
    let tags = format!("oci://{}/charts/demo", round.address());
    let run = pull(&env, &[&tags, "--plain-http"]).exits(1);
    assert_eq!(run.finding().code, "DEP-REGISTRY-006", "{}", run.transcript());
    let away = Web::serve(|_| {
        Reply::new(200, r#"{"tags":["x"]}"#).header("Link", "<http://elsewhere.invalid/>; rel=\"next\"")
    });
    pull(&env, &[&format!("oci://{}/charts/demo", away.address()), "--plain-http"]).exits(1);
}

#[test]
fn what_is_no_chart_is_named() {
    require!("registry");
    let (env, registry) = (TestEnv::new(), Registry::plain());
    registry.push("images/demo", "1.0.0", "application/vnd.oci.image.config.v1+json", "x/y", b"layer");
    registry.push("images/other", "1.0.0", "application/vnd.example.thing", "x/y", b"layer");
    registry.push("images/empty", "1.0.0", CONFIG, "x/y", b"layer");
    registry.push_chart("charts/text", "1.0.0", b"no archive");
    for (path, cause) in [
        ("images/demo", "a container image"),
        ("images/other", "application/vnd.example.thing"),
        ("images/empty", "without a chart"),
        ("charts/text", "gzipped archive"),
    ] {
        let run = pull(&env, &[&registry.reference(path), "--plain-http"]).exits(1);
        assert_eq!(run.finding().code, "DEP-REGISTRY-007", "{}", run.transcript());
        assert!(run.finding().cause.contains(cause), "{}", run.transcript());
    }
    assert_eq!(names(&pulled(&env)), Vec::<String>::new());
}

#[test]
fn tags_that_are_near_are_suggested() {
    require!("registry");
    let (env, registry) = (TestEnv::new(), Registry::plain());
    for version in ["1.0.0", "1.2.0", "2.0.0"] {
        registry.push_chart("charts/demo", version, &packed("demo", version, version));
    }
    for (tag, next) in
        [("v1.2.0", "`1.2.0`"), ("1.2", "`1.2.0`"), ("1.0.1", "`1.0.0`"), ("nothing-alike", "choose one")]
    {
        pull(&env, &[&registry.reference(&format!("charts/demo:{tag}")), "--plain-http"]).exits(1).tells(&Expected {
            code: "DEP-REGISTRY-005",
            place: "charts/demo",
            cause: "404 Not Found",
            next,
        });
    }
    let run = pull(&env, &[&registry.reference("charts/demo"), "--plain-http", "--version", "> 5"]).exits(1);
    assert_eq!(run.finding().code, "DEP-REGISTRY-006");
    assert!(run.stderr.contains("there are: 2.0.0, 1.2.0, 1.0.0"), "{}", run.transcript());
    // Data that the registry has lost.
    let chart = packed("lost", "1.0.0", "a");
    registry.push_chart("charts/lost", "1.0.0", &chart);
    registry.lose_blob(&digest(&chart));
    let run = pull(&env, &[&registry.reference("charts/lost"), "--plain-http"]).exits(1);
    assert_eq!(run.finding().code, "DEP-REGISTRY-010", "{}", run.transcript());
}

#[test]
fn proxies_come_from_the_environment() {
    let proxy = Web::serve(|_| Reply::new(403, "the proxy says no"));
    let reference = "oci://registry.test.invalid/charts/demo:1.0.0";
    for (name, value) in
        [("HTTPS_PROXY", proxy.url()), ("https_proxy", format!("http://ana:planted-proxy@{}", proxy.address()))]
    {
        let mut env = TestEnv::new();
        env.set(name, &value);
        let run = pull(&env, &[reference]).exits(1);
        assert_eq!(proxy.asked().last().unwrap().path, "registry.test.invalid:443");
        assert!(run.finding().title.contains("proxy"), "{}", run.transcript());
        assert!(!run.transcript().contains("planted-proxy"), "{}", run.transcript());
    }
    let before = proxy.asked().len();
    let mut env = TestEnv::new();
    env.set("HTTPS_PROXY", proxy.url());
    env.set("NO_PROXY", ".test.invalid");
    let run = pull(&env, &[reference]).exits(1);
    assert!(run.finding().title.contains("is not known"), "{}", run.transcript());
    // This machine is never reached through a proxy.
    let web = Web::serve(|_| Reply::new(500, ""));
    let mut env = TestEnv::new();
    env.set("HTTP_PROXY", proxy.url());
    pull(&env, &[&format!("oci://{}/charts/demo:1.0.0", web.address()), "--plain-http"]).exits(1);
    assert_eq!((web.asked().len(), proxy.asked().len()), (1, before));
    let mut env = TestEnv::new();
    env.set("HTTP_PROXY", proxy.url());
    pull(&env, &[reference, "--plain-http"]).exits(7);
    assert!(proxy.asked().last().unwrap().path.starts_with("http://registry.test.invalid/v2/"));
    let mut env = TestEnv::new();
    env.set("HTTPS_PROXY", "gopher://planted-proxy");
    let run = pull(&env, &[reference]).exits(1);
    assert!(
        run.finding().place.contains("HTTPS_PROXY") && !run.stderr.contains("planted-proxy"),
        "{}",
        run.transcript()
    );
}

#[test]
fn names_that_are_no_charts() {
    let env = TestEnv::new();
    let table = [
        ("oci://127.0.0.1:1/Upper", "no path"),
        ("oci://127.0.0.1:1/a@sha256:1", "no digest"),
        ("bitnami/demo", "no such file"),
        ("ftp://127.0.0.1/a.tgz", "only oci, https and http"),
        ("https://", "empty host"),
    ];
    for (name, cause) in table {
        let run = pull(&env, &[name]).exits(1);
        assert_eq!(run.finding().code, "DEP-REGISTRY-001", "{}", run.transcript());
        assert!(run.finding().cause.contains(cause), "{}", run.transcript());
    }
    for secret in ["oci://ana:planted-pw@127.0.0.1:1/a/b:1", "https://ana:planted-pw@127.0.0.1:1/a.tgz"] {
        let run = pull(&env, &[secret]).exits(1);
        assert!(!run.stderr.contains("planted-pw"), "{}", run.transcript());
    }
    env.write("demo/Chart.yaml", "");
    pull(&env, &["demo"]).exits(64);
}
