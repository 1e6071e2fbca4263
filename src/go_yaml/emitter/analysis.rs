//! What a text consists of, and which styles can therefore hold it.

use super::{Version, is_blank, is_blank_or_end, is_break, width};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Analysis {
    pub is_multiline: bool,
    pub allows_plain: bool,
    pub allows_single_quotes: bool,
    pub allows_block: bool,
}

impl Analysis {
    pub(super) fn of(text: &[u8], version: Version) -> Self {
        if text.is_empty() {
            return Self { is_multiline: false, allows_plain: true, allows_single_quotes: true, allows_block: false };
        }
        let mut has_indicators = text.starts_with(b"---") || text.starts_with(b"...");
        let (mut has_breaks, mut has_special, mut has_tabs) = (false, false, false);
        let (mut has_break_space, mut has_space_break) = (false, false);
        let (mut is_after_space, mut is_after_break, mut is_after_white) = (false, false, true);
        let mut at = 0;
        while at < text.len() {
            let rest = &text[at..];
            let byte = rest[0];
            if is_harmless(byte) && at > 0 {
                (is_after_space, is_after_break, is_after_white) = (false, false, false);
                at += 1;
                continue;
            }
            let length = width(byte).min(rest.len());
            has_indicators |= is_indicator(rest, at == 0, is_after_white);
            if byte == b'\t' && version == Version::V3 {
                has_tabs = true;
            } else if !is_printable(rest) {
                has_special = true;
            }
            let is_space = byte == b' ';
            let is_line_break = is_break(rest);
            has_breaks |= is_line_break;
            has_break_space |= is_space && is_after_break;
            has_space_break |= is_line_break && is_after_space;
            is_after_space = is_space;
            is_after_break = is_line_break;
            is_after_white = is_blank_or_end(rest);
            at += length;
        }
        let is_edged = text[0] == b' ' || is_break(text) || is_after_space || is_after_break;
        let is_unquotable = has_space_break || has_special;
        Self {
            is_multiline: has_breaks,
            allows_plain: !(is_edged || has_break_space || is_unquotable || has_tabs || has_breaks || has_indicators),
            allows_single_quotes: !(has_break_space || is_unquotable || has_tabs),
            allows_block: !(is_after_space || is_unquotable),
        }
    }
}

/// Letters and digits and what else means nothing anywhere but at the beginning.
const fn is_harmless(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' | b'.' | b'/' | b'=' | b'+' | b'(' | b')')
}

/// Whether the first character of `rest` keeps the text from being plain in a block.
fn is_indicator(rest: &[u8], is_first: bool, is_after_white: bool) -> bool {
    let is_before_white = rest.get(1).is_none_or(|&byte| is_blank(byte));
    match rest[0] {
        b'#' if is_first || is_after_white => true,
        b':' => is_before_white,
        b'?' | b'-' => is_first && is_before_white,
        b',' | b'[' | b']' | b'{' | b'}' | b'&' | b'*' | b'!' | b'|' | b'>' | b'\'' | b'"' | b'%' | b'@' | b'`' => {
            is_first
        }
        _ => false,
    }
}

/// As libyaml has it: no tabs, no characters beyond U+FFFF, no byte order mark.
pub(super) fn is_printable(text: &[u8]) -> bool {
    let at = |index: usize| text.get(index).copied().unwrap_or(0);
    match text[0] {
        b'\n' | 0x20..=0x7E | 0xC3..=0xEC | 0xEE => true,
        0xC2 => at(1) >= 0xA0,
        0xED => at(1) < 0xA0,
        0xEF => !matches!((at(1), at(2)), (0xBB, 0xBF) | (0xBF, 0xBE..)),
        _ => false,
    }
}
