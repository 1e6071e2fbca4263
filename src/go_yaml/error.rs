//! Why YAML could not be read or written, in the words of the Go libraries.

use std::fmt;

use super::place::Place;
use crate::go_json::JsonError;

/// What reading a text into a value can fail with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The text is not YAML, or not such YAML as JSON can say.
    #[error("error converting YAML to JSON: {0}")]
    Conversion(YamlError),
    /// The document is of another type than asked for.
    #[error("error unmarshaling JSON: while decoding JSON: {0}")]
    Decoding(JsonError),
}

impl ReadError {
    /// Where the text is wrong. The line may differ from the one in the message: go-yaml's parser counts from 0.
    pub const fn place(&self) -> Option<Place> {
        match self {
            Self::Conversion(error) => error.place,
            Self::Decoding(_) => None,
        }
    }
}

/// What writing a value can fail with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// JSON, which the value becomes first, cannot hold it.
    #[error("error marshaling into JSON: {0}")]
    Json(JsonError),
    /// The JSON text is not YAML to go-yaml: control characters, very long keys, very deep nesting.
    #[error("{0}")]
    Yaml(YamlError),
    /// The encoder cannot write the value.
    #[error("yaml: {0}")]
    Unsupported(String),
}

/// An error of go-yaml.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct YamlError {
    pub(super) problem: Problem,
    pub(super) place: Option<Place>,
}

impl std::error::Error for YamlError {}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Problem {
    /// Of the scanner or parser, with the line that go-yaml prints, 0 for none.
    Syntax {
        line: usize,
        problem: &'static str,
    },
    Other(String),
    /// Keys set twice, one message each.
    Unmarshal(Vec<String>),
    /// A key that has no text in JSON.
    Key(String),
    Json(JsonError),
}

impl YamlError {
    pub(super) const fn new(problem: Problem, place: Option<Place>) -> Self {
        Self { problem, place }
    }

    pub(super) fn other(problem: impl Into<String>, place: Place) -> Self {
        Self::new(Problem::Other(problem.into()), Some(place))
    }

    /// Where the text is wrong.
    pub const fn place(&self) -> Option<Place> {
        self.place
    }
}

impl fmt::Display for YamlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.problem {
            Problem::Syntax { line: 0, problem } => write!(f, "yaml: {problem}"),
            Problem::Syntax { line, problem } => write!(f, "yaml: line {line}: {problem}"),
            Problem::Other(problem) => write!(f, "yaml: {problem}"),
            Problem::Unmarshal(problems) => write!(f, "yaml: unmarshal errors:\n  {}", problems.join("\n  ")),
            Problem::Key(problem) => f.write_str(problem),
            Problem::Json(error) => write!(f, "{error}"),
        }
    }
}
