//! The text that the scanner walks over, checked as go-yaml's reader checks it.
//!
//! go-yaml decodes its input in windows of 512 bytes. Which of two errors a file gives first, the one of the scanner
//! or the one of a bad byte further on, depends on the window that the bad byte lies in. Clean texts (nearly all) are
//! borrowed and never cut; the others remember where the windows end.

use std::borrow::Cow;

/// Bytes that go-yaml's reader holds at a time.
const WINDOW: usize = 512;

/// A checked text in UTF-8, without its byte order mark.
#[derive(Debug)]
pub(super) struct Input<'a> {
    pub text: Cow<'a, [u8]>,
    /// Set for texts that are not wholly clean.
    pub windows: Option<Windows>,
}

/// Where reading stops and asks for more, and why it fails behind the last window.
#[derive(Debug, Default)]
pub(super) struct Windows {
    /// Ends of the windows, in bytes of the text.
    pub ends: Vec<usize>,
    pub fault: Option<&'static str>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Utf8,
    Utf16 { is_little: bool },
}

impl<'a> Input<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        let (encoding, mark) = match bytes {
            [0xFF, 0xFE, ..] => (Encoding::Utf16 { is_little: true }, 2),
            [0xFE, 0xFF, ..] => (Encoding::Utf16 { is_little: false }, 2),
            [0xEF, 0xBB, 0xBF, ..] => (Encoding::Utf8, 3),
            _ => (Encoding::Utf8, 0),
        };
        if encoding == Encoding::Utf8 && is_clean(&bytes[mark..]) {
            return Self { text: Cow::Borrowed(&bytes[mark..]), windows: None };
        }
        Self::windowed(bytes, mark, encoding)
    }

    fn windowed(bytes: &[u8], mark: usize, encoding: Encoding) -> Self {
        let mut text = Vec::with_capacity(bytes.len());
        let mut windows = Windows::default();
        let mut position = mark;
        let mut window_end = bytes.len().min(WINDOW);
        loop {
            let fault = loop {
                if position == window_end {
                    break None;
                }
                let raw = &bytes[position..window_end];
                match decode(raw, encoding) {
                    Ok(Some((character, width))) => {
                        text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                        position += width;
                    }
                    Ok(None) => break None,
                    Err(problem) => break Some(problem),
                }
            };
            if fault.is_some() {
                text.truncate(windows.ends.last().copied().unwrap_or(0));
                windows.fault = fault;
                break;
            }
            windows.ends.push(text.len());
            if window_end == bytes.len() {
                if position < window_end {
                    windows.fault = Some(incomplete(bytes.len() - position, encoding));
                }
                break;
            }
            window_end = bytes.len().min(position + WINDOW);
        }
        Self { text: Cow::Owned(text), windows: Some(windows) }
    }
}

fn incomplete(left: usize, encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Utf8 => "incomplete UTF-8 octet sequence",
        Encoding::Utf16 { .. } if left < 2 => "incomplete UTF-16 character",
        Encoding::Utf16 { .. } => "incomplete UTF-16 surrogate pair",
    }
}

/// The next character and its width, None if it is cut off by the window's end.
fn decode(raw: &[u8], encoding: Encoding) -> Result<Option<(char, usize)>, &'static str> {
    let decoded = match encoding {
        Encoding::Utf8 => decode_utf8(raw)?,
        Encoding::Utf16 { is_little } => decode_utf16(raw, is_little)?,
    };
    match decoded {
        Some((value, _)) if !is_allowed(value) => Err("control characters are not allowed"),
        Some((value, width)) => Ok(char::from_u32(value).map(|character| (character, width))),
        None => Ok(None),
    }
}

fn decode_utf8(raw: &[u8]) -> Result<Option<(u32, usize)>, &'static str> {
    let width = match raw[0] {
        octet if octet & 0x80 == 0 => 1,
        octet if octet & 0xE0 == 0xC0 => 2,
        octet if octet & 0xF0 == 0xE0 => 3,
        octet if octet & 0xF8 == 0xF0 => 4,
        _ => return Err("invalid leading UTF-8 octet"),
    };
    if width > raw.len() {
        return Ok(None);
    }
    let mut value = u32::from(raw[0]) & [0x7F, 0x1F, 0x0F, 0x07][width - 1];
    for &octet in &raw[1..width] {
        if octet & 0xC0 != 0x80 {
            return Err("invalid trailing UTF-8 octet");
        }
        value = (value << 6) + u32::from(octet & 0x3F);
    }
    if value < [0, 0x80, 0x800, 0x1_0000][width - 1] {
        return Err("invalid length of a UTF-8 sequence");
    }
    if (0xD800..=0xDFFF).contains(&value) || value > 0x10_FFFF {
        return Err("invalid Unicode character");
    }
    Ok(Some((value, width)))
}

fn decode_utf16(raw: &[u8], is_little: bool) -> Result<Option<(u32, usize)>, &'static str> {
    let unit = |at: usize| {
        let pair = [raw[at], raw[at + 1]];
        u32::from(if is_little { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) })
    };
    if raw.len() < 2 {
        return Ok(None);
    }
    let high = unit(0);
    if high & 0xFC00 == 0xDC00 {
        return Err("unexpected low surrogate area");
    }
    if high & 0xFC00 != 0xD800 {
        return Ok(Some((high, 2)));
    }
    if raw.len() < 4 {
        return Ok(None);
    }
    let low = unit(2);
    if low & 0xFC00 != 0xDC00 {
        return Err("expected low surrogate area");
    }
    Ok(Some((0x1_0000 + ((high & 0x3FF) << 10) + (low & 0x3FF), 4)))
}

/// Characters that YAML 1.1 lets a text hold.
pub(super) const fn is_allowed(value: u32) -> bool {
    matches!(value,
        0x09 | 0x0A | 0x0D | 0x20..=0x7E | 0x85 | 0xA0..=0xD7FF | 0xE000..=0xFFFD | 0x1_0000..=0x10_FFFF)
}

/// Whether all of it is allowed and holds no byte order mark, which go-yaml treats by its place in the window.
fn is_clean(bytes: &[u8]) -> bool {
    let is_plain = |&byte: &u8| (0x20..0x7F).contains(&byte) || matches!(byte, b'\n' | b'\r' | b'\t');
    let mut has_others = false;
    for block in bytes.chunks(64) {
        // Without a branch inside, so that the compiler makes wide comparisons of it.
        if !block.iter().fold(true, |all, byte| all & is_plain(byte)) {
            if block.iter().any(|byte| byte.is_ascii() && !is_plain(byte)) {
                return false;
            }
            has_others = true;
        }
    }
    if !has_others {
        return true;
    }
    std::str::from_utf8(bytes).is_ok_and(|text| {
        text.chars().all(|character| character.is_ascii() || (is_allowed(character.into()) && character != '\u{FEFF}'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clean_texts_are_borrowed() {
        let input = Input::new(b"\xEF\xBB\xBFa: b\n");
        assert!(matches!(input.text, Cow::Borrowed(b"a: b\n")));
        assert!(input.windows.is_none());
    }

    #[test]
    fn a_bad_byte_ends_the_text_at_its_window() {
        let mut bytes = vec![b'a'; 600];
        bytes.push(0xFF);
        let input = Input::new(&bytes);
        let windows = input.windows.unwrap();
        assert_eq!(windows.ends, [512]);
        assert_eq!(windows.fault, Some("invalid leading UTF-8 octet"));
        assert_eq!(input.text.len(), 512);
    }

    #[test]
    fn utf16_is_read() {
        let input = Input::new(b"\xFF\xFEa\0:\0 \0\x3D\xD8\x00\xDE");
        assert_eq!(&*input.text, "a: \u{1F600}".as_bytes());
    }
}
