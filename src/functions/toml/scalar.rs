//! Numbers and times: what the scanner has found is judged here.

use super::scanner::Shape;
use crate::functions::dates::{LocalForm, Moment};
use crate::functions::floats::parse_float;
use crate::template::{Value, quote};

/// The value of a number or a time, or what is wrong with it.
pub(super) fn value(shape: Shape, text: &[u8]) -> Result<Value, String> {
    match shape {
        Shape::Integer => integer(text),
        Shape::Float => float(text),
        Shape::Time => time(text).ok_or_else(|| format!("invalid datetime: {}", quote(&normal_time(text)))),
    }
}

fn integer(text: &[u8]) -> Result<Value, String> {
    let name = quote(text);
    if !are_underscores_fine(text) {
        return Err(format!("Invalid integer {name}: underscores must be surrounded by digits"));
    }
    if has_leading_zero(text) {
        return Err(format!("Invalid integer {name}: cannot have leading zeroes"));
    }
    let digits: String = text.iter().filter(|byte| **byte != b'_').copied().map(char::from).collect();
    let parsed = match digits.get(..2) {
        Some("0x") => i64::from_str_radix(&digits[2..], 16),
        Some("0o") => i64::from_str_radix(&digits[2..], 8),
        Some("0b") => i64::from_str_radix(&digits[2..], 2),
        _ => digits.parse(),
    };
    parsed.map(Value::int64).map_err(|_| format!("{} is out of range for int64", String::from_utf8_lossy(text)))
}

fn float(text: &[u8]) -> Result<Value, String> {
    let name = quote(text);
    let mut parts = text.split(|byte| matches!(byte, b'.' | b'e' | b'E')).filter(|part| !part.is_empty()).peekable();
    let begins_badly = parts.peek().is_some_and(|part| has_leading_zero(part));
    if !parts.all(are_underscores_fine) {
        return Err(format!("Invalid float {name}: underscores must be surrounded by digits"));
    }
    if begins_badly {
        return Err(format!("Invalid float {name}: cannot have leading zeroes"));
    }
    let are_periods_fine =
        text.iter().enumerate().all(|(at, byte)| *byte != b'.' || text.get(at + 1).is_some_and(u8::is_ascii_digit));
    if !are_periods_fine {
        return Err(format!("Invalid float {name}: '.' must be followed by one or more digits"));
    }
    let digits: String = text.iter().filter(|byte| **byte != b'_').copied().map(char::from).collect();
    if matches!(digits.as_str(), "+nan" | "-nan") {
        return Ok(Value::Float(f64::NAN));
    }
    if let Some(float) = parse_float(&digits) {
        return Ok(Value::Float(float));
    }
    let is_too_large = digits.bytes().all(|byte| b"0123456789.eE+-".contains(&byte))
        && digits.parse::<f64>().is_ok_and(f64::is_infinite);
    Err(if is_too_large {
        format!("{} is out of range for float64", String::from_utf8_lossy(text))
    } else {
        format!("Invalid float value: {name}")
    })
}

/// Each underscore stands after a digit, and the last character is one. Letters of hexadecimal numbers count.
fn are_underscores_fine(text: &[u8]) -> bool {
    if matches!(text, b"nan" | b"+nan" | b"-nan" | b"inf" | b"-inf" | b"+inf") {
        return true;
    }
    let mut is_after_digit = false;
    for byte in text {
        if *byte == b'_' && !is_after_digit {
            return false;
        }
        is_after_digit = byte.is_ascii_hexdigit();
    }
    is_after_digit
}

fn has_leading_zero(text: &[u8]) -> bool {
    match text {
        [b'0', second, ..] => !matches!(second, b'b' | b'o' | b'x'),
        [b'-' | b'+', b'0', _, ..] => true,
        _ => false,
    }
}

fn normal_time(text: &[u8]) -> Vec<u8> {
    text.iter()
        .map(|byte| match byte {
            b'z' => b'Z',
            b't' | b' ' => b'T',
            other => *other,
        })
        .collect()
}

/// With a zone, or one of the forms that leave it out.
fn time(text: &[u8]) -> Option<Value> {
    const FORMS: [(&[u8], Option<LocalForm>); 7] = [
        (b"2006-01-02T15:04:05.999999999Z07:00", None),
        (b"2006-01-02T15:04:05.999999999", Some(LocalForm::DateTime)),
        (b"2006-01-02", Some(LocalForm::Date)),
        (b"15:04:05.999999999", Some(LocalForm::Time)),
        (b"2006-01-02T15:04Z07:00", None),
        (b"2006-01-02T15:04", Some(LocalForm::DateTime)),
        (b"15:04", Some(LocalForm::Time)),
    ];
    let text = normal_time(text);
    let (layout, moment) = FORMS
        .into_iter()
        .find_map(|(layout, form)| Moment::parse(layout, &text, form).ok().map(|moment| (layout, moment)))?;
    is_as_wide(&text, layout).then(|| moment.into())
}

/// Separators stand where the layout has them, so that no number lacks its leading zero.
fn is_as_wide(text: &[u8], layout: &[u8]) -> bool {
    let length = layout.iter().position(|byte| matches!(byte, b'.' | b'Z')).unwrap_or(layout.len());
    layout[..length].iter().zip(text).all(|(expected, found)| expected.is_ascii_digit() || expected == found)
}
