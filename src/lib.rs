//! `deploy` takes a ZenML deployment scenario and makes it real: resolves it, plans it, applies it, proves that it
//! is healthy. See `docs/architecture.md` for the way data flows.

pub mod diagnostics;
pub mod report;
pub mod yaml;
pub mod scenario;
