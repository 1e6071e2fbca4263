//! JSON as Go's encoder writes it.

use std::fmt::Write as _;

use jiff::Timestamp;

use crate::template::{Dict, Text, Value};

/// Go's time of nothing.
pub(super) const ZERO_TIME: &str = "0001-01-01T00:00:00Z";

/// Puts values one after the other; commas come by themselves.
pub(super) struct Writer {
    text: String,
    needs_comma: bool,
}

impl Writer {
    pub(super) fn new() -> Self {
        Self { text: String::new(), needs_comma: false }
    }

    pub(super) fn finish(self) -> String {
        self.text
    }

    pub(super) fn begin(&mut self) {
        self.text.push('{');
        self.needs_comma = false;
    }

    pub(super) fn end(&mut self) {
        self.text.push('}');
        self.needs_comma = true;
    }

    pub(super) fn key(&mut self, name: &str) {
        if self.needs_comma {
            self.text.push(',');
        }
        self.quoted(name);
        self.text.push(':');
        self.needs_comma = false;
    }

    pub(super) fn null(&mut self) {
        self.text.push_str("null");
        self.needs_comma = true;
    }

    pub(super) fn text(&mut self, text: &str) {
        self.quoted(text);
        self.needs_comma = true;
    }

    pub(super) fn text_unless_empty(&mut self, name: &str, text: &str) {
        if !text.is_empty() {
            self.key(name);
            self.text(text);
        }
    }

    pub(super) fn texts_unless_empty(&mut self, name: &str, texts: &[String]) {
        if !texts.is_empty() {
            self.key(name);
            self.array(texts, |writer, text| writer.text(text));
        }
    }

    pub(super) fn number_unless_zero(&mut self, name: &str, number: i64) {
        if number != 0 {
            self.key(name);
            let _ = write!(self.text, "{number}");
            self.needs_comma = true;
        }
    }

    pub(super) fn true_only(&mut self, name: &str, value: bool) {
        if value {
            self.key(name);
            self.text.push_str("true");
            self.needs_comma = true;
        }
    }

    pub(super) fn time(&mut self, time: Option<Timestamp>) {
        match time {
            None => self.text(ZERO_TIME),
            Some(time) => self.text(&time.to_string()),
        }
    }

    pub(super) fn time_if_known(&mut self, name: &str, time: Option<Timestamp>) {
        if time.is_some() {
            self.key(name);
            self.time(time);
        }
    }

    pub(super) fn array<T>(&mut self, elements: impl IntoIterator<Item = T>, mut each: impl FnMut(&mut Self, T)) {
        self.text.push('[');
        self.needs_comma = false;
        for (index, element) in elements.into_iter().enumerate() {
            if index > 0 {
                self.text.push(',');
            }
            self.needs_comma = false;
            each(self, element);
        }
        self.text.push(']');
        self.needs_comma = true;
    }

    pub(super) fn value(&mut self, value: &Value) {
        match value {
            Value::Nil => self.null(),
            Value::Bool(value) => self.plain(if *value { "true" } else { "false" }),
            Value::Integer(integer) if integer.is_unsigned() => {
                self.plain(&integer.bits.cast_unsigned().to_string());
            }
            Value::Integer(integer) => self.plain(&integer.bits.to_string()),
            Value::Float(number) => self.plain(&float(*number)),
            Value::String(text) => self.text(&text.to_str()),
            Value::List(list) if list.is_nil() => self.null(),
            Value::List(list) => self.array(list.elements(), Self::value),
            Value::Dict(dict) if dict.is_nil() => self.null(),
            Value::Dict(dict) => self.dict(dict),
            Value::Object(object) => match object.to_plain() {
                Some(plain) => self.value(&plain),
                None => self.null(),
            },
        }
    }

    fn dict(&mut self, dict: &Dict) {
        self.begin();
        for (key, value) in dict.borrow().iter() {
            self.key(&Text::to_str(key));
            self.value(value);
        }
        self.end();
    }

    fn plain(&mut self, text: &str) {
        self.text.push_str(text);
        self.needs_comma = true;
    }

    /// With what HTML would take for its own written as `\u003c`.
    fn quoted(&mut self, text: &str) {
        self.text.push('"');
        for character in text.chars() {
            match character {
                '"' => self.text.push_str("\\\""),
                '\\' => self.text.push_str("\\\\"),
                '\n' => self.text.push_str("\\n"),
                '\r' => self.text.push_str("\\r"),
                '\t' => self.text.push_str("\\t"),
                '\x08' => self.text.push_str("\\b"),
                '\x0c' => self.text.push_str("\\f"),
                '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\x1f' => {
                    let _ = write!(self.text, "\\u{:04x}", character as u32);
                }
                other => self.text.push(other),
            }
        }
        self.text.push('"');
    }
}

/// The shortest text, with an exponent for what is very small or very large.
fn float(number: f64) -> String {
    const SMALLEST: f64 = 1e-6;
    const LARGEST: f64 = 1e21;
    let size = number.abs();
    if number == 0.0 && number.is_sign_negative() {
        return "-0".to_owned();
    }
    if size == 0.0 || (SMALLEST..LARGEST).contains(&size) {
        return number.to_string();
    }
    let text = format!("{number:e}");
    match text.split_once('e') {
        Some((digits, exponent)) if !exponent.starts_with('-') => format!("{digits}e+{exponent}"),
        _ => text,
    }
}
