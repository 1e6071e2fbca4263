//! Interim drawing of the status.
use crate::plan::Plan;
use crate::engine::Interrupted;
use crate::report::table::Table;
use crate::scenario::Side;
#[derive(Debug, Clone, serde::Serialize)]
pub struct ComponentStatus { pub name: String, pub side: Side, pub state: String, pub url: Option<String>, pub reason: String }
pub fn document(name: &str, plan: &Plan, components: &[ComponentStatus], _i: Option<&Interrupted>) -> serde_json::Value {
    serde_json::json!({"apiVersion":"deploy/v1","kind":"Status","deployment":name,"scenario":plan.scenario,"components":components})
}
pub fn table(_name: &str, _plan: &Plan, components: &[ComponentStatus], _i: Option<&Interrupted>, width: usize) -> String {
    Table::new(["COMPONENT","SIDE","STATE","URL","REASON"]).rows(components.iter().map(|c| [c.name.clone(), c.side.to_string(), c.state.clone(), c.url.clone().unwrap_or_default(), c.reason.clone()])).render(width)
}
