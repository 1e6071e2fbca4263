//! What can go wrong with a template: in Go's words, with the place, and with what Go does not say.

use std::fmt;

use super::budget::Exhausted;
use super::function::CallError;
use super::quote::quote;
use super::stack;
use super::tree::{NodeId, Place, Tree};

/// A text that is no template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError {
    /// The name of the text.
    pub file: String,
    /// From one. Go names the line of the last token that it read.
    pub line: usize,
    /// Near the problem, in bytes of the text.
    pub offset: usize,
    /// In Go's words, without the place.
    pub message: String,
    /// Names that were perhaps meant.
    pub suggestions: Vec<String>,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "template: {}:{}: {}", self.file, self.line, self.message)
    }
}

impl std::error::Error for ParseError {}

/// A template that could not be run to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecutionError {
    /// Where. None if there is no template to run; then the message is all there is.
    pub site: Option<ErrorSite>,
    /// In Go's words, without the place. With a cause it ends where the cause's text goes on: `error calling include: `.
    pub message: String,
    /// Why a call failed.
    pub cause: Option<Box<CallError>>,
    /// Names that were perhaps meant.
    pub suggestions: Vec<String>,
    /// Set if a budget ran out, here or in a call.
    pub exhausted: Option<Exhausted>,
}

/// The node at which a template failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorSite {
    /// The template that ran.
    pub template: String,
    /// The text in which it was defined.
    pub file: String,
    pub place: Place,
    /// The node's own text, as byte offsets into that text.
    pub start: u32,
    pub end: u32,
    /// The node as Go prints it.
    pub node: String,
}

impl ErrorSite {
    pub(super) fn new(tree: &Tree, id: NodeId) -> Self {
        let node = tree.node(id);
        Self {
            template: tree.name.to_string(),
            file: tree.file.to_string(),
            place: tree.place(node.position),
            start: node.start,
            end: node.end,
            node: tree.print(id),
        }
    }
}

impl ExecutionError {
    /// An error without a place.
    pub fn unplaced(message: impl Into<String>) -> Self {
        Self { site: None, message: message.into(), cause: None, suggestions: Vec::new(), exhausted: None }
    }

    /// The texts of all wrapped errors as Go's `errors.Unwrap` gives them, the whole first.
    ///
    /// A text that repeats the one before it, as Go's wrappers do, is left out.
    pub fn levels(&self) -> Vec<String> {
        let mut levels = vec![self.to_string()];
        let mut cause = self.cause.as_deref();
        while let Some(error) = cause {
            levels.push(error.to_string());
            cause = error.cause();
        }
        levels
    }

    /// The innermost failed template run, which is where the trouble is.
    pub fn innermost(&self) -> &Self {
        let mut innermost = self;
        let mut cause = self.cause.as_deref();
        while let Some(error) = cause {
            if let CallError::Execution(inner) = error {
                innermost = inner;
            }
            cause = error.cause();
        }
        innermost
    }

    fn own_text(&self) -> String {
        match &self.site {
            None => self.message.clone(),
            Some(site) => format!(
                "template: {}:{}:{}: executing {} at <{}>: {}",
                site.file,
                site.place.line,
                site.place.column,
                quote(site.template.as_bytes()),
                site.node,
                self.message
            ),
        }
    }
}

impl fmt::Display for ExecutionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.own_text())?;
        match &self.cause {
            Some(cause) => cause.fmt(f),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ExecutionError {}

/// Chains grow with the depth of calls.
impl Drop for ExecutionError {
    fn drop(&mut self) {
        if let Some(cause) = self.cause.take() {
            stack::grow(|| drop(cause));
        }
    }
}

impl CallError {
    /// What this error wraps.
    pub fn cause(&self) -> Option<&Self> {
        match self {
            Self::Execution(error) => error.cause.as_deref(),
            Self::Wrapped { cause, .. } => Some(cause),
            Self::Message(_) | Self::Parsing(_) | Self::Budget(_) => None,
        }
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message(message) | Self::Budget(message) => f.write_str(message),
            Self::Execution(error) => stack::grow(|| error.fmt(f)),
            Self::Parsing(error) => error.fmt(f),
            Self::Wrapped { message, cause } => {
                f.write_str(message)?;
                cause.fmt(f)
            }
        }
    }
}

impl std::error::Error for CallError {}
