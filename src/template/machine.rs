//! Runs templates.
//!
//! Each node is visited in Go's order and `at` follows it, since an error shows the node that was visited last.

mod arguments;
mod call;
mod evaluate;
mod range;

use std::collections::HashMap;
use std::rc::Rc;

use super::budget::{Budget, Exhausted, Remaining};
use super::error::{ErrorSite, ExecutionError};
use super::function::{CallError, Runtime};
use super::observer::{Observer, Site};
use super::operand::Operand;
use super::origin::Origins;
use super::parser::Parsed;
use super::print::print_value;
use super::quote::quote;
use super::set::TemplateSet;
use super::stack;
use super::text::Text;
use super::tree::{Branch, BranchKind, NodeId, NodeKind, Symbol, Tree};
use super::value::Value;

/// What ends a run.
type Fault = Box<ExecutionError>;

/// How a node ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    Next,
    Break,
    Continue,
}

/// A variable that is alive. Lookups go from the last to the first, by name.
struct Variable {
    symbol: Symbol,
    operand: Operand,
}

/// One run of a template, with all templates that it calls.
pub(super) struct Machine<'a> {
    set: TemplateSet,
    remaining: Remaining,
    depth: usize,
    maximum_depth: usize,
    observer: Option<&'a mut (dyn Observer + 'a)>,
    origins: Origins,
    /// What the running template writes.
    out: Vec<u8>,
    variables: Vec<Variable>,
    /// Where the variables of the running template start.
    base: usize,
    /// The running template and the node that was visited last.
    site: (Rc<Tree>, NodeId),
    exhausted: Option<Exhausted>,
    /// Texts that were run by calls, since charts run the same one again and again.
    texts: HashMap<Text, Rc<Parsed>>,
}

impl<'a> Machine<'a> {
    pub(super) fn new(set: &TemplateSet, budget: &Budget, observer: Option<&'a mut (dyn Observer + 'a)>) -> Self {
        Self {
            set: set.clone(),
            remaining: Remaining::new(budget),
            depth: 0,
            maximum_depth: budget.depth,
            observer,
            origins: Origins::default(),
            out: Vec::with_capacity(4096),
            variables: Vec::new(),
            base: 0,
            site: (Rc::new(Tree::nothing()), NodeId(0)),
            exhausted: None,
            texts: HashMap::new(),
        }
    }

    pub(super) fn execute(mut self, name: &str, data: &Value) -> Result<Vec<u8>, ExecutionError> {
        let Some(tree) = self.set.get(name).cloned() else {
            return Err(ExecutionError::unplaced(self.set.missing(name)));
        };
        if self.observer.is_some() {
            self.origins = Origins::of(data);
        }
        if let Some(observer) = self.observer.as_deref_mut() {
            observer.entered(&tree, None, false);
        }
        let outcome = self.run(tree, Operand::concrete(data.clone()));
        if let Some(observer) = self.observer.as_deref_mut() {
            observer.left();
        }
        outcome.map_err(|fault| *fault)?;
        Ok(self.out)
    }

    /// A template with variables of its own.
    fn run(&mut self, tree: Rc<Tree>, data: Operand) -> Result<(), Fault> {
        let root = tree.root;
        let outer_site = std::mem::replace(&mut self.site, (Rc::clone(&tree), root));
        let outer_base = std::mem::replace(&mut self.base, self.variables.len());
        self.variables.push(Variable { symbol: Symbol(0), operand: data.clone() });
        let outcome = stack::grow(|| self.walk(&tree, &data, root));
        self.variables.truncate(self.base);
        self.base = outer_base;
        self.site = outer_site;
        outcome.map(|_| ())
    }

    const fn at(&mut self, node: NodeId) {
        self.site.1 = node;
    }

    fn error(&self, message: impl Into<String>) -> Fault {
        Box::new(ExecutionError {
            site: Some(ErrorSite::new(&self.site.0, self.site.1)),
            message: message.into(),
            cause: None,
            suggestions: Vec::new(),
            exhausted: None,
        })
    }

    fn fail<T>(&self, message: impl Into<String>) -> Result<T, Fault> {
        Err(self.error(message))
    }

    fn exhaust(&mut self, exhausted: Exhausted) -> Fault {
        self.exhausted = Some(exhausted);
        let mut fault = self.error(exhausted.message());
        fault.exhausted = Some(exhausted);
        fault
    }

    fn step(&mut self) -> Result<(), Fault> {
        match self.remaining.spend(1) {
            Ok(()) => Ok(()),
            Err(exhausted) => Err(self.exhaust(exhausted)),
        }
    }

    /// Accounts for what a node has written since the output had this length.
    fn wrote(&mut self, tree: &Tree, node: NodeId, since: usize) -> Result<(), Fault> {
        if let Err(exhausted) = self.remaining.write(self.out.len() - since) {
            return Err(self.exhaust(exhausted));
        }
        if let Some(observer) = self.observer.as_deref_mut() {
            observer.wrote(Site { tree, node }, &self.out[since..]);
        }
        Ok(())
    }

    fn walk(&mut self, tree: &Tree, dot: &Operand, id: NodeId) -> Result<Flow, Fault> {
        self.at(id);
        self.step()?;
        match &tree.node(id).kind {
            NodeKind::List(nodes) => {
                for node in nodes {
                    let flow = self.walk(tree, dot, *node)?;
                    if flow != Flow::Next {
                        return Ok(flow);
                    }
                }
            }
            NodeKind::Text(range) => {
                let since = self.out.len();
                self.out.extend_from_slice(&tree.source.as_bytes()[range.start as usize..range.end as usize]);
                self.wrote(tree, id, since)?;
            }
            NodeKind::Action(pipeline) => {
                let value = self.pipeline(tree, dot, *pipeline)?;
                if !tree.declares(*pipeline) {
                    self.print(tree, id, &value)?;
                }
            }
            NodeKind::Branch(branch) => return stack::grow(|| self.branch(tree, dot, branch, id)),
            NodeKind::Template { name, pipeline } => self.template(tree, dot, name, *pipeline)?,
            NodeKind::Break => return Ok(Flow::Break),
            NodeKind::Continue => return Ok(Flow::Continue),
            _ => return self.fail(format!("unknown node: {}", tree.print(id))),
        }
        Ok(Flow::Next)
    }

    fn print(&mut self, tree: &Tree, id: NodeId, operand: &Operand) -> Result<(), Fault> {
        self.at(id);
        let since = self.out.len();
        if operand.value.is_nil() {
            self.out.extend_from_slice(b"<no value>");
        } else if let Err(exhausted) = print_value(&mut self.out, &operand.value, self.remaining.output()) {
            return Err(self.exhaust(exhausted));
        }
        self.wrote(tree, id, since)
    }

    fn branch(&mut self, tree: &Tree, dot: &Operand, branch: &Branch, id: NodeId) -> Result<Flow, Fault> {
        let mark = self.variables.len();
        let outcome = match branch.kind {
            BranchKind::Range => self.range(tree, dot, branch, id),
            BranchKind::If | BranchKind::With => self.condition(tree, dot, branch),
        };
        self.variables.truncate(mark);
        outcome
    }

    fn condition(&mut self, tree: &Tree, dot: &Operand, branch: &Branch) -> Result<Flow, Fault> {
        let operand = self.pipeline(tree, dot, branch.pipeline)?;
        if operand.value.is_true() {
            let inner = if branch.kind == BranchKind::With { &operand } else { dot };
            return self.walk(tree, inner, branch.body);
        }
        match branch.otherwise {
            Some(otherwise) => self.walk(tree, dot, otherwise),
            None => Ok(Flow::Next),
        }
    }

    fn template(&mut self, tree: &Tree, dot: &Operand, name: &str, pipeline: Option<NodeId>) -> Result<(), Fault> {
        let Some(called) = self.set.get(name).cloned() else {
            let names = self.set.names();
            let mut fault = self.error(format!("template {} not defined", quote(name.as_bytes())));
            fault.suggestions = super::suggestion::suggest(name, names.iter().map(|known| &**known));
            return Err(fault);
        };
        if self.depth >= self.maximum_depth {
            return Err(self.exhaust(Exhausted::Depth));
        }
        let call = self.site.1;
        let data = match pipeline {
            Some(pipeline) => self.pipeline(tree, dot, pipeline)?,
            None => Operand::invalid(),
        };
        if let Some(observer) = self.observer.as_deref_mut() {
            observer.entered(&called, Some(Site { tree, node: call }), false);
        }
        self.depth += 1;
        let outcome = self.run(called, data);
        self.depth -= 1;
        if let Some(observer) = self.observer.as_deref_mut() {
            observer.left();
        }
        outcome
    }

    /// Runs a template for a call, which gets what it writes.
    fn capture(&mut self, tree: Rc<Tree>, data: &Value) -> Result<Text, CallError> {
        if self.depth >= self.maximum_depth {
            self.exhausted = Some(Exhausted::Depth);
            return Err(CallError::Budget(Exhausted::Depth.message().to_owned()));
        }
        if let Some(observer) = self.observer.as_deref_mut() {
            observer.entered(&tree, Some(Site { tree: &self.site.0, node: self.site.1 }), true);
        }
        let outer = std::mem::take(&mut self.out);
        self.depth += 1;
        let outcome = self.run(tree, Operand::concrete(data.clone()));
        self.depth -= 1;
        let written = std::mem::replace(&mut self.out, outer);
        if let Some(observer) = self.observer.as_deref_mut() {
            observer.left();
        }
        match outcome {
            Ok(()) => Ok(Text::from(written)),
            Err(fault) => Err(CallError::Execution(fault)),
        }
    }

    fn call_exhausted(&mut self, exhausted: Exhausted) -> CallError {
        self.exhausted = Some(exhausted);
        CallError::Budget(exhausted.message().to_owned())
    }
}

impl Runtime for Machine<'_> {
    fn execute_template(&mut self, name: &str, data: &Value) -> Result<Text, CallError> {
        match self.set.get(name).cloned() {
            Some(tree) => self.capture(tree, data),
            None => Err(CallError::Message(self.set.missing(name))),
        }
    }

    fn execute_text(&mut self, text: &Text, data: &Value) -> Result<Text, CallError> {
        let parsed = if let Some(parsed) = self.texts.get(text) {
            Rc::clone(parsed)
        } else {
            self.spend(1 + text.len() as u64 / 16)?;
            self.allocate(text.len())?;
            let parsed = self.set.parse(self.set.shared_name(), text);
            let parsed = Rc::new(parsed.map_err(|error| CallError::Parsing(Box::new(error)))?);
            self.texts.insert(text.clone(), Rc::clone(&parsed));
            parsed
        };
        let inner = self.set.with(&parsed);
        let outer = std::mem::replace(&mut self.set, inner);
        let outcome = self.capture(Rc::clone(&parsed.main), data);
        self.set = outer;
        outcome
    }

    fn spend(&mut self, steps: u64) -> Result<(), CallError> {
        self.remaining.spend(steps).map_err(|exhausted| self.call_exhausted(exhausted))
    }

    fn allocate(&mut self, bytes: usize) -> Result<(), CallError> {
        self.remaining.allocate(bytes).map_err(|exhausted| self.call_exhausted(exhausted))
    }
}
