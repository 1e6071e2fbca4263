//! Whether scenarios agree with themselves: what serde cannot see, since it takes two places to contradict.

mod aliases;
mod components;
mod contract;
mod links;

use super::catalogue::ScenarioFile;
use crate::diagnostics::{Diagnostic, codes};

/// All contradictions within the files and between them, in the order of the files.
pub fn files(files: &[ScenarioFile]) -> Vec<Diagnostic> {
    let mut found: Vec<Diagnostic> = files.iter().flat_map(file).collect();
    found.extend(aliases::across(files));
    found
}

/// All contradictions within one file.
pub fn file(file: &ScenarioFile) -> Vec<Diagnostic> {
    let mut found = aliases::name(file);
    found.extend(components::check(file));
    found.extend(contract::check(file));
    found.extend(links::check(file));
    found
}

/// A finding whose first place is at a path in the file; more places are added with [`Diagnostic::origin`].
fn contradiction(file: &ScenarioFile, title: impl Into<String>, path: &str, label: impl Into<String>) -> Diagnostic {
    let title = format!("scenario `{}`: {}", file.scenario.name, title.into());
    Diagnostic::error(codes::SCENARIO_CONTRADICTS_ITSELF, title)
        .origin(file.origin(path), label)
        .changed("nothing was changed")
        .next("mend the scenario, or leave `--scenarios` out to use the built-in ones")
}

#[cfg(test)]
mod tests;
