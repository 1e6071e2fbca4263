//! Why a regular expression does not compile, in Go's words.

use super::super::printing;

/// Why a regular expression does not compile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Problem {
    /// What is wrong, and the part of the expression that is.
    #[error("error parsing regexp: {reason}: `{part}`")]
    Syntax { reason: &'static str, part: String },
    /// Go would compile it, but it takes more memory than a template is given.
    #[error("{0}")]
    TooLarge(String),
}

impl Problem {
    pub(super) fn new(reason: &'static str, part: &[u8]) -> Self {
        Self::Syntax { reason, part: String::from_utf8_lossy(part).into_owned() }
    }

    /// As `regexp.MustCompile` says it.
    pub(super) fn as_panic(&self, pattern: &[u8]) -> String {
        let quoted = if printing::can_backquote(pattern) {
            format!("`{}`", String::from_utf8_lossy(pattern))
        } else {
            String::from_utf8_lossy(&printing::quote(pattern)).into_owned()
        };
        format!("regexp: Compile({quoted}): {self}")
    }
}
