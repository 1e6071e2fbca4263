//! The promises of `docs/architecture.md`: what may use what.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::support::repository;

/// Crates that stay in one folder each.
const ROOMS: &[(&str, &str)] = &[
    ("clap", "cli"),
    ("clap_complete", "cli"),
    ("dialoguer", "cli"),
    ("mysql_async", "database"),
    ("rusqlite", "database"),
    ("serde_saphyr", "yaml"),
    ("yaml_edit", "deployment"),
    ("rcgen", "targets"),
];

/// Folders and what they may use, from the table.
fn promises() -> BTreeMap<String, BTreeSet<String>> {
    let text = std::fs::read_to_string(repository().join("docs/architecture.md")).unwrap();
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `")).filter(|row| !row.starts_with("tests"));
    rows.filter_map(|row| {
        let mut cells = row.trim_end_matches('|').split('|');
        let folder = cells.next()?.split('`').next()?.trim_end_matches(['/']).trim_end_matches(".rs").to_owned();
        let used = cells.nth(1)?.split(',').map(|word| word.trim().to_owned()).filter(|word| !word.is_empty());
        Some((folder, used.collect()))
    })
    .collect()
}

/// Source files without those that hold tests only.
fn sources() -> Vec<PathBuf> {
    let (mut found, mut folders) = (Vec::new(), vec![repository().join("src")]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() && stem != "tests" {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") && !is_test_module(&path, &stem) {
                found.push(path);
            }
        }
    }
    found
}

/// Whether the module that names the file names it for tests only.
fn is_test_module(path: &Path, stem: &str) -> bool {
    let folder = path.parent().unwrap();
    let parents = [folder.with_extension("rs"), folder.join("lib.rs")];
    let declaration = format!("#[cfg(test)]\nmod {stem};");
    let public = format!("#[cfg(test)]\npub(crate) mod {stem};");
    let text = parents.iter().find_map(|parent| std::fs::read_to_string(parent).ok()).unwrap_or_default();
    text.contains(&declaration) || text.contains(&public)
}

/// Lines of code with their numbers, up to the tests at the end of the file.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let tests = text.find("#[cfg(test)]\nmod tests {").unwrap_or(text.len());
    let lines = text[..tests].lines().enumerate().map(|(index, line)| (index + 1, line));
    lines.filter(|(_, line)| !line.trim_start().starts_with("//"))
}

/// The words that follow `prefix` in a line.
fn named_after<'a>(line: &'a str, prefix: &'a str) -> impl Iterator<Item = &'a str> {
    line.match_indices(prefix).filter_map(move |(at, _)| {
        let before = line[..at].chars().next_back();
        let whole = before.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != ':');
        let rest = &line[at + prefix.len()..];
        let end = rest.find(|c: char| !c.is_ascii_lowercase() && c != '_').unwrap_or(rest.len());
        whole.then(|| &rest[..end])
    })
}

#[test]
fn folders_use_what_the_table_allows() {
    let promises = promises();
    assert!(promises.len() > 10, "the table was not understood: {promises:?}");
    let mut broken = Vec::new();
    for path in sources() {
        let place = path.strip_prefix(repository()).unwrap();
        let Some(folder) = place.components().nth(1).map(|part| part.as_os_str().to_string_lossy()) else { continue };
        let folder = folder.trim_end_matches(".rs");
        if matches!(folder, "lib" | "main") {
            continue;
        }
        let Some(allowed) = promises.get(folder) else {
            broken.push(format!("{} is not in the table", place.display()));
            continue;
        };
        let text = std::fs::read_to_string(&path).unwrap();
        for (number, line) in code(&text) {
            for used in named_after(line, "crate::") {
                if used != folder && promises.contains_key(used) && !allowed.contains(used) {
                    broken.push(format!("{}:{number}: {folder} may not use {used}", place.display()));
                }
            }
        }
    }
    assert!(broken.is_empty(), "docs/architecture.md promises otherwise:\n{}", broken.join("\n"));
}

#[test]
fn crates_stay_in_their_rooms() {
    let mut broken = Vec::new();
    for path in sources() {
        let place = path.strip_prefix(repository().join("src")).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        for (number, line) in code(&text) {
            for (name, room) in ROOMS {
                let at_home = place.starts_with(room) || place == Path::new(&format!("{room}.rs"));
                if !at_home && named_after(line, &format!("{name}::")).count() > 0 {
                    broken.push(format!("src/{}:{number}: {name} belongs into src/{room}", place.display()));
                }
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn the_table_names_only_what_is_there() {
    for (folder, used) in promises() {
        let exists = |name: &str| ["", ".rs"].iter().any(|end| repository().join(format!("src/{name}{end}")).exists());
        assert!(exists(&folder), "there is no src/{folder}");
        for name in used {
            assert!(exists(&name), "{folder} may use {name}, which is not there");
        }
    }
}
