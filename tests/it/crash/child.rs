//! `deploy`, in a process that kills itself at a line of the journal.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

use deploy::cli::Seams;
use deploy::engine::{Entry, Record};
use rustix::process::{Signal, getpid, kill_process};
use serde::{Deserialize, Serialize};

use crate::support::Deploy;

/// Environment variable that tells this program to be `deploy` for once.
const CALL: &str = "DEPLOY_TEST_DIES";

/// When a run is killed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Kill {
    pub(super) at: At,
    /// Milliseconds between the line and the kill. Zero: the run does nothing more after the line.
    pub(super) later: u64,
}

/// A line of the journal.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum At {
    /// By its name; see [`name`].
    Line(String),
    /// The first one that is none of these.
    OtherThan(Vec<String>),
}

#[derive(Serialize, Deserialize)]
struct Call {
    arguments: Vec<String>,
    program: PathBuf,
    kill: Kill,
}

impl Kill {
    pub(super) fn at(line: &str) -> Self {
        Self { at: At::Line(line.to_owned()), later: 0 }
    }

    pub(super) fn at_other_than(seen: &[String], later: u64) -> Self {
        Self { at: At::OtherThan(seen.to_vec()), later }
    }

    fn applies_to(&self, line: &str) -> bool {
        match &self.at {
            At::Line(wanted) => wanted == line,
            At::OtherThan(seen) => !seen.iter().any(|seen| seen == line),
        }
    }
}

/// What a line is called here: `intent database/schema`. Within a run without failures each comes once.
pub(super) fn name(record: &Record) -> String {
    match record {
        Record::RunStarted { verb, .. } => format!("start of {verb}"),
        Record::Intent { unit, .. } => format!("intent {unit}"),
        Record::Done { unit } => format!("done {unit}"),
        Record::Failed { unit, .. } => format!("failed {unit}"),
        Record::RunFinished { .. } => "end".to_owned(),
    }
}

/// The same call, made by this program, which is killed on the way.
pub(super) fn dying(deploy: Deploy, arguments: &[&str], kill: Kill) -> Deploy {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_deploy"));
    let call = Call { arguments: arguments.iter().map(|&argument| argument.to_owned()).collect(), program, kill };
    let own = std::env::current_exe().unwrap();
    deploy
        .stand_in(&own, &["crash::child::as_deploy", "--exact", "--nocapture"])
        .variable(CALL, serde_json::to_string(&call).unwrap())
}

static KILL: OnceLock<Kill> = OnceLock::new();

fn observe(entry: &Entry) {
    let kill = KILL.get().unwrap();
    if !kill.applies_to(&name(&entry.record)) {
        return;
    }
    if kill.later == 0 {
        die();
    }
    let later = Duration::from_millis(kill.later);
    std::thread::spawn(move || {
        std::thread::sleep(later);
        die();
    });
}

/// No destructor, no last word.
fn die() {
    kill_process(getpid(), Signal::KILL).unwrap();
}

/// Does nothing in a run of the tests.
#[test]
#[allow(clippy::exit, reason = "what libtest says at its end is not part of the program")]
fn as_deploy() {
    let Ok(call) = std::env::var(CALL) else { return };
    let call: Call = serde_json::from_str(&call).unwrap();
    KILL.set(call.kill).unwrap();
    let mut seams = Seams { program: call.program, journal_observer: Some(observe), ..Seams::of_process() };
    seams.environment.remove(CALL);
    let arguments = std::iter::once("deploy".to_owned()).chain(call.arguments).map(OsString::from).collect();
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    std::process::exit(runtime.block_on(deploy::cli::run(arguments, seams)).into());
}
