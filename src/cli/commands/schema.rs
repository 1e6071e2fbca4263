//! `deploy schema`: JSON Schemas, for editors.

use std::sync::Arc;

use crate::cli::args::{Schema, SchemaKind};
use crate::cli::failure::{Exit, Failure};
use crate::report::Output;

pub(super) fn run(args: &Schema, output: &Arc<Output>) -> Result<Exit, Failure> {
    let schema = match args.kind {
        SchemaKind::Deployment => crate::deployment::json_schema(),
        SchemaKind::Scenario => crate::scenario::schema(),
    };
    output.data(&format!("{}\n", serde_json::to_string_pretty(&schema).unwrap_or_default()));
    Ok(Exit::Ok)
}
