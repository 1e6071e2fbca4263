//! `deploy` takes a ZenML deployment scenario and makes it real: resolves it, plans it, applies it, proves that it
//! is healthy. See `docs/architecture.md` for the way data flows.

pub mod causes;
pub mod chart;
pub mod cli;
pub mod components;
pub mod contract;
pub mod database;
pub mod deployment;
pub mod diagnostics;
pub mod engine;
pub mod files;
pub mod functions;
pub mod go_json;
pub mod go_yaml;
pub mod health;
pub mod plan;
pub mod registry;
pub mod report;
pub mod scenario;
pub mod secrets;
pub mod table;
pub mod targets;
pub mod template;
pub mod unit;
pub mod world;
pub mod yaml;
