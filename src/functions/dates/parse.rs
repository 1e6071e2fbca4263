//! Reads an instant by a layout, with Go's own complaints.

use std::rc::Rc;

use super::civil::{MONTHS, WEEKDAYS, days_in, days_to, is_leap};
use super::layout::{Field, Offset, OffsetPrecision, next_chunk};
use super::moment::Moment;
use super::zone::Zone;

/// What has been read so far.
#[derive(Default)]
struct Parts {
    year: i64,
    month: Option<u8>,
    day: Option<i64>,
    year_day: Option<i64>,
    hour: i64,
    minute: i64,
    second: i64,
    nanosecond: i64,
    is_afternoon: bool,
    is_morning: bool,
    is_utc: bool,
    offset: Option<i32>,
    zone_name: String,
}

/// Why a field could not be read.
enum Fault {
    Bad,
    OutOfRange(&'static str),
}

/// As Go's `time.ParseInLocation`, for the local zone or one with a fixed offset.
pub(super) fn parse(layout: &[u8], value: &[u8], default: &Zone) -> Result<Moment, String> {
    let mut parts = Parts::default();
    let (mut rest_of_layout, mut rest) = (layout, value);
    loop {
        let chunk = next_chunk(rest_of_layout);
        rest = skip(rest, chunk.before).map_err(|at| cannot_parse(value, layout, at, chunk.before))?;
        let Some(field) = chunk.field else {
            if rest.is_empty() {
                break;
            }
            return Err(complaint(value, &format!(": extra text: {}", quote(rest))));
        };
        let hold = rest;
        match parts.read(field, &mut rest, chunk.after) {
            Ok(()) => {}
            Err(Fault::OutOfRange(what)) => return Err(complaint(value, &format!(": {what} out of range"))),
            Err(Fault::Bad) => return Err(cannot_parse(value, layout, hold, chunk.text)),
        }
        rest_of_layout = chunk.after;
    }
    parts.finish(default).map_err(|what| complaint(value, what))
}

fn complaint(value: &[u8], what: &str) -> String {
    format!("parsing time {}{what}", quote(value))
}

fn cannot_parse(value: &[u8], layout: &[u8], at: &[u8], element: &[u8]) -> String {
    let (value, layout, at, element) = (quote(value), quote(layout), quote(at), quote(element));
    format!("parsing time {value} as {layout}: cannot parse {at} as {element}")
}

/// The quotes of Go's time package: everything that is not ASCII in hexadecimal.
pub(super) fn quote(text: &[u8]) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for &byte in text {
        match byte {
            b'"' | b'\\' => out.extend(['\\', char::from(byte)]),
            b' '..0x80 => out.push(char::from(byte)),
            _ => out.push_str(&format!("\\x{byte:02x}")),
        }
    }
    out.push('"');
    out
}

/// Takes the plain text of a layout away; any run of spaces fits any other.
fn skip<'a>(mut value: &'a [u8], mut prefix: &[u8]) -> Result<&'a [u8], &'a [u8]> {
    while let Some(&expected) = prefix.first() {
        if expected == b' ' {
            if value.first().is_some_and(|byte| *byte != b' ') {
                return Err(value);
            }
            prefix = trim_spaces(prefix);
            value = trim_spaces(value);
            continue;
        }
        if value.first() != Some(&expected) {
            return Err(value);
        }
        prefix = &prefix[1..];
        value = &value[1..];
    }
    Ok(value)
}

fn trim_spaces(text: &[u8]) -> &[u8] {
    let spaces = text.iter().take_while(|byte| **byte == b' ').count();
    &text[spaces..]
}

impl Parts {
    fn read(&mut self, field: Field, rest: &mut &[u8], layout_after: &[u8]) -> Result<(), Fault> {
        match field {
            Field::Year => {
                let year = signed_number(take(rest, 2)?)?;
                self.year = year + if year >= 69 { 1900 } else { 2000 };
            }
            Field::LongYear => {
                if rest.len() < 4 || !rest[0].is_ascii_digit() {
                    return Err(Fault::Bad);
                }
                self.year = signed_number(take(rest, 4)?)?;
            }
            Field::Month => self.month = Some(name(rest, &MONTHS, Some(3))? + 1),
            Field::LongMonth => self.month = Some(name(rest, &MONTHS, None)? + 1),
            Field::NumberMonth | Field::ZeroMonth => {
                let month = number(rest, field == Field::ZeroMonth)?;
                self.month = Some(within(month, 1, 12, "month")? as u8);
            }
            // The day of the week must be one, whether or not it is the right one.
            Field::Weekday => drop(name(rest, &WEEKDAYS, Some(3))?),
            Field::LongWeekday => drop(name(rest, &WEEKDAYS, None)?),
            Field::Day | Field::UnderDay | Field::ZeroDay => {
                if field == Field::UnderDay {
                    skip_space(rest);
                }
                self.day = Some(number(rest, field == Field::ZeroDay)?);
            }
            Field::UnderYearDay | Field::ZeroYearDay => {
                if field == Field::UnderYearDay {
                    skip_space(rest);
                    skip_space(rest);
                }
                self.year_day = Some(three_digits(rest, field == Field::ZeroYearDay)?);
            }
            Field::Hour => self.hour = within(number(rest, false)?, 0, 23, "hour")?,
            Field::Hour12 | Field::ZeroHour12 => {
                self.hour = within(number(rest, field == Field::ZeroHour12)?, 0, 12, "hour")?;
            }
            Field::Minute | Field::ZeroMinute => {
                self.minute = within(number(rest, field == Field::ZeroMinute)?, 0, 59, "minute")?;
            }
            Field::Second | Field::ZeroSecond => {
                self.second = within(number(rest, field == Field::ZeroSecond)?, 0, 59, "second")?;
                self.read_unannounced_fraction(rest, layout_after)?;
            }
            Field::UpperHalf => self.read_half(take(rest, 2)?, b"AM", b"PM")?,
            Field::LowerHalf => self.read_half(take(rest, 2)?, b"am", b"pm")?,
            Field::Offset(form) => self.read_offset(form, rest)?,
            Field::ZoneName => self.read_zone_name(rest)?,
            Field::Fraction { digits, trims: false, .. } => {
                if rest.len() < digits + 1 {
                    return Err(Fault::Bad);
                }
                self.nanosecond = nanoseconds(take(rest, digits + 1)?)?;
            }
            Field::Fraction { .. } => {
                if is_fraction(rest) {
                    self.nanosecond = nanoseconds(take_fraction(rest))?;
                }
            }
        }
        Ok(())
    }

    /// A fraction after the seconds is read even where the layout has none.
    fn read_unannounced_fraction(&mut self, rest: &mut &[u8], layout_after: &[u8]) -> Result<(), Fault> {
        let is_announced = matches!(next_chunk(layout_after).field, Some(Field::Fraction { .. }));
        if is_fraction(rest) && !is_announced {
            self.nanosecond = nanoseconds(take_fraction(rest))?;
        }
        Ok(())
    }

    fn read_half(&mut self, text: &[u8], morning: &[u8], afternoon: &[u8]) -> Result<(), Fault> {
        if text == afternoon {
            self.is_afternoon = true;
        } else if text == morning {
            self.is_morning = true;
        } else {
            return Err(Fault::Bad);
        }
        Ok(())
    }

    fn read_offset(&mut self, form: Offset, rest: &mut &[u8]) -> Result<(), Fault> {
        if form.is_iso && rest.first() == Some(&b'Z') {
            *rest = &rest[1..];
            self.is_utc = true;
            return Ok(());
        }
        let count = match form.precision {
            OffsetPrecision::Hours => 1,
            OffsetPrecision::Minutes => 2,
            OffsetPrecision::Seconds => 3,
        };
        let step = if form.has_colons { 3 } else { 2 };
        let length = 1 + step * count - usize::from(form.has_colons);
        let text = take(rest, length)?;
        let mut numbers = [0_i64; 3];
        let mut fault = None;
        if form.has_colons && (1..count).any(|index| text[step * index] != b':') {
            return Err(Fault::Bad);
        }
        for (index, value) in numbers.iter_mut().enumerate().take(count) {
            match number(&mut &text[1 + step * index..3 + step * index], true) {
                Ok(read) => *value = read,
                Err(bad) => {
                    fault = Some(bad);
                    break;
                }
            }
        }
        let [hours, minutes, seconds] = numbers;
        // Twenty-four hours and sixty minutes are let through, since people write them. Ranges are judged first.
        within(hours, 0, 24, "time zone offset hour")?;
        within(minutes, 0, 60, "time zone offset minute")?;
        within(seconds, 0, 60, "time zone offset second")?;
        let offset = ((hours * 60 + minutes) * 60 + seconds) as i32;
        self.offset = Some(match text[0] {
            b'+' => offset,
            b'-' => -offset,
            _ => return Err(Fault::Bad),
        });
        fault.map_or(Ok(()), Err)
    }

    fn read_zone_name(&mut self, rest: &mut &[u8]) -> Result<(), Fault> {
        if rest.starts_with(b"UTC") {
            *rest = &rest[3..];
            self.is_utc = true;
            return Ok(());
        }
        let length = zone_name_length(rest).ok_or(Fault::Bad)?;
        self.zone_name = String::from_utf8_lossy(take(rest, length)?).into_owned();
        Ok(())
    }

    /// Puts the parts together. The error is what follows the quoted value.
    fn finish(mut self, default: &Zone) -> Result<Moment, &'static str> {
        if self.is_afternoon && self.hour < 12 {
            self.hour += 12;
        } else if !self.is_afternoon && self.is_morning && self.hour == 12 {
            self.hour = 0;
        }
        if let Some(year_day) = self.year_day {
            self.place_year_day(year_day)?;
        }
        let (month, day) = (self.month.unwrap_or(1), self.day.unwrap_or(1));
        if day < 1 || day > i64::from(days_in(month, self.year)) {
            return Err(": day out of range");
        }
        let seconds = days_to(self.year, month, day) * 86_400 + self.hour * 3600 + self.minute * 60 + self.second;
        let (offset, zone) = self.zone(default);
        Ok(Moment::new(seconds - i64::from(offset), self.nanosecond as u32, zone))
    }

    fn place_year_day(&mut self, year_day: i64) -> Result<(), &'static str> {
        let length = if is_leap(self.year) { 366 } else { 365 };
        if year_day < 1 || year_day > length {
            return Err(": day-of-year out of range");
        }
        let (mut month, mut day) = (1, year_day);
        while day > i64::from(days_in(month, self.year)) {
            day -= i64::from(days_in(month, self.year));
            month += 1;
        }
        if self.month.is_some_and(|given| given != month) {
            return Err(": day-of-year does not match month");
        }
        if self.day.is_some_and(|given| given != day) {
            return Err(": day-of-year does not match day");
        }
        (self.month, self.day) = (Some(month), Some(day));
        Ok(())
    }

    /// The zone that the text named, and the offset to take from its clock.
    fn zone(&self, default: &Zone) -> (i32, Zone) {
        let fixed = |offset| (offset, Zone::Fixed { name: Rc::from(self.zone_name.as_str()), offset });
        if self.is_utc {
            return (0, Zone::Utc);
        }
        match self.offset {
            // Go uses -1 for "none", so one second west is no offset at all.
            Some(offset) if offset != -1 => {
                if offset == 0 && matches!(self.zone_name.as_str(), "" | "UTC") {
                    return (0, Zone::Local);
                }
                fixed(offset)
            }
            _ if self.zone_name.is_empty() => (0, default.clone()),
            _ => {
                // An unknown name has no offset, and its clock is taken for UTC's: only `GMT+3` tells its own.
                let hours = self.zone_name.strip_prefix("GMT").and_then(|hours| hours.parse::<i32>().ok());
                (0, fixed(hours.unwrap_or(0) * 3600).1)
            }
        }
    }
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Result<&'a [u8], Fault> {
    let (taken, after) = rest.split_at_checked(length).ok_or(Fault::Bad)?;
    *rest = after;
    Ok(taken)
}

fn skip_space(rest: &mut &[u8]) {
    if let Some(after) = rest.strip_prefix(b" ") {
        *rest = after;
    }
}

fn within(number: i64, least: i64, most: i64, what: &'static str) -> Result<i64, Fault> {
    if (least..=most).contains(&number) { Ok(number) } else { Err(Fault::OutOfRange(what)) }
}

/// One or two digits; exactly two where `is_fixed`.
fn number(rest: &mut &[u8], is_fixed: bool) -> Result<i64, Fault> {
    digits(rest, if is_fixed { 2 } else { 1 }, 2)
}

fn three_digits(rest: &mut &[u8], is_fixed: bool) -> Result<i64, Fault> {
    digits(rest, if is_fixed { 3 } else { 1 }, 3)
}

fn digits(rest: &mut &[u8], least: usize, most: usize) -> Result<i64, Fault> {
    let count = rest.iter().take(most).take_while(|byte| byte.is_ascii_digit()).count();
    if count < least {
        return Err(Fault::Bad);
    }
    Ok(take(rest, count)?.iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0')))
}

/// Digits with an optional sign, and nothing else.
fn signed_number(text: &[u8]) -> Result<i64, Fault> {
    let (is_negative, mut rest) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let length = rest.len();
    let number = digits(&mut rest, length, length)?;
    Ok(if is_negative { -number } else { number })
}

/// Which of the names begins here, in any case.
fn name(rest: &mut &[u8], names: &[&str], length: Option<usize>) -> Result<u8, Fault> {
    for (index, name) in (0..).zip(names) {
        let name = &name.as_bytes()[..length.unwrap_or(name.len())];
        if rest.get(..name.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(name)) {
            *rest = &rest[name.len()..];
            return Ok(index);
        }
    }
    Err(Fault::Bad)
}

fn is_fraction(rest: &[u8]) -> bool {
    matches!(rest, [b'.' | b',', digit, ..] if digit.is_ascii_digit())
}

/// The separator and all digits after it.
fn take_fraction<'a>(rest: &mut &'a [u8]) -> &'a [u8] {
    let length = 1 + rest[1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (taken, after) = rest.split_at(length);
    *rest = after;
    taken
}

/// Of a separator and digits; what is finer than a nanosecond is cut off.
fn nanoseconds(text: &[u8]) -> Result<i64, Fault> {
    if !matches!(text.first(), Some(b'.' | b',')) {
        return Err(Fault::Bad);
    }
    let text = &text[1..text.len().min(10)];
    let number = signed_number(text)?;
    if number < 0 {
        return Err(Fault::OutOfRange("fractional second"));
    }
    Ok(number * 10_i64.pow(9 - text.len() as u32))
}

/// How long the abbreviation of a zone is: names are not looked up, they only must look like one.
fn zone_name_length(value: &[u8]) -> Option<usize> {
    if value.len() < 3 {
        return None;
    }
    if value.starts_with(b"ChST") || value.starts_with(b"MeST") {
        return Some(4);
    }
    if value.starts_with(b"GMT") {
        return Some(3 + signed_offset_length(&value[3..]));
    }
    if matches!(value[0], b'+' | b'-') {
        return Some(signed_offset_length(value)).filter(|length| *length > 0);
    }
    let capitals = value.iter().take(6).take_while(|byte| byte.is_ascii_uppercase()).count();
    match capitals {
        3 => Some(3),
        4 if value[3] == b'T' || value.starts_with(b"WITA") => Some(4),
        5 if value[4] == b'T' => Some(5),
        _ => None,
    }
}

/// Of `+03`: a sign and a number up to 23. Zero if it is none.
fn signed_offset_length(value: &[u8]) -> usize {
    if !matches!(value.first(), Some(b'+' | b'-')) {
        return 0;
    }
    let count = value[1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let number = value[1..=count]
        .iter()
        .fold(0_u64, |number, digit| number.saturating_mul(10).saturating_add(u64::from(digit - b'0')));
    if count == 0 || number > 23 { 0 } else { 1 + count }
}
