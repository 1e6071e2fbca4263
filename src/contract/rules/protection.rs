//! Locks: logins, TLS, encryption, certificates, and values that can be looked at.

use super::{Clause, Statement, is_customers};
use crate::contract::facts::Claim;
use crate::contract::host::Host;
use crate::scenario::{Component, DataClass, Scenario};

pub(super) fn clauses(scenario: &Scenario) -> Vec<Clause> {
    let mut found = Vec::new();
    if is_customers(scenario, Component::Server) {
        found.extend([Clause::UsersLogIn, Clause::ReachedSafely, Clause::SecretsEncrypted, Clause::Checkable]);
    }
    if is_customers(scenario, Component::Database) {
        found.extend([Clause::DatabaseEncrypted, Clause::DatabaseVerified]);
    }
    if is_customers(scenario, Component::SecretsStore) {
        found.push(Clause::StoreEncrypted);
    }
    found
}

fn has_users(scenario: &Scenario) -> bool {
    scenario.rule(DataClass::Identity).is_some_and(|rule| !rule.stored_on.is_empty())
}

/// The scenario's own link to the server ends on the loopback address.
fn is_loopback_only(scenario: &Scenario) -> bool {
    let links = scenario.links.iter().filter(|link| link.to == Component::Server);
    links.filter_map(|link| link.host.as_ref()).any(|host| Host::new(host, scenario).this_machine)
}

pub(super) fn lets_anybody_in(claim: &Claim, scenario: &Scenario) -> bool {
    matches!(claim, Claim::AsksNobody { this_machine, .. } if has_users(scenario) || !this_machine)
}

pub(super) fn reached_in_the_open(claim: &Claim, scenario: &Scenario) -> bool {
    matches!(claim, Claim::Listens { this_machine: false, tls, .. } if !tls || is_loopback_only(scenario))
}

pub(super) fn plain_connection(to: Component, claim: &Claim) -> bool {
    matches!(claim, Claim::Opens(open) if open.to == Some(to) && !open.encrypted && !open.host.this_machine)
}

pub(super) fn unverified(claim: &Claim) -> bool {
    let Claim::Opens(open) = claim else { return false };
    let away = open.to == Some(Component::Database) && !open.host.this_machine;
    away && open.encrypted && !open.verified
}

pub(super) fn statement(clause: Clause, scenario: &Scenario) -> Statement {
    Statement::plain(match clause {
        Clause::UsersLogIn if has_users(scenario) => "nobody uses the server without a login",
        Clause::UsersLogIn => "a server without logins is reached from this machine only",
        Clause::ReachedSafely if is_loopback_only(scenario) => "what listens is reached from this machine only",
        Clause::ReachedSafely => "what listens is reached from this machine only, or over TLS",
        Clause::SecretsEncrypted => "secrets in the server's database are encrypted",
        Clause::DatabaseEncrypted => "a database on another machine is reached over TLS",
        Clause::DatabaseVerified => "the certificate of a database on another machine is verified",
        Clause::StoreEncrypted => "the secrets store is reached over TLS",
        _ => "what decides where data go is written where it can be checked",
    })
}

pub(super) fn accusation(clause: Clause, scenario: &Scenario, key: &str) -> String {
    match clause {
        Clause::UsersLogIn if has_users(scenario) => format!("lets nobody in without a login; {key} does"),
        Clause::UsersLogIn => {
            format!("asks nobody who they are, so only this machine may reach it; {key} lets others in")
        }
        Clause::ReachedSafely if is_loopback_only(scenario) => {
            format!("is reached from this machine only; {key} lets others reach it")
        }
        Clause::ReachedSafely => format!("is reached over TLS from elsewhere; {key} lets others reach it without"),
        Clause::SecretsEncrypted => format!("encrypts the secrets that it stores; {key} leaves them without a key"),
        Clause::DatabaseEncrypted => format!("reaches its database over TLS; {key} does without"),
        Clause::DatabaseVerified => format!("verifies the certificate of its database; {key} does without"),
        Clause::StoreEncrypted => format!("reaches its secrets store over TLS; {key} does without"),
        _ => format!("has to be checked before anything is started; {key} hides where data go"),
    }
}
