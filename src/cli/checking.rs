//! Health rounds of an opened deployment, and what people want to know once it is healthy.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::failure::Failure;
use super::opened::Opened;
use super::settings::Settings;
use crate::components;
use crate::deployment::Auth;
use crate::diagnostics::Diagnostic;
use crate::engine::Cancellation;
use crate::health::{Check, HealthContext, Probe, ProcessState, Round, Verdict, Window, watch};
use crate::scenario::Component;
use crate::secrets::SecretSource;
use crate::targets::local::LocalTarget;
use crate::unit::{Outputs, UnitId, resolve};

/// What all rounds together say, with the last one.
pub(super) struct Checked {
    pub(super) verdict: Verdict,
    pub(super) rounds: Vec<Round>,
}

/// Rounds are kept for reports; a watch that goes on for days must not fill the memory.
const KEPT_ROUNDS: usize = 1000;

impl Checked {
    pub(super) fn healthy(&self) -> bool {
        self.verdict.healthy
    }

    fn checks(&self) -> &[Check] {
        self.rounds.last().map_or(&[], |round| &round.checks)
    }

    pub(super) fn first_cause(&self) -> Option<&Diagnostic> {
        self.verdict.first_failure.as_ref().and_then(|check| check.finding.as_deref())
    }

    pub(super) fn document(&self, opened: &Opened) -> Value {
        json!({
            "apiVersion": "deploy/v1",
            "kind": "Health",
            "deployment": opened.name(),
            "healthy": self.verdict.healthy,
            "ending": self.verdict.ending,
            "rounds": self.verdict.rounds,
            "goodRoundsInARow": self.verdict.in_a_row,
            "seconds": self.verdict.seconds,
            "checks": self.checks(),
            "failure": self.first_cause().map(Diagnostic::to_json),
        })
    }
}

/// The window in which a deployment counts as stable after an apply.
pub(super) fn window_of(opened: &Opened) -> Window {
    let health = &opened.resolved.deployment.health;
    Window {
        count: Some(health.rounds),
        interval: Duration::from_secs(u64::from(health.interval_seconds)),
        time_limit: None,
    }
}

/// Asks until the window is filled; every round is handed out as soon as it is there.
pub(super) async fn check(
    opened: &Opened,
    settings: &Settings,
    outputs: &BTreeMap<UnitId, Outputs>,
    window: Window,
    cancellation: &Cancellation,
    on_round: impl Fn(&Round),
) -> Result<Checked, Failure> {
    let probes = known_probes(opened, outputs)?;
    let mut context =
        HealthContext::new(Arc::clone(&opened.secrets), settings.world.clone(), process_state(opened, settings));
    context.ca.clone_from(&opened.resolved.deployment.network.ca_bundle);
    let stop = context.cancel.clone();
    let asked = cancellation.clone();
    let waiting = tokio::spawn(async move {
        asked.requested().await;
        stop.cancel();
    });
    let mut rounds = Vec::new();
    let verdict = watch(&probes, &context, window, |round| {
        on_round(round);
        if rounds.len() == KEPT_ROUNDS {
            rounds.remove(0);
        }
        rounds.push(round.clone());
    })
    .await;
    waiting.abort();
    Ok(Checked { verdict, rounds })
}

/// The probes with everything filled in that is known. What is not known stays open: the probe then says so.
fn known_probes(opened: &Opened, outputs: &BTreeMap<UnitId, Outputs>) -> Result<Vec<Probe>, Failure> {
    let probes = components::probes(&opened.resolved.deployment);
    let value = serde_json::to_value(&probes).map_err(internal)?;
    let (filled, _) = resolve(&value, outputs);
    serde_json::from_value(filled).map_err(internal)
}

fn internal(error: serde_json::Error) -> Failure {
    Diagnostic::error(crate::diagnostics::codes::INTERNAL, "a health probe cannot be filled in")
        .cause(error.to_string())
        .into()
}

fn process_state(opened: &Opened, settings: &Settings) -> Arc<dyn Fn(&UnitId) -> ProcessState + Send + Sync> {
    let target = LocalTarget::new(settings.world.clone(), opened.name());
    let secrets = Arc::clone(&opened.secrets);
    // A container is asked about through its engine, which takes a moment; the probes' question is a plain one.
    Arc::new(move |unit| {
        let redactor = secrets.redactor_of_seen();
        let asked = target.process_state(unit, &redactor);
        tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(asked))
    })
}

/// Addresses by component, for people.
pub(super) fn urls(opened: &Opened, outputs: &BTreeMap<UnitId, Outputs>) -> BTreeMap<String, String> {
    let deployment = &opened.resolved.deployment;
    let output =
        |unit: &str, name: &str| outputs.get(&UnitId::new(unit)).and_then(|outputs| outputs.get(name)).cloned();
    let mut found = BTreeMap::new();
    if deployment.has(Component::Server) {
        let url = deployment.server.url.clone().or_else(|| output("server", "url"));
        if let Some(url) = url {
            found.insert("dashboard".to_owned(), url.clone());
            found.insert("server".to_owned(), url);
        }
    }
    if let Some(address) = output("database", "address") {
        found.insert("database".to_owned(), format!("mysql://{address}/zenml"));
    } else if let Some(path) = output("database", "path") {
        found.insert("database".to_owned(), format!("sqlite:///{path}/zenml.db"));
    }
    if let Some(url) = output("mlflow", "url") {
        found.insert("mlflow".to_owned(), url);
    }
    if let Some(path) = output("artifact-store", "path") {
        found.insert("artifact-store".to_owned(), path);
    }
    if let Some(program) = output("client", "zenml") {
        found.insert("client".to_owned(), program);
    }
    found
}

/// How to get in: the user's name, and where the password is, never the password.
pub(super) fn sign_in_hint(opened: &Opened) -> String {
    let deployment = &opened.resolved.deployment;
    if !deployment.has(Component::Server) || deployment.server.auth == Auth::None {
        return String::new();
    }
    let password = match &deployment.server.admin_password {
        SecretSource::Generate { .. } | SecretSource::Prompt => {
            format!("in the file {}", opened.folder.secrets().join("admin-password").display())
        }
        source => format!("from {source}"),
    };
    format!("  {:<15}  {}, password {password}\n", "log in as", deployment.server.admin_user)
}
