//! What happens during a run, as it happens. Terminal, plain lines, JSON lines and JUnit all draw these.

use serde::Serialize;

use crate::diagnostics::Diagnostic;
use crate::plan::{Action, Summary};
use crate::unit::UnitId;

/// One thing that happened. Durations are in seconds.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Event {
    RunStarted {
        run: String,
        verb: String,
        deployment: String,
        steps: usize,
        summary: Summary,
    },
    /// An earlier run did not come to its end; this one goes on from what is there.
    Resuming {
        run: String,
        verb: String,
        done: usize,
        interrupted: Vec<UnitId>,
    },
    StepStarted {
        unit: UnitId,
        title: String,
        action: Action,
        reason: String,
        step: usize,
        steps: usize,
    },
    /// Why a step is still running.
    StepWaiting {
        unit: UnitId,
        reason: String,
        elapsed: f64,
    },
    /// A step is tried again.
    StepRetried {
        unit: UnitId,
        cause: String,
        attempt: u32,
    },
    StepFinished {
        unit: UnitId,
        #[serde(flatten)]
        outcome: StepOutcome,
        seconds: f64,
    },
    /// The user asked to stop; this is what still has to end.
    Cancelling {
        running: Vec<UnitId>,
    },
    /// Something to know that is no failure.
    Notice {
        #[serde(serialize_with = "as_json")]
        diagnostic: Box<Diagnostic>,
    },
    RunFinished {
        run: String,
        outcome: Outcome,
        seconds: f64,
    },
}

fn as_json<S: serde::Serializer>(diagnostic: &Diagnostic, serializer: S) -> Result<S::Ok, S::Error> {
    diagnostic.to_json().serialize(serializer)
}

/// How a step ended.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum StepOutcome {
    Done,
    /// Nothing had to be done after all.
    Unchanged,
    /// Deleted, except for what is listed.
    Kept {
        kept: Vec<String>,
    },
    Failed {
        #[serde(rename = "failure", serialize_with = "as_json")]
        diagnostic: Box<Diagnostic>,
    },
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    Applied,
    Unchanged,
    Destroyed,
    /// Some steps are done, then one failed.
    Partial,
    Failed,
    Cancelled,
    TimedOut,
}

impl Outcome {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Unchanged => "unchanged",
            Self::Destroyed => "destroyed",
            Self::Partial => "partial",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::TimedOut => "timed-out",
        }
    }
}
