//! The folder of a running unit: what was started, and how it ended.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{Fate, Identity, group};
use crate::causes::Exit;
use crate::files::write_atomically;
use crate::unit::Present;

/// Environment variable that marks what was started from a run folder.
pub(super) const MARKER: &str = "DEPLOY_RUN_FOLDER";

/// The folder itself, named after the unit.
#[derive(Debug, Clone)]
pub(super) struct RunFolder(PathBuf);

/// What runs, or ran.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Instance {
    /// None in the moment before the program is started.
    Process { keeper: Identity, child: Option<Identity> },
    /// Found by its labels; the start tells it from earlier ones.
    Container { engine: PathBuf, start: String },
}

/// `process.json`: written before anything is started and again as soon as its identity is known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(clippy::struct_field_names, reason = "the names of the file")]
pub(super) struct Started {
    pub(super) instance: Instance,
    pub(super) started_at: Timestamp,
    /// Program and arguments, which hold no secrets.
    pub(super) command: Vec<String>,
    /// With which spec and secrets it was started.
    pub(super) present: Present,
}

/// `exit.json`: how it ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(clippy::struct_field_names, reason = "the names of the file")]
pub(super) struct Ended {
    pub(super) child: Identity,
    pub(super) exit: Exit,
    pub(super) ended_at: Timestamp,
    /// What shows that memory ran out, if it did.
    pub(super) memory: Option<String>,
}

/// What has become of what was started.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum State {
    /// Nothing was started here, or everything of it was removed.
    Never,
    /// Its keeper is about to start it, or to write down how it ended.
    Changing(Started),
    Running(Started),
    Gone(Started, Farewell),
}

/// How a process went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Farewell {
    pub(super) exit: Exit,
    pub(super) memory: Option<String>,
    pub(super) fate: Fate,
}

impl Instance {
    /// Number of the process, where there is one of ours.
    pub(super) fn pid(&self) -> Option<u32> {
        match self {
            Self::Process { child, .. } => child.as_ref().and_then(|child| u32::try_from(child.pid).ok()),
            Self::Container { .. } => None,
        }
    }
}

impl RunFolder {
    pub(super) fn new(path: PathBuf) -> Self {
        Self(path)
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Held by a keeper as long as it lives, and by whoever removes the folder. None if another holds it. The folder
    /// is not made: a keeper that comes late must not bring back what was removed.
    pub(super) fn lock(&self) -> io::Result<Option<File>> {
        let path = self.0.join("keeper.lock");
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Err(rustix::io::Errno::WOULDBLOCK) => return Ok(None),
            other => other?,
        }
        // The folder may have been removed between opening and locking.
        let is_current =
            std::fs::metadata(&path).is_ok_and(|now| file.metadata().is_ok_and(|own| own.ino() == now.ino()));
        Ok(is_current.then_some(file))
    }

    fn started_file(&self) -> PathBuf {
        self.0.join("process.json")
    }

    fn ended_file(&self) -> PathBuf {
        self.0.join("exit.json")
    }

    /// Names of our own files, which a unit's files must not take.
    pub(super) fn reserves(name: &str) -> bool {
        matches!(name, "process.json" | "exit.json" | "keeper.lock")
    }

    /// What was started last; a file that cannot be understood counts as none.
    pub(super) fn started(&self) -> Option<Started> {
        read(&self.started_file())
    }

    /// How that process ended, if somebody saw it.
    pub(super) fn ended(&self, child: &Identity) -> Option<Ended> {
        read::<Ended>(&self.ended_file()).filter(|ended| ended.child == *child)
    }

    pub(super) fn write_started(&self, started: &Started) -> io::Result<()> {
        write_atomically(&self.started_file(), &serde_json::to_vec_pretty(started)?)
    }

    /// Nothing was started after all.
    pub(super) fn forget(&self) {
        let _ = std::fs::remove_file(self.started_file());
    }

    pub(super) fn write_ended(&self, ended: &Ended) -> io::Result<()> {
        write_atomically(&self.ended_file(), &serde_json::to_vec_pretty(ended)?)
    }

    pub(super) fn remove(&self) -> io::Result<()> {
        match std::fs::remove_dir_all(&self.0) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Asks reality about a process. Containers are asked through their engine.
    pub(super) fn state(&self) -> State {
        let Some(started) = self.started() else { return State::Never };
        let Instance::Process { keeper, child } = started.instance.clone() else { return State::Never };
        let Some(child) = child else {
            let fate = keeper.fate();
            return match fate {
                Fate::Alive => State::Changing(started),
                fate => State::Gone(started, Farewell { exit: Exit::Unseen, memory: None, fate }),
            };
        };
        // The order matters: once the process is seen gone, a keeper that lives has not written its end down yet.
        let fate = child.fate();
        if fate == Fate::Alive {
            return State::Running(started);
        }
        let keeper_lives = keeper.is_alive();
        match self.ended(&child) {
            Some(Ended { exit, memory, .. }) => State::Gone(started, Farewell { exit, memory, fate }),
            None if keeper_lives => State::Changing(started),
            None => State::Gone(started, Farewell { exit: Exit::Unseen, memory: None, fate }),
        }
    }

    /// Every live process that came of it, without its keeper.
    pub(super) fn members(&self, started: &Started) -> Vec<Identity> {
        match &started.instance {
            Instance::Process { keeper, child } => group::of_keeper(keeper, child.as_ref(), self.0.as_os_str()),
            Instance::Container { .. } => Vec::new(),
        }
    }
}

impl Farewell {
    /// For people: `exited with code 3`.
    pub(super) fn describe(&self) -> String {
        match (self.exit, &self.fate) {
            (Exit::Unseen, Fate::Rebooted) => "is gone: the machine was started again since".to_owned(),
            (Exit::Unseen, Fate::Foreign(name)) => {
                format!("is gone; its number now belongs to another program ({name}), which is left alone")
            }
            (exit, _) => exit.to_string(),
        }
    }
}

fn read<T: DeserializeOwned>(path: &Path) -> Option<T> {
    serde_json::from_slice(&std::fs::read(path).ok()?).ok()
}
