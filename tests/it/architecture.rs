//! The promise of docs/architecture.md: which folder may use which.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::support::repository;

/// Folder → what it may use, from the table.
fn allowed() -> BTreeMap<String, BTreeSet<String>> {
    let text = std::fs::read_to_string(repository().join("docs/architecture.md")).unwrap();
    let table = text.lines().skip_while(|line| *line != "| folder | holds | may use |").skip(2);
    let rows = table.take_while(|line| line.starts_with('|'));
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [folder, _, uses] = cells[..] else { panic!("a row of three cells: {row}") };
        let uses = uses.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect();
        (folder.trim_matches('`').to_owned(), uses)
    })
    .collect()
}

fn source_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            source_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The folder's names behind `crate::` in a line: one, or those in braces.
fn used_in(line: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in line.match_indices("crate::") {
        let rest = &line[at + "crate::".len()..];
        let word = |text: &str| text.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect::<String>();
        match rest.strip_prefix('{') {
            Some(list) => {
                found.extend(list.split('}').next().unwrap_or_default().split(',').map(|item| word(item.trim())));
            }
            None => found.push(word(rest)),
        }
    }
    found
}

/// Names of the files that are compiled for tests only.
fn test_modules(files: &[PathBuf]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for file in files {
        let text = std::fs::read_to_string(file).unwrap();
        for pair in text.lines().collect::<Vec<_>>().windows(2) {
            let name = pair[1].trim().strip_prefix("mod ").and_then(|rest| rest.strip_suffix(';'));
            found.extend(name.filter(|_| pair[0].trim() == "#[cfg(test)]").map(str::to_owned));
        }
    }
    found
}

/// Tests beside the code may look anywhere.
fn product_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().scan(false, |in_tests, (number, line)| {
        *in_tests |= line.starts_with("mod tests {");
        Some((number + 1, if *in_tests { "" } else { line }))
    })
}

#[test]
fn folders_use_only_what_the_architecture_allows() {
    let allowed = allowed();
    let source = repository().join("src");
    let mut files = Vec::new();
    source_files(&source, &mut files);
    let tests = test_modules(&files);
    let mut wrong = Vec::new();
    for file in files {
        let relative = file.strip_prefix(&source).unwrap();
        let is_test = relative.iter().any(|part| tests.contains(part.to_string_lossy().trim_end_matches(".rs")));
        let first = relative.iter().next().unwrap().to_string_lossy().trim_end_matches(".rs").to_owned();
        if is_test || ["lib", "main"].contains(&first.as_str()) {
            continue;
        }
        let Some(may_use) = allowed.get(&first) else {
            wrong.push(format!("src/{first} has no row in docs/architecture.md"));
            continue;
        };
        let text = std::fs::read_to_string(&file).unwrap();
        for (number, line) in product_lines(&text) {
            for used in used_in(line) {
                if allowed.contains_key(&used) && used != first && !may_use.contains(&used) {
                    wrong.push(format!("src/{}:{number} uses {used}: {}", relative.display(), line.trim()));
                }
            }
            for (word, home) in [("clap::", "cli"), ("dialoguer::", "cli"), ("std::env::var", "cli")] {
                if line.contains(word) && first != home {
                    wrong.push(format!(
                        "src/{}:{number} uses {word} outside {home}: {}",
                        relative.display(),
                        line.trim()
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "lines that look the wrong way:\n{}", wrong.join("\n"));
}
