//! Writes a document as the library that Helm uses does.

use super::key::{Key, dotted, quoted};
use super::text::escaped;
use crate::functions::dates::{Duration, Moment};
use crate::functions::floats::print_float;
use crate::template::{Dict, Kind, List, Object, Value};

/// What TOML takes a value for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Nothing,
    Plain,
    Table,
    Tables,
}

#[derive(Default)]
struct Writer {
    out: Vec<u8>,
}

/// The document, or the complaint in the library's words.
pub(super) fn write(value: &Value) -> Result<Vec<u8>, String> {
    if value.is_nil() {
        return Err("reflect: call of reflect.Value.Type on zero Value".to_owned());
    }
    let mut writer = Writer::default();
    writer.any(&mut Key::new(), value)?;
    Ok(writer.out)
}

/// What an object is written as, where that is not its own form.
fn plain(object: &dyn Object) -> Value {
    object.to_plain().unwrap_or_default()
}

fn shape(value: &Value) -> Result<Shape, String> {
    Ok(match value {
        Value::Nil => Shape::Nothing,
        Value::Dict(dict) if dict.is_nil() => Shape::Nothing,
        Value::List(list) if list.is_nil() => Shape::Nothing,
        Value::Dict(_) => Shape::Table,
        Value::List(list) => list_shape(list)?,
        Value::Object(object) => match plain(object.as_ref()) {
            Value::Dict(_) => Shape::Table,
            Value::List(list) => list_shape(&list)?,
            Value::Nil if object.kind() == Kind::Complex128 => {
                return Err("unsupported type for key '': complex128".to_owned());
            }
            Value::Nil if object.kind() == Kind::Function => return Err("unsupported type: func".to_owned()),
            _ => Shape::Plain,
        },
        _ => Shape::Plain,
    })
}

/// Tables, if every element is one. None may be nothing.
fn list_shape(list: &List) -> Result<Shape, String> {
    let mut are_tables = !list.elements().is_empty();
    for element in list.elements() {
        let shape = shape(element)?;
        if shape == Shape::Nothing {
            return Err("toml: cannot encode array with nil element".to_owned());
        }
        are_tables &= shape == Shape::Table;
    }
    Ok(if are_tables { Shape::Tables } else { Shape::Plain })
}

impl Writer {
    fn any(&mut self, key: &mut Key, value: &Value) -> Result<(), String> {
        match shape(value)? {
            Shape::Nothing => Ok(()),
            Shape::Plain => self.entry(key, value),
            Shape::Table => self.table(key, value),
            Shape::Tables => self.tables(key, value),
        }
    }

    fn newline(&mut self) {
        if !self.out.is_empty() {
            self.out.push(b'\n');
        }
    }

    fn indent(&mut self, key: &Key) {
        self.out.extend(std::iter::repeat_n(b' ', 2 * key.len().saturating_sub(1)));
    }

    fn entry(&mut self, key: &Key, value: &Value) -> Result<(), String> {
        let Some(last) = key.last() else { return self.element(value) };
        self.indent(key);
        self.out.extend_from_slice(&quoted(last));
        self.out.extend_from_slice(b" = ");
        self.element(value)?;
        self.newline();
        Ok(())
    }

    fn table(&mut self, key: &mut Key, value: &Value) -> Result<(), String> {
        if key.len() == 1 {
            self.newline();
        }
        if !key.is_empty() {
            self.indent(key);
            self.out.extend_from_slice(&[b"[", dotted(key).as_slice(), b"]"].concat());
            self.newline();
        }
        self.entries(key, &dict_of(value))
    }

    fn tables(&mut self, key: &mut Key, value: &Value) -> Result<(), String> {
        if key.is_empty() {
            return Err("toml: top-level values must be Go maps or structs".to_owned());
        }
        for element in list_of(value).elements() {
            self.newline();
            self.indent(key);
            self.out.extend_from_slice(&[b"[[", dotted(key).as_slice(), b"]]"].concat());
            self.newline();
            self.entries(key, &dict_of(element))?;
        }
        Ok(())
    }

    /// First what stands in the table itself, then the tables below it.
    fn entries(&mut self, key: &mut Key, dict: &Dict) -> Result<(), String> {
        let (direct, below) = sorted(dict)?;
        for (name, value) in direct.into_iter().chain(below) {
            key.push(name);
            self.any(key, &value)?;
            key.pop();
        }
        Ok(())
    }

    fn element(&mut self, value: &Value) -> Result<(), String> {
        match value {
            Value::Nil => return Err("unexpected type: <nil>".to_owned()),
            Value::String(text) => self.quoted(text.as_bytes()),
            Value::Bool(value) => self.out.extend_from_slice(if *value { b"true" } else { b"false" }),
            Value::Integer(integer) if integer.is_unsigned() => {
                self.out.extend_from_slice((integer.bits as u64).to_string().as_bytes());
            }
            Value::Integer(integer) => self.out.extend_from_slice(integer.bits.to_string().as_bytes()),
            Value::Float(float) => self.out.extend_from_slice(float_text(*float).as_bytes()),
            Value::List(list) => return self.list(list),
            Value::Dict(dict) => return self.inline_table(dict),
            Value::Object(object) => return self.object(object.as_ref()),
        }
        Ok(())
    }

    fn quoted(&mut self, text: &[u8]) {
        self.out.extend_from_slice(&[b"\"", escaped(text).as_slice(), b"\""].concat());
    }

    fn object(&mut self, object: &dyn Object) -> Result<(), String> {
        if let Some(moment) = object.as_any().downcast_ref::<Moment>() {
            self.out.extend_from_slice(&moment.toml());
            return Ok(());
        }
        if let Some(duration) = object.as_any().downcast_ref::<Duration>() {
            self.quoted(duration.text().as_bytes());
            return Ok(());
        }
        self.element(&plain(object))
    }

    fn list(&mut self, list: &List) -> Result<(), String> {
        self.out.push(b'[');
        for (index, element) in list.elements().iter().enumerate() {
            if index > 0 {
                self.out.extend_from_slice(b", ");
            }
            self.element(element)?;
        }
        self.out.push(b']');
        Ok(())
    }

    /// In one line. A comma follows every entry that has another behind it, even one that is not written.
    fn inline_table(&mut self, dict: &Dict) -> Result<(), String> {
        let (direct, below) = sorted(dict)?;
        self.out.push(b'{');
        self.inline_entries(&direct, !below.is_empty())?;
        self.inline_entries(&below, false)?;
        self.out.push(b'}');
        Ok(())
    }

    fn inline_entries(&mut self, entries: &[(Vec<u8>, Value)], is_followed: bool) -> Result<(), String> {
        for (index, (name, value)) in entries.iter().enumerate() {
            if shape(value)? == Shape::Nothing {
                continue;
            }
            self.out.extend_from_slice(&[&quoted(name), &b" = "[..]].concat());
            self.element(value)?;
            if is_followed || index + 1 < entries.len() {
                self.out.extend_from_slice(b", ");
            }
        }
        Ok(())
    }
}

type Entries = Vec<(Vec<u8>, Value)>;

/// By name: what is no table, and what is.
fn sorted(dict: &Dict) -> Result<(Entries, Entries), String> {
    let (mut direct, mut below) = (Entries::new(), Entries::new());
    for (name, value) in dict.borrow().iter() {
        let is_table = matches!(shape(value)?, Shape::Table | Shape::Tables);
        let entries = if is_table { &mut below } else { &mut direct };
        entries.push((name.as_bytes().to_vec(), value.clone()));
    }
    Ok((direct, below))
}

fn dict_of(value: &Value) -> Dict {
    match value {
        Value::Dict(dict) => dict.clone(),
        Value::Object(object) => match plain(object.as_ref()) {
            Value::Dict(dict) => dict,
            _ => Dict::new(),
        },
        _ => Dict::new(),
    }
}

fn list_of(value: &Value) -> List {
    match value {
        Value::List(list) => list.clone(),
        Value::Object(object) => match plain(object.as_ref()) {
            Value::List(list) => list,
            _ => List::default(),
        },
        _ => List::default(),
    }
}

/// As Go prints it, but never without a point or an exponent.
fn float_text(float: f64) -> String {
    if float.is_nan() {
        return if float.is_sign_negative() { "-nan" } else { "nan" }.to_owned();
    }
    if float.is_infinite() {
        return if float > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let text = print_float(float);
    if text.contains(['.', 'e']) { text } else { format!("{text}.0") }
}
