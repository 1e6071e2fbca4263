//! What Helm says on stderr while it goes on.

use super::set::quote;

/// One line of Helm's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Helm's level: what it prints through Go's old logger counts as information.
    pub level: &'static str,
    pub message: String,
    /// Names and values that belong to it.
    pub attributes: Vec<(&'static str, String)>,
}

/// Lines in the order in which they came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Warnings(Vec<Warning>);

impl Warnings {
    pub fn iter(&self) -> impl Iterator<Item = &Warning> {
        self.0.iter()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn add(&mut self, message: impl Into<String>) {
        self.0.push(Warning { level: "INFO", message: message.into(), attributes: Vec::new() });
    }

    pub(crate) fn log(&mut self, message: &str, attributes: &[(&'static str, &str)]) {
        self.push("WARN", message, attributes);
    }

    pub(crate) fn inform(&mut self, message: &str, attributes: &[(&'static str, &str)]) {
        self.push("INFO", message, attributes);
    }

    fn push(&mut self, level: &'static str, message: &str, attributes: &[(&'static str, &str)]) {
        let attributes = attributes.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        self.0.push(Warning { level, message: message.to_owned(), attributes });
    }
}

/// As Go's text handler writes it.
impl std::fmt::Display for Warning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "level={} msg={}", self.level, quoted_if_needed(&self.message))?;
        for (name, value) in &self.attributes {
            write!(f, " {name}={}", quoted_if_needed(value))?;
        }
        Ok(())
    }
}

fn quoted_if_needed(text: &str) -> String {
    let is_plain = |character: char| character.is_ascii_graphic() && !matches!(character, '"' | '=');
    let is_safe = |character: char| is_plain(character) || (!character.is_ascii() && character.is_alphanumeric());
    if !text.is_empty() && text.chars().all(is_safe) { text.to_owned() } else { quote(text) }
}
