//! Where environments lie: one folder per set of packages, shared by all deployments of this machine.
//!
//! ```text
//! python/zenml-0.98.0-py3.11-5f2c91d0/
//!   lock           held while one run builds
//!   install.log    what the installers said
//!   users/NAME     one empty file per deployment that uses it
//!   1/             the environment; one that broke is followed by 2/
//!   1/deploy-complete.json   written last: without it, the rest is not trusted
//! ```
//!
//! An environment cannot be moved (its scripts name its interpreter), so it is built at its final place.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::FlockOperation;
use serde::{Deserialize, Serialize};
use sha2::Digest as _;

use super::super::record::unwritable;
use super::super::target::{make_private_folder, remove};
use super::interpreter::Interpreter;
use crate::diagnostics::{Diagnostic, codes};
use crate::files::write_atomically;
use crate::unit::Context;
use crate::unit::local::PythonEnvironment;

const COMPLETE: &str = "deploy-complete.json";
const LOCK_TICK: Duration = Duration::from_millis(200);

/// The folder of one set of packages.
#[derive(Debug, Clone)]
pub(super) struct Shelf(PathBuf);

/// What is known of an environment that was finished.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Complete {
    /// Where it was made. Its programs name this place in their first line, so it is of no use at another.
    #[serde(default)]
    pub(super) folder: PathBuf,
    pub(super) python: String,
    /// The base interpreter that the environment's own leads to.
    pub(super) interpreter: PathBuf,
    /// Distributions and their versions, as they were installed.
    pub(super) installed: BTreeMap<String, String>,
    /// The file that the probe module is read from, relative to the environment.
    pub(super) probe_file: PathBuf,
}

/// One environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Environment(pub(super) PathBuf);

impl Environment {
    pub(super) fn python(&self) -> PathBuf {
        self.bin().join("python")
    }

    pub(super) fn bin(&self) -> PathBuf {
        self.0.join("bin")
    }

    pub(super) fn complete(&self) -> Option<Complete> {
        serde_json::from_slice(&std::fs::read(self.0.join(COMPLETE)).ok()?).ok()
    }

    fn is_complete(&self) -> bool {
        self.complete().is_some_and(|complete| complete.folder == self.0)
    }

    pub(super) fn mark_complete(&self, complete: &Complete) -> Result<(), Diagnostic> {
        let path = self.0.join(COMPLETE);
        write_atomically(&path, &serde_json::to_vec_pretty(complete).unwrap_or_default())
            .map_err(|error| unwritable(&path, &error))
    }

    /// What can be seen to be wrong without starting it.
    pub(super) fn what_is_wrong(&self) -> Option<String> {
        let Some(complete) = self.complete() else {
            let what = if self.0.exists() { "was never finished" } else { "is gone" };
            return Some(format!("{} {what}", self.0.display()));
        };
        if complete.folder != self.0 {
            return Some(format!("{} was made elsewhere and moved", self.0.display()));
        }
        // Follows the link: an interpreter that was removed or upgraded away leaves it dangling.
        if std::fs::metadata(self.python()).is_err() {
            return Some(format!("its interpreter {} is gone", complete.interpreter.display()));
        }
        let probe = self.0.join(&complete.probe_file);
        (!probe.exists()).then(|| format!("{} is gone", probe.display()))
    }
}

impl Shelf {
    /// The folder for this set. Its name begins so that people recognise it; the end tells sets apart.
    pub(super) fn of(python: &Path, wanted: &PythonEnvironment, interpreter: &Interpreter) -> Self {
        let mut packages = wanted.packages.clone();
        packages.sort();
        let [major, minor, _] = interpreter.version;
        let set = serde_json::json!({
            "packages": packages,
            "interpreter": interpreter.path,
            "version": [major, minor],
            "wheelhouse": wanted.wheelhouse,
        });
        let digest = sha2::Sha256::digest(set.to_string());
        let mut name = wanted.packages.first().map_or_else(String::new, |package| readable(package));
        let _ = write!(name, "-py{major}.{minor}-");
        for byte in digest.iter().take(4) {
            let _ = write!(name, "{byte:02x}");
        }
        Self(python.join(name))
    }

    pub(super) fn make(&self) -> Result<(), Diagnostic> {
        make_private_folder(&self.0.join("users"))
    }

    pub(super) fn log(&self) -> PathBuf {
        self.0.join("install.log")
    }

    pub(super) fn folder(&self) -> &Path {
        &self.0
    }

    /// Waits until no other run builds here. The lock is gone with the file that is given back.
    pub(super) async fn lock(&self, ctx: &Context) -> Result<File, Diagnostic> {
        let path = self.0.join("lock");
        let file = File::options().create(true).truncate(false).write(true).open(&path);
        let file = file.map_err(|error| unwritable(&path, &error))?;
        let mut said = false;
        loop {
            match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => return Ok(file),
                Err(rustix::io::Errno::WOULDBLOCK | rustix::io::Errno::INTR) => {}
                Err(error) => return Err(unwritable(&path, &error.into())),
            }
            if !said {
                (ctx.progress)("waiting: another run installs the same packages");
                said = true;
            }
            tokio::select! {
                () = tokio::time::sleep(LOCK_TICK) => {}
                () = ctx.cancel.cancelled() => {
                    return Err(Diagnostic::error(codes::RUN_CANCELLED, "cancelled while another run installed the same packages"));
                }
            }
        }
    }

    /// All environments here, finished or not, oldest first.
    fn environments(&self) -> Vec<(u32, Environment)> {
        let Ok(entries) = std::fs::read_dir(&self.0) else { return Vec::new() };
        let mut found: Vec<_> = entries
            .flatten()
            .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, Environment(entry.path()))))
            .collect();
        found.sort_by_key(|(number, _)| *number);
        found
    }

    /// The newest that was finished.
    pub(super) fn newest(&self) -> Option<Environment> {
        self.environments().into_iter().rev().map(|(_, environment)| environment).find(Environment::is_complete)
    }

    /// A place where nothing is yet.
    pub(super) fn next(&self) -> Environment {
        let number = self.environments().last().map_or(1, |(number, _)| number + 1);
        Environment(self.0.join(number.to_string()))
    }

    /// Removes what is not this environment: broken ones, and what killed runs left. A failure does no harm.
    pub(super) fn keep_only(&self, kept: &Environment) {
        for (_, other) in self.environments() {
            if other != *kept {
                let _ = remove(&other.0);
            }
        }
    }

    /// Notes that a deployment uses this.
    pub(super) fn add_user(&self, deployment: &Path) -> Result<(), Diagnostic> {
        let path = self.user(deployment);
        write_atomically(&path, deployment.display().to_string().as_bytes()).map_err(|error| unwritable(&path, &error))
    }

    fn user(&self, deployment: &Path) -> PathBuf {
        self.0.join("users").join(deployment.file_name().unwrap_or_default())
    }
}

/// Forgets that a deployment uses the environment whose programs lie in `bin`. The environment stays: it is a cache.
pub(super) fn remove_user(bin: &Path, deployment: &Path) -> Result<(), Diagnostic> {
    match bin.parent().and_then(Path::parent) {
        Some(shelf) => remove(&Shelf(shelf.to_owned()).user(deployment)),
        None => Ok(()),
    }
}

/// `zenml[server]==0.98.0` as `zenml-0.98.0`.
fn readable(package: &str) -> String {
    let (name, version) = package.split_once("==").unwrap_or((package, ""));
    let name = name.split('[').next().unwrap_or(name);
    let text = if version.is_empty() { name.to_owned() } else { format!("{name}-{version}") };
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    text.chars().map(|c| if is_plain(c) { c } else { '_' }).take(60).collect()
}
