//! `deploy lint`: the file checked without touching anything, and where each value comes from.

use std::sync::Arc;

use serde_json::{Value, json};

use super::print_document;
use crate::cli::args::{Lint, Shape};
use crate::cli::failure::{Exit, Failure, print_findings};
use crate::cli::opened;
use crate::cli::settings::Settings;
use crate::deployment::DecidedValue;
use crate::diagnostics::Diagnostic;
use crate::report::Output;
use crate::table::Table;

pub(super) fn run(args: &Lint, settings: &Settings, output: &Arc<Output>) -> Result<Exit, Failure> {
    let opened = match opened::open(&args.selection, settings) {
        Ok(opened) => opened,
        Err(failure) if args.format.output != Shape::Table => {
            let document = findings_document(None, &failure.findings);
            print_document(output, args.format.output, &document, |_| String::new());
            return Err(Failure::told(failure.exit));
        }
        Err(failure) => return Err(failure),
    };
    let warnings = &opened.resolved.warnings;
    let mut document = findings_document(Some(opened.name()), warnings);
    let values = opened.resolved.values();
    if args.show_origin {
        document["values"] = json!(values);
    }
    print_findings(warnings, output);
    print_document(output, args.format.output, &document, |width| {
        if args.show_origin {
            return draw_values(&values, width);
        }
        format!(
            "{}: scenario {}, release {}, {} units, nothing wrong\n",
            opened.name(),
            opened.resolved.deployment.scenario.name,
            opened.resolved.deployment.release,
            opened.graph.units().len()
        )
    });
    Ok(Exit::Ok)
}

fn findings_document(name: Option<&str>, findings: &[Diagnostic]) -> Value {
    json!({
        "apiVersion": "deploy/v1",
        "kind": "Lint",
        "deployment": name,
        "ok": name.is_some(),
        "findings": findings.iter().map(Diagnostic::to_json).collect::<Vec<_>>(),
    })
}

fn draw_values(values: &[DecidedValue], width: usize) -> String {
    let shown = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Null => "-".to_owned(),
        other => other.to_string(),
    };
    // One line for each, however long: people search this for keys, paths and files.
    Table::new(["VALUE", "IS", "SET BY"])
        .whole(0)
        .whole(1)
        .whole(2)
        .rows(values.iter().map(|value| [value.path.clone(), shown(&value.value), value.origin.clone()]))
        .render(width)
}
