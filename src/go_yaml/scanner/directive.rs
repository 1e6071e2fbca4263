//! `%YAML` and `%TAG`.

use super::Scanner;
use crate::go_yaml::character::{is_blank, is_blank_or_end, is_break, is_break_or_end};
use crate::go_yaml::fault::Scan;
use crate::go_yaml::token::{Mark, Token, TokenKind};

impl Scanner<'_> {
    pub(super) fn scan_directive(&mut self) -> Scan<Token> {
        let start = self.mark;
        self.advance_ascii(1);
        let name = self.scan_word()?;
        if name.is_empty() {
            return self.fault(start, "could not find expected directive name");
        }
        if !is_blank_or_end(self.rest()) {
            return self.fault(start, "found unexpected non-alphabetical character");
        }
        let token = match self.bytes(name) {
            b"YAML" => self.scan_version(start)?,
            b"TAG" => self.scan_tag_directive(start)?,
            _ => return self.fault(start, "found unknown directive name"),
        };
        self.skip_blanks()?;
        self.skip_comment()?;
        if !is_break_or_end(self.rest()) {
            return self.fault(start, "did not find expected comment or line break");
        }
        if is_break(self.rest()) {
            self.ensure(2)?;
            self.skip_line();
        }
        Ok(token)
    }

    fn scan_version(&mut self, start: Mark) -> Scan<Token> {
        self.skip_blanks()?;
        let major = self.scan_version_number(start)?;
        if self.at(0) != b'.' {
            return self.fault(start, "did not find expected digit or '.' character");
        }
        self.advance_ascii(1);
        let minor = self.scan_version_number(start)?;
        Ok(Token::new(TokenKind::VersionDirective { major, minor }, start))
    }

    fn scan_version_number(&mut self, start: Mark) -> Scan<u8> {
        self.ensure(1)?;
        let mut value = 0;
        let mut length = 0;
        while self.at(0).is_ascii_digit() {
            length += 1;
            if length > 2 {
                return self.fault(start, "found extremely long version number");
            }
            value = value * 10 + (self.at(0) - b'0');
            self.advance_ascii(1);
            self.ensure(1)?;
        }
        if length == 0 { self.fault(start, "did not find expected version number") } else { Ok(value) }
    }

    fn scan_tag_directive(&mut self, start: Mark) -> Scan<Token> {
        self.skip_blanks()?;
        let value = self.scan_tag_handle(true, start)?;
        self.ensure(1)?;
        if !is_blank(self.at(0)) {
            return self.fault(start, "did not find expected whitespace");
        }
        self.skip_blanks()?;
        let suffix = self.scan_tag_uri(None, start)?;
        self.ensure(1)?;
        if !is_blank_or_end(self.rest()) {
            return self.fault(start, "did not find expected whitespace or line break");
        }
        Ok(Token { value, suffix, ..Token::new(TokenKind::TagDirective, start) })
    }
}
