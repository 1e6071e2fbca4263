//! `deploy chart render`: what `helm template` prints.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use super::chart_pull;
use crate::chart::load::{self, Links};
use crate::chart::render::ReleaseFacts;
use crate::chart::template::{self, Selection, TemplateOptions};
use crate::chart::values::{self, ValueOptions, Warnings};
use crate::chart::{Capabilities, ChartError};
use crate::cli::args::{ChartRender, ChartValues};
use crate::cli::failure::{Exit, Failure};
use crate::cli::settings::Settings;
use crate::diagnostics::{Diagnostic, draw};
use crate::functions::{Sources, Surroundings};
use crate::registry::{self, Fetched, Source};
use crate::report::Output;
use crate::template::{Budget, quote};
use crate::world::World;

pub(super) async fn run(args: &ChartRender, settings: &Settings, output: &Arc<Output>) -> Result<Exit, Failure> {
    let world = &settings.world;
    let found = match registry::source(&args.chart, args.remote.repo.as_deref(), world)? {
        Source::Path(path) => Found::Path(located(&path, world)?),
        elsewhere => {
            let connection = chart_pull::connection(&args.remote, output)?;
            let fetched = registry::fetch(&elsewhere, args.remote.version.as_deref(), &connection, world).await?;
            for warning in &fetched.warnings {
                output.talk(warning);
            }
            Found::Packed(fetched)
        }
    };
    // Values may be nested deeper than the main thread's stack is deep.
    let outcome = std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK);
        match thread.spawn_scoped(scope, || render(args, &found, world, output)) {
            Ok(running) => running.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            Err(_) => render(args, &found, world, output),
        }
    });
    match outcome {
        Ok(text) => {
            output.data(&String::from_utf8_lossy(&text));
            Ok(Exit::Ok)
        }
        Err(error) => Ok(refuse(args, error, output)),
    }
}

/// Where the chart is.
enum Found {
    Path(PathBuf),
    Packed(Fetched),
}

/// As Helm shows paths in errors: from the root.
fn located(path: &Path, world: &World) -> Result<PathBuf, Failure> {
    let absolute: PathBuf = world.current_folder.join(path).components().collect();
    if absolute.exists() {
        return Ok(absolute);
    }
    let text = format!("path {} not found", quote(path.to_string_lossy().as_bytes()));
    Err(Diagnostic::from(ChartError::Load { text, cause: None }).changed("nothing was changed").into())
}

const STACK: usize = 256 * 1024 * 1024;
/// Values that a person or a program wrote are far smaller.
const LARGEST_FILE: u64 = 64 * 1024 * 1024;
/// Templates see the same time on every rendering. That of a deployment comes from the deployment.
const NOW: i64 = 1_767_225_600;

/// Helm's words stand unbroken, so that they are found with grep.
fn refuse(args: &ChartRender, error: ChartError, output: &Output) -> Exit {
    const UNBROKEN: usize = 1 << 20;
    if args.debug {
        match &error {
            ChartError::Manifest { rendered, .. } => output.data(rendered.trim()),
            ChartError::Parse(_) | ChartError::Execution(_) => output.data("\n"),
            _ => {}
        }
    }
    let diagnostic = Diagnostic::from(error).changed("nothing was changed");
    output.talk(&draw::draw(&diagnostic, UNBROKEN));
    Exit::Error
}

fn render(args: &ChartRender, found: &Found, world: &World, output: &Output) -> Result<Vec<u8>, ChartError> {
    let mut warnings = Warnings::default();
    let result = render_with(args, found, world, &mut warnings);
    for warning in warnings.iter() {
        output.talk(&format!("{warning}\n"));
    }
    result
}

fn render_with(
    args: &ChartRender,
    found: &Found,
    world: &World,
    warnings: &mut Warnings,
) -> Result<Vec<u8>, ChartError> {
    let capabilities = Capabilities::offline(args.kube_version.as_deref(), &args.api_versions)?;
    let now = now(args, world)?;
    let name = match &args.name_template {
        Some(template) => template::release_name(template, &Surroundings::offline(Sources::fixed(now, b"name")))?,
        None => args.name.clone(),
    };
    let user = values::collect(&value_options(&args.values), &mut |name| read_file(name, world))?;
    let links = if args.follow_links { Links::Anywhere } else { Links::Inside };
    let mut chart = match found {
        Found::Path(path) => load::path(path, links, warnings)?,
        Found::Packed(fetched) => load::archived(&fetched.bytes, &fetched.file_name, warnings)?,
    };
    let seed = args.seed.clone().unwrap_or_else(|| format!("{}/{name}", args.namespace));
    let options = TemplateOptions {
        release: ReleaseFacts { name, namespace: args.namespace.clone(), revision: 1, is_upgrade: args.is_upgrade },
        capabilities,
        include_crds: args.include_crds,
        skip_schema_validation: args.skip_schema_validation,
    };
    let functions = Surroundings::offline(Sources::fixed(now, seed.as_bytes()));
    let rendered = template::render_chart(&mut chart, &user, &options, &functions, &Budget::default(), warnings)?;
    let selection =
        Selection { no_hooks: args.no_hooks, skip_tests: args.skip_tests, show_only: args.show_only.clone() };
    template::print(&rendered.manifest, &rendered.hooks, &selection)
}

fn value_options(values: &ChartValues) -> ValueOptions {
    ValueOptions {
        files: values.files.clone(),
        set_json: values.set_json.clone(),
        set: values.set.clone(),
        set_string: values.set_string.clone(),
        set_file: values.set_file.clone(),
        set_literal: values.set_literal.clone(),
    }
}

/// A file, or standard input for `-`. Reasons are in Go's words.
fn read_file(name: &str, world: &World) -> Result<Vec<u8>, String> {
    let mut content = Vec::new();
    if name.trim() == "-" {
        let read = std::io::stdin().take(LARGEST_FILE + 1).read_to_end(&mut content);
        read.map_err(|error| error.to_string())?;
    } else if ["http://", "https://", "oci://"].iter().any(|scheme| name.starts_with(scheme)) {
        return Err(format!("{name} is not read over the network; save it and name the file"));
    } else {
        let go_words = |error: std::io::Error| load::read_error(Path::new(name), &error);
        let file = std::fs::File::open(world.current_folder.join(name)).map_err(go_words)?;
        file.take(LARGEST_FILE + 1).read_to_end(&mut content).map_err(go_words)?;
    }
    if content.len() as u64 > LARGEST_FILE {
        return Err(format!("{name} is larger than {LARGEST_FILE} bytes"));
    }
    Ok(content)
}

fn now(args: &ChartRender, world: &World) -> Result<Timestamp, ChartError> {
    if let Some(now) = args.now {
        return Ok(now);
    }
    let environment: &BTreeMap<String, String> = &world.environment;
    let seconds = match environment.get("SOURCE_DATE_EPOCH").filter(|text| !text.is_empty()) {
        Some(text) => text.parse().ok(),
        None => Some(NOW),
    };
    seconds.and_then(|seconds| Timestamp::from_second(seconds).ok()).ok_or_else(|| {
        ChartError::Values("the environment variable SOURCE_DATE_EPOCH is not a number of seconds".to_owned())
    })
}
