//! Broken promises as findings: one for each key, under the code that tells most.

use super::facts::Fact;
use super::rules::{self, Clause};
use super::{explain, remedy};
use crate::deployment::{Resolved, hide_secret_lines};
use crate::diagnostics::{Code, Diagnostic, Origin};
use crate::scenario::{DataClass, Scenario, phrase};

/// Rows whose notes are printed.
const MAX_NOTES: usize = 2;

/// A key and everything that it breaks, what tells most first.
#[derive(Debug, Clone)]
pub(super) struct Violation<'a> {
    pub(super) path: String,
    pub(super) broken: Vec<(Clause, &'a Fact)>,
}

/// All violations, those that tell most first.
pub(super) fn find<'a>(facts: &'a [Fact], scenario: &Scenario) -> Vec<Violation<'a>> {
    let clauses = rules::clauses(scenario);
    let mut violations: Vec<Violation> = Vec::new();
    for fact in facts {
        let broken = clauses.iter().filter(|clause| clause.is_broken_by(fact, scenario)).map(|clause| (*clause, fact));
        let broken: Vec<(Clause, &Fact)> = broken.collect();
        if broken.is_empty() {
            continue;
        }
        match violations.iter_mut().find(|violation| violation.path == fact.path) {
            Some(violation) => violation.broken.extend(broken),
            None => violations.push(Violation { path: fact.path.clone(), broken }),
        }
    }
    for violation in &mut violations {
        violation.broken.sort_by_key(|(clause, _)| clause.rank());
    }
    violations.sort_by_key(|violation| violation.broken.first().map(|(clause, _)| clause.rank()));
    violations
}

impl Violation<'_> {
    pub(super) fn diagnostic(&self, resolved: &Resolved) -> Diagnostic {
        let scenario = &resolved.deployment.scenario;
        let Some((clause, fact)) = self.broken.first() else {
            // There is none without a broken clause.
            return Diagnostic::error(crate::diagnostics::codes::INTERNAL, "a violation of nothing");
        };
        let same: Vec<(Clause, &Fact)> =
            self.broken.iter().filter(|(other, _)| other.rank() == clause.rank()).copied().collect();
        let key = format!("`{}`", self.path);
        let title = format!("`{}` {}", scenario.name, clause.accusation(&same, scenario, &key));
        let diagnostic = Diagnostic::error(clause.code(), title).cause(sentence(&fact.because));
        let diagnostic = promises(diagnostic, &same, scenario);
        let diagnostic = self.others(diagnostic, clause.code());
        let diagnostic = place(diagnostic, resolved, &self.path).changed("nothing was changed");
        hide_secret_lines(remedy::steps(self, scenario).into_iter().fold(diagnostic, Diagnostic::next))
    }

    /// What else the key breaks, briefly: it is all mended together.
    fn others(&self, diagnostic: Diagnostic, first: Code) -> Diagnostic {
        let mut codes: Vec<&str> = self.broken.iter().map(|(clause, _)| clause.code().as_str()).collect();
        codes.retain(|code| *code != first.as_str());
        codes.sort_unstable();
        codes.dedup();
        if codes.is_empty() {
            diagnostic
        } else {
            diagnostic.note(format!("the same key also breaks {}", codes.join(", ")))
        }
    }
}

/// The promises that are broken, and what the scenario's author has to say about their rows.
fn promises(mut diagnostic: Diagnostic, broken: &[(Clause, &Fact)], scenario: &Scenario) -> Diagnostic {
    let clauses: Vec<Clause> = broken.iter().map(|(clause, _)| *clause).collect();
    for promise in explain::grouped(&clauses, scenario) {
        diagnostic = diagnostic.note(format!("`{}` promises: {}", scenario.name, promise.text));
    }
    let mut spoken: Vec<DataClass> = Vec::new();
    // More would bury what is to be done.
    for clause in clauses.into_iter().take(MAX_NOTES) {
        let (Clause::StoredOn(data) | Clause::ReadBy(data) | Clause::Stays(data)) = clause else { continue };
        let note = scenario.rule(data).and_then(|rule| rule.note.as_ref()).filter(|_| !spoken.contains(&data));
        if let Some(note) = note {
            diagnostic = diagnostic.note(format!("{}: {note}", phrase::data(data)));
            spoken.push(data);
        }
    }
    diagnostic
}

fn sentence(text: &str) -> String {
    if text.starts_with('`') { text.to_owned() } else { phrase::sentence(text) }
}

/// Marks the key where it was written, or the nearest part around it; names the layer where that is no file.
fn place(diagnostic: Diagnostic, resolved: &Resolved, path: &str) -> Diagnostic {
    match written_at(resolved, path) {
        (origin @ Origin::Text { .. }, label) => diagnostic.origin(&origin, label),
        (origin, _) => diagnostic.at(origin_without_value(&origin)),
    }
}

/// Who wrote the key, or the nearest part around it, and what to say there.
fn written_at(resolved: &Resolved, path: &str) -> (Origin, String) {
    let mut part = path;
    loop {
        if let Some(node) = resolved.tree.get(part) {
            // `database: mysql` says as much as a key below it.
            let said = part == path || node.as_map().is_none();
            let label = if said { "set here".to_owned() } else { format!("`{path}` is missing here") };
            return (node.origin.clone(), label);
        }
        match part.rsplit_once('.') {
            Some((parent, _)) => part = parent,
            None => return (resolved.origin(path), String::new()),
        }
    }
}

/// A flag is named by its key: its value may hold a password.
fn origin_without_value(origin: &Origin) -> String {
    let text = origin.to_string();
    match origin {
        Origin::Flag(_) => text.split_once('=').map_or(text.clone(), |(before, _)| before.to_owned()),
        _ => text,
    }
}
