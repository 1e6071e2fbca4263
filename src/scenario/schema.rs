//! The JSON Schema of a scenario file, made from the types that read it.

use super::model::Scenario;

/// For editors and for `deploy schema scenario`.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Scenario).to_value()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::scenario::Catalogue;

    #[test]
    fn editors_learn_keys_words_and_what_they_mean() {
        let schema = schema();
        assert_eq!(schema["title"], "Scenario");
        assert_eq!(schema["additionalProperties"], false);
        let required: Vec<&str> = schema["required"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        assert_eq!(required, ["name", "title", "summary", "components", "contract"]);
        let text = schema.to_string();
        for word in ["secrets-store", "customer-agent", "beta-2", "mayCross", "tradeOffs", "openedBy"] {
            assert!(text.contains(&format!("\"{word}\"")), "{word} is missing");
        }
        assert!(
            text.contains("What the rule does not protect from")
                || text.contains("what the rule does not protect from")
        );
    }

    /// Without a validator at hand: every key of every scenario file is one that the schema lists, at its place.
    #[test]
    fn the_schema_knows_every_key_of_the_built_in_files() {
        let schema = schema();
        for scenario in Catalogue::embedded().unwrap().iter() {
            let value = serde_json::to_value(scenario).unwrap();
            assert_known(&schema, &schema, &value, &scenario.name);
        }
    }

    fn assert_known(root: &Value, schema: &Value, value: &Value, place: &str) {
        let schema = resolve(root, schema);
        match value {
            Value::Object(map) => {
                for (key, item) in map {
                    let property = &schema["properties"][key];
                    assert!(!property.is_null(), "{place}.{key} is not in the schema");
                    assert_known(root, property, item, &format!("{place}.{key}"));
                }
            }
            Value::Array(list) => {
                for (index, item) in list.iter().enumerate() {
                    assert_known(root, &schema["items"], item, &format!("{place}.{index}"));
                }
            }
            _ => {}
        }
    }

    fn resolve<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
        let reference = schema["$ref"].as_str().or_else(|| schema["anyOf"][0]["$ref"].as_str());
        match reference.and_then(|path| path.strip_prefix('#')).and_then(|path| root.pointer(path)) {
            Some(target) => target,
            None => schema,
        }
    }
}
