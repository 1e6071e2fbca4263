//! Functions and objects that the fixtures use; the Go program that made them has the same ones.

use std::any::Any;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::template::{
    CallError, Dict, ElementType, Function, Integer, IntegerKind, Kind, List, Object, Parameter, Printed, Runtime,
    Text, Value, quote, to_text,
};

/// Go: `type Point struct { X int; Y float64; Name string }` with methods.
#[derive(Debug)]
struct Point {
    is_pointer: bool,
}

impl Point {
    fn fields() -> Vec<(&'static str, Value)> {
        vec![("X", Value::int(3)), ("Y", Value::Float(1.5)), ("Name", Value::string("p"))]
    }
}

impl Object for Point {
    fn go_type(&self) -> Cow<'static, str> {
        Cow::Borrowed(if self.is_pointer { "*main.Point" } else { "main.Point" })
    }

    fn kind(&self) -> Kind {
        if self.is_pointer { Kind::Pointer } else { Kind::Struct }
    }

    fn field(&self, name: &str) -> Option<Value> {
        Self::fields().into_iter().find(|(field, _)| *field == name).map(|(_, value)| value)
    }

    fn method(&self, name: &str) -> Option<Function> {
        match name {
            "Scale" => Some(Function::new(&[Parameter::Int], |_, given| Ok(Value::int(3 * integer(&given[0]))))),
            "Has" => Some(Function::new(&[Parameter::String], |_, given| {
                Ok(Value::Bool(text(&given[0]).as_bytes() == b"x"))
            })),
            "Fail" => Some(Function::new(&[], |_, _| Err("point failed".into()))),
            _ => None,
        }
    }

    fn printed(&self) -> Printed {
        Printed::Struct { is_pointer: self.is_pointer, fields: Self::fields() }
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// Go: `type Version struct { Major int }` with a `String` method.
#[derive(Debug)]
struct Version;

impl Object for Version {
    fn go_type(&self) -> Cow<'static, str> {
        Cow::Borrowed("main.Version")
    }

    fn kind(&self) -> Kind {
        Kind::Struct
    }

    fn field(&self, name: &str) -> Option<Value> {
        (name == "Major").then(|| Value::int(1))
    }

    fn method(&self, name: &str) -> Option<Function> {
        (name == "String").then(|| Function::new(&[], |_, _| Ok(Value::string("v1.2"))))
    }

    fn printed(&self) -> Printed {
        Printed::Text(Text::from("v1.2"))
    }

    fn printed_fields(&self) -> Option<Printed> {
        Some(Printed::Struct { is_pointer: false, fields: vec![("Major", Value::int(1))] })
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn integer(value: &Value) -> i64 {
    if let Value::Integer(integer) = value { integer.bits } else { panic!("{value:?} is no integer") }
}

fn text(value: &Value) -> &Text {
    if let Value::String(text) = value { text } else { panic!("{value:?} is no string") }
}

fn dict(value: &Value) -> &Dict {
    if let Value::Dict(dict) = value { dict } else { panic!("{value:?} is no dict") }
}

fn length(value: &Value) -> Value {
    match value {
        Value::List(list) => Value::count(list.elements().len()),
        Value::Dict(dict) => Value::count(dict.len()),
        other => panic!("{other:?} has no length"),
    }
}

fn sized(bits: i64, kind: IntegerKind) -> Value {
    Value::Integer(Integer { bits, kind })
}

fn identity(parameters: &'static [Parameter]) -> Function {
    Function::new(parameters, |_, given| Ok(given[0].clone()))
}

fn counting(parameters: &'static [Parameter]) -> Function {
    Function::new(parameters, |_, given| Ok(length(&given[0])))
}

fn make_dict(given: &[Value]) -> Value {
    let dict = Dict::new();
    for pair in given.chunks(2) {
        dict.insert(to_text(&pair[0]), pair.get(1).cloned().unwrap_or_else(|| Value::string("")));
    }
    Value::Dict(dict)
}

fn run_text(runtime: &mut dyn Runtime, given: &[Value]) -> Result<Value, CallError> {
    let source = text(&given[0]);
    match runtime.execute_text(source, &given[1]) {
        Ok(written) => Ok(Value::String(written)),
        Err(error @ CallError::Parsing(_)) => {
            Err(error.wrap(format!("cannot parse template {}: ", quote(source.as_bytes()))))
        }
        Err(error) => {
            Err(error.wrap(format!("error during tpl function execution for {}: ", quote(source.as_bytes()))))
        }
    }
}

fn containers() -> Vec<(&'static str, Function)> {
    use Parameter::{Any, String};
    vec![
        ("dict", Function::variadic(&[Any], |_, given| Ok(make_dict(given)))),
        ("list", Function::variadic(&[Any], |_, given| Ok(Value::list(given.to_vec())))),
        (
            "strs",
            Function::variadic(&[String], |_, given| Ok(Value::List(List::typed(given.to_vec(), ElementType::String)))),
        ),
        ("takelist", counting(&[Parameter::List])),
        ("takedict", counting(&[Parameter::Dict])),
        ("takestrs", counting(&[Parameter::Strings])),
        (
            "set",
            Function::new(&[Parameter::Dict, String, Any], |_, given| {
                dict(&given[0]).insert(text(&given[1]).clone(), given[2].clone());
                Ok(given[0].clone())
            }),
        ),
        (
            "strmap",
            Function::new(&[], |_, _| {
                let entries = BTreeMap::from([(Text::from("a"), Value::string("x"))]);
                Ok(Value::Dict(Dict::typed(entries, ElementType::String, None)))
            }),
        ),
        (
            "bytes",
            Function::new(&[String], |_, given| {
                let bytes = text(&given[0]).as_bytes().iter();
                let bytes = bytes.map(|byte| sized(i64::from(*byte), IntegerKind::Uint8)).collect();
                Ok(Value::List(List::typed(bytes, ElementType::Byte)))
            }),
        ),
    ]
}

fn scalars() -> Vec<(&'static str, Function)> {
    use Parameter::{Any, Bool, Float64, Int, Int64, Rune, String};
    vec![
        ("upper", Function::new(&[String], |_, given| Ok(Value::string(text(&given[0]).to_str().to_uppercase())))),
        ("addint", Function::new(&[Int, Int], |_, given| Ok(Value::int(integer(&given[0]) + integer(&given[1]))))),
        ("i64", identity(&[Int64])),
        ("flt", identity(&[Float64])),
        ("rune", identity(&[Rune])),
        ("boolean", identity(&[Bool])),
        ("any", identity(&[Any]).returning_any()),
        (
            "opt",
            Function::variadic(&[String, Int], |_, given| {
                let numbers: Vec<_> = given[1..].iter().map(|number| format!(",{}", integer(number))).collect();
                Ok(Value::string(format!("{}{}", text(&given[0]), numbers.concat())))
            }),
        ),
        ("u8", Function::new(&[Int], |_, given| Ok(sized(integer(&given[0]) & 0xFF, IntegerKind::Uint8)))),
        ("u64", Function::new(&[Int], |_, given| Ok(sized(integer(&given[0]), IntegerKind::Uint64)))),
        ("i8", Function::new(&[Int], |_, given| Ok(sized(i64::from(integer(&given[0]) as i8), IntegerKind::Int8)))),
        ("nilvalue", Function::new(&[], |_, _| Ok(Value::Nil)).returning_any()),
        ("boom", Function::new(&[], |_, _| Err("boom went off".into()))),
    ]
}

/// All of them.
pub(super) fn all() -> Vec<(&'static str, Function)> {
    let mut all = containers();
    all.extend(scalars());
    all.extend([
        ("point", Function::new(&[], |_, _| Ok(Value::Object(Rc::new(Point { is_pointer: false }))))),
        ("ppoint", Function::new(&[], |_, _| Ok(Value::Object(Rc::new(Point { is_pointer: true }))))),
        ("version", Function::new(&[], |_, _| Ok(Value::Object(Rc::new(Version))))),
        (
            "takepoint",
            Function::new(&[Parameter::Named("main.Point")], |_, given| {
                let Value::Object(point) = &given[0] else { panic!("{given:?} is no point") };
                Ok(point.field("X").unwrap_or_default())
            }),
        ),
        (
            "include",
            Function::new(&[Parameter::String, Parameter::Any], |runtime, given| {
                Ok(Value::String(runtime.execute_template(&text(&given[0]).to_str(), &given[1])?))
            }),
        ),
        ("tpl", Function::new(&[Parameter::String, Parameter::Any], run_text)),
    ]);
    all
}
