//! Values of every type that YAML has, as texts.

use proptest::prelude::*;

/// Plain words whose type is decided by their spelling, and quoted ones.
const SCALARS: &[&str] = &[
    "a",
    "text",
    "0",
    "1",
    "-1",
    "3",
    "1.5",
    "-0.0",
    "1e3",
    "1e21",
    "0.1",
    "012",
    "0o17",
    "0x1F",
    "0b11",
    "1_000",
    "123456789012",
    "9007199254740993",
    "18446744073709551615",
    "1e400",
    ".inf",
    "-.Inf",
    ".nan",
    "true",
    "false",
    "yes",
    "no",
    "on",
    "off",
    "y",
    "n",
    "True",
    "NULL",
    "null",
    "~",
    "",
    "2024-01-01",
    "2024-01-01T10:00:00Z",
    "12:30:45",
    "1.2.3",
    "v1.0",
    "a b",
    "a-b",
    "-",
    "=",
    "<<",
    "''",
    "'it''s'",
    "\"a\\nb\\t\\u00e4\"",
    "\"\\x00\"",
    "'yes'",
    "'012'",
    "' lead'",
    "'trail '",
    "'a: b'",
    "'# no comment'",
    "\"line one\\nline two\\n\"",
    "\"{{ .Values.a }}\"",
    "ä",
    "'日本'",
    "\"\\U0001F600\"",
    "'%x'",
    "'@at'",
    "'*s'",
    "'&a'",
    "'!t'",
    "'|'",
    "'> '",
    "'[x'",
    "'{y'",
    "\"<html> & 'more'\"",
    "!!str 5",
    "!!int '7'",
    "!!float 3",
    "!!binary aGVsbG8=",
    "'a long text that goes on and on until it is longer than eighty columns, so that a writer may want to fold it'",
];

/// A scalar as it stands in flow style.
pub fn scalar() -> impl Strategy<Value = String> {
    proptest::sample::select(SCALARS).prop_map(str::to_owned)
}

fn key() -> impl Strategy<Value = String> {
    proptest::sample::select(&["a", "b", "c", "d", "key", "name", "z-y", "'e f'", "\"1\"", "x.y", "ä", "K8s"][..])
        .prop_map(str::to_owned)
}

/// Any value in flow style.
pub fn value() -> impl Strategy<Value = String> {
    scalar().prop_recursive(3, 24, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(|items| format!("[{}]", items.join(", "))),
            map_of(inner).prop_map(|entries| format!("{{{entries}}}")),
        ]
    })
}

fn map_of(inner: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    // Later entries of a key win, as two of them would be refused.
    proptest::collection::btree_map(key(), inner, 0..5)
        .prop_map(|entries| entries.iter().map(|(key, value)| format!("{key}: {value}")).collect::<Vec<_>>().join(", "))
}

/// A whole values file, with the keys that generated templates ask for.
pub fn file() -> impl Strategy<Value = String> {
    let list = proptest::collection::vec(value(), 0..4);
    let numbers =
        proptest::collection::vec(proptest::sample::select(&["0", "1", "2.5", "-3", "1e6", "1000000"][..]), 0..4);
    (value(), value(), list, numbers, map_of(value()), scalar(), any::<bool>()).prop_map(
        |(a, b, list, numbers, dict, text, truth)| {
            format!(
                "a: {a}\nb: {b}\nlist: [{}]\nnumbers: [{}]\ndict: {{{dict}}}\nnested: {{a: {{b: {a}, c: [{b}]}}}}\ntext: {text}\ntruth: {truth}\n",
                list.join(", "),
                numbers.join(", ")
            )
        },
    )
}

/// Text in block style: what people write by hand.
pub fn block() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        6 => value().prop_map(|value| vec![value]),
        1 => (proptest::sample::select(&["|", "|-", "|+", ">", ">-", "|2"][..]), block_lines()).prop_map(|(head, lines)| {
            let indentation = if head == "|2" { "  " } else { "" };
            std::iter::once(head.to_owned()).chain(lines.into_iter().map(|line| format!("{indentation}{line}"))).collect()
        }),
        1 => Just(vec!["&anchor x".to_owned()]),
        1 => Just(vec!["plain over".to_owned(), "two lines".to_owned()]),
    ];
    let node = leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 1..4).prop_map(|items| {
                std::iter::once(String::new())
                    .chain(items.into_iter().flat_map(|item| under("- ", item)))
                    .collect::<Vec<_>>()
            }),
            proptest::collection::btree_map(key(), inner, 1..4).prop_map(|entries| {
                std::iter::once(String::new())
                    .chain(entries.into_iter().flat_map(|(key, value)| under(&format!("{key}: "), value)))
                    .collect::<Vec<_>>()
            }),
        ]
    });
    (node, proptest::sample::select(&["", "# comment\n", "---\n", "\n\n"][..]), any::<bool>()).prop_map(
        |(lines, head, ends)| {
            let body = lines.iter().skip(usize::from(lines[0].is_empty())).cloned().collect::<Vec<_>>().join("\n");
            format!("{head}{body}{}", if ends { "\n" } else { "" })
        },
    )
}

fn block_lines() -> impl Strategy<Value = Vec<String>> {
    let line = proptest::sample::select(&["text", "  more", "", "a: b", "# no comment", "\ttab", "trail  "][..]);
    proptest::collection::vec(line.prop_map(str::to_owned), 1..4)
}

/// A value behind its key or dash, its other lines below it.
fn under(head: &str, value: Vec<String>) -> Vec<String> {
    let mut lines = value.into_iter();
    let first = format!("{head}{}", lines.next().unwrap_or_default());
    std::iter::once(first.trim_end().to_owned()).chain(lines.map(|line| format!("  {line}"))).collect()
}
