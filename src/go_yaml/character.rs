//! Characters as libyaml sorts them: all line breaks of YAML 1.1 count.

/// Length of the UTF-8 sequence that starts with this byte.
pub(super) const fn width(byte: u8) -> usize {
    match byte {
        0x00..=0x7F => 1,
        0xC0..=0xDF => 2,
        0xE0..=0xEF => 3,
        _ => 4,
    }
}

/// Length of the line break that the bytes start with, 0 if they start with none.
pub(super) fn break_width(bytes: &[u8]) -> usize {
    match bytes {
        [b'\r', b'\n', ..] | [0xC2, 0x85, ..] => 2,
        [b'\r' | b'\n', ..] => 1,
        [0xE2, 0x80, 0xA8 | 0xA9, ..] => 3,
        _ => 0,
    }
}

pub(super) fn is_break(bytes: &[u8]) -> bool {
    break_width(bytes) > 0
}

pub(super) const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// Blank, break or the end of the text.
pub(super) fn is_blank_or_end(bytes: &[u8]) -> bool {
    match bytes.first() {
        None | Some(b' ' | b'\t' | b'\r' | b'\n' | 0) => true,
        Some(0xC2 | 0xE2) => is_break(bytes),
        _ => false,
    }
}

/// Break or the end of the text.
pub(super) fn is_break_or_end(bytes: &[u8]) -> bool {
    match bytes.first() {
        None | Some(b'\r' | b'\n' | 0) => true,
        Some(0xC2 | 0xE2) => is_break(bytes),
        _ => false,
    }
}

/// What names of anchors, handles and directives are made of.
pub(super) const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}
