//! Changing single keys in a file that a person wrote: comments, order, blank lines and every line that holds none of
//! the keys stay as they are, byte for byte.
//!
//! The text is edited by `yaml-edit`; whether the result says what it should is found out by reading it again with
//! the reader that everything else uses. If it does not, the file is left alone.

use std::str::FromStr as _;

use serde_json::{Map, Value};
use yaml_edit::path::{AliasPolicy, PathError, YamlPath as _};
use yaml_edit::{Document, Mapping, Scalar, ScalarValue, YamlFile};

use crate::diagnostics::{Diagnostic, SourceText, codes};
use crate::yaml;

/// A key's path and the value that it should have. `null` takes the key away.
pub type Change = (Vec<String>, Value);

/// The text with all changes made, or an error and nothing.
///
/// A choice written as its name (`database: mysql`) is spelled out when something is set below it.
pub fn set(text: &str, changes: &[Change]) -> Result<String, Diagnostic> {
    let (mark, body) = text.strip_prefix('\u{feff}').map_or(("", text), |body| ("\u{feff}", body));
    let before = read(body)?;
    let mut wanted = before.clone();
    for (path, value) in changes {
        apply(&mut wanted, path, value).map_err(|what| refused(&path.join("."), &what))?;
    }
    let mut edited = body.to_owned();
    for change in changes {
        edited = set_one(&edited, change)?;
    }
    let edited = with_line_ends_of(body, edited);
    let names: Vec<String> = changes.iter().map(|(path, _)| path.join(".")).collect();
    let names = names.join("`, `");
    match read(&edited) {
        Ok(found) if found == wanted => Ok(format!("{mark}{edited}")),
        Ok(_) => Err(refused(&names, "something else would change with it, such as an alias of the same anchor")),
        Err(error) => Err(refused(&names, &error.cause.unwrap_or(error.title))),
    }
}

fn read(text: &str) -> Result<Value, Diagnostic> {
    yaml::parse(&SourceText::new("the file", text)).map(|node| node.to_json())
}

fn refused(key: &str, what: &str) -> Diagnostic {
    Diagnostic::error(
        codes::FILE_INVALID_VALUE,
        format!("cannot change `{key}` and leave the rest of the file as it is"),
    )
    .cause(what.to_owned())
    .changed("the file was not changed")
    .next(format!("change `{key}` in an editor"))
}

/// The change in the tree that the file stands for.
fn apply(tree: &mut Value, path: &[String], value: &Value) -> Result<(), String> {
    let Some((last, parents)) = path.split_last() else { return Err("the path is empty".to_owned()) };
    let mut node = tree;
    for (index, key) in parents.iter().enumerate() {
        let map = as_map(node, key).ok_or_else(|| in_the_way(&path[..index]))?;
        if value.is_null() && !map.contains_key(key) {
            return Ok(());
        }
        node = map.entry(key.clone()).or_insert(Value::Null);
    }
    let map = as_map(node, last).ok_or_else(|| in_the_way(parents))?;
    if value.is_null() {
        map.shift_remove(last);
    } else {
        map.insert(last.clone(), value.clone());
    }
    Ok(())
}

/// The node as a map that can take a key; nothing and the key's own name count as a map.
fn as_map<'a>(node: &'a mut Value, key: &str) -> Option<&'a mut Map<String, Value>> {
    if node.is_null() {
        *node = Value::Object(Map::new());
    } else if node.as_str() == Some(key) {
        *node = Value::Object(Map::from_iter([(key.to_owned(), Value::Object(Map::new()))]));
    }
    node.as_object_mut()
}

fn in_the_way(path: &[String]) -> String {
    match path {
        [] => "the file holds no map".to_owned(),
        path => format!("`{}` holds a value, so nothing can stand below it", path.join(".")),
    }
}

/// One change in the text.
fn set_one(text: &str, (path, value): &Change) -> Result<String, Diagnostic> {
    let failed = |error: &dyn std::fmt::Display| refused(&path.join("."), &error.to_string());
    let file = YamlFile::from_str(text).map_err(|error| failed(&error))?;
    let document = file.document().ok_or_else(|| failed(&"there is no document"))?;
    spell_out(&document, path);
    let result = if value.is_null() {
        document.try_remove_path_with(&escaped(path), AliasPolicy::Expand).map(|_| ())
    } else {
        write(&document, path, value)
    };
    match result {
        Ok(()) => Ok(file.to_string()),
        Err(PathError::NotFound { .. }) if value.is_null() => Ok(text.to_owned()),
        Err(error) => Err(failed(&error)),
    }
}

/// Makes a choice that is written as its name a map, if the path goes below it.
fn spell_out(document: &Document, path: &[String]) {
    for length in 1..path.len() {
        let parent = escaped(&path[..length]);
        let found = document.try_get_path(&parent).ok().and_then(|node| node.as_scalar().map(Scalar::as_string));
        if found.as_deref() == Some(path[length].as_str()) {
            // A failure shows when the value itself is set.
            let _ = document.try_set_path(&parent, ScalarValue::null());
        }
    }
}

/// Sets a value. A map is written key by key and loses the keys that it should not have afterwards, so that comments
/// within it stay; small ones that are new stand in one line, as people write secret sources.
fn write(document: &Document, path: &[String], value: &Value) -> Result<(), PathError> {
    let place = escaped(path);
    let found = document.try_get_path(&place).ok();
    let existing = found.as_ref().and_then(|node| node.as_mapping().cloned());
    match value {
        Value::Object(map) if !map.is_empty() && (existing.is_some() || !is_small(value)) => {
            if found.is_some() && existing.is_none() {
                document.try_set_path(&place, ScalarValue::null())?;
            }
            for (key, value) in map {
                write(document, &below(path, key), value)?;
            }
            let keys: Vec<String> = existing
                .iter()
                .flat_map(Mapping::keys)
                .filter_map(|key| key.as_scalar().map(Scalar::as_string))
                .collect();
            for key in keys.iter().filter(|key| !map.contains_key(*key)) {
                document.try_remove_path(&escaped(&below(path, key)))?;
            }
            Ok(())
        }
        Value::Array(_) | Value::Object(_) => {
            let snippet = Document::from_str(&format!("value: {}\n", in_one_line(value))).ok();
            let node = snippet.and_then(|snippet| snippet.get("value")).ok_or(PathError::NoRoot)?;
            document.try_set_path_with(&place, node, AliasPolicy::Expand)
        }
        leaf => document.try_set_path_with(&place, scalar(leaf), AliasPolicy::Expand),
    }
}

fn below(path: &[String], key: &str) -> Vec<String> {
    path.iter().map(String::as_str).chain([key]).map(str::to_owned).collect()
}

/// A single value; a text is quoted where any reader of YAML could take it for something else.
fn scalar(value: &Value) -> ScalarValue {
    let Value::String(text) = value else { return ScalarValue::parse(value.to_string()) };
    let written = yaml::to_string(value);
    if written.trim_end() == text { ScalarValue::string(text) } else { ScalarValue::double_quoted(text) }
}

/// Secret sources and short lists stand in one line.
fn is_small(value: &Value) -> bool {
    let is_leaf = |value: &Value| !value.is_object() && !value.is_array();
    match value {
        Value::Object(map) => map.len() <= 1 && map.values().all(is_leaf),
        Value::Array(list) => list.iter().all(is_leaf),
        _ => true,
    }
}

fn in_one_line(value: &Value) -> String {
    match value {
        Value::Object(map) if map.is_empty() => "{}".to_owned(),
        Value::Object(map) => {
            let entries: Vec<String> = map
                .iter()
                .map(|(key, value)| format!("{}: {}", in_one_line(&key.as_str().into()), in_one_line(value)))
                .collect();
            format!("{{ {} }}", entries.join(", "))
        }
        Value::Array(list) => format!("[{}]", list.iter().map(in_one_line).collect::<Vec<_>>().join(", ")),
        // Within brackets a comma ends a text, so anything but a plain word is quoted; JSON's quotes are YAML's.
        Value::String(text)
            if text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/')) =>
        {
            yaml::to_string(value).trim_end().to_owned()
        }
        other => other.to_string(),
    }
}

/// A path as `yaml-edit` takes it, with every character escaped, so that none of it is taken for an index.
fn escaped(path: &[String]) -> String {
    let segment = |key: &String| key.chars().flat_map(|character| ['\\', character]).collect::<String>();
    path.iter().map(segment).collect::<Vec<_>>().join(".")
}

/// New lines end as the lines of the file do.
fn with_line_ends_of(original: &str, edited: String) -> String {
    let all_crlf = original.contains('\n') && original.matches('\n').count() == original.matches("\r\n").count();
    if all_crlf { edited.replace("\r\n", "\n").replace('\n', "\r\n") } else { edited }
}

#[cfg(test)]
mod tests;
