//! A deployment, opened: its files read and resolved, its graph made, its folder and secrets at hand.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::args::Selection;
use super::failure::Failure;
use super::settings::Settings;
use crate::components;
use crate::contract;
use crate::deployment::{Layer, ResolveOptions, Resolved, is_secret_key, resolve};
use crate::diagnostics::{Diagnostic, Findings, Origin, Severity, codes};
use crate::engine::{Drivers, Engine};
use crate::files::write_atomically;
use crate::plan::{Change, Graph, Plan};
use crate::secrets::{SecretStore, Secrets};
use crate::targets::local::{DeploymentFolder, Home, LocalTarget, inventory};
use crate::unit::{Context, Outputs, Owned, Unit, UnitId};
use crate::yaml::Node;

/// What a deployment was made from, kept in its folder so that it can be named without its files.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Manifest {
    pub(super) api_version: String,
    pub(super) name: String,
    pub(super) scenario: String,
    pub(super) release: String,
    /// Absolute paths of the files, the first one first.
    pub(super) files: Vec<PathBuf>,
    /// Folder that relative paths in the files start from.
    pub(super) folder: PathBuf,
    /// All layers as one, without values of secrets.
    pub(super) tree: Value,
}

/// A deployment ready to be planned.
pub(super) struct Opened {
    pub(super) resolved: Resolved,
    pub(super) graph: Graph,
    pub(super) folder: DeploymentFolder,
    pub(super) secrets: Arc<Secrets>,
    pub(super) drivers: Drivers,
    pub(super) manifest: Manifest,
}

/// Opens the selected deployment: from its files, or by the name under which it was applied.
pub(super) fn open(selection: &Selection, settings: &Settings) -> Result<Opened, Failure> {
    if let Some(name) = &selection.name {
        let manifest = read_manifest(&Home::new(settings.world.home.clone()), name)?;
        return open_manifest(manifest, selection, settings);
    }
    let files =
        if selection.files.is_empty() { vec![PathBuf::from("deployment.yaml")] } else { selection.files.clone() };
    let layers = settings.layers(selection, &files)?;
    let absolute: Vec<PathBuf> = files.iter().map(|file| settings.world.current_folder.join(file)).collect();
    let folder = absolute.first().and_then(|file| file.parent()).unwrap_or(Path::new("/")).to_owned();
    open_layers(&layers, absolute, folder, selection.allow_inline_secrets, settings)
}

/// As [`open`], but what was applied under a name is taken as it was then: values from outside have no say in what is
/// only to be taken down, and cannot hinder it.
pub(super) fn open_as_applied(selection: &Selection, settings: &Settings) -> Result<Opened, Failure> {
    let Some(name) = &selection.name else { return open(selection, settings) };
    let manifest = read_manifest(&Home::new(settings.world.home.clone()), name)?;
    open_tree(manifest, Vec::new(), selection, settings)
}

/// Opens a deployment from what was kept about it.
pub(super) fn open_manifest(manifest: Manifest, selection: &Selection, settings: &Settings) -> Result<Opened, Failure> {
    let assignments = settings.assignments(selection)?.into_iter().map(Layer::Assignment).collect();
    open_tree(manifest, assignments, selection, settings)
}

fn open_tree(
    manifest: Manifest,
    above: Vec<Layer>,
    selection: &Selection,
    settings: &Settings,
) -> Result<Opened, Failure> {
    let origin = Origin::Flag(format!("--name {}", manifest.name));
    let mut layers = vec![Layer::File(Node::from_json(&manifest.tree, &origin))];
    layers.extend(above);
    open_layers(&layers, manifest.files, manifest.folder, selection.allow_inline_secrets, settings)
}

fn open_layers(
    layers: &[Layer],
    files: Vec<PathBuf>,
    folder: PathBuf,
    allow_inline_secrets: bool,
    settings: &Settings,
) -> Result<Opened, Failure> {
    let catalogue = settings.catalogue()?;
    let options = ResolveOptions { allow_inline_secrets, folder: folder.clone() };
    let resolved = resolve(layers, &|name| catalogue.find(name), &options)?;
    let units = components::units(&resolved.deployment, &resolved.secrets);
    let violations = contract::check(&resolved, &units);
    if violations.iter().any(|violation| violation.severity == Severity::Error) {
        return Err(Findings(violations).into());
    }
    let graph = Graph::new(units)?;
    let deployment = &resolved.deployment;
    let manifest = Manifest {
        api_version: "deploy/v1".to_owned(),
        name: deployment.name.clone(),
        scenario: deployment.scenario.name.clone(),
        release: deployment.release.clone(),
        files,
        folder,
        tree: without_secret_values(&resolved.tree),
    };
    let target = LocalTarget::new(settings.world.clone(), &deployment.name);
    let store = SecretStore::new(target.folder.secrets());
    let secrets = Secrets::new(resolved.secrets.clone(), store, settings.world.clone(), Settings::ask_secret());
    Ok(Opened {
        folder: target.folder.clone(),
        secrets: Arc::new(secrets),
        drivers: target.drivers(),
        resolved,
        graph,
        manifest,
    })
}

/// Values that stand in the file itself are kept with the other secrets, not here.
fn without_secret_values(tree: &Node) -> Value {
    let mut json = tree.to_json();
    for (path, leaf) in tree.leaves() {
        let is_source = leaf.as_text().is_some_and(|text| matches!(text, "generate" | "prompt"));
        if is_secret_key(&path) && leaf.as_map().is_none() && !is_source {
            let pointer = format!("/{}", path.replace('.', "/"));
            if let Some(value) = json.pointer_mut(&pointer) {
                *value = serde_json::json!({ "prompt": true });
            }
        }
    }
    json
}

fn read_manifest(home: &Home, name: &str) -> Result<Manifest, Failure> {
    let path = home.deployment(name).manifest();
    let found = std::fs::read(&path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    found.ok_or_else(|| {
        let known = names(home);
        let diagnostic =
            Diagnostic::error(codes::TARGET_NO_DEPLOYMENT, format!("no deployment `{name}` on this machine"))
                .at(home.path().display().to_string())
                .changed("nothing was changed");
        let diagnostic = match crate::diagnostics::suggest::nearest(name, &known) {
            Some(near) => diagnostic.next(format!("did you mean `{near}`?")),
            None => diagnostic.next("apply it first: deploy apply -f FILE"),
        };
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        diagnostic.note(format!("deployments here: {known}")).into()
    })
}

/// Deployments that were applied from this machine.
pub(super) fn names(home: &Home) -> Vec<String> {
    let entries = std::fs::read_dir(home.deployments()).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .filter(|entry| entry.path().join("deployment.json").is_file())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort();
    names
}

impl Opened {
    pub(super) fn name(&self) -> &str {
        &self.resolved.deployment.name
    }

    pub(super) fn inventory(&self) -> Result<Vec<Owned>, Failure> {
        Ok(inventory(&self.folder)?)
    }

    /// An engine for looking only.
    pub(super) fn context(&self, cancel: CancellationToken, time_limit: Duration) -> Context {
        Context { secrets: Arc::clone(&self.secrets), progress: Arc::new(|_| {}), cancel, time_limit }
    }

    /// What would be done, and what the units that are there say of themselves.
    pub(super) async fn plan(
        &self,
        engine: &Engine<'_>,
    ) -> Result<(Plan, std::collections::BTreeMap<UnitId, Outputs>), Failure> {
        let inventory = self.inventory()?;
        let (changes, outputs) = engine.plan(&self.graph, &inventory).await?;
        Ok((self.as_plan(changes), outputs))
    }

    fn as_plan(&self, changes: Vec<Change>) -> Plan {
        let deployment = &self.resolved.deployment;
        let units: Vec<Unit> = self.graph.units().to_vec();
        Plan::new(&deployment.name, &deployment.scenario.name, &deployment.release, changes, units)
    }

    /// Refuses to turn a deployment of another file into this one.
    pub(super) fn check_name_is_ours(&self, settings: &Settings) -> Result<(), Failure> {
        let home = Home::new(settings.world.home.clone());
        let Ok(before) = read_manifest(&home, self.name()) else { return Ok(()) };
        let (Some(old), Some(new)) = (before.files.first(), self.manifest.files.first()) else { return Ok(()) };
        let moved = !old.exists() && before.scenario == self.manifest.scenario;
        if same_file(old, new) || moved || self.inventory()?.is_empty() {
            return Ok(());
        }
        Err(Diagnostic::error(codes::TARGET_NAME_TAKEN, format!("another deployment is named `{}`", self.name()))
            .at(self.folder.path().display().to_string())
            .cause(format!("it was made from {} (scenario {})", old.display(), before.scenario))
            .changed("nothing was changed")
            .next("choose another `name:`")
            .next("or take it over: deploy apply --adopt")
            .into())
    }

    /// Keeps what the deployment is made from.
    pub(super) fn write_manifest(&self) -> Result<(), Failure> {
        let path = self.folder.manifest();
        let text = serde_json::to_vec_pretty(&self.manifest).unwrap_or_default();
        write_atomically(&path, &text).map_err(|error| {
            Failure::from(
                Diagnostic::error(codes::of_unwritable(&error), "cannot write to the deployment's folder")
                    .at(path.display().to_string())
                    .cause(error.to_string())
                    .changed("nothing was changed")
                    .next("make room, correct the permissions, or set DEPLOY_HOME to another folder"),
            )
        })
    }
}

fn same_file(a: &Path, b: &Path) -> bool {
    let real = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    real(a) == real(b)
}
