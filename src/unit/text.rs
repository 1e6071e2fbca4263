//! Texts that may refer to other units' outputs and to secrets, and are never half filled.

use std::collections::{BTreeMap, BTreeSet};

use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::UnitId;
use crate::diagnostics::{Diagnostic, codes};
use crate::secrets::{SecretName, Secrets};

/// What a unit tells others once it is there: ports, paths, addresses. Never a secret.
pub type Outputs = BTreeMap<String, String>;

/// Another unit's output, known after that unit is applied.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct OutputRef {
    pub unit: UnitId,
    pub output: String,
}

/// A piece of a [`Text`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    Literal(String),
    Output(OutputRef),
    Secret(SecretName),
    /// The value as it may stand in a URL, whatever its characters.
    UrlEncodedSecret(SecretName),
}

/// A text made of literals, references to outputs and references to secrets.
///
/// In JSON a literal is a string; anything else is `{"$text": ["mysql://", {"output": "database:port"}, …]}`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Text(pub Vec<Part>);

impl Text {
    pub fn literal(text: impl Into<String>) -> Self {
        Self(vec![Part::Literal(text.into())])
    }

    pub fn output(unit: &str, output: &str) -> Self {
        Self(vec![Part::Output(OutputRef { unit: UnitId::new(unit), output: output.to_owned() })])
    }

    pub fn secret(name: &SecretName) -> Self {
        Self(vec![Part::Secret(name.clone())])
    }

    pub fn url_encoded_secret(name: &SecretName) -> Self {
        Self(vec![Part::UrlEncodedSecret(name.clone())])
    }

    /// The secrets in it.
    pub fn secrets(&self) -> impl Iterator<Item = &SecretName> {
        self.0.iter().filter_map(|part| match part {
            Part::Secret(name) | Part::UrlEncodedSecret(name) => Some(name),
            Part::Literal(_) | Part::Output(_) => None,
        })
    }

    /// Appends another text.
    #[must_use]
    pub fn then(mut self, other: impl Into<Self>) -> Self {
        self.0.extend(other.into().0);
        self
    }

    /// The text, if it holds neither open references nor secrets.
    pub fn known(&self) -> Option<String> {
        self.0
            .iter()
            .map(|part| match part {
                Part::Literal(text) => Some(text.as_str()),
                Part::Output(_) | Part::Secret(_) | Part::UrlEncodedSecret(_) => None,
            })
            .collect()
    }

    /// For people: `mysql://127.0.0.1:(port of database)/zenml`, `(secret database-password)`.
    pub fn describe(&self) -> String {
        self.0
            .iter()
            .map(|part| match part {
                Part::Literal(text) => text.clone(),
                Part::Output(reference) => format!("({} of {})", reference.output, reference.unit),
                Part::Secret(name) | Part::UrlEncodedSecret(name) => format!("(secret {name})"),
            })
            .collect()
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::literal(text)
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::literal(text)
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Some(text) = self.known() {
            return serializer.serialize_str(&text);
        }
        let parts: Vec<Value> = self
            .0
            .iter()
            .map(|part| match part {
                Part::Literal(text) => json!(text),
                Part::Output(reference) => json!({ "output": format!("{}:{}", reference.unit, reference.output) }),
                Part::Secret(name) => json!({ "secret": name }),
                Part::UrlEncodedSecret(name) => json!({ "secret": name, "encoding": "url" }),
            })
            .collect();
        json!({ "$text": parts }).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        from_value(&value).ok_or_else(|| serde::de::Error::custom("a text or its parts"))
    }
}

fn from_value(value: &Value) -> Option<Text> {
    if let Value::String(text) = value {
        return Some(Text::literal(text));
    }
    let parts = value.as_object()?.get("$text")?.as_array()?;
    parts.iter().map(part_from_value).collect::<Option<_>>().map(Text)
}

fn part_from_value(value: &Value) -> Option<Part> {
    if let Value::String(text) = value {
        return Some(Part::Literal(text.clone()));
    }
    if let Some(name) = value.get("secret").and_then(Value::as_str) {
        let name = SecretName::new(name);
        let encoded = value.get("encoding").is_some();
        return Some(if encoded { Part::UrlEncodedSecret(name) } else { Part::Secret(name) });
    }
    let (unit, output) = value.get("output")?.as_str()?.rsplit_once(':')?;
    Some(Part::Output(OutputRef { unit: UnitId::new(unit), output: output.to_owned() }))
}

/// A text with its secrets filled in, at the last moment.
pub fn reveal(text: &Text, secrets: &Secrets) -> Result<SecretString, Diagnostic> {
    let mut whole = Zeroizing::new(String::new());
    for part in &text.0 {
        match part {
            Part::Literal(literal) => whole.push_str(literal),
            Part::Secret(name) => whole.push_str(secrets.get(name)?.expose_secret()),
            Part::UrlEncodedSecret(name) => {
                let value = secrets.get(name)?;
                whole.extend(url::form_urlencoded::byte_serialize(value.expose_secret().as_bytes()).map(|piece| {
                    // In the user part of a URL a plus is a plus.
                    if piece == "+" { "%20" } else { piece }
                }));
            }
            Part::Output(reference) => {
                return Err(Diagnostic::error(
                    codes::INTERNAL,
                    format!("{} of {} is needed before it is known", reference.output, reference.unit),
                ));
            }
        }
    }
    Ok(SecretString::from(whole.as_str()))
}

/// Visits every text in a spec, wherever it stands.
fn visit_texts(value: &Value, visit: &mut impl FnMut(&Text)) {
    match value {
        Value::Object(map) if map.contains_key("$text") => {
            if let Some(text) = from_value(value) {
                visit(&text);
            }
        }
        Value::Object(map) => map.values().for_each(|item| visit_texts(item, visit)),
        Value::Array(list) => list.iter().for_each(|item| visit_texts(item, visit)),
        _ => {}
    }
}

/// All references to other units in a spec.
pub fn references(spec: &Value) -> BTreeSet<OutputRef> {
    let mut found = BTreeSet::new();
    visit_texts(spec, &mut |text| {
        for part in &text.0 {
            if let Part::Output(reference) = part {
                found.insert(reference.clone());
            }
        }
    });
    found
}

/// All secrets that a spec refers to.
pub fn secrets_used(spec: &Value) -> BTreeSet<SecretName> {
    let mut found = BTreeSet::new();
    visit_texts(spec, &mut |text| found.extend(text.secrets().cloned()));
    found
}

/// A reference that cannot be filled yet.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} of {} is not known yet", .0.output, .0.unit)]
pub struct Unknown(pub OutputRef);

/// The spec with every known output filled in. What is not known yet stays a reference and is listed.
pub fn resolve(spec: &Value, outputs: &BTreeMap<UnitId, Outputs>) -> (Value, Vec<Unknown>) {
    let mut unknown = Vec::new();
    let resolved = resolve_value(spec, outputs, &mut unknown);
    (resolved, unknown)
}

/// The spec for people: every text as [`Text::describe`] says it. No secret is in it, only names of some.
pub fn described(spec: &Value) -> Value {
    match spec {
        Value::Object(map) if map.contains_key("$text") => {
            from_value(spec).map_or_else(|| spec.clone(), |text| Value::String(text.describe()))
        }
        Value::Object(map) => Value::Object(map.iter().map(|(key, value)| (key.clone(), described(value))).collect()),
        Value::Array(items) => Value::Array(items.iter().map(described).collect()),
        other => other.clone(),
    }
}

fn resolve_value(value: &Value, outputs: &BTreeMap<UnitId, Outputs>, unknown: &mut Vec<Unknown>) -> Value {
    match value {
        Value::Object(map) if map.contains_key("$text") => match from_value(value) {
            Some(text) => {
                let filled = Text(text.0.into_iter().map(|part| fill(part, outputs, unknown)).collect());
                serde_json::to_value(merge_literals(filled)).unwrap_or(Value::Null)
            }
            None => value.clone(),
        },
        Value::Object(map) => {
            map.iter().map(|(key, item)| (key.clone(), resolve_value(item, outputs, unknown))).collect()
        }
        Value::Array(list) => list.iter().map(|item| resolve_value(item, outputs, unknown)).collect(),
        other => other.clone(),
    }
}

fn fill(part: Part, outputs: &BTreeMap<UnitId, Outputs>, unknown: &mut Vec<Unknown>) -> Part {
    let Part::Output(reference) = part else { return part };
    if let Some(value) = outputs.get(&reference.unit).and_then(|outputs| outputs.get(&reference.output)) {
        Part::Literal(value.clone())
    } else {
        unknown.push(Unknown(reference.clone()));
        Part::Output(reference)
    }
}

/// One way to write each text, so that two equal texts compare equal.
fn merge_literals(text: Text) -> Text {
    let mut merged: Vec<Part> = Vec::new();
    for part in text.0 {
        match (merged.last_mut(), part) {
            (Some(Part::Literal(before)), Part::Literal(after)) => before.push_str(&after),
            (_, part) => merged.push(part),
        }
    }
    Text(merged)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_survive_json_and_fill_only_what_is_known() {
        let password = SecretName::new("database-password");
        let spec = json!({
            "env": {
                "URL": Text::literal("mysql://zenml@127.0.0.1:").then(Text::output("database", "port")).then("/zenml"),
                "PASSWORD": Text::secret(&password),
                "PLAIN": Text::literal("x"),
            }
        });
        assert_eq!(spec["env"]["PLAIN"], json!("x"));
        assert_eq!(references(&spec).len(), 1);
        assert_eq!(secrets_used(&spec).into_iter().collect::<Vec<_>>(), std::slice::from_ref(&password));
        let (open, unknown) = resolve(&spec, &BTreeMap::new());
        assert_eq!(open, spec);
        assert_eq!(unknown[0].0.output, "port");
        let outputs = BTreeMap::from([(UnitId::new("database"), Outputs::from([("port".into(), "3307".into())]))]);
        let (filled, unknown) = resolve(&spec, &outputs);
        assert!(unknown.is_empty());
        assert_eq!(filled["env"]["URL"], json!("mysql://zenml@127.0.0.1:3307/zenml"));
        let text: Text = serde_json::from_value(filled["env"]["PASSWORD"].clone()).unwrap();
        assert_eq!(text, Text::secret(&password));
    }

    #[test]
    fn descriptions_name_what_is_open() {
        let text = Text::literal("http://127.0.0.1:").then(Text::output("server", "port"));
        assert_eq!(text.describe(), "http://127.0.0.1:(port of server)");
    }
}
