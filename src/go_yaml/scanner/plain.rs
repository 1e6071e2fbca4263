//! Scalars without quotes.

use super::Scanner;
use crate::go_yaml::character::{is_blank, is_blank_or_end, is_break};
use crate::go_yaml::fault::Scan;
use crate::go_yaml::token::{Span, Token, TokenKind};

/// Content that stays one piece of the text as long as it can, and moves to the scanner's store once lines are joined.
pub(super) struct Content {
    /// The piece of the text that was not moved yet.
    pub from: usize,
    stored_from: Option<usize>,
}

impl Content {
    pub(super) const fn new(from: usize) -> Self {
        Self { from, stored_from: None }
    }
}

/// Bytes that can be neither the end of a plain scalar nor part of a longer character.
const fn is_inner(byte: u8, in_flow: bool) -> bool {
    match byte {
        b':' | b' ' | b'\t' | b'\r' | b'\n' => false,
        b',' | b'?' | b'[' | b']' | b'{' | b'}' => !in_flow,
        _ => byte.is_ascii(),
    }
}

impl Scanner<'_> {
    pub(super) fn scan_plain_scalar(&mut self) -> Scan<Token> {
        let indent = self.indent + 1;
        let start = self.mark;
        let mut content = Content::new(start.offset);
        let mut end = start.offset;
        let mut is_after_break = false;
        self.leading_break.clear();
        self.trailing_breaks.clear();
        loop {
            self.ensure(4)?;
            if self.is_document_indicator() || self.at(0) == b'#' {
                break;
            }
            while !is_blank_or_end(self.rest()) && !self.ends_plain() {
                if is_after_break {
                    self.fold(&mut content, end);
                    is_after_break = false;
                }
                self.advance_plain();
                end = self.mark.offset;
                self.ensure(2)?;
            }
            if !(is_blank(self.at(0)) || is_break(self.rest())) {
                break;
            }
            self.ensure(1)?;
            while is_blank(self.at(0)) || is_break(self.rest()) {
                if is_blank(self.at(0)) {
                    if is_after_break && self.column() < indent && self.at(0) == b'\t' {
                        return self.fault(start, "found a tab character that violates indentation");
                    }
                    self.advance_ascii(1);
                } else {
                    self.ensure(2)?;
                    self.read_line(is_after_break);
                    is_after_break = true;
                }
                self.ensure(1)?;
            }
            if self.flow_level == 0 && self.column() < indent {
                break;
            }
        }
        if is_after_break {
            self.is_simple_key_allowed = true;
        }
        let value = self.finish(&content, end);
        Ok(Token { value, ..Token::new(TokenKind::Scalar { is_plain: true }, start) })
    }

    fn ends_plain(&self) -> bool {
        match self.at(0) {
            b':' => is_blank_or_end(&self.rest()[1..]),
            b',' | b'?' | b'[' | b']' | b'{' | b'}' => self.flow_level > 0,
            _ => false,
        }
    }

    fn advance_plain(&mut self) {
        let in_flow = self.flow_level > 0;
        let bulk = self.text.get(self.mark.offset..self.bulk_end()).unwrap_or_default();
        let count = bulk.iter().take_while(|&&byte| is_inner(byte, in_flow)).count();
        if count > 0 {
            self.advance_ascii(count);
        } else {
            self.advance();
        }
    }

    /// Joins what was read up to `end` with what begins here: one line break becomes a space, more of them lose one.
    pub(super) fn fold(&mut self, content: &mut Content, end: usize) {
        self.keep(content, end);
        if self.leading_break.first() == Some(&b'\n') {
            if self.trailing_breaks.is_empty() {
                self.store.push(b' ');
            } else {
                self.store.extend_from_slice(&self.trailing_breaks);
            }
        } else {
            self.store.extend_from_slice(&self.leading_break);
            self.store.extend_from_slice(&self.trailing_breaks);
        }
        self.leading_break.clear();
        self.trailing_breaks.clear();
    }

    /// Moves the text up to `end` into the store and goes on behind the scanner's place.
    pub(super) fn keep(&mut self, content: &mut Content, end: usize) {
        content.stored_from.get_or_insert(self.store.len());
        self.store.extend_from_slice(&self.text[content.from..end]);
        content.from = self.mark.offset;
    }

    pub(super) fn finish(&mut self, content: &Content, end: usize) -> Span {
        match content.stored_from {
            None => Span::of_text(content.from, end),
            Some(start) => {
                if content.from < end {
                    self.store.extend_from_slice(&self.text[content.from..end]);
                }
                Span { start, end: self.store.len(), is_stored: true }
            }
        }
    }
}
