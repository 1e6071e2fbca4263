//! Classes of characters: `[a-z]`, `\d`, `[[:alpha:]]`.

use regex_syntax::hir::{ClassUnicode, ClassUnicodeRange};

/// A class from its ranges.
pub(super) fn class(ranges: &[(char, char)]) -> ClassUnicode {
    ClassUnicode::new(ranges.iter().map(|(start, end)| ClassUnicodeRange::new(*start, *end)))
}

/// With all other cases of its characters.
pub(super) fn folded(class: ClassUnicode) -> ClassUnicode {
    let mut folded = class.clone();
    folded.case_fold_simple();
    if !class.is_ascii() {
        folded.difference(&self::class(FOLDED_SINCE_UNICODE_15_1));
        folded.union(&class);
    }
    folded
}

/// Characters that Unicode has given other cases after version 15.0, which Go's tables are made from.
const FOLDED_SINCE_UNICODE_15_1: &[(char, char)] = &[
    ('\u{19b}', '\u{19b}'),
    ('\u{264}', '\u{264}'),
    ('\u{390}', '\u{390}'),
    ('\u{3b0}', '\u{3b0}'),
    ('\u{1c89}', '\u{1c8a}'),
    ('\u{1fd3}', '\u{1fd3}'),
    ('\u{1fe3}', '\u{1fe3}'),
    ('\u{a7cb}', '\u{a7cf}'),
    ('\u{a7d2}', '\u{a7d5}'),
    ('\u{a7da}', '\u{a7dc}'),
    ('\u{fb05}', '\u{fb06}'),
    ('\u{10d50}', '\u{10d85}'),
    ('\u{16ea0}', '\u{16ed3}'),
];

pub(super) fn negated(mut class: ClassUnicode) -> ClassUnicode {
    class.negate();
    class
}

/// `\d`, `\s`, `\w` and their opposites: ASCII only, and no vertical tab among the spaces.
pub(super) fn perl_class(letter: u8) -> Option<(ClassUnicode, bool)> {
    let ranges: &[(char, char)] = match letter.to_ascii_lowercase() {
        b'd' => &[('0', '9')],
        b's' => &[('\t', '\n'), ('\x0c', '\r'), (' ', ' ')],
        b'w' => &[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')],
        _ => return None,
    };
    Some((class(ranges), letter.is_ascii_uppercase()))
}

/// By its name with colons and perhaps a caret, but without brackets: `:alpha:`, `:^alpha:`.
pub(super) fn posix_class(name: &[u8]) -> Option<(ClassUnicode, bool)> {
    let inner = name.strip_prefix(b":")?.strip_suffix(b":")?;
    let (inner, is_negated) = inner.strip_prefix(b"^").map_or((inner, false), |inner| (inner, true));
    let ranges: &[(char, char)] = match inner {
        b"alnum" => &[('0', '9'), ('A', 'Z'), ('a', 'z')],
        b"alpha" => &[('A', 'Z'), ('a', 'z')],
        b"ascii" => &[('\0', '\x7f')],
        b"blank" => &[('\t', '\t'), (' ', ' ')],
        b"cntrl" => &[('\0', '\x1f'), ('\x7f', '\x7f')],
        b"digit" => &[('0', '9')],
        b"graph" => &[('!', '~')],
        b"lower" => &[('a', 'z')],
        b"print" => &[(' ', '~')],
        b"punct" => &[('!', '/'), (':', '@'), ('[', '`'), ('{', '~')],
        b"space" => &[('\t', '\r'), (' ', ' ')],
        b"upper" => &[('A', 'Z')],
        b"word" => &[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')],
        b"xdigit" => &[('0', '9'), ('A', 'F'), ('a', 'f')],
        _ => return None,
    };
    Some((class(ranges), is_negated))
}
