//! A run that changes things: its lock with a beating heart, its journal, its way to be stopped.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::args::Running;
use super::failure::Failure;
use super::opened::Opened;
use super::settings::Settings;
use crate::diagnostics::Diagnostic;
use crate::engine::{
    Cancellation, Engine, Event, Holder, Interrupted, Journal, Lock, Options, Outcome, Record, RunResult, read_runs,
};
use crate::plan::Summary;

const HEARTBEAT: Duration = Duration::from_secs(5);

/// Told of everything that happens.
pub(super) type Listener = Arc<dyn Fn(Event) + Send + Sync>;

/// A run between its first and its last journal line.
pub(super) struct Run<'a> {
    pub(super) opened: &'a Opened,
    pub(super) settings: &'a Settings,
    pub(super) verb: &'static str,
    pub(super) id: String,
    pub(super) cancellation: Cancellation,
    listener: Listener,
    lock: Lock,
    started: Instant,
    options: Options,
}

impl<'a> Run<'a> {
    /// Takes the lock and begins to listen for Ctrl-C.
    pub(super) async fn begin(
        opened: &'a Opened,
        settings: &'a Settings,
        verb: &'static str,
        running: &Running,
        listener: Listener,
    ) -> Result<Self, Failure> {
        let id = new_id(settings)?;
        let now = settings.world.now();
        let holder = Holder {
            run: id.clone(),
            verb: verb.to_owned(),
            by: settings.who(),
            pid: std::process::id(),
            since: now,
            step: "looking at what is there".to_owned(),
            beat: now,
        };
        let lock = Lock::take(&opened.folder.lock(), holder, running.lock_timeout.0).await?;
        let cancellation = Cancellation::default();
        listen_for_signals(cancellation.clone());
        let beating = beat_while_alive(lock.clone(), settings);
        let listener = telling_the_lock(listener, lock.clone(), settings);
        drop(beating);
        Ok(Self {
            opened,
            settings,
            verb,
            id,
            cancellation,
            listener,
            lock,
            started: Instant::now(),
            options: Options {
                parallelism: usize::from(running.parallelism),
                time_limit: running.timeout.0,
                ..Options::default()
            },
        })
    }

    pub(super) fn engine(&self) -> Engine<'_> {
        Engine {
            drivers: &self.opened.drivers,
            context: self.opened.context(self.cancellation.now().clone(), self.options.time_limit),
            events: Arc::clone(&self.listener),
            cancellation: &self.cancellation,
            options: self.options.clone(),
        }
    }

    /// Opens the journal, tells what an earlier run left, and writes the first line.
    pub(super) fn open_journal(&self, steps: usize, summary: Summary) -> Result<Journal, Failure> {
        let path = self.opened.folder.journal();
        let earlier = self.interrupted();
        let world = self.settings.world.clone();
        let (journal, told) = Journal::open(&path, &self.id, move || world.now())?;
        let observer = self.settings.journal_observer;
        let journal = journal.observed_by(observer.map(|observer| Box::new(observer) as _));
        for diagnostic in told {
            self.tell(Event::Notice { diagnostic: Box::new(diagnostic) });
        }
        if let Some(earlier) = earlier {
            self.tell(Event::Resuming {
                run: earlier.run,
                verb: earlier.verb,
                done: earlier.done,
                interrupted: earlier.units,
            });
        }
        journal.write(Record::RunStarted {
            verb: self.verb.to_owned(),
            by: self.settings.who(),
            scenario: self.opened.manifest.scenario.clone(),
            release: self.opened.manifest.release.clone(),
            steps,
        })?;
        self.tell_start(steps, summary);
        Ok(journal)
    }

    /// Whether the journal's last run has no end, or none that is a good one.
    pub(super) fn follows_an_unfinished_one(&self) -> bool {
        let runs = read_runs(&self.opened.folder.journal()).unwrap_or_default();
        let is_good = |outcome| matches!(outcome, Outcome::Applied | Outcome::Unchanged | Outcome::Destroyed);
        runs.last().is_some_and(|run| !run.outcome.is_some_and(is_good))
    }

    fn interrupted(&self) -> Option<Interrupted> {
        read_runs(&self.opened.folder.journal()).ok().and_then(|runs| Interrupted::from_runs(&runs))
    }

    pub(super) fn tell_start(&self, steps: usize, summary: Summary) {
        self.tell(Event::RunStarted {
            run: self.id.clone(),
            verb: self.verb.to_owned(),
            deployment: self.opened.name().to_owned(),
            steps,
            summary,
        });
    }

    /// Writes the last line.
    pub(super) fn finish(&self, journal: &Journal, result: &RunResult) {
        // The run is over either way; a journal without its last line reads as a run that was stopped.
        let _ = journal.write(Record::RunFinished { outcome: result.outcome });
        self.tell_end(result.outcome);
    }

    pub(super) fn tell_end(&self, outcome: Outcome) {
        let seconds = self.started.elapsed().as_secs_f64();
        self.tell(Event::RunFinished { run: self.id.clone(), outcome, seconds });
    }

    pub(super) fn tell(&self, event: Event) {
        (self.listener)(event);
    }

    pub(super) fn beat(&self, step: &str) {
        self.lock.beat(Some(step), self.settings.world.now());
    }
}

/// Runs are named by time, so that they sort, with a little chance against two in one second.
fn new_id(settings: &Settings) -> Result<String, Failure> {
    let mut random = [0_u8; 3];
    getrandom::fill(&mut random).map_err(|error| {
        Failure::from(
            Diagnostic::error(crate::diagnostics::codes::INTERNAL, "the system gives no randomness")
                .cause(error.to_string()),
        )
    })?;
    let chance: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(format!("{}-{chance}", settings.world.now().strftime("%Y%m%dT%H%M%S")))
}

/// The first Ctrl-C (or SIGTERM) asks to stop after the running step, the second one at once.
pub(super) fn listen_for_signals(cancellation: Cancellation) {
    tokio::spawn(async move {
        use tokio::signal::unix::{SignalKind, signal};
        let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
        else {
            return;
        };
        loop {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            cancellation.request();
        }
    });
}

/// Keeps the lock's sign of life fresh; ends with the process.
fn beat_while_alive(lock: Lock, settings: &Settings) -> tokio::task::JoinHandle<()> {
    let world = settings.world.clone();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(HEARTBEAT).await;
            lock.beat(None, world.now());
        }
    })
}

/// Each step that begins is written into the lock, for whoever finds it taken.
fn telling_the_lock(listener: Listener, lock: Lock, settings: &Settings) -> Listener {
    let world = settings.world.clone();
    Arc::new(move |event: Event| {
        if let Event::StepStarted { unit, action, .. } = &event {
            lock.beat(Some(&format!("{} {unit}", action.as_str())), world.now());
        }
        listener(event);
    })
}
