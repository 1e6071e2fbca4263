//! What values print, in the words of the template language.

use std::borrow::Cow;

use crate::template::{CallError, Text, Value};

/// As `%v`.
pub(super) fn print(value: &Value) -> Result<Text, CallError> {
    Ok(match value {
        Value::String(text) => text.clone(),
        Value::Integer(integer) => integer.bits.to_string().into(),
        other => format!("{other:?}").into(),
    })
}

/// As sprig's `strval`: bytes are the text they make.
pub(super) fn text_of(value: &Value) -> Result<Text, CallError> {
    print(value)
}

/// As `%q`.
pub(super) fn quote(text: &[u8]) -> Vec<u8> {
    format!("{:?}", String::from_utf8_lossy(text)).into_bytes()
}

/// As `%T`, except for nil.
pub(super) fn type_name(value: &Value) -> Cow<'static, str> {
    Cow::Owned(format!("{value:?}"))
}

/// Whether Go would write it between backquotes.
pub(super) fn can_backquote(text: &[u8]) -> bool {
    !text.contains(&b'`')
}
