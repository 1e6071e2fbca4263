//! One writer per deployment.
//!
//! The lock is the kernel's (flock), so it ends with its process, however that dies; a live holder cannot be robbed.
//! The file's content tells others who holds it, since when and at which step.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};

use crate::diagnostics::{Diagnostic, codes};

/// Who holds a lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Holder {
    pub run: String,
    pub verb: String,
    /// `ana@laptop`.
    pub by: String,
    pub pid: u32,
    pub since: Timestamp,
    /// What it is doing.
    pub step: String,
    pub beat: Timestamp,
}

/// A lock as others see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LockState {
    Free,
    Held(Box<Holder>),
    /// Nobody holds it; the last holder died without giving it back.
    LeftBehind(Box<Holder>),
}

/// A held lock; given back when dropped.
#[derive(Debug, Clone)]
pub struct Lock {
    shared: Arc<Mutex<Held>>,
}

#[derive(Debug)]
struct Held {
    file: File,
    holder: Holder,
}

const BETWEEN_TRIES: Duration = Duration::from_millis(200);

impl Lock {
    /// Takes the lock, waiting at most `patience` for another run to end.
    pub async fn take(path: &Path, holder: Holder, patience: Duration) -> Result<Self, Diagnostic> {
        let file = open(path).map_err(|error| unwritable(path, &error))?;
        let started = tokio::time::Instant::now();
        loop {
            match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => break,
                Err(rustix::io::Errno::WOULDBLOCK) if started.elapsed() < patience => {
                    tokio::time::sleep(BETWEEN_TRIES).await;
                }
                Err(rustix::io::Errno::WOULDBLOCK) => return Err(held(path, &file)),
                Err(error) => return Err(unwritable(path, &error.into())),
            }
        }
        let mut held = Held { file, holder };
        held.write().map_err(|error| unwritable(path, &error))?;
        Ok(Self { shared: Arc::new(Mutex::new(held)) })
    }

    /// Says what the run is doing now.
    pub fn beat(&self, step: Option<&str>, now: Timestamp) {
        let mut held = self.shared.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(step) = step {
            step.clone_into(&mut held.holder.step);
        }
        held.holder.beat = now;
        // The beat is for readers; the lock itself is the kernel's.
        let _ = held.write();
    }
}

impl Held {
    fn write(&mut self) -> io::Result<()> {
        let text = serde_json::to_vec(&self.holder).unwrap_or_default();
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(&text)?;
        self.file.set_len(text.len() as u64)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let _ = self.file.set_len(0);
    }
}

fn open(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
}

/// Who holds the lock, without taking it.
pub fn inspect(path: &Path) -> Result<LockState, Diagnostic> {
    let file = match OpenOptions::new().read(true).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(LockState::Free),
        Err(error) => return Err(unwritable(path, &error)),
    };
    let holder = read_holder(&file);
    match flock(&file, FlockOperation::NonBlockingLockShared) {
        Ok(()) => Ok(holder.map_or(LockState::Free, |holder| LockState::LeftBehind(Box::new(holder)))),
        Err(_) => Ok(holder.map_or(LockState::Free, |holder| LockState::Held(Box::new(holder)))),
    }
}

fn read_holder(mut file: &File) -> Option<Holder> {
    let mut text = String::new();
    file.seek(SeekFrom::Start(0)).ok()?;
    file.read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

fn held(path: &Path, file: &File) -> Diagnostic {
    let diagnostic = Diagnostic::error(codes::LOCK_HELD, "another run works on this deployment")
        .at(path.display().to_string())
        .changed("nothing was changed")
        .next("wait for it: --lock-timeout 10m");
    match read_holder(file) {
        Some(holder) => diagnostic
            .cause(format!("{} by {} (process {}), at: {}", holder.verb, holder.by, holder.pid, holder.step))
            .note(format!("it holds the lock since {}, last sign of life {}", holder.since, holder.beat)),
        None => diagnostic,
    }
}

fn unwritable(path: &Path, error: &io::Error) -> Diagnostic {
    Diagnostic::error(codes::of_unwritable(error), "cannot take the deployment's lock")
        .at(path.display().to_string())
        .cause(error.to_string())
        .changed("nothing was changed")
        .next("make room, correct the permissions, or set DEPLOY_HOME to a folder that can be written")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holder(run: &str) -> Holder {
        let now = Timestamp::now();
        Holder {
            run: run.into(),
            verb: "apply".into(),
            by: "ana@laptop".into(),
            pid: std::process::id(),
            since: now,
            step: "starting".into(),
            beat: now,
        }
    }

    #[tokio::test]
    async fn one_holder_at_a_time_and_the_other_is_told_who() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        assert_eq!(inspect(&path).unwrap(), LockState::Free);
        let lock = Lock::take(&path, holder("one"), Duration::ZERO).await.unwrap();
        lock.beat(Some("server"), Timestamp::now());
        let refused = Lock::take(&path, holder("two"), Duration::ZERO).await.unwrap_err();
        assert_eq!(refused.code, codes::LOCK_HELD);
        assert!(refused.cause.unwrap().contains("ana@laptop"));
        assert!(matches!(inspect(&path).unwrap(), LockState::Held(h) if h.step == "server"));
        drop(lock);
        assert_eq!(inspect(&path).unwrap(), LockState::Free);
        Lock::take(&path, holder("two"), Duration::ZERO).await.unwrap();
    }

    #[tokio::test]
    async fn what_a_dead_holder_left_is_recognised_and_taken_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        std::fs::write(&path, serde_json::to_vec(&holder("dead")).unwrap()).unwrap();
        assert!(matches!(inspect(&path).unwrap(), LockState::LeftBehind(h) if h.run == "dead"));
        Lock::take(&path, holder("two"), Duration::ZERO).await.unwrap();
    }
}
