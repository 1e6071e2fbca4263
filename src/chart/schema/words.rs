//! Texts and numbers as Helm's validator prints them.

use crate::chart::values::set::quote;
use crate::chart::values::types::float_text;

/// In single quotes, as `'/a/b'`.
pub(super) fn quoted(text: &str) -> String {
    let quoted = quote(text).replace("\\\"", "\"").replace('\'', "\\'");
    format!("'{}'", &quoted[1..quoted.len() - 1])
}

pub(super) fn all_quoted<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    texts.into_iter().map(quoted).collect::<Vec<_>>().join(", ")
}

/// A count in English: `12,345`.
pub(super) fn count(number: usize) -> String {
    grouped(&number.to_string())
}

/// A float in English, with powers of ten for large and small ones: `1.5×10⁰⁶`.
pub(super) fn number(number: f64) -> String {
    let text = float_text(number);
    match text.split_once('e') {
        None => grouped(&text),
        Some((digits, exponent)) => {
            let superscript = |character| match character {
                '-' => Some('⁻'),
                '0'..='9' => "⁰¹²³⁴⁵⁶⁷⁸⁹".chars().nth(character as usize - '0' as usize),
                _ => None,
            };
            let exponent: String = exponent.chars().filter_map(superscript).collect();
            format!("{digits}×10{exponent}")
        }
    }
}

fn grouped(text: &str) -> String {
    let (sign, rest) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (whole, fraction) = rest.find('.').map_or((rest, ""), |at| rest.split_at(at));
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{sign}{grouped}{fraction}")
}

/// A schema that is no JSON, in Go's words where they are common.
pub(super) fn syntax(text: &str, error: &serde_json::Error) -> String {
    if text.trim().is_empty() {
        return "EOF".to_owned();
    }
    if error.is_eof() {
        return "unexpected EOF".to_owned();
    }
    let line = text.lines().nth(error.line().saturating_sub(1)).unwrap_or("");
    let found = line.chars().nth(error.column().saturating_sub(1)).unwrap_or(' ');
    format!("invalid character {} looking for beginning of value", format_args!("'{found}'"))
}

/// A schema that is none. The validator's reasons are not Helm's beyond the first line.
pub(super) fn invalid_schema(schema: &serde_json::Value, error: &jsonschema::ValidationError<'_>) -> String {
    const NAME: &str = "file:///values.schema.json#";
    let reason = error.to_string();
    if let Some(pointer) = reason.strip_prefix("Pointer '").and_then(|rest| rest.strip_suffix("' does not exist")) {
        return format!("json-pointer in {} not found", quote(&format!("{NAME}{pointer}")));
    }
    let named = schema.get("$schema").and_then(serde_json::Value::as_str).unwrap_or_default().trim_end_matches('#');
    let draft = if named.is_empty() { "https://json-schema.org/draft/2020-12/schema" } else { named };
    let at = quoted(&error.instance_path().to_string());
    format!(
        "{} is not valid against metaschema: jsonschema validation failed with '{draft}#'\n- at {at}: {reason}",
        quote(NAME)
    )
}
