//! Everything on one machine, with secrets of our own planted at every source, through a whole life: no value comes
//! out anywhere, in any encoding.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::json;

use crate::scenarios::{destroyed, healthy, ready, untouched};
use crate::support::{Example, Find, OccupiedPort, SecretScanner, Zenml, get, require};

/// Names and values, with all that quoting gets wrong. The database's clients take ASCII only.
const PLANTED: [(&str, &str); 6] = [
    ("ADMIN_PASSWORD", "pl\u{e4}nted \"admin\" & +/%20 'p' ?#1"),
    ("DATABASE_PASSWORD", r#"planted "db" & +/%20 'p' \n ?#@:2"#),
    ("ENCRYPTION_KEY", "planted encryption key & +/% \"\u{fc}ml\u{e4}ut\" 0123456789"),
    ("JWT_KEY", "planted jwt key & +/% '\"$HOME` \u{20ac} 0123456789abcdef"),
    ("TOKEN", "planted token=\u{df} & +/% \"q\" {j: 1}"),
    ("NEXT_TOKEN", "planted next token \\ & <+/%> \u{142}"),
];

fn planted(name: &str) -> &'static str {
    PLANTED.iter().find(|(planted, _)| *planted == name).unwrap().1
}

#[test]
fn on_prem_with_planted_secrets() {
    require!("wheelhouse", "mariadb");
    let mut example = Example::new("on-prem-local");
    plant(&mut example);
    let watch = Watch::begin();
    only_looked_at(&example);
    failed_then_applied(&example);
    looked_at(&example);
    is_real(&example);
    another_token(&mut example);
    refused_changes(&mut example);
    without_mlflow(&mut example);
    refused_by_the_database(&example);
    let files = SecretScanner::new(PLANTED).search_folder(example.env.folder(), &hiding_places(&example));
    SecretScanner::assert_none(&files);
    let root = example.generated("database-root-password");
    let mlflow = example.generated("mlflow-password");
    destroyed(&example, |example| {
        let zenml = Zenml::log_in(&example.url(), "admin", planted("ADMIN_PASSWORD")).unwrap();
        assert_eq!(zenml.secret("kept").as_deref(), Some("over a destroy"));
    });
    let generated = [("generated root password", root.as_str()), ("password of MLflow", mlflow.as_str())];
    let scanner = SecretScanner::new(PLANTED.into_iter().chain(generated));
    let said = example.said().into_iter().flat_map(|run| {
        let search = |stream: &str, text: &str| scanner.search_text(&format!("{stream} of {}", run.line), text);
        [search("stdout", &run.stdout), search("stderr", &run.stderr)].concat()
    });
    SecretScanner::assert_none(&said.chain(watch.end()).collect::<Vec<_>>());
}

/// The overlay that names a source of every kind, and what the sources give.
fn plant(example: &mut Example) {
    let path = |name: &str| example.env.folder().join("planted").join(name);
    for name in ["ADMIN_PASSWORD", "ENCRYPTION_KEY", "JWT_KEY"] {
        example.env.write(&format!("planted/{name}"), &format!("{}\n", planted(name)));
    }
    let overlay = json!({
        "server": {
            "adminPassword": { "fromFile": path("ADMIN_PASSWORD") },
            "jwtSecretKey": { "fromCommand": ["cat", path("JWT_KEY")] },
            "secretEnvironment": { "PLANTED_TOKEN": { "fromEnv": "TOKEN" } },
        },
        "database": { "mysql": { "password": { "fromEnv": "DATABASE_PASSWORD" } } },
        "secretsStore": { "sql": { "encryptionKey": { "fromFile": path("ENCRYPTION_KEY") } } },
    });
    let overlay = example.env.write("overlay.yaml", &overlay.to_string());
    example.add_file(&overlay);
    example.env.set("DATABASE_PASSWORD", planted("DATABASE_PASSWORD"));
    example.env.set("TOKEN", planted("TOKEN"));
    example.env.set("OTHER_KEY", planted("JWT_KEY"));
}

/// Where values are meant to be.
fn hiding_places(example: &Example) -> Vec<PathBuf> {
    vec![example.env.folder().join("planted"), example.folder().join("secrets")]
}

fn file(example: &Example, name: &str) -> String {
    example.env.folder().join(name).display().to_string()
}

/// What can be asked before anything is there.
fn only_looked_at(example: &Example) {
    let origins = example.call("lint", &["--show-origin"]).succeeds();
    let keys = ["server.adminPassword.fromFile", "server.secretEnvironment.PLANTED_TOKEN.fromEnv", "mlflow.port"];
    for key in keys {
        let is_one_line =
            |line: &str| line.starts_with(key) && (line.contains("overlay.yaml:1:") || line.ends_with("__PORT"));
        assert!(origins.stdout.lines().any(is_one_line), "{key} is not there as a whole\n{}", origins.transcript());
    }
    example.call("lint", &["--show-origin", "-o", "json"]).succeeds();
    for form in ["table", "json", "yaml", &file(example, "saved.plan")] {
        example.call("plan", &["--detailed-exitcode", "-v", "-o", form]).exits(2);
    }
    example.call("render", &[]).succeeds();
    example.call("render", &["-o", &file(example, "rendered")]).succeeds();
}

/// The server finds its port taken; run again with another one, the rest is done, and what was done is not repeated.
fn failed_then_applied(example: &Example) {
    let occupied = OccupiedPort::new();
    let run = example.call("apply", &["--yes", "-v", "--port", &occupied.number().to_string()]).exits(10);
    assert!(run.stderr.contains("error[DEP-PROCESS-001]"), "{}", run.transcript());
    assert_eq!(run.stderr.matches("error[DEP-PROCESS-001]").count(), 1, "{}", run.transcript());
    let run = example.call("apply", &["--yes", "-v", "--events", "json"]).succeeds();
    let events = run.json_lines();
    let started: BTreeSet<&str> =
        events.iter().filter(|e| e["event"] == "step-started").filter_map(|e| e["unit"].as_str()).collect();
    // MLflow may have been waiting for its tables when the server failed.
    let started: BTreeSet<&str> = started.into_iter().filter(|unit| *unit != "mlflow").collect();
    assert_eq!(started, BTreeSet::from(["server", "server/administrator"]), "{}", run.transcript());
    let result = events.last().unwrap();
    assert_eq!((&result["outcome"], &result["health"]["healthy"]), (&"applied".into(), &true.into()), "{result:#}");
    untouched(example);
}

/// What can be asked about a deployment that is there.
fn looked_at(example: &Example) {
    let status = example.call("status", &["-o", "json"]).succeeds().json();
    assert_eq!(ready(&status).len(), status["components"].as_array().unwrap().len(), "{status:#}");
    healthy(example);
    example.call("health", &["--events", "json", "-v"]).succeeds();
    let calls: [(&str, &[&str]); 7] = [
        ("status", &[]),
        ("logs", &["-n", "100000"]),
        ("history", &[]),
        ("why server", &["-o", "json"]),
        ("lock show", &["-o", "json"]),
        ("plan", &["-vv"]),
        ("render", &[]),
    ];
    for (verb, more) in calls {
        example.call(verb, more).succeeds();
    }
}

/// All three servers, seen with their vendors' own means.
fn is_real(example: &Example) {
    let info = get(&format!("{}/api/v1/info", example.url())).good();
    assert_eq!((&info["version"], &info["database_type"]), (&"0.98.0".into(), &"mysql".into()));
    let zenml = Zenml::log_in(&example.url(), "admin", planted("ADMIN_PASSWORD")).unwrap();
    assert_eq!(zenml.user(), ("admin".to_owned(), true));
    zenml.create_secret("kept", "over a destroy");
    let sql = |statement: &str| example.sql(planted("DATABASE_PASSWORD"), statement).unwrap();
    assert_eq!(sql("SELECT version_num FROM alembic_version"), "0.98.0");
    // The server and MLflow share the database's process and nothing else.
    assert_ne!(example.sql_of_mlflow("SELECT COUNT(*) FROM experiments").unwrap(), "0");
    let curious = example.sql(planted("DATABASE_PASSWORD"), "SELECT COUNT(*) FROM mlflow.experiments").unwrap_err();
    assert!(curious.contains("denied"), "{curious}");
    let curious = example.sql_of_mlflow("SELECT COUNT(*) FROM zenml.user").unwrap_err();
    assert!(curious.contains("denied"), "{curious}");
    let mlflow = format!("http://127.0.0.1:{}", example.mlflow_port);
    assert_eq!(get(&format!("{mlflow}/version")).text, "3.17.2");
    assert_eq!(get(&format!("{mlflow}/api/2.0/mlflow/experiments/get?experiment_id=0")).status, 200);
}

/// Another value behind the same variable: what uses it is restarted, nothing else.
fn another_token(example: &mut Example) {
    let pids = |example: &Example| ["mariadbd", "mlflow", "uvicorn zenml"].map(|part| example.processes(part));
    let [database, mlflow, server] = pids(example);
    example.env.set("TOKEN", planted("NEXT_TOKEN"));
    let plan = example.call("plan", &[]).succeeds();
    assert!(plan.stdout.contains("secret environment-planted-token"), "{}", plan.transcript());
    let run = example.call("apply", &["--yes", "--no-health", "-o", "json"]).succeeds();
    assert_eq!(run.json()["changed"], json!(["server"]), "{}", run.transcript());
    let now = pids(example);
    assert_eq!((&now[0], &now[1]), (&database, &mlflow));
    assert!(now[2].is_disjoint(&server) && !now[2].is_empty(), "{now:?}");
}

/// What would make stored secrets unreadable is refused before anything is done, and so is what cannot arrive.
fn refused_changes(example: &mut Example) {
    let before = example.pids();
    let refused = |setting: &str, code: &str| {
        for verb in ["plan", "apply --yes"] {
            let run = example.call(verb, &["--set", setting]).exits(1);
            assert!(run.stderr.contains(&format!("error[{code}]")), "{}", run.transcript());
        }
    };
    refused("secretsStore.sql.encryptionKey={ fromEnv: OTHER_KEY }", "DEP-PLAN-005");
    refused("database.mysql.password={ fromEnv: TOKEN }", "DEP-SECRET-004");
    assert_eq!(example.pids(), before);
}

/// A part that is not wanted any more goes, and what it kept stays.
fn without_mlflow(example: &mut Example) {
    let artifacts = example.data("mlflow/artifacts");
    std::fs::write(artifacts.join("model"), "kept").unwrap();
    example.set("MLFLOW__ENABLED", "false");
    let run = example.call("apply", &["--yes", "-o", "json"]).succeeds();
    assert_eq!(run.json()["summary"]["delete"], 4, "{}", run.transcript());
    assert_eq!(example.processes("mlflow"), BTreeSet::new());
    assert_eq!(std::fs::read_to_string(artifacts.join("model")).unwrap(), "kept");
    assert_ne!(example.sql_of_mlflow("SELECT COUNT(*) FROM experiments").unwrap(), "0");
    untouched(example);
}

/// Another deployment, on the database of this one with the wrong password.
fn refused_by_the_database(example: &Example) {
    let wrong = planted("DATABASE_PASSWORD").replace("db", "another");
    let text = json!({
        "name": "refused",
        "scenario": "remote-server",
        "target": { "local": {} },
        "database": { "mysql": {
            "url": format!("mysql://127.0.0.1:{}/zenml", example.database_port),
            "password": { "fromFile": example.env.write("planted/WRONG", &wrong) },
            "tls": { "ca": example.authority() },
        } },
    });
    let path = example.env.write("refused.yaml", &text.to_string()).display().to_string();
    let call =
        example.env.deploy(["apply", "-f", &path, "--yes"]).without_variable("DEPLOY_VALUE_DATABASE__MYSQL__PORT");
    let run = example.keep(call.run()).exits(10);
    assert!(run.stderr.contains("error[DEP-DATABASE-004]"), "{}", run.transcript());
    SecretScanner::assert_none(&SecretScanner::new([("wrong", wrong.as_str())]).search_text("stderr", &run.stderr));
}

/// Looks at the arguments of all programs, all the time.
struct Watch {
    ended: Arc<AtomicBool>,
    thread: JoinHandle<Vec<Find>>,
}

impl Watch {
    fn begin() -> Self {
        let ended = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&ended);
        let thread = std::thread::spawn(move || {
            let scanner = SecretScanner::new(PLANTED);
            let mut finds = Vec::new();
            while !stop.load(Ordering::Relaxed) && finds.len() < 10 {
                finds.extend(scanner.search_command_lines());
                std::thread::sleep(Duration::from_millis(20));
            }
            finds
        });
        Self { ended, thread }
    }

    fn end(self) -> Vec<Find> {
        self.ended.store(true, Ordering::Relaxed);
        self.thread.join().unwrap()
    }
}
