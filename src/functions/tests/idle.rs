//! A runtime without templates, for functions that ask nothing of it.

use crate::functions::{Sources, Table};
use crate::template::{CallError, Function, Runtime, Text, Value};

pub(in crate::functions) struct Idle;

impl Runtime for Idle {
    fn execute_template(&mut self, _: &str, _: &Value) -> Result<Text, CallError> {
        Err("no templates".into())
    }

    fn execute_text(&mut self, _: &Text, _: &Value) -> Result<Text, CallError> {
        Err("no templates".into())
    }

    fn spend(&mut self, _: u64) -> Result<(), CallError> {
        Ok(())
    }

    fn allocate(&mut self, _: usize) -> Result<(), CallError> {
        Ok(())
    }
}

/// Functions with one seed, at the first second of the year 2026.
pub(in crate::functions) fn seeded() -> Table {
    let now = "2026-01-01T00:00:00Z".parse().expect("a time");
    crate::functions::sourced(&Sources::fixed(now, b"test"))
}

pub(in crate::functions) fn call(table: &Table, name: &str, arguments: &[Value]) -> Result<Value, CallError> {
    let function: &Function = &table.iter().find(|(known, _)| *known == name).expect("a function").1;
    (function.call)(&mut Idle, arguments)
}

pub(in crate::functions) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.to_string(),
        other => panic!("not a text: {other:?}"),
    }
}

pub(in crate::functions) fn field(value: &Value, name: &str) -> String {
    match value {
        Value::Object(object) => text(&object.field(name).expect("a field")),
        other => panic!("not an object: {other:?}"),
    }
}
