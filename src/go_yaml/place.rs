//! Where in a text a value stands.

use super::token::Mark;
use super::tree::{NodeId, NodeKind, Tree};

/// A place in a text. Line and column count from 1, the column in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub line: usize,
    pub column: usize,
}

/// One step of the path to a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step<'p> {
    Key(&'p str),
    Index(usize),
}

/// Where a value stands, and its key if it is in a mapping.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    pub key: Option<Place>,
    pub value: Place,
}

impl Place {
    pub(super) const fn of(mark: Mark) -> Self {
        Self { line: mark.line + 1, column: mark.column + 1 }
    }
}

pub(super) fn find(tree: &Tree<'_>, path: &[Step<'_>]) -> Option<Entry> {
    let mut key = None;
    let mut node = 0;
    for step in path {
        let within = tree.target(node);
        (key, node) = match step {
            Step::Key(name) => find_key(tree, within, name, 0).map(|(key, value)| (Some(key), value))?,
            Step::Index(index) => {
                if tree.nodes[within].kind != NodeKind::Sequence {
                    return None;
                }
                (None, tree.children(within).nth(*index)?)
            }
        };
    }
    let place = |node: NodeId| Place::of(tree.nodes[node].mark);
    Some(Entry { key: key.map(place), value: place(node) })
}

/// Key and value. The last one of equal keys counts, as in reading.
fn find_key(tree: &Tree<'_>, mapping: NodeId, name: &str, depth: usize) -> Option<(NodeId, NodeId)> {
    // Merges may lead in circles; reading would have refused such a text.
    if tree.nodes[mapping].kind != NodeKind::Mapping || depth > 100 {
        return None;
    }
    let mut found = None;
    let mut children = tree.children(mapping);
    while let (Some(key), Some(value)) = (children.next(), children.next()) {
        if tree.is_merge(key) {
            let target = tree.target(value);
            let merged = match tree.nodes[target].kind {
                NodeKind::Sequence => {
                    tree.children(target).find_map(|item| find_key(tree, tree.target(item), name, depth + 1))
                }
                _ => find_key(tree, target, name, depth + 1),
            };
            found = merged.or(found);
        } else if super::decode::key_of(tree, key).is_some_and(|text| text == name.as_bytes()) {
            found = Some((key, value));
        }
    }
    found
}
