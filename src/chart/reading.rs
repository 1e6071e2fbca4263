//! YAML, as Helm reads it.

use crate::template::{Dict, Value};

/// A document that must be a map or null. Errors are in Helm's words.
pub(super) fn map(_content: &[u8]) -> Result<Dict, String> {
    Err("not yet".to_owned())
}

/// A document with its scalars as YAML has them: integers are integers.
pub(super) fn tree(_content: &[u8]) -> Result<Value, String> {
    Err("not yet".to_owned())
}

/// As `toYaml` writes it: without the last line break; empty if it cannot be written.
pub(super) fn to_yaml(_value: &Value) -> crate::template::Text {
    crate::template::Text::default()
}
