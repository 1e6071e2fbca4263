//! `deploy history`: earlier runs, newest first.

use std::sync::Arc;

use super::print_document;
use crate::cli::args::Reading;
use crate::cli::failure::{Exit, Failure};
use crate::cli::opened;
use crate::cli::settings::Settings;
use crate::diagnostics::{Diagnostic, codes};
use crate::engine::{LockState, inspect_lock, read_runs};
use crate::report::{Output, history};

pub(super) fn run(args: &Reading, settings: &Settings, output: &Arc<Output>) -> Result<Exit, Failure> {
    let opened = opened::open(&args.selection, settings)?;
    let path = opened.folder.journal();
    let runs = read_runs(&path).map_err(|error| {
        Diagnostic::error(codes::FILE_UNREADABLE, "cannot read the journal")
            .at(path.display().to_string())
            .cause(error.to_string())
    })?;
    let running = match inspect_lock(&opened.folder.lock())? {
        LockState::Held(holder) => Some(holder.run),
        _ => None,
    };
    let document = history::to_json(opened.name(), &runs, running.as_deref());
    let zone = jiff::tz::TimeZone::system();
    print_document(output, args.format.output, &document, |width| {
        history::draw(&runs, running.as_deref(), &zone, width)
    });
    Ok(Exit::Ok)
}
