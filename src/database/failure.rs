//! Why a database cannot be read, kind by kind.

use crate::diagnostics::{Code, Diagnostic, codes};

/// Why a database could not be asked. Each holds the system's own words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DatabaseError {
    /// Nothing accepts connections there, or it closes them.
    #[error("{0}")]
    Unreachable(String),
    /// It did not answer in time.
    #[error("no answer within {0} s")]
    Silent(u64),
    /// User or password are wrong.
    #[error("{0}")]
    RefusedLogin(String),
    /// The login is right, but has to come over TLS.
    #[error("{0}")]
    NeedsTls(String),
    /// TLS was asked for and the database offers none.
    #[error("{0}")]
    OffersNoTls(String),
    /// The certificate is not trusted, or for another name, or has run out.
    #[error("{0}")]
    Certificate(String),
    /// The login is right, and the user may not use this database or it is not there.
    #[error("{0}")]
    NoDatabase(String),
    /// The file is no database, or is damaged.
    #[error("{0}")]
    Damaged(String),
    /// Another program holds the file.
    #[error("{0}")]
    Busy(String),
    /// The file or folder is closed to this user.
    #[error("{0}")]
    NoPermission(String),
    /// The server refused a question.
    #[error("{0}")]
    Query(String),
}

impl DatabaseError {
    /// Whether nobody is there to be asked, as opposed to somebody who refuses.
    pub fn is_absence(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Silent(_))
    }

    pub fn code(&self) -> Code {
        match self {
            Self::Unreachable(_) | Self::Silent(_) | Self::Query(_) => codes::DATABASE_UNREACHABLE,
            Self::RefusedLogin(_) | Self::NoDatabase(_) => codes::DATABASE_REFUSED_LOGIN,
            Self::NeedsTls(_) => codes::DATABASE_NEEDS_TLS,
            Self::OffersNoTls(_) | Self::Certificate(_) => codes::DATABASE_CERTIFICATE,
            Self::Damaged(_) | Self::Busy(_) => codes::DATABASE_DAMAGED,
            Self::NoPermission(_) => codes::RUN_NO_PERMISSION,
        }
    }

    fn title(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "the database cannot be reached",
            Self::Silent(_) => "the database does not answer",
            Self::RefusedLogin(_) => "the database refuses the login: user or password are wrong",
            Self::NeedsTls(_) => "the database takes this login over TLS only",
            Self::OffersNoTls(_) => "the database offers no TLS",
            Self::Certificate(_) => "the database's certificate is not trusted",
            Self::NoDatabase(_) => "the database does not exist, or this user may not use it",
            Self::Damaged(_) => "the database's file is damaged or is no database",
            Self::Busy(_) => "another program holds the database's file",
            Self::NoPermission(_) => "the database's file is closed to this user",
            Self::Query(_) => "the database refuses to answer",
        }
    }

    /// As a finding about the database at `place`.
    pub fn into_diagnostic(self, place: &str) -> Diagnostic {
        let found = Diagnostic::error(self.code(), self.title()).at(place).cause(self.to_string());
        match self {
            Self::Unreachable(_) | Self::Silent(_) => found
                .next("for a private database: `deploy logs database` shows why it stopped, `deploy apply` starts it")
                .next("for your own: check `database.mysql.url`, its firewall and that the server runs"),
            Self::RefusedLogin(_) => found
                .note("the same login was tried over TLS, so TLS is not the reason")
                .next("check `database.mysql.username` and the source of its password"),
            Self::NeedsTls(_) => found.next("set `database.mysql.tls`"),
            Self::OffersNoTls(_) => found.next("switch TLS on in the database, or leave `database.mysql.tls` out"),
            Self::Certificate(_) => found.next("give the authority that signed it with `database.mysql.tls.ca`"),
            Self::NoDatabase(_) => found.next("create the database and grant this user all rights on it"),
            Self::Busy(_) => found.next("stop the other program and run the command again"),
            Self::Damaged(_) => found.next("restore the file from a backup; nothing was changed"),
            Self::NoPermission(_) | Self::Query(_) => found,
        }
    }
}

pub(super) fn no_port(text: &str) -> Diagnostic {
    Diagnostic::error(codes::INTERNAL, format!("`{text}` is no port of a database"))
}
