//! A scenario's promises in words, with the codes under which breaking them is reported.

use serde::Serialize;

use super::rules::{self, Clause, Statement};
use crate::diagnostics::Code;
use crate::scenario::Scenario;

/// One promise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Promise {
    pub code: Code,
    /// `metadata, secrets: stored on the customer's side only`.
    pub text: String,
}

/// What a scenario promises, in the order of the contract's rows; the same promise about several things is made once.
pub fn explain_contract(scenario: &Scenario) -> Vec<Promise> {
    let clauses = rules::clauses(scenario);
    let mut promises = grouped(&clauses, scenario);
    promises.sort_by_key(|promise| promise.code);
    promises
}

pub(super) fn grouped(clauses: &[Clause], scenario: &Scenario) -> Vec<Promise> {
    let mut groups: Vec<(Code, String, Vec<String>)> = Vec::new();
    for clause in clauses {
        let Statement { says, of } = clause.statement(scenario);
        let known = groups.iter_mut().find(|(code, words, _)| *code == clause.code() && *words == says);
        match known {
            Some((_, _, things)) => things.extend(of.filter(|of| !things.contains(of)).into_iter().collect::<Vec<_>>()),
            None => groups.push((clause.code(), says, of.into_iter().collect())),
        }
    }
    groups
        .into_iter()
        .map(|(code, says, things)| {
            let text = if things.is_empty() { says } else { format!("{}: {says}", things.join(", ")) };
            Promise { code, text }
        })
        .collect()
}
