//! Reads a ZenML database: whether it answers, how it is encrypted, which release its schema is of, who may log in.
//!
//! What changes a database is the server's own migration. The one exception here removes tables that nothing but a
//! migration that was cut off has ever seen.

mod failure;
mod mysql;
mod revision;
mod sqlite;

use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};

pub use failure::DatabaseError;
pub use revision::{Schema, Standing};

use crate::diagnostics::Diagnostic;
use crate::secrets::Secrets;
use crate::unit::local::DatabaseAddress;
use crate::unit::{Text, reveal};

/// A database with everything that is needed to reach it, ready to be asked.
#[derive(Debug, Clone)]
pub enum Database {
    Sqlite(PathBuf),
    Mysql(Box<MysqlLogin>),
}

/// A login to a MySQL-family database.
#[derive(Debug, Clone)]
pub struct MysqlLogin {
    pub host: String,
    pub port: u16,
    pub database: String,
    pub username: String,
    pub password: Option<SecretString>,
    pub tls: Option<MysqlTls>,
}

/// How the certificate of a database is checked.
#[derive(Debug, Clone)]
pub struct MysqlTls {
    /// PEM file with the authorities to trust; the system's if none.
    pub ca: Option<PathBuf>,
    /// Whether the certificate must be for the host's name.
    pub verify_name: bool,
}

/// What a database says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Greeting {
    /// `10.11.19-MariaDB`, `SQLite 3.50.2`.
    pub version: String,
    /// `TLSv1.3`; none for a file and for a connection in clear text.
    pub tls: Option<String>,
}

/// How a database treats a login without TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClearText {
    Refused,
    Accepted,
}

/// A row of ZenML's table of users, service accounts left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreUser {
    pub name: String,
    pub active: bool,
    pub is_admin: bool,
}

impl Database {
    /// The database of a spec, its secrets filled in. Fails when a part of the address is not known yet.
    pub fn resolve(address: &DatabaseAddress, secrets: &Secrets) -> Result<Self, Diagnostic> {
        let text = |text: &Text| reveal(text, secrets).map(|value| value.expose_secret().to_owned());
        Ok(match address {
            DatabaseAddress::Sqlite { path } => Self::Sqlite(PathBuf::from(text(path)?)),
            DatabaseAddress::Mysql { host, port, database, username, password, tls } => {
                let port = text(port)?;
                Self::Mysql(Box::new(MysqlLogin {
                    host: text(host)?,
                    port: port.trim().parse().map_err(|_| failure::no_port(&port))?,
                    database: database.clone(),
                    username: username.clone(),
                    password: password.as_ref().map(|password| reveal(password, secrets)).transpose()?,
                    tls: match tls {
                        None => None,
                        Some(tls) => Some(MysqlTls {
                            ca: tls.ca.as_ref().map(&text).transpose()?.map(PathBuf::from),
                            verify_name: tls.verify_name,
                        }),
                    },
                }))
            }
        })
    }

    /// For messages; holds no password.
    pub fn place(&self) -> String {
        match self {
            Self::Sqlite(path) => path.display().to_string(),
            Self::Mysql(login) => {
                format!("mysql://{}@{}:{}/{}", login.username, login.host, login.port, login.database)
            }
        }
    }

    /// Asks for the version with the server's own login.
    pub async fn greet(&self, limit: Duration) -> Result<Greeting, DatabaseError> {
        match self {
            Self::Sqlite(path) => sqlite::greet(path.clone()).await,
            Self::Mysql(login) => mysql::greet(login, limit).await,
        }
    }

    /// The state of the schema.
    pub async fn schema(&self, limit: Duration) -> Result<Schema, DatabaseError> {
        match self {
            Self::Sqlite(path) => sqlite::schema(path.clone()).await,
            Self::Mysql(login) => mysql::schema(login, limit).await,
        }
    }

    /// The people that ZenML knows, by name. Fails on a database without a schema.
    pub async fn users(&self, limit: Duration) -> Result<Vec<StoreUser>, DatabaseError> {
        match self {
            Self::Sqlite(path) => sqlite::users(path.clone()).await,
            Self::Mysql(login) => mysql::users(login, limit).await,
        }
    }

    /// Tables that hold rows, by name.
    pub async fn filled_tables(&self, limit: Duration) -> Result<Vec<String>, DatabaseError> {
        match self {
            Self::Sqlite(path) => sqlite::filled_tables(path.clone()).await,
            Self::Mysql(login) => mysql::filled_tables(login, limit).await,
        }
    }

    /// Removes all tables if none holds a row, those of `may_hold_rows` apart. Otherwise refuses and removes nothing.
    pub async fn drop_tables_without_rows(&self, may_hold_rows: &[&str], limit: Duration) -> Result<(), DatabaseError> {
        let filled = self.filled_tables(limit).await?;
        if let Some(table) = filled.iter().find(|table| !may_hold_rows.contains(&table.as_str())) {
            return Err(DatabaseError::Query(format!("the table `{table}` holds data")));
        }
        match self {
            Self::Sqlite(path) => sqlite::drop_tables(path.clone()).await,
            Self::Mysql(login) => mysql::drop_tables(login, limit).await,
        }
    }

    /// Writes the whole database into a new file. For files only; of servers, their own programs make copies.
    pub async fn copy_to(&self, file: &Path) -> Result<(), DatabaseError> {
        match self {
            Self::Sqlite(path) => sqlite::copy_to(path.clone(), file.to_owned()).await,
            Self::Mysql(_) => Err(DatabaseError::Query("a database server is no file".to_owned())),
        }
    }

    /// Tries the same login without TLS. Meaningless for a file, which nobody connects to.
    pub async fn clear_text(&self, limit: Duration) -> Result<ClearText, DatabaseError> {
        match self {
            Self::Sqlite(_) => Ok(ClearText::Refused),
            Self::Mysql(login) => mysql::clear_text(login, limit).await,
        }
    }
}

/// The question for users, the same for both families.
const USERS: &str = "SELECT name, active, is_admin FROM `user` WHERE is_service_account = 0 ORDER BY name";
