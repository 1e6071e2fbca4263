//! SQLite stores, opened for reading only.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::{DatabaseError, Greeting, Schema, StoreUser, USERS};

/// How long to wait for a program that is just writing.
const BUSY: Duration = Duration::from_secs(5);

pub(super) async fn greet(path: PathBuf) -> Result<Greeting, DatabaseError> {
    read(path, |connection| {
        let version: String = connection.query_row("SELECT sqlite_version()", [], |row| row.get(0))?;
        connection.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get::<_, i64>(0))?;
        Ok(Greeting { version: format!("SQLite {version}"), tls: None })
    })
    .await
}

pub(super) async fn schema(path: PathBuf) -> Result<Schema, DatabaseError> {
    if !path.exists() {
        return Ok(Schema::Empty);
    }
    read(path, |connection| {
        let tables = tables(connection)?;
        if tables.is_empty() {
            return Ok(Schema::Empty);
        }
        let revision = if tables.iter().any(|table| table == "alembic_version") {
            connection.query_row("SELECT max(version_num) FROM alembic_version", [], |row| row.get(0))?
        } else {
            None
        };
        Ok(revision.map_or(Schema::Unmarked { tables: tables.len() }, Schema::At))
    })
    .await
}

pub(super) async fn users(path: PathBuf) -> Result<Vec<StoreUser>, DatabaseError> {
    read(path, |connection| {
        let mut statement = connection.prepare(USERS)?;
        let rows = statement
            .query_map([], |row| Ok(StoreUser { name: row.get(0)?, active: row.get(1)?, is_admin: row.get(2)? }))?;
        rows.collect()
    })
    .await
}

pub(super) async fn filled_tables(path: PathBuf) -> Result<Vec<String>, DatabaseError> {
    if !path.exists() {
        return Ok(Vec::new());
    }
    read(path, |connection| {
        let mut filled = Vec::new();
        for table in tables(connection)? {
            let question = format!("SELECT EXISTS (SELECT 1 FROM \"{}\")", table.replace('"', "\"\""));
            if connection.query_row(&question, [], |row| row.get(0))? {
                filled.push(table);
            }
        }
        Ok(filled)
    })
    .await
}

pub(super) async fn drop_tables(path: PathBuf) -> Result<(), DatabaseError> {
    ask(path, OpenFlags::SQLITE_OPEN_READ_WRITE, |connection| {
        let tables = tables(connection)?;
        connection.pragma_update(None, "foreign_keys", false)?;
        let transaction = connection.unchecked_transaction()?;
        for table in tables {
            transaction.execute(&format!("DROP TABLE \"{}\"", table.replace('"', "\"\"")), [])?;
        }
        transaction.commit()
    })
    .await
}

/// A copy of one moment, also while others write.
pub(super) async fn copy_to(path: PathBuf, file: PathBuf) -> Result<(), DatabaseError> {
    ask(path, OpenFlags::SQLITE_OPEN_READ_WRITE, move |connection| {
        connection.execute("VACUUM INTO ?1", [file.to_string_lossy()]).map(|_| ())
    })
    .await
}

fn tables(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
    )?;
    statement.query_map([], |row| row.get(0))?.collect()
}

async fn read<T: Send + 'static>(
    path: PathBuf,
    question: impl Fn(&Connection) -> rusqlite::Result<T> + Send + 'static,
) -> Result<T, DatabaseError> {
    ask(path, OpenFlags::SQLITE_OPEN_READ_ONLY, question).await
}

async fn ask<T: Send + 'static>(
    path: PathBuf,
    access: OpenFlags,
    question: impl Fn(&Connection) -> rusqlite::Result<T> + Send + 'static,
) -> Result<T, DatabaseError> {
    let asked = tokio::task::spawn_blocking(move || {
        match open(&path, access).and_then(|connection| question(&connection)) {
            // A program was killed while it wrote, and its half-written transaction has to be rolled back before
            // anyone can read. Every program that opens the file does that.
            Err(error) if needs_rollback(&error) => {
                open(&path, OpenFlags::SQLITE_OPEN_READ_WRITE).and_then(|connection| question(&connection))
            }
            other => other,
        }
    });
    match asked.await {
        Ok(answer) => answer.map_err(|error| explain(&error)),
        Err(error) => Err(DatabaseError::Query(error.to_string())),
    }
}

fn open(path: &Path, access: OpenFlags) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY)?;
    Ok(connection)
}

fn needs_rollback(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen))
}

fn explain(error: &rusqlite::Error) -> DatabaseError {
    let words = error.to_string();
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => DatabaseError::Damaged(words),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => DatabaseError::Busy(words),
        Some(ErrorCode::PermissionDenied | ErrorCode::ReadOnly) => DatabaseError::NoPermission(words),
        Some(ErrorCode::CannotOpen) => DatabaseError::Unreachable(words),
        _ => DatabaseError::Query(words),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn schemas_are_read_without_making_files() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("zenml ?#%.db");
        assert_eq!(schema(path.clone()).await.unwrap(), Schema::Empty);
        assert!(matches!(greet(path.clone()).await, Err(DatabaseError::Unreachable(_))));
        assert!(!path.exists(), "reading made a file");
        let connection = Connection::open(&path).unwrap();
        connection
            .execute_batch("CREATE TABLE project (id TEXT); CREATE TABLE alembic_version (version_num TEXT)")
            .unwrap();
        assert_eq!(schema(path.clone()).await.unwrap(), Schema::Unmarked { tables: 2 });
        connection.execute_batch("INSERT INTO alembic_version VALUES ('0.98.0')").unwrap();
        assert_eq!(schema(path.clone()).await.unwrap(), Schema::At("0.98.0".into()));
        assert_eq!(filled_tables(path.clone()).await.unwrap(), ["alembic_version"]);
    }

    #[tokio::test]
    async fn what_is_no_database_is_said_to_be_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("zenml.db");
        std::fs::write(&path, "not a database ".repeat(100)).unwrap();
        assert!(matches!(schema(path).await, Err(DatabaseError::Damaged(_))));
    }
}
