//! Draws what the library says: the only place that prints.

pub mod health;
pub mod history;
pub mod junit;
mod output;
pub mod plan;
pub mod status;
pub mod table;

use std::sync::Arc;

pub use output::Output;

use crate::engine::Event;

pub fn listener(output: &Output, json: bool) -> Arc<dyn Fn(Event) + Send + Sync> {
    let output = output.clone();
    Arc::new(move |event| {
        if json {
            json_event(&output, "", &serde_json::to_value(&event).unwrap_or_default());
        } else {
            output.stderr(&format!("{event:?}\n"));
        }
    })
}

pub fn json_event(output: &Output, name: &str, fields: &serde_json::Value) {
    let mut line = serde_json::json!({"apiVersion":"deploy/v1"});
    if !name.is_empty() { line["event"] = name.into(); }
    if let (Some(o), Some(f)) = (line.as_object_mut(), fields.as_object()) { for (k,v) in f { o.insert(k.clone(), v.clone()); } }
    output.stdout(&format!("{line}\n"));
}

pub fn json_result(output: &Output, document: &serde_json::Value) {
    json_event(output, "result", &serde_json::json!({"result": document}));
}
