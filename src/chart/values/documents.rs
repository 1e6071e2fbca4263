//! Files of values: one or more YAML documents, later ones over earlier ones.

use crate::go_yaml;
use crate::template::{Dict, Value};

/// Reads `values.yaml` or a file given with `-f`. Errors are in Helm's words.
pub fn read(content: &[u8]) -> Result<Dict, String> {
    let mut values = Dict::new();
    for section in go_yaml::sections(content) {
        let section = section.map_err(|error| format!("error reading yaml document: {error}"))?;
        let read =
            go_yaml::read_dict(&section.text).map_err(|error| format!("cannot unmarshal yaml document: {error}"))?;
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
