//! Folders that hold data.

use std::path::{Path, PathBuf};

use async_trait::async_trait;

use super::record::unwritable;
use super::target::{LocalTarget, make_private_folder, remove, spec};
use crate::diagnostics::Diagnostic;
use crate::unit::local::Folder;
use crate::unit::{Context, DataFate, Deleted, Driver, DriverResult, Observation, Outputs, Owned, Spec as _, Unit};

/// Whether the folder was made by us; one that was there before is never removed.
const MADE: &str = "made";

/// Driver of [`Folder`].
pub(super) struct FolderDriver(pub(super) LocalTarget);

impl FolderDriver {
    fn path(&self, unit: &Unit) -> Result<PathBuf, Diagnostic> {
        let folder: Folder = spec(unit)?;
        Ok(match folder.path {
            Some(path) => self.0.world.current_folder.join(path),
            None => self.0.folder.data(&unit.id),
        })
    }
}

#[async_trait]
impl Driver for FolderDriver {
    fn kind(&self) -> &'static str {
        Folder::KIND
    }

    async fn observe(&self, unit: &Unit, _ctx: &Context) -> DriverResult<Observation> {
        Ok(self.0.recorded(unit, |present| what_is_wrong(Path::new(present.outputs.get("path")?)))?)
    }

    fn refuses_change(&self, field: &str) -> Option<&'static str> {
        (field == "path").then_some("what the folder holds would stay behind; move it yourself and apply again")
    }

    async fn apply(&self, unit: &Unit, ctx: &Context) -> DriverResult<Outputs> {
        let path = self.path(unit)?;
        let before = self.0.records().read(&unit.id)?;
        let made = match before.as_ref().and_then(|owned| owned.present.outputs.get(MADE)) {
            Some(made) => made.clone(),
            None => (!path.exists()).to_string(),
        };
        let outputs = Outputs::from([("path".to_owned(), path.display().to_string()), (MADE.to_owned(), made)]);
        if before.is_none() {
            // First, so that a killed run cannot forget whether the folder was there before.
            self.0.records().write(unit, &outputs, ctx)?;
        }
        make_private_folder(&path)?;
        // Permissions, read-only disks and full ones all show themselves in an attempt to write.
        tempfile::tempfile_in(&path).map_err(|error| unwritable(&path, &error))?;
        self.0.records().write(unit, &outputs, ctx)?;
        Ok(outputs)
    }

    async fn delete(&self, owned: &Owned, data: DataFate, _ctx: &Context) -> DriverResult<Deleted> {
        let path = self.path(&owned.unit)?;
        let is_ours = owned.present.outputs.get(MADE).is_some_and(|made| made == "true");
        let is_there = path.exists();
        if is_there && data == DataFate::Keep {
            self.0.records().keep(owned)?;
            return Ok(Deleted { kept: vec![path.display().to_string()] });
        }
        let mut deleted = Deleted::default();
        if is_ours {
            remove(&path)?;
        } else if is_there {
            deleted.kept.push(format!("{} (it was there before)", path.display()));
        }
        self.0.records().remove(&owned.unit.id)?;
        Ok(deleted)
    }
}

fn what_is_wrong(path: &Path) -> Option<String> {
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => None,
        Ok(_) => Some("it is not a folder".to_owned()),
        Err(error) => Some(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::super::testing::Ground;
    use super::*;
    use crate::diagnostics::codes;

    #[tokio::test]
    async fn a_folder_of_ours_comes_and_goes_with_the_data() {
        let ground = Ground::new();
        let driver = FolderDriver(ground.target.clone());
        let ctx = ground.context();
        let unit = Ground::unit("artifacts", &Folder { path: None });
        assert_eq!(driver.observe(&unit, &ctx).await.unwrap(), Observation::Absent);
        let outputs = driver.apply(&unit, &ctx).await.unwrap();
        let path = Path::new(&outputs["path"]);
        assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o700);
        assert_eq!(driver.apply(&unit, &ctx).await.unwrap(), outputs);
        std::fs::write(path.join("model"), "weights").unwrap();
        let owned = ground.owned("artifacts");
        assert_eq!(driver.delete(&owned, DataFate::Keep, &ctx).await.unwrap().kept, [outputs["path"].clone()]);
        assert!(path.join("model").exists());
        assert!(ground.owned("artifacts").present.kept, "a plan is not to delete it again");
        driver.apply(&unit, &ctx).await.unwrap();
        assert!(!ground.owned("artifacts").present.kept);
        std::fs::rename(path, path.with_extension("moved")).unwrap();
        assert!(matches!(driver.observe(&unit, &ctx).await.unwrap(), Observation::Present(p) if p.broken.is_some()));
        std::fs::rename(path.with_extension("moved"), path).unwrap();
        assert!(driver.delete(&owned, DataFate::Delete, &ctx).await.unwrap().kept.is_empty());
        assert!(!path.exists());
    }

    #[tokio::test]
    async fn a_folder_that_was_there_before_is_never_removed() {
        let ground = Ground::new();
        let driver = FolderDriver(ground.target.clone());
        let ctx = ground.context();
        let theirs = ground.target.home.path().join("theirs");
        std::fs::create_dir(&theirs).unwrap();
        let unit = Ground::unit("artifacts", &Folder { path: Some(theirs.clone()) });
        driver.apply(&unit, &ctx).await.unwrap();
        let deleted = driver.delete(&ground.owned("artifacts"), DataFate::Delete, &ctx).await.unwrap();
        assert!(deleted.kept[0].contains("was there before"));
        assert!(theirs.exists());
    }

    #[tokio::test]
    async fn a_place_that_cannot_be_written_is_named() {
        let ground = Ground::new();
        let driver = FolderDriver(ground.target.clone());
        let unit = Ground::unit("artifacts", &Folder { path: Some("/proc/nothing/here".into()) });
        let error = driver.apply(&unit, &ground.context()).await.unwrap_err();
        assert_eq!(error.diagnostic.code, codes::TARGET_HOME_UNWRITABLE);
        assert_eq!(error.diagnostic.place.as_deref(), Some("/proc/nothing/here"));
    }
}
