//! JSON and YAML in and out.

use super::Table;
use super::arguments::{Outcome, bytes, made, value};
use crate::go_json::{self, JsonError, Style};
use crate::go_yaml;
use crate::template::{CallError, Dict, ElementType, Function, List, Parameter, Runtime, Value};

/// Bytes that are read or written in one step.
const BYTES_PER_STEP: usize = 64;

pub(super) fn table() -> Table {
    let mut table = writing();
    table.extend(reading());
    table
}

fn writing() -> Table {
    let plain: Write = |value| words(go_json::write(value, Style::Html));
    let pretty: Write = |value| words(go_json::write_indented(value, "  "));
    let raw: Write = |value| words(go_json::write(value, Style::Raw));
    let yaml: Write = |value| words(go_yaml::write(value)).map(without_newline);
    let pretty_yaml: Write = |value| words(go_yaml::write_pretty(value)).map(without_newline);
    vec![
        ("toJson", lenient(plain)),
        ("mustToJson", strict(plain)),
        ("toPrettyJson", lenient(pretty)),
        ("mustToPrettyJson", strict(pretty)),
        // Sprig lets this one fail, whatever its name says.
        ("toRawJson", strict(raw)),
        ("mustToRawJson", strict(raw)),
        ("toYaml", lenient(yaml)),
        ("mustToYaml", strict(yaml)),
        (
            "toYamlPretty",
            Function::new(&[Parameter::Any], move |runtime, arguments| {
                let value = value(arguments, 0);
                match pretty_yaml(&value) {
                    // What the library panics on, Helm cannot swallow.
                    Err(problem) if problem.starts_with("yaml: cannot marshal type: ") => {
                        Err(problem["yaml: ".len()..].into())
                    }
                    text => written(runtime, text.unwrap_or_default()),
                }
            }),
        ),
    ]
}

fn reading() -> Table {
    vec![
        ("fromJson", reader(dict_of_json)),
        ("fromJsonArray", reader(list_of_json)),
        ("mustFromJson", reader(|text| go_json::read_any(text).map_err(|error| error.to_string().into()))),
        ("fromYaml", reader(dict_of_yaml)),
        ("fromYamlArray", reader(list_of_yaml)),
    ]
}

type Write = fn(&Value) -> Result<Vec<u8>, String>;

fn words<T, E: ToString>(result: Result<T, E>) -> Result<T, String> {
    result.map_err(|error| error.to_string())
}

fn without_newline(mut text: Vec<u8>) -> Vec<u8> {
    if text.last() == Some(&b'\n') {
        text.pop();
    }
    text
}

/// Writes nothing where it cannot write.
fn lenient(write: Write) -> Function {
    Function::new(&[Parameter::Any], move |runtime, arguments| {
        written(runtime, write(&value(arguments, 0)).unwrap_or_default())
    })
}

/// Fails where it cannot write.
fn strict(write: Write) -> Function {
    Function::new(&[Parameter::Any], move |runtime, arguments| written(runtime, write(&value(arguments, 0))?))
}

fn written(runtime: &mut dyn Runtime, text: Vec<u8>) -> Outcome {
    pay(runtime, &text)?;
    made(runtime, text)
}

fn reader(read: fn(&[u8]) -> Outcome) -> Function {
    Function::new(&[Parameter::String], move |runtime, arguments| {
        let text = bytes(arguments, 0);
        pay(runtime, text)?;
        // A value takes more room than its text, though not always this much.
        runtime.allocate(text.len().saturating_mul(8))?;
        read(text)
    })
}

fn pay(runtime: &mut dyn Runtime, text: &[u8]) -> Result<(), CallError> {
    runtime.spend((text.len() / BYTES_PER_STEP) as u64)
}

/// Helm puts the complaint beside what was read before it.
fn dict_of_json(text: &[u8]) -> Outcome {
    let dict = Dict::new();
    Ok(Value::Dict(match go_json::read_dict(text, &dict) {
        Ok(true) => dict,
        Ok(false) => Dict::nil(ElementType::Any),
        Err(error) => {
            dict.insert("Error", Value::string(error.to_string()));
            dict
        }
    }))
}

fn list_of_json(text: &[u8]) -> Outcome {
    Ok(match go_json::read_list(text) {
        Ok(Value::Nil) => Value::List(List::nil(ElementType::Any)),
        Ok(list) => list,
        Err(error) => complaint(&error),
    })
}

fn complaint(error: &JsonError) -> Value {
    Value::list(vec![Value::string(error.to_string())])
}

fn dict_of_yaml(text: &[u8]) -> Outcome {
    Ok(Value::Dict(go_yaml::read_dict(text).unwrap_or_else(|error| {
        let dict = Dict::new();
        dict.insert("Error", Value::string(error.to_string()));
        dict
    })))
}

fn list_of_yaml(text: &[u8]) -> Outcome {
    Ok(match go_yaml::read_list(text) {
        Ok(list) => Value::List(list),
        Err(error) => Value::list(vec![Value::string(error.to_string())]),
    })
}
