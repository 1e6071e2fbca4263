//! Names: of the file, and between the files of a catalogue.

use super::contradiction;
use crate::diagnostics::Diagnostic;
use crate::scenario::catalogue::ScenarioFile;
use crate::scenario::names::fold;

/// The scenario is called as its file is, in letters that shells, labels and object names take.
pub(super) fn name(file: &ScenarioFile) -> Vec<Diagnostic> {
    let scenario = &file.scenario;
    let mut found = Vec::new();
    if scenario.name != file.stem() {
        let title = format!("the file is called `{}`", file.stem());
        let next = format!("rename the file to `{}.yaml`, or write `name: {}`", scenario.name, file.stem());
        found.push(contradiction(file, title, "name", "is not the file's name").next(next));
    }
    let first_is_letter = scenario.name.starts_with(|c: char| c.is_ascii_lowercase());
    let plain = scenario.name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if !first_is_letter || !plain || scenario.name.ends_with('-') {
        let label = "lower-case letters, digits and `-` only, with a letter first";
        found.push(contradiction(file, "the name cannot be used as one", "name", label));
    }
    for (key, text) in [("title", &scenario.title), ("summary", &scenario.summary)] {
        if text.trim().is_empty() {
            found.push(contradiction(file, format!("`{key}` says nothing"), key, "a few words are needed"));
        }
    }
    found
}

/// No two scenarios share a name, no vocabulary names two scenarios alike, no alias hides behind a scenario's name.
pub(super) fn across(files: &[ScenarioFile]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (index, file) in files.iter().enumerate() {
        let twin = files[..index].iter().find(|other| other.scenario.name == file.scenario.name);
        if let Some(twin) = twin {
            let diagnostic = contradiction(file, "two files have this name", "name", "second file");
            found.push(diagnostic.origin(twin.origin("name"), "first file"));
        }
        for number in 0..file.scenario.aliases.len() {
            found.extend(taken_alias(files, index, number));
        }
    }
    found
}

/// What else the alias of that number already means.
fn taken_alias(files: &[ScenarioFile], index: usize, number: usize) -> Option<Diagnostic> {
    let file = &files[index];
    let alias = &file.scenario.aliases[number];
    let path = format!("aliases.{number}.name");
    let hidden = files
        .iter()
        .find(|other| other.scenario.name != file.scenario.name && fold(&other.scenario.name) == fold(&alias.name));
    if let Some(other) = hidden {
        let title = format!("the alias `{}` is the name of another scenario", alias.name);
        let diagnostic = contradiction(file, title, &path, "would never be found");
        return Some(diagnostic.origin(other.origin("name"), "the name goes first"));
    }
    let earlier = files[..=index].iter().enumerate().find_map(|(at, other)| {
        let limit = if at == index { number } else { other.scenario.aliases.len() };
        let aliases = other.scenario.aliases.iter().take(limit);
        let mut same = aliases
            .enumerate()
            .filter(|(_, known)| known.vocabulary == alias.vocabulary && fold(&known.name) == fold(&alias.name));
        same.next().map(|(number, _)| (other, number))
    });
    earlier.map(|(other, number)| {
        let title = format!("`{}` already means `{}`", alias.qualified(), other.scenario.name);
        let diagnostic = contradiction(file, title, &path, "a vocabulary names each scenario differently");
        diagnostic.origin(other.origin(&format!("aliases.{number}.name")), "first here")
    })
}
