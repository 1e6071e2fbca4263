//! The server's own programs, run on the database: its migration, its backup, and a script of ours where those stop.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::Instant;

use crate::causes::{self, Speaker};
use crate::database::Database;
use crate::diagnostics::{Diagnostic, codes};
use crate::targets::local::command::{Command, Finished};
use crate::targets::local::container::{self, Place, run_once};
use crate::targets::local::disk;
use crate::targets::local::inventory;
use crate::targets::local::target::{LocalTarget, make_private_folder};
use crate::unit::local::{DatabaseAddress, Migration, Process, Runtime};
use crate::unit::{Context, Owned, Spec as _, Text, Unit, UnitId, reveal};

/// How long the database may take to answer a question.
pub(super) const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// See the script itself.
const FINISH: &str = include_str!("finish.py");

/// Everything that one application of a migration works with.
pub(super) struct Work<'a> {
    pub(super) target: &'a LocalTarget,
    pub(super) unit: &'a Unit,
    pub(super) ctx: &'a Context,
    pub(super) wanted: &'a Migration,
    pub(super) database: &'a Database,
}

/// What a script of ours finishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unfinished {
    Flavors,
    Accounts,
}

impl Work<'_> {
    /// A program that an earlier, killed run started goes on by itself; nothing may be decided before it is done.
    pub(super) async fn wait_for_earlier(&self) -> Result<(), Diagnostic> {
        let command = self.zenml(["migrate-database"])?;
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

    pub(super) async fn migrate(&self) -> Result<(), Diagnostic> {
        let done = self.run(self.zenml(["migrate-database"])?).await?;
        self.check(&done, &format!("the migration of the database to {} failed", self.wanted.release)).await
    }

    /// Writes the whole database into a file, with the server's own means.
    pub(super) async fn dump(&self, file: &Path) -> Result<(), Diagnostic> {
        let location = file.display().to_string();
        let arguments = ["backup-database", "--strategy", "dump-file", "--overwrite", "--location", &location];
        let done = self.run(self.zenml(arguments)?).await?;
        self.check(&done, "the database cannot be backed up before its migration").await
    }

    /// Makes the database what is in the file. What is in it now is gone.
    pub(super) async fn load(&self, file: &Path) -> Result<(), Diagnostic> {
        let location = file.display().to_string();
        let arguments = ["restore-database", "--strategy", "dump-file", "--location", &location];
        let done = self.run(self.zenml(arguments)?).await?;
        self.check(&done, "the backup taken before the migration cannot be put back").await
    }

    pub(super) async fn finish(&self, what: Unfinished) -> Result<(), Diagnostic> {
        let argument = match what {
            Unfinished::Flavors => "flavors",
            Unfinished::Accounts => "accounts",
        };
        let mut command = self.command("python")?;
        command = command.arguments(["-I", "-c", FINISH, argument]);
        if let Some(administrator) = &self.wanted.administrator {
            command = command
                .variable("DEPLOY_ADMINISTRATOR", administrator.username.clone())
                .variable("DEPLOY_PASSWORD", reveal(&administrator.password, &self.ctx.secrets)?);
        }
        let done = self.run(command).await?;
        self.check(&done, "the migrated database cannot be made ready for the server").await
    }

    fn zenml<'b>(&self, arguments: impl IntoIterator<Item = &'b str>) -> Result<Command, Diagnostic> {
        Ok(self.command("zenml")?.arguments(arguments))
    }

    /// One of the programs of the server's environment, or of its image.
    fn command(&self, name: &str) -> Result<Command, Diagnostic> {
        let program = match &self.wanted.runtime {
            Runtime::Process => plain(&self.wanted.python)?.with_file_name(name),
            Runtime::Container { .. } => PathBuf::from(name),
        };
        let folder = self.target.folder.run(&self.unit.id);
        make_private_folder(&folder)?;
        let log = self.target.folder.log(&self.unit.id);
        self.prepare(Command::new(&self.target.world, program, &folder, log))
    }

    /// The environment that the server will have, secrets revealed at the last moment.
    fn prepare(&self, mut command: Command) -> Result<Command, Diagnostic> {
        for (name, text) in &self.wanted.environment {
            command = command.variable(name, reveal(text, &self.ctx.secrets)?);
        }
        if let Some(administrator) = &self.wanted.administrator {
            command = command
                .variable("ZENML_SERVER_AUTO_ACTIVATE", "True".to_owned())
                .variable("ZENML_DEFAULT_USER_NAME", administrator.username.clone())
                .variable("ZENML_DEFAULT_USER_PASSWORD", reveal(&administrator.password, &self.ctx.secrets)?);
        }
        // Without it, error messages are wrapped in the middle of words.
        Ok(command
            .variable("COLUMNS", "400".to_owned())
            .redactor(self.ctx.secrets.redactor_of_seen())
            .time_limit(self.ctx.time_limit))
    }

    async fn run(&self, command: Command) -> Result<Finished, Diagnostic> {
        let Runtime::Container { engine, image } = &self.wanted.runtime else {
            return command.run(&self.ctx.cancel, &|_| {}).await;
        };
        let mut mounts = self.wanted.mounts.iter().map(plain).collect::<Result<Vec<_>, _>>()?;
        mounts.push(self.target.folder.data(&self.unit.id));
        let mounts: Vec<String> = mounts.iter().map(|path| path.display().to_string()).collect();
        run_once(self.place(engine.as_deref(), image, &mounts), command, self.ctx, &|_| {}).await
    }

    fn place<'b>(&'b self, engine: Option<&'b str>, image: &'b str, mounts: &'b [String]) -> Place<'b> {
        Place { target: self.target, unit: &self.unit.id, engine, image, mounts }
    }

    async fn check(&self, finished: &Finished, title: &str) -> Result<(), Diagnostic> {
        if finished.succeeded() {
            return Ok(());
        }
        let cause = causes::of(Speaker::Zenml, Some(finished.exit), &finished.tail);
        let known = causes::recognise(Speaker::Zenml, Some(finished.exit), &finished.tail).is_some();
        let code = if known { cause.code } else { codes::DATABASE_MIGRATION_FAILED };
        let mut diagnostic = cause.explain(Diagnostic::error(code, title).at(self.database.place()));
        diagnostic.evidence.extend(finished.memory.clone());
        let log = self.target.folder.log(&self.unit.id);
        diagnostic = diagnostic.evidence(format!("log: {}", log.display()));
        Err(match code {
            codes::DATABASE_UNREACHABLE => self.with_end_of_database(diagnostic).await,
            _ if known => diagnostic,
            _ => disk::blamed(diagnostic, &log),
        })
    }

    /// Who lost a database of ours is told how that ended, and that there is a way on from there.
    async fn with_end_of_database(&self, mut diagnostic: Diagnostic) -> Diagnostic {
        let Some(unit) = self.own_database() else { return diagnostic };
        let state = self.target.process_state(&unit, &self.ctx.secrets.redactor_of_seen()).await;
        let Some(exit) = state.exit.filter(|_| !state.running) else { return diagnostic };
        let lost = diagnostic.cause.replace(format!("{unit} {}", exit.plain()));
        diagnostic.evidence.splice(0..0, lost);
        diagnostic.next = vec![
            "deploy apply starts the database again and makes the schema whole".to_owned(),
            format!("deploy logs {unit} shows what it said last"),
        ];
        diagnostic
    }

    /// The process of this deployment that listens where the database is.
    fn own_database(&self) -> Option<UnitId> {
        let DatabaseAddress::Mysql { port, .. } = &self.wanted.database else { return None };
        let port = port.known()?;
        let is_it = |owned: &Owned| {
            owned.unit.kind == Process::KIND && owned.present.outputs.get("port").is_some_and(|found| *found == port)
        };
        inventory(&self.target.folder).ok()?.into_iter().find(is_it).map(|owned| owned.unit.id)
    }
}

/// A path that is known and holds no secret.
fn plain(text: &Text) -> Result<PathBuf, Diagnostic> {
    text.known()
        .map(PathBuf::from)
        .ok_or_else(|| Diagnostic::error(codes::INTERNAL, format!("this should be a path: {}", text.describe())))
}
