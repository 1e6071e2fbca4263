//! The few fields of an object that sorting needs.

use std::collections::BTreeMap;

use super::manifest::Head;
use crate::go_yaml::{Shape, StructShape, UnknownFields, read_shape};
use crate::template::{Dict, Value};

const METADATA: Shape = Shape::Pointer(&Shape::Struct(&StructShape {
    name: "",
    go_type: r#"struct { Name string "json:\"name\""; Annotations map[string]string "json:\"annotations\"" }"#,
    fields: &[
        ("name", Shape::String),
        ("annotations", Shape::Map { element: &Shape::String, go_type: "map[string]string" }),
    ],
}));

const HEAD: Shape = Shape::Struct(&StructShape {
    name: "SimpleHead",
    go_type: "util.SimpleHead",
    fields: &[("apiVersion", Shape::String), ("kind", Shape::String), ("metadata", METADATA)],
});

/// Errors are in Helm's words.
pub(super) fn read(document: &[u8]) -> Result<Head, String> {
    let fields = match read_shape(document, &HEAD, UnknownFields::Ignored) {
        Ok(Value::Dict(fields)) => fields,
        Ok(_) => Dict::new(),
        Err(error) => return Err(error.to_string()),
    };
    let mut head = Head { api_version: text(&fields, "apiVersion"), kind: text(&fields, "kind"), ..Head::default() };
    if let Some(Value::Dict(metadata)) = fields.get("metadata") {
        head.name = text(&metadata, "name");
        if let Some(Value::Dict(annotations)) = metadata.get("annotations") {
            head.annotations = Some(texts(&annotations));
        }
    }
    Ok(head)
}

fn text(fields: &Dict, name: &str) -> String {
    match fields.get(name) {
        Some(Value::String(text)) => text.to_str().into_owned(),
        _ => String::new(),
    }
}

fn texts(dict: &Dict) -> BTreeMap<String, String> {
    let shown = |value: &Value| match value {
        Value::String(text) => text.to_str().into_owned(),
        _ => String::new(),
    };
    dict.borrow().iter().map(|(key, value)| (key.to_str().into_owned(), shown(value))).collect()
}
