//! Floating-point numbers, as Go's `strconv` and `fmt` write them.

use std::fmt::Write;

use super::super::complex::Complex;
use super::super::shortest::shortest_exponential;
use super::super::value::Value;
use super::{Outcome, Printer};

/// Digits of a number without sign, and where its point is: `0.d1d2d3… * 10^point`.
struct Decimal {
    digits: Vec<u8>,
    point: i32,
}

impl Printer<'_> {
    pub(super) fn float(&mut self, value: &Value, float: f64, verb: char) -> Outcome {
        if matches!(verb, 'v' | 'b' | 'g' | 'G' | 'x' | 'X' | 'f' | 'F' | 'e' | 'E') {
            self.plain_float(float, verb);
            return self.check();
        }
        self.bad_verb(value, verb)
    }

    pub(super) fn complex(&mut self, value: &Value, complex: &Complex, verb: char) -> Outcome {
        if !matches!(verb, 'v' | 'b' | 'g' | 'G' | 'x' | 'X' | 'f' | 'F' | 'e' | 'E') {
            return self.bad_verb(value, verb);
        }
        self.out.push(b'(');
        self.plain_float(complex.real, verb);
        let has_plus = std::mem::replace(&mut self.field.has_plus, true);
        self.plain_float(complex.imaginary, verb);
        self.field.has_plus = has_plus;
        self.out.extend_from_slice(b"i)");
        self.check()
    }

    fn plain_float(&mut self, float: f64, verb: char) {
        let (format, precision) = match verb {
            'v' => ('g', None),
            'f' | 'e' | 'E' => (verb, Some(6)),
            'F' => ('f', Some(6)),
            _ => (verb, None),
        };
        let precision = self.field.precision.or(precision);
        let mut text = format_float(float, format, precision);
        if !text.starts_with('-') && !text.starts_with('+') {
            text.insert(0, '+');
        }
        if self.field.has_space && text.starts_with('+') && !self.field.has_plus {
            text.replace_range(..1, " ");
        }
        if !float.is_finite() {
            // Infinities keep their sign, and none is filled with zeros.
            let is_bare = float.is_nan() && !self.field.has_space && !self.field.has_plus;
            self.pad_with_spaces(&text.as_bytes()[usize::from(is_bare)..]);
            return;
        }
        if self.field.is_sharp && verb != 'b' {
            text = with_point(&text, verb, precision);
        }
        self.pad_float(&text);
    }

    fn pad_float(&mut self, text: &str) {
        if !self.field.has_plus && text.starts_with('+') {
            self.pad(&text.as_bytes()[1..]);
            return;
        }
        let width = self.field.width.unwrap_or(0);
        if self.field.has_zeros && !self.field.is_left && width > text.len() {
            self.out.push(text.as_bytes()[0]);
            self.fill(width - text.len());
            self.out.extend_from_slice(&text.as_bytes()[1..]);
            return;
        }
        self.pad(text.as_bytes());
    }
}

/// The sharp flag: always a point, and no zeros taken away.
fn with_point(text: &str, verb: char, precision: Option<usize>) -> String {
    let mut digits = if matches!(verb, 'v' | 'g' | 'G' | 'x') { precision.unwrap_or(6) } else { 0 };
    let is_hexadecimal = matches!(verb, 'x' | 'X');
    let (mut number, mut tail) = (text.to_owned(), String::new());
    let mut has_point = false;
    let mut was_nonzero = false;
    for (index, character) in text.char_indices().skip(1) {
        let is_exponent = matches!(character, 'p' | 'P') || (matches!(character, 'e' | 'E') && !is_hexadecimal);
        if is_exponent {
            text[index..].clone_into(&mut tail);
            number.truncate(index);
            break;
        }
        if character == '.' {
            has_point = true;
            continue;
        }
        was_nonzero |= character != '0';
        digits = digits.saturating_sub(usize::from(was_nonzero));
    }
    if !has_point {
        if number.len() == 2 && number.ends_with('0') {
            digits = digits.saturating_sub(1);
        }
        number.push('.');
    }
    for _ in 0..digits {
        number.push('0');
    }
    number + &tail
}

/// As `strconv.FormatFloat` for 64 bits. Without precision: as many digits as tell the number from all others.
pub(super) fn format_float(float: f64, format: char, precision: Option<usize>) -> String {
    if float.is_nan() {
        return "NaN".to_owned();
    }
    if float.is_infinite() {
        return if float > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let sign = if float.is_sign_negative() { "-" } else { "" };
    let magnitude = float.abs();
    let body = match format {
        'b' => binary(magnitude),
        'x' | 'X' => hexadecimal(magnitude, format, precision),
        'e' | 'E' => exponent(&decimal(magnitude, precision.map(|digits| digits + 1)), format, precision),
        'f' => match precision {
            Some(precision) => {
                let mut text = format!("{magnitude:.*}", precision.min(MOST_DECIMALS));
                text.extend(std::iter::repeat_n('0', precision.saturating_sub(MOST_DECIMALS)));
                text
            }
            None => fixed(&decimal(magnitude, None), 0),
        },
        _ => general(magnitude, format, precision),
    };
    format!("{sign}{body}")
}

/// No number has more digits behind its point, or in all.
const MOST_DECIMALS: usize = 1100;

/// With so many significant digits, or the fewest that are exact.
fn decimal(magnitude: f64, digits: Option<usize>) -> Decimal {
    let text = match digits {
        Some(digits) => format!("{magnitude:.*e}", digits.clamp(1, MOST_DECIMALS) - 1),
        None => shortest_exponential(magnitude),
    };
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let mut digits: Vec<u8> = mantissa.bytes().filter(u8::is_ascii_digit).collect();
    while digits.last() == Some(&b'0') {
        digits.pop();
    }
    let point = if digits.is_empty() { 0 } else { exponent.parse::<i32>().unwrap_or(0) + 1 };
    Decimal { digits, point }
}

fn general(magnitude: f64, format: char, precision: Option<usize>) -> String {
    let wanted = precision.map(|precision| precision.max(1));
    let number = decimal(magnitude, wanted);
    let count = number.digits.len();
    let threshold = match wanted {
        None => SHORTEST_THRESHOLD,
        Some(wanted) => {
            let is_whole = i32::try_from(count).unwrap_or(i32::MAX) >= number.point;
            if wanted > count && is_whole { count } else { wanted }
        }
    };
    let exponent_value = number.point - 1;
    let digits = wanted.map_or(count, |wanted| wanted.min(count));
    let threshold = i32::try_from(threshold).unwrap_or(i32::MAX);
    if exponent_value < -4 || exponent_value >= threshold {
        let letter = if format == 'G' { 'E' } else { 'e' };
        return exponent(&number, letter, Some(digits.max(1) - 1));
    }
    let behind = i32::try_from(digits).unwrap_or(0) - number.point;
    fixed(&number, usize::try_from(behind).unwrap_or(0))
}

/// From this exponent on the shortest form has one.
const SHORTEST_THRESHOLD: usize = 6;

/// `d.ddde±dd`
fn exponent(number: &Decimal, letter: char, precision: Option<usize>) -> String {
    let first = number.digits.first().map_or('0', |digit| char::from(*digit));
    let mut text = String::from(first);
    let behind = precision.unwrap_or(number.digits.len().max(1) - 1);
    if behind > 0 {
        text.push('.');
        for index in 1..=behind {
            text.push(number.digits.get(index).map_or('0', |digit| char::from(*digit)));
        }
    }
    let value = if number.digits.is_empty() { 0 } else { number.point - 1 };
    let _ = write!(text, "{letter}{}{:02}", if value < 0 { '-' } else { '+' }, value.abs());
    text
}

/// `ddd.ddd`, with at least so many digits behind the point.
fn fixed(number: &Decimal, least: usize) -> String {
    let digit = |index: i32| -> char {
        usize::try_from(index).ok().and_then(|index| number.digits.get(index)).map_or('0', |digit| char::from(*digit))
    };
    let mut text = String::new();
    if number.point > 0 {
        (0..number.point).for_each(|index| text.push(digit(index)));
    } else {
        text.push('0');
    }
    let behind = (i32::try_from(number.digits.len()).unwrap_or(0) - number.point).max(0);
    let behind = behind.max(i32::try_from(least).unwrap_or(0));
    if behind > 0 {
        text.push('.');
        (number.point..number.point + behind).for_each(|index| text.push(digit(index)));
    }
    text
}

/// `mantissa p exponent`, in decimal.
fn binary(magnitude: f64) -> String {
    let (mantissa, exponent) = parts(magnitude);
    format!("{mantissa}p{exponent:+}")
}

/// Mantissa and exponent of two, as they are stored.
fn parts(magnitude: f64) -> (u64, i32) {
    let bits = magnitude.to_bits();
    let stored = ((bits >> 52) & 0x7FF) as i32;
    let fraction = bits & ((1 << 52) - 1);
    if stored == 0 { (fraction, -1074) } else { (fraction | 1 << 52, stored - 1075) }
}

/// `0x1.8p+01`
fn hexadecimal(magnitude: f64, format: char, precision: Option<usize>) -> String {
    let (mut mantissa, mut exponent) = parts(magnitude);
    if mantissa == 0 {
        exponent = 0;
    } else {
        exponent += 52;
        while mantissa & (1 << 52) == 0 {
            mantissa <<= 1;
            exponent -= 1;
        }
    }
    mantissa <<= 8;
    if let Some(precision) = precision.filter(|precision| *precision < 15) {
        let shift = precision * 4;
        let extra = (mantissa << shift) & ((1 << 60) - 1);
        mantissa >>= 60 - shift;
        if (extra | (mantissa & 1)) > 1 << 59 {
            mantissa += 1;
        }
        mantissa <<= 60 - shift;
        if mantissa & (1 << 61) != 0 {
            mantissa >>= 1;
            exponent += 1;
        }
    }
    let mut text = format!("0x{}", mantissa >> 60 & 1);
    let mut rest = mantissa << 4;
    let count = precision.unwrap_or_else(|| (16 - rest.trailing_zeros() as usize / 4) * usize::from(rest != 0));
    if count > 0 {
        text.push('.');
        for _ in 0..count {
            text.push(char::from_digit((rest >> 60 & 0xF) as u32, 16).unwrap_or('0'));
            rest <<= 4;
        }
    }
    let _ = write!(text, "p{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs());
    if format == 'X' { text.to_uppercase() } else { text }
}
