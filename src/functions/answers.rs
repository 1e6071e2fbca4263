//! What the real sprig answered, through Go's `text/template`: the same templates must give the same here.
//!
//! Each line of `answers/*.jsonl` has a template, its values, and Go's output or error.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::all;
use crate::template::{Budget, Dict, TemplateSet, Text, Value};

/// The values of templates that bring none of their own.
fn values() -> Json {
    json!({
        "list": [1, 2.5, "x", null, true], "mixed": ["b", {"k": "v"}, ["n"]], "map": {"a": 1, "b": {"c": "d"}, "z": null},
        "deep": {"a": {"b": {"c": [1, 2], "d": ""}}, "b": []}, "s": "str", "n": 3, "f": 2.5, "t": true, "none": null,
    })
}

/// As Go reads JSON: every number is a float.
fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::Nil,
        Json::Bool(bool) => Value::Bool(*bool),
        Json::Number(number) => Value::Float(number.as_f64().unwrap()),
        Json::String(text) => Value::string(text.as_str()),
        Json::Array(elements) => Value::list(elements.iter().map(value).collect()),
        Json::Object(entries) => {
            let entries: BTreeMap<Text, Value> =
                entries.iter().map(|(key, entry)| (Text::from(key.as_str()), value(entry))).collect();
            Value::Dict(Dict::from_entries(entries))
        }
    }
}

fn answer(template: &str, values: &Json) -> Json {
    let mut set = TemplateSet::new("t", all());
    if let Err(error) = set.add("t", template) {
        return json!({"error": error.to_string()});
    }
    match set.execute("t", &value(&json!({"Values": values})), &Budget::default(), None) {
        Ok(output) => json!({"output": output.to_str()}),
        Err(error) => json!({"error": error.to_string()}),
    }
}

fn compare(answers: &str) {
    let own_values = values();
    let mut differences = Vec::new();
    for line in answers.lines() {
        let mut expected: Json = serde_json::from_str(line).unwrap();
        let case = expected.as_object_mut().unwrap();
        let template = case.remove("template").unwrap();
        let values = case.remove("values").unwrap_or_else(|| own_values.clone());
        let actual = answer(template.as_str().unwrap(), &values);
        if actual != expected {
            differences.push(format!("{template}\n  with {values}\n  Go:   {expected}\n  here: {actual}"));
        }
    }
    assert!(differences.is_empty(), "{} differences\n{}", differences.len(), differences.join("\n"));
}

macro_rules! families {
    ($($family:ident)*) => {$(
        #[test]
        fn $family() {
            compare(include_str!(concat!("answers/", stringify!($family), ".jsonl")));
        }
    )*};
}

families! { defaults dicts encodings lists numbers paths regex semver strings types urls words }

#[test]
fn deep_and_large_expressions_end_in_errors() {
    for pattern in [
        format!("{}a{}", "(".repeat(900), ")".repeat(900)),
        format!("{}a{}", "(".repeat(2000), ")".repeat(2000)),
        "(".repeat(100_000),
        "(?:a?){1000}".repeat(200),
        r"\pL{1000}".repeat(50),
        "((a{30}){30}){1,2}".to_owned(),
    ] {
        answer("{{ regexMatch .Values.p \"a\" }}{{ mustRegexFind .Values.p \"a\" }}", &json!({"p": pattern}));
    }
}

#[test]
fn budgets_stop_what_would_fill_the_memory() {
    for template in [
        "{{ repeat 9000000000000 \"a\" }}",
        "{{ until 9000000000000000 }}",
        "{{ seq 0 9000000000000000 }}",
        "{{ indent 90000000000 \"a\\nb\" }}",
        "{{ $d := dict }}{{ $_ := set $d \"d\" $d }}{{ deepCopy $d }}",
        "{{ $d := dict }}{{ $_ := set $d \"d\" $d }}{{ $e := dict }}{{ $_ := set $e \"d\" $e }}{{ merge $d $e }}",
        "{{ $d := dict }}{{ range until 12000 }}{{ $d = dict \"d\" $d }}{{ end }}{{ deepCopy $d }}",
        "{{ $l := list \"abcdefgh\" }}{{ range until 60 }}{{ $l = list $l $l }}{{ end }}{{ toString $l | len }}",
    ] {
        let answer = answer(template, &json!({}));
        assert!(answer.get("error").is_some(), "{template} gave {answer}");
    }
}
