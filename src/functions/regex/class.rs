//! Classes of characters: `[a-z]`, `\d`, `[[:alpha:]]`.

use regex_syntax::hir::{ClassUnicode, ClassUnicodeRange};

/// A class from its ranges.
pub(super) fn class(ranges: &[(char, char)]) -> ClassUnicode {
    ClassUnicode::new(ranges.iter().map(|(start, end)| ClassUnicodeRange::new(*start, *end)))
}

/// With all other cases of its characters.
pub(super) fn folded(mut class: ClassUnicode) -> ClassUnicode {
    class.case_fold_simple();
    class
}

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
