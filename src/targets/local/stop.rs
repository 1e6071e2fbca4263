//! Ending what was started: asked first, made to afterwards, and nothing that is not ours.

use std::time::Duration;

use rustix::process::Signal;
use tokio::time::{Instant, sleep};

use super::run_folder::{Instance, RunFolder, Started};
use super::{Identity, group};
use crate::diagnostics::{Diagnostic, codes};

const STEP: Duration = Duration::from_millis(20);
/// The kernel takes its time to give back the memory of a large process.
const KILL_PATIENCE: Duration = Duration::from_secs(10);
/// A keeper writes down how its process ended, and ends what the process left behind.
const KEEPER_PATIENCE: Duration = Duration::from_secs(8);

/// Ends a process and everything that came of it, then its keeper. Does nothing if all that is gone.
pub(super) async fn stop(folder: &RunFolder, started: &Started, patience: Duration) -> Result<(), Diagnostic> {
    let Instance::Process { keeper, child } = &started.instance else { return Ok(()) };
    ask(folder, started, child.as_ref())?;
    let mut asked_rest = false;
    let deadline = Instant::now() + patience;
    while Instant::now() < deadline {
        let members = folder.members(started);
        if members.is_empty() {
            break;
        }
        if !asked_rest && !child.as_ref().is_some_and(Identity::is_alive) {
            // The first of them is gone; the others may not have been told.
            group::signal_all(&members, Signal::TERM);
            asked_rest = true;
        }
        sleep(STEP).await;
    }
    kill(folder, started, patience).await?;
    end_keeper(keeper).await;
    Ok(())
}

/// Only the first process is asked: it knows best how to end its own children.
fn ask(folder: &RunFolder, started: &Started, child: Option<&Identity>) -> Result<(), Diagnostic> {
    let Some(child) = child else {
        group::signal_all(&folder.members(started), Signal::TERM);
        return Ok(());
    };
    child.signal(Signal::TERM).map(|_| ()).map_err(|error| {
        not_stopping(std::slice::from_ref(child), Duration::ZERO).cause(error.to_string()).next("run as its user")
    })
}

async fn kill(folder: &RunFolder, started: &Started, patience: Duration) -> Result<(), Diagnostic> {
    let deadline = Instant::now() + KILL_PATIENCE;
    loop {
        let members = folder.members(started);
        if members.is_empty() {
            return Ok(());
        }
        if Instant::now() > deadline {
            return Err(not_stopping(&members, patience));
        }
        group::signal_all(&members, Signal::KILL);
        sleep(STEP).await;
    }
}

async fn end_keeper(keeper: &Identity) {
    let deadline = Instant::now() + KEEPER_PATIENCE;
    while keeper.is_alive() && Instant::now() < deadline {
        sleep(STEP).await;
    }
    let _ = keeper.signal(Signal::KILL);
}

fn not_stopping(members: &[Identity], patience: Duration) -> Diagnostic {
    let pids: Vec<String> = members.iter().map(|member| member.pid.to_string()).collect();
    let diagnostic = Diagnostic::error(codes::PROCESS_NOT_STOPPING, "a process does not stop")
        .at(format!("process {}", pids.join(", ")))
        .changed("its files and its record were left as they are");
    if patience.is_zero() {
        return diagnostic;
    }
    diagnostic
        .cause(format!("it was asked to end, was given {} s, was killed, and is still there", patience.as_secs()))
        .note("a process that waits for a disk or a network file system cannot be killed until that answers")
        .next(format!("ps -o pid,stat,wchan:32,args -p {}", pids.join(",")))
}
