//! `deploy lock show|break`.

use std::sync::Arc;

use serde_json::json;

use super::print_document;
use crate::cli::args::{Lock, Reading};
use crate::cli::failure::{Exit, Failure};
use crate::cli::opened;
use crate::cli::settings::Settings;
use crate::diagnostics::{Diagnostic, codes};
use crate::engine::{Holder, LockState, inspect_lock};
use crate::report::Output;

pub(super) fn run(args: &Lock, settings: &Settings, output: &Arc<Output>) -> Result<Exit, Failure> {
    match args {
        Lock::Show(reading) => show(reading, settings, output),
        Lock::Break(reading) => break_lock(reading, settings, output),
    }
}

fn show(args: &Reading, settings: &Settings, output: &Arc<Output>) -> Result<Exit, Failure> {
    let opened = opened::open(&args.selection, settings)?;
    let state = inspect_lock(&opened.folder.lock())?;
    let (word, holder) = match &state {
        LockState::Free => ("free", None),
        LockState::Held(holder) => ("held", Some(holder)),
        LockState::LeftBehind(holder) => ("left-behind", Some(holder)),
    };
    let document = json!({
        "apiVersion": "deploy/v1", "kind": "Lock", "deployment": opened.name(), "state": word, "holder": holder,
    });
    print_document(output, args.format.output, &document, |_| match &state {
        LockState::Free => format!("{}: free\n", opened.name()),
        LockState::Held(holder) => format!("{}: held\n{}", opened.name(), draw(holder)),
        LockState::LeftBehind(holder) => format!(
            "{}: free; its last holder died without giving it back, the next run takes it over\n{}",
            opened.name(),
            draw(holder)
        ),
    });
    Ok(Exit::Ok)
}

fn draw(holder: &Holder) -> String {
    format!(
        "  by        {} (process {})\n  doing     {}: {}\n  since     {}\n  last beat {}\n",
        holder.by, holder.pid, holder.verb, holder.step, holder.since, holder.beat
    )
}

fn break_lock(args: &Reading, settings: &Settings, output: &Arc<Output>) -> Result<Exit, Failure> {
    let opened = opened::open(&args.selection, settings)?;
    let path = opened.folder.lock();
    match inspect_lock(&path)? {
        LockState::Free => output.talk(&format!("{}: nobody holds the lock\n", opened.name())),
        LockState::LeftBehind(holder) => {
            std::fs::write(&path, "").map_err(|error| {
                Diagnostic::error(codes::TARGET_HOME_UNWRITABLE, "cannot clear the lock").cause(error.to_string())
            })?;
            output.talk(&format!("{}: cleared what {} left behind\n", opened.name(), holder.by));
        }
        LockState::Held(holder) => {
            return Err(Diagnostic::error(
                codes::LOCK_LIVE,
                format!("the lock of {} is held by a live run", opened.name()),
            )
            .cause(format!("{} by {} (process {}), at: {}", holder.verb, holder.by, holder.pid, holder.step))
            .note(format!("last sign of life {}", holder.beat))
            .changed("nothing was changed")
            .next(format!("stop it: kill -INT {}; it finishes its step and leaves a state that can go on", holder.pid))
            .into());
        }
    }
    Ok(Exit::Ok)
}
