//! From rendered files to manifests and hooks.

use std::collections::BTreeMap;

use super::hook::{self, Hook};
use super::{head, kinds};
use crate::chart::error::ChartError;
use crate::chart::file::base_name;
use crate::chart::values::Warnings;
use crate::go_yaml;
use crate::template::{Text, Value};

/// One object, as it was rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// The template that it comes from: `chart/templates/x.yaml`.
    pub path: String,
    pub content: Text,
    pub head: Head,
}

/// What tells one object from another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Head {
    pub api_version: String,
    pub kind: String,
    pub name: String,
    /// None without `metadata`.
    pub annotations: Option<BTreeMap<String, String>>,
}

/// Everything that a chart makes, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sorted {
    pub hooks: Vec<Hook>,
    pub manifests: Vec<Manifest>,
}

/// Splits files into documents and sorts them for installation. Equal kinds stay in the order of their files.
pub fn sort(files: &BTreeMap<String, Text>, warnings: &mut Warnings) -> Result<Sorted, ChartError> {
    let mut sorted = Sorted::default();
    for (path, content) in files {
        if base_name(path).starts_with('_') || is_blank(content.as_bytes()) {
            continue;
        }
        for document in split(content.as_bytes()) {
            let head = head::read(document).map_err(|error| ChartError::Manifest {
                text: format!("YAML parse error on {path}: {error}"),
                rendered: joined(files),
            })?;
            match hook::of(path, document, &head) {
                hook::Found::No => {
                    sorted.manifests.push(Manifest { path: path.clone(), content: Text::from(document), head });
                }
                hook::Found::Hook(hook) => sorted.hooks.push(hook),
                hook::Found::Unknown(events) => warnings.inform("skipping unknown hooks", &[("hookTypes", &events)]),
            }
        }
    }
    sorted.manifests.sort_by(|first, second| kinds::compare(&first.head.kind, &second.head.kind));
    sorted.hooks.sort_by(|first, second| kinds::compare(&first.kind, &second.kind));
    Ok(sorted)
}

/// What Helm hands out for the eyes of somebody who looks for a mistake.
fn joined(files: &BTreeMap<String, Text>) -> String {
    let shown = files.iter().filter(|(_, content)| !is_blank(content.as_bytes()));
    shown.map(|(path, content)| format!("---\n# Source: {path}\n{content}\n")).collect()
}

pub(in crate::chart) fn is_blank(bytes: &[u8]) -> bool {
    trim_start(bytes).is_empty()
}

/// Go's white space, as far as it is ASCII; the rest of it is looked at as text.
fn trim_start(bytes: &[u8]) -> &[u8] {
    let trimmed = bytes.trim_ascii_start();
    match trimmed.first() {
        // Vertical tab, or the first byte of a wider blank.
        Some(0x0b | 0xc2 | 0xe1 | 0xe2 | 0xe3) => match std::str::from_utf8(trimmed) {
            Ok(text) => text.trim_start().as_bytes(),
            Err(_) => trimmed,
        },
        _ => trimmed,
    }
}

/// Documents stand between lines that begin with `---`, whatever follows it on the line.
pub fn split(content: &[u8]) -> Vec<&[u8]> {
    let content = trim_start(content);
    let mut documents = Vec::new();
    let (mut start, mut line) = (0, 0);
    while line <= content.len() {
        if content[line..].starts_with(b"---") {
            documents.push(&content[start..line]);
            let blanks = content[line + 3..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
            start = line + 3 + blanks;
        }
        match content[line..].iter().position(|byte| *byte == b'\n') {
            Some(end) => line += end + 1,
            None => break,
        }
    }
    documents.push(&content[start..]);
    documents.into_iter().map(trim_start).filter(|document| !document.is_empty()).collect()
}

impl Head {
    pub(super) fn annotation(&self, name: &str) -> Option<&str> {
        self.annotations.as_ref()?.get(name).map(String::as_str)
    }
}

/// The whole document as data, for those who look into it.
impl Manifest {
    pub fn value(&self) -> Result<Value, String> {
        go_yaml::read_any(self.content.as_bytes()).map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_split_as_helm_does() {
        let cases: &[(&str, &[&str])] = &[
            ("a: 1\n---\nb: 2\n", &["a: 1\n", "b: 2\n"]),
            ("\n\n---\na: 1", &["a: 1"]),
            ("---a: 1\n--- \t\nb: 2", &["a: 1\n", "b: 2"]),
            ("a: |\n  ---\n  x\n", &["a: |\n  ---\n  x\n"]),
            ("a: 1\n---\n \n---\n", &["a: 1\n"]),
            ("--- # c\na: 1\n", &["# c\na: 1\n"]),
            ("----\n", &["-\n"]),
        ];
        for (content, expected) in cases {
            let found: Vec<_> = split(content.as_bytes()).into_iter().map(String::from_utf8_lossy).collect();
            assert_eq!(&found, expected, "{content:?}");
        }
    }
}
