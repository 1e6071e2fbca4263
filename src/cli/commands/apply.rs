//! `deploy apply`: makes it so, then checks that it works.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::plan::{self, SavedPlan};
use super::print_document;
use crate::cli::args::{Apply, Selection, Shape};
use crate::cli::checking::{self, Checked};
use crate::cli::confirm::confirm;
use crate::cli::failure::{Exit, Failure, print_findings};
use crate::cli::opened::{self, Opened};
use crate::cli::running::Run;
use crate::cli::settings::Settings;
use crate::diagnostics::{Diagnostic, codes};
use crate::engine::{Outcome, RunResult};
use crate::health::{Round, Window};
use crate::plan::{Action, Plan};
use crate::report::{Json, Output, listener, reporter};
use crate::unit::{Outputs, Owned, UnitId};

/// What a run started that was stopped or out of time is there, and may still be coming up.
const PATIENCE: Duration = Duration::from_mins(2);

pub(super) async fn run(args: &Apply, settings: &Settings, output: &Arc<Output>) -> Result<Exit, Failure> {
    match run_inner(args, settings, output).await {
        Err(failure) if !failure.told => {
            print_failure(&failure, args, output);
            Err(failure)
        }
        other => other,
    }
}

async fn run_inner(args: &Apply, settings: &Settings, output: &Arc<Output>) -> Result<Exit, Failure> {
    let read = |path| plan::read(&settings.world.current_folder.join(path));
    let saved: Option<SavedPlan> = args.plan.as_ref().map(read).transpose()?;
    let opened = match &saved {
        Some(saved) => opened::open_manifest(saved.manifest.clone(), &Selection::default(), settings)?,
        None => opened::open(&args.selection, settings)?,
    };
    if !args.adopt {
        opened.check_name_is_ours(settings)?;
    }
    output.hide(opened.secrets.redactor());
    let json_shape = args.running.format.output != Shape::Table;
    let listener = listener(reporter(output, args.running.events.is_some()));
    let run = Run::begin(&opened, settings, "apply", &args.running, listener).await?;
    let (plan, outputs) = opened.plan(&run.engine()).await?;
    if let Some(saved) = &saved {
        saved.plan.check_fresh(&plan)?;
    }
    refuse_unavailable(&plan)?;
    opened.secrets.check_prompts()?;
    print_findings(&opened.resolved.warnings, output);
    if plan.has_changes() {
        if !json_shape && args.running.events.is_none() {
            output.talk(&format!("{}\n", plan::draw(&plan, &opened, output.talk_width(), output)));
        }
        if saved.is_none() {
            confirm("Make these changes?", args.running.yes)?;
        }
        opened.secrets.prompt_for_missing()?;
        output.hide(opened.secrets.redactor_of_seen());
    }
    let may_be_coming_up = !plan.has_changes() && run.follows_an_unfinished_one();
    let result = if plan.has_changes() { carry_out(&run, &opened, &plan).await? } else { leave(&run, &plan, outputs)? };
    output.hide(opened.secrets.redactor_of_seen());
    let verdict = match result.outcome {
        Outcome::Applied | Outcome::Unchanged if !args.no_health => {
            run.beat("health rounds");
            let patience = may_be_coming_up.then_some(PATIENCE);
            let window = Window { time_limit: patience, ..checking::window_of(&opened) };
            let stream = args.running.events.is_some();
            let on_round = |round: &Round| {
                if stream {
                    let round = json!({ "healthy": round.healthy, "checks": round.checks, "seconds": round.seconds });
                    Json::line(output, "round", &round);
                }
            };
            Some(checking::check(&opened, settings, &result.outputs, window, &run.cancellation, on_round).await?)
        }
        _ => None,
    };
    print_result(&opened, &plan, &result, verdict.as_ref(), args, output);
    exit_of(&result, verdict.as_ref(), output, args)
}

/// Nothing has to be done, which is told as a run without steps. It is written down only after a run that did not come
/// to its end, since that one's work is now known to be whole.
fn leave(run: &Run<'_>, plan: &Plan, outputs: BTreeMap<UnitId, Outputs>) -> Result<RunResult, Failure> {
    let unchanged =
        RunResult { outcome: Outcome::Unchanged, failure: None, changed: Vec::new(), kept: Vec::new(), outputs };
    if run.follows_an_unfinished_one() {
        let journal = run.open_journal(0, plan.summary)?;
        run.finish(&journal, &unchanged);
    } else {
        run.tell_start(0, plan.summary);
        run.tell_end(Outcome::Unchanged);
    }
    Ok(unchanged)
}

async fn carry_out(run: &Run<'_>, opened: &Opened, plan: &Plan) -> Result<RunResult, Failure> {
    // Whatever was asked for is kept before the first step, so that a run that dies can be named.
    opened.write_manifest()?;
    opened.secrets.ensure_fingerprint_key()?;
    let inventory = opened.inventory()?;
    let deletions: Vec<&Owned> = plan
        .changes
        .iter()
        .filter(|change| change.action == Action::Delete)
        .filter_map(|change| inventory.iter().find(|owned| owned.unit.id == change.unit))
        .collect();
    let journal = run.open_journal(plan.summary.changes(), plan.summary)?;
    let result = run.engine().apply(&opened.graph, &deletions, &journal).await;
    if result.changed.is_empty() && result.outcome == Outcome::Unchanged {
        opened.write_manifest()?;
    }
    run.finish(&journal, &result);
    Ok(result)
}

/// Nothing is begun that could not be brought to its end.
fn refuse_unavailable(plan: &Plan) -> Result<(), Failure> {
    let missing: Vec<_> = plan.changes.iter().filter(|change| change.action == Action::Unavailable).collect();
    let Some(first) = missing.first() else { return Ok(()) };
    let diagnostic = Diagnostic::error(
        codes::TARGET_NOT_AVAILABLE,
        format!(
            "{} of {} parts of {} run on target {}, which this build cannot apply",
            missing.len(),
            plan.changes.len(),
            plan.scenario,
            first.target
        ),
    )
    .at(format!("{} and what follows it in the plan", first.unit))
    .changed("nothing was changed")
    .next("`deploy plan` and `deploy render` show them")
    .next("scenarios that run on this machine: local-sqlite, local-server, remote-server, on-prem");
    Err(missing.iter().fold(diagnostic, |d, change| d.note(format!("{}: {}", change.unit, change.title))).into())
}

fn print_result(
    opened: &Opened,
    plan: &Plan,
    result: &RunResult,
    verdict: Option<&Checked>,
    args: &Apply,
    output: &Arc<Output>,
) {
    let shape = args.running.format.output;
    let document = document(opened, plan, result, verdict);
    if args.running.events.is_some() && shape == Shape::Table {
        Json::result(output, &document);
        return;
    }
    print_document(output, shape, &document, |_| summary(opened, result, verdict));
}

fn document(opened: &Opened, plan: &Plan, result: &RunResult, verdict: Option<&Checked>) -> Value {
    let unhealthy = verdict.is_some_and(|checked| !checked.healthy());
    let failure = result
        .failure
        .as_ref()
        .map(|failure| {
            failure_document(&failure.diagnostic.clone().besides(result.changed.len()), Some(failure.unit.as_str()))
        })
        .or_else(|| verdict.and_then(Checked::first_cause).map(|diagnostic| failure_document(diagnostic, None)));
    json!({
        "apiVersion": "deploy/v1",
        "kind": "ApplyResult",
        "deployment": opened.name(),
        "scenario": plan.scenario,
        "outcome": if unhealthy { "unhealthy" } else { result.outcome.as_str() },
        "changed": result.changed,
        "summary": plan.summary,
        "failure": failure,
        "health": verdict.map(|checked| checked.document(opened)),
        "urls": checking::urls(opened, &result.outputs),
    })
}

fn failure_document(diagnostic: &Diagnostic, unit: Option<&str>) -> Value {
    let mut value = diagnostic.to_json();
    value["unit"] = json!(unit);
    if value["cause"].is_null() {
        value["cause"] = json!(diagnostic.title);
    }
    value
}

fn summary(opened: &Opened, result: &RunResult, verdict: Option<&Checked>) -> String {
    use std::fmt::Write as _;
    let mut text = format!("{}: {}", opened.name(), result.outcome.as_str());
    if let Some(verdict) = verdict {
        text.push_str(if verdict.healthy() { ", healthy" } else { ", unhealthy" });
    }
    text.push('\n');
    if result.failure.is_none() {
        for (component, url) in checking::urls(opened, &result.outputs) {
            let _ = writeln!(text, "  {component:<15}  {url}");
        }
        text.push_str(&checking::sign_in_hint(opened));
    }
    text
}

fn exit_of(result: &RunResult, verdict: Option<&Checked>, output: &Arc<Output>, args: &Apply) -> Result<Exit, Failure> {
    let exit = match result.outcome {
        Outcome::Applied | Outcome::Unchanged | Outcome::Destroyed => Exit::Ok,
        Outcome::Partial => Exit::Partial,
        Outcome::Failed => Exit::Error,
        Outcome::Cancelled => Exit::Cancelled,
        Outcome::TimedOut => Exit::TimedOut,
    };
    // The reporter of the run has told both.
    if result.failure.is_some() || exit == Exit::Cancelled {
        return Err(Failure::told(exit));
    }
    match verdict {
        Some(checked) if !checked.healthy() => {
            if args.running.format.output == Shape::Table
                && let Some(cause) = checked.first_cause()
            {
                print_findings(std::slice::from_ref(cause), output);
            }
            Err(Failure::told(Exit::Unhealthy))
        }
        _ => Ok(exit),
    }
}

/// A failure before anything was begun, as a document.
fn print_failure(failure: &Failure, args: &Apply, output: &Arc<Output>) {
    let shape = args.running.format.output;
    if shape == Shape::Table && args.running.events.is_none() {
        return;
    }
    let first = failure.findings.first();
    let document = json!({
        "apiVersion": "deploy/v1",
        "kind": "ApplyResult",
        "outcome": "failed",
        "changed": [],
        "failure": first.map(|diagnostic| failure_document(diagnostic, None)),
        "findings": failure.findings.iter().map(Diagnostic::to_json).collect::<Vec<_>>(),
    });
    match shape {
        Shape::Table => Json::result(output, &document),
        shape => print_document(output, shape, &document, |_| String::new()),
    }
}
