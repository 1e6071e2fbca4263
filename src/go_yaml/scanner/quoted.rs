//! Scalars in single or double quotes.

use super::Scanner;
use super::plain::Content;
use crate::go_yaml::character::{is_blank, is_blank_or_end, is_break};
use crate::go_yaml::fault::Scan;
use crate::go_yaml::token::{Mark, Token, TokenKind};

impl Scanner<'_> {
    pub(super) fn scan_quoted_scalar(&mut self, is_single: bool) -> Scan<Token> {
        let start = self.mark;
        let quote = if is_single { b'\'' } else { b'"' };
        self.advance_ascii(1);
        let mut content = Content::new(self.mark.offset);
        self.leading_break.clear();
        self.trailing_breaks.clear();
        loop {
            self.ensure(4)?;
            if self.is_document_indicator() {
                return self.fault(start, "found unexpected document indicator");
            }
            if self.mark.offset >= self.text.len() {
                return self.fault(start, "found unexpected end of stream");
            }
            let mut is_after_break = self.scan_quoted_word(&mut content, is_single, start)?;
            self.ensure(1)?;
            if self.at(0) == quote {
                break;
            }
            // Blanks before a line break are dropped, others stay.
            let mut end = self.mark.offset;
            if is_after_break {
                end = content.from;
            }
            while is_blank(self.at(0)) || is_break(self.rest()) {
                if is_blank(self.at(0)) {
                    self.advance_ascii(1);
                } else {
                    self.ensure(2)?;
                    self.read_line(is_after_break);
                    is_after_break = true;
                }
                self.ensure(1)?;
            }
            if is_after_break {
                self.fold(&mut content, end);
            }
        }
        let value = self.finish(&content, self.mark.offset);
        self.advance_ascii(1);
        Ok(Token { value, ..Token::new(TokenKind::Scalar { is_plain: false }, start) })
    }

    /// Up to the next blank, break, closing quote or the end. Says whether it ended with an escaped line break.
    fn scan_quoted_word(&mut self, content: &mut Content, is_single: bool, start: Mark) -> Scan<bool> {
        while !is_blank_or_end(self.rest()) {
            match self.at(0) {
                b'\'' if is_single && self.at(1) == b'\'' => {
                    let end = self.mark.offset + 1;
                    self.advance_ascii(2);
                    self.keep(content, end);
                }
                b'\'' if is_single => break,
                b'"' if !is_single => break,
                b'\\' if !is_single && is_break(&self.rest()[1..]) => {
                    let end = self.mark.offset;
                    self.ensure(3)?;
                    self.advance_ascii(1);
                    self.skip_line();
                    self.keep(content, end);
                    return Ok(true);
                }
                b'\\' if !is_single => self.scan_escape(content, start)?,
                _ => self.advance_quoted(is_single),
            }
            self.ensure(2)?;
        }
        Ok(false)
    }

    fn advance_quoted(&mut self, is_single: bool) {
        let bulk = self.text.get(self.mark.offset..self.bulk_end()).unwrap_or_default();
        let is_inner = |byte: u8| match byte {
            b' ' | b'\t' | b'\r' | b'\n' => false,
            b'\'' => !is_single,
            b'"' | b'\\' => is_single,
            _ => byte.is_ascii(),
        };
        let count = bulk.iter().take_while(|&&byte| is_inner(byte)).count();
        if count > 0 {
            self.advance_ascii(count);
        } else {
            self.advance();
        }
    }

    fn scan_escape(&mut self, content: &mut Content, start: Mark) -> Scan {
        let end = self.mark.offset;
        let (text, digits): (&[u8], usize) = match self.at(1) {
            b'0' => (b"\0", 0),
            b'a' => (b"\x07", 0),
            b'b' => (b"\x08", 0),
            b't' | b'\t' => (b"\t", 0),
            b'n' => (b"\n", 0),
            b'v' => (b"\x0B", 0),
            b'f' => (b"\x0C", 0),
            b'r' => (b"\r", 0),
            b'e' => (b"\x1B", 0),
            b' ' => (b" ", 0),
            b'"' => (b"\"", 0),
            b'\'' => (b"'", 0),
            b'\\' => (b"\\", 0),
            b'N' => ("\u{85}".as_bytes(), 0),
            b'_' => ("\u{A0}".as_bytes(), 0),
            b'L' => ("\u{2028}".as_bytes(), 0),
            b'P' => ("\u{2029}".as_bytes(), 0),
            b'x' => (b"", 2),
            b'u' => (b"", 4),
            b'U' => (b"", 8),
            _ => return self.fault(start, "found unknown escape character"),
        };
        self.advance_ascii(2);
        self.keep(content, end);
        self.store.extend_from_slice(text);
        if digits > 0 {
            self.scan_code(digits, start)?;
        }
        content.from = self.mark.offset;
        Ok(())
    }

    fn scan_code(&mut self, digits: usize, start: Mark) -> Scan {
        self.ensure(digits)?;
        let mut value = 0_u64;
        for ahead in 0..digits {
            let Some(digit) = char::from(self.at(ahead)).to_digit(16) else {
                return self.fault(start, "did not find expected hexdecimal number");
            };
            value = (value << 4) + u64::from(digit);
        }
        let Some(character) = u32::try_from(value).ok().and_then(char::from_u32) else {
            return self.fault(start, "found invalid Unicode character escape code");
        };
        self.store.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        self.advance_ascii(digits);
        Ok(())
    }
}
