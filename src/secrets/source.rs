//! Where a secret's value comes from.

use std::borrow::Cow;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use secrecy::SecretString;
use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};

use super::{Alphabet, SecretName};
use crate::diagnostics::Origin;

/// A source as the deployment file names it.
#[derive(Debug, Clone)]
pub enum SecretSource {
    /// `{ fromEnv: NAME }`: an environment variable of the `deploy` process.
    FromEnv(String),
    /// `{ fromFile: PATH }`: a file's content without its last line end. Relative to the deployment file.
    FromFile(PathBuf),
    /// `{ fromCommand: [PROGRAM, ARGUMENT, …] }`: what the program prints, without its last line end.
    FromCommand(Vec<String>),
    /// `{ prompt: true }`: typed by a person, once; kept afterwards.
    Prompt,
    /// `{ generate: {} }`: made once and kept.
    Generate { length: Option<u32> },
    /// A plain text in the file itself; refused unless the user insists.
    Inline(Arc<SecretString>),
}

impl PartialEq for SecretSource {
    fn eq(&self, other: &Self) -> bool {
        use secrecy::ExposeSecret as _;
        match (self, other) {
            (Self::FromEnv(a), Self::FromEnv(b)) => a == b,
            (Self::FromFile(a), Self::FromFile(b)) => a == b,
            (Self::FromCommand(a), Self::FromCommand(b)) => a == b,
            (Self::Prompt, Self::Prompt) => true,
            (Self::Generate { length: a }, Self::Generate { length: b }) => a == b,
            (Self::Inline(a), Self::Inline(b)) => a.expose_secret() == b.expose_secret(),
            _ => false,
        }
    }
}

impl fmt::Display for SecretSource {
    /// Names the source, never the value.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FromEnv(name) => write!(f, "environment variable {name}"),
            Self::FromFile(path) => write!(f, "file {}", path.display()),
            Self::FromCommand(command) => write!(f, "command {}", command.first().map_or("", String::as_str)),
            Self::Prompt => f.write_str("typed at the prompt"),
            Self::Generate { .. } => f.write_str("generated"),
            Self::Inline(_) => f.write_str("written in the file"),
        }
    }
}

impl serde::Serialize for SecretSource {
    /// Names the source as the file does; a value that stands in the file is not given away.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde_json::json;
        match self {
            Self::FromEnv(name) => json!({ "fromEnv": name }),
            Self::FromFile(path) => json!({ "fromFile": path }),
            Self::FromCommand(command) => json!({ "fromCommand": command }),
            Self::Prompt => json!({ "prompt": true }),
            Self::Generate { length: None } => json!({ "generate": {} }),
            Self::Generate { length } => json!({ "generate": { "length": length } }),
            Self::Inline(_) => json!("(written in the file)"),
        }
        .serialize(serializer)
    }
}

const NAMES: &[&str] = &["fromEnv", "fromFile", "fromCommand", "prompt", "generate"];

impl<'de> Deserialize<'de> for SecretSource {
    /// Takes any scalar as an inline value instead of refusing it by type, since a refusal would quote it.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SourceVisitor)
    }
}

struct SourceVisitor;

fn inline(text: impl Into<String>) -> SecretSource {
    SecretSource::Inline(Arc::new(SecretString::from(text.into())))
}

impl<'de> Visitor<'de> for SourceVisitor {
    type Value = SecretSource;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a source such as { fromEnv: NAME }, { fromFile: PATH }, { fromCommand: [...] }, { prompt: true } or { generate: {} }")
    }

    fn visit_str<E>(self, text: &str) -> Result<SecretSource, E> {
        Ok(match text {
            "generate" => SecretSource::Generate { length: None },
            "prompt" => SecretSource::Prompt,
            value => inline(value),
        })
    }

    fn visit_bool<E>(self, value: bool) -> Result<SecretSource, E> {
        Ok(inline(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<SecretSource, E> {
        Ok(inline(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<SecretSource, E> {
        Ok(inline(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<SecretSource, E> {
        Ok(inline(value.to_string()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<SecretSource, A::Error> {
        let Some(key) = map.next_key_seed(KeySeed)? else {
            return Err(de::Error::custom("name one source: fromEnv, fromFile, fromCommand, prompt or generate"));
        };
        let source = match key {
            "fromEnv" => SecretSource::FromEnv(map.next_value()?),
            "fromFile" => SecretSource::FromFile(map.next_value()?),
            "fromCommand" => SecretSource::FromCommand(map.next_value()?),
            "prompt" => match map.next_value::<Option<bool>>()? {
                Some(false) => return Err(de::Error::custom("`prompt: false` names no source")),
                _ => SecretSource::Prompt,
            },
            _ => {
                let options = map.next_value::<Option<GenerateOptions>>()?.unwrap_or_default();
                SecretSource::Generate { length: options.length }
            }
        };
        match map.next_key_seed(KeySeed)? {
            None => Ok(source),
            Some(second) => Err(de::Error::custom(format!("one source is expected, not {key} and {second}"))),
        }
    }
}

#[derive(Debug, Default, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct GenerateOptions {
    /// Characters; the default fits the secret.
    length: Option<u32>,
}

/// Reads a key as one of the names, so that a wrong one is refused at its place with a suggestion.
struct KeySeed;

impl<'de> de::DeserializeSeed<'de> for KeySeed {
    type Value = &'static str;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<&'static str, D::Error> {
        let key = String::deserialize(deserializer)?;
        NAMES.iter().copied().find(|name| *name == key).ok_or_else(|| de::Error::unknown_field(&key, NAMES))
    }
}

impl JsonSchema for SecretSource {
    fn schema_name() -> Cow<'static, str> {
        "SecretSource".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let generate = generator.subschema_for::<GenerateOptions>();
        let one = |name: &str, value: serde_json::Value| serde_json::json!({ "type": "object", "properties": { name: value }, "required": [name], "additionalProperties": false });
        json_schema!({
            "description": "Where a secret's value comes from. Plain values are refused unless --allow-inline-secrets is given.",
            "oneOf": [
                one("fromEnv", serde_json::json!({ "type": "string", "description": "Name of an environment variable" })),
                one("fromFile", serde_json::json!({ "type": "string", "description": "Path of a file, relative to this one" })),
                one("fromCommand", serde_json::json!({ "type": "array", "items": { "type": "string" }, "minItems": 1, "description": "Program and arguments; what it prints is the value" })),
                one("prompt", serde_json::json!({ "type": "boolean", "const": true })),
                one("generate", serde_json::to_value(generate).unwrap_or_default()),
                { "type": "string", "enum": ["generate", "prompt"] },
            ],
        })
    }
}

/// What a value has to be like to be of use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fit {
    /// In characters.
    pub min_length: u32,
    /// Of a generated value, in characters.
    pub length: u32,
    pub alphabet: Alphabet,
    /// Whether every character has to be one of ASCII.
    pub ascii: bool,
}

/// A secret of a deployment: its name, its source and what it is for.
#[derive(Debug, Clone, PartialEq)]
pub struct SecretSpec {
    pub name: SecretName,
    pub source: SecretSource,
    /// For plans and prompts: `password of the server's administrator`.
    pub purpose: String,
    pub fit: Fit,
    /// Where the file names the source, dotted: `server.adminPassword`.
    pub path: String,
    pub origin: Origin,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::{SourceText, codes};

    fn read(text: &str) -> Result<SecretSource, crate::diagnostics::Findings> {
        crate::yaml::decode::decode(&crate::yaml::parse(&SourceText::new("f", text)).expect("YAML"))
    }

    #[test]
    fn every_source_and_every_slip() {
        assert_eq!(read("{ fromEnv: A }").unwrap(), SecretSource::FromEnv("A".into()));
        assert_eq!(
            read("{ fromCommand: [pass, show] }").unwrap(),
            SecretSource::FromCommand(vec!["pass".into(), "show".into()])
        );
        assert_eq!(read("prompt").unwrap(), SecretSource::Prompt);
        assert_eq!(read("{ generate: { length: 40 } }").unwrap(), SecretSource::Generate { length: Some(40) });
        assert_eq!(read("{ generate: }").unwrap(), SecretSource::Generate { length: None });
        let slip = read("{ fromenv: A }").unwrap_err().0;
        assert_eq!(slip[0].code, codes::FILE_UNKNOWN_KEY);
        assert_eq!(slip[0].labels[0].text, "did you mean `fromEnv`?");
        assert!(read("{ fromEnv: A, prompt: true }").is_err());
    }

    #[test]
    fn plain_values_are_kept_apart_and_never_shown() {
        for text in ["hunter2", "12345", "1.5", "true"] {
            let source = read(text).unwrap();
            assert!(matches!(source, SecretSource::Inline(_)));
            assert!(!format!("{source} {source:?}").contains(text));
        }
    }
}
