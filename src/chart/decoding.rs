//! Maps of YAML into structs, as `encoding/json` fills them: keys in any case, scalars turned into the texts that a
//! field wants, the first mismatch reported.

use super::values::types::float_text;
use crate::template::{IntegerKind, Value};

/// Where in the structs a value belongs, for errors.
#[derive(Clone)]
pub(super) struct Place {
    /// The innermost struct.
    structure: &'static str,
    go_type: &'static str,
    path: String,
}

impl Place {
    pub(super) fn root(structure: &'static str, go_type: &'static str) -> Self {
        Self { structure, go_type, path: String::new() }
    }

    pub(super) fn field(&self, name: &str) -> Self {
        let path = if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) };
        Self { path, ..self.clone() }
    }

    pub(super) fn inside(&self, structure: &'static str, go_type: &'static str) -> Self {
        Self { structure, go_type, path: self.path.clone() }
    }
}

#[derive(Default)]
pub(super) struct Decoder {
    /// Go keeps the first one and goes on.
    error: Option<String>,
}

impl Decoder {
    pub(super) fn finish<T>(self, value: T) -> Result<T, String> {
        match self.error {
            None => Ok(value),
            Some(error) => Err(format!("error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {error}")),
        }
    }

    pub(super) fn mismatch(&mut self, value: &Value, place: &Place, go_type: &str) {
        let found = match value {
            Value::Bool(_) => "bool",
            Value::Integer(_) | Value::Float(_) => "number",
            Value::String(_) => "string",
            Value::List(_) => "array",
            _ => "object",
        };
        let target = if place.path.is_empty() {
            "Go value".to_owned()
        } else {
            format!("Go struct field {}.{}", place.structure, place.path)
        };
        self.error.get_or_insert_with(|| format!("{found} into {target} of type {go_type}"));
    }

    /// Keys are given in lower case; null is no object and no error.
    pub(super) fn object(&mut self, value: &Value, inside: Place, each: impl FnMut(&mut Self, &str, &Value, &Place)) {
        self.object_of(value, &inside.clone(), inside, each);
    }

    /// An object at a place, whose fields are at another.
    pub(super) fn object_of(
        &mut self,
        value: &Value,
        place: &Place,
        inside: Place,
        mut each: impl FnMut(&mut Self, &str, &Value, &Place),
    ) {
        match value {
            Value::Nil => {}
            Value::Dict(dict) => {
                for (key, value) in dict.borrow().iter() {
                    each(self, &key.to_str().to_lowercase(), value, &inside);
                }
            }
            other => self.mismatch(other, place, inside.go_type),
        }
    }

    pub(super) fn string(&mut self, value: &Value, target: &mut String, place: &Place) {
        match scalar_text(value) {
            Some(text) => *target = text,
            None if value.is_nil() => {}
            None => self.mismatch(value, place, "string"),
        }
    }

    pub(super) fn bool(&mut self, value: &Value, target: &mut bool, place: &Place) {
        match value {
            Value::Bool(value) => *target = *value,
            Value::Nil => {}
            other => self.mismatch(other, place, "bool"),
        }
    }

    pub(super) fn strings(&mut self, value: &Value, target: &mut Vec<String>, place: &Place) {
        match value {
            Value::Nil => target.clear(),
            Value::List(list) => {
                target.clear();
                for element in list.elements() {
                    let mut text = String::new();
                    self.string(element, &mut text, place);
                    target.push(text);
                }
            }
            other => self.mismatch(other, place, "[]string"),
        }
    }

    pub(super) fn string_map(&mut self, value: &Value, target: &mut Vec<(String, String)>, place: &Place) {
        match value {
            Value::Nil => target.clear(),
            Value::Dict(dict) => {
                for (key, value) in dict.borrow().iter() {
                    let mut text = String::new();
                    self.string(value, &mut text, place);
                    target.push((key.to_str().into_owned(), text));
                }
            }
            other => self.mismatch(other, place, "map[string]string"),
        }
    }

    /// A list of pointers to structs, which may be null. Whether it is a list.
    pub(super) fn list<T: Default>(
        &mut self,
        value: &Value,
        target: &mut Vec<Option<T>>,
        place: &Place,
        go_type: &str,
        mut each: impl FnMut(&mut Self, &Value, &mut T, &Place),
    ) -> bool {
        match value {
            Value::List(list) => {
                target.truncate(list.elements().len());
                for (index, element) in list.elements().iter().enumerate() {
                    if index == target.len() {
                        target.push(None);
                    }
                    if element.is_nil() {
                        target[index] = None;
                    } else {
                        each(self, element, target[index].get_or_insert_with(T::default), place);
                    }
                }
                true
            }
            Value::Nil => {
                target.clear();
                false
            }
            other => {
                self.mismatch(other, place, go_type);
                !target.is_empty()
            }
        }
    }
}

/// A scalar as a text, where a text is wanted.
fn scalar_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.to_str().into_owned()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Integer(integer) if matches!(integer.kind, IntegerKind::Uint64) => {
            Some(integer.bits.cast_unsigned().to_string())
        }
        Value::Integer(integer) => Some(integer.bits.to_string()),
        Value::Float(number) => Some(float_text(*number)),
        _ => None,
    }
}
