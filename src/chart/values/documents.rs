//! Files of values: one or more YAML documents, later ones over earlier ones.

use crate::chart::reading;
use crate::template::{Dict, Value};

/// Reads `values.yaml` or a file given with `-f`. Errors are in Helm's words.
pub fn read(content: &[u8]) -> Result<Dict, String> {
    let mut values = Dict::new();
    for document in split(content)? {
        let read = reading::map(&document).map_err(|error| format!("cannot unmarshal yaml document: {error}"))?;
        values = merged(&values, &read);
    }
    Ok(values)
}

/// The second over the first; maps are merged, everything else is replaced. Neither is changed.
pub fn merged(first: &Dict, second: &Dict) -> Dict {
    let mut entries = first.borrow().clone();
    for (key, value) in second.borrow().iter() {
        let both = match (value, entries.get(key)) {
            (Value::Dict(above), Some(Value::Dict(below))) => Value::Dict(merged(below, above)),
            _ => value.clone(),
        };
        entries.insert(key.clone(), both);
    }
    Dict::from_entries(entries)
}

/// Documents stand between lines that begin with `---`.
fn split(content: &[u8]) -> Result<Vec<Vec<u8>>, String> {
    let mut documents = Vec::new();
    let mut current: Vec<u8> = Vec::new();
    let mut content = content;
    if content.last() == Some(&b'\n') {
        content = &content[..content.len() - 1];
    } else if content.is_empty() {
        return Ok(documents);
    }
    for line in content.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if let Some(rest) = line.strip_prefix(b"---") {
            let rest = String::from_utf8_lossy(rest);
            let rest = rest.trim();
            if !rest.is_empty() && !rest.starts_with('#') {
                return Err(format!("error reading yaml document: invalid Yaml document separator: {rest}"));
            }
            if !current.is_empty() {
                documents.push(std::mem::take(&mut current));
                continue;
            }
        }
        current.extend_from_slice(line);
        current.push(b'\n');
    }
    if !current.is_empty() {
        documents.push(current);
    }
    Ok(documents)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_split_as_the_kubernetes_reader_does() {
        let shown = |text: &str| -> Vec<String> {
            split(text.as_bytes()).unwrap().into_iter().map(|document| String::from_utf8(document).unwrap()).collect()
        };
        assert_eq!(shown("a: 1\n---\nb: 2"), ["a: 1\n", "b: 2\n"]);
        assert_eq!(shown("--- # x\na: 1\r\n"), ["--- # x\na: 1\n"]);
        assert_eq!(shown(""), Vec::<String>::new());
        assert!(split(b"a: 1\n--- b\n").unwrap_err().ends_with("invalid Yaml document separator: b"));
    }
}
