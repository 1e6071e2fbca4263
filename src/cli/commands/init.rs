//! `deploy init`.
use std::sync::Arc;

use crate::cli::args::Init;
use crate::cli::failure::{Exit, Failure};
use crate::cli::settings::Settings;
use crate::report::Output;
pub(super) fn run(_args: &Init, _settings: &Settings, _output: &Arc<Output>) -> Result<Exit, Failure> { Ok(Exit::Ok) }
