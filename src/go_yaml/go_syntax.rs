//! Values of a document as Go's `%#v` prints them: some errors hold them.

use indexmap::IndexMap;
use unicode_general_category::{GeneralCategory, get_general_category};

use super::decode::{Scalar, resolve_node};
use super::resolve::Resolved;
use super::tree::{NodeId, NodeKind, Tree};
use crate::go_json::number::{write_general, write_general_32};

/// Nesting that is still printed. Go prints all of it; nobody reads that far.
const DEEPEST_PRINTED: usize = 200;

/// As go-yaml's `map[interface{}]interface{}` would hold it.
enum GoValue {
    Nil,
    Bool(bool),
    Integer(i64),
    Unsigned(u64),
    Float(f64),
    String(Vec<u8>),
    List(Vec<GoValue>),
    Map(Vec<(GoValue, GoValue)>),
}

/// A node as `%#v` prints it.
pub(super) fn printed(tree: &Tree<'_>, node: NodeId) -> String {
    build(tree, node, 0).printed()
}

/// A number as the text of a key. Only 32 bits of it are kept.
pub(super) fn write_key_float(value: f64, out: &mut Vec<u8>) {
    if value.is_nan() {
        out.extend_from_slice(b".nan");
    } else if (value as f32).is_infinite() {
        out.extend_from_slice(if value > 0.0 { b".inf" } else { b"-.inf" });
    } else {
        write_general_32(value, out);
    }
}

/// What is wrong with the first key that JSON has no text for.
pub(super) fn unsupported_key(tree: &Tree<'_>) -> Option<String> {
    find_unsupported(&build(tree, 0, 0))
}

fn find_unsupported(value: &GoValue) -> Option<String> {
    match value {
        GoValue::List(items) => items.iter().find_map(find_unsupported),
        GoValue::Map(entries) => entries.iter().find_map(|(key, value)| {
            let kind = match key {
                GoValue::Nil => "%!s(<nil>)",
                GoValue::Unsigned(_) => "uint64",
                _ => return find_unsupported(value),
            };
            let mut out = format!("unsupported map key of type: {kind}, key: ").into_bytes();
            key.write(&mut out);
            out.extend_from_slice(b", value: ");
            value.write(&mut out);
            Some(String::from_utf8_lossy(&out).into_owned())
        }),
        _ => None,
    }
}

fn build(tree: &Tree<'_>, node: NodeId, depth: usize) -> GoValue {
    let node = tree.target(node);
    if depth > DEEPEST_PRINTED {
        return GoValue::Nil;
    }
    match tree.nodes[node].kind {
        NodeKind::Sequence => GoValue::List(tree.children(node).map(|child| build(tree, child, depth + 1)).collect()),
        NodeKind::Mapping => {
            let mut entries = IndexMap::new();
            fill(tree, node, depth, &mut entries);
            GoValue::Map(entries.into_values().collect())
        }
        _ => scalar(tree, node),
    }
}

fn scalar(tree: &Tree<'_>, node: NodeId) -> GoValue {
    match resolve_node(tree, node) {
        Ok(Scalar::Plain(resolved)) => match resolved {
            Resolved::Nil => GoValue::Nil,
            Resolved::Bool(value) => GoValue::Bool(value),
            Resolved::Integer(value) => GoValue::Integer(value),
            Resolved::Unsigned(value) => GoValue::Unsigned(value),
            Resolved::Float(value) => GoValue::Float(value),
            Resolved::String | Resolved::Timestamp => GoValue::String(tree.value(node).to_vec()),
        },
        Ok(Scalar::Binary(bytes)) => GoValue::String(bytes),
        Err(_) => GoValue::Nil,
    }
}

fn fill(tree: &Tree<'_>, node: NodeId, depth: usize, entries: &mut IndexMap<String, (GoValue, GoValue)>) {
    if depth > DEEPEST_PRINTED {
        return;
    }
    let mut children = tree.children(node);
    while let (Some(key), Some(value)) = (children.next(), children.next()) {
        if tree.is_merge(key) {
            let target = tree.target(value);
            match tree.nodes[target].kind {
                NodeKind::Sequence => {
                    for merged in tree.children(target).collect::<Vec<_>>().into_iter().rev() {
                        fill(tree, tree.target(merged), depth + 1, entries);
                    }
                }
                _ => fill(tree, target, depth + 1, entries),
            }
            continue;
        }
        let (key, value) = (build(tree, key, depth + 1), build(tree, value, depth + 1));
        entries.insert(key.printed(), (key, value));
    }
}

impl GoValue {
    fn printed(&self) -> String {
        let mut out = Vec::new();
        self.write(&mut out);
        String::from_utf8_lossy(&out).into_owned()
    }

    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Nil => out.extend_from_slice(b"<nil>"),
            Self::Bool(value) => out.extend_from_slice(value.to_string().as_bytes()),
            Self::Integer(value) => out.extend_from_slice(value.to_string().as_bytes()),
            Self::Unsigned(value) => out.extend_from_slice(format!("{value:#x}").as_bytes()),
            Self::Float(value) => write_general(*value, out),
            Self::String(text) => write_quoted(text, out),
            Self::List(items) => {
                out.extend_from_slice(b"[]interface {}{");
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.extend_from_slice(b", ");
                    }
                    item.write_inner(out);
                }
                out.push(b'}');
            }
            Self::Map(entries) => Self::write_map(entries, out),
        }
    }

    fn write_map(entries: &[(Self, Self)], out: &mut Vec<u8>) {
        let mut sorted: Vec<_> = entries.iter().collect();
        sorted.sort_by(|a, b| a.0.order(&b.0));
        out.extend_from_slice(b"map[interface {}]interface {}{");
        for (index, (key, value)) in sorted.into_iter().enumerate() {
            if index > 0 {
                out.extend_from_slice(b", ");
            }
            key.write_inner(out);
            out.push(b':');
            value.write_inner(out);
        }
        out.push(b'}');
    }

    fn write_inner(&self, out: &mut Vec<u8>) {
        match self {
            Self::Nil => out.extend_from_slice(b"interface {}(nil)"),
            _ => self.write(out),
        }
    }

    /// Go prints maps sorted: nil first, then by type in the order in which the types were laid out, then by value.
    fn order(&self, other: &Self) -> std::cmp::Ordering {
        match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => a.cmp(b),
            (Self::Integer(a), Self::Integer(b)) => a.cmp(b),
            (Self::Unsigned(a), Self::Unsigned(b)) => a.cmp(b),
            (Self::Float(a), Self::Float(b)) => a.total_cmp(b),
            (Self::String(a), Self::String(b)) => a.cmp(b),
            _ => self.rank().cmp(&other.rank()),
        }
    }

    const fn rank(&self) -> u8 {
        match self {
            Self::Nil => 0,
            Self::String(_) => 1,
            Self::Integer(_) => 2,
            Self::Unsigned(_) => 3,
            Self::Float(_) => 4,
            Self::Bool(_) => 5,
            Self::List(_) | Self::Map(_) => 6,
        }
    }
}

/// A text as Go quotes it.
pub(super) fn quoted(text: &[u8]) -> String {
    let mut out = Vec::new();
    write_quoted(text, &mut out);
    String::from_utf8_lossy(&out).into_owned()
}

fn write_quoted(text: &[u8], out: &mut Vec<u8>) {
    // `%#v` prefers backquotes only with a further flag, which is not given here.
    out.push(b'"');
    for chunk in text.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '"' => out.extend_from_slice(b"\\\""),
                '\\' => out.extend_from_slice(b"\\\\"),
                '\x07' => out.extend_from_slice(b"\\a"),
                '\x08' => out.extend_from_slice(b"\\b"),
                '\x0C' => out.extend_from_slice(b"\\f"),
                '\n' => out.extend_from_slice(b"\\n"),
                '\r' => out.extend_from_slice(b"\\r"),
                '\t' => out.extend_from_slice(b"\\t"),
                '\x0B' => out.extend_from_slice(b"\\v"),
                ' '..='~' => out.push(character as u8),
                '\0'..='\x1F' | '\x7F' => out.extend_from_slice(format!("\\x{:02x}", character as u32).as_bytes()),
                _ if is_printable(character) => {
                    out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                }
                '\0'..='\u{FFFF}' => out.extend_from_slice(format!("\\u{:04x}", character as u32).as_bytes()),
                _ => out.extend_from_slice(format!("\\U{:08x}", character as u32).as_bytes()),
            }
        }
        for byte in chunk.invalid() {
            out.extend_from_slice(format!("\\x{byte:02x}").as_bytes());
        }
    }
    out.push(b'"');
}

/// Go's `IsPrint`: letters, marks, numbers, punctuation and symbols.
fn is_printable(character: char) -> bool {
    !matches!(
        get_general_category(character),
        GeneralCategory::Control
            | GeneralCategory::Format
            | GeneralCategory::Surrogate
            | GeneralCategory::PrivateUse
            | GeneralCategory::Unassigned
            | GeneralCategory::SpaceSeparator
            | GeneralCategory::LineSeparator
            | GeneralCategory::ParagraphSeparator
    )
}
