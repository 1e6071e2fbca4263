//! A whole plan: what a person reads, what a file keeps, what is applied.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::change::{Action, Change, Summary};
use crate::diagnostics::{Diagnostic, codes};
use crate::unit::Unit;

/// What an apply would do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    pub api_version: String,
    pub deployment: String,
    pub scenario: String,
    /// Release of ZenML.
    pub release: String,
    /// Every unit of the deployment, in the order of applying, then those to delete.
    pub changes: Vec<Change>,
    pub summary: Summary,
    /// What should be: enough to apply the plan without the files it was made from.
    pub units: Vec<Unit>,
}

impl Plan {
    pub fn new(deployment: &str, scenario: &str, release: &str, changes: Vec<Change>, units: Vec<Unit>) -> Self {
        Self {
            api_version: "deploy/v1".to_owned(),
            deployment: deployment.to_owned(),
            scenario: scenario.to_owned(),
            release: release.to_owned(),
            summary: Summary::of(&changes),
            changes,
            units,
        }
    }

    pub fn has_changes(&self) -> bool {
        self.summary.changes() > 0
    }

    /// The changes that touch something or cannot be made.
    pub fn visible_changes(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(|change| change.action != Action::Unchanged)
    }

    /// Equal for plans that would do the same.
    pub fn fingerprint(&self) -> String {
        let text = serde_json::to_string(&(&self.changes, &self.units)).unwrap_or_default();
        Sha256::digest(text.as_bytes()).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }

    /// Refuses a plan whose world has moved on: `now` is the same plan made again.
    pub fn check_fresh(&self, now: &Self) -> Result<(), Diagnostic> {
        if self.fingerprint() == now.fingerprint() {
            return Ok(());
        }
        let stale =
            Diagnostic::error(codes::PLAN_STALE, format!("the saved plan of {} no longer fits", self.deployment))
                .changed("nothing was changed")
                .next("make a new plan: `deploy plan -o FILE`, read it, apply it");
        let moved = now.changes.iter().filter(|change| !self.changes.contains(change));
        Err(moved.take(5).fold(stale, |diagnostic, change| {
            diagnostic.note(format!("{}: now {}, since {}", change.unit, change.action.as_str(), change.reason))
        }))
    }
}
