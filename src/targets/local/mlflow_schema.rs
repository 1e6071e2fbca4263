//! MLflow's tables, made by MLflow itself before its server runs.
//!
//! The server would make them when it starts, and stop for good if that was ever cut off: databases of the MySQL family
//! cannot undo half a change of a schema. So it is noted when the making begins, and what a run that died left is
//! removed, as long as nothing but MLflow's own first rows is in it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::Instant;

use super::command::{Command, Finished};
use super::container::{self, Place, run_once};
use super::disk;
use super::record::unwritable;
use super::target::{LocalTarget, make_private_folder, remove, spec};
use crate::causes::{self, Speaker};
use crate::database::{Database, DatabaseError, Schema};
use crate::diagnostics::{Diagnostic, codes};
use crate::files::write_atomically;
use crate::unit::local::{MlflowSchema, Runtime};
use crate::unit::{
    Context, DataFate, Deleted, Driver, DriverError, DriverResult, Observation, Outputs, Owned, Spec as _, Unit,
    references, reveal,
};

const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// What MLflow itself writes while it makes its tables.
const BIRTH_ROWS: [&str; 2] = ["alembic_version", "workspaces"];
/// The address is read from the environment, since it may hold a password.
const MAKE: &str = include_str!("mlflow_schema/make.py");

/// Driver of [`MlflowSchema`].
pub(super) struct MlflowSchemaDriver(pub(super) LocalTarget);

#[async_trait]
impl Driver for MlflowSchemaDriver {
    fn kind(&self) -> &'static str {
        MlflowSchema::KIND
    }

    async fn observe(&self, unit: &Unit, ctx: &Context) -> DriverResult<Observation> {
        let Observation::Present(mut present) = self.0.recorded(unit, |_| None)? else {
            return Ok(Observation::Absent);
        };
        let applied = serde_json::from_value::<MlflowSchema>(present.spec.clone()).ok();
        let known = applied.filter(|_| references(&present.spec).is_empty());
        let database = known.and_then(|applied| Database::resolve(&applied.database, &ctx.secrets).ok());
        if let (Some(database), None) = (database, &present.broken)
            && let Ok(Schema::Empty) = database.schema(ANSWER_WITHIN).await
        {
            present.broken = Some("the database is empty: its tables are gone".to_owned());
        }
        Ok(Observation::Present(present))
    }

    async fn apply(&self, unit: &Unit, ctx: &Context) -> DriverResult<Outputs> {
        let wanted: MlflowSchema = spec(unit)?;
        let database = Database::resolve(&wanted.database, &ctx.secrets)?;
        self.0.claim(unit, ctx)?;
        let begun = self.0.data_folder(&unit.id)?.join("begun");
        let work = Work { target: &self.0, unit, ctx, wanted: &wanted, database: &database };
        work.wait_for_earlier().await?;
        match work.ask(database.schema(ANSWER_WITHIN)).await? {
            Schema::Empty => work.make(&begun).await?,
            _ if begun.exists() => {
                (ctx.progress)("removing the tables of a run that was cut off");
                work.ask(database.drop_tables_without_rows(&BIRTH_ROWS, ANSWER_WITHIN)).await?;
                work.make(&begun).await?;
            }
            // Of an earlier deployment, or of another release: its server judges that.
            _ => {}
        }
        // Before the record: once it is whole, the server fills the tables, and nothing may be removed any more.
        remove(&begun)?;
        let outputs = Outputs::new();
        self.0.records().write(unit, &outputs, ctx)?;
        Ok(outputs)
    }

    fn evidence(&self, unit: &Unit, ctx: &Context) -> Vec<String> {
        self.0.evidence(&unit.id, ctx)
    }

    /// The tables go with the database.
    async fn delete(&self, owned: &Owned, _data: DataFate, _ctx: &Context) -> DriverResult<Deleted> {
        let begun = self.0.folder.data(&owned.unit.id).join("begun");
        if !begun.exists() {
            remove(&self.0.folder.data(&owned.unit.id))?;
        }
        remove(&self.0.folder.run(&owned.unit.id))?;
        self.0.records().remove(&owned.unit.id)?;
        Ok(Deleted::default())
    }
}

/// Everything that one application works with.
struct Work<'a> {
    target: &'a LocalTarget,
    unit: &'a Unit,
    ctx: &'a Context,
    wanted: &'a MlflowSchema,
    database: &'a Database,
}

impl Work<'_> {
    async fn make(&self, begun: &Path) -> Result<(), DriverError> {
        write_atomically(begun, b"").map_err(|error| unwritable(begun, &error))?;
        (self.ctx.progress)("making MLflow's tables");
        let done = self.run(self.command()?).await?;
        Ok(self.check(&done)?)
    }

    fn command(&self) -> Result<Command, Diagnostic> {
        let program = match &self.wanted.runtime {
            Runtime::Process => PathBuf::from(self.wanted.python.known().unwrap_or_default()),
            Runtime::Container { .. } => PathBuf::from("python"),
        };
        let folder = self.target.folder.run(&self.unit.id);
        make_private_folder(&folder)?;
        let log = self.target.folder.log(&self.unit.id);
        let mut command = Command::new(&self.target.world, program, &folder, log).arguments(["-I", "-c", MAKE]);
        for (name, text) in &self.wanted.environment {
            command = command.variable(name, reveal(text, &self.ctx.secrets)?);
        }
        Ok(command.redactor(self.ctx.secrets.redactor_of_seen()).time_limit(self.ctx.time_limit))
    }

    /// What an earlier, killed run started goes on by itself.
    async fn wait_for_earlier(&self) -> Result<(), Diagnostic> {
        let command = self.command()?;
        let progress = |line: &str| (self.ctx.progress)(line);
        match &self.wanted.runtime {
            Runtime::Process => {
                let deadline = Instant::now() + self.ctx.time_limit;
                command.await_predecessor(&self.ctx.cancel, deadline, &progress).await
            }
            Runtime::Container { engine, image } => {
                container::await_predecessor(self.place(engine.as_deref(), image, &[]), &command, self.ctx, &progress)
                    .await
            }
        }
    }

    async fn run(&self, command: Command) -> Result<Finished, Diagnostic> {
        let Runtime::Container { engine, image } = &self.wanted.runtime else {
            return command.run(&self.ctx.cancel, &|_| {}).await;
        };
        let mounts: Vec<String> = self.wanted.mounts.iter().filter_map(crate::unit::Text::known).collect();
        run_once(self.place(engine.as_deref(), image, &mounts), command, self.ctx, &|_| {}).await
    }

    fn place<'b>(&'b self, engine: Option<&'b str>, image: &'b str, mounts: &'b [String]) -> Place<'b> {
        Place { target: self.target, unit: &self.unit.id, engine, image, mounts }
    }

    fn check(&self, finished: &Finished) -> Result<(), Diagnostic> {
        if finished.succeeded() {
            return Ok(());
        }
        let cause = causes::of(Speaker::Mlflow, Some(finished.exit), &finished.tail);
        let known = causes::recognise(Speaker::Mlflow, Some(finished.exit), &finished.tail).is_some();
        let code = if known { cause.code } else { codes::MLFLOW_STOPPED };
        let log = self.target.folder.log(&self.unit.id);
        let mut diagnostic =
            cause.explain(Diagnostic::error(code, "MLflow's tables cannot be made").at(self.database.place()));
        diagnostic.evidence.extend(finished.memory.clone());
        diagnostic = diagnostic
            .evidence(format!("log: {}", log.display()))
            .changed("what was begun is removed and made anew by the next apply");
        Err(if known { diagnostic } else { disk::blamed(diagnostic, &log) })
    }

    async fn ask<T>(&self, question: impl Future<Output = Result<T, DatabaseError>>) -> Result<T, DriverError> {
        question.await.map_err(|error| {
            let passes = error.is_absence();
            let diagnostic = error.into_diagnostic(&self.database.place());
            if passes { DriverError::transient(diagnostic) } else { diagnostic.into() }
        })
    }
}
