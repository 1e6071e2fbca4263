//! Draws a [`Diagnostic`] for people, on the lines they wrote.

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use std::fmt::Write as _;
use unicode_width::UnicodeWidthStr as _;

use super::{Diagnostic, Severity};

/// Text with ANSI colours; whoever prints it strips them where they do not belong.
///
/// The field names stand in a column, so that they can be read without colour and found with grep.
pub fn draw(diagnostic: &Diagnostic, width: usize) -> String {
    let mut out = heading(diagnostic, width);
    let mut field = |name, texts: &[String]| write_field(&mut out, name, texts, width);
    field("where", diagnostic.place.as_slice());
    field("cause", diagnostic.cause.as_slice());
    field("evidence", &diagnostic.evidence);
    field("changed", diagnostic.changed.as_slice());
    field("note", &diagnostic.notes);
    field("next", &diagnostic.next);
    if diagnostic.severity == Severity::Error {
        field("more", &[format!("deploy explain {}", diagnostic.code)]);
    }
    out
}

fn heading(diagnostic: &Diagnostic, width: usize) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let before = format!("{}[{}]: ", severity_word(diagnostic.severity), diagnostic.code).len();
    let title = wrap(&diagnostic.title, width.saturating_sub(before)).join("\n");
    let mut group = level
        .primary_title(title.as_str())
        .id(diagnostic.code.as_str())
        .elements(Vec::<Snippet<'_, annotate_snippets::Annotation<'_>>>::new());
    let mut sources: Vec<&std::sync::Arc<super::SourceText>> = Vec::new();
    for label in &diagnostic.labels {
        if !sources.iter().any(|known| std::sync::Arc::ptr_eq(known, &label.source)) {
            sources.push(&label.source);
        }
    }
    for source in sources {
        let mut snippet = Snippet::source(source.text.as_str()).path(source.name.as_str()).line_start(1);
        for label in diagnostic.labels.iter().filter(|label| std::sync::Arc::ptr_eq(&label.source, source)) {
            let end = label.span.end.min(source.text.len());
            let start = label.span.start.min(end);
            let kind = if label.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
            snippet = snippet.annotation(kind.span(start..end).label(label.text.as_str()));
        }
        group = group.element(snippet);
    }
    let mut text = Renderer::styled().term_width(width).render(&[group]);
    text.push('\n');
    text
}

fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

fn write_field(out: &mut String, name: &str, texts: &[String], width: usize) {
    let lines = texts.iter().flat_map(|text| text.lines()).flat_map(|line| wrap(line, width.saturating_sub(INDENT)));
    for (index, line) in lines.enumerate() {
        let name = if index == 0 { name } else { "" };
        let _ = writeln!(out, "  {name:<8}  {line}");
    }
}

/// Columns before the text of a field.
const INDENT: usize = 12;
/// Narrower than this, lines are left to the terminal.
const NARROWEST: usize = 20;

/// Lines no wider than `width`, broken between words. What stands between backticks is to be copied and stays whole,
/// as does a word that is wider than a line.
fn wrap(line: &str, width: usize) -> Vec<String> {
    if width < NARROWEST || line.width() <= width {
        return vec![line.to_owned()];
    }
    let mut lines = vec![String::new()];
    for word in words(line) {
        let full = lines.last().is_some_and(|line| !line.is_empty() && line.width() + 1 + word.width() > width);
        if full {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

/// Split at blanks outside of backticks.
fn words(line: &str) -> Vec<&str> {
    let mut quoted = false;
    line.split(move |character: char| {
        quoted ^= character == '`';
        character == ' ' && !quoted
    })
    .filter(|word| !word.is_empty())
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::codes;

    #[test]
    fn long_texts_stay_within_the_width_and_commands_stay_whole() {
        let diagnostic =
            Diagnostic::error(codes::FILE_UNREADABLE, "the title of something that takes more room than a line has")
                .cause("a cause in the words of another system that goes on and on and on, far beyond the end")
                .next("write it as `deploy apply --name something-long` and then read on to the end of it");
        let drawn = anstream::adapter::strip_str(&draw(&diagnostic, 60)).to_string();
        assert!(drawn.lines().all(|line| line.width() <= 60), "{drawn}");
        assert!(drawn.contains("\n            on and on"), "{drawn}");
        assert!(drawn.contains("`deploy apply --name something-long`"), "{drawn}");
    }
}
