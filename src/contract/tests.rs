//! Every promise of every scenario is broken once, by a single key, and has to be noticed; what people usually write
//! has to pass.

mod coverage;
mod messages;
mod mutations;
mod usual;

use std::sync::LazyLock;

use super::facts::{self, Fact};
use super::rules::Clause;
use super::{check, violation};
use crate::components;
use crate::deployment::{Layer, ResolveOptions, Resolved, parse_assignment, resolve};
use crate::diagnostics::{Diagnostic, Origin, SourceText};
use crate::plan::Graph;
use crate::scenario::{Catalogue, Scenario};
use crate::unit::Unit;

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::embedded().expect("good scenarios"));

const LOCAL: [&str; 2] = ["local-sqlite", "local-server"];
/// The vendor runs the server.
const VENDOR: [&str; 7] = [
    "full-saas",
    "full-saas-all-data",
    "hybrid-partial-data",
    "hybrid-customer-data",
    "customer-secret-store",
    "private-secret-store",
    "agent",
];

fn scenario(name: &str) -> &'static Scenario {
    CATALOGUE.find(name).expect("a scenario")
}

/// A deployment as the user wrote it, with assignments over it.
struct Case {
    resolved: Resolved,
    units: Vec<Unit>,
}

impl Case {
    fn new(scenario: &str, more: &str, assignments: &[&str]) -> Self {
        Self::try_new(scenario, more, assignments)
            .unwrap_or_else(|found| panic!("{scenario} with {more} {assignments:?}: {:?}", found.0))
    }

    fn try_new(scenario: &str, more: &str, assignments: &[&str]) -> Result<Self, crate::diagnostics::Findings> {
        let text = format!("name: trial\nscenario: {scenario}\n{more}");
        let mut layers = vec![Layer::File(crate::yaml::parse(&SourceText::new("deployment.yaml", text))?)];
        for text in assignments {
            let origin = Origin::Flag(format!("--set {text}"));
            layers.push(Layer::Assignment(parse_assignment(text, &origin)?));
        }
        // A secret in the file is a finding of its own; here it is what messages must not show.
        let options = ResolveOptions { folder: "/work".into(), allow_inline_secrets: true };
        let resolved = resolve(&layers, &|name| CATALOGUE.find(name), &options)?;
        let units = components::units(&resolved.deployment, &resolved.secrets);
        Ok(Self { resolved, units })
    }

    fn check(&self) -> Vec<Diagnostic> {
        check(&self.resolved, &self.units)
    }

    fn facts(&self) -> Vec<Fact> {
        facts::read(&self.resolved, &self.units)
    }

    /// What a key breaks.
    fn broken_at(&self, path: &str) -> Vec<Clause> {
        let facts = self.facts();
        let violations = violation::find(&facts, &self.resolved.deployment.scenario);
        let of_key = violations.iter().filter(|violation| violation.path == path);
        of_key.flat_map(|violation| violation.broken.iter().map(|(clause, _)| *clause)).collect()
    }

    fn assert_clean(&self, what: &str) {
        let titles: Vec<String> = self.check().into_iter().map(|d| format!("{}: {}", d.code, d.title)).collect();
        assert!(titles.is_empty(), "{what} is refused: {titles:#?}");
        assert!(Graph::new(self.units.clone()).is_ok(), "{what} has no plan");
    }
}
