//! Counting what was compared, and showing what differs.

use std::fmt::Write as _;
use std::io::Write as _;

use super::question::Outcome;

/// The answers of one test to one kind of question.
pub struct Comparison {
    kind: &'static str,
    count: usize,
    /// Helm crashed: whatever we do is better.
    crashed: usize,
    differences: Vec<(usize, String)>,
}

/// How many differences are shown.
const SHOWN: usize = 12;

impl Comparison {
    /// `kind` in the plural: `renderings`, `expressions`.
    pub fn of(kind: &'static str) -> Self {
        Self { kind, count: 0, crashed: 0, differences: Vec::new() }
    }

    /// Takes one pair of answers; whether they are the same.
    pub fn add(&mut self, case: impl FnOnce() -> String, helm: &Outcome, ours: &Outcome) -> bool {
        self.count += 1;
        if let Outcome::Crash(_) = helm {
            self.crashed += 1;
            return !matches!(ours, Outcome::Crash(_));
        }
        if helm == ours || helm.clone().without_addresses() == ours.clone().without_addresses() {
            return true;
        }
        let case = case();
        self.differences.push((case.len(), format!("{case}\n{}", Outcome::differing(helm, ours))));
        false
    }

    /// Fails with the smallest cases that differ, else says how many were compared.
    #[track_caller]
    pub fn finish(mut self) {
        note(self.kind, self.count - self.crashed);
        self.differences.sort();
        let mut shown = String::new();
        for (_, difference) in self.differences.iter().take(SHOWN) {
            let _ = writeln!(shown, "{difference}");
        }
        assert!(
            self.differences.is_empty(),
            "{} of {} {} differ from Helm's. The smallest:\n\n{shown}",
            self.differences.len(),
            self.count,
            self.kind
        );
    }
}

/// Tells `tests/run` how many comparisons there were, or says it where nobody counts.
pub fn note(kind: &str, count: usize) {
    match std::env::var_os("DEPLOY_TEST_COMPARED_LOG") {
        Some(path) => {
            let mut log = std::fs::OpenOptions::new().create(true).append(true).open(path).unwrap();
            writeln!(log, "{count} {kind}").unwrap();
        }
        None => println!("compared {count} {kind} with Helm {}", super::oracle::HELM),
    }
}
