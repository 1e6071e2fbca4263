//! What went wrong, as plain data: a stable code, a place, a first cause, what was changed and what to do next.
//!
//! Nothing here prints. [`draw`] turns a [`Diagnostic`] into text; reporters serialize it to JSON.

pub mod codes;
pub mod draw;
pub mod source;
pub mod suggest;

use std::sync::Arc;

use serde::Serialize;

pub use codes::Code;
pub use source::{Origin, SourceText, Span};

/// How bad it is. Only [`Severity::Error`] stops a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Note,
    Warning,
    Error,
}

/// A place in a text with what is to be said about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    pub source: Arc<SourceText>,
    pub span: Span,
    pub text: String,
    /// The first place to look at; others give context.
    pub primary: bool,
}

/// One finding, complete enough for a person at three in the morning and for a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    pub code: Code,
    pub severity: Severity,
    /// One line: the object and what is wrong with it.
    pub title: String,
    /// Where, when it is not in a file: an object, a process, a host.
    pub place: Option<String>,
    pub labels: Vec<Label>,
    /// First cause in the words of the system that refused.
    pub cause: Option<String>,
    /// Lines that show it: log lines, exit codes, paths where more is kept.
    pub evidence: Vec<String>,
    /// Whether anything was changed, and what is still safe.
    pub changed: Option<String>,
    /// Further context, one sentence each.
    pub notes: Vec<String>,
    /// What to do next, commands or edits, best first.
    pub next: Vec<String>,
}

impl Diagnostic {
    pub fn error(code: Code, title: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, title)
    }

    pub fn warning(code: Code, title: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, title)
    }

    pub fn new(code: Code, severity: Severity, title: impl Into<String>) -> Self {
        Self {
            code,
            severity,
            title: title.into(),
            place: None,
            labels: Vec::new(),
            cause: None,
            evidence: Vec::new(),
            changed: None,
            notes: Vec::new(),
            next: Vec::new(),
        }
    }

    /// The same finding under a more telling code.
    #[must_use]
    pub fn with_code(mut self, code: Code) -> Self {
        self.code = code;
        self
    }

    #[must_use]
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }

    #[must_use]
    pub fn cause(mut self, cause: impl Into<String>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    #[must_use]
    pub fn evidence(mut self, line: impl Into<String>) -> Self {
        self.evidence.push(line.into());
        self
    }

    /// Of a failed step: what was changed by the steps besides it, unless it says itself what it has changed.
    #[must_use]
    pub fn besides(mut self, steps: usize) -> Self {
        const NOTHING: &str = "nothing was changed";
        if self.changed.as_ref().is_none_or(|changed| changed == NOTHING) {
            self.changed = Some(match steps {
                0 => NOTHING.to_owned(),
                1 => "1 step is done and stays done".to_owned(),
                steps => format!("{steps} steps are done and stay done"),
            });
        }
        self
    }

    #[must_use]
    pub fn changed(mut self, what: impl Into<String>) -> Self {
        self.changed = Some(what.into());
        self
    }

    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    #[must_use]
    pub fn next(mut self, step: impl Into<String>) -> Self {
        self.next.push(step.into());
        self
    }

    /// Points at the place where a value was written, whatever layer wrote it.
    #[must_use]
    pub fn origin(mut self, origin: &Origin, text: impl Into<String>) -> Self {
        match origin {
            Origin::Text { source, span } => {
                let primary = self.labels.is_empty();
                self.labels.push(Label { source: Arc::clone(source), span: *span, text: text.into(), primary });
            }
            other => {
                let text = text.into();
                if self.place.is_none() {
                    self.place = Some(other.to_string());
                }
                if !text.is_empty() && !self.title.contains(&text) {
                    self.notes.push(text);
                }
            }
        }
        self
    }

    /// The machine-readable twin of the drawing: same code, same words.
    pub fn to_json(&self) -> serde_json::Value {
        let places: Vec<_> = self
            .labels
            .iter()
            .map(|label| {
                let (line, column) = label.source.line_column(label.span.start);
                serde_json::json!({ "file": label.source.name, "line": line, "column": column, "text": label.text })
            })
            .collect();
        serde_json::json!({
            "code": self.code.as_str(),
            "severity": self.severity,
            "title": self.title,
            "where": self.place,
            "places": places,
            "cause": self.cause,
            "evidence": self.evidence,
            "changed": self.changed,
            "notes": self.notes,
            "next": self.next,
        })
    }
}

/// One or more findings, the first cause first.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.first().map_or("no finding", |d| d.title.as_str()))]
pub struct Findings(pub Vec<Diagnostic>);

impl From<Diagnostic> for Findings {
    fn from(diagnostic: Diagnostic) -> Self {
        Self(vec![diagnostic])
    }
}
