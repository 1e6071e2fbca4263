//! What counts as not set, and what to take then.

use super::Table;
use super::arguments::value;
use super::{copying, equality};
use crate::template::{Function, Parameter, Value};

use Parameter::{Any, Bool};

pub(super) fn table() -> Table {
    vec![
        ("all", Function::variadic(&[Any], |_, a| Ok(Value::Bool(!a.iter().any(is_empty))))),
        ("any", Function::variadic(&[Any], |_, a| Ok(Value::Bool(!a.iter().all(is_empty))))),
        (
            "coalesce",
            Function::variadic(&[Any], |_, a| Ok(a.iter().find(|value| !is_empty(value)).cloned().unwrap_or_default())),
        ),
        ("deepCopy", Function::new(&[Any], |_, a| copying::deep_copy(&a[0]))),
        ("deepEqual", Function::new(&[Any, Any], |_, a| Ok(Value::Bool(equality::deep_equal(&a[0], &a[1]))))),
        ("default", Function::variadic(&[Any, Any], |_, a| Ok(default(a)))),
        ("empty", Function::new(&[Any], |_, a| Ok(Value::Bool(is_empty(&a[0]))))),
        ("mustDeepCopy", Function::new(&[Any], |_, a| copying::deep_copy(&a[0]))),
        (
            "ternary",
            Function::new(&[Any, Any, Bool], |_, a| Ok(value(a, usize::from(!matches!(a[2], Value::Bool(true)))))),
        ),
    ]
}

fn default(arguments: &[Value]) -> Value {
    match arguments.get(1) {
        Some(given) if !is_empty(given) => given.clone(),
        _ => value(arguments, 0),
    }
}

/// Zero, false, nil, or of no length. Structs never are.
pub(super) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Nil => true,
        Value::Bool(bool) => !bool,
        Value::Integer(integer) => integer.bits == 0,
        Value::Float(float) => *float == 0.0,
        Value::String(text) => text.is_empty(),
        Value::List(list) => list.elements().is_empty(),
        Value::Dict(dict) => dict.is_empty(),
        Value::Object(object) => !object.is_true(),
    }
}
