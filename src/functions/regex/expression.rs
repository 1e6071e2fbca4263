//! A compiled expression and the texts it is matched against.

use std::borrow::Cow;
use std::ops::Range;

use regex_automata::meta::Regex;
use regex_automata::util::captures::Captures;
use regex_automata::{Anchored, Input};

use super::super::runes::{REPLACEMENT, decode};
use super::expansion::Reference;
use super::parser::{Parsed, parse};
use super::problem::Problem;
use crate::template::{CallError, Runtime};

/// An automaton may take so many bytes. Go's limit is higher, but charts are not trusted.
const LARGEST: usize = 32 << 20;

/// Deeper nesting gets this much stack.
const SHALLOW: usize = 32;
const STACK: usize = 8 << 20;

/// A compiled expression.
#[derive(Debug)]
pub(super) struct Expression {
    regex: Regex,
    /// The names of the groups, the whole match being the first.
    names: Vec<Option<Vec<u8>>>,
}

/// A text to match. Bytes that are not UTF-8 match as U+FFFD, as in Go.
pub(super) struct Subject<'a> {
    original: &'a [u8],
    text: Cow<'a, [u8]>,
    /// For each place in the text, the place in the original, where the two differ.
    places: Option<Vec<usize>>,
}

impl<'a> Subject<'a> {
    pub(super) fn new(original: &'a [u8]) -> Self {
        if std::str::from_utf8(original).is_ok() {
            return Self { original, text: Cow::Borrowed(original), places: None };
        }
        let (mut text, mut places) = (Vec::new(), Vec::new());
        let mut place = 0;
        while let (rune, width @ 1..) = decode(&original[place..]) {
            let rune = if width == 1 && !rune.is_ascii() { REPLACEMENT } else { rune };
            text.extend_from_slice(rune.encode_utf8(&mut [0; 4]).as_bytes());
            places.resize(text.len(), place);
            place += width;
        }
        places.push(place);
        Self { original, text: Cow::Owned(text), places: Some(places) }
    }

    /// Of the text that is matched; places are counted in it.
    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    pub(super) fn width_at(&self, place: usize) -> usize {
        decode(&self.text[place..]).1
    }

    pub(super) fn original(&self, span: Range<usize>) -> &'a [u8] {
        match &self.places {
            None => &self.original[span],
            Some(places) => &self.original[places[span.start]..places[span.end]],
        }
    }
}

impl Expression {
    pub(super) fn compile(pattern: &[u8]) -> Result<Self, Problem> {
        let Parsed { hir, names, height } = parse(pattern)?;
        let config = Regex::config().nfa_size_limit(Some(LARGEST)).onepass_size_limit(Some(1 << 20));
        // The builder recurses as deep as the expression is nested.
        let build = || Regex::builder().configure(config).build_from_hir(&hir);
        let built = if height > SHALLOW { stacker::maybe_grow(STACK, 2 * STACK, build) } else { build() };
        let regex = built.map_err(|_| Problem::TooLarge("a regular expression takes too much memory".to_owned()))?;
        Ok(Self { regex, names })
    }

    pub(super) fn is_match(&self, subject: &Subject<'_>) -> bool {
        self.regex.is_match(Input::new(&*subject.text))
    }

    /// The leftmost match that starts at `start` or later.
    pub(super) fn find_at(&self, subject: &Subject<'_>, start: usize) -> Option<Range<usize>> {
        self.regex.find(input(subject, start)).map(|found| found.range())
    }

    pub(super) fn new_captures(&self) -> Captures {
        self.regex.create_captures()
    }

    pub(super) fn captures_at(&self, subject: &Subject<'_>, start: usize, captures: &mut Captures) {
        self.regex.captures(input(subject, start), captures);
    }

    /// What a group has matched.
    pub(super) fn group<'a>(
        &self,
        captures: &Captures,
        subject: &Subject<'a>,
        reference: &Reference,
    ) -> Option<&'a [u8]> {
        let matched = |index: usize| captures.get_group(index).map(|span| subject.original(span.range()));
        match reference {
            Reference::Index(index) => matched(*index),
            // The first that has matched, should several have the name.
            Reference::Name(name) => {
                (0..self.names.len()).filter(|index| self.names[*index].as_ref() == Some(name)).find_map(matched)
            }
        }
    }

    /// Matches that do not overlap, at most `limit` unless that is negative. An empty one right after another does not
    /// count.
    pub(super) fn find_all(
        &self,
        runtime: &mut dyn Runtime,
        subject: &Subject<'_>,
        limit: i64,
    ) -> Result<Vec<Range<usize>>, CallError> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut all = Vec::new();
        let (mut start, mut last_end) = (0, None);
        while all.len() < limit && start <= subject.len() {
            runtime.spend(1 + (subject.len() - start) as u64 / 65536)?;
            let Some(found) = self.find_at(subject, start) else { break };
            let is_repeated = found.end == start && last_end == Some(found.start);
            start = if found.end == start { start + subject.width_at(start).max(1) } else { found.end };
            last_end = Some(found.end);
            if !is_repeated {
                all.push(found);
            }
        }
        Ok(all)
    }
}

fn input<'h>(subject: &'h Subject<'_>, start: usize) -> Input<'h> {
    Input::new(&*subject.text).range(start..).anchored(Anchored::No)
}
