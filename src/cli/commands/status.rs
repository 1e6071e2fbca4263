//! `deploy status`: what is there, component by component.

use std::sync::Arc;
use std::time::Duration;

use super::print_document;
use crate::cli::args::Reading;
use crate::cli::checking;
use crate::cli::failure::{Exit, Failure};
use crate::cli::opened::{self, Opened};
use crate::cli::settings::Settings;
use crate::engine::{Cancellation, Engine, Interrupted, Options, read_runs};
use crate::report::status::{ComponentStatus, components};
use crate::report::{Output, status as drawing};
use crate::scenario::Component;
use crate::unit::listed;

pub(super) async fn run(args: &Reading, settings: &Settings, output: &Arc<Output>) -> Result<Exit, Failure> {
    let opened = opened::open(&args.selection, settings)?;
    output.hide(opened.secrets.redactor());
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
    let mut found = components(&plan.changes, &outputs);
    for component in &mut found {
        if let Some(url) = urls.get(component.name.as_str()) {
            component.url = Some(url.clone());
        }
    }
    add_served(&mut found, &opened);
    let document = drawing::to_json(opened.name(), &found);
    print_document(output, args.format.output, &document, |width| drawing::draw(&found, width));
    if let Some(earlier) = read_runs(&opened.folder.journal()).ok().and_then(|runs| Interrupted::from_runs(&runs)) {
        let at = listed(&earlier.units).map_or_else(String::new, |units| format!(" at {units}"));
        output.talk(&format!(
            "the last run ({} {}) was stopped{at}; `deploy apply` goes on from there\n",
            earlier.verb, earlier.run
        ));
    }
    Ok(Exit::Ok)
}

/// Parts of the server that have no unit of their own are as the server is.
fn add_served(found: &mut Vec<ComponentStatus>, opened: &Opened) {
    let Some(server) = found.iter().find(|component| component.name == Component::Server).cloned() else { return };
    for name in [Component::Dashboard, Component::SecretsStore] {
        let listed = found.iter().any(|component| component.name == name);
        if opened.resolved.deployment.has(name) && !listed {
            let url = (name == Component::Dashboard).then(|| server.url.clone()).flatten();
            found.push(ComponentStatus { name, url, ..server.clone() });
        }
    }
}
