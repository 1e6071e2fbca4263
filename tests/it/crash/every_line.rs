//! A run is killed at every line of its journal, each time from nothing, and then run again.
//!
//! What costs is not the killing but what comes after it: making a schema, starting a server. A run that was killed
//! before those has to come to the same place, and what follows from there does not know how it came there. So a run
//! that was killed early is first run again up to that place, the gate, where files, records and processes must be
//! exactly those of a run that was never killed: nothing twice, nothing left over. From the gate on, every killed run
//! is completed and proved. And each early line is completed and proved as well, together with the others, on the way
//! down the [`super::ladder`].

use super::child::Kill;
use super::picture::Picture;
use super::proof::{self, Memory};
use super::site::{Scenario, Site};
use super::undisturbed::Undisturbed;

/// One step at a time, so that the order of the lines is the same in every run.
const APPLY: [&str; 4] = ["apply", "--yes", "--parallelism", "1"];
/// The first line that something expensive follows.
const GATE: &str = "intent database/schema";

/// Kills a run at the gate, looks, and completes it.
fn at_gate(scenario: Scenario, undisturbed: &Undisturbed) -> Picture {
    let site = Site::new(scenario);
    assert_eq!(site.dies(&APPLY, Kill::at(GATE)).as_deref(), Some(GATE));
    let picture = Picture::of(&site);
    let memory = Memory::of(&site);
    proof::converges(&site, &undisturbed.applied, &memory, &[GATE.to_owned()]);
    picture
}

/// Kills a new deployment at the line. What was there then has to be there ever after.
fn killed(scenario: Scenario, line: &str) -> (Site, Memory) {
    let site = Site::new(scenario);
    assert_eq!(site.dies(&APPLY, Kill::at(line)).as_deref(), Some(line));
    let memory = Memory::of(&site);
    (site, memory)
}

fn early(scenario: Scenario, line: &str, at_gate: &Picture) {
    let (site, memory) = killed(scenario, line);
    assert_eq!(site.dies(&APPLY, Kill::at(GATE)).as_deref(), Some(GATE), "killed at `{line}`");
    memory.check_files(&site);
    let seen = proof::unmarked(&site, &memory, at_gate);
    assert!(seen.is_empty(), "killed at `{line}`, it comes to `{GATE}` with\n{}", seen.join("\n"));
    proof::tells_deaths(&site, &[line.to_owned(), GATE.to_owned()]);
}

fn late(scenario: Scenario, line: &str, undisturbed: &Undisturbed) {
    let (site, memory) = killed(scenario, line);
    proof::converges(&site, &undisturbed.applied, &memory, &[line.to_owned()]);
}

/// Every line before the gate, and those from there on that are chosen.
fn every_line(scenario: Scenario, choose: impl Fn(&str) -> bool) {
    let undisturbed = Undisturbed::of(scenario);
    let gate = undisturbed.lines.iter().position(|line| line == GATE).unwrap();
    let (before, after) = undisturbed.lines.split_at(gate);
    let after: Vec<&String> = after[1..].iter().filter(|line| choose(line)).collect();
    let at_gate = at_gate(scenario, undisturbed);
    for line in before {
        early(scenario, line, &at_gate);
    }
    for line in &after {
        late(scenario, line, undisturbed);
    }
    let (total, tried) = (undisturbed.lines.len(), before.len() + 1 + after.len());
    println!("{}: killed at {tried} of {total} lines, each from nothing", scenario.name());
}

#[test]
fn local_sqlite_is_completed_wherever_it_was_killed() {
    every_line(Scenario::LocalSqlite, |_| true);
}

#[test]
fn local_server_is_completed_wherever_it_was_killed() {
    every_line(Scenario::LocalServer, |_| true);
}

/// Administrator and artifact store are the same units as above, behind the same server.
#[test]
fn remote_server_is_completed_wherever_it_was_killed() {
    crate::support::require!("mariadb");
    every_line(Scenario::RemoteServer, |line| line.ends_with(" database/schema") || line.ends_with(" server"));
}
