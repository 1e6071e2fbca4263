//! Go's `reflect.DeepEqual`: same types all the way down, and nil differs from empty.

use std::rc::Rc;

use super::semver::Version;
use crate::template::{Dict, List, Object, Printed, Value, grow_stack};

/// Deeper than this, maps that hold themselves are being followed; Go takes them for equal.
const DEEPEST: usize = 10_000;

pub(super) fn deep_equal(left: &Value, right: &Value) -> bool {
    are_equal(left, right, 0)
}

fn are_equal(left: &Value, right: &Value, depth: usize) -> bool {
    match (left, right) {
        (Value::Nil, Value::Nil) => true,
        (Value::Bool(left), Value::Bool(right)) => left == right,
        (Value::Integer(left), Value::Integer(right)) => left == right,
        (Value::Float(left), Value::Float(right)) => left == right,
        (Value::String(left), Value::String(right)) => left == right,
        (Value::List(left), Value::List(right)) => grow_stack(|| are_lists_equal(left, right, depth)),
        (Value::Dict(left), Value::Dict(right)) => grow_stack(|| are_dicts_equal(left, right, depth)),
        (Value::Object(left), Value::Object(right)) => grow_stack(|| are_objects_equal(left, right, depth)),
        _ => false,
    }
}

fn are_lists_equal(left: &List, right: &List, depth: usize) -> bool {
    let (elements, others) = (left.elements(), right.elements());
    left.element() == right.element()
        && left.is_nil() == right.is_nil()
        && elements.len() == others.len()
        && (std::ptr::eq(elements, others)
            || depth > DEEPEST
            || elements.iter().zip(others).all(|(element, other)| are_equal(element, other, depth + 1)))
}

fn are_dicts_equal(left: &Dict, right: &Dict, depth: usize) -> bool {
    if left.element() != right.element() || left.type_name() != right.type_name() || left.is_nil() != right.is_nil() {
        return false;
    }
    if left.is_same(right) || depth > DEEPEST {
        return true;
    }
    let (entries, others) = (left.borrow(), right.borrow());
    entries.len() == others.len()
        && entries.iter().all(|(key, value)| others.get(key).is_some_and(|other| are_equal(value, other, depth + 1)))
}

fn are_objects_equal(left: &Rc<dyn Object>, right: &Rc<dyn Object>, depth: usize) -> bool {
    if Rc::ptr_eq(left, right) {
        return true;
    }
    if left.go_type() != right.go_type() || depth > DEEPEST {
        return false;
    }
    if let (Some(left), Some(right)) =
        (left.as_any().downcast_ref::<Version>(), right.as_any().downcast_ref::<Version>())
    {
        return left == right;
    }
    match (left.printed(), right.printed()) {
        (Printed::Text(left), Printed::Text(right)) => left == right,
        (Printed::As(left), Printed::As(right)) => are_equal(&left, &right, depth + 1),
        (Printed::Struct { fields: left, .. }, Printed::Struct { fields: right, .. }) => {
            left.len() == right.len()
                && left.iter().zip(&right).all(|((_, left), (_, right))| are_equal(left, right, depth + 1))
        }
        _ => false,
    }
}
