//! Reading into Go structs: `Chart.yaml`, lock files and the heads of manifests.
//!
//! A shape says what the Go type is. Numbers and booleans become texts where a text is wanted, as `sigs.k8s.io/yaml`
//! makes them; everything else is an error of `encoding/json` that names the field.

use std::borrow::Cow;
use std::cell::OnceCell;

use super::decode::first_bad_number;
use super::error::{Problem, ReadError, YamlError};
use super::{Document, Duplicates};
use crate::go_json::number::{write_general_32, write_json};
use crate::go_json::{JsonError, replace_invalid};
use crate::template::{Dict, Integer, Text, Value};

/// A Go type. `go_type` is its name as in `[]string`.
#[derive(Debug)]
pub enum Shape {
    /// `interface {}`
    Any,
    String,
    Bool,
    Int,
    List {
        element: &'static Self,
        go_type: &'static str,
    },
    /// With strings as keys.
    Map {
        element: &'static Self,
        go_type: &'static str,
    },
    Struct(&'static StructShape),
    /// A pointer: nil for null.
    Pointer(&'static Self),
}

/// A Go struct.
#[derive(Debug)]
pub struct StructShape {
    /// Without the package; empty for a struct without a name.
    pub name: &'static str,
    /// With the package.
    pub go_type: &'static str,
    /// Names as in JSON.
    pub fields: &'static [(&'static str, Shape)],
}

impl StructShape {
    /// The field of that name, or else of that name in other letters.
    fn field(&self, key: &[u8]) -> Option<&'static (&'static str, Shape)> {
        let exact = self.fields.iter().find(|(name, _)| name.as_bytes() == key);
        exact.or_else(|| self.fields.iter().find(|(name, _)| name.as_bytes().eq_ignore_ascii_case(key)))
    }
}

/// What a field that the struct does not have does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownFields {
    /// Nothing: `yaml.Unmarshal`.
    Ignored,
    /// It is an error, as is a key that is set twice: `yaml.UnmarshalStrict`.
    Refused,
}

/// Reads a document into a Go type. Structs become dicts of the fields that the document sets, under their own names.
pub fn read_shape(text: &[u8], shape: &Shape, unknown_fields: UnknownFields) -> Result<Value, ReadError> {
    let document = Document::parse(text)?;
    let duplicates = match unknown_fields {
        UnknownFields::Ignored => Duplicates::LastCounts,
        UnknownFields::Refused => Duplicates::Refused,
    };
    let typed = document.typed_value(duplicates)?;
    if let Some(number) = bad_number(&typed, shape) {
        let problem = Problem::Json(JsonError::UnsupportedValue(number));
        return Err(ReadError::Conversion(YamlError::new(problem, None)));
    }
    let mut reader = Reader {
        unknown_fields,
        structs: Vec::new(),
        fields: Vec::new(),
        problem: None,
        document: &document,
        plain: OnceCell::new(),
        path: Vec::new(),
    };
    let value = reader.read(&typed, shape).unwrap_or_else(|| zero(shape));
    match reader.problem {
        None => Ok(value),
        Some(problem) => Err(ReadError::Decoding(problem)),
    }
}

struct Reader<'d> {
    unknown_fields: UnknownFields,
    /// Names of the structs that reading is in.
    structs: Vec<&'static str>,
    fields: Vec<&'static str>,
    /// The first one; Go reads on.
    problem: Option<JsonError>,
    document: &'d Document<'d>,
    /// The document with all numbers as floats, for what has no type of its own.
    plain: OnceCell<Value>,
    path: Vec<Part>,
}

enum Part {
    Key(Text),
    Index(usize),
}

impl Reader<'_> {
    /// None where nothing is set.
    fn read(&mut self, value: &Value, shape: &Shape) -> Option<Value> {
        match (shape, value) {
            (Shape::Pointer(inner), value) if !value.is_nil() => return self.read(value, inner),
            (Shape::Any, _) => return Some(self.plain_value()),
            (Shape::Pointer(_) | Shape::List { .. } | Shape::Map { .. }, Value::Nil) => return Some(Value::Nil),
            (_, Value::Nil) => return None,
            (Shape::String, Value::String(text)) => return Some(valid(text)),
            (Shape::Bool, Value::Bool(_)) => return Some(value.clone()),
            (Shape::String, Value::Bool(_) | Value::Integer(_) | Value::Float(_)) => return Some(as_text(value)),
            (Shape::Int, Value::Integer(integer)) if !integer.is_unsigned() => return Some(value.clone()),
            (Shape::Int, Value::Integer(_) | Value::Float(_)) => {
                let found = format!("number {}", json_number(value));
                self.fail(JsonError::Type { found, target: self.target("int") });
            }
            (Shape::List { element, .. }, Value::List(list)) => {
                let mut items = Vec::with_capacity(list.elements().len());
                for (index, item) in list.elements().iter().enumerate() {
                    self.path.push(Part::Index(index));
                    items.push(self.read(item, element).unwrap_or_else(|| zero(element)));
                    self.path.pop();
                }
                return Some(Value::list(items));
            }
            (Shape::Map { element, .. }, Value::Dict(dict)) => return Some(self.read_map(dict, element)),
            (Shape::Struct(shape), Value::Dict(dict)) => return Some(self.read_struct(dict, shape)),
            _ => self.fail(JsonError::mismatch(value, &self.target(go_type(shape)))),
        }
        None
    }

    fn read_map(&mut self, dict: &Dict, element: &Shape) -> Value {
        let entries = Dict::new();
        for (key, value) in dict.borrow().iter() {
            self.path.push(Part::Key(key.clone()));
            let value = self.read(value, element).unwrap_or_else(|| zero(element));
            self.path.pop();
            entries.insert(key.clone(), value);
        }
        Value::Dict(entries)
    }

    fn read_struct(&mut self, dict: &Dict, shape: &'static StructShape) -> Value {
        let entries = Dict::new();
        for (key, value) in dict.borrow().iter() {
            let Some((name, field)) = shape.field(key.as_bytes()) else {
                if self.unknown_fields == UnknownFields::Refused {
                    let quoted = super::go_syntax::quoted(key.as_bytes());
                    self.fail(JsonError::UnknownField(quoted));
                }
                continue;
            };
            self.structs.push(shape.name);
            self.fields.push(name);
            self.path.push(Part::Key(key.clone()));
            if let Some(value) = self.read(value, field) {
                entries.insert(*name, value);
            }
            self.path.pop();
            self.fields.pop();
            self.structs.pop();
        }
        Value::Dict(entries)
    }

    fn fail(&mut self, problem: JsonError) {
        self.problem.get_or_insert(problem);
    }

    /// What `encoding/json` calls the place that a value does not fit into.
    fn target(&self, go_type: &str) -> String {
        match self.structs.last() {
            Some(name) => format!("struct field {name}.{} of type {go_type}", self.fields.join(".")),
            None => format!("value of type {go_type}"),
        }
    }

    fn plain_value(&self) -> Value {
        // The typed value could be read, so this one can.
        let root = self.plain.get_or_init(|| self.document.value(Duplicates::LastCounts).unwrap_or_default());
        let mut value = root.clone();
        for part in &self.path {
            value = match (part, &value) {
                (Part::Key(key), Value::Dict(dict)) => dict.borrow().get(key).cloned().unwrap_or_default(),
                (Part::Index(index), Value::List(list)) => list.elements().get(*index).cloned().unwrap_or_default(),
                _ => Value::Nil,
            };
        }
        value
    }
}

/// The first number that JSON cannot say and that does not become a text.
fn bad_number(value: &Value, shape: &Shape) -> Option<String> {
    match (shape, value) {
        (Shape::Pointer(inner), _) => bad_number(value, inner),
        (Shape::String, Value::Float(_)) => None,
        (Shape::List { element, .. }, Value::List(list)) => {
            list.elements().iter().find_map(|item| bad_number(item, element))
        }
        (Shape::Map { element, .. }, Value::Dict(dict)) => {
            dict.borrow().values().find_map(|value| bad_number(value, element))
        }
        (Shape::Struct(shape), Value::Dict(dict)) => dict.borrow().iter().find_map(|(key, value)| {
            let field = shape.field(key.as_bytes());
            field.map_or_else(|| first_bad_number(value), |(_, field)| bad_number(value, field))
        }),
        _ => first_bad_number(value),
    }
}

/// What JSON leaves of a text.
fn valid(text: &Text) -> Value {
    match replace_invalid(text.as_bytes()) {
        Cow::Borrowed(_) => Value::String(text.clone()),
        Cow::Owned(replaced) => Value::string(replaced),
    }
}

fn as_text(value: &Value) -> Value {
    match value {
        Value::Bool(value) => Value::string(if *value { "true" } else { "false" }),
        Value::Float(value) => {
            let mut text = Vec::new();
            write_general_32(*value, &mut text);
            Value::string(text)
        }
        Value::Integer(integer) => Value::string(integer_text(*integer)),
        other => other.clone(),
    }
}

fn integer_text(integer: Integer) -> String {
    if integer.is_unsigned() { integer.bits.cast_unsigned().to_string() } else { integer.bits.to_string() }
}

fn json_number(value: &Value) -> String {
    match value {
        Value::Integer(integer) => integer_text(*integer),
        Value::Float(number) => {
            let mut text = Vec::new();
            write_json(*number, &mut text);
            String::from_utf8_lossy(&text).into_owned()
        }
        _ => String::new(),
    }
}

const fn go_type(shape: &Shape) -> &'static str {
    match shape {
        Shape::Any => "interface {}",
        Shape::String => "string",
        Shape::Bool => "bool",
        Shape::Int => "int",
        Shape::List { go_type, .. } | Shape::Map { go_type, .. } => go_type,
        Shape::Struct(shape) => shape.go_type,
        Shape::Pointer(inner) => go_type(inner),
    }
}

/// Go's zero value, which null leaves in lists and maps.
fn zero(shape: &Shape) -> Value {
    match shape {
        Shape::String => Value::string(""),
        Shape::Bool => Value::Bool(false),
        Shape::Int => Value::int(0),
        Shape::Struct(_) => Value::Dict(Dict::new()),
        _ => Value::Nil,
    }
}
