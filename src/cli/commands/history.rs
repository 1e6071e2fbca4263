//! `deploy history`: earlier runs, newest first.

use super::print_document;
use crate::cli::args::Reading;
use crate::cli::failure::{Exit, Failure};
use crate::cli::opened;
use crate::cli::settings::Settings;
use crate::diagnostics::{Diagnostic, codes};
use crate::engine::read_runs;
use crate::report::{Output, history};

pub(super) fn run(args: &Reading, settings: &Settings, output: &Output) -> Result<Exit, Failure> {
    let opened = opened::open(&args.selection, settings)?;
    let path = opened.folder.journal();
    let runs = read_runs(&path).map_err(|error| {
        Diagnostic::error(codes::FILE_UNREADABLE, "cannot read the journal").at(path.display().to_string()).cause(error.to_string())
    })?;
    let document = history::document(opened.name(), &runs);
    print_document(output, args.format.output, &document, |width| history::table(&runs, width));
    Ok(Exit::Ok)
}
