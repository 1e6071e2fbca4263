//! What Helm and we are both asked, and what either answers.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One call of `helm template`. The fields are those of tests/oracle/chart.go.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Question {
    #[serde(skip_serializing_if = "Chart::is_missing")]
    pub chart: Chart,
    /// Names the case; Helm does not see it.
    #[serde(skip_serializing)]
    pub name: String,
    /// The release.
    #[serde(rename(serialize = "name"))]
    pub release: String,
    pub namespace: String,
    pub values: Vec<String>,
    pub set: Vec<String>,
    pub set_string: Vec<String>,
    pub set_json: Vec<String>,
    pub set_file: Vec<String>,
    pub set_literal: Vec<String>,
    pub kube_version: String,
    pub api_versions: Vec<String>,
    pub is_upgrade: bool,
    pub skip_schema: bool,
    pub include_crds: bool,
    pub no_hooks: bool,
    pub skip_tests: bool,
    pub show_only: Vec<String>,
    /// Objects that `lookup` finds.
    pub cluster: Vec<Value>,
    /// Whether Helm itself writes something else every time.
    #[serde(skip_serializing)]
    pub random: bool,
    /// Whether only the first line of the error is Helm's; what follows are words of the library that checks schemas.
    #[serde(skip_serializing)]
    pub first_line: bool,
}

/// Where a chart comes from.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Chart {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<PathBuf>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<String, String>,
}

impl Chart {
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: Some(path.into()), files: BTreeMap::new() }
    }

    pub fn of(files: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>) -> Self {
        let files = files.into_iter().map(|(name, text)| (name.into(), text.into())).collect();
        Self { path: None, files }
    }

    fn is_missing(&self) -> bool {
        self.path.is_none() && self.files.is_empty()
    }
}

impl Question {
    /// What is compared of an answer.
    pub fn seen(&self, outcome: Outcome) -> Outcome {
        match outcome {
            Outcome::Error(text) if self.first_line => {
                // Lines of schema errors are sorted, so the first of them may stand anywhere.
                let lines = text.split(|byte| *byte == b'\n');
                Outcome::Error(lines.filter(|line| line.starts_with(HEAD)).collect::<Vec<_>>().concat())
            }
            Outcome::Text(text) if self.random => Outcome::Text(mask(&String::from_utf8_lossy(&text)).into_bytes()),
            other => other,
        }
    }

    /// With the defaults of `helm template`.
    pub fn with_defaults(mut self) -> Self {
        if self.release.is_empty() {
            "release-name".clone_into(&mut self.release);
        }
        if self.namespace.is_empty() {
            "default".clone_into(&mut self.namespace);
        }
        self
    }
}

/// What comes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Text(Vec<u8>),
    Error(Vec<u8>),
    /// The program ended with a stack of calls, or would have.
    Crash(String),
}

impl Outcome {
    pub fn text(text: impl Into<Vec<u8>>) -> Self {
        Self::Text(text.into())
    }

    pub fn error(text: impl Into<Vec<u8>>) -> Self {
        Self::Error(text.into())
    }

    /// Out of an answer of the oracle; `field` holds the text. Helm's hint at its own flag is left out.
    pub fn read(answer: &Value, field: &str) -> Self {
        if let Some(error) = answer.get("error") {
            let text = bytes(error);
            let length = text.strip_suffix(HINT).map_or(text.len(), <[u8]>::len);
            return Self::Error(in_order(&text[..length]));
        }
        if let Some(cause) = answer.get("panic") {
            return Self::Crash(cause.as_str().unwrap_or_default().to_owned());
        }
        Self::Text(answer.get(field).map(bytes).unwrap_or_default())
    }

    /// With addresses in memory replaced, which are not the same twice, and bytes of errors that are no character.
    pub fn without_addresses(self) -> Self {
        match self {
            Self::Text(text) => Self::Text(without_addresses(&text)),
            // Errors of ours are texts of characters.
            Self::Error(text) => Self::Error(without_addresses(String::from_utf8_lossy(&text).as_bytes())),
            crash @ Self::Crash(_) => crash,
        }
    }

    /// As it is kept in golden files.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Text(text) => serde_json::json!({ "text": written(text) }),
            Self::Error(text) => serde_json::json!({ "error": written(text) }),
            Self::Crash(cause) => serde_json::json!({ "panic": cause }),
        }
    }

    /// Both, cut to where they begin to differ if they are long.
    pub fn differing(helm: &Self, ours: &Self) -> String {
        let (Some(first), Some(second)) = (helm.bytes(), ours.bytes()) else {
            return format!("    Helm: {}\n    ours: {}\n", helm.show(), ours.show());
        };
        let same = first.iter().zip(second).take_while(|(a, b)| a == b).count();
        let from = if first.len().max(second.len()) > 400 { same.saturating_sub(80) } else { 0 };
        let cut = |text: &[u8]| {
            let end = text.len().min(from + 400);
            format!("{:?}", String::from_utf8_lossy(&text[from.min(end)..end]))
        };
        let place = if from > 0 { format!("from byte {from}: ") } else { String::new() };
        format!("    Helm: {}{place}{}\n    ours: {}{place}{}\n", helm.kind(), cut(first), ours.kind(), cut(second))
    }

    fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Text(text) | Self::Error(text) => Some(text),
            Self::Crash(_) => None,
        }
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "text  ",
            Self::Error(_) => "error ",
            Self::Crash(_) => "crash ",
        }
    }

    pub fn show(&self) -> String {
        match self {
            Self::Text(text) | Self::Error(text) => format!("{}{:?}", self.kind(), String::from_utf8_lossy(text)),
            Self::Crash(cause) => format!("crash {cause:?}"),
        }
    }
}

/// What Helm writes below errors of rendering.
const HINT: &[u8] = b"\n\nUse --debug flag to render out invalid YAML";

/// How errors of schemas begin.
const HEAD: &[u8] = b"values don't meet the specifications of the schema(s)";

/// Helm names what does not meet a schema in the order of a map, which is another one every time.
pub fn in_order(error: &[u8]) -> Vec<u8> {
    if !error.starts_with(HEAD) {
        return error.to_vec();
    }
    let mut lines: Vec<&[u8]> = error.split(|byte| *byte == b'\n').collect();
    lines.sort_unstable();
    lines.join(&b'\n')
}

/// `0xc000123450` becomes `0xADDRESS`.
fn without_addresses(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut from = 0;
    while let Some(at) = text[from..].windows(2).position(|pair| pair == b"0x") {
        let start = from + at + 2;
        let digits = text[start..].iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
        out.extend_from_slice(&text[from..start]);
        out.extend_from_slice(if digits >= 10 { b"ADDRESS" } else { &text[start..start + digits] });
        from = start + digits;
    }
    out.extend_from_slice(&text[from..]);
    out
}

/// Words of Base64 or hexadecimal digits that are long enough to be keys, certificates or digests.
fn mask(text: &str) -> String {
    let belongs = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
    let mut out = String::new();
    let mut word = String::new();
    for character in text.chars().chain(['\0']) {
        if belongs(character) {
            word.push(character);
            continue;
        }
        out += if word.len() >= 40 { "LONG" } else { &word };
        word.clear();
        out.push(character);
    }
    out.pop();
    out
}

/// A text of the oracle: plain, or Base64 if it is not UTF-8.
pub fn bytes(value: &Value) -> Vec<u8> {
    use base64::Engine as _;
    match value {
        Value::String(text) => text.clone().into_bytes(),
        other => {
            let coded = other["base64"].as_str().unwrap_or_default();
            base64::engine::general_purpose::STANDARD.decode(coded).unwrap_or_default()
        }
    }
}

/// The opposite of [`bytes`].
pub fn written(text: &[u8]) -> Value {
    use base64::Engine as _;
    match std::str::from_utf8(text) {
        Ok(text) => Value::String(text.to_owned()),
        Err(_) => serde_json::json!({ "base64": base64::engine::general_purpose::STANDARD.encode(text) }),
    }
}
