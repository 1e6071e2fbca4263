//! Literal and folded block scalars.

use super::Scanner;
use crate::go_yaml::character::{is_blank, is_break, is_break_or_end};
use crate::go_yaml::fault::Scan;
use crate::go_yaml::token::{Mark, Span, Token, TokenKind};

/// What becomes of the line breaks at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Chomping {
    Strip,
    Clip,
    Keep,
}

impl Scanner<'_> {
    pub(super) fn scan_block_scalar(&mut self, is_literal: bool) -> Scan<Token> {
        let start = self.mark;
        self.advance_ascii(1);
        let (chomping, increment) = self.scan_block_header(start)?;
        self.skip_blanks()?;
        self.skip_comment()?;
        if !is_break_or_end(self.rest()) {
            return self.fault(start, "did not find expected comment or line break");
        }
        if is_break(self.rest()) {
            self.ensure(2)?;
            self.skip_line();
        }
        let indent = if increment > 0 { self.indent.max(0) + increment } else { 0 };
        let value = self.scan_block_lines(is_literal, chomping, indent, start)?;
        Ok(Token { value, ..Token::new(TokenKind::Scalar { is_plain: false }, start) })
    }

    /// `+` or `-` and a digit, in either order.
    fn scan_block_header(&mut self, start: Mark) -> Scan<(Chomping, isize)> {
        self.ensure(1)?;
        let mut chomping = self.scan_chomping();
        if chomping.is_some() {
            self.ensure(1)?;
        }
        let mut increment = 0;
        if self.at(0).is_ascii_digit() {
            if self.at(0) == b'0' {
                return self.fault(start, "found an indentation indicator equal to 0");
            }
            increment = isize::from(self.at(0) - b'0');
            self.advance_ascii(1);
            if chomping.is_none() {
                self.ensure(1)?;
                chomping = self.scan_chomping();
            }
        }
        Ok((chomping.unwrap_or(Chomping::Clip), increment))
    }

    fn scan_chomping(&mut self) -> Option<Chomping> {
        let chomping = match self.at(0) {
            b'+' => Chomping::Keep,
            b'-' => Chomping::Strip,
            _ => return None,
        };
        self.advance_ascii(1);
        Some(chomping)
    }

    fn scan_block_lines(&mut self, is_literal: bool, chomping: Chomping, indent: isize, start: Mark) -> Scan<Span> {
        let from = self.store.len();
        self.leading_break.clear();
        self.trailing_breaks.clear();
        let indent = self.scan_block_breaks(indent, start)?;
        self.ensure(1)?;
        let mut was_blank = false;
        while self.column() == indent && self.mark.offset < self.text.len() {
            let is_blank_line = is_blank(self.at(0));
            let is_folded = !is_literal && !was_blank && !is_blank_line && self.leading_break.first() == Some(&b'\n');
            if !is_folded {
                self.store.extend_from_slice(&self.leading_break);
            } else if self.trailing_breaks.is_empty() {
                self.store.push(b' ');
            }
            self.store.extend_from_slice(&self.trailing_breaks);
            self.leading_break.clear();
            self.trailing_breaks.clear();
            was_blank = is_blank_line;
            self.scan_block_line()?;
            self.ensure(2)?;
            if is_break(self.rest()) {
                self.read_line(false);
            }
            self.scan_block_breaks(indent, start)?;
        }
        if chomping != Chomping::Strip {
            self.store.extend_from_slice(&self.leading_break);
        }
        if chomping == Chomping::Keep {
            self.store.extend_from_slice(&self.trailing_breaks);
        }
        Ok(Span { start: from, end: self.store.len(), is_stored: true })
    }

    fn scan_block_line(&mut self) -> Scan {
        let from = self.mark.offset;
        while !is_break_or_end(self.rest()) {
            let bulk = self.text.get(self.mark.offset..self.bulk_end()).unwrap_or_default();
            let count = bulk.iter().take_while(|&&byte| byte.is_ascii() && byte != b'\n' && byte != b'\r').count();
            if count > 0 {
                self.advance_ascii(count);
            } else {
                self.advance();
            }
            self.ensure(1)?;
        }
        self.store.extend_from_slice(&self.text[from..self.mark.offset]);
        Ok(())
    }

    /// Skips indentation and empty lines. Finds the indentation out where it is not known (0).
    fn scan_block_breaks(&mut self, indent: isize, start: Mark) -> Scan<isize> {
        let mut widest = 0;
        loop {
            self.ensure(1)?;
            while (indent == 0 || self.column() < indent) && self.at(0) == b' ' {
                self.advance_ascii(1);
                self.ensure(1)?;
            }
            widest = widest.max(self.column());
            if (indent == 0 || self.column() < indent) && self.at(0) == b'\t' {
                return self.fault(start, "found a tab character where an indentation space is expected");
            }
            if !is_break(self.rest()) {
                break;
            }
            self.ensure(2)?;
            self.read_line(true);
        }
        Ok(if indent == 0 { widest.max(self.indent + 1).max(1) } else { indent })
    }
}
