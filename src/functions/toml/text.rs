//! Escapes in texts.

/// As they are written between double quotes.
pub(super) fn escaped(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for &byte in text {
        let short = match byte {
            b'"' | b'\\' => byte,
            0x08 => b'b',
            b'\t' => b't',
            b'\n' => b'n',
            0x0c => b'f',
            b'\r' => b'r',
            0x00..0x20 | 0x7f => {
                out.extend_from_slice(format!("\\u{byte:04x}").as_bytes());
                continue;
            }
            _ => {
                out.push(byte);
                continue;
            }
        };
        out.extend([b'\\', short]);
    }
    out
}

/// What the escapes of a text that the scanner has accepted stand for.
pub(super) fn unescaped(text: &[u8]) -> Result<Vec<u8>, String> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        let Some((&kind, after)) = rest.split_first() else { break };
        rest = after;
        let plain = match kind {
            b' ' | b'\t' => return Err(format!("invalid escape: '\\{}'", char::from(kind))),
            b'b' => 0x08,
            b't' => b'\t',
            b'n' => b'\n',
            b'f' => 0x0c,
            b'r' => b'\r',
            b'e' => 0x1b,
            b'x' | b'u' | b'U' => {
                let length = match kind {
                    b'x' => 2,
                    b'u' => 4,
                    _ => 8,
                };
                let (digits, after) = rest.split_at_checked(length).unwrap_or((rest, b""));
                rest = after;
                let digits = String::from_utf8_lossy(digits);
                let character = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
                let character =
                    character.ok_or_else(|| format!("Escaped character '\\u{digits}' is not valid UTF-8."))?;
                out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                continue;
            }
            other => other,
        };
        out.push(plain);
    }
    Ok(out)
}

/// A text of several lines begins after the newline that follows its quotes.
pub(super) fn without_first_newline(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\n").or_else(|| text.strip_prefix(b"\r\n")).unwrap_or(text)
}

/// Takes away backslashes at the ends of lines, with all white space that follows.
pub(super) fn without_escaped_newlines(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        if text[at] != b'\\' {
            out.push(text[at]);
            at += 1;
            continue;
        }
        if text.get(at + 1) == Some(&b'\\') {
            out.extend_from_slice(b"\\\\");
            at += 2;
            continue;
        }
        let spaces = text[at + 1..].iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')).count();
        if text[at + 1..=at + spaces].contains(&b'\n') {
            at += 1 + spaces;
        } else {
            out.push(b'\\');
            at += 1;
        }
    }
    out
}
