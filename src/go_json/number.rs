//! Go's shortest texts of floating point numbers.

use std::io::Write;

/// Numbers with fewer digits lie so far apart that no two of their texts are equally near.
const FEWEST_TIED_DIGITS: usize = 15;

/// Digits without point, and the exponent of the first one. `1250` is (`125`, 3).
#[derive(Clone, Copy)]
struct Digits {
    bytes: [u8; 32],
    length: usize,
    exponent: i32,
    is_negative: bool,
}

impl Digits {
    /// Of a finite number. Where two shortest texts are equally near Go takes the even one, and Rust may not.
    fn of_double(value: f64) -> Self {
        let shortest = Self::of(format_args!("{value:e}"));
        if shortest.length < FEWEST_TIED_DIGITS {
            return shortest;
        }
        let exact = format!("{:.*e}", shortest.length + 25, value.abs());
        let digits: Vec<u8> = exact.bytes().take_while(|&byte| byte != b'e').filter(u8::is_ascii_digit).collect();
        let (lower, rest) = digits.split_at(shortest.length);
        let is_tie = rest.starts_with(b"5") && rest[1..].iter().all(|&digit| digit == b'0');
        let is_even = lower.last().is_some_and(|digit| digit % 2 == 0);
        if !(is_tie && is_even) {
            return shortest;
        }
        let mut even = Self { exponent: shortest.exponent, ..shortest };
        even.bytes[..lower.len()].copy_from_slice(lower);
        let mut text = Vec::new();
        even.write_scientific(1, &mut text);
        let is_same = std::str::from_utf8(&text).is_ok_and(|text| text.parse() == Ok(value.abs()));
        if is_same { even } else { shortest }
    }

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
        general(&Digits::of_double(value), out);
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
    let digits = Digits::of_double(value);
    if digits.is_negative {
        out.push(b'-');
    }
    if value != 0.0 && !(1e-6..1e21).contains(&value.abs()) {
        digits.write_scientific(1, out);
    } else {
        digits.write_decimal(out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: fn(f64, &mut Vec<u8>), value: f64) -> String {
        let mut out = Vec::new();
        write(value, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn numbers_look_as_in_go() {
        let cases = [
            (0.0, "0", "0"),
            (-0.0, "-0", "-0"),
            (1.0, "1", "1"),
            (123_456.0, "123456", "123456"),
            (1e6, "1e+06", "1000000"),
            (1_234_567.5, "1.2345675e+06", "1234567.5"),
            (123_456.789, "123456.789", "123456.789"),
            (1e20, "1e+20", "100000000000000000000"),
            (1e21, "1e+21", "1e+21"),
            (0.0001, "0.0001", "0.0001"),
            (0.000_01, "1e-05", "0.00001"),
            (1e-7, "1e-07", "1e-7"),
            (5e-324, "5e-324", "5e-324"),
            (742_558_737_164_080.2, "7.425587371640802e+14", "742558737164080.2"),
            (742_558_737_164_080.8, "7.425587371640808e+14", "742558737164080.8"),
        ];
        for (value, general, json) in cases {
            assert_eq!(written(write_general, value), general);
            assert_eq!(written(write_json, value), json);
        }
        assert_eq!(written(write_general_32, 1.1), "1.1");
        assert_eq!(written(write_general_32, 16_777_217.0), "1.6777216e+07");
    }
}
