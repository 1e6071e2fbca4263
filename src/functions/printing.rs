//! What values print, in the words of the template language.

use std::borrow::Cow;

use crate::template::{self, CallError, ElementType, List, Text, Value};

/// So many bytes one value may print. Maps that share their parts can ask for any number.
const LONGEST: usize = 128 << 20;

/// As `%v`.
pub(super) fn print(value: &Value) -> Result<Text, CallError> {
    template::to_text_within(value, LONGEST)
        .map_err(|_| CallError::Budget("a value is too large to be written".to_owned()))
}

/// As sprig's `strval`: bytes are the text that they make.
pub(super) fn text_of(value: &Value) -> Result<Text, CallError> {
    match value {
        Value::List(list) if list.element() == ElementType::Byte => Ok(text_of_bytes(list)),
        _ => print(value),
    }
}

fn text_of_bytes(list: &List) -> Text {
    let byte = |element: &Value| match element {
        Value::Integer(integer) => integer.bits as u8,
        _ => 0,
    };
    list.elements().iter().map(byte).collect::<Vec<u8>>().into()
}

/// As `%q`.
pub(super) fn quote(text: &[u8]) -> Vec<u8> {
    template::quote(text).into_bytes()
}

/// As `%T`, except for nil.
pub(super) fn type_name(value: &Value) -> Cow<'static, str> {
    value.go_type()
}

/// Whether Go would write it between backquotes.
pub(super) fn can_backquote(text: &[u8]) -> bool {
    template::can_backquote(text)
}
