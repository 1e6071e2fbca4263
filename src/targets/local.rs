//! This machine: Python environments, database and server processes, and the folder that says what is ours.

mod certificate;
mod folder;
mod paths;
mod preparation;
mod record;
mod secret;
mod target;
#[cfg(test)]
mod testing;

pub use paths::{DeploymentFolder, Home};
pub use record::{Records, inventory};
pub use target::LocalTarget;
