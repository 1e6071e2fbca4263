//! Where artifacts of pipelines lie.

use crate::deployment::{ArtifactStore, Deployment};
use crate::scenario::{Component, DataClass, TargetKind};
use crate::unit::Unit;
use crate::unit::local::Folder;

pub(super) fn units(deployment: &Deployment) -> Vec<Unit> {
    let ArtifactStore::Local { folder } = &deployment.artifact_store else { return Vec::new() };
    if !deployment.has(Component::ArtifactStore) {
        return Vec::new();
    }
    let side = deployment.side(Component::ArtifactStore);
    let spec = Folder { path: folder.clone() };
    vec![
        Unit::new("artifact-store", "folder of artifacts", Component::ArtifactStore, side, TargetKind::Local, &spec)
            .holding(DataClass::Artifacts, "artifacts and step logs of pipelines"),
    ]
}
