//! Every log under `tests/fixtures/causes` with what it has to come to.

use crate::diagnostics::{Code, codes};

/// Fixture, code, beginning of the cause.
pub(super) const CASES: &[(&str, Code, &str)] = &[
    (
        "engine-docker-not-running",
        codes::CONTAINER_NO_ENGINE,
        "Cannot connect to the Docker daemon at unix:///var/run/docker.sock.",
    ),
    ("engine-podman-not-running", codes::CONTAINER_NO_ENGINE, "Cannot connect to Podman."),
    ("engine-podman-no-image", codes::CONTAINER_NO_IMAGE, "docker.io/zenmldocker/zenml-server:9.9.9: image not known"),
    (
        "engine-podman-no-registry",
        codes::CONTAINER_NO_IMAGE,
        "initializing source docker://zenmldocker/zenml-server:9.9.9: pinging container registry",
    ),
    (
        "engine-podman-name-taken",
        codes::CONTAINER_FAILED,
        "creating container storage: the container name \"deploy-zenml\" is already in use by",
    ),
    ("engine-podman-mount-missing", codes::CONTAINER_FAILED, "statfs /nonexistent-dir: no such file or directory"),
    (
        "engine-podman-no-entrypoint",
        codes::CONTAINER_FAILED,
        "runc: runc create failed: unable to start container process: exec: \"nosuch\"",
    ),
    ("engine-podman-not-permitted", codes::CONTAINER_FAILED, "crun: setrlimit `RLIMIT_N"),
    ("installer-pip-build", codes::PYTHON_INSTALL_FAILED, "Can not find valid pkg-config name."),
    (
        "installer-pip-disk-full",
        codes::PROCESS_DISK_FULL,
        "Could not install packages due to an OSError: [Errno 28] No space left on device",
    ),
    (
        "installer-pip-dns",
        codes::PYTHON_REGISTRY_UNREACHABLE,
        "Could not find a version that satisfies the requirement zenml[server]==0.98.0 (from versions: none)",
    ),
    (
        "installer-pip-hash",
        codes::PYTHON_INSTALL_FAILED,
        "THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.",
    ),
    (
        "installer-pip-no-such-package",
        codes::PYTHON_REGISTRY_UNREACHABLE,
        "Could not find a version that satisfies the requirement zenml-nosuchpkg-qq==1",
    ),
    (
        "installer-pip-no-such-version",
        codes::PYTHON_NO_SUCH_RELEASE,
        "Could not find a version that satisfies the requirement zenml[server]==0.98.99 (newest versions: 0.96.2, 0.96.3, 0.96.4, 0.97.0, 0.98.0)",
    ),
    ("installer-pip-python-3.9", codes::PYTHON_UNFIT, "zenml[server] 0.98.0 Requires-Python <3.15,>=3.10"),
    ("installer-pip-python-too-new", codes::PYTHON_UNFIT, "zenml 0.73.0 Requires-Python <3.13,>=3.9"),
    ("installer-pip-python-too-old", codes::PYTHON_UNFIT, "zenml[server] 0.98.0 Requires-Python <3.15,>=3.10"),
    (
        "installer-pip-read-only",
        codes::FILE_UNWRITABLE,
        "Could not install packages due to an OSError: [Errno 30] Read-only file system",
    ),
    (
        "installer-pip-unreachable",
        codes::PYTHON_REGISTRY_UNREACHABLE,
        "Failed to establish a new connection: [Errno 111] Connection refused",
    ),
    ("installer-pip-unreachable-once", codes::PYTHON_REGISTRY_UNREACHABLE, "Could not find a version that satisfies"),
    (
        "installer-pip-wheel-missing",
        codes::PYTHON_NO_SUCH_RELEASE,
        "Could not find a version that satisfies the requirement alembic<=1.15.2,>=1.8.1",
    ),
    (
        "installer-uv-disk-full",
        codes::PROCESS_DISK_FULL,
        "Failed to install: pygments-2.21.0-py3-none-any.whl (pygments==2.21.0): Failed to copy",
    ),
    (
        "installer-uv-hash",
        codes::PYTHON_INSTALL_FAILED,
        "Failed to download `six==1.16.0`: Hash mismatch for `six==1.16.0`",
    ),
    (
        "installer-uv-no-such-version",
        codes::PYTHON_NO_SUCH_RELEASE,
        "No solution found when resolving dependencies: Because there is no version of zenml[server]==0.98.99",
    ),
    (
        "installer-uv-python-too-old",
        codes::PYTHON_UNFIT,
        "No solution found when resolving dependencies: Because the requested Python version (>=3.8) does not satisfy Python>=3.10,<3.15",
    ),
    ("installer-uv-read-only", codes::FILE_UNWRITABLE, "Failed to install: multidict-7.2.1"),
    (
        "installer-uv-unreachable",
        codes::PYTHON_REGISTRY_UNREACHABLE,
        "Request failed after 3 retries in 5.9s: Failed to fetch: http://127.0.0.1:9/simple/zenml/",
    ),
    (
        "installer-uv-venv-read-only",
        codes::FILE_UNWRITABLE,
        "Failed to create virtual environment: failed to create directory",
    ),
    (
        "installer-uv-wheel-missing",
        codes::PYTHON_NO_SUCH_RELEASE,
        "No solution found when resolving dependencies: Because alembic was not found in the provided package locations",
    ),
    ("installer-venv-disk-full", codes::PYTHON_NO_VENV, "Command '['/srv/fullv/v/bin/python3', '-m', 'ensurepip'"),
    (
        "installer-venv-no-ensurepip",
        codes::PYTHON_NO_VENV,
        "The virtual environment was not created successfully because ensurepip is not",
    ),
    ("installer-venv-read-only", codes::FILE_UNWRITABLE, "[Errno 30] Read-only file system: '/srv/fullv/w'"),
    ("mariadb-bad-option", codes::PROCESS_NOT_STARTED, "mariadbd: unknown variable 'no-such-opt=1'"),
    (
        "mariadb-disk-full",
        codes::PROCESS_DISK_FULL,
        "InnoDB: preallocating 100663296 bytes for file ./ib_logfile101 failed with error 28",
    ),
    (
        "mariadb-file-truncated",
        codes::DATABASE_DAMAGED,
        "InnoDB: The Auto-extending data file './ibdata1' is of a different size 64 pages",
    ),
    (
        "mariadb-folder-empty",
        codes::DATABASE_DAMAGED,
        "Fatal error: Can't open and lock privilege tables: Table 'mysql.db' doesn't exist",
    ),
    (
        "mariadb-folder-locked",
        codes::DATABASE_DAMAGED,
        "mariadbd: Can't lock aria control file '/srv/db/data/aria_log_control' for exclusive use, error: 11.",
    ),
    ("mariadb-folder-missing", codes::DATABASE_DAMAGED, "mariadbd: Can't change dir to '/srv/db/nodir/'"),
    ("mariadb-key-missing", codes::DATABASE_CERTIFICATE, "SSL error: Unable to get private key from '/nonexist'"),
    ("mariadb-log-missing", codes::DATABASE_DAMAGED, "InnoDB: File ./ib_logfile0 was not found"),
    ("mariadb-no-host-names", codes::DATABASE_INIT_FAILED, "Neither host 'vm' nor 'localhost' could be looked up with"),
    (
        "mariadb-port-taken",
        codes::PROCESS_PORT_TAKEN,
        "Can't start server: Bind on TCP/IP port. Got error: 98: Address already in use",
    ),
    (
        "mariadb-read-only",
        codes::FILE_UNWRITABLE,
        "mariadbd: Can't create/write to file './ddl_recovery.log' (Errcode: 30 \"Read-only file system\")",
    ),
    ("mariadb-socket-long", codes::PROCESS_NOT_STARTED, "The socket file path is too long (> 107)"),
    (
        "mariadb-socket-taken",
        codes::DATABASE_DAMAGED,
        "Another process is already listening on the socket file '/srv/db/s'.",
    ),
    (
        "mariadb-system-tables-missing",
        codes::DATABASE_DAMAGED,
        "InnoDB: Cannot open datafile for read-only: './mysql/gtid_slave_pos.ibd'",
    ),
    (
        "mariadb-wrong-owner",
        codes::RUN_NO_PERMISSION,
        "mariadbd: Can't create/write to file './ddl_recovery.log' (Errcode: 13 \"Permission denied\")",
    ),
    (
        "mlflow-port-taken",
        codes::PROCESS_PORT_TAKEN,
        "[Errno 98] error while attempting to bind on address ('127.0.0.1', 9821): address already in use",
    ),
    (
        "mlflow-wrong-password",
        codes::DATABASE_REFUSED_LOGIN,
        "(1045) Access denied for user 'mlflow'@'127.0.0.1' (using password: YES)",
    ),
    (
        "zenml-db-disk-full",
        codes::PROCESS_DISK_FULL,
        "(1005) Can't create table `zenml`.`pipeline` (errno: 135 \"No more room in record file\")",
    ),
    (
        "zenml-db-down",
        codes::DATABASE_UNREACHABLE,
        "(2003) Can't connect to MySQL server on '127.0.0.1' ([Errno 111] Connection refused)",
    ),
    (
        "zenml-db-down-migrate",
        codes::DATABASE_UNREACHABLE,
        "(2003) Can't connect to MySQL server on '127.0.0.1' ([Errno 111] Connection refused)",
    ),
    (
        "zenml-db-killed-in-migration",
        codes::DATABASE_UNREACHABLE,
        "(2013) Lost connection to MySQL server during query",
    ),
    (
        "zenml-db-killed-in-upgrade",
        codes::DATABASE_UNREACHABLE,
        "The database migration failed: (2013) Lost connection to MySQL server during query",
    ),
    (
        "zenml-db-no-rights",
        codes::DATABASE_REFUSED_LOGIN,
        "(1044) Access denied for user 'zenml'@'%' to database 'nodb'",
    ),
    (
        "zenml-db-no-rights-migrate",
        codes::DATABASE_REFUSED_LOGIN,
        "(1044) Access denied for user 'zenml'@'%' to database 'nodb'",
    ),
    (
        "zenml-db-no-tls-migrate",
        codes::DATABASE_REFUSED_LOGIN,
        "(1045) Access denied for user 'zenml'@'127.0.0.1' (using password: YES)",
    ),
    (
        "zenml-db-wrong-ca",
        codes::DATABASE_CERTIFICATE,
        "(2003) Can't connect to MySQL server on '127.0.0.1' ([SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed",
    ),
    (
        "zenml-db-wrong-ca-migrate",
        codes::DATABASE_CERTIFICATE,
        "(2003) Can't connect to MySQL server on '127.0.0.1' ([SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed",
    ),
    (
        "zenml-db-wrong-password",
        codes::DATABASE_REFUSED_LOGIN,
        "(1045) Access denied for user 'zenml'@'127.0.0.1' (using password: YES)",
    ),
    ("zenml-disk-full", codes::PROCESS_DISK_FULL, "database or disk is full"),
    (
        "zenml-half-first-migration",
        codes::DATABASE_MIGRATION_FAILED,
        "The ZenML database has never been migrated with alembic before.",
    ),
    (
        "zenml-half-upgrade",
        codes::DATABASE_MIGRATION_FAILED,
        "The database migration failed: (1091) Can't DROP FOREIGN KEY `fk_flavor_workspace_id_workspace`; check that it exists",
    ),
    ("zenml-no-uvicorn", codes::PYTHON_BROKEN, "/srv/nopip/bin/python: No module named uvicorn"),
    (
        "zenml-port-taken",
        codes::PROCESS_PORT_TAKEN,
        "[Errno 98] error while attempting to bind on address ('127.0.0.1', 9804): address already in use",
    ),
    ("zenml-read-only", codes::FILE_UNWRITABLE, "unable to open database file"),
    ("zenml-schema-ahead", codes::DATABASE_SCHEMA_AHEAD, "Can't locate revision identified by '0.98.0'"),
    ("zenml-schema-ahead-migrate", codes::DATABASE_SCHEMA_AHEAD, "Can't locate revision identified by '0.98.0'"),
    (
        "zenml-schema-behind",
        codes::DATABASE_SCHEMA_BEHIND,
        "(1054) Unknown column 'project.project_metadata' in 'SELECT'",
    ),
    ("zenml-schema-missing-mysql", codes::DATABASE_SCHEMA_BEHIND, "(1146) Table 'emptydb.project' doesn't exist"),
    ("zenml-schema-missing-sqlite", codes::DATABASE_SCHEMA_BEHIND, "no such table: project"),
    ("zenml-sqlite-damaged", codes::DATABASE_DAMAGED, "file is not a database"),
];
