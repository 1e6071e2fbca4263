//! Maps of YAML into the structs of a chart, as `encoding/json` fills them: keys in any case, scalars turned into the
//! texts that a field wants, the first mismatch reported.

use super::super::Lock;
use super::super::metadata::{Dependency, Maintainer, Metadata};
use crate::template::{IntegerKind, Value};

/// Only what tells how to read the rest.
pub(super) fn api_version(tree: &Value) -> Result<String, String> {
    let mut decoder = Decoder::default();
    let mut version = String::new();
    decoder.object(tree, Place::root("chartBase", "loader.chartBase"), |decoder, key, value, place| {
        if key == "apiversion" {
            decoder.string(value, &mut version, &place.field("apiVersion"));
        }
    });
    decoder.finish(version)
}

/// Fills in what the tree speaks of; the rest stays.
pub(super) fn metadata(tree: &Value, metadata: &mut Metadata) -> Result<(), String> {
    let mut decoder = Decoder::default();
    decoder.object(tree, Place::root("Metadata", "v2.Metadata"), |decoder, key, value, place| match key {
        "name" => decoder.string(value, &mut metadata.name, &place.field("name")),
        "home" => decoder.string(value, &mut metadata.home, &place.field("home")),
        "sources" => decoder.strings(value, &mut metadata.sources, &place.field("sources")),
        "version" => decoder.string(value, &mut metadata.version, &place.field("version")),
        "description" => decoder.string(value, &mut metadata.description, &place.field("description")),
        "keywords" => decoder.strings(value, &mut metadata.keywords, &place.field("keywords")),
        "maintainers" => {
            let place = place.field("maintainers");
            decoder.list(value, &mut metadata.maintainers, &place, "[]*v2.Maintainer", maintainer);
        }
        "icon" => decoder.string(value, &mut metadata.icon, &place.field("icon")),
        "apiversion" => decoder.string(value, &mut metadata.api_version, &place.field("apiVersion")),
        "condition" => decoder.string(value, &mut metadata.condition, &place.field("condition")),
        "tags" => decoder.string(value, &mut metadata.tags, &place.field("tags")),
        "appversion" => decoder.string(value, &mut metadata.app_version, &place.field("appVersion")),
        "deprecated" => decoder.bool(value, &mut metadata.deprecated, &place.field("deprecated")),
        "annotations" => decoder.string_map(value, &mut metadata.annotations, &place.field("annotations")),
        "kubeversion" => decoder.string(value, &mut metadata.kube_version, &place.field("kubeVersion")),
        "dependencies" => {
            let mut list = metadata.dependencies.take().unwrap_or_default();
            let place = place.field("dependencies");
            let is_list = decoder.list(value, &mut list, &place, "[]*v2.Dependency", dependency);
            metadata.dependencies = is_list.then_some(list);
        }
        "type" => decoder.string(value, &mut metadata.kind, &place.field("type")),
        _ => {}
    });
    decoder.finish(())
}

/// `Chart.lock`
pub(super) fn lock(tree: &Value) -> Result<Lock, String> {
    let mut decoder = Decoder::default();
    let mut lock = Lock::default();
    decoder.object(tree, Place::root("Lock", "v2.Lock"), |decoder, key, value, place| match key {
        "generated" => decoder.string(value, &mut lock.generated, &place.field("generated")),
        "digest" => decoder.string(value, &mut lock.digest, &place.field("digest")),
        "dependencies" => {
            let mut list = Vec::new();
            decoder.list(value, &mut list, &place.field("dependencies"), "[]*v2.Dependency", dependency);
            lock.dependencies = list.into_iter().flatten().collect();
        }
        _ => {}
    });
    decoder.finish(lock)
}

fn maintainer(decoder: &mut Decoder, value: &Value, maintainer: &mut Maintainer, place: &Place) {
    decoder.object(value, place.inside("Maintainer", "v2.Maintainer"), |decoder, key, value, place| match key {
        "name" => decoder.string(value, &mut maintainer.name, &place.field("name")),
        "email" => decoder.string(value, &mut maintainer.email, &place.field("email")),
        "url" => decoder.string(value, &mut maintainer.url, &place.field("url")),
        _ => {}
    });
}

fn dependency(decoder: &mut Decoder, value: &Value, dependency: &mut Dependency, place: &Place) {
    decoder.object(value, place.inside("Dependency", "v2.Dependency"), |decoder, key, value, place| match key {
        "name" => decoder.string(value, &mut dependency.name, &place.field("name")),
        "version" => decoder.string(value, &mut dependency.version, &place.field("version")),
        "repository" => decoder.string(value, &mut dependency.repository, &place.field("repository")),
        "condition" => decoder.string(value, &mut dependency.condition, &place.field("condition")),
        "tags" => decoder.strings(value, &mut dependency.tags, &place.field("tags")),
        "enabled" => decoder.bool(value, &mut dependency.enabled, &place.field("enabled")),
        "import-values" => {
            let place = place.field("import-values");
            match value {
                Value::Nil => dependency.import_values.clear(),
                Value::List(list) => dependency.import_values = list.elements().iter().map(as_json).collect(),
                other => decoder.mismatch(other, &place, "[]interface {}"),
            }
        }
        "alias" => decoder.string(value, &mut dependency.alias, &place.field("alias")),
        _ => {}
    });
}

/// Integers become floats on their way through JSON.
fn as_json(value: &Value) -> Value {
    match value {
        Value::Integer(integer) if integer.is_unsigned() => Value::Float(integer.bits.cast_unsigned() as f64),
        Value::Integer(integer) => Value::Float(integer.bits as f64),
        Value::List(list) => Value::list(list.elements().iter().map(as_json).collect()),
        Value::Dict(dict) => {
            let copy = crate::template::Dict::new();
            for (key, value) in dict.borrow().iter() {
                copy.insert(key.clone(), as_json(value));
            }
            Value::Dict(copy)
        }
        other => other.clone(),
    }
}

/// Where in the structs a value belongs, for errors.
#[derive(Clone)]
struct Place {
    /// The innermost struct.
    structure: &'static str,
    go_type: &'static str,
    path: String,
}

impl Place {
    fn root(structure: &'static str, go_type: &'static str) -> Self {
        Self { structure, go_type, path: String::new() }
    }

    fn field(&self, name: &str) -> Self {
        let path = if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) };
        Self { path, ..self.clone() }
    }

    fn inside(&self, structure: &'static str, go_type: &'static str) -> Self {
        Self { structure, go_type, path: self.path.clone() }
    }
}

#[derive(Default)]
struct Decoder {
    /// Go keeps the first one and goes on.
    error: Option<String>,
}

impl Decoder {
    fn finish<T>(self, value: T) -> Result<T, String> {
        match self.error {
            None => Ok(value),
            Some(error) => Err(format!("error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {error}")),
        }
    }

    fn mismatch(&mut self, value: &Value, place: &Place, go_type: &str) {
        let found = match value {
            Value::Bool(_) => "bool",
            Value::Integer(_) | Value::Float(_) => "number",
            Value::String(_) => "string",
            Value::List(_) => "array",
            _ => "object",
        };
        let target = if place.path.is_empty() {
            "Go value".to_owned()
        } else {
            format!("Go struct field {}.{}", place.structure, place.path)
        };
        self.error.get_or_insert_with(|| format!("{found} into {target} of type {go_type}"));
    }

    /// Keys are given in lower case; null is no object and no error.
    fn object(&mut self, value: &Value, place: Place, mut each: impl FnMut(&mut Self, &str, &Value, &Place)) {
        match value {
            Value::Nil => {}
            Value::Dict(dict) => {
                for (key, value) in dict.borrow().iter() {
                    each(self, &key.to_str().to_lowercase(), value, &place);
                }
            }
            other => self.mismatch(other, &place, place.go_type),
        }
    }

    fn string(&mut self, value: &Value, target: &mut String, place: &Place) {
        match scalar_text(value) {
            Some(text) => *target = text,
            None if value.is_nil() => {}
            None => self.mismatch(value, place, "string"),
        }
    }

    fn bool(&mut self, value: &Value, target: &mut bool, place: &Place) {
        match value {
            Value::Bool(value) => *target = *value,
            Value::Nil => {}
            other => self.mismatch(other, place, "bool"),
        }
    }

    fn strings(&mut self, value: &Value, target: &mut Vec<String>, place: &Place) {
        match value {
            Value::Nil => target.clear(),
            Value::List(list) => {
                target.clear();
                for element in list.elements() {
                    let mut text = String::new();
                    self.string(element, &mut text, place);
                    target.push(text);
                }
            }
            other => self.mismatch(other, place, "[]string"),
        }
    }

    fn string_map(&mut self, value: &Value, target: &mut Vec<(String, String)>, place: &Place) {
        match value {
            Value::Nil => target.clear(),
            Value::Dict(dict) => {
                for (key, value) in dict.borrow().iter() {
                    let mut text = String::new();
                    self.string(value, &mut text, place);
                    target.push((key.to_str().into_owned(), text));
                }
            }
            other => self.mismatch(other, place, "map[string]string"),
        }
    }

    /// A list of pointers to structs, which may be null. Whether it is a list.
    fn list<T: Default>(
        &mut self,
        value: &Value,
        target: &mut Vec<Option<T>>,
        place: &Place,
        go_type: &str,
        mut each: impl FnMut(&mut Self, &Value, &mut T, &Place),
    ) -> bool {
        match value {
            Value::List(list) => {
                target.truncate(list.elements().len());
                for (index, element) in list.elements().iter().enumerate() {
                    if index == target.len() {
                        target.push(None);
                    }
                    if element.is_nil() {
                        target[index] = None;
                    } else {
                        each(self, element, target[index].get_or_insert_with(T::default), place);
                    }
                }
                true
            }
            Value::Nil => {
                target.clear();
                false
            }
            other => {
                self.mismatch(other, place, go_type);
                !target.is_empty()
            }
        }
    }
}

/// A scalar as a text, where a text is wanted.
fn scalar_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.to_str().into_owned()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Integer(integer) if matches!(integer.kind, IntegerKind::Uint64) => {
            Some(integer.bits.cast_unsigned().to_string())
        }
        Value::Integer(integer) => Some(integer.bits.to_string()),
        Value::Float(number) => Some(super::super::values::types::float_text(*number)),
        _ => None,
    }
}
