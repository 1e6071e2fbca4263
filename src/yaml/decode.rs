//! From a [`Node`] tree to types, with every error at its place.
//!
//! Types say what they take with serde alone (`deny_unknown_fields`, enums for choices); this module turns each
//! refusal of theirs into a diagnostic with path, place and the nearest right word. After a refusal the offending
//! part is taken out and the rest is read on, so that one run shows all mistakes.

use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{self, DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer, Visitor};

use super::node::{Node, Value};
use crate::diagnostics::{Code, Diagnostic, Findings, Origin, codes, suggest};

/// More mistakes than this are not listed in one run.
const MAX_FINDINGS: usize = 20;

/// Reads a tree as `T`. All mistakes that can be found in one go are given back together.
pub fn decode<T: DeserializeOwned>(node: &Node) -> Result<T, Findings> {
    let mut rest = node.clone();
    let mut found = Vec::new();
    let mut taken_out: Vec<Vec<String>> = Vec::new();
    loop {
        let error = match T::deserialize(NodeDeserializer { node: &rest }) {
            Ok(value) if found.is_empty() => return Ok(value),
            Ok(_) => return Err(Findings(found)),
            Err(error) => error,
        };
        if !error.follows_from(&taken_out) {
            found.push(error.to_diagnostic(&rest));
        }
        let path = error.removal();
        if found.len() >= MAX_FINDINGS
            || path.is_empty()
            || matches!(error.kind, Kind::Missing(_))
            || !rest.remove(&path)
        {
            return Err(Findings(found));
        }
        taken_out.extend(error.meant());
        taken_out.push(path);
    }
}

/// A refusal, carried from the innermost value outwards; the path grows on the way (innermost first).
#[derive(Debug)]
struct Error {
    kind: Kind,
    path: Vec<String>,
    origin: Option<Origin>,
}

#[derive(Debug)]
enum Kind {
    UnknownField { field: String, expected: &'static [&'static str] },
    UnknownVariant { variant: String, expected: &'static [&'static str] },
    WrongType { found: String, expected: String },
    NoMap { found: String, expected: &'static [&'static str] },
    Missing(&'static str),
    Custom(String),
}

impl Error {
    fn new(kind: Kind) -> Self {
        Self { kind, path: Vec::new(), origin: None }
    }

    fn at(mut self, origin: &Origin) -> Self {
        self.origin.get_or_insert_with(|| origin.clone());
        self
    }

    fn within(mut self, part: &str) -> Self {
        self.path.push(part.to_owned());
        self
    }

    /// What to take out so that the rest can be read: a choice goes as a whole, not only its wrong name.
    fn removal(&self) -> Vec<String> {
        let named_choice = matches!((&self.kind, self.path.first()),
            (Kind::UnknownVariant { variant, .. }, Some(last)) if last == variant);
        self.path.iter().skip(usize::from(named_choice)).rev().cloned().collect()
    }

    fn parts(&self) -> Vec<String> {
        self.path.iter().rev().cloned().collect()
    }

    /// The key that was probably meant by one that is not known.
    fn meant(&self) -> Option<Vec<String>> {
        let Kind::UnknownField { field, expected } = &self.kind else { return None };
        let near = suggest::nearest(field, expected.iter().copied())?;
        let mut path = self.parts();
        path.pop();
        path.push(near.to_owned());
        Some(path)
    }

    /// Whether it would not be there if the parts that were taken out for other mistakes still were.
    fn follows_from(&self, taken_out: &[Vec<String>]) -> bool {
        let mut path = self.parts();
        match &self.kind {
            Kind::Missing(field) => {
                path.push((*field).to_owned());
                taken_out.contains(&path)
            }
            Kind::Custom(_) => taken_out.iter().any(|taken| taken.len() > path.len() && taken.starts_with(&path)),
            _ => false,
        }
    }

    fn to_diagnostic(&self, root: &Node) -> Diagnostic {
        let path = self.parts().join(".");
        let named = if path.is_empty() { "the file".to_owned() } else { format!("`{path}`") };
        let (code, title, label, next) = self.words(&path, &named);
        let origin = self.origin.as_ref().unwrap_or(&root.origin);
        let mut diagnostic = Diagnostic::error(code, title).origin(origin, label).changed("nothing was changed");
        if let Kind::UnknownField { expected, .. }
        | Kind::UnknownVariant { expected, .. }
        | Kind::NoMap { expected, .. } = &self.kind
        {
            diagnostic = diagnostic.note(format!("known here: {}", expected.join(", ")));
        }
        match next {
            Some(next) => diagnostic.next(next),
            None => diagnostic,
        }
    }

    fn words(&self, path: &str, named: &str) -> (Code, String, String, Option<String>) {
        match &self.kind {
            Kind::UnknownField { field, expected } => {
                let near = suggest::nearest(field, expected.iter().copied());
                (
                    codes::FILE_UNKNOWN_KEY,
                    format!("unknown key `{path}`"),
                    near.map_or("not known here".to_owned(), |near| format!("did you mean `{near}`?")),
                    Some(near.map_or_else(
                        || "remove it, or move it to where it belongs".to_owned(),
                        |near| format!("write `{near}:` instead of `{field}:`"),
                    )),
                )
            }
            Kind::UnknownVariant { variant, expected } => {
                let near = suggest::nearest(variant, expected.iter().copied());
                (
                    codes::FILE_WRONG_TYPE,
                    format!("{named} cannot be `{variant}`"),
                    near.map_or("not one of those known here".to_owned(), |near| format!("did you mean `{near}`?")),
                    Some(near.map_or_else(
                        || format!("write {}", suggest::either(expected)),
                        |near| format!("write `{near}` instead of `{variant}`"),
                    )),
                )
            }
            Kind::WrongType { found, expected } => {
                let (found, expected) = (in_plain_words(found), in_plain_words(expected));
                let quotes = expected == "a text" && (found.contains("number") || found.contains("truth value"));
                let next = match self.written() {
                    Some(written) if quotes => format!("put it in quotes: `\"{written}\"`"),
                    _ if quotes => "put it in quotes".to_owned(),
                    _ => format!("write {expected}"),
                };
                (
                    codes::FILE_WRONG_TYPE,
                    format!("{named} is {found}, expected {expected}"),
                    format!("expected {expected}"),
                    Some(next),
                )
            }
            Kind::NoMap { found, .. } => (
                codes::FILE_WRONG_TYPE,
                format!("{named} is {}, expected a map", in_plain_words(found)),
                "expected a map".to_owned(),
                Some(
                    if path.is_empty() {
                        "write `name: …` and `scenario: …`"
                    } else {
                        "write keys with values below it"
                    }
                    .to_owned(),
                ),
            ),
            Kind::Missing(field) => {
                let full = if path.is_empty() { (*field).to_owned() } else { format!("{path}.{field}") };
                (
                    codes::FILE_MISSING_KEY,
                    format!("`{full}` is missing"),
                    format!("`{field}` is needed here"),
                    Some(format!("add `{field}: …`")),
                )
            }
            Kind::Custom(message) => {
                // What the standard library says of an address that is none.
                let address = message == "invalid IP address syntax";
                let next = if address { "write one such as 127.0.0.1 or ::1" } else { "correct the marked value" };
                (codes::FILE_INVALID_VALUE, format!("{named}: {message}"), message.clone(), Some(next.to_owned()))
            }
        }
    }

    /// The value as it was typed: `1.10` is another number than the text that it was to be.
    fn written(&self) -> Option<&str> {
        match self.origin.as_ref()? {
            Origin::Text { source, span } => source.text.get(span.start..span.end),
            _ => None,
        }
    }
}

/// Serde speaks of Rust's types; users write texts and numbers.
fn in_plain_words(words: &str) -> String {
    match words {
        "u8" => "a whole number from 0 to 255".to_owned(),
        "u16" => "a whole number from 0 to 65535".to_owned(),
        "u32" | "u64" | "usize" => "a whole number that is not negative".to_owned(),
        "i32" | "i64" => "a whole number".to_owned(),
        "a string" | "string" => "a text".to_owned(),
        "a boolean" => "true or false".to_owned(),
        "a sequence" | "sequence" => "a list".to_owned(),
        "map" => "a map".to_owned(),
        "unit value" => "nothing".to_owned(),
        other => match other.split_once(' ') {
            Some(("integer" | "floating", rest)) => {
                format!("the number {}", rest.trim_start_matches("point ").trim_matches('`'))
            }
            Some(("string", text)) => format!("the text {text}"),
            Some(("boolean", value)) => format!("the truth value {}", value.trim_matches('`')),
            Some(("struct", _)) => "a map".to_owned(),
            _ => other.to_owned(),
        },
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.kind)
    }
}

impl std::error::Error for Error {}

impl de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(Kind::Custom(message.to_string()))
    }

    fn invalid_type(unexpected: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::new(Kind::WrongType { found: unexpected.to_string(), expected: expected.to_string() })
    }

    fn invalid_value(unexpected: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::invalid_type(unexpected, expected)
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Self::new(Kind::UnknownField { field: field.to_owned(), expected })
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self::new(Kind::UnknownVariant { variant: variant.to_owned(), expected })
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(Kind::Missing(field))
    }
}

struct NodeDeserializer<'a> {
    node: &'a Node,
}

impl NodeDeserializer<'_> {
    fn wrong(&self, expected: &str) -> Error {
        Error::new(Kind::WrongType { found: self.node.describe(), expected: expected.to_owned() }).at(&self.node.origin)
    }
}

impl<'de> Deserializer<'de> for NodeDeserializer<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let origin = &self.node.origin;
        match &self.node.value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Integer(value) => match u64::try_from(*value) {
                Ok(value) => visitor.visit_u64(value),
                Err(_) => visitor.visit_i64(*value),
            },
            Value::Float(value) => visitor.visit_f64(*value),
            Value::Text(text) => visitor.visit_str(text),
            Value::List(list) => visitor.visit_seq(Items { items: list.iter().enumerate() }),
            Value::Map(map) => visitor.visit_map(Entries { entries: map.iter(), current: None }),
        }
        .map_err(|error: Error| error.at(origin))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.node.value {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    /// A choice is written as its name, or as a map with one key: `{ fromEnv: NAME }`.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let origin = &self.node.origin;
        match &self.node.value {
            Value::Text(name) => visitor.visit_enum(Choice { name, key_origin: origin, node: None }),
            Value::Map(map) if map.len() == 1 => {
                let (name, entry) = map.iter().next().ok_or_else(|| self.wrong("one choice"))?;
                visitor.visit_enum(Choice { name, key_origin: &entry.key_origin, node: Some(&entry.node) })
            }
            Value::Map(map) if map.len() > 1 => {
                let names: Vec<_> = map.keys().map(String::as_str).collect();
                Err(Error::new(Kind::Custom(format!(
                    "one of {} is expected, not {} together",
                    suggest::either(variants),
                    names.join(" and ")
                )))
                .at(origin))
            }
            _ => Err(self.wrong(&suggest::either(variants))),
        }
        .map_err(|error: Error| error.at(origin))
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self.node.value {
            Value::Text(text) => visitor.visit_str(text).map_err(|error: Error| error.at(&self.node.origin)),
            Value::Null => Err(self.wrong("a text")),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_string(visitor)
    }

    /// `mlflow:` with nothing behind it means a part with all its defaults.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let origin = &self.node.origin;
        match &self.node.value {
            Value::Null => visitor.visit_map(Entries { entries: indexmap::map::Slice::new().iter(), current: None }),
            Value::Map(map) => visitor.visit_map(Entries { entries: map.iter(), current: None }),
            _ => Err(Error::new(Kind::NoMap { found: self.node.describe(), expected: fields })),
        }
        .map_err(|error: Error| error.at(origin))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char bytes byte_buf unit unit_struct seq tuple
        tuple_struct map identifier ignored_any
    }
}

struct Items<'a> {
    items: std::iter::Enumerate<std::slice::Iter<'a, Node>>,
}

impl<'de> de::SeqAccess<'de> for Items<'_> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        match self.items.next() {
            Some((index, node)) => seed
                .deserialize(NodeDeserializer { node })
                .map(Some)
                .map_err(|error| error.at(&node.origin).within(&index.to_string())),
            None => Ok(None),
        }
    }
}

struct Entries<'a> {
    entries: indexmap::map::Iter<'a, String, super::node::Entry>,
    current: Option<(&'a str, &'a Node)>,
}

impl<'de> de::MapAccess<'de> for Entries<'_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        match self.entries.next() {
            Some((key, entry)) => {
                self.current = Some((key, &entry.node));
                let deserializer: StrDeserializer<'_, Error> = key.as_str().into_deserializer();
                seed.deserialize(deserializer).map(Some).map_err(|error| error.at(&entry.key_origin).within(key))
            }
            None => Ok(None),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let Some((key, node)) = self.current.take() else {
            return Err(Error::new(Kind::Custom("a value without a key".to_owned())));
        };
        seed.deserialize(NodeDeserializer { node }).map_err(|error| error.at(&node.origin).within(key))
    }
}

struct Choice<'a> {
    name: &'a str,
    key_origin: &'a Origin,
    node: Option<&'a Node>,
}

impl<'a, 'de> de::EnumAccess<'de> for Choice<'a> {
    type Error = Error;
    type Variant = ChoiceValue<'a>;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, ChoiceValue<'a>), Error> {
        let deserializer: StrDeserializer<'_, Error> = self.name.into_deserializer();
        let variant = seed.deserialize(deserializer).map_err(|error| {
            let error = error.at(self.key_origin);
            if self.node.is_some() { error.within(self.name) } else { error }
        })?;
        Ok((variant, ChoiceValue { name: self.name, node: self.node }))
    }
}

struct ChoiceValue<'a> {
    name: &'a str,
    node: Option<&'a Node>,
}

impl<'de> de::VariantAccess<'de> for ChoiceValue<'_> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        match self.node {
            None => Ok(()),
            Some(node) if matches!(node.value, Value::Null) => Ok(()),
            Some(node) if node.as_map().is_some_and(indexmap::IndexMap::is_empty) => Ok(()),
            Some(node) => Err(NodeDeserializer { node }.wrong("nothing behind it").within(self.name)),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        let nothing = Node::new(Value::Null, Origin::Default);
        match self.node {
            Some(node) => {
                seed.deserialize(NodeDeserializer { node }).map_err(|error| error.at(&node.origin).within(self.name))
            }
            // `sql` alone is short for `sql: {}`.
            None => seed.deserialize(NodeDeserializer { node: &nothing }).map_err(|mut error| {
                error.origin = None;
                error
            }),
        }
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        let nothing = Node::new(Value::Null, Origin::Default);
        NodeDeserializer { node: self.node.unwrap_or(&nothing) }.deserialize_any(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Error> {
        let nothing = Node::new(Value::Null, Origin::Default);
        let node = self.node.unwrap_or(&nothing);
        NodeDeserializer { node }.deserialize_struct("", fields, visitor).map_err(|error| error.within(self.name))
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::diagnostics::SourceText;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields, rename_all = "camelCase")]
    struct File {
        name: String,
        #[serde(default)]
        server: Server,
        password: Option<Source>,
    }

    #[derive(Debug, Default, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields, rename_all = "camelCase", default)]
    struct Server {
        port: Option<u16>,
        replicas: u32,
        hosts: Vec<String>,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "camelCase")]
    enum Source {
        FromEnv(String),
        Generate {
            #[serde(default)]
            length: Option<u32>,
        },
        Prompt,
    }

    fn read(text: &str) -> Result<File, Vec<(Code, String, String)>> {
        let node = crate::yaml::parse(&SourceText::new("f", text)).expect("valid YAML");
        decode::<File>(&node).map_err(|findings| {
            findings
                .0
                .into_iter()
                .map(|d| {
                    let place = d.labels.first().map(|l| {
                        let (line, column) = l.source.line_column(l.span.start);
                        format!("{line}:{column} {}", l.text)
                    });
                    (d.code, d.title, place.unwrap_or_default())
                })
                .collect()
        })
    }

    #[test]
    fn choices_and_empty_parts() {
        let file = read("name: a\nserver:\npassword: { fromEnv: X }\n").unwrap();
        assert_eq!(file.password, Some(Source::FromEnv("X".into())));
        assert_eq!(file.server, Server::default());
        assert_eq!(read("name: a\npassword: generate").unwrap().password, Some(Source::Generate { length: None }));
        assert_eq!(read("name: a\npassword: { prompt: }").unwrap().password, Some(Source::Prompt));
        assert_eq!(
            read("name: a\npassword: { generate: { length: 3 } }").unwrap().password,
            Some(Source::Generate { length: Some(3) })
        );
    }

    #[test]
    fn all_mistakes_in_one_run_each_at_its_place() {
        let errors = read(
            "name: a\nserver:\n  prot: 1\n  port: many\n  replicas: -1\n  hosts: [a, 2]\npassword: { fromenv: X }\n",
        )
        .unwrap_err();
        let shown: Vec<String> =
            errors.iter().map(|(code, title, place)| format!("{code} {title} @ {place}")).collect();
        assert_eq!(
            shown,
            [
                "DEP-FILE-005 unknown key `server.prot` @ 3:3 did you mean `port`?",
                "DEP-FILE-006 `server.port` is the text \"many\", expected a whole number from 0 to 65535 @ 4:9 expected a whole number from 0 to 65535",
                "DEP-FILE-006 `server.replicas` is the number -1, expected a whole number that is not negative @ 5:13 expected a whole number that is not negative",
                "DEP-FILE-006 `server.hosts.1` is the number 2, expected a text @ 6:14 expected a text",
                "DEP-FILE-006 `password.fromenv` cannot be `fromenv` @ 7:13 did you mean `fromEnv`?",
            ]
        );
    }

    #[test]
    fn mistakes_that_follow_from_others_are_not_told() {
        let titles = |text: &str| read(text).unwrap_err().into_iter().map(|(_, title, _)| title).collect::<Vec<_>>();
        assert_eq!(titles("nam: a\n"), ["unknown key `nam`"]);
        assert_eq!(titles("name: 1.10\n"), ["`name` is the number 1.1, expected a text"]);
        assert_eq!(titles("server: { prot: 1 }\n"), ["unknown key `server.prot`", "`name` is missing"]);
    }

    #[test]
    fn numbers_where_texts_belong() {
        let errors = read("name: 0.98\n").unwrap_err();
        assert_eq!(errors[0].0, codes::FILE_WRONG_TYPE);
        let errors = read("server: {port: 70000}\n").unwrap_err();
        assert_eq!(errors[0].1, "`server.port` is the number 70000, expected a whole number from 0 to 65535");
        assert_eq!(errors[0].2, "1:16 expected a whole number from 0 to 65535");
        assert_eq!(read("- a\n").unwrap_err()[0].0, codes::FILE_WRONG_TYPE);
        assert_eq!(read("name: a\nname2: b\n").unwrap_err()[0].1, "unknown key `name2`");
        assert_eq!(read("server: {}\n").unwrap_err()[0].1, "`name` is missing");
        assert_eq!(read("name: a\nserver: 7\n").unwrap_err()[0].1, "`server` is the number 7, expected a map");
        let both = read("name: a\npassword: { fromEnv: X, generate: {} }").unwrap_err();
        assert_eq!(both.len(), 1);
        assert_eq!(both[0].0, codes::FILE_INVALID_VALUE);
    }
}
