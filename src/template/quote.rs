//! Quoted texts as Go's `strconv` writes and reads them.

use super::unicode::is_print;

/// The first character and its width in bytes. What is not UTF-8 is U+FFFD of one byte, as in Go.
pub(super) fn decode(bytes: &[u8]) -> (char, usize) {
    let Some(&first) = bytes.first() else { return (char::REPLACEMENT_CHARACTER, 0) };
    if first < 0x80 {
        return (char::from(first), 1);
    }
    let width = match first {
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        _ => return (char::REPLACEMENT_CHARACTER, 1),
    };
    let text = bytes.get(..width).and_then(|slice| std::str::from_utf8(slice).ok());
    match text.and_then(|text| text.chars().next()) {
        Some(character) => (character, width),
        None => (char::REPLACEMENT_CHARACTER, 1),
    }
}

/// Characters, with U+FFFD for each byte that is not UTF-8.
pub(super) fn count_characters(bytes: &[u8]) -> usize {
    if bytes.is_ascii() {
        return bytes.len();
    }
    let mut rest = bytes;
    let mut count = 0;
    while !rest.is_empty() {
        rest = &rest[decode(rest).1..];
        count += 1;
    }
    count
}

/// As `strconv.Quote`, which is `%q`.
pub fn quote(bytes: &[u8]) -> String {
    let mut quoted = String::with_capacity(bytes.len() + 2);
    write_quoted(&mut quoted, bytes, '"', false);
    quoted
}

/// As `strconv.AppendQuote`, or `AppendQuoteToASCII`.
/// As `strconv.QuoteRune`, `%q` of a character.
pub fn quote_character(character: char) -> String {
    let mut out = String::from("'");
    write_escaped(&mut out, character, '\'', false);
    out.push('\'');
    out
}

pub(super) fn write_quoted(out: &mut String, bytes: &[u8], mark: char, is_ascii: bool) {
    out.push(mark);
    let mut rest = bytes;
    while !rest.is_empty() {
        let (character, width) = decode(rest);
        if width == 1 && character == char::REPLACEMENT_CHARACTER {
            write_hexadecimal(out, 'x', u32::from(rest[0]), 2);
        } else {
            write_escaped(out, character, mark, is_ascii);
        }
        rest = &rest[width..];
    }
    out.push(mark);
}

/// One character between quotes.
pub(super) fn write_escaped(out: &mut String, character: char, mark: char, is_ascii: bool) {
    if character == mark || character == '\\' {
        out.push('\\');
        out.push(character);
        return;
    }
    if is_print(character) && (!is_ascii || character.is_ascii()) {
        out.push(character);
        return;
    }
    let escape = match character {
        '\x07' => 'a',
        '\x08' => 'b',
        '\x0C' => 'f',
        '\n' => 'n',
        '\r' => 'r',
        '\t' => 't',
        '\x0B' => 'v',
        _ => {
            let code = u32::from(character);
            return match code {
                0..0x20 | 0x7F => write_hexadecimal(out, 'x', code, 2),
                0..0x1_0000 => write_hexadecimal(out, 'u', code, 4),
                _ => write_hexadecimal(out, 'U', code, 8),
            };
        }
    };
    out.push('\\');
    out.push(escape);
}

fn write_hexadecimal(out: &mut String, kind: char, code: u32, digits: u32) {
    out.push('\\');
    out.push(kind);
    for place in (0..digits).rev() {
        out.push(char::from_digit(code >> (4 * place) & 0xF, 16).unwrap_or('0'));
    }
}

/// As `strconv.CanBackquote`.
pub fn can_backquote(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    while !rest.is_empty() {
        let (character, width) = decode(rest);
        rest = &rest[width..];
        let is_fine = match character {
            '\u{FEFF}' | '`' | '\u{7F}' => false,
            char::REPLACEMENT_CHARACTER => width > 1,
            _ => character >= ' ' || character == '\t',
        };
        if !is_fine {
            return false;
        }
    }
    true
}

/// A character or byte that a quoted text names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unquoted {
    Character(char),
    Byte(u8),
}

/// As `strconv.Unquote`. None: Go says `invalid syntax`.
pub(super) fn unquote(quoted: &[u8]) -> Option<Vec<u8>> {
    let [mark, inner @ .., last] = quoted else { return None };
    if mark != last {
        return None;
    }
    if *mark == b'`' {
        return Some(inner.iter().copied().filter(|byte| *byte != b'\r').collect());
    }
    let mut text = Vec::with_capacity(inner.len());
    let mut rest = inner;
    while !rest.is_empty() {
        if rest[0] == b'\n' {
            return None;
        }
        let (unquoted, width) = unquote_character(rest, *mark)?;
        match unquoted {
            Unquoted::Character(character) => {
                text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            }
            Unquoted::Byte(byte) => text.push(byte),
        }
        rest = &rest[width..];
    }
    Some(text)
}

/// As `strconv.UnquoteChar`: what the text starts with, and how many bytes that took.
pub(super) fn unquote_character(text: &[u8], mark: u8) -> Option<(Unquoted, usize)> {
    let first = *text.first()?;
    if first == mark {
        return None;
    }
    if first != b'\\' {
        let (character, width) = decode(text);
        return Some((Unquoted::Character(character), width));
    }
    let escape = *text.get(1)?;
    let byte = match escape {
        b'a' => 0x07,
        b'b' => 0x08,
        b'f' => 0x0C,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'v' => 0x0B,
        b'\\' => b'\\',
        b'\'' | b'"' if escape == mark => mark,
        b'x' => return Some((Unquoted::Byte(u8::try_from(number(text.get(2..4)?, 16)?).ok()?), 4)),
        b'u' => return Some((Unquoted::Character(char::from_u32(number(text.get(2..6)?, 16)?)?), 6)),
        b'U' => return Some((Unquoted::Character(char::from_u32(number(text.get(2..10)?, 16)?)?), 10)),
        b'0'..=b'7' => return Some((Unquoted::Byte(u8::try_from(number(text.get(1..4)?, 8)?).ok()?), 4)),
        _ => return None,
    };
    Some((Unquoted::Byte(byte), 2))
}

fn number(digits: &[u8], base: u32) -> Option<u32> {
    let mut number: u32 = 0;
    for digit in digits {
        number = number.checked_mul(base)?.checked_add(char::from(*digit).to_digit(base)?)?;
    }
    Some(number)
}
