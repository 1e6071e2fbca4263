//! Go types and kinds of values.

use std::borrow::Cow;

use super::Table;
use super::arguments::bytes;
use crate::template::{Function, Kind, Parameter, Value};

use Parameter::{Any, String};

pub(super) use super::printing::type_name;

pub(super) fn table() -> Table {
    vec![
        ("kindIs", Function::new(&[String, Any], |_, a| Ok(Value::Bool(bytes(a, 0) == kind_name(&a[1]).as_bytes())))),
        ("kindOf", Function::new(&[Any], |_, a| Ok(Value::string(kind_name(&a[0]))))),
        ("typeIs", Function::new(&[String, Any], |_, a| Ok(Value::Bool(bytes(a, 0) == type_of(&a[1]).as_bytes())))),
        ("typeIsLike", Function::new(&[String, Any], |_, a| Ok(Value::Bool(is_like(&type_of(&a[1]), bytes(a, 0)))))),
        ("typeOf", Function::new(&[Any], |_, a| Ok(Value::string(&*type_of(&a[0]))))),
    ]
}

/// As `%T` prints it.
fn type_of(value: &Value) -> Cow<'static, str> {
    if value.is_nil() { "<nil>".into() } else { type_name(value) }
}

/// Whether it is the type, or a pointer to it.
fn is_like(name: &str, target: &[u8]) -> bool {
    let name = name.as_bytes();
    name == target || name.strip_prefix(b"*") == Some(target)
}

/// As `reflect.Kind` names it.
pub(super) fn kind_name(value: &Value) -> &'static str {
    use crate::template::IntegerKind as Integer;
    match value {
        Value::Nil => "invalid",
        Value::Bool(_) => "bool",
        Value::Integer(integer) => match integer.kind {
            Integer::Int => "int",
            Integer::Int8 => "int8",
            Integer::Int16 => "int16",
            Integer::Int32 => "int32",
            Integer::Int64 => "int64",
            Integer::Uint => "uint",
            Integer::Uint8 => "uint8",
            Integer::Uint16 => "uint16",
            Integer::Uint32 => "uint32",
            Integer::Uint64 => "uint64",
        },
        Value::Float(_) => "float64",
        Value::String(_) => "string",
        Value::List(_) => "slice",
        Value::Dict(_) => "map",
        Value::Object(object) => kind_of_object(object.kind()),
    }
}

fn kind_of_object(kind: Kind) -> &'static str {
    match kind {
        Kind::Invalid => "invalid",
        Kind::Bool => "bool",
        Kind::Int => "int",
        Kind::Int8 => "int8",
        Kind::Int16 => "int16",
        Kind::Int32 => "int32",
        Kind::Int64 => "int64",
        Kind::Uint => "uint",
        Kind::Uint8 => "uint8",
        Kind::Uint16 => "uint16",
        Kind::Uint32 => "uint32",
        Kind::Uint64 => "uint64",
        Kind::Float64 => "float64",
        Kind::Complex128 => "complex128",
        Kind::String => "string",
        Kind::Slice => "slice",
        Kind::Array => "array",
        Kind::Map => "map",
        Kind::Struct => "struct",
        Kind::Pointer => "ptr",
        Kind::Function => "func",
    }
}
