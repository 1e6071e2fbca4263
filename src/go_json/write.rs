//! Writing as `json.Marshal`, `json.MarshalIndent` and an encoder without HTML escapes do.

use std::borrow::Cow;

use base64::Engine;

use super::error::JsonError;
use super::number::write_json;
use crate::template::{Dict, ElementType, List, Text, Value};

/// Depth from which Go looks for maps that hold themselves.
const CYCLES_FROM_DEPTH: usize = 1000;

/// Depth that no value may have. Go has no such bound; nothing that is written in a chart comes near it.
const MAXIMUM_DEPTH: usize = 100_000;

/// How texts are escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// `<`, `>` and `&` as `\u003c`, `\u003e` and `\u0026`.
    Html,
    /// As they are.
    Raw,
}

/// One line, without a line break at the end.
pub fn write(value: &Value, style: Style) -> Result<Vec<u8>, JsonError> {
    let mut out = Vec::new();
    write_value(value, style, None, &mut out)?;
    Ok(out)
}

/// Indented by that text for each level, as `json.MarshalIndent` with an empty prefix.
pub fn write_indented(value: &Value, indent: &str) -> Result<Vec<u8>, JsonError> {
    let mut out = Vec::new();
    write_value(value, Style::Html, Some(indent), &mut out)?;
    Ok(out)
}

/// What is still to be written of an open collection.
enum Frame {
    List { list: List, next: usize },
    Dict { dict: Dict, entries: std::vec::IntoIter<(Text, Value)>, is_first: bool },
}

fn write_value(value: &Value, style: Style, indent: Option<&str>, out: &mut Vec<u8>) -> Result<(), JsonError> {
    let mut frames = Vec::new();
    begin(value, style, &mut frames, out)?;
    while let Some(frame) = frames.last_mut() {
        let next = match frame {
            Frame::List { list, next } => {
                let Some(value) = list.elements().get(*next).cloned() else {
                    frames.pop();
                    break_line(indent, frames.len(), out);
                    out.push(b']');
                    continue;
                };
                if *next > 0 {
                    out.push(b',');
                }
                *next += 1;
                break_line(indent, frames.len(), out);
                value
            }
            Frame::Dict { entries, is_first, .. } => {
                let Some((key, value)) = entries.next() else {
                    frames.pop();
                    break_line(indent, frames.len(), out);
                    out.push(b'}');
                    continue;
                };
                if !*is_first {
                    out.push(b',');
                }
                *is_first = false;
                break_line(indent, frames.len(), out);
                write_string(key.as_bytes(), style, out);
                out.extend_from_slice(if indent.is_some() { b": " } else { b":" });
                value
            }
        };
        begin(&next, style, &mut frames, out)?;
    }
    Ok(())
}

fn break_line(indent: Option<&str>, depth: usize, out: &mut Vec<u8>) {
    if let Some(indent) = indent {
        out.push(b'\n');
        for _ in 0..depth {
            out.extend_from_slice(indent.as_bytes());
        }
    }
}

fn begin(value: &Value, style: Style, frames: &mut Vec<Frame>, out: &mut Vec<u8>) -> Result<(), JsonError> {
    match value {
        Value::Nil => out.extend_from_slice(b"null"),
        Value::Bool(value) => out.extend_from_slice(if *value { b"true" } else { b"false" }),
        Value::Integer(integer) if integer.is_unsigned() => {
            out.extend_from_slice(integer.bits.cast_unsigned().to_string().as_bytes());
        }
        Value::Integer(integer) => out.extend_from_slice(integer.bits.to_string().as_bytes()),
        Value::Float(value) if value.is_finite() => write_json(*value, out),
        Value::Float(value) => {
            let mut text = Vec::new();
            super::number::write_general(*value, &mut text);
            return Err(JsonError::UnsupportedValue(String::from_utf8_lossy(&text).into_owned()));
        }
        Value::String(text) => write_string(text.as_bytes(), style, out),
        Value::List(list) => begin_list(list, frames, out)?,
        Value::Dict(dict) => begin_dict(dict, frames, out)?,
        Value::Object(object) => match object.json_fields() {
            Some(fields) => begin_struct(fields, frames, out)?,
            None => match object.to_plain() {
                Some(plain) => return begin(&plain, style, frames, out),
                None => return Err(JsonError::UnsupportedType(object.go_type().into_owned())),
            },
        },
    }
    Ok(())
}

fn begin_list(list: &List, frames: &mut Vec<Frame>, out: &mut Vec<u8>) -> Result<(), JsonError> {
    if list.is_nil() {
        out.extend_from_slice(b"null");
    } else if list.element() == ElementType::Byte {
        let bytes: Vec<u8> = list.elements().iter().map(byte_of).collect();
        out.push(b'"');
        out.extend_from_slice(base64::engine::general_purpose::STANDARD.encode(bytes).as_bytes());
        out.push(b'"');
    } else if list.elements().is_empty() {
        out.extend_from_slice(b"[]");
    } else {
        check_depth(frames.len())?;
        out.push(b'[');
        frames.push(Frame::List { list: list.clone(), next: 0 });
    }
    Ok(())
}

fn byte_of(value: &Value) -> u8 {
    match value {
        Value::Integer(integer) => integer.bits.to_le_bytes()[0],
        _ => 0,
    }
}

fn begin_dict(dict: &Dict, frames: &mut Vec<Frame>, out: &mut Vec<u8>) -> Result<(), JsonError> {
    if dict.is_nil() {
        out.extend_from_slice(b"null");
    } else if dict.is_empty() {
        out.extend_from_slice(b"{}");
    } else {
        check_depth(frames.len())?;
        let is_open = |frame: &Frame| matches!(frame, Frame::Dict { dict: open, .. } if open.is_same(dict));
        if frames.len() > CYCLES_FROM_DEPTH && frames.iter().any(is_open) {
            let name = dict.type_name().unwrap_or("map[string]interface {}");
            return Err(JsonError::UnsupportedValue(format!("encountered a cycle via {name}")));
        }
        out.push(b'{');
        let entries: Vec<_> = dict.borrow().iter().map(|(key, value)| (key.clone(), value.clone())).collect();
        frames.push(Frame::Dict { dict: dict.clone(), entries: entries.into_iter(), is_first: true });
    }
    Ok(())
}

/// A struct, whose fields keep their order.
fn begin_struct(
    fields: Vec<(&'static str, Value)>,
    frames: &mut Vec<Frame>,
    out: &mut Vec<u8>,
) -> Result<(), JsonError> {
    check_depth(frames.len())?;
    out.push(b'{');
    let entries: Vec<_> = fields.into_iter().map(|(name, value)| (Text::from(name), value)).collect();
    frames.push(Frame::Dict { dict: Dict::new(), entries: entries.into_iter(), is_first: true });
    Ok(())
}

fn check_depth(depth: usize) -> Result<(), JsonError> {
    if depth < MAXIMUM_DEPTH { Ok(()) } else { Err(JsonError::UnsupportedValue("nested too deep".to_owned())) }
}

/// In quotes. What is not UTF-8 becomes an escaped U+FFFD, byte by byte.
fn write_string(bytes: &[u8], style: Style, out: &mut Vec<u8>) {
    out.push(b'"');
    for chunk in bytes.utf8_chunks() {
        write_valid(chunk.valid().as_bytes(), style, out);
        for _ in chunk.invalid() {
            out.extend_from_slice(b"\\ufffd");
        }
    }
    out.push(b'"');
}

fn write_valid(bytes: &[u8], style: Style, out: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut copied = 0;
    for (index, &byte) in bytes.iter().enumerate() {
        let escape: &[u8] = match byte {
            b'"' => b"\\\"",
            b'\\' => b"\\\\",
            b'\n' => b"\\n",
            b'\r' => b"\\r",
            b'\t' => b"\\t",
            0x08 => b"\\b",
            0x0C => b"\\f",
            0x00..=0x1F => b"",
            b'<' | b'>' | b'&' if style == Style::Html => b"",
            0xE2 if bytes[index..].starts_with(b"\xE2\x80\xA8") => b"\\u2028",
            0xE2 if bytes[index..].starts_with(b"\xE2\x80\xA9") => b"\\u2029",
            _ => continue,
        };
        out.extend_from_slice(&bytes[copied..index]);
        copied = index + if byte == 0xE2 { 3 } else { 1 };
        if escape.is_empty() {
            out.extend_from_slice(b"\\u00");
            out.extend_from_slice(&[DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 0xF)]]);
        } else {
            out.extend_from_slice(escape);
        }
    }
    out.extend_from_slice(&bytes[copied..]);
}

/// The text with U+FFFD for each byte that is not UTF-8.
pub(crate) fn replace_invalid(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| '\u{FFFD}'));
    }
    Cow::Owned(text)
}
