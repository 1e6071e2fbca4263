//! Helm's functions of durations, which take durations, texts and numbers of seconds alike.

use super::duration::{Duration, SECOND};
use super::moment::method;
use super::named_number::NamedNumber;
use crate::functions::Table;
use crate::functions::floats::{parse_float, print_float};
use crate::template::{CallError, Function, Object, Parameter, Value, quote};

pub(super) fn table() -> Table {
    vec![
        ("mustToDuration", method(&[Parameter::Any], |arguments| Ok(read(&arguments[0])?.into()))),
        ("durationSeconds", measured(|duration| Value::Float(duration.seconds()))),
        ("durationMilliseconds", measured(|duration| Value::int64(duration.0 / 1_000_000))),
        ("durationMicroseconds", measured(|duration| Value::int64(duration.0 / 1_000))),
        ("durationNanoseconds", measured(|duration| Value::int64(duration.0))),
        ("durationMinutes", measured(|duration| Value::Float(duration.minutes()))),
        ("durationHours", measured(|duration| Value::Float(duration.hours()))),
        ("durationDays", measured(|duration| Value::Float(duration.hours() / 24.0))),
        ("durationWeeks", measured(|duration| Value::Float(duration.hours() / 24.0 / 7.0))),
        ("durationRoundTo", fitted(Duration::round)),
        ("durationTruncateTo", fitted(Duration::truncate)),
    ]
}

/// A number of units; none for what is no duration.
fn measured(measure: fn(Duration) -> Value) -> Function {
    method(&[Parameter::Any], move |arguments| Ok(measure(read(&arguments[0]).unwrap_or(Duration(0)))))
}

/// A duration fitted to another. What is no duration is none, and what fits nothing stays.
fn fitted(fit: fn(Duration, Duration) -> Duration) -> Function {
    method(&[Parameter::Any, Parameter::Any], move |arguments| {
        let Ok(duration) = read(&arguments[0]) else { return Ok(Duration(0).into()) };
        Ok(read(&arguments[1]).map_or(duration, |multiple| fit(duration, multiple)).into())
    })
}

fn read(value: &Value) -> Result<Duration, CallError> {
    match value {
        Value::Nil => Err("invalid duration".into()),
        Value::String(text) => from_text(text.as_bytes()),
        Value::Integer(integer) if integer.is_unsigned() => from_unsigned(integer.bits as u64),
        Value::Integer(integer) => from_integer(integer.bits),
        Value::Float(seconds) => from_float(*seconds),
        Value::Object(object) => from_object(object.as_ref()),
        other => Err(unsupported(&other.go_type())),
    }
}

fn from_object(object: &dyn Object) -> Result<Duration, CallError> {
    let any = object.as_any();
    if let Some(duration) = any.downcast_ref::<Duration>() {
        return Ok(*duration);
    }
    if let Some(number) = any.downcast_ref::<NamedNumber>() {
        return from_integer(number.number());
    }
    Err(unsupported(&object.go_type()))
}

fn unsupported(go_type: &str) -> CallError {
    CallError::Message(format!("unsupported duration type {go_type}"))
}

/// `1h2m3s`, or a number of seconds.
fn from_text(text: &[u8]) -> Result<Duration, CallError> {
    let lossy = String::from_utf8_lossy(text);
    // The spaces that Go trims are those that Rust trims.
    let trimmed = lossy.trim();
    if trimmed.is_empty() {
        return Err("empty duration".into());
    }
    if let Ok(duration) = Duration::parse(trimmed.as_bytes()) {
        return Ok(duration);
    }
    match parse_float(trimmed) {
        Some(seconds) => from_float(seconds),
        None => Err(CallError::Message(format!("could not parse duration {}", quote(text)))),
    }
}

fn from_integer(seconds: i64) -> Result<Duration, CallError> {
    seconds.checked_mul(SECOND).map(Duration).ok_or_else(|| overflow(&seconds.to_string()))
}

fn from_unsigned(seconds: u64) -> Result<Duration, CallError> {
    i64::try_from(seconds).map_err(|_| overflow(&seconds.to_string())).and_then(from_integer)
}

fn overflow(seconds: &str) -> CallError {
    CallError::Message(format!("duration seconds overflow: {seconds}"))
}

fn from_float(seconds: f64) -> Result<Duration, CallError> {
    if !seconds.is_finite() {
        return Err(CallError::Message(format!("invalid duration seconds: {}", print_float(seconds))));
    }
    let (most, least) = (i64::MAX as f64 / SECOND as f64, i64::MIN as f64 / SECOND as f64);
    if seconds > most || seconds < least {
        return Err(overflow(&print_float(seconds)));
    }
    let nanoseconds = seconds * SECOND as f64;
    if nanoseconds > i64::MAX as f64 || nanoseconds < i64::MIN as f64 {
        return Err(CallError::Message(format!("duration nanoseconds overflow: {}", print_float(nanoseconds))));
    }
    // One past the largest integer wraps on the processors that Helm runs on.
    let is_past_end = nanoseconds >= i64::MAX as f64;
    Ok(Duration(if is_past_end { i64::MIN } else { nanoseconds as i64 }))
}
