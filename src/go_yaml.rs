//! YAML as Helm's libraries read and write it: `sigs.k8s.io/yaml` (go-yaml v2 with JSON in between) for nearly all, and
//! go-yaml v3 for `toYamlPretty`.
//!
//! Reading goes through a flat tree of nodes that know their places; [`Document`] keeps it for those who draw errors.

mod base64;
mod character;
mod decode;
mod documents;
mod emitter;
mod error;
mod fault;
mod go_syntax;
mod input;
mod key_order;
mod keys;
mod parser;
mod place;
mod resolve;
mod scanner;
mod shape;
mod timestamp;
mod token;
mod tree;
mod write;

pub use documents::{Section, Sections, SeparatorError, sections};
pub use error::{ReadError, WriteError, YamlError};
pub use place::{Entry, Place, Step};
pub use shape::{Shape, StructShape, UnknownFields, read_shape};
pub use write::{write, write_pretty};

use decode::{Decoded, Numbers, Options, decode};
use error::Problem;
use tree::Tree;

use crate::go_json::{self, JsonError, Style};
use crate::template::{Dict, List, Value};

/// The first document of a text, parsed but not yet turned into a value.
#[derive(Debug)]
pub struct Document<'t> {
    /// None for a text without a document.
    tree: Option<Tree<'t>>,
}

/// What a key that is set twice does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duplicates {
    /// The last one counts: `yaml.Unmarshal`.
    LastCounts,
    /// It is an error: `yaml.UnmarshalStrict`.
    Refused,
}

impl<'t> Document<'t> {
    pub fn parse(text: &'t [u8]) -> Result<Self, ReadError> {
        Tree::parse(text).map(|tree| Self { tree }).map_err(ReadError::Conversion)
    }

    /// The value of the document, nil for a text without one. All numbers are floats.
    pub fn value(&self, duplicates: Duplicates) -> Result<Value, ReadError> {
        self.decode(Numbers::Json, duplicates)
    }

    /// As [`Self::value`], with integers as integers.
    fn typed_value(&self, duplicates: Duplicates) -> Result<Value, ReadError> {
        self.decode(Numbers::Typed, duplicates)
    }

    fn decode(&self, numbers: Numbers, duplicates: Duplicates) -> Result<Value, ReadError> {
        let Some(tree) = &self.tree else { return Ok(Value::Nil) };
        let options = Options { numbers, is_strict: duplicates == Duplicates::Refused };
        let Decoded { value, too_deep } = decode(tree, options).map_err(ReadError::Conversion)?;
        match too_deep {
            None => Ok(value),
            Some(opening) => {
                let message = format!("invalid character '{opening}' exceeded max depth");
                Err(ReadError::Decoding(JsonError::Syntax(message)))
            }
        }
    }

    /// Where a value stands, and its key where it has one. Aliases and merged keys lead to where they were written.
    pub fn place(&self, path: &[Step<'_>]) -> Option<Entry> {
        place::find(self.tree.as_ref()?, path)
    }
}

/// `yaml.Unmarshal` into an `interface {}`.
pub fn read_any(text: &[u8]) -> Result<Value, ReadError> {
    Document::parse(text)?.value(Duplicates::LastCounts)
}

/// `yaml.Unmarshal` into a `map[string]interface {}`. An empty dict for an empty document, which leaves Go's map alone.
pub fn read_dict(text: &[u8]) -> Result<Dict, ReadError> {
    to_dict(read_any(text)?)
}

/// `yaml.UnmarshalStrict` into a `map[string]interface {}`.
pub fn read_dict_strictly(text: &[u8]) -> Result<Dict, ReadError> {
    to_dict(Document::parse(text)?.value(Duplicates::Refused)?)
}

/// `yaml.Unmarshal` into a `[]interface {}`. An empty list for an empty document.
pub fn read_list(text: &[u8]) -> Result<List, ReadError> {
    match read_any(text)? {
        Value::List(list) => Ok(list),
        Value::Nil => Ok(List::new(Vec::new())),
        other => Err(ReadError::Decoding(JsonError::mismatch(&other, "value of type []interface {}"))),
    }
}

/// `yaml.YAMLToJSON`: integers keep all their digits.
pub fn to_json(text: &[u8]) -> Result<Vec<u8>, YamlError> {
    let Some(tree) = Tree::parse(text)? else { return Ok(b"null".to_vec()) };
    let Decoded { value, .. } = decode(&tree, Options { numbers: Numbers::Typed, is_strict: false })?;
    go_json::write(&value, Style::Html).map_err(|error| YamlError::new(Problem::Json(error), None))
}

/// A document's value where a map is wanted.
pub fn to_dict(value: Value) -> Result<Dict, ReadError> {
    match value {
        Value::Dict(dict) => Ok(dict),
        Value::Nil => Ok(Dict::new()),
        other => Err(ReadError::Decoding(JsonError::mismatch(&other, "value of type map[string]interface {}"))),
    }
}

#[cfg(test)]
mod tests;
