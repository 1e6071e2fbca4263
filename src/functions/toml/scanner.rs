//! Characters and the smallest pieces of TOML, with the complaints of the library that Helm uses.

use super::key::is_bare;
use super::text::{unescaped, without_escaped_newlines, without_first_newline};
use crate::template::{quote, quote_character};

/// What follows the last character. No text holds it, since control characters are refused.
pub(super) const END: char = '\0';

/// A complaint and its line.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) line: usize,
    pub(super) message: String,
}

/// A number or time that has not been judged yet.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Integer,
    Float,
    Time,
}

pub(super) struct Scanner<'a> {
    input: &'a [u8],
    at: usize,
    /// Where the piece that is being read begins.
    start: usize,
    pub(super) line: usize,
    is_past_end: bool,
}

impl<'a> Scanner<'a> {
    pub(super) const fn new(input: &'a [u8]) -> Self {
        Self { input, at: 0, start: 0, line: 1, is_past_end: false }
    }

    /// The next character, which is then behind.
    pub(super) fn next(&mut self) -> Result<char, Fault> {
        let Some(&first) = self.input.get(self.at) else {
            self.is_past_end = true;
            return Ok(END);
        };
        if first == b'\n' {
            self.line += 1;
        }
        let character = decode(&self.input[self.at..])
            .ok_or_else(|| Fault { line: self.line, message: format!("invalid UTF-8 byte: 0x{first:02x}") })?;
        let is_lone_return = first == b'\r' && self.input.get(self.at + 1) != Some(&b'\n');
        let is_control = character.is_ascii_control() && !matches!(character, '\t' | '\r' | '\n');
        if is_control || is_lone_return {
            let message = format!("TOML files cannot contain control characters: '0x{first:02x}'");
            return Err(Fault { line: self.line, message });
        }
        self.at += character.len_utf8();
        Ok(character)
    }

    /// Puts the character that was read last before the place again.
    pub(super) fn back(&mut self, character: char) {
        if self.is_past_end {
            self.is_past_end = false;
            return;
        }
        self.at -= character.len_utf8();
        if character == '\n' {
            self.line -= 1;
        }
    }

    pub(super) fn peek(&mut self) -> Result<char, Fault> {
        let character = self.next()?;
        self.back(character);
        Ok(character)
    }

    pub(super) fn accept(&mut self, wanted: char) -> Result<bool, Fault> {
        let character = self.next()?;
        if character != wanted {
            self.back(character);
        }
        Ok(character == wanted)
    }

    /// The next piece begins here.
    pub(super) fn begin(&mut self) {
        self.start = self.at;
    }

    pub(super) fn current(&self) -> &'a [u8] {
        &self.input[self.start..self.at]
    }

    pub(super) fn skip_spaces(&mut self) -> Result<(), Fault> {
        while matches!(self.peek()?, ' ' | '\t') {
            self.next()?;
        }
        self.begin();
        Ok(())
    }

    /// A complaint here; at the very end, on the last line that has anything.
    pub(super) fn fault(&self, message: impl Into<String>) -> Fault {
        let is_after_newline = self.is_past_end && self.at > 0 && self.input[self.at - 1] == b'\n';
        Fault { line: self.line - usize::from(is_after_newline), message: message.into() }
    }

    /// A complaint about the line before.
    pub(super) fn fault_before(&self, message: impl Into<String>) -> Fault {
        Fault { line: self.line.saturating_sub(1), message: message.into() }
    }

    /// To the end of the line.
    pub(super) fn comment(&mut self) -> Result<(), Fault> {
        while !matches!(self.peek()?, '\n' | '\r' | END) {
            self.next()?;
        }
        Ok(())
    }

    /// One part of a key that is not in quotes. It may be empty.
    pub(super) fn bare_name(&mut self) -> Result<Vec<u8>, Fault> {
        self.begin();
        loop {
            let character = self.next()?;
            if !u8::try_from(character).is_ok_and(is_bare) {
                self.back(character);
                return Ok(self.current().to_vec());
            }
        }
    }

    /// One part of a key, in quotes or not.
    pub(super) fn name(&mut self) -> Result<Vec<u8>, Fault> {
        match self.peek()? {
            quote @ ('"' | '\'') => {
                self.next()?;
                self.line_of_text(quote)
            }
            _ => self.bare_name(),
        }
    }

    /// A text, after its first quote has been read.
    pub(super) fn text(&mut self, mark: char) -> Result<Vec<u8>, Fault> {
        if self.accept(mark)? {
            if self.accept(mark)? {
                return self.lines_of_text(mark);
            }
            self.back(mark);
        }
        self.line_of_text(mark)
    }

    fn line_of_text(&mut self, mark: char) -> Result<Vec<u8>, Fault> {
        let is_raw = mark == '\'';
        self.begin();
        loop {
            match self.next()? {
                END => return Err(self.fault(format!("unexpected EOF; expected {}", in_other_quotes(mark, 1)))),
                '\n' | '\r' => return Err(self.fault_before("strings cannot contain newlines")),
                '\\' if !is_raw => self.escape()?,
                character if character == mark => {
                    let text = &self.current()[..self.at - self.start - 1];
                    return if is_raw { Ok(text.to_vec()) } else { self.judged(unescaped(text)) };
                }
                _ => {}
            }
        }
    }

    fn lines_of_text(&mut self, mark: char) -> Result<Vec<u8>, Fault> {
        let is_raw = mark == '\'';
        self.begin();
        loop {
            match self.next()? {
                END => return Err(self.fault(format!("unexpected EOF; expected {}", in_other_quotes(mark, 3)))),
                '\\' if !is_raw && !matches!(self.peek()?, '\n' | '\r') => {
                    self.escape()?;
                }
                character if character == mark && self.ends_lines(mark)? => break,
                _ => {}
            }
        }
        let text = without_first_newline(&self.current()[..self.at - self.start - 3]);
        if is_raw { Ok(text.to_vec()) } else { self.judged(unescaped(&without_escaped_newlines(text))) }
    }

    /// Whether the mark that was just read is the first of the last three; reads the other two if it is.
    fn ends_lines(&mut self, mark: char) -> Result<bool, Fault> {
        if !self.accept(mark)? {
            return Ok(false);
        }
        if !self.accept(mark)? {
            self.back(mark);
            return Ok(false);
        }
        if self.peek()? != mark {
            return Ok(true);
        }
        let five = [mark as u8; 5];
        let current = self.current();
        let is_escaped = mark == '"' && current.strip_suffix(&five).is_some_and(|before| before.ends_with(b"\\"));
        if current.ends_with(&five) && !is_escaped {
            return Err(self.fault(format!("unexpected {}", in_other_quotes(mark, 6))));
        }
        self.back(mark);
        self.back(mark);
        Ok(false)
    }

    /// After a backslash. What the escape means is found out later.
    fn escape(&mut self) -> Result<(), Fault> {
        let (digits, words) = match self.next()? {
            'e' | 'b' | 't' | 'n' | 'f' | 'r' | '"' | ' ' | '\t' | '\\' => return Ok(()),
            'x' => (2, "two hexadecimal digits after '\\x'"),
            'u' => (4, "four hexadecimal digits after '\\u'"),
            'U' => (8, "eight hexadecimal digits after '\\U'"),
            other => {
                let message = format!("invalid escape in string '\\{other}'");
                return Err(if self.is_past_end { self.fault_before(message) } else { self.fault(message) });
            }
        };
        for _ in 0..digits {
            if !self.next()?.is_ascii_hexdigit() {
                return Err(self.fault(format!("expected {words}, but got {} instead", quote(self.current()))));
            }
        }
        Ok(())
    }

    fn judged<T>(&self, result: Result<T, String>) -> Result<T, Fault> {
        result.map_err(|message| Fault { line: self.line, message })
    }

    /// A number or time, as far as its characters go.
    pub(super) fn number(&mut self) -> Result<(Shape, Vec<u8>), Fault> {
        self.begin();
        let first = self.next()?;
        if matches!(first, '+' | '-') {
            return self.signed_number();
        }
        if first != '0' {
            return self.number_or_time();
        }
        match self.next()? {
            digit if digit.is_ascii_digit() => self.number_or_time(),
            '_' => self.decimal(),
            '.' | 'e' | 'E' => self.float(),
            'b' => self.based("a binary", |digit| matches!(digit, '0' | '1')),
            'o' => self.based("an octal", |digit| matches!(digit, '0'..='7')),
            'x' => self.based("a hexadecimal", |digit| digit.is_ascii_hexdigit()),
            other => {
                self.back(other);
                Ok((Shape::Integer, self.current().to_vec()))
            }
        }
    }

    fn number_or_time(&mut self) -> Result<(Shape, Vec<u8>), Fault> {
        loop {
            match self.next()? {
                digit if digit.is_ascii_digit() => {}
                '-' | ':' => return self.time(),
                '_' => return self.decimal(),
                '.' | 'e' | 'E' => return self.float(),
                other => {
                    self.back(other);
                    return Ok((Shape::Integer, self.current().to_vec()));
                }
            }
        }
    }

    fn signed_number(&mut self) -> Result<(Shape, Vec<u8>), Fault> {
        let first = self.next()?;
        match first {
            'i' | 'n' => {
                let rest = if first == 'i' { ['n', 'f'] } else { ['a', 'n'] };
                if !self.accept(rest[0])? || !self.accept(rest[1])? {
                    let current = String::from_utf8_lossy(self.current()).into_owned();
                    return Err(self.fault(format!("invalid float: '{current}'")));
                }
                Ok((Shape::Float, self.current().to_vec()))
            }
            '.' => Err(self.fault("floats must start with a digit, not '.'")),
            '0' if matches!(self.peek()?, 'b' | 'o' | 'x') => {
                let (base, current) = (self.peek()?, String::from_utf8_lossy(self.current()).into_owned());
                Err(self.fault(format!("cannot use sign with non-decimal numbers: '{current}{base}'")))
            }
            digit if digit.is_ascii_digit() => self.decimal(),
            other => Err(self.fault(format!("expected a digit but got {}", quote_character(other)))),
        }
    }

    fn decimal(&mut self) -> Result<(Shape, Vec<u8>), Fault> {
        loop {
            match self.next()? {
                '_' => {}
                digit if digit.is_ascii_digit() => {}
                '.' | 'e' | 'E' => return self.float(),
                other => {
                    self.back(other);
                    return Ok((Shape::Integer, self.current().to_vec()));
                }
            }
        }
    }

    fn float(&mut self) -> Result<(Shape, Vec<u8>), Fault> {
        self.while_in(|next| next.is_ascii_digit() || matches!(next, '_' | '.' | '-' | '+' | 'e' | 'E'))?;
        Ok((Shape::Float, self.current().to_vec()))
    }

    fn time(&mut self) -> Result<(Shape, Vec<u8>), Fault> {
        self.while_in(|next| {
            next.is_ascii_digit() || matches!(next, '-' | ':' | 'T' | 't' | ' ' | '.' | 'Z' | 'z' | '+')
        })?;
        Ok((Shape::Time, self.current().trim_ascii().to_vec()))
    }

    fn based(&mut self, what: &str, is_digit: fn(char) -> bool) -> Result<(Shape, Vec<u8>), Fault> {
        let next = self.peek()?;
        if !is_digit(next) {
            let current = String::from_utf8_lossy(self.current()).into_owned();
            return Err(self.fault(format!("not {what} number: '{current}{next}'")));
        }
        self.while_in(|next| is_digit(next) || next == '_')?;
        Ok((Shape::Integer, self.current().to_vec()))
    }

    /// Letters that should be `true` or `false`.
    pub(super) fn word(&mut self) -> Result<Vec<u8>, Fault> {
        self.begin();
        self.while_in(char::is_alphabetic)?;
        Ok(self.current().to_vec())
    }

    fn while_in(&mut self, is_wanted: impl Fn(char) -> bool) -> Result<(), Fault> {
        loop {
            let character = self.next()?;
            if !is_wanted(character) {
                self.back(character);
                return Ok(());
            }
        }
    }
}

/// As the library writes marks in its complaints: in single quotes, or the single ones in double.
fn in_other_quotes(mark: char, count: usize) -> String {
    let other = if mark == '"' { '\'' } else { '"' };
    format!("{other}{}{other}", String::from(mark).repeat(count))
}

fn decode(bytes: &[u8]) -> Option<char> {
    let length = match bytes.first()? {
        0..0x80 => 1,
        0xc0..0xe0 => 2,
        0xe0..0xf0 => 3,
        _ => 4,
    };
    std::str::from_utf8(bytes.get(..length)?).ok()?.chars().next()
}
