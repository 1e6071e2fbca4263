//! `deploy` takes a ZenML deployment scenario and makes it real: resolves it, plans it, applies it, proves that it
//! is healthy. See `docs/architecture.md` for the way data flows.

pub mod database;
pub mod diagnostics;
pub mod yaml;
pub mod scenario;
pub mod secrets;
pub mod unit;
pub mod world;
pub mod causes;
pub mod targets;
