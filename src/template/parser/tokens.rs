//! Look-ahead, and what is said of a token that does not fit.

use super::super::error::ParseError;
use super::super::lexer::{Token, TokenKind};
use super::super::print::truncate;
use super::super::quote::quote;
use super::{Outcome, Parser};

impl Parser<'_> {
    pub(super) fn next(&mut self) -> Token {
        let token = if self.peeked > 0 {
            self.peeked -= 1;
            self.tokens[self.peeked].clone()
        } else {
            self.tokens[0] = Some(self.lexer.next_token());
            self.tokens[0].clone()
        };
        let token = token.unwrap_or_else(|| self.lexer.next_token());
        self.consumed_end = token.end as u32;
        token
    }

    pub(super) fn backup(&mut self) {
        self.peeked += 1;
    }

    pub(super) fn backup_to(&mut self, first: Token) {
        self.tokens[1] = Some(first);
        self.peeked = 2;
    }

    pub(super) fn backup_to_both(&mut self, first: Token, second: Token) {
        self.tokens[1] = Some(second);
        self.tokens[2] = Some(first);
        self.peeked = 3;
    }

    pub(super) fn peek(&mut self) -> Token {
        let end = self.consumed_end;
        let token = self.next();
        self.backup();
        self.consumed_end = end;
        token
    }

    pub(super) fn next_visible(&mut self) -> Token {
        loop {
            let token = self.next();
            if token.kind != TokenKind::Space {
                return token;
            }
        }
    }

    pub(super) fn peek_visible(&mut self) -> Token {
        let end = self.consumed_end;
        let token = self.next_visible();
        self.backup();
        self.consumed_end = end;
        token
    }

    pub(super) fn text_of(&self, token: &Token) -> &str {
        let bytes = self.source.as_bytes();
        std::str::from_utf8(&bytes[token.start..token.end]).unwrap_or("\u{FFFD}")
    }

    pub(super) fn error<T>(&self, message: impl Into<String>) -> Outcome<T> {
        let token = self.tokens[0].as_ref();
        Err(Box::new(ParseError {
            file: self.file.to_string(),
            line: token.map_or(0, |token| token.line),
            offset: token.map_or(0, |token| token.start.min(self.source.len())),
            message: message.into(),
            suggestions: Vec::new(),
        }))
    }

    pub(super) fn unexpected<T>(&self, token: &Token, context: &str) -> Outcome<T> {
        if let Some(message) = &token.message {
            let mut extra = String::new();
            if self.body.action_line != 0 && self.body.action_line != token.line {
                let place = format!("started at {}:{}", self.file, self.body.action_line);
                extra = if message.ends_with(" action") { format!(" {place}") } else { format!(" in action {place}") };
            }
            return self.error(format!("{message}{extra}"));
        }
        self.error(format!("unexpected {} in {context}", self.describe(token)))
    }

    /// A token as errors show it.
    fn describe(&self, token: &Token) -> String {
        let bytes = &self.source.as_bytes()[token.start..token.end];
        match token.kind {
            TokenKind::End => "EOF".to_owned(),
            TokenKind::Keyword(_) => format!("<{}>", String::from_utf8_lossy(bytes)),
            _ if bytes.len() > 10 => format!("{}...", quote(truncate(bytes, 10))),
            _ => quote(bytes),
        }
    }

    pub(super) fn expect(&mut self, kind: TokenKind, context: &str) -> Outcome<Token> {
        let token = self.next_visible();
        if token.kind == kind { Ok(token) } else { self.unexpected(&token, context) }
    }
}
