//! YAML, as Helm reads and writes it.

use crate::go_yaml::{self, Document};
use crate::template::{Dict, Text, Value};

/// A document that must be a map or null. Errors are in Helm's words.
pub(super) fn map(content: &[u8]) -> Result<Dict, String> {
    go_yaml::read_dict(content).map_err(|error| error.to_string())
}

/// A document with its scalars as YAML has them: integers are integers.
pub(super) fn tree(content: &[u8]) -> Result<Value, String> {
    Document::parse(content).and_then(|document| document.typed_value()).map_err(|error| error.to_string())
}

/// As `toYaml` writes it: without the last line break; empty if it cannot be written.
pub(super) fn to_yaml(value: &Value) -> Text {
    let Ok(mut text) = go_yaml::write(value) else { return Text::default() };
    if text.last() == Some(&b'\n') {
        text.pop();
    }
    Text::from(text)
}
