//! `deploy version` and `deploy completions`.

use std::sync::Arc;

use clap::CommandFactory as _;
use serde_json::json;

use super::print_document;
use crate::cli::args::{Arguments, Shape};
use crate::cli::failure::{Exit, Failure};
use crate::deployment::{DEFAULT_MLFLOW_RELEASE, DEFAULT_RELEASE};
use crate::report::Output;

pub(super) fn run(shape: Shape, output: &Arc<Output>) -> Result<Exit, Failure> {
    let version = env!("CARGO_PKG_VERSION");
    let document = json!({
        "apiVersion": "deploy/v1",
        "kind": "Version",
        "version": version,
        "zenml": DEFAULT_RELEASE,
        "mlflow": DEFAULT_MLFLOW_RELEASE,
        "platform": format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH),
    });
    print_document(output, shape, &document, |_| {
        format!(
            "deploy {version} (ZenML {DEFAULT_RELEASE}, MLflow {DEFAULT_MLFLOW_RELEASE} unless a file names others)\n"
        )
    });
    Ok(Exit::Ok)
}

pub(super) fn completions(shell: clap_complete::Shell, output: &Arc<Output>) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "deploy", &mut script);
    output.data(&String::from_utf8_lossy(&script));
    Ok(Exit::Ok)
}
