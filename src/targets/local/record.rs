//! Ownership, written beside the thing itself: one small file per unit. The inventory is the folder of these files.

use std::io;
use std::path::PathBuf;

use super::paths::DeploymentFolder;
use crate::diagnostics::{Diagnostic, codes};
use crate::files::write_atomically;
use crate::unit::{Context, Outputs, Owned, Present, Unit, UnitId, secrets_used};

/// The records of one deployment.
#[derive(Debug, Clone)]
pub struct Records {
    folder: DeploymentFolder,
}

impl Records {
    pub fn new(folder: DeploymentFolder) -> Self {
        Self { folder }
    }

    fn path(&self, unit: &UnitId) -> PathBuf {
        self.folder.units().join(format!("{}.json", unit.file_name()))
    }

    /// What was applied last under this id. A file that cannot be understood counts as none: reality is asked anyway.
    pub fn read(&self, unit: &UnitId) -> Result<Option<Owned>, Diagnostic> {
        match std::fs::read(self.path(unit)) {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes).ok()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(unreadable(&self.path(unit), &error)),
        }
    }

    /// Claims a unit: what it is, with which secrets (by fingerprint) and outputs.
    pub fn write(&self, unit: &Unit, outputs: &Outputs, ctx: &Context) -> Result<(), Diagnostic> {
        let secrets = ctx.secrets.fingerprints(&secrets_used(&unit.spec))?;
        let present = Present { spec: unit.spec.clone(), secrets, outputs: outputs.clone(), ..Present::default() };
        self.write_owned(&Owned { unit: unit.clone(), present })
    }

    /// Notes that of a deleted unit only its data is left.
    pub fn keep(&self, owned: &Owned) -> Result<(), Diagnostic> {
        let present = Present { kept: true, ..owned.present.clone() };
        self.write_owned(&Owned { unit: owned.unit.clone(), present })
    }

    pub fn write_owned(&self, owned: &Owned) -> Result<(), Diagnostic> {
        let path = self.path(&owned.unit.id);
        let text = serde_json::to_vec_pretty(owned).unwrap_or_default();
        write_atomically(&path, &text).map_err(|error| unwritable(&path, &error))
    }

    pub fn remove(&self, unit: &UnitId) -> Result<(), Diagnostic> {
        match std::fs::remove_file(self.path(unit)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(unwritable(&self.path(unit), &error)),
            _ => Ok(()),
        }
    }
}

/// Every unit of a deployment that is ours, by reading the folder.
pub fn inventory(folder: &DeploymentFolder) -> Result<Vec<Owned>, Diagnostic> {
    let entries = match std::fs::read_dir(folder.units()) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unreadable(&folder.units(), &error)),
    };
    let mut found = Vec::new();
    for entry in entries.flatten() {
        let path = entry.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            let bytes = std::fs::read(&path).map_err(|error| unreadable(&path, &error))?;
            if let Ok(owned) = serde_json::from_slice::<Owned>(&bytes) {
                found.push(owned);
            }
        }
    }
    found.sort_by(|a, b| a.unit.id.cmp(&b.unit.id));
    Ok(found)
}

fn unreadable(path: &std::path::Path, error: &io::Error) -> Diagnostic {
    Diagnostic::error(codes::TARGET_HOME_UNWRITABLE, "cannot read the deployment's folder")
        .at(path.display().to_string())
        .cause(error.to_string())
}

pub(super) fn unwritable(path: &std::path::Path, error: &io::Error) -> Diagnostic {
    Diagnostic::error(codes::of_unwritable(error), "cannot write to the deployment's folder")
        .at(path.display().to_string())
        .cause(error.to_string())
        .changed("nothing was lost; the step can be run again")
        .next("make room or correct the permissions, then run `deploy apply` again")
}
