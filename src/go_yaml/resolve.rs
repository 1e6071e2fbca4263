//! Which type a plain scalar has, by YAML 1.1 as go-yaml reads it.

use super::timestamp::is_timestamp;

/// go-yaml's two versions differ in what they take for a boolean and an octal number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    /// Reads everything, and writes `toYaml`.
    V2,
    /// Writes `toYamlPretty`.
    V3,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Resolved {
    Nil,
    Bool(bool),
    Integer(i64),
    /// More than an `int64` holds.
    Unsigned(u64),
    Float(f64),
    String,
    /// Read as a string, but quoted when a string looks like one.
    Timestamp,
}

impl Resolved {
    pub(super) const fn short_tag(self) -> &'static str {
        match self {
            Self::Nil => "!!null",
            Self::Bool(_) => "!!bool",
            Self::Integer(_) | Self::Unsigned(_) => "!!int",
            Self::Float(_) => "!!float",
            Self::String => "!!str",
            Self::Timestamp => "!!timestamp",
        }
    }
}

/// The type of an untagged plain scalar.
pub(super) fn resolve(text: &[u8], version: Version) -> Resolved {
    resolve_tagged(text, version, true)
}

/// As [`resolve`]; under tags other than `!!timestamp` nothing is taken for a timestamp.
pub(super) fn resolve_tagged(text: &[u8], version: Version, allows_timestamps: bool) -> Resolved {
    match text.first() {
        None | Some(b'~' | b't' | b'T' | b'f' | b'F' | b'y' | b'Y' | b'n' | b'N' | b'o' | b'O') => word(text, version),
        Some(b'.') => match special_float(text) {
            Some(float) => Resolved::Float(float),
            None => point_float(text).map_or(Resolved::String, Resolved::Float),
        },
        Some(b'+' | b'-' | b'0'..=b'9') => match special_float(text) {
            Some(float) => Resolved::Float(float),
            None => number(text, version, allows_timestamps),
        },
        Some(_) => Resolved::String,
    }
}

fn word(text: &[u8], version: Version) -> Resolved {
    match text {
        b"" | b"~" | b"null" | b"Null" | b"NULL" => Resolved::Nil,
        b"true" | b"True" | b"TRUE" => Resolved::Bool(true),
        b"false" | b"False" | b"FALSE" => Resolved::Bool(false),
        _ if version == Version::V3 => Resolved::String,
        b"y" | b"Y" | b"yes" | b"Yes" | b"YES" | b"on" | b"On" | b"ON" => Resolved::Bool(true),
        b"n" | b"N" | b"no" | b"No" | b"NO" | b"off" | b"Off" | b"OFF" => Resolved::Bool(false),
        _ => Resolved::String,
    }
}

fn special_float(text: &[u8]) -> Option<f64> {
    match text {
        b".nan" | b".NaN" | b".NAN" => Some(f64::NAN),
        b".inf" | b".Inf" | b".INF" | b"+.inf" | b"+.Inf" | b"+.INF" => Some(f64::INFINITY),
        b"-.inf" | b"-.Inf" | b"-.INF" => Some(f64::NEG_INFINITY),
        _ => None,
    }
}

fn number(text: &[u8], version: Version, allows_timestamps: bool) -> Resolved {
    if let Some(value) = short_decimal(text) {
        return Resolved::Integer(value);
    }
    if allows_timestamps && is_timestamp(text) {
        return Resolved::Timestamp;
    }
    let stripped;
    let plain = if text.contains(&b'_') {
        stripped = text.iter().copied().filter(|&byte| byte != b'_').collect::<Vec<_>>();
        &stripped[..]
    } else {
        text
    };
    let Ok(plain) = std::str::from_utf8(plain) else { return Resolved::String };
    if let Some(resolved) = integer(plain) {
        return resolved;
    }
    if let Some(value) = float(plain.as_bytes()) {
        return Resolved::Float(value);
    }
    prefixed(plain, "0b", "-0b", 2)
        .or_else(|| if version == Version::V3 { prefixed(plain, "0o", "-0o", 8) } else { None })
        .unwrap_or(Resolved::String)
}

/// What most numbers are: a few digits.
fn short_decimal(text: &[u8]) -> Option<i64> {
    let is_short = text.len() <= 18 && text.iter().all(u8::is_ascii_digit) && (text[0] != b'0' || text.len() == 1);
    is_short.then(|| text.iter().fold(0, |value, digit| value * 10 + i64::from(digit - b'0')))
}

/// Go's `ParseInt` and then `ParseUint` with base 0: the base comes from the prefix, a leading 0 means octal.
fn integer(plain: &str) -> Option<Resolved> {
    let (is_signed, unsigned) = match plain.strip_prefix(['+', '-']) {
        Some(rest) => (true, rest),
        None => (false, plain),
    };
    let bytes = unsigned.as_bytes();
    let (base, digits) = match bytes {
        [b'0', b'x' | b'X', _, ..] => (16, &unsigned[2..]),
        [b'0', b'b' | b'B', _, ..] => (2, &unsigned[2..]),
        [b'0', b'o' | b'O', _, ..] => (8, &unsigned[2..]),
        [b'0'] => (10, unsigned),
        [b'0', ..] => (8, &unsigned[1..]),
        _ => (10, unsigned),
    };
    // Rust would take a second sign here.
    if !digits.starts_with(|first: char| first.is_ascii_alphanumeric()) {
        return None;
    }
    let magnitude = u64::from_str_radix(digits, base).ok()?;
    let is_negative = plain.starts_with('-');
    if is_negative {
        return 0_i64.checked_sub_unsigned(magnitude).map(Resolved::Integer);
    }
    match i64::try_from(magnitude) {
        Ok(value) => Some(Resolved::Integer(value)),
        Err(_) if is_signed => None,
        Err(_) => Some(Resolved::Unsigned(magnitude)),
    }
}

/// go-yaml looks at prefixes once more, and here a sign may stand behind them: `0b-1`.
fn prefixed(plain: &str, prefix: &str, negative: &str, base: u32) -> Option<Resolved> {
    if let Some(digits) = plain.strip_prefix(prefix) {
        return i64::from_str_radix(digits, base)
            .map(Resolved::Integer)
            .ok()
            .or_else(|| u64::from_str_radix(digits, base).map(Resolved::Unsigned).ok());
    }
    let digits = plain.strip_prefix(negative)?;
    i64::from_str_radix(&format!("-{digits}"), base).map(Resolved::Integer).ok()
}

/// A number that begins with its point goes to Go's `ParseFloat` as it is, which allows `_` between two digits.
fn point_float(text: &[u8]) -> Option<f64> {
    if !text.contains(&b'_') {
        return float(text);
    }
    let is_digit = |at: Option<usize>| at.and_then(|at| text.get(at)).is_some_and(u8::is_ascii_digit);
    let is_between = |at: usize| is_digit(at.checked_sub(1)) && is_digit(at.checked_add(1));
    if text.iter().enumerate().any(|(at, &byte)| byte == b'_' && !is_between(at)) {
        return None;
    }
    float(&text.iter().copied().filter(|&byte| byte != b'_').collect::<Vec<_>>())
}

/// Digits, at most one point, at most one exponent. Too large ones are no numbers.
fn float(plain: &[u8]) -> Option<f64> {
    let unsigned = plain.strip_prefix(b"+").or_else(|| plain.strip_prefix(b"-")).unwrap_or(plain);
    let digits = |bytes: &[u8]| bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let whole = digits(unsigned);
    let mut rest = &unsigned[whole..];
    if let Some(after_point) = rest.strip_prefix(b".") {
        let fraction = digits(after_point);
        if whole + fraction == 0 {
            return None;
        }
        rest = &after_point[fraction..];
    } else if whole == 0 {
        return None;
    }
    if let [b'e' | b'E', exponent @ ..] = rest {
        let exponent = exponent.strip_prefix(b"+").or_else(|| exponent.strip_prefix(b"-")).unwrap_or(exponent);
        if exponent.is_empty() || digits(exponent) < exponent.len() {
            return None;
        }
    } else if !rest.is_empty() {
        return None;
    }
    let value: f64 = std::str::from_utf8(plain).ok()?.parse().ok()?;
    value.is_finite().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_of_plain_scalars() {
        let cases = [
            ("", Resolved::Nil),
            ("~", Resolved::Nil),
            ("nUll", Resolved::String),
            ("y", Resolved::Bool(true)),
            ("Off", Resolved::Bool(false)),
            ("012", Resolved::Integer(10)),
            ("0o12", Resolved::Integer(10)),
            ("08", Resolved::Float(8.0)),
            ("0b101", Resolved::Integer(5)),
            ("0b-101", Resolved::Integer(-5)),
            ("-0x1F", Resolved::Integer(-31)),
            ("1_000", Resolved::Integer(1000)),
            ("+-1", Resolved::String),
            ("9223372036854775808", Resolved::Unsigned(9_223_372_036_854_775_808)),
            ("+9223372036854775808", Resolved::Float(9_223_372_036_854_775_808.0)),
            ("-9223372036854775808", Resolved::Integer(i64::MIN)),
            ("18446744073709551616", Resolved::Float(18_446_744_073_709_551_616.0)),
            ("1e400", Resolved::String),
            ("1.", Resolved::Float(1.0)),
            (".5", Resolved::Float(0.5)),
            (".", Resolved::String),
            (".10_9", Resolved::Float(0.109)),
            (".1__0", Resolved::String),
            ("._1", Resolved::String),
            ("-.inf", Resolved::Float(f64::NEG_INFINITY)),
            ("1:30", Resolved::String),
            ("2001-01-01", Resolved::Timestamp),
            ("0x", Resolved::String),
        ];
        for (text, expected) in cases {
            assert_eq!(resolve(text.as_bytes(), Version::V2), expected, "{text}");
        }
        assert_eq!(resolve(b"yes", Version::V3), Resolved::String);
        assert_eq!(resolve(b"0o-7", Version::V3), Resolved::Integer(-7));
    }
}
