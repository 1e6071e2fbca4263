//! Lists. Go's `reflect` lets them all take slices of any type; results are `[]interface {}` unless said otherwise.

use super::Table;
use super::arguments::{Outcome, allocate_elements, int};
use super::cast::to_int;
use super::defaults::is_empty;
use super::equality::deep_equal;
use super::types::kind_name;
use crate::template::{CallError, ElementType, Function, Kind, List, Parameter, Runtime, Value};

use Parameter::{Any, Int};

/// What Go says where it follows a pointer to nothing, such as the type of nil.
pub(super) const NIL_POINTER: &str = "runtime error: invalid memory address or nil pointer dereference";

pub(super) fn table() -> Table {
    let mut table = vec![
        ("concat", Function::variadic(&[Any], concat)),
        ("list", Function::variadic(&[Any], |_, a| Ok(Value::list(a.to_vec())))),
        ("tuple", Function::variadic(&[Any], |_, a| Ok(Value::list(a.to_vec())))),
    ];
    table.extend(twice("append", "mustAppend", || Function::new(&[Any, Any], push)));
    table.extend(twice("push", "mustPush", || Function::new(&[Any, Any], push)));
    table.extend(twice("prepend", "mustPrepend", || Function::new(&[Any, Any], prepend)));
    table.extend(twice("chunk", "mustChunk", || Function::new(&[Int, Any], |r, a| chunk(r, int(a, 0), &a[1]))));
    table.extend(twice("first", "mustFirst", || Function::new(&[Any], first)));
    table.extend(twice("last", "mustLast", || Function::new(&[Any], last)));
    table.extend(twice("rest", "mustRest", || Function::new(&[Any], rest)));
    table.extend(twice("initial", "mustInitial", || Function::new(&[Any], initial)));
    table.extend(twice("reverse", "mustReverse", || Function::new(&[Any], reverse)));
    table.extend(twice("compact", "mustCompact", || Function::new(&[Any], compact)));
    table.extend(twice("uniq", "mustUniq", || Function::new(&[Any], unique)));
    table.extend(twice("without", "mustWithout", || Function::variadic(&[Any, Any], without)));
    table.extend(twice("has", "mustHas", || Function::new(&[Any, Any], has)));
    table.extend(twice("slice", "mustSlice", || Function::variadic(&[Any, Any], slice)));
    table
}

/// Under two names, since both fail with the same words.
fn twice(
    name: &'static str,
    must_name: &'static str,
    function: impl Fn() -> Function,
) -> [(&'static str, Function); 2] {
    [(name, function()), (must_name, function())]
}

/// The elements of a list of any type. `complaint` stands before the kind of anything else.
fn elements(value: &Value, complaint: &str) -> Result<Vec<Value>, CallError> {
    match value {
        Value::List(list) => Ok(list.elements().to_vec()),
        Value::Nil => Err(NIL_POINTER.into()),
        Value::Object(object) if matches!(object.kind(), Kind::Slice | Kind::Array) => {
            Ok(object.entries().unwrap_or_default().into_iter().map(|(_, element)| element).collect())
        }
        _ => Err(format!("{complaint} {}", kind_name(value)).into()),
    }
}

fn push(runtime: &mut dyn Runtime, arguments: &[Value]) -> Outcome {
    let mut list = elements(&arguments[0], "Cannot push on type")?;
    allocate_elements(runtime, list.len() + 1)?;
    list.push(arguments[1].clone());
    Ok(Value::list(list))
}

fn prepend(runtime: &mut dyn Runtime, arguments: &[Value]) -> Outcome {
    let mut list = elements(&arguments[0], "Cannot prepend on type")?;
    allocate_elements(runtime, list.len() + 1)?;
    list.insert(0, arguments[1].clone());
    Ok(Value::list(list))
}

fn concat(runtime: &mut dyn Runtime, arguments: &[Value]) -> Outcome {
    let mut all = Vec::new();
    for argument in arguments {
        let part = match elements(argument, "Cannot concat type") {
            Err(CallError::Message(message)) if message != NIL_POINTER => {
                return Err(CallError::Message(message + " as list"));
            }
            part => part?,
        };
        allocate_elements(runtime, part.len())?;
        all.extend(part);
    }
    Ok(if all.is_empty() { Value::List(List::nil(ElementType::Any)) } else { Value::list(all) })
}

fn first(_: &mut dyn Runtime, arguments: &[Value]) -> Outcome {
    match &arguments[0] {
        Value::List(list) => Ok(list.elements().first().cloned().unwrap_or_default()),
        other => Ok(elements(other, "Cannot find first on type")?.into_iter().next().unwrap_or_default()),
    }
}

fn last(_: &mut dyn Runtime, arguments: &[Value]) -> Outcome {
    match &arguments[0] {
        Value::List(list) => Ok(list.elements().last().cloned().unwrap_or_default()),
        other => Ok(elements(other, "Cannot find last on type")?.pop().unwrap_or_default()),
    }
}

fn rest(runtime: &mut dyn Runtime, arguments: &[Value]) -> Outcome {
    let mut list = elements(&arguments[0], "Cannot find rest on type")?;
    if list.is_empty() {
        return Ok(Value::List(List::nil(ElementType::Any)));
    }
    list.remove(0);
    allocate_elements(runtime, list.len())?;
    Ok(Value::list(list))
}

fn initial(runtime: &mut dyn Runtime, arguments: &[Value]) -> Outcome {
    let mut list = elements(&arguments[0], "Cannot find initial on type")?;
    if list.pop().is_none() {
        return Ok(Value::List(List::nil(ElementType::Any)));
    }
    allocate_elements(runtime, list.len())?;
    Ok(Value::list(list))
}

fn reverse(runtime: &mut dyn Runtime, arguments: &[Value]) -> Outcome {
    let mut list = elements(&arguments[0], "Cannot find reverse on type")?;
    allocate_elements(runtime, list.len())?;
    list.reverse();
    Ok(Value::list(list))
}

fn compact(runtime: &mut dyn Runtime, arguments: &[Value]) -> Outcome {
    let mut list = elements(&arguments[0], "Cannot compact on type")?;
    allocate_elements(runtime, list.len())?;
    list.retain(|element| !is_empty(element));
    Ok(Value::list(list))
}

fn unique(runtime: &mut dyn Runtime, arguments: &[Value]) -> Outcome {
    let list = elements(&arguments[0], "Cannot find uniq on type")?;
    allocate_elements(runtime, list.len())?;
    let mut kept: Vec<Value> = Vec::new();
    for element in list {
        runtime.spend(1 + kept.len() as u64 / 64)?;
        if !kept.iter().any(|known| deep_equal(&element, known)) {
            kept.push(element);
        }
    }
    Ok(Value::list(kept))
}

fn without(runtime: &mut dyn Runtime, arguments: &[Value]) -> Outcome {
    let mut list = elements(&arguments[0], "Cannot find without on type")?;
    allocate_elements(runtime, list.len())?;
    list.retain(|element| !arguments[1..].iter().any(|omitted| deep_equal(element, omitted)));
    Ok(Value::list(list))
}

fn has(_: &mut dyn Runtime, arguments: &[Value]) -> Outcome {
    let found = match &arguments[1] {
        Value::Nil => false,
        Value::List(list) => list.elements().iter().any(|element| deep_equal(&arguments[0], element)),
        other => elements(other, "Cannot find has on type")?.iter().any(|element| deep_equal(&arguments[0], element)),
    };
    Ok(Value::Bool(found))
}

/// From the first index up to the second, as a list of the same type; nil for an empty list.
fn slice(runtime: &mut dyn Runtime, arguments: &[Value]) -> Outcome {
    let list = elements(&arguments[0], "list should be type of slice or array but")?;
    if list.is_empty() {
        return Ok(Value::Nil);
    }
    let start = arguments.get(1).map_or(0, to_int);
    let end = arguments.get(2).map_or(list.len() as i64, to_int);
    let bounds = usize::try_from(start).ok().zip(usize::try_from(end).ok());
    let Some(part) = bounds.and_then(|(start, end)| list.get(start..end)) else {
        return Err("reflect.Value.Slice: slice index out of bounds".into());
    };
    allocate_elements(runtime, part.len())?;
    let element = match &arguments[0] {
        Value::List(list) => list.element(),
        _ => ElementType::Any,
    };
    Ok(Value::List(List::typed(part.to_vec(), element)))
}

/// Lists of `size` elements each, the last of the rest. The count is sprig's floating point arithmetic, which decides
/// what sizes below one do.
fn chunk(runtime: &mut dyn Runtime, size: i64, list: &Value) -> Outcome {
    let list = elements(list, "Cannot chunk type")?;
    let length = list.len() as i64;
    let count = float_to_int(((length - 1) as f64 / size as f64).floor() + 1.0);
    if count < 0 {
        return Err("runtime error: makeslice: len out of range".into());
    }
    allocate_elements(runtime, list.len() + count as usize)?;
    let mut chunks = Vec::new();
    for index in 0..count {
        let is_last = index == count - 1;
        let rest = if is_last { float_to_int((length as f64 % size as f64).floor()) } else { 0 };
        let chunk_size = if rest == 0 { size } else { rest };
        let Ok(chunk_length) = usize::try_from(chunk_size) else {
            return Err("runtime error: makeslice: len out of range".into());
        };
        let start = (index * size) as usize;
        match list.get(start..start.saturating_add(chunk_length)) {
            Some(chunk) => chunks.push(Value::list(chunk.to_vec())),
            None => return Err("reflect: slice index out of range".into()),
        }
    }
    Ok(Value::List(List::typed(chunks, ElementType::List)))
}

/// As amd64 converts: what does not fit is the least number.
pub(super) fn float_to_int(number: f64) -> i64 {
    // The bounds are exact: 2^63 is the first number that does not fit.
    if (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&number) { number as i64 } else { i64::MIN }
}
