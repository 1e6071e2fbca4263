//! YAML read and written: by the functions that charts use for it, and as values files.

use proptest::prelude::*;
use serde_json::json;

use super::expressions::{Steps, compare};
use super::oracle::require_oracle;
use super::random_templates::compare as compare_generated;
use super::{ours, random_values};

/// Texts with every construct, one behind the other, parted by a line `====`.
const TEXTS: &str = include_str!("../../oracle/expressions/yaml.txt");

/// A string of the template language.
pub fn literal(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            '\n' => out += "\\n",
            ' '..='~' | '\u{a1}'..='\u{10ffff}' => out.push(character),
            other => out += &format!("\\u{:04x}", u32::from(other)),
        }
    }
    out + "\""
}

/// A template that reads a text as Helm reads YAML, and writes what it means in every notation.
fn reading(text: &str) -> String {
    format!(
        "{{{{ $v := fromYaml {0} }}}}{{{{ toJson $v }}}}\n{{{{ toYaml $v }}}}\n{{{{ toYamlPretty $v }}}}\n{{{{ $v }}}}{{{{ toJson (fromYamlArray {0}) }}}}",
        literal(text)
    )
}

#[test]
fn texts_of_yaml() {
    require_oracle!();
    let mut templates: Vec<String> = TEXTS.split("\n====\n").map(reading).collect();
    // Each as a value below a key, and each with a slip.
    templates.extend(
        TEXTS.split("\n====\n").map(|text| {
            reading(&format!("k:\n{}", text.lines().map(|line| format!("  {line}\n")).collect::<String>()))
        }),
    );
    let mut steps = Steps::new("yaml");
    for text in TEXTS.split("\n====\n") {
        let characters: Vec<char> = text.chars().collect();
        for _ in 0..4 {
            let at = steps.below(characters.len());
            let slips = [
                "", ":", "- ", "\"", "'", "[", "}", "&", "*", "!", "\t", "#", "|", "\n", "? ", ",", "%", "@", "\u{85}",
                "---\n",
            ];
            let slip = slips[steps.below(slips.len())];
            let after = (at + steps.below(3)).min(characters.len());
            let text =
                characters[..at].iter().collect::<String>() + slip + &characters[after..].iter().collect::<String>();
            templates.push(reading(&text));
        }
    }
    compare("texts of YAML", &templates, "");
}

#[test]
fn generated_texts_of_yaml() {
    require_oracle!();
    compare_generated(
        "generated texts of YAML",
        3000,
        &random_values::block(),
        |oracle, text| {
            let template = reading(text);
            let helm = oracle.expressions(std::slice::from_ref(&template), "").remove(0);
            (helm, ours::expression(&template, ""))
        },
        String::clone,
    );
}

#[test]
fn generated_values_are_written_alike() {
    require_oracle!();
    let template = "{{ toYaml .Values }}\n{{ toJson .Values }}\n{{ toYamlPretty .Values }}\n{{ toPrettyJson .Values }}\n{{ .Values }}\n{{ toToml .Values }}".to_owned();
    compare_generated(
        "generated values",
        2000,
        &random_values::file(),
        |oracle, values| {
            let helm = oracle.expressions(std::slice::from_ref(&template), values).remove(0);
            (helm, ours::expression(&template, values))
        },
        String::clone,
    );
}

/// Strings that a writer may have to quote, fold or escape.
fn strings() -> impl Strategy<Value = String> {
    let piece = proptest::sample::select(
        &[
            "a",
            "word ",
            "long words and more of them ",
            ": ",
            " #",
            "\n",
            "  ",
            "'",
            "\"",
            "- ",
            "ä",
            "日本",
            "\u{1f600}",
            "\t",
            "{",
            "]",
            "&",
            "*",
            "!",
            "%",
            "|",
            ">",
            "@",
            "`",
            "0",
            "1.5",
            "true",
            "null",
            "~",
            "\\",
            "\u{85}",
            "\u{2028}",
            "\u{feff}",
            "\u{7f}",
            "\u{1}",
            "=",
            "<<",
            ",",
            "?",
            "\r",
        ][..],
    );
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

#[test]
fn generated_strings_are_quoted_alike() {
    require_oracle!();
    compare_generated(
        "generated strings",
        3000,
        &strings(),
        |oracle, text| {
            let template = format!(
                "{{{{ $s := {} }}}}{{{{ toYaml $s }}}}\n{{{{ toYaml (dict $s (list $s (dict \"k\" $s))) }}}}\n{{{{ toYamlPretty (dict \"a\" (list $s)) }}}}\n{{{{ toJson $s }}}}{{{{ quote $s }}}}{{{{ html $s }}}}{{{{ js $s }}}}",
                literal(text)
            );
            let helm = oracle.expressions(std::slice::from_ref(&template), "").remove(0);
            (helm, ours::expression(&template, ""))
        },
        |text| json!(text).to_string(),
    );
}
