//! The keeper: a small parent of one process. It outlives the run that started it, so that somebody sees how the
//! process ends and keeps its log small. `deploy` starts itself again as `deploy internal keep FOLDER`.
//!
//! It has no async runtime and does nothing most of the time. If it is killed, the process lives on: output goes
//! straight to the log, never through the keeper.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use rustix::fs::Mode;
use rustix::process::Signal;
use serde::{Deserialize, Serialize};
use signal_hook::consts::{SIGCHLD, SIGHUP, SIGINT, SIGTERM};
use zeroize::Zeroizing;

use super::command::exit_of;
use super::memory::MemoryWatch;
use super::run_folder::{Ended, Instance, MARKER, RunFolder, Started};
use super::{Identity, group, log_file};
use crate::causes::Exit;
use crate::unit::Present;

/// How often log and memory are looked at.
const TICK: Duration = Duration::from_secs(1);
/// What a process leaves behind is given this long to end by itself.
const LEFT_BEHIND_GRACE: Duration = Duration::from_secs(5);

/// What to start. It holds revealed secrets and goes through a pipe only: no arguments, no file.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Launch {
    pub(super) program: PathBuf,
    pub(super) arguments: Vec<String>,
    /// The whole environment.
    pub(super) environment: BTreeMap<String, String>,
    pub(super) log: PathBuf,
    pub(super) max_log_bytes: u64,
    pub(super) present: Present,
}

impl Drop for Launch {
    fn drop(&mut self) {
        self.environment.values_mut().for_each(zeroize::Zeroize::zeroize);
    }
}

/// The one line that the keeper says to whoever started it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Answer {
    Started,
    /// Another keeper works in this folder, or what it started still runs.
    Busy,
    /// The program cannot be started.
    NotStarted(Failure),
    /// The run folder or the log cannot be written.
    Unwritable(PathBuf, Failure),
}

/// An error of the system.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Failure {
    number: Option<i32>,
    words: String,
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self { number: error.raw_os_error(), words: error.to_string() }
    }
}

impl From<Failure> for io::Error {
    fn from(failure: Failure) -> Self {
        failure.number.map_or_else(|| Self::other(failure.words), Self::from_raw_os_error)
    }
}

/// Keeps one process: reads what to start from standard input, starts it, says so on standard output, stays until
/// the process has ended. Gives back the exit code for the keeper itself.
pub fn run(folder: &Path) -> i32 {
    rustix::process::umask(Mode::RWXG | Mode::RWXO);
    match leave_terminal().and_then(|()| Keeper::begin(RunFolder::new(folder.to_owned()))) {
        Ok(keeper) => keeper.keep(),
        Err(answer) => {
            say(&answer);
            1
        }
    }
}

/// One line. Nobody may be listening any more, which changes nothing.
fn say(answer: &Answer) {
    if let Ok(mut line) = serde_json::to_vec(answer) {
        line.push(b'\n');
        let mut out = io::stdout().lock();
        let _ = out.write_all(&line).and_then(|()| out.flush());
    }
}

/// Away from the terminal and from the group of whoever started us, into a session of our own: all that comes of
/// the process is found by it.
fn leave_terminal() -> Result<(), Answer> {
    let own = rustix::process::getpid();
    match rustix::process::setsid() {
        Ok(_) => Ok(()),
        Err(_) if rustix::process::getsid(None) == Ok(own) => Ok(()),
        Err(error) => Err(not_started(error.into())),
    }
}

fn not_started(error: io::Error) -> Answer {
    Answer::NotStarted(error.into())
}

fn unwritable(path: &Path) -> impl FnOnce(io::Error) -> Answer {
    let path = path.to_owned();
    move |error| Answer::Unwritable(path, error.into())
}

struct Keeper {
    folder: RunFolder,
    /// Held until the end, so that there is one keeper at a time.
    _lock: File,
    signals: Signals,
    child: Child,
    identity: Identity,
    log: PathBuf,
    max_log_bytes: u64,
    memory: MemoryWatch,
}

impl Keeper {
    fn begin(folder: RunFolder) -> Result<Self, Answer> {
        let signals = Signals::listen().map_err(not_started)?;
        let launch = read_launch().map_err(not_started)?;
        let lock = folder.lock().map_err(unwritable(folder.path()))?.ok_or(Answer::Busy)?;
        let alive = match folder.started() {
            Some(started) => folder.members(&started),
            None => group::marked(folder.path().as_os_str()),
        };
        if !alive.is_empty() {
            return Err(Answer::Busy);
        }
        let keeper = Identity::own().ok_or_else(|| not_started(io::Error::other("/proc cannot be read")))?;
        let mut started = Started {
            instance: Instance::Process { keeper: keeper.clone(), child: None },
            started_at: Timestamp::now(),
            command: command_line(&launch),
            present: launch.present.clone(),
        };
        // Found even if we are killed before the program's identity is known.
        folder.write_started(&started).map_err(unwritable(folder.path()))?;
        let mut child = start(&folder, &launch).inspect_err(|_| folder.forget())?;
        let pid = i32::try_from(child.id()).unwrap_or_default();
        let identity = Identity::of(pid).unwrap_or(Identity { pid, started: 0, boot: keeper.boot.clone() });
        started.instance = Instance::Process { keeper, child: Some(identity.clone()) };
        if let Err(error) = folder.write_started(&started) {
            // What nobody can find must not run.
            let _ = child.kill();
            let _ = child.wait();
            return Err(unwritable(folder.path())(error));
        }
        let memory = MemoryWatch::start(pid);
        let (log, max_log_bytes) = (launch.log.clone(), launch.max_log_bytes);
        say(&Answer::Started);
        detach();
        Ok(Self { folder, _lock: lock, signals, child, identity, log, max_log_bytes, memory })
    }

    fn keep(mut self) -> i32 {
        let exit = loop {
            self.signals.wait(TICK);
            match self.child.try_wait() {
                Ok(Some(status)) => break exit_of(status),
                Ok(None) => {}
                Err(_) => break Exit::Unseen,
            }
            if self.signals.asked_to_end() {
                let _ = self.identity.signal(Signal::TERM);
            }
            self.memory.sample();
            // A full disk is seen by the process itself, in its own words.
            let _ = log_file::bound(&self.log, self.max_log_bytes);
        };
        let (exit, memory) = self.memory.judge(exit);
        note(&self.log, &format!(" ended: {exit}"));
        let ended = Ended { child: self.identity.clone(), exit, ended_at: Timestamp::now(), memory };
        let written = self.folder.write_ended(&ended);
        self.end_left_behind();
        let _ = log_file::bound(&self.log, self.max_log_bytes);
        i32::from(written.is_err())
    }

    /// Workers whose parent was killed hold its port and serve without anyone looking after them.
    fn end_left_behind(&self) {
        let Some(started) = self.folder.started() else { return };
        let members = || self.folder.members(&started);
        group::signal_all(&members(), Signal::TERM);
        let steps = LEFT_BEHIND_GRACE.as_millis() / 50;
        for _ in 0..steps {
            if members().is_empty() {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        group::kill_all(members);
    }
}

fn read_launch() -> io::Result<Launch> {
    let mut text = Zeroizing::new(Vec::new());
    io::stdin().lock().read_to_end(&mut text)?;
    // The words of a JSON error can quote what it stumbled over.
    serde_json::from_slice(&text).map_err(|_| io::Error::other("what to start was not understood"))
}

fn start(folder: &RunFolder, launch: &Launch) -> Result<Child, Answer> {
    note(&launch.log, log_file::STARTED);
    let log = log_file::open(&launch.log).map_err(unwritable(&launch.log))?;
    let errors = log.try_clone().map_err(unwritable(&launch.log))?;
    Command::new(&launch.program)
        .args(&launch.arguments)
        .env_clear()
        .envs(&launch.environment)
        .env(MARKER, folder.path())
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(log)
        .stderr(errors)
        .process_group(0)
        .spawn()
        .map_err(not_started)
}

/// Marks in the log where one life of the process begins and ends.
fn note(log: &Path, words: &str) {
    let now = Timestamp::now();
    let _ = log_file::open(log).and_then(|mut file| writeln!(file, "{}{now}{words}", log_file::NOTE));
}

fn command_line(launch: &Launch) -> Vec<String> {
    std::iter::once(launch.program.display().to_string()).chain(launch.arguments.iter().cloned()).collect()
}

/// Lets go of the pipes to whoever started us.
fn detach() {
    if let Ok(null) = OpenOptions::new().read(true).write(true).open("/dev/null") {
        let _ = rustix::stdio::dup2_stdin(&null);
        let _ = rustix::stdio::dup2_stdout(&null);
        let _ = rustix::stdio::dup2_stderr(&null);
    }
}

/// Signals wake the keeper. Hang-up and interrupt are meant for a terminal that is not ours.
struct Signals {
    woken: UnixStream,
    terminate: Arc<AtomicBool>,
}

impl Signals {
    fn listen() -> io::Result<Self> {
        let (woken, wake) = UnixStream::pair()?;
        let terminate = Arc::new(AtomicBool::new(false));
        let ignored = Arc::new(AtomicBool::new(false));
        signal_hook::flag::register(SIGTERM, Arc::clone(&terminate))?;
        for signal in [SIGHUP, SIGINT] {
            signal_hook::flag::register(signal, Arc::clone(&ignored))?;
        }
        for signal in [SIGCHLD, SIGTERM] {
            signal_hook::low_level::pipe::register(signal, wake.try_clone()?)?;
        }
        Ok(Self { woken, terminate })
    }

    /// Until a signal comes or the time is over.
    fn wait(&mut self, time: Duration) {
        let mut bytes = [0_u8; 64];
        let _ = self.woken.set_read_timeout(Some(time));
        let _ = self.woken.read(&mut bytes);
    }

    /// Whether a request to end has come since it was last asked.
    fn asked_to_end(&self) -> bool {
        self.terminate.swap(false, Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    /// Tests of drivers start this test again as their keeper: a library's tests have no `deploy` to start.
    #[test]
    #[allow(clippy::exit, reason = "what follows in the test binary is not the keeper's business")]
    fn as_keeper() {
        if let Some(folder) = std::env::var_os("DEPLOY_TEST_KEEPS") {
            std::process::exit(super::run(folder.as_ref()));
        }
    }
}
