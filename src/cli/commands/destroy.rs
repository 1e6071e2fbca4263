//! `deploy destroy`: takes it down. Data stays unless it is named.

use std::sync::Arc;

use std::fmt::Write as _;

use serde_json::json;

use super::print_document;
use crate::cli::args::{Destroy, Shape};
use crate::cli::confirm::{confirm, confirm_by_name};
use crate::cli::failure::{Exit, Failure};
use crate::cli::opened::{self, Opened};
use crate::cli::running::Run;
use crate::cli::settings::Settings;
use crate::diagnostics::{Diagnostic, codes};
use crate::engine::{Outcome, RunResult};
use crate::plan::Summary;
use crate::report::{Json, Output, listener, reporter};
use crate::unit::{DataFate, Owned};

pub(super) async fn run(args: &Destroy, settings: &Settings, output: &Arc<Output>) -> Result<Exit, Failure> {
    let opened = opened::open_as_applied(&args.selection, settings)?;
    output.hide(opened.secrets.redactor());
    let fate = if args.delete_data { DataFate::Delete } else { DataFate::Keep };
    if !opened.folder.path().exists() {
        output.talk(&format!("{}: nothing is there\n", opened.name()));
        return print_result(&opened, &nothing(), args, output);
    }
    let listener = listener(reporter(output, args.running.events.is_some()));
    let run = Run::begin(&opened, settings, "destroy", &args.running, listener).await?;
    let inventory = opened.inventory()?;
    if args.running.format.output == Shape::Table {
        output.talk(&announcement(&opened, &inventory, fate));
    }
    match fate {
        DataFate::Keep => confirm("Take it down?", args.running.yes)?,
        DataFate::Delete => confirm_by_name("This cannot be undone.", opened.name(), args.running.yes)?,
    }
    let journal = run.open_journal(inventory.len(), Summary { delete: inventory.len(), ..Summary::default() })?;
    let result = run.engine().destroy(&inventory, fate, &journal).await;
    run.finish(&journal, &result);
    drop(journal);
    if fate == DataFate::Delete && result.failure.is_none() && result.outcome != Outcome::Cancelled {
        remove_folder(&opened)?;
    }
    print_result(&opened, &result, args, output)
}

fn nothing() -> RunResult {
    RunResult {
        outcome: Outcome::Unchanged,
        failure: None,
        changed: Vec::new(),
        kept: Vec::new(),
        outputs: std::collections::BTreeMap::new(),
    }
}

/// What would go and what would stay, by name.
fn announcement(opened: &Opened, inventory: &[Owned], fate: DataFate) -> String {
    let mut text = format!("Destroy {} ({} units)\n", opened.name(), inventory.len());
    let word = match fate {
        DataFate::Keep => "kept",
        DataFate::Delete => "DELETED",
    };
    let width = inventory.iter().map(|owned| owned.unit.id.as_str().len()).max().unwrap_or_default();
    for owned in inventory {
        for held in owned.holds() {
            let _ = writeln!(text, "  {word:<8} {:<width$}  {}: {}", owned.unit.id.as_str(), held.class, held.what);
        }
    }
    if fate == DataFate::Keep && inventory.iter().any(|owned| !owned.holds().is_empty()) {
        text.push_str("  (with --delete-data this would be deleted too)\n");
    }
    text
}

fn remove_folder(opened: &Opened) -> Result<(), Failure> {
    let path = opened.folder.path();
    match std::fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Diagnostic::error(codes::FILE_UNWRITABLE, "the deployment's folder cannot be removed")
                .at(path.display().to_string())
                .cause(error.to_string())
                .next("remove it by hand; nothing of it runs any more")
                .into())
        }
        _ => Ok(()),
    }
}

fn print_result(opened: &Opened, result: &RunResult, args: &Destroy, output: &Arc<Output>) -> Result<Exit, Failure> {
    let shape = args.running.format.output;
    let document = json!({
        "apiVersion": "deploy/v1",
        "kind": "DestroyResult",
        "deployment": opened.name(),
        "outcome": result.outcome.as_str(),
        "deleted": result.changed,
        "kept": result.kept,
        "failure": result.failure.as_ref().map(|failure| failure.diagnostic.to_json()),
    });
    if args.running.events.is_some() && shape == Shape::Table {
        Json::result(output, &document);
    } else {
        print_document(output, shape, &document, |_| {
            let mut text = format!("{}: {}\n", opened.name(), result.outcome.as_str());
            for kept in &result.kept {
                let _ = writeln!(text, "  kept  {kept}");
            }
            text
        });
    }
    let exit = match result.outcome {
        Outcome::Cancelled => Exit::Cancelled,
        Outcome::TimedOut => Exit::TimedOut,
        Outcome::Failed | Outcome::Partial => Exit::Partial,
        _ => return Ok(Exit::Ok),
    };
    // The reporter has drawn the failure at the end of the run.
    Err(Failure::told(exit))
}
