//! Versions of charts and of Kubernetes.

use crate::functions::semver::{Constraints, Version};
use crate::template::quote;

/// Whether a text is a version, as leniently as Helm reads them.
pub(super) fn is_valid(version: &str) -> bool {
    Version::parse(version.as_bytes()).is_ok()
}

/// Whether a version meets a constraint; neither may be malformed.
pub(super) fn is_compatible(constraint: &str, version: &str) -> bool {
    let Ok(version) = Version::parse(version.as_bytes()) else { return false };
    Constraints::parse(constraint.as_bytes()).is_ok_and(|constraints| constraints.allow(&version))
}

/// Go's `unicode.IsPrint`: what `%q` leaves as it is.
pub(super) fn is_printable(character: char) -> bool {
    matches!(character, '"' | '\\') || !quote(character.encode_utf8(&mut [0; 4]).as_bytes()).contains('\\')
}
