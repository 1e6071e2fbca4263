//! What MLflow's tracking server says.

use super::rule::Rule;
use crate::diagnostics::codes;

pub(super) const RULES: &[Rule] = &[
    Rule {
        code: codes::DATABASE_SCHEMA_BEHIND,
        signs: &["detected out-of-date database schema"],
        next: &["take a backup, then run `mlflow db upgrade` on MLflow's database"],
    },
    Rule {
        code: codes::DATABASE_SCHEMA_AHEAD,
        signs: &["can't locate revision identified by"],
        next: &["MLflow's database was used by a newer release: use that one, or restore the older backup"],
    },
];
