//! The catalogue of scenarios: which component runs on which side, where each class of data is stored, who may read
//! it, and which connections may be opened by whom. All of it is data; nothing here touches the world.

mod catalogue;
mod difference;
mod holding;
pub mod json;
mod model;
mod names;
pub mod phrase;
pub mod picture;
mod schema;
#[cfg(test)]
mod tests;
pub mod text;
pub mod validate;
mod words;

pub use catalogue::{Catalogue, ScenarioFile};
pub use difference::{
    Change, ComponentChange, CrossingsChange, GainsAndLosses, LinkChange, RuleChange, ScenarioDiff, difference,
};
pub use holding::{held_by, holder_on, holders};
pub use model::{Alias, ContractRule, Crossings, Link, Placement, Requirement, Scenario, TradeOff};
pub use schema::schema;
pub use words::{Component, DataClass, Outgoing, Principal, Side, TargetKind, Vocabulary};
