//! Go's `time.Duration`: its text, its reading, its arithmetic.

use std::borrow::Cow;

use super::parse::quote;
use crate::functions::dates::moment::method;
use crate::template::{CallError, Function, Integer, IntegerKind, Kind, Object, Parameter, Printed, Text, Value};

pub(super) const SECOND: i64 = 1_000_000_000;
pub(super) const MINUTE: i64 = 60 * SECOND;
pub(super) const HOUR: i64 = 60 * MINUTE;

/// Nanoseconds, with Go's type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Duration(pub i64);

impl Duration {
    pub const GO_TYPE: &str = "time.Duration";

    /// As Go's `time.ParseDuration`, complaints included.
    pub fn parse(text: &[u8]) -> Result<Self, String> {
        let invalid = || format!("time: invalid duration {}", quote(text));
        let (is_negative, mut rest) = match text {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            _ => (false, text),
        };
        if rest == b"0" {
            return Ok(Self(0));
        }
        if rest.is_empty() {
            return Err(invalid());
        }
        let mut sum = 0_u64;
        while !rest.is_empty() {
            let part = Part::read(&mut rest).ok_or_else(invalid)?;
            if part.unit.is_empty() {
                return Err(format!("time: missing unit in duration {}", quote(text)));
            }
            let Some(unit) = unit_of(part.unit) else {
                return Err(format!("time: unknown unit {} in duration {}", quote(part.unit), quote(text)));
            };
            let nanoseconds = part.nanoseconds(unit).ok_or_else(invalid)?;
            sum = sum.checked_add(nanoseconds).filter(|sum| *sum <= 1 << 63).ok_or_else(invalid)?;
        }
        if is_negative {
            return Ok(Self((sum as i64).wrapping_neg()));
        }
        i64::try_from(sum).map(Self).map_err(|_| invalid())
    }

    /// `1h30m0s`
    pub fn text(self) -> String {
        let all = self.0.unsigned_abs();
        let sign = if self.0 < 0 { "-" } else { "" };
        if all == 0 {
            return "0s".to_owned();
        }
        if all < SECOND as u64 {
            let (digits, unit) = match all {
                0..1_000 => (0, "ns"),
                1_000..1_000_000 => (3, "µs"),
                _ => (6, "ms"),
            };
            return format!("{sign}{}{unit}", with_fraction(all, digits));
        }
        let seconds = all / SECOND as u64;
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
        let rest = with_fraction(all % MINUTE as u64, 9);
        match (hours, minutes) {
            (0, 0) => format!("{sign}{rest}s"),
            (0, _) => format!("{sign}{minutes}m{rest}s"),
            _ => format!("{sign}{hours}h{minutes}m{rest}s"),
        }
    }

    pub fn seconds(self) -> f64 {
        self.in_units(SECOND)
    }

    pub fn minutes(self) -> f64 {
        self.in_units(MINUTE)
    }

    pub fn hours(self) -> f64 {
        self.in_units(HOUR)
    }

    /// Whole units and the rest apart, which rounds as Go does.
    fn in_units(self, unit: i64) -> f64 {
        (self.0 / unit) as f64 + (self.0 % unit) as f64 / unit as f64
    }

    /// Towards zero to a multiple.
    #[must_use]
    pub fn truncate(self, multiple: Self) -> Self {
        if multiple.0 <= 0 { self } else { Self(self.0 - self.0 % multiple.0) }
    }

    /// To the nearest multiple, halves away from zero.
    #[must_use]
    pub fn round(self, multiple: Self) -> Self {
        if multiple.0 <= 0 {
            return self;
        }
        let rest = (self.0 % multiple.0).abs();
        let goes_down = rest.unsigned_abs() * 2 < multiple.0.unsigned_abs();
        let step = if goes_down { -rest } else { multiple.0 - rest };
        Self(if self.0 < 0 { self.0.saturating_sub(step) } else { self.0.saturating_add(step) })
    }
}

/// A number and its unit.
struct Part<'a> {
    whole: u64,
    fraction: u64,
    scale: f64,
    unit: &'a [u8],
}

impl<'a> Part<'a> {
    fn read(rest: &mut &'a [u8]) -> Option<Self> {
        let whole_text = take_digits(rest);
        let mut whole = 0_u64;
        for digit in whole_text {
            if whole > (1 << 63) / 10 {
                return None;
            }
            whole = whole * 10 + u64::from(digit - b'0');
            if whole > 1 << 63 {
                return None;
            }
        }
        let (mut fraction, mut scale, mut fraction_text): (u64, f64, &[u8]) = (0, 1.0, b"");
        if let Some(after) = rest.strip_prefix(b".") {
            *rest = after;
            fraction_text = take_digits(rest);
            (fraction, scale) = fraction_of(fraction_text);
        }
        if whole_text.is_empty() && fraction_text.is_empty() {
            return None;
        }
        let length = rest.iter().take_while(|byte| **byte != b'.' && !byte.is_ascii_digit()).count();
        let (unit, after) = rest.split_at(length);
        *rest = after;
        Some(Self { whole, fraction, scale, unit })
    }

    fn nanoseconds(&self, unit: u64) -> Option<u64> {
        if self.whole > (1 << 63) / unit {
            return None;
        }
        let mut nanoseconds = self.whole * unit;
        if self.fraction > 0 {
            nanoseconds += (self.fraction as f64 * (unit as f64 / self.scale)) as u64;
        }
        (nanoseconds <= 1 << 63).then_some(nanoseconds)
    }
}

fn take_digits<'a>(rest: &mut &'a [u8]) -> &'a [u8] {
    let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (taken, after) = rest.split_at(count);
    *rest = after;
    taken
}

/// Digits after the point and the power of ten they stand for; digits that no longer fit are dropped.
fn fraction_of(text: &[u8]) -> (u64, f64) {
    let (mut fraction, mut scale) = (0_u64, 1.0);
    for digit in text {
        if fraction > ((1 << 63) - 1) / 10 {
            break;
        }
        let next = fraction * 10 + u64::from(digit - b'0');
        if next > 1 << 63 {
            break;
        }
        fraction = next;
        scale *= 10.0;
    }
    (fraction, scale)
}

fn unit_of(name: &[u8]) -> Option<u64> {
    Some(match std::str::from_utf8(name).ok()? {
        "ns" => 1,
        "us" | "µs" | "μs" => 1_000,
        "ms" => 1_000_000,
        "s" => SECOND as u64,
        "m" => MINUTE as u64,
        "h" => HOUR as u64,
        _ => return None,
    })
}

/// The number over ten to the power of `digits`, without zeros at its end.
fn with_fraction(number: u64, digits: usize) -> String {
    let power = 10_u64.pow(digits as u32);
    let (whole, rest) = (number / power, number % power);
    if rest == 0 {
        return whole.to_string();
    }
    let rest = format!("{rest:0digits$}");
    format!("{whole}.{}", rest.trim_end_matches('0'))
}

impl Object for Duration {
    fn go_type(&self) -> Cow<'static, str> {
        Cow::Borrowed(Self::GO_TYPE)
    }

    fn kind(&self) -> Kind {
        Kind::Int64
    }

    fn field(&self, _name: &str) -> Option<Value> {
        None
    }

    fn method(&self, name: &str) -> Option<Function> {
        const ONE: &[Parameter] = &[Parameter::Named(Duration::GO_TYPE)];
        let this = *self;
        Some(match name {
            "Hours" => constant(Value::Float(this.hours())),
            "Minutes" => constant(Value::Float(this.minutes())),
            "Seconds" => constant(Value::Float(this.seconds())),
            "Milliseconds" => constant(Value::int64(this.0 / 1_000_000)),
            "Microseconds" => constant(Value::int64(this.0 / 1_000)),
            "Nanoseconds" => constant(Value::int64(this.0)),
            "String" => constant(Value::string(this.text())),
            "Abs" => constant(Self(this.0.saturating_abs()).into()),
            "Round" => method(ONE, move |arguments| Ok(this.round(Self::of(&arguments[0])?).into())),
            "Truncate" => method(ONE, move |arguments| Ok(this.truncate(Self::of(&arguments[0])?).into())),
            _ => return None,
        })
    }

    fn is_true(&self) -> bool {
        self.0 != 0
    }

    fn printed(&self) -> Printed {
        Printed::Text(Text::from(self.text()))
    }

    fn printed_fields(&self) -> Option<Printed> {
        Some(Printed::As(Value::int64(self.0)))
    }

    fn to_plain(&self) -> Option<Value> {
        Some(Value::Integer(Integer { bits: self.0, kind: IntegerKind::Int64 }))
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

impl Duration {
    /// The duration that an argument is.
    pub(super) fn of(value: &Value) -> Result<Self, CallError> {
        Self::in_value(value).ok_or_else(|| CallError::Message(format!("expected {}", Self::GO_TYPE)))
    }

    pub(super) fn in_value(value: &Value) -> Option<Self> {
        match value {
            Value::Object(object) => object.as_any().downcast_ref::<Self>().copied(),
            _ => None,
        }
    }
}

impl From<Duration> for Value {
    fn from(duration: Duration) -> Self {
        Self::Object(std::rc::Rc::new(duration))
    }
}

/// A method without parameters whose result is known.
pub(super) fn constant(value: Value) -> Function {
    method(&[], move |_| Ok(value.clone()))
}
