//! Every scenario that runs on this machine, from its example to its end, as a person would type it. What our own
//! program says is checked against the vendor's interfaces and the databases themselves.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Example, Key, Zenml, browser_shows_login, get, require, sqlite};

/// What a second apply may take, besides health rounds.
const NOTHING_TO_DO: Duration = Duration::from_secs(2);

/// From the file to a deployment that is as it should be, and that nothing touches any more.
fn made_once(example: &Example, components: &[&str]) {
    let lint = example.call("lint", &[]).succeeds();
    assert!(lint.stdout.contains("nothing wrong"), "{}", lint.transcript());
    example.call("plan", &["--detailed-exitcode"]).exits(2);
    let plan = example.call("plan", &["-o", "json"]).succeeds().json();
    assert_eq!(plan["summary"]["create"].as_u64().unwrap() as usize, plan["changes"].as_array().unwrap().len());
    let applied = example.call("apply", &["--yes", "-o", "json"]).succeeds();
    let result = applied.json();
    assert_eq!((&result["outcome"], &result["failure"]), (&"applied".into(), &Value::Null), "{}", applied.transcript());
    assert_eq!((&result["health"]["healthy"], &result["health"]["goodRoundsInARow"]), (&true.into(), &2.into()));
    example.call("plan", &["--detailed-exitcode"]).succeeds();
    untouched(example);
    let status = example.call("status", &["-o", "json"]).succeeds().json();
    assert_eq!(ready(&status), components.iter().copied().collect::<BTreeSet<_>>(), "{status:#}");
    assert_eq!(example.call_by_name("status", &["-o", "json"]).succeeds().json(), status);
    healthy(example);
}

/// Names of the components, all of which are ready.
pub fn ready(status: &Value) -> BTreeSet<&str> {
    let components = status["components"].as_array().unwrap();
    components.iter().filter(|component| component["state"] == "ready").map(|c| c["name"].as_str().unwrap()).collect()
}

/// A second apply changes nothing, restarts nothing and is quick.
pub fn untouched(example: &Example) {
    let before = example.pids();
    let mut fastest = Duration::MAX;
    // The machine may be busy with other tests; how fast it can be is what counts.
    for _ in 0..3 {
        let again = example.call("apply", &["--yes", "--no-health", "-o", "json"]).succeeds();
        assert_eq!(again.json()["outcome"], "unchanged", "{}", again.transcript());
        fastest = fastest.min(again.took);
        if fastest < NOTHING_TO_DO {
            break;
        }
    }
    assert!(fastest < NOTHING_TO_DO, "an apply that changes nothing took {fastest:?}");
    assert_eq!(example.pids(), before);
}

/// Two good rounds, as JSON for scripts and as JUnit for CI.
pub fn healthy(example: &Example) {
    let report = example.env.folder().join("junit.xml");
    let health =
        example.call("health", &["-o", "json", "--count", "2", "--junit", report.to_str().unwrap()]).succeeds();
    let health = health.json();
    assert_eq!((&health["healthy"], &health["rounds"]), (&true.into(), &2.into()), "{health:#}");
    let checks = health["checks"].as_array().unwrap();
    assert!(checks.iter().all(|check| check["ok"] == true), "{health:#}");
    assert_eq!(test_cases(&report), (checks.len() * 2, 0));
}

/// How many cases a JUnit report has, and how many of them failed.
fn test_cases(report: &Path) -> (usize, usize) {
    let text = std::fs::read_to_string(report).unwrap();
    let mut reader = quick_xml::Reader::from_str(&text);
    let (mut cases, mut failures) = (0, 0);
    loop {
        match reader.read_event().unwrap() {
            quick_xml::events::Event::Start(element) | quick_xml::events::Event::Empty(element) => {
                cases += usize::from(element.name().as_ref() == b"testcase");
                failures += usize::from([b"failure".as_slice(), b"error"].contains(&element.name().as_ref()));
            }
            quick_xml::events::Event::Eof => return (cases, failures),
            _ => {}
        }
    }
}

/// What can be read about a deployment besides its status.
fn told(example: &Example, unit: &str) {
    let logs = example.call("logs", &["-n", "5"]).succeeds();
    assert!(logs.stdout.lines().any(|line| line.starts_with("database/schema | ")), "{}", logs.transcript());
    let history = example.call("history", &["-o", "json"]).succeeds().json();
    assert_eq!(history["runs"][0]["outcome"], "applied", "{history:#}");
    let why = example.call(&format!("why {unit}"), &[]).succeeds();
    assert!(why.stdout.contains("waits for     database/schema: "), "{}", why.transcript());
    let lock = example.call("lock show", &[]).succeeds();
    assert_eq!(lock.stdout, format!("{}: free\n", example.name));
}

/// `logs -f` shows what the server says next, and ends well with Ctrl-C.
fn followed(example: &Example) {
    let mut session = example.prepare(&["logs", "server", "-n", "1", "-F"], &[]).on_terminal(40, 250);
    session.wait_for("HTTP/1.1");
    get(&format!("{}/health?asked-by=a-test", example.url()));
    session.wait_for("asked-by=a-test");
    session.press(Key::Interrupt);
    let (code, screen) = session.finish();
    assert_eq!(code, 0, "{screen}");
}

/// The vendor's server, seen as its own clients see it.
fn is_served(example: &Example, database: &str) {
    let info = get(&format!("{}/api/v1/info", example.url())).good();
    let facts = ["version", "database_type", "active", "auth_scheme", "name"].map(|fact| info[fact].clone());
    let expected = json!(["0.98.0", database, true, "OAUTH2_PASSWORD_BEARER", example.name]);
    assert_eq!(json!(facts), expected, "{info:#}");
    assert_eq!(Zenml::log_in(&example.url(), "admin", "wrong").err(), Some(401));
    // The user that ZenML makes without a password when nobody prevents it.
    assert_eq!(Zenml::log_in(&example.url(), "default", "").err(), Some(401));
    assert_eq!(example.zenml().user(), ("admin".to_owned(), true));
}

/// Destroyed, it runs no more and keeps its data; applied again, everything is there; destroyed with its data, nothing
/// is left.
pub fn destroyed(example: &Example, is_there: impl Fn(&Example)) {
    let gone = example.call("destroy", &["--yes", "-o", "json"]).succeeds().json();
    assert_eq!((&gone["outcome"], &gone["failure"]), (&"destroyed".into(), &Value::Null));
    assert!(!gone["kept"].as_array().unwrap().is_empty(), "{gone:#}");
    assert_eq!(example.env.processes(), []);
    let applied = example.call_by_name("apply", &["--yes", "-o", "json"]).succeeds().json();
    assert_eq!(applied["outcome"], "applied");
    is_there(example);
    let gone = example.call_by_name("destroy", &["--yes", "--delete-data"]).succeeds();
    assert_eq!(gone.stdout, format!("{}: destroyed\n", example.name));
    assert_eq!(example.env.processes(), []);
    assert!(!example.folder().exists());
}

#[test]
fn local_sqlite() {
    require!("wheelhouse");
    let example = Example::new("local-sqlite");
    made_once(&example, &["client", "database", "artifact-store"]);
    told(&example, "client");
    assert_eq!(sqlite(&example.data("database").join("zenml.db"), "SELECT version_num FROM alembic_version"), "0.98.0");
    let stacks = zenml(&example, &["stack", "list"]);
    assert!(stacks.contains("default"), "{stacks}");
    zenml(&example, &["secret", "create", "kept", "--value=over-a-destroy"]);
    destroyed(&example, |example| {
        let secret = zenml(example, &["secret", "get", "kept"]);
        assert!(secret.contains("over-a-destroy"), "{secret}");
    });
}

/// The vendor's own client, by the wrapper that a user is told of.
fn zenml(example: &Example, arguments: &[&str]) -> String {
    let output = std::process::Command::new(example.data("client").join("zenml"))
        .args(arguments)
        .env_clear()
        .envs([("PATH", "/usr/bin:/bin"), ("HOME", example.env.home().to_str().unwrap()), ("COLUMNS", "200")])
        .current_dir(example.env.folder())
        .output()
        .unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "zenml {}:\n{text}", arguments.join(" "));
    text
}

#[test]
fn local_server() {
    require!("wheelhouse");
    let example = Example::new("local-server");
    made_once(&example, &["server", "database", "dashboard", "secrets-store", "artifact-store"]);
    told(&example, "server");
    followed(&example);
    is_served(&example, "sqlite");
    assert_eq!(sqlite(&example.data("database").join("zenml.db"), "SELECT version_num FROM alembic_version"), "0.98.0");
    browser_shows_login("local-server", &example.url());
    example.zenml().create_secret("kept", "over a destroy");
    let password = example.generated("admin-password");
    destroyed(&example, |example| {
        let zenml = Zenml::log_in(&example.url(), "admin", &password).unwrap();
        assert_eq!(zenml.secret("kept").as_deref(), Some("over a destroy"));
    });
}

#[test]
fn remote_server() {
    require!("wheelhouse", "mariadb");
    let example = Example::new("remote-server-local");
    made_once(&example, &["server", "database", "dashboard", "secrets-store", "artifact-store"]);
    told(&example, "server");
    is_served(&example, "mysql");
    let password = example.generated("database-password");
    let revision = "SELECT version_num FROM alembic_version";
    assert_eq!(example.sql(&password, revision).unwrap(), "0.98.0");
    let refused = example.mariadb(&password, &["--skip-ssl"], revision).unwrap_err();
    assert!(refused.contains("Access denied") || refused.contains("insecure transport"), "{refused}");
    example.zenml().create_secret("kept", "over everything");
    saved_plans(&example);
    database_password(&example);
    let password = example.generated("admin-password");
    destroyed(&example, |example| {
        let zenml = Zenml::log_in(&example.url(), "admin", &password).unwrap();
        assert_eq!(zenml.secret("kept").as_deref(), Some("over everything"));
    });
}

/// A variable of the server restarts the server and nothing else. Of two plans for the same moment, the second one is
/// refused once the first is applied.
fn saved_plans(example: &Example) {
    let saved = |name: &str, value: &str| {
        let path = example.env.folder().join(name).display().to_string();
        let set = format!("server.environment.COLOUR={value}");
        example.call("plan", &["--set", &set, "-o", &path]).succeeds();
        path
    };
    let (first, second) = (saved("first.plan", "1"), saved("second.plan", "2"));
    let (database, server) = (example.processes("mariadbd"), example.processes("uvicorn"));
    let applied = example.keep(example.env.deploy(["apply", first.as_str(), "--no-health", "-o", "json"]).run());
    assert_eq!(applied.clone().succeeds().json()["changed"], json!(["server"]), "{}", applied.transcript());
    assert_eq!(example.processes("mariadbd"), database);
    assert!(example.processes("uvicorn").is_disjoint(&server));
    let server = example.processes("uvicorn");
    let stale = example.keep(example.env.deploy(["apply", second.as_str()]).run()).exits(1);
    assert!(stale.stderr.contains("DEP-PLAN-002"), "{}", stale.transcript());
    assert_eq!(example.processes("uvicorn"), server);
    // The name stands for what was applied, the file for what it says.
    example.call_by_name("plan", &["--detailed-exitcode"]).succeeds();
    example.call("plan", &["--detailed-exitcode"]).exits(2);
}

/// Another source with another password: the database takes it, and all that use it come back with it.
fn database_password(example: &Example) {
    const NEW: &str = r#"a new "one" & it's \odd +/%?#@:"#;
    let old = example.generated("database-password");
    let set = ["--set", "database.mysql.password={ fromEnv: NEW_PASSWORD }", "--yes", "-o", "json"];
    let applied = example.prepare(&["apply"], &set).variable("NEW_PASSWORD", NEW).run();
    let applied = example.keep(applied).succeeds();
    assert_eq!(applied.json()["outcome"], "applied", "{}", applied.transcript());
    assert_eq!(example.sql(NEW, "SELECT 1").unwrap(), "1");
    assert!(example.sql(&old, "SELECT 1").unwrap_err().contains("Access denied"));
    // Back to the one that was generated and kept.
    assert_eq!(example.call("apply", &["--yes", "-o", "json"]).succeeds().json()["outcome"], "applied");
    assert_eq!(example.sql(&old, "SELECT 1").unwrap(), "1");
}

/// To upgrade from; the same as in `tests/setup`.
const OLDER_RELEASE: &str = "0.85.0";

#[test]
fn upgrade_of_a_sqlite_store() {
    require!("wheelhouse");
    let example = Example::new("local-server");
    upgraded(example, |example| {
        sqlite(&example.data("database").join("zenml.db"), "SELECT version_num FROM alembic_version")
    });
}

#[test]
fn upgrade_of_a_mariadb_database() {
    require!("wheelhouse", "mariadb");
    let example = Example::new("remote-server-local");
    upgraded(example, |example| {
        example.sql(&example.generated("database-password"), "SELECT version_num FROM alembic_version").unwrap()
    });
}

/// From an old release to the present one; what was stored is there, and there is no way back.
fn upgraded(mut example: Example, revision: impl Fn(&Example) -> String) {
    example.set("VERSION", OLDER_RELEASE);
    example.call("apply", &["--yes"]).succeeds();
    assert_eq!((revision(&example), version(&example)), (OLDER_RELEASE.into(), OLDER_RELEASE.into()));
    example.zenml().create_secret("kept", "over an upgrade");
    example.set("VERSION", "0.98.0");
    example.call("apply", &["--yes"]).succeeds();
    assert_eq!((revision(&example), version(&example)), ("0.98.0".into(), "0.98.0".into()));
    assert_eq!(example.zenml().secret("kept").as_deref(), Some("over an upgrade"));
    let backups = std::fs::read_dir(example.data("database/schema")).unwrap().count();
    assert_eq!(backups, 1, "the database as it was is kept");
    // Refused while planning, so that nothing is begun.
    example.set("VERSION", OLDER_RELEASE);
    let before = example.pids();
    for verb in [&["plan"][..], &["apply", "--yes"]] {
        let refused = example.call(verb[0], &verb[1..]).exits(1);
        assert!(refused.stderr.contains("DEP-DATABASE-008"), "{}", refused.transcript());
    }
    assert_eq!(example.pids(), before);
    example.set("VERSION", "0.98.0");
    example.call("health", &[]).succeeds();
}

/// The release that the server says it is.
fn version(example: &Example) -> String {
    get(&format!("{}/api/v1/info", example.url())).good()["version"].as_str().unwrap().to_owned()
}
