//! What mariadbd, mysqld and mariadb-install-db say (MariaDB 10.11).

use super::rule::Rule;
use crate::diagnostics::codes;

pub(super) const RULES: &[Rule] = &[
    Rule {
        code: codes::DATABASE_DAMAGED,
        signs: &[
            "can't lock aria control file",
            "unable to lock ./ibdata1",
            "could not get an exclusive lock",
            "another process is already listening on the socket file",
            "another process with pid…is using unix socket file",
        ],
        next: &[
            "another database process works on the same data folder: `pgrep -a mariadbd` shows it; stop it, then: deploy apply",
        ],
    },
    Rule {
        code: codes::RUN_NO_PERMISSION,
        signs: &[
            "please consult the…to find out how to run…as root",
            "operating system error number 13",
            "does not have the access rights",
            "errcode: 13",
        ],
        next: &[
            "the data folder belongs to another user: `ls -ld` shows which; run as that user or give the folder back (`chown -R`)",
        ],
    },
    Rule {
        code: codes::DATABASE_DAMAGED,
        signs: &[
            "is of a different size…than specified",
            "ib_logfile0 was not found",
            "can't open and lock privilege tables",
            "can't change dir to",
            "cannot open datafile for read-only",
            "corrupt",
            "page…log sequence number…is in the future",
            "missing mlog_checkpoint",
            "invalid log header",
            "checksum mismatch",
            "upgrade after a crash is not supported",
            "unsupported redo log format",
            "not a valid datafile",
        ],
        next: &[
            "check that the data folder is the right one and complete",
            "restore a backup; the damaged folder was left as it is",
        ],
    },
    Rule {
        code: codes::DATABASE_INIT_FAILED,
        signs: &["could be looked up with"],
        next: &["this machine knows no address for its own name: add `127.0.0.1 localhost` to /etc/hosts"],
    },
    Rule {
        code: codes::DATABASE_CERTIFICATE,
        signs: &["unable to get private key", "unable to get certificate", "failed to setup ssl", "ssl error:"],
        next: &["the certificate or key files are missing or do not fit: deploy apply makes them again"],
    },
    Rule {
        code: codes::PROCESS_NOT_STARTED,
        signs: &["unknown variable '", "unknown option '", "socket file path is too long"],
        next: &[
            "the configuration does not fit this release of the database: correct the setting that the message names",
        ],
    },
];
