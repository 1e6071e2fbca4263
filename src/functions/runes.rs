//! Characters as Go's `unicode` and `utf8` packages see them: bytes that are not UTF-8 count as U+FFFD one by one,
//! and upper, lower and title case map one character to one.

use std::sync::LazyLock;

use regex_syntax::hir::{Class, ClassUnicode, Hir, HirKind};

/// What Go reads where bytes are not UTF-8.
pub(super) const REPLACEMENT: char = char::REPLACEMENT_CHARACTER;

/// The first character and its width in bytes. Empty text gives U+FFFD of width 0.
pub(super) fn decode(text: &[u8]) -> (char, usize) {
    match text.first() {
        None => (REPLACEMENT, 0),
        Some(byte) if byte.is_ascii() => (char::from(*byte), 1),
        Some(_) => {
            let head = &text[..text.len().min(4)];
            let valid = match std::str::from_utf8(head) {
                Ok(valid) => valid,
                Err(error) => std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default(),
            };
            valid.chars().next().map_or((REPLACEMENT, 1), |rune| (rune, rune.len_utf8()))
        }
    }
}

/// All characters, as `[]rune(text)`.
pub(super) fn runes(text: &[u8]) -> impl Iterator<Item = char> {
    text.utf8_chunks().flat_map(|chunk| chunk.valid().chars().chain(chunk.invalid().iter().map(|_| REPLACEMENT)))
}

pub(super) fn push(target: &mut Vec<u8>, rune: char) {
    target.extend_from_slice(rune.encode_utf8(&mut [0; 4]).as_bytes());
}

/// `unicode.IsSpace`, which is Unicode's White_Space.
pub(super) fn is_space(rune: char) -> bool {
    rune.is_whitespace()
}

/// `strings.TrimSpace`.
pub(super) fn trim_space(text: &[u8]) -> &[u8] {
    let mut rest = text;
    while let (rune, width @ 1..) = decode(rest) {
        if !is_space(rune) {
            break;
        }
        rest = &rest[width..];
    }
    while let (rune, width @ 1..) = decode_last(rest) {
        if !is_space(rune) {
            break;
        }
        rest = &rest[..rest.len() - width];
    }
    rest
}

/// The last character and its width in bytes.
pub(super) fn decode_last(text: &[u8]) -> (char, usize) {
    if text.is_empty() {
        return (REPLACEMENT, 0);
    }
    for start in (text.len().saturating_sub(4)..text.len()).rev() {
        let (rune, width) = decode(&text[start..]);
        if start + width == text.len() && (width > 1 || text[start].is_ascii()) {
            return (rune, width);
        }
    }
    (REPLACEMENT, 1)
}

/// Sorted, disjoint ranges of characters.
struct Category(Vec<(char, char)>);

impl Category {
    fn named(pattern: &str) -> Self {
        Self(unicode_class(pattern).iter().map(|range| (range.start(), range.end())).collect())
    }

    fn holds(&self, rune: char) -> bool {
        let index = self.0.partition_point(|(_, end)| *end < rune);
        self.0.get(index).is_some_and(|(start, _)| *start <= rune)
    }
}

/// The characters of a class in the syntax of regular expressions, as far as Go's Unicode knows them.
pub(super) fn unicode_class(pattern: &str) -> ClassUnicode {
    let mut class = class_of(pattern);
    class.intersect(&assigned());
    class
}

/// All characters of Unicode 15.0, which Go 1.26 has.
pub(super) fn assigned() -> ClassUnicode {
    class_of(r"\p{Age=15.0}")
}

fn class_of(pattern: &str) -> ClassUnicode {
    match regex_syntax::parse(pattern).map(Hir::into_kind) {
        Ok(HirKind::Class(Class::Unicode(class))) => class,
        _ => ClassUnicode::empty(),
    }
}

macro_rules! categories {
    ($($(#[$documentation:meta])* $name:ident: $ascii:expr, $pattern:literal;)*) => {$(
        $(#[$documentation])*
        pub(super) fn $name(rune: char) -> bool {
            static CATEGORY: LazyLock<Category> = LazyLock::new(|| Category::named($pattern));
            if rune.is_ascii() { $ascii(&rune) } else { CATEGORY.holds(rune) }
        }
    )*};
}

categories! {
    /// Category Lu, as `unicode.IsUpper`; Rust's `is_uppercase` takes more.
    is_upper: char::is_ascii_uppercase, r"\p{Lu}";
    is_lower: char::is_ascii_lowercase, r"\p{Ll}";
    is_title: |_: &char| false, r"\p{Lt}";
    is_digit: char::is_ascii_digit, r"\p{Nd}";
    is_letter: char::is_ascii_alphabetic, r"\p{L}";
    is_number: char::is_ascii_digit, r"\p{N}";
    is_punctuation: |rune: &char| rune.is_ascii_punctuation() && !"$+<=>^`|~".contains(*rune), r"\p{P}";
}

/// `unicode.ToUpper`.
pub(super) fn to_upper(rune: char) -> char {
    match rune {
        'a'..='z' => rune.to_ascii_uppercase(),
        // Rust has only the mapping to two characters for these.
        '\u{1f80}'..='\u{1f87}' | '\u{1f90}'..='\u{1f97}' | '\u{1fa0}'..='\u{1fa7}' => shifted(rune, 8),
        '\u{1fb3}' | '\u{1fc3}' | '\u{1ff3}' => shifted(rune, 9),
        '\0'..='\x7f' | '\u{19b}' | '\u{264}' => rune,
        _ if is_cased_since_unicode_16(rune) => rune,
        _ => single(rune.to_uppercase()).unwrap_or(rune),
    }
}

/// `unicode.ToLower`.
pub(super) fn to_lower(rune: char) -> char {
    match rune {
        'A'..='Z' => rune.to_ascii_lowercase(),
        '\0'..='\x7f' => rune,
        '\u{130}' => 'i',
        _ if is_cased_since_unicode_16(rune) => rune,
        _ => single(rune.to_lowercase()).unwrap_or(rune),
    }
}

/// `unicode.ToTitle`.
pub(super) fn to_title(rune: char) -> char {
    match rune {
        '\u{1c4}'..='\u{1c6}' => '\u{1c5}',
        '\u{1c7}'..='\u{1c9}' => '\u{1c8}',
        '\u{1ca}'..='\u{1cc}' => '\u{1cb}',
        '\u{1f1}'..='\u{1f3}' => '\u{1f2}',
        '\u{10d0}'..='\u{10ff}' => rune,
        _ => to_upper(rune),
    }
}

/// Letters that have got another case after Unicode 15, which Go's tables are made from.
fn is_cased_since_unicode_16(rune: char) -> bool {
    matches!(rune, '\u{1c89}'..='\u{1c8a}' | '\u{a7cb}'..='\u{a7cf}' | '\u{a7d2}'..='\u{a7d5}' | '\u{a7da}'..='\u{a7dc}'
        | '\u{10d50}'..='\u{10d85}' | '\u{16ea0}'..='\u{16ed3}')
}

fn shifted(rune: char, by: u32) -> char {
    char::from_u32(u32::from(rune) + by).unwrap_or(rune)
}

/// The mapping of one character to one, if it is that.
fn single(mut mapped: impl Iterator<Item = char>) -> Option<char> {
    mapped.next().filter(|_| mapped.next().is_none())
}

/// `strings.Map`: bytes that are not UTF-8 become U+FFFD.
pub(super) fn map(text: &[u8], mut mapping: impl FnMut(char) -> char) -> Vec<u8> {
    let mut mapped = Vec::with_capacity(text.len());
    for rune in runes(text) {
        push(&mut mapped, mapping(rune));
    }
    mapped
}
