//! Which subcharts take part, under which name, and what their values give to the chart above.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::error::ChartError;
use super::metadata::Dependency;
use super::values::types::{copy_dict, go_print};
use super::values::{self, Nulls, Warnings, coalesce, merge_tables};
use super::{Chart, version};
use crate::template::{Dict, ElementType, Text, Value};

/// Conditions, tags and aliases, then `import-values`, from the root down and from the leaves up.
pub fn process(chart: &mut Chart, user: &Dict, warnings: &mut Warnings) -> Result<(), ChartError> {
    enable(chart, user, "", warnings)
        .and_then(|()| import_values_of_all(chart, warnings))
        .map_err(|error| ChartError::Dependencies(format!("chart dependencies processing failed: {error}")))
}

/// Dependencies of `Chart.yaml` that are not in `charts/`.
pub fn check(chart: &Chart) -> Result<(), ChartError> {
    let metadata = chart.metadata.borrow();
    let is_there = |dependency: &&Dependency| chart.dependencies().iter().any(|there| there.name() == dependency.name);
    let missing: Vec<&str> = metadata
        .dependencies()
        .filter(|dependency| !is_there(dependency))
        .map(|dependency| dependency.name.as_str())
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(unchecked(&format!("found in Chart.yaml, but missing in charts/ directory: {}", missing.join(", "))))
}

pub(super) fn unchecked(reason: &str) -> ChartError {
    ChartError::Dependencies(format!(
        "an error occurred while checking for chart dependencies. You may need to run 'helm dependency build' to fetch \
         missing dependencies: {reason}"
    ))
}

fn enable(chart: &mut Chart, above: &Dict, path: &str, warnings: &mut Warnings) -> Result<(), ChartError> {
    let metadata = Rc::clone(&chart.metadata);
    let Some(mut wanted) = metadata.borrow().dependencies.clone() else { return Ok(()) };
    chart.dependencies = chosen(&chart.dependencies, &mut wanted);
    for dependency in wanted.iter_mut().flatten() {
        dependency.enabled = true;
    }
    metadata.borrow_mut().dependencies = Some(wanted.clone());
    let values = coalesce(chart, above, Nulls::Remove, warnings)?;
    apply_tags(&mut wanted, &values, warnings);
    apply_conditions(&mut wanted, &values, path, warnings);

    let disabled: Vec<String> = wanted
        .iter()
        .flatten()
        .filter(|dependency| !dependency.enabled)
        .map(|dependency| dependency.name.clone())
        .collect();
    chart.dependencies.retain(|subchart| !disabled.contains(&subchart.name()));
    wanted.retain(|dependency| dependency.as_ref().is_none_or(|dependency| !disabled.contains(&dependency.name)));
    for subchart in &mut chart.dependencies {
        let path = format!("{path}{}.", subchart.name());
        enable(subchart, &values, &path, warnings)?;
    }
    // Go appends nothing to nil, and nil it stays.
    metadata.borrow_mut().dependencies = if wanted.is_empty() { None } else { Some(wanted) };
    Ok(())
}

/// Subcharts that `Chart.yaml` does not speak of, then those that it names, one per entry.
fn chosen(present: &[Chart], wanted: &mut [Option<Dependency>]) -> Vec<Chart> {
    let fits = |chart: &Chart, dependency: &Dependency| {
        chart.name() == dependency.name && version::is_compatible(&dependency.version, &chart.metadata.borrow().version)
    };
    let is_named = |chart: &Chart| wanted.iter().flatten().any(|dependency| fits(chart, dependency));
    let mut chosen: Vec<Chart> = present.iter().filter(|chart| !is_named(chart)).cloned().collect();
    for dependency in wanted.iter_mut().flatten() {
        if let Some(chart) = present.iter().find(|chart| fits(chart, dependency)) {
            let mut chart = chart.clone();
            let mut metadata = chart.metadata.borrow().clone();
            if !dependency.alias.is_empty() {
                metadata.name.clone_from(&dependency.alias);
            }
            chart.metadata = Rc::new(RefCell::new(metadata));
            chosen.push(chart);
        }
        if !dependency.alias.is_empty() {
            dependency.name.clone_from(&dependency.alias);
        }
    }
    chosen
}

fn apply_tags(wanted: &mut [Option<Dependency>], values: &Dict, warnings: &mut Warnings) {
    let Ok(tags) = values::table(values, "tags") else { return };
    for dependency in wanted.iter_mut().flatten() {
        let (mut any_true, mut any_false) = (false, false);
        for tag in &dependency.tags {
            match tags.get(tag) {
                Some(Value::Bool(true)) => any_true = true,
                Some(Value::Bool(false)) => any_false = true,
                Some(_) => warnings.log("returned non-bool value", &[("tag", tag), ("chart", &dependency.name)]),
                None => {}
            }
        }
        dependency.enabled = any_true || !any_false;
    }
}

fn apply_conditions(wanted: &mut [Option<Dependency>], values: &Dict, path: &str, warnings: &mut Warnings) {
    for dependency in wanted.iter_mut().flatten() {
        let condition = dependency.condition.trim().to_owned();
        for name in condition.split(',').filter(|name| !name.is_empty()) {
            match values::value(values, &format!("{path}{name}")) {
                Some(Value::Bool(enabled)) => {
                    dependency.enabled = enabled;
                    break;
                }
                Some(_) => warnings.log("returned non-bool value", &[("path", name), ("chart", &dependency.name)]),
                None => {}
            }
        }
    }
}

fn import_values_of_all(chart: &mut Chart, warnings: &mut Warnings) -> Result<(), ChartError> {
    for subchart in &mut chart.dependencies {
        import_values_of_all(subchart, warnings)?;
    }
    import_values(chart, warnings)
}

/// What subcharts export goes below the chart's own values.
fn import_values(chart: &mut Chart, warnings: &mut Warnings) -> Result<(), ChartError> {
    let Some(mut wanted) = chart.metadata.borrow().dependencies.clone() else { return Ok(()) };
    let values = coalesce(chart, &Dict::new(), Nulls::Keep, warnings)?;
    let imported = Dict::new();
    for dependency in wanted.iter_mut().flatten() {
        let mut seen = Vec::new();
        for import in &dependency.import_values {
            let Some((child, parent)) = import_paths(import) else { continue };
            seen.push(seen_import(&child, &parent));
            match values::table(&values, &format!("{}.{child}", dependency.name)) {
                Ok(table) => merge_tables(&imported, &at_path(&parent, table), Nulls::Keep, warnings),
                Err(error) if matches!(import, Value::Dict(_)) => warnings.log(
                    "ImportValues missing table from chart",
                    &[("chart", &dependency.name), ("error", &error.to_string())],
                ),
                Err(error) => warnings.log("ImportValues missing table", &[("error", &error.to_string())]),
            }
        }
        dependency.import_values = seen;
    }
    chart.metadata.borrow_mut().dependencies = Some(wanted);
    let values = copy_dict(&values);
    merge_tables(&values, &imported, Nulls::Keep, warnings);
    chart.values = values;
    Ok(())
}

/// From where in the subchart to where in the chart; anything but a map or a string is passed over.
fn import_paths(import: &Value) -> Option<(String, String)> {
    let of = |dict: &Dict, key: &str| go_print(&dict.get(key).unwrap_or_default());
    match import {
        Value::Dict(dict) if dict.element() == ElementType::Any => Some((of(dict, "child"), of(dict, "parent"))),
        Value::String(name) => Some((format!("exports.{name}"), ".".to_owned())),
        _ => None,
    }
}

/// How Helm leaves it in the metadata, where templates can see it.
fn seen_import(child: &str, parent: &str) -> Value {
    let entries: BTreeMap<Text, Value> = [("child", child), ("parent", parent)]
        .into_iter()
        .map(|(key, value)| (Text::from(key), Value::string(value)))
        .collect();
    Value::Dict(Dict::typed(entries, ElementType::String, None))
}

fn at_path(path: &str, table: Dict) -> Dict {
    if path == "." {
        return table;
    }
    path.rsplit('.').fold(table, |inner, key| {
        let outer = Dict::new();
        outer.insert(key, Value::Dict(inner));
        outer
    })
}
