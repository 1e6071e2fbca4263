//! Texts that a user wrote, and places in them.

use std::fmt;
use std::sync::Arc;

/// Half-open byte range in a [`SourceText`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Span {
    pub start: usize,
    pub end: usize,
}

impl Span {
    pub fn new(start: usize, end: usize) -> Self {
        Self { start, end: end.max(start) }
    }
}

/// A named text: a file as it was read, or what stands for one.
#[derive(Debug, PartialEq, Eq)]
pub struct SourceText {
    /// As the user named it, so that an editor can open it.
    pub name: String,
    pub text: String,
}

impl SourceText {
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self { name: name.into(), text: text.into() })
    }

    /// Line and column of a byte offset, both counted from 1, columns in characters.
    pub fn line_column(&self, offset: usize) -> (usize, usize) {
        let mut end = offset.min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let before = &self.text[..end];
        let line = before.matches('\n').count() + 1;
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        (line, before[start..].chars().count() + 1)
    }

    /// Byte offset of a line and column counted from 1; past the end of the line gives its end.
    pub fn offset(&self, line: usize, column: usize) -> usize {
        let mut start = 0;
        for _ in 1..line {
            match self.text[start..].find('\n') {
                Some(newline) => start += newline + 1,
                None => return self.text.len(),
            }
        }
        let rest = self.text[start..].split('\n').next().unwrap_or_default();
        let within = rest.char_indices().nth(column.saturating_sub(1)).map_or(rest.len(), |(at, _)| at);
        start + within
    }
}

/// The layer that set a value. Later layers win; the winner is what `lint --show-origin` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A place in a file.
    Text { source: Arc<SourceText>, span: Span },
    /// A flag of the command line, as typed.
    Flag(String),
    /// An environment variable.
    Environment(String),
    /// What the scenario says.
    Scenario(String),
    /// What `deploy` assumes when nobody says otherwise.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text { source, span } => {
                let (line, column) = source.line_column(span.start);
                write!(f, "{}:{line}:{column}", source.name)
            }
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::Environment(name) => write!(f, "environment variable {name}"),
            Self::Scenario(name) => write!(f, "scenario {name}"),
            Self::Default => write!(f, "default"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_and_column_survive_wide_characters_and_ends() {
        let source = SourceText::new("f", "ä: 1\nbb: ü2\n");
        assert_eq!(source.line_column(0), (1, 1));
        assert_eq!(source.line_column(2), (1, 2));
        assert_eq!(source.line_column(source.offset(2, 5)), (2, 5));
        assert_eq!(source.line_column(999), (3, 1));
        assert_eq!(source.offset(2, 99), source.text.len() - 1);
    }
}
