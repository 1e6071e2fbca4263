//! What a run has come to so far: the part of reporting that terminal and plain lines share. Pure; the caller brings
//! the time.

use std::fmt::Write as _;

use super::duration;
use super::style::{BAD, CARE, GOOD, paint};
use crate::diagnostics::Diagnostic;
use crate::engine::{Event, Outcome, StepOutcome};
use crate::plan::{Action, Summary};
use crate::table;
use crate::unit::{UnitId, listed};

/// A step that has begun and not ended.
#[derive(Debug, Clone)]
pub(super) struct Running {
    pub(super) unit: UnitId,
    pub(super) title: String,
    pub(super) action: Action,
    /// Counted from 1, in the order of beginning.
    pub(super) number: usize,
    /// What it waits for, or why it is tried again.
    pub(super) reason: String,
    pub(super) attempt: u32,
    pub(super) waiting: bool,
    /// Seconds since the reporter began.
    pub(super) since: f64,
}

/// A run so far.
#[derive(Debug, Default)]
pub(super) struct Run {
    pub(super) verb: String,
    pub(super) deployment: String,
    pub(super) running: Vec<Running>,
    pub(super) cancelling: bool,
    pub(super) since: f64,
    planned: usize,
    begun: usize,
    ended: usize,
    done: Summary,
    failed: usize,
    kept: Vec<String>,
    failures: Vec<Diagnostic>,
    noticed: Vec<Diagnostic>,
}

impl Run {
    /// Takes an event in. Gives back the step that it ended.
    pub(super) fn take(&mut self, event: &Event, now: f64) -> Option<Running> {
        match event {
            Event::RunStarted { verb, deployment, summary, .. } => {
                self.verb.clone_from(verb);
                self.deployment.clone_from(deployment);
                self.planned = summary.changes();
                self.since = now;
            }
            Event::StepStarted { unit, title, action, steps, .. } => self.begin(unit, title, *action, *steps, now),
            Event::StepWaiting { unit, reason, .. } => {
                if let Some(step) = self.step(unit) {
                    step.reason.clone_from(reason);
                    step.waiting = true;
                }
            }
            Event::StepRetried { unit, cause, attempt } => {
                if let Some(step) = self.step(unit) {
                    step.reason.clone_from(cause);
                    step.attempt = *attempt;
                    step.waiting = false;
                }
            }
            Event::StepFinished { unit, outcome, .. } => return self.end(unit, outcome),
            Event::Cancelling { .. } => self.cancelling = true,
            Event::Resuming { .. } | Event::Notice { .. } | Event::RunFinished { .. } => {}
        }
        None
    }

    fn step(&mut self, unit: &UnitId) -> Option<&mut Running> {
        self.running.iter_mut().find(|step| step.unit == *unit)
    }

    /// Steps are counted here and not by the engine's numbers, which also count units that turn out to need nothing.
    fn begin(&mut self, unit: &UnitId, title: &str, action: Action, steps: usize, now: f64) {
        self.begun += 1;
        if self.planned == 0 {
            self.planned = steps;
        }
        self.running.push(Running {
            unit: unit.clone(),
            title: title.to_owned(),
            action,
            number: self.begun,
            reason: String::new(),
            attempt: 1,
            waiting: false,
            since: now,
        });
    }

    fn end(&mut self, unit: &UnitId, outcome: &StepOutcome) -> Option<Running> {
        let index = self.running.iter().position(|step| step.unit == *unit)?;
        let step = self.running.remove(index);
        self.ended += 1;
        match outcome {
            StepOutcome::Failed { diagnostic } => {
                self.failed += 1;
                self.failures.push((**diagnostic).clone());
            }
            StepOutcome::Kept { kept } => {
                self.kept.extend(kept.iter().cloned());
                self.count(step.action);
            }
            StepOutcome::Unchanged => self.done.unchanged += 1,
            StepOutcome::Done => self.count(step.action),
        }
        Some(step)
    }

    fn count(&mut self, action: Action) {
        match action {
            Action::Create => self.done.create += 1,
            Action::Update => self.done.update += 1,
            Action::Repair => self.done.repair += 1,
            Action::Delete => self.done.delete += 1,
            Action::Unchanged | Action::Provided | Action::Unavailable => {}
        }
    }

    /// How many steps there are. A plan can turn out longer when a unit changes because another one did.
    pub(super) fn total(&self) -> usize {
        self.planned.max(self.begun)
    }

    pub(super) fn ended(&self) -> usize {
        self.ended
    }

    /// Whether a notice is new: the same warning is drawn once.
    pub(super) fn is_new(&mut self, notice: &Diagnostic) -> bool {
        let new = !self.noticed.contains(notice);
        if new {
            self.noticed.push(notice.clone());
        }
        new
    }

    /// The failures that were not drawn yet in full, the first cause first. Each says what is done besides it.
    pub(super) fn draw_failures(&mut self, width: usize) -> String {
        let done = self.ended - self.failed;
        let mut text = String::new();
        for failure in std::mem::take(&mut self.failures) {
            let failure = failure.besides(done);
            text.push('\n');
            text.push_str(&crate::diagnostics::draw::draw(&failure, width));
        }
        text
    }

    /// How the run ended, in one sentence, and what was left in place.
    pub(super) fn closing(&self, outcome: Outcome, seconds: f64, width: usize) -> String {
        let name = &self.deployment;
        let done = if self.verb == "destroy" { "destroyed" } else { "applied" };
        let (ended, total, time) = (self.ended - self.failed, self.total(), duration::spelled(seconds));
        let again = "the same command goes on from there";
        let (style, sentence) = match outcome {
            Outcome::Applied | Outcome::Destroyed => {
                (GOOD, format!("{name} is {done}: {} ({time})", counts(self.done)))
            }
            Outcome::Unchanged => (GOOD, format!("{name} is as it should be: nothing was changed ({time})")),
            Outcome::Partial => {
                let failed = self.failed;
                (
                    BAD,
                    format!(
                        "{name} is {done} in part: {ended} of {total} steps done, {failed} failed ({time}); {again}"
                    ),
                )
            }
            Outcome::Failed => (BAD, format!("{name} is not {done}: {} failed ({time})", steps(self.failed.max(1)))),
            Outcome::Cancelled => (CARE, format!("{name}: stopped, {ended} of {total} steps done ({time}); {again}")),
            Outcome::TimedOut => (BAD, format!("{name}: time is up, {ended} of {total} steps done ({time}); {again}")),
        };
        let mut text = String::new();
        for line in table::wrap_lines(&sentence, width) {
            text.push_str(&paint(style, &line));
            text.push('\n');
        }
        for path in &self.kept {
            let _ = writeln!(text, "  kept  {path}");
        }
        text
    }
}

fn steps(number: usize) -> String {
    if number == 1 { "1 step".to_owned() } else { format!("{number} steps") }
}

/// `9 created, 2 changed`; `nothing to do` for none.
fn counts(done: Summary) -> String {
    let words =
        [(done.create, "created"), (done.update, "changed"), (done.repair, "repaired"), (done.delete, "deleted")];
    let words: Vec<String> =
        words.iter().filter(|(number, _)| *number > 0).map(|(number, word)| format!("{number} {word}")).collect();
    if words.is_empty() { "nothing to do".to_owned() } else { words.join(", ") }
}

/// The goings-on of an event that belong to no step, in one line.
pub(super) fn remark(event: &Event) -> Option<String> {
    match event {
        Event::Resuming { run, verb, done, interrupted } => {
            let at = listed(interrupted).map_or_else(String::new, |units| format!(" in the middle of {units}"));
            Some(format!("going on after {verb} run {run}, which was stopped{at} with {} done", steps(*done)))
        }
        Event::Cancelling { running } => {
            let steps = listed(running).unwrap_or_else(|| "what is at work".to_owned());
            Some(format!("stopping when {steps} is done; Ctrl-C again stops at once"))
        }
        _ => None,
    }
}

/// What was done, for a step that ended well.
pub(super) fn past(action: Action) -> &'static str {
    match action {
        Action::Create => "created",
        Action::Update => "changed",
        Action::Repair => "repaired",
        Action::Delete => "deleted",
        Action::Unchanged | Action::Provided | Action::Unavailable => "done",
    }
}
