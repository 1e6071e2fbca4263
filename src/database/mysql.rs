//! MariaDB and MySQL.

use std::path::PathBuf;
use std::time::Duration;

use mysql_async::prelude::{FromRow, Queryable as _};
use mysql_async::{Conn, DriverError, Error, IoError, OptsBuilder, SslOpts};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{CertificateError, RootCertStore};
use secrecy::ExposeSecret as _;

use super::{ClearText, DatabaseError, Greeting, MysqlLogin, MysqlTls, Schema, StoreUser, USERS};

/// Access denied: a wrong user or password. MariaDB says the same to a client without TLS.
const ACCESS_DENIED: u16 = 1045;
/// MySQL's own answer to a client without TLS.
const TLS_REQUIRED: u16 = 3159;
/// No rights on this database, or no such database.
const NO_DATABASE: [u16; 2] = [1044, 1049];

pub(super) async fn greet(login: &MysqlLogin, limit: Duration) -> Result<Greeting, DatabaseError> {
    let mut session = Session::open(login, limit).await?;
    let version = session.one("SELECT @@version").await?;
    let (_, tls): (String, String) = session.one("SHOW SESSION STATUS LIKE 'Ssl_version'").await?;
    session.close().await;
    Ok(Greeting { version, tls: Some(tls).filter(|tls| !tls.is_empty()) })
}

pub(super) async fn schema(login: &MysqlLogin, limit: Duration) -> Result<Schema, DatabaseError> {
    let mut session = Session::open(login, limit).await?;
    let tables = session.tables().await?;
    let revision: Option<String> = if tables.iter().any(|table| table == "alembic_version") {
        session.one("SELECT max(version_num) FROM alembic_version").await?
    } else {
        None
    };
    session.close().await;
    Ok(match revision {
        Some(revision) => Schema::At(revision),
        None if tables.is_empty() => Schema::Empty,
        None => Schema::Unmarked { tables: tables.len() },
    })
}

pub(super) async fn users(login: &MysqlLogin, limit: Duration) -> Result<Vec<StoreUser>, DatabaseError> {
    let mut session = Session::open(login, limit).await?;
    let rows: Vec<(String, bool, bool)> = session.all(USERS).await?;
    session.close().await;
    Ok(rows.into_iter().map(|(name, active, is_admin)| StoreUser { name, active, is_admin }).collect())
}

pub(super) async fn filled_tables(login: &MysqlLogin, limit: Duration) -> Result<Vec<String>, DatabaseError> {
    let mut session = Session::open(login, limit).await?;
    let mut filled = Vec::new();
    for table in session.tables().await? {
        if session.one(&format!("SELECT EXISTS (SELECT 1 FROM `{}`)", table.replace('`', "``"))).await? {
            filled.push(table);
        }
    }
    session.close().await;
    Ok(filled)
}

pub(super) async fn drop_tables(login: &MysqlLogin, limit: Duration) -> Result<(), DatabaseError> {
    let mut session = Session::open(login, limit).await?;
    // Tables refer to each other; in which order does not matter if all go.
    session.tell("SET SESSION foreign_key_checks = 0").await?;
    for table in session.tables().await? {
        session.tell(&format!("DROP TABLE `{}`", table.replace('`', "``"))).await?;
    }
    session.close().await;
    Ok(())
}

pub(super) async fn clear_text(login: &MysqlLogin, limit: Duration) -> Result<ClearText, DatabaseError> {
    match within(limit, connect_once(login, None)).await {
        Ok(connection) => {
            let _ = connection.disconnect().await;
            Ok(ClearText::Accepted)
        }
        Err(Failed::Mysql(Error::Server(_))) => Ok(ClearText::Refused),
        Err(other) => Err(other.into()),
    }
}

/// An open connection; every question on it has the same time.
struct Session {
    connection: Conn,
    limit: Duration,
}

impl Session {
    async fn open(login: &MysqlLogin, limit: Duration) -> Result<Self, DatabaseError> {
        Ok(Self { connection: connect(login, limit).await?, limit })
    }

    async fn all<T: FromRow + Send + 'static>(&mut self, question: &str) -> Result<Vec<T>, DatabaseError> {
        Ok(within(self.limit, self.connection.query::<T, _>(question)).await?)
    }

    async fn one<T: FromRow + Send + 'static>(&mut self, question: &str) -> Result<T, DatabaseError> {
        let row = within(self.limit, self.connection.query_first::<T, _>(question)).await?;
        row.ok_or_else(|| DatabaseError::Query(format!("no answer to `{question}`")))
    }

    async fn tell(&mut self, statement: &str) -> Result<(), DatabaseError> {
        Ok(within(self.limit, self.connection.query_drop(statement)).await?)
    }

    async fn tables(&mut self) -> Result<Vec<String>, DatabaseError> {
        self.all("SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY 1").await
    }

    /// Says goodbye, so that the server does not log an aborted connection.
    async fn close(self) {
        let _ = tokio::time::timeout(self.limit, self.connection.disconnect()).await;
    }
}

/// Opens a connection, and tells a wrong password from missing TLS, which MariaDB does not.
async fn connect(login: &MysqlLogin, limit: Duration) -> Result<Conn, DatabaseError> {
    let refused = match within(limit, connect_once(login, login.tls.as_ref())).await {
        Ok(connection) => return Ok(connection),
        Err(Failed::Mysql(Error::Server(error))) if error.code == ACCESS_DENIED && login.tls.is_none() => error,
        Err(other) => return Err(other.into()),
    };
    match within(limit, Conn::new(options(login).ssl_opts(unchecked_tls()))).await {
        Ok(connection) => {
            let _ = connection.disconnect().await;
            Err(DatabaseError::NeedsTls(refused.to_string()))
        }
        Err(_) => Err(DatabaseError::RefusedLogin(refused.to_string())),
    }
}

async fn connect_once(login: &MysqlLogin, tls: Option<&MysqlTls>) -> Result<Conn, Error> {
    let Some(tls) = tls else { return Conn::new(options(login)).await };
    match Conn::new(options(login).ssl_opts(checked_tls(tls))).await {
        // The library's own switch for this does nothing with this release of rustls. Whoever signed the certificate
        // is still checked; only the name may be any of those that it has.
        Err(error) if !tls.verify_name => match presented_name(&error) {
            Some(name) => {
                let checked = checked_tls(tls).with_danger_tls_hostname_override(Some(name));
                Conn::new(options(login).ssl_opts(checked)).await
            }
            None => Err(error),
        },
        other => other,
    }
}

/// A name that a certificate has, if that it has another one is all that is wrong with it.
fn presented_name(error: &Error) -> Option<String> {
    let Error::Io(IoError::Io(error)) = error else { return None };
    let Some(rustls::Error::InvalidCertificate(CertificateError::NotValidForNameContext { presented, .. })) =
        error.get_ref()?.downcast_ref::<rustls::Error>()
    else {
        return None;
    };
    // `DnsName("*.example.com")`, `IpAddress(127.0.0.1)`
    presented.iter().find_map(|name| {
        let (kind, name) = name.strip_suffix(')')?.split_once('(')?;
        matches!(kind, "DnsName" | "IpAddress").then(|| name.trim_matches('"').replace('*', "any"))
    })
}

fn options(login: &MysqlLogin) -> OptsBuilder {
    OptsBuilder::default()
        .ip_or_hostname(login.host.clone())
        .tcp_port(login.port)
        .db_name(Some(login.database.clone()))
        .user(Some(login.username.clone()))
        .pass(login.password.as_ref().map(|password| password.expose_secret().to_owned()))
        // The address is the one that was named, not a socket that the server would rather have.
        .prefer_socket(false)
}

fn checked_tls(tls: &MysqlTls) -> SslOpts {
    let options = SslOpts::default();
    match &tls.ca {
        Some(ca) => options.with_disable_built_in_roots(true).with_root_certs(vec![ca.clone().into()]),
        None => options.with_root_certs(system_roots().into_iter().map(Into::into).collect()),
    }
}

/// For the question whether a refused login would be taken over TLS. Nothing is sent that the attempt without TLS
/// did not send.
fn unchecked_tls() -> SslOpts {
    SslOpts::default().with_danger_accept_invalid_certs(true).with_danger_skip_domain_validation(true)
}

/// The authorities that this machine trusts, beside the ones built in; those that cannot be read are left out.
fn system_roots() -> Vec<Vec<u8>> {
    const BUNDLES: [&str; 3] =
        ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];
    let Some(bundle) = BUNDLES.iter().map(PathBuf::from).find(|path| path.is_file()) else { return Vec::new() };
    let Ok(certificates) = CertificateDer::pem_file_iter(bundle) else { return Vec::new() };
    certificates
        .flatten()
        .filter(|certificate| RootCertStore::empty().add(certificate.clone()).is_ok())
        .map(|certificate| certificate.to_vec())
        .collect()
}

/// Why a step with the database failed, before it is put into our words.
enum Failed {
    Mysql(Error),
    Silent(Duration),
}

async fn within<T>(limit: Duration, step: impl Future<Output = Result<T, Error>>) -> Result<T, Failed> {
    match tokio::time::timeout(limit, step).await {
        Ok(done) => done.map_err(Failed::Mysql),
        Err(_) => Err(Failed::Silent(limit)),
    }
}

impl From<Failed> for DatabaseError {
    fn from(failed: Failed) -> Self {
        let error = match failed {
            Failed::Silent(limit) => return Self::Silent(limit.as_secs()),
            Failed::Mysql(error) => error,
        };
        match error {
            Error::Server(error) => match error.code {
                ACCESS_DENIED => Self::RefusedLogin(error.to_string()),
                TLS_REQUIRED => Self::NeedsTls(error.to_string()),
                code if NO_DATABASE.contains(&code) => Self::NoDatabase(error.to_string()),
                _ => Self::Query(error.to_string()),
            },
            Error::Driver(error @ DriverError::NoClientSslFlagFromServer) => Self::OffersNoTls(error.to_string()),
            Error::Io(IoError::Tls(error)) => Self::Certificate(error.to_string()),
            Error::Io(IoError::Io(error)) => match rustls_words(&error) {
                Some(words) => Self::Certificate(words),
                None => Self::Unreachable(error.to_string()),
            },
            other => Self::Unreachable(other.to_string()),
        }
    }
}

/// A failed handshake comes as an input/output error with the reason inside.
fn rustls_words(error: &std::io::Error) -> Option<String> {
    error.get_ref()?.downcast_ref::<rustls::Error>().map(ToString::to_string)
}
