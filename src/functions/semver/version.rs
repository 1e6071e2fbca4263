//! Versions as Masterminds' semver 3.5.0 reads them: loosely, with a `v` before and parts left out.

use std::cmp::Ordering;
use std::fmt;

use super::super::cast::{UnsignedError, parse_unsigned};
use super::super::printing;

/// The longest version that is read, in bytes.
const LONGEST: usize = 256;

/// A version.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Version {
    pub major: u64,
    pub minor: u64,
    pub patch: u64,
    pub prerelease: String,
    pub metadata: String,
    /// As it was written.
    pub original: String,
}

/// The parts of a version that are found in a text, all but the first perhaps empty.
#[derive(Debug, Default)]
pub(super) struct Parts<'a> {
    pub major: &'a [u8],
    /// With the point before it, as the next.
    pub minor: &'a [u8],
    pub patch: &'a [u8],
    /// Without the hyphen before it.
    pub prerelease: &'a [u8],
    pub metadata: &'a [u8],
    /// Up to here the text is this version.
    pub length: usize,
}

impl Version {
    /// Errors are Go's words.
    pub fn parse(text: &[u8]) -> Result<Self, String> {
        if text.len() > LONGEST {
            return Err(format!("version string is too long (max {LONGEST} bytes)"));
        }
        let parts = Parts::find(text, |byte| byte.is_ascii_digit()).filter(|parts| parts.length == text.len());
        let parts = parts.ok_or("invalid semantic version")?;
        let version = Self {
            major: segment(parts.major)?,
            minor: segment(parts.minor)?,
            patch: segment(parts.patch)?,
            prerelease: as_string(parts.prerelease),
            metadata: as_string(parts.metadata),
            original: as_string(text),
        };
        check_prerelease(&version.prerelease)?;
        Ok(version)
    }

    /// Metadata do not count.
    pub fn compare(&self, other: &Self) -> Ordering {
        let numbers = |version: &Self| (version.major, version.minor, version.patch);
        numbers(self).cmp(&numbers(other)).then_with(|| match (&*self.prerelease, &*other.prerelease) {
            ("", "") => Ordering::Equal,
            ("", _) => Ordering::Greater,
            (_, "") => Ordering::Less,
            (left, right) => compare_prereleases(left, right),
        })
    }

    /// With what follows from a change of other parts than itself.
    pub(super) fn with_original(mut self, before: &Self) -> Self {
        let prefix = if before.original.starts_with('v') { "v" } else { "" };
        self.original = format!("{prefix}{self}");
        self
    }
}

/// Without a `v` before it.
impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)?;
        if !self.prerelease.is_empty() {
            write!(f, "-{}", self.prerelease)?;
        }
        if !self.metadata.is_empty() {
            write!(f, "+{}", self.metadata)?;
        }
        Ok(())
    }
}

impl<'a> Parts<'a> {
    /// The longest version at the start of the text. A segment is made of the characters that `is_segment` accepts.
    pub(super) fn find(text: &'a [u8], is_segment: impl Fn(u8) -> bool) -> Option<Self> {
        let run = |start: usize| text[start..].iter().take_while(|byte| is_segment(**byte)).count();
        let mut parts = Self { length: usize::from(text.first() == Some(&b'v')), ..Self::default() };
        let major = run(parts.length);
        if major == 0 {
            return None;
        }
        parts.major = &text[parts.length..parts.length + major];
        parts.length += major;
        for part in [&mut parts.minor, &mut parts.patch] {
            if text.get(parts.length) == Some(&b'.')
                && let digits @ 1.. = run(parts.length + 1)
            {
                *part = &text[parts.length..=parts.length + digits];
                parts.length += digits + 1;
            }
        }
        for (mark, part) in [(b'-', &mut parts.prerelease), (b'+', &mut parts.metadata)] {
            if text.get(parts.length) == Some(&mark)
                && let length @ 1.. = identifiers(&text[parts.length + 1..])
            {
                *part = &text[parts.length + 1..=parts.length + length];
                parts.length += length + 1;
            }
        }
        Some(parts)
    }
}

/// How many bytes the identifiers with points between them take.
fn identifiers(text: &[u8]) -> usize {
    let run =
        |start: usize| text[start..].iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'-').count();
    let mut length = run(0);
    while length > 0
        && text.get(length) == Some(&b'.')
        && let next @ 1.. = run(length + 1)
    {
        length += next + 1;
    }
    length
}

/// Of a text that is known to be ASCII.
fn as_string(text: &[u8]) -> String {
    String::from_utf8_lossy(text).into_owned()
}

fn segment(part: &[u8]) -> Result<u64, String> {
    let digits = part.strip_prefix(b".").unwrap_or(part);
    if digits.is_empty() {
        return Ok(0);
    }
    parse_unsigned(digits, 10).map_err(|error| {
        let reason = if error == UnsignedError::Range { "value out of range" } else { "invalid syntax" };
        let quoted = String::from_utf8_lossy(&printing::quote(digits)).into_owned();
        format!("error parsing version segment: strconv.ParseUint: parsing {quoted}: {reason}")
    })
}

/// Numbers must not start with zero; an empty text is fine.
pub(super) fn check_prerelease(text: &str) -> Result<(), String> {
    if text.is_empty() {
        return Ok(());
    }
    for part in text.split('.') {
        if part.is_empty() {
            return Err("invalid prerelease string".to_owned());
        }
        if part.bytes().all(|byte| byte.is_ascii_digit()) {
            if part.len() > 1 && part.starts_with('0') {
                return Err("version segment starts with 0".to_owned());
            }
        } else if !is_identifier(part) {
            return Err("invalid prerelease string".to_owned());
        }
    }
    Ok(())
}

pub(super) fn check_metadata(text: &str) -> Result<(), String> {
    let is_fine = text.is_empty() || text.split('.').all(|part| !part.is_empty() && is_identifier(part));
    if is_fine { Ok(()) } else { Err("invalid metadata string".to_owned()) }
}

fn is_identifier(part: &str) -> bool {
    part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

pub(super) fn compare_prereleases(left: &str, right: &str) -> Ordering {
    let (mut lefts, mut rights) = (left.split('.'), right.split('.'));
    loop {
        let (left, right) = (lefts.next(), rights.next());
        if left.is_none() && right.is_none() {
            return Ordering::Equal;
        }
        let order = compare_identifiers(left.unwrap_or_default(), right.unwrap_or_default());
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// Nothing comes before something, numbers before words.
fn compare_identifiers(left: &str, right: &str) -> Ordering {
    if left.is_empty() || right.is_empty() {
        return left.len().min(1).cmp(&right.len().min(1));
    }
    match (parse_unsigned(left.as_bytes(), 10), parse_unsigned(right.as_bytes(), 10)) {
        // Numbers that are equal but written differently: Go says less.
        (Ok(first), Ok(second)) if left != right && first == second => Ordering::Less,
        (Ok(first), Ok(second)) => first.cmp(&second),
        (Ok(_), Err(_)) => Ordering::Less,
        (Err(_), Ok(_)) => Ordering::Greater,
        (Err(_), Err(_)) => left.cmp(right),
    }
}
