//! Writing YAML for people.

use serde::Serialize;

/// Any serializable value as YAML; texts that another reader could take for something else are quoted.
pub fn to_string<T: Serialize>(value: &T) -> String {
    serde_saphyr::to_string(value).unwrap_or_else(|error| format!("# cannot be written as YAML: {error}\n"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn ambiguous_texts_are_quoted() {
        let yaml = super::to_string(&serde_json::json!({ "a": "yes", "b": "2024-01-01", "c": "0.98", "d": "plain" }));
        assert_eq!(yaml, "a: \"yes\"\nb: \"2024-01-01\"\nc: \"0.98\"\nd: plain\n");
    }
}
