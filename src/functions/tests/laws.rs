//! What holds for all inputs: nothing panics, and what is written is read again.

use proptest::prelude::*;

use super::idle::{call, seeded};
use crate::functions::dates::{Duration, Moment};
use crate::functions::toml;
use crate::template::{Dict, Text, Value, to_text};

/// Pieces of which dates and layouts are made, and some others.
fn layouts() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "2006", "06", "01", "1", "Jan", "January", "02", "_2", "2", "__2", "002", "15", "3", "03", "04", "4", "05",
        "5", ".000", ".999", ",00", "PM", "pm", "MST", "-0700", "Z07:00", "-07", "Mon", "Monday", " ", "-", ":", "T",
        "é", "7",
    ]);
    prop::collection::vec(pieces, 0..8).prop_map(|pieces| pieces.concat())
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::int64),
        prop::num::f64::NORMAL.prop_map(Value::Float),
        "[ -~éß\t\n\u{1}]{0,8}".prop_map(Value::string),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let entries = prop::collection::btree_map("[a-c. \"é]{0,3}", inner.clone(), 0..4);
        prop_oneof![prop::collection::vec(inner, 0..4).prop_map(Value::list), entries.prop_map(dict)]
    })
}

fn dict(entries: std::collections::BTreeMap<String, Value>) -> Value {
    Value::Dict(Dict::from_entries(entries.into_iter().map(|(key, value)| (Text::from(key), value)).collect()))
}

proptest! {
    #[test]
    fn durations_are_read_as_they_were_written(nanoseconds in any::<i64>()) {
        let duration = Duration(nanoseconds);
        // Fractions of a second pass through a float, as in Go.
        let read = Duration::parse(duration.text().as_bytes()).unwrap();
        prop_assert!((i128::from(read.0) - i128::from(nanoseconds)).abs() <= 1, "{}", duration.text());
    }

    #[test]
    fn any_text_may_be_a_duration_or_a_date(text in any::<Vec<u8>>(), layout in layouts()) {
        let _ = Duration::parse(&text);
        let _ = Moment::parse(layout.as_bytes(), &text, None);
        let _ = Moment::parse(&text, layout.as_bytes(), None);
    }

    #[test]
    fn dates_are_read_as_they_were_written(seconds in -62_135_596_800..253_402_300_799_i64) {
        let table = seeded();
        let layout = Value::string("2006-01-02T15:04:05Z07:00");
        let written = call(&table, "date", &[layout.clone(), Value::int64(seconds)]).unwrap();
        let read = call(&table, "toDate", &[layout, written]).unwrap();
        let unix = call(&table, "unixEpoch", &[read]).unwrap();
        prop_assert_eq!(to_text(&unix).to_string(), seconds.to_string());
    }

    #[test]
    fn any_layout_writes_something(layout in layouts(), seconds in any::<i64>()) {
        call(&seeded(), "date", &[Value::string(layout), Value::int64(seconds)]).unwrap();
    }

    #[test]
    fn toml_is_read_as_it_was_written(entries in prop::collection::btree_map("[a-c. \"é]{0,3}", values(), 0..4)) {
        let table = toml::table();
        let document = call(&table, "toToml", &[dict(entries)]).unwrap();
        let read = call(&table, "fromToml", std::slice::from_ref(&document)).unwrap();
        let again = call(&table, "toToml", &[read]).unwrap();
        prop_assert_eq!(to_text(&again).to_string(), to_text(&document).to_string());
    }

    #[test]
    fn any_text_may_be_toml(text in any::<Vec<u8>>(), shaped in "[a\\[\\]{}=.,\"'#\n 1-_é\\\\tx]{0,30}") {
        let table = toml::table();
        call(&table, "fromToml", &[Value::string(text)]).unwrap();
        call(&table, "fromToml", &[Value::string(shaped)]).unwrap();
    }

    #[test]
    fn any_text_may_be_a_key_or_encrypted(text in any::<Vec<u8>>(), password in any::<Vec<u8>>()) {
        let table = seeded();
        let key = [b"-----BEGIN PRIVATE KEY-----\n", base64_of(&text).as_bytes(), b"\n-----END PRIVATE KEY-----\n"].concat();
        let _ = call(&table, "genCAWithKey", &[Value::string("ca"), Value::int(1), Value::string(key)]);
        let (password, text) = (Value::string(password), Value::string(text));
        let _ = call(&table, "decryptAES", &[password.clone(), Value::string(base64_of(to_text(&text).as_bytes()))]);
        let encrypted = call(&table, "encryptAES", &[password.clone(), text.clone()]).unwrap();
        let decrypted = call(&table, "decryptAES", &[password, encrypted]).unwrap();
        prop_assert_eq!(to_text(&decrypted), to_text(&text));
    }
}

fn base64_of(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}
