//! Functions that run templates or end them.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use crate::template::{CallError, Function, Parameter, Runtime, Text, Value, quote};

/// `include`, `tpl`, `required`, `fail`, and those that would ask the world and get nothing.
pub(super) fn table() -> Vec<(&'static str, Function)> {
    let running: Rc<RefCell<HashMap<Text, u32>>> = Rc::default();
    vec![
        (
            "include",
            Function::new(&[Parameter::String, Parameter::Any], move |runtime, arguments| {
                include(runtime, &running, &text(arguments), arguments.get(1).unwrap_or(&Value::Nil))
            }),
        ),
        (
            "tpl",
            Function::new(&[Parameter::String, Parameter::Any], |runtime, arguments| {
                tpl(runtime, &text(arguments), arguments.get(1).unwrap_or(&Value::Nil))
            }),
        ),
        (
            "required",
            Function::new(&[Parameter::String, Parameter::Any], |_, arguments| match arguments.get(1) {
                None | Some(Value::Nil) => Err(wrapped(&text(arguments))),
                Some(Value::String(value)) if value.is_empty() => Err(wrapped(&text(arguments))),
                Some(value) => Ok(value.clone()),
            }),
        ),
        ("fail", Function::new(&[Parameter::String], |_, arguments| Err(wrapped(&text(arguments))))),
        (
            // There is no cluster to ask.
            "lookup",
            Function::new(&[Parameter::String; 4], |_, _| Ok(Value::Dict(crate::template::Dict::new()))),
        ),
        ("getHostByName", Function::new(&[Parameter::String], |_, _| Ok(Value::string("")))),
    ]
}

fn text(arguments: &[Value]) -> Text {
    match arguments.first() {
        Some(Value::String(text)) => text.clone(),
        _ => Text::default(),
    }
}

/// Marked, so that the chart's words are found in the chain of errors.
fn wrapped(words: &Text) -> CallError {
    CallError::Message(format!("HELM_ERR_START{words}HELM_ERR_END"))
}

/// Helm's own limit on how often a template may be within itself.
const DEEPEST: u32 = 1000;

fn include(
    runtime: &mut dyn Runtime,
    running: &RefCell<HashMap<Text, u32>>,
    name: &Text,
    data: &Value,
) -> Result<Value, CallError> {
    let depth = running.borrow().get(name).copied().unwrap_or(0);
    if depth > DEEPEST {
        let message = format!("rendering template has a nested reference name: {name}: ");
        return Err(CallError::Message("unable to execute template".to_owned()).wrap(message));
    }
    running.borrow_mut().insert(name.clone(), depth + 1);
    let result = runtime.execute_template(&name.to_str(), data);
    if let Some(count) = running.borrow_mut().get_mut(name) {
        *count -= 1;
    }
    result.map(Value::String)
}

fn tpl(runtime: &mut dyn Runtime, template: &Text, data: &Value) -> Result<Value, CallError> {
    let result = runtime.execute_text(template, data).map_err(|error| {
        let doing = if matches!(error, CallError::Parsing(_)) {
            "cannot parse template"
        } else {
            "error during tpl function execution for"
        };
        error.wrap(format!("{doing} {}: ", quote(template.as_bytes())))
    })?;
    Ok(Value::String(super::without_no_value(result)))
}
