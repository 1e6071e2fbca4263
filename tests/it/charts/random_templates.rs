//! Generated templates with generated values, all kinds of nodes nested in each other, and templates with a slip.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::json;

use super::comparison::note;
use super::oracle::{Oracle, require_oracle};
use super::question::Outcome;
use super::{ours, random_values};

fn pick(items: &'static [&'static str]) -> impl Strategy<Value = String> {
    proptest::sample::select(items).prop_map(str::to_owned)
}

/// What is there without a function.
fn operand() -> impl Strategy<Value = String> {
    pick(&[
        "1",
        ".Values.a",
        "\"text\"",
        ".Values.list",
        ".Values.dict",
        "$x",
        "$list",
        ".",
        "$",
        ".Values.b",
        ".Values.nested.a.b",
        ".Values.missing",
        ".Values.missing.deeper",
        "nil",
        "true",
        "false",
        "0",
        "-1",
        "2.5",
        "1e6",
        "'c'",
        "`raw`",
        "\"a\\nb\"",
        ".Values.dict.a",
        ".Values.text",
        ".Values.numbers",
        ".Values.truth",
        ".Release.Name",
        ".Chart.Version",
        ".Template.Name",
        ".Release.IsInstall",
        ".Capabilities.KubeVersion.Version",
        ".a",
        ".b.c",
        "$.Values.a",
        "$list.x",
        "0x1F",
        "1_000",
        "\"\"",
        "\"ä\\u00e9\"",
        ".Values.text.x",
        "(.Values).a",
        ".Files",
        "(.Files.Get \"f\")",
        "(.Capabilities.APIVersions.Has \"v1\")",
        "$.Nope",
        "$.Chart.Nope",
        "9223372036854775808",
        "1i",
    ])
}

fn text_of(any: impl Strategy<Value = String> + Clone + 'static) -> impl Strategy<Value = String> {
    prop_oneof![
        (
            pick(&[
                "toString",
                "quote",
                "squote",
                "toJson",
                "toYaml",
                "print",
                "typeOf",
                "kindOf",
                "println",
                "html",
                "js",
                "urlquery",
                "toPrettyJson",
                "toRawJson",
                "cat",
                "toYamlPretty",
                "toToml"
            ]),
            any.clone()
        )
            .prop_map(|(name, value)| format!("({name} {value})")),
        (pick(&["%v", "%s", "%d", "%q", "%T", "%5v|", "%#v", "%x", "%.1f", "%+v", "%t"]), any.clone())
            .prop_map(|(format, value)| format!("(printf \"{format}\" {value})")),
        (
            pick(&[
                "upper",
                "lower",
                "title",
                "trim",
                "b64enc",
                "indent 2",
                "nindent 4",
                "trunc 3",
                "trunc -2",
                "trimSuffix \"t\"",
                "replace \"t\" \"--\"",
                "sha256sum",
                "kebabcase",
                "snakecase",
                "camelcase",
                "repeat 2",
                "nospace",
                "initials",
                "abbrev 5",
                "substr 0 2",
                "wrap 4",
                "regexReplaceAll \"[a-z]\" \"x\"",
                "splitList \"e\"",
                "tpl \"{{ . }}\"",
                "include \"part\""
            ]),
            any.clone()
        )
            .prop_map(|(name, value)| format!("({name} ({value} | toString))")),
        (any.clone(), any.clone()).prop_map(|(first, second)| format!("(join {first} {second})")),
        any.clone().prop_map(|value| format!("(include \"part\" {value})")),
        any.clone().prop_map(|value| format!("(include \"values\" (dict \"v\" {value}))")),
        any.prop_map(|value| format!("(tpl \"<{{{{ . }}}}>{{{{ $.x }}}}\" {value})")),
    ]
}

/// Any expression that may stand as an argument.
fn argument() -> impl Strategy<Value = String> + Clone {
    operand()
        .prop_recursive(3, 12, 3, |inner| {
            let any = inner.clone();
            prop_oneof![
                2 => text_of(any.clone()),
                1 => proptest::collection::vec(any.clone(), 0..4).prop_map(|items| format!("(list {})", items.join(" "))),
                1 => (any.clone(), any.clone()).prop_map(|(a, b)| format!("(dict \"a\" {a} \"b\" {b})")),
                1 => (any.clone(), any.clone()).prop_map(|(a, b)| format!("(default {a} {b})")),
                1 => (any.clone(), pick(&["0", "1", "-1", "\"a\"", "\"none\"", "5"])).prop_map(|(a, key)| format!("(index {a} {key})")),
                1 => (pick(&["eq", "ne", "lt", "le", "gt", "ge", "and", "or", "coalesce", "add", "mul", "sub", "max", "min", "has", "append", "prepend", "deepEqual", "concat", "list", "contains", "hasPrefix", "div", "mod"]), any.clone(), any.clone())
                    .prop_map(|(name, a, b)| format!("({name} {a} {b})")),
                1 => (pick(&["not", "empty", "len", "first", "last", "rest", "initial", "reverse", "uniq", "sortAlpha", "compact", "int", "int64", "float64", "toStrings", "deepCopy", "fromYaml", "fromJson", "until", "floor", "ceil", "b64dec", "atoi", "all", "any", "required \"wanted\""]), any.clone())
                    .prop_filter("would fill memory", |(name, value)| name != "until" || value.len() < 3)
                    .prop_map(|(name, value)| format!("({name} {value})")),
                1 => (any.clone(), any.clone(), any.clone()).prop_map(|(a, b, c)| format!("(ternary {a} {b} {c})")),
                1 => (pick(&["get", "hasKey", "unset", "pluck", "pick", "omit"]), any.clone()).prop_map(|(name, value)| match name.as_str() {
                    "pluck" => format!("(pluck \"a\" {value})"),
                    name => format!("({name} {value} \"a\")"),
                }),
                1 => (any.clone(), any.clone()).prop_map(|(a, b)| format!("(set {a} \"new\" {b})")),
                1 => (any.clone(), any.clone()).prop_map(|(a, b)| format!("(merge (dict \"a\" 1) {a} {b})")),
                1 => any.clone().prop_map(|a| format!("({a}).a")),
                1 => (any.clone(), any).prop_map(|(a, b)| format!("({a} | default {b} | quote)")),
            ]
        })
        .boxed()
}

/// What stands between braces.
fn pipeline() -> impl Strategy<Value = String> {
    (
        argument(),
        proptest::option::weighted(
            0.3,
            pick(&[
                "quote",
                "toJson",
                "default 5",
                "toYaml | nindent 2",
                "upper",
                "len",
                "printf \"%v-%v\" 1",
                "nope",
                "typeOf",
                "trim | indent 1",
                "1",
                ".x",
            ]),
        ),
    )
        .prop_map(|(first, second)| {
            // The outermost parentheses of a call are not needed.
            let first = match first.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
                Some(inner) if !inner.contains('(') && !inner.contains(')') => inner.to_owned(),
                _ => first,
            };
            match second {
                Some(second) => format!("{first} | {second}"),
                None => first,
            }
        })
}

fn left() -> impl Strategy<Value = String> {
    pick(&["{{ ", "{{- ", "{{", "{{-\n", "{{\t"])
}

fn right() -> impl Strategy<Value = String> {
    pick(&[" }}", " -}}", "}}", "\n}}", " -}}"])
}

fn braces(inside: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    (left(), inside, right()).prop_map(|(left, inside, right)| format!("{left}{inside}{right}"))
}

/// A sequence of nodes.
fn body() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        3 => pick(&["text", " ", "\n", "\n  key: ", "a: b\n", "\t", "- ", "ä", "{ }", "\"", "# x\n", ": \"", "<no value>", "%"]),
        5 => braces(pipeline()),
        1 => braces(argument().prop_map(|value| format!("$x = {value}"))),
        1 => braces(argument().prop_map(|value| format!("$y := {value}"))),
        1 => pick(&["{{/* comment */}}", "{{- /* trimmed */ -}}", "{{ template \"part\" . }}", "{{ template \"values\" (dict \"v\" 1) }}", "{{ template \"part\" }}", "{{ template \"none\" . }}"]),
    ];
    let node = leaf.prop_recursive(4, 40, 4, |inner| {
        let inner = proptest::collection::vec(inner, 0..4).prop_map(|nodes| nodes.concat()).boxed();
        let jump = prop_oneof![4 => Just(String::new()), 1 => pick(&["{{ break }}", "{{ continue }}", "{{ if $i }}{{ break }}{{ end }}", "{{- if eq $i 1 }}{{ continue }}{{ end -}}"])];
        prop_oneof![
            (braces(argument().prop_map(|value| format!("if {value}"))), inner.clone(), braces(Just("end".to_owned())))
                .prop_map(|(head, body, end)| format!("{head}{body}{end}")),
            (argument(), inner.clone(), braces(argument().prop_map(|value| format!("else if {value}"))), inner.clone(), inner.clone())
                .prop_map(|(value, first, or, second, third)| format!("{{{{ if {value} }}}}{first}{or}{second}{{{{- else }}}}{third}{{{{ end }}}}")),
            (pick(&["range ", "range $i := ", "range $i, $v := ", "range $i, $_ := "]), argument(), inner.clone(), jump, inner.clone())
                .prop_filter("too long", |(_, value, ..)| value.len() < 40)
                .prop_map(|(head, value, body, jump, or)| {
                    let jump = if head.contains("$i") || !jump.contains("$i") { jump } else { String::new() };
                    let uses = if head.contains("$v") { "{{ $i }}={{ $v }};" } else { "{{ . }};" };
                    format!("{{{{ {head}{value} }}}}{uses}{jump}{body}{{{{ else }}}}{or}{{{{ end }}}}")
                }),
            (argument(), inner.clone(), inner.clone())
                .prop_map(|(value, body, or)| format!("{{{{ with {value} }}}}{body}{{{{ else }}}}{or}{{{{ end }}}}")),
            (argument(), inner.clone(), argument(), inner.clone())
                .prop_map(|(value, body, other, or)| format!("{{{{- with $w := {value} }}}}{{{{ $w }}}}{body}{{{{ else with {other} }}}}{or}{{{{ end -}}}}")),
            (argument(), inner.clone()).prop_map(|(value, body)| format!("{{{{ block \"inner\" {value} }}}}{body}{{{{ end }}}}")),
            inner.prop_map(|body| format!("{{{{ $x := 5 }}}}{body}{{{{ $x }}}}")),
        ]
    });
    proptest::collection::vec(node, 1..5).prop_map(|nodes| nodes.concat())
}

const HEAD: &str = "{{- define \"part\" }}[{{ . }}]{{ end }}{{ define \"values\" -}} {{ range $k, $v := . }}{{ $k }}:{{ $v }},{{ end }} {{- end -}}\
                    {{ $x := .Values.a }}{{ $list := list 1 \"b\" nil }}\n";

/// A template that uses what its head defines.
pub fn template() -> impl Strategy<Value = String> {
    body().prop_map(|body| format!("{HEAD}{body}"))
}

/// A template in which something was left out, doubled or mistyped.
pub fn broken_template() -> impl Strategy<Value = String> {
    let slip = pick(&[
        "",
        "{{",
        "}}",
        "{{ end }}",
        "\"",
        "(",
        ")",
        "|",
        ".",
        "$",
        ":=",
        "=",
        ",",
        "'",
        "`",
        "/*",
        "{{ else }}",
        "\\",
        "@",
        "..",
        "{{ if }}",
        "é",
        "\n",
        "-",
        " ",
        "{{ break }}",
        "{{ define \"x\" }}",
        "1a",
        "{{- ",
        "é}}",
    ]);
    (body(), any::<prop::sample::Index>(), 0_usize..4, slip).prop_map(|(body, at, removed, slip)| {
        let characters: Vec<char> = body.chars().collect();
        let at = at.index(characters.len() + 1);
        let after = (at + removed).min(characters.len());
        let text =
            characters[..at].iter().collect::<String>() + &slip + &characters[after..].iter().collect::<String>();
        format!("{{{{ $x := 1 }}}}{{{{ $list := list 1 }}}}{text}")
    })
}

/// How many cases a test has; more on request: `DEPLOY_TEST_CASES=100000`.
pub fn cases(usual: u32) -> u32 {
    std::env::var("DEPLOY_TEST_CASES").ok().and_then(|count| count.parse().ok()).unwrap_or(usual)
}

/// The same cases on every run, unless a seed is asked for: `DEPLOY_TEST_SEED=7`.
pub fn runner(count: u32) -> TestRunner {
    let seed: u64 = std::env::var("DEPLOY_TEST_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let bytes: Vec<u8> = seed.to_le_bytes().iter().copied().cycle().take(32).collect();
    let config = Config {
        cases: count,
        failure_persistence: None,
        max_shrink_iters: 3000,
        max_global_rejects: 1_000_000,
        max_local_rejects: 1_000_000,
        ..Config::default()
    };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
}

/// Compares generated cases and shows the smallest that differs. Goes on behind the first few differences, so that one
/// run shows more than one.
pub fn compare<S: Strategy>(
    kind: &'static str,
    count: u32,
    strategy: &S,
    ask: impl Fn(&mut Oracle, &S::Value) -> (Outcome, Outcome),
    show: impl Fn(&S::Value) -> String,
) where
    S::Value: Clone + std::fmt::Debug,
{
    let mut oracle = Oracle::start();
    let oracle = std::cell::RefCell::new(&mut oracle);
    let mut runner = runner(cases(count));
    let compared = std::cell::Cell::new(0);
    let result = runner.run(strategy, |case| {
        let (helm, ours) = ask(&mut oracle.borrow_mut(), &case);
        if let Outcome::Crash(_) = helm {
            // Nothing to be equal to, as long as we do not.
            prop_assert!(!matches!(ours, Outcome::Crash(_)), "{}\n    ours: {}", show(&case), ours.show());
            return Ok(());
        }
        compared.set(compared.get() + 1);
        let (helm, ours) = (helm.without_addresses(), ours.without_addresses());
        prop_assert!(helm == ours, "{}\n{}", show(&case), Outcome::differing(&helm, &ours));
        Ok(())
    });
    if let Err(failure) = result {
        panic!("after {} {kind}: {failure}", compared.get());
    }
    note(kind, compared.get());
}

#[test]
fn generated_templates() {
    require_oracle!();
    let strategy = (template(), random_values::file());
    compare(
        "generated templates",
        6000,
        &strategy,
        |oracle, (template, values)| {
            let helm = oracle.expressions(std::slice::from_ref(template), values).remove(0);
            (helm, ours::expression(template, values))
        },
        |(template, values)| format!("{}\nvalues: {}", json!(template), json!(values)),
    );
}

#[test]
fn generated_templates_with_a_slip() {
    require_oracle!();
    let values = "a: 1\nlist: [1, {a: b}]\ndict: {a: x}\ntext: t\n";
    compare(
        "templates with a slip",
        4000,
        &broken_template(),
        |oracle, template| {
            let helm = oracle.expressions(std::slice::from_ref(template), values).remove(0);
            (helm, ours::expression(template, values))
        },
        |template| json!(template).to_string(),
    );
}
