//! `deploy render`: everything that would be made, written down; the same bytes for the same input.

use std::sync::Arc;

use std::path::Path;

use serde_json::{Value, json};

use crate::cli::args::Render;
use crate::cli::failure::{Exit, Failure};
use crate::cli::opened::{self, Opened};
use crate::cli::settings::Settings;
use crate::diagnostics::{Diagnostic, codes};
use crate::files::write_atomically;
use crate::report::Output;
use crate::scenario::picture;
use crate::yaml;

mod release;

pub(super) async fn run(args: &Render, settings: &Settings, output: &Arc<Output>) -> Result<Exit, Failure> {
    let opened = opened::open(&args.selection, settings)?;
    let mut files = files(&opened);
    for unit in opened.graph.units() {
        files.extend(release::secret(unit));
        files.extend(release::files(unit, settings, output).await?);
    }
    let Some(folder) = &args.output else {
        for (name, text) in files.iter().filter(|(name, _)| Path::new(name).extension() == Some("yaml".as_ref())) {
            output.data(&format!("---\n# {name}\n{text}"));
        }
        return Ok(Exit::Ok);
    };
    let folder = settings.world.current_folder.join(folder);
    for (name, text) in &files {
        write(&folder.join(name), text)?;
    }
    output.talk(&format!("{} files written to {}\n", files.len(), folder.display()));
    Ok(Exit::Ok)
}

fn files(opened: &Opened) -> Vec<(String, String)> {
    let deployment = &opened.resolved.deployment;
    let mut files = vec![
        ("deployment.yaml".to_owned(), yaml::to_string(&deployment.to_json())),
        ("contract.yaml".to_owned(), yaml::to_string(&deployment.scenario.contract)),
        ("links.yaml".to_owned(), yaml::to_string(&deployment.scenario.links)),
        ("scenario.svg".to_owned(), picture::svg(&deployment.scenario)),
    ];
    files.extend(opened.graph.units().iter().enumerate().map(|(index, unit)| {
        let name = format!("units/{:02}-{}.yaml", index + 1, unit.id.file_name());
        let document: Value = json!({
            "unit": unit.id,
            "kind": unit.kind,
            "title": unit.title,
            "component": unit.component,
            "side": unit.side,
            "target": unit.target,
            "dependsOn": unit.depends_on,
            "holds": unit.holds,
            "spec": unit.spec,
        });
        (name, yaml::to_string(&document))
    }));
    files
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    write_atomically(path, text.as_bytes()).map_err(|error| {
        Diagnostic::error(codes::FILE_UNWRITABLE, "cannot write what was rendered")
            .at(path.display().to_string())
            .cause(error.to_string())
            .next("choose another folder: deploy render -o DIR")
            .into()
    })
}
