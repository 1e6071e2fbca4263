//! Draws a [`Diagnostic`] for people, on the lines they wrote.

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use std::fmt::Write as _;

use super::{Diagnostic, Severity};

/// Text with ANSI colours; whoever prints it strips them where they do not belong.
///
/// The field names stand in a column, so that they can be read without colour and found with grep.
pub fn draw(diagnostic: &Diagnostic, width: usize) -> String {
    let mut out = heading(diagnostic, width);
    field(&mut out, "where", diagnostic.place.as_slice());
    field(&mut out, "cause", diagnostic.cause.as_slice());
    field(&mut out, "evidence", &diagnostic.evidence);
    field(&mut out, "changed", diagnostic.changed.as_slice());
    field(&mut out, "note", &diagnostic.notes);
    field(&mut out, "next", &diagnostic.next);
    if diagnostic.severity == Severity::Error {
        field(&mut out, "more", &[format!("deploy explain {}", diagnostic.code)]);
    }
    out
}

fn heading(diagnostic: &Diagnostic, width: usize) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let mut group = level.primary_title(diagnostic.title.as_str()).id(diagnostic.code.as_str()).elements(Vec::<Snippet<'_, annotate_snippets::Annotation<'_>>>::new());
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

fn field(out: &mut String, name: &str, lines: &[String]) {
    for (index, line) in lines.iter().flat_map(|text| text.lines()).enumerate() {
        let name = if index == 0 { name } else { "" };
        let _ = writeln!(out, "  {name:<8}  {line}");
    }
}
