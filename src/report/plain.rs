//! Lines for pipes and CI: one per happening, none drawn over, the same for the same run but for the durations.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::output::Output;
use super::run::{Run, Running, remark};
use super::ticker::Ticker;
use super::{Reporter, clean, duration};
use crate::diagnostics::codes;
use crate::engine::{Event, StepOutcome};
use crate::plan::Summary;
use crate::unit::UnitId;

/// A reason may change many times a second (packages being downloaded); it is told no more often than this.
const BETWEEN_REASONS: f64 = 2.0;
/// When a step that says nothing new is mentioned again, so that a log shows life and no CI system gives up.
const REMINDERS: [f64; 3] = [10.0, 30.0, 60.0];

/// Reports a run line by line.
pub struct Plain {
    shared: Arc<Shared>,
    ticker: Mutex<Option<Ticker>>,
}

struct Shared {
    output: Arc<Output>,
    lines: Mutex<Lines>,
    started: Instant,
}

impl Plain {
    pub fn new(output: Arc<Output>) -> Self {
        let shared = Arc::new(Shared { output, lines: Mutex::default(), started: Instant::now() });
        let seen = Arc::clone(&shared);
        let ticker = Ticker::every(Duration::from_secs(1), move || seen.say(Lines::tick));
        Self { shared, ticker: Mutex::new(Some(ticker)) }
    }
}

impl Shared {
    /// Lines are printed under the lock, so that they come out in the order in which things happened.
    fn say(&self, what: impl FnOnce(&mut Lines, f64) -> String) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let text = what(&mut lines, self.started.elapsed().as_secs_f64());
        if !text.is_empty() {
            self.output.talk(&text);
        }
    }
}

impl Reporter for Plain {
    fn event(&self, event: &Event) {
        if let Event::RunFinished { .. } = event {
            self.ticker.lock().unwrap_or_else(PoisonError::into_inner).take();
        }
        let event = clean::event(event, &self.shared.output.redactor());
        let width = self.shared.output.talk_width();
        self.shared.say(|lines, now| lines.event(&event, now, width));
    }
}

impl Drop for Plain {
    fn drop(&mut self) {
        self.ticker.lock().unwrap_or_else(PoisonError::into_inner).take();
        let width = self.shared.output.talk_width();
        self.shared.say(|lines, _| lines.failures(width));
    }
}

/// The lines of a run. Pure.
#[derive(Default)]
pub(super) struct Lines {
    run: Run,
    told: Vec<Told>,
}

/// What was said last about a running step.
struct Told {
    unit: UnitId,
    reason: String,
    at: f64,
    reminders: usize,
}

impl Lines {
    /// What to say about an event, now; `width` is for texts of several lines only, since a line of a log is one line.
    pub(super) fn event(&mut self, event: &Event, now: f64, width: usize) -> String {
        let ended = self.run.take(event, now);
        match event {
            Event::RunStarted { run, verb, deployment, summary, .. } => {
                format!("{verb} {deployment}: {} (run {run})\n", planned(*summary))
            }
            Event::StepStarted { unit, title, action, .. } => {
                self.told.push(Told { unit: unit.clone(), reason: String::new(), at: now, reminders: 0 });
                self.line(self.run.running.last(), action.as_str(), title)
            }
            Event::StepWaiting { .. } => self.tick(now),
            Event::StepRetried { unit, cause, attempt } => {
                if let Some(told) = self.told.iter_mut().find(|told| told.unit == *unit) {
                    (told.at, told.reminders) = (now, 0);
                }
                self.line(self.running(unit), "retry", &format!("attempt {attempt}, because: {cause}"))
            }
            Event::StepFinished { unit, outcome, seconds } => {
                self.told.retain(|told| told.unit != *unit);
                let (word, text) = ending(outcome, *seconds);
                self.line(ended.as_ref(), word, &text)
            }
            Event::Notice { diagnostic } if self.run.is_new(diagnostic) => {
                crate::diagnostics::draw::draw(diagnostic, width)
            }
            Event::Notice { .. } => String::new(),
            Event::RunFinished { outcome, seconds, .. } => {
                format!("{}{}", self.run.closing(*outcome, *seconds, width), self.failures(width))
            }
            Event::Resuming { .. } | Event::Cancelling { .. } => {
                remark(event).map(|text| text + "\n").unwrap_or_default()
            }
        }
    }

    /// What is to be said about steps that are still running.
    pub(super) fn tick(&mut self, now: f64) -> String {
        let mut text = String::new();
        for step in &self.run.running {
            let Some(told) = self.told.iter_mut().find(|told| told.unit == step.unit) else { continue };
            let silent = now - told.at;
            let is_news = step.waiting && told.reason != step.reason;
            let pause = match is_news {
                true if without_digits(&told.reason) == without_digits(&step.reason) => REMINDERS[0],
                true => BETWEEN_REASONS,
                false => REMINDERS[told.reminders.min(REMINDERS.len() - 1)],
            };
            if silent < pause {
                continue;
            }
            told.reminders = if is_news { 0 } else { told.reminders + 1 };
            told.reason.clone_from(&step.reason);
            told.at = now;
            let reason = match (step.waiting, step.attempt) {
                (true, _) => step.reason.clone(),
                (false, 1) => "at work".to_owned(),
                (false, attempt) => format!("at work, attempt {attempt}"),
            };
            let elapsed = duration::spelled(now - step.since);
            text.push_str(&line(step, self.run.total(), "waiting", &format!("{reason} (after {elapsed})")));
        }
        text
    }

    fn failures(&mut self, width: usize) -> String {
        self.run.draw_failures(width)
    }

    fn running(&self, unit: &UnitId) -> Option<&Running> {
        self.run.running.iter().find(|step| step.unit == *unit)
    }

    fn line(&self, step: Option<&Running>, word: &str, text: &str) -> String {
        step.map(|step| line(step, self.run.total(), word, text)).unwrap_or_default()
    }
}

/// A count that goes up is progress, and no other reason.
fn without_digits(reason: &str) -> String {
    reason.chars().filter(|character| !character.is_ascii_digit()).collect()
}

/// `[ 3/14] create   database/data  data folder of the database`. Texts are brought to one line.
fn line(step: &Running, total: usize, word: &str, text: &str) -> String {
    let digits = total.to_string().len();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = format!("[{:>digits$}/{total}] {word:<8} {:<24}  {text}", step.number, step.unit);
    format!("{}\n", line.trim_end())
}

fn ending(outcome: &StepOutcome, seconds: f64) -> (&'static str, String) {
    let time = duration::spelled(seconds);
    match outcome {
        StepOutcome::Done => ("done", format!("in {time}")),
        StepOutcome::Unchanged => ("same", format!("nothing had to be done ({time})")),
        StepOutcome::Kept { kept } => ("done", format!("in {time}, kept {}", kept.join(", "))),
        StepOutcome::Failed { diagnostic } if diagnostic.code == codes::RUN_CANCELLED => {
            ("stopped", format!("after {time}"))
        }
        StepOutcome::Failed { diagnostic } => {
            ("FAILED", format!("after {time}: {} {}", diagnostic.code, diagnostic.title))
        }
    }
}

/// `9 to create, 1 to repair, 4 unchanged`.
fn planned(summary: Summary) -> String {
    let words = [
        (summary.create, "to create"),
        (summary.update, "to change"),
        (summary.repair, "to repair"),
        (summary.delete, "to delete"),
        (summary.unchanged, "unchanged"),
    ];
    let words: Vec<String> =
        words.iter().filter(|(number, _)| *number > 0).map(|(number, word)| format!("{number} {word}")).collect();
    if words.is_empty() { "nothing to do".to_owned() } else { words.join(", ") }
}
