//! What a scenario promises, rule by rule, and which facts break it. Every rule comes from the scenario's data; no rule
//! knows a scenario by name.

mod connections;
mod data;
mod placement;
mod protection;

use super::facts::{Claim, Fact, Purpose};
use crate::diagnostics::{Code, codes};
use crate::scenario::{Component, DataClass, Scenario, Side};

/// One promise of a scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clause {
    /// Data are stored on the sides that their row names.
    StoredOn(DataClass),
    /// A part of a one-machine scenario is nowhere else.
    OnThisMachine(Component),
    /// Whoever reaches the server from elsewhere, or where there are users, has to log in.
    UsersLogIn,
    /// What listens is reached from this machine only, or over TLS.
    ReachedSafely,
    /// Data do not leave their side.
    Stays(DataClass),
    /// A component runs on its side.
    Placed(Component),
    /// There are no components but those of the scenario.
    NothingElse,
    /// Components run on the targets that the scenario names.
    Targets,
    /// Data are read by those whom their row names.
    ReadBy(DataClass),
    /// Connections are among the scenario's links.
    ListedLinks,
    /// Connections between the sides are opened by those who may.
    OpenedBy,
    /// Nothing that is no component is reached for this purpose.
    NotReached(Purpose),
    /// Stored secrets are encrypted.
    SecretsEncrypted,
    /// The database is reached over TLS.
    DatabaseEncrypted,
    /// The secrets store is reached over TLS.
    StoreEncrypted,
    /// The database's certificate is verified.
    DatabaseVerified,
    /// What decides about data can be seen.
    Checkable,
}

impl Clause {
    /// Under which code it is reported when it is broken.
    pub fn code(self) -> Code {
        match self {
            Self::StoredOn(_) => codes::CONTRACT_STORED_ELSEWHERE,
            Self::ReadBy(_) => codes::CONTRACT_READABLE_ELSEWHERE,
            Self::Stays(_) => codes::CONTRACT_CROSSES,
            Self::ListedLinks | Self::OpenedBy => codes::CONTRACT_LINK,
            Self::Placed(_) | Self::NothingElse | Self::Targets => codes::CONTRACT_COMPONENT,
            Self::UsersLogIn | Self::ReachedSafely => codes::CONTRACT_EXPOSED,
            Self::SecretsEncrypted | Self::DatabaseEncrypted | Self::StoreEncrypted => codes::CONTRACT_UNENCRYPTED,
            Self::NotReached(_) => codes::CONTRACT_EGRESS,
            Self::DatabaseVerified => codes::CONTRACT_UNVERIFIED,
            Self::OnThisMachine(_) => codes::CONTRACT_NOT_LOCAL,
            Self::Checkable => codes::CONTRACT_UNCHECKABLE,
        }
    }

    /// How much it tells about a key that breaks several: the lower, the sooner it is named. Clauses of one kind are
    /// reported together.
    pub(super) fn rank(self) -> u8 {
        match self {
            Self::StoredOn(_) => 0,
            Self::OnThisMachine(_) => 1,
            Self::UsersLogIn => 2,
            Self::ReachedSafely => 3,
            Self::Stays(_) => 4,
            Self::NothingElse => 5,
            Self::Placed(_) => 6,
            Self::Targets => 7,
            Self::ReadBy(_) => 8,
            Self::ListedLinks => 9,
            Self::OpenedBy => 10,
            Self::NotReached(_) => 11,
            Self::SecretsEncrypted => 12,
            Self::DatabaseEncrypted => 13,
            Self::StoreEncrypted => 14,
            Self::DatabaseVerified => 15,
            Self::Checkable => 16,
        }
    }

    /// Whether a fact breaks it.
    pub fn is_broken_by(self, fact: &Fact, scenario: &Scenario) -> bool {
        let claim = &fact.claim;
        match self {
            Self::StoredOn(data) => data::stored_elsewhere(data, claim, scenario),
            Self::ReadBy(data) => data::read_by_another(data, claim, scenario),
            Self::Stays(data) => data::leaves(data, claim),
            Self::ListedLinks => connections::unlisted(claim, scenario),
            Self::OpenedBy => connections::opened_by_another(claim, scenario),
            Self::NotReached(purpose) => connections::reached(purpose, claim),
            Self::Placed(component) => placement::on_another_side(component, claim, scenario),
            Self::NothingElse => placement::unknown(claim, scenario),
            Self::Targets => placement::on_another_target(claim, scenario),
            Self::OnThisMachine(component) => placement::elsewhere(component, claim),
            Self::UsersLogIn => protection::lets_anybody_in(claim, scenario),
            Self::ReachedSafely => protection::reached_in_the_open(claim, scenario),
            Self::SecretsEncrypted => *claim == Claim::StoresSecretsPlain,
            Self::DatabaseEncrypted => protection::plain_connection(Component::Database, claim),
            Self::StoreEncrypted => protection::plain_connection(Component::SecretsStore, claim),
            Self::DatabaseVerified => protection::unverified(claim),
            Self::Checkable => *claim == Claim::Hidden,
        }
    }

    /// The promise in words. What several clauses say of several things is said once: `stored on the customer's side
    /// only` of `metadata`.
    pub(super) fn statement(self, scenario: &Scenario) -> Statement {
        match self {
            Self::StoredOn(data) | Self::ReadBy(data) | Self::Stays(data) => data::statement(self, data, scenario),
            Self::ListedLinks | Self::OpenedBy | Self::NotReached(_) => connections::statement(self, scenario),
            Self::Placed(_) | Self::NothingElse | Self::Targets | Self::OnThisMachine(_) => {
                placement::statement(self, scenario)
            }
            _ => protection::statement(self, scenario),
        }
    }

    /// What a key does that breaks it, for a title: `does not store metadata on the vendor's side, as {key} asks`.
    /// `broken` holds all clauses of this kind that the key breaks.
    pub(super) fn accusation(self, broken: &[(Clause, &Fact)], scenario: &Scenario, key: &str) -> String {
        match self {
            Self::StoredOn(_) | Self::ReadBy(_) | Self::Stays(_) => data::accusation(self, broken, key),
            Self::ListedLinks | Self::OpenedBy | Self::NotReached(_) => connections::accusation(self, broken, key),
            Self::Placed(_) | Self::NothingElse | Self::Targets | Self::OnThisMachine(_) => {
                placement::accusation(self, broken, scenario, key)
            }
            _ => protection::accusation(self, scenario, key),
        }
    }
}

/// A promise in words, and what it is about where several promises say the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Statement {
    pub(super) says: String,
    pub(super) of: Option<String>,
}

impl Statement {
    fn plain(says: impl Into<String>) -> Self {
        Self { says: says.into(), of: None }
    }

    fn of(says: impl Into<String>, of: impl Into<String>) -> Self {
        Self { says: says.into(), of: Some(of.into()) }
    }
}

/// Everything that a scenario promises.
pub fn clauses(scenario: &Scenario) -> Vec<Clause> {
    let mut all = data::clauses(scenario);
    all.extend(connections::clauses(scenario));
    all.extend(placement::clauses(scenario));
    all.extend(protection::clauses(scenario));
    all
}

/// Whether the customer's side has a component, so that the deployment file has something to say about it.
fn is_customers(scenario: &Scenario, component: Component) -> bool {
    scenario.placement_on(component, Side::Customer).is_some()
}
