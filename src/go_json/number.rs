//! Go's shortest texts of floating point numbers.

use std::io::Write;

/// Digits without point, and the exponent of the first one. `1250` is (`125`, 3).
struct Digits {
    bytes: [u8; 32],
    length: usize,
    exponent: i32,
    is_negative: bool,
}

impl Digits {
    /// Of a finite number.
    fn of(scientific: std::fmt::Arguments<'_>) -> Self {
        let mut text = [0; 40];
        let mut rest = &mut text[..];
        // Numbers in scientific notation have at most 25 characters.
        let _ = rest.write_fmt(scientific);
        let left = rest.len();
        let text = &text[..text.len() - left];
        let mut digits = Self { bytes: [0; 32], length: 0, exponent: 0, is_negative: text.starts_with(b"-") };
        let end = text.iter().position(|&byte| byte == b'e').unwrap_or(text.len());
        for &byte in text[..end].iter().filter(|byte| byte.is_ascii_digit()) {
            digits.bytes[digits.length] = byte;
            digits.length += 1;
        }
        let exponent = text.get(end + 1..).and_then(|exponent| std::str::from_utf8(exponent).ok());
        digits.exponent = exponent.and_then(|exponent| exponent.parse().ok()).unwrap_or(0);
        digits
    }

    fn write_scientific(&self, smallest_exponent: usize, out: &mut Vec<u8>) {
        out.push(self.bytes[0]);
        if self.length > 1 {
            out.push(b'.');
            out.extend_from_slice(&self.bytes[1..self.length]);
        }
        out.push(b'e');
        out.push(if self.exponent < 0 { b'-' } else { b'+' });
        let _ = write!(out, "{:0smallest_exponent$}", self.exponent.unsigned_abs());
    }

    fn write_decimal(&self, out: &mut Vec<u8>) {
        let digits = &self.bytes[..self.length];
        let Ok(exponent) = usize::try_from(self.exponent) else {
            out.extend_from_slice(b"0.");
            out.extend(std::iter::repeat_n(b'0', self.exponent.unsigned_abs() as usize - 1));
            out.extend_from_slice(digits);
            return;
        };
        if digits.len() <= exponent + 1 {
            out.extend_from_slice(digits);
            out.extend(std::iter::repeat_n(b'0', exponent + 1 - digits.len()));
        } else {
            out.extend_from_slice(&digits[..=exponent]);
            out.push(b'.');
            out.extend_from_slice(&digits[exponent + 1..]);
        }
    }
}

/// Whole numbers below a million, which most are, look the same in all of Go's formats.
fn small_integer(value: f64) -> Option<i32> {
    // -0 is not among them.
    if value.abs() < 1e6 && value.fract() == 0.0 && (value != 0.0 || value.is_sign_positive()) {
        return Some(value as i32);
    }
    None
}

/// `strconv.FormatFloat(value, 'g', -1, 64)`.
pub fn write_general(value: f64, out: &mut Vec<u8>) {
    if let Some(integer) = small_integer(value) {
        let _ = write!(out, "{integer}");
    } else if value.is_nan() {
        out.extend_from_slice(b"NaN");
    } else if value.is_infinite() {
        out.extend_from_slice(if value > 0.0 { b"+Inf" } else { b"-Inf" });
    } else {
        general(&Digits::of(format_args!("{value:e}")), out);
    }
}

/// `strconv.FormatFloat(value, 'g', -1, 32)`.
pub fn write_general_32(value: f64, out: &mut Vec<u8>) {
    let single = value as f32;
    if single.is_finite() {
        general(&Digits::of(format_args!("{single:e}")), out);
    } else {
        write_general(f64::from(single), out);
    }
}

fn general(digits: &Digits, out: &mut Vec<u8>) {
    if digits.is_negative {
        out.push(b'-');
    }
    if digits.exponent < -4 || digits.exponent >= 6 {
        digits.write_scientific(2, out);
    } else {
        digits.write_decimal(out);
    }
}

/// As `encoding/json` writes a finite number.
pub fn write_json(value: f64, out: &mut Vec<u8>) {
    if let Some(integer) = small_integer(value) {
        let _ = write!(out, "{integer}");
        return;
    }
    let digits = Digits::of(format_args!("{value:e}"));
    if digits.is_negative {
        out.push(b'-');
    }
    if value != 0.0 && !(1e-6..1e21).contains(&value.abs()) {
        digits.write_scientific(1, out);
    } else {
        digits.write_decimal(out);
    }
}
