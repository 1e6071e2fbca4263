//! This machine: Python environments, database and server processes, and the folder that says what is ours.

mod paths;
mod record;

pub use paths::{DeploymentFolder, Home};
pub(crate) use record::write_atomically;
pub use record::{Records, inventory};
