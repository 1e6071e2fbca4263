//! The difference between what should be and what is, for one unit.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::scenario::{Component, Side, TargetKind};
use crate::secrets::SecretName;
use crate::unit::{HeldData, Observation, Owned, Present, Text, Unit, UnitId, Unknown};

/// What is done with a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    Create,
    /// It is there and differs.
    Update,
    /// It should be as it is, and is broken or stopped.
    Repair,
    /// It is ours, and nobody wants it any more.
    Delete,
    Unchanged,
    /// Somebody else runs it: nothing for us to do.
    Provided,
    /// It comes with a target that this build does not have.
    Unavailable,
}

impl Action {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Repair => "repair",
            Self::Delete => "delete",
            Self::Unchanged => "unchanged",
            Self::Provided => "provided",
            Self::Unavailable => "unavailable",
        }
    }

    /// Whether the world is touched.
    pub const fn changes(self) -> bool {
        matches!(self, Self::Create | Self::Update | Self::Repair | Self::Delete)
    }
}

/// One field that differs, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    /// Dotted path in the spec.
    pub field: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

/// The reason of every creation. It says what the sign says already, so drawings leave it out.
pub(crate) const NOT_THERE: &str = "it is not there yet";

/// The reason when something that was taken down, and whose data stayed, is wanted again.
const KEPT: &str = "it was taken down; the data that was kept is used again";

/// What is done with one unit, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    pub unit: UnitId,
    pub action: Action,
    pub reason: String,
    pub title: String,
    pub component: Component,
    pub side: Side,
    pub target: TargetKind,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldChange>,
    /// Data that lives in the unit.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holds: Vec<HeldData>,
}

/// How many of each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    pub create: usize,
    pub update: usize,
    pub repair: usize,
    pub delete: usize,
    pub unchanged: usize,
    pub provided: usize,
    pub unavailable: usize,
}

impl Summary {
    pub fn of<'a>(changes: impl IntoIterator<Item = &'a Change>) -> Self {
        let mut summary = Self::default();
        for change in changes {
            *match change.action {
                Action::Create => &mut summary.create,
                Action::Update => &mut summary.update,
                Action::Repair => &mut summary.repair,
                Action::Delete => &mut summary.delete,
                Action::Unchanged => &mut summary.unchanged,
                Action::Provided => &mut summary.provided,
                Action::Unavailable => &mut summary.unavailable,
            } += 1;
        }
        summary
    }

    /// How many units would be touched.
    pub fn changes(self) -> usize {
        self.create + self.update + self.repair + self.delete
    }
}

/// What has to be done with a unit. `unknown` lists references that are known only after other units are applied,
/// `secrets` the fingerprints of the secrets as they are now.
pub fn change_for(
    unit: &Unit,
    unknown: &[Unknown],
    observed: &Observation,
    secrets: &BTreeMap<SecretName, String>,
) -> Change {
    let (action, reason, fields) = match observed {
        Observation::Absent => (Action::Create, NOT_THERE.to_owned(), Vec::new()),
        Observation::Present(present) => compare(unit, unknown, present, secrets),
    };
    change(unit, action, reason, fields)
}

/// A unit that is ours and that nobody wants any more.
pub fn deletion_of(owned: &Owned, reason: &str) -> Change {
    change(&owned.unit, Action::Delete, reason.to_owned(), Vec::new())
}

pub(super) fn change(unit: &Unit, action: Action, reason: String, fields: Vec<FieldChange>) -> Change {
    Change {
        unit: unit.id.clone(),
        action,
        reason,
        title: unit.title.clone(),
        component: unit.component,
        side: unit.side,
        target: unit.target,
        fields,
        holds: unit.holds.clone(),
    }
}

fn compare(
    unit: &Unit,
    unknown: &[Unknown],
    present: &Present,
    secrets: &BTreeMap<SecretName, String>,
) -> (Action, String, Vec<FieldChange>) {
    let mut fields = Vec::new();
    let open: Vec<&Unknown> = unknown.iter().filter(|unknown| unknown.0.unit != unit.id).collect();
    differences(&present.spec, &unit.spec, String::new(), &mut fields);
    for (name, now) in secrets {
        if present.secrets.get(name).is_some_and(|then| then != now) {
            let field = format!("secret {name}");
            fields.push(FieldChange {
                field,
                before: Some("its old value".into()),
                after: Some("its new value".into()),
            });
        }
    }
    if let Some(broken) = &present.broken {
        return (Action::Repair, broken.clone(), fields);
    }
    if let Some(first) = open.first() {
        return (
            Action::Update,
            format!("{} of {} is known after that is applied", first.0.output, first.0.unit),
            fields,
        );
    }
    match fields.as_slice() {
        [] if present.kept => (Action::Create, KEPT.to_owned(), fields),
        [] => (Action::Unchanged, "it is as it should be".to_owned(), fields),
        [only] => (Action::Update, format!("{} differs", only.field), fields),
        [first, ..] => (Action::Update, format!("{} and {} more differ", first.field, fields.len() - 1), fields),
    }
}

/// Leaves that differ, with texts in words.
fn differences(before: &Value, after: &Value, path: String, found: &mut Vec<FieldChange>) {
    if before == after {
        return;
    }
    let child = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match (before, after) {
        (Value::Object(a), Value::Object(b)) if !a.contains_key("$text") && !b.contains_key("$text") => {
            let nothing = Value::Null;
            for key in a.keys().chain(b.keys().filter(|key| !a.contains_key(*key))) {
                differences(a.get(key).unwrap_or(&nothing), b.get(key).unwrap_or(&nothing), child(key), found);
            }
        }
        _ => found.push(FieldChange { field: path, before: describe(before), after: describe(after) }),
    }
}

fn describe(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Array(list) => Some(list.iter().filter_map(describe).collect::<Vec<_>>().join(" ")),
        Value::Object(_) => match serde_json::from_value::<Text>(value.clone()) {
            Ok(text) => Some(text.describe()),
            Err(_) => Some(value.to_string()),
        },
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unit::local::Folder;
    use serde_json::json;

    fn unit(spec: Value) -> Unit {
        let mut unit =
            Unit::new("server", "server", Component::Server, Side::Customer, TargetKind::Local, &Folder { path: None });
        unit.spec = spec;
        unit
    }

    fn present(spec: Value) -> Observation {
        Observation::Present(Box::new(Present { spec, ..Present::default() }))
    }

    #[test]
    fn equal_is_unchanged_and_differences_are_named() {
        let spec = json!({ "port": 1, "env": { "A": "x", "B": Text::secret(&SecretName::new("p")) } });
        let none = BTreeMap::new();
        assert_eq!(change_for(&unit(spec.clone()), &[], &present(spec.clone()), &none).action, Action::Unchanged);
        assert_eq!(change_for(&unit(spec.clone()), &[], &Observation::Absent, &none).action, Action::Create);
        let other = json!({ "port": 2, "env": { "A": "x", "C": "y" } });
        let change = change_for(&unit(other), &[], &present(spec), &none);
        assert_eq!(change.action, Action::Update);
        let shown: Vec<_> = change.fields.iter().map(|f| format!("{} {:?} {:?}", f.field, f.before, f.after)).collect();
        assert_eq!(
            shown,
            ["port Some(\"1\") Some(\"2\")", "env.B Some(\"(secret p)\") None", "env.C None Some(\"y\")",]
        );
    }

    #[test]
    fn what_was_taken_down_is_taken_up_again_with_its_data() {
        let spec = json!({ "port": 1 });
        let left = Present { spec: spec.clone(), kept: true, ..Present::default() };
        let change = change_for(&unit(spec), &[], &Observation::Present(Box::new(left)), &BTreeMap::new());
        assert_eq!((change.action, change.reason.as_str()), (Action::Create, KEPT));
    }

    #[test]
    fn a_changed_secret_is_seen_and_not_shown() {
        let spec = json!({});
        let name = SecretName::new("admin-password");
        let observed = Observation::Present(Box::new(Present {
            spec: spec.clone(),
            secrets: BTreeMap::from([(name.clone(), "aa".to_owned())]),
            ..Present::default()
        }));
        let now = BTreeMap::from([(name, "bb".to_owned())]);
        let change = change_for(&unit(spec), &[], &observed, &now);
        assert_eq!(change.reason, "secret admin-password differs");
    }
}
