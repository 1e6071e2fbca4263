//! `--set path=value`: one value of the file, from the command line or the environment.

use std::sync::Arc;

use super::schema::takes_text;
use super::unshown::unquoted;
use crate::diagnostics::{Diagnostic, Origin, SourceText, codes};
use crate::yaml::{self, Node, Value};

/// A value for a path.
#[derive(Debug, Clone, PartialEq)]
pub struct Assignment {
    pub path: Vec<String>,
    pub value: Node,
}

/// Parses `a.b=value`. A dot in a key is written `\.`.
pub fn parse_assignment(text: &str, origin: &Origin) -> Result<Assignment, Diagnostic> {
    let (path, value) = split(text, origin)?;
    Assignment::new(path, value, origin)
}

impl Assignment {
    /// The value is read as YAML (`true`, `8237`, `[a, b]`, `{ fromEnv: X }`). Where nothing but a text can stand, a
    /// number or a truth value is taken as it was typed: shells take quotes away.
    pub fn new(path: Vec<String>, text: &str, origin: &Origin) -> Result<Self, Diagnostic> {
        let mut value = parse_value(text, origin)?;
        if matches!(value.value, Value::Integer(_) | Value::Float(_) | Value::Bool(_)) && takes_text(&path) {
            value.value = Value::Text(text.trim().to_owned());
        }
        Ok(Self { path, value })
    }
}

/// Splits at the first `=` and takes the path apart.
pub(super) fn split<'a>(text: &'a str, origin: &Origin) -> Result<(Vec<String>, &'a str), Diagnostic> {
    // Only the path is shown: the value may be a secret.
    let wrong = |shown: &str, what: &str| {
        Diagnostic::error(codes::USAGE, format!("`{shown}` is no assignment: {what}"))
            .at(origin.to_string().trim_end())
            .changed("nothing was changed")
            .next("write it as `--set server.port=8240`")
    };
    let (path, value) = text.split_once('=').ok_or_else(|| wrong(text, "there is no `=`"))?;
    let parts = split_path(path);
    if parts.iter().any(String::is_empty) {
        return Err(wrong(&format!("{path}=…"), "a part of the path is empty"));
    }
    Ok((parts, value))
}

fn split_path(path: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut escaped = false;
    for character in path.trim().chars() {
        match character {
            '\\' if !escaped => {
                escaped = true;
                continue;
            }
            '.' if !escaped => parts.push(String::new()),
            other => {
                if let Some(part) = parts.last_mut() {
                    part.push(other);
                }
            }
        }
        escaped = false;
    }
    parts
}

/// A YAML value in which everything comes from `origin`.
pub(super) fn parse_value(value: &str, origin: &Origin) -> Result<Node, Diagnostic> {
    if value.trim().is_empty() {
        return Ok(Node::new(Value::Text(String::new()), origin.clone()));
    }
    let source: Arc<SourceText> = SourceText::new(origin.to_string(), value);
    let parsed = yaml::parse(&source).map_err(|unreadable| {
        // The value may be a secret, so it is not shown.
        Diagnostic::error(codes::USAGE, format!("the value of {origin} is not valid YAML"))
            .at(origin.to_string())
            .cause(unquoted(unreadable.cause.unwrap_or(unreadable.title), value))
            .changed("nothing was changed")
            .next("put a text with special characters into quotes of its own: `--set 'path=\"a: b\"'`")
    })?;
    Ok(Node::from_json(&parsed.to_json(), origin))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Assignment {
        parse_assignment(text, &Origin::Flag("--set".into())).unwrap()
    }

    #[test]
    fn what_can_only_be_a_text_needs_no_quotes() {
        assert_eq!(parse("server.environment.WORKERS=010").value.as_text(), Some("010"));
        assert_eq!(parse("server.environment.DEBUG=true").value.as_text(), Some("true"));
        assert_eq!(parse("mlflow.version=3.10").value.as_text(), Some("3.10"));
        assert_eq!(parse("server.url=1").value.as_text(), Some("1"));
        assert_eq!(parse("database.mysql.username=7").value.as_text(), Some("7"));
        assert_eq!(parse("server.analytics=true").value.value, Value::Bool(true));
        assert_eq!(parse("chart.values.replicas=2").value.value, Value::Integer(2));
        assert_eq!(parse("nobody.knows=2").value.value, Value::Integer(2));
    }

    #[test]
    fn paths_and_typed_values() {
        assert_eq!(parse("server.port=8240").value.value, Value::Integer(8240));
        assert_eq!(parse("server.port=8240").path, ["server", "port"]);
        assert_eq!(parse("a=x=y").value.as_text(), Some("x=y"));
        assert_eq!(parse("version='0.98'").value.as_text(), Some("0.98"));
        assert_eq!(parse(r"server.environment.a\.b=1").path, ["server", "environment", "a.b"]);
        assert_eq!(parse("a.b={ fromEnv: X }").value.get("fromEnv").and_then(Node::as_text), Some("X"));
        assert_eq!(parse("a=").value.as_text(), Some(""));
        assert!(parse_assignment("nothing", &Origin::Default).is_err());
        assert!(parse_assignment("a..b=1", &Origin::Default).is_err());
    }
}
