//! What is there, component by component.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::API_VERSION;
use super::style::{BAD, CARE, DIM, GOOD, paint};
use crate::plan::{Action, Change};
use crate::scenario::{Component, Side};
use crate::table::Table;
use crate::unit::{Outputs, UnitId};

/// How a component is, the worst last: of a component with several units, the worst one counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Somebody else runs it.
    Provided,
    Ready,
    /// It comes with a target that this build does not have.
    Unavailable,
    /// It is there and not wanted any more.
    Leftover,
    /// It is there and differs from the deployment file.
    Outdated,
    Absent,
    /// It should be there and is broken or stopped.
    Broken,
}

/// A component of a deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ComponentStatus {
    pub name: Component,
    pub side: Side,
    pub state: State,
    /// Where it can be reached.
    pub url: Option<String>,
    /// Why it is not ready.
    pub reason: Option<String>,
}

impl State {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Provided => "provided",
            Self::Ready => "ready",
            Self::Unavailable => "unavailable",
            Self::Leftover => "leftover",
            Self::Outdated => "outdated",
            Self::Absent => "absent",
            Self::Broken => "broken",
        }
    }

    const fn of(action: Action) -> Self {
        match action {
            Action::Create => Self::Absent,
            Action::Update => Self::Outdated,
            Action::Repair => Self::Broken,
            Action::Delete => Self::Leftover,
            Action::Unchanged => Self::Ready,
            Action::Provided => Self::Provided,
            Action::Unavailable => Self::Unavailable,
        }
    }
}

/// The components behind the changes that a plan of the same deployment would make, in the order of [`Component::ALL`],
/// the customer's before the vendor's.
pub fn components(changes: &[Change], outputs: &BTreeMap<UnitId, Outputs>) -> Vec<ComponentStatus> {
    let places = [Side::Customer, Side::Vendor]
        .into_iter()
        .flat_map(|side| Component::ALL.iter().map(move |name| (side, *name)));
    places
        .filter_map(|(side, name)| {
            let of_component: Vec<&Change> = changes.iter().filter(|c| c.side == side && c.component == name).collect();
            let worst = of_component.iter().rev().max_by_key(|change| State::of(change.action))?;
            let state = State::of(worst.action);
            let url = of_component.iter().find_map(|change| address(outputs.get(&change.unit)?));
            let reason = (!matches!(state, State::Ready | State::Provided)).then(|| why(worst));
            Some(ComponentStatus { name, side, state, url, reason })
        })
        .collect()
}

fn why(change: &Change) -> String {
    let of_component = change.unit.as_str() == change.component.as_str();
    if of_component { change.reason.clone() } else { format!("{}: {}", change.unit, change.reason) }
}

fn address(outputs: &Outputs) -> Option<String> {
    outputs.get("url").or_else(|| outputs.get("address")).or_else(|| outputs.get("path")).cloned()
}

/// A table of components, with a reason under each that is not as it should be.
pub fn draw(components: &[ComponentStatus], width: usize) -> String {
    let table = Table::new(["COMPONENT", "SIDE", "STATE", "WHERE"]).whole(0).whole(3);
    let table = components.iter().fold(table, |table, component| {
        let style = match component.state {
            State::Ready => GOOD,
            State::Provided | State::Unavailable => DIM,
            State::Leftover | State::Outdated => CARE,
            State::Absent | State::Broken => BAD,
        };
        let table = table.row([
            component.name.to_string(),
            component.side.to_string(),
            paint(style, component.state.as_str()),
            component.url.clone().unwrap_or_default(),
        ]);
        component.reason.iter().fold(table, Table::note)
    });
    table.render(width)
}

/// `components[].{name, side, state, url, reason}`.
pub fn to_json(deployment: &str, components: &[ComponentStatus]) -> Value {
    json!({ "apiVersion": API_VERSION, "deployment": deployment, "components": components })
}
