//! This machine: Python environments, database and server processes, and the folder that says what is ours.

mod identity;
mod log_file;
mod memory;
mod paths;
mod process_table;
mod record;

pub use identity::{Fate, Identity};
pub use paths::{DeploymentFolder, Home};
pub use record::{Records, inventory};
