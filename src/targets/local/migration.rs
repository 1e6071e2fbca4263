//! The database's schema, brought to the server's release by the server's own migration.

mod backup;
mod decide;
mod programs;

use std::path::Path;

use async_trait::async_trait;

use self::decide::{Begun, Refusal, Todo, decide};
use self::programs::{ANSWER_WITHIN, Unfinished, Work};
use super::record::unwritable;
use super::target::{LocalTarget, remove, spec};
use crate::database::{Database, DatabaseError, Schema, Standing};
use crate::diagnostics::{Diagnostic, codes};
use crate::unit::local::{DatabaseAddress, Migration};
use crate::unit::{
    Context, DataFate, Deleted, Driver, DriverError, DriverResult, Observation, Outputs, Owned, Present, Spec as _,
    Unit, references, secrets_used,
};

/// What a first migration may have put into its tables when it was cut off before the revision was written.
const BIRTH_ROWS: [&str; 1] = ["server_settings"];

/// Driver of [`Migration`].
pub(super) struct MigrationDriver(pub(super) LocalTarget);

#[async_trait]
impl Driver for MigrationDriver {
    fn kind(&self) -> &'static str {
        Migration::KIND
    }

    async fn observe(&self, unit: &Unit, ctx: &Context) -> DriverResult<Observation> {
        let recorded = match self.0.recorded(unit, |_| None)? {
            Observation::Present(present) => Some(without_administrator(*present)),
            Observation::Absent => None,
        };
        let Some((database, wanted)) = known_database(unit, recorded.as_ref(), ctx) else {
            return Ok(recorded.map_or(Observation::Absent, |present| Observation::Present(Box::new(present))));
        };
        let schema = database.schema(ANSWER_WITHIN).await;
        if let Ok(schema) = &schema
            && let Standing::Ahead(revision) = schema.against(&wanted.release)
            && !self.can_go_back(unit, &wanted)
        {
            return Err(ahead(&database, &wanted, &revision).into());
        }
        Ok(seen(schema, recorded, unit, &database)?)
    }

    fn refuses_change(&self, field: &str) -> Option<&'static str> {
        let reason = "secrets that are stored already could never be read again; put the old key back";
        (field == "secret encryption-key").then_some(reason)
    }

    async fn apply(&self, unit: &Unit, ctx: &Context) -> DriverResult<Outputs> {
        let wanted: Migration = spec(unit)?;
        let database = Database::resolve(&wanted.database, &ctx.secrets)?;
        let before = self.0.records().read(&unit.id)?.map(|owned| owned.present);
        self.0.claim(unit, ctx)?;
        let folder = self.0.data_folder(&unit.id)?;
        let work = Work { target: &self.0, unit, ctx, wanted: &wanted, database: &database };
        work.wait_for_earlier().await?;
        let made_here = work.bring_to_release(&folder).await?;
        if wanted.administrator.is_some() && !made_here && !before.as_ref().is_some_and(has_administrator) {
            (ctx.progress)("closing accounts without a password");
            work.finish(Unfinished::Accounts).await?;
        }
        let revision = work.revision().await?;
        let mut outputs = Outputs::from([("revision".to_owned(), revision)]);
        let taken_now = Begun::read(&folder).and_then(|begun| begun.backup).map(|backup| backup.display().to_string());
        if let Some(backup) = taken_now.or_else(|| before?.outputs.get("backup").cloned()) {
            outputs.insert("backup".to_owned(), backup);
        }
        self.0.records().write(unit, &outputs, ctx)?;
        Begun::forget(&folder)?;
        Ok(outputs)
    }

    fn evidence(&self, unit: &Unit, ctx: &Context) -> Vec<String> {
        self.0.evidence(&unit.id, ctx)
    }

    /// The schema goes with the database; only backups are kept here.
    async fn delete(&self, owned: &Owned, data: DataFate, _ctx: &Context) -> DriverResult<Deleted> {
        let folder = self.0.folder.data(&owned.unit.id);
        let has_backups = std::fs::read_dir(&folder).is_ok_and(|mut entries| entries.next().is_some());
        let mut deleted = Deleted::default();
        if has_backups && data == DataFate::Keep {
            deleted.kept.push(folder.display().to_string());
        } else {
            remove(&folder)?;
        }
        remove(&self.0.folder.run(&owned.unit.id))?;
        self.0.records().remove(&owned.unit.id)?;
        Ok(deleted)
    }
}

impl MigrationDriver {
    /// Whether an upgrade that was never finished can be taken back to the wanted release.
    fn can_go_back(&self, unit: &Unit, wanted: &Migration) -> bool {
        Begun::read(&self.0.folder.data(&unit.id))
            .is_some_and(|begun| begun.backup.is_some() && begun.from.as_deref() == Some(&wanted.release))
    }
}

/// The administrator is made with the schema and never again, so another password is no reason to migrate.
fn without_administrator(mut present: Present) -> Present {
    for name in secrets_used(&present.spec["administrator"]) {
        present.secrets.remove(&name);
    }
    present
}

/// Whether the last complete run closed accounts already. A store that only a client used until now has none that
/// needed closing.
fn has_administrator(applied: &Present) -> bool {
    applied.broken.is_none() && applied.spec.get("administrator").is_some_and(|administrator| !administrator.is_null())
}

/// The database to ask: the wanted one, or while parts of its address are open, the one of the last run.
fn known_database(unit: &Unit, recorded: Option<&Present>, ctx: &Context) -> Option<(Database, Migration)> {
    let wanted: Migration = spec(unit).ok()?;
    let address: DatabaseAddress = if references(&unit.spec).is_empty() {
        wanted.database.clone()
    } else {
        serde_json::from_value::<Migration>(recorded?.spec.clone()).ok()?.database
    };
    // A password that was never made belongs to a database that was never made.
    let database = Database::resolve(&address, &ctx.secrets).ok()?;
    Some((database, wanted))
}

/// What the schema says about a unit that was recorded or not.
fn seen(
    schema: Result<Schema, DatabaseError>,
    recorded: Option<Present>,
    unit: &Unit,
    database: &Database,
) -> Result<Observation, Diagnostic> {
    let Some(mut present) = recorded else {
        return match schema {
            Ok(_) => Ok(Observation::Absent),
            Err(error) if error.is_absence() => Ok(Observation::Absent),
            Err(error) => {
                Err(error.into_diagnostic(&database.place()).at(format!("{}: {}", unit.id, database.place())))
            }
        };
    };
    let applied = present.spec.get("release").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
    let broken = match schema {
        Ok(Schema::Empty) => Some("the database is empty: its tables are gone".to_owned()),
        Ok(Schema::At(revision)) if present.outputs.get("revision") == Some(&revision) => None,
        Ok(schema) => match schema.against(&applied) {
            Standing::Equal | Standing::Empty => None,
            Standing::Behind(revision) | Standing::Ahead(revision) => Some(format!("schema is of {revision}")),
            Standing::Unfinished(_) => Some("an earlier migration was cut off".to_owned()),
        },
        // A database that is stopped cannot be asked; what was there is there.
        Err(error) if error.is_absence() => None,
        Err(error) => Some(error.to_string()),
    };
    present.broken = present.broken.or(broken);
    Ok(Observation::Present(Box::new(present)))
}

impl Work<'_> {
    /// Goes from whatever is there to the release. True if the schema was made from nothing.
    async fn bring_to_release(&self, folder: &Path) -> Result<bool, DriverError> {
        let release = &self.wanted.release;
        // Twice at most: a restored database is looked at again.
        for _ in 0..2 {
            let standing = self.schema().await?.against(release);
            let begun = Begun::read(folder);
            match decide(&standing, begun.as_ref(), release) {
                Todo::Make => return self.make(folder).await,
                Todo::ClearAndMake => {
                    (self.ctx.progress)("removing the empty tables of a migration that was cut off");
                    self.ask(self.database.drop_tables_without_rows(&BIRTH_ROWS, ANSWER_WITHIN)).await?;
                    return self.make(folder).await;
                }
                Todo::Check => {
                    (self.ctx.progress)("checking the schema");
                    self.migrate().await?;
                    return Ok(false);
                }
                Todo::Finish => {
                    (self.ctx.progress)("finishing a migration that was cut off");
                    // Flavors first: the migration makes the default stack out of them, and fails without.
                    self.finish(Unfinished::Flavors).await?;
                    self.migrate().await?;
                    return Ok(false);
                }
                Todo::Upgrade { from } => {
                    self.upgrade(folder, &from).await?;
                    return Ok(false);
                }
                Todo::GoOn { backup } => match self.migrate().await {
                    Ok(()) => return Ok(false),
                    // Half a step was made on top of that release. Other failures have nothing to do with it.
                    Err(failed) if failed.code == codes::DATABASE_MIGRATION_FAILED => self.put_back(&backup).await?,
                    Err(other) => return Err(other.into()),
                },
                Todo::Restore { backup } => self.put_back(&backup).await?,
                Todo::Refuse(Refusal::Ahead(revision)) => {
                    return Err(ahead(self.database, self.wanted, &revision).into());
                }
                Todo::Refuse(Refusal::CutOff(step)) => return Err(cut_off(self.database, step.as_deref()).into()),
            }
        }
        Err(Diagnostic::error(codes::DATABASE_MIGRATION_FAILED, "the backup that was put back is not whole")
            .at(self.database.place())
            .evidence(format!("backups: {}", folder.display()))
            .next("restore a backup of your own, then: deploy apply")
            .into())
    }

    async fn make(&self, folder: &Path) -> Result<bool, DriverError> {
        Begun { from: None, to: self.wanted.release.clone(), backup: None }.write(folder)?;
        if let Database::Sqlite(path) = self.database {
            // Otherwise the server's migration makes it readable for everybody.
            backup::make_private_file(path).map_err(|error| unwritable(path, &error))?;
        }
        (self.ctx.progress)(&format!("making the schema of {}", self.wanted.release));
        self.migrate().await?;
        Ok(true)
    }

    async fn upgrade(&self, folder: &Path, from: &str) -> Result<(), DriverError> {
        (self.ctx.progress)("backing up the database");
        let backup = self.backup_file(folder, from);
        self.back_up(&backup).await?;
        let to = self.wanted.release.clone();
        Begun { from: Some(from.to_owned()), to, backup: Some(backup.clone()) }.write(folder)?;
        (self.ctx.progress)(&format!("migrating the schema from {from} to {}", self.wanted.release));
        self.migrate().await.map_err(|diagnostic| {
            diagnostic.changed(format!("the database as it was is in {}", backup.display())).into()
        })
    }

    async fn put_back(&self, backup: &Path) -> Result<(), DriverError> {
        (self.ctx.progress)("putting back the database as it was before a migration that was cut off");
        Ok(self.restore(backup).await?)
    }

    async fn schema(&self) -> Result<Schema, DriverError> {
        self.ask(self.database.schema(ANSWER_WITHIN)).await
    }

    /// The revision at the end, which has to be the release's; releases without a migration of their own have the one
    /// of the release before.
    async fn revision(&self) -> Result<String, DriverError> {
        let schema = self.schema().await?;
        match (schema.against(&self.wanted.release), schema) {
            (Standing::Equal | Standing::Behind(_), Schema::At(revision)) => Ok(revision),
            (standing, _) => Err(Diagnostic::error(
                codes::DATABASE_MIGRATION_FAILED,
                format!("the migration ended well, and the schema is not of {}", self.wanted.release),
            )
            .at(self.database.place())
            .cause(format!("the schema is now: {standing:?}"))
            .into()),
        }
    }

    async fn ask<T>(&self, question: impl Future<Output = Result<T, DatabaseError>>) -> Result<T, DriverError> {
        question.await.map_err(|error| {
            let passes = error.is_absence();
            let diagnostic = error.into_diagnostic(&self.database.place());
            if passes { DriverError::transient(diagnostic) } else { diagnostic.into() }
        })
    }
}

fn ahead(database: &Database, wanted: &Migration, revision: &str) -> Diagnostic {
    Diagnostic::error(
        codes::DATABASE_SCHEMA_AHEAD,
        format!("the database's schema is of {revision}, newer than the server {}", wanted.release),
    )
    .at(database.place())
    .cause("a schema cannot go back, and an older server writes wrong data into it or none")
    .changed("nothing was changed")
    .next(format!("set `version` to {revision} or newer"))
    .next("or restore a backup of the older schema")
}

fn cut_off(database: &Database, step: Option<&str>) -> Diagnostic {
    let cause = match step {
        Some(step) => format!("its revision is the step {step} between two releases"),
        None => "it has tables and no revision".to_owned(),
    };
    Diagnostic::error(
        codes::DATABASE_MIGRATION_FAILED,
        "a migration of this database was cut off, and not by this deployment",
    )
    .at(database.place())
    .cause(cause)
    .note("such a migration can neither go on nor be repeated: half of its changes are made")
    .changed("nothing was changed")
    .next("restore the backup that was taken before it, then: deploy apply")
    .next("or, if it holds nothing that is needed: drop and create the database, then: deploy apply")
}

#[cfg(test)]
mod tests;
