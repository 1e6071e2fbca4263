//! What ZenML's server, its migration and its client say (0.73 to 0.98).

use super::rule::Rule;
use crate::diagnostics::codes;

pub(super) const RULES: &[Rule] = &[
    Rule {
        code: codes::DATABASE_SCHEMA_AHEAD,
        signs: &["can't locate revision identified by"],
        next: &[
            "set `version` to the release that the message names, or a newer one",
            "or restore the backup that was taken before the upgrade: a schema cannot go back",
        ],
    },
    // Said of a database with tables but without a revision. The advice to upgrade from 0.54 is wrong for nearly
    // everybody: such a database comes from a first migration that was stopped half-way.
    Rule {
        code: codes::DATABASE_MIGRATION_FAILED,
        signs: &["has never been migrated with alembic before"],
        next: &[
            "a first migration was stopped half-way, and MariaDB cannot undo or repeat it: if the database is new, remove it (`deploy destroy --delete-data`) and apply again",
            "if it held data before, restore the backup taken before the migration",
            "only a database of a release before 0.54 needs the upgrade that the message talks about",
        ],
    },
    Rule {
        code: codes::DATABASE_MIGRATION_FAILED,
        signs: &[
            "database migration failed…(1091, ",
            "database migration failed…(1060, ",
            "database migration failed…(1050, ",
            "database migration failed…(1061, ",
            "database migration failed…duplicate column name",
            "database migration failed…already exists",
        ],
        next: &[
            "an earlier migration was stopped half-way, and it cannot be repeated on what it left: restore the backup taken before it",
            "then: deploy apply",
        ],
    },
    Rule {
        code: codes::DATABASE_SCHEMA_BEHIND,
        signs: &["(1146, ", "(1054, ", "no such table", "no such column"],
        next: &["deploy apply runs the migration to the server's release"],
    },
    Rule {
        code: codes::DATABASE_NAME,
        signs: &["invalid…database name", "string should match pattern '^[^"],
        next: &["use letters, digits and `_` in the database's name"],
    },
    Rule {
        code: codes::HEALTH_SECRET_ROUND_TRIP,
        signs: &["secret values…could not be decoded"],
        next: &[
            "the encryption key is not the one with which the secret was stored: put the old key back",
            "secrets stored before encryption was switched on have to be written again",
        ],
    },
];
