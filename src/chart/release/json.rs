//! JSON as Go's encoder writes it.

use std::fmt::Write as _;

use jiff::Timestamp;

use crate::go_json::{self, Style};
use crate::template::Value;

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

    /// What JSON cannot hold becomes null.
    pub(super) fn value(&mut self, value: &Value) {
        match go_json::write(value, Style::Html) {
            Ok(text) => self.text.push_str(&String::from_utf8_lossy(&text)),
            Err(_) => self.text.push_str("null"),
        }
        self.needs_comma = true;
    }

    fn quoted(&mut self, text: &str) {
        self.value(&Value::string(text));
    }
}
