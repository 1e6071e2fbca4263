//! Texts: searching, cutting, joining, quoting.

use super::Table;
use super::arguments::{self, Outcome, bytes, int, made};
use super::printing::{print, quote, text_of};
use super::runes::{self, decode, trim_space};
use crate::template::{CallError, Dict, ElementType, Function, Kind, List, Parameter, Runtime, Text, Value};

use Parameter::{Any, Int, String};

pub(super) fn table() -> Table {
    let mut table = searching();
    table.extend(cutting());
    table.extend(joining());
    table
}

fn searching() -> Table {
    let bool_of = |found: fn(&[u8], &[u8]) -> bool| {
        Function::new(&[String, String], move |_, a| Ok(Value::Bool(found(bytes(a, 1), bytes(a, 0)))))
    };
    vec![
        ("contains", bool_of(|text, part| find(text, part).is_some())),
        ("hasPrefix", bool_of(<[u8]>::starts_with)),
        ("hasSuffix", bool_of(<[u8]>::ends_with)),
        ("hello", Function::new(&[], |_, _| Ok(Value::string("Hello!")))),
        ("plural", Function::new(&[String, String, Int], |_, a| Ok(a[usize::from(int(a, 2) != 1)].clone()))),
        ("replace", Function::new(&[String, String, String], |r, a| replace(r, bytes(a, 2), bytes(a, 0), bytes(a, 1)))),
        ("split", Function::new(&[String, String], |r, a| numbered(r, &split(bytes(a, 1), bytes(a, 0), -1)))),
        ("splitList", Function::new(&[String, String], |r, a| listed(r, split(bytes(a, 1), bytes(a, 0), -1)))),
        (
            "splitn",
            Function::new(&[String, Int, String], |r, a| numbered(r, &split(bytes(a, 2), bytes(a, 0), int(a, 1)))),
        ),
    ]
}

fn cutting() -> Table {
    let cut = |cutting: fn(&'_ [u8], &'_ [u8]) -> Vec<u8>| {
        Function::new(&[String, String], move |_, a| Ok(Value::string(cutting(bytes(a, 1), bytes(a, 0)))))
    };
    vec![
        ("substr", Function::new(&[Int, Int, String], |_, a| substring(bytes(a, 2), int(a, 0), int(a, 1)))),
        ("trim", Function::new(&[String], |_, a| Ok(Value::string(trim_space(bytes(a, 0)))))),
        ("trimAll", cut(trim_all)),
        ("trimall", cut(trim_all)),
        ("trimPrefix", cut(|text, prefix| text.strip_prefix(prefix).unwrap_or(text).to_vec())),
        ("trimSuffix", cut(|text, suffix| text.strip_suffix(suffix).unwrap_or(text).to_vec())),
        ("trunc", Function::new(&[Int, String], |_, a| Ok(Value::string(truncated(bytes(a, 1), int(a, 0)))))),
    ]
}

fn joining() -> Table {
    vec![
        ("cat", Function::variadic(&[Any], cat)),
        ("indent", Function::new(&[Int, String], |r, a| indent(r, int(a, 0), bytes(a, 1), b""))),
        ("join", Function::new(&[String, Any], |r, a| join(r, bytes(a, 0), &strings_of(&a[1])?))),
        ("nindent", Function::new(&[Int, String], |r, a| indent(r, int(a, 0), bytes(a, 1), b"\n"))),
        ("quote", Function::variadic(&[Any], |r, a| quoted(r, a, |value| Ok(quote(text_of(value)?.as_bytes()))))),
        ("repeat", Function::new(&[Int, String], |r, a| Ok(Value::string(repeated(r, bytes(a, 1), int(a, 0))?)))),
        ("sortAlpha", Function::new(&[Any], |_, a| sort_alphabetically(&a[0]))),
        (
            "squote",
            Function::variadic(&[Any], |r, a| {
                quoted(r, a, |value| Ok([b"'", print(value)?.as_bytes(), b"'"].concat()))
            }),
        ),
        ("toString", Function::new(&[Any], |_, a| text_of(&a[0]).map(Value::String))),
        ("toStrings", Function::new(&[Any], |_, a| to_strings(&a[0]))),
    ]
}

/// Where the part first occurs.
pub(super) fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    memchr::memmem::find(text, part)
}

/// `strings.Split` and `SplitN`: no limit if it is negative, no parts if it is zero, characters if the separator is
/// empty.
fn split<'a>(text: &'a [u8], separator: &[u8], limit: i64) -> Vec<&'a [u8]> {
    let limit = if limit < 0 { usize::MAX } else { limit as usize };
    if limit == 0 {
        return Vec::new();
    }
    let mut parts = Vec::new();
    let mut rest = text;
    if separator.is_empty() {
        while parts.len() + 1 < limit
            && let (_, width @ 1..) = decode(rest)
        {
            let (part, after) = rest.split_at(width);
            parts.push(part);
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(rest);
        }
        return parts;
    }
    let finder = memchr::memmem::Finder::new(separator);
    while parts.len() + 1 < limit
        && let Some(index) = finder.find(rest)
    {
        parts.push(&rest[..index]);
        rest = &rest[index + separator.len()..];
    }
    parts.push(rest);
    parts
}

/// `_0`, `_1` and so on.
fn numbered(runtime: &mut dyn Runtime, parts: &[&[u8]]) -> Outcome {
    arguments::allocate_elements(runtime, parts.len() * 2)?;
    let entries = parts.iter().enumerate().map(|(index, part)| (Text::from(format!("_{index}")), Value::string(*part)));
    Ok(Value::Dict(Dict::typed(entries.collect(), ElementType::String, None)))
}

fn listed(runtime: &mut dyn Runtime, parts: Vec<&[u8]>) -> Outcome {
    arguments::allocate_elements(runtime, parts.len())?;
    Ok(Value::strings(parts))
}

/// `strings.ReplaceAll`: an empty old text stands between all characters.
fn replace(runtime: &mut dyn Runtime, text: &[u8], old: &[u8], new: &[u8]) -> Outcome {
    if old == new {
        return Ok(Value::string(text));
    }
    let mut replaced = Vec::with_capacity(text.len());
    if old.is_empty() {
        let mut rest = text;
        add(runtime, &mut replaced, new)?;
        while let (_, width @ 1..) = decode(rest) {
            replaced.extend_from_slice(&rest[..width]);
            add(runtime, &mut replaced, new)?;
            rest = &rest[width..];
        }
        return Ok(Value::string(replaced));
    }
    let mut start = 0;
    for index in memchr::memmem::find_iter(text, old) {
        replaced.extend_from_slice(&text[start..index]);
        add(runtime, &mut replaced, new)?;
        start = index + old.len();
    }
    replaced.extend_from_slice(&text[start..]);
    made(runtime, replaced)
}

/// Long pieces are taken from the budget one by one, since few bytes of a template can ask for many of them.
pub(super) fn add(runtime: &mut dyn Runtime, target: &mut Vec<u8>, piece: &[u8]) -> Result<(), CallError> {
    if piece.len() > 64 {
        runtime.allocate(piece.len())?;
    }
    target.extend_from_slice(piece);
    Ok(())
}

/// A negative start counts as zero and a negative end as the end, but not both at once.
fn substring(text: &[u8], start: i64, end: i64) -> Outcome {
    let part = if start < 0 {
        arguments::slice(text, None, Some(end))
    } else if end < 0 || end > text.len() as i64 {
        arguments::slice(text, Some(start), None)
    } else {
        arguments::slice(text, Some(start), Some(end))
    };
    part.map(Value::string)
}

fn truncated(text: &[u8], count: i64) -> &[u8] {
    let length = text.len() as i64;
    if count < 0 && length.saturating_add(count) > 0 {
        return &text[(length + count) as usize..];
    }
    if count >= 0 && length > count { &text[..count as usize] } else { text }
}

/// `strings.Trim`: all characters of the set, from both ends.
fn trim_all(text: &[u8], set: &[u8]) -> Vec<u8> {
    let set: Vec<char> = runes::runes(set).collect();
    let mut rest = text;
    while let (rune, width @ 1..) = decode(rest)
        && set.contains(&rune)
    {
        rest = &rest[width..];
    }
    while let (rune, width @ 1..) = runes::decode_last(rest)
        && set.contains(&rune)
    {
        rest = &rest[..rest.len() - width];
    }
    rest.to_vec()
}

pub(super) fn repeated(runtime: &mut dyn Runtime, text: &[u8], count: i64) -> Result<Vec<u8>, CallError> {
    let Ok(count) = usize::try_from(count) else {
        return Err("strings: negative Repeat count".into());
    };
    let length = text.len().checked_mul(count).filter(|length| i64::try_from(*length).is_ok());
    let Some(length) = length else {
        return Err("strings: Repeat output length overflow".into());
    };
    runtime.allocate(length)?;
    Ok(text.repeat(count))
}

fn indent(runtime: &mut dyn Runtime, spaces: i64, text: &[u8], before: &[u8]) -> Outcome {
    let pad = repeated(runtime, b" ", spaces)?;
    let newlines = memchr::memchr_iter(b'\n', text).count();
    let length = text.len().saturating_add(pad.len().saturating_mul(newlines + 1)) + before.len();
    runtime.allocate(length)?;
    let mut indented = Vec::with_capacity(length);
    indented.extend_from_slice(before);
    indented.extend_from_slice(&pad);
    let mut start = 0;
    for newline in memchr::memchr_iter(b'\n', text) {
        indented.extend_from_slice(&text[start..=newline]);
        indented.extend_from_slice(&pad);
        start = newline + 1;
    }
    indented.extend_from_slice(&text[start..]);
    Ok(Value::string(indented))
}

/// Everything but nil as `%v` prints it, with spaces between.
fn cat(runtime: &mut dyn Runtime, arguments: &[Value]) -> Outcome {
    let mut joined = Vec::new();
    for (index, argument) in arguments.iter().filter(|argument| !argument.is_nil()).enumerate() {
        if index > 0 {
            joined.push(b' ');
        }
        joined.extend_from_slice(print(argument)?.as_bytes());
    }
    made(runtime, joined)
}

fn quoted(
    runtime: &mut dyn Runtime,
    arguments: &[Value],
    quote: impl Fn(&Value) -> Result<Vec<u8>, CallError>,
) -> Outcome {
    let mut joined = Vec::new();
    for (index, argument) in arguments.iter().filter(|argument| !argument.is_nil()).enumerate() {
        if index > 0 {
            joined.push(b' ');
        }
        joined.extend_from_slice(&quote(argument)?);
    }
    made(runtime, joined)
}

fn join(runtime: &mut dyn Runtime, separator: &[u8], parts: &[Text]) -> Outcome {
    let mut joined = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            add(runtime, &mut joined, separator)?;
        }
        add(runtime, &mut joined, part.as_bytes())?;
    }
    made(runtime, joined)
}

/// The texts of a list's elements without nil ones; of anything else, its own text.
fn strings_of(value: &Value) -> Result<Vec<Text>, CallError> {
    match value {
        Value::Nil => Ok(Vec::new()),
        Value::List(list) => list.elements().iter().filter(|element| !element.is_nil()).map(text_of).collect(),
        Value::Object(object) if object.kind() == Kind::Slice => {
            object.entries().unwrap_or_default().iter().map(|(_, element)| text_of(element)).collect()
        }
        _ => Ok(vec![text_of(value)?]),
    }
}

fn to_strings(value: &Value) -> Outcome {
    match value {
        Value::List(list) if list.element() == ElementType::String => Ok(value.clone()),
        _ => Ok(typed_strings(strings_of(value)?)),
    }
}

fn typed_strings(texts: Vec<Text>) -> Value {
    Value::List(List::typed(texts.into_iter().map(Value::String).collect(), ElementType::String))
}

fn sort_alphabetically(value: &Value) -> Outcome {
    if let Value::List(list) = value {
        // A nil list of texts stays nil.
        if list.is_nil() && list.element() == ElementType::String {
            return Ok(value.clone());
        }
        let mut texts = strings_of(value)?;
        texts.sort_unstable();
        return Ok(typed_strings(texts));
    }
    Ok(typed_strings(vec![text_of(value)?]))
}
