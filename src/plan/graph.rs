//! Units in the order in which they can be applied, with a reason on every edge.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::diagnostics::{Diagnostic, codes};
use crate::unit::{Dependency, Unit, UnitId, references};

/// Why one unit waits for another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Edge {
    pub unit: UnitId,
    pub after: UnitId,
    pub reasons: Vec<String>,
}

/// Units that wait for nothing that is not there, in an order that is the same for the same units.
#[derive(Debug, Clone)]
pub struct Graph {
    units: Vec<Unit>,
    edges: BTreeMap<UnitId, BTreeMap<UnitId, Vec<String>>>,
}

impl Graph {
    /// Orders the units. Fails on an edge to nowhere and on a circle, which it prints.
    pub fn new(units: Vec<Unit>) -> Result<Self, Diagnostic> {
        let known: BTreeSet<UnitId> = units.iter().map(|unit| unit.id.clone()).collect();
        if known.len() != units.len() {
            return Err(Diagnostic::error(codes::INTERNAL, "two units have one name"));
        }
        let mut edges = BTreeMap::new();
        for unit in &units {
            let after = edges_of(unit);
            if let Some(missing) = after.keys().find(|id| !known.contains(*id)) {
                return Err(Diagnostic::error(
                    codes::INTERNAL,
                    format!("{} waits for {missing}, which is not in the plan", unit.id),
                ));
            }
            edges.insert(unit.id.clone(), after);
        }
        let order = sort(&units, &edges)?;
        let mut by_id: BTreeMap<UnitId, Unit> = units.into_iter().map(|unit| (unit.id.clone(), unit)).collect();
        let units =
            order.into_iter().filter_map(|id| by_id.remove(&id)).map(|unit| with_all_edges(unit, &edges)).collect();
        Ok(Self { units, edges })
    }

    pub fn units(&self) -> &[Unit] {
        &self.units
    }

    pub fn get(&self, id: &UnitId) -> Option<&Unit> {
        self.units.iter().find(|unit| unit.id == *id)
    }

    /// What a unit waits for.
    pub fn before<'a>(&'a self, id: &UnitId) -> impl Iterator<Item = &'a UnitId> {
        self.edges.get(id).into_iter().flat_map(BTreeMap::keys)
    }

    /// All edges that start or end at a unit.
    pub fn edges_at(&self, id: &UnitId) -> (Vec<Edge>, Vec<Edge>) {
        let edge = |unit: &UnitId, after: &UnitId, reasons: &[String]| Edge {
            unit: unit.clone(),
            after: after.clone(),
            reasons: reasons.to_vec(),
        };
        let waits = self.edges.get(id).into_iter().flatten().map(|(after, reasons)| edge(id, after, reasons)).collect();
        let awaited = self
            .edges
            .iter()
            .filter_map(|(unit, after)| after.get(id).map(|reasons| edge(unit, id, reasons)))
            .collect();
        (waits, awaited)
    }
}

/// A unit that knows everything it waits for, so that its record alone is enough to delete it in the right order.
fn with_all_edges(mut unit: Unit, edges: &BTreeMap<UnitId, BTreeMap<UnitId, Vec<String>>>) -> Unit {
    let all = edges.get(&unit.id).into_iter().flatten();
    unit.depends_on =
        all.map(|(after, reasons)| Dependency { unit: after.clone(), reason: reasons.join("; ") }).collect();
    unit
}

fn edges_of(unit: &Unit) -> BTreeMap<UnitId, Vec<String>> {
    let mut after: BTreeMap<UnitId, Vec<String>> = BTreeMap::new();
    for dependency in &unit.depends_on {
        after.entry(dependency.unit.clone()).or_default().push(dependency.reason.clone());
    }
    for reference in references(&unit.spec) {
        if reference.unit != unit.id {
            after.entry(reference.unit).or_default().push(format!("it needs its {}", reference.output));
        }
    }
    after
}

/// Kahn's order; among units that are free, the one that was named first.
fn sort(units: &[Unit], edges: &BTreeMap<UnitId, BTreeMap<UnitId, Vec<String>>>) -> Result<Vec<UnitId>, Diagnostic> {
    let mut done: BTreeSet<&UnitId> = BTreeSet::new();
    let mut order = Vec::new();
    while order.len() < units.len() {
        let free = units
            .iter()
            .find(|unit| !done.contains(&unit.id) && edges[&unit.id].keys().all(|after| done.contains(after)));
        match free {
            Some(unit) => {
                done.insert(&unit.id);
                order.push(unit.id.clone());
            }
            None => return Err(cycle(units, edges, &done)),
        }
    }
    Ok(order)
}

/// Follows the first open edge of each unit until one comes up again: that is a circle.
fn cycle(
    units: &[Unit],
    edges: &BTreeMap<UnitId, BTreeMap<UnitId, Vec<String>>>,
    done: &BTreeSet<&UnitId>,
) -> Diagnostic {
    let mut path: Vec<&UnitId> = Vec::new();
    let mut at = units.iter().map(|unit| &unit.id).find(|id| !done.contains(id));
    while let Some(id) = at {
        if let Some(start) = path.iter().position(|seen| *seen == id) {
            path.drain(..start);
            path.push(id);
            break;
        }
        path.push(id);
        at = edges[id].keys().find(|after| !done.contains(after));
    }
    let circle: Vec<&str> = path.iter().map(|id| id.as_str()).collect();
    let reasons = path.windows(2).filter_map(|pair| {
        let reasons = edges.get(pair[0])?.get(pair[1])?;
        Some(format!("{} waits for {}: {}", pair[0], pair[1], reasons.join("; ")))
    });
    let diagnostic = Diagnostic::error(codes::PLAN_CYCLE, format!("units wait for each other: {}", circle.join(" → ")));
    reasons.fold(diagnostic.changed("nothing was changed"), Diagnostic::note)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Component, Side, TargetKind};
    use crate::unit::Text;
    use crate::unit::local::Folder;

    fn unit(id: &str) -> Unit {
        Unit::new(id, id, Component::Server, Side::Customer, TargetKind::Local, &Folder { path: None })
    }

    #[test]
    fn order_follows_edges_and_references() {
        let mut server = unit("server");
        server.spec =
            serde_json::json!({ "port": Text::output("database", "port"), "own": Text::output("server", "port") });
        let graph = Graph::new(vec![server, unit("database").after("secret", "it logs in"), unit("secret")]).unwrap();
        let order: Vec<_> = graph.units().iter().map(|u| u.id.as_str()).collect();
        assert_eq!(order, ["secret", "database", "server"]);
        let (waits, awaited) = graph.edges_at(&UnitId::new("database"));
        assert_eq!(waits[0].reasons, ["it logs in"]);
        assert_eq!(awaited[0].reasons, ["it needs its port"]);
    }

    #[test]
    fn a_circle_is_printed_with_its_reasons() {
        let error =
            Graph::new(vec![unit("a").after("b", "one"), unit("b").after("c", "two"), unit("c").after("b", "three")])
                .unwrap_err();
        assert_eq!(error.code, codes::PLAN_CYCLE);
        assert_eq!(error.title, "units wait for each other: b → c → b");
        assert_eq!(error.notes, ["b waits for c: two", "c waits for b: three"]);
    }
}
