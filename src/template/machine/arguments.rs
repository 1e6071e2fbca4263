//! What a call gets: arguments are evaluated, checked against the parameter's type and converted to it.

use super::super::function::Parameter;
use super::super::operand::Operand;
use super::super::stack;
use super::super::tree::{NodeId, NodeKind, Tree};
use super::super::value::{Dict, ElementType, Integer, IntegerKind, List, Value};
use super::{Fault, Machine};

impl Machine<'_> {
    pub(super) fn argument(
        &mut self,
        tree: &Tree,
        dot: &Operand,
        parameter: Parameter,
        id: NodeId,
    ) -> Result<Operand, Fault> {
        self.at(id);
        let operand = match &tree.node(id).kind {
            NodeKind::Dot => dot.clone(),
            NodeKind::Nil => {
                return match zero(parameter) {
                    Some(operand) => Ok(operand),
                    None => self.fail(format!("cannot assign nil to {}", parameter.go_type())),
                };
            }
            NodeKind::Field(fields) => self.field_chain(tree, dot, dot, id, fields, &[], None)?,
            NodeKind::Variable { .. } => self.variable(tree, dot, id, &[], None)?,
            NodeKind::Pipeline { .. } => stack::grow(|| self.pipeline(tree, dot, id))?,
            NodeKind::Identifier { name, callee } => self.function(tree, dot, id, name, callee, id, &[], None)?,
            NodeKind::Chain { .. } => self.chain(tree, dot, id, &[], None)?,
            _ => return self.constant_for(tree, parameter, id),
        };
        self.check(operand, parameter)
    }

    /// A constant, which must have been written as the type needs it.
    fn constant_for(&mut self, tree: &Tree, parameter: Parameter, id: NodeId) -> Result<Operand, Fault> {
        let kind = &tree.node(id).kind;
        let (expected, value) = match parameter {
            Parameter::Any | Parameter::Reflect => return self.constant(tree, id),
            Parameter::Bool => ("bool", bool_constant(kind)),
            Parameter::Float64 => ("float", float_constant(kind)),
            Parameter::String => ("string", string_constant(kind)),
            Parameter::Int => ("integer", integer_constant(kind, IntegerKind::Int)),
            Parameter::Int64 => ("integer", integer_constant(kind, IntegerKind::Int64)),
            Parameter::Uint32 => ("unsigned integer", unsigned_constant(kind)),
            Parameter::Rune => ("integer", integer_constant(kind, IntegerKind::Int32)),
            _ => {
                let node = tree.print(id);
                return self.fail(format!("can't handle {node} for arg of type {}", parameter.go_type()));
            }
        };
        match value {
            Some(value) => Ok(Operand::concrete(value)),
            None => self.fail(format!("expected {expected}; found {}", tree.print(id))),
        }
    }

    /// A value that is there already, as the parameter needs it.
    pub(super) fn check(&self, operand: Operand, parameter: Parameter) -> Result<Operand, Fault> {
        if operand.is_invalid() {
            return match zero(parameter) {
                Some(zero) => Ok(zero),
                None => self.fail(format!("invalid value; expected {}", parameter.go_type())),
            };
        }
        if fits(&operand.value, parameter) {
            return Ok(operand);
        }
        let found = if operand.value.is_nil() { operand.go_type() } else { operand.value.go_type() };
        self.fail(format!("wrong type for value; expected {}; got {found}", parameter.go_type()))
    }
}

/// What nil becomes. None: the type has no nil.
fn zero(parameter: Parameter) -> Option<Operand> {
    let value = match parameter {
        Parameter::Any | Parameter::Reflect => Value::Nil,
        Parameter::List => Value::List(List::nil(ElementType::Any)),
        Parameter::Strings => Value::List(List::nil(ElementType::String)),
        Parameter::Bytes => Value::List(List::nil(ElementType::Byte)),
        Parameter::Dict => Value::Dict(Dict::nil(ElementType::Any)),
        Parameter::Named(name) if is_nilable(name) => Value::Nil,
        _ => return None,
    };
    Some(Operand::concrete(value))
}

/// By the name of the type, as far as that tells.
fn is_nilable(name: &str) -> bool {
    ["*", "map[", "[]", "func(", "chan "].iter().any(|start| name.starts_with(start)) || name == "error"
}

/// Go's assignability, with one pointer taken away where that helps.
pub(super) fn fits(value: &Value, parameter: Parameter) -> bool {
    match (parameter, value) {
        (Parameter::Any | Parameter::Reflect, _)
        | (Parameter::Bool, Value::Bool(_))
        | (Parameter::Float64, Value::Float(_))
        | (Parameter::String, Value::String(_)) => true,
        (Parameter::Int, Value::Integer(integer)) => integer.kind == IntegerKind::Int,
        (Parameter::Int64, Value::Integer(integer)) => integer.kind == IntegerKind::Int64,
        (Parameter::Uint32, Value::Integer(integer)) => integer.kind == IntegerKind::Uint32,
        (Parameter::Rune, Value::Integer(integer)) => integer.kind == IntegerKind::Int32,
        (Parameter::List, Value::List(list)) => list.element() == ElementType::Any,
        (Parameter::Strings, Value::List(list)) => list.element() == ElementType::String,
        (Parameter::Bytes, Value::List(list)) => list.element() == ElementType::Byte,
        (Parameter::Dict, Value::Dict(dict)) => dict.element() == ElementType::Any,
        (Parameter::Named(name), value) => {
            let found = value.go_type();
            found == name || found.strip_prefix('*') == Some(name)
        }
        _ => false,
    }
}

fn bool_constant(kind: &NodeKind) -> Option<Value> {
    if let NodeKind::Bool(value) = kind { Some(Value::Bool(*value)) } else { None }
}

fn string_constant(kind: &NodeKind) -> Option<Value> {
    if let NodeKind::String { text, .. } = kind { Some(Value::String(text.clone())) } else { None }
}

fn float_constant(kind: &NodeKind) -> Option<Value> {
    if let NodeKind::Number(number) = kind { number.float.map(Value::Float) } else { None }
}

fn integer_constant(kind: &NodeKind, integer: IntegerKind) -> Option<Value> {
    let NodeKind::Number(number) = kind else { return None };
    let bits = number.integer?;
    let bits = if integer == IntegerKind::Int32 { i64::from(bits as i32) } else { bits };
    Some(Value::Integer(Integer { bits, kind: integer }))
}

/// Cut to 32 bits, as Go's `SetUint` does.
fn unsigned_constant(kind: &NodeKind) -> Option<Value> {
    let NodeKind::Number(number) = kind else { return None };
    let bits = i64::from(number.unsigned? as u32);
    Some(Value::Integer(Integer { bits, kind: IntegerKind::Uint32 }))
}
