//! Writes an instant by a layout.

use super::civil::{Civil, MONTHS, WEEKDAYS};
use super::layout::{Field, Offset, OffsetPrecision, next_chunk};
use super::moment::Moment;
use super::zone::ZoneInfo;

/// The text of the instant in its own zone.
pub(super) fn format(moment: &Moment, layout: &[u8]) -> Vec<u8> {
    let zone = moment.zone_info();
    let civil = Civil::of(moment.seconds().wrapping_add(i64::from(zone.offset)));
    let mut out = Vec::with_capacity(layout.len() + 10);
    let mut rest = layout;
    loop {
        let chunk = next_chunk(rest);
        out.extend_from_slice(chunk.before);
        let Some(field) = chunk.field else { return out };
        write_field(&mut out, field, &civil, &zone, moment.nanoseconds());
        rest = chunk.after;
    }
}

fn write_field(out: &mut Vec<u8>, field: Field, civil: &Civil, zone: &ZoneInfo, nanoseconds: u32) {
    let month = MONTHS[usize::from(civil.month - 1)];
    let weekday = WEEKDAYS[usize::from(civil.weekday)];
    let hour12 = i64::from((civil.hour + 11) % 12 + 1);
    match field {
        Field::LongMonth => out.extend_from_slice(month.as_bytes()),
        Field::Month => out.extend_from_slice(&month.as_bytes()[..3]),
        Field::NumberMonth => write_number(out, civil.month.into(), 0),
        Field::ZeroMonth => write_number(out, civil.month.into(), 2),
        Field::LongWeekday => out.extend_from_slice(weekday.as_bytes()),
        Field::Weekday => out.extend_from_slice(&weekday.as_bytes()[..3]),
        Field::Day => write_number(out, civil.day.into(), 0),
        Field::UnderDay => write_padded(out, civil.day.into(), 2),
        Field::ZeroDay => write_number(out, civil.day.into(), 2),
        Field::UnderYearDay => write_padded(out, civil.year_day.into(), 3),
        Field::ZeroYearDay => write_number(out, civil.year_day.into(), 3),
        Field::Hour => write_number(out, civil.hour.into(), 2),
        Field::Hour12 => write_number(out, hour12, 0),
        Field::ZeroHour12 => write_number(out, hour12, 2),
        Field::Minute => write_number(out, civil.minute.into(), 0),
        Field::ZeroMinute => write_number(out, civil.minute.into(), 2),
        Field::Second => write_number(out, civil.second.into(), 0),
        Field::ZeroSecond => write_number(out, civil.second.into(), 2),
        Field::LongYear => write_number(out, civil.year, 4),
        Field::Year => write_number(out, civil.year.abs() % 100, 2),
        Field::UpperHalf => out.extend_from_slice(if civil.hour >= 12 { b"PM" } else { b"AM" }),
        Field::LowerHalf => out.extend_from_slice(if civil.hour >= 12 { b"pm" } else { b"am" }),
        Field::ZoneName => write_zone_name(out, zone),
        Field::Offset(form) => write_offset(out, form, zone.offset),
        Field::Fraction { digits, separator, trims } => write_fraction(out, nanoseconds, digits, separator, trims),
    }
}

/// Decimal, filled up with zeros after the sign.
pub(super) fn write_number(out: &mut Vec<u8>, number: i64, width: usize) {
    let sign = if number < 0 { "-" } else { "" };
    let digits = number.unsigned_abs();
    out.extend_from_slice(format!("{sign}{digits:0width$}").as_bytes());
}

fn write_padded(out: &mut Vec<u8>, number: i64, width: usize) {
    out.extend_from_slice(format!("{number:width$}").as_bytes());
}

fn write_zone_name(out: &mut Vec<u8>, zone: &ZoneInfo) {
    if zone.name.is_empty() {
        let form = Offset { is_iso: false, has_colons: false, precision: OffsetPrecision::Minutes };
        return write_offset(out, form, zone.offset);
    }
    out.extend_from_slice(zone.name.as_bytes());
}

fn write_offset(out: &mut Vec<u8>, form: Offset, offset: i32) {
    if form.is_iso && offset == 0 {
        return out.push(b'Z');
    }
    // The sign is that of whole minutes: fifty seconds west are `+00`, and their seconds keep the minus.
    let minutes = offset / 60;
    let seconds = if minutes < 0 { -(offset % 60) } else { offset % 60 };
    out.push(if minutes < 0 { b'-' } else { b'+' });
    write_number(out, i64::from(minutes.abs() / 60), 2);
    if form.precision == OffsetPrecision::Hours {
        return;
    }
    if form.has_colons {
        out.push(b':');
    }
    write_number(out, i64::from(minutes.abs() % 60), 2);
    if form.precision == OffsetPrecision::Seconds {
        if form.has_colons {
            out.push(b':');
        }
        write_number(out, seconds.into(), 2);
    }
}

fn write_fraction(out: &mut Vec<u8>, nanoseconds: u32, digits: usize, separator: u8, trims: bool) {
    if trims && (digits == 0 || nanoseconds == 0) {
        return;
    }
    out.push(separator);
    let all = format!("{nanoseconds:09}");
    out.extend_from_slice(&all.as_bytes()[..digits.min(9)]);
    if trims {
        while out.last() == Some(&b'0') {
            out.pop();
        }
        if out.last() == Some(&separator) {
            out.pop();
        }
    }
}
