//! Arguments as a function's signature promises them. The machine has checked and converted them before the call, so
//! a value of another kind never comes here; should it, it counts as the kind's zero.

use crate::template::{CallError, Dict, Runtime, Value};

/// What a call gives.
pub(super) type Outcome = Result<Value, CallError>;

pub(super) fn bytes(arguments: &[Value], index: usize) -> &[u8] {
    match arguments.get(index) {
        Some(Value::String(text)) => text.as_bytes(),
        _ => b"",
    }
}

pub(super) fn int(arguments: &[Value], index: usize) -> i64 {
    match arguments.get(index) {
        Some(Value::Integer(integer)) => integer.bits,
        _ => 0,
    }
}

pub(super) fn dict(arguments: &[Value], index: usize) -> Dict {
    match arguments.get(index) {
        Some(Value::Dict(dict)) => dict.clone(),
        _ => Dict::new(),
    }
}

pub(super) fn value(arguments: &[Value], index: usize) -> Value {
    arguments.get(index).cloned().unwrap_or_default()
}

/// Elements of a list that is about to be made, taken from the budget of memory.
pub(super) fn allocate_elements(runtime: &mut dyn Runtime, count: usize) -> Result<(), CallError> {
    runtime.allocate(count.saturating_mul(size_of::<Value>()))
}

/// A text that a function has made, taken from the budget of memory.
pub(super) fn made(runtime: &mut dyn Runtime, text: Vec<u8>) -> Outcome {
    runtime.allocate(text.len())?;
    Ok(Value::string(text))
}

/// `&text[start..end]` as Go checks it; `None` where the template's function leaves a bound out.
pub(super) fn slice(text: &[u8], start: Option<i64>, end: Option<i64>) -> Result<&[u8], CallError> {
    let length = text.len() as i64;
    let (low, high) = (start.unwrap_or(0), end.unwrap_or(length));
    let problem = if high < 0 {
        format!("[:{high}]")
    } else if high > length {
        format!("[:{high}] with length {length}")
    } else if low < 0 {
        format!("[{low}:]")
    } else if low > high {
        format!("[{low}:{high}]")
    } else {
        return Ok(&text[low as usize..high as usize]);
    };
    Err(format!("runtime error: slice bounds out of range {problem}").into())
}
