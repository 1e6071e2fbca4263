//! User values over chart defaults, charts over their subcharts, with Helm's rules for null and for globals.

use super::lookup;
use super::types::{copy_dict, go_print};
use super::warnings::Warnings;
use crate::chart::Chart;
use crate::chart::error::ChartError;
use crate::template::{Dict, Text, Value};

/// What becomes of nulls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nulls {
    /// A null takes a default away, and is gone itself: for templates.
    Remove,
    /// Nulls stay, for a later pass that removes with them.
    Keep,
}

/// All values of a chart and its subcharts, the user's first.
pub fn coalesce(chart: &Chart, user: &Dict, nulls: Nulls, warnings: &mut Warnings) -> Result<Dict, ChartError> {
    let values = Dict::typed(copy_dict(user).borrow().clone(), user.element(), None);
    Coalescing { nulls, warnings }.chart(chart, &values, "")?;
    Ok(values)
}

/// Fills up `above` with what only `below` has. Both are changed; maps are shared, as in Helm.
pub(crate) fn merge_tables(above: &Dict, below: &Dict, nulls: Nulls, warnings: &mut Warnings) {
    Coalescing { nulls, warnings }.tables(above, below, "");
}

struct Coalescing<'a> {
    nulls: Nulls,
    warnings: &'a mut Warnings,
}

const GLOBAL: &str = "global";

impl Coalescing<'_> {
    fn chart(&mut self, chart: &Chart, values: &Dict, prefix: &str) -> Result<(), ChartError> {
        self.defaults(chart, values, prefix);
        let prefix = joined(prefix, &chart.name());
        for subchart in chart.dependencies() {
            let name = subchart.name();
            let inner = match values.get(&name) {
                None => {
                    let inner = Dict::new();
                    values.insert(name.as_str(), Value::Dict(inner.clone()));
                    inner
                }
                Some(Value::Dict(inner)) => inner,
                Some(other) => {
                    let shown = shown_as_bool(&other);
                    return Err(ChartError::Values(format!("type mismatch on {name}: {shown}")));
                }
            };
            self.globals(&inner, values, &prefix);
            self.chart(subchart, &inner, &prefix)?;
        }
        Ok(())
    }

    fn defaults(&mut self, chart: &Chart, values: &Dict, prefix: &str) {
        let prefix = joined(prefix, &chart.name());
        let defaults = copy_dict(&chart.values);
        for (key, default) in snapshot(&defaults) {
            match lookup::entry(values, &key) {
                Some(Value::Nil) if self.nulls == Nulls::Remove => {
                    values.borrow_mut().remove(&key);
                }
                Some(Value::Dict(table)) => self.default_table(chart, &table, &default, &prefix, &key),
                Some(_) => {}
                None => self.missing(values, key, default),
            }
        }
    }

    fn default_table(&mut self, chart: &Chart, table: &Dict, default: &Value, prefix: &str, key: &Text) {
        match default {
            Value::Dict(default) => {
                // Nulls in values for a subchart are for its own defaults to meet.
                let is_subchart =
                    chart.dependencies().iter().any(|subchart| subchart.name().as_bytes() == key.as_bytes());
                let nulls = if is_subchart { Nulls::Keep } else { self.nulls };
                if nulls == Nulls::Remove {
                    remove_nulls(default);
                }
                Coalescing { nulls, warnings: self.warnings }.tables(table, default, &joined(prefix, &key.to_str()));
            }
            Value::Nil => {}
            _ => self.warnings.add(format!("warning: skipped value for {prefix}.{key}: Not a table.")),
        }
    }

    fn missing(&mut self, values: &Dict, key: Text, default: Value) {
        if self.nulls == Nulls::Remove {
            match &default {
                Value::Nil => return,
                Value::Dict(table) => remove_nulls(table),
                _ => {}
            }
        }
        values.borrow_mut().insert(key, default);
    }

    /// Globals of the chart above go down into the subchart's values.
    fn globals(&mut self, inner: &Dict, outer: &Dict, prefix: &str) {
        let down = match inner.get(GLOBAL) {
            None => Dict::new(),
            Some(Value::Dict(down)) => down,
            Some(_) => {
                self.warnings.add("warning: skipping globals because destination global is not a table.");
                return;
            }
        };
        let from = match outer.get(GLOBAL) {
            None => Dict::new(),
            Some(Value::Dict(from)) => from,
            Some(_) => {
                self.warnings.add("warning: skipping globals because source global is not a table.");
                return;
            }
        };
        for (key, value) in snapshot(&from) {
            self.global(&down, key, value, prefix);
        }
        inner.insert(GLOBAL, Value::Dict(down));
    }

    fn global(&mut self, down: &Dict, key: Text, value: Value, prefix: &str) {
        let existing = lookup::entry(down, &key);
        match (value, existing) {
            (Value::Dict(table), None) => {
                down.borrow_mut().insert(key, Value::Dict(shallow_copy(&table)));
            }
            (Value::Dict(table), Some(Value::Dict(existing))) => {
                let table = shallow_copy(&table);
                let full_key = joined(prefix, &key.to_str());
                Coalescing { nulls: Nulls::Keep, warnings: self.warnings }.tables(&table, &existing, &full_key);
                down.borrow_mut().insert(key, Value::Dict(table));
            }
            (Value::Dict(_), Some(_)) => {
                let key = super::set::quote(&key.to_str());
                self.warnings.add(format!("Conflict: cannot merge map onto non-map for {key}. Skipping."));
            }
            (_, Some(Value::Dict(_))) => self.warnings.add(format!("key {key} is table. Skipping")),
            (value, _) => {
                down.borrow_mut().insert(key, value);
            }
        }
    }

    fn tables(&mut self, above: &Dict, below: &Dict, prefix: &str) {
        if below.is_nil() {
            return;
        }
        let had_value: Vec<Text> =
            below.borrow().iter().filter(|(_, value)| !value.is_nil()).map(|(key, _)| key.clone()).collect();
        for (key, value) in snapshot(above) {
            if value.is_nil() {
                below.borrow_mut().insert(key, Value::Nil);
            }
        }
        for (key, value) in snapshot(below) {
            let full_key = joined(prefix, &key.to_str());
            match (lookup::entry(above, &key), value) {
                (Some(Value::Nil), _) if self.nulls == Nulls::Remove && had_value.binary_search(&key).is_ok() => {
                    above.borrow_mut().remove(&key);
                }
                (None, value) => {
                    above.borrow_mut().insert(key, value);
                }
                (Some(Value::Dict(above)), Value::Dict(below)) => self.tables(&above, &below, &full_key),
                (Some(_), Value::Dict(below)) => {
                    let shown = go_print(&Value::Dict(below));
                    self.warnings
                        .add(format!("warning: cannot overwrite table with non table for {full_key} ({shown})"));
                }
                (Some(Value::Dict(_)), value) if !value.is_nil() => {
                    let shown = go_print(&value);
                    self.warnings.add(format!(
                        "warning: destination for {full_key} is a table. Ignoring non-table value ({shown})"
                    ));
                }
                _ => {}
            }
        }
    }
}

fn joined(prefix: &str, key: &str) -> String {
    if prefix.is_empty() { key.to_owned() } else { format!("{prefix}.{key}") }
}

fn snapshot(dict: &Dict) -> Vec<(Text, Value)> {
    dict.borrow().iter().map(|(key, value)| (key.clone(), value.clone())).collect()
}

fn shallow_copy(dict: &Dict) -> Dict {
    Dict::from_entries(dict.borrow().clone())
}

pub(crate) fn remove_nulls(dict: &Dict) {
    for (key, value) in snapshot(dict) {
        match value {
            Value::Nil => {
                dict.borrow_mut().remove(&key);
            }
            Value::Dict(inner) => remove_nulls(&inner),
            _ => {}
        }
    }
}

/// Helm prints the value with `%t`, which is made for booleans.
fn shown_as_bool(value: &Value) -> String {
    match value {
        Value::Bool(value) => value.to_string(),
        Value::Nil => "%!t(<nil>)".to_owned(),
        Value::List(list) => {
            let elements: Vec<String> = list.elements().iter().map(shown_as_bool).collect();
            format!("[{}]", elements.join(" "))
        }
        other => format!("%!t({}={})", super::types::go_type(other), go_print(other)),
    }
}
