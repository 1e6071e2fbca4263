//! `float64` as Go's `strconv` reads and `fmt` prints it.

/// As `strconv.ParseFloat`, where an error is nothing.
pub(super) fn parse_float(text: &str) -> Option<f64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let has_sign = digits.len() < text.len();
    let lower = digits.to_ascii_lowercase();
    let magnitude = match lower.as_str() {
        "inf" | "infinity" => f64::INFINITY,
        "nan" if !has_sign => f64::NAN,
        _ => parse_digits(&lower)?,
    };
    Some(if text.starts_with('-') { -magnitude } else { magnitude })
}

fn parse_digits(lower: &str) -> Option<f64> {
    if lower.starts_with("0x") {
        return crate::template::parse_float(lower);
    }
    if lower.contains('_') {
        let bytes = lower.as_bytes();
        let is_between_digits =
            |at: usize| at > 0 && bytes[at - 1].is_ascii_digit() && bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
        let are_fine = bytes.iter().enumerate().all(|(at, byte)| *byte != b'_' || is_between_digits(at));
        return if are_fine { parse_digits(&lower.replace('_', "")) } else { None };
    }
    let begins = lower.starts_with(|first: char| first.is_ascii_digit() || first == '.');
    let is_plain = begins && lower.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'+' | b'-'));
    lower.parse::<f64>().ok().filter(|float| is_plain && float.is_finite())
}

/// As `%v` prints it, and `strconv` with the shortest digits in format `g`.
pub(super) fn print_float(float: f64) -> String {
    if float.is_nan() {
        return "NaN".to_owned();
    }
    if float.is_infinite() {
        return if float > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let scientific = format!("{float:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if float != 0.0 && !(-4..6).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{mantissa}e{sign}{:02}", exponent.abs());
    }
    format!("{float}")
}
