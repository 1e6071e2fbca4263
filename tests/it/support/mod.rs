//! What tests against real programs need: a machine that was set up, homes of their own, terminals, browsers, and a
//! sharp eye for what is left behind.

// Helpers are there before the first test that needs them, and after the last one.
#![allow(dead_code, unused_imports)]

mod api;
mod browser;
mod command;
mod environment;
mod example;
mod finding;
mod machine;
mod ports;
mod processes;
mod registry;
mod secrets;
mod setup;
mod stub;
mod terminal;
mod web;

pub use api::{Answer, Zenml, get};
pub use browser::{Browser, browser_shows_login};
pub use command::{Deploy, Run, Running};
pub use environment::TestEnv;
pub use example::{Example, sqlite};
pub use finding::{Expected, Finding};
pub use machine::{MemoryDisk, MemoryLimit, OtherUser, is_root};
pub use ports::{OccupiedPort, free_port};
pub use processes::{Process, processes_of};
pub use registry::{Registry, RegistryOptions, digest};
pub use secrets::{Find, SecretScanner};
pub use setup::{Setup, note_skip};
pub use stub::Stub;
pub use terminal::{Key, Session};
pub use web::{Asked, Reply, Web};

use std::path::PathBuf;

/// Leaves a test out because something named is not there. It is counted and named at the end of `make test`.
macro_rules! skip {
    ($what:expr, $($reason:tt)+) => {{
        crate::support::note_skip($what, &format!($($reason)+));
        return;
    }};
}

/// Goes on only if these parts of the setup are there (`mariadb`, `chromium`, `images`, …) or the test may do this
/// (`root`).
macro_rules! require {
    ($($what:expr),+ $(,)?) => {
        $(if let Some(reason) = crate::support::Setup::get().missing($what) {
            crate::support::skip!($what, "{reason}");
        })+
    };
}

pub(crate) use {require, skip};

/// Where tests leave what people may want to look at: `target/test-artefacts`.
pub fn artefacts() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).with_file_name("test-artefacts");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// The repository.
pub fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
