//! TOML in and out.

mod key;
mod parse;
mod scalar;
mod scanner;
mod text;
mod write;

use super::Table;
use super::arguments::{bytes, made, value};
use crate::template::{Dict, Function, Parameter, Value};

pub(super) fn table() -> Table {
    vec![
        (
            "toToml",
            Function::new(&[Parameter::Any], |runtime, arguments| {
                let argument = value(arguments, 0);
                match write::write(&argument) {
                    Ok(text) => made(runtime, text),
                    // The library panics instead of complaining.
                    Err(complaint) if argument.is_nil() => Err(complaint.into()),
                    Err(complaint) => Ok(Value::string(complaint)),
                }
            }),
        ),
        (
            "mustToToml",
            Function::new(&[Parameter::Any], |runtime, arguments| made(runtime, write::write(&value(arguments, 0))?)),
        ),
        (
            "fromToml",
            Function::new(&[Parameter::String], |runtime, arguments| {
                let parsed = parse::parse(runtime, bytes(arguments, 0))?;
                Ok(Value::Dict(parsed.unwrap_or_else(|complaint| {
                    let dict = Dict::new();
                    dict.insert("Error", Value::string(complaint));
                    dict
                })))
            }),
        ),
    ]
}
