//! Texts and what Go made of them.

use serde_json::Value as Json;

use super::super::{Budget, TemplateSet};
use super::{set, value};

/// What the templates of the fixtures run on.
const DATA: &str = include_str!("data.json");

/// What a case gives: the output, or the error with a mark before it.
fn answer(templates: &Json) -> String {
    thread_local!(static EMPTY: TemplateSet = set(&[]));
    let mut set = EMPTY.with(TemplateSet::clone);
    let single = serde_json::json!([["t", templates]]);
    let pairs = if templates.is_string() { &single } else { templates };
    let mut name = "";
    for pair in pairs.as_array().expect("templates") {
        name = pair[0].as_str().expect("a name");
        if let Err(error) = set.add(name, pair[1].as_str().expect("a text")) {
            return format!("!{error}");
        }
    }
    let data = value(&serde_json::from_str(DATA).expect("data"));
    match set.execute(name, &data, &Budget::default(), None) {
        Ok(output) => output.to_string(),
        Err(error) => format!("!{error}"),
    }
}

/// One case a line: the templates, and Go's answer.
fn check(fixture: &str) {
    let mut differing = Vec::new();
    for line in fixture.lines() {
        let case: Json = serde_json::from_str(line).expect("a case");
        let (found, expected) = (answer(&case[0]), case[1].as_str().expect("an answer"));
        if found != expected {
            differing.push(format!("{}\n  Go:   {expected}\n  ours: {found}", case[0]));
        }
    }
    assert!(differing.is_empty(), "{} differ:\n{}", differing.len(), differing.join("\n"));
}

#[test]
fn every_construct_and_error() {
    check(include_str!("language.jsonl"));
}

#[test]
fn every_form_of_number() {
    check(include_str!("numbers.jsonl"));
}

#[test]
fn comparisons_of_all_kinds() {
    check(include_str!("comparisons.jsonl"));
}

#[test]
fn formats_right_and_wrong() {
    check(include_str!("formats.jsonl"));
}

#[test]
fn generated_templates() {
    check(include_str!("generated.jsonl"));
}

/// One line for each value and width: the value, the width, and what each verb with each flag prints.
#[test]
fn verbs_with_flags_and_widths() {
    const VERBS: &str = "v T d s q x X o O b c U e f g G t w";
    const FLAGS: [&str; 6] = ["", "+", "#", "0", " ", "+#"];
    let mut differing = Vec::new();
    for line in include_str!("verbs.jsonl").lines() {
        let case: Json = serde_json::from_str(line).expect("a case");
        let (operand, width) = (case[0].as_str().expect("a value"), case[1].as_str().expect("a width"));
        let expected = case[2].as_array().expect("outputs");
        let formats = VERBS.split(' ').flat_map(|verb| FLAGS.map(|flag| format!("%{flag}{width}{verb}")));
        let formats: Vec<String> = formats.collect();
        assert_eq!(formats.len(), expected.len());
        for (format, expected) in formats.iter().zip(expected) {
            let found = answer(&Json::String(format!("{{{{printf \"{format}\" {operand}}}}}")));
            if Some(found.as_str()) != expected.as_str() {
                differing.push(format!("{format} of {operand}\n  Go:   {expected}\n  ours: {found:?}"));
            }
        }
    }
    assert!(differing.is_empty(), "{} differ:\n{}", differing.len(), differing.join("\n"));
}
