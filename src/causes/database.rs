//! What a program says when its database refuses it. ZenML and MLflow speak to it through the same two libraries,
//! SQLAlchemy and PyMySQL, so the words are the same.

use super::rule::Rule;
use crate::diagnostics::codes;

pub(super) const RULES: &[Rule] = &[
    Rule {
        code: codes::DATABASE_CERTIFICATE,
        signs: &[
            "certificate_verify_failed",
            "certificate verify failed",
            "tlsv1 alert unknown ca",
            "hostname mismatch, certificate",
            "ssl…certificate…expired",
        ],
        next: &[
            "give the authority that signed the database's certificate with `database.mysql.tls.ca`",
            "check that the certificate is for the host's name and has not run out: openssl s_client -starttls mysql -connect HOST:PORT",
        ],
    },
    Rule {
        code: codes::DATABASE_REFUSED_LOGIN,
        signs: &["(1045, ", "error 1045", "1045 (28000)", "(1698, ", "caching_sha2_password…required"],
        // MariaDB 10.11 answers a client without TLS with the text of a wrong password.
        next: &[
            "MariaDB says the same to a wrong password and to a connection without TLS: check that TLS is on (`database.mysql.tls`) if the database requires it",
            "then check the user name and the source of its password",
            "an anonymous user (''@'localhost') in the database also hides 'user'@'%': drop it",
        ],
    },
    Rule {
        code: codes::DATABASE_NEEDS_TLS,
        signs: &["(3159, ", "insecure transport are prohibited", "ssl connection is required"],
        next: &["set `database.mysql.tls`"],
    },
    Rule {
        code: codes::DATABASE_REFUSED_LOGIN,
        signs: &["(1044, ", "(1142, ", "(1227, "],
        next: &[
            "give the user rights on exactly that database: GRANT ALL ON `DATABASE`.* TO 'USER'@'%'",
            "check the database's name: a user without the right to create databases sees this for one that does not exist",
        ],
    },
    Rule {
        code: codes::DATABASE_NAME,
        signs: &["(1049, ", "unknown database '"],
        next: &["create the database, or correct its name in `database.mysql`"],
    },
    Rule {
        code: codes::DATABASE_UNREACHABLE,
        signs: &["(2013, ", "(2006, ", "lost connection to mysql server", "mysql server has gone away", "(0, '')"],
        next: &[
            "the database stopped or closed the connection in the middle of the work: deploy logs database shows why",
            "MariaDB cannot undo half a migration: if one was running, restore the backup taken before it before going on",
        ],
    },
    Rule {
        code: codes::DATABASE_UNREACHABLE,
        signs: &["(2003, ", "(2002, ", "can't connect to mysql server", "(1040, ", "too many connections"],
        next: &["deploy status shows whether the database runs; deploy logs database why it does not"],
    },
    Rule {
        code: codes::PROCESS_DISK_FULL,
        // MariaDB calls a full disk so when it makes a table.
        signs: &["no more room in record file", "(1114, ", "(1021, "],
        next: &[
            "the disk under the database is full: free space (`df -h`)",
            "if a migration was running, half of it is there and cannot be repeated: restore the backup taken before it",
        ],
    },
    Rule {
        code: codes::DATABASE_DAMAGED,
        signs: &[
            "database disk image is malformed",
            "file is not a database",
            "file is encrypted or is not a database",
        ],
        next: &["restore a backup of the database file; the damaged one was left where it is"],
    },
    Rule {
        code: codes::FILE_UNWRITABLE,
        signs: &["unable to open database file"],
        next: &[
            "SQLite does not say why: the file's folder is missing, read-only or another user's (`ls -ld`, `mount`)",
        ],
    },
    Rule {
        code: codes::DATABASE_DAMAGED,
        signs: &["database is locked"],
        next: &["another process writes to the same SQLite file (`fuser FILE` names it): stop it"],
    },
];
