//! With a real engine. Passed over where none can run a container.

use std::os::unix::fs::MetadataExt as _;
use std::process::{Command as Host, Stdio};
use std::sync::OnceLock;

use super::super::super::command::Command;
use super::super::super::container::{self, Place, run_once};
use super::super::super::engine::Engine;
use super::super::super::run_folder::Instance;
use super::*;

const IMAGE: &str = "localhost/deploy-test:shell";

/// A few programs of this machine with the libraries that they need, as an image.
const MAKE_IMAGE: &str = r#"
set -e
place=$(mktemp -d); trap 'rm -rf "$place"' EXIT
for name in sh sleep env id cat ls touch wc perl; do
  program=$(PATH=/usr/bin:/bin command -v $name)
  for file in "$program" $(ldd "$program" | grep -o '/[^ ]*'); do
    mkdir -p "$place$(dirname $file)"; cp -L "$file" "$place$file"
  done
done
mkdir -p "$place/tmp" "$place/usr/lib/x86_64-linux-gnu" && cp -r /usr/lib/x86_64-linux-gnu/perl-base "$place/usr/lib/x86_64-linux-gnu/"
tar -C "$place" -c . | podman import --quiet - localhost/deploy-test:shell
"#;

/// What the engine needs in its environment to run containers here; None if it cannot.
fn engine_environment() -> Option<&'static [(&'static str, &'static str)]> {
    static FOUND: OnceLock<Option<Vec<(&str, &str)>>> = OnceLock::new();
    let find = || {
        // Where limits may not be raised and groups are mixed, plain podman runs nothing.
        let configuration = std::env::temp_dir().join("deploy-test-containers.conf");
        let text = "[engine]\nruntime=\"runc\"\n[containers]\ndefault_ulimits=[\"nofile=20000:20000\",\"nproc=20000:20000\"]\n";
        crate::files::write_atomically(&configuration, text.as_bytes()).ok()?;
        let configuration: &'static str = configuration.display().to_string().leak();
        let made = Host::new("podman").args(["image", "exists", IMAGE]).status().ok()?.success()
            || Host::new("sh").args(["-c", MAKE_IMAGE]).stdout(Stdio::null()).status().ok()?.success();
        let works = |environment: &Vec<(&str, &str)>| {
            let mut run = Host::new("podman");
            run.args(["run", "--rm", "--network", "host", "--entrypoint", "sh", IMAGE, "-c", "true"]);
            // The driver's clients are given this environment only, whatever the tests were started with.
            run.env_remove("CONTAINERS_CONF")
                .envs(environment.iter().copied())
                .stderr(Stdio::null())
                .status()
                .is_ok_and(|status| status.success())
        };
        let found = [vec![], vec![("CONTAINERS_CONF", configuration)]].into_iter().find(works);
        found.filter(|_| made)
    };
    let found = FOUND.get_or_init(find).as_deref();
    if found.is_none() {
        eprintln!("passed over: podman can run no container here");
    }
    found
}

fn case() -> Option<Case> {
    Some(Case::of(Ground::with(engine_environment()?)))
}

impl Case {
    fn engine(&self) -> Engine {
        let world = &self.ground.target.world;
        Engine::at(world, &world.find_program("podman").unwrap())
    }

    /// Identities of all containers that came of the unit.
    async fn containers(&self, unit: &str) -> Vec<String> {
        let folder = self.driver.folder(&UnitId::new(unit));
        container::found(&self.engine(), &folder).await.unwrap().into_iter().map(|one| one.id).collect()
    }
}

fn contained(spec: Process) -> Process {
    Process { runtime: Runtime::Container { engine: Some("podman".into()), image: IMAGE.into() }, ..spec }
}

async fn follow_until(case: &Case, last: &str) -> Vec<String> {
    let (cancel, mut seen) = (tokio_util::sync::CancellationToken::new(), Vec::new());
    let mut deliver = |_: &UnitId, line: &str| {
        seen.push(line.to_owned());
        if line == last {
            cancel.cancel();
        }
    };
    let (units, redactor) = ([UnitId::new("server")], crate::secrets::Redactor::default());
    let follow = case.ground.target.follow(&units, 5, &redactor, &cancel, &mut deliver);
    tokio::time::timeout(Duration::from_secs(10), follow).await.unwrap().unwrap();
    seen
}

fn listener() -> Process {
    let script = "use Socket; $|=1; socket(S,PF_INET,SOCK_STREAM,6) and setsockopt(S,SOL_SOCKET,SO_REUSEADDR,1) and \
                  bind(S,pack_sockaddr_in($ARGV[0],INADDR_LOOPBACK)) and listen(S,5) or die; print qq(listening\\n); \
                  $SIG{TERM}=sub{print qq(bye\\n);exit 0}; while(1){accept(C,S);close C}";
    let arguments = vec!["-e".into(), script.into(), Text::output("server", "port")];
    contained(process("perl", arguments))
}

#[tokio::test]
async fn a_container_lives_is_kept_is_changed_and_goes() {
    let Some(case) = case() else { return };
    let name = SecretName::new("database-password");
    let value = case.ctx.secrets.ensure(&name).unwrap().expose_secret().to_owned();
    let mut spec = listener();
    spec.environment.insert("PASSWORD".into(), Text::secret(&name));
    let outputs = case.apply(&spec).await.unwrap();
    case.ready(&spec).await.unwrap();
    let first = case.containers("server").await;
    assert_eq!(case.observe(&spec).await.unwrap().broken, None);
    assert_eq!(case.apply(&spec).await.unwrap(), outputs);
    assert_eq!(case.containers("server").await, first, "what is as it should be is left alone");
    let inspected = case.engine().demand(&["container", "inspect", &first[0]], "").await.unwrap();
    assert!(inspected.contains(&format!("PASSWORD={value}")));
    let written = std::fs::read_to_string(case.folder().path().join("process.json")).unwrap();
    assert!(!written.contains(&value));

    case.ground.target.records().remove(&UnitId::new("server")).unwrap();
    assert_eq!(case.apply(&spec).await.unwrap(), outputs);
    assert_eq!(case.containers("server").await, first, "a run killed before it recorded is adopted");

    spec.environment.insert("CHANGED".into(), "1".into());
    assert_eq!(case.apply(&spec).await.unwrap(), outputs, "the port is kept");
    case.ready(&spec).await.unwrap();
    let followed = follow_until(&case, "listening").await;
    assert_eq!(followed, ["listening"], "of the container that runs");
    let second = case.containers("server").await;
    assert!(second.len() == 1 && second != first);
    case.delete(DataFate::Keep).await.unwrap();
    assert!(case.containers("server").await.is_empty());
    assert_eq!(case.log(), "listening\nbye\nlistening\nbye\n", "last words are kept");
}

#[tokio::test]
async fn how_a_container_ended_is_told() {
    let Some(case) = case() else { return };
    let spec = contained(shell("echo 'some words'; exit 3"));
    case.apply(&spec).await.unwrap();
    let failed = case.ready(&spec).await.unwrap_err();
    assert_eq!(failed.title, "server exited with code 3");
    assert!(case.observe(&spec).await.unwrap().broken.unwrap().starts_with("exited with code 3"));
    assert!(
        case.driver.words(&UnitId::new("server"), &crate::secrets::Redactor::default()).await.contains("some words")
    );
    // From a container to a process of the host, and back.
    case.apply(&shell("sleep 60")).await.unwrap();
    assert!(case.containers("server").await.is_empty());
    let child = case.child();
    case.apply(&spec).await.unwrap();
    assert!(!child.is_alive());
    case.delete(DataFate::Keep).await.unwrap();
}

#[tokio::test]
async fn a_start_that_nobody_wrote_down_is_not_doubled() {
    let Some(case) = case() else { return };
    let spec = contained(shell("sleep 60"));
    case.apply(&spec).await.unwrap();
    let Instance::Container { engine, .. } = case.started().instance else { panic!("no container") };
    // As if another start had been written down, and the run been killed before the engine did it.
    let instance = Instance::Container { engine, start: "000000000000".into() };
    case.folder().write_started(&Started { instance, ..case.started() }).unwrap();
    let before = case.containers("server").await;
    assert_eq!(case.observe(&spec).await.unwrap().broken.as_deref(), Some("is gone"));
    case.apply(&Process { stop_seconds: 0, ..spec }).await.unwrap();
    let after = case.containers("server").await;
    assert!(after.len() == 1 && after != before);
    case.delete(DataFate::Keep).await.unwrap();
}

#[tokio::test]
async fn files_belong_to_the_caller_and_folders_are_the_same_inside() {
    let Some(case) = case() else { return };
    let data = case.ground.target.folder.data(&UnitId::new("data"));
    std::fs::create_dir_all(&data).unwrap();
    let mut spec = contained(shell("cat my.cnf; touch \"$DATA/made\" here; sleep 60"));
    spec.files.insert("my.cnf".into(), "some configuration\n".into());
    spec.environment.insert("DATA".into(), data.display().to_string().into());
    spec.mounts.push(data.display().to_string().into());
    spec.stop_seconds = 0;
    case.apply(&spec).await.unwrap();
    until("the files", || data.join("made").exists() && case.folder().path().join("here").exists()).await;
    let owner = rustix::process::geteuid().as_raw();
    assert_eq!(std::fs::metadata(data.join("made")).unwrap().uid(), owner);
    case.delete(DataFate::Keep).await.unwrap();
    assert_eq!(case.log(), "some configuration\n");
}

#[tokio::test]
async fn a_missing_image_and_a_missing_engine_are_told_before_anything_is_stopped() {
    let Some(case) = case() else { return };
    case.apply(&shell("sleep 60")).await.unwrap();
    let child = case.child();
    let with = |engine: Option<&str>, image: &str| Process {
        runtime: Runtime::Container { engine: engine.map(str::to_owned), image: image.into() },
        ..shell("true")
    };
    let error = case.apply(&with(None, "localhost:1/nobody/nothing:1")).await.unwrap_err().diagnostic;
    assert_eq!(error.code, codes::CONTAINER_NO_IMAGE);
    assert!(error.cause.is_some_and(|cause| cause.contains("localhost:1")));
    let error = case.apply(&with(Some("no-such-engine"), IMAGE)).await.unwrap_err().diagnostic;
    assert_eq!(error.code, codes::CONTAINER_NO_ENGINE);
    assert!(child.is_alive());
    let error = case.apply(&contained(process("/no/such/program", vec![]))).await.unwrap_err().diagnostic;
    assert!(error.cause.is_some_and(|cause| cause.contains("/no/such/program")));
    assert!(case.containers("server").await.is_empty());
}

#[tokio::test]
async fn a_program_is_run_to_its_end_in_a_container() {
    let Some(case) = case() else { return };
    let (unit, target) = (UnitId::new("migration"), &case.ground.target);
    let place = Place { target, unit: &unit, engine: None, image: IMAGE, mounts: &[] };
    let command = |script: &str| {
        let log = target.folder.log(&unit);
        Command::new(&target.world, "sh", &target.folder.run(&unit), log).arguments(["-c", script])
    };
    let count = command("cat | wc -c; echo $PASSWORD; exit 4").stdin("12345").variable("PASSWORD", "from-outside");
    let finished = run_once(place, count, &case.ctx, &|_| {}).await.unwrap();
    assert_eq!((finished.exit, finished.tail.as_str()), (Exit::Code(4), "5\nfrom-outside"));

    let endless = || command("echo started; sleep 60");
    let begin = Instant::now();
    let mut started = false;
    while !started && begin.elapsed() < Duration::from_secs(20) {
        let waiting = run_once(place, endless(), &case.ctx, &|_| {});
        assert!(tokio::time::timeout(Duration::from_millis(1500), waiting).await.is_err());
        started = std::fs::read_to_string(target.folder.log(&unit)).unwrap().contains("started");
    }
    assert!(case.containers("migration").await.is_empty(), "whoever stops waiting leaves nothing");

    let ctx = case.ctx.clone();
    let (ended, ()) = tokio::join!(run_once(place, endless(), &case.ctx, &|_| {}), async move {
        sleep(Duration::from_millis(1500)).await;
        ctx.cancel.cancel();
    });
    assert_eq!(ended.unwrap_err().code, codes::RUN_CANCELLED);
    assert!(case.containers("migration").await.is_empty());
}
