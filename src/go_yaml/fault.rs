//! Why a text is not YAML, with go-yaml's own idea of the line.

use super::token::Mark;

/// Which part of go-yaml complains; it decides which line the message names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Reader,
    Scanner,
    Parser,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub stage: Stage,
    pub problem: &'static str,
    pub mark: Mark,
    pub context: Mark,
}

/// Boxed, since success is what happens in the inner loops.
pub(super) type Scan<T = ()> = Result<T, Box<Fault>>;

impl Fault {
    /// The line that go-yaml prints, 0 for none. It counts from 1 where the scanner complains and from 0 where the
    /// parser does, and takes the line of the context for problems on the very first line.
    pub(super) fn printed_line(&self) -> usize {
        match (self.mark.line, self.stage) {
            (0, _) => self.context.line,
            (line, Stage::Scanner) => line + 1,
            (line, _) => line,
        }
    }
}
