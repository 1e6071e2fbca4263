//! Copies that share nothing, as copystructure makes them.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::arguments::Outcome;
use super::semver::Version;
use crate::template::{CallError, Dict, List, Value, grow_stack};

/// Go's stack overflows and ends the process somewhere beyond; ours must not.
const DEEPEST: usize = 10_000;

pub(super) fn deep_copy(value: &Value) -> Outcome {
    if value.is_nil() {
        return Err("reflect: call of reflect.Value.Type on zero Value".into());
    }
    copy(value, 0)
}

fn deeper(value: &Value, depth: usize) -> Outcome {
    grow_stack(|| copy(value, depth + 1))
}

fn copy(value: &Value, depth: usize) -> Outcome {
    if depth > DEEPEST {
        return Err(CallError::Budget("a copy goes too deep: does a map hold itself?".to_owned()));
    }
    Ok(match value {
        Value::List(list) if !list.is_nil() => {
            let elements: Result<Vec<Value>, CallError> =
                list.elements().iter().map(|element| deeper(element, depth)).collect();
            Value::List(List::typed(elements?, list.element()))
        }
        Value::Dict(dict) if !dict.is_nil() => {
            let entries: Result<BTreeMap<_, _>, CallError> =
                dict.borrow().iter().map(|(key, value)| Ok((key.clone(), deeper(value, depth)?))).collect();
            Value::Dict(Dict::typed(entries?, dict.element(), dict.type_name()))
        }
        // Unexported fields are left behind, and a version has no others.
        Value::Object(object) if object.as_any().is::<Version>() => Value::Object(Rc::new(Version::default())),
        _ => value.clone(),
    })
}
