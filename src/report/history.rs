//! Earlier runs, the newest first.

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::style::{BAD, CARE, GOOD, paint};
use super::{API_VERSION, duration};
use crate::engine::{Outcome, RunRecord};
use crate::table::Table;

/// A table of runs, and under each that failed why it did. `runs` come oldest first, as the journal has them;
/// `running` is the run that holds the lock now. Times are shown in `zone`.
pub fn draw(runs: &[RunRecord], running: Option<&str>, zone: &TimeZone, width: usize) -> String {
    let table = Table::new(["RUN", "VERB", "BY", "STARTED", "TOOK", "OUTCOME"]).right(4);
    // All but the name of who it was, which may be long.
    let table = [0, 1, 3, 4, 5].into_iter().fold(table, Table::whole);
    let table = runs.iter().rev().fold(table, |table, run| {
        let table = table.row([
            run.run.clone(),
            run.verb.clone(),
            run.by.clone(),
            run.started_at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string(),
            took(run),
            coloured_outcome(run, running),
        ]);
        why(run, running).into_iter().fold(table, Table::note)
    });
    table.render(width)
}

/// `runs[]`, the newest first.
pub fn to_json(deployment: &str, runs: &[RunRecord], running: Option<&str>) -> Value {
    let runs: Vec<Value> = runs
        .iter()
        .rev()
        .map(|run| {
            let mut value = serde_json::to_value(run).unwrap_or_default();
            value["outcome"] = outcome(run, running).into();
            value["tookSeconds"] = seconds(run).into();
            value
        })
        .collect();
    json!({ "apiVersion": API_VERSION, "deployment": deployment, "runs": runs })
}

fn outcome(run: &RunRecord, running: Option<&str>) -> &'static str {
    match run.outcome {
        Some(outcome) => outcome.as_str(),
        None if running == Some(run.run.as_str()) => "running",
        None => "interrupted",
    }
}

fn coloured_outcome(run: &RunRecord, running: Option<&str>) -> String {
    let style = match run.outcome {
        Some(Outcome::Applied | Outcome::Unchanged | Outcome::Destroyed) => GOOD,
        Some(Outcome::Partial | Outcome::Failed | Outcome::TimedOut) => BAD,
        Some(Outcome::Cancelled) | None => CARE,
    };
    paint(style, outcome(run, running))
}

fn seconds(run: &RunRecord) -> Option<f64> {
    let elapsed = run.finished_at?.duration_since(run.started_at);
    // The clock may have been set back meanwhile.
    Some(elapsed.as_secs_f64().max(0.0))
}

fn took(run: &RunRecord) -> String {
    seconds(run).map(duration::spelled).unwrap_or_default()
}

fn why(run: &RunRecord, running: Option<&str>) -> Option<String> {
    if let Some(failure) = &run.failure {
        return Some(failure.clone());
    }
    let steps = crate::unit::listed(&run.unfinished).filter(|_| run.outcome.is_none())?;
    let word = if running == Some(run.run.as_str()) { "at" } else { "stopped in the middle of" };
    Some(format!("{word} {steps}"))
}
