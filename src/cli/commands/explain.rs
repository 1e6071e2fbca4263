//! `deploy explain CODE`.

use std::sync::Arc;

use serde_json::json;

use super::print_document;
use crate::cli::args::Explain;
use crate::cli::failure::{Exit, Failure};
use crate::diagnostics::codes::{EXPLANATIONS, Explanation, explain};
use crate::diagnostics::{Diagnostic, codes, suggest};
use crate::report::Output;
use crate::table::{Table, wrap};

pub(super) fn run(args: &Explain, output: &Arc<Output>) -> Result<Exit, Failure> {
    let Some(code) = &args.code else {
        let document = json!({ "apiVersion": "deploy/v1", "kind": "Codes", "codes": EXPLANATIONS });
        print_document(output, args.format.output, &document, |width| {
            Table::new(["CODE", "MEANS"]).rows(EXPLANATIONS.iter().map(|e| [e.code.as_str(), e.title])).render(width)
        });
        return Ok(Exit::Ok);
    };
    let explanation = explain(code).ok_or_else(|| unknown(code))?;
    let mut document = json!({ "apiVersion": "deploy/v1", "kind": "Explanation" });
    if let (Some(object), Ok(serde_json::Value::Object(fields))) =
        (document.as_object_mut(), serde_json::to_value(explanation))
    {
        object.extend(fields);
    }
    print_document(output, args.format.output, &document, |width| draw(explanation, width));
    Ok(Exit::Ok)
}

fn draw(explanation: &Explanation, width: usize) -> String {
    format!(
        "{}: {}\n\n{}\n{}",
        explanation.code,
        explanation.title,
        wrap(explanation.meaning, width, 0),
        wrap(&format!("What to do: {}", explanation.remedy), width, 0),
    )
}

fn unknown(code: &str) -> Failure {
    let known: Vec<&str> = EXPLANATIONS.iter().map(|e| e.code.as_str()).collect();
    let diagnostic = Diagnostic::error(codes::USAGE, format!("`{code}` is no code of deploy"));
    match suggest::nearest(&code.to_uppercase(), known.iter().copied()) {
        Some(near) => diagnostic.next(format!("did you mean {near}?")),
        None => diagnostic.next("`deploy explain` lists all codes"),
    }
    .into()
}
