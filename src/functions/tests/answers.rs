//! What Helm's own engine answered: the same templates and values must give the same here.
//!
//! Each line of `*.jsonl` has a template (or several), values, and Go's output or the words of its error.

use serde_json::{Value as Json, json};

use crate::functions::{Sources, Surroundings, for_chart, without_missing};
use crate::template::{Budget, Dict, TemplateSet, Text, Value};

/// As Go reads JSON: every number is a float.
fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::Nil,
        Json::Bool(bool) => Value::Bool(*bool),
        Json::Number(number) => Value::Float(number.as_f64().unwrap()),
        Json::String(text) => Value::string(text.as_str()),
        Json::Array(elements) => Value::list(elements.iter().map(value).collect()),
        Json::Object(entries) => {
            let entries = entries.iter().map(|(key, entry)| (Text::from(key.as_str()), value(entry)));
            Value::Dict(Dict::from_entries(entries.collect()))
        }
    }
}

/// The template `c/templates/t` and its partials.
fn texts(case: &Json) -> Vec<(String, &str)> {
    match &case["templates"] {
        Json::Object(texts) => texts.iter().map(|(name, text)| (format!("c/{name}"), text.as_str().unwrap())).collect(),
        _ => vec![("c/templates/t".to_owned(), case["template"].as_str().unwrap())],
    }
}

fn answer(case: &Json) -> Result<Text, String> {
    let sources = Sources::fixed("2026-01-01T00:00:00Z".parse().unwrap(), b"answers");
    let mut surroundings = Surroundings::offline(sources);
    surroundings.is_linting = case["lint"] == json!(true);
    let mut set = TemplateSet::new("gotpl", for_chart(&surroundings));
    for (name, text) in texts(case) {
        set.add(&name, text).map_err(|error| error.to_string())?;
    }
    let values = if case["values"].is_object() { value(&case["values"]) } else { Value::Dict(Dict::new()) };
    let Value::Dict(values) = values else { unreachable!() };
    let values = Dict::typed(values.borrow().clone(), crate::template::ElementType::Any, Some("common.Values"));
    let root = Dict::new();
    root.insert("Values", Value::Dict(values));
    root.insert("Template", value(&json!({"Name": "c/templates/t", "BasePath": "c/templates"})));
    set.execute("c/templates/t", &Value::Dict(root), &Budget::default(), None)
        .map(without_missing)
        .map_err(|error| error.to_string().replace("HELM_ERR_START", "").replacen("HELM_ERR_END", "", 1))
}

fn compare(answers: &str) {
    let mut differences = Vec::new();
    for line in answers.lines() {
        let case: Json = serde_json::from_str(line).unwrap();
        let is_same = match (answer(&case), &case["output"], &case["error"]) {
            (Ok(output), Json::String(expected), _) => output.to_str() == *expected,
            (Err(error), _, Json::String(expected)) => error.ends_with(expected.as_str()) || error.contains(expected),
            _ => false,
        };
        if !is_same {
            differences.push(format!("Go:   {line}\n  here: {:?}", answer(&case)));
        }
    }
    assert!(differences.is_empty(), "{} differences\n{}", differences.len(), differences.join("\n"));
}

#[test]
fn dates() {
    compare(include_str!("dates.jsonl"));
}

#[test]
fn toml() {
    compare(include_str!("toml.jsonl"));
}

#[test]
fn documents() {
    compare(include_str!("documents.jsonl"));
}

#[test]
fn helm() {
    // Nested includes and texts go deep, and Go grows its stack.
    std::thread::Builder::new()
        .stack_size(64 << 20)
        .spawn(|| compare(include_str!("helm.jsonl")))
        .unwrap()
        .join()
        .unwrap();
}

#[test]
fn crypto() {
    compare(include_str!("crypto.jsonl"));
}

#[test]
fn random() {
    compare(include_str!("random.jsonl"));
}
