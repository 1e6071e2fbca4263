//! Running a chart's templates.

mod failure;
mod files;

use std::collections::BTreeMap;

use super::capabilities::Capabilities;
use super::error::ChartError;
use super::file::{base_name, extension};
use super::values::lookup;
use super::{Chart, values};
use crate::functions;
use crate::template::{Budget, Dict, Observer, TemplateSet, Text, Value};
use files::Files;

/// What `.Release` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseFacts {
    pub name: String,
    pub namespace: String,
    pub revision: i64,
    pub is_upgrade: bool,
}

impl ReleaseFacts {
    fn to_value(&self) -> Value {
        let dict = Dict::new();
        dict.insert("Name", Value::string(self.name.as_str()));
        dict.insert("Namespace", Value::string(self.namespace.as_str()));
        dict.insert("IsUpgrade", Value::Bool(self.is_upgrade));
        dict.insert("IsInstall", Value::Bool(!self.is_upgrade));
        dict.insert("Revision", Value::int(self.revision));
        dict.insert("Service", Value::string("Helm"));
        Value::Dict(dict)
    }
}

/// What templates are run with, besides the values.
pub struct Surroundings<'a> {
    pub release: &'a ReleaseFacts,
    pub capabilities: &'a Capabilities,
    /// The clock, the randomness and the cluster that functions see.
    pub functions: &'a functions::Surroundings,
    pub budget: &'a Budget,
    pub observer: Option<&'a mut dyn Observer>,
}

/// Every template's output by its path, partials and empty ones included.
pub type Output = BTreeMap<String, Text>;

/// Runs all templates of a chart whose dependencies are processed, on values that are coalesced.
pub fn render(chart: &Chart, values: &Dict, surroundings: Surroundings<'_>) -> Result<Output, ChartError> {
    let scope = Scope { release: surroundings.release.to_value(), capabilities: surroundings.capabilities.to_value() };
    let mut templates = BTreeMap::new();
    scope.chart(chart, None, &values.with_type_name(VALUES), &mut templates);
    let mut ordered: Vec<(String, Template)> = templates.into_iter().collect();
    // Deep ones first, so that what a chart defines wins over what its subcharts define.
    ordered.sort_by(|(first, _), (second, _)| depth(second).cmp(&depth(first)).then_with(|| second.cmp(first)));

    let mut set = TemplateSet::new("gotpl", functions::for_chart(surroundings.functions));
    for (path, template) in &ordered {
        set.add(path, template.text.clone())
            .map_err(|error| ChartError::Parse(failure::of_parsing(path, &error.to_string())))?;
    }
    run(&set, &ordered, surroundings.budget, surroundings.observer)
}

fn run(
    set: &TemplateSet,
    ordered: &[(String, Template)],
    budget: &Budget,
    mut observer: Option<&mut dyn Observer>,
) -> Result<Output, ChartError> {
    let mut rendered = BTreeMap::new();
    for (path, template) in ordered {
        if base_name(path).starts_with('_') {
            continue;
        }
        template.values.insert("Template", template.facts(path));
        let dot = Value::Dict(template.values.with_type_name(VALUES));
        let observer = observer.as_mut().map(|observer| &mut **observer as &mut dyn Observer);
        let text = set
            .execute(path, &dot, budget, observer)
            .map_err(|error| ChartError::Execution(failure::of_execution(path, &error)))?;
        rendered.insert(path.clone(), functions::without_missing(text));
    }
    Ok(rendered)
}

const VALUES: &str = "common.Values";

fn depth(path: &str) -> usize {
    path.bytes().filter(|byte| *byte == b'/').count()
}

/// One file of `templates/` and what it is run on.
struct Template {
    text: Text,
    values: Dict,
    base_path: String,
}

impl Template {
    fn facts(&self, path: &str) -> Value {
        let entries = [("Name", path), ("BasePath", self.base_path.as_str())];
        let entries = entries.into_iter().map(|(key, value)| (Text::from(key), Value::string(value)));
        Value::Dict(Dict::from_entries(entries.collect()).with_type_name(VALUES))
    }
}

/// What all charts see alike.
struct Scope {
    release: Value,
    capabilities: Value,
}

impl Scope {
    /// Gathers a chart's templates and those of its subcharts, each with the values of its own chart. Gives back what
    /// the chart above sees in `.Subcharts`.
    fn chart(
        &self,
        chart: &Chart,
        path: Option<&str>,
        values: &Dict,
        templates: &mut BTreeMap<String, Template>,
    ) -> Dict {
        let metadata = chart.metadata.borrow();
        let path = path.map_or_else(|| metadata.name.clone(), |above| format!("{above}/charts/{}", metadata.name));
        let about = metadata.to_dict();
        about.insert("IsRoot", Value::Bool(!path.contains('/')));
        let subcharts = Dict::new();
        let dot = Dict::new();
        dot.insert("Chart", Value::Dict(about));
        dot.insert("Files", Files::of(&chart.files).to_value());
        dot.insert("Release", self.release.clone());
        dot.insert("Capabilities", self.capabilities.clone());
        dot.insert("Values", Value::Dict(values.clone()));
        dot.insert("Subcharts", Value::Dict(subcharts.clone()));
        for subchart in chart.dependencies() {
            let name = subchart.name();
            let inner = lookup::table(values, &name).unwrap_or_default().with_type_name(VALUES);
            let seen = self.chart(subchart, Some(&path), &inner, templates);
            subcharts.insert(name, Value::Dict(seen));
        }
        for file in chart.templates.iter() {
            if metadata.is_library() && !file.base_name().starts_with('_') {
                continue;
            }
            let template =
                Template { text: file.data.clone(), values: dot.clone(), base_path: format!("{path}/templates") };
            templates.insert(format!("{path}/{}", file.name), template);
        }
        dot
    }
}

/// A file of `crds/`, which is not a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomResource {
    /// With the path of its chart in front.
    pub path: String,
    pub data: Text,
}

/// Those of the chart, then those of its subcharts.
pub fn custom_resources(chart: &Chart) -> Vec<CustomResource> {
    let mut found = Vec::new();
    collect_custom_resources(chart, None, &mut found);
    found
}

fn collect_custom_resources(chart: &Chart, above: Option<&str>, found: &mut Vec<CustomResource>) {
    let name = chart.name();
    let path = above.map_or_else(|| name.clone(), |above| format!("{above}/charts/{name}"));
    let is_manifest = |name: &str| {
        name.starts_with("crds/")
            && [".yaml", ".yml", ".json"].iter().any(|known| extension(name).eq_ignore_ascii_case(known))
    };
    for file in chart.files.iter().filter(|file| is_manifest(&file.name)) {
        found.push(CustomResource { path: format!("{path}/{}", file.name), data: file.data.clone() });
    }
    for subchart in chart.dependencies() {
        collect_custom_resources(subchart, Some(&path), found);
    }
}

/// `.Values` of the root chart for templates: the user's over the defaults of all charts.
pub fn values_for(chart: &Chart, user: &Dict, warnings: &mut values::Warnings) -> Result<Dict, ChartError> {
    values::coalesce(chart, user, values::Nulls::Remove, warnings)
}
