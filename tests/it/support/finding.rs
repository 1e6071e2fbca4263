//! What the program said went wrong, as a person reads it and as a script does.

use serde_json::Value;

use super::Run;

/// What stands before texts of fields.
const INDENT: &str = "            ";

/// A finding, taken apart.
#[derive(Debug, Clone, Default)]
pub struct Finding {
    pub code: String,
    pub title: String,
    /// Place in a file, or the object: `deployment.yaml:3:7`.
    pub place: String,
    pub cause: String,
    pub changed: String,
    pub notes: String,
    pub next: String,
}

impl Finding {
    /// All findings that a call drew on stderr, lines put together again.
    pub fn drawn(text: &str) -> Vec<Self> {
        let mut found: Vec<Self> = Vec::new();
        let mut field = String::new();
        for line in text.lines() {
            if let Some((code, title)) = heading(line) {
                found.push(Self { code: code.to_owned(), title: title.to_owned(), ..Self::default() });
                field.clear();
                continue;
            }
            let Some(finding) = found.last_mut() else { continue };
            if let Some((_, place)) = line.split_once("--> ") {
                place.clone_into(&mut finding.place);
            } else if let Some(rest) = line.strip_prefix(INDENT) {
                finding.add(if field.is_empty() { "title" } else { &field }, rest.trim_start());
            } else if let Some((name, rest)) = line.strip_prefix("  ").and_then(|line| line.split_at_checked(10)) {
                name.trim_end().clone_into(&mut field);
                finding.add(&field, rest);
            }
        }
        found
    }

    /// The same from a document.
    pub fn of_json(finding: &Value) -> Self {
        let text = |name: &str| finding[name].as_str().unwrap_or_default().to_owned();
        let list = |name: &str| {
            let lines: Vec<&str> = finding[name].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            lines.join(" ")
        };
        let place = finding["places"].as_array().and_then(|places| places.first()).map_or_else(
            || text("where"),
            |place| format!("{}:{}:{}", place["file"].as_str().unwrap_or_default(), place["line"], place["column"]),
        );
        Self {
            code: text("code"),
            title: text("title"),
            place,
            cause: text("cause"),
            changed: text("changed"),
            notes: list("notes"),
            next: list("next"),
        }
    }

    fn add(&mut self, field: &str, text: &str) {
        let value = match field {
            "title" => &mut self.title,
            "where" => &mut self.place,
            "cause" => &mut self.cause,
            "changed" => &mut self.changed,
            "note" => &mut self.notes,
            "next" => &mut self.next,
            _ => return,
        };
        if !value.is_empty() {
            value.push(' ');
        }
        value.push_str(text);
    }
}

/// `error[DEP-FILE-001]: title` taken apart.
fn heading(line: &str) -> Option<(&str, &str)> {
    let rest = line.strip_prefix("error[").or_else(|| line.strip_prefix("warning["))?;
    rest.split_once("]: ")
}

/// What a test expects of a finding: parts of the texts.
#[derive(Debug, Clone, Copy, Default)]
pub struct Expected<'a> {
    pub code: &'a str,
    pub place: &'a str,
    /// In the title or in the cause: a finding about a value is its own cause.
    pub cause: &'a str,
    pub next: &'a str,
}

impl Expected<'_> {
    #[track_caller]
    pub fn check(&self, found: &Finding, all: &str) {
        assert_eq!(found.code, self.code, "another code\n{all}");
        assert!(found.place.contains(self.place), "place: {} is not in {found:#?}\n{all}", self.place);
        let cause = format!("{} {}", found.title, found.cause);
        assert!(cause.contains(self.cause), "cause: {} is not in {found:#?}\n{all}", self.cause);
        assert!(
            found.next.contains(self.next) && !found.next.is_empty(),
            "next: {} is not in {found:#?}\n{all}",
            self.next
        );
    }
}

impl Run {
    /// The first finding on stderr.
    #[track_caller]
    pub fn finding(&self) -> Finding {
        Finding::drawn(&self.stderr).into_iter().next().unwrap_or_else(|| panic!("no finding\n{}", self.transcript()))
    }

    /// The failure in the document on stdout.
    #[track_caller]
    pub fn failure(&self) -> Finding {
        Finding::of_json(&self.json()["failure"])
    }

    /// The first finding on stderr is this one.
    #[track_caller]
    pub fn tells(self, expected: &Expected<'_>) -> Self {
        expected.check(&self.finding(), &self.transcript());
        self
    }

    /// The failure in the document on stdout is this one.
    #[track_caller]
    pub fn reports(self, expected: &Expected<'_>) -> Self {
        expected.check(&self.failure(), &self.transcript());
        self
    }

    /// All that was printed fits a terminal of so many columns, except words that are wider.
    #[track_caller]
    pub fn fits(self, columns: usize) -> Self {
        for line in self.stdout.lines().chain(self.stderr.lines()) {
            let words = line.trim_start();
            let breakable = words.contains(' ') && !words.starts_with('`') && !line.contains(" | ");
            assert!(!breakable || line.chars().count() <= columns, "too wide: {line}\n{}", self.transcript());
        }
        assert!(!self.stdout.contains('\u{1b}') && !self.stderr.contains('\u{1b}'), "colours\n{}", self.transcript());
        self
    }
}

#[test]
fn a_drawn_finding_is_put_together_again() {
    let text = "talk\nerror[DEP-FILE-005]: a title\n                     in two lines\n --> f.yaml:3:1\n  |\n3 | servr:\n  \
                | ^ hm\n  cause     a cause\n            of two lines\n  next      do this\n            or that\n  more      x\n";
    let found = &Finding::drawn(text)[0];
    assert_eq!(found.title, "a title in two lines");
    assert_eq!((found.code.as_str(), found.place.as_str()), ("DEP-FILE-005", "f.yaml:3:1"));
    assert_eq!((found.cause.as_str(), found.next.as_str()), ("a cause of two lines", "do this or that"));
}
