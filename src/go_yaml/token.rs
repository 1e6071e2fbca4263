//! What the scanner makes of a text.

/// A place in the text. Lines and columns count from 0, columns and the index in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Mark {
    /// In bytes of the checked text.
    pub offset: usize,
    pub index: usize,
    pub line: usize,
    pub column: usize,
}

/// Bytes of the text itself, or of the scanner's own store where they had to be put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Span {
    pub start: usize,
    pub end: usize,
    pub is_stored: bool,
}

impl Span {
    pub(super) const EMPTY: Self = Self { start: 0, end: 0, is_stored: false };

    pub(super) const fn of_text(start: usize, end: usize) -> Self {
        Self { start, end, is_stored: false }
    }

    pub(super) const fn is_empty(self) -> bool {
        self.start == self.end
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenKind {
    StreamStart,
    StreamEnd,
    VersionDirective { major: u8, minor: u8 },
    TagDirective,
    DocumentStart,
    DocumentEnd,
    BlockSequenceStart,
    BlockMappingStart,
    BlockEnd,
    FlowSequenceStart,
    FlowSequenceEnd,
    FlowMappingStart,
    FlowMappingEnd,
    BlockEntry,
    FlowEntry,
    Key,
    Value,
    Alias,
    Anchor,
    Tag,
    Scalar { is_plain: bool },
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    pub kind: TokenKind,
    pub start: Mark,
    /// A scalar's content, the name of an anchor, a tag's handle.
    pub value: Span,
    /// What follows a tag's handle, or the prefix that a directive gives it.
    pub suffix: Span,
}

impl Token {
    pub(super) const fn new(kind: TokenKind, start: Mark) -> Self {
        Self { kind, start, value: Span::EMPTY, suffix: Span::EMPTY }
    }
}
