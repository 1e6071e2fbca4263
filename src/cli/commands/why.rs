//! `deploy why UNIT`: why it is in the plan, what it waits for and what waits for it.

use std::sync::Arc;

use std::fmt::Write as _;

use serde_json::json;

use super::print_document;
use crate::cli::args::Why;
use crate::cli::failure::{Exit, Failure};
use crate::cli::opened;
use crate::cli::settings::Settings;
use crate::diagnostics::{Diagnostic, codes, suggest};
use crate::plan::Edge;
use crate::report::Output;
use crate::unit::{Unit, UnitId};

pub(super) fn run(args: &Why, settings: &Settings, output: &Arc<Output>) -> Result<Exit, Failure> {
    let opened = opened::open(&args.selection, settings)?;
    let id = UnitId::new(args.unit.as_str());
    let unit = opened.graph.get(&id).ok_or_else(|| unknown(&args.unit, opened.graph.units()))?;
    let (waits, awaited) = opened.graph.edges_at(&id);
    let document = json!({
        "apiVersion": "deploy/v1",
        "kind": "Unit",
        "unit": unit.id,
        "title": unit.title,
        "component": unit.component,
        "side": unit.side,
        "target": unit.target,
        "waitsFor": waits,
        "awaitedBy": awaited,
        "holds": unit.holds,
        "spec": unit.spec,
    });
    print_document(output, args.format.output, &document, |_| draw(unit, &waits, &awaited));
    Ok(Exit::Ok)
}

fn draw(unit: &Unit, waits: &[Edge], awaited: &[Edge]) -> String {
    let mut text = format!("{}: {}\n", unit.id, unit.title);
    let _ = writeln!(text, "  part of       {}, on the {} side, target {}", unit.component, unit.side, unit.target);
    for held in &unit.holds {
        let _ = writeln!(text, "  holds         {}: {}", held.class, held.what);
    }
    if waits.is_empty() {
        let _ = writeln!(text, "  waits for     nothing");
    }
    for edge in waits {
        let _ = writeln!(text, "  waits for     {}: {}", edge.after, edge.reasons.join("; "));
    }
    for edge in awaited {
        let _ = writeln!(text, "  awaited by    {}: {}", edge.unit, edge.reasons.join("; "));
    }
    text
}

fn unknown(name: &str, units: &[Unit]) -> Failure {
    let known: Vec<&str> = units.iter().map(|unit| unit.id.as_str()).collect();
    let diagnostic = Diagnostic::error(codes::PLAN_UNKNOWN_UNIT, format!("no unit is named `{name}`"))
        .note(format!("units: {}", known.join(", ")));
    match suggest::nearest(name, known.iter().copied()) {
        Some(near) => diagnostic.next(format!("did you mean `{near}`?")).into(),
        None => diagnostic.next("`deploy plan` shows all units").into(),
    }
}
