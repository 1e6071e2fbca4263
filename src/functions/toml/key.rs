//! Keys of several parts, as TOML writes them.

use super::text::escaped;

/// The parts from the top.
pub(super) type Key = Vec<Vec<u8>>;

/// All parts with points between them, each in quotes where it needs them.
pub(super) fn dotted(key: &[Vec<u8>]) -> Vec<u8> {
    key.iter().map(|part| quoted(part)).collect::<Vec<_>>().join(&b'.')
}

/// One part.
pub(super) fn quoted(part: &[u8]) -> Vec<u8> {
    if !part.is_empty() && part.iter().copied().all(is_bare) {
        return part.to_vec();
    }
    [b"\"", escaped(part).as_slice(), b"\""].concat()
}

/// Whether a key may hold this without quotes.
pub(super) fn is_bare(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}
