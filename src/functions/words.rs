//! Words of a text: their case, their first letters, their place on a line. The rules are those of goutils, which
//! counts bytes where its documentation says characters.

use super::Table;
use super::arguments::{Outcome, bytes, int, made};
use super::runes::{self, is_lower, is_space, is_title, is_upper, push, to_lower, to_title, to_upper};
use super::word_cases;
use crate::template::{CallError, Function, Parameter, Runtime, Value};

use Parameter::{Int, String};

pub(super) fn table() -> Table {
    vec![
        ("abbrev", Function::new(&[Int, String], |_, a| Ok(abbreviated(bytes(a, 1), 0, int(a, 0), 4)))),
        (
            "abbrevboth",
            Function::new(&[Int, Int, String], |_, a| Ok(abbreviated_both(int(a, 0), int(a, 1), bytes(a, 2)))),
        ),
        ("camelcase", Function::new(&[String], |_, a| Ok(Value::string(word_cases::pascal_case(bytes(a, 0)))))),
        ("initials", Function::new(&[String], |_, a| Ok(Value::string(initials(bytes(a, 0)))))),
        ("kebabcase", Function::new(&[String], |_, a| Ok(Value::string(word_cases::joined_by(bytes(a, 0), '-'))))),
        ("lower", Function::new(&[String], |_, a| Ok(Value::string(lower(bytes(a, 0)))))),
        ("nospace", Function::new(&[String], |_, a| Ok(Value::string(without_space(bytes(a, 0)))))),
        ("snakecase", Function::new(&[String], |_, a| Ok(Value::string(word_cases::joined_by(bytes(a, 0), '_'))))),
        ("swapcase", Function::new(&[String], |_, a| Ok(Value::string(swap_case(bytes(a, 0)))))),
        ("title", Function::new(&[String], |_, a| Ok(Value::string(title(bytes(a, 0)))))),
        ("untitle", Function::new(&[String], |_, a| Ok(Value::string(untitle(bytes(a, 0)))))),
        ("upper", Function::new(&[String], |_, a| Ok(Value::string(upper(bytes(a, 0)))))),
        ("wrap", Function::new(&[Int, String], |runtime, a| wrap(runtime, bytes(a, 1), int(a, 0), b"", false))),
        (
            "wrapWith",
            Function::new(&[Int, String, String], |runtime, a| {
                wrap(runtime, bytes(a, 2), int(a, 0), bytes(a, 1), true)
            }),
        ),
    ]
}

fn upper(text: &[u8]) -> Vec<u8> {
    if text.is_ascii() { text.to_ascii_uppercase() } else { runes::map(text, to_upper) }
}

pub(super) fn lower(text: &[u8]) -> Vec<u8> {
    if text.is_ascii() { text.to_ascii_lowercase() } else { runes::map(text, to_lower) }
}

/// `strings.Title`: the letter after a separator.
fn title(text: &[u8]) -> Vec<u8> {
    let mut previous = ' ';
    runes::map(text, |rune| {
        let is_start = is_separator(previous);
        previous = rune;
        if is_start { to_title(rune) } else { rune }
    })
}

fn is_separator(rune: char) -> bool {
    if rune.is_ascii() { !rune.is_ascii_alphanumeric() && rune != '_' } else { is_space(rune) }
}

fn untitle(text: &[u8]) -> Vec<u8> {
    let mut is_start = true;
    runes::map(text, |rune| {
        if is_space(rune) {
            is_start = true;
            return rune;
        }
        if std::mem::take(&mut is_start) { to_lower(rune) } else { rune }
    })
}

fn swap_case(text: &[u8]) -> Vec<u8> {
    let mut is_start = true;
    runes::map(text, |rune| {
        if is_upper(rune) || is_title(rune) {
            is_start = false;
            to_lower(rune)
        } else if is_lower(rune) {
            if std::mem::take(&mut is_start) { to_title(rune) } else { to_upper(rune) }
        } else {
            is_start = is_space(rune);
            rune
        }
    })
}

/// Each byte counts as the character of that number, so that other letters than ASCII's come out broken, as in sprig.
fn initials(text: &[u8]) -> Vec<u8> {
    let mut initials = Vec::new();
    let mut is_start = true;
    for rune in text.iter().copied().map(char::from) {
        if is_space(rune) {
            is_start = true;
        } else if std::mem::take(&mut is_start) {
            push(&mut initials, rune);
        }
    }
    initials
}

/// Byte by byte as [`initials`], but a text without space stays as it is.
fn without_space(text: &[u8]) -> Vec<u8> {
    if !text.iter().any(|byte| is_space(char::from(*byte))) {
        return text.to_vec();
    }
    let mut kept = Vec::with_capacity(text.len());
    text.iter().copied().map(char::from).filter(|rune| !is_space(*rune)).for_each(|rune| push(&mut kept, rune));
    kept
}

fn abbreviated(text: &[u8], offset: i64, width: i64, least: i64) -> Value {
    Value::string(if width < least { text.to_vec() } else { abbreviate(text, offset, width) })
}

fn abbreviated_both(left: i64, right: i64, text: &[u8]) -> Value {
    abbreviated(text, left, right, if left > 0 { 7 } else { 4 })
}

/// At most `width` bytes, with dots for what is left out. Too small a width gives nothing.
fn abbreviate(text: &[u8], offset: i64, width: i64) -> Vec<u8> {
    let length = text.len() as i64;
    if text.is_empty() || width < 4 {
        return Vec::new();
    }
    if length <= width {
        return text.to_vec();
    }
    let kept = width - 3;
    let mut offset = offset.min(length);
    // As Go's numbers do, ours may wrap around here.
    if length.wrapping_sub(offset) < kept {
        offset = length - kept;
    }
    if offset <= 4 {
        return [&text[..kept as usize], b"..."].concat();
    }
    if width < 7 {
        return Vec::new();
    }
    if offset + kept < length {
        return [b"...".to_vec(), abbreviate(&text[offset as usize..], 0, kept)].concat();
    }
    [b"...", &text[(length - kept) as usize..]].concat()
}

/// Lines of at most `width` bytes, broken at spaces. Longer words stay whole unless `breaks_words`.
fn wrap(runtime: &mut dyn Runtime, text: &[u8], width: i64, newline: &[u8], breaks_words: bool) -> Outcome {
    let newline: &[u8] = if newline.is_empty() { b"\n" } else { newline };
    let width = usize::try_from(width).unwrap_or(0).max(1);
    let mut lines = Vec::new();
    let mut offset = 0;
    while text.len().saturating_sub(offset) > width {
        if text[offset] == b' ' {
            offset += 1;
            continue;
        }
        let (end, next) = line_end(&text[offset..], width, breaks_words);
        lines.extend_from_slice(&text[offset..offset + end]);
        offset += next;
        // A long word at the end of the text has no newline after it.
        if next > end || breaks_words {
            add_newline(runtime, &mut lines, newline)?;
        }
    }
    lines.extend_from_slice(&text[offset.min(text.len())..]);
    made(runtime, lines)
}

/// Where the first line ends and where the next begins.
fn line_end(rest: &[u8], width: usize, breaks_words: bool) -> (usize, usize) {
    if let Some(space) = rest[..=width].iter().rposition(|byte| *byte == b' ') {
        return (space, space + 1);
    }
    if breaks_words {
        return (width, width);
    }
    match rest[width..].iter().position(|byte| *byte == b' ') {
        Some(space) => (width + space, width + space + 1),
        None => (rest.len(), rest.len()),
    }
}

fn add_newline(runtime: &mut dyn Runtime, lines: &mut Vec<u8>, newline: &[u8]) -> Result<(), CallError> {
    if newline.len() > 64 {
        runtime.allocate(newline.len())?;
    }
    lines.extend_from_slice(newline);
    Ok(())
}
