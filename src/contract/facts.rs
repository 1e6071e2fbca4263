//! What is true of a deployment: read from its units as they will be started, from the user's own variables and chart
//! values, and, where the parts run elsewhere, from the deployment itself. Facts judge nothing; rules do.

mod artifacts;
mod control_plane;
mod database;
mod experiments;
mod exposure;
mod outgoing;
mod placement;
mod secrets_store;

use super::host::{Address, Host};
use super::settings::{self, Scope, Setting};
use crate::deployment::{Deployment, Resolved};
use crate::scenario::{Component, DataClass, Principal, Scenario, Side, TargetKind};
use crate::unit::Unit;

/// Something that is so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    pub claim: Claim,
    /// The key of the deployment file that decides it: `database.mysql.url`.
    pub path: String,
    /// Where it is read from, as a sentence without its full stop. Names hosts, never whole values.
    pub because: String,
}

/// What is so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// The deployment has a component on a side; on which target, if `deploy` is to run it.
    Runs { component: Component, side: Side, target: Option<TargetKind> },
    /// A component holds data on a side.
    Stores { data: DataClass, component: Component, side: Side, this_machine: bool },
    /// Somebody can read data where they are stored.
    Reads { data: DataClass, reader: Principal },
    /// A component opens a connection.
    Opens(Connection),
    /// A component can be reached, from this machine only or from others.
    Listens { component: Component, this_machine: bool, tls: bool },
    /// Whoever reaches the component is let in.
    AsksNobody { component: Component, this_machine: bool },
    /// Secrets are written down as they are.
    StoresSecretsPlain,
    /// A value that decides about data is a secret, so that nothing can be said about it.
    Hidden,
}

/// A connection that a component opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    pub from: Component,
    pub from_side: Side,
    /// None for what is no component of any scenario.
    pub to: Option<Component>,
    pub host: Host,
    pub purpose: Purpose,
    pub encrypted: bool,
    /// Whether the other end has to prove who it is.
    pub verified: bool,
    pub carries: Vec<DataClass>,
}

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The component's own work.
    Work,
    /// Telling the vendor how the server is used.
    UsageReports,
    /// Traces, metrics and logs of the server, sent to a collector.
    Telemetry,
    /// A way out for anything.
    Proxy,
    /// Fetching images to run.
    Images,
}

impl Connection {
    pub fn crosses(&self) -> bool {
        self.from_side != self.host.side
    }
}

/// Everything that is read from, and the words to say it.
pub(super) struct Reader<'a> {
    resolved: &'a Resolved,
    deployment: &'a Deployment,
    scenario: &'a Scenario,
    units: &'a [Unit],
    scopes: Vec<Scope>,
}

/// All facts, those of one key together, each once.
pub fn read(resolved: &Resolved, units: &[Unit]) -> Vec<Fact> {
    let deployment = &resolved.deployment;
    let scopes = settings::scopes(resolved, units);
    let reader = Reader { resolved, deployment, scenario: &deployment.scenario, units, scopes };
    let all = [
        placement::facts(&reader),
        database::facts(&reader),
        secrets_store::facts(&reader),
        artifacts::facts(&reader),
        experiments::facts(&reader),
        control_plane::facts(&reader),
        exposure::facts(&reader),
        outgoing::facts(&reader),
    ];
    let mut facts: Vec<Fact> = Vec::new();
    for fact in all.into_iter().flatten() {
        // Server and migration are started with the same variables.
        if !facts.iter().any(|known| known.claim == fact.claim && known.path == fact.path) {
            facts.push(fact);
        }
    }
    facts
}

impl Fact {
    fn new(claim: Claim, path: &str, because: impl Into<String>) -> Self {
        Self { claim, path: path.to_owned(), because: because.into() }
    }
}

impl Reader<'_> {
    /// Whether the user says anything at a key, in whatever layer.
    fn is_written(&self, path: &str) -> bool {
        self.resolved.tree.get(path).is_some()
    }

    /// Whether the customer's side has the component in this scenario.
    fn is_customers(&self, component: Component) -> bool {
        self.scenario.placement_on(component, Side::Customer).is_some()
    }

    /// Whether only the vendor's side has it.
    fn is_vendors(&self, component: Component) -> bool {
        self.scenario.placement(component).is_some() && !self.is_customers(component)
    }

    fn address(&self, text: &str) -> Option<Address> {
        Address::parse(text, self.scenario)
    }

    /// Data that travel from one component to another, as the scenario's links say; `usual` where it has no such link.
    fn carried(&self, from: Component, to: Component, usual: &[DataClass]) -> Vec<DataClass> {
        let links = self.scenario.links.iter().filter(|link| link.from == from && link.to == to);
        let mut carried: Vec<DataClass> = Vec::new();
        let mut known = false;
        for link in links {
            known = true;
            carried.extend(link.carries.iter().filter(|data| !carried.contains(data)).copied().collect::<Vec<_>>());
        }
        if known { carried } else { usual.to_vec() }
    }
}

/// Data on a host, and whoever runs it reads them.
fn stored(data: &[DataClass], component: Component, host: &Host, path: &str, because: &str) -> Vec<Fact> {
    let mut facts = Vec::new();
    for data in data.iter().copied() {
        let claim = Claim::Stores { data, component, side: host.side, this_machine: host.this_machine };
        facts.push(Fact::new(claim, path, because));
        if let Some(reader) = reader_at(component, host) {
            facts.push(Fact::new(Claim::Reads { data, reader }, path, because));
        }
    }
    facts.push(Fact::new(Claim::Runs { component, side: host.side, target: None }, path, because));
    facts
}

/// Who reads data on a machine beside those for whom they are meant: the vendor on its own machines, and a server of
/// the customer's in a database that lies elsewhere.
fn reader_at(component: Component, host: &Host) -> Option<Principal> {
    let in_database = matches!(component, Component::Database | Component::ControlPlaneDatabase);
    match host.side {
        Side::Vendor => Some(Principal::VendorService),
        Side::Customer if in_database && !host.this_machine => Some(Principal::CustomerServer),
        Side::Customer => None,
    }
}

/// `the server is started with ZENML_STORE_URL, which names db.zenml.io, a host of the vendor`.
fn names_host(setting: &Setting, host: &Host) -> String {
    format!("{} names {}", setting.subject(), host.describe())
}
