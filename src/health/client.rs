//! The real client, as a person would call it.

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{ExitStatus, Output, Stdio};
use std::time::Duration;

use tokio::process::Command;
use tokio::time::timeout;

use super::check::Seen;
use super::process::caused_by;
use super::round::{Asking, known};
use crate::causes::{self, Cause, Exit, Speaker};
use crate::diagnostics::{Diagnostic, codes};
use crate::unit::Text;

/// Handed to the program; what it needs besides is its own.
const PASSED_ON: [&str; 6] = ["PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "USER"];

pub(super) async fn sees_store(asking: &Asking<'_>, program: &Text) -> Seen {
    let program = known(program)?;
    let limit = asking.ctx.client_time_limit;
    // Reads the store and says which stack is active, in every release.
    let arguments = ["stack", "get"];
    let place = format!("{program} {}", arguments.join(" "));
    let finding =
        |title: &str, cause: String| Diagnostic::error(codes::HEALTH_CLIENT, title).at(place.clone()).cause(cause);
    let mut command = Command::new(&program);
    command
        .args(arguments)
        .env_clear()
        .envs(environment(&asking.ctx.world.environment))
        .stdin(Stdio::null())
        .kill_on_drop(true);
    match timeout(limit, command.output()).await {
        Ok(Ok(output)) if output.status.success() => Ok(active_stack(&said(&output))),
        Ok(Ok(output)) => Err(Box::new(unsuccessful(output.status, &said(&output), place))),
        Ok(Err(error)) => Err(Box::new(
            finding("the client cannot be started", error.to_string()).next("deploy apply makes the client again"),
        )),
        Err(_) => Err(Box::new(
            finding("the client does not answer", within(limit)).next("run the command by hand and see where it stops"),
        )),
    }
}

/// Some releases speak on stdout, others on stderr.
fn said(output: &Output) -> String {
    format!("{}\n{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn within(limit: Duration) -> String {
    format!("it did not end within {} s", limit.as_secs())
}

fn environment(world: &BTreeMap<String, String>) -> impl Iterator<Item = (&str, &str)> {
    // Wide enough for an error to stay on one line.
    let fixed = [
        ("COLUMNS", "400"),
        ("NO_COLOR", "1"),
        ("ZENML_LOGGING_COLORS_DISABLED", "True"),
        ("ZENML_ANALYTICS_OPT_IN", "False"),
    ];
    PASSED_ON.into_iter().filter_map(|name| Some((name, world.get(name)?.as_str()))).chain(fixed)
}

fn unsuccessful(status: ExitStatus, said: &str, place: String) -> Diagnostic {
    let exit = status.code().map_or_else(|| status.signal().map_or(Exit::Unseen, Exit::Signal), Exit::Code);
    let finding = Diagnostic::error(codes::HEALTH_CLIENT, "the client does not open its store").at(place);
    if let Some(known) = causes::recognise(Speaker::Zenml, Some(exit), said) {
        return caused_by(known, finding);
    }
    let next = vec!["run the command by hand: it needs nothing but its own folder".to_owned()];
    Cause { next, ..causes::of(Speaker::Zenml, Some(exit), said) }.explain(finding)
}

/// `The global active stack is: 'default'` among hints and warnings.
fn active_stack(said: &str) -> String {
    let stack = said.lines().filter_map(|line| line.split_once("active stack is")).next_back();
    stack.map_or_else(
        || "it opened its store".to_owned(),
        |(_, name)| format!("its active stack is {}", name.trim_start_matches([':', ' ']).trim_end()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_active_stack_is_picked_out() {
        let said = "Setting the global active stack to default.\nThe global active stack is: 'default'\n";
        assert_eq!(active_stack(said), "its active stack is 'default'");
        assert_eq!(active_stack(""), "it opened its store");
    }

    #[test]
    fn an_unknown_error_keeps_the_clients_code() {
        let said = "KeyError: \"No user account with the 'default' name or ID was found\"";
        let finding = unsuccessful(ExitStatus::from_raw(256), said, "zenml stack get".into());
        assert_eq!(finding.code, codes::HEALTH_CLIENT);
        assert!(finding.cause.unwrap().contains("No user account"));
    }
}
