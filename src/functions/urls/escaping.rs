//! Percent signs in URLs.

use super::super::printing;

/// The part of a URL that decides which characters must be escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Path,
    Host,
    Zone,
    UserPassword,
    Fragment,
}

/// Whether the byte must be escaped in this part (RFC 3986, with Go's exceptions).
pub(super) fn must_escape(byte: u8, encoding: Encoding) -> bool {
    if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
        return false;
    }
    match encoding {
        Encoding::Path => !b"$&+,/:;=@".contains(&byte),
        Encoding::Host | Encoding::Zone => !b"!$&'()*+,;=:[]<>\"".contains(&byte),
        Encoding::UserPassword => !b"$&+,;=".contains(&byte),
        Encoding::Fragment => !b"$&+,/:;=?@!()*".contains(&byte),
    }
}

pub(super) fn escape(text: &[u8], encoding: Encoding) -> Vec<u8> {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let mut escaped = Vec::with_capacity(text.len());
    for byte in text {
        if must_escape(*byte, encoding) {
            escaped.extend([b'%', DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
        } else {
            escaped.push(*byte);
        }
    }
    escaped
}

/// Errors are Go's words.
pub(super) fn unescape(text: &[u8], encoding: Encoding) -> Result<Vec<u8>, String> {
    let is_host = matches!(encoding, Encoding::Host | Encoding::Zone);
    let mut unescaped = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(&byte) = rest.first() {
        if byte != b'%' {
            if is_host && byte.is_ascii() && must_escape(byte, encoding) {
                return Err(format!("invalid character {} in host name", quoted(&rest[..1])));
            }
            unescaped.push(byte);
            rest = &rest[1..];
            continue;
        }
        let escape = &rest[..rest.len().min(3)];
        let decoded = hexadecimal(escape).ok_or_else(|| invalid_escape(escape))?;
        let is_percent = escape == b"%25";
        // A host may only escape what is not ASCII; a zone also what a host may hold, and Windows' spaces.
        let is_wrong = match encoding {
            Encoding::Host => decoded < 0x80 && !is_percent,
            Encoding::Zone => !is_percent && decoded != b' ' && must_escape(decoded, Encoding::Host),
            _ => false,
        };
        if is_wrong {
            return Err(invalid_escape(escape));
        }
        unescaped.push(decoded);
        rest = &rest[3..];
    }
    Ok(unescaped)
}

fn hexadecimal(escape: &[u8]) -> Option<u8> {
    let &[b'%', high, low] = escape else { return None };
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? << 4 | digit(low)?).ok()
}

fn invalid_escape(escape: &[u8]) -> String {
    format!("invalid URL escape {}", quoted(escape))
}

/// As Go's `%q` in an error.
pub(super) fn quoted(text: &[u8]) -> String {
    String::from_utf8_lossy(&printing::quote(text)).into_owned()
}
