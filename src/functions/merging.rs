//! Merging of maps as mergo 1.0.1 does it, with its many special cases.

use super::defaults::is_empty;
use super::types::type_name;
use crate::template::{CallError, Dict, ElementType, Kind, List, Text, Value, grow_stack};

/// What mergo says where it refuses.
pub(super) const DIFFERENT_TYPES: &str = "src and dst must be of same type";

/// Go's stack overflows and ends the process somewhere beyond; ours must not.
const DEEPEST: usize = 10_000;

/// Whether values of the source win over those of the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Overwrite {
    No,
    Yes,
}

/// Fills the target, which is changed in place. A nil target becomes a new map.
pub(super) fn merge(target: &Dict, source: &Dict, overwrite: Overwrite) -> Result<Dict, CallError> {
    let target = if target.is_nil() && !source.is_nil() { Dict::new() } else { target.clone() };
    merge_dict(&target, source, overwrite, 0)?;
    Ok(target)
}

fn merge_dict(target: &Dict, source: &Dict, overwrite: Overwrite, depth: usize) -> Result<(), CallError> {
    if depth > DEEPEST {
        return Err(CallError::Budget("a merge goes too deep: does a map hold itself?".to_owned()));
    }
    if target.is_nil() {
        // A nil map inside another cannot be given a value, and mergo lets it be.
        return Ok(());
    }
    // A copy, since the two may be or hold the same map.
    let entries: Vec<(Text, Value)> = source.borrow().iter().map(|(key, value)| (key.clone(), value.clone())).collect();
    let merge = Merge { target, source_element: source.element(), overwrite, depth };
    entries.into_iter().try_for_each(|(key, value)| merge.entry(key, value))
}

/// One map being merged into another.
struct Merge<'a> {
    target: &'a Dict,
    source_element: ElementType,
    overwrite: Overwrite,
    depth: usize,
}

impl Merge<'_> {
    fn entry(&self, key: Text, value: Value) -> Result<(), CallError> {
        let overwrites = self.overwrite == Overwrite::Yes;
        let old = self.target.borrow().get(&key).cloned();
        match &value {
            Value::Nil => return if overwrites { self.set(key, value) } else { Ok(()) },
            Value::Dict(_) | Value::Object(_) if is_merged(&value) => self.merge_into(old.as_ref(), &value)?,
            Value::List(list) => self.list(&key, old.as_ref(), list)?,
            _ => {}
        }
        if let Some(old) = old.as_ref().filter(|old| !is_empty(old)) {
            let are_maps = matches!((old, &value), (Value::Dict(_), Value::Dict(_)));
            if are_maps || matches!(value, Value::List(_)) {
                return Ok(());
            }
        }
        if overwrites || old.as_ref().is_none_or(is_empty) { self.set(key, value) } else { Ok(()) }
    }

    fn merge_into(&self, old: Option<&Value>, value: &Value) -> Result<(), CallError> {
        match (old, value) {
            (Some(Value::Dict(old)), Value::Dict(new)) => {
                grow_stack(|| merge_dict(old, new, self.overwrite, self.depth + 1))
            }
            (Some(Value::Object(old)), _) if old.kind() == Kind::Pointer => {
                let is_pointer = matches!(value, Value::Object(new) if new.kind() == Kind::Pointer);
                if is_pointer || self.overwrite == Overwrite::Yes { Ok(()) } else { Err(DIFFERENT_TYPES.into()) }
            }
            _ => Ok(()),
        }
    }

    /// Go sets the old list again, or an empty one, before it looks whether the new one is wanted.
    fn list(&self, key: &Text, old: Option<&Value>, new: &List) -> Result<(), CallError> {
        if old.is_some() && self.target.element() == ElementType::String {
            return Err("reflect: call of reflect.Value.IsNil on string Value".into());
        }
        let is_wanted = self.overwrite == Overwrite::Yes || self.target.is_empty();
        let list = match old {
            _ if is_wanted => Value::List(new.clone()),
            None | Some(Value::Nil) => Value::List(List::typed(Vec::new(), new.element())),
            Some(old) => old.clone(),
        };
        if self.target.element() == ElementType::Any {
            self.target.borrow_mut().insert(key.clone(), list);
            return Ok(());
        }
        Err(self.not_assignable(&type_name(&list)))
    }

    fn set(&self, key: Text, value: Value) -> Result<(), CallError> {
        let target = self.target.element();
        if target != ElementType::Any && target != self.source_element {
            let source =
                if self.source_element == ElementType::Any { "interface {}".into() } else { type_name(&value) };
            return Err(self.not_assignable(&source));
        }
        // The old value is dropped after the borrow has ended.
        let old = self.target.borrow_mut().insert(key, value);
        drop(old);
        Ok(())
    }

    fn not_assignable(&self, source: &str) -> CallError {
        let target = match self.target.element() {
            ElementType::String => "string",
            ElementType::Int => "int",
            _ => "map[string]interface {}",
        };
        format!("reflect.Value.SetMapIndex: value of type {source} is not assignable to type {target}").into()
    }
}

/// Maps, structs and pointers are merged with what is there before they are set.
fn is_merged(value: &Value) -> bool {
    match value {
        Value::Dict(_) => true,
        Value::Object(object) => matches!(object.kind(), Kind::Struct | Kind::Pointer | Kind::Map),
        _ => false,
    }
}
