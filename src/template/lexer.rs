//! Cuts a template's text into tokens.
//!
//! Lines, positions and the order in which errors show follow Go's lexer, since its messages name them.

use super::quote::{decode, quote};
use super::unicode::{is_digit, is_letter, is_print};

const LEFT: &[u8] = b"{{";
const RIGHT: &[u8] = b"}}";
const LEFT_COMMENT: &[u8] = b"/*";
const RIGHT_COMMENT: &[u8] = b"*/";
/// A trim marker is a minus and the white space beside it.
const TRIM_MARKER: usize = 2;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenKind {
    Error,
    Bool,
    Char,
    CharConstant,
    Complex,
    Assign,
    Declare,
    End,
    Field,
    Identifier,
    LeftDelimiter,
    LeftParenthesis,
    Number,
    Pipe,
    RawString,
    RightDelimiter,
    RightParenthesis,
    Space,
    String,
    Text,
    Variable,
    Keyword(Keyword),
}

/// Words with a meaning of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keyword {
    Block,
    Break,
    Continue,
    Dot,
    Define,
    Else,
    End,
    If,
    Nil,
    Range,
    Template,
    With,
}

/// A piece of the text, or what is wrong with it.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) start: usize,
    pub(super) end: usize,
    /// Counted from one, at the token's start.
    pub(super) line: usize,
    /// For errors.
    pub(super) message: Option<Box<str>>,
}

/// Whether `break` and `continue` are keywords: they are not where functions have these names.
#[derive(Debug, Clone, Copy)]
pub(super) struct LexerOptions {
    pub(super) is_break_keyword: bool,
    pub(super) is_continue_keyword: bool,
}

/// Reads one text from start to end.
pub(super) struct Lexer<'a> {
    input: &'a [u8],
    position: usize,
    start: usize,
    is_at_end: bool,
    parentheses: usize,
    line: usize,
    start_line: usize,
    is_inside_action: bool,
    options: LexerOptions,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(input: &'a [u8], options: LexerOptions) -> Self {
        Self {
            input,
            position: 0,
            start: 0,
            is_at_end: false,
            parentheses: 0,
            line: 1,
            start_line: 1,
            is_inside_action: false,
            options,
        }
    }

    pub(super) fn next_token(&mut self) -> Token {
        if self.is_inside_action { self.inside_action() } else { self.text() }
    }

    fn rest(&self) -> &'a [u8] {
        &self.input[self.position..]
    }

    fn next(&mut self) -> Option<char> {
        if self.position >= self.input.len() {
            self.is_at_end = true;
            return None;
        }
        let (character, width) = decode(self.rest());
        self.position += width;
        if character == '\n' {
            self.line += 1;
        }
        Some(character)
    }

    fn backup(&mut self) {
        if self.is_at_end || self.position == 0 {
            return;
        }
        let mut width = 1;
        for candidate in 2..=4.min(self.position) {
            let tail = &self.input[self.position - candidate..self.position];
            if decode(tail).1 == candidate {
                width = candidate;
            }
        }
        self.position -= width;
        if self.input[self.position] == b'\n' {
            self.line -= 1;
        }
    }

    fn peek(&mut self) -> Option<char> {
        if self.position >= self.input.len() {
            self.is_at_end = true;
            return None;
        }
        Some(decode(self.rest()).0)
    }

    fn emit(&mut self, kind: TokenKind) -> Token {
        let token = Token { kind, start: self.start, end: self.position, line: self.start_line, message: None };
        self.start = self.position;
        self.start_line = self.line;
        token
    }

    /// Skips what was passed over without counting its lines.
    fn ignore(&mut self) {
        self.line += count_lines(&self.input[self.start..self.position]);
        self.start = self.position;
        self.start_line = self.line;
    }

    /// An error ends the text.
    fn error(&mut self, message: impl Into<Box<str>>) -> Token {
        let token = Token {
            kind: TokenKind::Error,
            start: self.start,
            end: self.position.max(self.start),
            line: self.start_line,
            message: Some(message.into()),
        };
        self.start = 0;
        self.position = 0;
        self.input = &[];
        token
    }

    fn text(&mut self) -> Token {
        loop {
            let Some(found) = memchr::memmem::find(self.rest(), LEFT) else {
                self.position = self.input.len();
                if self.position > self.start {
                    self.line += count_lines(&self.input[self.start..self.position]);
                    return self.emit(TokenKind::Text);
                }
                return self.emit(TokenKind::End);
            };
            if found > 0 {
                self.position += found;
                let has_marker = has_left_trim_marker(&self.input[self.position + LEFT.len()..]);
                let trimmed = if has_marker { trailing_space(&self.input[self.start..self.position]) } else { 0 };
                self.position -= trimmed;
                self.line += count_lines(&self.input[self.start..self.position]);
                let token = self.emit(TokenKind::Text);
                self.position += trimmed;
                self.ignore();
                if token.end > token.start {
                    return token;
                }
            }
            if let Some(token) = self.left_delimiter() {
                return token;
            }
        }
    }

    /// None: it was a comment, and text follows.
    fn left_delimiter(&mut self) -> Option<Token> {
        self.position += LEFT.len();
        let after = if has_left_trim_marker(self.rest()) { TRIM_MARKER } else { 0 };
        if self.rest()[after..].starts_with(LEFT_COMMENT) {
            self.position += after;
            self.ignore();
            return self.comment();
        }
        let token = self.emit(TokenKind::LeftDelimiter);
        self.is_inside_action = true;
        self.position += after;
        self.ignore();
        self.parentheses = 0;
        Some(token)
    }

    fn comment(&mut self) -> Option<Token> {
        self.position += LEFT_COMMENT.len();
        let Some(found) = memchr::memmem::find(self.rest(), RIGHT_COMMENT) else {
            return Some(self.error("unclosed comment"));
        };
        self.position += found + RIGHT_COMMENT.len();
        let Some(is_trimming) = self.at_right_delimiter() else {
            return Some(self.error("comment ends before closing delimiter"));
        };
        self.line += count_lines(&self.input[self.start..self.position]);
        self.emit(TokenKind::Space);
        if is_trimming {
            self.position += TRIM_MARKER;
        }
        self.position += RIGHT.len();
        if is_trimming {
            self.position += leading_space(self.rest());
        }
        self.ignore();
        None
    }

    /// Some if a right delimiter is next, with whether it trims.
    fn at_right_delimiter(&self) -> Option<bool> {
        let rest = self.rest();
        if has_right_trim_marker(rest) && rest[TRIM_MARKER..].starts_with(RIGHT) {
            return Some(true);
        }
        rest.starts_with(RIGHT).then_some(false)
    }

    fn right_delimiter(&mut self) -> Token {
        let is_trimming = self.at_right_delimiter().unwrap_or(false);
        if is_trimming {
            self.position += TRIM_MARKER;
            self.ignore();
        }
        self.position += RIGHT.len();
        let token = self.emit(TokenKind::RightDelimiter);
        if is_trimming {
            self.position += leading_space(self.rest());
            self.ignore();
        }
        self.is_inside_action = false;
        token
    }

    fn inside_action(&mut self) -> Token {
        if self.at_right_delimiter().is_some() {
            if self.parentheses == 0 {
                return self.right_delimiter();
            }
            return self.error("unclosed left paren");
        }
        let Some(character) = self.next() else { return self.error("unclosed action") };
        match character {
            ' ' | '\t' | '\r' | '\n' => {
                self.backup();
                self.space()
            }
            '=' => self.emit(TokenKind::Assign),
            ':' => {
                if self.next() != Some('=') {
                    return self.error("expected :=");
                }
                self.emit(TokenKind::Declare)
            }
            '|' => self.emit(TokenKind::Pipe),
            '"' => self.quoted('"', "unterminated quoted string", TokenKind::String),
            '`' => self.raw_string(),
            '$' => {
                if self.at_terminator() {
                    return self.emit(TokenKind::Variable);
                }
                self.field_or_variable(TokenKind::Variable)
            }
            '\'' => self.quoted('\'', "unterminated character constant", TokenKind::CharConstant),
            '.' if self.input.get(self.position).is_some_and(|next| !next.is_ascii_digit()) => {
                self.field_or_variable(TokenKind::Field)
            }
            '.' | '+' | '-' | '0'..='9' => {
                self.backup();
                self.number()
            }
            _ if is_alphanumeric(character) => {
                self.backup();
                self.identifier()
            }
            '(' => {
                self.parentheses += 1;
                self.emit(TokenKind::LeftParenthesis)
            }
            ')' => {
                if self.parentheses == 0 {
                    return self.error("unexpected right paren");
                }
                self.parentheses -= 1;
                self.emit(TokenKind::RightParenthesis)
            }
            ' '..='~' => self.emit(TokenKind::Char),
            _ => self.error(format!("unrecognized character in action: {}", name_of(Some(character)))),
        }
    }

    fn space(&mut self) -> Token {
        let mut count = 0;
        while self.peek().is_some_and(is_space) {
            self.next();
            count += 1;
        }
        let before = self.position - 1;
        if has_right_trim_marker(&self.input[before..]) && self.input[before + TRIM_MARKER..].starts_with(RIGHT) {
            self.backup();
            if count == 1 {
                return self.right_delimiter();
            }
        }
        self.emit(TokenKind::Space)
    }

    fn identifier(&mut self) -> Token {
        let mut last;
        loop {
            last = self.next();
            if !last.is_some_and(is_alphanumeric) {
                break;
            }
        }
        self.backup();
        if !self.at_terminator() {
            return self.error(format!("bad character {}", name_of(last)));
        }
        let kind = self.word_kind(&self.input[self.start..self.position]);
        self.emit(kind)
    }

    fn word_kind(&self, word: &[u8]) -> TokenKind {
        let keyword = match word {
            b"block" => Keyword::Block,
            b"break" if self.options.is_break_keyword => Keyword::Break,
            b"continue" if self.options.is_continue_keyword => Keyword::Continue,
            b"define" => Keyword::Define,
            b"else" => Keyword::Else,
            b"end" => Keyword::End,
            b"if" => Keyword::If,
            b"range" => Keyword::Range,
            b"nil" => Keyword::Nil,
            b"template" => Keyword::Template,
            b"with" => Keyword::With,
            b"true" | b"false" => return TokenKind::Bool,
            _ => return TokenKind::Identifier,
        };
        TokenKind::Keyword(keyword)
    }

    fn field_or_variable(&mut self, kind: TokenKind) -> Token {
        if self.at_terminator() {
            let kind = if kind == TokenKind::Variable { kind } else { TokenKind::Keyword(Keyword::Dot) };
            return self.emit(kind);
        }
        let mut last;
        loop {
            last = self.next();
            if !last.is_some_and(is_alphanumeric) {
                self.backup();
                break;
            }
        }
        if !self.at_terminator() {
            return self.error(format!("bad character {}", name_of(last)));
        }
        self.emit(kind)
    }

    /// Whether an identifier may end here.
    fn at_terminator(&mut self) -> bool {
        match self.peek() {
            None | Some(' ' | '\t' | '\r' | '\n' | '.' | ',' | '|' | ':' | ')' | '(') => true,
            Some(_) => self.rest().starts_with(RIGHT),
        }
    }

    fn quoted(&mut self, end: char, problem: &str, kind: TokenKind) -> Token {
        loop {
            match self.next() {
                Some('\\') => {
                    if matches!(self.next(), None | Some('\n')) {
                        return self.error(problem);
                    }
                }
                None | Some('\n') => return self.error(problem),
                Some(character) if character == end => return self.emit(kind),
                Some(_) => {}
            }
        }
    }

    fn raw_string(&mut self) -> Token {
        loop {
            match self.next() {
                None => return self.error("unterminated raw quoted string"),
                Some('`') => return self.emit(TokenKind::RawString),
                Some(_) => {}
            }
        }
    }

    fn number(&mut self) -> Token {
        if !self.scan_number() {
            return self.bad_number();
        }
        if matches!(self.peek(), Some('+' | '-')) {
            if !self.scan_number() || self.input[self.position - 1] != b'i' {
                return self.bad_number();
            }
            return self.emit(TokenKind::Complex);
        }
        self.emit(TokenKind::Number)
    }

    fn bad_number(&mut self) -> Token {
        let message = format!("bad number syntax: {}", quote(&self.input[self.start..self.position]));
        self.error(message)
    }

    /// Takes what could be a number; whether it is one shows when it is converted.
    fn scan_number(&mut self) -> bool {
        self.accept("+-");
        let mut digits = "0123456789_";
        if self.accept("0") {
            if self.accept("xX") {
                digits = "0123456789abcdefABCDEF_";
            } else if self.accept("oO") {
                digits = "01234567_";
            } else if self.accept("bB") {
                digits = "01_";
            }
        }
        self.accept_run(digits);
        if self.accept(".") {
            self.accept_run(digits);
        }
        let is_decimal = digits.len() == 11;
        let is_hexadecimal = digits.len() == 23;
        if (is_decimal && self.accept("eE")) || (is_hexadecimal && self.accept("pP")) {
            self.accept("+-");
            self.accept_run("0123456789_");
        }
        self.accept("i");
        if self.peek().is_some_and(is_alphanumeric) {
            self.next();
            return false;
        }
        true
    }

    fn accept(&mut self, valid: &str) -> bool {
        if self.next().is_some_and(|character| valid.contains(character)) {
            return true;
        }
        self.backup();
        false
    }

    fn accept_run(&mut self, valid: &str) {
        while self.accept(valid) {}
    }
}

/// As `%#U` prints a character; Go prints the end of the text, -1, as one too.
fn name_of(character: Option<char>) -> String {
    match character {
        None => "U+FFFFFFFFFFFFFFFF".to_owned(),
        Some(character) if is_print(character) => format!("U+{:04X} '{character}'", u32::from(character)),
        Some(character) => format!("U+{:04X}", u32::from(character)),
    }
}

fn count_lines(text: &[u8]) -> usize {
    memchr::memchr_iter(b'\n', text).count()
}

fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r' | '\n')
}

fn is_space_byte(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

fn is_alphanumeric(character: char) -> bool {
    character == '_' || is_letter(character) || is_digit(character)
}

fn has_left_trim_marker(text: &[u8]) -> bool {
    text.len() >= 2 && text[0] == b'-' && is_space_byte(text[1])
}

fn has_right_trim_marker(text: &[u8]) -> bool {
    text.len() >= 2 && is_space_byte(text[0]) && text[1] == b'-'
}

fn leading_space(text: &[u8]) -> usize {
    text.iter().take_while(|byte| is_space_byte(**byte)).count()
}

fn trailing_space(text: &[u8]) -> usize {
    text.iter().rev().take_while(|byte| is_space_byte(**byte)).count()
}
