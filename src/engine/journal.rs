//! The journal: one line of JSON per intent and per outcome, on disk before and after each step.
//!
//! It decides nothing: reality is asked. It tells the next run and the reader of `deploy history` what was being
//! done when a run was stopped.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::event::Outcome;
use crate::diagnostics::{Diagnostic, codes};
use crate::plan::Action;
use crate::unit::UnitId;

/// A line of the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Order within the journal; times are for people only, since clocks move.
    pub sequence: u64,
    pub at: Timestamp,
    pub run: String,
    #[serde(flatten)]
    pub record: Record,
}

/// What a line says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Record {
    RunStarted {
        verb: String,
        by: String,
        scenario: String,
        release: String,
        steps: usize,
    },
    /// Written before the world is touched.
    Intent {
        unit: UnitId,
        action: Action,
    },
    Done {
        unit: UnitId,
    },
    Failed {
        unit: UnitId,
        code: String,
        cause: String,
    },
    RunFinished {
        outcome: Outcome,
    },
}

/// An open journal. Every [`Journal::write`] is on disk when it returns.
pub struct Journal {
    state: Mutex<State>,
    path: PathBuf,
    run: String,
    now: Box<dyn Fn() -> Timestamp + Send + Sync>,
    /// Called after each line is on disk.
    observer: Option<Box<dyn Fn(&Entry) + Send + Sync>>,
}

struct State {
    file: File,
    next: u64,
}

/// A run that did not come to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interrupted {
    pub run: String,
    pub verb: String,
    pub done: usize,
    /// The steps that were begun and not ended: several run at a time.
    pub units: Vec<UnitId>,
}

/// A run as `deploy history` shows it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RunRecord {
    pub run: String,
    pub verb: String,
    pub by: String,
    pub scenario: String,
    pub release: String,
    pub started_at: Timestamp,
    pub finished_at: Option<Timestamp>,
    /// None for a run that was stopped in the middle.
    pub outcome: Option<Outcome>,
    pub steps_done: usize,
    pub failure: Option<String>,
    /// Steps that were begun and have not ended.
    pub unfinished: Vec<UnitId>,
}

impl Journal {
    /// Opens the journal for a new run. A last line that was cut is put aside; the second value says so, and whether
    /// the clock was set back since the last line.
    pub fn open(
        path: &Path,
        run: &str,
        now: impl Fn() -> Timestamp + Send + Sync + 'static,
    ) -> Result<(Self, Vec<Diagnostic>), Diagnostic> {
        let unwritable = |error: io::Error| unwritable(path, &error);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(unwritable)?;
        }
        let mut file =
            OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path).map_err(unwritable)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(unwritable)?;
        let cut = put_cut_line_aside(&mut file, path, &bytes).map_err(unwritable)?;
        let last = entries(&bytes).max_by_key(|entry| entry.sequence);
        let moved = last.as_ref().and_then(|last| set_back(path, last.at, now()));
        let next = last.map_or(0, |last| last.sequence + 1);
        let journal = Self {
            state: Mutex::new(State { file, next }),
            path: path.to_owned(),
            run: run.to_owned(),
            now: Box::new(now),
            observer: None,
        };
        Ok((journal, cut.into_iter().chain(moved).collect()))
    }

    /// The same journal with somebody who is told of each line once it is on disk.
    #[must_use]
    pub fn observed_by(mut self, observer: Option<Box<dyn Fn(&Entry) + Send + Sync>>) -> Self {
        self.observer = observer;
        self
    }

    pub fn run(&self) -> &str {
        &self.run
    }

    /// Appends a line and waits until it is on disk.
    pub fn write(&self, record: Record) -> Result<(), Diagnostic> {
        let entry = {
            let mut state = self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let entry = Entry { sequence: state.next, at: (self.now)(), run: self.run.clone(), record };
            let mut line = serde_json::to_vec(&entry).unwrap_or_default();
            line.push(b'\n');
            state
                .file
                .write_all(&line)
                .and_then(|()| state.file.sync_data())
                .map_err(|error| unwritable(&self.path, &error))?;
            state.next += 1;
            entry
        };
        if let Some(observer) = &self.observer {
            observer(&entry);
        }
        Ok(())
    }
}

fn unwritable(path: &Path, error: &io::Error) -> Diagnostic {
    Diagnostic::error(codes::of_unwritable(error), "cannot write the journal")
        .at(path.display().to_string())
        .cause(error.to_string())
        .changed("nothing is done without a journal, so nothing was changed after this")
        .next("make room or correct the permissions, then run the command again")
}

/// A clock that is kept right by a time service steps back by less.
const STEP_BACK: SignedDuration = SignedDuration::from_secs(60);

fn set_back(path: &Path, last: Timestamp, now: Timestamp) -> Option<Diagnostic> {
    let back = last.duration_since(now);
    (back > STEP_BACK).then(|| {
        let second = |time: Timestamp| time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string();
        Diagnostic::new(codes::RUN_CLOCK, crate::diagnostics::Severity::Note, "the clock was set back")
            .at(path.display().to_string())
            .cause(format!("the last run wrote at {}, and now it is {}", second(last), second(now)))
            .changed("nothing depends on it: the order of runs comes from the journal")
            .next("check the machine's time service")
    })
}

/// A crash may leave half a line. It is kept beside the journal and the journal ends with a whole line again.
fn put_cut_line_aside(file: &mut File, path: &Path, bytes: &[u8]) -> io::Result<Option<Diagnostic>> {
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    if whole == bytes.len() {
        return Ok(None);
    }
    let aside = path.with_extension("cut");
    OpenOptions::new().append(true).create(true).mode(0o600).open(&aside)?.write_all(&bytes[whole..])?;
    file.set_len(whole as u64)?;
    file.seek(SeekFrom::End(0))?;
    file.sync_all()?;
    Ok(Some(
        Diagnostic::new(
            codes::RUN_JOURNAL_DAMAGED,
            crate::diagnostics::Severity::Note,
            "the journal's last line was cut",
        )
        .at(path.display().to_string())
        .note(format!("the cut line is kept in {}", aside.display()))
        .changed("nothing was lost: what is there is asked anew"),
    ))
}

/// Lines that can be understood; a damaged one in the middle is passed over.
fn entries(bytes: &[u8]) -> impl Iterator<Item = Entry> {
    bytes.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok())
}

/// All runs in a journal, oldest first. A journal that is not there has none.
pub fn read_runs(path: &Path) -> io::Result<Vec<RunRecord>> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut runs: Vec<RunRecord> = Vec::new();
    for entry in entries(&bytes) {
        if let Record::RunStarted { verb, by, scenario, release, .. } = entry.record {
            runs.push(RunRecord {
                run: entry.run,
                verb,
                by,
                scenario,
                release,
                started_at: entry.at,
                finished_at: None,
                outcome: None,
                steps_done: 0,
                failure: None,
                unfinished: Vec::new(),
            });
            continue;
        }
        if let Some(run) = runs.iter_mut().rev().find(|run| run.run == entry.run) {
            note(run, entry);
        }
    }
    Ok(runs)
}

fn note(run: &mut RunRecord, entry: Entry) {
    match entry.record {
        Record::RunStarted { .. } => {}
        Record::Intent { unit, .. } => run.unfinished.push(unit),
        Record::Done { unit } => {
            run.steps_done += 1;
            run.unfinished.retain(|begun| *begun != unit);
        }
        Record::Failed { unit, code, cause } => {
            run.failure.get_or_insert(format!("{code} {unit}: {cause}"));
            run.unfinished.retain(|begun| *begun != unit);
        }
        Record::RunFinished { outcome } => {
            run.outcome = Some(outcome);
            run.finished_at = Some(entry.at);
        }
    }
}

impl Interrupted {
    /// The last run, if it was stopped before its end.
    pub fn from_runs(runs: &[RunRecord]) -> Option<Self> {
        let last = runs.last().filter(|run| run.outcome.is_none())?;
        Some(Self {
            run: last.run.clone(),
            verb: last.verb.clone(),
            done: last.steps_done,
            units: last.unfinished.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn started() -> Record {
        Record::RunStarted {
            verb: "apply".into(),
            by: "ana".into(),
            scenario: "local-server".into(),
            release: "0.98.0".into(),
            steps: 2,
        }
    }

    #[test]
    fn a_cut_line_is_put_aside_and_the_rest_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        let (journal, cut) = Journal::open(&path, "one", Timestamp::now).unwrap();
        assert_eq!(cut, []);
        journal.write(started()).unwrap();
        journal.write(Record::Intent { unit: UnitId::new("a"), action: Action::Create }).unwrap();
        drop(journal);
        let whole = std::fs::read(&path).unwrap();
        for length in 0..whole.len() {
            std::fs::write(&path, &whole[..length]).unwrap();
            let (journal, _) = Journal::open(&path, "two", Timestamp::now).unwrap();
            journal.write(started()).unwrap();
            let runs = read_runs(&path).unwrap();
            assert_eq!(runs.last().unwrap().run, "two");
            assert!(std::fs::read(&path).unwrap().ends_with(b"\n"));
        }
        std::fs::write(&path, &whole).unwrap();
        let runs = read_runs(&path).unwrap();
        let interrupted = Interrupted::from_runs(&runs).unwrap();
        assert_eq!(interrupted.units, [UnitId::new("a")]);
    }

    #[test]
    fn every_step_that_was_at_work_when_the_run_died_is_known() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        let (journal, _) = Journal::open(&path, "one", Timestamp::now).unwrap();
        journal.write(started()).unwrap();
        for unit in ["a", "b", "c"] {
            journal.write(Record::Intent { unit: UnitId::new(unit), action: Action::Create }).unwrap();
        }
        journal.write(Record::Done { unit: UnitId::new("b") }).unwrap();
        let interrupted = Interrupted::from_runs(&read_runs(&path).unwrap()).unwrap();
        assert_eq!(interrupted.units, [UnitId::new("a"), UnitId::new("c")]);
        assert_eq!(interrupted.done, 1);
    }

    #[test]
    fn order_does_not_depend_on_the_clock() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        for (run, second) in [("one", 2_000_000_000), ("two", 1_000_000_000)] {
            let (journal, told) = Journal::open(&path, run, move || Timestamp::from_second(second).unwrap()).unwrap();
            let codes: Vec<_> = told.iter().map(|diagnostic| diagnostic.code).collect();
            assert_eq!(codes, if run == "two" { vec![codes::RUN_CLOCK] } else { Vec::new() });
            journal.write(started()).unwrap();
            journal.write(Record::RunFinished { outcome: Outcome::Applied }).unwrap();
        }
        let runs = read_runs(&path).unwrap();
        assert_eq!(runs.iter().map(|run| run.run.as_str()).collect::<Vec<_>>(), ["one", "two"]);
    }
}
