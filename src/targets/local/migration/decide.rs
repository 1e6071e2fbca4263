//! What to do about a schema, given how it stands and what an earlier run began. Pure.
//!
//! MySQL-family databases cannot undo a change of a schema, so a migration that was cut off can neither go on nor be
//! run again: the database as it was before has to be put back first.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::database::Standing;
use crate::diagnostics::Diagnostic;
use crate::files::write_atomically;
use crate::targets::local::record::unwritable;
use crate::targets::local::target::remove;

/// Written before a migration begins, removed when it is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Begun {
    /// The revision at the beginning; none if the database was empty.
    pub(super) from: Option<String>,
    pub(super) to: String,
    /// The database as it was.
    pub(super) backup: Option<PathBuf>,
}

/// The next thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Todo {
    /// The database is new: make the schema.
    Make,
    /// A first migration was cut off before anything but tables was in it: remove those, then make the schema.
    ClearAndMake,
    /// The schema is of this release: let the server's migration check it.
    Check,
    /// The schema came to this release, and what follows was cut off.
    Finish,
    /// Back up, then upgrade.
    Upgrade {
        from: String,
    },
    /// An upgrade was cut off at a release in between, or somebody made that upgrade by hand: go on from here, and
    /// only if that fails put the backup back.
    GoOn {
        backup: PathBuf,
    },
    /// Put the backup back, then look again.
    Restore {
        backup: PathBuf,
    },
    Refuse(Refusal),
}

/// Why nothing can be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The schema is of this newer release.
    Ahead(String),
    /// Somebody else's migration was cut off, at this step if known.
    CutOff(Option<String>),
}

pub(super) fn decide(standing: &Standing, begun: Option<&Begun>, release: &str) -> Todo {
    let from = begun.map(|begun| begun.from.as_deref());
    let backup = begun.and_then(|begun| begun.backup.clone());
    match (standing, from, backup) {
        (Standing::Equal, None, _) => Todo::Check,
        (Standing::Equal, Some(_), _) => Todo::Finish,
        // Without a backup there is nothing to put back, and an empty database loses nothing.
        (Standing::Empty, None | Some(None), _) | (Standing::Empty, _, None) => Todo::Make,
        (Standing::Unfinished(None), Some(None), _) => Todo::ClearAndMake,
        (Standing::Empty | Standing::Unfinished(_), Some(Some(_)), Some(backup)) => Todo::Restore { backup },
        (Standing::Ahead(_), Some(Some(from)), Some(backup)) if is_taken_back(from, release) => {
            Todo::Restore { backup }
        }
        (Standing::Ahead(revision), ..) => Todo::Refuse(Refusal::Ahead(revision.clone())),
        (Standing::Behind(revision), Some(Some(from)), Some(backup))
            if from != revision && begun.is_some_and(|begun| begun.to == release) =>
        {
            Todo::GoOn { backup }
        }
        (Standing::Behind(revision), ..) => Todo::Upgrade { from: revision.clone() },
        (Standing::Unfinished(step), ..) => Todo::Refuse(Refusal::CutOff(step.clone())),
    }
}

/// The user took the upgrade back before it was done.
fn is_taken_back(from: &str, release: &str) -> bool {
    from == release
}

impl Begun {
    fn path(folder: &Path) -> PathBuf {
        folder.join("begun.json")
    }

    pub(super) fn read(folder: &Path) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(Self::path(folder)).ok()?).ok()
    }

    pub(super) fn write(&self, folder: &Path) -> Result<(), Diagnostic> {
        let path = Self::path(folder);
        write_atomically(&path, &serde_json::to_vec_pretty(self).unwrap_or_default())
            .map_err(|error| unwritable(&path, &error))
    }

    pub(super) fn forget(folder: &Path) -> Result<(), Diagnostic> {
        remove(&Self::path(folder))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begun(from: Option<&str>, to: &str) -> Begun {
        let backup = from.map(|_| PathBuf::from("/backup"));
        Begun { from: from.map(str::to_owned), to: to.to_owned(), backup }
    }

    #[test]
    fn every_state_that_a_killed_run_can_leave_has_a_way_on() {
        let fresh = begun(None, "0.98.0");
        let upgrade = begun(Some("0.85.0"), "0.98.0");
        let restore = Todo::Restore { backup: "/backup".into() };
        let cases = [
            (Standing::Empty, None, Todo::Make),
            (Standing::Empty, Some(&fresh), Todo::Make),
            (Standing::Unfinished(None), Some(&fresh), Todo::ClearAndMake),
            (Standing::Equal, Some(&fresh), Todo::Finish),
            (Standing::Equal, None, Todo::Check),
            (Standing::Behind("0.85.0".into()), None, Todo::Upgrade { from: "0.85.0".into() }),
            // The backup may be old by now: the server before went on.
            (Standing::Behind("0.85.0".into()), Some(&upgrade), Todo::Upgrade { from: "0.85.0".into() }),
            (Standing::Behind("0.90.0".into()), Some(&upgrade), Todo::GoOn { backup: "/backup".into() }),
            (Standing::Unfinished(Some("a71cca37e42d".into())), Some(&upgrade), restore.clone()),
            // Killed while the backup was put back.
            (Standing::Empty, Some(&upgrade), restore.clone()),
            (Standing::Unfinished(None), Some(&upgrade), restore),
            (Standing::Equal, Some(&upgrade), Todo::Finish),
        ];
        for (standing, begun, todo) in cases {
            assert_eq!(decide(&standing, begun, "0.98.0"), todo, "{standing:?} {begun:?}");
        }
    }

    #[test]
    fn what_is_not_ours_is_left_alone() {
        let step = Some("a71cca37e42d".to_owned());
        let cut_off = |step| Todo::Refuse(Refusal::CutOff(step));
        assert_eq!(decide(&Standing::Unfinished(step.clone()), None, "0.98.0"), cut_off(step.clone()));
        assert_eq!(decide(&Standing::Unfinished(None), None, "0.98.0"), cut_off(None));
        let fresh = begun(None, "0.98.0");
        assert_eq!(decide(&Standing::Unfinished(step.clone()), Some(&fresh), "0.98.0"), cut_off(step));
        let ahead = Standing::Ahead("0.98.0".into());
        assert_eq!(decide(&ahead, None, "0.85.0"), Todo::Refuse(Refusal::Ahead("0.98.0".into())));
        let taken_back = begun(Some("0.85.0"), "0.98.0");
        assert_eq!(decide(&ahead, Some(&taken_back), "0.85.0"), Todo::Restore { backup: "/backup".into() });
        assert_eq!(decide(&ahead, Some(&taken_back), "0.84.0"), Todo::Refuse(Refusal::Ahead("0.98.0".into())));
    }
}
