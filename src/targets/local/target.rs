//! What every driver of this machine needs: whose folder it is, and the world outside.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::paths::{DeploymentFolder, Home};
use super::record::{Records, unwritable};
use crate::diagnostics::{Diagnostic, codes};
use crate::unit::{Context, Driver, Observation, Owned, Present, Spec, Unit, UnitId};
use crate::world::World;

/// One deployment on this machine.
#[derive(Clone)]
pub struct LocalTarget {
    pub home: Home,
    pub folder: DeploymentFolder,
    pub world: World,
}

impl LocalTarget {
    pub fn new(world: World, deployment: &str) -> Self {
        let home = Home::new(world.home.clone());
        Self { folder: home.deployment(deployment), home, world }
    }

    /// Drivers of every kind of unit on this machine, by kind.
    pub fn drivers(&self) -> BTreeMap<&'static str, Arc<dyn Driver>> {
        let all = self.preparation_drivers().into_iter().chain(self.process_drivers());
        all.map(|driver| (driver.kind(), driver)).collect()
    }

    pub fn records(&self) -> Records {
        Records::new(self.folder.clone())
    }

    /// Says that a unit is ours before anything of it is made, so that what a killed run leaves is found and can be
    /// deleted. Until [`Records::write`] is called at the end, the unit counts as broken.
    pub(super) fn claim(&self, unit: &Unit, ctx: &Context) -> Result<(), Diagnostic> {
        let records = self.records();
        let mut present = match records.read(&unit.id)? {
            Some(owned) => owned.present,
            None => Present {
                spec: unit.spec.clone(),
                secrets: ctx.secrets.fingerprints(&crate::unit::secrets_used(&unit.spec))?,
                ..Present::default()
            },
        };
        present.broken = Some("an earlier run did not finish it".to_owned());
        present.kept = false;
        records.write_owned(&Owned { unit: unit.clone(), present })
    }

    /// What was recorded, with what `examine` finds wrong with it now.
    pub(super) fn recorded(
        &self,
        unit: &Unit,
        examine: impl FnOnce(&Present) -> Option<String>,
    ) -> Result<Observation, Diagnostic> {
        let Some(Owned { mut present, .. }) = self.records().read(&unit.id)? else { return Ok(Observation::Absent) };
        if present.broken.is_none() {
            present.broken = examine(&present);
        }
        Ok(Observation::Present(Box::new(present)))
    }

    /// The folder that a unit's data lies in, made if need be, closed to others.
    pub(super) fn data_folder(&self, unit: &UnitId) -> Result<std::path::PathBuf, Diagnostic> {
        let path = self.folder.data(unit);
        make_private_folder(&path)?;
        Ok(path)
    }
}

/// A unit's spec as its type. Specs are made by us; one that does not fit was written by another release.
pub(super) fn spec<S: Spec>(unit: &Unit) -> Result<S, Diagnostic> {
    serde_json::from_value(unit.spec.clone()).map_err(|error| {
        Diagnostic::error(codes::INTERNAL, format!("the unit `{}` is not written as {} expects", unit.id, S::KIND))
            .cause(error.to_string())
    })
}

/// Makes a folder and those above it; new ones are closed to others.
pub(super) fn make_private_folder(path: &Path) -> Result<(), Diagnostic> {
    use std::os::unix::fs::DirBuilderExt as _;
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(|error| unwritable(path, &error))
}

/// Removes a file or a folder with all it holds; what is not there is gone already.
pub(super) fn remove(path: &Path) -> Result<(), Diagnostic> {
    let removed = match std::fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => std::fs::remove_dir_all(path),
        Ok(_) => std::fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(unwritable(path, &error)),
        _ => Ok(()),
    }
}
