//! Where each of the user's values came from.

use std::collections::BTreeMap;

use crate::template::{Text, Value};

/// A step into values.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    Key(String),
    Index(usize),
}

pub type Path = Vec<Part>;

/// What set a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// `-f FILE`, by its position among the files; `-` is standard input.
    File { index: usize, name: String },
    /// A flag as it was written: `--set` and its text.
    Flag { flag: &'static str, text: String },
    /// Handed over by a caller, under a name of its choice.
    Given(String),
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File { name, .. } if name.trim() == "-" => f.write_str("standard input"),
            Self::File { name, .. } | Self::Given(name) => f.write_str(name),
            Self::Flag { flag, text } => write!(f, "{flag} {text}"),
        }
    }
}

/// For every path that a user set, who set it last.
#[derive(Debug, Clone, Default)]
pub struct Origins(BTreeMap<Path, Source>);

impl Origins {
    /// Who decided the value at a path: the longest known path that leads to it.
    pub fn of(&self, path: &[Part]) -> Option<&Source> {
        (1..=path.len()).rev().find_map(|length| self.0.get(&path[..length]))
    }

    pub fn iter(&self) -> impl Iterator<Item = (&Path, &Source)> {
        self.0.iter()
    }

    /// What was set below the path is gone with it.
    pub(super) fn set(&mut self, path: Path, source: Source) {
        let below: Vec<Path> = self
            .0
            .range(path.clone()..)
            .take_while(|(other, _)| other.starts_with(&path))
            .map(|(other, _)| other.clone())
            .collect();
        for other in below {
            self.0.remove(&other);
        }
        self.0.insert(path, source);
    }

    /// Every leaf of a file that was merged in.
    pub(super) fn set_leaves(&mut self, values: &Value, source: &Source) {
        let mut path = Vec::new();
        self.leaves(values, &mut path, source);
    }

    fn leaves(&mut self, value: &Value, path: &mut Path, source: &Source) {
        match value {
            Value::Dict(dict) if !dict.is_empty() || path.is_empty() => {
                let entries: Vec<(Text, Value)> =
                    dict.borrow().iter().map(|(key, value)| (key.clone(), value.clone())).collect();
                for (key, value) in entries {
                    path.push(Part::Key(key.to_str().into_owned()));
                    self.leaves(&value, path, source);
                    path.pop();
                }
            }
            _ => self.set(path.clone(), source.clone()),
        }
    }
}

/// `a.b[1].c`
pub fn show(path: &[Part]) -> String {
    let mut text = String::new();
    for part in path {
        match part {
            Part::Key(key) => {
                if !text.is_empty() {
                    text.push('.');
                }
                text.push_str(&key.replace('.', "\\."));
            }
            Part::Index(index) => text.push_str(&format!("[{index}]")),
        }
    }
    text
}
