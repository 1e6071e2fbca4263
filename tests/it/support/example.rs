//! An example of the repository as a user applies it, and all that was said about it.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Deploy, Process, Run, Setup, TestEnv, Zenml, free_port, repository};

/// One of `examples/`, in a world of its own. The file is taken as it is; ports that no other test has, and where
/// packages come from, are set through the environment, as a machine of CI would.
pub struct Example {
    pub env: TestEnv,
    pub name: String,
    files: Vec<PathBuf>,
    pub server_port: u16,
    pub database_port: u16,
    pub mlflow_port: u16,
    said: RefCell<Vec<Run>>,
}

impl Example {
    /// With the Python environments of all tests.
    pub fn new(name: &str) -> Self {
        let example = Self::with_own_python(name);
        example.env.share_python();
        example
    }

    /// Makes its Python environments itself.
    pub fn with_own_python(name: &str) -> Self {
        let mut example = Self {
            env: TestEnv::new(),
            name: name.to_owned(),
            files: vec![repository().join(format!("examples/{name}.yaml"))],
            server_port: free_port(),
            database_port: free_port(),
            mlflow_port: free_port(),
            said: RefCell::default(),
        };
        let text = std::fs::read_to_string(&example.files[0]).unwrap();
        let scenario = text.lines().find_map(|line| line.strip_prefix("scenario: ")).unwrap();
        let mut ports = Vec::new();
        if scenario != "local-sqlite" {
            ports.push(("SERVER__PORT", example.server_port));
        }
        if ["remote-server", "on-prem"].contains(&scenario) {
            ports.push(("DATABASE__MYSQL__PORT", example.database_port));
            ports.push(("MLFLOW__PORT", example.mlflow_port));
        }
        for (path, port) in ports {
            example.set(path, &port.to_string());
        }
        example.set("TARGET__LOCAL__WHEELHOUSE", Setup::get().value("DEPLOY_TEST_WHEELHOUSE").unwrap());
        example
    }

    /// Sets a value of the file for all later calls: `SERVER__PORT` is `server.port`.
    pub fn set(&mut self, path: &str, value: &str) {
        self.env.set(&format!("DEPLOY_VALUE_{path}"), value);
    }

    /// A further file, whose values win.
    pub fn add_file(&mut self, file: &Path) {
        self.files.push(file.to_owned());
    }

    /// A call with the deployment's files, not started yet.
    pub fn prepare(&self, verb: &[&str], more: &[&str]) -> Deploy {
        let files = self.files.iter().flat_map(|file| [OsStr::new("-f"), file.as_os_str()]);
        let words = verb.iter().map(OsStr::new).chain(files).chain(more.iter().map(OsStr::new));
        self.env.deploy(words).in_folder(&repository())
    }

    /// A call with the deployment's files, to its end.
    pub fn call(&self, verb: &str, more: &[&str]) -> Run {
        let words: Vec<&str> = verb.split(' ').collect();
        self.keep(self.prepare(&words, more).run())
    }

    /// A call with the deployment's name instead of its files.
    pub fn call_by_name(&self, verb: &str, more: &[&str]) -> Run {
        let words = verb.split(' ').chain(["--name", &self.name]).chain(more.iter().copied());
        self.keep(self.env.deploy(words.map(OsStr::new)).run())
    }

    /// Remembers what a call said.
    pub fn keep(&self, run: Run) -> Run {
        self.said.borrow_mut().push(run.clone());
        run
    }

    /// All calls so far.
    pub fn said(&self) -> Vec<Run> {
        self.said.borrow().clone()
    }

    /// Where `deploy` keeps everything of it.
    pub fn folder(&self) -> PathBuf {
        self.env.deployment(&self.name)
    }

    pub fn data(&self, unit: &str) -> PathBuf {
        self.folder().join("data").join(unit.replace('/', "--"))
    }

    /// How often the journal of steps has a line like this: `intent server`, `done database/schema`.
    pub fn steps(&self, record: &str, unit: &str) -> usize {
        let text = std::fs::read_to_string(self.folder().join("journal.jsonl")).unwrap_or_default();
        let lines = text.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
        lines.filter(|line| line["record"] == record && line["unit"] == unit).count()
    }

    /// A secret that was generated.
    pub fn generated(&self, secret: &str) -> String {
        std::fs::read_to_string(self.folder().join("secrets").join(secret)).unwrap()
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.server_port)
    }

    /// The server's own interface, with the administrator logged in.
    pub fn zenml(&self) -> Zenml {
        Zenml::log_in(&self.url(), "admin", &self.generated("admin-password")).unwrap()
    }

    /// Numbers of all its processes.
    pub fn pids(&self) -> BTreeSet<i32> {
        self.env.processes().into_iter().map(|process| process.pid).collect()
    }

    /// Those whose arguments hold a text; not the keepers of processes.
    pub fn processes(&self, part: &str) -> BTreeSet<i32> {
        let is_one = |process: &Process| {
            process.command_line.contains(part) && !process.command_line.contains(" internal keep ")
        };
        self.env.processes().into_iter().filter(is_one).map(|process| process.pid).collect()
    }

    /// The authority that signed the certificate of its database.
    pub fn authority(&self) -> PathBuf {
        let sets = std::fs::read_dir(self.data("database/certificate")).unwrap().flatten();
        // The newest one: a renewed set leaves the one before to programs that still read it.
        sets.map(|set| set.path().join("ca.pem")).filter(|ca| ca.exists()).max().unwrap()
    }

    /// What a statement gives, asked with the database's own client over TLS.
    pub fn sql(&self, password: &str, statement: &str) -> Result<String, String> {
        let ca = format!("--ssl-ca={}", self.authority().display());
        self.mariadb(password, &[&ca, "--ssl-verify-server-cert"], statement)
    }

    /// The same as MLflow's own user, in its own database unless the statement names another.
    pub fn sql_of_mlflow(&self, statement: &str) -> Result<String, String> {
        let ca = format!("--ssl-ca={}", self.authority().display());
        let options = ["--user=mlflow", "--database=mlflow", &ca, "--ssl-verify-server-cert"];
        self.mariadb(&self.generated("mlflow-password"), &options, statement)
    }

    /// What a statement gives, asked with the database's own client and further options.
    pub fn mariadb(&self, password: &str, options: &[&str], statement: &str) -> Result<String, String> {
        let output = Command::new("mariadb")
            .env("PATH", Setup::get().value("DEPLOY_TEST_PATH").unwrap())
            .env("MYSQL_PWD", password)
            .args([
                "--no-defaults",
                "--protocol=tcp",
                "--host=127.0.0.1",
                "--user=zenml",
                "--database=zenml",
                "--batch",
                "--skip-column-names",
            ])
            .arg(format!("--port={}", self.database_port))
            .args(options)
            .args(["--execute", statement])
            .output()
            .unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
    }
}

/// What a statement gives, asked with Python's own SQLite.
pub fn sqlite(file: &Path, statement: &str) -> String {
    let script = "import sqlite3, sys\n\
                  store = sqlite3.connect(f'file:{sys.argv[1]}?mode=ro', uri=True)\n\
                  print(*store.execute(sys.argv[2]).fetchone())";
    let python = Setup::get().value("DEPLOY_TEST_PYTHON").unwrap();
    let output = Command::new(python).args(["-c", script]).arg(file).arg(statement).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}
