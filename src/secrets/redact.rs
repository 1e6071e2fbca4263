//! The second wall: no known value passes into anything that is printed or written, in any common encoding.

use aho_corasick::{AhoCorasick, MatchKind};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret as _, SecretString};

use super::SecretName;

/// Shorter values would match ordinary words; secrets of that length are refused anyway.
const MIN_LENGTH: usize = 6;

/// Replaces known secret values by `(secret NAME)`.
#[derive(Clone, Default)]
pub struct Redactor {
    search: Option<AhoCorasick>,
    replacements: Vec<String>,
}

impl Redactor {
    pub fn new<'a>(values: impl IntoIterator<Item = (&'a SecretName, &'a SecretString)>) -> Self {
        let mut patterns = Vec::new();
        let mut replacements = Vec::new();
        for (name, value) in values {
            for form in encodings(value.expose_secret()) {
                patterns.push(form);
                replacements.push(format!("(secret {name})"));
            }
        }
        if patterns.is_empty() {
            return Self::default();
        }
        let search = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&patterns).ok();
        Self { search, replacements }
    }

    pub fn redact(&self, text: &str) -> String {
        match &self.search {
            Some(search) if search.is_match(text) => search.replace_all(text, &self.replacements),
            _ => text.to_owned(),
        }
    }

    /// Every text in a JSON document.
    pub fn redact_json(&self, value: &mut serde_json::Value) {
        match value {
            serde_json::Value::String(text) => *text = self.redact(text),
            serde_json::Value::Array(list) => list.iter_mut().for_each(|item| self.redact_json(item)),
            serde_json::Value::Object(map) => map.values_mut().for_each(|item| self.redact_json(item)),
            _ => {}
        }
    }
}

/// The value as it may come out of other programs: raw, JSON-escaped, URL-encoded, hexadecimal, and base64 at each
/// of the three places where it can stand in a longer text that was encoded as a whole.
fn encodings(value: &str) -> Vec<String> {
    if value.len() < MIN_LENGTH {
        return Vec::new();
    }
    let mut forms = vec![value.to_owned(), json_escaped(value)];
    forms.push(url::form_urlencoded::byte_serialize(value.as_bytes()).collect());
    forms.push(percent_encoded(value, false));
    forms.push(percent_encoded(value, true));
    forms.push(value.bytes().map(|byte| format!("{byte:02x}")).collect());
    forms.push(STANDARD.encode(value));
    for offset in 0..3_usize {
        let mut shifted = vec![0_u8; offset];
        shifted.extend_from_slice(value.as_bytes());
        for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
            let encoded = engine.encode(&shifted);
            // Characters at the edges also depend on the neighbours.
            let start = (offset * 8).div_ceil(6);
            let end = shifted.len() * 8 / 6;
            forms.push(encoded[start..end].to_owned());
        }
    }
    forms.retain(|form| form.len() >= MIN_LENGTH);
    forms.sort();
    forms.dedup();
    forms
}

fn json_escaped(value: &str) -> String {
    let quoted = serde_json::Value::from(value).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

fn percent_encoded(value: &str, lower: bool) -> String {
    value
        .bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
            _ if lower => format!("%{byte:02x}"),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn redactor(value: &str) -> Redactor {
        let name = SecretName::new("planted");
        let value = SecretString::from(value);
        Redactor::new([(&name, &value)])
    }

    proptest! {
        #[test]
        fn no_encoding_passes(value in "[ -~]{8,40}", before in "[a-z]{0,5}", after in "[a-z]{0,5}") {
            let redactor = redactor(&value);
            let whole = format!("{before}{value}{after}");
            let texts = [
                whole.clone(),
                serde_json::Value::from(whole.as_str()).to_string(),
                percent_encoded(&whole, false),
                STANDARD.encode(&value),
                STANDARD.encode(&whole),
                URL_SAFE_NO_PAD.encode(&whole),
            ];
            for text in texts {
                let shown = redactor.redact(&text);
                prop_assert!(shown.contains("(secret planted)"), "{text} -> {shown}");
            }
        }
    }

    #[test]
    fn other_text_is_left_alone() {
        assert_eq!(redactor("correct horse").redact("nothing here"), "nothing here");
        assert_eq!(redactor("abc").redact("abcdef"), "abcdef");
    }
}
