//! Every function with edge values: what comes out, its Go type, and how it fails.
//!
//! Arguments are drawn from pools by the function's own signature, always the same ones. Calls that are too many or too
//! few, and arguments of a wrong type, are among them.

use super::comparison::Comparison;
use super::oracle::{Oracle, require_oracle};
use super::ours;

/// What all expressions see as `.Values`.
pub const VALUES: &str = include_str!("../../oracle/values/expressions.yaml");

/// How many calls of one function are tried.
const CALLS: usize = 75;

/// Names, and Go types of the parameters. Those of sprig are compared with sprig's own list.
const SPRIG: &str = include_str!("../../oracle/expressions/sprig.txt");
/// The language's own and Helm's.
const OTHERS: &[(&str, &str)] = &[
    ("and", "any ...any"),
    ("or", "any ...any"),
    ("not", "any"),
    ("len", "any"),
    ("index", "any ...any"),
    ("slice", "any ...int"),
    ("print", "...any"),
    ("println", "...any"),
    ("html", "...any"),
    ("js", "...any"),
    ("urlquery", "...any"),
    ("eq", "any ...any"),
    ("ne", "any any"),
    ("lt", "any any"),
    ("le", "any any"),
    ("gt", "any any"),
    ("ge", "any any"),
    ("call", "any ...any"),
    ("toToml", "any"),
    ("mustToToml", "any"),
    ("fromToml", "toml"),
    ("toYaml", "any"),
    ("mustToYaml", "any"),
    ("toYamlPretty", "any"),
    ("fromYaml", "yaml"),
    ("fromYamlArray", "yaml"),
    ("toJson", "any"),
    ("mustToJson", "any"),
    ("fromJson", "json"),
    ("fromJsonArray", "json"),
    ("mustToDuration", "duration"),
    ("durationSeconds", "duration"),
    ("durationMilliseconds", "duration"),
    ("durationMicroseconds", "duration"),
    ("durationNanoseconds", "duration"),
    ("durationMinutes", "duration"),
    ("durationHours", "duration"),
    ("durationDays", "duration"),
    ("durationWeeks", "duration"),
    ("durationRoundTo", "duration duration"),
    ("durationTruncateTo", "duration duration"),
    ("required", "string any"),
    ("tpl", "template any"),
    ("include", "string any"),
    ("lookup", "string string string string"),
    ("duration", "duration"),
    ("durationRound", "duration"),
];
/// Not the same twice, or slow: `shapes_of_what_is_random` and the golden files have them.
const LEFT_OUT: &[&str] = &[
    "bcrypt",
    "htpasswd",
    "encryptAES",
    "genCA",
    "genCAWithKey",
    "genPrivateKey",
    "genSelfSignedCert",
    "genSelfSignedCertWithKey",
    "genSignedCert",
    "genSignedCertWithKey",
    "now",
    "randAlpha",
    "randAlphaNum",
    "randAscii",
    "randBytes",
    "randInt",
    "randNumeric",
    "shuffle",
    "uuidv4",
    "derivePassword",
    "ago",
];

/// Arguments by type. Numbers are small where they say how much is made.
fn pool(kind: &str) -> Vec<&'static str> {
    const STRINGS: &[&str] = &[
        r#""""#,
        r#""a""#,
        r#""Hello World""#,
        r#""äöü ß 日本語""#,
        r#""a,b,,c""#,
        r#""  x\ty\n""#,
        r#""foo_bar-baz QuxHTTPServer""#,
        r#""3""#,
        r#""-1.5e3""#,
        r#""true""#,
        r#""1.2.3-rc.1+b5""#,
        r#""^1.2 || >=2.0.0, <3""#,
        r#""2006-01-02""#,
        r#""/a/b/../c.tar.gz""#,
        r#""[a-z]+""#,
        r#""(?i)(l+)o""#,
        r#""$1-${1}x""#,
        r#""aGVsbG8=""#,
        r#""{\"b\": [1, 2.5], \"a\": null}""#,
        r#""a: 1\nb: [x]""#,
        r#""https://u:p@h.example:8/p/q?a=1&b=2#f""#,
        r#""1h30m5.5s""#,
        r#""\x00\xff\"'<&>""#,
        "`back\\q`",
        r#""0x1F""#,
        r#""012""#,
        r#""1_000""#,
        r#""string""#,
        r#""map""#,
        r#""\u2028\U0001F600""#,
        r#"(repeat 30 "word ")"#,
        r#""UTC""#,
    ];
    const NUMBERS: &[&str] = &["0", "1", "2", "3", "-1", "7", "-5", "12"];
    const OTHERS: &[&str] = &[
        "nil",
        "true",
        "false",
        "1.5",
        "-0.0",
        "1e6",
        "1e21",
        "0x10",
        "0b101",
        "'a'",
        "1i",
        "9223372036854775807",
        "-9223372036854775808",
        "100000",
        ".Values.list",
        ".Values.numbers",
        ".Values.mixed",
        ".Values.empty",
        ".Values.dict",
        ".Values.deep",
        ".Values.nothing",
        ".Values.missing",
        ".Values.big",
        ".Values.float",
        ".Values.truth",
        ".Values.text",
        "(list)",
        r#"(list 1 "a" nil 2.5)"#,
        r#"(list "b" "a" "c" "a")"#,
        "(list 3 1 2)",
        "(dict)",
        r#"(dict "a" 1 "b" (dict "c" "d"))"#,
        r#"(list (list 1) (dict "x" 2))"#,
        "(int64 5)",
        "(float64 5)",
        r#"(toDate "2006-01-02" "2024-02-29")"#,
        r#"(splitList "," "x,y")"#,
        r#"(split "," "x,y")"#,
        r#"(semver "1.2.3")"#,
        "(until 3)",
        ".",
        ".Chart",
        ".Release.Name",
        ".Capabilities.APIVersions",
        ".Files",
        "(duration 90)",
        r#"(mustToDuration "90m")"#,
        r#"(b64dec "AAH/")"#,
        "(fromYaml `a: {b: [1]}`)",
        "(urlParse `http://h/p`)",
    ];
    match kind {
        "string" | "[]uint8" => STRINGS.to_vec(),
        "int" | "uint32" | "float64" => NUMBERS.to_vec(),
        "name" => vec![r#""none""#, r#""""#, r#""a "quoted" name""#, ".Values.text", "5", "nil"],
        "bool" => vec!["true", "false", ".Values.truth"],
        "[]interface {}" => vec!["nil", "(list)", ".Values.list", r#"(list 1 "a" nil)"#],
        "map[string]interface {}" => vec![
            "(dict)",
            ".Values.dict",
            ".Values.deep",
            r#"(dict "a" 1 "b" (dict "c" 2) "z" (list 1))"#,
            ".Values.nothing",
            "(fromYaml `x: 1`)",
            r#"(urlParse "https://u:p@h:1/p?q#f")"#,
            r#"(dict "a" "" "b" false "list" (list 2))"#,
        ],
        "time.Time" => vec![
            r#"(toDate "2006-01-02" "2024-02-29")"#,
            r#"(toDate "2006-01-02T15:04:05Z07:00" "1999-12-31T23:59:59+02:00")"#,
        ],
        "moment" => vec![
            "0",
            "1700000000",
            "(int64 951782400)",
            r#"(toDate "2006-01-02" "2024-02-29")"#,
            r#"(toDate "2006-01-02T15:04:05Z07:00" "1999-12-31T23:59:59+02:00")"#,
            "-1",
            "(int 5)",
        ],
        "layout" => vec![
            r#""2006-01-02""#,
            r#""Mon Jan _2 15:04:05 MST 2006""#,
            r#""02.01.06 03:04PM .000 -0700 Z07:00 002""#,
            r#""Monday, January 2; 15h 1 4 5 pm""#,
            r#""""#,
            r#""2006-01-02T15:04:05.999999999Z07:00""#,
        ],
        "duration" => vec![
            r#""1h30m""#,
            r#""90s""#,
            r#""1.5h""#,
            r#""-2m3.5s""#,
            r#""""#,
            r#""x""#,
            "90",
            "-5",
            "1.5",
            "nil",
            r#""1000000h""#,
            r#""100ns""#,
            r#""2.5""#,
            "(duration 95)",
            "true",
            "9223372036854775807",
            ".Values.float",
            r#""1w""#,
            r#"" 1h ""#,
            "100000",
            "1e300",
            r#"(toDate "2006-01-02" "2024-02-29")"#,
        ],
        "yaml" => vec![
            r#""a: 1\nb: [x, {y: z}]""#,
            r#""- 1\n- b""#,
            r#""""#,
            r#""a: [""#,
            r#""5""#,
            r#""null""#,
            r#""a: &x 1\nb: *x""#,
            r#""a: yes\nb: 0x1F\nc: 1e3""#,
            r#""a: 1\na: 2""#,
            r#""a: |\n  x\n  y\n""#,
            r#""? x\n: y""#,
            r#""a: !!binary aGk=""#,
            r#""x: 2024-01-01\ny: 12:30:45""#,
            r#""a:\tb""#,
            r#""<<: {a: 1}\nb: 2""#,
            r#""---\na: 1\n---\nb: 2""#,
            r#""a: .inf""#,
            r#""1: x\ntrue: y""#,
            r#""@""#,
            r#""\x00""#,
            r#""a: \"\\u0041\"""#,
        ],
        "json" => vec![
            r#""{\"a\": 1, \"b\": [true, null, 1.5e3, \"x\"]}""#,
            r#""[1, {\"a\": {}}]""#,
            r#""""#,
            r#""{""#,
            r#""5""#,
            r#""null""#,
            r#""\"x\"""#,
            r#""{\"a\": 1} x""#,
            r#""{\"a\": 1, \"a\": 2}""#,
            r#""{\"a\": \"\\u00e4\\ud83d\\ude00\\ud800\"}""#,
            r#""[1e400]""#,
            r#""{a: 1}""#,
            r#""[1,]""#,
            r#""[01]""#,
            r#""{\"a\" 1}""#,
            r#""tru""#,
            r#""[\"\\x\"]""#,
            r#""[12345678901234567890]""#,
        ],
        "toml" => vec![
            r#""a = 1\n[b]\nc = \"x\"""#,
            r#""a = [1, 2]\nd = 2024-01-01""#,
            r#""""#,
            r#""a = ""#,
            r#""[a]\n[a]""#,
            r#""a.b.c = true\nf = 1.5""#,
            r#""x = '''\nraw'''\n""#,
            r#""[[t]]\na=1\n[[t]]\na=2""#,
            r#""a = 1979-05-27T07:32:00Z""#,
            r#""= 1""#,
            r#""a = 0xff\nb = 1_000\nc = inf""#,
        ],
        "template" => vec![
            r#""""#,
            r#""{{ . }}""#,
            r#""{{ .a }}-{{ .Values }}""#,
            r#""{{ nope }}""#,
            r#""{{ define \"x\" }}1{{ end }}{{ include \"x\" . }}""#,
            r#""{{""#,
            r#""{{ fail \"no\" }}""#,
            r#""a\n  {{ index . 5 }}""#,
            r#""{{ range . }}{{ . }},{{ end }}""#,
            r#""{{ tpl \"{{ 1 }}\" . }}""#,
        ],
        _ => [STRINGS, NUMBERS, OTHERS].concat(),
    }
}

/// Steps that look random and are the same on every run.
pub struct Steps(u64);

impl Steps {
    pub fn new(seed: &str) -> Self {
        Self(
            seed.bytes()
                .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)),
        )
    }

    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or_default() % limit.max(1)
    }
}

/// Functions with the types of their parameters.
pub fn functions() -> Vec<(String, Vec<String>)> {
    let sprig = SPRIG.lines().filter(|line| !line.is_empty()).map(|line| {
        let mut words = line.split('\t');
        (words.next().unwrap_or_default().to_owned(), words.map(str::to_owned).collect::<Vec<_>>())
    });
    let others = OTHERS.iter().map(|(name, types)| ((*name).to_owned(), types.split(' ').map(str::to_owned).collect()));
    // Helm's own take the place of sprig's.
    let taken = |name: &str| OTHERS.iter().any(|(other, _)| *other == name);
    sprig.filter(|(name, _)| !taken(name)).chain(others).collect()
}

/// The pools of a function's parameters, where its types alone would not do.
fn parameters(name: &str, types: &[String]) -> Vec<String> {
    let special: &[&str] = match name {
        "date" => &["layout", "moment"],
        "include" => &["name", "any"],
        "htmlDate" => &["moment"],
        "htmlDateInZone" => &["moment", "string"],
        "dateInZone" | "date_in_zone" => &["layout", "moment", "string"],
        "toDate" | "mustToDate" => &["layout", "string"],
        "until" => &["int"],
        "untilStep" => &["int", "int", "int"],
        _ => return types.to_vec(),
    };
    special.iter().map(|kind| (*kind).to_owned()).collect()
}

/// Whether every argument must come from the function's own pools, since others would ask the clock or fill memory.
fn is_strict(name: &str) -> bool {
    name.contains("ate") && name.to_lowercase().contains("date")
        || matches!(name, "until" | "untilStep" | "seq" | "repeat" | "indent" | "nindent" | "wrap" | "wrapWith")
}

/// One call.
fn call(name: &str, types: &[String], steps: &mut Steps) -> String {
    let mut words = vec![name.to_owned()];
    let draw = |kind: &str, steps: &mut Steps| {
        let kind = if !is_strict(name) && steps.below(7) == 0 { "any" } else { kind };
        let pool = pool(kind);
        pool[steps.below(pool.len())].to_owned()
    };
    for kind in types {
        match kind.strip_prefix("...") {
            Some(kind) => {
                for _ in 0..steps.below(4) {
                    words.push(draw(kind, steps));
                }
            }
            None => words.push(draw(kind, steps)),
        }
    }
    // Go gives keys and values of a map in any order.
    if matches!(name, "keys" | "values") {
        return format!("sortAlpha ({})", words.join(" "));
    }
    match steps.below(40) {
        0 if words.len() > 1 => {
            words.pop();
        }
        1 => words.push(draw("any", steps)),
        _ => {}
    }
    words.join(" ")
}

/// Everything that a value shows of itself.
fn shown(call: &str) -> String {
    format!(
        "{{{{ $r := {call} }}}}{{{{ printf \"%T|%v|%q\" $r $r $r }}}}|{{{{ toJson $r }}}}|{{{{ toYaml $r }}}}|{{{{ $r }}}}"
    )
}

/// Whether Helm's answer is chance, or a fact that no chart can see: copies of `.Capabilities` lack a hidden field, and
/// a rounded time is its distance from now.
fn is_chance(call: &str) -> bool {
    call.contains("eepCopy .") && !call.contains("eepCopy .V")
        || call.starts_with(". | deepCopy")
        || call.contains("durationRound (toDate")
}

/// All calls, the same on every run.
fn calls() -> Vec<String> {
    let mut found = Vec::new();
    for (name, types) in functions().iter().filter(|(name, _)| !LEFT_OUT.contains(&name.as_str())) {
        let types = parameters(name, types);
        let mut steps = Steps::new(name);
        let mut of_one: Vec<String> = (0..CALLS).map(|_| call(name, &types, &mut steps)).collect();
        of_one.retain(|call| !is_chance(call));
        of_one.sort();
        of_one.dedup();
        found.extend(of_one);
    }
    found
}

/// Formats of `printf` with every kind of value.
fn formats() -> Vec<String> {
    const FORMATS: &[&str] = &[
        "%d",
        "%5d|%-5d|%05d|%+d|% d",
        "%x|%X|%#x|% x|%# X",
        "%o|%O|%b|%#o",
        "%c|%q|%U|%#U",
        "%e|%E|%f|%F|%g|%G",
        "%.2f|%8.3f|%-8.1f|%+.1e|%08.2f",
        "%s|%10s|%-10s|%.2s|%5.1s",
        "%q|%#q|%+q|%.3q",
        "%v|%+v|%#v",
        "%T|%t",
        "%%|%!|%z|%-",
        "%[1]v|%[2]d|%[3]*.[2]*[1]f",
        "%*d",
        "%6.2v|%x|%#v",
        "%d %s",
        "no verb",
        "%w",
        "%08v|%+05d|%-05d|%+q",
        "%\u{e4}",
    ];
    let pool = pool("any");
    let mut found = Vec::new();
    for format in FORMATS {
        for value in &pool {
            // Addresses are not the same twice, and nobody prints the hidden fields of a time.
            let shows_fields =
                value.starts_with("(toDate") && !matches!(*format, "%s|%10s|%-10s|%.2s|%5.1s" | "%v|%+v|%#v" | "%T|%t");
            if !shows_fields && !matches!(*value, "." | ".Files" | ".Capabilities.APIVersions" | ".Chart") {
                found.push(format!("{{{{ printf {format:?} {value} }}}}").replace("\\u{e4}", "ä"));
            }
        }
    }
    found
}

/// Values piped through two functions, as charts write it.
fn pipelines(count: usize) -> Vec<String> {
    let functions = functions();
    let one: Vec<&(String, Vec<String>)> = functions
        .iter()
        .filter(|(name, types)| {
            !LEFT_OUT.contains(&name.as_str())
                && !is_strict(name)
                && !types.is_empty()
                && !matches!(name.as_str(), "call" | "keys" | "values")
        })
        .collect();
    let mut steps = Steps::new("pipelines");
    (0..count)
        .map(|_| {
            let any = pool("any");
            let mut text = any[steps.below(any.len())].to_owned();
            for _ in 0..=steps.below(2) {
                let (name, types) = one[steps.below(one.len())];
                let given: Vec<String> = types[..types.len() - 1].to_vec();
                text += &format!(" | {}", call(name, &given, &mut steps));
            }
            text
        })
        .filter(|text| !is_chance(text))
        .map(|text| shown(&text))
        .collect()
}

/// Asks both sides for all templates.
pub fn compare(kind: &'static str, templates: &[String], values: &str) {
    let mut oracle = Oracle::start();
    let mut comparison = Comparison::of(kind);
    for batch in templates.chunks(250) {
        let helm = oracle.expressions(batch, values);
        for (template, helm) in batch.iter().zip(helm) {
            let ours = ours::expression(template, values);
            comparison.add(|| template.clone(), &helm, &ours);
        }
    }
    comparison.finish();
}

#[test]
fn every_function_with_edge_values() {
    require_oracle!();
    let templates: Vec<String> = calls().iter().map(|call| shown(call)).collect();
    compare("calls of functions", &templates, VALUES);
}

#[test]
fn every_verb_with_every_value() {
    require_oracle!();
    compare("formatted values", &formats(), VALUES);
}

#[test]
fn pipelines_of_functions() {
    require_oracle!();
    compare("pipelines", &pipelines(4000), VALUES);
}

/// Random values have the length, alphabet or form that Helm's have.
#[test]
fn shapes_of_what_is_random() {
    const TEMPLATES: &[&str] = &[
        r#"{{ regexMatch "^[a-zA-Z]{20}$" (randAlpha 20) }}"#,
        r#"{{ regexMatch "^[a-zA-Z0-9]{20}$" (randAlphaNum 20) }} {{ randAlphaNum 0 | len }}"#,
        r#"{{ regexMatch "^[0-9]{20}$" (randNumeric 20) }}"#,
        r#"{{ regexMatch "^[ -~]{20}$" (randAscii 20) }}"#,
        r"{{ randBytes 20 | b64dec | len }} {{ randBytes 0 }}",
        r"{{ $n := randInt 5 8 }}{{ and (ge $n 5) (lt $n 8) }} {{ typeOf $n }}",
        r#"{{ regexMatch "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$" uuidv4 }}"#,
        r#"{{ shuffle "hello" | splitList "" | sortAlpha }}"#,
        r"{{ typeOf now }} {{ now | kindOf }} {{ htmlDate now | len }} {{ now | unixEpoch | len }} {{ ago now }}",
        r#"{{ bcrypt "x" | len }} {{ bcrypt "x" | trunc 7 }}"#,
        r#"{{ htpasswd "me" "x" | trunc 10 }} {{ htpasswd "a:b" "x" }}"#,
        r#"{{ encryptAES "key" "text" | decryptAES "key" }}"#,
        r#"{{ derivePassword 1 "long" "password" "user" "example.com" }} {{ derivePassword 2 "nope" "p" "u" "s" }}"#,
        r#"{{ derivePassword 1 "maximum" "p" "u" "s" }} {{ derivePassword 1 "pin" "p" "u" "s" }} {{ derivePassword 4 "basic" "ä" "" "s" }}"#,
        r#"{{ genPrivateKey "ecdsa" | splitList "\n" | first }} {{ genPrivateKey "ed25519" | splitList "\n" | first }} {{ genPrivateKey "nope" }}"#,
        r#"{{ $ca := genCA "ca" 365 }}{{ typeOf $ca }} {{ $ca.Cert | splitList "\n" | first }} {{ $ca.Key | splitList "\n" | first }}"#,
        r#"{{ $ca := genCA "ca" 365 }}{{ $c := genSignedCert "h" nil (list "h") 3 $ca }}{{ $c.Cert | splitList "\n" | first }} {{ (buildCustomCert (b64enc $ca.Cert) (b64enc $ca.Key)).Cert | eq $ca.Cert }}"#,
        r#"{{ genSelfSignedCert "h" (list "not an address") nil 3 }}"#,
        r#"{{ genSelfSignedCert "h" (list "10.0.0.1") (list 5) 3 }}"#,
        r#"{{ genCAWithKey "c" 1 "not a key" }}"#,
        r"{{ randInt 5 5 }}",
        r"{{ randAlpha -1 }}",
        r#"{{ getHostByName "localhost" }}|"#,
    ];
    require_oracle!();
    let templates: Vec<String> = TEMPLATES.iter().map(|template| (*template).to_owned()).collect();
    compare("shapes of random values", &templates, VALUES);
}

/// The list of sprig's functions is sprig's own, and we have all of them and no more.
#[test]
fn list_of_functions_is_complete() {
    require_oracle!();
    let answer = Oracle::start().ask(&serde_json::json!({ "operation": "functions" }));
    let known: Vec<String> = answer["functions"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, types)| {
            let types = types.as_array().unwrap().iter().map(|kind| format!("\t{}", kind.as_str().unwrap()));
            format!("{name}{}", types.collect::<String>())
        })
        .collect();
    let mut listed: Vec<&str> = SPRIG.lines().collect();
    let mut known: Vec<&str> = known.iter().map(String::as_str).collect();
    listed.sort_unstable();
    known.sort_unstable();
    assert_eq!(listed, known, "tests/oracle/expressions/sprig.txt is not what sprig has");
}
