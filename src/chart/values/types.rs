//! Values between JSON, Go's type names and copies.

use std::collections::BTreeMap;

use crate::template::{Dict, ElementType, IntegerKind, List, Text, Value};

/// As `encoding/json` reads into `interface {}`: every number is a float.
pub(crate) fn from_json(value: &serde_json::Value) -> Value {
    match value {
        serde_json::Value::Null => Value::Nil,
        serde_json::Value::Bool(value) => Value::Bool(*value),
        serde_json::Value::Number(number) => Value::Float(number.as_f64().unwrap_or(f64::NAN)),
        serde_json::Value::String(text) => Value::string(text.as_str()),
        serde_json::Value::Array(elements) => Value::list(elements.iter().map(from_json).collect()),
        serde_json::Value::Object(entries) => {
            let entries = entries.iter().map(|(key, value)| (Text::from(key.as_str()), from_json(value)));
            Value::Dict(Dict::from_entries(entries.collect()))
        }
    }
}

/// For schema validation, release records and tests. A whole float becomes an integer, as Go's encoder writes it.
pub(crate) fn to_json(value: &Value) -> serde_json::Value {
    match value {
        Value::Nil => serde_json::Value::Null,
        Value::Bool(value) => (*value).into(),
        Value::Integer(integer) if integer.is_unsigned() => integer.bits.cast_unsigned().into(),
        Value::Integer(integer) => integer.bits.into(),
        Value::Float(number) => number_to_json(*number),
        Value::String(text) => text.to_str().into_owned().into(),
        Value::List(list) if list.is_nil() => serde_json::Value::Null,
        Value::List(list) => list.elements().iter().map(to_json).collect(),
        Value::Dict(dict) if dict.is_nil() => serde_json::Value::Null,
        Value::Dict(dict) => {
            dict.borrow().iter().map(|(key, value)| (key.to_str().into_owned(), to_json(value))).collect()
        }
        Value::Object(object) => object.to_plain().as_ref().map_or(serde_json::Value::Null, to_json),
    }
}

fn number_to_json(number: f64) -> serde_json::Value {
    // Beyond this, Go writes an exponent, and neighbours are more than one apart.
    const LARGEST_WHOLE: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() <= LARGEST_WHOLE && !(number == 0.0 && number.is_sign_negative()) {
        return (number as i64).into();
    }
    serde_json::Number::from_f64(number).map_or(serde_json::Value::Null, serde_json::Value::Number)
}

/// A copy that shares nothing which can change.
pub(crate) fn deep_copy(value: &Value) -> Value {
    match value {
        Value::Dict(dict) => Value::Dict(copy_dict(dict)),
        Value::List(list) if !list.is_nil() => {
            Value::List(List::typed(list.elements().iter().map(deep_copy).collect(), list.element()))
        }
        other => other.clone(),
    }
}

pub(crate) fn copy_dict(dict: &Dict) -> Dict {
    if dict.is_nil() {
        return dict.clone();
    }
    let entries: BTreeMap<Text, Value> =
        dict.borrow().iter().map(|(key, value)| (key.clone(), deep_copy(value))).collect();
    Dict::typed(entries, dict.element(), dict.type_name())
}

/// As `%T` prints it.
pub(crate) fn go_type(value: &Value) -> String {
    match value {
        Value::Nil => "nil".to_owned(),
        Value::Bool(_) => "bool".to_owned(),
        Value::Integer(integer) => integer_type(integer.kind).to_owned(),
        Value::Float(_) => "float64".to_owned(),
        Value::String(_) => "string".to_owned(),
        Value::List(list) => format!("[]{}", element_type(list.element())),
        Value::Dict(dict) => match dict.type_name() {
            Some(name) => name.to_owned(),
            None => format!("map[string]{}", element_type(dict.element())),
        },
        Value::Object(object) => object.go_type().into_owned(),
    }
}

const fn element_type(element: ElementType) -> &'static str {
    match element {
        ElementType::Any => "interface {}",
        ElementType::String => "string",
        ElementType::Int => "int",
        ElementType::Byte => "uint8",
        ElementType::Rune => "int32",
        ElementType::Dict => "map[string]interface {}",
        ElementType::List => "[]interface {}",
    }
}

const fn integer_type(kind: IntegerKind) -> &'static str {
    match kind {
        IntegerKind::Int => "int",
        IntegerKind::Int8 => "int8",
        IntegerKind::Int16 => "int16",
        IntegerKind::Int32 => "int32",
        IntegerKind::Int64 => "int64",
        IntegerKind::Uint => "uint",
        IntegerKind::Uint8 => "uint8",
        IntegerKind::Uint16 => "uint16",
        IntegerKind::Uint32 => "uint32",
        IntegerKind::Uint64 => "uint64",
    }
}

/// As `%v` prints it.
pub(crate) fn go_print(value: &Value) -> String {
    crate::template::format_text(b"%v", std::slice::from_ref(value)).to_str().into_owned()
}

/// The shortest text of a float, as Go's `FormatFloat(f, 'g', -1, 64)`.
pub(crate) fn float_text(number: f64) -> String {
    let mut text = Vec::new();
    crate::go_json::number::write_general(number, &mut text);
    String::from_utf8_lossy(&text).into_owned()
}
