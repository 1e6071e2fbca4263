//! One deployment in a world of its own, and what a person would remember of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use deploy::engine::Entry;
use serde_json::{Value, json};

use super::child::{Kill, dying, name};
use crate::support::{Deploy, Run, Running, Setup, TestEnv, free_port};

pub(super) const NAME: &str = "crash";

/// The scenarios that are applied to this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scenario {
    LocalSqlite,
    LocalServer,
    RemoteServer,
    OnPrem,
}

impl Scenario {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::LocalSqlite => "local-sqlite",
            Self::LocalServer => "local-server",
            Self::RemoteServer => "remote-server",
            Self::OnPrem => "on-prem",
        }
    }

    pub(super) fn has_server(self) -> bool {
        self != Self::LocalSqlite
    }

    pub(super) fn has_mysql(self) -> bool {
        matches!(self, Self::RemoteServer | Self::OnPrem)
    }
}

/// A deployment of a scenario. Ports are given, since two sites that look for free ones at the same time would find
/// the same: they do not know of each other.
pub(super) struct Site {
    pub(super) env: TestEnv,
    pub(super) scenario: Scenario,
    pub(super) server_port: u16,
    pub(super) database_port: u16,
    pub(super) mlflow_port: u16,
}

impl Site {
    pub(super) fn new(scenario: Scenario) -> Self {
        Self::in_world(scenario, |env| env.share_python(), json!({}))
    }

    pub(super) fn in_world(scenario: Scenario, prepare: impl FnOnce(&mut TestEnv), more: Value) -> Self {
        let mut env = TestEnv::new();
        prepare(&mut env);
        let [server_port, database_port, mlflow_port] = [free_port(), free_port(), free_port()];
        let wheelhouse = Setup::get().value("DEPLOY_TEST_WHEELHOUSE").unwrap();
        let mut file = json!({
            "name": NAME,
            "scenario": scenario.name(),
            "target": { "local": { "wheelhouse": wheelhouse } },
            "health": { "rounds": 1 },
        });
        if scenario.has_server() {
            file["server"] = json!({ "port": server_port });
        }
        if scenario.has_mysql() {
            file["database"] = json!({ "mysql": { "port": database_port } });
        }
        if scenario == Scenario::OnPrem {
            file["mlflow"] = json!({ "port": mlflow_port });
        }
        for (key, value) in more.as_object().unwrap() {
            file[key] = value.clone();
        }
        // JSON is YAML too.
        env.write("deployment.yaml", &file.to_string());
        Self { env, scenario, server_port, database_port, mlflow_port }
    }

    /// Where `deploy` keeps everything of it.
    pub(super) fn folder(&self) -> PathBuf {
        self.env.deployment(NAME)
    }

    /// The folder of a unit's data.
    pub(super) fn data(&self, unit: &str) -> PathBuf {
        self.folder().join("data").join(unit.replace('/', "--"))
    }

    pub(super) fn call(&self, arguments: &[&str]) -> Deploy {
        self.env.deploy(arguments)
    }

    /// An apply by the real binary, to its end.
    pub(super) fn apply(&self) -> Run {
        self.call(&["apply", "--yes"]).run()
    }

    /// A run that kills itself. The name of the journal's last line, or none if it came to its end before.
    #[track_caller]
    pub(super) fn dies(&self, arguments: &[&str], kill: Kill) -> Option<String> {
        let run = dying(self.call(&[]), arguments, kill).run();
        if run.signal == Some(9) {
            return Some(self.lines().pop().unwrap_or_default());
        }
        run.succeeds();
        None
    }

    /// Names of the journal's lines; the last one may be half written.
    pub(super) fn lines(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.folder().join("journal.jsonl")).unwrap_or_default();
        let entries = text.lines().map_while(|line| serde_json::from_str::<Entry>(line).ok());
        entries.map(|entry| name(&entry.record)).collect()
    }

    /// Ends everything that was started from here at once, as when the power fails. Files stay as they are.
    pub(super) fn power_cut(&self) {
        let began = Instant::now();
        loop {
            let processes = self.env.processes();
            // The sockets of a killed program are closed with its last thread, a moment after it is seen gone.
            if processes.is_empty() && !self.listens() {
                return;
            }
            assert!(began.elapsed() < Duration::from_secs(20), "cannot be killed: {processes:?}");
            processes.iter().for_each(crate::support::Process::kill);
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Whether anybody takes connections where servers of this deployment do.
    fn listens(&self) -> bool {
        let ports = [self.server_port, self.database_port, self.mlflow_port];
        ports.iter().any(|port| std::net::TcpStream::connect(("127.0.0.1", *port)).is_ok())
    }

    /// Names and values of all kept secrets.
    pub(super) fn secrets(&self) -> BTreeMap<String, Vec<u8>> {
        let entries = std::fs::read_dir(self.folder().join("secrets")).into_iter().flatten().flatten();
        entries
            .map(|entry| (entry.file_name().to_string_lossy().into_owned(), std::fs::read(entry.path()).unwrap()))
            .collect()
    }

    pub(super) fn secret(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder().join("secrets").join(name)).unwrap()
    }

    /// Asks until the answer is yes. For moments in the middle of a step; no is an answer too if the run has ended.
    pub(super) fn wait_while_running(&self, running: &mut Running, mut arrived: impl FnMut(&Self) -> bool) -> bool {
        loop {
            if arrived(self) {
                return true;
            }
            if running.has_ended() {
                return false;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Whether the journal has this line.
    pub(super) fn has_line(&self, line: &str) -> bool {
        self.lines().iter().any(|found| found == line)
    }

    /// Names of all tables in the SQLite store; none while nobody can read it.
    pub(super) fn sqlite_tables(&self) -> Vec<String> {
        let question = "SELECT name FROM sqlite_master WHERE type = 'table'";
        self.ask_sqlite(question).unwrap_or_default()
    }

    /// First column of an answer of the SQLite store.
    pub(super) fn ask_sqlite(&self, question: &str) -> Option<Vec<String>> {
        let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
        let store = rusqlite::Connection::open_with_flags(self.data("database").join("zenml.db"), flags).ok()?;
        let mut statement = store.prepare(question).ok()?;
        statement.query_map([], |row| row.get(0)).ok()?.collect::<Result<_, _>>().ok()
    }

    /// First column of an answer of the private MariaDB, asked as the server asks it.
    pub(super) fn ask_mysql(&self, database: &str, question: &str) -> Option<Vec<String>> {
        let certificates = std::fs::read_dir(self.data("database/certificate")).ok()?.flatten();
        let ca = certificates.map(|entry| entry.path().join("ca.pem")).find(|path| path.exists())?;
        let port = self.database_port.to_string();
        let mut command = std::process::Command::new("mariadb");
        command.args(["--no-defaults", "--host=127.0.0.1", "--user=zenml", "--batch", "--skip-column-names"]);
        command.arg(format!("--port={port}")).arg(format!("--ssl-ca={}", ca.display()));
        let output = command.args(["--execute", question, database]).env("MYSQL_PWD", self.secret("database-password"));
        let output = output.output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        output.status.success().then(|| text.lines().map(str::to_owned).collect())
    }

    /// How many tables a database of the private MariaDB has, by its files.
    pub(super) fn mysql_table_files(&self, database: &str) -> usize {
        let entries = std::fs::read_dir(self.data("database/data").join(database)).into_iter().flatten().flatten();
        entries.filter(|entry| entry.path().extension().is_some_and(|kind| kind == "ibd")).count()
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.server_port)
    }
}

/// Whether a folder has an entry whose name begins like this.
pub(super) fn has_entry(folder: &Path, prefix: &str) -> bool {
    let mut entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.any(|entry| entry.file_name().to_string_lossy().starts_with(prefix))
}
