//! `eq`, `lt` and their like.

use std::cmp::Ordering;

use super::complex::Complex;
use super::function::CallError;
use super::operand::Operand;
use super::print::{format_text, to_text};
use super::value::{Integer, Kind, Value};

/// What two values are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Kinds as far as comparison cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Basic {
    Other,
    Bool,
    Complex,
    Int,
    Float,
    String,
    Uint,
}

fn basic(value: &Value) -> Basic {
    match value.kind() {
        Kind::Bool => Basic::Bool,
        Kind::Int | Kind::Int8 | Kind::Int16 | Kind::Int32 | Kind::Int64 => Basic::Int,
        Kind::Uint | Kind::Uint8 | Kind::Uint16 | Kind::Uint32 | Kind::Uint64 => Basic::Uint,
        Kind::Float64 => Basic::Float,
        Kind::Complex128 => Basic::Complex,
        Kind::String => Basic::String,
        _ => Basic::Other,
    }
}

/// Whether a value equals at least one of the others.
pub(super) fn is_equal_to_any(first: &Value, others: &[Operand]) -> Result<bool, CallError> {
    if others.is_empty() {
        return Err("missing argument for comparison".into());
    }
    for other in others {
        if is_equal(first, &other.value)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The number that an object with a named integer type is.
fn plain(value: &Value) -> Option<Value> {
    let Value::Object(object) = value else { return None };
    if !matches!(basic(value), Basic::Int | Basic::Uint) {
        return None;
    }
    object.to_plain()
}

#[expect(clippy::float_cmp, reason = "Go compares so")]
fn is_equal(first: &Value, second: &Value) -> Result<bool, CallError> {
    let (first_number, second_number) = (plain(first), plain(second));
    let (first_type, second_type) = (first, second);
    let (first, second) = (first_number.as_ref().unwrap_or(first), second_number.as_ref().unwrap_or(second));
    let (left, right) = (basic(first), basic(second));
    if left == Basic::Other && right == Basic::Other {
        return is_equal_other(first, second);
    }
    match (first, second) {
        (Value::Integer(first), Value::Integer(second)) => Ok(compare_integers(*first, *second).is_eq()),
        _ if left != right => {
            if first.is_nil() || second.is_nil() {
                return Ok(false);
            }
            Err(incompatible(first_type, second_type))
        }
        (Value::Bool(first), Value::Bool(second)) => Ok(first == second),
        (Value::Float(first), Value::Float(second)) => Ok(first == second),
        _ if left == Basic::String => Ok(text_of(first) == text_of(second)),
        (Value::Object(first), Value::Object(second)) => {
            let first = first.as_any().downcast_ref::<Complex>();
            Ok(first.is_some() && first == second.as_any().downcast_ref::<Complex>())
        }
        _ => Ok(false),
    }
}

/// Neither has an order: nil, lists, maps, structs.
fn is_equal_other(first: &Value, second: &Value) -> Result<bool, CallError> {
    let (left, right) = (first.kind(), second.kind());
    if left != right && left != Kind::Invalid && right != Kind::Invalid {
        let (first_text, second_text) = (format_text(b"%s", std::slice::from_ref(first)), to_text(second));
        return Err(format!(
            "non-comparable types {first_text}: {}, {}: {second_text}",
            first.go_type(),
            second.go_type()
        )
        .into());
    }
    if is_nil(first) || is_nil(second) {
        return Ok(is_nil(first) == is_nil(second));
    }
    match (first, second) {
        (Value::Object(first), Value::Object(second)) => {
            Ok(std::rc::Rc::ptr_eq(first, second) || first.kind() == Kind::Struct && is_same_struct(first, second))
        }
        _ => Err(format!(
            "non-comparable type {}: {}",
            format_text(b"%s", std::slice::from_ref(second)),
            second.go_type()
        )
        .into()),
    }
}

/// Structs are equal if all their fields are; their printed form has all of them.
fn is_same_struct(
    first: &std::rc::Rc<dyn super::value::Object>,
    second: &std::rc::Rc<dyn super::value::Object>,
) -> bool {
    first.go_type() == second.go_type()
        && to_text(&Value::Object(std::rc::Rc::clone(first))) == to_text(&Value::Object(std::rc::Rc::clone(second)))
}

fn is_nil(value: &Value) -> bool {
    match value {
        Value::Nil => true,
        Value::List(list) => list.is_nil(),
        Value::Dict(dict) => dict.is_nil(),
        _ => false,
    }
}

fn incompatible(first: &Value, second: &Value) -> CallError {
    format!("incompatible types for comparison: {} and {}", first.go_type(), second.go_type()).into()
}

fn text_of(value: &Value) -> super::text::Text {
    to_text(value)
}

/// Whatever their signs.
fn compare_integers(first: Integer, second: Integer) -> Ordering {
    wide(first).cmp(&wide(second))
}

fn wide(integer: Integer) -> i128 {
    if integer.is_unsigned() { i128::from(integer.unsigned()) } else { i128::from(integer.bits) }
}

/// Built from less and equal as in Go, which shows with numbers that are none.
pub(super) fn relate(relation: Relation, first: &Value, second: &Operand) -> Result<bool, CallError> {
    let is_less = is_less(first, &second.value)?;
    let is_less_or_equal = || Ok::<_, CallError>(is_less || is_equal(first, &second.value)?);
    match relation {
        Relation::Less => Ok(is_less),
        Relation::LessOrEqual => is_less_or_equal(),
        Relation::Greater => Ok(!is_less_or_equal()?),
        Relation::GreaterOrEqual => Ok(!is_less),
    }
}

fn is_less(first: &Value, second: &Value) -> Result<bool, CallError> {
    let (first_number, second_number) = (plain(first), plain(second));
    let (first_type, second_type) = (first, second);
    let (first, second) = (first_number.as_ref().unwrap_or(first), second_number.as_ref().unwrap_or(second));
    let (left, right) = (basic(first), basic(second));
    if left == Basic::Other || right == Basic::Other {
        return Err("invalid type for comparison".into());
    }
    match (first, second) {
        (Value::Integer(first), Value::Integer(second)) => Ok(compare_integers(*first, *second).is_lt()),
        _ if left != right => Err(incompatible(first_type, second_type)),
        (Value::Float(first), Value::Float(second)) => Ok(first < second),
        _ if left == Basic::String => Ok(text_of(first) < text_of(second)),
        _ => Err("invalid type for comparison".into()),
    }
}
