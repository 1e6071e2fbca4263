//! Maps. Those that change a map change it for all who hold it.

use std::collections::BTreeMap;

use super::Table;
use super::arguments::{Outcome, allocate_elements, bytes, dict, value};
use super::merging::{self, Overwrite};
use super::printing::text_of;
use super::types::type_name;
use crate::template::{CallError, Dict, ElementType, Function, List, Parameter, Runtime, Text, Value};

use Parameter::{Any, String};

/// A plain map of the signatures.
const MAP: Parameter = Parameter::Dict;

pub(super) fn table() -> Table {
    vec![
        ("dict", Function::variadic(&[Any], make)),
        ("dig", Function::variadic(&[Any], dig)),
        ("get", Function::new(&[MAP, String], |_, a| Ok(entry(a).unwrap_or_else(|| Value::string(""))))),
        ("hasKey", Function::new(&[MAP, String], |_, a| Ok(Value::Bool(entry(a).is_some())))),
        ("keys", Function::variadic(&[MAP], keys)),
        ("merge", Function::variadic(&[MAP, MAP], |_, a| merge(a, Overwrite::No))),
        ("mergeOverwrite", Function::variadic(&[MAP, MAP], |_, a| merge(a, Overwrite::Yes))),
        ("mustMerge", Function::variadic(&[MAP, MAP], |_, a| must_merge(a, Overwrite::No))),
        ("mustMergeOverwrite", Function::variadic(&[MAP, MAP], |_, a| must_merge(a, Overwrite::Yes))),
        ("omit", Function::variadic(&[MAP, String], |runtime, a| chosen(runtime, a, false))),
        ("pick", Function::variadic(&[MAP, String], |runtime, a| chosen(runtime, a, true))),
        ("pluck", Function::variadic(&[String, MAP], pluck)),
        ("set", Function::new(&[MAP, String, Any], set)),
        ("unset", Function::new(&[MAP, String], unset)),
        ("values", Function::new(&[MAP], values)),
    ]
}

fn entry(arguments: &[Value]) -> Option<Value> {
    dict(arguments, 0).borrow().get(bytes(arguments, 1)).cloned()
}

fn key(arguments: &[Value], index: usize) -> Text {
    match &arguments[index] {
        Value::String(text) => text.clone(),
        _ => Text::default(),
    }
}

/// Keys and values by turns; a key without a value gets an empty text.
fn make(runtime: &mut dyn Runtime, arguments: &[Value]) -> Outcome {
    allocate_elements(runtime, arguments.len())?;
    let mut entries = BTreeMap::new();
    for pair in arguments.chunks(2) {
        let value = pair.get(1).cloned().unwrap_or_else(|| Value::string(""));
        entries.insert(text_of(&pair[0])?, value);
    }
    Ok(Value::Dict(Dict::from_entries(entries)))
}

fn set(_: &mut dyn Runtime, arguments: &[Value]) -> Outcome {
    let dict = dict(arguments, 0);
    if dict.is_nil() {
        return Err("assignment to entry in nil map".into());
    }
    dict.borrow_mut().insert(key(arguments, 1), value(arguments, 2));
    Ok(Value::Dict(dict.without_type_name()))
}

fn unset(_: &mut dyn Runtime, arguments: &[Value]) -> Outcome {
    let dict = dict(arguments, 0);
    // The entry is dropped after the borrow has ended.
    let removed = dict.borrow_mut().remove(bytes(arguments, 1));
    drop(removed);
    Ok(Value::Dict(dict.without_type_name()))
}

fn pluck(runtime: &mut dyn Runtime, arguments: &[Value]) -> Outcome {
    allocate_elements(runtime, arguments.len())?;
    let key = bytes(arguments, 0);
    let found = (1..arguments.len()).filter_map(|index| dict(arguments, index).borrow().get(key).cloned());
    Ok(Value::list(found.collect()))
}

/// Go's order is random; ours is that of the keys.
fn keys(runtime: &mut dyn Runtime, arguments: &[Value]) -> Outcome {
    let mut keys = Vec::new();
    for index in 0..arguments.len() {
        let dict = dict(arguments, index);
        allocate_elements(runtime, dict.len())?;
        keys.extend(dict.borrow().keys().cloned().map(Value::String));
    }
    Ok(Value::List(List::typed(keys, ElementType::String)))
}

/// In the order of the keys, where Go's is random.
fn values(runtime: &mut dyn Runtime, arguments: &[Value]) -> Outcome {
    let dict = dict(arguments, 0);
    allocate_elements(runtime, dict.len())?;
    let values = dict.borrow().values().cloned().collect();
    Ok(Value::list(values))
}

fn chosen(runtime: &mut dyn Runtime, arguments: &[Value], is_wanted: bool) -> Outcome {
    let dict = dict(arguments, 0);
    allocate_elements(runtime, dict.len())?;
    let named: Vec<&[u8]> = (1..arguments.len()).map(|index| bytes(arguments, index)).collect();
    let entries = dict.borrow();
    let chosen = entries.iter().filter(|(key, _)| named.contains(&key.as_bytes()) == is_wanted);
    Ok(Value::Dict(Dict::from_entries(chosen.map(|(key, value)| (key.clone(), value.clone())).collect())))
}

fn must_merge(arguments: &[Value], overwrite: Overwrite) -> Outcome {
    let mut target = dict(arguments, 0).without_type_name();
    for index in 1..arguments.len() {
        target = merging::merge(&target, &dict(arguments, index), overwrite)?;
    }
    Ok(Value::Dict(target))
}

/// What mergo refuses gives an empty text; where it panics, the call fails.
fn merge(arguments: &[Value], overwrite: Overwrite) -> Outcome {
    match must_merge(arguments, overwrite) {
        Err(CallError::Message(message)) if message == merging::DIFFERENT_TYPES => Ok(Value::string("")),
        outcome => outcome,
    }
}

/// Keys that lead to a value, what to take if one is missing, and the map.
fn dig(_: &mut dyn Runtime, arguments: &[Value]) -> Outcome {
    let [path @ .., default, dict] = arguments else {
        return Err("dig needs at least three arguments".into());
    };
    if path.is_empty() {
        return Err("dig needs at least three arguments".into());
    }
    let mut step = plain_map(dict)?;
    let keys: Vec<&Text> = path.iter().map(plain_text).collect::<Result<_, _>>()?;
    for (index, key) in keys.iter().enumerate() {
        let next = step.borrow().get(*key).cloned();
        match next {
            None => return Ok(default.clone()),
            Some(found) if index + 1 == keys.len() => return Ok(found),
            Some(next) => step = plain_map(&next)?,
        }
    }
    Ok(default.clone())
}

/// A Go type assertion, which no named map type passes.
fn plain_map(value: &Value) -> Result<Dict, CallError> {
    match value {
        Value::Dict(dict) if dict.type_name().is_none() && dict.element() == ElementType::Any => Ok(dict.clone()),
        other => Err(not_a(other, "map[string]interface {}")),
    }
}

fn plain_text(value: &Value) -> Result<&Text, CallError> {
    match value {
        Value::String(text) => Ok(text),
        other => Err(not_a(other, "string")),
    }
}

fn not_a(value: &Value, wanted: &str) -> CallError {
    let name = if value.is_nil() { "nil".into() } else { type_name(value) };
    format!("interface conversion: interface {{}} is {name}, not {wanted}").into()
}
