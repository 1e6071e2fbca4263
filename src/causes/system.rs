//! What any program says when the operating system refuses it something.

use super::rule::Rule;
use crate::diagnostics::codes;

pub(super) const RULES: &[Rule] = &[
    Rule {
        code: codes::PROCESS_PORT_TAKEN,
        signs: &["errno 98", "address already in use", "address in use", "port is already allocated"],
        next: &["`ss -ltnp` shows which program holds the port; stop it, or choose another port", "then: deploy apply"],
    },
    Rule {
        code: codes::PROCESS_DISK_FULL,
        signs: &[
            "no space left on device",
            "errno 28",
            "errcode: 28",
            "failed with error 28",
            "os error 28",
            "os errno 28",
            "database or disk is full",
            "disk quota exceeded",
            "disk full (",
            "disk is full writing",
            "operating system error number 28",
        ],
        next: &["free space (`df -h` shows which disk is full), then: deploy apply"],
    },
    Rule {
        code: codes::FILE_UNWRITABLE,
        signs: &[
            "read-only file system",
            "errno 30",
            "errcode: 30",
            "os error 30",
            "attempt to write a readonly database",
            "operating system error number 30",
        ],
        next: &[
            "make the folder writable (`mount` shows whether its disk is read-only), or set DEPLOY_HOME to another one",
        ],
    },
    Rule {
        code: codes::PROCESS_OUT_OF_MEMORY,
        signs: &[
            "cannot allocate memory",
            "errno 12]",
            "out of memory",
            "memoryerror",
            "std::bad_alloc",
            "fork: resource temporarily unavailable",
        ],
        next: &["free memory on this machine (`free -m`), or raise the limit of the container, then: deploy apply"],
    },
    Rule {
        code: codes::RUN_NO_PERMISSION,
        signs: &[
            "permission denied",
            "errno 13",
            "errcode: 13",
            "os error 13",
            "operation not permitted",
            "does not have the access rights",
            "operating system error number 13",
        ],
        next: &["run as the user who made the deployment, or give that user the file back (`ls -l`, `chown`)"],
    },
    Rule {
        code: codes::PYTHON_BROKEN,
        signs: &[
            "modulenotfounderror: no module named",
            "no module named ",
            "importerror: cannot import name",
            "error while loading shared libraries",
        ],
        next: &[
            "deploy apply rebuilds the Python environment",
            "a module of an optional integration (s3fs, gcsfs, adlfs, hvac, boto3, …) comes with an extra of zenml: add the extra and apply",
        ],
    },
];
