//! `!`, `!local`, `!!str`, `!handle!suffix` and `!<verbatim>`.

use super::Scanner;
use crate::go_yaml::character::{is_blank_or_end, is_word};
use crate::go_yaml::fault::Scan;
use crate::go_yaml::token::{Mark, Span, Token, TokenKind};

impl Scanner<'_> {
    pub(super) fn scan_tag(&mut self) -> Scan<Token> {
        let start = self.mark;
        self.ensure(2)?;
        let (value, suffix) = if self.at(1) == b'<' {
            (Span::EMPTY, self.scan_verbatim_tag(start)?)
        } else {
            self.scan_short_tag(start)?
        };
        self.ensure(1)?;
        if !is_blank_or_end(self.rest()) {
            return self.fault(start, "did not find expected whitespace or line break");
        }
        Ok(Token { value, suffix, ..Token::new(TokenKind::Tag, start) })
    }

    fn scan_verbatim_tag(&mut self, start: Mark) -> Scan<Span> {
        self.advance_ascii(2);
        let suffix = self.scan_tag_uri(None, start)?;
        if self.at(0) != b'>' {
            return self.fault(start, "did not find the expected '>'");
        }
        self.advance_ascii(1);
        Ok(suffix)
    }

    /// Handle and suffix. A tag that is `!` alone comes as a suffix without a handle.
    fn scan_short_tag(&mut self, start: Mark) -> Scan<(Span, Span)> {
        let handle = self.scan_tag_handle(false, start)?;
        let is_named = handle.end - handle.start > 1 && self.bytes(handle).ends_with(b"!");
        if is_named {
            let suffix = self.scan_tag_uri(None, start)?;
            return Ok((handle, suffix));
        }
        let suffix = self.scan_tag_uri(Some(handle), start)?;
        let primary = Span::of_text(handle.start, handle.start + 1);
        Ok(if suffix.is_empty() { (Span::EMPTY, primary) } else { (primary, suffix) })
    }

    /// `!` and a word; in a directive another `!` has to end it.
    pub(super) fn scan_tag_handle(&mut self, is_directive: bool, start: Mark) -> Scan<Span> {
        self.ensure(1)?;
        if self.at(0) != b'!' {
            return self.fault(start, "did not find expected '!'");
        }
        let from = self.mark.offset;
        self.advance_ascii(1);
        self.scan_word()?;
        if self.at(0) == b'!' {
            self.advance_ascii(1);
        } else if is_directive && self.mark.offset - from > 1 {
            return self.fault(start, "did not find expected '!'");
        }
        Ok(Span::of_text(from, self.mark.offset))
    }

    /// The rest of a tag. `head` is what was taken for a handle and is the beginning of it, but for its `!`.
    pub(super) fn scan_tag_uri(&mut self, head: Option<Span>, start: Mark) -> Scan<Span> {
        let from = self.store.len();
        if let Some(head) = head {
            self.store.extend_from_slice(&self.text[head.start + 1..head.end]);
        }
        let mut is_found = head.is_some();
        self.ensure(1)?;
        loop {
            match self.at(0) {
                b'%' => self.scan_uri_escape(start)?,
                byte if is_word(byte) || b";/?:@&=+$,.!~*'()[]".contains(&byte) => {
                    self.store.push(byte);
                    self.advance_ascii(1);
                }
                _ => break,
            }
            self.ensure(1)?;
            is_found = true;
        }
        if !is_found {
            return self.fault(start, "did not find expected tag URI");
        }
        Ok(Span { start: from, end: self.store.len(), is_stored: true })
    }

    /// One character, written as `%C3%A9`.
    fn scan_uri_escape(&mut self, start: Mark) -> Scan {
        let mut left = None;
        while left != Some(0) {
            self.ensure(3)?;
            let Some(octet) = self.escaped_octet() else {
                return self.fault(start, "did not find URI escaped octet");
            };
            left = match (left, octet) {
                (None, 0x00..=0x7F) => Some(0),
                (None, 0xC0..=0xDF) => Some(1),
                (None, 0xE0..=0xEF) => Some(2),
                (None, 0xF0..=0xF7) => Some(3),
                (None, _) => return self.fault(start, "found an incorrect leading UTF-8 octet"),
                (Some(count), 0x80..=0xBF) => Some(count - 1),
                (Some(_), _) => return self.fault(start, "found an incorrect trailing UTF-8 octet"),
            };
            self.store.push(octet);
            self.advance_ascii(3);
        }
        Ok(())
    }

    fn escaped_octet(&self) -> Option<u8> {
        let digit = |at: usize| char::from(self.at(at)).to_digit(16);
        let value = (digit(1)? << 4) + digit(2)?;
        if self.at(0) == b'%' { u8::try_from(value).ok() } else { None }
    }
}
