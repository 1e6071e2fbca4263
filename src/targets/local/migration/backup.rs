//! The database as it was before an upgrade: taken, put back, and the unfinished one put aside instead of removed.

use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use super::programs::{ANSWER_WITHIN, Work};
use crate::database::{Database, Schema};
use crate::diagnostics::Diagnostic;
use crate::targets::local::record::unwritable;
use crate::targets::local::target::remove;

/// SQLite's companions of a database file.
const COMPANIONS: [&str; 3] = ["-journal", "-wal", "-shm"];

impl Work<'_> {
    /// Where the backup of this upgrade lies.
    pub(super) fn backup_file(&self, folder: &Path, from: &str) -> PathBuf {
        let kind = match self.database {
            Database::Sqlite(_) => "db",
            Database::Mysql(_) => "sql",
        };
        folder.join(format!("{from}-before-{}.{kind}", self.wanted.release))
    }

    /// Writes the database into the file, whole or not at all.
    pub(super) async fn back_up(&self, file: &Path) -> Result<(), Diagnostic> {
        let unfinished = file.with_extension("part");
        remove(&unfinished)?;
        make_private_file(&unfinished).map_err(|error| unwritable(&unfinished, &error))?;
        match self.database {
            Database::Sqlite(_) => {
                self.database
                    .copy_to(&unfinished)
                    .await
                    .map_err(|error| error.into_diagnostic(&self.database.place()))?;
            }
            Database::Mysql(_) => self.dump(&unfinished).await?,
        }
        let kept = std::fs::File::open(&unfinished)
            .and_then(|open| open.sync_all())
            .and_then(|()| std::fs::rename(&unfinished, file));
        kept.map_err(|error| unwritable(file, &error))
    }

    /// Puts the backup back. What is in the database now is kept beside it first: it is unfinished, but it is all that
    /// was written since the backup.
    pub(super) async fn restore(&self, backup: &Path) -> Result<(), Diagnostic> {
        let aside = backup.with_extension("unfinished");
        match self.database {
            Database::Sqlite(path) => restore_file(path, backup, &aside).map_err(|error| unwritable(path, &error)),
            Database::Mysql(_) => {
                let schema = self.database.schema(ANSWER_WITHIN).await;
                let schema = schema.map_err(|error| error.into_diagnostic(&self.database.place()))?;
                // Empty: an earlier run was stopped while it put the backup back.
                if schema != Schema::Empty && !aside.exists() {
                    self.back_up(&aside).await?;
                }
                self.load(backup).await
            }
        }
    }
}

/// A file that only its owner may read, before another program writes into it.
pub(super) fn make_private_file(path: &Path) -> std::io::Result<()> {
    std::fs::OpenOptions::new().create(true).append(true).mode(0o600).open(path).map(|_| ())
}

fn restore_file(database: &Path, backup: &Path, aside: &Path) -> std::io::Result<()> {
    let copy = with_suffix(database, ".restored");
    std::fs::copy(backup, &copy)?;
    std::fs::File::open(&copy)?.sync_all()?;
    if database.exists() && !aside.exists() {
        std::fs::copy(database, aside)?;
    }
    std::fs::rename(&copy, database)?;
    // Those of the file before would be taken for this one's.
    for companion in COMPANIONS {
        match std::fs::remove_file(with_suffix(database, companion)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
