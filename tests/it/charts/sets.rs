//! `--set` and its relatives.

use proptest::prelude::*;
use serde_json::json;

use super::oracle::require_oracle;
use super::ours;
use super::question::{Chart, Question};
use super::random_templates::compare;

const CHART: &[(&str, &str)] = &[
    ("Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\n"),
    ("values.yaml", "a: {b: 1, list: [1, {x: y}, 3]}\nlist: [a, b]\ntext: t\n"),
    ("templates/t.yaml", "kind: ConfigMap\nvalues: {{ toJson .Values | quote }}\n"),
];

/// Settings as people write them, with every character that the grammar knows.
fn setting() -> impl Strategy<Value = String> {
    let piece = proptest::sample::select(
        &[
            "a",
            "b",
            ".",
            "=",
            ",",
            "[0]",
            "[1]",
            "[",
            "]",
            "{",
            "}",
            "{x,y}",
            "\\",
            "\\.",
            "\\,",
            "1",
            "true",
            "null",
            "0x1",
            "012",
            "1e3",
            "text",
            "list",
            " ",
            "",
            "\"q\"",
            "a.b",
            "a.list[1].x=z",
            "list[2]=c",
            "[-1]",
            "[99999]",
            "ä",
            "=~",
            "{}",
            "{1,2,a}",
            "a=1",
            "b.c=x",
            "9223372036854775807",
            "-5",
            "00",
            "{\"k\": [1]}",
            "[1, {\"a\": null}]",
            "k={\"k\":1}",
        ][..],
    );
    proptest::collection::vec(piece, 1..9).prop_map(|pieces| pieces.concat())
}

#[test]
fn generated_settings() {
    require_oracle!();
    let strategy = (0_usize..4, proptest::collection::vec(setting(), 1..3));
    compare(
        "settings",
        4000,
        &strategy,
        |oracle, (kind, settings)| {
            let mut question = Question { chart: Chart::of(CHART.iter().copied()), ..Question::default() };
            match kind {
                0 => question.set.clone_from(settings),
                1 => question.set_string.clone_from(settings),
                2 => question.set_literal.clone_from(settings),
                _ => question.set_json.clone_from(settings),
            }
            (oracle.template(&question), ours::template(&question))
        },
        |(kind, settings)| {
            format!("{} {}", ["--set", "--set-string", "--set-literal", "--set-json"][*kind], json!(settings))
        },
    );
}
