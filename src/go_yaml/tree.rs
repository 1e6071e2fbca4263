//! The first document of a text as a flat tree: nodes in the order of the text, each knowing where its subtree ends.

use std::borrow::Cow;
use std::collections::HashMap;

use super::error::{Problem, YamlError};
use super::fault::{Fault, Stage};
use super::input::Input;
use super::parser::{EventKind, Parser};
use super::place::Place;
use super::token::{Mark, Span};

/// Index of a node.
pub(super) type NodeId = usize;

#[derive(Debug)]
pub(super) struct Tree<'a> {
    text: Cow<'a, [u8]>,
    store: Vec<u8>,
    pub nodes: Vec<Node>,
    tags: Vec<Vec<u8>>,
}

#[derive(Debug)]
pub(super) struct Node {
    pub kind: NodeKind,
    /// Behind the last node of the subtree.
    pub end: NodeId,
    pub mark: Mark,
    /// A scalar's content, an alias's name.
    value: Span,
    /// Index into the tags plus one, 0 for none.
    tag: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NodeKind {
    Scalar { is_implicit: bool },
    Sequence,
    Mapping,
    Alias { target: NodeId },
}

impl<'a> Tree<'a> {
    /// None for a text without a document.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Option<Self>, YamlError> {
        let input = Input::new(if bytes.is_empty() { b"\n" } else { bytes });
        let mut parser = Parser::new(&input);
        let mut builder = Builder::default();
        let found = builder.build(&mut parser)?;
        let store = parser.scanner.into_store();
        let Builder { nodes, tags, .. } = builder;
        Ok(if found { Some(Tree { text: input.text, store, nodes, tags }) } else { None })
    }

    pub(super) fn value(&self, node: NodeId) -> &[u8] {
        let span = self.nodes[node].value;
        if span.is_stored { &self.store[span.start..span.end] } else { &self.text[span.start..span.end] }
    }

    /// Empty where none is written.
    pub(super) fn tag(&self, node: NodeId) -> &[u8] {
        match self.nodes[node].tag {
            0 => b"",
            tag => &self.tags[tag - 1],
        }
    }

    /// The node that an alias stands for, any other node itself.
    pub(super) fn target(&self, node: NodeId) -> NodeId {
        match self.nodes[node].kind {
            NodeKind::Alias { target } => target,
            _ => node,
        }
    }

    /// Items of a sequence, keys and values of a mapping in turn.
    pub(super) fn children(&self, node: NodeId) -> impl Iterator<Item = NodeId> + use<'_, 'a> {
        let end = self.nodes[node].end;
        let mut next = node + 1;
        std::iter::from_fn(move || {
            let child = next;
            (child < end).then(|| {
                next = self.nodes[child].end;
                child
            })
        })
    }

    /// Whether a key merges other mappings into its own.
    pub(super) fn is_merge(&self, node: NodeId) -> bool {
        match self.nodes[node].kind {
            NodeKind::Scalar { is_implicit } => {
                self.value(node) == b"<<" && (is_implicit || self.tag(node) == b"tag:yaml.org,2002:merge")
            }
            _ => false,
        }
    }
}

#[derive(Default)]
struct Builder {
    nodes: Vec<Node>,
    tags: Vec<Vec<u8>>,
    anchors: HashMap<Vec<u8>, NodeId>,
    open: Vec<NodeId>,
}

impl Builder {
    fn build(&mut self, parser: &mut Parser<'_>) -> Result<bool, YamlError> {
        loop {
            let event = parser.next().map_err(|fault| syntax(&fault))?;
            let kind = match event.kind {
                EventKind::StreamStart | EventKind::DocumentStart => continue,
                EventKind::StreamEnd | EventKind::DocumentEnd => return Ok(!self.nodes.is_empty()),
                EventKind::SequenceEnd | EventKind::MappingEnd => {
                    if let Some(node) = self.open.pop() {
                        self.nodes[node].end = self.nodes.len();
                    }
                    continue;
                }
                EventKind::Scalar { is_implicit } => NodeKind::Scalar { is_implicit },
                EventKind::SequenceStart => NodeKind::Sequence,
                EventKind::MappingStart => NodeKind::Mapping,
                EventKind::Alias => {
                    let name = parser.scanner.bytes(event.value);
                    let Some(&target) = self.anchors.get(name) else {
                        let problem = format!("unknown anchor '{}' referenced", String::from_utf8_lossy(name));
                        return Err(YamlError::new(Problem::Other(problem), Some(Place::of(event.mark))));
                    };
                    NodeKind::Alias { target }
                }
            };
            let node = self.nodes.len();
            if let Some(anchor) = event.anchor {
                self.anchors.insert(parser.scanner.bytes(anchor).to_vec(), node);
            }
            if matches!(kind, NodeKind::Sequence | NodeKind::Mapping) {
                self.open.push(node);
            }
            let tag = self.tag(event.tag);
            self.nodes.push(Node { kind, end: node + 1, mark: event.mark, value: event.value, tag });
        }
    }

    fn tag(&mut self, tag: Vec<u8>) -> usize {
        if tag.is_empty() {
            return 0;
        }
        if self.tags.last() != Some(&tag) {
            self.tags.push(tag);
        }
        self.tags.len()
    }
}

fn syntax(fault: &Fault) -> YamlError {
    let place = (fault.stage != Stage::Reader).then(|| Place::of(fault.mark));
    YamlError::new(Problem::Syntax { line: fault.printed_line(), problem: fault.problem }, place)
}
