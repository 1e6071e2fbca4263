//! Inputs that nobody meant: whatever comes, reading, running and writing end soon, with an answer or an error.
//!
//! No oracle is asked. Inputs are mutations of what other tests hold, the same on every run for a seed
//! (`DEPLOY_TEST_SEED`); each target has some seconds (`DEPLOY_TEST_FUZZ_SECONDS`).

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use super::expressions::{Steps, VALUES};
use super::ours;
use super::question::Outcome;
use super::texts::literal;

/// What one input may take. Far above what any needs; a loaded machine is slow.
const PATIENCE: Duration = Duration::from_secs(20);

fn time() -> Duration {
    let seconds = std::env::var("DEPLOY_TEST_FUZZ_SECONDS").ok().and_then(|seconds| seconds.parse().ok());
    Duration::from_secs(seconds.unwrap_or(10))
}

fn seed() -> String {
    std::env::var("DEPLOY_TEST_SEED").unwrap_or_else(|_| "1".to_owned())
}

/// Pieces of the language that mutations put in.
const PIECES: &[&str] = &[
    "{{",
    "}}",
    "{{-",
    "-}}",
    "{{ end }}",
    "{{ else }}",
    "{{ range . }}",
    "{{ range 999999999 }}",
    "{{ with . }}",
    "{{ if . }}",
    "{{ define \"x\" }}",
    "{{ template \"x\" . }}",
    "{{ include \"x\" . }}",
    "{{ tpl . . }}",
    "(",
    ")",
    "|",
    "$x",
    ":=",
    "=",
    ".",
    "..",
    "\"",
    "`",
    "'",
    "\\",
    "0x",
    "1e999",
    "nil",
    "\u{0}",
    "\u{feff}",
    "ä",
    "\u{1f600}",
    "{{/*",
    "*/}}",
    " ",
    "\n",
    "\t",
    "- ",
    ": ",
    "? ",
    "&a ",
    "*a",
    "!!binary ",
    "<<: *a",
    "[",
    "]",
    "{",
    "}",
    "|2\n",
    ">-\n",
    "%YAML",
    "---\n",
    "...\n",
    "#",
    ",",
    "99999999999999999999",
    "repeat 99999999 \"x\"",
    "until 99999999",
    "list . . .",
    "printf \"%99999999d\" 1",
    "printf \"%[99]*d\"",
    "regexMatch \"(a*)*b\" \"aaaaaaaaaaaaaaaaaaaaaaaaa\"",
    "toYaml .",
    "fromYaml",
    "set . \"a\" .",
    "indent 999999999 \"x\"",
    "seq 1 99999999",
];

/// A few changes at places of chance.
fn mutated(corpus: &[Vec<u8>], steps: &mut Steps) -> Vec<u8> {
    let mut text = corpus[steps.below(corpus.len())].clone();
    for _ in 0..=steps.below(6) {
        let at = steps.below(text.len() + 1);
        match steps.below(6) {
            0 => text.truncate(at),
            1 => {
                let end = (at + steps.below(20)).min(text.len());
                text.drain(at..end);
            }
            2 => {
                let byte = u8::try_from(steps.below(256)).unwrap_or_default();
                text.insert(at, byte);
            }
            3 => {
                let other = &corpus[steps.below(corpus.len())];
                let from = steps.below(other.len() + 1);
                let end = (from + steps.below(60)).min(other.len());
                text.splice(at..at, other[from..end].iter().copied());
            }
            4 => {
                let end = (at + steps.below(30)).min(text.len());
                let part = text[at..end].to_vec();
                for _ in 0..=steps.below(200) {
                    text.splice(at..at, part.iter().copied());
                }
            }
            _ => {
                let piece = PIECES[steps.below(PIECES.len())];
                text.splice(at..at, piece.bytes());
            }
        }
        text.truncate(1 << 16);
    }
    text
}

/// Feeds a target until its time is over.
fn fuzz(name: &str, corpus: &[Vec<u8>], target: impl Fn(&[u8])) {
    let mut steps = Steps::new(&format!("{name} {}", seed()));
    let end = Instant::now() + time();
    let mut count = 0;
    while Instant::now() < end {
        let input = mutated(corpus, &mut steps);
        let began = Instant::now();
        let result = catch_unwind(AssertUnwindSafe(|| target(&input)));
        let shown = || format!("{:?}", String::from_utf8_lossy(&input));
        assert!(result.is_ok(), "{name} panicked on input {count} of seed {}: {}", seed(), shown());
        assert!(began.elapsed() < PATIENCE, "{name} took {:?} for {}", began.elapsed(), shown());
        count += 1;
    }
    println!("{name}: {count} inputs");
}

fn corpus(texts: &[&str], by: &str) -> Vec<Vec<u8>> {
    texts.iter().flat_map(|text| text.split(by)).map(|text| text.as_bytes().to_vec()).collect()
}

/// Memory of this process at its highest, in MiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0");
    line.split_whitespace().next().and_then(|size| size.parse::<u64>().ok()).unwrap_or_default() / 1024
}

#[test]
fn templates_of_chance_end() {
    let mut texts = corpus(&[include_str!("../../oracle/expressions/conformance.txt")], "\n");
    let folder = crate::support::repository().join("tests/charts/language/templates");
    texts.extend(std::fs::read_dir(folder).unwrap().flatten().map(|entry| std::fs::read(entry.path()).unwrap()));
    fuzz("templates", &texts, |input| {
        let outcome = ours::limited_expression(input, VALUES);
        assert!(!matches!(outcome, Outcome::Crash(_)), "{}", outcome.show());
    });
    assert!(peak() < 4096, "{} MiB of memory were used", peak());
}

#[test]
fn yaml_of_chance_ends() {
    let texts = corpus(&[include_str!("../../oracle/expressions/yaml.txt")], "\n====\n");
    fuzz("YAML", &texts, |input| {
        let text = literal(&String::from_utf8_lossy(input));
        let template = format!(
            "{{{{ $v := fromYaml {text} }}}}{{{{ toYaml $v }}}}{{{{ toYamlPretty $v }}}}{{{{ toJson $v }}}}{{{{ toYaml {text} }}}}"
        );
        let outcome = ours::limited_expression(template.as_bytes(), "");
        assert!(!matches!(outcome, Outcome::Crash(_)), "{}", outcome.show());
    });
}

/// What is written reads back as what it was; the last line break, which the functions take off, belongs to it.
#[test]
fn written_yaml_reads_back() {
    let texts = corpus(&[include_str!("../../oracle/expressions/yaml.txt")], "\n====\n");
    fuzz("YAML there and back", &texts, |input| {
        let text = literal(&String::from_utf8_lossy(input));
        let template = format!(
            "{{{{ $n := \"\\n\" }}}}{{{{ $v := fromYamlArray {text} }}}}{{{{ $j := toJson $v }}}}{{{{ $y := toYaml $v }}}}{{{{ $p := toYamlPretty $v }}}}\
             {{{{ if and (eq $j (print $y $n | fromYamlArray | toJson)) (eq $j (print $p $n | fromYamlArray | toJson)) }}}}same{{{{ else }}}}\
             {{{{ $j }}}} {{{{ $y }}}} {{{{ $p }}}}{{{{ end }}}}"
        );
        let outcome = ours::limited_expression(template.as_bytes(), "");
        assert!(outcome == Outcome::text("same"), "{}", outcome.show());
    });
}

#[test]
fn settings_and_values_files_of_chance_end() {
    let texts = corpus(
        &[
            "a.b=1,c[0].d={x,y}\na=\\,\n[1]=2\na[99999999]=1\na={b,{c}}\nx.y[1][2].z=null\nb={\"a\":[1]}",
            include_str!("../../oracle/values/expressions.yaml"),
        ],
        "\n",
    );
    fuzz("settings", &texts, |input| {
        let text = String::from_utf8_lossy(input).into_owned();
        for outcome in ours::settings(&text) {
            assert!(!matches!(outcome, Outcome::Crash(_)), "{}", outcome.show());
        }
    });
}
