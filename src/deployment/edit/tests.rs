use super::*;
use proptest::prelude::*;
use serde_json::json;
use similar::{ChangeTag, TextDiff};

fn path(path: &str) -> Vec<String> {
    path.split('/').map(str::to_owned).collect()
}

fn edit(text: &str, changes: &[(&str, Value)]) -> Result<String, Diagnostic> {
    let changes: Vec<Change> = changes.iter().map(|(keys, value)| (path(keys), value.clone())).collect();
    set(text, &changes)
}

#[track_caller]
fn becomes(text: &str, changes: &[(&str, Value)], expected: &str) {
    assert_eq!(edit(text, changes).unwrap(), expected);
}

#[test]
fn values_change_and_comments_stay() {
    becomes(
        "# top\n\nname: a   # the name\nserver:\n  # about the port\n  port: 1 # p\n\n\nhealth:\n  rounds: 2\n",
        &[
            ("server/port", json!(8240)),
            ("name", json!("b")),
            ("server/adminPassword", json!({ "fromEnv": "X" })),
            ("mlflow/enabled", json!(true)),
        ],
        "# top\n\nname: b   # the name\nserver:\n  # about the port\n  port: 8240 # p\n  adminPassword: { fromEnv: X }\n\n\n\
         health:\n  rounds: 2\nmlflow:\n  enabled: true\n",
    );
    becomes(
        "server:\n  port: 1\n  # url: http://x\n\n  # replicas: 2\n# mlflow:\n#   enabled\n",
        &[("server/url", json!("y")), ("mlflow/enabled", json!(true))],
        "server:\n  port: 1\n  url: \"y\"\n  # url: http://x\n\n  # replicas: 2\n# mlflow:\n#   enabled\nmlflow:\n  enabled: true\n",
    );
}

#[test]
fn line_ends_and_marks_of_documents_stay() {
    becomes(
        "name: a # x\r\nserver:\r\n  port: 1\r\n\r\n# end\r\n",
        &[("server/adminPassword", json!({ "fromEnv": "X" })), ("a/b", json!(1))],
        "name: a # x\r\nserver:\r\n  port: 1\r\n  adminPassword: { fromEnv: X }\r\n\r\n# end\r\na:\r\n  b: 1\r\n",
    );
    becomes(
        "# top\n---\nname: a\n...\n",
        &[("x/y", json!(1)), ("name", json!("b"))],
        "# top\n---\nname: b\nx:\n  y: 1\n...\n",
    );
    becomes("\u{feff}name: a\n", &[("name", json!("b"))], "\u{feff}name: b\n");
    becomes("name: a\nserver:\n  port: 1", &[("server/url", json!("x"))], "name: a\nserver:\n  port: 1\n  url: x");
}

#[test]
fn a_choice_is_spelled_out_or_replaced() {
    becomes(
        "database: mysql # the db\nz: 1\n",
        &[("database/mysql/port", json!(3307))],
        "database: # the db\n  mysql:\n    port: 3307\nz: 1\n",
    );
    becomes(
        "target:\n  # about\n  kubernetes: # k\n    context: x\n  # end\nz: 1\n",
        &[("target", json!({ "local": { "runtime": "process", "python": "x" } }))],
        "target:\n  # about\n  local:\n    runtime: process\n    python: x\n  # end\nz: 1\n",
    );
    becomes(
        "target: { kubernetes: { context: x } } # t\n",
        &[("target", json!({ "local": { "runtime": "process" } }))],
        "target: { local: { runtime: process } } # t\n",
    );
    becomes(
        "database: sqlite # d\nz: 1\n",
        &[("database", json!({ "mysql": { "url": "u", "port": 1 } }))],
        "database: # d\n  mysql:\n    url: u\n    port: 1\nz: 1\n",
    );
    becomes("database:\n  mysql:\n    port: 1\nz: 1\n", &[("database", json!("sqlite"))], "database: sqlite\nz: 1\n");
}

#[test]
fn texts_that_could_be_something_else_are_quoted() {
    for text in [
        "no",
        "2024-01-01",
        "0.98",
        "1e3",
        "~",
        " x ",
        "a: b",
        "x # y",
        "12:30:00",
        "0o14",
        "- a",
        "",
        "{",
        "*a",
        "two\nlines\n",
        "ä\"b\\'",
    ] {
        let written = edit("name: a\n", &[("key", json!(text))]).unwrap();
        assert_eq!(read(&written).unwrap()["key"], text, "{written}");
    }
    becomes(
        "name: a\n",
        &[
            ("a", json!("no")),
            ("b", json!("0.98")),
            ("c", json!("mysql://h:3306/z")),
            ("d", json!(["x", "y, z"])),
            ("e", json!({})),
            ("f", json!(1.5)),
        ],
        "name: a\na: \"no\"\nb: \"0.98\"\nc: mysql://h:3306/z\nd: [x, \"y, z\"]\ne: {}\nf: 1.5\n",
    );
}

#[test]
fn empty_maps_flow_maps_and_odd_keys_take_new_keys() {
    becomes(
        "server: {}\nmlflow:\nhealth: # none\nz: 1\n",
        &[("server/port", json!(1)), ("mlflow/enabled", json!(true)), ("health/rounds", json!(3))],
        "server: {port: 1}\nmlflow:\n  enabled: true\nhealth: # none\n  rounds: 3\nz: 1\n",
    );
    becomes(
        "server: { port: 1 } # c\n",
        &[("server/url", json!("x")), ("server/port", json!(2))],
        "server: { port: 2, url: x } # c\n",
    );
    becomes(
        "values:\n  \"a.b\": 1\n",
        &[("values/a.b", json!(2)), ("values/c.d", json!("x")), ("values/0", json!("z"))],
        "values:\n  \"a.b\": 2\n  c.d: x\n  '0': z\n",
    );
    becomes(
        "server:\n    port: 1\n    environment:\n        A: b\nz: 1\n",
        &[("server/environment/B", json!("c")), ("server/url", json!("x"))],
        "server:\n    port: 1\n    environment:\n        A: b\n        B: c\n    url: x\nz: 1\n",
    );
}

#[test]
fn anchors_are_kept_apart() {
    becomes(
        "base: &b { port: 1 }\nserver:\n  <<: *b\n  x: 1\n",
        &[("server/port", json!(2))],
        "base: &b { port: 1 }\nserver:\n  <<: *b\n  x: 1\n  port: 2\n",
    );
    becomes(
        "base: &b { port: 1 }\nserver: *b\nz: 1\n",
        &[("server/port", json!(2))],
        "base: &b { port: 1 }\nserver: { port: 2 }\nz: 1\n",
    );
    let error = edit("n: &n 5\nm: *n\n", &[("n", json!(6))]).unwrap_err();
    assert_eq!(error.code, codes::FILE_INVALID_VALUE);
    assert_eq!(error.changed.as_deref(), Some("the file was not changed"));
}

#[test]
fn what_cannot_be_done_is_refused() {
    let error = edit("name: a\nserver: 5\n", &[("server/port", json!(2))]).unwrap_err();
    assert_eq!(error.cause.as_deref(), Some("`server` holds a value, so nothing can stand below it"));
    assert!(edit("- a\n", &[("x", json!(2))]).is_err());
    assert!(edit("a: [1\n", &[("x", json!(2))]).is_err());
    assert!(edit("a: 1\n", &[("", json!(2))]).is_err());
}

#[test]
fn nothing_takes_a_key_away() {
    becomes(
        "name: a # x\n# about server\nserver:\n  port: 1 # y\n  url: z\nq: 1\n",
        &[("server/port", Value::Null), ("q", Value::Null), ("no/such", Value::Null)],
        "name: a # x\n# about server\nserver:\n  url: z\n",
    );
    becomes("server:\n  port: 1\nz: 1\n", &[("server/port", Value::Null)], "server: {}\nz: 1\n");
}

/// A file as people write them: comments, blank lines, several ways to write the same.
#[derive(Debug, Clone)]
struct Entry {
    key: String,
    value: Written,
    above: Option<String>,
    behind: Option<String>,
    blank: bool,
}

#[derive(Debug, Clone)]
enum Written {
    /// On the key's own line.
    Line(String),
    Block(Vec<Entry>),
}

fn comment() -> impl Strategy<Value = String> {
    "[a-z:{}\\[\\]'\"&*|> -]{0,20}".prop_map(|text| format!("# {text}"))
}

fn leaf() -> impl Strategy<Value = Written> {
    prop_oneof![
        "[a-z][a-z0-9/.-]{0,8}",
        "[0-9]{1,4}",
        "'[a-z #:]{0,8}'",
        "\"[a-z #:]{0,8}\"",
        Just("{}".to_owned()),
        Just("[a, \"b, c\"]".to_owned()),
        Just("{ fromEnv: NAME }".to_owned()),
        Just("true".to_owned()),
        Just(String::new()),
    ]
    .prop_map(Written::Line)
}

fn entries() -> impl Strategy<Value = Vec<Entry>> {
    let entry = |value: BoxedStrategy<Written>| {
        (
            "[a-z]{1,6}",
            value,
            proptest::option::weighted(0.3, comment()),
            proptest::option::weighted(0.3, comment()),
            proptest::bool::weighted(0.2),
        )
            .prop_map(|(key, value, above, behind, blank)| Entry { key, value, above, behind, blank })
    };
    let block = move |value: BoxedStrategy<Written>| {
        proptest::collection::vec(entry(value), 1..5).prop_map(|mut entries| {
            let mut seen = std::collections::BTreeSet::new();
            // `y` and `n` are truth values in old YAML, and keys in no deployment file.
            entries.retain(|entry| seen.insert(entry.key.clone()) && entry.key.len() > 1);
            entries
        })
    };
    let value = leaf().boxed().prop_recursive(3, 24, 4, move |inner| {
        prop_oneof![2 => leaf(), 1 => block(inner.boxed()).prop_filter("no empty block", |b| !b.is_empty()).prop_map(Written::Block)].boxed()
    });
    block(value.boxed()).prop_filter("no empty file", |entries| !entries.is_empty())
}

fn render(entries: &[Entry], indent: usize, step: usize, lines: &mut Vec<String>) {
    let space = " ".repeat(indent);
    for entry in entries {
        if entry.blank {
            lines.push(String::new());
        }
        lines.extend(entry.above.iter().map(|comment| format!("{space}{comment}")));
        let behind = entry.behind.as_ref().map(|comment| format!(" {comment}")).unwrap_or_default();
        match &entry.value {
            Written::Line(value) => {
                lines.push(format!("{space}{}:{}{value}{behind}", entry.key, if value.is_empty() { "" } else { " " }));
            }
            Written::Block(entries) => {
                lines.push(format!("{space}{}:{behind}", entry.key));
                render(entries, indent + step, step, lines);
            }
        }
    }
}

/// Some path in the file, going on below it if told so.
fn pick(entries: &[Entry], choices: &[prop::sample::Index], new: bool) -> Vec<String> {
    let mut path = Vec::new();
    let mut at = entries;
    for choice in choices {
        let entry = &at[choice.index(at.len())];
        path.push(entry.key.clone());
        match &entry.value {
            Written::Block(entries) => at = entries,
            Written::Line(_) => break,
        }
    }
    if new {
        path.push("brandnew".to_owned());
    }
    path
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn all_other_lines_stay_byte_for_byte(
        entries in entries(),
        choices in proptest::collection::vec(any::<prop::sample::Index>(), 1..4),
        new in any::<bool>(),
        crlf in any::<bool>(),
        step in prop_oneof![Just(2_usize), Just(4_usize)],
        value in prop_oneof![any::<u16>().prop_map(Value::from), "[a-zA-Z0-9 :#.'\"-]{0,12}".prop_map(Value::from), any::<bool>().prop_map(Value::from)],
    ) {
        let mut lines = Vec::new();
        render(&entries, 0, step, &mut lines);
        let end = if crlf { "\r\n" } else { "\n" };
        let text = lines.join(end) + end;
        let path = pick(&entries, &choices, new);
        let before = read(&text).unwrap();
        let Ok(edited) = set(&text, &[(path.clone(), value.clone())]) else {
            // Only what stands in the way of a new key may stop it.
            let parent = path[..path.len() - 1].iter().fold(&before, |node, key| &node[key]);
            prop_assert!(!parent.is_object() && !parent.is_null(), "refused {path:?} = {value} in\n{text}");
            return Ok(());
        };
        let found = path.iter().fold(&read(&edited).unwrap(), |node, key| &node[key]).clone();
        prop_assert_eq!(&found, &value);
        let replaced_block = path.iter().fold(&before, |node, key| &node[key]).as_object().is_some_and(|map| !map.is_empty());
        let diff = TextDiff::from_lines(&text, &edited);
        let gone: Vec<&str> = diff.iter_all_changes().filter(|c| c.tag() == ChangeTag::Delete).map(|c| c.value()).collect();
        let come: Vec<&str> = diff.iter_all_changes().filter(|c| c.tag() == ChangeTag::Insert).map(|c| c.value()).collect();
        if !replaced_block {
            prop_assert!(gone.len() <= 1, "{gone:?} went from\n{text}\nto\n{edited}");
            prop_assert!(come.len() <= 2, "{come:?} came to\n{text}");
            for comment in comments(&entries) {
                prop_assert_eq!(text.matches(&comment).count(), edited.matches(&comment).count(), "{} in\n{}\nand\n{}", comment, text, edited);
            }
        }
        if crlf {
            prop_assert_eq!(edited.matches('\n').count(), edited.matches("\r\n").count());
        }
    }
}

/// All comments that are more than a mark.
fn comments(entries: &[Entry]) -> Vec<String> {
    let of_entry = |entry: &Entry| {
        let mut found: Vec<String> = entry.above.iter().chain(&entry.behind).cloned().collect();
        if let Written::Block(entries) = &entry.value {
            found.extend(comments(entries));
        }
        found
    };
    entries.iter().flat_map(of_entry).filter(|comment| comment.len() > 4).collect()
}
