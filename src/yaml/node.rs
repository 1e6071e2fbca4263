//! The tree that layers are merged in.

use indexmap::IndexMap;

use crate::diagnostics::Origin;

/// A value and who wrote it.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    pub value: Value,
    pub origin: Origin,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Null,
    Bool(bool),
    Integer(i64),
    Float(f64),
    Text(String),
    List(Vec<Node>),
    Map(IndexMap<String, Entry>),
}

/// A value in a map, with the place of its key.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub key_origin: Origin,
    pub node: Node,
}

impl Node {
    pub fn new(value: Value, origin: Origin) -> Self {
        Self { value, origin }
    }

    pub fn empty_map(origin: Origin) -> Self {
        Self::new(Value::Map(IndexMap::new()), origin)
    }

    /// What a person would call it, for messages.
    pub fn describe(&self) -> String {
        match &self.value {
            Value::Null => "nothing".to_owned(),
            Value::Bool(value) => format!("the truth value {value}"),
            Value::Integer(value) => format!("the number {value}"),
            Value::Float(value) => format!("the number {value}"),
            Value::Text(text) => format!("the text {text:?}"),
            Value::List(_) => "a list".to_owned(),
            Value::Map(_) => "a map".to_owned(),
        }
    }

    pub fn as_map(&self) -> Option<&IndexMap<String, Entry>> {
        match &self.value {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    pub fn as_text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The node at a dotted path such as `server.port`; list elements by number.
    pub fn get(&self, path: &str) -> Option<&Node> {
        path.split('.').filter(|part| !part.is_empty()).try_fold(self, |node, part| match &node.value {
            Value::Map(map) => map.get(part).map(|entry| &entry.node),
            Value::List(list) => part.parse::<usize>().ok().and_then(|index| list.get(index)),
            _ => None,
        })
    }

    /// Removes what stands at a path. Gives back whether anything stood there.
    pub fn remove(&mut self, path: &[String]) -> bool {
        let Some((last, parents)) = path.split_last() else { return false };
        let mut node = self;
        for part in parents {
            let next = match &mut node.value {
                Value::Map(map) => map.get_mut(part).map(|entry| &mut entry.node),
                Value::List(list) => part.parse::<usize>().ok().and_then(|index| list.get_mut(index)),
                _ => None,
            };
            match next {
                Some(next) => node = next,
                None => return false,
            }
        }
        match &mut node.value {
            Value::Map(map) => map.shift_remove(last).is_some(),
            Value::List(list) => match last.parse::<usize>() {
                Ok(index) if index < list.len() => {
                    list.remove(index);
                    true
                }
                _ => false,
            },
            _ => false,
        }
    }

    /// Every leaf with its dotted path, in the order of writing. Empty maps and lists count as leaves.
    pub fn leaves(&self) -> Vec<(String, &Node)> {
        let mut found = Vec::new();
        collect_leaves(self, String::new(), &mut found);
        found
    }

    pub fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(value) => (*value).into(),
            Value::Integer(value) => (*value).into(),
            Value::Float(value) => (*value).into(),
            Value::Text(text) => text.as_str().into(),
            Value::List(list) => list.iter().map(Node::to_json).collect(),
            Value::Map(map) => {
                serde_json::Value::Object(map.iter().map(|(key, entry)| (key.clone(), entry.node.to_json())).collect())
            }
        }
    }

    /// A tree in which everything was written by one layer that is no file.
    pub fn from_json(json: &serde_json::Value, origin: &Origin) -> Self {
        use serde_json::Value as Json;
        let value = match json {
            Json::Null => Value::Null,
            Json::Bool(value) => Value::Bool(*value),
            Json::Number(number) => match number.as_i64() {
                Some(integer) => Value::Integer(integer),
                None => Value::Float(number.as_f64().unwrap_or(f64::NAN)),
            },
            Json::String(text) => Value::Text(text.clone()),
            Json::Array(list) => Value::List(list.iter().map(|item| Self::from_json(item, origin)).collect()),
            Json::Object(map) => Value::Map(
                map.iter()
                    .map(|(key, item)| {
                        (key.clone(), Entry { key_origin: origin.clone(), node: Self::from_json(item, origin) })
                    })
                    .collect(),
            ),
        };
        Self::new(value, origin.clone())
    }
}

fn collect_leaves<'a>(node: &'a Node, path: String, found: &mut Vec<(String, &'a Node)>) {
    let child = |part: &str| if path.is_empty() { part.to_owned() } else { format!("{path}.{part}") };
    match &node.value {
        Value::Map(map) if !map.is_empty() => {
            for (key, entry) in map {
                collect_leaves(&entry.node, child(key), found);
            }
        }
        Value::List(list) if !list.is_empty() => {
            for (index, item) in list.iter().enumerate() {
                collect_leaves(item, child(&index.to_string()), found);
            }
        }
        _ => found.push((path, node)),
    }
}
