//! `deploy` takes a ZenML deployment scenario and makes it real: resolves it, plans it, applies it, proves that it
//! is healthy. See `docs/architecture.md` for the way data flows.

pub mod components;
pub mod deployment;
pub mod diagnostics;
pub mod report;
pub mod yaml;
pub mod engine;
pub mod plan;
pub mod scenario;
pub mod secrets;
pub mod unit;
pub mod world;
pub mod causes;
pub mod targets;
