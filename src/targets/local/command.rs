//! Programs that are run to their end: installers, migrations, initialisations.
//!
//! The program writes straight into its log, so that it lives on undisturbed if we are killed: half a migration is
//! worse than one that nobody watches. The next run finds it by its identity and waits for it to end.

use std::collections::{BTreeMap, VecDeque};
use std::ffi::OsString;
use std::io::Write as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::Signal;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, ChildStdin};
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;

use super::environment::base_environment;
use super::log_file::{self, Follower};
use super::memory::MemoryWatch;
use super::record::unwritable;
use super::{Identity, group};
use crate::causes::Exit;
use crate::diagnostics::{Diagnostic, codes};
use crate::files::write_atomically;
use crate::secrets::Redactor;
use crate::world::World;

/// How often the log is looked at for new lines.
const TICK: Duration = Duration::from_millis(100);
/// Between asking a program to end and ending it.
const GRACE: Duration = Duration::from_secs(5);
/// Lines kept in memory as the tail.
const TAIL_LINES: usize = 200;

/// A program to be run to its end.
pub(crate) struct Command {
    pub(crate) program: PathBuf,
    /// Everybody on the machine can read these: never a secret.
    pub(crate) arguments: Vec<OsString>,
    /// The whole environment.
    pub(crate) environment: BTreeMap<String, SecretString>,
    pub(crate) folder: PathBuf,
    /// Given on standard input, which is empty otherwise.
    pub(crate) stdin: Option<SecretString>,
    /// Everything that the program prints is appended here.
    pub(crate) log: PathBuf,
    pub(crate) time_limit: Duration,
    /// Takes secrets out of the log and of everything that is handed on.
    pub(crate) redactor: Redactor,
}

/// A program that has ended.
#[derive(Debug, Clone)]
pub(crate) struct Finished {
    pub(crate) exit: Exit,
    /// The last lines that it printed, at most 200.
    pub(crate) tail: String,
    /// What shows that memory ran out, if it did.
    pub(crate) memory: Option<String>,
}

impl Finished {
    pub(crate) fn succeeded(&self) -> bool {
        self.exit == Exit::Code(0)
    }
}

impl Command {
    /// With the base environment, the folder as its home, and ten minutes.
    pub(crate) fn new(world: &World, program: impl Into<PathBuf>, folder: &Path, log: impl Into<PathBuf>) -> Self {
        let environment = base_environment(world, folder);
        Self {
            program: program.into(),
            arguments: Vec::new(),
            environment: environment.into_iter().map(|(name, value)| (name, SecretString::from(value))).collect(),
            folder: folder.to_owned(),
            stdin: None,
            log: log.into(),
            time_limit: Duration::from_mins(10),
            redactor: Redactor::default(),
        }
    }

    #[must_use]
    pub(crate) fn argument(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    #[must_use]
    pub(crate) fn arguments(mut self, arguments: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    #[must_use]
    pub(crate) fn variable(mut self, name: impl Into<String>, value: impl Into<SecretString>) -> Self {
        self.environment.insert(name.into(), value.into());
        self
    }

    #[must_use]
    pub(crate) fn stdin(mut self, text: impl Into<SecretString>) -> Self {
        self.stdin = Some(text.into());
        self
    }

    #[must_use]
    pub(crate) fn time_limit(mut self, time_limit: Duration) -> Self {
        self.time_limit = time_limit;
        self
    }

    #[must_use]
    pub(crate) fn redactor(mut self, redactor: Redactor) -> Self {
        self.redactor = redactor;
        self
    }

    /// Runs it to its end, whatever the exit; an error only if it could not be started, took too long or the run
    /// was cancelled. In the latter cases its whole process group has been ended. `on_line` gets every line printed.
    pub(crate) async fn run(
        self,
        cancel: &CancellationToken,
        on_line: &(dyn Fn(&str) + Send + Sync),
    ) -> Result<Finished, Diagnostic> {
        let deadline = Instant::now() + self.time_limit;
        self.await_predecessor(cancel, deadline, on_line).await?;
        let follower = self.open_log()?;
        let mut running = self.start(follower)?;
        let ended = running.watch(&self, cancel, deadline, on_line).await;
        self.clean_log();
        let _ = std::fs::remove_file(self.marker());
        ended
    }

    /// The program's name, for messages.
    fn name(&self) -> String {
        self.program.file_name().unwrap_or(self.program.as_os_str()).to_string_lossy().into_owned()
    }

    /// Holds the identity of the program while it runs.
    fn marker(&self) -> PathBuf {
        let mut name = OsString::from(&self.log);
        name.push(".running");
        name.into()
    }

    /// Waits for the same program, started by a run that was killed. It is never run twice at once.
    pub(super) async fn await_predecessor(
        &self,
        cancel: &CancellationToken,
        deadline: Instant,
        on_line: &(dyn Fn(&str) + Send + Sync),
    ) -> Result<(), Diagnostic> {
        let Some(predecessor) = std::fs::read(self.marker())
            .ok()
            .and_then(|bytes| serde_json::from_slice::<Identity>(&bytes).ok())
            .filter(Identity::is_alive)
        else {
            return Ok(());
        };
        let state = format!("{} of an earlier run (process {}) still works", self.name(), predecessor.pid);
        on_line(&format!("waiting: {state}"));
        while predecessor.is_alive() {
            tokio::select! {
                () = sleep(TICK) => {}
                () = cancel.cancelled() => return Err(cancelled(&self.name()).note(format!("{state} and was left alone"))),
                () = sleep_until(deadline) => {
                    return Err(self.timed_out("").cause(state).next(format!("wait for it, or `kill {}`", predecessor.pid)));
                }
            }
        }
        Ok(())
    }

    fn open_log(&self) -> Result<Follower, Diagnostic> {
        log_file::bound(&self.log, log_file::MAX_BYTES).map_err(|error| unwritable(&self.log, &error))?;
        let mut log = log_file::open(&self.log).map_err(|error| unwritable(&self.log, &error))?;
        writeln!(log, "$ {}", self.redactor.redact(&self.line())).map_err(|error| unwritable(&self.log, &error))?;
        Ok(Follower::from_end(&self.log))
    }

    /// Program and arguments, so that a log says what it is the log of. Scripts are cut after their first line.
    fn line(&self) -> String {
        let words = std::iter::once(self.program.as_os_str()).chain(self.arguments.iter().map(OsString::as_os_str));
        let quoted = words.map(|word| {
            let word = word.to_string_lossy();
            match word.split_once('\n') {
                Some((first, _)) => format!("'{first} …'"),
                None if word.is_empty() || word.contains(char::is_whitespace) => format!("'{word}'"),
                None => word.into_owned(),
            }
        });
        quoted.collect::<Vec<_>>().join(" ")
    }

    fn start(&self, follower: Follower) -> Result<Running, Diagnostic> {
        let output = log_file::open(&self.log).map_err(|error| unwritable(&self.log, &error))?;
        let errors = output.try_clone().map_err(|error| unwritable(&self.log, &error))?;
        let mut child = tokio::process::Command::new(&self.program)
            .args(&self.arguments)
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (name, value.expose_secret())))
            .current_dir(&self.folder)
            .stdin(if self.stdin.is_some() { Stdio::piped() } else { Stdio::null() })
            .stdout(output)
            .stderr(errors)
            // Not in our group: Ctrl-C at the terminal is ours to pass on.
            .process_group(0)
            .spawn()
            .map_err(|error| not_started(&self.program, &error))?;
        let pid = child.id().and_then(|pid| i32::try_from(pid).ok()).unwrap_or_default();
        let identity = Identity::of(pid);
        if let Some(bytes) = identity.as_ref().and_then(|identity| serde_json::to_vec(identity).ok()) {
            write_atomically(&self.marker(), &bytes).map_err(|error| unwritable(&self.marker(), &error))?;
        }
        let stdin = child.stdin.take();
        Ok(Running { child, stdin, identity, follower, memory: MemoryWatch::start(pid), tail: VecDeque::new() })
    }

    /// Takes out what a program printed although it should not have.
    fn clean_log(&self) {
        let Ok(text) = std::fs::read(&self.log) else { return };
        let text = String::from_utf8_lossy(&text);
        let clean = self.redactor.redact(&text);
        if clean != text {
            let _ = write_atomically(&self.log, clean.as_bytes());
        }
    }

    fn timed_out(&self, tail: &str) -> Diagnostic {
        let limit = self.time_limit.as_secs();
        let diagnostic =
            Diagnostic::error(codes::RUN_TIMED_OUT, format!("{} did not end within {limit} s", self.name()))
                .evidence(format!("log: {}", self.log.display()));
        tail.lines().rev().take(5).collect::<Vec<_>>().into_iter().rev().fold(diagnostic, Diagnostic::evidence)
    }
}

/// The program was asked to end because the run was.
fn cancelled(name: &str) -> Diagnostic {
    Diagnostic::error(codes::RUN_CANCELLED, format!("{name} was stopped because the run was cancelled"))
}

/// A program could not be started at all.
pub(super) fn not_started(program: &Path, error: &std::io::Error) -> Diagnostic {
    let diagnostic = Diagnostic::error(codes::PROCESS_NOT_STARTED, format!("{} cannot be started", program.display()))
        .cause(error.to_string());
    match error.kind() {
        // The kernel says the same of a script whose interpreter is missing.
        std::io::ErrorKind::NotFound if program.exists() => {
            diagnostic.note("the file is there; the interpreter that its first line names, or its folder, is not")
        }
        _ => diagnostic,
    }
}

/// Code or signal of a program that has ended.
pub(super) fn exit_of(status: ExitStatus) -> Exit {
    match (status.code(), status.signal()) {
        (Some(code), _) => Exit::Code(code),
        (None, Some(signal)) => Exit::Signal(signal),
        (None, None) => Exit::Unseen,
    }
}

struct Running {
    child: Child,
    stdin: Option<ChildStdin>,
    identity: Option<Identity>,
    follower: Follower,
    memory: MemoryWatch,
    tail: VecDeque<String>,
}

impl Running {
    async fn watch(
        &mut self,
        command: &Command,
        cancel: &CancellationToken,
        deadline: Instant,
        on_line: &(dyn Fn(&str) + Send + Sync),
    ) -> Result<Finished, Diagnostic> {
        let stdin = self.stdin.take();
        let mut feeding = std::pin::pin!(feed(stdin, command.stdin.as_ref()));
        let mut fed = false;
        let mut ticks = 0_u32;
        let exit = loop {
            tokio::select! {
                status = self.child.wait() => break status.map_or(Exit::Unseen, exit_of),
                () = &mut feeding, if !fed => fed = true,
                () = cancel.cancelled() => {
                    self.end().await;
                    return Err(cancelled(&command.name()).evidence(format!("log: {}", command.log.display())));
                }
                () = sleep_until(deadline) => {
                    self.end().await;
                    return Err(command.timed_out(&self.text()));
                }
                () = sleep(TICK) => {
                    self.read_lines(command, on_line, false);
                    ticks += 1;
                    if ticks.is_multiple_of(10) {
                        self.memory.sample();
                        let _ = log_file::bound(&command.log, log_file::MAX_BYTES);
                    }
                }
            }
        };
        self.read_lines(command, on_line, true);
        let (exit, memory) = self.memory.judge(exit);
        self.identity = None;
        Ok(Finished { exit, tail: self.text(), memory })
    }

    fn read_lines(&mut self, command: &Command, on_line: &(dyn Fn(&str) + Send + Sync), finish: bool) {
        let tail = &mut self.tail;
        let mut deliver = |line: &str| {
            let line = command.redactor.redact(line);
            on_line(&line);
            tail.push_back(line);
            if tail.len() > TAIL_LINES {
                tail.pop_front();
            }
        };
        // A log that cannot be read says nothing; the exit is known all the same.
        let _ = if finish { self.follower.finish(&mut deliver) } else { self.follower.read_new(&mut deliver) };
    }

    fn text(&self) -> String {
        self.tail.iter().map(String::as_str).collect::<Vec<_>>().join("\n")
    }

    /// Ends the whole group: politely, then not.
    async fn end(&mut self) {
        let Some(identity) = self.identity.take() else { return };
        group::signal_all(&group::members(&identity), Signal::TERM);
        let _ = tokio::time::timeout(GRACE, self.child.wait()).await;
        group::kill_all(|| group::members(&identity));
        let _ = self.child.wait().await;
    }
}

impl Drop for Running {
    /// Whoever stops waiting does not want the result: nothing goes on behind the back of the run.
    fn drop(&mut self) {
        if let Some(identity) = &self.identity {
            group::kill_all(|| group::members(identity));
        }
    }
}

/// Writes the input and closes it. A program that ends without reading it all says why itself.
async fn feed(stdin: Option<ChildStdin>, text: Option<&SecretString>) {
    if let (Some(mut stdin), Some(text)) = (stdin, text) {
        let _ = stdin.write_all(text.expose_secret().as_bytes()).await;
        let _ = stdin.shutdown().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    struct Place {
        folder: tempfile::TempDir,
        world: World,
    }

    impl Place {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let environment = [("PATH", "/usr/bin:/bin"), ("CALLER_ONLY", "x"), ("NO_PROXY", "localhost")];
            let environment = environment.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
            let world = World::new(environment, folder.path().into(), folder.path().into(), "/bin/false".into());
            Self { folder, world }
        }

        fn shell(&self, script: &str) -> Command {
            let path = self.folder.path();
            Command::new(&self.world, "/bin/sh", path, path.join("x.log")).argument("-c").argument(script)
        }

        fn log(&self) -> String {
            std::fs::read_to_string(self.folder.path().join("x.log")).unwrap()
        }
    }

    async fn run(command: Command) -> Result<Finished, Diagnostic> {
        command.run(&CancellationToken::new(), &|_| {}).await
    }

    #[tokio::test]
    async fn exit_lines_and_environment_are_what_they_should_be() {
        let place = Place::new();
        let command = place.shell("echo out; echo err >&2; env; exit 3").variable("OWN", "1");
        let lines = Mutex::new(Vec::new());
        let finished =
            command.run(&CancellationToken::new(), &|line| lines.lock().unwrap().push(line.to_owned())).await.unwrap();
        assert_eq!(finished.exit, Exit::Code(3));
        let lines = lines.into_inner().unwrap();
        assert_eq!(lines.join("\n"), finished.tail);
        let log = place.log();
        let (line, output) = log.split_once('\n').unwrap();
        assert!(line.starts_with("$ /bin/sh -c '") && line.ends_with('\''), "{line}");
        assert_eq!(output.trim_end(), finished.tail);
        assert_eq!(lines[..2], ["out", "err"]);
        for wanted in ["OWN=1", "NO_PROXY=localhost", &format!("HOME={}", place.folder.path().display())] {
            assert!(lines.iter().any(|line| line == wanted), "{wanted}");
        }
        assert!(!finished.tail.contains("CALLER_ONLY"));
        assert_eq!(run(place.shell("kill -TERM $$")).await.unwrap().exit, Exit::Signal(15));
        assert!(run(place.shell("true")).await.unwrap().succeeded());
    }

    #[tokio::test]
    async fn input_is_given_on_stdin_and_secrets_stay_out_of_the_log() {
        let place = Place::new();
        let name = crate::secrets::SecretName::new("database-password");
        let value = SecretString::from("s3cret-s3cret");
        let large = format!("{}\ns3cret-s3cret\n", "x".repeat(300_000));
        let command = place.shell("wc -c; echo $P; tail -1").stdin(large.clone()).variable("P", "s3cret-s3cret");
        let finished = run(command.redactor(Redactor::new([(&name, &value)]))).await.unwrap();
        assert_eq!(finished.tail.trim(), format!("{}\n(secret database-password)", large.len()));
        assert!(!place.log().contains("s3cret-s3cret"));
        assert_eq!(run(place.shell("exit 0").stdin(large)).await.unwrap().exit, Exit::Code(0));
    }

    #[tokio::test]
    async fn what_cannot_be_started_says_why() {
        let place = Place::new();
        let path = place.folder.path();
        let missing = Command::new(&place.world, "/nonexistent/x", path, path.join("x.log"));
        assert_eq!(run(missing).await.unwrap_err().code, codes::PROCESS_NOT_STARTED);
        let script = path.join("script");
        std::fs::write(&script, "#!/nonexistent/interpreter\n").unwrap();
        std::fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let error = run(Command::new(&place.world, &script, path, path.join("x.log"))).await.unwrap_err();
        assert!(error.notes[0].contains("interpreter"), "{error:?}");
    }

    /// Processes with this argument. Each test has its own number of seconds.
    fn sleepers(seconds: &str) -> usize {
        let wanted = format!("sleep\0{seconds}\0");
        let command_line = |entry: super::super::process_table::Entry| {
            std::fs::read_to_string(format!("/proc/{}/cmdline", entry.pid)).unwrap_or_default()
        };
        super::super::process_table::all().into_iter().map(command_line).filter(|line| *line == wanted).count()
    }

    #[tokio::test]
    async fn time_limit_and_cancellation_end_the_whole_group() {
        let place = Place::new();
        let command = place.shell("echo working; sleep 4711 & sleep 4711").time_limit(Duration::from_millis(300));
        let late = run(command).await.unwrap_err();
        assert_eq!(late.code, codes::RUN_TIMED_OUT);
        assert!(late.evidence.iter().any(|line| line == "working"), "{late:?}");
        let cancel = CancellationToken::new();
        let (ended, ()) = tokio::join!(
            async { place.shell("trap '' TERM; sleep 4711 & wait; wait").run(&cancel, &|_| {}).await },
            async {
                sleep(Duration::from_millis(300)).await;
                cancel.cancel();
            }
        );
        assert_eq!(ended.unwrap_err().code, codes::RUN_CANCELLED);
        assert_eq!(sleepers("4711"), 0);
    }

    #[tokio::test]
    async fn who_stops_waiting_leaves_nothing_behind() {
        let place = Place::new();
        let command = place.shell("sleep 4712 & sleep 4712");
        assert!(tokio::time::timeout(Duration::from_millis(300), run(command)).await.is_err());
        assert_eq!(sleepers("4712"), 0);
    }

    #[tokio::test]
    async fn a_program_of_a_killed_run_is_waited_for() {
        let place = Place::new();
        let mut earlier = std::process::Command::new("sleep").arg("1").spawn().unwrap();
        let identity = Identity::of(i32::try_from(earlier.id()).unwrap()).unwrap();
        let command = place.shell("echo mine");
        std::fs::write(command.marker(), serde_json::to_vec(&identity).unwrap()).unwrap();
        let begin = std::time::Instant::now();
        assert_eq!(run(command).await.unwrap().tail, "mine");
        assert!(begin.elapsed() > Duration::from_millis(500));
        assert!(earlier.wait().unwrap().success(), "it was left alone");
        let cut = place.shell("sleep 60").time_limit(Duration::from_millis(200));
        assert!(run(cut).await.is_err());
        assert!(!place.folder.path().join("x.log.running").exists());
    }
}
