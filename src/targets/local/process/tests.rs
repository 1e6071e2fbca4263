//! With real processes. Each case has a home of its own and ends what it started, also when it fails.

#![allow(clippy::print_stderr, reason = "a test that is passed over says so")]

mod containers;

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU16, Ordering};

use rustix::process::Signal;
use secrecy::ExposeSecret as _;
use tokio::time::Instant;

use super::super::keeper::Launch;
use super::super::launch::{Launched, launch};
use super::super::log_file;
use super::super::process_table::{self, Entry};
use super::super::run_folder::MARKER;
use super::super::stop::stop;
use super::super::testing::Ground;
use super::super::{Identity, group};
use super::*;
use crate::causes::Exit;
use crate::secrets::SecretName;
use crate::unit::Text;
use crate::unit::local::{Port, ReadyWhen, Runtime};

/// Where a test looks for free ports: far from what else runs, and from other tests, which have homes of their own.
fn first_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(20_000);
    thread_local!(static OWN: u16 = NEXT.fetch_add(50, Ordering::Relaxed));
    std::env::var("DEPLOY_TEST_PORT").map_or_else(|_| OWN.with(|port| *port), |port| port.parse().unwrap())
}

/// A program that acts as `deploy internal keep FOLDER`: this test binary.
fn keeper_program() -> PathBuf {
    static SCRIPT: OnceLock<PathBuf> = OnceLock::new();
    let make = || {
        let own = std::env::current_exe().unwrap();
        let text = format!(
            "#!/bin/sh\nDEPLOY_TEST_KEEPS=\"$3\" exec '{}' --exact --quiet --nocapture --test-threads=1 \
             targets::local::keeper::tests::as_keeper\n",
            own.display()
        );
        let script = own.with_extension("keeper");
        if std::env::var_os("DEPLOY_TEST_STARTS").is_none() {
            let executable = std::fs::Permissions::from_mode(0o755);
            let new = tempfile::Builder::new().permissions(executable).tempfile_in(own.parent().unwrap()).unwrap();
            std::fs::write(new.path(), text).unwrap();
            new.persist(&script).unwrap();
        }
        script
    };
    SCRIPT.get_or_init(make).clone()
}

struct Case {
    ground: Ground,
    driver: ProcessDriver,
    ctx: Context,
}

impl Case {
    fn new() -> Self {
        Self::of(Ground::new())
    }

    fn of(mut ground: Ground) -> Self {
        ground.target.world.program = keeper_program();
        let driver = ProcessDriver::new(ground.target.clone());
        let ctx = ground.context();
        Self { ground, driver, ctx }
    }

    fn folder(&self) -> RunFolder {
        self.driver.folder(&UnitId::new("server"))
    }

    fn started(&self) -> Started {
        self.folder().started().unwrap()
    }

    fn child(&self) -> Identity {
        self.started().identities().1.unwrap()
    }

    fn keeper(&self) -> Identity {
        self.started().identities().0
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.ground.target.folder.log(&UnitId::new("server"))).unwrap_or_default()
    }

    async fn apply(&self, spec: &Process) -> DriverResult<Outputs> {
        self.driver.apply(&unit(spec), &self.ctx).await
    }

    async fn observe(&self, spec: &Process) -> Option<Present> {
        match self.driver.observe(&unit(spec), &self.ctx).await.unwrap() {
            Observation::Absent => None,
            Observation::Present(present) => Some(*present),
        }
    }

    /// As the engine does: asks until there is an answer.
    async fn ready(&self, spec: &Process) -> Result<(), Diagnostic> {
        for _ in 0..200 {
            match self.driver.ready(&unit(spec), &self.ctx).await.unwrap() {
                Readiness::Ready => return Ok(()),
                Readiness::Failed(diagnostic) => return Err(*diagnostic),
                Readiness::Waiting(_) => sleep(Duration::from_millis(50)).await,
            }
        }
        panic!("neither ready nor failed; log:\n{}", self.log());
    }

    async fn delete(&self, data: DataFate) -> DriverResult<Deleted> {
        self.driver.delete(&self.ground.owned("server"), data, &self.ctx).await
    }
}

impl Drop for Case {
    fn drop(&mut self) {
        if let Some(started) = self.folder().started() {
            group::kill_all(|| self.folder().members(&started));
            let _ = started.identities().0.signal(Signal::KILL);
        }
    }
}

impl Started {
    fn identities(&self) -> (Identity, Option<Identity>) {
        match &self.instance {
            Instance::Process { keeper, child } => (keeper.clone(), child.clone()),
            Instance::Container { .. } => panic!("a container"),
        }
    }
}

fn unit(spec: &Process) -> Unit {
    Ground::unit("server", spec)
}

fn process(program: &str, arguments: Vec<Text>) -> Process {
    Process {
        runtime: Runtime::Process,
        program: program.into(),
        arguments,
        environment: BTreeMap::new(),
        files: BTreeMap::new(),
        mounts: Vec::new(),
        port: Port { wanted: None, from: first_port() },
        ready_when: ReadyWhen::PortOpen,
        stop_seconds: 2,
        speaker: Speaker::Zenml,
    }
}

fn shell(script: &str) -> Process {
    process("sh", vec!["-c".into(), script.into()])
}

/// A real server on the unit's port.
fn server() -> Process {
    let script = "import http.server as h; h.test(h.SimpleHTTPRequestHandler, port=int(__import__('sys').argv[1]), bind='127.0.0.1')";
    let mut spec =
        process("/usr/bin/python3", vec!["-u".into(), "-c".into(), script.into(), Text::output("server", "port")]);
    spec.ready_when = ReadyWhen::HttpOk { path: "/".into() };
    spec
}

/// Everything that was started from a run folder and lives.
fn marked(folder: &RunFolder) -> Vec<Entry> {
    let marked = |entry: &Entry| entry.runs() && process_table::was_given(entry.pid, MARKER, folder.path().as_os_str());
    process_table::all().into_iter().filter(marked).collect()
}

async fn until(what: &str, condition: impl Fn() -> bool) {
    for _ in 0..500 {
        if condition() {
            return;
        }
        sleep(Duration::from_millis(20)).await;
    }
    panic!("waited in vain: {what}");
}

#[tokio::test]
async fn a_server_lives_is_kept_is_changed_and_goes() {
    let case = Case::new();
    let mut spec = server();
    assert_eq!(case.observe(&spec).await, None);
    let outputs = case.apply(&spec).await.unwrap();
    case.ready(&spec).await.unwrap();
    assert_eq!(outputs["url"], format!("http://127.0.0.1:{}", outputs["port"]));
    let present = case.observe(&spec).await.unwrap();
    assert_eq!((present.broken, &present.outputs, present.spec), (None, &outputs, unit(&spec).spec));

    let child = case.child();
    assert_eq!(case.ground.target.process_id(&UnitId::new("server")), Some(child.pid));
    assert_eq!(case.apply(&spec).await.unwrap(), outputs);
    assert_eq!(case.child(), child, "what is as it should be is left alone");

    spec.environment.insert("CHANGED".into(), "1".into());
    assert_eq!(case.apply(&spec).await.unwrap(), outputs, "the port is kept");
    assert!(!child.is_alive());
    case.ready(&spec).await.unwrap();

    let deleted = case.delete(DataFate::Keep).await.unwrap();
    assert_eq!(deleted.kept, [outputs["log"].clone()]);
    assert!(marked(&case.folder()).is_empty());
    assert!(!case.folder().path().exists());
    assert_eq!(case.observe(&spec).await, None);
}

#[tokio::test]
async fn how_it_ended_is_recorded_and_told() {
    let case = Case::new();
    let spec = shell("echo 'first words'; exit 3");
    case.apply(&spec).await.unwrap();
    let failed = case.ready(&spec).await.unwrap_err();
    assert_eq!(failed.title, "server exited with code 3");
    assert!(failed.evidence.iter().any(|line| line.starts_with("log: ")));
    assert!(case.observe(&spec).await.unwrap().broken.unwrap().starts_with("exited with code 3"));
    assert!(case.log().contains("ended: exited with code 3"));

    case.apply(&shell("kill -9 $$")).await.unwrap();
    let failed = case.ready(&spec).await.unwrap_err();
    assert_eq!(failed.code, codes::PROCESS_KILLED);
    let State::Gone(_, farewell) = case.folder().state() else { panic!("it lives") };
    assert_eq!(farewell.exit, Exit::Signal(9));
    let deleted = case.delete(DataFate::Delete).await.unwrap();
    assert!(deleted.kept.is_empty() && case.log().is_empty());
}

#[tokio::test]
async fn what_it_waits_for_is_said_and_an_end_is_seen_at_once() {
    let case = Case::new();
    let spec = shell("echo loading models; sleep 1; exit 7");
    case.apply(&spec).await.unwrap();
    sleep(Duration::from_millis(300)).await;
    let Readiness::Waiting(reason) = case.driver.ready(&unit(&spec), &case.ctx).await.unwrap() else {
        panic!("not waiting")
    };
    assert!(reason.contains("is not open yet; its last words: loading models"), "{reason}");
    let child = case.child();
    until("its end", || !child.is_alive()).await;
    let begin = Instant::now();
    assert!(case.ready(&spec).await.unwrap_err().title.contains("code 7"));
    assert!(begin.elapsed() < Duration::from_secs(1));
}

#[tokio::test]
async fn a_program_that_is_not_there_is_refused_before_anything_is_stopped() {
    let case = Case::new();
    let spec = server();
    case.apply(&spec).await.unwrap();
    let child = case.child();
    let missing = Process { program: "/nonexistent/server".into(), ..server() };
    let error = case.apply(&missing).await.unwrap_err().diagnostic;
    assert_eq!(error.code, codes::PROCESS_NOT_STARTED);
    assert!(child.is_alive());
    // What only the attempt shows is told by the keeper.
    let script = case.ground.target.world.current_folder.join("script");
    std::fs::write(&script, "#!/nonexistent/interpreter\n").unwrap();
    std::fs::set_permissions(&script, PermissionsExt::from_mode(0o755)).unwrap();
    let script = Process { program: script.display().to_string().into(), ..server() };
    let error = case.apply(&script).await.unwrap_err().diagnostic;
    assert_eq!(error.code, codes::PROCESS_NOT_STARTED);
    assert!(error.notes[0].contains("interpreter"), "{error:?}");
    assert_eq!(case.observe(&script).await.unwrap().broken.as_deref(), Some("is not running"));
    std::fs::remove_dir_all(case.ground.target.folder.logs()).unwrap();
    std::fs::write(case.ground.target.folder.logs(), "in the way").unwrap();
    let error = case.apply(&server()).await.unwrap_err().diagnostic;
    assert_eq!(error.code, codes::TARGET_HOME_UNWRITABLE);
    assert!(error.place.unwrap().ends_with("logs/server.log"));
}

#[tokio::test]
async fn it_is_away_from_the_terminal_and_ignores_hang_ups() {
    let case = Case::new();
    let spec = shell("trap '' HUP; sleep 60");
    case.apply(&spec).await.unwrap();
    let (child, keeper) = (case.child(), case.keeper());
    let entry = Entry::read(child.pid).unwrap();
    assert_eq!((entry.session, entry.group), (keeper.pid, child.pid));
    assert_eq!(Entry::read(keeper.pid).unwrap().session, keeper.pid);
    for signal in [Signal::HUP, Signal::INT] {
        keeper.signal(signal).unwrap();
    }
    sleep(Duration::from_millis(300)).await;
    assert!(keeper.is_alive() && child.is_alive());
    // A keeper that is asked to end passes it on and stays until it has seen the end.
    keeper.signal(Signal::TERM).unwrap();
    until("the end", || !child.is_alive() && !keeper.is_alive()).await;
    let State::Gone(_, farewell) = case.folder().state() else { panic!("it lives") };
    assert_eq!(farewell.exit, Exit::Signal(15));
}

/// Started again by the next test as a `deploy apply` of its own, in a terminal.
#[tokio::test]
async fn as_starter() {
    let Some(home) = std::env::var_os("DEPLOY_TEST_STARTS") else { return };
    let home = PathBuf::from(home);
    let environment = BTreeMap::from([("PATH".to_owned(), "/usr/bin:/bin".to_owned())]);
    let world = crate::world::World::new(environment, home.join("state"), home.clone(), keeper_program());
    let driver = ProcessDriver::new(LocalTarget::new(world, "test"));
    driver.apply(&unit(&server()), &Ground::new().context()).await.unwrap();
    std::fs::write(home.join("starter"), std::process::id().to_string()).unwrap();
    sleep(Duration::from_mins(1)).await;
}

#[tokio::test]
async fn it_outlives_the_run_that_started_it_and_its_terminal() {
    let case = Case::new();
    let home = case.ground.target.world.current_folder.clone();
    let mut terminal = std::process::Command::new("/usr/bin/python3")
        .args(["-c", "import pty, sys; pty.spawn(sys.argv[1:])"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "targets::local::process::tests::as_starter"])
        .env("DEPLOY_TEST_STARTS", &home)
        .env("DEPLOY_TEST_PORT", first_port().to_string())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let starter = || std::fs::read_to_string(home.join("starter")).ok()?.parse().ok();
    until("the start", || starter().is_some()).await;
    let starter = Identity::of(starter().unwrap()).unwrap();
    let (child, keeper) = (case.child(), case.keeper());
    // The terminal is closed while the run is still at work in it.
    terminal.kill().unwrap();
    terminal.wait().unwrap();
    until("the run's end", || !starter.is_alive()).await;
    sleep(Duration::from_millis(200)).await;
    assert!(child.is_alive() && keeper.is_alive());
    case.ready(&server()).await.unwrap();
    case.apply(&server()).await.unwrap();
    assert_eq!(case.child(), child);
}

#[tokio::test]
async fn a_run_killed_at_any_moment_leaves_one_process_at_most_and_the_next_has_one() {
    let case = Case::new();
    let home = case.ground.target.world.current_folder.clone();
    let moments = [0, 5, 10, 15, 20, 25, 30, 35, 40, 50, 60, 80, 100, 150];
    for (milliseconds, delete_first) in moments.iter().flat_map(|moment| [(*moment, false), (*moment, true)]) {
        let mut run = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "targets::local::process::tests::as_starter"])
            .env("DEPLOY_TEST_STARTS", &home)
            .env("DEPLOY_TEST_PORT", first_port().to_string())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        sleep(Duration::from_millis(milliseconds)).await;
        run.kill().unwrap();
        run.wait().unwrap();
        // No pause: what the killed run began may still be on its way.
        if delete_first && case.ground.target.records().read(&UnitId::new("server")).unwrap().is_some() {
            case.delete(DataFate::Keep).await.unwrap();
            sleep(Duration::from_millis(150)).await;
            assert!(marked(&case.folder()).is_empty(), "deleted after {milliseconds} ms");
        }
        case.apply(&server()).await.unwrap();
        sleep(Duration::from_millis(50)).await;
        let found = marked(&case.folder());
        assert_eq!(found.len(), 1, "after {milliseconds} ms: {found:?}");
        assert_eq!(found[0].pid, case.child().pid);
        case.delete(DataFate::Keep).await.unwrap();
        assert!(marked(&case.folder()).is_empty(), "after {milliseconds} ms");
    }
}

#[tokio::test]
async fn a_kill_for_memory_is_told_from_others() {
    let group = std::path::PathBuf::from(format!("/sys/fs/cgroup/memory/deploy-test-{}", std::process::id()));
    if std::fs::create_dir(&group).is_err() || std::fs::write(group.join("memory.limit_in_bytes"), "50M").is_err() {
        eprintln!("passed over: no memory group of version 1 can be made here");
        return;
    }
    let case = Case::new();
    let eater = "import time; time.sleep(1.5); x = bytearray(200_000_000)";
    let spec = shell(&format!("echo $$ > {}/cgroup.procs; exec /usr/bin/python3 -c '{eater}'", group.display()));
    case.apply(&spec).await.unwrap();
    let failed = case.ready(&spec).await.unwrap_err();
    assert_eq!(failed.code, codes::PROCESS_OUT_OF_MEMORY, "{failed:?}");
    assert!(failed.evidence.iter().any(|line| line.contains("oom_kill") || line.contains("Killed process")));
    std::fs::remove_dir(&group).unwrap();
}

#[tokio::test]
async fn a_number_that_belongs_to_another_program_is_never_signalled() {
    let case = Case::new();
    let spec = shell("sleep 60");
    case.apply(&spec).await.unwrap();
    case.delete(DataFate::Keep).await.unwrap();
    case.apply(&spec).await.unwrap();
    let mut started = case.started();
    group::kill_all(|| case.folder().members(&started));
    until("the keeper's end", || !case.keeper().is_alive()).await;

    let mut foreign = std::process::Command::new("sleep").arg("60").spawn().unwrap();
    let identity = Identity::of(i32::try_from(foreign.id()).unwrap()).unwrap();
    let wrong = Identity { started: identity.started - 5, ..identity.clone() };
    started.instance = Instance::Process { keeper: wrong.clone(), child: Some(wrong) };
    case.folder().write_started(&started).unwrap();
    let broken = case.observe(&spec).await.unwrap().broken.unwrap();
    assert!(broken.contains("another program (sleep)"), "{broken}");
    case.apply(&spec).await.unwrap();
    assert_ne!(case.child().pid, identity.pid);
    case.folder().write_started(&Started { instance: started.instance, ..case.started() }).unwrap();
    case.delete(DataFate::Keep).await.unwrap();
    assert!(identity.is_alive());
    foreign.kill().unwrap();
    foreign.wait().unwrap();
}

#[tokio::test]
async fn what_was_started_is_found_when_the_file_about_it_is_lost() {
    let case = Case::new();
    let spec = shell("sleep 60; exit 1");
    case.apply(&spec).await.unwrap();
    let (child, keeper) = (case.child(), case.keeper());
    case.folder().forget();
    case.apply(&spec).await.unwrap();
    assert!(!child.is_alive() && !keeper.is_alive() && case.child().is_alive());
    let (child, keeper) = (case.child(), case.keeper());
    case.folder().forget();
    keeper.signal(Signal::KILL).unwrap();
    case.apply(&spec).await.unwrap();
    assert!(!child.is_alive() && case.child().is_alive());
    let keeper = case.keeper();
    case.folder().forget();
    keeper.signal(Signal::KILL).unwrap();
    until("the keeper's end", || !keeper.is_alive()).await;
    case.delete(DataFate::Keep).await.unwrap();
    assert!(marked(&case.folder()).is_empty());
}

#[tokio::test]
async fn without_its_keeper_it_is_found_and_stopped() {
    let case = Case::new();
    let spec = server();
    let outputs = case.apply(&spec).await.unwrap();
    case.ready(&spec).await.unwrap();
    let child = case.child();
    case.keeper().signal(Signal::KILL).unwrap();
    until("the keeper's end", || !case.keeper().is_alive()).await;
    assert_eq!(case.observe(&spec).await.unwrap().broken, None);
    assert_eq!(case.apply(&spec).await.unwrap(), outputs);
    assert_eq!(case.child(), child);
    child.signal(Signal::KILL).unwrap();
    until("its end", || !child.is_alive()).await;
    assert_eq!(case.observe(&spec).await.unwrap().broken.as_deref(), Some("is gone"));
    case.apply(&spec).await.unwrap();
    case.ready(&spec).await.unwrap();
    case.keeper().signal(Signal::KILL).unwrap();
    case.delete(DataFate::Keep).await.unwrap();
    assert!(marked(&case.folder()).is_empty());
}

#[tokio::test]
async fn a_run_killed_before_it_recorded_is_adopted() {
    let case = Case::new();
    let spec = server();
    let outputs = case.apply(&spec).await.unwrap();
    let child = case.child();
    case.ground.target.records().remove(&UnitId::new("server")).unwrap();
    assert_eq!(case.observe(&spec).await.unwrap().outputs, outputs);
    assert_eq!(case.apply(&spec).await.unwrap(), outputs);
    assert_eq!(case.child(), child);
    assert_eq!(case.ground.owned("server").present.outputs, outputs);
}

#[tokio::test]
async fn a_keeper_killed_before_it_named_its_process_leaves_no_second_one() {
    let case = Case::new();
    let spec = shell("sleep 60");
    case.apply(&spec).await.unwrap();
    let (keeper, child) = (case.keeper(), case.child());
    let instance = Instance::Process { keeper: keeper.clone(), child: None };
    case.folder().write_started(&Started { instance, ..case.started() }).unwrap();
    keeper.signal(Signal::KILL).unwrap();
    until("the keeper's end", || !keeper.is_alive()).await;
    case.apply(&spec).await.unwrap();
    assert!(!child.is_alive());
    assert_ne!(case.child(), child);
    assert_eq!(marked(&case.folder()).iter().filter(|entry| entry.pid == entry.group).count(), 1);
}

#[tokio::test]
async fn a_taken_port_names_its_holder() {
    let case = Case::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut spec = server();
    spec.port.wanted = Some(port);
    let error = case.apply(&spec).await.unwrap_err().diagnostic;
    assert_eq!(error.code, codes::PROCESS_PORT_TAKEN);
    assert!(error.cause.unwrap().contains(&format!("process {}", std::process::id())));
    drop(listener);
    assert_eq!(case.apply(&spec).await.unwrap()["port"], port.to_string());
    case.ready(&spec).await.unwrap();
    spec.environment.insert("CHANGED".into(), "1".into());
    assert_eq!(case.apply(&spec).await.unwrap()["port"], port.to_string(), "its own port is not taken");
    case.ready(&spec).await.unwrap();
}

#[tokio::test]
async fn another_program_at_the_port_does_not_pass_for_it() {
    let case = Case::new();
    let spec = shell("sleep 60");
    let outputs = case.apply(&spec).await.unwrap();
    let _other = TcpListener::bind(format!("127.0.0.1:{}", outputs["port"])).unwrap();
    assert_eq!(case.ready(&spec).await.unwrap_err().code, codes::PROCESS_PORT_TAKEN);
}

#[tokio::test]
async fn two_deployments_choose_different_ports_even_at_once() {
    let one = Case::new();
    let mut other = LocalTarget::new(one.ground.target.world.clone(), "other");
    other.world.program = keeper_program();
    let driver = ProcessDriver::new(other.clone());
    let (spec, unit) = (server(), unit(&server()));
    let (a, b) = tokio::join!(one.apply(&spec), driver.apply(&unit, &one.ctx));
    assert_ne!(a.unwrap()["port"], b.unwrap()["port"]);
    let owned = other.records().read(&unit.id).unwrap().unwrap();
    driver.delete(&owned, DataFate::Delete, &one.ctx).await.unwrap();
}

#[tokio::test]
async fn secrets_are_in_the_programs_environment_and_nowhere_else() {
    let case = Case::new();
    let name = SecretName::new("database-password");
    let value = case.ctx.secrets.ensure(&name).unwrap().expose_secret().to_owned();
    let mut spec = shell("sleep 60; exit 1");
    spec.environment.insert("PASSWORD".into(), Text::secret(&name));
    spec.environment.insert("URL".into(), Text::literal("mysql://u:").then(Text::secret(&name)));
    case.apply(&spec).await.unwrap();
    let (child, keeper) = (case.child(), case.keeper());
    let read = |pid: i32, file: &str| {
        String::from_utf8_lossy(&std::fs::read(format!("/proc/{pid}/{file}")).unwrap()).into_owned()
    };
    until("the program", || read(child.pid, "environ").contains(&format!("PASSWORD={value}"))).await;
    assert!(read(child.pid, "environ").contains(&format!("URL=mysql://u:{value}")));
    for text in [read(child.pid, "cmdline"), read(keeper.pid, "cmdline"), read(keeper.pid, "environ")] {
        assert!(!text.contains(&value));
    }
    child.signal(Signal::KILL).unwrap();
    until("the end", || !keeper.is_alive()).await;
    assert!(case.folder().ended(&child).is_some());
    let secrets = case.ground.target.folder.secrets();
    for file in files_below(case.ground.target.folder.path()).into_iter().filter(|file| !file.starts_with(&secrets)) {
        assert!(!String::from_utf8_lossy(&std::fs::read(&file).unwrap()).contains(&value), "{}", file.display());
    }
}

fn files_below(folder: &std::path::Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

#[tokio::test]
async fn a_changed_secret_starts_it_again_and_an_argument_holds_none() {
    let case = Case::new();
    let name = SecretName::new("generated");
    case.ctx.secrets.ensure(&name).unwrap();
    let mut spec = shell("sleep 60");
    spec.environment.insert("PASSWORD".into(), Text::secret(&name));
    case.apply(&spec).await.unwrap();
    let child = case.child();
    let again = Case {
        ground: Ground::new(),
        driver: ProcessDriver::new(case.ground.target.clone()),
        ctx: case.ground.context(),
    };
    again.ctx.secrets.store().write(&name, &"another-value".to_owned().into()).unwrap();
    again.apply(&spec).await.unwrap();
    assert!(!child.is_alive());
    spec.arguments.push(Text::secret(&name));
    assert_eq!(again.apply(&spec).await.unwrap_err().diagnostic.code, codes::INTERNAL);
}

#[tokio::test]
async fn a_process_that_will_not_end_is_made_to_with_all_it_started() {
    let case = Case::new();
    let mut spec = shell("trap '' TERM; (trap '' TERM; sleep 61) & sleep 62; sleep 63");
    spec.stop_seconds = 1;
    case.apply(&spec).await.unwrap();
    until("its children", || marked(&case.folder()).len() >= 3).await;
    let begin = Instant::now();
    case.delete(DataFate::Keep).await.unwrap();
    assert!(begin.elapsed() >= Duration::from_secs(1));
    assert!(marked(&case.folder()).is_empty());
}

#[tokio::test]
async fn workers_left_behind_are_ended() {
    let case = Case::new();
    let spec = shell("sleep 61 & sleep 62 & sleep 63");
    case.apply(&spec).await.unwrap();
    until("its children", || marked(&case.folder()).len() >= 4).await;
    case.child().signal(Signal::KILL).unwrap();
    until("their end", || marked(&case.folder()).is_empty()).await;
}

#[tokio::test]
async fn files_are_for_their_owner_and_environment_is_chosen() {
    let case = Case::of(Ground::with(&[("NO_PROXY", "localhost"), ("CALLER_ONLY", "x")]));
    let mut spec = shell("env; touch made; ls; sleep 60");
    spec.files.insert("my.cnf".into(), Text::literal("port=").then(Text::output("server", "port")));
    spec.environment.insert("FOLDER".into(), Text::output("server", "folder"));
    let outputs = case.apply(&spec).await.unwrap();
    let folder = case.folder().path().to_owned();
    until("the file", || folder.join("made").exists()).await;
    assert_eq!(std::fs::read_to_string(folder.join("my.cnf")).unwrap(), format!("port={}", outputs["port"]));
    for name in ["my.cnf", "made", "process.json"] {
        assert_eq!(std::fs::metadata(folder.join(name)).unwrap().permissions().mode() & 0o777, 0o600, "{name}");
    }
    assert_eq!(std::fs::metadata(&outputs["log"]).unwrap().permissions().mode() & 0o777, 0o600);
    let log = case.log();
    for wanted in ["NO_PROXY=localhost", &format!("HOME={}", folder.display()), &format!("FOLDER={}", folder.display())]
    {
        assert!(log.lines().any(|line| line == wanted), "{wanted} in\n{log}");
    }
    assert!(!log.contains("CALLER_ONLY") && !log.contains("DEPLOY_TEST_KEEPS"));
    spec.files.insert("process.json".into(), "x".into());
    assert_eq!(case.apply(&spec).await.unwrap_err().diagnostic.code, codes::INTERNAL);
}

#[tokio::test]
async fn a_log_is_kept_small_while_it_is_written() {
    let case = Case::new();
    let folder = case.folder();
    let log = case.ground.target.folder.log(&UnitId::new("server"));
    let order = Launch {
        program: "/bin/sh".into(),
        arguments: vec![
            "-c".into(),
            "i=0; while :; do i=$((i+1)); echo line $i; [ $((i%100)) = 0 ] && sleep 0.01; done".into(),
        ],
        environment: BTreeMap::from([("PATH".into(), "/usr/bin:/bin".into())]),
        log: log.clone(),
        max_log_bytes: 20_000,
        present: Present::default(),
    };
    assert!(matches!(launch(&case.ground.target.world, &folder, order).await.unwrap(), Launched::Started));
    until("an older generation", || older(&log).exists()).await;
    sleep(Duration::from_millis(2500)).await;
    stop(&folder, &case.started(), Duration::from_secs(2)).await.unwrap();
    let size = |path: &std::path::Path| std::fs::metadata(path).unwrap().len();
    assert!(size(&log) <= 20_000 && size(&older(&log)) <= 20_000);
    let tail = log_file::tail(&log, 50, &crate::secrets::Redactor::default()).unwrap();
    assert!(tail.iter().any(|line| line.contains("ended: was ended by signal 15")), "{tail:?}");
}

#[tokio::test]
async fn a_cancelled_run_says_so_and_the_next_goes_on() {
    let case = Case::new();
    let mut spec = shell("trap '' TERM; sleep 60");
    spec.stop_seconds = 30;
    case.apply(&spec).await.unwrap();
    until("the trap", || marked(&case.folder()).len() >= 2).await;
    let changed = Process { stop_seconds: 1, ..shell("sleep 60") };
    let ctx = case.ctx.clone();
    let changed_slowly = Process { stop_seconds: 30, ..changed.clone() };
    let (applied, ()) = tokio::join!(case.apply(&changed_slowly), async {
        sleep(Duration::from_millis(200)).await;
        ctx.cancel.cancel();
    });
    assert_eq!(applied.unwrap_err().diagnostic.code, codes::RUN_CANCELLED);
    let again = ProcessDriver::new(case.ground.target.clone());
    again.apply(&unit(&changed), &case.ground.context()).await.unwrap();
    assert!(case.child().is_alive());
}
