//! What came out of one question.

use serde::ser::{Serialize, SerializeMap as _, Serializer};

use super::probe::{Need, Probe};
use crate::diagnostics::{Code, Diagnostic};
use crate::scenario::Component;
use crate::secrets::Redactor;

/// The answer to one probe.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// Of the question, the same in every round.
    pub code: Code,
    pub name: String,
    pub component: Component,
    pub ok: bool,
    /// It was not asked, since something that it needs is down. Never ok.
    pub skipped: bool,
    /// What was seen, one line.
    pub detail: String,
    pub seconds: f64,
    /// Why it failed, with a code of its own.
    pub finding: Option<Box<Diagnostic>>,
}

/// What a probe's function gives back: what was seen, or what is wrong.
pub(super) type Seen = Result<String, Box<Diagnostic>>;

impl Check {
    pub(super) fn new(probe: &Probe, seen: Seen, seconds: f64) -> Self {
        let (ok, detail, finding) = match seen {
            Ok(detail) => (true, detail, None),
            Err(finding) => (false, in_one_line(&finding), Some(finding)),
        };
        Self {
            code: probe.code(),
            name: probe.name(),
            component: probe.component(),
            ok,
            skipped: false,
            detail,
            seconds,
            finding,
        }
    }

    pub(super) fn skipped(probe: &Probe, missing: Need) -> Self {
        Self {
            code: probe.code(),
            name: probe.name(),
            component: probe.component(),
            ok: false,
            skipped: true,
            detail: format!("not asked, because {missing}"),
            seconds: 0.0,
            finding: None,
        }
    }

    /// No known secret value leaves through words of other programs.
    pub(super) fn redacted(mut self, redactor: &Redactor) -> Self {
        self.detail = redactor.redact(&self.detail);
        if let Some(finding) = &mut self.finding {
            let texts =
                [Some(&mut finding.title), finding.cause.as_mut(), finding.place.as_mut()].into_iter().flatten();
            let lists = finding.evidence.iter_mut().chain(&mut finding.notes).chain(&mut finding.next);
            texts.chain(lists).for_each(|text| *text = redactor.redact(text));
        }
        self
    }
}

fn in_one_line(finding: &Diagnostic) -> String {
    let line = match &finding.cause {
        Some(cause) if !finding.title.contains(cause.as_str()) => format!("{}: {cause}", finding.title),
        _ => finding.title.clone(),
    };
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Serialize for Check {
    /// The fields of a failure stand beside the others and are absent where nothing failed.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("code", &self.code)?;
        map.serialize_entry("name", &self.name)?;
        map.serialize_entry("component", &self.component)?;
        map.serialize_entry("ok", &self.ok)?;
        map.serialize_entry("skipped", &self.skipped)?;
        map.serialize_entry("detail", &self.detail)?;
        map.serialize_entry("seconds", &((self.seconds * 1000.0).round() / 1000.0))?;
        if let Some(finding) = &self.finding {
            map.serialize_entry("failureCode", &finding.code)?;
            map.serialize_entry("title", &finding.title)?;
            map.serialize_entry("where", &finding.place)?;
            map.serialize_entry("cause", &finding.cause)?;
            map.serialize_entry("evidence", &finding.evidence)?;
            map.serialize_entry("next", &finding.next)?;
        }
        map.end()
    }
}
