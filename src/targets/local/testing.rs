//! A deployment in a temporary folder, for tests of drivers.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Child, Command as Program};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::certificate::CertificateDriver;
use super::target::LocalTarget;
use crate::diagnostics::Origin;
use crate::scenario::{Component, Side, TargetKind};
use crate::secrets::{Alphabet, Fit, SecretName, SecretSource, SecretSpec, SecretStore, Secrets};
use crate::unit::local::Certificate;
use crate::unit::{Context, Driver as _, Outputs, Owned, Spec, Unit, UnitId};
use crate::world::World;

pub(super) struct Ground {
    // Removed when the test ends.
    folder_guard: Option<tempfile::TempDir>,
    pub(super) target: LocalTarget,
}

impl Ground {
    pub(super) fn new() -> Self {
        Self::with(&[])
    }

    /// With further environment variables.
    pub(super) fn with(variables: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut ground = Self::made(folder.path().to_path_buf(), variables);
        ground.folder_guard = Some(folder);
        ground
    }

    /// In a folder that stays.
    pub(super) fn at(home: PathBuf) -> Self {
        Self::made(home, &[])
    }

    fn made(home: PathBuf, variables: &[(&str, &str)]) -> Self {
        let mut environment: BTreeMap<String, String> =
            ["PATH", "LANG", "TMPDIR", "SSL_CERT_FILE", "HTTPS_PROXY", "NO_PROXY"]
                .into_iter()
                .filter_map(|name| Some((name.to_owned(), std::env::var(name).ok()?)))
                .collect();
        environment.insert("HOME".to_owned(), home.display().to_string());
        environment.extend(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let world = World::new(environment, home.join("state"), home.clone(), PathBuf::from("/nonexistent"));
        std::fs::create_dir_all(&world.home).expect("the state folder");
        Self { folder_guard: None, target: LocalTarget::new(world, "test") }
    }

    pub(super) fn context(&self) -> Context {
        let secrets = [
            secret("generated", SecretSource::Generate { length: None }),
            secret("database-password", SecretSource::Generate { length: None }),
            secret("other-password", SecretSource::Generate { length: None }),
            secret("root-password", SecretSource::Generate { length: None }),
            secret("admin-password", SecretSource::Generate { length: None }),
            secret("encryption-key", SecretSource::Generate { length: Some(64) }),
            secret("from-variable", SecretSource::FromEnv("NOT_THERE".to_owned())),
        ];
        let store = SecretStore::new(self.target.folder.secrets());
        let secrets = Secrets::new(secrets, store, self.target.world.clone(), None);
        secrets.ensure_fingerprint_key().expect("a key");
        Context {
            secrets: Arc::new(secrets),
            progress: Arc::new(|_| {}),
            cancel: CancellationToken::new(),
            time_limit: Duration::from_secs(300),
        }
    }

    pub(super) fn unit<S: Spec>(id: &str, spec: &S) -> Unit {
        Unit::new(id, id, Component::Server, Side::Customer, TargetKind::Local, spec)
    }

    /// What is recorded under this id.
    pub(super) fn owned(&self, id: &str) -> Owned {
        self.target.records().read(&UnitId::new(id)).expect("records").expect("a record")
    }
}

fn secret(name: &str, source: SecretSource) -> SecretSpec {
    SecretSpec {
        name: SecretName::new(name),
        source,
        purpose: name.to_owned(),
        fit: Fit { min_length: 8, length: 32, alphabet: Alphabet::Alphanumeric, ascii: false },
        path: name.to_owned(),
        origin: Origin::Default,
    }
}

/// A running server over the folder that a driver made.
pub(super) struct DatabaseServer {
    pub(super) process: Child,
    pub(super) port: u16,
    pub(super) ca: PathBuf,
}

impl DatabaseServer {
    pub(super) async fn start(ground: &Ground, ctx: &Context, outputs: &Outputs) -> Self {
        let certificate = Certificate { subjects: vec!["127.0.0.1".into()], days: 90 };
        let unit = Ground::unit("database/certificate", &certificate);
        let files = CertificateDriver(ground.target.clone()).apply(&unit, ctx).await.unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let home = ground.target.home.path();
        let configuration = format!(
            "[mysqld]\ndatadir={}\nsocket={}\nport={port}\nbind-address=127.0.0.1\nskip-name-resolve\nssl-ca={}\nssl-cert={}\nssl-key={}\n\
             require_secure_transport=ON\ninnodb_log_file_size=32M\n{}",
            outputs["folder"],
            home.join("s").display(),
            files["ca"],
            files["certificate"],
            files["key"],
            outputs["settings"],
        );
        crate::files::write_atomically(&home.join("my.cnf"), configuration.as_bytes()).unwrap();
        let log = std::fs::File::create(home.join("server.log")).unwrap();
        let process = Program::new(&outputs["program"])
            .arg(format!("--defaults-file={}", home.join("my.cnf").display()))
            .env("LD_LIBRARY_PATH", &outputs["libraries"])
            .stderr(log)
            .spawn()
            .unwrap();
        let server = Self { process, port, ca: PathBuf::from(&files["ca"]) };
        let begin = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            let log = std::fs::read_to_string(home.join("server.log")).unwrap();
            assert!(begin.elapsed() < Duration::from_secs(10), "{log}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        server
    }

    pub(super) fn stop(&mut self) {
        let pid = rustix::process::Pid::from_child(&self.process);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for DatabaseServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
