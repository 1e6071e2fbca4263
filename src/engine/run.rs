//! The executor: plans by observing, applies what is unblocked, deletes in the opposite order.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures_util::future::{FutureExt as _, LocalBoxFuture};
use futures_util::stream::{FuturesUnordered, StreamExt as _};

use super::cancel::Cancellation;
use super::event::{Event, Outcome, StepOutcome};
use super::journal::{Journal, Record};
use crate::diagnostics::{Diagnostic, codes};
use crate::plan::{Action, Change, Graph, change_for, deletion_of};
use crate::unit::{
    Context, DataFate, Driver, DriverError, Observation, Outputs, Owned, Readiness, RetryClass, Unit, UnitId, resolve,
    secrets_used,
};

/// Drivers by the kind of unit that they give life to.
pub type Drivers = BTreeMap<&'static str, Arc<dyn Driver>>;

/// How to run.
#[derive(Debug, Clone)]
pub struct Options {
    /// Steps at a time.
    pub parallelism: usize,
    /// How long one unit may take to become ready.
    pub time_limit: Duration,
    /// Tries of a step whose failure passes by itself.
    pub attempts: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self { parallelism: 4, time_limit: Duration::from_secs(15 * 60), attempts: 3 }
    }
}

/// The first failure of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    pub unit: UnitId,
    pub diagnostic: Diagnostic,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq)]
pub struct RunResult {
    pub outcome: Outcome,
    pub failure: Option<Failure>,
    /// Units that were changed.
    pub changed: Vec<UnitId>,
    /// What deletions left in place.
    pub kept: Vec<String>,
    /// Outputs of all units that are there.
    pub outputs: BTreeMap<UnitId, Outputs>,
}

/// What the engine works with during one run.
pub struct Engine<'a> {
    pub drivers: &'a Drivers,
    pub context: Context,
    pub events: Arc<dyn Fn(Event) + Send + Sync>,
    pub cancellation: &'a Cancellation,
    pub options: Options,
}

const BETWEEN_LOOKS: Duration = Duration::from_millis(150);
const FIRST_PAUSE: Duration = Duration::from_millis(500);

impl Engine<'_> {
    /// Observes every unit and says what would be done: units in the order of applying, then what is ours and not
    /// wanted any more.
    pub async fn plan(
        &self,
        graph: &Graph,
        inventory: &[Owned],
    ) -> Result<(Vec<Change>, BTreeMap<UnitId, Outputs>), Diagnostic> {
        let mut outputs: BTreeMap<UnitId, Outputs> = BTreeMap::new();
        let mut changes = Vec::new();
        for unit in graph.units() {
            let (change, found) = self.look(unit, &outputs).await.map_err(|error| error.diagnostic)?;
            if let Some(found) = found {
                outputs.insert(unit.id.clone(), found);
            }
            changes.push(change);
        }
        let wanted: BTreeSet<&UnitId> = graph.units().iter().map(|unit| &unit.id).collect();
        for owned in in_deletion_order(inventory) {
            if !wanted.contains(&owned.unit.id) && !owned.present.kept {
                changes.push(deletion_of(owned, "it is not part of the deployment any more"));
            }
        }
        Ok((changes, outputs))
    }

    /// One unit: what is there, and what has to be done.
    async fn look(
        &self,
        unit: &Unit,
        outputs: &BTreeMap<UnitId, Outputs>,
    ) -> Result<(Change, Option<Outputs>), DriverError> {
        let Some(driver) = self.drivers.get(unit.kind.as_str()) else {
            return Ok((without_driver(unit), None));
        };
        let (spec, unknown) = resolve(&unit.spec, outputs);
        let resolved = Unit { spec, ..unit.clone() };
        let observed = driver.observe(&resolved, &self.context).await?;
        let secrets = self.context.secrets.fingerprints(&secrets_used(&unit.spec))?;
        let change = change_for(&resolved, &unknown, &observed, &secrets);
        tracing::debug!(unit = %unit.id, action = change.action.as_str(), reason = %change.reason, "looked");
        if matches!(change.action, Action::Update | Action::Repair) {
            refuse_impossible(&**driver, &change)?;
        }
        let found = match observed {
            Observation::Present(present) => Some(present.outputs),
            Observation::Absent => None,
        };
        Ok((change, found))
    }

    /// Applies a graph: every unit as soon as all that it waits for is ready.
    pub async fn apply(&self, graph: &Graph, deletions: &[&Owned], journal: &Journal) -> RunResult {
        let mut state = State::default();
        let steps = graph.units().len() + deletions.len();
        self.apply_units(graph, journal, steps, &mut state).await;
        if state.failure.is_none() && !self.cancellation.is_requested() {
            self.delete_units(deletions, DataFate::Keep, journal, steps, &mut state).await;
        }
        state.into_result(Outcome::Applied, self.cancellation.is_requested())
    }

    /// Deletes what is ours, users of a thing before the thing.
    pub async fn destroy(&self, inventory: &[Owned], data: DataFate, journal: &Journal) -> RunResult {
        let mut state = State::default();
        let ordered = in_deletion_order(inventory);
        self.delete_units(&ordered, data, journal, ordered.len(), &mut state).await;
        state.into_result(Outcome::Destroyed, self.cancellation.is_requested())
    }

    async fn apply_units(&self, graph: &Graph, journal: &Journal, steps: usize, state: &mut State) {
        let mut waiting: Vec<&Unit> = graph.units().iter().collect();
        let mut running: FuturesUnordered<LocalBoxFuture<'_, (&Unit, Step)>> = FuturesUnordered::new();
        let mut names: BTreeSet<UnitId> = BTreeSet::new();
        let mut started = 0;
        let mut told = false;
        loop {
            let stop = state.failure.is_some() || self.cancellation.is_requested();
            while !stop && running.len() < self.options.parallelism {
                let free =
                    waiting.iter().position(|unit| graph.before(&unit.id).all(|before| state.ready.contains(before)));
                let Some(index) = free else { break };
                let unit = waiting.remove(index);
                started += 1;
                names.insert(unit.id.clone());
                let outputs = state.outputs.clone();
                let number = started;
                running
                    .push(async move { (unit, self.step(unit, outputs, journal, number, steps).await) }.boxed_local());
            }
            if stop && !told && self.cancellation.is_requested() && !names.is_empty() {
                (self.events)(Event::Cancelling { running: names.iter().cloned().collect() });
                told = true;
            }
            let next = tokio::select! {
                next = running.next() => next,
                () = self.cancellation.requested(), if !told => continue,
            };
            let Some((unit, step)) = next else { break };
            names.remove(&unit.id);
            state.record(unit, step);
        }
    }

    /// One unit from looking to ready.
    async fn step(
        &self,
        unit: &Unit,
        outputs: BTreeMap<UnitId, Outputs>,
        journal: &Journal,
        step: usize,
        steps: usize,
    ) -> Step {
        let started = Instant::now();
        let (change, found) = match self.look(unit, &outputs).await {
            Ok(found) => found,
            Err(error) => return self.failed(unit, Action::Create, error.diagnostic, started, journal, false),
        };
        if !change.action.changes() {
            return Step::Unchanged(found.unwrap_or_default());
        }
        (self.events)(Event::StepStarted {
            unit: unit.id.clone(),
            title: unit.title.clone(),
            action: change.action,
            reason: change.reason.clone(),
            step,
            steps,
        });
        if let Err(diagnostic) = journal.write(Record::Intent { unit: unit.id.clone(), action: change.action }) {
            return self.failed(unit, change.action, diagnostic, started, journal, false);
        }
        match self.make_ready(unit, &outputs, started).await {
            Ok(outputs) => match journal.write(Record::Done { unit: unit.id.clone() }) {
                Ok(()) => {
                    self.finished(unit, StepOutcome::Done, started);
                    Step::Changed(outputs)
                }
                Err(diagnostic) => self.failed(unit, change.action, diagnostic, started, journal, true),
            },
            Err(diagnostic) => self.failed(unit, change.action, diagnostic, started, journal, true),
        }
    }

    fn finished(&self, unit: &Unit, outcome: StepOutcome, started: Instant) {
        let seconds = started.elapsed().as_secs_f64();
        (self.events)(Event::StepFinished { unit: unit.id.clone(), outcome, seconds });
    }

    fn failed(
        &self,
        unit: &Unit,
        action: Action,
        mut diagnostic: Diagnostic,
        started: Instant,
        journal: &Journal,
        begun: bool,
    ) -> Step {
        if diagnostic.place.is_none() && diagnostic.labels.is_empty() {
            diagnostic.place = Some(format!("{} ({})", unit.id, unit.title));
        }
        if begun {
            let cause = diagnostic.cause.clone().unwrap_or_else(|| diagnostic.title.clone());
            let cause = self.context.secrets.redactor_of_seen().redact(&cause);
            // The failure is on its way to the user already; a journal that cannot take it adds nothing.
            let _ = journal.write(Record::Failed { unit: unit.id.clone(), code: diagnostic.code.to_string(), cause });
        } else {
            (self.events)(Event::StepStarted {
                unit: unit.id.clone(),
                title: unit.title.clone(),
                action,
                reason: "looking at what is there".to_owned(),
                step: 0,
                steps: 0,
            });
        }
        self.finished(unit, StepOutcome::Failed { diagnostic: Box::new(diagnostic.clone()) }, started);
        Step::Failed(Box::new(diagnostic))
    }

    async fn make_ready(
        &self,
        unit: &Unit,
        outputs: &BTreeMap<UnitId, Outputs>,
        started: Instant,
    ) -> Result<Outputs, Diagnostic> {
        let Some(driver) = self.drivers.get(unit.kind.as_str()) else {
            return Err(no_driver(unit));
        };
        let (spec, _) = resolve(&unit.spec, outputs);
        let resolved = Unit { spec, ..unit.clone() };
        tracing::trace!(unit = %unit.id, spec = %resolved.spec, "applying");
        let waiting = Waiting::default();
        let context = self.context_for(unit, started, &waiting);
        let work = async {
            let found = self.try_apply(&**driver, &resolved, &context).await?;
            self.wait_until_ready(&**driver, &resolved, &context).await?;
            Ok(found)
        };
        tokio::select! {
            result = tokio::time::timeout(self.options.time_limit, work) => match result {
                Ok(result) => result,
                Err(_) => Err(self.timed_out(&**driver, unit, &waiting)),
            },
            () = self.cancellation.now().cancelled() => Err(stopped(unit)),
        }
    }

    /// The driver's words go to the reason column under the unit's name, each once, and are kept for a time-out.
    fn context_for(&self, unit: &Unit, started: Instant, waiting: &Waiting) -> Context {
        let events = Arc::clone(&self.events);
        let id = unit.id.clone();
        let waiting = waiting.clone();
        let progress = move |reason: &str| {
            if waiting.is_news(reason) {
                let elapsed = started.elapsed().as_secs_f64();
                events(Event::StepWaiting { unit: id.clone(), reason: reason.to_owned(), elapsed });
            }
        };
        Context { progress: Arc::new(progress), ..self.context.clone() }
    }

    async fn try_apply(&self, driver: &dyn Driver, unit: &Unit, context: &Context) -> Result<Outputs, Diagnostic> {
        let mut pause = FIRST_PAUSE;
        let mut attempt = 1;
        loop {
            match driver.apply(unit, context).await {
                Ok(outputs) => return Ok(outputs),
                Err(error) if error.class == RetryClass::Transient && attempt < self.options.attempts => {
                    attempt += 1;
                    let cause = error.diagnostic.cause.unwrap_or(error.diagnostic.title);
                    (self.events)(Event::StepRetried { unit: unit.id.clone(), cause, attempt });
                    tokio::time::sleep(pause).await;
                    pause *= 2;
                }
                Err(error) => return Err(error.diagnostic),
            }
        }
    }

    async fn wait_until_ready(&self, driver: &dyn Driver, unit: &Unit, context: &Context) -> Result<(), Diagnostic> {
        loop {
            match driver.ready(unit, context).await.map_err(|error| error.diagnostic)? {
                Readiness::Ready => return Ok(()),
                Readiness::Failed(diagnostic) => return Err(*diagnostic),
                Readiness::Waiting(reason) => (context.progress)(&reason),
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
    }

    fn timed_out(&self, driver: &dyn Driver, unit: &Unit, waiting: &Waiting) -> Diagnostic {
        let limit = self.options.time_limit.as_secs();
        let diagnostic =
            Diagnostic::error(codes::RUN_TIMED_OUT, format!("{} was not ready after {limit} s", unit.title))
                .at(unit.id.to_string())
                .cause(waiting.describe());
        driver
            .evidence(unit, &self.context)
            .into_iter()
            .fold(diagnostic, Diagnostic::evidence)
            .changed("what was started stays; running again goes on from there")
            .next(format!("deploy logs {}", unit.component))
            .next("give it longer: --timeout 30m")
    }

    async fn delete_units(
        &self,
        ordered: &[&Owned],
        data: DataFate,
        journal: &Journal,
        steps: usize,
        state: &mut State,
    ) {
        for (index, owned) in ordered.iter().enumerate() {
            if self.cancellation.is_requested() {
                return;
            }
            let step = state.done + index + 1;
            let started = Instant::now();
            (self.events)(Event::StepStarted {
                unit: owned.unit.id.clone(),
                title: owned.unit.title.clone(),
                action: Action::Delete,
                reason: "it is ours".to_owned(),
                step,
                steps,
            });
            if let Err(diagnostic) = self.delete_one(owned, data, journal, started, state).await {
                let failed = self.failed(&owned.unit, Action::Delete, diagnostic, started, journal, true);
                // A dead end does not stop the walk: the rest is deleted all the same.
                state.record(&owned.unit, failed);
            }
        }
    }

    async fn delete_one(
        &self,
        owned: &Owned,
        data: DataFate,
        journal: &Journal,
        started: Instant,
        state: &mut State,
    ) -> Result<(), Diagnostic> {
        let unit = &owned.unit;
        let driver = self.drivers.get(unit.kind.as_str()).ok_or_else(|| no_driver(unit))?;
        journal.write(Record::Intent { unit: unit.id.clone(), action: Action::Delete })?;
        let deleted = driver.delete(owned, data, &self.context).await.map_err(|error| error.diagnostic)?;
        journal.write(Record::Done { unit: unit.id.clone() })?;
        let outcome =
            if deleted.kept.is_empty() { StepOutcome::Done } else { StepOutcome::Kept { kept: deleted.kept.clone() } };
        self.finished(unit, outcome, started);
        state.kept.extend(deleted.kept);
        state.changed.push(unit.id.clone());
        Ok(())
    }
}

/// What a step was last said to be at, and since when.
#[derive(Clone, Default)]
struct Waiting(Arc<Mutex<Option<(String, Instant)>>>);

impl Waiting {
    /// Remembers the words unless they are the last ones.
    fn is_news(&self, reason: &str) -> bool {
        let mut last = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let is_news = last.as_ref().is_none_or(|(known, _)| known != reason);
        if is_news {
            *last = Some((reason.to_owned(), Instant::now()));
        }
        is_news
    }

    /// `waiting for: port 8237 to open, for 42 s`.
    fn describe(&self) -> String {
        let last = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match &*last {
            Some((reason, since)) => format!("waiting for: {reason}, for {} s", since.elapsed().as_secs()),
            None => "it was still at work and had not said at what".to_owned(),
        }
    }
}

/// How a step ended.
enum Step {
    Changed(Outputs),
    Unchanged(Outputs),
    Failed(Box<Diagnostic>),
}

#[derive(Default)]
struct State {
    ready: BTreeSet<UnitId>,
    outputs: BTreeMap<UnitId, Outputs>,
    changed: Vec<UnitId>,
    kept: Vec<String>,
    failure: Option<Failure>,
    done: usize,
}

impl State {
    fn record(&mut self, unit: &Unit, step: Step) {
        match step {
            Step::Failed(diagnostic) => {
                self.failure.get_or_insert(Failure { unit: unit.id.clone(), diagnostic: *diagnostic });
                return;
            }
            Step::Changed(outputs) => {
                self.changed.push(unit.id.clone());
                self.outputs.insert(unit.id.clone(), outputs);
            }
            Step::Unchanged(outputs) => {
                self.outputs.insert(unit.id.clone(), outputs);
            }
        }
        self.done += 1;
        self.ready.insert(unit.id.clone());
    }

    fn into_result(self, success: Outcome, cancelled: bool) -> RunResult {
        let outcome = match &self.failure {
            Some(failure) if failure.diagnostic.code == codes::RUN_CANCELLED => Outcome::Cancelled,
            Some(failure) if failure.diagnostic.code == codes::RUN_TIMED_OUT => Outcome::TimedOut,
            Some(_) if self.changed.is_empty() => Outcome::Failed,
            Some(_) => Outcome::Partial,
            None if cancelled => Outcome::Cancelled,
            None if self.changed.is_empty() => Outcome::Unchanged,
            None => success,
        };
        RunResult { outcome, failure: self.failure, changed: self.changed, kept: self.kept, outputs: self.outputs }
    }
}

/// Users of a thing before the thing itself.
fn in_deletion_order(inventory: &[Owned]) -> Vec<&Owned> {
    let mut left: Vec<&Owned> = inventory.iter().collect();
    let mut ordered = Vec::new();
    while !left.is_empty() {
        let unused = left.iter().position(|owned| !left.iter().any(|other| uses(other, owned)));
        // Records that point at each other in a circle can only be damaged ones; any order will do.
        ordered.push(left.remove(unused.unwrap_or(0)));
    }
    ordered
}

fn uses(user: &Owned, used: &Owned) -> bool {
    user.unit.id != used.unit.id && user.depends_on().iter().any(|dependency| dependency.unit == used.unit.id)
}

fn without_driver(unit: &Unit) -> Change {
    use crate::scenario::TargetKind;
    let (action, reason) = match unit.target {
        TargetKind::Managed => (Action::Provided, "it is run by somebody else".to_owned()),
        target => (Action::Unavailable, format!("it comes with target {target}, which this build cannot apply")),
    };
    Change {
        unit: unit.id.clone(),
        action,
        reason,
        title: unit.title.clone(),
        component: unit.component,
        side: unit.side,
        target: unit.target,
        fields: Vec::new(),
        holds: unit.holds.clone(),
    }
}

fn no_driver(unit: &Unit) -> Diagnostic {
    Diagnostic::error(codes::TARGET_NOT_AVAILABLE, format!("{} cannot be applied by this build", unit.title))
        .at(unit.id.to_string())
        .changed("nothing was changed")
}

fn refuse_impossible(driver: &dyn Driver, change: &Change) -> Result<(), DriverError> {
    for field in &change.fields {
        if let Some(reason) = driver.refuses_change(&field.field) {
            let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".to_owned());
            return Err(Diagnostic::error(
                codes::PLAN_IMPOSSIBLE_CHANGE,
                format!("`{}` of {} cannot be changed", field.field, change.title),
            )
            .at(change.unit.to_string())
            .cause(format!("from {} to {}: {reason}", shown(&field.before), shown(&field.after)))
            .changed("nothing was changed")
            .into());
        }
    }
    Ok(())
}

fn stopped(unit: &Unit) -> Diagnostic {
    Diagnostic::error(codes::RUN_CANCELLED, format!("stopped while {} was at work", unit.title))
        .at(unit.id.to_string())
        .changed("the step may be half done; running again finishes it")
        .next("deploy apply")
}
