//! What the real libraries answered, and laws that hold for all texts and values.

use ::base64::Engine;
use ::base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;

use super::*;
use crate::template::{Integer, IntegerKind, Text};

/// One line for each question to `sigs.k8s.io/yaml`, go-yaml v3 or `encoding/json`. Bytes that are no text are in
/// base64; values to be written are JSON in which `$b` marks bytes, `$i` and `$u` integers, and `$k` keys of bytes.
const ANSWERS: &str = include_str!("tests/answers.jsonl");

fn bytes_of(value: &serde_json::Value) -> Vec<u8> {
    match value {
        serde_json::Value::String(text) => text.clone().into_bytes(),
        other => STANDARD.decode(other["base64"].as_str().unwrap()).unwrap(),
    }
}

fn revived(value: &Value) -> Value {
    match value {
        Value::Dict(dict) => {
            if dict.len() == 1 {
                if let Some(Value::String(text)) = dict.get("$b") {
                    return Value::string(STANDARD.decode(text.as_bytes()).unwrap());
                }
                if let Some(Value::String(text)) = dict.get("$i") {
                    return Value::int(text.to_string().parse().unwrap());
                }
                if let Some(Value::String(text)) = dict.get("$u") {
                    let bits = text.to_string().parse::<u64>().unwrap().cast_signed();
                    return Value::Integer(Integer { bits, kind: IntegerKind::Uint64 });
                }
            }
            let entries = dict.borrow();
            let entries = entries.iter().map(|(key, value)| {
                let key = key
                    .as_bytes()
                    .strip_prefix(b"$k")
                    .map_or_else(|| key.clone(), |encoded| Text::from(STANDARD.decode(encoded).unwrap()));
                (key, revived(value))
            });
            Value::Dict(Dict::from_entries(entries.collect()))
        }
        Value::List(list) => Value::list(list.elements().iter().map(revived).collect()),
        other => other.clone(),
    }
}

fn raw(value: &Value) -> Result<Vec<u8>, String> {
    go_json::write(value, Style::Raw).map_err(|error| error.to_string())
}

fn answer(operation: &str, input: &[u8]) -> Result<Vec<u8>, String> {
    let value = || revived(&go_json::read_any(input).unwrap());
    let message = |error: ReadError| error.to_string();
    match operation {
        "any" => raw(&read_any(input).map_err(message)?),
        "map" => raw(&Value::Dict(read_dict(input).map_err(message)?)),
        "array" => raw(&Value::List(read_list(input).map_err(message)?)),
        "strict" => raw(&Value::Dict(read_dict_strictly(input).map_err(message)?)),
        "y2j" => to_json(input).map_err(|error| error.to_string()),
        "write" => write(&value()).map_err(|error| error.to_string()),
        "pretty" => write_pretty(&value()).map_err(|error| error.to_string()),
        "json" => go_json::write(&value(), Style::Html).map_err(|error| error.to_string()),
        "jsonraw" => raw(&value()),
        "jsonpretty" => go_json::write_indented(&value(), "  ").map_err(|error| error.to_string()),
        "fromjsonany" => raw(&go_json::read_any(input).map_err(|error| error.to_string())?),
        "fromjsonmap" => {
            let dict = Dict::new();
            let is_set = go_json::read_dict(input, &dict).map_err(|error| error.to_string())?;
            if is_set { raw(&Value::Dict(dict)) } else { Ok(b"null".to_vec()) }
        }
        "fromjsonarray" => raw(&go_json::read_list(input).map_err(|error| error.to_string())?),
        "docs" => {
            let texts: Result<Vec<_>, _> = sections(input).map(|section| section.map(|it| it.text.to_vec())).collect();
            let texts = texts.map_err(|error| error.to_string())?;
            raw(&if texts.is_empty() { Value::Nil } else { Value::strings(texts) })
        }
        other => panic!("unknown operation {other}"),
    }
}

#[test]
fn answers_are_those_of_the_real_libraries() {
    let mut differences = Vec::new();
    for line in ANSWERS.lines() {
        let case: serde_json::Value = serde_json::from_str(line).unwrap();
        let expected = match case.get("error") {
            Some(error) => Err(error.as_str().unwrap().to_owned()),
            None => Ok(bytes_of(&case["output"])),
        };
        let actual = answer(case["op"].as_str().unwrap(), &bytes_of(&case["input"]));
        if actual != expected {
            let text = |result: &Result<Vec<u8>, String>| match result {
                Ok(bytes) => String::from_utf8_lossy(bytes).into_owned(),
                Err(error) => format!("error: {error}"),
            };
            differences.push(format!("{line}\nexpected {}\ngot      {}", text(&expected), text(&actual)));
        }
    }
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
}

#[test]
fn nesting_is_bounded() {
    let flow = "[".repeat(100_000);
    assert_eq!(
        read_any(flow.as_bytes()).unwrap_err().to_string(),
        "error converting YAML to JSON: yaml: exceeded max depth of 10000"
    );
    let blocks = "- ".repeat(10_001);
    assert_eq!(
        read_any(blocks.as_bytes()).unwrap_err().to_string(),
        "error converting YAML to JSON: yaml: exceeded max depth of 10000"
    );
    let both = "- ".repeat(9_000) + &"[".repeat(1_500) + &"]".repeat(1_500);
    assert_eq!(
        read_any(both.as_bytes()).unwrap_err().to_string(),
        "error unmarshaling JSON: while decoding JSON: invalid character '[' exceeded max depth"
    );
}

#[test]
fn aliases_cannot_blow_a_document_up() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..9 {
        let items = vec![format!("*a{}", level - 1); 9].join(", ");
        text += &format!("a{level}: &a{level} [{items}]\n");
    }
    assert_eq!(
        read_any(text.as_bytes()).unwrap_err().to_string(),
        "error converting YAML to JSON: yaml: document contains excessive aliasing"
    );
}

#[test]
fn a_dict_that_holds_itself_is_an_error() {
    let dict = Dict::new();
    dict.insert("self", Value::Dict(dict.clone()));
    let value = Value::Dict(dict.clone());
    assert_eq!(
        write(&value).unwrap_err().to_string(),
        "error marshaling into JSON: json: unsupported value: encountered a cycle via map[string]interface {}"
    );
    assert!(write_pretty(&value).is_err());
    dict.remove("self");
}

#[test]
fn values_have_places() {
    let text = "a: 1\nb:\n  - x\n  - c: {d: yes}\nbase: &base\n  e: 2\nmore:\n  <<: *base\n  1: one\n";
    let document = Document::parse(text.as_bytes()).unwrap();
    let place = |line, column| Place { line, column };
    let cases: [(&[Step<'_>], _, _); 7] = [
        (&[], None, place(1, 1)),
        (&[Step::Key("a")], Some(place(1, 1)), place(1, 4)),
        (&[Step::Key("b"), Step::Index(0)], None, place(3, 5)),
        (&[Step::Key("b"), Step::Index(1), Step::Key("c"), Step::Key("d")], Some(place(4, 9)), place(4, 12)),
        (&[Step::Key("more"), Step::Key("e")], Some(place(6, 3)), place(6, 6)),
        (&[Step::Key("more"), Step::Key("1")], Some(place(9, 3)), place(9, 6)),
        (&[Step::Key("base")], Some(place(5, 1)), place(5, 7)),
    ];
    for (path, key, value) in cases {
        assert_eq!(document.place(path), Some(Entry { key, value }), "{path:?}");
    }
    assert_eq!(document.place(&[Step::Key("a"), Step::Key("b")]), None);
    assert_eq!(document.place(&[Step::Index(0)]), None);
}

#[test]
fn errors_have_places() {
    let cases = [
        ("a: 1\nb: c: d\n", Some((2, 5))),
        ("a: [1, 2\n", Some((2, 1))),
        ("a:\n\tb: c\n", Some((2, 1))),
        ("a: *x\n", Some((1, 4))),
        ("a: \u{1}", None),
    ];
    for (text, expected) in cases {
        let place = read_any(text.as_bytes()).unwrap_err().place();
        assert_eq!(place.map(|place| (place.line, place.column)), expected, "{text:?}");
    }
}

static PERSON: StructShape = StructShape {
    name: "Person",
    go_type: "main.Person",
    fields: &[
        ("name", Shape::String),
        ("isOld", Shape::Bool),
        ("friends", Shape::List { element: &Shape::Pointer(&Shape::Struct(&FRIEND)), go_type: "[]*main.Friend" }),
        ("anything", Shape::Any),
    ],
};

static FRIEND: StructShape = StructShape { name: "Friend", go_type: "main.Friend", fields: &[("name", Shape::String)] };

#[test]
fn structs_are_read_as_in_go() {
    let read = |text: &str, unknown_fields| match read_shape(text.as_bytes(), &Shape::Struct(&PERSON), unknown_fields) {
        Ok(value) => String::from_utf8(raw(&value).unwrap()).unwrap(),
        Err(error) => error.to_string(),
    };
    let cases = [
        ("name: 1.10\nisOld: yes\n", r#"{"isOld":true,"name":"1.1"}"#),
        ("NAME: x\nother: 1\n", r#"{"name":"x"}"#),
        ("friends: [{name: 012}, null]\n", r#"{"friends":[{"name":"10"},null]}"#),
        ("anything: {a: [1, 18446744073709551615]}\n", r#"{"anything":{"a":[1,18446744073709552000]}}"#),
        (
            "friends: [{name: [x]}]\n",
            "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go struct field \
             Friend.friends.name of type string",
        ),
        (
            "isOld: \"yes\"\n",
            "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal string into Go struct field \
             Person.isOld of type bool",
        ),
        (
            "- x\n",
            "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type main.Person",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(read(text, UnknownFields::Ignored), expected, "{text:?}");
    }
    assert_eq!(
        read("name: x\nother: 1\n", UnknownFields::Refused),
        "error unmarshaling JSON: while decoding JSON: json: unknown field \"other\""
    );
}

fn any_value() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        "[ -~\n\t]{0,12}".prop_map(Value::string),
        any::<String>().prop_map(Value::string),
        "(true|no|~|0x1|1e3|[0-9]{1,5}|- x|a: b|#|[a-z ]{70,100})".prop_map(Value::string),
    ];
    let leaf = prop_oneof![
        4 => text,
        1 => Just(Value::Nil),
        1 => any::<bool>().prop_map(Value::Bool),
        1 => any::<i32>().prop_map(|number| Value::Float(number.into())),
        1 => (-1e30..1e30).prop_map(Value::Float),
    ];
    leaf.prop_recursive(4, 30, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::list),
            prop::collection::btree_map("[ -~\n]{0,8}", inner, 0..5).prop_map(|entries| {
                let entries = entries.into_iter().map(|(key, value)| (Text::from(key), value));
                Value::Dict(Dict::from_entries(entries.collect()))
            }),
        ]
    })
}

/// As JSON, in which -0 is 0 to YAML.
fn comparable(value: &Value) -> String {
    String::from_utf8(raw(value).unwrap()).unwrap()
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(value in any_value()) {
        // Control characters do not get through JSON and YAML; then there is nothing to compare.
        if let Ok(text) = write(&value) {
            let again = write(&read_any(&text).unwrap()).unwrap();
            prop_assert_eq!(String::from_utf8_lossy(&again), String::from_utf8_lossy(&text));
        }
    }

    #[test]
    fn json_is_read_again(value in any_value()) {
        let text = go_json::write(&value, Style::Html).unwrap();
        prop_assert_eq!(comparable(&go_json::read_any(&text).unwrap()), comparable(&value));
        let pretty = go_json::write_indented(&value, "  ").unwrap();
        prop_assert_eq!(comparable(&go_json::read_any(&pretty).unwrap()), comparable(&value));
    }

    #[test]
    fn bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = read_any(&bytes);
        let _ = go_json::read_any(&bytes);
        let _ = sections(&bytes).count();
    }

    #[test]
    fn texts_never_panic(text in "[-\\[\\]{}:,?&*!|>'\"%#\n \tab1~.\u{85}\u{2028}\u{feff}é]{0,60}") {
        if let Ok(document) = Document::parse(text.as_bytes()) {
            let _ = document.value(Duplicates::LastCounts);
            let _ = document.value(Duplicates::Refused);
            let _ = document.place(&[Step::Key("a"), Step::Index(0)]);
        }
    }

    #[test]
    fn pretty_texts_are_yaml(value in any_value()) {
        if let Ok(text) = write_pretty(&value) {
            let _ = read_any(&text);
        }
    }
}
