//! The user's values: files first, then flags, in Helm's order.

use super::documents;
use super::origin::{Origins, Part, Source};
use super::set::{self, Reading};
use crate::chart::error::ChartError;
use crate::go_json;
use crate::template::{Dict, Value};

/// What a user gave, each kind in the order of the command line.
#[derive(Debug, Clone, Default)]
pub struct ValueOptions {
    /// `-f`; `-` is standard input.
    pub files: Vec<String>,
    /// `--set-json`
    pub set_json: Vec<String>,
    /// `--set`
    pub set: Vec<String>,
    /// `--set-string`
    pub set_string: Vec<String>,
    /// `--set-file`
    pub set_file: Vec<String>,
    /// `--set-literal`
    pub set_literal: Vec<String>,
}

/// The user's values, merged, and who set which.
#[derive(Debug, Clone, Default)]
pub struct UserValues {
    pub values: Dict,
    pub origins: Origins,
}

impl UserValues {
    /// Values that a program made.
    pub fn given(values: Dict, name: impl Into<String>) -> Self {
        let mut origins = Origins::default();
        origins.set_leaves(&Value::Dict(values.clone()), &Source::Given(name.into()));
        Self { values, origins }
    }
}

/// Reads files through `read_file`, which gets a name as it was written, and gives back the content or the reason why
/// there is none, in Go's words.
pub fn collect(
    options: &ValueOptions,
    read_file: &mut dyn FnMut(&str) -> Result<Vec<u8>, String>,
) -> Result<UserValues, ChartError> {
    let mut user = UserValues::default();
    for (index, name) in options.files.iter().enumerate() {
        let content = read_file(name).map_err(ChartError::Values)?;
        let values = documents::read(&content)
            .map_err(|error| ChartError::Values(format!("failed to parse {name}: {error}")))?;
        let source = Source::File { index, name: name.clone() };
        user.origins.set_leaves(&Value::Dict(values.clone()), &source);
        user.values = documents::merged(&user.values, &values);
    }
    for text in &options.set_json {
        user.set_json(text)?;
    }
    for text in &options.set {
        user.set("--set", text, Reading::Typed)?;
    }
    for text in &options.set_string {
        user.set("--set-string", text, Reading::Strings)?;
    }
    for text in &options.set_file {
        let mut read = |name: &str| read_file(name).map(Value::string);
        user.set("--set-file", text, Reading::Files(&mut read))?;
    }
    for text in &options.set_literal {
        user.set("--set-literal", text, Reading::Literal)?;
    }
    Ok(user)
}

impl UserValues {
    fn set(&mut self, flag: &'static str, text: &str, reading: Reading<'_>) -> Result<(), ChartError> {
        let paths = set::set(text, &self.values, reading)
            .map_err(|error| ChartError::Values(format!("failed parsing {flag} data: {error}")))?;
        self.remember(flag, text, paths);
        Ok(())
    }

    /// An object as a whole, or keys with JSON values.
    fn set_json(&mut self, text: &str) -> Result<(), ChartError> {
        const FLAG: &str = "--set-json";
        let trimmed = text.trim();
        if trimmed.starts_with('{') {
            let parsed = go_json::read_any(trimmed.as_bytes())
                .map_err(|_| ChartError::Values(format!("failed parsing {FLAG} data JSON: {text}")))?;
            if let Value::Dict(values) = parsed {
                let source = Source::Flag { flag: FLAG, text: text.to_owned() };
                self.origins.set_leaves(&Value::Dict(values.clone()), &source);
                self.values = documents::merged(&self.values, &values);
            }
            return Ok(());
        }
        let paths = set::set(text, &self.values, Reading::Json)
            .map_err(|_| ChartError::Values(format!("failed parsing {FLAG} data {text}")))?;
        self.remember(FLAG, text, paths);
        Ok(())
    }

    fn remember(&mut self, flag: &'static str, text: &str, paths: Vec<Vec<Part>>) {
        for path in paths {
            self.origins.set(path, Source::Flag { flag, text: text.to_owned() });
        }
    }
}
