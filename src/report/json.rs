//! Events for scripts: one JSON object per line of stdout.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::output::Output;
use super::{API_VERSION, Reporter};
use crate::engine::Event;

/// Reports a run as JSON lines. The document that the command ends with is a line too: [`Json::result`].
pub struct Json {
    output: Arc<Output>,
}

impl Json {
    pub fn new(output: Arc<Output>) -> Self {
        Self { output }
    }

    /// An event that is not the engine's.
    pub fn line(output: &Output, name: &str, fields: &Value) {
        output.line(&line(&json!({ "event": name }), fields));
    }

    /// The last line: the document that the command would print without events, as an event.
    pub fn result(output: &Output, document: &Value) {
        output.line(&line(&json!({ "event": "result" }), document));
    }
}

impl Reporter for Json {
    fn event(&self, event: &Event) {
        let event = serde_json::to_value(event).unwrap_or_default();
        self.output.line(&line(&Value::Null, &event));
    }
}

/// `apiVersion` first, then `event`, then the fields as they come.
fn line(kind: &Value, fields: &Value) -> Value {
    let mut line = Map::from_iter([("apiVersion".to_owned(), API_VERSION.into())]);
    for (name, value) in [kind, fields].into_iter().filter_map(Value::as_object).flatten() {
        line.entry(name).or_insert_with(|| rounded(value));
    }
    Value::Object(line)
}

/// Seconds to the millisecond; more digits are noise.
fn rounded(value: &Value) -> Value {
    match value.as_f64() {
        Some(number) if value.is_f64() => json!((number * 1000.0).round() / 1000.0),
        _ => value.clone(),
    }
}
