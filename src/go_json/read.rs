//! Reading as `json.Unmarshal` and the first value of a `json.Decoder` do.

use std::collections::BTreeMap;

use super::error::JsonError;
use super::write::replace_invalid;
use crate::template::{Dict, Text, Value};

/// Nesting that Go's scanner takes.
const MAXIMUM_DEPTH: usize = 10_000;

/// `json.Unmarshal` into an `interface {}`.
pub fn read_any(text: &[u8]) -> Result<Value, JsonError> {
    let (value, problem) = read_whole(text)?;
    problem.map_or(Ok(value), Err)
}

/// `json.Unmarshal` into a `map[string]interface {}` that exists: entries are added. Where a number is too large for a
/// float the rest is added nevertheless. `null` empties nothing and gives false: the Go map would be nil.
pub fn read_dict(text: &[u8], into: &Dict) -> Result<bool, JsonError> {
    let (value, problem) = read_whole(text)?;
    match value {
        Value::Dict(dict) => {
            let entries = std::mem::take(&mut *dict.borrow_mut());
            into.borrow_mut().extend(entries);
            problem.map_or(Ok(true), Err)
        }
        Value::Nil if problem.is_none() => Ok(false),
        other => Err(JsonError::mismatch(&other, "value of type map[string]interface {}")),
    }
}

/// `json.Unmarshal` into a `[]interface {}`. Nil for `null`.
pub fn read_list(text: &[u8]) -> Result<Value, JsonError> {
    let (value, problem) = read_whole(text)?;
    match value {
        Value::List(_) => problem.map_or(Ok(value), Err),
        Value::Nil if problem.is_none() => Ok(Value::Nil),
        other => Err(JsonError::mismatch(&other, "value of type []interface {}")),
    }
}

/// The first value of a text as `json.Decoder` reads it, and how many bytes it took.
pub fn read_first(text: &[u8]) -> Result<(Value, usize), JsonError> {
    let mut reader = Reader::new(text);
    let value = match reader.value() {
        Ok(value) => value,
        Err(_) if reader.peek().is_none() => {
            let is_empty = text.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'));
            return Err(JsonError::Syntax(if is_empty { "EOF" } else { "unexpected EOF" }.to_owned()));
        }
        Err(error) => return Err(error),
    };
    reader.problem.map_or(Ok((value, reader.position)), Err)
}

const UNEXPECTED_END: &str = "unexpected end of JSON input";

fn read_whole(text: &[u8]) -> Result<(Value, Option<JsonError>), JsonError> {
    let mut reader = Reader::new(text);
    let value = reader.value()?;
    reader.skip_space();
    match reader.peek() {
        Some(_) => Err(reader.unexpected("after top-level value")),
        None => Ok((value, reader.problem)),
    }
}

impl JsonError {
    /// What was found instead of `target`.
    pub(crate) fn mismatch(found: &Value, target: &str) -> Self {
        let found = match found {
            Value::Bool(_) => "bool",
            Value::Integer(_) | Value::Float(_) | Value::Nil => "number",
            Value::String(_) => "string",
            Value::List(_) => "array",
            Value::Dict(_) | Value::Object(_) => "object",
        };
        Self::Type { found: found.to_owned(), target: target.to_owned() }
    }
}

struct Reader<'t> {
    text: &'t [u8],
    position: usize,
    frames: Vec<Frame>,
    /// The first number that is too large; reading goes on.
    problem: Option<JsonError>,
}

enum Frame {
    List(Vec<Value>),
    Dict { entries: BTreeMap<Text, Value>, key: Text },
}

impl<'t> Reader<'t> {
    const fn new(text: &'t [u8]) -> Self {
        Self { text, position: 0, frames: Vec::new(), problem: None }
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.position).copied()
    }

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = self.peek() {
            self.position += 1;
        }
    }

    fn unexpected(&self, context: &str) -> JsonError {
        JsonError::Syntax(match self.peek() {
            Some(byte) => format!("invalid character {} {context}", quoted(byte)),
            // Go feeds a space at the end, which not everything may be followed by.
            None if ["in literal", "in exponent", "in numeric", "after decimal", "in string escape", "in \\u"]
                .iter()
                .any(|inner| context.starts_with(inner)) =>
            {
                format!("invalid character ' ' {context}")
            }
            None => UNEXPECTED_END.to_owned(),
        })
    }

    fn value(&mut self) -> Result<Value, JsonError> {
        let mut result = self.begin()?;
        loop {
            let Some(value) = result.take() else {
                result = self.begin()?;
                continue;
            };
            let Some(frame) = self.frames.last_mut() else { return Ok(value) };
            match frame {
                Frame::List(items) => items.push(value),
                Frame::Dict { entries, key } => {
                    entries.insert(std::mem::take(key), value);
                }
            }
            result = self.go_on()?;
        }
    }

    /// After an element: another one, or the end of the collection.
    fn go_on(&mut self) -> Result<Option<Value>, JsonError> {
        self.skip_space();
        let is_list = matches!(self.frames.last(), Some(Frame::List(_)));
        match (self.peek(), is_list) {
            (Some(b','), true) => {
                self.position += 1;
                Ok(None)
            }
            (Some(b','), false) => {
                self.position += 1;
                self.skip_space();
                self.key().map(|()| None)
            }
            (Some(b']'), true) | (Some(b'}'), false) => Ok(self.end()),
            (_, true) => Err(self.unexpected("after array element")),
            (_, false) => Err(self.unexpected("after object key:value pair")),
        }
    }

    fn end(&mut self) -> Option<Value> {
        self.position += 1;
        self.frames.pop().map(|frame| match frame {
            Frame::List(items) => Value::list(items),
            Frame::Dict { entries, .. } => Value::Dict(Dict::from_entries(entries)),
        })
    }

    /// The next value, or None if a collection was opened whose first value comes next.
    fn begin(&mut self) -> Result<Option<Value>, JsonError> {
        self.skip_space();
        match self.peek() {
            Some(b'[') => {
                self.open(Frame::List(Vec::new()))?;
                self.skip_space();
                Ok(if self.peek() == Some(b']') { self.end() } else { None })
            }
            Some(b'{') => {
                self.open(Frame::Dict { entries: BTreeMap::new(), key: Text::default() })?;
                self.skip_space();
                if self.peek() == Some(b'}') {
                    return Ok(self.end());
                }
                self.key().map(|()| None)
            }
            Some(b'"') => self.string().map(|text| Some(Value::String(text))),
            Some(b'-' | b'0'..=b'9') => self.number().map(Some),
            Some(b't') => self.literal("true", Value::Bool(true)).map(Some),
            Some(b'f') => self.literal("false", Value::Bool(false)).map(Some),
            Some(b'n') => self.literal("null", Value::Nil).map(Some),
            _ => Err(self.unexpected("looking for beginning of value")),
        }
    }

    fn open(&mut self, frame: Frame) -> Result<(), JsonError> {
        if self.frames.len() >= MAXIMUM_DEPTH {
            return Err(self.unexpected("exceeded max depth"));
        }
        self.frames.push(frame);
        self.position += 1;
        Ok(())
    }

    fn key(&mut self) -> Result<(), JsonError> {
        if self.peek() != Some(b'"') {
            return Err(self.unexpected("looking for beginning of object key string"));
        }
        let text = self.string()?;
        self.skip_space();
        if self.peek() != Some(b':') {
            return Err(self.unexpected("after object key"));
        }
        self.position += 1;
        if let Some(Frame::Dict { key, .. }) = self.frames.last_mut() {
            *key = text;
        }
        Ok(())
    }

    fn literal(&mut self, word: &str, value: Value) -> Result<Value, JsonError> {
        for expected in word.chars() {
            if self.peek().map(char::from) != Some(expected) {
                return Err(self.unexpected(&format!("in literal {word} (expecting '{expected}')")));
            }
            self.position += 1;
        }
        Ok(value)
    }

    fn digits(&mut self, context: &str) -> Result<(), JsonError> {
        if !self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            return Err(self.unexpected(context));
        }
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.position += 1;
        }
        Ok(())
    }

    fn number(&mut self) -> Result<Value, JsonError> {
        let start = self.position;
        if self.peek() == Some(b'-') {
            self.position += 1;
        }
        if self.peek() == Some(b'0') {
            self.position += 1;
        } else {
            self.digits("in numeric literal")?;
        }
        if self.peek() == Some(b'.') {
            self.position += 1;
            self.digits("after decimal point in numeric literal")?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.position += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.position += 1;
            }
            self.digits("in exponent of numeric literal")?;
        }
        let text = String::from_utf8_lossy(&self.text[start..self.position]);
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(Value::Float(value)),
            _ => {
                let target = "value of type float64".to_owned();
                self.problem.get_or_insert(JsonError::Type { found: format!("number {text}"), target });
                Ok(Value::Nil)
            }
        }
    }

    fn string(&mut self) -> Result<Text, JsonError> {
        self.position += 1;
        let start = self.position;
        let mut unescaped: Option<Vec<u8>> = None;
        let mut copied = start;
        loop {
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    let out = unescaped.get_or_insert_with(Vec::new);
                    out.extend_from_slice(&self.text[copied..self.position]);
                    self.position += 1;
                    let character = self.escape()?;
                    let out = unescaped.get_or_insert_with(Vec::new);
                    out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                    copied = self.position;
                }
                Some(0x20..) => self.position += 1,
                _ => return Err(self.unexpected("in string literal")),
            }
        }
        let rest = &self.text[copied..self.position];
        self.position += 1;
        let text = match unescaped {
            None => replace_invalid(rest).as_bytes().into(),
            Some(mut bytes) => {
                bytes.extend_from_slice(rest);
                replace_invalid(&bytes).as_bytes().into()
            }
        };
        Ok(text)
    }

    /// What follows a backslash. Halves of surrogate pairs become U+FFFD.
    fn escape(&mut self) -> Result<char, JsonError> {
        let character = match self.peek() {
            Some(b'b') => '\x08',
            Some(b'f') => '\x0C',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(byte @ (b'\\' | b'/' | b'"')) => char::from(byte),
            Some(b'u') => {
                self.position += 1;
                return self.code();
            }
            _ => return Err(self.unexpected("in string escape code")),
        };
        self.position += 1;
        Ok(character)
    }

    fn code(&mut self) -> Result<char, JsonError> {
        let high = self.hexadecimal()?;
        if (0xD800..0xDC00).contains(&high) && self.text[self.position..].starts_with(b"\\u") {
            let before = self.position;
            self.position += 2;
            let low = self.hexadecimal()?;
            if (0xDC00..0xE000).contains(&low) {
                let value = 0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00);
                return Ok(char::from_u32(value).unwrap_or('\u{FFFD}'));
            }
            self.position = before;
        }
        Ok(char::from_u32(high).unwrap_or('\u{FFFD}'))
    }

    fn hexadecimal(&mut self) -> Result<u32, JsonError> {
        let mut value = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
            let Some(digit) = digit else { return Err(self.unexpected("in \\u hexadecimal character escape")) };
            value = value * 16 + digit;
            self.position += 1;
        }
        Ok(value)
    }
}

/// A byte as Go quotes a character.
fn quoted(byte: u8) -> String {
    match byte {
        b'\'' => "'\\''".to_owned(),
        b'\\' => "'\\\\'".to_owned(),
        0x07 => "'\\a'".to_owned(),
        0x08 => "'\\b'".to_owned(),
        0x0C => "'\\f'".to_owned(),
        b'\n' => "'\\n'".to_owned(),
        b'\r' => "'\\r'".to_owned(),
        b'\t' => "'\\t'".to_owned(),
        0x0B => "'\\v'".to_owned(),
        0x00..=0x1F | 0x7F => format!("'\\x{byte:02x}'"),
        0x80..=0xA0 | 0xAD => format!("'\\u{byte:04x}'"),
        _ => format!("'{}'", char::from(byte)),
    }
}
