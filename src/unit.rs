//! Units: the nodes of a plan, as plain data, and the trait that gives each kind its life.
//!
//! A unit says what should be, on which side, after what and why. It can be compared, printed and saved, and never
//! touches the world. A [`Driver`] does.

mod driver;
pub mod kubernetes;
pub mod local;
mod text;

use serde::{Deserialize, Serialize, de::DeserializeOwned};

pub use driver::{
    Context, DataFate, Deleted, Driver, DriverError, DriverResult, Observation, Owned, Present, Readiness, RetryClass,
};
pub use text::{OutputRef, Outputs, Part, Text, Unknown, described, references, resolve, reveal, secrets_used};

use crate::scenario::{Component, DataClass, Side, TargetKind};

/// Name of a unit, unique in its deployment: `server`, `database/data`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnitId(String);

impl UnitId {
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As a file name: no separators.
    pub fn file_name(&self) -> String {
        self.0.replace('/', "--")
    }
}

impl std::fmt::Display for UnitId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.0)
    }
}

/// Several in one text; none if there are none.
pub fn listed(units: &[UnitId]) -> Option<String> {
    let names: Vec<&str> = units.iter().map(UnitId::as_str).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

/// The typed description of one kind of unit. Fields that depend on other units or on secrets are [`Text`]s.
pub trait Spec: Serialize + DeserializeOwned {
    /// Names the driver, such as `local.process`.
    const KIND: &'static str;
}

/// One node of a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Unit {
    pub id: UnitId,
    /// Which driver gives it life.
    pub kind: String,
    /// A few words for people: `MariaDB server process`.
    pub title: String,
    pub component: Component,
    pub side: Side,
    pub target: TargetKind,
    pub spec: serde_json::Value,
    /// What has to be ready first, and why. References in the spec add themselves when the graph is made.
    pub depends_on: Vec<Dependency>,
    /// Data that would be lost with the unit. Units that hold data are deleted only when the user names them.
    #[serde(default)]
    pub holds: Vec<HeldData>,
}

/// An edge of the graph.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dependency {
    pub unit: UnitId,
    /// Completes "after X, because …".
    pub reason: String,
}

/// Data that lives in a unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldData {
    pub class: DataClass,
    /// What a person would miss: `all runs, models and users`.
    pub what: String,
}

impl Unit {
    pub fn new<S: Spec>(id: &str, title: &str, component: Component, side: Side, target: TargetKind, spec: &S) -> Self {
        Self {
            id: UnitId::new(id),
            kind: S::KIND.to_owned(),
            title: title.to_owned(),
            component,
            side,
            target,
            // A spec is data of ours; it serializes.
            spec: serde_json::to_value(spec).unwrap_or(serde_json::Value::Null),
            depends_on: Vec::new(),
            holds: Vec::new(),
        }
    }

    #[must_use]
    pub fn after(mut self, unit: &str, reason: &str) -> Self {
        self.depends_on.push(Dependency { unit: UnitId::new(unit), reason: reason.to_owned() });
        self
    }

    #[must_use]
    pub fn holding(mut self, class: DataClass, what: &str) -> Self {
        self.holds.push(HeldData { class, what: what.to_owned() });
        self
    }
}
