//! Pipelines, commands, fields and variables.

use std::rc::Rc;

use super::super::complex::Complex;
use super::super::number::Number;
use super::super::observer::Site;
use super::super::operand::Operand;
use super::super::quote::quote;
use super::super::stack;
use super::super::suggestion::suggest;
use super::super::tree::{Callee, NodeId, NodeKind, Symbol, Tree};
use super::super::value::{Dict, ElementType, Kind, Object, Value};
use super::{Fault, Machine, Variable};

impl Machine<'_> {
    /// The value of the last command. Variables that it declares stay until the next `end`.
    pub(super) fn pipeline(&mut self, tree: &Tree, dot: &Operand, id: NodeId) -> Result<Operand, Fault> {
        self.at(id);
        let NodeKind::Pipeline { is_assignment, variables, commands } = &tree.node(id).kind else {
            return self.fail("not a pipeline");
        };
        let mut last = None;
        for command in commands {
            let mut operand = self.command(tree, dot, *command, last.take())?;
            operand.is_interface = false;
            last = Some(operand);
        }
        let operand = last.unwrap_or_default();
        for variable in variables {
            let NodeKind::Variable { symbol, name, .. } = &tree.node(*variable).kind else { continue };
            if *is_assignment {
                self.assign(*symbol, name, operand.clone())?;
            } else {
                self.variables.push(Variable { symbol: *symbol, operand: operand.clone() });
            }
        }
        Ok(operand)
    }

    fn command(&mut self, tree: &Tree, dot: &Operand, id: NodeId, last: Option<Operand>) -> Result<Operand, Fault> {
        self.step()?;
        let NodeKind::Command(arguments) = &tree.node(id).kind else { return self.fail("not a command") };
        let first = arguments[0];
        match &tree.node(first).kind {
            NodeKind::Field(fields) => {
                self.at(first);
                self.field_chain(tree, dot, dot, first, fields, arguments, last)
            }
            NodeKind::Chain { .. } => self.chain(tree, dot, first, arguments, last),
            NodeKind::Identifier { name, callee } => self.function(tree, dot, first, name, callee, id, arguments, last),
            NodeKind::Pipeline { .. } => {
                self.refuse_arguments(tree, arguments, last.as_ref())?;
                stack::grow(|| self.pipeline(tree, dot, first))
            }
            NodeKind::Variable { .. } => self.variable(tree, dot, first, arguments, last),
            kind => {
                self.at(first);
                self.refuse_arguments(tree, arguments, last.as_ref())?;
                match kind {
                    NodeKind::Dot => Ok(dot.clone()),
                    NodeKind::Nil => self.fail("nil is not a command"),
                    _ => self.constant(tree, first),
                }
            }
        }
    }

    /// A constant where any type will do.
    pub(super) fn constant(&mut self, tree: &Tree, id: NodeId) -> Result<Operand, Fault> {
        self.at(id);
        let value = match &tree.node(id).kind {
            NodeKind::Bool(value) => Value::Bool(*value),
            NodeKind::Number(number) => return self.ideal_number(number),
            NodeKind::String { text, .. } => Value::String(text.clone()),
            _ => return self.fail(format!("can't evaluate command {}", quote(tree.print(id).as_bytes()))),
        };
        Ok(Operand::concrete(value))
    }

    /// The way a number is written decides its type.
    fn ideal_number(&self, number: &Number) -> Result<Operand, Fault> {
        let text = &number.text;
        let is_hexadecimal =
            text.len() > 2 && (text.starts_with("0x") || text.starts_with("0X")) && !text.contains(['p', 'P']);
        let value = match number {
            Number { complex: Some((real, imaginary)), .. } => {
                Value::Object(Rc::new(Complex { real: *real, imaginary: *imaginary }))
            }
            Number { float: Some(float), .. }
                if !is_hexadecimal && !text.starts_with('\'') && text.contains(['.', 'e', 'E', 'p', 'P']) =>
            {
                Value::Float(*float)
            }
            Number { integer: Some(integer), .. } => Value::int(*integer),
            Number { unsigned: Some(_), .. } => return self.fail(format!("{text} overflows int")),
            _ => Value::Nil,
        };
        Ok(Operand::concrete(value))
    }

    fn refuse_arguments(&self, tree: &Tree, arguments: &[NodeId], last: Option<&Operand>) -> Result<(), Fault> {
        if arguments.len() > 1 || last.is_some() {
            let first = arguments.first().map(|first| tree.print(*first)).unwrap_or_default();
            // Go prints the node itself, which for a pipeline is without its parentheses.
            return self.fail(format!("can't give argument to non-function {first}"));
        }
        Ok(())
    }

    pub(super) fn chain(
        &mut self,
        tree: &Tree,
        dot: &Operand,
        id: NodeId,
        arguments: &[NodeId],
        last: Option<Operand>,
    ) -> Result<Operand, Fault> {
        self.at(id);
        let NodeKind::Chain { node, fields } = &tree.node(id).kind else { return self.fail("not a chain") };
        self.at(*node);
        let receiver = match &tree.node(*node).kind {
            NodeKind::Nil => {
                self.at(id);
                return self.fail(format!("indirection through explicit nil in {}", tree.print(id)));
            }
            NodeKind::Pipeline { .. } => stack::grow(|| self.pipeline(tree, dot, *node))?,
            NodeKind::Identifier { name, callee } => self.function(tree, dot, *node, name, callee, *node, &[], None)?,
            NodeKind::Variable { .. } => self.variable(tree, dot, *node, &[], None)?,
            NodeKind::Field(inner) => self.field_chain(tree, dot, dot, *node, inner, &[], None)?,
            NodeKind::Dot => dot.clone(),
            _ => self.constant(tree, *node)?,
        };
        self.field_chain(tree, dot, &receiver, id, fields, arguments, last)
    }

    pub(super) fn variable(
        &mut self,
        tree: &Tree,
        dot: &Operand,
        id: NodeId,
        arguments: &[NodeId],
        last: Option<Operand>,
    ) -> Result<Operand, Fault> {
        self.at(id);
        let NodeKind::Variable { name, symbol, fields } = &tree.node(id).kind else {
            return self.fail("not a variable");
        };
        let operand = self.look_up(*symbol, name)?;
        if fields.is_empty() {
            self.refuse_arguments(tree, arguments, last.as_ref())?;
            return Ok(operand);
        }
        self.field_chain(tree, dot, &operand, id, fields, arguments, last)
    }

    fn look_up(&self, symbol: Symbol, name: &str) -> Result<Operand, Fault> {
        match self.variables[self.base..].iter().rev().find(|variable| variable.symbol == symbol) {
            Some(variable) => Ok(variable.operand.clone()),
            None => self.fail(format!("undefined variable: {name}")),
        }
    }

    pub(super) fn assign(&mut self, symbol: Symbol, name: &str, operand: Operand) -> Result<(), Fault> {
        match self.variables[self.base..].iter_mut().rev().find(|variable| variable.symbol == symbol) {
            Some(variable) => {
                variable.operand = operand;
                Ok(())
            }
            None => self.fail(format!("undefined variable: {name}")),
        }
    }

    #[expect(clippy::too_many_arguments, reason = "a call is the function, its names and places, and what it gets")]
    pub(super) fn function(
        &mut self,
        tree: &Tree,
        dot: &Operand,
        id: NodeId,
        name: &str,
        callee: &Callee,
        whole: NodeId,
        arguments: &[NodeId],
        last: Option<Operand>,
    ) -> Result<Operand, Fault> {
        self.at(id);
        match callee {
            Callee::Builtin(builtin) => self.call_builtin(tree, dot, *builtin, whole, arguments, last),
            Callee::Function(function) => self.call(tree, dot, function, whole, name, arguments, last),
        }
    }

    /// `.x.y.z`, perhaps with arguments for the last.
    #[expect(clippy::too_many_arguments, reason = "dot is for the arguments, the receiver for the fields")]
    pub(super) fn field_chain(
        &mut self,
        tree: &Tree,
        dot: &Operand,
        receiver: &Operand,
        id: NodeId,
        fields: &[Rc<str>],
        arguments: &[NodeId],
        last: Option<Operand>,
    ) -> Result<Operand, Fault> {
        let Some((final_field, inner)) = fields.split_last() else { return Ok(receiver.clone()) };
        let mut current: Option<Operand> = None;
        for field in inner {
            let from = current.as_ref().unwrap_or(receiver);
            let next = self.field(tree, dot, from, field, id, &[], None);
            current = Some(next.map_err(|fault| with_known_fields(fault, receiver, fields))?);
        }
        let from = current.as_ref().unwrap_or(receiver);
        let value = self.field(tree, dot, from, final_field, id, arguments, last);
        let value = value.map_err(|fault| with_known_fields(fault, receiver, fields))?;
        if let Some(observer) = self.observer.as_deref_mut() {
            let origin = self.origins.get(&receiver.value).map(|origin| &**origin);
            observer.read(Site { tree, node: id }, origin, fields);
        }
        Ok(value)
    }

    #[expect(clippy::too_many_arguments, reason = "a field may be a method with arguments")]
    fn field(
        &mut self,
        tree: &Tree,
        dot: &Operand,
        receiver: &Operand,
        name: &str,
        id: NodeId,
        arguments: &[NodeId],
        last: Option<Operand>,
    ) -> Result<Operand, Fault> {
        let has_arguments = arguments.len() > 1 || last.is_some();
        match &receiver.value {
            Value::Dict(dict) => {
                if has_arguments {
                    return self.fail(format!("{name} is not a method but has arguments"));
                }
                match entry(dict, name) {
                    Some(operand) => Ok(operand),
                    None if self.set.needs_keys() => {
                        self.fail(format!("map has no entry for key {}", quote(name.as_bytes())))
                    }
                    None => Ok(missing_entry(dict)),
                }
            }
            Value::Nil if receiver.is_interface => self.fail(format!("nil pointer evaluating interface {{}}.{name}")),
            Value::Nil if self.set.needs_keys() => {
                self.fail(format!("nil data; no entry for key {}", quote(name.as_bytes())))
            }
            Value::Nil => Ok(Operand::invalid()),
            Value::Object(object) => {
                if let Some(method) = object.method(name) {
                    return self.call(tree, dot, &Rc::new(method), id, name, arguments, last);
                }
                self.object_field(receiver, &**object, name, has_arguments)
            }
            _ => self.no_field(receiver, name),
        }
    }

    fn object_field(
        &self,
        receiver: &Operand,
        object: &dyn Object,
        name: &str,
        has_arguments: bool,
    ) -> Result<Operand, Fault> {
        match object.kind() {
            Kind::Map => {
                if has_arguments {
                    return self.fail(format!("{name} is not a method but has arguments"));
                }
                let value = object.field(name);
                let is_interface = value.is_none();
                Ok(Operand { value: value.unwrap_or_default(), is_interface })
            }
            Kind::Struct | Kind::Pointer => match object.field(name) {
                Some(_) if has_arguments => {
                    self.fail(format!("{name} has arguments but cannot be invoked as function"))
                }
                Some(value) => Ok(Operand::concrete(value)),
                None => self.no_field(receiver, name),
            },
            _ => self.no_field(receiver, name),
        }
    }

    fn no_field<T>(&self, receiver: &Operand, name: &str) -> Result<T, Fault> {
        self.fail(format!("can't evaluate field {name} in type {}", receiver.go_type()))
    }
}

fn entry(dict: &Dict, name: &str) -> Option<Operand> {
    let value = dict.borrow().get(name.as_bytes()).cloned()?;
    Some(Operand { value, is_interface: dict.element() == ElementType::Any })
}

/// The zero value of the map's elements.
fn missing_entry(dict: &Dict) -> Operand {
    Operand { value: dict.element().zero(), is_interface: dict.element() == ElementType::Any }
}

/// Adds the names that a map has where a chain of fields left it.
fn with_known_fields(mut fault: Fault, receiver: &Operand, fields: &[Rc<str>]) -> Fault {
    if fault.cause.is_some() || fault.exhausted.is_some() || !fault.suggestions.is_empty() {
        return fault;
    }
    let mut value = receiver.value.clone();
    for field in fields {
        let Value::Dict(dict) = &value else { break };
        let next = dict.get(field);
        match next {
            Some(next) if !next.is_nil() => value = next,
            _ => {
                let entries = dict.borrow();
                let names: Vec<_> = entries.keys().map(super::super::text::Text::to_str).collect();
                fault.suggestions = suggest(field, names.iter().map(|name| &**name));
                break;
            }
        }
    }
    fault
}
