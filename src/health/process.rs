//! Processes and ports.

use tokio::net::TcpStream;
use tokio::time::timeout;

use super::check::Seen;
use super::context::ProcessState;
use super::round::{Asking, known};
use crate::causes::{self, Cause, Exit};
use crate::diagnostics::{Diagnostic, codes};
use crate::scenario::Component;
use crate::unit::{Text, UnitId};

pub(super) async fn alive(asking: &Asking<'_>, component: Component, unit: &UnitId) -> Seen {
    let Some(state) = asking.process(unit).await else {
        let finding = Diagnostic::error(codes::PROCESS_NOT_STARTED, format!("nobody says whether {component} runs"))
            .at(format!("unit {unit}"));
        let cause = format!("no answer within {} s", asking.ctx.time_limit.as_secs());
        return Err(Box::new(
            finding
                .cause(cause)
                .next("if it runs in a container: check that the engine answers (`podman ps`, `docker ps`)"),
        ));
    };
    if state.running {
        return Ok(state.pid.map_or_else(|| "it runs".to_owned(), |pid| format!("process {pid} runs")));
    }
    Err(Box::new(gone(component, unit, &state)))
}

/// The first cause of a process that is not there any more.
fn gone(component: Component, unit: &UnitId, state: &ProcessState) -> Diagnostic {
    const RESTART: &str = "deploy apply starts it again";
    let exit = state.exit.unwrap_or(Exit::Unseen).plain();
    let cause = causes::of(state.speaker, Some(exit), &state.log_tail);
    let place = state.pid.map_or_else(|| format!("unit {unit}"), |pid| format!("unit {unit}, process {pid}"));
    let mut finding = cause.clone().explain(Diagnostic::error(cause.code, format!("{component} {exit}")).at(place));
    let is_unexplained = causes::recognise(state.speaker, Some(exit), &state.log_tail).is_none();
    if let Some(how) = state.unseen.as_ref().filter(|how| is_unexplained && **how != exit.to_string()) {
        finding.cause = Some(how.clone());
    }
    // Said already, in the title and in the cause.
    finding.evidence.retain(|line| *line != cause.cause && *line != exit.to_string());
    if let Some(log) = &state.log {
        finding = finding.evidence(format!("all of the log: {}", log.display()));
    }
    if !finding.next.iter().any(|step| step.contains("deploy apply")) {
        finding = finding.next(RESTART);
    }
    finding
}

pub(super) async fn port_open(asking: &Asking<'_>, component: Component, address: &Text) -> Seen {
    let address = known(address)?;
    let limit = asking.ctx.time_limit;
    let words = match timeout(limit, TcpStream::connect(&address)).await {
        Ok(Ok(_)) => return Ok(format!("{address} accepts connections")),
        Ok(Err(error)) => error.to_string(),
        Err(_) => format!("no answer within {} s", limit.as_secs()),
    };
    let finding = Diagnostic::error(not_ready(component), format!("{component} does not accept connections"))
        .at(address)
        .cause(words);
    Err(Box::new(with_process(asking, component, finding).await))
}

/// What a part that runs, but does not answer, is called.
pub(super) fn not_ready(component: Component) -> crate::diagnostics::Code {
    match component {
        Component::Database | Component::ControlPlaneDatabase => codes::DATABASE_UNREACHABLE,
        Component::Mlflow => codes::MLFLOW_STOPPED,
        _ => codes::SERVER_NOT_READY,
    }
}

/// A failed call says little; the process behind it knows more: that it is gone and why, or what it said last.
pub(super) async fn with_process(asking: &Asking<'_>, component: Component, finding: Diagnostic) -> Diagnostic {
    let Some((unit, state)) = asking.process_of(component).await else { return finding };
    if !state.running {
        return gone(component, &unit, &state);
    }
    let recent = recent(&state.log_tail);
    let mut finding = match causes::recognise(state.speaker, None, recent) {
        Some(known) => caused_by(known, finding),
        None => finding,
    };
    if finding.evidence.is_empty() {
        finding.evidence = causes::last_lines(state.speaker, recent);
    }
    finding
        .evidence
        .insert(0, state.pid.map_or_else(|| "its process runs".to_owned(), |pid| format!("process {pid} runs")));
    if let Some(log) = &state.log {
        finding = finding.evidence(format!("all of the log: {}", log.display()));
    }
    finding
}

/// What was seen stays in the title and as evidence; what it comes from goes in front.
pub(super) fn caused_by(known: Cause, finding: Diagnostic) -> Diagnostic {
    let title = match codes::explain(known.code.as_str()) {
        Some(explanation) => format!("{}: {}", finding.title, explanation.title),
        None => finding.title.clone(),
    };
    let mut told = Diagnostic { code: known.code, title, cause: None, ..finding.clone() };
    told.evidence.extend(finding.cause);
    let mut told = known.explain(told);
    told.evidence.dedup();
    told
}

/// A process that runs may have said many things since it came up; only the last of them can explain what is wrong
/// just now.
fn recent(log: &str) -> &str {
    const LINES: usize = 80;
    let begin = log.rmatch_indices('\n').nth(LINES).map_or(0, |(place, _)| place + 1);
    &log[begin..]
}
