//! Connections: those of the scenario, opened by those who may, and nothing beyond.

use super::{Clause, Statement, is_customers};
use crate::contract::facts::{Claim, Connection, Fact, Purpose};
use crate::scenario::{Component, Outgoing, Scenario, Side, phrase};

pub(super) fn clauses(scenario: &Scenario) -> Vec<Clause> {
    let mut found = vec![Clause::ListedLinks, Clause::OpenedBy];
    found.extend(forbidden(scenario).iter().map(|purpose| Clause::NotReached(*purpose)));
    found
}

/// Where the vendor runs the server, the customer's side has nothing that the file could tell to reach out; a client
/// alone can be told to report its use.
fn forbidden(scenario: &Scenario) -> &'static [Purpose] {
    let served = is_customers(scenario, Component::Server);
    match scenario.crossings.outgoing {
        _ if !is_customers(scenario, Component::Database) => &[],
        Outgoing::Nothing | Outgoing::Installing if !served => &[Purpose::UsageReports],
        Outgoing::Nothing => {
            &[Purpose::UsageReports, Purpose::Telemetry, Purpose::Proxy, Purpose::Images, Purpose::Work]
        }
        Outgoing::Installing => &[Purpose::UsageReports, Purpose::Telemetry, Purpose::Work],
        Outgoing::UsageReports => &[],
    }
}

fn opened(claim: &Claim) -> Option<&Connection> {
    match claim {
        Claim::Opens(connection) => Some(connection),
        _ => None,
    }
}

/// What stays on this machine needs no link: a file, a socket or a loopback port of the deployment's own.
pub(super) fn unlisted(claim: &Claim, scenario: &Scenario) -> bool {
    let Some(connection) = opened(claim).filter(|connection| !connection.host.this_machine) else { return false };
    let Some(to) = connection.to else {
        // Reports and images are ruled elsewhere, and so is the rest where the scenario shuts itself off.
        let ruled = matches!(connection.purpose, Purpose::UsageReports | Purpose::Images);
        return connection.crosses() && !ruled && !forbidden(scenario).contains(&connection.purpose);
    };
    let is_this = |link: &&crate::scenario::Link| {
        (link.from, link.from_side) == (connection.from, connection.from_side)
            && (link.to, link.to_side) == (to, connection.host.side)
    };
    !scenario.links.iter().any(|link| is_this(&link))
}

pub(super) fn opened_by_another(claim: &Claim, scenario: &Scenario) -> bool {
    let Some(connection) = opened(claim).filter(|connection| connection.crosses() && connection.to.is_some()) else {
        return false;
    };
    let crossings = &scenario.crossings;
    let by_client = connection.from == Component::Client && crossings.clients;
    !by_client && !crossings.opened_by.contains(&connection.from_side)
}

/// A proxy is a way out wherever it stands; for other purposes only the vendor's hosts are outside.
pub(super) fn reached(purpose: Purpose, claim: &Claim) -> bool {
    opened(claim).is_some_and(|connection| {
        let outside = connection.host.side == Side::Vendor || purpose == Purpose::Proxy;
        connection.to.is_none() && connection.purpose == purpose && outside
    })
}

pub(super) fn statement(clause: Clause, scenario: &Scenario) -> Statement {
    match clause {
        Clause::ListedLinks => Statement::plain("only the connections that the scenario lists are opened"),
        Clause::OpenedBy => Statement::plain(format!("connections between the sides: {}", phrase::crossings(scenario))),
        Clause::NotReached(purpose) => Statement::of("never reached", destination(purpose)),
        _ => Statement::plain(String::new()),
    }
}

fn destination(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Work => "other hosts of the vendor",
        Purpose::UsageReports => "the vendor's collector of reports of use",
        Purpose::Telemetry => "the vendor's collectors of telemetry",
        Purpose::Proxy => "proxies",
        Purpose::Images => "the vendor's registries of images",
    }
}

fn goes_out(purpose: Purpose, key: &str) -> String {
    match purpose {
        Purpose::Work => format!("reaches no host of the vendor; {key} names one"),
        Purpose::UsageReports => format!("reports nothing to the vendor; {key} switches reports on"),
        Purpose::Telemetry => format!("sends no telemetry to the vendor; {key} does"),
        Purpose::Proxy => format!("lets nothing out; {key} opens a way through a proxy"),
        Purpose::Images => format!("fetches no image from the vendor; {key} names one of its registries"),
    }
}

pub(super) fn accusation(clause: Clause, broken: &[(Clause, &Fact)], key: &str) -> String {
    let Some(connection) = broken.first().and_then(|(_, fact)| opened(&fact.claim)) else {
        return format!("forbids {key}");
    };
    let from = phrase::component(connection.from);
    match (clause, connection.to) {
        (Clause::NotReached(purpose), _) => goes_out(purpose, key),
        (Clause::OpenedBy, _) => {
            format!("lets no {from} on the {}'s side call the other; {key} does", connection.from_side)
        }
        (_, Some(to)) => {
            let to = phrase::component(to);
            format!("has no connection from {from} to {to} on the {}'s side; {key} opens one", connection.host.side)
        }
        (_, None) => format!("has no connection from {from} to {}; {key} opens one", connection.host.name),
    }
}
