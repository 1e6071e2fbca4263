//! Makes a value of a tree, with go-yaml's rules for aliases, merges and keys.
//!
//! Works with a stack of its own: documents nest as deep as the scanner lets them, and aliases multiply that.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

use super::error::{Problem, YamlError};
use super::go_syntax;
use super::keys::Keys;
use super::place::Place;
use super::resolve::{Resolved, Version, resolve, resolve_tagged};
use super::tree::{NodeId, NodeKind, Tree};
use crate::go_json::{JsonError, replace_invalid};
use crate::template::{Dict, Integer, IntegerKind, Text, Value};

/// Nesting that `encoding/json` still reads. Whatever lies deeper is not built, and reported at the end.
const MAXIMUM_JSON_DEPTH: usize = 10_000;

/// What numbers become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Numbers {
    /// All are floats, as after a way through JSON.
    Json,
    /// Integers stay integers, as in go-yaml itself.
    Typed,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Options {
    pub numbers: Numbers,
    /// Whether a key that is set twice is an error.
    pub is_strict: bool,
}

/// What a document is, and what JSON will say to it.
#[derive(Debug)]
pub(super) struct Decoded {
    pub value: Value,
    /// The bracket that opens what is too deep for JSON.
    pub too_deep: Option<char>,
}

pub(super) fn decode(tree: &Tree<'_>, options: Options) -> Result<Decoded, YamlError> {
    let mut decoder = Decoder {
        tree,
        options,
        frames: Vec::new(),
        maps: Vec::new(),
        keys: Keys::default(),
        depth: 0,
        too_deep: None,
        has_bad_key: false,
        has_bad_number: false,
        active_aliases: HashSet::new(),
        // go-yaml counts the document as well.
        decoded: 1,
        decoded_in_alias: 0,
        alias_depth: 0,
        problems: Vec::new(),
    };
    let value = decoder.run()?;
    if !decoder.problems.is_empty() {
        return Err(YamlError::new(Problem::Unmarshal(decoder.problems), None));
    }
    if decoder.has_bad_key
        && let Some(problem) = go_syntax::unsupported_key(tree)
    {
        return Err(YamlError::new(Problem::Key(problem), None));
    }
    if decoder.has_bad_number
        && options.numbers == Numbers::Json
        && let Some(number) = first_bad_number(&value)
    {
        return Err(YamlError::new(Problem::Json(JsonError::UnsupportedValue(number)), None));
    }
    Ok(Decoded { value, too_deep: decoder.too_deep })
}

struct Decoder<'t> {
    tree: &'t Tree<'t>,
    options: Options,
    frames: Vec<Frame>,
    maps: Vec<Map>,
    keys: Keys,
    depth: usize,
    too_deep: Option<char>,
    has_bad_key: bool,
    has_bad_number: bool,
    active_aliases: HashSet<NodeId>,
    decoded: usize,
    decoded_in_alias: usize,
    alias_depth: usize,
    problems: Vec<String>,
}

enum Frame {
    List {
        next: NodeId,
        end: NodeId,
        items: Vec<Value>,
    },
    /// Fills the topmost map; several may fill the same one when mappings are merged.
    Map {
        next: NodeId,
        end: NodeId,
        key: KeyState,
        is_merged: bool,
    },
    Alias {
        node: NodeId,
    },
    /// Mappings that are still to be merged, the last one first.
    Merge {
        nodes: Vec<NodeId>,
    },
}

/// What a map frame waits for.
#[derive(Clone)]
enum KeyState {
    None,
    /// The key is being decoded.
    Pending(NodeId),
    /// Its value is next, or being decoded. No text: JSON has none for this key.
    Known {
        text: Option<Text>,
        key: NodeId,
        value: NodeId,
    },
}

#[derive(Default)]
struct Map {
    entries: Vec<(Text, Value)>,
    /// Keys with their types, where it matters whether one is set twice.
    seen: HashSet<String>,
}

impl Decoder<'_> {
    fn run(&mut self) -> Result<Value, YamlError> {
        let mut result = self.enter(0)?;
        loop {
            if let Some(value) = result.take() {
                match self.frames.last() {
                    None => return Ok(value),
                    Some(Frame::Alias { .. }) => {
                        self.leave_alias();
                        result = Some(value);
                        continue;
                    }
                    Some(_) => self.deliver(value)?,
                }
            }
            result = self.step()?;
        }
    }

    /// Goes on with the innermost collection. Gives its value once it is complete.
    fn step(&mut self) -> Result<Option<Value>, YamlError> {
        match self.frames.last_mut() {
            Some(Frame::List { next, end, .. }) => {
                if *next < *end {
                    let node = *next;
                    *next = self.tree.nodes[node].end;
                    return self.enter(node);
                }
                self.depth -= 1;
                match self.frames.pop() {
                    Some(Frame::List { items, .. }) => Ok(Some(Value::list(items))),
                    _ => Ok(None),
                }
            }
            Some(Frame::Map { next, end, key, is_merged }) => {
                if *next < *end {
                    let node = *next;
                    *next = self.tree.nodes[node].end;
                    if matches!(key, KeyState::None) {
                        if self.tree.is_merge(node) {
                            let merged = *next;
                            *next = self.tree.nodes[merged].end;
                            return self.merge(merged).map(|()| None);
                        }
                        *key = KeyState::Pending(node);
                    } else if let KeyState::Known { value, .. } = key {
                        *value = node;
                    }
                    return self.enter(node);
                }
                let is_merged = *is_merged;
                self.frames.pop();
                if is_merged {
                    return Ok(None);
                }
                self.depth -= 1;
                let map = self.maps.pop().unwrap_or_default();
                Ok(Some(Value::Dict(Dict::from_entries(map.entries.into_iter().collect::<BTreeMap<_, _>>()))))
            }
            Some(Frame::Merge { nodes }) => {
                match nodes.pop() {
                    Some(node) => self.merge_one(node)?,
                    None => {
                        self.frames.pop();
                    }
                }
                Ok(None)
            }
            Some(Frame::Alias { .. }) => {
                self.leave_alias();
                Ok(None)
            }
            None => Ok(Some(Value::Nil)),
        }
    }

    fn deliver(&mut self, value: Value) -> Result<(), YamlError> {
        let is_kept = self.depth <= MAXIMUM_JSON_DEPTH;
        match self.frames.last_mut() {
            Some(Frame::List { items, .. }) if is_kept => items.push(value),
            Some(Frame::Map { key, .. }) => match std::mem::replace(key, KeyState::None) {
                KeyState::Pending(node) => {
                    let text = self.key_text(node, &value)?;
                    if let Some(Frame::Map { key, .. }) = self.frames.last_mut() {
                        *key = KeyState::Known { text, key: node, value: node };
                    }
                }
                KeyState::Known { text, key, value: node } => self.insert(text, (key, node), value, is_kept),
                KeyState::None => {}
            },
            _ => {}
        }
        Ok(())
    }

    fn insert(&mut self, text: Option<Text>, (key, node): (NodeId, NodeId), value: Value, is_kept: bool) {
        let Some(map) = self.maps.last_mut() else { return };
        if self.options.is_strict {
            let typed = go_syntax::printed(self.tree, key);
            if !map.seen.insert(typed.clone()) && typed != "NaN" {
                let line = self.tree.nodes[node].mark.line + 1;
                self.problems.push(format!("line {line}: key {typed} already set in map"));
                return;
            }
        }
        if let (Some(text), true) = (text, is_kept) {
            map.entries.push((text, value));
        }
    }

    /// Begins with a node. Gives the value at once if it is a scalar.
    fn enter(&mut self, node: NodeId) -> Result<Option<Value>, YamlError> {
        self.count()?;
        let (next, end) = (node + 1, self.tree.nodes[node].end);
        match self.tree.nodes[node].kind {
            NodeKind::Scalar { .. } => return self.scalar(node).map(Some),
            NodeKind::Alias { target } => {
                self.enter_alias(node)?;
                return self.enter(target);
            }
            NodeKind::Sequence => {
                self.go_deeper('[');
                self.frames.push(Frame::List { next, end, items: Vec::new() });
            }
            NodeKind::Mapping => {
                self.go_deeper('{');
                self.maps.push(Map::default());
                self.frames.push(Frame::Map { next, end, key: KeyState::None, is_merged: false });
            }
        }
        Ok(None)
    }

    fn go_deeper(&mut self, opening: char) {
        self.depth += 1;
        if self.depth > MAXIMUM_JSON_DEPTH {
            self.too_deep.get_or_insert(opening);
        }
    }

    fn enter_alias(&mut self, node: NodeId) -> Result<(), YamlError> {
        if !self.active_aliases.insert(node) {
            let name = String::from_utf8_lossy(self.tree.value(node)).into_owned();
            return Err(self.fail(node, format!("anchor '{name}' value contains itself")));
        }
        self.alias_depth += 1;
        self.frames.push(Frame::Alias { node });
        Ok(())
    }

    fn leave_alias(&mut self) {
        if let Some(Frame::Alias { node }) = self.frames.pop() {
            self.active_aliases.remove(&node);
            self.alias_depth -= 1;
        }
    }

    fn merge(&mut self, node: NodeId) -> Result<(), YamlError> {
        if self.tree.nodes[node].kind != NodeKind::Sequence {
            return self.merge_one(node);
        }
        self.frames.push(Frame::Merge { nodes: self.tree.children(node).collect() });
        Ok(())
    }

    fn merge_one(&mut self, node: NodeId) -> Result<(), YamlError> {
        let target = self.tree.target(node);
        if self.tree.nodes[target].kind != NodeKind::Mapping {
            return Err(self.fail(node, "map merge requires map or sequence of maps as the value"));
        }
        self.count()?;
        if target != node {
            self.enter_alias(node)?;
            self.count()?;
        }
        let end = self.tree.nodes[target].end;
        self.frames.push(Frame::Map { next: target + 1, end, key: KeyState::None, is_merged: true });
        Ok(())
    }

    /// go-yaml's protection against documents that aliases blow up.
    fn count(&mut self) -> Result<(), YamlError> {
        self.decoded += 1;
        if self.alias_depth > 0 {
            self.decoded_in_alias += 1;
        }
        if self.decoded_in_alias > 100
            && self.decoded > 1000
            && self.decoded_in_alias as f64 / self.decoded as f64 > allowed_alias_ratio(self.decoded)
        {
            return Err(YamlError::new(Problem::Other("document contains excessive aliasing".to_owned()), None));
        }
        Ok(())
    }

    fn scalar(&mut self, node: NodeId) -> Result<Value, YamlError> {
        Ok(match self.resolved(node)? {
            Scalar::Plain(resolved) => match resolved {
                Resolved::Nil => Value::Nil,
                Resolved::Bool(value) => Value::Bool(value),
                Resolved::Integer(value) if self.options.numbers == Numbers::Typed => Value::int(value),
                Resolved::Integer(value) => Value::Float(value as f64),
                Resolved::Unsigned(value) if self.options.numbers == Numbers::Typed => {
                    Value::Integer(Integer { bits: value.cast_signed(), kind: IntegerKind::Uint64 })
                }
                Resolved::Unsigned(value) => Value::Float(value as f64),
                Resolved::Float(value) => {
                    self.has_bad_number |= !value.is_finite();
                    Value::Float(value)
                }
                Resolved::String | Resolved::Timestamp => Value::String(Text::from(self.tree.value(node))),
            },
            // JSON's writer replaces them, too, but escapes what it puts there.
            Scalar::Binary(bytes) if self.options.numbers == Numbers::Typed => Value::string(bytes),
            Scalar::Binary(bytes) => Value::string(replace_invalid(&bytes).into_owned()),
        })
    }

    fn resolved(&self, node: NodeId) -> Result<Scalar, YamlError> {
        resolve_node(self.tree, node).map_err(|problem| self.fail(node, problem))
    }

    /// What JSON makes of a key.
    fn key_text(&mut self, node: NodeId, value: &Value) -> Result<Option<Text>, YamlError> {
        let target = self.tree.target(node);
        if let Value::String(text) = value {
            return Ok(Some(self.keys.shared(text)));
        }
        if matches!(self.tree.nodes[target].kind, NodeKind::Mapping | NodeKind::Sequence) {
            let key = go_syntax::printed(self.tree, target);
            return Err(self.fail(node, format!("invalid map key: {key}")));
        }
        let text = key_of(self.tree, target);
        self.has_bad_key |= text.is_none();
        Ok(text.map(|text| self.keys.of(&text)))
    }

    fn fail(&self, node: NodeId, problem: impl Into<String>) -> YamlError {
        YamlError::other(problem, Place::of(self.tree.nodes[node].mark))
    }
}

/// What JSON makes of a scalar key. None where it has no text for it.
pub(super) fn key_of<'t>(tree: &'t Tree<'_>, node: NodeId) -> Option<Cow<'t, [u8]>> {
    let node = tree.target(node);
    if !matches!(tree.nodes[node].kind, NodeKind::Scalar { .. }) {
        return None;
    }
    match resolve_node(tree, node).ok()? {
        Scalar::Binary(bytes) => Some(Cow::Owned(replace_invalid(&bytes).into_owned().into_bytes())),
        Scalar::Plain(Resolved::String | Resolved::Timestamp) => Some(Cow::Borrowed(tree.value(node))),
        Scalar::Plain(Resolved::Bool(value)) => Some(Cow::Borrowed(if value { b"true" } else { b"false" })),
        Scalar::Plain(Resolved::Integer(value)) => Some(Cow::Owned(value.to_string().into_bytes())),
        Scalar::Plain(Resolved::Float(value)) => {
            let mut text = Vec::new();
            go_syntax::write_key_float(value, &mut text);
            Some(Cow::Owned(text))
        }
        Scalar::Plain(Resolved::Nil | Resolved::Unsigned(_)) => None,
    }
}

/// A scalar's type and, if it was encoded, its content.
pub(super) enum Scalar {
    Plain(Resolved),
    Binary(Vec<u8>),
}

/// What go-yaml makes of a scalar with its tag.
pub(super) fn resolve_node(tree: &Tree<'_>, node: NodeId) -> Result<Scalar, String> {
    let NodeKind::Scalar { is_implicit } = tree.nodes[node].kind else { return Ok(Scalar::Plain(Resolved::Nil)) };
    let (text, tag) = (tree.value(node), tree.tag(node));
    if tag.is_empty() {
        return Ok(Scalar::Plain(if is_implicit { resolve(text, Version::V2) } else { Resolved::String }));
    }
    let Some(name) = tag.strip_prefix(b"tag:yaml.org,2002:") else { return Ok(Scalar::Plain(Resolved::String)) };
    let expected: &[&str] = match name {
        b"binary" => {
            let invalid = || "!!binary value contains invalid base64 data".to_owned();
            return super::base64::decode(text).map(Scalar::Binary).ok_or_else(invalid);
        }
        b"bool" => &["!!bool"],
        b"int" => &["!!int"],
        b"float" => &["!!float"],
        b"null" => &["!!null"],
        b"timestamp" => &["!!timestamp"],
        _ => return Ok(Scalar::Plain(Resolved::String)),
    };
    match resolve_tagged(text, Version::V2, name == b"timestamp") {
        resolved if expected.contains(&resolved.short_tag()) => Ok(Scalar::Plain(resolved)),
        Resolved::Integer(value) if name == b"float" => Ok(Scalar::Plain(Resolved::Float(value as f64))),
        resolved => {
            let (found, text) = (resolved.short_tag(), String::from_utf8_lossy(text));
            Err(format!("cannot decode {found} `{text}` as a {}", expected[0]))
        }
    }
}

fn allowed_alias_ratio(decoded: usize) -> f64 {
    const LOW: usize = 400_000;
    const HIGH: usize = 4_000_000;
    match decoded {
        ..=LOW => 0.99,
        HIGH.. => 0.10,
        _ => 0.99 - 0.89 * ((decoded - LOW) as f64 / (HIGH - LOW) as f64),
    }
}

/// The first number that JSON cannot say, in the order in which JSON writes.
pub(super) fn first_bad_number(value: &Value) -> Option<String> {
    let mut left = vec![value.clone()];
    while let Some(value) = left.pop() {
        match value {
            Value::Float(number) if number.is_nan() => return Some("NaN".to_owned()),
            Value::Float(number) if number.is_infinite() => {
                return Some(if number > 0.0 { "+Inf" } else { "-Inf" }.to_owned());
            }
            Value::List(list) => left.extend(list.elements().iter().rev().cloned()),
            Value::Dict(dict) => left.extend(dict.borrow().values().rev().cloned()),
            _ => {}
        }
    }
    None
}
