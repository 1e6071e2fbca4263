//! Interim drawing of the history.
use crate::engine::RunRecord;
use crate::report::table::Table;
pub fn document(name: &str, runs: &[RunRecord]) -> serde_json::Value {
    serde_json::json!({"apiVersion":"deploy/v1","kind":"History","deployment":name,"runs":runs.iter().rev().collect::<Vec<_>>()})
}
pub fn table(runs: &[RunRecord], width: usize) -> String {
    Table::new(["RUN","VERB","BY","OUTCOME"]).rows(runs.iter().rev().map(|r| [r.run.clone(), r.verb.clone(), r.by.clone(), r.outcome.map_or("stopped", |o| o.as_str()).to_owned()])).render(width)
}
