//! One file per verb; each is thin: it opens what it needs, calls the library, and gives the result to a reporter.

mod apply;
mod chart_pull;
mod chart_render;
mod destroy;
mod explain;
mod health;
mod history;
mod init;
mod lint;
mod lock;
mod logs;
mod plan;
mod render;
mod scenario;
mod schema;
mod status;
mod version;
mod why;

use std::sync::Arc;

use serde_json::Value;

use super::args::{Chart, Command, Shape};
use super::failure::{Exit, Failure};
use super::settings::Settings;
use crate::report::{Form, Output};

pub(super) async fn run(command: Command, settings: &Settings, output: &Arc<Output>) -> Result<Exit, Failure> {
    match command {
        Command::Init(args) => init::run(&args, settings, output),
        Command::Scenario(args) => scenario::run(&args, settings, output),
        Command::Lint(args) => lint::run(&args, settings, output),
        Command::Schema(args) => schema::run(&args, output),
        Command::Render(args) => render::run(&args, settings, output).await,
        Command::Plan(args) => plan::run(&args, settings, output).await,
        Command::Apply(args) => apply::run(&args, settings, output).await,
        Command::Status(args) => status::run(&args, settings, output).await,
        Command::Health(args) => health::run(&args, settings, output).await,
        Command::Logs(args) => logs::run(&args, settings, output).await,
        Command::History(args) => history::run(&args, settings, output),
        Command::Destroy(args) => destroy::run(&args, settings, output).await,
        Command::Why(args) => why::run(&args, settings, output),
        Command::Lock(args) => lock::run(&args, settings, output),
        Command::Chart(Chart::Render(args)) => chart_render::run(&args, settings, output).await,
        Command::Chart(Chart::Pull(args)) => chart_pull::run(&args, settings, output).await,
        Command::Explain(args) => explain::run(&args, output),
        Command::Completions(args) => version::completions(args.shell, output),
        Command::Version(args) => version::run(args.output, output),
        Command::Internal(super::args::Internal::Keep { folder }) => {
            let code = crate::targets::local::keeper::run(&folder);
            Ok(if code == 0 { Exit::Ok } else { Exit::Error })
        }
    }
}

/// One document on stdout, in the form that was asked for.
fn print_document(output: &Output, shape: Shape, document: &Value, table: impl FnOnce(usize) -> String) {
    match shape {
        Shape::Table => output.data(&table(output.data_width())),
        Shape::Json => output.document(document, Form::Json),
        Shape::Yaml => output.document(document, Form::Yaml),
    }
}
