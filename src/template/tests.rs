//! The language against Go: fixtures hold what Go 1.26 really answered.

mod functions;
mod golden;
mod laws;
mod limits;
mod machine;
mod observing;

use std::collections::BTreeMap;

use super::{Budget, Dict, ExecutionError, TemplateSet, Text, Value};

/// A set with the functions of the tests.
pub(super) fn set(templates: &[(&str, &str)]) -> TemplateSet {
    let mut set = TemplateSet::new("gotpl", functions::all());
    for (name, text) in templates {
        set.add(name, *text).expect("the template parses");
    }
    set
}

/// Runs one text on data.
pub(super) fn run(text: &str, data: &Value) -> Result<String, ExecutionError> {
    set(&[("t", text)]).execute("t", data, &Budget::default(), None).map(|output| output.to_string())
}

/// JSON as Go decodes it: every number is a float.
pub(super) fn value(json: &serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::Nil,
        serde_json::Value::Bool(flag) => Value::Bool(*flag),
        serde_json::Value::Number(number) => Value::Float(number.as_f64().expect("a float")),
        serde_json::Value::String(text) => Value::string(text.as_str()),
        serde_json::Value::Array(elements) => Value::list(elements.iter().map(value).collect()),
        serde_json::Value::Object(entries) => {
            let entries = entries.iter().map(|(key, inner)| (Text::from(key.as_str()), value(inner)));
            Value::Dict(Dict::from_entries(entries.collect::<BTreeMap<_, _>>()))
        }
    }
}
