//! IP addresses, checked as Go's `net/netip` does.

use super::escaping::quoted;

/// What kind of address it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    Version4,
    Version6,
}

/// What is wrong, and the part of the address at which it is.
type Complaint<'a> = (&'static str, &'a [u8]);

/// Errors are Go's words.
pub(super) fn check(address: &[u8]) -> Result<Family, String> {
    let checked = match address.iter().find(|byte| matches!(byte, b'.' | b':' | b'%')) {
        Some(b'.') => check_version_4(address).map(|()| Family::Version4),
        Some(b':') => check_version_6(address).map(|()| Family::Version6),
        Some(_) => Err(("missing IPv6 address", &b""[..])),
        None => Err(("unable to parse IP", &b""[..])),
    };
    checked.map_err(|(reason, place)| {
        let place = if place.is_empty() { String::new() } else { format!(" (at {})", quoted(place)) };
        format!("ParseAddr({}): {reason}{place}", quoted(address))
    })
}

fn check_version_4(text: &[u8]) -> Result<(), Complaint<'_>> {
    let (mut value, mut digits, mut points) = (0_u32, 0, 0);
    for (index, byte) in text.iter().enumerate() {
        match byte {
            b'0'..=b'9' => {
                if digits == 1 && value == 0 {
                    return Err(("IPv4 field has octet with leading zero", b""));
                }
                value = value * 10 + u32::from(byte - b'0');
                digits += 1;
                if value > 255 {
                    return Err(("IPv4 field has value >255", b""));
                }
            }
            b'.' => {
                if index == 0 || index == text.len() - 1 || text[index - 1] == b'.' {
                    return Err(("IPv4 field must have at least one digit", &text[index..]));
                }
                if points == 3 {
                    return Err(("IPv4 address too long", b""));
                }
                points += 1;
                (value, digits) = (0, 0);
            }
            _ => return Err(("unexpected character", &text[index..])),
        }
    }
    if points < 3 { Err(("IPv4 address too short", b"")) } else { Ok(()) }
}

fn check_version_6(text: &[u8]) -> Result<(), Complaint<'_>> {
    let mut rest = text;
    if let Some(percent) = text.iter().position(|byte| *byte == b'%') {
        rest = &text[..percent];
        if percent + 1 == text.len() {
            return Err(("zone must be a non-empty string", b""));
        }
    }
    let mut has_ellipsis = false;
    if let Some(after) = rest.strip_prefix(b"::") {
        has_ellipsis = true;
        rest = after;
        if rest.is_empty() {
            return Ok(());
        }
    }
    let mut filled = 0;
    while filled < 16 {
        let length = group_length(rest)?;
        if rest.get(length) == Some(&b'.') {
            check_embedded(rest, filled, has_ellipsis)?;
            rest = b"";
            filled += 4;
            break;
        }
        filled += 2;
        rest = &rest[length..];
        rest = match rest {
            [] => break,
            [b':'] => return Err(("colon must be followed by more characters", rest)),
            [b':', after @ ..] => after,
            _ => return Err(("unexpected character, want colon", rest)),
        };
        if let Some(after) = rest.strip_prefix(b":") {
            if has_ellipsis {
                return Err(("multiple :: in address", rest));
            }
            has_ellipsis = true;
            rest = after;
            if rest.is_empty() {
                break;
            }
        }
    }
    match (filled < 16, has_ellipsis) {
        _ if !rest.is_empty() => Err(("trailing garbage after address", rest)),
        (true, false) => Err(("address string too short", b"")),
        (false, true) => Err(("the :: must expand to at least one field of zeros", b"")),
        _ => Ok(()),
    }
}

/// How many hexadecimal digits the next group has.
fn group_length(rest: &[u8]) -> Result<usize, Complaint<'_>> {
    match rest.iter().take_while(|byte| byte.is_ascii_hexdigit()).count() {
        0 => Err(("each colon-separated field must have at least one digit", rest)),
        length @ 1..=4 => Ok(length),
        _ => Err(("each group must have 4 or less digits", rest)),
    }
}

/// An address of version 4 at the end.
fn check_embedded(rest: &[u8], filled: usize, has_ellipsis: bool) -> Result<(), Complaint<'_>> {
    if !has_ellipsis && filled != 12 {
        return Err(("embedded IPv4 address must replace the final 2 fields of the address", rest));
    }
    if filled + 4 > 16 {
        return Err(("too many hex fields to fit an embedded IPv4 at the end of the address", rest));
    }
    check_version_4(rest)
}
