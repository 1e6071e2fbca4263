//! The few fields of an object that sorting needs.

use super::manifest::Head;
use crate::chart::decoding::{Decoder, Place};
use crate::template::Value;

const METADATA: &str = r#"struct { Name string "json:\"name\""; Annotations map[string]string "json:\"annotations\"" }"#;

/// Errors are in Helm's words.
pub(super) fn decode(tree: &Value) -> Result<Head, String> {
    let mut decoder = Decoder::default();
    let mut head = Head::default();
    decoder.object(tree, Place::root("SimpleHead", "util.SimpleHead"), |decoder, key, value, place| match key {
        "apiversion" => decoder.string(value, &mut head.api_version, &place.field("apiVersion")),
        "kind" => decoder.string(value, &mut head.kind, &place.field("kind")),
        "metadata" => metadata(decoder, value, &mut head, &place.field("metadata")),
        _ => {}
    });
    decoder.finish(head)
}

fn metadata(decoder: &mut Decoder, value: &Value, head: &mut Head, place: &Place) {
    decoder.object_of(value, place, place.inside("", METADATA), |decoder, key, value, place| match key {
        "name" => decoder.string(value, &mut head.name, &place.field("name")),
        "annotations" => {
            let mut annotations = Vec::new();
            decoder.string_map(value, &mut annotations, &place.field("annotations"));
            head.annotations = Some(annotations.into_iter().collect());
        }
        _ => {}
    });
}
