//! Go's `time.Time`, as templates hold it.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::rc::Rc;

use jiff::Timestamp;

use super::civil::{Civil, MONTHS, WEEKDAYS, days_to};
use super::duration::{Duration, SECOND, constant};
use super::format::{format, write_number};
use super::named_number::NamedNumber;
use super::parse::parse;
use super::zone::{Zone, ZoneInfo};
use crate::template::{CallError, Function, Kind, Object, Parameter, Printed, Text, Value};

/// Seconds from 1970 back to the first of January of the year 1, which is Go's zero time.
const ZERO_SECONDS: i64 = -62_135_596_800;

/// An instant with its zone.
#[derive(Debug, Clone)]
pub struct Moment {
    /// Since 1970. Additions wrap, as Go's do.
    seconds: i64,
    nanoseconds: u32,
    zone: Zone,
    /// What the process's own clock said, in nanoseconds; only `now` has it, and it shows when printed.
    monotonic: Option<i64>,
}

/// How TOML writes times without a zone. Go's library keeps the form in the name of a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LocalForm {
    DateTime,
    Date,
    Time,
}

impl LocalForm {
    const ALL: [Self; 3] = [Self::DateTime, Self::Date, Self::Time];

    const fn zone_name(self) -> &'static str {
        match self {
            Self::DateTime => "datetime-local",
            Self::Date => "date-local",
            Self::Time => "time-local",
        }
    }

    const fn layout(self) -> &'static [u8] {
        match self {
            Self::DateTime => b"2006-01-02T15:04:05.999999999",
            Self::Date => b"2006-01-02",
            Self::Time => b"15:04:05.999999999",
        }
    }
}

impl Moment {
    pub const GO_TYPE: &str = "time.Time";

    pub(super) fn new(seconds: i64, nanoseconds: u32, zone: Zone) -> Self {
        Self { seconds, nanoseconds, zone, monotonic: None }
    }

    /// Go's zero time, in UTC.
    pub(super) fn zero() -> Self {
        Self::new(ZERO_SECONDS, 0, Zone::Utc)
    }

    /// What `time.Now()` gives: in the local zone, with a reading of the process's clock, which has just begun.
    pub(super) fn now(timestamp: Timestamp) -> Self {
        let nanoseconds = timestamp.as_nanosecond();
        let seconds = nanoseconds.div_euclid(i128::from(SECOND)) as i64;
        let rest = nanoseconds.rem_euclid(i128::from(SECOND)) as u32;
        Self { seconds, nanoseconds: rest, zone: Zone::Local, monotonic: Some(0) }
    }

    pub(super) fn from_unix(seconds: i64) -> Self {
        Self::new(seconds, 0, Zone::Local)
    }

    pub(super) fn seconds(&self) -> i64 {
        self.seconds
    }

    pub(super) fn nanoseconds(&self) -> u32 {
        self.nanoseconds
    }

    pub(super) fn zone_info(&self) -> ZoneInfo {
        self.zone.at(self.seconds)
    }

    #[must_use]
    pub(super) fn in_zone(&self, zone: Zone) -> Self {
        Self::new(self.seconds, self.nanoseconds, zone)
    }

    #[must_use]
    pub(super) fn add(&self, duration: Duration) -> Self {
        let mut seconds = self.seconds.wrapping_add(duration.0 / SECOND);
        let mut nanoseconds = i64::from(self.nanoseconds) + duration.0 % SECOND;
        if nanoseconds >= SECOND {
            seconds = seconds.wrapping_add(1);
            nanoseconds -= SECOND;
        } else if nanoseconds < 0 {
            seconds = seconds.wrapping_sub(1);
            nanoseconds += SECOND;
        }
        let monotonic = self.monotonic.and_then(|reading| reading.checked_add(duration.0));
        Self { seconds, nanoseconds: nanoseconds as u32, zone: self.zone.clone(), monotonic }
    }

    /// What lies between, at most what a duration can hold.
    pub(super) fn since(&self, earlier: &Self) -> Duration {
        if let (Some(later), Some(earlier)) = (self.monotonic, earlier.monotonic) {
            return Duration(later.saturating_sub(earlier));
        }
        let difference = self.total() - earlier.total();
        Duration(difference.clamp(i64::MIN.into(), i64::MAX.into()) as i64)
    }

    pub(super) fn format(&self, layout: &[u8]) -> Vec<u8> {
        format(self, layout)
    }

    /// Reads a text by a layout. Without a zone in it, the time is local, in a form of TOML's if there is one.
    pub fn parse(layout: &[u8], text: &[u8], form: Option<LocalForm>) -> Result<Self, String> {
        let zone = form.map_or(Zone::Local, |form| Zone::Fixed { name: Rc::from(form.zone_name()), offset: 0 });
        parse(layout, text, &zone)
    }

    /// As TOML writes it.
    pub fn toml(&self) -> Vec<u8> {
        let form = LocalForm::ALL.into_iter().find(|form| form.zone_name() == self.zone.name());
        form.map_or_else(|| self.rfc3339(), |form| self.format(form.layout()))
    }

    /// As printed for people: `2006-01-02 15:04:05 +0000 UTC`.
    fn text(&self) -> Vec<u8> {
        let mut out = self.format(b"2006-01-02 15:04:05.999999999 -0700 MST");
        if let Some(reading) = self.monotonic {
            let nanoseconds = reading.unsigned_abs();
            let sign = if reading < 0 { '-' } else { '+' };
            let (seconds, rest) = (nanoseconds / SECOND as u64, nanoseconds % SECOND as u64);
            out.extend_from_slice(format!(" m={sign}{seconds}.{rest:09}").as_bytes());
        }
        out
    }

    /// As JSON and YAML write it.
    pub(super) fn rfc3339(&self) -> Vec<u8> {
        self.format(b"2006-01-02T15:04:05.999999999Z07:00")
    }

    fn go_string(&self) -> Vec<u8> {
        let civil = self.civil();
        let mut out = b"time.Date(".to_vec();
        write_number(&mut out, civil.year, 0);
        out.extend_from_slice(format!(", time.{}", MONTHS[usize::from(civil.month - 1)]).as_bytes());
        let numbers = [civil.day.into(), civil.hour.into(), civil.minute.into(), civil.second.into(), self.nanoseconds];
        for number in numbers {
            out.extend_from_slice(b", ");
            write_number(&mut out, number.into(), 0);
        }
        let zone = match &self.zone {
            Zone::Utc => "time.UTC".to_owned(),
            Zone::Local => "time.Local".to_owned(),
            other => format!("time.Location({})", super::parse::quote(other.name().as_bytes())),
        };
        out.extend_from_slice(format!(", {zone})").as_bytes());
        out
    }

    fn total(&self) -> i128 {
        i128::from(self.seconds) * i128::from(SECOND) + i128::from(self.nanoseconds)
    }

    fn civil(&self) -> Civil {
        Civil::of(self.seconds.wrapping_add(i64::from(self.zone_info().offset)))
    }

    fn compare(&self, other: &Self) -> Ordering {
        match (self.monotonic, other.monotonic) {
            (Some(ours), Some(theirs)) => ours.cmp(&theirs),
            _ => (self.seconds, self.nanoseconds).cmp(&(other.seconds, other.nanoseconds)),
        }
    }

    /// The same clock time on another day. Months and days may be too many or too few: they carry over.
    fn add_date(&self, years: i64, months: i64, days: i64) -> Self {
        let civil = self.civil();
        let month_index = i64::from(civil.month) - 1 + months;
        let year = civil.year.wrapping_add(years).wrapping_add(month_index.div_euclid(12));
        let month = month_index.rem_euclid(12) as u8 + 1;
        let day = days_to(year, month, i64::from(civil.day).wrapping_add(days));
        let clock = i64::from(civil.hour) * 3600 + i64::from(civil.minute) * 60 + i64::from(civil.second);
        let local = day.wrapping_mul(86_400).wrapping_add(clock);
        Self::new(local.wrapping_sub(self.offset_for_local(local)), self.nanoseconds, self.zone.clone())
    }

    /// The offset in force when the zone's own clock shows that time; in a gap or an overlap, the one that Go takes.
    fn offset_for_local(&self, local: i64) -> i64 {
        let guess = i64::from(self.zone.at(local).offset);
        if guess == 0 { 0 } else { self.zone.at(local.wrapping_sub(guess)).offset.into() }
    }

    /// Down to a multiple of the duration since the zero time.
    fn truncate(&self, duration: Duration) -> Self {
        let plain = self.in_zone(self.zone.clone());
        if duration.0 <= 0 { plain } else { plain.add(Duration(-self.past_multiple(duration))) }
    }

    /// To the nearest multiple, halves up.
    fn round(&self, duration: Duration) -> Self {
        let plain = self.in_zone(self.zone.clone());
        if duration.0 <= 0 {
            return plain;
        }
        let past = self.past_multiple(duration);
        let is_lower_half = past.unsigned_abs() * 2 < duration.0.unsigned_abs();
        plain.add(Duration(if is_lower_half { -past } else { duration.0 - past }))
    }

    fn past_multiple(&self, duration: Duration) -> i64 {
        let since_zero = self.total() - i128::from(ZERO_SECONDS) * i128::from(SECOND);
        since_zero.rem_euclid(duration.0.into()) as i64
    }

    /// The instant that an argument is.
    pub(super) fn of(value: &Value) -> Result<Self, CallError> {
        Self::in_value(value).cloned().ok_or_else(|| CallError::Message(format!("expected {}", Self::GO_TYPE)))
    }

    pub(super) fn in_value(value: &Value) -> Option<&Self> {
        match value {
            Value::Object(object) => object.as_any().downcast_ref::<Self>(),
            _ => None,
        }
    }

    /// Methods whose result needs no argument.
    fn reading(&self, name: &str) -> Option<Value> {
        let civil = self.civil();
        Some(match name {
            "Year" => Value::int(civil.year),
            "Month" => NamedNumber::value("time.Month", civil.month.into(), MONTHS[usize::from(civil.month - 1)]),
            "Day" => Value::int(civil.day.into()),
            "Weekday" => NamedNumber::value("time.Weekday", civil.weekday.into(), WEEKDAYS[usize::from(civil.weekday)]),
            "YearDay" => Value::int(civil.year_day.into()),
            "Hour" => Value::int(civil.hour.into()),
            "Minute" => Value::int(civil.minute.into()),
            "Second" => Value::int(civil.second.into()),
            "Nanosecond" => Value::int(self.nanoseconds.into()),
            "Unix" => Value::int64(self.seconds),
            "UnixMilli" => Value::int64(self.in_parts_of_second(1_000)),
            "UnixMicro" => Value::int64(self.in_parts_of_second(1_000_000)),
            "UnixNano" => Value::int64(self.in_parts_of_second(SECOND)),
            "IsZero" => Value::Bool(self.seconds == ZERO_SECONDS && self.nanoseconds == 0),
            "IsDST" => Value::Bool(self.zone_info().is_daylight),
            "UTC" => self.in_zone(Zone::Utc).into(),
            "Local" => self.in_zone(Zone::Local).into(),
            "Location" => Value::Object(Rc::new(Location(self.zone.clone()))),
            "String" => Value::string(self.text()),
            "GoString" => Value::string(self.go_string()),
            _ => return None,
        })
    }

    fn in_parts_of_second(&self, parts: i64) -> i64 {
        self.seconds.wrapping_mul(parts).wrapping_add(i64::from(self.nanoseconds) / (SECOND / parts))
    }
}

impl Object for Moment {
    fn go_type(&self) -> Cow<'static, str> {
        Cow::Borrowed(Self::GO_TYPE)
    }

    fn kind(&self) -> Kind {
        Kind::Struct
    }

    fn field(&self, _name: &str) -> Option<Value> {
        None
    }

    fn method(&self, name: &str) -> Option<Function> {
        const TIME: &[Parameter] = &[Parameter::Named(Moment::GO_TYPE)];
        const DURATION: &[Parameter] = &[Parameter::Named(Duration::GO_TYPE)];
        const LOCATION: &[Parameter] = &[Parameter::Named(Location::GO_TYPE)];
        if let Some(value) = self.reading(name) {
            return Some(constant(value));
        }
        let this = self.clone();
        let compared = move |told: fn(Ordering) -> Value| {
            method(TIME, move |arguments| Ok(told(this.compare(&Self::of(&arguments[0])?))))
        };
        let this = self.clone();
        Some(match name {
            "After" => compared(|order| Value::Bool(order.is_gt())),
            "Before" => compared(|order| Value::Bool(order.is_lt())),
            "Equal" => compared(|order| Value::Bool(order.is_eq())),
            "Compare" => compared(|order| Value::int(order as i64)),
            "Add" => method(DURATION, move |arguments| Ok(this.add(Duration::of(&arguments[0])?).into())),
            "Round" => method(DURATION, move |arguments| Ok(this.round(Duration::of(&arguments[0])?).into())),
            "Truncate" => method(DURATION, move |arguments| Ok(this.truncate(Duration::of(&arguments[0])?).into())),
            "Sub" => method(TIME, move |arguments| Ok(this.since(&Self::of(&arguments[0])?).into())),
            "In" => method(LOCATION, move |arguments| Ok(this.in_zone(Location::of(&arguments[0])?).into())),
            "AddDate" => method(&[Parameter::Int, Parameter::Int, Parameter::Int], move |arguments| {
                let [years, months, days] = [0, 1, 2].map(|index| integer(&arguments[index]));
                Ok(this.add_date(years, months, days).into())
            }),
            "Format" => method(&[Parameter::String], move |arguments| {
                let Value::String(layout) = &arguments[0] else { return Err("expected string".into()) };
                Ok(Value::string(this.format(layout.as_bytes())))
            }),
            _ => return None,
        })
    }

    fn printed(&self) -> Printed {
        Printed::Text(Text::from(self.text()))
    }

    fn to_plain(&self) -> Option<Value> {
        Some(Value::string(self.rfc3339()))
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

impl From<Moment> for Value {
    fn from(moment: Moment) -> Self {
        Self::Object(Rc::new(moment))
    }
}

/// Go's `*time.Location`.
#[derive(Debug)]
struct Location(Zone);

impl Location {
    const GO_TYPE: &str = "*time.Location";

    fn of(value: &Value) -> Result<Zone, CallError> {
        match value {
            Value::Object(object) => object.as_any().downcast_ref::<Self>().map(|location| location.0.clone()),
            _ => None,
        }
        // Go's nil location.
        .ok_or_else(|| CallError::Message("time: missing Location in call to Time.In".to_owned()))
    }
}

impl Object for Location {
    fn go_type(&self) -> Cow<'static, str> {
        Cow::Borrowed(Self::GO_TYPE)
    }

    fn kind(&self) -> Kind {
        Kind::Pointer
    }

    fn field(&self, _name: &str) -> Option<Value> {
        None
    }

    fn method(&self, name: &str) -> Option<Function> {
        (name == "String").then(|| constant(Value::string(self.0.name())))
    }

    fn printed(&self) -> Printed {
        Printed::Text(Text::from(self.0.name()))
    }

    fn to_plain(&self) -> Option<Value> {
        // A struct without exported fields.
        Some(Value::Dict(crate::template::Dict::new()))
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

/// A method that asks nothing of the machine.
pub(super) fn method(
    parameters: &'static [Parameter],
    call: impl Fn(&[Value]) -> Result<Value, CallError> + 'static,
) -> Function {
    Function::new(parameters, move |_, arguments| call(arguments))
}

fn integer(value: &Value) -> i64 {
    if let Value::Integer(integer) = value { integer.bits } else { 0 }
}
