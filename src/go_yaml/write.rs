//! Writes values as YAML.

use super::decode::{Numbers, Options, decode};
use super::emitter::{Context, Emitter};
use super::error::WriteError;
use super::key_order;
use super::resolve::Version;
use super::tree::Tree;
use crate::go_json::number::{write_general, write_json};
use crate::go_json::{self, Style, replace_invalid};
use crate::template::{Dict, List, Text, Value};

/// Depth from which values go through JSON's own text, which knows about maps that hold themselves.
const DEEPEST_DIRECT: usize = 1000;

/// Bytes of a key that surely stay a simple key for go-yaml, however JSON escapes them.
const LONGEST_DIRECT_KEY: usize = 170;

/// `yaml.Marshal`: the value as JSON, read by go-yaml, written by go-yaml.
pub fn write(value: &Value) -> Result<Vec<u8>, WriteError> {
    let mut writer = Writer::new(Version::V2, Route::Direct);
    match writer.write(value) {
        Ok(()) => Ok(writer.emitter.finish()),
        Err(Obstacle::Detour) => write_through_json(value),
        Err(Obstacle::Error(error)) => Err(error),
    }
}

/// `toYamlPretty`: the value itself, by go-yaml v3.
pub fn write_pretty(value: &Value) -> Result<Vec<u8>, WriteError> {
    let mut writer = Writer::new(Version::V3, Route::Typed);
    match writer.write(value) {
        Ok(()) => Ok(writer.emitter.finish()),
        Err(Obstacle::Error(error)) => Err(error),
        Err(Obstacle::Detour) => Err(WriteError::Unsupported("value is nested too deep".to_owned())),
    }
}

/// The long way, for values whose JSON go-yaml reads differently or not at all.
fn write_through_json(value: &Value) -> Result<Vec<u8>, WriteError> {
    let json = go_json::write(value, Style::Html).map_err(WriteError::Json)?;
    let tree = Tree::parse(&json).map_err(WriteError::Yaml)?;
    let options = Options { numbers: Numbers::Typed, is_strict: false };
    let value = match tree {
        Some(tree) => decode(&tree, options).map_err(WriteError::Yaml)?.value,
        None => Value::Nil,
    };
    let mut writer = Writer::new(Version::V2, Route::Typed);
    match writer.write(&value) {
        Ok(()) => Ok(writer.emitter.finish()),
        Err(Obstacle::Error(error)) => Err(error),
        Err(Obstacle::Detour) => Err(WriteError::Unsupported("value is nested too deep".to_owned())),
    }
}

/// Where the values come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Route {
    /// Any values, to be written as if they had gone through JSON.
    Direct,
    /// Values as they are.
    Typed,
}

enum Obstacle {
    /// Only the way through JSON tells what happens.
    Detour,
    Error(WriteError),
}

struct Writer {
    emitter: Emitter,
    route: Route,
    frames: Vec<Frame>,
    number: Vec<u8>,
}

/// What is still to be written of an open collection.
enum Frame {
    List { list: List, next: usize },
    Dict { entries: std::vec::IntoIter<(Text, Value)> },
}

impl Writer {
    fn new(version: Version, route: Route) -> Self {
        Self { emitter: Emitter::new(version), route, frames: Vec::new(), number: Vec::new() }
    }

    fn write(&mut self, value: &Value) -> Result<(), Obstacle> {
        self.begin(value, Context::Root)?;
        while let Some(frame) = self.frames.last_mut() {
            match frame {
                Frame::List { list, next } => {
                    let Some(value) = list.elements().get(*next).cloned() else {
                        self.frames.pop();
                        self.emitter.close();
                        continue;
                    };
                    *next += 1;
                    self.emitter.item();
                    self.begin(&value, Context::Item)?;
                }
                Frame::Dict { entries } => {
                    let Some((key, value)) = entries.next() else {
                        self.frames.pop();
                        self.emitter.close();
                        continue;
                    };
                    self.key(&key)?;
                    self.begin(&value, Context::MappingValue)?;
                }
            }
        }
        Ok(())
    }

    fn key(&mut self, key: &Text) -> Result<(), Obstacle> {
        if self.route == Route::Typed {
            self.emitter.key(key.as_bytes());
            return Ok(());
        }
        if key.len() > LONGEST_DIRECT_KEY {
            return Err(Obstacle::Detour);
        }
        match through_json(key.as_bytes())? {
            None => self.emitter.key(key.as_bytes()),
            Some(text) => self.emitter.key(text.as_bytes()),
        }
        Ok(())
    }

    fn begin(&mut self, value: &Value, context: Context) -> Result<(), Obstacle> {
        match value {
            Value::Nil => self.emitter.bare(b"null"),
            Value::Bool(true) => self.emitter.bare(b"true"),
            Value::Bool(false) => self.emitter.bare(b"false"),
            Value::Integer(integer) if integer.is_unsigned() => {
                self.emitter.bare(integer.bits.cast_unsigned().to_string().as_bytes());
            }
            Value::Integer(integer) => self.emitter.bare(integer.bits.to_string().as_bytes()),
            Value::Float(number) => self.float(*number)?,
            Value::String(text) if self.route == Route::Typed => self.emitter.string(text.as_bytes(), context),
            Value::String(text) => match through_json(text.as_bytes())? {
                None => self.emitter.string(text.as_bytes(), context),
                Some(text) => self.emitter.string(text.as_bytes(), context),
            },
            Value::List(list) => self.list(list, context)?,
            Value::Dict(dict) => self.dict(dict)?,
            // Only the long way hands times on as times, which need no quotes.
            Value::Object(object) if self.route == Route::Typed && object.go_type() == "time.Time" => {
                match object.to_plain() {
                    Some(Value::String(text)) => self.emitter.bare(text.as_bytes()),
                    other => return self.begin(&other.unwrap_or_default(), context),
                }
            }
            Value::Object(object) => match object.to_plain() {
                Some(plain) => return self.begin(&plain, context),
                None if self.route == Route::Direct => return Err(Obstacle::Detour),
                None => {
                    let problem = format!("cannot marshal type: {}", object.go_type());
                    return Err(Obstacle::Error(WriteError::Unsupported(problem)));
                }
            },
        }
        Ok(())
    }

    fn float(&mut self, number: f64) -> Result<(), Obstacle> {
        self.number.clear();
        match self.route {
            Route::Direct if !number.is_finite() => return Err(Obstacle::Detour),
            Route::Direct => write_json_number(number, &mut self.number),
            Route::Typed if number.is_nan() => self.number.extend_from_slice(b".nan"),
            Route::Typed if number == f64::INFINITY => self.number.extend_from_slice(b".inf"),
            Route::Typed if number == f64::NEG_INFINITY => self.number.extend_from_slice(b"-.inf"),
            Route::Typed => write_general(number, &mut self.number),
        }
        self.emitter.bare(&self.number);
        Ok(())
    }

    fn list(&mut self, list: &List, context: Context) -> Result<(), Obstacle> {
        let is_json = self.route == Route::Direct;
        if is_json && list.is_nil() {
            self.emitter.bare(b"null");
        } else if is_json && list.element() == crate::template::ElementType::Byte {
            return Err(Obstacle::Detour);
        } else if list.elements().is_empty() {
            self.emitter.empty(*b"[]");
        } else {
            self.check_depth()?;
            self.emitter.open_list(context);
            self.frames.push(Frame::List { list: list.clone(), next: 0 });
        }
        Ok(())
    }

    fn dict(&mut self, dict: &Dict) -> Result<(), Obstacle> {
        if self.route == Route::Direct && dict.is_nil() {
            self.emitter.bare(b"null");
        } else if dict.is_empty() {
            self.emitter.empty(*b"{}");
        } else {
            self.check_depth()?;
            self.emitter.open_dict();
            let entries: Vec<_> = dict.borrow().iter().map(|(key, value)| (key.clone(), value.clone())).collect();
            let entries = key_order::sort(entries, self.emitter.version()).into_iter();
            self.frames.push(Frame::Dict { entries });
        }
        Ok(())
    }

    fn check_depth(&self) -> Result<(), Obstacle> {
        let deepest = if self.route == Route::Direct { DEEPEST_DIRECT } else { 2 * super::scanner::MAXIMUM_DEPTH };
        if self.frames.len() < deepest { Ok(()) } else { Err(Obstacle::Detour) }
    }
}

/// What a text is after JSON, if it changes and go-yaml reads it without losses.
fn through_json(bytes: &[u8]) -> Result<Option<String>, Obstacle> {
    if bytes.iter().all(|&byte| byte < 0x7F) {
        return Ok(None);
    }
    let text = replace_invalid(bytes);
    // JSON leaves these as they are; go-yaml refuses them all but U+0085, which it takes for a line break.
    let is_odd = |character| matches!(character, '\x7F'..='\u{9F}' | '\u{FFFE}' | '\u{FFFF}');
    if text.chars().any(is_odd) {
        return Err(Obstacle::Detour);
    }
    Ok(match text {
        std::borrow::Cow::Borrowed(_) => None,
        std::borrow::Cow::Owned(text) => Some(text),
    })
}

/// A number as JSON writes it, as go-yaml reads that, as go-yaml writes that.
fn write_json_number(number: f64, out: &mut Vec<u8>) {
    write_json(number, out);
    if number.abs() < 1e15 {
        // Whole numbers are read as integers. JSON's exponents and points are those of floats.
        if out != b"-0" && number.fract() == 0.0 {
            return;
        }
    } else if let Ok(text) = std::str::from_utf8(out)
        && (text.parse::<i64>().is_ok() || text.parse::<u64>().is_ok())
    {
        return;
    }
    out.clear();
    if number == 0.0 {
        out.push(b'0');
    } else {
        write_general(number, out);
    }
}
