//! All questions, once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use futures_util::future::join_all;
use secrecy::SecretString;
use serde::Serialize;

use super::check::{Check, Seen};
use super::context::{HealthContext, ProcessState};
use super::http::Http;
use super::login::Sessions;
use super::probe::{LAST_STAGE, Need, PARTS_ARE_UP, Page, Probe};
use super::{client, dashboard, database, login, mlflow, mlflow_round_trip, process, secret_round_trip, server};
use crate::diagnostics::{Diagnostic, codes};
use crate::scenario::Component;
use crate::secrets::SecretName;
use crate::unit::{Text, UnitId};

/// The answers to all probes, in the order of the probes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Round {
    pub healthy: bool,
    pub checks: Vec<Check>,
    pub seconds: f64,
}

impl Round {
    /// The failure that the others come from: what stands below others goes first.
    pub fn first_failure(&self) -> Option<&Check> {
        self.checks.iter().filter(|check| check.finding.is_some()).min_by_key(|check| rank(check.component))
    }
}

/// A server fails with its database, a dashboard with its server.
fn rank(component: Component) -> u8 {
    match component {
        Component::Database | Component::ControlPlaneDatabase => 0,
        Component::Server | Component::ControlPlane | Component::Mlflow => 1,
        Component::Client => 3,
        _ => 2,
    }
}

/// What later questions need not be asked without.
fn shows_missing(probe: &Probe, check: &Check) -> Option<Need> {
    // An answer that differs from the plan is an answer; a server that cannot say what it is cannot do anything else.
    let says_nothing = check.finding.as_ref().is_some_and(|finding| finding.code != codes::HEALTH_INFO);
    match probe {
        _ if check.ok => None,
        Probe::Login { .. } => Some(Need::Login),
        Probe::ServerInfo { .. } => says_nothing.then_some(Need::Part(Component::Server)),
        _ => (probe.stage() < PARTS_ARE_UP).then_some(Need::Part(check.component)),
    }
}

/// What the questions of one round share.
pub(super) struct Asking<'a> {
    pub(super) ctx: &'a HealthContext,
    pub(super) http: Http,
    pub(super) sessions: Sessions,
    units: BTreeMap<Component, UnitId>,
}

/// Asks everything once. Questions that do not depend on each other are asked at the same time.
pub async fn round(probes: &[Probe], ctx: &HealthContext) -> Round {
    let begin = Instant::now();
    let mut answers: BTreeMap<usize, Check> = BTreeMap::new();
    match Asking::new(probes, ctx) {
        Ok(asking) => {
            let mut missing = BTreeSet::new();
            for stage in 0..=LAST_STAGE {
                let asked = probes.iter().enumerate().filter(|(_, probe)| probe.stage() == stage);
                let new = join_all(asked.map(|(index, probe)| asking.answer(index, probe, &missing))).await;
                missing.extend(new.iter().filter_map(|(index, check)| shows_missing(&probes[*index], check)));
                answers.extend(new);
            }
        }
        Err(finding) => {
            answers.extend(probes.iter().map(|probe| Check::new(probe, Err(finding.clone()), 0.0)).enumerate());
        }
    }
    // A log may hold a secret that no question of this round needed.
    let secrets = Arc::clone(&ctx.secrets);
    let redactor = tokio::task::spawn_blocking(move || secrets.redactor())
        .await
        .unwrap_or_else(|_| ctx.secrets.redactor_of_seen());
    let checks: Vec<Check> = answers.into_values().map(|check| check.redacted(&redactor)).collect();
    Round { healthy: checks.iter().all(|check| check.ok), checks, seconds: begin.elapsed().as_secs_f64() }
}

impl<'a> Asking<'a> {
    fn new(probes: &[Probe], ctx: &'a HealthContext) -> Result<Self, Box<Diagnostic>> {
        let units = probes.iter().filter_map(|probe| match probe {
            Probe::ProcessAlive { component, unit } => Some((*component, unit.clone())),
            _ => None,
        });
        Ok(Self {
            ctx,
            http: Http::new(ctx.ca.as_deref(), ctx.time_limit)?,
            sessions: Sessions::default(),
            units: units.collect(),
        })
    }

    async fn answer(&self, index: usize, probe: &Probe, missing: &BTreeSet<Need>) -> (usize, Check) {
        let mut needs = probe.needs().iter().copied().chain([Need::Part(probe.component())]);
        if let Some(need) = needs.find(|need| missing.contains(need)) {
            return (index, Check::skipped(probe, need));
        }
        let begin = Instant::now();
        let seen = self.ask(probe).await;
        (index, Check::new(probe, seen, begin.elapsed().as_secs_f64()))
    }

    async fn ask(&self, probe: &Probe) -> Seen {
        match probe {
            Probe::ProcessAlive { component, unit } => process::alive(self, *component, unit).await,
            Probe::PortOpen { component, address } => process::port_open(self, *component, address).await,
            Probe::HttpOk { page: Page::Mlflow, url } => mlflow::health(self, url).await,
            Probe::HttpOk { page, url } => server::page(self, *page, url).await,
            Probe::ServerInfo { url, expected } => server::info(self, url, expected).await,
            Probe::Login { url, username, password } => login::login(self, url, username, password.as_ref()).await,
            Probe::SecretRoundTrip { url, username, password, release } => {
                secret_round_trip::round_trip(self, url, (username, password.as_ref()), release).await
            }
            Probe::Dashboard { url } => dashboard::loads(self, url).await,
            Probe::DatabaseAnswers { address } => database::answers(self, address).await,
            Probe::SchemaRevision { address, release } => database::schema(self, address, release).await,
            Probe::DatabaseTls { address } => database::encrypted(self, address).await,
            Probe::ClientSeesStore { program } => client::sees_store(self, program).await,
            Probe::MlflowVersion { url, expected } => mlflow::version(self, url, expected).await,
            Probe::MlflowRoundTrip { url } => mlflow_round_trip::round_trip(self, url).await,
        }
    }

    /// A secret's value; its source may be a program that takes a while.
    pub(super) async fn secret(&self, name: &SecretName) -> Result<SecretString, Box<Diagnostic>> {
        let (secrets, name) = (Arc::clone(&self.ctx.secrets), name.clone());
        let fetched = tokio::task::spawn_blocking(move || secrets.get(&name)).await;
        fetched
            .unwrap_or_else(|error| {
                Err(Diagnostic::error(codes::INTERNAL, "a secret's source panicked").cause(error.to_string()))
            })
            .map_err(Box::new)
    }

    /// None when whoever keeps the process does not answer.
    pub(super) async fn process(&self, unit: &UnitId) -> Option<ProcessState> {
        let (ask, unit) = (Arc::clone(&self.ctx.process_state), unit.clone());
        tokio::time::timeout(self.ctx.time_limit, tokio::task::spawn_blocking(move || ask(&unit))).await.ok()?.ok()
    }

    /// The process that a part runs in, where we keep it.
    pub(super) async fn process_of(&self, component: Component) -> Option<(UnitId, ProcessState)> {
        let component = match component {
            Component::Dashboard | Component::SecretsStore => Component::Server,
            other => other,
        };
        let unit = self.units.get(&component)?;
        Some((unit.clone(), self.process(unit).await?))
    }
}

/// A text that is known by now.
pub(super) fn known(text: &Text) -> Result<String, Box<Diagnostic>> {
    text.known().ok_or_else(|| {
        Box::new(
            Diagnostic::error(codes::TARGET_NO_DEPLOYMENT, format!("{} is not known yet", text.describe()))
                .cause("the part that it belongs to was never applied")
                .next("deploy apply"),
        )
    })
}
