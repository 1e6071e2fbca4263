//! A release of a chart, written down: its values, the Secret that they refer to, and every object that the chart makes.
//!
//! No secret is asked for: where one would stand, its name stands. So what is written can be kept and compared.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::chart::load::{self, Links};
use crate::chart::render::ReleaseFacts;
use crate::chart::template::{TemplateOptions, render_chart};
use crate::chart::values::{self, ValueOptions, Warnings};
use crate::chart::{Capabilities, Chart};
use crate::cli::failure::Failure;
use crate::cli::settings::Settings;
use crate::components::VENDOR_CHART;
use crate::diagnostics::{Diagnostic, codes};
use crate::functions::{Sources, Surroundings};
use crate::registry::{self, Connection, Source};
use crate::report::Output;
use crate::template::Budget;
use crate::unit::kubernetes::{ChartReference, Release, SecretObject};
use crate::unit::{Spec, Unit, described};
use crate::yaml;

/// Values may be nested deeper than the main thread's stack is deep.
const STACK: usize = 256 * 1024 * 1024;
const PULL_WITHIN: std::time::Duration = std::time::Duration::from_mins(5);
/// Templates see the same time on every rendering.
const NOW: i64 = 1_767_225_600;

/// Files of the release by their paths, in the order in which they would be applied.
pub(super) async fn files(unit: &Unit, settings: &Settings, output: &Output) -> Result<Vec<(String, String)>, Failure> {
    let Some(release) = spec_of::<Release>(unit) else { return Ok(Vec::new()) };
    let values = yaml::to_string(&described(&release.values));
    let mut files = vec![(format!("values/{}.yaml", release.name), values.clone())];
    // Nothing is fetched that nobody has asked for.
    if release.chart.source == VENDOR_CHART {
        output.talk(&format!(
            "The objects of the chart are left out: name the chart with `chart.source`, such as {VENDOR_CHART} or a folder\n"
        ));
        return Ok(files);
    }
    let found = find(&release.chart, settings, output).await?;
    let rendered = std::thread::scope(|scope| {
        let work = || manifests(&release, &found, &values);
        match std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work) {
            Ok(running) => running.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            Err(_) => manifests(&release, &found, &values),
        }
    });
    let (manifests, warnings) = rendered.map_err(|diagnostic| {
        Failure::from(diagnostic.at(release.chart.source.clone()).changed("nothing was written"))
    })?;
    for warning in warnings {
        output.talk(&format!("{warning}\n"));
    }
    files.extend(manifests);
    Ok(files)
}

/// The Secret without its values: which keys it has, and what each is.
pub(super) fn secret(unit: &Unit) -> Option<(String, String)> {
    let object: SecretObject = spec_of(unit)?;
    let values = object.values.iter().map(|(key, text)| (key.clone(), text.describe()));
    let files = object.files.iter().map(|(key, path)| (key.clone(), format!("(content of {})", path.display())));
    let document = serde_json::json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": { "name": object.name, "namespace": object.namespace },
        "type": "Opaque",
        "stringData": values.chain(files).collect::<std::collections::BTreeMap<_, _>>(),
    });
    Some((format!("wiring/secret-{}.yaml", object.name), yaml::to_string(&document)))
}

fn spec_of<S: Spec + serde::de::DeserializeOwned>(unit: &Unit) -> Option<S> {
    if unit.kind == S::KIND { serde_json::from_value(unit.spec.clone()).ok() } else { None }
}

/// Where a chart's files are.
enum Found {
    Path(PathBuf),
    Packed { bytes: Vec<u8>, name: String },
}

async fn find(reference: &ChartReference, settings: &Settings, output: &Output) -> Result<Found, Failure> {
    let source = match registry::source(&reference.source, None, &settings.world)? {
        Source::Path(path) => return located(&path),
        elsewhere => elsewhere,
    };
    let connection = Connection {
        plain_http: false,
        ca_file: None,
        insecure_skip_tls_verify: false,
        login: None,
        time_limit: PULL_WITHIN,
        largest_chart: load::LARGEST_CHART,
    };
    let is_exact =
        reference.source.contains('@') || reference.source.rsplit('/').next().is_some_and(|l| l.contains(':'));
    let version = (!is_exact).then_some(reference.version.as_str());
    let fetched = registry::fetch(&source, version, &connection, &settings.world).await?;
    for warning in &fetched.warnings {
        output.talk(warning);
    }
    Ok(Found::Packed { bytes: fetched.bytes, name: fetched.file_name })
}

fn located(path: &Path) -> Result<Found, Failure> {
    if path.exists() {
        return Ok(Found::Path(path.to_owned()));
    }
    Err(Diagnostic::error(codes::CHART_UNREADABLE, "the chart is not there")
        .at(path.display().to_string())
        .changed("nothing was written")
        .next("correct `chart.source`")
        .into())
}

/// Path and text of every object, and what the chart has to say.
type Objects = (Vec<(String, String)>, Vec<String>);

fn manifests(release: &Release, found: &Found, values: &str) -> Result<Objects, Diagnostic> {
    let mut warnings = Warnings::default();
    let mut chart = match found {
        Found::Path(path) => load::path(path, Links::Inside, &mut warnings)?,
        Found::Packed { bytes, name } => load::archived(bytes, name, &mut warnings)?,
    };
    check_version(&chart, &release.chart)?;
    let options = ValueOptions { files: vec!["values of the deployment".to_owned()], ..ValueOptions::default() };
    let user = values::collect(&options, &mut |_| Ok(values.as_bytes().to_vec()))?;
    let options = TemplateOptions {
        release: ReleaseFacts {
            name: release.name.clone(),
            namespace: release.namespace.clone(),
            revision: 1,
            is_upgrade: false,
        },
        capabilities: Capabilities::offline(None, &[])?,
        include_crds: true,
        skip_schema_validation: false,
    };
    let seed = format!("{}/{}", release.namespace, release.name);
    let now = Timestamp::from_second(NOW).unwrap_or_default();
    let functions = Surroundings::offline(Sources::fixed(now, seed.as_bytes()));
    let rendered = render_chart(&mut chart, &user, &options, &functions, &Budget::default(), &mut warnings)?;
    let crds = rendered.custom_resources.iter().map(|crd| ("crd".to_owned(), crd.path.clone(), crd.data.clone()));
    let hooks = rendered.hooks.iter().map(|hook| {
        (format!("hook-{}-{}", hook.kind.to_lowercase(), hook.name), hook.path.clone(), hook.manifest.clone())
    });
    let objects = rendered.sorted.manifests.iter().map(|manifest| {
        let name = format!("{}-{}", manifest.head.kind.to_lowercase(), manifest.head.name);
        (name, manifest.path.clone(), manifest.content.clone())
    });
    let files = crds.chain(hooks).chain(objects).enumerate().map(|(index, (name, path, text))| {
        let text = format!("# Source: {path}\n{}\n", text.to_str().trim_end());
        (format!("manifests/{:02}-{}.yaml", index + 1, as_file_name(&name)), text)
    });
    Ok((files.collect(), warnings.iter().map(ToString::to_string).collect()))
}

/// Values are written for one version of the chart.
fn check_version(chart: &Chart, wanted: &ChartReference) -> Result<(), Diagnostic> {
    let found = chart.metadata.borrow().version.clone();
    if found == wanted.version {
        return Ok(());
    }
    Err(Diagnostic::error(codes::CHART_VERSION, format!("this is chart {found}, not {}", wanted.version))
        .cause("the names of values differ from version to version, and the server ignores those it does not know")
        .next(format!("set `chart.version: {found}`, or name the chart of {}", wanted.version)))
}

fn as_file_name(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' || c == '.' { c } else { '-' }).collect()
}
