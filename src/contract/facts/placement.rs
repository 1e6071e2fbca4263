//! Where components run, as units and as the file's own keys say.

use super::{Claim, Fact, Reader};
use crate::deployment::{BackendStore, Target};
use crate::scenario::{Component, Side, TargetKind};

/// Keys that only a server of one's own obeys.
const SERVER_KEYS: [&str; 6] =
    ["server.port", "server.listen", "server.auth", "server.environment", "server.secretEnvironment", "chart.values"];

pub(super) fn facts(reader: &Reader) -> Vec<Fact> {
    let mut facts = units(reader);
    facts.extend(own_server(reader));
    facts.extend(mlflow(reader));
    facts.extend(workload_manager(reader));
    facts
}

fn target_path(reader: &Reader) -> &'static str {
    match reader.deployment.target {
        Target::Local(_) => "target.local",
        Target::Kubernetes(_) => "target.kubernetes",
    }
}

fn runs(component: Component, target: Option<TargetKind>) -> Claim {
    Claim::Runs { component, side: Side::Customer, target }
}

/// Whatever a unit says of itself, what runs on this machine is on the customer's side. A part that runs elsewhere is
/// made from the scenario and cannot disagree with it.
fn units(reader: &Reader) -> Vec<Fact> {
    let own = reader.units.iter().filter(|unit| unit.kind.starts_with("local.") || unit.kind.starts_with("zenml."));
    own.map(|unit| {
        let because = format!("unit `{}` ({}) is on this machine", unit.id, unit.title);
        Fact::new(runs(unit.component, None), target_path(reader), because)
    })
    .collect()
}

/// Settings that nobody reads where the vendor runs the server or where there is none.
fn own_server(reader: &Reader) -> Vec<Fact> {
    if reader.is_customers(Component::Server) {
        return Vec::new();
    }
    let written = SERVER_KEYS.into_iter().filter(|path| reader.is_written(path));
    let written = written.filter(|path| *path != "chart.values" || !reader.deployment.chart.values.is_empty());
    written
        .map(|path| Fact::new(runs(Component::Server, None), path, format!("`{path}` sets up a server of your own")))
        .collect()
}

fn mlflow(reader: &Reader) -> Vec<Fact> {
    let mlflow = &reader.deployment.mlflow;
    if !mlflow.enabled || !reader.is_written("mlflow") {
        return Vec::new();
    }
    if !reader.is_vendors(Component::Mlflow) {
        let target = Some(reader.deployment.target_kind());
        return vec![Fact::new(runs(Component::Mlflow, target), "mlflow", "`mlflow` asks for a tracking server")];
    }
    let own_keys = [
        ("mlflow.port", mlflow.port.is_some()),
        ("mlflow.artifactFolder", mlflow.artifact_folder.is_some()),
        ("mlflow.backendStore", mlflow.backend_store != BackendStore::Automatic),
        ("mlflow.version", true),
    ];
    let written = own_keys.into_iter().filter(|(path, is_set)| *is_set && reader.is_written(path));
    written
        .map(|(path, _)| {
            Fact::new(runs(Component::Mlflow, None), path, format!("`{path}` sets up a tracking server of your own"))
        })
        .collect()
}

/// A part of the vendor's Pro image that starts pipelines in a cluster.
fn workload_manager(reader: &Reader) -> Vec<Fact> {
    let name = "ZENML_SERVER_WORKLOAD_MANAGER_IMPLEMENTATION_SOURCE";
    let target = Some(reader.deployment.target_kind());
    let settings = reader.scopes.iter().filter_map(|scope| scope.get(name));
    settings
        .map(|setting| {
            Fact::new(runs(Component::WorkloadManager, target), &setting.path, "it switches a workload manager on")
        })
        .collect()
}
