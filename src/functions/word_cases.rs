//! Names of programs in the cases of programming languages: `HTTPServer`, `http_server`, `http-server`. The rules are
//! those of xstrings 1.5.

use super::runes::{
    REPLACEMENT, decode, is_letter, is_number, is_punctuation, is_space, is_upper, push, to_lower, to_upper,
};

/// `http_server` as `HttpServer`. Connectors at the start and repeated ones stay.
pub(super) fn pascal_case(text: &[u8]) -> Vec<u8> {
    let mut cased = Vec::with_capacity(text.len());
    let mut rest = text;
    let (mut current, mut is_word_upper) = (None, false);
    while let (rune, width @ 1..) = decode(rest) {
        rest = &rest[width..];
        if !is_connector(rune) {
            is_word_upper = is_upper(rune);
            current = Some(to_upper(rune));
            break;
        }
        current = Some(rune);
        push(&mut cased, rune);
    }
    // A text of connectors alone gets its last one twice.
    let Some(mut current) = current else { return cased };
    while let (rune, width @ 1..) = decode(rest) {
        rest = &rest[width..];
        let previous = std::mem::replace(&mut current, rune);
        if !is_connector(previous) {
            if is_word_upper {
                is_word_upper = is_upper(rune);
                current = if is_word_upper { to_lower(rune) } else { rune };
            }
            push(&mut cased, previous);
        } else if is_connector(rune) {
            push(&mut cased, previous);
        } else {
            is_word_upper = is_upper(rune);
            current = to_upper(rune);
        }
    }
    push(&mut cased, current);
    cased
}

/// `HTTPServer2xx` as `http_server_2xx`.
pub(super) fn joined_by(text: &[u8], connector: char) -> Vec<u8> {
    let mut joiner = Joiner { rest: text, joined: Vec::with_capacity(text.len() + 4), connector };
    joiner.run();
    joiner.joined
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum WordKind {
    Invalid,
    Number,
    Upper,
    Alphabet,
    Connector,
    Punctuation,
    Other,
}

use WordKind::{Alphabet, Connector, Invalid, Number, Other, Punctuation, Upper};

type Word<'a> = (WordKind, &'a [u8]);

struct Joiner<'a> {
    rest: &'a [u8],
    joined: Vec<u8>,
    connector: char,
}

impl<'a> Joiner<'a> {
    fn run(&mut self) {
        let mut word = self.next();
        while !self.rest.is_empty() {
            if word.0 != Connector {
                self.write(word);
            }
            let last = std::mem::replace(&mut word, (Invalid, b""));
            word = self.next();
            match last.0 {
                Number => word = self.write_with_number(word),
                Connector => self.write(last),
                Punctuation => {}
                _ => word = self.after_letters(word),
            }
        }
        self.write(word);
    }

    /// Letters after a number belong to it: `2xx`.
    fn write_with_number(&mut self, mut word: Word<'a>) -> Word<'a> {
        while matches!(word.0, Alphabet | Number) {
            self.write(word);
            word = self.next();
        }
        if word.0 != Invalid {
            self.connect_to(word);
        }
        word
    }

    /// A number after letters belongs to them, unless letters follow it: `bld4_floor`, `http_2xx`.
    fn after_letters(&mut self, word: Word<'a>) -> Word<'a> {
        if word.0 != Number {
            self.connect_to(word);
            return word;
        }
        if self.rest.is_empty() {
            return word;
        }
        let following = self.next();
        if following.0 == Alphabet {
            push(&mut self.joined, self.connector);
            self.write(word);
            return self.write_with_number(following);
        }
        self.write(word);
        self.connect_to(following);
        following
    }

    fn connect_to(&mut self, word: Word<'a>) {
        if !matches!(word.0, Connector | Punctuation) {
            push(&mut self.joined, self.connector);
        }
    }

    fn write(&mut self, (kind, mut text): Word<'a>) {
        if !matches!(kind, Upper | Connector) {
            self.joined.extend_from_slice(text);
            return;
        }
        while let (rune, width @ 1..) = decode(text) {
            text = &text[width..];
            let written = match rune {
                _ if is_connector(rune) => self.connector,
                _ if is_upper(rune) => to_lower(rune),
                _ => rune,
            };
            push(&mut self.joined, written);
        }
    }

    fn next(&mut self) -> Word<'a> {
        let (kind, length) = next_word(self.rest);
        let (word, rest) = self.rest.split_at(length);
        self.rest = rest;
        (kind, word)
    }
}

/// The kind of the first word and its length in bytes.
fn next_word(text: &[u8]) -> (WordKind, usize) {
    let (rune, width) = next_valid(text, REPLACEMENT);
    let more = |accepts: &dyn Fn(char) -> bool| width + run_length(&text[width..], rune, accepts).0;
    match rune {
        REPLACEMENT => (Invalid, width),
        _ if is_connector(rune) => (Connector, more(&is_connector)),
        _ if is_punctuation(rune) => (Punctuation, more(&is_punctuation)),
        _ if is_upper(rune) => (Upper, width + upper_word(&text[width..], rune)),
        _ if is_alphabet(rune) => (Alphabet, more(&is_small)),
        _ if is_number(rune) => (Number, more(&is_number)),
        _ => (Other, more(&is_other)),
    }
}

/// What follows the first capital of a word: either small letters, or more capitals except the last one before small
/// letters, since `HTTPStatus` is `HTTP` and `Status`.
fn upper_word(text: &[u8], first: char) -> usize {
    if text.is_empty() {
        return 0;
    }
    let (rune, width) = next_valid(text, first);
    if is_upper(rune) {
        let (length, last, next) = run_length(&text[width..], rune, &is_upper);
        let length = width + length;
        let is_before_letter = length < text.len() && is_alphabet(next);
        return if is_before_letter { length - last.unwrap_or(width) } else { length };
    }
    if is_alphabet(rune) { width + run_length(&text[width..], rune, &is_small).0 } else { 0 }
}

/// How many bytes the accepted characters take, how many the last of them, and the character that ended the run.
fn run_length(text: &[u8], previous: char, accepts: &dyn Fn(char) -> bool) -> (usize, Option<usize>, char) {
    let (mut length, mut last, mut current) = (0, None, previous);
    while length < text.len() {
        let (rune, width) = next_valid(&text[length..], current);
        current = rune;
        if !accepts(rune) {
            break;
        }
        length += width;
        last = Some(width);
    }
    (length, last, current)
}

/// The first character that is valid, and the bytes up to its end; `previous` if there is none.
fn next_valid(text: &[u8], previous: char) -> (char, usize) {
    let mut length = 0;
    while let (rune, width @ 1..) = decode(&text[length..]) {
        length += width;
        if rune != REPLACEMENT {
            return (rune, length);
        }
    }
    (previous, length)
}

fn is_connector(rune: char) -> bool {
    rune == '-' || rune == '_' || is_space(rune)
}

/// Letters, but those of Chinese.
fn is_alphabet(rune: char) -> bool {
    is_letter(rune) && !matches!(rune, '\u{4e00}'..='\u{9fcc}' | '\u{3400}'..='\u{4d85}' | '\u{20000}'..='\u{2b81d}')
}

fn is_small(rune: char) -> bool {
    is_alphabet(rune) && !is_upper(rune)
}

fn is_other(rune: char) -> bool {
    !is_connector(rune) && !is_alphabet(rune) && !is_number(rune) && !is_punctuation(rune)
}
