//! The life of a unit: observe, diff, apply, ready, delete.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::{Dependency, HeldData, Outputs, Unit};
use crate::diagnostics::Diagnostic;
use crate::secrets::{SecretName, Secrets};

/// What a driver is given besides the unit.
#[derive(Clone)]
pub struct Context {
    /// Values of secrets, fetched when they are needed and not before.
    pub secrets: Arc<Secrets>,
    /// Says in a few words what is going on, for the reason column: `installing 120 packages`.
    pub progress: Arc<dyn Fn(&str) + Send + Sync>,
    /// Cancelled when the run must stop at once.
    pub cancel: CancellationToken,
    /// How long one step may take.
    pub time_limit: Duration,
}

/// Whether trying again can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryClass {
    /// Passes by itself: a connection was reset, a server was busy.
    Transient,
    /// Stays until somebody changes something.
    Fatal,
}

/// Why a driver could not do what it was asked.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", .diagnostic.title)]
pub struct DriverError {
    pub class: RetryClass,
    pub diagnostic: Diagnostic,
}

impl DriverError {
    pub fn transient(diagnostic: Diagnostic) -> Self {
        Self { class: RetryClass::Transient, diagnostic }
    }
}

impl From<Diagnostic> for DriverError {
    fn from(diagnostic: Diagnostic) -> Self {
        Self { class: RetryClass::Fatal, diagnostic }
    }
}

pub type DriverResult<T> = Result<T, DriverError>;

/// What is there.
#[derive(Debug, Clone, PartialEq)]
pub enum Observation {
    Absent,
    Present(Box<Present>),
}

/// A unit that exists.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Present {
    /// The spec with which it was applied last, outputs filled in.
    pub spec: Value,
    /// Salted fingerprints of the secrets with which it was applied last.
    pub secrets: BTreeMap<SecretName, String>,
    pub outputs: Outputs,
    /// Why it is not as it was left, in the system's own words: `exited with code 3`. None when all is well.
    pub broken: Option<String>,
    /// Only what it holds is left: the unit was taken down and its data kept. There is nothing to be deleted but that.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub kept: bool,
}

/// Whether an applied unit has come to what it should be.
#[derive(Debug, Clone)]
pub enum Readiness {
    Ready,
    /// Not yet, and what it is waiting for.
    Waiting(String),
    /// It will not become ready by waiting.
    Failed(Box<Diagnostic>),
}

/// A unit that a target has, as it is written on the thing itself; enough to delete it without any file of the user.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Owned {
    pub unit: Unit,
    pub present: Present,
}

impl Owned {
    pub fn depends_on(&self) -> &[Dependency] {
        &self.unit.depends_on
    }

    pub fn holds(&self) -> &[HeldData] {
        &self.unit.holds
    }
}

/// What becomes of data when a unit is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DataFate {
    Keep,
    /// The user named it.
    Delete,
}

/// What a deletion left.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Deleted {
    /// Paths or names of what was kept.
    pub kept: Vec<String>,
}

/// Gives one kind of unit its life. Everything that touches the world is behind this trait.
///
/// `unit.spec` comes with all outputs filled in for [`Driver::apply`], [`Driver::ready`]; for [`Driver::observe`]
/// during planning some may still be open. Every method can be called again after a crash at any point: `apply`
/// finds what an earlier, killed `apply` left and goes on from there.
#[async_trait]
pub trait Driver: Send + Sync {
    /// The kind of unit, such as `local.process`.
    fn kind(&self) -> &'static str;

    /// Asks reality. Never changes anything.
    async fn observe(&self, unit: &Unit, ctx: &Context) -> DriverResult<Observation>;

    /// Whether a difference in this field (dotted path in the spec) can be applied in place. A field that cannot
    /// stops the plan with the reason given back.
    fn refuses_change(&self, field: &str) -> Option<&'static str> {
        let _ = field;
        None
    }

    /// Makes it so, from nothing or from what is there, and gives back the outputs.
    async fn apply(&self, unit: &Unit, ctx: &Context) -> DriverResult<Outputs>;

    /// Asked again and again after `apply` until it is ready or time is up.
    async fn ready(&self, unit: &Unit, ctx: &Context) -> DriverResult<Readiness> {
        let _ = (unit, ctx);
        Ok(Readiness::Ready)
    }

    /// What can be shown of a unit that is still at work when its time is up: where its log is, and the log's last
    /// words, without secrets.
    fn evidence(&self, unit: &Unit, ctx: &Context) -> Vec<String> {
        let _ = (unit, ctx);
        Vec::new()
    }

    /// Takes it away; data only if told so.
    async fn delete(&self, owned: &Owned, data: DataFate, ctx: &Context) -> DriverResult<Deleted>;
}
