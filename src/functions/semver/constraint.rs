//! Constraints on versions as Masterminds' semver 3.5.0 reads and checks them.

use std::cmp::Ordering;

use super::super::printing;
use super::version::{Parts, Version, compare_prereleases};

/// The longest constraint that is read, in bytes.
const LONGEST: usize = 512;

/// Most groups between `||`.
const MOST_GROUPS: usize = 32;

/// Groups of which one must hold.
#[derive(Debug)]
pub struct Constraints(Vec<Group>);

/// Comparisons that must all hold.
#[derive(Debug)]
struct Group {
    comparisons: Vec<Comparison>,
    /// Pre-releases are only looked at where a comparison names one.
    allows_prereleases: bool,
}

#[derive(Debug)]
struct Comparison {
    operator: Operator,
    version: Version,
    /// A wildcard, or left out. `is_dirty` is so for any part.
    is_dirty: bool,
    is_minor_dirty: bool,
    is_patch_dirty: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    /// None at all, too.
    Equal,
    NotEqual,
    Greater,
    Less,
    GreaterOrEqual,
    LessOrEqual,
    Tilde,
    Caret,
}

impl Constraints {
    /// Errors are Go's words.
    pub fn parse(text: &[u8]) -> Result<Self, String> {
        if text.len() > LONGEST {
            return Err(format!("constraint string is too long (max {LONGEST} bytes)"));
        }
        let text = with_ranges_rewritten(text);
        let groups = split_groups(&text);
        if groups.len() > MOST_GROUPS {
            return Err(format!("too many constraint groups (max {MOST_GROUPS})"));
        }
        groups.into_iter().map(Group::parse).collect::<Result<_, _>>().map(Self)
    }

    /// Whether a version satisfies them.
    pub fn allow(&self, version: &Version) -> bool {
        self.0.iter().any(|group| {
            (group.allows_prereleases || version.prerelease.is_empty())
                && group.comparisons.iter().all(|comparison| comparison.allows(version))
        })
    }
}

fn split_groups(text: &[u8]) -> Vec<&[u8]> {
    let mut groups = Vec::new();
    let mut start = 0;
    for index in memchr::memmem::find_iter(text, b"||") {
        groups.push(&text[start..index]);
        start = index + 2;
    }
    groups.push(&text[start..]);
    groups
}

impl Group {
    fn parse(text: &[u8]) -> Result<Self, String> {
        let improper = || format!("improper constraint: {}", String::from_utf8_lossy(&printing::quote(text)));
        let mut comparisons = Vec::new();
        let mut rest = text;
        loop {
            let (written, after) = Written::find(trim_start(rest)).ok_or_else(improper)?;
            comparisons.push(written);
            let trimmed = trim_start(after);
            if trimmed.is_empty() {
                break;
            }
            rest = match trimmed {
                [b',', rest @ ..] => rest,
                _ if trimmed.len() < after.len() => trimmed,
                _ => return Err(improper()),
            };
        }
        let comparisons = comparisons.into_iter().map(Written::read).collect::<Result<Vec<_>, _>>()?;
        let allows_prereleases = comparisons.iter().any(|comparison| !comparison.version.prerelease.is_empty());
        Ok(Self { comparisons, allows_prereleases })
    }
}

/// A comparison whose parts are found but not read.
struct Written<'a> {
    operator: Operator,
    parts: Parts<'a>,
    version: &'a [u8],
}

impl<'a> Written<'a> {
    fn find(text: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let length = text.iter().take_while(|byte| b"=!<>~^".contains(byte)).count();
        let (operator, rest) = text.split_at(length);
        let operator = match operator {
            b"" | b"=" => Operator::Equal,
            b"!=" => Operator::NotEqual,
            b">" => Operator::Greater,
            b"<" => Operator::Less,
            b">=" | b"=>" => Operator::GreaterOrEqual,
            b"<=" | b"=<" => Operator::LessOrEqual,
            b"~" | b"~>" => Operator::Tilde,
            b"^" => Operator::Caret,
            _ => return None,
        };
        let rest = trim_start(rest);
        let parts = Parts::find(rest, is_segment)?;
        let (version, rest) = rest.split_at(parts.length);
        Some((Self { operator, parts, version }, rest))
    }

    fn read(self) -> Result<Comparison, String> {
        let Parts { major, minor, patch, prerelease, .. } = self.parts;
        let is_any_major = is_wildcard(major);
        let is_minor_dirty = !is_any_major && (minor.is_empty() || is_wildcard(&minor[1..]));
        let is_patch_dirty = !is_any_major && !is_minor_dirty && (patch.is_empty() || is_wildcard(&patch[1..]));
        let mark: &[u8] = if prerelease.is_empty() { b"" } else { b"-" };
        let version = if is_any_major {
            [b"0.0.0", mark, prerelease].concat()
        } else if is_minor_dirty {
            [major, b".0.0", mark, prerelease].concat()
        } else if is_patch_dirty {
            [major, minor, b".0", mark, prerelease].concat()
        } else {
            self.version.to_vec()
        };
        let version = Version::parse(&version).map_err(|_| "constraint parser error")?;
        let is_dirty = is_any_major || is_minor_dirty || is_patch_dirty;
        Ok(Comparison { operator: self.operator, version, is_dirty, is_minor_dirty, is_patch_dirty })
    }
}

impl Comparison {
    fn allows(&self, version: &Version) -> bool {
        let order = version.compare(&self.version);
        match self.operator {
            Operator::Equal if self.is_dirty => self.allows_tilde(version),
            Operator::Equal => order == Ordering::Equal,
            Operator::NotEqual => self.allows_not_equal(version),
            Operator::Greater => self.allows_greater(version),
            Operator::Less => order == Ordering::Less,
            Operator::GreaterOrEqual => order != Ordering::Less,
            Operator::LessOrEqual => self.allows_less_or_equal(version),
            Operator::Tilde => self.allows_tilde(version),
            Operator::Caret => self.allows_caret(version),
        }
    }

    fn allows_not_equal(&self, version: &Version) -> bool {
        let own = &self.version;
        if self.is_dirty {
            if own.major != version.major || (own.minor != version.minor && !self.is_minor_dirty) {
                return true;
            }
            if self.is_minor_dirty {
                return false;
            }
            if own.patch != version.patch && !self.is_patch_dirty {
                return true;
            }
            if self.is_patch_dirty {
                return (!version.prerelease.is_empty() || !own.prerelease.is_empty())
                    && compare_prereleases(&version.prerelease, &own.prerelease) != Ordering::Equal;
            }
        }
        version.compare(own) != Ordering::Equal
    }

    /// `>11` starts at 12, `>11.1` at 11.2.
    fn allows_greater(&self, version: &Version) -> bool {
        if self.is_dirty {
            if version.major != self.version.major {
                return version.major > self.version.major;
            }
            if self.is_minor_dirty {
                return false;
            }
            if self.is_patch_dirty {
                return version.minor > self.version.minor;
            }
        }
        version.compare(&self.version) == Ordering::Greater
    }

    fn allows_less_or_equal(&self, version: &Version) -> bool {
        let own = &self.version;
        if !self.is_dirty {
            return version.compare(own) != Ordering::Greater;
        }
        version.major <= own.major && !(version.major == own.major && version.minor > own.minor && !self.is_minor_dirty)
    }

    /// `~0.0.0` and wildcards of everything accept whatever is not less.
    fn allows_tilde(&self, version: &Version) -> bool {
        let own = &self.version;
        if version.compare(own) == Ordering::Less {
            return false;
        }
        if (own.major, own.minor, own.patch) == (0, 0, 0) && !self.is_minor_dirty && !self.is_patch_dirty {
            return true;
        }
        version.major == own.major && (version.minor == own.minor || self.is_minor_dirty)
    }

    fn allows_caret(&self, version: &Version) -> bool {
        let own = &self.version;
        if version.compare(own) == Ordering::Less || version.major != own.major {
            return false;
        }
        if own.major > 0 || self.is_minor_dirty {
            return true;
        }
        if version.minor != own.minor {
            return false;
        }
        own.minor > 0 || self.is_patch_dirty || version.patch == own.patch
    }
}

/// Go's class has a bar in it by mistake.
fn is_segment(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, b'|' | b'x' | b'X' | b'*')
}

fn is_wildcard(segment: &[u8]) -> bool {
    matches!(segment, b"x" | b"X" | b"*")
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\x0c' | b'\r' | b' ')
}

fn trim_start(text: &[u8]) -> &[u8] {
    &text[text.iter().take_while(|byte| is_space(**byte)).count()..]
}

/// `1.2 - 2` as `>= 1.2, <= 2`. As in Go, each range replaces the first text that reads like it.
fn with_ranges_rewritten(text: &[u8]) -> Vec<u8> {
    let mut rewritten = text.to_vec();
    let mut start = 0;
    while start < text.len() {
        let Some((length, low, high)) = range_at(&text[start..]) else {
            start += 1;
            continue;
        };
        let range = &text[start..start + length];
        if let Some(place) = memchr::memmem::find(&rewritten, range) {
            let comparison = [b">= ", low, b", <= ", high, b" "].concat();
            rewritten.splice(place..place + length, comparison);
        }
        start += length;
    }
    rewritten
}

/// A range with the space around it: its length, and its two versions.
fn range_at(text: &[u8]) -> Option<(usize, &[u8], &[u8])> {
    let rest = trim_start(text);
    let (low, rest) = rest.split_at(Parts::find(rest, is_segment)?.length);
    let rest = after_space(rest)?.strip_prefix(b"-")?;
    let rest = after_space(rest)?;
    let (high, rest) = rest.split_at(Parts::find(rest, is_segment)?.length);
    Some((text.len() - trim_start(rest).len(), low, high))
}

/// What follows at least one space.
fn after_space(text: &[u8]) -> Option<&[u8]> {
    let rest = trim_start(text);
    (rest.len() < text.len()).then_some(rest)
}
