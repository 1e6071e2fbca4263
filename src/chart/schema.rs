//! `values.schema.json`: whether values are what a chart expects, and what Helm says if not.

mod explain;
mod words;

use serde_json::Value as Json;

use super::Chart;
use super::error::ChartError;
use super::values::types::{go_type, to_json};
use crate::template::{Dict, Value};

/// Checks coalesced values against the schemas of the chart and of its subcharts.
pub fn validate(chart: &Chart, values: &Dict) -> Result<(), ChartError> {
    let found = violations(chart, values);
    if found.is_empty() {
        return Ok(());
    }
    Err(ChartError::Schema(format!(
        "values don't meet the specifications of the schema(s) in the following chart(s):\n{found}"
    )))
}

fn violations(chart: &Chart, values: &Dict) -> String {
    let mut found = String::new();
    if let Some(schema) = &chart.schema
        && let Err(error) = check(schema.data.as_bytes(), &Value::Dict(values.clone()))
    {
        found.push_str(&format!("{}:\n{error}", chart.name()));
    }
    for subchart in chart.dependencies() {
        match values.get(&subchart.name()) {
            None | Some(Value::Nil) => {}
            Some(Value::Dict(inner)) => found.push_str(&violations(subchart, &inner)),
            Some(other) => found.push_str(&format!(
                "{}:\ninvalid type for values: expected object (map), got {}\n",
                subchart.name(),
                go_type(&other)
            )),
        }
    }
    found
}

/// The verdict is the validator's, the words are made after it.
fn check(schema: &[u8], values: &Value) -> Result<(), String> {
    let text = String::from_utf8_lossy(schema);
    let schema: Json = serde_json::from_str(&text).map_err(|error| words::syntax(&text, &error))?;
    let values = to_json(values);
    // References to other documents are not followed: a chart's schema is its own.
    let validator = jsonschema::options()
        .with_base_uri("file:///values.schema.json")
        .build(&schema)
        .map_err(|error| words::invalid_schema(&schema, &error))?;
    if validator.is_valid(&values) {
        return Ok(());
    }
    if let Some(text) = explain::explain(&schema, &values) {
        return Err(format!("{text}\n"));
    }
    let flat: Vec<String> = validator
        .iter_errors(&values)
        .map(|error| format!("- at {}: {error}", words::quoted(&error.instance_path().to_string())))
        .collect();
    Err(format!("{}\n", flat.join("\n")))
}
