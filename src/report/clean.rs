//! Known secrets taken out of values before text is made of them: drawing cuts and wraps, and half a secret is not
//! recognised any more.

use crate::diagnostics::Diagnostic;
use crate::engine::{Event, StepOutcome};
use crate::plan::{Change, FieldChange};
use crate::secrets::Redactor;

/// The finding without known secrets. A label on a text that holds one is turned into a mere place, since the line
/// that would be drawn may be trimmed in the middle of the value.
pub(super) fn diagnostic(diagnostic: &Diagnostic, redactor: &Redactor) -> Diagnostic {
    let text = |text: &String| redactor.redact(text);
    let mut clean = Diagnostic {
        title: text(&diagnostic.title),
        place: diagnostic.place.as_ref().map(text),
        cause: diagnostic.cause.as_ref().map(text),
        evidence: diagnostic.evidence.iter().map(text).collect(),
        changed: diagnostic.changed.as_ref().map(text),
        notes: diagnostic.notes.iter().map(text).collect(),
        next: diagnostic.next.iter().map(text).collect(),
        ..diagnostic.clone()
    };
    for label in &mut clean.labels {
        label.text = redactor.redact(&label.text);
    }
    let shows = |text: &str| redactor.redact(text) != text;
    if let Some(label) = clean.labels.iter().find(|label| shows(&label.source.text)) {
        let (line, column) = label.source.line_column(label.span.start);
        let place =
            format!("{}:{line}:{column} (the line is not shown, since the file holds a secret)", label.source.name);
        clean.place.get_or_insert(place);
        clean.labels.clear();
    }
    clean
}

/// The event without known secrets.
pub(super) fn event(event: &Event, redactor: &Redactor) -> Event {
    let mut clean = event.clone();
    match &mut clean {
        Event::StepStarted { title, reason, .. } => {
            *title = redactor.redact(title);
            *reason = redactor.redact(reason);
        }
        Event::StepWaiting { reason, .. } => *reason = redactor.redact(reason),
        Event::StepRetried { cause, .. } => *cause = redactor.redact(cause),
        Event::Notice { diagnostic: found } => **found = diagnostic(found, redactor),
        Event::StepFinished { outcome, .. } => match outcome {
            StepOutcome::Failed { diagnostic: found } => **found = diagnostic(found, redactor),
            StepOutcome::Kept { kept } => kept.iter_mut().for_each(|path| *path = redactor.redact(path)),
            StepOutcome::Done | StepOutcome::Unchanged => {}
        },
        Event::RunStarted { .. } | Event::Resuming { .. } | Event::Cancelling { .. } | Event::RunFinished { .. } => {}
    }
    clean
}

/// The change without known secrets.
pub(super) fn change(change: &Change, redactor: &Redactor) -> Change {
    let text = |value: &Option<String>| value.as_ref().map(|value| redactor.redact(value));
    let field = |field: &FieldChange| FieldChange {
        field: field.field.clone(),
        before: text(&field.before),
        after: text(&field.after),
    };
    Change {
        title: redactor.redact(&change.title),
        reason: redactor.redact(&change.reason),
        fields: change.fields.iter().map(field).collect(),
        ..change.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::{Origin, SourceText, Span, codes};
    use crate::secrets::SecretName;
    use secrecy::SecretString;

    #[test]
    fn a_line_with_a_secret_is_named_and_not_drawn() {
        let redactor = Redactor::new([(&SecretName::new("p"), &SecretString::from("hunter2hunter2"))]);
        let source = SourceText::new("f.yaml", "name: x\nserver: { adminPassword: hunter2hunter2, prot: 1 }\n");
        let origin = Origin::Text { source, span: Span::new(50, 54) };
        let found =
            Diagnostic::error(codes::FILE_UNKNOWN_KEY, "no key `prot`").origin(&origin, "here").cause("hunter2hunter2");
        let clean = diagnostic(&found, &redactor);
        assert!(clean.labels.is_empty());
        assert_eq!(clean.cause.as_deref(), Some("(secret p)"));
        assert_eq!(clean.place.as_deref(), Some("f.yaml:2:43 (the line is not shown, since the file holds a secret)"));
    }
}
