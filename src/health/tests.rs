//! Rounds against real servers where they are cheap, and against a double for states that a real one cannot be made
//! to show.

mod double;
mod real;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde_json::json;

use super::*;
use crate::causes::{Exit, Speaker};
use crate::diagnostics::codes;
use crate::scenario::Component;
use crate::secrets::{SecretName, SecretStore, Secrets};
use crate::unit::local::DatabaseAddress;
use crate::unit::{Text, UnitId};
use crate::world::World;
use double::Double;

const PASSWORD: &str = "correct-horse-battery";

fn password() -> SecretName {
    SecretName::new("admin-password")
}

fn running() -> ProcessState {
    ProcessState {
        running: true,
        pid: Some(4711),
        exit: None,
        unseen: None,
        log_tail: String::new(),
        log: None,
        speaker: Speaker::Zenml,
    }
}

fn dead(speaker: Speaker, exit: Exit, log: &str) -> ProcessState {
    ProcessState {
        running: false,
        pid: Some(4711),
        exit: Some(exit),
        unseen: None,
        log_tail: log.to_owned(),
        log: Some("/srv/logs/unit.log".into()),
        speaker,
    }
}

/// A context with one secret, the administrator's password.
fn context(folder: &std::path::Path, state: impl Fn(&UnitId) -> ProcessState + Send + Sync + 'static) -> HealthContext {
    let store = SecretStore::new(folder.join("secrets"));
    store.write(&password(), &PASSWORD.into()).unwrap();
    let environment = std::env::vars().filter(|(name, _)| name == "PATH").collect();
    let world = World::new(environment, folder.to_path_buf(), folder.to_path_buf(), PathBuf::new());
    let secrets = Secrets::new([], store, world.clone(), None);
    let mut ctx = HealthContext::new(Arc::new(secrets), world, Arc::new(state));
    ctx.time_limit = Duration::from_secs(3);
    ctx
}

fn expected() -> ExpectedInfo {
    ExpectedInfo {
        version: "0.98.0".into(),
        database_type: "mysql".into(),
        secrets_store_type: "sql".into(),
        auth_scheme: "OAUTH2_PASSWORD_BEARER".into(),
        active: true,
        fields: std::collections::BTreeMap::new(),
    }
}

fn server_probes(url: &str) -> Vec<Probe> {
    vec![
        Probe::process_alive(Component::Server, "server"),
        Probe::liveness(url),
        Probe::server_info(url, expected()),
        Probe::login(url, "admin", Some(&password())),
        Probe::secret_round_trip(url, "admin", Some(&password()), "0.98.0"),
    ]
}

/// An address where nothing listens.
fn closed_port() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

#[tokio::test]
async fn a_dead_process_is_one_failure_with_its_cause() {
    let folder = tempfile::tempdir().unwrap();
    let log = "2026-11-20 18:17:59,095 | ERROR    | uvicorn.error:startup:190 | [Errno 98] error while attempting to bind on address ('127.0.0.1', 9804): address already in use\n";
    let ctx = context(folder.path(), move |_| dead(Speaker::Zenml, Exit::Code(3), log));
    let round = round(&server_probes(&format!("http://{}", closed_port())), &ctx).await;
    assert!(!round.healthy);
    let failures: Vec<_> = round.checks.iter().filter(|check| check.finding.is_some()).collect();
    assert_eq!(failures.len(), 1, "{:#?}", round.checks);
    let finding = failures[0].finding.as_ref().unwrap();
    assert_eq!((failures[0].code, finding.code), (codes::HEALTH_PROCESS, codes::PROCESS_PORT_TAKEN));
    assert_eq!(finding.title, "server exited with code 3");
    assert!(finding.cause.as_ref().unwrap().contains("address already in use"));
    assert!(finding.evidence.last().unwrap().contains("/srv/logs/unit.log"));
    assert!(round.checks[1..].iter().all(|check| check.skipped && check.detail == "not asked, because server is down"));
}

#[tokio::test]
async fn the_database_below_goes_first() {
    let folder = tempfile::tempdir().unwrap();
    let double = Double::zenml(PASSWORD).await;
    let ctx = context(folder.path(), |unit| match unit.as_str() {
        "database" => {
            dead(Speaker::Mariadb, Exit::Signal(9), "2026-11-20 18:14:09 0 [Note] mariadbd: ready for connections.\n")
        }
        _ => running(),
    });
    let mut probes = server_probes(&double.url);
    probes.push(Probe::process_alive(Component::Database, "database"));
    let round = round(&probes, &ctx).await;
    let first = round.first_failure().unwrap();
    assert_eq!(first.finding.as_ref().unwrap().code, codes::PROCESS_KILLED);
    assert_eq!(first.component, Component::Database);
    assert!(round.checks[1].ok, "the server's static page does not need the database");
    assert!(
        round.checks[2..5].iter().all(|check| check.detail == "not asked, because database is down"),
        "{:#?}",
        round.checks
    );
}

#[tokio::test]
async fn a_healthy_server_is_logged_into_once_and_left_clean() {
    let folder = tempfile::tempdir().unwrap();
    let double = Double::zenml(PASSWORD).await;
    let ctx = context(folder.path(), |_| running());
    let round = round(&server_probes(&double.url), &ctx).await;
    assert!(round.healthy, "{:#?}", round.checks);
    assert_eq!(double.calls("POST /api/v1/login"), 1);
    assert_eq!(double.calls("DELETE /api/v1/secrets/id-1"), 1);
    assert_eq!(double.calls("DELETE /api/v1/secrets/left-over"), 1, "{:?}", double.all_calls());
    assert_eq!(round.checks[2].detail, "0.98.0, mysql database, secrets in sql, OAUTH2_PASSWORD_BEARER, active");
    assert!(
        round.checks[4].detail.ends_with("removed 1 left by rounds that were killed"),
        "{}",
        round.checks[4].detail
    );
}

#[tokio::test]
async fn older_releases_store_secrets_in_a_workspace() {
    let folder = tempfile::tempdir().unwrap();
    let double = Double::zenml(PASSWORD).await;
    let ctx = context(folder.path(), |_| running());
    let round =
        round(&[Probe::secret_round_trip(double.url.as_str(), "admin", Some(&password()), "0.73.0")], &ctx).await;
    assert!(round.healthy, "{:#?}", round.checks);
    assert_eq!(double.calls("POST /api/v1/workspaces/default/secrets"), 1);
    assert_eq!(double.calls("POST /api/v1/secrets"), 0);
}

#[tokio::test]
async fn a_stored_secret_is_deleted_even_if_it_cannot_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let double = Double::zenml(PASSWORD).await;
    double.answer("GET /api/v1/secrets/id-1", 404, &json!({"detail": ["KeyError", "Secret values for secret id-1 could not be decoded. This can happen if encryption has been enabled/disabled"]}));
    let ctx = context(folder.path(), |_| running());
    let round = round(&server_probes(&double.url), &ctx).await;
    let finding = round.first_failure().unwrap().finding.clone().unwrap();
    assert_eq!(finding.code, codes::HEALTH_SECRET_ROUND_TRIP);
    assert!(finding.next[0].contains("encryption key"), "{finding:#?}");
    assert_eq!(double.calls("DELETE /api/v1/secrets/id-1"), 1);
}

#[tokio::test]
async fn an_error_of_the_server_shows_its_databases_words() {
    let folder = tempfile::tempdir().unwrap();
    let double = Double::zenml(PASSWORD).await;
    let words = "(pymysql.err.OperationalError) (2003, \"Can't connect to MySQL server on '127.0.0.1' ([Errno 111] Connection refused)\")\n(Background on this error at: https://sqlalche.me/e/20/e3q8)";
    double.answer("GET /api/v1/info", 500, &json!({"detail": ["RuntimeError", words]}));
    let ctx = context(folder.path(), |_| running());
    let round = round(&server_probes(&double.url), &ctx).await;
    let first = round.first_failure().unwrap();
    let finding = first.finding.as_ref().unwrap();
    assert_eq!(finding.code, codes::DATABASE_UNREACHABLE);
    assert_eq!(finding.title, "the server does not say what it is: the database does not answer");
    assert_eq!(
        finding.cause.as_deref(),
        Some("(2003) Can't connect to MySQL server on '127.0.0.1' ([Errno 111] Connection refused)")
    );
    assert_eq!(round.checks.iter().filter(|check| check.finding.is_some()).count(), 1, "{:#?}", round.checks);
}

#[tokio::test]
async fn a_refused_login_is_tried_once_and_is_not_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let double = Double::zenml("changed by hand").await;
    let ctx = context(folder.path(), |_| running());
    let round = round(&server_probes(&double.url), &ctx).await;
    assert_eq!(round.first_failure().unwrap().finding.as_ref().unwrap().code, codes::SERVER_LOGIN_REFUSED);
    assert_eq!(round.checks[4].detail, "not asked, because the administrator cannot log in");
    assert_eq!(double.calls("POST /api/v1/login"), 1);
}

#[tokio::test]
async fn another_version_is_named_and_does_not_stop_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let double = Double::zenml(PASSWORD).await;
    double.answer("GET /api/v1/info", 200, &json!({"version": "0.97.0", "active": true, "database_type": "mysql", "secrets_store_type": "sql", "auth_scheme": "OAUTH2_PASSWORD_BEARER"}));
    let ctx = context(folder.path(), |_| running());
    let round = round(&server_probes(&double.url), &ctx).await;
    assert_eq!(
        round.checks[2].detail,
        "the server is not what was planned: version: version is 0.97.0, planned 0.98.0"
    );
    assert!(round.checks[4].ok);
}

#[tokio::test]
async fn no_secret_leaves_with_the_words_of_others() {
    let folder = tempfile::tempdir().unwrap();
    let double = Double::zenml(PASSWORD).await;
    double.answer(
        "POST /api/v1/secrets",
        500,
        &json!({"detail": ["RuntimeError", format!("cannot store for {PASSWORD}")]}),
    );
    let state =
        move |_: &UnitId| ProcessState { log_tail: format!("ERROR:    {PASSWORD} is in the log\n"), ..running() };
    let round = round(&server_probes(&double.url), &context(folder.path(), state)).await;
    let json = serde_json::to_string(&round).unwrap();
    assert!(json.contains("(secret admin-password)") && !json.contains(PASSWORD), "{json}");
}

#[tokio::test]
async fn a_check_tells_scripts_what_it_tells_people() {
    let folder = tempfile::tempdir().unwrap();
    let ctx = context(folder.path(), |_| running());
    let address = closed_port();
    let round = round(&[Probe::port_open(Component::Mlflow, address.as_str())], &ctx).await;
    let json = serde_json::to_value(&round).unwrap();
    assert_eq!(json["healthy"], json!(false));
    let check = &json["checks"][0];
    assert_eq!(
        (&check["code"], &check["ok"], &check["component"]),
        (&json!("DEP-HEALTH-002"), &json!(false), &json!("mlflow"))
    );
    assert_eq!(check["failureCode"], json!("DEP-MLFLOW-001"));
    assert!(check["cause"].as_str().unwrap().contains("refused"), "{check}");
    assert_eq!(check["evidence"], json!([]));
}

#[tokio::test]
async fn nothing_is_asked_of_what_was_never_applied() {
    let folder = tempfile::tempdir().unwrap();
    let ctx = context(folder.path(), |_| running());
    let round = round(&[Probe::liveness(Text::output("server", "url"))], &ctx).await;
    assert_eq!(round.checks[0].finding.as_ref().unwrap().code, codes::TARGET_NO_DEPLOYMENT);
}

#[tokio::test]
async fn a_store_in_a_file_is_asked_itself() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("zenml.db");
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection
        .execute_batch("CREATE TABLE alembic_version (version_num TEXT); INSERT INTO alembic_version VALUES ('0.98.0')")
        .unwrap();
    let address = DatabaseAddress::Sqlite { path: Text::literal(path.display().to_string()) };
    let ctx = context(folder.path(), |_| running());
    let probes = [
        Probe::database_answers(&address),
        Probe::schema_revision(&address, "0.98.0"),
        Probe::schema_revision(&address, "0.94.0"),
    ];
    let round = round(&probes, &ctx).await;
    assert!(round.checks[0].ok && round.checks[1].ok, "{:#?}", round.checks);
    assert_eq!(round.checks[2].finding.as_ref().unwrap().code, codes::DATABASE_SCHEMA_AHEAD);
}

#[tokio::test]
async fn a_client_is_a_program_that_opens_its_store() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let program = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path.display().to_string()
    };
    let good = program("good", "echo \"The active stack is: 'default'\"");
    let bad = program("bad", "echo '(2003, \"Can not connect\")' >&2; exit 1");
    let hangs = program("hangs", "sleep 30");
    let mut ctx = context(folder.path(), |_| running());
    ctx.client_time_limit = Duration::from_secs(1);
    let probes = [good, bad, hangs, "/nonexistent/zenml".to_owned()].map(Probe::client_sees_store);
    let round = round(&probes, &ctx).await;
    assert_eq!(round.checks[0].detail, "its active stack is 'default'");
    let code = |index: usize| round.checks[index].finding.as_ref().unwrap().code;
    assert_eq!((code(1), code(2), code(3)), (codes::DATABASE_UNREACHABLE, codes::HEALTH_CLIENT, codes::HEALTH_CLIENT));
    assert!(round.checks[2].detail.contains("did not end within 1 s"), "{}", round.checks[2].detail);
}

/// Python's own file server, which is as real as they come.
struct FileServer(std::process::Child, String);

impl FileServer {
    fn start(folder: &std::path::Path) -> Self {
        let address = closed_port();
        let port = address.rsplit(':').next().unwrap().to_owned();
        let child = std::process::Command::new("python3")
            .args(["-m", "http.server", "--bind", "127.0.0.1", &port])
            .current_dir(folder)
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        for _ in 0..100 {
            if std::net::TcpStream::connect(&address).is_ok() {
                break;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Self(child, format!("http://{address}"))
    }
}

impl Drop for FileServer {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn a_dashboard_is_its_page_and_all_that_it_names() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write(
        "index.html",
        "<!doctype html><script type=module src=/index.js></script><link rel=stylesheet href=style.css><link rel=icon href=/icon.svg>",
    );
    write("index.js", "export {}");
    write("style.css", "a{}");
    write("icon.svg", "<svg/>");
    let server = FileServer::start(folder.path());
    let ctx = context(folder.path(), |_| running());
    let probes = [Probe::dashboard(server.1.as_str())];
    let seen = async || round(&probes, &ctx).await.checks.remove(0);
    let good = seen().await;
    assert_eq!(good.detail, "the page and its 3 parts load, 1 kB", "{good:#?}");
    write("style.css", "");
    assert!(seen().await.detail.ends_with("/style.css: the file is empty"));
    std::fs::remove_file(folder.path().join("style.css")).unwrap();
    let missing = seen().await;
    assert!(
        missing.detail.contains("1 of the dashboard's 3 parts do not load: /style.css: status 404"),
        "{}",
        missing.detail
    );
    write("index.html", "<p>It works!");
    assert!(seen().await.detail.ends_with("the page names no script"));
}

#[tokio::test]
async fn a_missing_part_answered_with_the_page_itself_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let double = Double::zenml(PASSWORD).await;
    let ctx = context(folder.path(), |_| running());
    let round = round(&[Probe::dashboard(double.url.as_str())], &ctx).await;
    assert!(
        round.checks[0].detail.ends_with("/assets/index.js: the answer is a page of HTML, not a script"),
        "{}",
        round.checks[0].detail
    );
}

/// Good and bad rounds in a given order; the last one stays.
fn changing(good: &'static [bool]) -> impl Fn(&UnitId) -> ProcessState + Send + Sync + 'static {
    let next = AtomicU32::new(0);
    move |_| {
        let index = (next.fetch_add(1, Ordering::SeqCst) as usize).min(good.len() - 1);
        if good[index] { running() } else { dead(Speaker::Zenml, Exit::Code(3), "ERROR:    no luck\n") }
    }
}

async fn verdict(good: &'static [bool], window: Window) -> (Verdict, u32) {
    let folder = tempfile::tempdir().unwrap();
    let ctx = context(folder.path(), changing(good));
    let mut streamed = 0;
    let verdict = watch(&[Probe::process_alive(Component::Server, "server")], &ctx, window, |_| streamed += 1).await;
    (verdict, streamed)
}

const QUICK: Window = Window { count: Some(3), interval: Duration::from_millis(1), time_limit: None };

#[tokio::test]
async fn good_answers_have_to_last() {
    let (stable, streamed) = verdict(&[true], QUICK).await;
    assert_eq!((stable.healthy, stable.ending, streamed), (true, Ending::Stable, 3));
    let (bad, streamed) = verdict(&[true, false, true], QUICK).await;
    assert_eq!((bad.healthy, bad.ending, streamed), (false, Ending::Unhealthy, 2));
    assert_eq!(bad.first_failure.unwrap().finding.unwrap().cause.as_deref(), Some("no luck"));
    let patient = Window { time_limit: Some(Duration::from_secs(20)), ..QUICK };
    let (late, streamed) = verdict(&[false, true, true, false, true], patient).await;
    assert_eq!((late.healthy, streamed, late.first_failure), (true, 7, None));
    let short = Window { time_limit: Some(Duration::from_secs(2)), interval: Duration::from_millis(20), ..QUICK };
    let (never, _) = verdict(&[true, true, false], short).await;
    assert_eq!((never.healthy, never.ending), (false, Ending::TimedOut));
    assert!(never.first_failure.is_some());
}

#[tokio::test]
async fn watching_goes_on_until_somebody_stops_it() {
    let folder = tempfile::tempdir().unwrap();
    let ctx = context(folder.path(), changing(&[true, false, true]));
    let cancel = ctx.cancel.clone();
    let forever = Window { count: None, interval: Duration::from_millis(1), time_limit: None };
    let mut seen = Vec::new();
    let verdict = watch(&[Probe::process_alive(Component::Server, "server")], &ctx, forever, |round| {
        seen.push(round.healthy);
        if seen.len() == 4 {
            cancel.cancel();
        }
    })
    .await;
    assert_eq!(seen, [true, false, true, true]);
    assert_eq!((verdict.ending, verdict.in_a_row, verdict.healthy), (Ending::Cancelled, 2, true));
}
