//! `deploy plan`: what an apply would do.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::print_document;
use crate::cli::args::{Plan as Arguments, Shape};
use crate::cli::failure::{Exit, Failure};
use crate::cli::opened::{self, Manifest, Opened};
use crate::cli::settings::Settings;
use crate::contract::explain_contract;
use crate::diagnostics::{Diagnostic, codes};
use crate::engine::{Cancellation, Engine, Options};
use crate::files::write_atomically;
use crate::plan::Plan;
use crate::report::{Output, plan as drawing};
use crate::unit::DataFate;

/// A plan in a file: what would be done, and what it was made from.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SavedPlan {
    pub(super) manifest: Manifest,
    pub(super) plan: Plan,
}

pub(super) async fn run(args: &Arguments, settings: &Settings, output: &Arc<Output>) -> Result<Exit, Failure> {
    let (shape, file) = shape_and_file(&args.output)?;
    let opened = opened::open(&args.selection, settings)?;
    output.hide(opened.secrets.redactor());
    let cancellation = Cancellation::default();
    let limit = Duration::from_secs(60);
    let engine = Engine {
        drivers: &opened.drivers,
        context: opened.context(cancellation.now().clone(), limit),
        events: Arc::new(|_| {}),
        cancellation: &cancellation,
        options: Options::default(),
    };
    let (plan, _) = opened.plan(&engine).await?;
    output.hide(opened.secrets.redactor_of_seen());
    if let Some(file) = file {
        save(
            &settings.world.current_folder.join(file),
            &SavedPlan { manifest: opened.manifest.clone(), plan: plan.clone() },
        )?;
        output.talk(&format!("plan saved to {file}; apply it with: deploy apply {file}\n"));
    }
    let mut document = drawing::to_json(&plan);
    // The plan was made, so all of them are kept.
    document["contract"] = json!({ "kept": explain_contract(&opened.resolved.deployment.scenario) });
    print_document(output, shape, &document, |width| draw(&plan, &opened, width, output));
    Ok(if args.detailed_exitcode && plan.has_changes() { Exit::Changes } else { Exit::Ok })
}

/// The plan for people, with what the scenario costs.
pub(super) fn draw(plan: &Plan, opened: &Opened, width: usize, output: &Output) -> String {
    let view = drawing::View {
        width,
        data: DataFate::Keep,
        trade_offs: &opened.resolved.deployment.scenario.trade_offs,
        promises: explain_contract(&opened.resolved.deployment.scenario).len(),
        redactor: &output.redactor(),
    };
    drawing::draw(plan, &view)
}

/// `-o` takes a form or a file.
fn shape_and_file(values: &[String]) -> Result<(Shape, Option<&str>), Failure> {
    let mut shape = Shape::Table;
    let mut file = None;
    for value in values {
        match value.as_str() {
            "table" => shape = Shape::Table,
            "json" => shape = Shape::Json,
            "yaml" => shape = Shape::Yaml,
            path if file.is_none() => file = Some(path),
            path => {
                return Err(Diagnostic::error(
                    codes::USAGE,
                    format!("a plan is saved to one file; `{path}` is the second"),
                )
                .changed("nothing was changed")
                .next("write `-o json -o FILE` to print a plan and save it too")
                .into());
            }
        }
    }
    Ok((shape, file))
}

fn save(path: &std::path::Path, saved: &SavedPlan) -> Result<(), Failure> {
    let text = serde_json::to_vec_pretty(saved).unwrap_or_default();
    write_atomically(path, &text).map_err(|error| {
        Diagnostic::error(codes::FILE_UNWRITABLE, "cannot save the plan")
            .at(path.display().to_string())
            .cause(error.to_string())
            .changed("nothing was changed")
            .next("choose another file: `deploy plan -o FILE`")
            .into()
    })
}

/// Reads a plan back.
pub(super) fn read(path: &std::path::Path) -> Result<SavedPlan, Failure> {
    let yaml = path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
    let unreadable = |cause: String| {
        let next = if yaml {
            format!("a deployment file is given with -f: `deploy apply -f {}`", path.display())
        } else {
            "make a plan with `deploy plan -o FILE`".to_owned()
        };
        Failure::from(
            Diagnostic::error(codes::FILE_UNREADABLE, "cannot read the saved plan")
                .at(path.display().to_string())
                .cause(cause)
                .changed("nothing was changed")
                .next(next),
        )
    };
    let bytes = std::fs::read(path).map_err(|error| unreadable(error.to_string()))?;
    serde_json::from_slice(&bytes)
        .map_err(|error| unreadable(format!("it is no plan of this release of deploy: {error}")))
}
