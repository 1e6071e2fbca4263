//! From YAML to the structs of a chart.

use super::super::Lock;
use super::super::decoding::{Decoder, Place};
use super::super::metadata::{Dependency, Maintainer, Metadata};
use crate::template::Value;

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
    decoder.object_of(value, place, place.inside("Maintainer", "v2.Maintainer"), |decoder, key, value, place| match key {
        "name" => decoder.string(value, &mut maintainer.name, &place.field("name")),
        "email" => decoder.string(value, &mut maintainer.email, &place.field("email")),
        "url" => decoder.string(value, &mut maintainer.url, &place.field("url")),
        _ => {}
    });
}

fn dependency(decoder: &mut Decoder, value: &Value, dependency: &mut Dependency, place: &Place) {
    decoder.object_of(value, place, place.inside("Dependency", "v2.Dependency"), |decoder, key, value, place| match key {
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
