//! What runs that nobody disturbs come to. Each scenario is deployed once for all tests of this program.

use std::sync::OnceLock;

use super::picture::Picture;
use super::site::{Scenario, Site};

/// A deployment from nothing to its end and away again.
pub(super) struct Undisturbed {
    /// The lines of its journal, one step at a time.
    pub(super) lines: Vec<String>,
    pub(super) applied: Picture,
    pub(super) destroyed: Picture,
}

impl Undisturbed {
    pub(super) fn of(scenario: Scenario) -> &'static Self {
        static ALL: [OnceLock<Undisturbed>; 4] = [const { OnceLock::new() }; 4];
        ALL[scenario as usize].get_or_init(|| Self::look(scenario))
    }

    fn look(scenario: Scenario) -> Self {
        let site = Site::new(scenario);
        site.call(&["apply", "--yes", "--parallelism", "1"]).run().succeeds();
        let (lines, applied) = (site.lines(), Picture::of(&site));
        site.call(&["destroy", "--yes"]).run().succeeds();
        Self { lines, applied, destroyed: Picture::of(&site) }
    }
}
