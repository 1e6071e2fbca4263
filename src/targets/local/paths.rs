//! Where things lie below the state folder.

use std::path::{Path, PathBuf};

use crate::unit::UnitId;

/// The state folder of `deploy` on this machine (`DEPLOY_HOME`).
#[derive(Debug, Clone)]
pub struct Home(PathBuf);

impl Home {
    pub fn new(path: PathBuf) -> Self {
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn deployments(&self) -> PathBuf {
        self.0.join("deployments")
    }

    pub fn deployment(&self, name: &str) -> DeploymentFolder {
        DeploymentFolder(self.deployments().join(name))
    }

    /// Virtual environments, shared by all deployments. Links are followed: an environment's programs name the place
    /// that it was made at, and a link may lead elsewhere tomorrow.
    pub fn python(&self) -> PathBuf {
        let path = self.0.join("python");
        let home = || Ok::<_, std::io::Error>(self.0.canonicalize()?.join("python"));
        path.canonicalize().or_else(|_| home()).unwrap_or(path)
    }
}

/// Everything of one deployment.
#[derive(Debug, Clone)]
pub struct DeploymentFolder(PathBuf);

impl DeploymentFolder {
    pub fn new(path: PathBuf) -> Self {
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// What was applied last: name, files, resolved values without secrets.
    pub fn manifest(&self) -> PathBuf {
        self.0.join("deployment.json")
    }

    pub fn journal(&self) -> PathBuf {
        self.0.join("journal.jsonl")
    }

    pub fn lock(&self) -> PathBuf {
        self.0.join("lock")
    }

    pub fn secrets(&self) -> PathBuf {
        self.0.join("secrets")
    }

    /// One record per unit that is ours.
    pub fn units(&self) -> PathBuf {
        self.0.join("units")
    }

    /// What a unit keeps: data, certificates.
    pub fn data(&self, unit: &UnitId) -> PathBuf {
        self.0.join("data").join(unit.file_name())
    }

    /// What a unit needs while it runs: process identity, generated configuration. Can be made again at any time.
    pub fn run(&self, unit: &UnitId) -> PathBuf {
        self.0.join("run").join(unit.file_name())
    }

    pub fn logs(&self) -> PathBuf {
        self.0.join("logs")
    }

    pub fn log(&self, unit: &UnitId) -> PathBuf {
        self.logs().join(format!("{}.log", unit.file_name()))
    }
}
