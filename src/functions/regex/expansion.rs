//! Replacement texts in Go's syntax: `$1`, `${name}`, `$$`.

use super::super::runes::{decode, is_digit, is_letter};
use super::super::strings::add;
use crate::template::{CallError, Runtime};

/// A replacement text, taken apart.
pub(super) struct Template(Vec<Part>);

enum Part {
    Literal(Vec<u8>),
    Group(Reference),
}

/// Which group is meant.
pub(super) enum Reference {
    Index(usize),
    Name(Vec<u8>),
}

impl Template {
    pub(super) fn parse(text: &[u8]) -> Self {
        let mut parts = Vec::new();
        let mut literal = Vec::new();
        let mut rest = text;
        while let Some(dollar) = memchr::memchr(b'$', rest) {
            literal.extend_from_slice(&rest[..dollar]);
            rest = &rest[dollar + 1..];
            if rest.first() == Some(&b'$') {
                literal.push(b'$');
                rest = &rest[1..];
            } else if let Some((reference, length)) = reference(rest) {
                parts.push(Part::Literal(std::mem::take(&mut literal)));
                parts.push(Part::Group(reference));
                rest = &rest[length..];
            } else {
                // Not a reference: the dollar stands for itself.
                literal.push(b'$');
            }
        }
        literal.extend_from_slice(rest);
        parts.push(Part::Literal(literal));
        Self(parts)
    }

    /// The text, if it has no references.
    pub(super) fn as_literal(&self) -> Option<Vec<u8>> {
        match &self.0[..] {
            [Part::Literal(literal)] => Some(literal.clone()),
            _ => None,
        }
    }

    pub(super) fn expand<'a>(
        &self,
        runtime: &mut dyn Runtime,
        target: &mut Vec<u8>,
        group: impl Fn(&Reference) -> Option<&'a [u8]>,
    ) -> Result<(), CallError> {
        for part in &self.0 {
            match part {
                Part::Literal(literal) => add(runtime, target, literal)?,
                Part::Group(reference) => add(runtime, target, group(reference).unwrap_or_default())?,
            }
        }
        Ok(())
    }
}

/// What follows a dollar: the longest run of letters, digits and underscores, perhaps in braces. And its length.
fn reference(text: &[u8]) -> Option<(Reference, usize)> {
    let brace = usize::from(text.first() == Some(&b'{'));
    let mut end = brace;
    while let (rune, width @ 1..) = decode(&text[end..]) {
        if !(is_letter(rune) || is_digit(rune) || rune == '_') {
            break;
        }
        end += width;
    }
    let name = &text[brace..end];
    if name.is_empty() || (brace == 1 && text.get(end) != Some(&b'}')) {
        return None;
    }
    Some((index(name).map_or_else(|| Reference::Name(name.to_vec()), Reference::Index), end + brace))
}

/// A number without leading zeros and of at most nine digits.
fn index(name: &[u8]) -> Option<usize> {
    let is_number = name.iter().all(u8::is_ascii_digit) && !(name.len() > 1 && name[0] == b'0') && name.len() <= 9;
    if is_number { std::str::from_utf8(name).ok()?.parse().ok() } else { None }
}
