//! What Helm makes of the language's errors.

use crate::template::ExecutionError;

/// `parse error at (FILE:LINE): REASON`
pub(super) fn of_parsing(path: &str, error: &str) -> String {
    let parts: Vec<&str> = error.split(": ").collect();
    match parts.as_slice() {
        [_] | [] => format!("parse error in ({path}): {error}"),
        [_, location, ..] => format!("parse error at ({location}): {}", parts[parts.len() - 1]),
    }
}

/// The chain of places, one under the other, or the chart's own words from `fail` and `required`.
pub(super) fn of_execution(path: &str, error: &ExecutionError) -> String {
    let levels = error.levels();
    let whole = levels.first().map_or("", String::as_str);
    if error.site.is_none() {
        return whole.to_owned();
    }
    let mut parts = whole.splitn(3, ": ");
    let (Some(_), Some(location), Some(rest)) = (parts.next(), parts.next(), parts.next()) else {
        return format!("execution error in ({path}): {whole}");
    };
    if let Some(words) = words_of_chart(rest) {
        return format!("execution error at ({location}): {words}");
    }
    let mut places: Vec<Traced<'_>> = Vec::new();
    for level in &levels {
        let Some(traced) = Traced::parse(level) else { return whole.to_owned() };
        if places.last() != Some(&traced) {
            places.push(traced);
        }
    }
    places.iter().map(ToString::to_string).collect::<String>().trim().to_owned()
}

const START: &str = "HELM_ERR_START";
const END: &str = "HELM_ERR_END";

/// Between the first start and the last end.
fn words_of_chart(text: &str) -> Option<&str> {
    let start = text.find(START)? + START.len();
    let end = text.rfind(END).filter(|end| *end >= start)?;
    Some(&text[start..end])
}

/// One place of the chain.
#[derive(PartialEq, Eq)]
struct Traced<'a> {
    location: &'a str,
    message: &'a str,
    /// Template and node.
    executed: Option<(&'a str, &'a str)>,
}

impl<'a> Traced<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let rest = text.strip_prefix("template: ")?;
        if rest.starts_with("no template ") {
            return Some(Self { location: "", message: text, executed: None });
        }
        Self::executing(rest).or_else(|| Self::simple(rest))
    }

    /// `FILE:LINE:COLUMN: executing "TEMPLATE" at <NODE>: MESSAGE`
    fn executing(text: &'a str) -> Option<Self> {
        let (location, rest) = text.split_once(": executing ")?;
        let (template, rest) = rest.strip_prefix('"')?.split_once('"')?;
        let (node, message) = rest.strip_prefix(" at <")?.split_once(">: ")?;
        Some(Self { location, message: before_next(message), executed: Some((template, node)) })
    }

    fn simple(text: &'a str) -> Option<Self> {
        let (location, message) = text.rsplit_once(": ")?;
        Some(Self { location, message: before_next(message), executed: None })
    }
}

/// Without the places that follow.
fn before_next(message: &str) -> &str {
    message.find(" template:").map_or(message, |at| &message[..at])
}

impl std::fmt::Display for Traced<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if !self.location.is_empty() {
            write!(f, "{}\n  ", self.location)?;
        }
        if let Some((template, node)) = self.executed {
            write!(f, "executing \"{template}\" at <{node}>:\n    ")?;
        }
        if !self.message.is_empty() {
            writeln!(f, "{}", self.message)?;
        }
        Ok(())
    }
}
