//! The command line: arguments, settings, one thin file per verb, and the one place where errors become exit codes.

mod args;
mod checking;
mod commands;
mod confirm;
mod failure;
mod opened;
mod running;
mod settings;
mod tracing;

use std::ffi::OsString;
use std::sync::Arc;

pub use failure::{Exit, Failure};
pub use settings::Seams;

use crate::report::Output;

/// Runs one command and gives back the process's exit code.
pub async fn run(arguments: Vec<OsString>, seams: Seams) -> u8 {
    // Whatever is made below, by us or by the programs that we start, is its owner's alone.
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    let parsed = match args::parse(&arguments) {
        Ok(parsed) => parsed,
        Err(error) => return failure::print_usage(error),
    };
    let output = Arc::new(Output::standard(&seams.environment));
    tracing::begin(parsed.global.verbose, seams.environment.get("DEPLOY_LOG").map(String::as_str), &output);
    let result = match settings::read(&parsed, seams) {
        Ok(settings) => commands::run(parsed.command, &settings, &output).await,
        Err(failure) => Err(failure),
    };
    let exit = result.unwrap_or_else(|failure| failure.print(&output));
    exit.code()
}
