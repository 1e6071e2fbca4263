//! Functions of dates and durations: sprig's and Helm's own.

mod civil;
mod duration;
mod elapsed;
mod format;
mod layout;
mod moment;
mod named_number;
mod parse;
mod zone;

pub(super) use duration::Duration;
pub(super) use moment::{LocalForm, Moment};

use self::duration::SECOND;
use self::zone::Zone;
use super::Table;
use super::arguments::bytes;
use super::cast::{IntegerError, parse_int};
use super::sources::Sources;
use crate::template::{Function, IntegerKind, Parameter, Value};

/// Whether a text is a time as JSON has it. The reason why not is in Go's words.
pub fn check_json_time(text: &str) -> Result<(), String> {
    parse::parse(b"2006-01-02T15:04:05Z07:00", text.as_bytes(), &Zone::Utc).map(|_| ())
}

/// Every function of this family.
pub(super) fn table(sources: &Sources) -> Table {
    let mut table = formatting(sources);
    table.extend(reading(sources));
    table.extend(elapsed::table());
    table
}

fn formatting(sources: &Sources) -> Table {
    const LAYOUT_AND_DATE: &[Parameter] = &[Parameter::String, Parameter::Any];
    const LAYOUT_DATE_ZONE: &[Parameter] = &[Parameter::String, Parameter::Any, Parameter::String];
    let with_zone = |sources: &Sources| {
        let sources = sources.clone();
        Function::new(LAYOUT_DATE_ZONE, move |_, arguments| {
            Ok(date_in_zone(&sources, bytes(arguments, 0), &arguments[1], bytes(arguments, 2)))
        })
    };
    let local = sources.clone();
    let html = sources.clone();
    let html_zone = sources.clone();
    vec![
        (
            "date",
            Function::new(LAYOUT_AND_DATE, move |_, arguments| {
                Ok(date_in_zone(&local, bytes(arguments, 0), &arguments[1], b"Local"))
            }),
        ),
        ("dateInZone", with_zone(sources)),
        ("date_in_zone", with_zone(sources)),
        (
            "htmlDate",
            Function::new(&[Parameter::Any], move |_, arguments| {
                Ok(date_in_zone(&html, b"2006-01-02", &arguments[0], b"Local"))
            }),
        ),
        (
            "htmlDateInZone",
            Function::new(&[Parameter::Any, Parameter::String], move |_, arguments| {
                Ok(date_in_zone(&html_zone, b"2006-01-02", &arguments[0], bytes(arguments, 1)))
            }),
        ),
    ]
}

fn reading(sources: &Sources) -> Table {
    const TWO_TEXTS: &[Parameter] = &[Parameter::String, Parameter::String];
    const TIME: Parameter = Parameter::Named(Moment::GO_TYPE);
    const CHANGE_AND_TIME: &[Parameter] = &[Parameter::String, TIME];
    let sources_of_now = sources.clone();
    let modify = Function::new(CHANGE_AND_TIME, |_, arguments| {
        let moment = Moment::of(&arguments[1])?;
        Ok(Duration::parse(bytes(arguments, 0)).map_or_else(|_| moment.clone(), |change| moment.add(change)).into())
    });
    let must_modify = Function::new(CHANGE_AND_TIME, |_, arguments| {
        let change = Duration::parse(bytes(arguments, 0))?;
        Ok(Moment::of(&arguments[1])?.add(change).into())
    });
    let mut table = vec![
        ("now", Function::new(&[], move |_, _| Ok(Moment::now(sources_of_now.now()).into()))),
        (
            "toDate",
            Function::new(TWO_TEXTS, |_, arguments| {
                let read = Moment::parse(bytes(arguments, 0), bytes(arguments, 1), None);
                Ok(read.unwrap_or_else(|_| Moment::zero()).into())
            }),
        ),
        (
            "mustToDate",
            Function::new(TWO_TEXTS, |_, arguments| {
                Ok(Moment::parse(bytes(arguments, 0), bytes(arguments, 1), None)?.into())
            }),
        ),
        (
            "unixEpoch",
            Function::new(&[TIME], |_, arguments| Ok(Value::string(Moment::of(&arguments[0])?.seconds().to_string()))),
        ),
        ("dateModify", modify.clone()),
        ("date_modify", modify),
        ("mustDateModify", must_modify.clone()),
        ("must_date_modify", must_modify),
    ];
    table.extend(since(sources));
    table
}

/// Functions that say how long something is, or is ago.
fn since(sources: &Sources) -> Table {
    let (ago, round) = (sources.clone(), sources.clone());
    vec![
        (
            "ago",
            Function::new(&[Parameter::Any], move |_, arguments| {
                let now = Moment::now(ago.now());
                // Unlike `date`, an int32 is no date here.
                let moment = moment_in(&arguments[0], &[IntegerKind::Int, IntegerKind::Int64]);
                let past = moment.map_or(Duration(0), |moment| now.since(&moment));
                Ok(Value::string(past.round(Duration(SECOND)).text()))
            }),
        ),
        (
            "duration",
            Function::new(&[Parameter::Any], |_, arguments| {
                let seconds = match &arguments[0] {
                    Value::String(text) => parse_integer(text.as_bytes()),
                    Value::Integer(integer) if integer.kind == IntegerKind::Int64 => integer.bits,
                    _ => 0,
                };
                Ok(Value::string(Duration(seconds.wrapping_mul(SECOND)).text()))
            }),
        ),
        (
            "durationRound",
            Function::new(&[Parameter::Any], move |_, arguments| {
                let duration = match &arguments[0] {
                    Value::String(text) => Duration::parse(text.as_bytes()).unwrap_or(Duration(0)),
                    Value::Integer(integer) if integer.kind == IntegerKind::Int64 => Duration(integer.bits),
                    other => {
                        Moment::in_value(other).map_or(Duration(0), |moment| Moment::now(round.now()).since(moment))
                    }
                };
                Ok(Value::string(largest_unit(duration)))
            }),
        ),
    ]
}

/// The instant's text in a zone; in UTC, if there is no such zone; of now, if it is no instant.
fn date_in_zone(sources: &Sources, layout: &[u8], date: &Value, zone: &[u8]) -> Value {
    let kinds = [IntegerKind::Int, IntegerKind::Int64, IntegerKind::Int32];
    let moment = moment_in(date, &kinds).unwrap_or_else(|| Moment::now(sources.now()));
    let zone = std::str::from_utf8(zone).ok().and_then(Zone::load).unwrap_or_default();
    Value::string(moment.in_zone(zone).format(layout))
}

/// A time, or an integer of certain types that counts seconds since 1970.
fn moment_in(value: &Value, kinds: &[IntegerKind]) -> Option<Moment> {
    match value {
        Value::Integer(integer) if kinds.contains(&integer.kind) => Some(Moment::from_unix(integer.bits)),
        other => Moment::in_value(other).cloned(),
    }
}

/// The count of the largest unit that fits more than once: `3d`.
fn largest_unit(duration: Duration) -> String {
    const UNITS: [(u64, &str); 6] =
        [(365 * 86_400, "y"), (30 * 86_400, "mo"), (86_400, "d"), (3_600, "h"), (60, "m"), (1, "s")];
    let nanoseconds = duration.0.unsigned_abs();
    for (seconds, name) in UNITS {
        let unit = seconds * SECOND as u64;
        if nanoseconds > unit {
            return format!("{}{name}", nanoseconds / unit);
        }
    }
    "0s".to_owned()
}

/// With the error dropped: the nearest number if it does not fit, otherwise zero.
fn parse_integer(text: &[u8]) -> i64 {
    match parse_int(text, 10) {
        Ok(number) | Err(IntegerError::Range(number)) => number,
        Err(IntegerError::Syntax) => 0,
    }
}
