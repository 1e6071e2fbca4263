//! `deploy logs`: what the components print.

use std::sync::Arc;

use std::path::PathBuf;

use crate::cli::args::{Logs, Selection};
use crate::cli::failure::{Exit, Failure};
use crate::cli::opened::{self, Opened};
use crate::cli::running::listen_for_signals;
use crate::cli::settings::Settings;
use crate::diagnostics::{Diagnostic, codes, suggest};
use crate::engine::Cancellation;
use crate::report::Output;
use crate::targets::local::LocalTarget;
use crate::unit::UnitId;
use tokio_util::sync::CancellationToken;

pub(super) async fn run(args: &Logs, settings: &Settings, output: &Arc<Output>) -> Result<Exit, Failure> {
    let (selection, component, follow) = understand(args, settings);
    let opened = opened::open(&selection, settings)?;
    output.hide(opened.secrets.redactor());
    let target = LocalTarget::new(settings.world.clone(), opened.name());
    let units = units(&opened, &target.units_with_logs()?, component.as_deref())?;
    let single = units.len() == 1;
    let mut print = |unit: &UnitId, line: &str| {
        if single { output.data(&format!("{line}\n")) } else { output.data(&format!("{unit} | {line}\n")) }
    };
    let redactor = output.redactor();
    if follow {
        let cancellation = Cancellation::default();
        listen_for_signals(cancellation.clone());
        let cancel = CancellationToken::new();
        let stop = cancel.clone();
        tokio::spawn(async move {
            cancellation.requested().await;
            stop.cancel();
        });
        target.follow(&units, args.lines, &redactor, &cancel, &mut print).await?;
        return Ok(Exit::Ok);
    }
    let mut printed = false;
    for unit in &units {
        for line in target.last_lines(unit, args.lines, &redactor).await? {
            print(unit, &line);
            printed = true;
        }
    }
    if !printed {
        output.talk(&format!("{}: nothing has been logged yet\n", opened.name()));
    }
    Ok(Exit::Ok)
}

/// `-f` alone follows, `-f FILE` names the file, and `-f server` follows the server: people type all three.
fn understand(args: &Logs, settings: &Settings) -> (Selection, Option<String>, bool) {
    let mut follow = args.follow;
    let mut component = args.component.clone();
    let mut files: Vec<PathBuf> = Vec::new();
    for value in &args.selection.files {
        let is_file = settings.world.current_folder.join(value).is_file() || value.as_os_str() == "-";
        let looks_like_file = value.extension().is_some_and(|e| e == "yaml" || e == "yml");
        if value.as_os_str().is_empty() {
            follow = true;
        } else if is_file || looks_like_file || component.is_some() {
            files.push(value.clone());
        } else {
            follow = true;
            component = value.to_str().map(str::to_owned);
        }
    }
    let selection = Selection { files, name: args.selection.name.clone(), ..Selection::default() };
    (selection, component, follow)
}

/// Units of a component (or the unit of that name) that can have logs.
fn units(opened: &Opened, with_logs: &[UnitId], component: Option<&str>) -> Result<Vec<UnitId>, Failure> {
    let all = opened.graph.units();
    let known = |unit: &&crate::unit::Unit| with_logs.contains(&unit.id) || opened.folder.log(&unit.id).exists();
    let Some(wanted) = component else {
        return Ok(all.iter().filter(known).map(|unit| unit.id.clone()).collect());
    };
    if all.iter().any(|unit| unit.id.as_str() == wanted) {
        return Ok(vec![UnitId::new(wanted)]);
    }
    let of_component: Vec<UnitId> =
        all.iter().filter(|unit| unit.component.as_str() == wanted).filter(known).map(|unit| unit.id.clone()).collect();
    if !of_component.is_empty() {
        return Ok(of_component);
    }
    let mut names: Vec<&str> = all.iter().filter(known).map(|unit| unit.id.as_str()).collect();
    names.dedup();
    let diagnostic = Diagnostic::error(codes::PLAN_UNKNOWN_UNIT, format!("`{wanted}` has no log"))
        .note(format!("logs: {}", if names.is_empty() { "none yet".to_owned() } else { names.join(", ") }));
    Err(match suggest::nearest(wanted, names.iter().copied()) {
        Some(near) => diagnostic.next(format!("did you mean `{near}`?")),
        None if names.is_empty() => diagnostic.next("`deploy apply` starts what writes logs"),
        None => diagnostic.next("name one of them, or none for all"),
    }
    .into())
}
