//! Hooks: objects that are made at a point of a release's life, not as a part of it.

use super::manifest::Head;
use crate::template::Text;

/// A hook with what its annotations say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    pub name: String,
    pub kind: String,
    pub path: String,
    pub manifest: Text,
    pub events: Vec<Event>,
    /// Lower ones go first.
    pub weight: i64,
    /// As written, in lower case: `hook-succeeded`, `hook-failed`, `before-hook-creation`.
    pub delete_policies: Vec<String>,
    /// As written, in lower case: `hook-succeeded`, `hook-failed`.
    pub output_log_policies: Vec<String>,
}

/// When a hook runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Event {
    PreInstall,
    PostInstall,
    PreDelete,
    PostDelete,
    PreUpgrade,
    PostUpgrade,
    PreRollback,
    PostRollback,
    Test,
}

const EVENTS: &[(&str, Event)] = &[
    ("pre-install", Event::PreInstall),
    ("post-install", Event::PostInstall),
    ("pre-delete", Event::PreDelete),
    ("post-delete", Event::PostDelete),
    ("pre-upgrade", Event::PreUpgrade),
    ("post-upgrade", Event::PostUpgrade),
    ("pre-rollback", Event::PreRollback),
    ("post-rollback", Event::PostRollback),
    ("test", Event::Test),
    ("test-success", Event::Test),
];

impl Event {
    pub fn name(self) -> &'static str {
        EVENTS.iter().find(|(_, event)| *event == self).map_or("", |(name, _)| name)
    }

    pub fn named(name: &str) -> Option<Self> {
        EVENTS.iter().find(|(known, _)| *known == name).map(|(_, event)| *event)
    }
}

impl Hook {
    pub fn is_test(&self) -> bool {
        self.events.contains(&Event::Test)
    }
}

pub(super) enum Found {
    No,
    Hook(Hook),
    /// An event that Helm does not know; the object is left out.
    Unknown(String),
}

pub(super) fn of(path: &str, document: &[u8], head: &Head) -> Found {
    let Some(events) = head.annotation("helm.sh/hook") else { return Found::No };
    let Some(parsed) = words(events).map(|word| Event::named(&word)).collect::<Option<Vec<_>>>() else {
        return Found::Unknown(events.to_owned());
    };
    let policies = |name| head.annotation(name).map_or_else(Vec::new, |text| words(text).collect());
    Found::Hook(Hook {
        name: head.name.clone(),
        kind: head.kind.clone(),
        path: path.to_owned(),
        manifest: Text::from(document),
        events: parsed,
        weight: head.annotation("helm.sh/hook-weight").and_then(|weight| weight.parse().ok()).unwrap_or(0),
        delete_policies: policies("helm.sh/hook-delete-policy"),
        output_log_policies: policies("helm.sh/hook-output-log-policy"),
    })
}

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(',').map(|word| word.trim().to_lowercase())
}
