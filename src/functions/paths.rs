//! Paths with slashes, lexically: no file is looked at.

use super::Table;
use super::arguments::bytes;
use crate::template::{Function, Parameter, Value};

use Parameter::String;

/// On Linux, Go's paths and file paths are the same.
pub(super) fn table() -> Table {
    let mut table = Table::new();
    for names in [["base", "osBase"], ["clean", "osClean"], ["dir", "osDir"], ["ext", "osExt"], ["isAbs", "osIsAbs"]] {
        table.extend(names.map(|name| (name, function(names[0]))));
    }
    table
}

fn function(name: &str) -> Function {
    match name {
        "base" => Function::new(&[String], |_, a| Ok(Value::string(base(bytes(a, 0))))),
        "clean" => Function::new(&[String], |_, a| Ok(Value::string(clean(bytes(a, 0))))),
        "dir" => Function::new(&[String], |_, a| Ok(Value::string(directory(bytes(a, 0))))),
        "ext" => Function::new(&[String], |_, a| Ok(Value::string(extension(bytes(a, 0))))),
        _ => Function::new(&[String], |_, a| Ok(Value::Bool(bytes(a, 0).starts_with(b"/")))),
    }
}

/// The last element, without slashes at the end.
fn base(path: &[u8]) -> &[u8] {
    if path.is_empty() {
        return b".";
    }
    let end = path.iter().rposition(|byte| *byte != b'/').map_or(0, |last| last + 1);
    let start = path[..end].iter().rposition(|byte| *byte == b'/').map_or(0, |slash| slash + 1);
    if end == 0 { b"/" } else { &path[start..end] }
}

/// All but the last element.
fn directory(path: &[u8]) -> Vec<u8> {
    let end = path.iter().rposition(|byte| *byte == b'/').map_or(0, |slash| slash + 1);
    clean(&path[..end])
}

/// From the last point of the last element on.
fn extension(path: &[u8]) -> &[u8] {
    match path.iter().rposition(|byte| matches!(byte, b'/' | b'.')) {
        Some(point) if path[point] == b'.' => &path[point..],
        _ => b"",
    }
}

/// The shortest path that names the same.
fn clean(path: &[u8]) -> Vec<u8> {
    let is_rooted = path.starts_with(b"/");
    let mut kept: Vec<&[u8]> = Vec::new();
    for element in path.split(|byte| *byte == b'/') {
        match element {
            b"" | b"." => {}
            b".." if kept.last().is_some_and(|last| *last != b"..") => drop(kept.pop()),
            b".." if is_rooted => {}
            _ => kept.push(element),
        }
    }
    let mut cleaned = if is_rooted { b"/".to_vec() } else { Vec::new() };
    cleaned.extend_from_slice(&kept.join(&b'/'));
    if cleaned.is_empty() { b".".to_vec() } else { cleaned }
}
