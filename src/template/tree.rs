//! Parsed templates: nodes with their places, and the text that Go prints for them.
//!
//! All nodes of a template lie in one vector, so that a tree nested a hundred thousand deep can be dropped.

use std::ops::Range;
use std::rc::Rc;

use super::builtin::Builtin;
use super::function::Function;
use super::number::Number;
use super::quote::quote;
use super::stack;
use super::text::Text;

/// A node's place in its tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub(super) u32);

/// One template: what a file holds outside of its definitions, or one definition.
#[derive(Debug)]
pub struct Tree {
    /// The name by which templates call it.
    pub name: Rc<str>,
    /// The name of the text it was defined in, which errors and traces give as its file.
    pub file: Rc<str>,
    /// The whole text of that file.
    pub source: Text,
    pub(super) nodes: Vec<Node>,
    pub(super) root: NodeId,
    /// Whether it holds anything but white space and comments.
    pub is_empty: bool,
}

/// A node, with places as byte offsets into the source.
#[derive(Debug)]
pub struct Node {
    /// Where Go says that the node is, which for chains is their second field.
    pub position: u32,
    /// Where the node's own text starts: at the delimiter for actions.
    pub start: u32,
    /// Behind the node's own text; for `if`, `range` and `with` behind their `end`.
    pub end: u32,
    pub kind: NodeKind,
}

/// What a node is.
#[derive(Debug)]
pub enum NodeKind {
    List(Vec<NodeId>),
    /// Literal text, as a range of the source.
    Text(Range<u32>),
    /// `{{ pipeline }}`
    Action(NodeId),
    Branch(Branch),
    /// `{{ template "name" pipeline }}`
    Template {
        name: Rc<str>,
        pipeline: Option<NodeId>,
    },
    Break,
    Continue,
    Pipeline {
        is_assignment: bool,
        variables: Vec<NodeId>,
        commands: Vec<NodeId>,
    },
    /// The first is what is called, where there is more than one.
    Command(Vec<NodeId>),
    /// Always a function.
    Identifier {
        name: Rc<str>,
        callee: Callee,
    },
    /// `.a.b`
    Field(Vec<Rc<str>>),
    /// Fields of anything else: `(pipeline).a.b`.
    Chain {
        node: NodeId,
        fields: Vec<Rc<str>>,
    },
    /// `$x.a.b`; the name has its dollar sign.
    Variable {
        name: Rc<str>,
        symbol: Symbol,
        fields: Vec<Rc<str>>,
    },
    Dot,
    Nil,
    Bool(bool),
    Number(Box<Number>),
    String {
        quoted: Range<u32>,
        text: Text,
    },
}

/// `if`, `range` or `with`.
#[derive(Debug)]
pub struct Branch {
    pub kind: BranchKind,
    pub pipeline: NodeId,
    pub body: NodeId,
    pub otherwise: Option<NodeId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BranchKind {
    If,
    Range,
    With,
}

/// A variable's name as a number, the same in all templates of one text. Zero is `$`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Symbol(pub(super) u32);

/// What an identifier calls.
#[derive(Debug, Clone)]
pub enum Callee {
    Builtin(Builtin),
    Function(Rc<Function>),
}

/// A place in a text as editors and errors count it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// From one.
    pub line: usize,
    /// In bytes from zero, as Go has it.
    pub column: usize,
}

impl Tree {
    /// The list of nodes at the top.
    pub fn root(&self) -> NodeId {
        self.root
    }

    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// All nodes, children before their parents.
    pub fn nodes(&self) -> impl Iterator<Item = (NodeId, &Node)> {
        self.nodes.iter().enumerate().map(|(index, node)| (NodeId(index as u32), node))
    }

    /// The line and column of an offset.
    pub fn place(&self, offset: u32) -> Place {
        let before = &self.source.as_bytes()[..(offset as usize).min(self.source.len())];
        let line_start = memchr::memrchr(b'\n', before).map_or(0, |newline| newline + 1);
        Place { line: 1 + memchr::memchr_iter(b'\n', before).count(), column: before.len() - line_start }
    }

    /// The nodes directly below one, in the order of the text.
    pub fn children(&self, id: NodeId) -> Vec<NodeId> {
        match &self.node(id).kind {
            NodeKind::List(nodes) | NodeKind::Command(nodes) => nodes.clone(),
            NodeKind::Action(pipeline) => vec![*pipeline],
            NodeKind::Branch(branch) => [branch.pipeline, branch.body].into_iter().chain(branch.otherwise).collect(),
            NodeKind::Template { pipeline, .. } => pipeline.iter().copied().collect(),
            NodeKind::Pipeline { variables, commands, .. } => variables.iter().chain(commands).copied().collect(),
            NodeKind::Chain { node, .. } => vec![*node],
            _ => Vec::new(),
        }
    }

    /// A tree for a machine that runs nothing yet.
    pub(super) fn nothing() -> Self {
        let root = Node { position: 0, start: 0, end: 0, kind: NodeKind::List(Vec::new()) };
        Self {
            name: Rc::from(""),
            file: Rc::from(""),
            source: Text::default(),
            nodes: vec![root],
            root: NodeId(0),
            is_empty: true,
        }
    }

    /// Whether a pipeline sets variables, so that its value is not printed.
    pub(super) fn declares(&self, pipeline: NodeId) -> bool {
        matches!(&self.node(pipeline).kind, NodeKind::Pipeline { variables, .. } if !variables.is_empty())
    }

    /// A node's own text in the source.
    pub fn source_of(&self, id: NodeId) -> &[u8] {
        let node = self.node(id);
        &self.source.as_bytes()[node.start as usize..node.end as usize]
    }

    /// A node as Go's `String` method prints it, which is what errors show.
    pub fn print(&self, id: NodeId) -> String {
        let mut out = String::new();
        self.write(id, &mut out);
        out
    }

    fn write(&self, id: NodeId, out: &mut String) {
        stack::grow(|| self.write_node(&self.node(id).kind, out));
    }

    fn write_node(&self, kind: &NodeKind, out: &mut String) {
        match kind {
            NodeKind::List(nodes) => nodes.iter().for_each(|node| self.write(*node, out)),
            NodeKind::Text(range) => out.push_str(&self.slice(range)),
            NodeKind::Action(pipeline) => {
                out.push_str("{{");
                self.write(*pipeline, out);
                out.push_str("}}");
            }
            NodeKind::Branch(branch) => self.write_branch(branch, out),
            NodeKind::Template { name, pipeline } => {
                out.push_str("{{template ");
                out.push_str(&quote(name.as_bytes()));
                if let Some(pipeline) = pipeline {
                    out.push(' ');
                    self.write(*pipeline, out);
                }
                out.push_str("}}");
            }
            NodeKind::Break => out.push_str("{{break}}"),
            NodeKind::Continue => out.push_str("{{continue}}"),
            NodeKind::Pipeline { is_assignment, variables, commands } => {
                self.write_separated(variables, ", ", out);
                if !variables.is_empty() {
                    out.push_str(if *is_assignment { " = " } else { " := " });
                }
                self.write_separated(commands, " | ", out);
            }
            NodeKind::Command(arguments) => {
                for (index, argument) in arguments.iter().enumerate() {
                    if index > 0 {
                        out.push(' ');
                    }
                    self.write_operand(*argument, out);
                }
            }
            NodeKind::Identifier { name, .. } => out.push_str(name),
            NodeKind::Field(fields) => write_fields(fields, out),
            NodeKind::Chain { node, fields } => {
                self.write_operand(*node, out);
                write_fields(fields, out);
            }
            NodeKind::Variable { name, fields, .. } => {
                out.push_str(name);
                write_fields(fields, out);
            }
            NodeKind::Dot => out.push('.'),
            NodeKind::Nil => out.push_str("nil"),
            NodeKind::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            NodeKind::Number(number) => out.push_str(&number.text),
            NodeKind::String { quoted, .. } => out.push_str(&self.slice(quoted)),
        }
    }

    fn write_branch(&self, branch: &Branch, out: &mut String) {
        out.push_str(match branch.kind {
            BranchKind::If => "{{if ",
            BranchKind::Range => "{{range ",
            BranchKind::With => "{{with ",
        });
        self.write(branch.pipeline, out);
        out.push_str("}}");
        self.write(branch.body, out);
        if let Some(otherwise) = branch.otherwise {
            out.push_str("{{else}}");
            self.write(otherwise, out);
        }
        out.push_str("{{end}}");
    }

    fn write_separated(&self, nodes: &[NodeId], separator: &str, out: &mut String) {
        for (index, node) in nodes.iter().enumerate() {
            if index > 0 {
                out.push_str(separator);
            }
            self.write(*node, out);
        }
    }

    /// With parentheses around a pipeline.
    fn write_operand(&self, id: NodeId, out: &mut String) {
        let is_pipeline = matches!(self.node(id).kind, NodeKind::Pipeline { .. });
        if is_pipeline {
            out.push('(');
        }
        self.write(id, out);
        if is_pipeline {
            out.push(')');
        }
    }

    pub(super) fn slice(&self, range: &Range<u32>) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.source.as_bytes()[range.start as usize..range.end as usize])
    }
}

fn write_fields(fields: &[Rc<str>], out: &mut String) {
    for field in fields {
        out.push('.');
        out.push_str(field);
    }
}
