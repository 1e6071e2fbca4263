//! This machine: Python environments, database and server processes, and the folder that says what is ours.

mod activation;
mod certificate;
mod client;
mod command;
mod container;
mod disk;
mod engine;
mod environment;
mod failure;
mod folder;
mod group;
mod identity;
pub mod keeper;
#[cfg(test)]
mod killed;
mod launch;
mod log_file;
mod logs;
mod mariadb_data;
mod memory;
mod migration;
mod mlflow_schema;
mod paths;
mod ports;
mod preparation;
mod prepare;
mod process;
mod process_table;
mod python;
mod readiness;
#[cfg(test)]
mod real_zenml;
mod record;
mod run_folder;
mod secret;
mod stop;
mod target;
#[cfg(test)]
mod testing;

pub use identity::{Fate, Identity};
pub use paths::{DeploymentFolder, Home};
pub use record::{Records, inventory};
pub use target::LocalTarget;
