//! PEM, as Go's `encoding/pem` writes and finds it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

const LINE: usize = 64;

/// What stands between two marks.
pub(super) struct Block {
    pub(super) label: String,
    pub(super) bytes: Vec<u8>,
}

/// The text of a block.
pub(super) fn encode(label: &str, bytes: &[u8]) -> String {
    let encoded = STANDARD.encode(bytes);
    let mut out = format!("-----BEGIN {label}-----\n");
    for line in encoded.as_bytes().chunks(LINE) {
        out.extend(line.iter().copied().map(char::from));
        out.push('\n');
    }
    out.push_str(&format!("-----END {label}-----\n"));
    out
}

/// The first whole block of a text; what is before it or broken is passed over.
pub(super) fn decode(text: &[u8]) -> Option<Block> {
    let text = String::from_utf8_lossy(text);
    let mut rest = text.as_ref();
    loop {
        rest = after_begin(rest)?;
        let (first, body) = rest.split_once('\n').unwrap_or((rest, ""));
        let Some(label) = first.trim_end_matches([' ', '\t', '\r']).strip_suffix("-----") else { continue };
        if let Some(bytes) = body_of(label, body) {
            return Some(Block { label: label.to_owned(), bytes });
        }
    }
}

/// What follows the next mark at the start of a line.
fn after_begin(text: &str) -> Option<&str> {
    const BEGIN: &str = "-----BEGIN ";
    text.strip_prefix(BEGIN).or_else(|| text.find("\n-----BEGIN ").map(|at| &text[at + 1 + BEGIN.len()..]))
}

/// The bytes before the end mark of the same label, without headers.
fn body_of(label: &str, body: &str) -> Option<Vec<u8>> {
    let end = format!("-----END {label}-----");
    let mut encoded = String::new();
    let mut is_head = true;
    for line in body.lines() {
        if let Some(after) = line.strip_prefix(end.as_str()) {
            return if after.trim().is_empty() { STANDARD.decode(encoded).ok() } else { None };
        }
        if is_head && line.contains(':') {
            continue;
        }
        is_head = false;
        encoded.extend(line.chars().filter(|character| !matches!(character, ' ' | '\t' | '\r')));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for length in [0, 1, 47, 48, 49, 300] {
            let bytes: Vec<u8> = (0..length).map(|index| index as u8).collect();
            let text = format!("before\n{}after", encode("A KEY", &bytes));
            let block = decode(text.as_bytes()).expect("a block");
            assert_eq!((block.label.as_str(), block.bytes), ("A KEY", bytes), "{length}");
        }
    }

    #[test]
    fn broken_blocks_are_passed_over() {
        let broken = "-----BEGIN A-----\nAAA\n-----END B-----\n";
        assert!(decode(broken.as_bytes()).is_none());
        let text = format!("{broken}{}", encode("B", b"x"));
        assert_eq!(decode(text.as_bytes()).expect("the second").label, "B");
        assert!(decode(b"").is_none());
        assert!(decode(b"-----BEGIN ").is_none());
    }

    #[test]
    fn headers_are_no_part_of_the_bytes() {
        let text = "-----BEGIN A-----\nProc-Type: 4\n\neA==\n-----END A-----";
        assert_eq!(decode(text.as_bytes()).expect("a block").bytes, b"x");
    }
}
