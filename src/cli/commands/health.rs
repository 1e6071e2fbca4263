//! `deploy health`: proves that it works, several rounds in a row.

use std::sync::Arc;
use std::time::Duration;

use super::print_document;
use crate::cli::args::{Health, Shape};
use crate::cli::checking::{self, Checked};
use crate::cli::failure::{Exit, Failure, print_findings};
use crate::cli::opened::{self, Opened};
use crate::cli::running::listen_for_signals;
use crate::cli::settings::Settings;
use crate::diagnostics::{Diagnostic, codes};
use crate::engine::{Cancellation, Engine, Options};
use crate::files::write_atomically;
use crate::health::{Ending, Round, Window};
use crate::report::{Json, Output, health as drawing};

pub(super) async fn run(args: &Health, settings: &Settings, output: &Arc<Output>) -> Result<Exit, Failure> {
    let opened = opened::open(&args.selection, settings)?;
    output.hide(opened.secrets.redactor());
    let cancellation = Cancellation::default();
    listen_for_signals(cancellation.clone());
    let engine = Engine {
        drivers: &opened.drivers,
        context: opened.context(cancellation.now().clone(), Duration::from_secs(60)),
        events: Arc::new(|_| {}),
        cancellation: &cancellation,
        options: Options::default(),
    };
    let (_, outputs) = opened.plan(&engine).await?;
    if outputs.is_empty() {
        return Err(nothing_there(&opened).into());
    }
    let stream = args.events.is_some();
    let shape = args.format.output;
    let on_round = |round: &Round| match (stream, shape) {
        (true, _) => Json::line(
            output,
            "round",
            &serde_json::json!({ "healthy": round.healthy, "checks": round.checks, "seconds": round.seconds }),
        ),
        (false, Shape::Table) => output.data(&drawing::round(round, output.data_width())),
        _ => {}
    };
    let checked = checking::check(&opened, settings, &outputs, window(args, &opened), &cancellation, on_round).await?;
    if let Some(file) = &args.junit {
        write_junit(&settings.world.current_folder.join(file), &opened, &checked)?;
    }
    let document = checked.document(&opened);
    if stream {
        Json::result(output, &document);
    } else {
        print_document(output, shape, &document, |width| drawing::verdict(opened.name(), &checked.verdict, width));
    }
    if checked.healthy() {
        return Ok(Exit::Ok);
    }
    if shape == Shape::Table
        && !stream
        && let Some(cause) = checked.first_cause()
    {
        print_findings(std::slice::from_ref(cause), output);
    }
    Err(Failure::told(if checked.verdict.ending == Ending::Cancelled { Exit::Cancelled } else { Exit::Unhealthy }))
}

fn window(args: &Health, opened: &Opened) -> Window {
    let usual = checking::window_of(opened);
    Window {
        count: if args.watch { args.count } else { Some(args.count.unwrap_or(1).max(1)) },
        interval: args.interval.map_or(usual.interval, |interval| interval.0),
        time_limit: (args.timeout.0 > Duration::ZERO).then_some(args.timeout.0),
    }
}

fn write_junit(path: &std::path::Path, opened: &Opened, checked: &Checked) -> Result<(), Failure> {
    let unwritable = |cause: String| {
        Failure::from(
            Diagnostic::error(codes::FILE_UNWRITABLE, "cannot write the JUnit report")
                .at(path.display().to_string())
                .cause(cause),
        )
    };
    let text =
        crate::report::junit::junit(opened.name(), &checked.rounds).map_err(|error| unwritable(error.to_string()))?;
    write_atomically(path, text.as_bytes()).map_err(|error| unwritable(error.to_string()))
}

fn nothing_there(opened: &Opened) -> Diagnostic {
    Diagnostic::error(codes::TARGET_NO_DEPLOYMENT, format!("nothing of {} is there", opened.name()))
        .at(opened.folder.path().display().to_string())
        .next("deploy apply")
}
