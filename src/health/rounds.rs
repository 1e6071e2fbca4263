//! Rounds until the answer has lasted: one good answer proves little, a crash loop gives many.

use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::time::{sleep, timeout};

use super::check::Check;
use super::context::HealthContext;
use super::probe::Probe;
use super::round::{Round, round};
use crate::diagnostics::codes;

/// How a round that was cancelled may still end: it deletes what it stored.
const GRACE: Duration = Duration::from_secs(3);

/// How long to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// So many good rounds in a row are enough; none: until cancelled (`--watch`).
    pub count: Option<u32>,
    /// Between the end of a round and the begin of the next.
    pub interval: Duration,
    /// How long a part may take to come up. Without a limit the first bad round ends it.
    pub time_limit: Option<Duration>,
}

/// Why looking ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Ending {
    /// Enough good rounds in a row.
    Stable,
    Unhealthy,
    TimedOut,
    Cancelled,
}

/// What all rounds together say.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Verdict {
    pub healthy: bool,
    pub ending: Ending,
    pub rounds: u32,
    /// Good rounds in a row at the end.
    pub in_a_row: u32,
    pub seconds: f64,
    /// The first cause: what failed first since all was well, or the end of a process, which explains the rest.
    pub first_failure: Option<Check>,
}

/// Asks again and again; every round is handed out as soon as it is there.
pub async fn watch(probes: &[Probe], ctx: &HealthContext, window: Window, mut on_round: impl FnMut(&Round)) -> Verdict {
    let begin = Instant::now();
    let mut verdict = Verdict {
        healthy: false,
        ending: Ending::Cancelled,
        rounds: 0,
        in_a_row: 0,
        seconds: 0.0,
        first_failure: None,
    };
    while !ctx.cancel.is_cancelled() {
        let Some(seen) = uncancelled(probes, ctx).await else { break };
        on_round(&seen);
        verdict.count(&seen);
        if let Some(ending) = verdict.is_over(window, begin.elapsed()) {
            verdict.ending = ending;
            break;
        }
        tokio::select! {
            () = sleep(window.interval) => {}
            () = ctx.cancel.cancelled() => {}
        }
    }
    verdict.seconds = begin.elapsed().as_secs_f64();
    verdict.healthy = verdict.in_a_row > 0 && matches!(verdict.ending, Ending::Stable | Ending::Cancelled);
    verdict
}

/// A round; none if it was cancelled and could not end in time.
async fn uncancelled(probes: &[Probe], ctx: &HealthContext) -> Option<Round> {
    let asked = round(probes, ctx);
    tokio::pin!(asked);
    tokio::select! {
        seen = &mut asked => Some(seen),
        () = ctx.cancel.cancelled() => timeout(GRACE, asked).await.ok(),
    }
}

impl Verdict {
    fn count(&mut self, seen: &Round) {
        self.rounds += 1;
        if seen.healthy {
            self.in_a_row += 1;
            self.first_failure = None;
            return;
        }
        self.in_a_row = 0;
        let Some(failure) = seen.first_failure() else { return };
        let is_end = |check: &Check| check.code == codes::HEALTH_PROCESS;
        // While a part comes up it is merely not there yet; its end is the cause of all that follows.
        let better = self.first_failure.as_ref().is_none_or(|kept| !is_end(kept) && is_end(failure));
        if better {
            self.first_failure = Some(failure.clone());
        }
    }

    fn is_over(&self, window: Window, elapsed: Duration) -> Option<Ending> {
        if window.count.is_some_and(|count| self.in_a_row >= count) {
            return Some(Ending::Stable);
        }
        match window.time_limit {
            // With `--watch` a bad round is news, not the end.
            None if self.in_a_row == 0 && window.count.is_some() => Some(Ending::Unhealthy),
            Some(limit) if elapsed + window.interval > limit => Some(Ending::TimedOut),
            _ => None,
        }
    }
}
