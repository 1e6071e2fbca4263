//! Numbers made of anything, as spf13/cast makes them: what is no number is zero.

use super::lists::float_to_int;
use crate::template::{Integer, IntegerKind, Object, Value};

pub(super) fn to_int(value: &Value) -> i64 {
    match value {
        Value::Integer(integer) => integer.bits,
        Value::Float(float) => float_to_int(*float),
        Value::String(text) => parse_int(without_zero_decimals(text.as_bytes()), 0).unwrap_or(0),
        Value::Bool(bool) => i64::from(*bool),
        Value::Object(object) => calendar_number(&**object),
        Value::Nil | Value::List(_) | Value::Dict(_) => 0,
    }
}

pub(super) fn to_float(value: &Value) -> f64 {
    match value {
        Value::Integer(integer) => integer_to_float(*integer),
        Value::Float(float) => *float,
        Value::String(text) => parse_float(text.as_bytes()),
        Value::Bool(bool) => f64::from(u8::from(*bool)),
        Value::Object(object) => calendar_number(&**object) as f64,
        Value::Nil | Value::List(_) | Value::Dict(_) => 0.0,
    }
}

fn integer_to_float(integer: Integer) -> f64 {
    if integer.is_unsigned() { integer.bits.cast_unsigned() as f64 } else { integer.bits as f64 }
}

/// Months and weekdays are the only named numbers that cast knows; a duration is zero to it.
fn calendar_number(object: &dyn Object) -> i64 {
    match (&*object.go_type(), object.to_plain()) {
        (
            "time.Month" | "time.Weekday",
            Some(Value::Integer(Integer { bits, kind: IntegerKind::Int | IntegerKind::Int64 })),
        ) => bits,
        _ => 0,
    }
}

/// `1.00` as `1`. Only a text that ends with a point and zeros is cut.
fn without_zero_decimals(text: &[u8]) -> &[u8] {
    let zeros = text.iter().rev().take_while(|byte| **byte == b'0').count();
    match text[..text.len() - zeros].split_last() {
        Some((b'.', whole)) if zeros > 0 => whole,
        _ => text,
    }
}

/// Why a text is no integer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum IntegerError {
    Syntax,
    /// With the nearest number that fits.
    Range(i64),
}

/// `strconv.ParseInt` for 64 bits. Base 0 takes the base from the prefix and allows underscores.
pub(super) fn parse_int(text: &[u8], base: u32) -> Result<i64, IntegerError> {
    let (is_negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] | digits => (false, digits),
    };
    let limit = 1_u64 << 63;
    let magnitude = match parse_unsigned(digits, base) {
        Err(UnsignedError::Syntax) => return Err(IntegerError::Syntax),
        Err(UnsignedError::Range) => limit + 1,
        Ok(magnitude) => magnitude,
    };
    if is_negative {
        return if magnitude > limit {
            Err(IntegerError::Range(i64::MIN))
        } else {
            Ok(0_i64.wrapping_sub_unsigned(magnitude))
        };
    }
    i64::try_from(magnitude).map_err(|_| IntegerError::Range(i64::MAX))
}

/// Why a text is no unsigned number of 64 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum UnsignedError {
    Syntax,
    Range,
}

/// `strconv.ParseUint` for 64 bits.
pub(super) fn parse_unsigned(text: &[u8], base: u32) -> Result<u64, UnsignedError> {
    let allows_underscores = base == 0;
    let (base, digits) = if base == 0 { prefixed(text) } else { (base, text) };
    if digits.is_empty() || (allows_underscores && !are_underscores_fine(text)) {
        return Err(UnsignedError::Syntax);
    }
    let mut number = Some(0_u64);
    for byte in digits.iter().filter(|byte| !(allows_underscores && **byte == b'_')) {
        let digit = char::from(*byte).to_digit(base).ok_or(UnsignedError::Syntax)?;
        // Go reports the first problem that it meets, reading from the left.
        number = number.and_then(|number| number.checked_mul(u64::from(base))?.checked_add(u64::from(digit)));
        if number.is_none() {
            return Err(UnsignedError::Range);
        }
    }
    number.ok_or(UnsignedError::Range)
}

/// The base that a prefix names, and the digits after it.
fn prefixed(text: &[u8]) -> (u32, &[u8]) {
    match text {
        [b'0', b'x' | b'X', digits @ ..] if !digits.is_empty() => (16, digits),
        [b'0', b'b' | b'B', digits @ ..] if !digits.is_empty() => (2, digits),
        [b'0', b'o' | b'O', digits @ ..] | [b'0', digits @ ..] if !digits.is_empty() => (8, digits),
        _ => (10, text),
    }
}

/// Underscores must stand between digits, or between a prefix and a digit.
fn are_underscores_fine(text: &[u8]) -> bool {
    let (digits, is_hexadecimal) = match text {
        [b'0', b'x' | b'X', digits @ ..] => (digits, true),
        [b'0', b'b' | b'B' | b'o' | b'O', digits @ ..] => (digits, false),
        _ => (text, false),
    };
    let mut previous = if digits.len() < text.len() { b'0' } else { b'^' };
    for byte in digits {
        let is_digit = byte.is_ascii_digit() || (is_hexadecimal && byte.is_ascii_hexdigit());
        let is_wrong = if *byte == b'_' { previous != b'0' } else { !is_digit && previous == b'_' };
        if is_wrong {
            return false;
        }
        previous = match byte {
            b'_' => b'_',
            _ if is_digit => b'0',
            _ => b'!',
        };
    }
    previous != b'_'
}

/// `strconv.ParseFloat`, with zero for what it refuses: numbers out of range, too.
fn parse_float(text: &[u8]) -> f64 {
    let Ok(text) = std::str::from_utf8(text) else { return 0.0 };
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let sign = if text.starts_with('-') { -1.0 } else { 1.0 };
    if unsigned.eq_ignore_ascii_case("inf") || unsigned.eq_ignore_ascii_case("infinity") {
        return sign * f64::INFINITY;
    }
    if text.eq_ignore_ascii_case("nan") {
        return f64::NAN;
    }
    if !are_underscores_fine(unsigned.as_bytes()) {
        return 0.0;
    }
    let digits = unsigned.replace('_', "");
    if let Some(hexadecimal) = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        return sign * parse_hexadecimal_float(hexadecimal);
    }
    // Rust takes a second sign and names of what is no number.
    if !digits.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
        return 0.0;
    }
    digits.parse::<f64>().ok().filter(|number| number.is_finite()).map_or(0.0, |number| sign * number)
}

/// Digits, a point, and the exponent of two that must follow.
fn parse_hexadecimal_float(text: &str) -> f64 {
    let Some((mantissa, exponent)) = text.split_once(['p', 'P']) else { return 0.0 };
    let unsigned = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    if unsigned.is_empty() || !unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
        return 0.0;
    }
    let mut exponent: i64 = exponent.parse().unwrap_or(if exponent.starts_with('-') { -100_000 } else { 100_000 });
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits: Option<Vec<u32>> = whole.chars().chain(fraction.chars()).map(|digit| digit.to_digit(16)).collect();
    let Some(digits) = digits.filter(|digits| !digits.is_empty()) else { return 0.0 };
    exponent -= 4 * fraction.len() as i64;
    scaled(&digits, exponent.clamp(-100_000, 100_000))
}

/// Correctly rounded: sixty-two bits are kept, and a last one that says whether more followed.
fn scaled(digits: &[u32], mut exponent: i64) -> f64 {
    let mut mantissa: u64 = 0;
    for digit in digits {
        if mantissa < 1 << 58 {
            mantissa = mantissa << 4 | u64::from(*digit);
        } else {
            exponent += 4;
            mantissa |= u64::from(*digit != 0);
        }
    }
    if mantissa == 0 {
        return 0.0;
    }
    let top = 63 - i64::from(mantissa.leading_zeros()) + exponent;
    if top > 1023 {
        return 0.0;
    }
    // Below the normal numbers, fewer bits fit; they are rounded here, so that the scaling is exact.
    let excess = (64 - i64::from(mantissa.leading_zeros()) - 53).max(-1074 - exponent).max(0);
    if excess > 64 {
        return 0.0;
    }
    let rounded = if excess == 0 { mantissa } else { round_to_even(mantissa, excess as u32) };
    // Two factors, since one alone may be out of range.
    let (half, rest) = ((exponent + excess) >> 1, (exponent + excess + 1) >> 1);
    let result = rounded as f64 * 2_f64.powi(half as i32) * 2_f64.powi(rest as i32);
    if result.is_finite() { result } else { 0.0 }
}

fn round_to_even(mantissa: u64, bits: u32) -> u64 {
    let wide = u128::from(mantissa);
    let (kept, rest, half) = (wide >> bits, wide & ((1 << bits) - 1), 1_u128 << (bits - 1));
    let is_up = rest > half || (rest == half && kept & 1 == 1);
    (kept + u128::from(is_up)) as u64
}
