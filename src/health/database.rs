//! The database, asked with the server's own login.

use super::check::Seen;
use super::process::with_process;
use super::round::{Asking, known};
use crate::database::{ClearText, Database, DatabaseError, Schema, Standing};
use crate::diagnostics::{Diagnostic, codes};
use crate::scenario::Component;
use crate::unit::Text;
use crate::unit::local::DatabaseAddress;

pub(super) async fn answers(asking: &Asking<'_>, address: &DatabaseAddress) -> Seen {
    let database = open(asking, address).await?;
    match database.greet(asking.ctx.time_limit).await {
        Ok(greeting) => Ok(match greeting.tls {
            Some(tls) => format!("{} answers over {tls}", greeting.version),
            None => format!("{} answers", greeting.version),
        }),
        Err(error) => Err(failed(asking, &database, error).await),
    }
}

pub(super) async fn schema(asking: &Asking<'_>, address: &DatabaseAddress, release: &Text) -> Seen {
    let release = known(release)?;
    let database = open(asking, address).await?;
    let schema = match database.schema(asking.ctx.time_limit).await {
        Ok(schema) => schema,
        Err(error) => return Err(failed(asking, &database, error).await),
    };
    let standing = schema.against(&release);
    if standing == Standing::Equal {
        return Ok(format!("the schema is of {release}"));
    }
    Err(Box::new(unfit(&schema, &standing, &release).at(database.place())))
}

fn unfit(schema: &Schema, standing: &Standing, release: &str) -> Diagnostic {
    match standing {
        Standing::Empty | Standing::Equal => {
            Diagnostic::error(codes::DATABASE_SCHEMA_BEHIND, "the database has no schema yet")
                .cause("it has no tables")
                .next("deploy apply runs the migration")
        }
        Standing::Behind(revision) => {
            Diagnostic::error(codes::DATABASE_SCHEMA_BEHIND, "the database's schema is older than the server")
                .cause(format!("the schema is of {revision}, the server of {release}"))
                .next("deploy apply runs the migration; it takes a backup first")
        }
        Standing::Ahead(revision) => {
            Diagnostic::error(codes::DATABASE_SCHEMA_AHEAD, "the database's schema is newer than the server")
                .cause(format!("the schema is of {revision}, the server of {release}"))
                .note("the server may start and answer, and fail at the first table that has changed")
                .next(format!("set `version` to {revision} or newer, then: deploy apply"))
                .next("or restore the backup that was taken before the upgrade")
        }
        Standing::Unfinished(at) => {
            let cause = match (at, schema) {
                (Some(step), _) => format!("the migration stopped at the step {step} in between two releases"),
                (None, Schema::Unmarked { tables }) => {
                    format!("{tables} tables, but no revision: the first migration stopped half-way")
                }
                (None, _) => "the first migration stopped half-way".to_owned(),
            };
            Diagnostic::error(codes::DATABASE_MIGRATION_FAILED, "a migration of the database was cut off")
                .cause(cause)
                .note("half a migration cannot be repeated or undone")
                .next("restore the backup that was taken before it; a database that never held data can be removed and made again (`deploy destroy --delete-data`, `deploy apply`)")
        }
    }
}

pub(super) async fn encrypted(asking: &Asking<'_>, address: &DatabaseAddress) -> Seen {
    let database = open(asking, address).await?;
    let limit = asking.ctx.time_limit;
    let (greeting, clear) = match (database.greet(limit).await, database.clear_text(limit).await) {
        (Ok(greeting), Ok(clear)) => (greeting, clear),
        (Err(error), _) | (_, Err(error)) => return Err(failed(asking, &database, error).await),
    };
    let finding = |title: &str, cause: &str| {
        Box::new(Diagnostic::error(codes::HEALTH_DATABASE_TLS, title).at(database.place()).cause(cause))
    };
    match (greeting.tls, clear) {
        (Some(tls), ClearText::Refused) => {
            Ok(format!("{tls} with a trusted certificate; a login without TLS is refused"))
        }
        (None, _) => Err(Box::new(
            finding("the connection to the database is not encrypted", "the database answered without TLS")
                .next("set `database.mysql.tls`, then: deploy apply"),
        )),
        (Some(_), ClearText::Accepted) => Err(Box::new(
            finding("the database also takes logins without TLS", "the same login was let in without TLS")
                .next("require it in the database: `require_secure_transport=ON`, or ALTER USER … REQUIRE SSL"),
        )),
    }
}

async fn open(asking: &Asking<'_>, address: &DatabaseAddress) -> Result<Database, Box<Diagnostic>> {
    let (address, secrets) = (address.clone(), std::sync::Arc::clone(&asking.ctx.secrets));
    let resolved = tokio::task::spawn_blocking(move || Database::resolve(&address, &secrets)).await;
    resolved
        .unwrap_or_else(|error| {
            Err(Diagnostic::error(codes::INTERNAL, "a secret's source panicked").cause(error.to_string()))
        })
        .map_err(Box::new)
}

async fn failed(asking: &Asking<'_>, database: &Database, error: DatabaseError) -> Box<Diagnostic> {
    let nobody_there = error.is_absence();
    let finding = error.into_diagnostic(&database.place());
    Box::new(if nobody_there { with_process(asking, Component::Database, finding).await } else { finding })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_misfit_says_what_it_is() {
        let told = |schema: Schema| {
            let standing = schema.against("0.94.0");
            let finding = unfit(&schema, &standing, "0.94.0");
            (finding.code, finding.cause.unwrap())
        };
        assert_eq!(
            told(Schema::At("0.98.0".into())),
            (codes::DATABASE_SCHEMA_AHEAD, "the schema is of 0.98.0, the server of 0.94.0".into())
        );
        assert_eq!(told(Schema::At("0.85.0".into())).0, codes::DATABASE_SCHEMA_BEHIND);
        assert_eq!(
            told(Schema::Unmarked { tables: 22 }).1,
            "22 tables, but no revision: the first migration stopped half-way"
        );
        assert_eq!(told(Schema::At("0392807467dc".into())).0, codes::DATABASE_MIGRATION_FAILED);
        assert_eq!(told(Schema::Empty).0, codes::DATABASE_SCHEMA_BEHIND);
    }
}
