//! Messages about a user's file must not print a secret that was written into it, wherever the mistake stands: on the
//! same line, in the key of the secret itself, or in the YAML around it.

use std::borrow::Cow;
use std::sync::Arc;

use crate::diagnostics::{Diagnostic, Findings, Origin, SourceText, suggest};
use crate::yaml::Node;

/// Keys of the file behind which a secret may stand.
const SECRET_KEYS: &[&str] = &["password", "adminPassword", "jwtSecretKey", "encryptionKey", "enrollmentKey"];
/// A map whose keys are the user's own and whose values are secrets.
const SECRET_MAP: &str = "secretEnvironment";
/// Ways to name a secret without writing it down.
const SOURCES: &[&str] = &["fromEnv", "fromFile", "fromCommand", "prompt", "generate"];

/// Whether a path names a secret whose value could have been written in its place.
pub fn is_secret_key(path: &str) -> bool {
    let mut parts = path.split('.');
    let below_source = parts.clone().any(|part| SOURCES.contains(&part));
    // Variables that are no secrets may be called as they like.
    let variable = path.starts_with("server.environment.");
    !variable && !below_source && parts.any(|part| SECRET_KEYS.contains(&part) || part == SECRET_MAP)
}

/// The findings without lines and words that hold a secret, as far as the tree tells.
pub(super) fn hide_secrets(mut findings: Findings, tree: &Node) -> Findings {
    let leaves = tree.leaves();
    let secrets: Vec<&Node> = leaves
        .iter()
        .filter(|(path, leaf)| is_secret_key(path) && leaf.as_map().is_none())
        .map(|(_, leaf)| *leaf)
        .collect();
    let lines: Vec<(&str, usize)> = secrets.iter().filter_map(|leaf| line_of(&leaf.origin)).collect();
    for finding in &mut findings.0 {
        let on_a_line = |source: &SourceText, line: usize| lines.contains(&(source.name.as_str(), line));
        *finding = without_lines(std::mem::replace(finding, Diagnostic::error(finding.code, "")), &on_a_line);
        for text in secrets.iter().filter_map(|secret| secret.as_text()) {
            finding.title = finding.title.replace(&format!("{text:?}"), "(not shown)");
        }
    }
    findings
}

/// A finding about a text that could not be read: the line is not shown if it looks as if it held a secret.
pub fn hide_secret_lines(finding: Diagnostic) -> Diagnostic {
    without_lines(finding, &|_, _| false)
}

fn line_of(origin: &Origin) -> Option<(&str, usize)> {
    match origin {
        Origin::Text { source, span } => Some((source.name.as_str(), source.line_column(span.start).0)),
        _ => None,
    }
}

fn without_lines(mut finding: Diagnostic, known: &dyn Fn(&SourceText, usize) -> bool) -> Diagnostic {
    let holds = |source: &Arc<SourceText>, line: usize| known(source, line) || looks_secret(&source.text, line);
    let hidden = finding.labels.iter().find(|label| holds(&label.source, label.source.line_column(label.span.start).0));
    if let Some(label) = hidden {
        let (line, column) = label.source.line_column(label.span.start);
        finding.place =
            Some(format!("{}:{line}:{column} (the line is not shown, since it may hold a secret)", label.source.name));
        let text = label.source.text.lines().nth(line - 1).unwrap_or_default().to_owned();
        let mut notes: Vec<String> = std::mem::take(&mut finding.labels).into_iter().map(|label| label.text).collect();
        notes.retain(|note| !note.is_empty() && note != "set here" && Some(note) != finding.cause.as_ref());
        finding.notes.splice(0..0, notes);
        finding.notes.retain(|note| !quotes(note, &text));
        finding.cause = finding.cause.map(|cause| unquoted(cause, &text));
    }
    let mask = |text: &mut String| {
        if let Cow::Owned(masked) = mask_url_passwords(text) {
            *text = masked;
        }
    };
    mask(&mut finding.title);
    finding
        .cause
        .iter_mut()
        .chain(&mut finding.place)
        .chain(&mut finding.notes)
        .chain(&mut finding.next)
        .for_each(mask);
    finding.labels.iter_mut().for_each(|label| mask(&mut label.text));
    finding
}

/// Another program's words about a value, unless they repeat it.
pub(super) fn unquoted(cause: String, value: &str) -> String {
    if quotes(&cause, value) { "the value cannot be read".to_owned() } else { cause }
}

fn quotes(text: &str, value: &str) -> bool {
    value_words(value).any(|word| text.contains(word))
}

/// Words behind the first `:` of a line that are long enough to be recognised.
fn value_words(line: &str) -> impl Iterator<Item = &str> {
    let value = line.split_once(':').map_or(line, |(_, value)| value);
    value.split(|c: char| c.is_whitespace() || "{}[],'\"*&".contains(c)).filter(|word| word.len() > 3)
}

/// Whether a line of YAML, valid or not, seems to hold a secret value: behind a key that is one or almost one, below
/// a map of secrets, or as the password of a URL.
fn looks_secret(text: &str, line: usize) -> bool {
    let lines: Vec<&str> = text.lines().collect();
    // A place behind the end is drawn on the last line.
    let line = line.min(lines.len());
    let Some(own) = line.checked_sub(1).map(|index| lines[index]) else { return false };
    if url_password(own).is_some() || keys_with_values(own).any(|(key, value)| names_secret(key) && is_plain(value)) {
        return true;
    }
    let mut indent = indent_of(own);
    for earlier in lines[..line - 1].iter().rev().filter(|line| !line.trim().is_empty()) {
        if indent_of(earlier) < indent {
            indent = indent_of(earlier);
            let key = earlier.trim().split(':').next().unwrap_or_default();
            let below_source = SOURCES.iter().any(|source| own.contains(source));
            if (key == SECRET_MAP || names_secret(key)) && !below_source {
                return true;
            }
        }
    }
    false
}

fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// Every `key: value` of a line, the rest of the line being the value.
fn keys_with_values(line: &str) -> impl Iterator<Item = (&str, &str)> {
    line.match_indices([':', '=']).map(|(at, _)| {
        let before = line[..at].trim_end_matches(['"', '\'', ' ']);
        let start = before.rfind(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-')).map_or(0, |at| at + 1);
        (&before[start..], line[at + 1..].trim())
    })
}

fn names_secret(key: &str) -> bool {
    let folded = key.to_lowercase().replace(['_', '-'], "");
    let usual =
        ["password", "passwd", "passphrase", "secret", "token", "secretkey", "apikey", "accesskey", "privatekey"];
    usual.iter().any(|end| folded.ends_with(end)) || suggest::nearest(key, SECRET_KEYS.iter().copied()).is_some()
}

/// A value that is neither a source nor the beginning of something longer.
fn is_plain(value: &str) -> bool {
    let names_source = SOURCES.iter().any(|source| value.trim_start_matches(['{', ' ', '"', '\'']).starts_with(source));
    !names_source && !value.is_empty()
}

/// A password within a URL, as its place in the text.
fn url_password(text: &str) -> Option<std::ops::Range<usize>> {
    let after = text.find("://")? + 3;
    let rest = &text[after..];
    let end = rest.find(|c: char| c.is_whitespace() || "/\"'`,}".contains(c)).unwrap_or(rest.len());
    let at = rest[..end].rfind('@')?;
    let colon = rest[..at].find(':')?;
    (colon + 1 < at).then_some(after + colon + 1..after + at)
}

pub(super) fn has_url_password(text: &str) -> bool {
    url_password(text).is_some()
}

fn mask_url_passwords(text: &str) -> Cow<'_, str> {
    match url_password(text) {
        Some(place) => Cow::Owned(format!("{}…{}", &text[..place.start], &text[place.end..])),
        None => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::draw;
    use crate::yaml;

    fn drawn(text: &str) -> String {
        let finding = yaml::parse(&SourceText::new("f", text)).map(|_| ()).unwrap_err();
        anstream::adapter::strip_str(&draw::draw(&hide_secret_lines(finding), 80)).to_string()
    }

    #[test]
    fn broken_yaml_does_not_show_the_secret_in_it() {
        for text in [
            "server:\n  adminPassword: \"hunter2\n",
            "server:\n  adminPassword: [hunter2\n",
            "server:\n  adminPassword: *hunter2\n",
            "server:\n  adminPassword: a: hunter2\n",
            "server:\n  adminPasswrd: [hunter2\n",
            "server:\n  adminPassword: a\n  adminPassword: hunter2\n",
            "server:\n  adminPassword: hunter2\n\tport: 1\n",
            "server:\n  secretEnvironment:\n    ANY: [hunter2\n",
            "server:\n  secretEnvironment:\n    ANY: \"hunter2\n",
            "database: [mysql://u:hunter2@db/zenml\n",
        ] {
            let drawn = drawn(text);
            assert!(!drawn.contains("hunter2"), "{text}\n{drawn}");
        }
    }

    #[test]
    fn lines_without_a_secret_are_shown() {
        for text in [
            "server:\n  adminPassword: { fromEnv: ADMIN\nname: x\n",
            "server:\n  port: [1\n",
            "secretsStore: [vault\n",
            "server:\n  adminPassword:\n    fromEnv: [X\n",
        ] {
            let drawn = drawn(text);
            assert!(drawn.contains(" | "), "{text}\n{drawn}");
        }
    }

    #[test]
    fn passwords_of_urls_are_masked() {
        assert_eq!(mask_url_passwords("at mysql://u:p@h:3306/db"), "at mysql://u:…@h:3306/db");
        assert_eq!(mask_url_passwords("at mysql://u@h:3306/db"), "at mysql://u@h:3306/db");
        assert_eq!(mask_url_passwords("no url: at all@home"), "no url: at all@home");
    }

    #[test]
    fn secret_keys() {
        assert!(is_secret_key("server.adminPassword"));
        assert!(is_secret_key("server.secretEnvironment.X"));
        assert!(is_secret_key("database.mysql.password"));
        assert!(!is_secret_key("server.adminPassword.fromEnv"));
        assert!(!is_secret_key("server.environment.MY_PASSWORD"));
    }
}
