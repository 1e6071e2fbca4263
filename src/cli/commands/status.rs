//! `deploy status`: what is there, component by component.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::print_document;
use crate::cli::args::Reading;
use crate::cli::checking;
use crate::cli::failure::{Exit, Failure};
use crate::cli::opened::{self, Opened};
use crate::cli::settings::Settings;
use crate::engine::{Cancellation, Engine, Interrupted, Options, read_runs};
use crate::plan::{Action, Change};
use crate::report::{Output, status as drawing};
use crate::report::status::ComponentStatus;
use crate::scenario::Component;

pub(super) async fn run(args: &Reading, settings: &Settings, output: &Output) -> Result<Exit, Failure> {
    let opened = opened::open(&args.selection, settings)?;
    output.set_redactor(opened.secrets.redactor());
    let cancellation = Cancellation::default();
    let engine = Engine {
        drivers: &opened.drivers,
        context: opened.context(cancellation.now().clone(), Duration::from_secs(30)),
        events: Arc::new(|_| {}),
        cancellation: &cancellation,
        options: Options::default(),
    };
    let (plan, outputs) = opened.plan(&engine).await?;
    let urls = checking::urls(&opened, &outputs);
    let components = components(&opened, &plan.changes, &urls);
    let interrupted = read_runs(&opened.folder.journal()).ok().and_then(|runs| Interrupted::from_runs(&runs));
    let document = drawing::document(opened.name(), &plan, &components, interrupted.as_ref());
    print_document(output, args.format.output, &document, |width| {
        drawing::table(opened.name(), &plan, &components, interrupted.as_ref(), width)
    });
    Ok(Exit::Ok)
}

fn components(opened: &Opened, changes: &[Change], urls: &BTreeMap<String, String>) -> Vec<ComponentStatus> {
    let deployment = &opened.resolved.deployment;
    let mut found: Vec<ComponentStatus> = Vec::new();
    for placement in &deployment.scenario.components {
        let name = placement.component.to_string();
        let own: Vec<&Change> = changes
            .iter()
            .filter(|change| change.component == placement.component && change.side == placement.side)
            .collect();
        let (state, reason) = match placement.component {
            // Parts of the server that have no unit of their own.
            Component::Dashboard | Component::SecretsStore if own.is_empty() => served_by_server(changes),
            _ if own.is_empty() => continue,
            _ => state_of(&own),
        };
        found.push(ComponentStatus { url: urls.get(&name).cloned(), name, side: placement.side, state, reason });
    }
    found
}

fn served_by_server(changes: &[Change]) -> (String, String) {
    let server: Vec<&Change> = changes.iter().filter(|change| change.unit.as_str() == "server").collect();
    if server.is_empty() {
        return ("ready".to_owned(), "part of the store".to_owned());
    }
    let (state, reason) = state_of(&server);
    (state, if reason.is_empty() { "part of the server".to_owned() } else { reason })
}

/// The worst of a component's units tells the state.
fn state_of(changes: &[&Change]) -> (String, String) {
    let rank = |action: Action| match action {
        Action::Repair => 0,
        Action::Update | Action::Delete => 1,
        Action::Create => 2,
        Action::Unavailable => 3,
        Action::Provided => 4,
        Action::Unchanged => 5,
    };
    let Some(worst) = changes.iter().min_by_key(|change| rank(change.action)) else {
        return ("absent".to_owned(), String::new());
    };
    let partly = changes.iter().any(|change| change.action == Action::Unchanged);
    let state = match worst.action {
        Action::Repair => "broken",
        Action::Update | Action::Delete => "differs",
        Action::Create if partly => "stopped",
        Action::Create => "absent",
        Action::Unavailable => "unavailable",
        Action::Provided => "provided",
        Action::Unchanged => "ready",
    };
    let reason = match worst.action {
        Action::Unchanged => String::new(),
        _ => format!("{}: {}", worst.title, worst.reason),
    };
    (state.to_owned(), reason)
}
