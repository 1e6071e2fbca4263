//! Every probe against real servers: MariaDB over TLS, ZenML on it, MLflow beside it, a client. Healthy, then broken
//! in the ways that happen, printing what an engineer would see:
//!
//! ```text
//! DEPLOY_TEST_ZENML=VENV DEPLOY_TEST_MLFLOW=VENV cargo test --lib health -- --ignored --nocapture
//! ```
//!
//! `DEPLOY_TEST_RELEASE` names the ZenML release of the first environment if it is not 0.98.0.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use super::*;
use crate::diagnostics::draw::draw;
use crate::unit::local::DatabaseTls;

const DATABASE_PASSWORD: &str = "database-password-of-the-test";

/// The programs of the test, each in a process group of its own, killed when the test ends.
#[derive(Clone, Default)]
struct Programs(Arc<Mutex<BTreeMap<String, (Child, PathBuf, Speaker)>>>);

impl Programs {
    fn start(&self, unit: &str, speaker: Speaker, log: PathBuf, command: &mut Command) {
        let out = File::create(&log).unwrap();
        command.stdin(Stdio::null()).stdout(out.try_clone().unwrap()).stderr(out).process_group(0);
        self.0.lock().unwrap().insert(unit.to_owned(), (command.spawn().unwrap(), log, speaker));
    }

    fn kill(&self, unit: &str) {
        let mut programs = self.0.lock().unwrap();
        let (child, ..) = programs.get_mut(unit).unwrap();
        let group = rustix::process::Pid::from_child(child);
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        let _ = child.wait();
    }

    fn state(&self, unit: &UnitId) -> ProcessState {
        let mut programs = self.0.lock().unwrap();
        let (child, log, speaker) = programs.get_mut(unit.as_str()).unwrap();
        let status = child.try_wait().unwrap();
        let exit =
            status.map(|status| status.code().map_or_else(|| Exit::Signal(status.signal().unwrap_or(0)), Exit::Code));
        let log_tail = std::fs::read_to_string(&log).unwrap_or_default();
        ProcessState {
            running: exit.is_none(),
            pid: Some(child.id()),
            exit,
            unseen: None,
            log_tail,
            log: Some(log.clone()),
            speaker: *speaker,
        }
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let units: Vec<_> = self.programs.0.lock().unwrap().keys().cloned().collect();
        for unit in units {
            self.programs.kill(&unit);
        }
    }
}

/// Everything that runs, and where.
struct Stage {
    folder: tempfile::TempDir,
    programs: Programs,
    zenml: PathBuf,
    release: String,
    database_port: String,
    server_port: String,
    mlflow_port: String,
}

fn port() -> String {
    closed_port().rsplit(':').next().unwrap().to_owned()
}

fn run(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let exit = output.status.code().map(Exit::Code);
    assert!(
        output.status.success(),
        "{:?}: {:#?}",
        command.get_program(),
        crate::causes::of(Speaker::Zenml, exit, &said)
    );
    said
}

impl Stage {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn set() -> Self {
        let variable = |name: &str| std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set"));
        let stage = Self {
            folder: tempfile::tempdir().unwrap(),
            programs: Programs::default(),
            zenml: variable("DEPLOY_TEST_ZENML").into(),
            release: std::env::var("DEPLOY_TEST_RELEASE").unwrap_or_else(|_| "0.98.0".to_owned()),
            database_port: port(),
            server_port: port(),
            mlflow_port: port(),
        };
        stage.make_certificates();
        stage.make_database();
        stage.start_database();
        run(stage.with_store(&mut Command::new(stage.zenml.join("bin/zenml"))).arg("migrate-database"));
        stage.copy_dashboard();
        stage.start_server("server");
        stage.start_mlflow(Path::new(&variable("DEPLOY_TEST_MLFLOW")));
        stage
    }

    fn make_certificates(&self) {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut authority = rcgen::CertificateParams::new(Vec::new()).unwrap();
        authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        authority.distinguished_name.push(rcgen::DnType::CommonName, "authority of the test");
        let certificate = authority.self_signed(&key).unwrap();
        std::fs::write(self.path("ca.pem"), certificate.pem()).unwrap();
        let issuer = rcgen::Issuer::new(authority, key);
        let server_key = rcgen::KeyPair::generate().unwrap();
        let server = rcgen::CertificateParams::new(vec!["127.0.0.1".to_owned()])
            .unwrap()
            .signed_by(&server_key, &issuer)
            .unwrap();
        std::fs::write(self.path("server.pem"), server.pem()).unwrap();
        std::fs::write(self.path("server.key"), server_key.serialize_pem()).unwrap();
    }

    fn make_database(&self) {
        let folder = self.folder.path().display().to_string();
        let configuration = format!(
            "[mariadbd]\ndatadir={folder}/data\nsocket={folder}/s\nport={}\nbind-address=127.0.0.1\nskip-name-resolve\nssl-ca={folder}/ca.pem\nssl-cert={folder}/server.pem\nssl-key={folder}/server.key\nrequire_secure_transport=ON\ninnodb_log_file_size=32M\ninnodb_buffer_pool_size=64M\nperformance_schema=OFF\n",
            self.database_port
        );
        std::fs::write(self.path("my.cnf"), configuration).unwrap();
        std::fs::set_permissions(self.path("my.cnf"), std::fs::Permissions::from_mode(0o600)).unwrap();
        run(Command::new("mariadb-install-db")
            .args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db", "--user=root"])
            .arg(format!("--datadir={folder}/data")));
        let sql = format!(
            "FLUSH PRIVILEGES;\nDELETE FROM mysql.global_priv WHERE User='';\nFLUSH PRIVILEGES;\nCREATE DATABASE zenml CHARACTER SET utf8mb4;\nCREATE USER 'zenml'@'%' IDENTIFIED BY '{DATABASE_PASSWORD}' REQUIRE SSL;\nGRANT ALL ON zenml.* TO 'zenml'@'%';\nFLUSH PRIVILEGES;\n"
        );
        std::fs::write(self.path("init.sql"), sql).unwrap();
        let made =
            self.mariadbd().arg("--bootstrap").stdin(File::open(self.path("init.sql")).unwrap()).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    }

    fn mariadbd(&self) -> Command {
        let mut command = Command::new("/usr/sbin/mariadbd");
        command.arg(format!("--defaults-file={}", self.path("my.cnf").display())).arg("--user=root");
        command
    }

    fn start_database(&self) {
        self.programs.start("database", Speaker::Mariadb, self.path("database.log"), &mut self.mariadbd());
        self.wait_for(&self.database_port);
    }

    fn wait_for(&self, port: &str) {
        for _ in 0..600 {
            if std::net::TcpStream::connect(format!("127.0.0.1:{port}")).is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        let states: Vec<_> = ["database", "server", "mlflow"]
            .iter()
            .filter(|unit| self.programs.0.lock().unwrap().contains_key(**unit))
            .map(|unit| self.programs.state(&UnitId::new(*unit)).log_tail)
            .collect();
        panic!("nothing listens on {port}: {states:#?}");
    }

    fn with_store<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        let folder = self.folder.path().display().to_string();
        command.env_clear().env("PATH", std::env::var("PATH").unwrap());
        command.env("HOME", &folder).env("ZENML_CONFIG_PATH", format!("{folder}/config")).env("COLUMNS", "400");
        command.envs([
            ("ZENML_SERVER", "True"),
            ("ZENML_ANALYTICS_OPT_IN", "False"),
            ("ZENML_LOGGING_COLORS_DISABLED", "True"),
        ]);
        command.env("ZENML_STORE_URL", format!("mysql://zenml@127.0.0.1:{}/zenml", self.database_port));
        command.env("ZENML_STORE_PASSWORD", DATABASE_PASSWORD).env("ZENML_STORE_SSL_CA", format!("{folder}/ca.pem"));
        if super::super::probe::is_at_least(&self.release, [0, 74]) {
            command.env("ZENML_STORE_SSL", "True").env("ZENML_STORE_SSL_VERIFY_SERVER_CERT", "True");
        }
        command.envs([
            ("ZENML_STORE_TYPE", "sql"),
            ("ZENML_SECRETS_STORE_TYPE", "sql"),
            ("ZENML_SECRETS_STORE_ENCRYPTION_KEY", "0123456789abcdef0123456789abcdef"),
        ]);
        command.envs([
            ("ZENML_SERVER_AUTH_SCHEME", "OAUTH2_PASSWORD_BEARER"),
            ("ZENML_SERVER_JWT_SECRET_KEY", "fedcba9876543210fedcba9876543210"),
            ("ZENML_SERVER_DEPLOYMENT_TYPE", "other"),
        ]);
        command.envs([
            ("ZENML_SERVER_AUTO_ACTIVATE", "True"),
            ("ZENML_DEFAULT_USER_NAME", "admin"),
            ("ZENML_DEFAULT_USER_PASSWORD", PASSWORD),
        ])
    }

    /// A dashboard of our own, to break.
    fn copy_dashboard(&self) {
        let python = std::fs::read_dir(self.zenml.join("lib")).unwrap().next().unwrap().unwrap().path();
        let from = python.join("site-packages/zenml/zen_server/dashboard");
        run(Command::new("cp").arg("-r").arg(from).arg(self.path("dashboard")));
    }

    fn start_server(&self, unit: &str) {
        let mut command = Command::new(self.zenml.join("bin/python"));
        command.args([
            "-m",
            "uvicorn",
            "zenml.zen_server.zen_server_api:app",
            "--host",
            "127.0.0.1",
            "--no-server-header",
            "--port",
            &self.server_port,
        ]);
        self.with_store(&mut command)
            .env("DISABLE_DATABASE_MIGRATION", "True")
            .env("ZENML_SERVER_DASHBOARD_FILES_PATH", self.path("dashboard"));
        self.programs.start(unit, Speaker::Zenml, self.path(&format!("{unit}.log")), &mut command);
        if unit == "server" {
            self.wait_for(&self.server_port);
        }
    }

    fn start_mlflow(&self, environment: &Path) {
        let folder = self.folder.path().display().to_string();
        let mut command = Command::new(environment.join("bin/mlflow"));
        command.args([
            "server",
            "--host",
            "127.0.0.1",
            "--port",
            &self.mlflow_port,
            "--serve-artifacts",
            "--workers",
            "1",
            "--artifacts-destination",
            &format!("{folder}/artifacts"),
        ]);
        command
            .env("HOME", &folder)
            .env("MLFLOW_BACKEND_STORE_URI", format!("sqlite:///{folder}/mlflow.db"))
            .current_dir(&folder);
        command.envs([
            ("MLFLOW_DISABLE_TELEMETRY", "true"),
            ("DO_NOT_TRACK", "true"),
            ("MLFLOW_SERVER_ENABLE_JOB_EXECUTION", "false"),
        ]);
        self.programs.start("mlflow", Speaker::Mlflow, self.path("mlflow.log"), &mut command);
        self.wait_for(&self.mlflow_port);
    }

    /// A client with a store of its own, wrapped as the client unit wraps it.
    fn client(&self) -> String {
        let (path, folder) = (self.path("zenml"), self.folder.path().display());
        let script = format!(
            "#!/bin/sh\nexport ZENML_CONFIG_PATH={folder}/client HOME={folder}\nexec {}/bin/zenml \"$@\"\n",
            self.zenml.display()
        );
        std::fs::write(&path, script).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path.display().to_string()
    }

    fn address(&self, ca: &str) -> DatabaseAddress {
        DatabaseAddress::Mysql {
            host: "127.0.0.1".into(),
            port: self.database_port.as_str().into(),
            database: "zenml".into(),
            username: "zenml".into(),
            password: Some(Text::secret(&SecretName::new("database-password"))),
            tls: Some(DatabaseTls { ca: Some(self.path(ca).display().to_string().into()), verify_name: true }),
        }
    }

    fn probes(&self) -> Vec<Probe> {
        let url = format!("http://127.0.0.1:{}", self.server_port);
        let mlflow = format!("http://127.0.0.1:{}", self.mlflow_port);
        let (address, admin) = (self.address("ca.pem"), password());
        let mut probes = vec![
            Probe::process_alive(Component::Database, "database"),
            Probe::port_open(Component::Database, format!("127.0.0.1:{}", self.database_port)),
            Probe::database_answers(&address),
            Probe::database_tls(&address),
            Probe::schema_revision(&address, self.release.as_str()),
            Probe::process_alive(Component::Server, "server"),
            Probe::liveness(url.as_str()),
            Probe::server_info(url.as_str(), ExpectedInfo { version: self.release.clone(), ..expected() }),
            Probe::login(url.as_str(), "admin", Some(&admin)),
            Probe::secret_round_trip(url.as_str(), "admin", Some(&admin), &self.release),
            Probe::dashboard(url.as_str()),
            Probe::client_sees_store(self.client()),
            Probe::process_alive(Component::Mlflow, "mlflow"),
            Probe::mlflow_health(mlflow.as_str()),
            Probe::mlflow_version(mlflow.as_str(), "3.17.2"),
            Probe::mlflow_round_trip(mlflow.as_str()),
        ];
        if Page::has_readiness(&self.release) {
            probes.insert(7, Probe::readiness(url.as_str()));
        }
        probes
    }

    fn context(&self) -> HealthContext {
        let programs = self.programs.clone();
        let ctx = context(self.folder.path(), move |unit| programs.state(unit));
        ctx.secrets.store().write(&SecretName::new("database-password"), &DATABASE_PASSWORD.into()).unwrap();
        HealthContext { time_limit: Duration::from_secs(20), ..ctx }
    }

    async fn look_at_a_broken_dashboard(&self, ctx: &HealthContext, probes: &[Probe]) {
        let page = std::fs::read_to_string(self.path("dashboard/index.html")).unwrap();
        let mut assets = std::fs::read_dir(self.path("dashboard/assets")).unwrap().flatten().map(|entry| entry.path());
        let is_named = |path: &PathBuf| page.contains(path.file_name().unwrap().to_str().unwrap());
        let style =
            assets.find(|path| path.extension().is_some_and(|extension| extension == "css") && is_named(path)).unwrap();
        std::fs::rename(&style, self.path("kept.css")).unwrap();
        let seen = self.look("broken asset", ctx, probes).await;
        assert_eq!(first_code(&seen), Some((codes::HEALTH_DASHBOARD, codes::HEALTH_DASHBOARD)));
        std::fs::rename(self.path("kept.css"), &style).unwrap();
    }

    async fn look(&self, title: &str, ctx: &HealthContext, probes: &[Probe]) -> Round {
        let seen = round(probes, ctx).await;
        let mut shown = format!("\n==== {title} ({:.1} s)\n", seen.seconds);
        for check in &seen.checks {
            let mark = if check.ok {
                "ok"
            } else if check.skipped {
                "--"
            } else {
                "XX"
            };
            shown += &format!("{mark} {:<34} {}\n", check.name, check.detail);
        }
        if let Some(finding) = seen.first_failure().and_then(|check| check.finding.as_ref()) {
            shown += &anstream::adapter::strip_str(&draw(finding, 120)).to_string();
        }
        let _ = std::io::stdout().write_all(shown.as_bytes());
        let json = serde_json::to_string(&seen).unwrap();
        assert!(!json.contains(PASSWORD) && !json.contains(DATABASE_PASSWORD), "{json}");
        seen
    }
}

fn first_code(round: &Round) -> Option<(crate::diagnostics::Code, crate::diagnostics::Code)> {
    round.first_failure().map(|check| (check.code, check.finding.as_ref().unwrap().code))
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "slow: real ZenML"]
async fn every_probe_on_real_servers() {
    let stage = Stage::set();
    let (ctx, probes) = (stage.context(), stage.probes());

    let healthy = stage.look("healthy", &ctx, &probes).await;
    assert!(healthy.healthy);
    assert!(stage.look("healthy again", &ctx, &probes).await.healthy);

    let wrong = stage.context();
    wrong.secrets.store().write(&password(), &"not-the-password".into()).unwrap();
    let seen = stage.look("wrong password", &wrong, &probes).await;
    assert_eq!(first_code(&seen), Some((codes::HEALTH_LOGIN, codes::SERVER_LOGIN_REFUSED)));

    // Older releases serve the files of their own installation, which is not ours to break.
    if super::super::probe::is_at_least(&stage.release, [0, 98]) {
        stage.look_at_a_broken_dashboard(&ctx, &probes).await;
    }

    stage.programs.kill("database");
    let seen = stage.look("database killed", &ctx, &probes).await;
    assert_eq!(first_code(&seen), Some((codes::HEALTH_PROCESS, codes::PROCESS_KILLED)));
    let server_only: Vec<_> = probes.iter().filter(|probe| probe.component() != Component::Database).cloned().collect();
    let seen = stage.look("database killed, and not ours to look at", &ctx, &server_only).await;
    assert_eq!(first_code(&seen), Some((codes::HEALTH_INFO, codes::DATABASE_UNREACHABLE)));
    stage.start_database();
    assert!(stage.look("database back", &ctx, &probes).await.healthy);

    let mut other = probes.clone();
    other.push(Probe::process_alive(Component::Server, "second"));
    stage.start_server("second");
    tokio::time::sleep(Duration::from_secs(15)).await;
    let seen = stage.look("a second server on the same port", &ctx, &other[other.len() - 1..]).await;
    assert_eq!(first_code(&seen), Some((codes::HEALTH_PROCESS, codes::PROCESS_PORT_TAKEN)));

    std::fs::copy(stage.path("server.pem"), stage.path("other-ca.pem")).unwrap();
    let seen = stage.look("another authority", &ctx, &[Probe::database_answers(&stage.address("other-ca.pem"))]).await;
    assert_eq!(first_code(&seen), Some((codes::HEALTH_DATABASE, codes::DATABASE_CERTIFICATE)));
    let seen = stage.look("another release", &ctx, &[Probe::schema_revision(&stage.address("ca.pem"), "0.60.0")]).await;
    assert_eq!(first_code(&seen), Some((codes::HEALTH_SCHEMA, codes::DATABASE_SCHEMA_AHEAD)));

    stage.programs.kill("server");
    stage.programs.kill("mlflow");
    let seen = stage.look("server and MLflow killed", &ctx, &probes).await;
    assert_eq!(first_code(&seen), Some((codes::HEALTH_PROCESS, codes::PROCESS_KILLED)));
    let xml = crate::report::junit::junit("trial", &[healthy, seen]).unwrap();
    assert!(xml.contains("tests=\"34\"") || !Page::has_readiness(&stage.release), "{xml}");
}
