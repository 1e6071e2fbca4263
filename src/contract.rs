//! The residency contract, checked on what is planned: facts are read from the resolved deployment and its units, and
//! compared with what the scenario promises. Pure.
//!
//! What is checked is what the deployment file decides. Whether a running system keeps the contract is `verify`'s
//! question.

mod explain;
pub mod facts;
mod host;
mod remedy;
pub mod rules;
mod settings;
mod violation;

#[cfg(test)]
mod tests;

pub use explain::{Promise, explain_contract};
pub use host::Host;

use crate::deployment::Resolved;
use crate::diagnostics::Diagnostic;
use crate::unit::Unit;

/// Every violation of the scenario's contract, one for each key that breaks it, the first cause first. Empty when the
/// plan may go on.
pub fn check(resolved: &Resolved, units: &[Unit]) -> Vec<Diagnostic> {
    let facts = facts::read(resolved, units);
    violation::find(&facts, &resolved.deployment.scenario)
        .iter()
        .map(|violation| violation.diagnostic(resolved))
        .collect()
}
