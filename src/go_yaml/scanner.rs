//! Cuts a text into tokens, with libyaml's rules for indentation and simple keys.
//!
//! A key is only known to be one when its `:` comes: tokens wait in a queue until then, and the start of the mapping
//! is put in before them.

mod block;
mod directive;
mod plain;
mod quoted;
mod simple_key;
mod tag;

use std::collections::VecDeque;

use simple_key::SimpleKey;

use super::character::{break_width, is_blank, is_blank_or_end, is_break_or_end, is_word, width};
use super::fault::{Fault, Scan, Stage};
use super::input::{Input, Windows};
use super::token::{Mark, Span, Token, TokenKind};

/// go-yaml's bound for nested flow collections and for nested blocks, each on its own.
pub(super) const MAXIMUM_DEPTH: usize = 10_000;

pub(super) struct Scanner<'a> {
    text: &'a [u8],
    mark: Mark,
    windows: Option<Window<'a>>,
    /// Up to here the text is known to be loaded; the whole text where nothing is wrong with it.
    loaded: usize,
    tokens: VecDeque<Token>,
    tokens_taken: usize,
    is_token_ready: bool,
    is_started: bool,
    indent: isize,
    indents: Vec<isize>,
    flow_level: usize,
    /// One for each level of flow collections, and one for the block.
    simple_keys: Vec<SimpleKey>,
    is_simple_key_allowed: bool,
    /// Contents that are not one piece of the text.
    store: Vec<u8>,
    leading_break: Vec<u8>,
    trailing_breaks: Vec<u8>,
}

struct Window<'a> {
    windows: &'a Windows,
    next: usize,
    /// Where go-yaml's buffer begins now.
    base: usize,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(input: &'a Input<'_>) -> Self {
        Self {
            text: &input.text,
            mark: Mark::default(),
            windows: input.windows.as_ref().map(|windows| Window { windows, next: 0, base: 0 }),
            loaded: if input.windows.is_some() { 0 } else { usize::MAX },
            tokens: VecDeque::with_capacity(16),
            tokens_taken: 0,
            is_token_ready: false,
            is_started: false,
            indent: -1,
            indents: Vec::new(),
            flow_level: 0,
            simple_keys: vec![SimpleKey::default()],
            is_simple_key_allowed: true,
            store: Vec::new(),
            leading_break: Vec::new(),
            trailing_breaks: Vec::new(),
        }
    }

    /// The next token, which stays the next one.
    pub(super) fn peek(&mut self) -> Scan<Token> {
        if !self.is_token_ready {
            self.fetch_more_tokens()?;
        }
        Ok(self.tokens.front().copied().unwrap_or(Token::new(TokenKind::StreamEnd, self.mark)))
    }

    pub(super) fn skip(&mut self) {
        self.is_token_ready = false;
        self.tokens_taken += 1;
        self.tokens.pop_front();
    }

    pub(super) fn bytes(&self, span: Span) -> &[u8] {
        if span.is_stored { &self.store[span.start..span.end] } else { &self.text[span.start..span.end] }
    }

    pub(super) fn into_store(self) -> Vec<u8> {
        self.store
    }

    fn rest(&self) -> &'a [u8] {
        &self.text[self.mark.offset..]
    }

    /// The byte that many bytes ahead, 0 behind the end.
    fn at(&self, ahead: usize) -> u8 {
        self.text.get(self.mark.offset + ahead).copied().unwrap_or(0)
    }

    /// Makes sure that this many characters can be looked at.
    fn ensure(&mut self, characters: usize) -> Scan {
        if self.mark.offset + 4 * characters <= self.loaded { Ok(()) } else { self.load(characters) }
    }

    #[cold]
    fn load(&mut self, characters: usize) -> Scan {
        let offset = self.mark.offset;
        let Some(window) = &mut self.windows else { return Ok(()) };
        loop {
            let loaded = self.loaded.min(self.text.len());
            let unread = self.text[offset..loaded].iter().filter(|&&byte| byte & 0xC0 != 0x80).take(characters).count();
            if unread >= characters {
                return Ok(());
            }
            window.base = offset;
            match (window.windows.ends.get(window.next), window.windows.fault) {
                (Some(&end), _) => {
                    self.loaded = end;
                    window.next += 1;
                }
                (None, None) => {
                    self.loaded = usize::MAX;
                    return Ok(());
                }
                (None, Some(problem)) => {
                    let none = Mark::default();
                    return Err(Box::new(Fault { stage: Stage::Reader, problem, mark: none, context: none }));
                }
            }
        }
    }

    /// Bytes before this can be taken many at once, without asking for more in between.
    fn bulk_end(&self) -> usize {
        self.text.len().min(self.loaded.saturating_sub(8))
    }

    /// Goes on by one character.
    fn advance(&mut self) {
        if let Some(&byte) = self.text.get(self.mark.offset) {
            self.mark.offset += width(byte);
        }
        self.mark.index += 1;
        self.mark.column += 1;
    }

    /// Goes on by that many ASCII characters.
    fn advance_ascii(&mut self, count: usize) {
        self.mark.offset += count;
        self.mark.index += count;
        self.mark.column += count;
    }

    /// Goes on over the line break that stands here, if one does.
    fn skip_line(&mut self) {
        let length = break_width(self.rest());
        if length > 0 {
            self.mark.index += if self.at(0) == b'\r' { length } else { 1 };
            self.mark.offset += length;
            self.mark.column = 0;
            self.mark.line += 1;
        }
    }

    /// Goes on over a line break and adds it, as a newline unless it is one of Unicode's separators.
    fn read_line(&mut self, into_trailing: bool) {
        let is_separator = self.at(0) == 0xE2;
        let text = self.text;
        let bytes: &[u8] = if is_separator { &text[self.mark.offset..self.mark.offset + 3] } else { b"\n" };
        let breaks = if into_trailing { &mut self.trailing_breaks } else { &mut self.leading_break };
        breaks.extend_from_slice(bytes);
        self.skip_line();
    }

    fn skip_blanks(&mut self) -> Scan {
        self.ensure(1)?;
        while is_blank(self.at(0)) {
            self.advance();
            self.ensure(1)?;
        }
        Ok(())
    }

    fn skip_comment(&mut self) -> Scan {
        if self.at(0) != b'#' {
            return Ok(());
        }
        while !is_break_or_end(self.rest()) {
            let end = self.bulk_end();
            let ascii = self.text[self.mark.offset..end.max(self.mark.offset)]
                .iter()
                .take_while(|&&byte| byte.is_ascii() && byte != b'\n' && byte != b'\r')
                .count();
            if ascii > 0 {
                self.advance_ascii(ascii);
            } else {
                self.advance();
            }
            self.ensure(1)?;
        }
        Ok(())
    }

    fn is_document_indicator(&self) -> bool {
        self.mark.column == 0
            && matches!(self.at(0), b'-' | b'.')
            && (self.rest().starts_with(b"---") || self.rest().starts_with(b"..."))
            && is_blank_or_end(&self.rest()[3..])
    }

    fn fault<T>(&self, context: Mark, problem: &'static str) -> Scan<T> {
        Err(Box::new(Fault { stage: Stage::Scanner, problem, mark: self.mark, context }))
    }

    fn push(&mut self, kind: TokenKind, start: Mark) {
        self.tokens.push_back(Token::new(kind, start));
    }

    /// Reads on while the first waiting token may still turn out to be a key.
    fn fetch_more_tokens(&mut self) -> Scan {
        while self.tokens.is_empty() || self.may_first_be_key()? {
            self.fetch_next_token()?;
        }
        self.is_token_ready = true;
        Ok(())
    }

    #[allow(clippy::cast_possible_wrap)]
    const fn column(&self) -> isize {
        self.mark.column as isize
    }

    fn fetch_next_token(&mut self) -> Scan {
        self.ensure(1)?;
        if !self.is_started {
            self.is_started = true;
            self.push(TokenKind::StreamStart, self.mark);
            return Ok(());
        }
        self.scan_to_next_token()?;
        self.unroll_indent(self.column());
        self.ensure(4)?;
        if self.mark.offset >= self.text.len() {
            return self.fetch_stream_end();
        }
        let byte = self.at(0);
        if self.mark.column == 0 && byte == b'%' {
            return self.fetch_directive();
        }
        if self.is_document_indicator() {
            return self.fetch_document_indicator();
        }
        let is_spaced = || is_blank_or_end(&self.rest()[1..]);
        let in_flow = self.flow_level > 0;
        match byte {
            b'[' => self.fetch_flow_start(TokenKind::FlowSequenceStart),
            b'{' => self.fetch_flow_start(TokenKind::FlowMappingStart),
            b']' => self.fetch_flow_end(TokenKind::FlowSequenceEnd),
            b'}' => self.fetch_flow_end(TokenKind::FlowMappingEnd),
            b',' => self.fetch_flow_entry(),
            b'-' if is_spaced() => self.fetch_block_entry(),
            b'?' if in_flow || is_spaced() => self.fetch_key(),
            b':' if in_flow || is_spaced() => self.fetch_value(),
            b'*' => self.fetch_anchor(TokenKind::Alias),
            b'&' => self.fetch_anchor(TokenKind::Anchor),
            b'!' => self.fetch_tag(),
            b'|' if !in_flow => self.fetch_block_scalar(true),
            b'>' if !in_flow => self.fetch_block_scalar(false),
            b'\'' => self.fetch_quoted_scalar(true),
            b'"' => self.fetch_quoted_scalar(false),
            b'-' if !is_blank(self.at(1)) => self.fetch_plain_scalar(),
            b'?' | b':' if !in_flow => self.fetch_plain_scalar(),
            b'-' | b'?' | b':' | b'#' | b'|' | b'>' | b'%' | b'@' | b'`' | b'\t' => {
                self.fault(self.mark, "found character that cannot start any token")
            }
            _ => self.fetch_plain_scalar(),
        }
    }

    /// Skips blanks, comments and line breaks.
    fn scan_to_next_token(&mut self) -> Scan {
        loop {
            self.ensure(1)?;
            if self.mark.column == 0 && self.is_buffer_marked() {
                self.advance();
            }
            self.ensure(1)?;
            // Tabs are blanks only where they cannot be taken for indentation.
            let are_tabs_blank = self.flow_level > 0 || !self.is_simple_key_allowed;
            while self.at(0) == b' ' || (are_tabs_blank && self.at(0) == b'\t') {
                self.advance_ascii(1);
                self.ensure(1)?;
            }
            self.skip_comment()?;
            if break_width(self.rest()) == 0 {
                return Ok(());
            }
            self.ensure(2)?;
            self.skip_line();
            if self.flow_level == 0 {
                self.is_simple_key_allowed = true;
            }
        }
    }

    /// Whether go-yaml's buffer begins with a byte order mark; it looks there and not at the place it has come to.
    fn is_buffer_marked(&self) -> bool {
        self.windows.as_ref().is_some_and(|window| self.text[window.base..].starts_with(b"\xEF\xBB\xBF"))
    }

    fn roll_indent(&mut self, column: isize, number: Option<usize>, kind: TokenKind, mark: Mark) -> Scan {
        if self.flow_level > 0 || self.indent >= column {
            return Ok(());
        }
        self.indents.push(self.indent);
        self.indent = column;
        if self.indents.len() > MAXIMUM_DEPTH {
            let context = self.simple_keys.last().map_or(self.mark, |key| key.mark);
            return self.fault(context, "exceeded max depth of 10000");
        }
        let token = Token::new(kind, mark);
        match number {
            Some(number) => self.insert(number, token),
            None => self.tokens.push_back(token),
        }
        Ok(())
    }

    /// Puts a token before the one of that number, or at the end if that one was taken already.
    fn insert(&mut self, number: usize, token: Token) {
        match number.checked_sub(self.tokens_taken) {
            Some(position) if position <= self.tokens.len() => self.tokens.insert(position, token),
            _ => self.tokens.push_back(token),
        }
    }

    fn unroll_indent(&mut self, column: isize) {
        if self.flow_level > 0 {
            return;
        }
        while self.indent > column {
            self.push(TokenKind::BlockEnd, self.mark);
            self.indent = self.indents.pop().unwrap_or(-1);
        }
    }

    fn fetch_stream_end(&mut self) -> Scan {
        if self.mark.column != 0 {
            self.mark.column = 0;
            self.mark.line += 1;
        }
        self.unroll_indent(-1);
        self.remove_simple_key()?;
        self.is_simple_key_allowed = false;
        self.push(TokenKind::StreamEnd, self.mark);
        Ok(())
    }

    fn fetch_directive(&mut self) -> Scan {
        self.unroll_indent(-1);
        self.remove_simple_key()?;
        self.is_simple_key_allowed = false;
        let token = self.scan_directive()?;
        self.tokens.push_back(token);
        Ok(())
    }

    fn fetch_document_indicator(&mut self) -> Scan {
        self.unroll_indent(-1);
        self.remove_simple_key()?;
        self.is_simple_key_allowed = false;
        let kind = if self.at(0) == b'-' { TokenKind::DocumentStart } else { TokenKind::DocumentEnd };
        let start = self.mark;
        self.advance_ascii(3);
        self.push(kind, start);
        Ok(())
    }

    fn fetch_indicator(&mut self, kind: TokenKind) {
        let start = self.mark;
        self.advance_ascii(1);
        self.push(kind, start);
    }

    fn fetch_flow_start(&mut self, kind: TokenKind) -> Scan {
        self.save_simple_key()?;
        let token_number = self.tokens_taken + self.tokens.len();
        self.simple_keys.push(SimpleKey { token_number, mark: self.mark, ..SimpleKey::default() });
        self.flow_level += 1;
        if self.flow_level > MAXIMUM_DEPTH {
            return self.fault(self.mark, "exceeded max depth of 10000");
        }
        self.is_simple_key_allowed = true;
        self.fetch_indicator(kind);
        Ok(())
    }

    fn fetch_flow_end(&mut self, kind: TokenKind) -> Scan {
        self.remove_simple_key()?;
        if self.flow_level > 0 {
            self.flow_level -= 1;
            // An empty collection is no longer awaited: go-yaml mistakes its key for the one of its content.
            let closed = self.simple_keys.pop();
            if let (Some(closed), Some(key)) = (closed, self.simple_keys.last_mut())
                && closed.token_number == key.token_number
            {
                key.is_awaited = false;
            }
        }
        self.is_simple_key_allowed = false;
        self.fetch_indicator(kind);
        Ok(())
    }

    fn fetch_flow_entry(&mut self) -> Scan {
        self.remove_simple_key()?;
        self.is_simple_key_allowed = true;
        self.fetch_indicator(TokenKind::FlowEntry);
        Ok(())
    }

    fn fetch_block_entry(&mut self) -> Scan {
        if self.flow_level == 0 {
            if !self.is_simple_key_allowed {
                return self.fault(self.mark, "block sequence entries are not allowed in this context");
            }
            self.roll_indent(self.column(), None, TokenKind::BlockSequenceStart, self.mark)?;
        }
        self.remove_simple_key()?;
        self.is_simple_key_allowed = true;
        self.fetch_indicator(TokenKind::BlockEntry);
        Ok(())
    }

    fn fetch_key(&mut self) -> Scan {
        if self.flow_level == 0 {
            if !self.is_simple_key_allowed {
                return self.fault(self.mark, "mapping keys are not allowed in this context");
            }
            self.roll_indent(self.column(), None, TokenKind::BlockMappingStart, self.mark)?;
        }
        self.remove_simple_key()?;
        self.is_simple_key_allowed = self.flow_level == 0;
        self.fetch_indicator(TokenKind::Key);
        Ok(())
    }

    fn fetch_value(&mut self) -> Scan {
        let level = self.simple_keys.len() - 1;
        if self.is_key_valid(level)? {
            let key = self.simple_keys[level];
            self.insert(key.token_number, Token::new(TokenKind::Key, key.mark));
            #[allow(clippy::cast_possible_wrap)]
            let column = key.mark.column as isize;
            self.roll_indent(column, Some(key.token_number), TokenKind::BlockMappingStart, key.mark)?;
            self.simple_keys[level].is_possible = false;
            self.is_simple_key_allowed = false;
        } else {
            if self.flow_level == 0 {
                if !self.is_simple_key_allowed {
                    return self.fault(self.mark, "mapping values are not allowed in this context");
                }
                self.roll_indent(self.column(), None, TokenKind::BlockMappingStart, self.mark)?;
            }
            self.is_simple_key_allowed = self.flow_level == 0;
        }
        self.fetch_indicator(TokenKind::Value);
        Ok(())
    }

    fn fetch_anchor(&mut self, kind: TokenKind) -> Scan {
        self.save_simple_key()?;
        self.is_simple_key_allowed = false;
        let start = self.mark;
        self.advance_ascii(1);
        let value = self.scan_word()?;
        let is_ended =
            is_blank_or_end(self.rest()) || matches!(self.at(0), b'?' | b':' | b',' | b']' | b'}' | b'%' | b'@' | b'`');
        if value.is_empty() || !is_ended {
            return self.fault(start, "did not find expected alphabetic or numeric character");
        }
        self.tokens.push_back(Token { value, ..Token::new(kind, start) });
        Ok(())
    }

    /// Letters, digits, `_` and `-`.
    fn scan_word(&mut self) -> Scan<Span> {
        let start = self.mark.offset;
        self.ensure(1)?;
        while is_word(self.at(0)) {
            self.advance_ascii(1);
            self.ensure(1)?;
        }
        Ok(Span::of_text(start, self.mark.offset))
    }

    fn fetch_tag(&mut self) -> Scan {
        self.save_simple_key()?;
        self.is_simple_key_allowed = false;
        let token = self.scan_tag()?;
        self.tokens.push_back(token);
        Ok(())
    }

    fn fetch_block_scalar(&mut self, is_literal: bool) -> Scan {
        self.remove_simple_key()?;
        self.is_simple_key_allowed = true;
        let token = self.scan_block_scalar(is_literal)?;
        self.tokens.push_back(token);
        Ok(())
    }

    fn fetch_quoted_scalar(&mut self, is_single: bool) -> Scan {
        self.save_simple_key()?;
        self.is_simple_key_allowed = false;
        let token = self.scan_quoted_scalar(is_single)?;
        self.tokens.push_back(token);
        Ok(())
    }

    fn fetch_plain_scalar(&mut self) -> Scan {
        self.save_simple_key()?;
        self.is_simple_key_allowed = false;
        let token = self.scan_plain_scalar()?;
        self.tokens.push_back(token);
        Ok(())
    }
}
