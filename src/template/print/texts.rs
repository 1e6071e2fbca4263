//! Strings and bytes.

use super::super::quote::{can_backquote, count_characters, decode, write_quoted};
use super::super::value::Value;
use super::{Outcome, Printer};

/// The first characters of a text.
pub(in super::super) fn truncate(bytes: &[u8], characters: usize) -> &[u8] {
    let mut end = 0;
    for _ in 0..characters {
        if end >= bytes.len() {
            break;
        }
        end += decode(&bytes[end..]).1;
    }
    &bytes[..end]
}

impl Printer<'_> {
    pub(super) fn string(&mut self, value: &Value, text: &[u8], verb: char) -> Outcome {
        match verb {
            'v' if self.field.is_go_syntax => self.quoted(text),
            'v' | 's' => self.text(text),
            'x' | 'X' => self.hexadecimal(text, verb == 'X'),
            'q' => self.quoted(text),
            _ => return self.bad_verb(value, verb),
        }
        self.check()
    }

    pub(super) fn text(&mut self, text: &[u8]) {
        let text = self.cut(text);
        self.pad(text);
    }

    fn cut<'t>(&self, text: &'t [u8]) -> &'t [u8] {
        match self.field.precision {
            Some(precision) => truncate(text, precision),
            None => text,
        }
    }

    pub(super) fn quoted(&mut self, text: &[u8]) {
        let text = self.cut(text);
        let mut quoted = String::with_capacity(text.len() + 2);
        if self.field.is_sharp && can_backquote(text) {
            let mut raw = Vec::with_capacity(text.len() + 2);
            raw.push(b'`');
            raw.extend_from_slice(text);
            raw.push(b'`');
            self.pad(&raw);
            return;
        }
        write_quoted(&mut quoted, text, '"', self.field.has_plus);
        self.pad(quoted.as_bytes());
    }

    /// Each byte as two digits.
    pub(super) fn hexadecimal(&mut self, bytes: &[u8], is_upper: bool) {
        let bytes = &bytes[..self.field.precision.map_or(bytes.len(), |precision| precision.min(bytes.len()))];
        let digits: &[u8; 16] = if is_upper { b"0123456789ABCDEF" } else { b"0123456789abcdef" };
        let prefix: &[u8] = match (self.field.is_sharp, is_upper) {
            (true, true) => b"0X",
            (true, false) => b"0x",
            (false, _) => b"",
        };
        let mut text = Vec::with_capacity(bytes.len() * 2);
        for (index, byte) in bytes.iter().enumerate() {
            if self.field.has_space && index > 0 {
                text.push(b' ');
            }
            if index == 0 || self.field.has_space {
                text.extend_from_slice(prefix);
            }
            text.push(digits[usize::from(byte >> 4)]);
            text.push(digits[usize::from(byte & 0xF)]);
        }
        self.pad(&text);
    }

    /// Fills up to the width.
    pub(super) fn pad(&mut self, text: &[u8]) {
        let Some(width) = self.field.width.filter(|width| *width > 0) else {
            self.out.extend_from_slice(text);
            return;
        };
        let missing = width.saturating_sub(count_characters(text));
        if self.field.is_left {
            self.out.extend_from_slice(text);
            self.fill(missing);
        } else {
            self.fill(missing);
            self.out.extend_from_slice(text);
        }
    }

    /// As [`Self::pad`], but never with zeros.
    pub(super) fn pad_with_spaces(&mut self, text: &[u8]) {
        let has_zeros = std::mem::replace(&mut self.field.has_zeros, false);
        self.pad(text);
        self.field.has_zeros = has_zeros;
    }

    pub(super) fn fill(&mut self, count: usize) {
        let filler = if self.field.has_zeros && !self.field.is_left { b'0' } else { b' ' };
        self.out.resize(self.out.len() + count, filler);
    }
}
