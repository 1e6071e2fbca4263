//! Dotted paths into values.

use crate::template::{Dict, Text, Value};

pub(crate) fn entry(dict: &Dict, key: &Text) -> Option<Value> {
    dict.borrow().get(key).cloned()
}

/// Why there is no table; `Display` is Helm's text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} is not a table", super::set::quote(.0))]
pub struct NoTable(pub String);

/// The table at `a.b.c`.
pub fn table(values: &Dict, path: &str) -> Result<Dict, NoTable> {
    let mut table = values.clone();
    for part in path.split('.') {
        table = match table.get(part) {
            Some(Value::Dict(inner)) => inner,
            _ => return Err(NoTable(part.to_owned())),
        };
    }
    Ok(table)
}

/// The value at `a.b.c`, if it is there and no table.
pub fn value(values: &Dict, path: &str) -> Option<Value> {
    let (table, key) = match path.rsplit_once('.') {
        Some((above, key)) => (self::table(values, above).ok()?, key),
        None => (values.clone(), path),
    };
    table.get(key).filter(|value| !matches!(value, Value::Dict(_)))
}
