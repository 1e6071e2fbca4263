//! Numbers as they are written in templates: one text may fit several types, as Go's ideal constants do.

use super::quote::{Unquoted, quote, unquote_character};

/// A number, under each type that can hold it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Number {
    pub integer: Option<i64>,
    pub unsigned: Option<u64>,
    pub float: Option<f64>,
    /// Real and imaginary part.
    pub complex: Option<(f64, f64)>,
    /// As it was written.
    pub text: String,
}

/// A character in quotes is its code point.
pub(super) fn parse_character(text: &str) -> Result<Number, String> {
    let bytes = text.as_bytes();
    let Some((unquoted, width)) = unquote_character(&bytes[1..], b'\'') else {
        return Err("invalid syntax".to_owned());
    };
    if &bytes[1 + width..] != b"'" {
        return Err(format!("malformed character constant: {text}"));
    }
    let code = match unquoted {
        Unquoted::Character(character) => u32::from(character),
        Unquoted::Byte(byte) => u32::from(byte),
    };
    Ok(Number {
        integer: Some(i64::from(code)),
        unsigned: Some(u64::from(code)),
        float: Some(f64::from(code)),
        complex: None,
        text: text.to_owned(),
    })
}

/// `1+2i`, taken apart as `fmt.Sscan` does before either part is looked at.
pub(super) fn parse_complex(text: &str) -> Result<Number, String> {
    const PROBLEM: &str = "syntax error scanning complex number";
    let real = &text[..float_length(text)];
    let rest = &text[real.len()..];
    if !rest.starts_with(['+', '-']) {
        return Err(PROBLEM.to_owned());
    }
    let imaginary = &rest[..=float_length(&rest[1..])];
    if !rest[imaginary.len()..].starts_with('i') {
        return Err(PROBLEM.to_owned());
    }
    let complex = Some((parse_part(real)?, parse_part(imaginary)?));
    let mut number = Number { complex, text: text.to_owned(), ..Number::default() };
    simplify(&mut number);
    Ok(number)
}

/// How much of a text has the form of a number, be it one or not.
fn float_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let run = |from: usize, is_hexadecimal: bool| {
        let is_digit = |byte: &u8| *byte == b'_' || byte.is_ascii_digit() || is_hexadecimal && byte.is_ascii_hexdigit();
        from + bytes[from.min(bytes.len())..].iter().take_while(|byte| is_digit(byte)).count()
    };
    let is_at = |at: usize, set: &[u8]| bytes.get(at).is_some_and(|byte| set.contains(byte));
    let mut at = usize::from(is_at(0, b"+-"));
    // Go takes this for the start of `Inf`.
    at += usize::from(is_at(at, b"i"));
    let is_hexadecimal = is_at(at, b"0") && is_at(at + 1, b"xX");
    at = run(if is_hexadecimal { at + 2 } else { at }, is_hexadecimal);
    if is_at(at, b".") {
        at = run(at + 1, is_hexadecimal);
    }
    if is_at(at, if is_hexadecimal { b"pP" } else { b"eEpP" }) {
        at += 1;
        at = run(at + usize::from(is_at(at, b"+-")), false);
    }
    at
}

fn parse_part(text: &str) -> Result<f64, String> {
    parse_float(text).ok_or_else(|| format!("strconv.ParseFloat: parsing {}: invalid syntax", quote(text.as_bytes())))
}

/// Everything else.
pub(super) fn parse_number(text: &str) -> Result<Number, String> {
    let mut number = Number { text: text.to_owned(), ..Number::default() };
    if let Some(imaginary) = text.strip_suffix('i').and_then(parse_float) {
        number.complex = Some((0.0, imaginary));
        simplify(&mut number);
        return Ok(number);
    }
    number.unsigned = parse_unsigned(text);
    number.integer = parse_integer(text);
    if number.integer == Some(0) {
        number.unsigned = Some(0);
    }
    if let Some(integer) = number.integer {
        number.float = Some(integer as f64);
    } else if let Some(unsigned) = number.unsigned {
        number.float = Some(unsigned as f64);
    } else if let Some(float) = parse_float(text) {
        if !text.contains(['.', 'e', 'E', 'p', 'P']) {
            return Err(format!("integer overflow: {}", quote(text.as_bytes())));
        }
        number.float = Some(float);
        number.integer = whole(float);
        number.unsigned = whole_unsigned(float);
    } else {
        return Err(format!("illegal number syntax: {}", quote(text.as_bytes())));
    }
    Ok(number)
}

/// A complex number without imaginary part is a plain one too.
fn simplify(number: &mut Number) {
    if let Some((real, 0.0)) = number.complex {
        number.float = Some(real);
        number.integer = whole(real);
        number.unsigned = whole_unsigned(real);
    }
}

/// As `int64(f)` on amd64: what does not fit becomes the smallest number.
#[expect(clippy::float_cmp, reason = "whether it is exact is the question")]
fn whole(float: f64) -> Option<i64> {
    let is_inside = (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&float);
    let integer = if is_inside { float as i64 } else { i64::MIN };
    (integer as f64 == float).then_some(integer)
}

#[expect(clippy::float_cmp, clippy::cast_sign_loss, reason = "whether it is exact is the question")]
fn whole_unsigned(float: f64) -> Option<u64> {
    if !(0.0..18_446_744_073_709_551_616.0).contains(&float) {
        return None;
    }
    let integer = float as u64;
    (integer as f64 == float).then_some(integer)
}

/// As `strconv.ParseUint` with base 0.
pub(super) fn parse_unsigned(text: &str) -> Option<u64> {
    let lower = text.to_ascii_lowercase();
    let (base, digits) = match lower.get(..2) {
        Some("0x") => (16, &lower[2..]),
        Some("0b") => (2, &lower[2..]),
        Some("0o") => (8, &lower[2..]),
        _ if lower.len() > 1 && lower.starts_with('0') => (8, &lower[1..]),
        _ => (10, lower.as_str()),
    };
    if digits.is_empty() || !are_underscores_fine(&lower) {
        return None;
    }
    let mut number: u64 = 0;
    for digit in digits.chars().filter(|digit| *digit != '_') {
        number = number.checked_mul(u64::from(base))?.checked_add(u64::from(digit.to_digit(base)?))?;
    }
    Some(number)
}

/// As `strconv.ParseInt` with base 0.
pub(super) fn parse_integer(text: &str) -> Option<i64> {
    let (is_negative, digits) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let magnitude = parse_unsigned(digits)?;
    if is_negative { 0_i64.checked_sub_unsigned(magnitude) } else { i64::try_from(magnitude).ok() }
}

/// Underscores must stand between digits, or after a base's prefix.
fn are_underscores_fine(text: &str) -> bool {
    let lower = text.trim_start_matches(['+', '-']);
    if !lower.contains('_') {
        return true;
    }
    let mut before = '^';
    let mut rest = lower;
    let mut is_hexadecimal = false;
    if lower.len() >= 2 && lower.starts_with('0') && matches!(lower.as_bytes()[1], b'x' | b'b' | b'o') {
        before = '0';
        is_hexadecimal = lower.as_bytes()[1] == b'x';
        rest = &lower[2..];
    } else if lower.starts_with('0') && lower.len() > 1 {
        before = '0';
        rest = &lower[1..];
    }
    for character in rest.chars() {
        if character.is_ascii_digit() || is_hexadecimal && character.is_ascii_hexdigit() {
            before = '0';
        } else if character == '_' {
            if before != '0' {
                return false;
            }
            before = '_';
        } else {
            if before == '_' {
                return false;
            }
            before = '!';
        }
    }
    before != '_'
}

/// As `strconv.ParseFloat`. None also for what is too large.
pub fn parse_float(text: &str) -> Option<f64> {
    let (sign, digits) = match text.as_bytes().first()? {
        b'-' => (-1.0, &text[1..]),
        b'+' => (1.0, &text[1..]),
        _ => (1.0, text),
    };
    let lower = digits.to_ascii_lowercase();
    if !are_underscores_fine(&lower) {
        return None;
    }
    let clean = lower.replace('_', "");
    if let Some(hexadecimal) = clean.strip_prefix("0x") {
        return parse_hexadecimal_float(hexadecimal).map(|float| sign * float);
    }
    let is_plain = clean.starts_with(|first: char| first.is_ascii_digit() || first == '.')
        && clean.chars().all(|character| matches!(character, '0'..='9' | '.' | 'e' | '+' | '-'));
    let float: f64 = if is_plain { clean.parse().ok()? } else { return None };
    float.is_finite().then_some(sign * float)
}

/// `1.8p-3` after `0x`.
fn parse_hexadecimal_float(text: &str) -> Option<f64> {
    let (mantissa, exponent) = text.split_once('p')?;
    let exponent: i32 = exponent.parse::<i64>().ok()?.clamp(-100_000, 100_000) as i32;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut bits: u64 = 0;
    let mut shift = exponent;
    let mut is_inexact = false;
    for (index, digit) in whole.chars().chain(fraction.chars()).enumerate() {
        let digit = u64::from(digit.to_digit(16)?);
        if bits >> 60 == 0 {
            bits = bits << 4 | digit;
        } else {
            is_inexact |= digit != 0;
            shift += 4;
        }
        if index >= whole.len() {
            shift -= 4;
        }
    }
    let float = scale(bits | u64::from(is_inexact), shift);
    float.is_finite().then_some(float)
}

/// `bits * 2^shift`, rounded once.
fn scale(bits: u64, shift: i32) -> f64 {
    if bits == 0 {
        return 0.0;
    }
    let top = 63 - bits.leading_zeros().cast_signed() + shift;
    let quantum = (top - 52).max(-1074);
    let excess = quantum - shift;
    let mantissa = match excess {
        ..=0 => bits << (-excess).min(63),
        1..=63 => {
            let half = 1_u64 << (excess - 1);
            let (whole, rest) = (bits >> excess, bits & (half * 2 - 1));
            whole + u64::from(rest > half || (rest == half && whole & 1 == 1))
        }
        64 => u64::from(bits > 1 << 63),
        _ => 0,
    };
    if quantum < -1022 {
        return mantissa as f64 * f64::from_bits(1 << (quantum + 1074));
    }
    mantissa as f64 * 2_f64.powi(quantum)
}
