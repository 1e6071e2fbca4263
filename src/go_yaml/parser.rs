//! Makes events of tokens, with libyaml's grammar of YAML 1.1.

use super::fault::{Fault, Scan, Stage};
use super::input::Input;
use super::scanner::Scanner;
use super::token::{Mark, Span, Token, TokenKind};

pub(super) struct Parser<'a> {
    pub scanner: Scanner<'a>,
    state: State,
    states: Vec<State>,
    marks: Vec<Mark>,
    /// Handles and what they stand for.
    tags: Vec<(Vec<u8>, Vec<u8>)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Event {
    pub kind: EventKind,
    pub mark: Mark,
    pub anchor: Option<Span>,
    /// Empty where none is written.
    pub tag: Vec<u8>,
    pub value: Span,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EventKind {
    StreamStart,
    StreamEnd,
    DocumentStart,
    DocumentEnd,
    /// The value is the anchor's name.
    Alias,
    Scalar {
        /// Whether the type is to be found out from the content.
        is_implicit: bool,
    },
    SequenceStart,
    SequenceEnd,
    MappingStart,
    MappingEnd,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    StreamStart,
    DocumentStart { is_implicit: bool },
    DocumentContent,
    DocumentEnd,
    BlockNode,
    BlockSequenceEntry { is_first: bool },
    IndentlessSequenceEntry,
    BlockMappingKey { is_first: bool },
    BlockMappingValue,
    FlowSequenceEntry { is_first: bool },
    FlowPairKey,
    FlowPairValue,
    FlowPairEnd,
    FlowMappingKey { is_first: bool },
    FlowMappingValue { is_empty: bool },
    End,
}

/// What may follow where a node is expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Block,
    BlockOrIndentless,
    Flow,
}

const DEFAULT_TAGS: [(&[u8], &[u8]); 2] = [(b"!", b"!"), (b"!!", b"tag:yaml.org,2002:")];

impl Event {
    fn new(kind: EventKind, mark: Mark) -> Self {
        Self { kind, mark, anchor: None, tag: Vec::new(), value: Span::EMPTY }
    }

    fn empty_scalar(mark: Mark) -> Self {
        Self::new(EventKind::Scalar { is_implicit: true }, mark)
    }
}

/// The place behind a token of one character.
const fn behind(token: &Token) -> Mark {
    let Mark { offset, index, line, column } = token.start;
    Mark { offset: offset + 1, index: index + 1, line, column: column + 1 }
}

impl<'a> Parser<'a> {
    pub(super) fn new(input: &'a Input<'_>) -> Self {
        Self {
            scanner: Scanner::new(input),
            state: State::StreamStart,
            states: Vec::new(),
            marks: Vec::new(),
            tags: Vec::new(),
        }
    }

    pub(super) fn next(&mut self) -> Scan<Event> {
        match self.state {
            State::StreamStart => self.stream_start(),
            State::DocumentStart { is_implicit } => self.document_start(is_implicit),
            State::DocumentContent => self.document_content(),
            State::DocumentEnd => self.document_end(),
            State::BlockNode => self.node(Place::Block),
            State::BlockSequenceEntry { is_first } => self.block_sequence_entry(is_first),
            State::IndentlessSequenceEntry => self.indentless_sequence_entry(),
            State::BlockMappingKey { is_first } => self.block_mapping_key(is_first),
            State::BlockMappingValue => self.block_mapping_value(),
            State::FlowSequenceEntry { is_first } => self.flow_sequence_entry(is_first),
            State::FlowPairKey => self.flow_pair_key(),
            State::FlowPairValue => self.flow_pair_value(),
            State::FlowPairEnd => self.flow_pair_end(),
            State::FlowMappingKey { is_first } => self.flow_mapping_key(is_first),
            State::FlowMappingValue { is_empty } => self.flow_mapping_value(is_empty),
            State::End => Ok(Event::new(EventKind::StreamEnd, Mark::default())),
        }
    }

    fn fault<T>(context: Option<Mark>, problem: &'static str, mark: Mark) -> Scan<T> {
        Err(Box::new(Fault { stage: Stage::Parser, problem, mark, context: context.unwrap_or_default() }))
    }

    fn peek(&mut self) -> Scan<Token> {
        self.scanner.peek()
    }

    fn skip(&mut self) -> Scan<Token> {
        self.scanner.skip();
        self.scanner.peek()
    }

    fn pop_state(&mut self) {
        self.state = self.states.pop().unwrap_or(State::End);
    }

    fn enter(&mut self, after: State, place: Place) -> Scan<Event> {
        self.states.push(after);
        self.node(place)
    }

    /// Takes the token that opened a collection and remembers where.
    fn open(&mut self, is_first: bool) -> Scan<Token> {
        if is_first {
            let token = self.peek()?;
            self.marks.push(token.start);
            self.scanner.skip();
        }
        self.peek()
    }

    /// Takes the token that ends a collection.
    fn close(&mut self, kind: EventKind, token: &Token) -> Event {
        self.pop_state();
        self.marks.pop();
        self.scanner.skip();
        Event::new(kind, token.start)
    }

    fn stream_start(&mut self) -> Scan<Event> {
        let token = self.peek()?;
        self.state = State::DocumentStart { is_implicit: true };
        self.scanner.skip();
        Ok(Event::new(EventKind::StreamStart, token.start))
    }

    fn document_start(&mut self, is_implicit: bool) -> Scan<Event> {
        let mut token = self.peek()?;
        if !is_implicit {
            while token.kind == TokenKind::DocumentEnd {
                token = self.skip()?;
            }
        }
        let is_explicit = matches!(
            token.kind,
            TokenKind::VersionDirective { .. } | TokenKind::TagDirective | TokenKind::DocumentStart
        );
        if token.kind == TokenKind::StreamEnd {
            self.state = State::End;
            self.scanner.skip();
            return Ok(Event::new(EventKind::StreamEnd, token.start));
        }
        self.directives()?;
        if is_implicit && !is_explicit {
            self.states.push(State::DocumentEnd);
            self.state = State::BlockNode;
            return Ok(Event::new(EventKind::DocumentStart, token.start));
        }
        let start = token.start;
        token = self.peek()?;
        if token.kind != TokenKind::DocumentStart {
            return Self::fault(None, "did not find expected <document start>", token.start);
        }
        self.states.push(State::DocumentEnd);
        self.state = State::DocumentContent;
        self.scanner.skip();
        Ok(Event::new(EventKind::DocumentStart, start))
    }

    fn directives(&mut self) -> Scan {
        let mut has_version = false;
        let mut token = self.peek()?;
        loop {
            match token.kind {
                TokenKind::VersionDirective { .. } if has_version => {
                    return Self::fault(None, "found duplicate %YAML directive", token.start);
                }
                TokenKind::VersionDirective { major: 1, minor: 1 } => has_version = true,
                TokenKind::VersionDirective { .. } => {
                    return Self::fault(None, "found incompatible YAML document", token.start);
                }
                TokenKind::TagDirective => {
                    let handle = self.scanner.bytes(token.value).to_vec();
                    if self.tags.iter().any(|(known, _)| *known == handle) {
                        return Self::fault(None, "found duplicate %TAG directive", token.start);
                    }
                    self.tags.push((handle, self.scanner.bytes(token.suffix).to_vec()));
                }
                _ => break,
            }
            token = self.skip()?;
        }
        for (handle, prefix) in DEFAULT_TAGS {
            if !self.tags.iter().any(|(known, _)| known == handle) {
                self.tags.push((handle.to_vec(), prefix.to_vec()));
            }
        }
        Ok(())
    }

    fn document_content(&mut self) -> Scan<Event> {
        let token = self.peek()?;
        match token.kind {
            TokenKind::VersionDirective { .. }
            | TokenKind::TagDirective
            | TokenKind::DocumentStart
            | TokenKind::DocumentEnd
            | TokenKind::StreamEnd => {
                self.pop_state();
                Ok(Event::empty_scalar(token.start))
            }
            _ => self.node(Place::Block),
        }
    }

    fn document_end(&mut self) -> Scan<Event> {
        let token = self.peek()?;
        if token.kind == TokenKind::DocumentEnd {
            self.scanner.skip();
        }
        self.tags.clear();
        self.state = State::DocumentStart { is_implicit: false };
        Ok(Event::new(EventKind::DocumentEnd, token.start))
    }

    fn node(&mut self, place: Place) -> Scan<Event> {
        let mut token = self.peek()?;
        if token.kind == TokenKind::Alias {
            self.pop_state();
            self.scanner.skip();
            return Ok(Event { value: token.value, ..Event::new(EventKind::Alias, token.start) });
        }
        let start = token.start;
        let mut anchor = None;
        let mut tag_token = None;
        loop {
            match token.kind {
                TokenKind::Anchor if anchor.is_none() => anchor = Some(token.value),
                TokenKind::Tag if tag_token.is_none() => tag_token = Some(token),
                _ => break,
            }
            token = self.skip()?;
        }
        let tag = match tag_token {
            Some(tag_token) => self.resolve_tag(&tag_token, start)?,
            None => Vec::new(),
        };
        let event = |kind, value| Event { kind, mark: start, anchor, tag: tag.clone(), value };
        let (state, kind) = match token.kind {
            TokenKind::Scalar { is_plain } => {
                self.pop_state();
                self.scanner.skip();
                let is_implicit = (tag.is_empty() && is_plain) || tag == b"!";
                return Ok(Event {
                    kind: EventKind::Scalar { is_implicit },
                    mark: start,
                    anchor,
                    tag,
                    value: token.value,
                });
            }
            TokenKind::BlockEntry if place == Place::BlockOrIndentless => {
                (State::IndentlessSequenceEntry, EventKind::SequenceStart)
            }
            TokenKind::FlowSequenceStart => (State::FlowSequenceEntry { is_first: true }, EventKind::SequenceStart),
            TokenKind::FlowMappingStart => (State::FlowMappingKey { is_first: true }, EventKind::MappingStart),
            TokenKind::BlockSequenceStart if place != Place::Flow => {
                (State::BlockSequenceEntry { is_first: true }, EventKind::SequenceStart)
            }
            TokenKind::BlockMappingStart if place != Place::Flow => {
                (State::BlockMappingKey { is_first: true }, EventKind::MappingStart)
            }
            _ if anchor.is_some() || !tag.is_empty() => {
                self.pop_state();
                return Ok(event(EventKind::Scalar { is_implicit: tag.is_empty() }, Span::EMPTY));
            }
            _ => return Self::fault(Some(start), "did not find expected node content", token.start),
        };
        self.state = state;
        Ok(event(kind, Span::EMPTY))
    }

    fn resolve_tag(&self, token: &Token, start: Mark) -> Scan<Vec<u8>> {
        let handle = self.scanner.bytes(token.value);
        let suffix = self.scanner.bytes(token.suffix);
        if handle.is_empty() {
            return Ok(suffix.to_vec());
        }
        match self.tags.iter().find(|(known, _)| known == handle) {
            Some((_, prefix)) if prefix.len() + suffix.len() > 0 => Ok([prefix, suffix].concat()),
            _ => Self::fault(Some(start), "found undefined tag handle", token.start),
        }
    }

    fn block_sequence_entry(&mut self, is_first: bool) -> Scan<Event> {
        let token = self.open(is_first)?;
        match token.kind {
            TokenKind::BlockEntry => {
                let next = self.skip()?;
                let after = State::BlockSequenceEntry { is_first: false };
                if matches!(next.kind, TokenKind::BlockEntry | TokenKind::BlockEnd) {
                    self.state = after;
                    return Ok(Event::empty_scalar(behind(&token)));
                }
                self.enter(after, Place::Block)
            }
            TokenKind::BlockEnd => Ok(self.close(EventKind::SequenceEnd, &token)),
            _ => Self::fault(self.marks.pop(), "did not find expected '-' indicator", token.start),
        }
    }

    fn indentless_sequence_entry(&mut self) -> Scan<Event> {
        let token = self.peek()?;
        if token.kind != TokenKind::BlockEntry {
            self.pop_state();
            return Ok(Event::new(EventKind::SequenceEnd, token.start));
        }
        let next = self.skip()?;
        if matches!(next.kind, TokenKind::BlockEntry | TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd) {
            self.state = State::IndentlessSequenceEntry;
            return Ok(Event::empty_scalar(behind(&token)));
        }
        self.enter(State::IndentlessSequenceEntry, Place::Block)
    }

    fn block_mapping_key(&mut self, is_first: bool) -> Scan<Event> {
        let token = self.open(is_first)?;
        match token.kind {
            TokenKind::Key => {
                let next = self.skip()?;
                if matches!(next.kind, TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd) {
                    self.state = State::BlockMappingValue;
                    return Ok(Event::empty_scalar(token.start));
                }
                self.enter(State::BlockMappingValue, Place::BlockOrIndentless)
            }
            TokenKind::BlockEnd => Ok(self.close(EventKind::MappingEnd, &token)),
            _ => Self::fault(self.marks.pop(), "did not find expected key", token.start),
        }
    }

    fn block_mapping_value(&mut self) -> Scan<Event> {
        let token = self.peek()?;
        let after = State::BlockMappingKey { is_first: false };
        if token.kind != TokenKind::Value {
            self.state = after;
            return Ok(Event::empty_scalar(token.start));
        }
        let next = self.skip()?;
        if matches!(next.kind, TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd) {
            self.state = after;
            return Ok(Event::empty_scalar(behind(&token)));
        }
        self.enter(after, Place::BlockOrIndentless)
    }

    fn flow_sequence_entry(&mut self, is_first: bool) -> Scan<Event> {
        let mut token = self.open(is_first)?;
        if token.kind != TokenKind::FlowSequenceEnd {
            if !is_first {
                if token.kind != TokenKind::FlowEntry {
                    return Self::fault(self.marks.pop(), "did not find expected ',' or ']'", token.start);
                }
                token = self.skip()?;
            }
            if token.kind == TokenKind::Key {
                self.state = State::FlowPairKey;
                self.scanner.skip();
                return Ok(Event::new(EventKind::MappingStart, token.start));
            }
            if token.kind != TokenKind::FlowSequenceEnd {
                return self.enter(State::FlowSequenceEntry { is_first: false }, Place::Flow);
            }
        }
        Ok(self.close(EventKind::SequenceEnd, &token))
    }

    /// The key of a pair in a sequence: `[a: b]`.
    fn flow_pair_key(&mut self) -> Scan<Event> {
        let token = self.peek()?;
        if matches!(token.kind, TokenKind::Value | TokenKind::FlowEntry | TokenKind::FlowSequenceEnd) {
            // libyaml takes the token here, too; what follows is then read as if it had not been there.
            self.scanner.skip();
            self.state = State::FlowPairValue;
            return Ok(Event::empty_scalar(token.start));
        }
        self.enter(State::FlowPairValue, Place::Flow)
    }

    fn flow_pair_value(&mut self) -> Scan<Event> {
        let mut token = self.peek()?;
        if token.kind == TokenKind::Value {
            token = self.skip()?;
            if !matches!(token.kind, TokenKind::FlowEntry | TokenKind::FlowSequenceEnd) {
                return self.enter(State::FlowPairEnd, Place::Flow);
            }
        }
        self.state = State::FlowPairEnd;
        Ok(Event::empty_scalar(token.start))
    }

    fn flow_pair_end(&mut self) -> Scan<Event> {
        let token = self.peek()?;
        self.state = State::FlowSequenceEntry { is_first: false };
        Ok(Event::new(EventKind::MappingEnd, token.start))
    }

    fn flow_mapping_key(&mut self, is_first: bool) -> Scan<Event> {
        let mut token = self.open(is_first)?;
        if token.kind != TokenKind::FlowMappingEnd {
            if !is_first {
                if token.kind != TokenKind::FlowEntry {
                    return Self::fault(self.marks.pop(), "did not find expected ',' or '}'", token.start);
                }
                token = self.skip()?;
            }
            if token.kind == TokenKind::Key {
                token = self.skip()?;
                let after = State::FlowMappingValue { is_empty: false };
                if matches!(token.kind, TokenKind::Value | TokenKind::FlowEntry | TokenKind::FlowMappingEnd) {
                    self.state = after;
                    return Ok(Event::empty_scalar(token.start));
                }
                return self.enter(after, Place::Flow);
            }
            if token.kind != TokenKind::FlowMappingEnd {
                return self.enter(State::FlowMappingValue { is_empty: true }, Place::Flow);
            }
        }
        Ok(self.close(EventKind::MappingEnd, &token))
    }

    fn flow_mapping_value(&mut self, is_empty: bool) -> Scan<Event> {
        let mut token = self.peek()?;
        let after = State::FlowMappingKey { is_first: false };
        if !is_empty && token.kind == TokenKind::Value {
            token = self.skip()?;
            if !matches!(token.kind, TokenKind::FlowEntry | TokenKind::FlowMappingEnd) {
                return self.enter(after, Place::Flow);
            }
        }
        self.state = after;
        Ok(Event::empty_scalar(token.start))
    }
}
