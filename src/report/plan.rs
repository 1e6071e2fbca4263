//! Interim drawing of plans.
use crate::deployment::Deployment;
use crate::plan::Plan;
use crate::report::table::Table;
pub fn document(plan: &Plan, _deployment: &Deployment) -> serde_json::Value {
    serde_json::json!({"apiVersion":"deploy/v1","kind":"Plan","deployment":plan.deployment,"changes":plan.visible_changes().collect::<Vec<_>>(),"summary":plan.summary})
}
pub fn table(plan: &Plan, _deployment: &Deployment, width: usize) -> String {
    Table::new(["ACTION","UNIT","REASON"]).rows(plan.visible_changes().map(|c| [c.action.as_str().to_owned(), c.unit.to_string(), c.reason.clone()])).render(width)
}
