//! Everything that `helm template` does, from a chart to its text.

use super::capabilities::Capabilities;
use super::error::ChartError;
use super::release::manifest::{is_blank, split};
use super::release::{Hook, Sorted, sort};
use super::render::{self, CustomResource, ReleaseFacts, Surroundings};
use super::values::{UserValues, Warnings};
use super::{Chart, dependencies, path_match, schema, version};
use crate::functions;
use crate::template::{Budget, Dict, TemplateSet, Text, Value};

/// Choices of one rendering.
#[derive(Debug, Clone)]
pub struct TemplateOptions {
    pub release: ReleaseFacts,
    pub capabilities: Capabilities,
    pub include_crds: bool,
    pub skip_schema_validation: bool,
}

/// A chart that was rendered for a release.
#[derive(Debug, Clone)]
pub struct Rendered {
    pub hooks: Vec<Hook>,
    /// In the order of installation, as one text with `# Source:` lines; the record of a release holds it.
    pub manifest: Text,
    pub sorted: Sorted,
    pub custom_resources: Vec<CustomResource>,
    pub notes: Text,
    /// All values, the user's over the defaults.
    pub values: Dict,
}

/// Renders a chart. Its dependencies are processed, so it is changed.
pub fn render_chart(
    chart: &mut Chart,
    user: &UserValues,
    options: &TemplateOptions,
    functions: &functions::Surroundings,
    budget: &Budget,
    warnings: &mut Warnings,
) -> Result<Rendered, ChartError> {
    ensure_installable(chart)?;
    if chart.metadata.borrow().deprecated {
        warnings.log("this chart is deprecated", &[]);
    }
    dependencies::check(chart)?;
    dependencies::process(chart, &user.values, warnings)?;
    let values = render::values_for(chart, &user.values, warnings)?;
    if !options.skip_schema_validation {
        schema::validate(chart, &values)?;
    }
    ensure_kube_version(chart, &options.capabilities)?;
    let surroundings = Surroundings {
        release: &options.release,
        capabilities: &options.capabilities,
        functions,
        budget,
        observer: None,
    };
    let mut files = render::render(chart, &values, surroundings)?;
    let notes = take_notes(&mut files, &chart.name());
    let sorted = sort(&files, warnings)?;
    let custom_resources = render::custom_resources(chart);
    let manifest = manifest_text(&sorted, options.include_crds.then_some(custom_resources.as_slice()));
    Ok(Rendered { hooks: sorted.hooks.clone(), manifest, sorted, custom_resources, notes, values })
}

/// The name that a template makes, which knows nothing but functions.
pub fn release_name(template: &str, surroundings: &functions::Surroundings) -> Result<String, ChartError> {
    const NAME: &str = "name-template";
    let mut set = TemplateSet::new(NAME, functions::for_chart(surroundings));
    set.add(NAME, template).map_err(|error| ChartError::Parse(error.to_string()))?;
    let text = set.execute(NAME, &Value::Nil, &Budget::default(), None);
    text.map(|text| text.to_str().into_owned()).map_err(|error| ChartError::Execution(error.to_string()))
}

fn ensure_installable(chart: &Chart) -> Result<(), ChartError> {
    let kind = chart.metadata.borrow().kind.clone();
    match kind.as_str() {
        "" | "application" => Ok(()),
        _ => Err(ChartError::load(format!("{kind} charts are not installable"))),
    }
}

fn ensure_kube_version(chart: &Chart, capabilities: &Capabilities) -> Result<(), ChartError> {
    let wanted = chart.metadata.borrow().kube_version.clone();
    let cluster = &capabilities.kube_version;
    if wanted.is_empty() || version::is_compatible(&wanted, &cluster.normalized) {
        return Ok(());
    }
    Err(ChartError::KubeVersion(format!(
        "chart requires kubeVersion: {wanted} which is incompatible with Kubernetes {}",
        cluster.version
    )))
}

/// `NOTES.txt` is for people: it is taken out, and the root chart's is kept.
fn take_notes(files: &mut render::Output, chart: &str) -> Text {
    let own = format!("{chart}/templates/NOTES.txt");
    let mut notes = Text::default();
    files.retain(|path, text| {
        if *path == own {
            notes = text.clone();
        }
        !path.ends_with("NOTES.txt")
    });
    notes
}

fn manifest_text(sorted: &Sorted, custom_resources: Option<&[CustomResource]>) -> Text {
    let mut text = Vec::new();
    for resource in custom_resources.unwrap_or_default() {
        append(&mut text, &resource.path, &resource.data);
    }
    for manifest in &sorted.manifests {
        append(&mut text, &manifest.path, &manifest.content);
    }
    Text::from(text)
}

fn append(text: &mut Vec<u8>, path: &str, content: &Text) {
    text.extend_from_slice(b"---\n# Source: ");
    text.extend_from_slice(path.as_bytes());
    text.push(b'\n');
    text.extend_from_slice(content.as_bytes());
    text.push(b'\n');
}

/// Which parts of a rendering are printed.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    pub no_hooks: bool,
    pub skip_tests: bool,
    /// Paths or patterns of templates, relative to the chart.
    pub show_only: Vec<String>,
}

/// What `helm template` prints to stdout.
pub fn print(manifest: &Text, hooks: &[Hook], selection: &Selection) -> Result<Vec<u8>, ChartError> {
    let mut text = trim(manifest.as_bytes()).to_vec();
    text.push(b'\n');
    if !selection.no_hooks {
        for hook in hooks.iter().filter(|hook| !(selection.skip_tests && hook.is_test())) {
            append(&mut text, &hook.path, &hook.manifest);
        }
    }
    if selection.show_only.is_empty() { Ok(text) } else { shown_only(&text, &selection.show_only) }
}

fn shown_only(text: &[u8], wanted: &[String]) -> Result<Vec<u8>, ChartError> {
    let manifests = split(text);
    let mut shown = Vec::new();
    for pattern in wanted {
        let fits = |manifest: &&&[u8]| {
            source_path(manifest).is_some_and(|path| path_match::matches(pattern, &path).unwrap_or(false))
        };
        let mut found = manifests.iter().filter(fits).peekable();
        if found.peek().is_none() {
            return Err(ChartError::Selection(format!("could not find template {pattern} in chart")));
        }
        for manifest in found {
            shown.extend_from_slice(b"---\n");
            shown.extend_from_slice(manifest);
            shown.push(b'\n');
        }
    }
    Ok(shown)
}

/// The path behind `# Source: CHART/`.
fn source_path(manifest: &[u8]) -> Option<String> {
    const MARK: &[u8] = b"# Source: ";
    let mut from = 0;
    while let Some(at) = memchr::memmem::find(&manifest[from..], MARK) {
        let start = from + at + MARK.len();
        let rest = &manifest[start..];
        if let Some(slash) = rest.iter().position(|byte| *byte == b'/').filter(|slash| *slash > 0) {
            let path = rest[slash + 1..].split(|byte| *byte == b'\n').next().unwrap_or_default();
            if !path.is_empty() {
                return Some(String::from_utf8_lossy(path).into_owned());
            }
        }
        from = start;
    }
    None
}

/// Go's `strings.TrimSpace`.
fn trim(bytes: &[u8]) -> &[u8] {
    if is_blank(bytes) {
        return &[];
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => text.trim().as_bytes(),
        Err(_) => bytes.trim_ascii(),
    }
}
