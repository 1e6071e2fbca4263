//! The server's own programs, run on the database: its migration, its backup, and a script of ours where those stop.

use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::ExposeSecret as _;
use tokio::time::Instant;

use crate::causes::{self, Speaker};
use crate::database::Database;
use crate::diagnostics::{Diagnostic, codes};
use crate::targets::local::command::{Command, Finished};
use crate::targets::local::target::{LocalTarget, make_private_folder};
use crate::unit::local::Migration;
use crate::unit::{Context, Text, Unit, reveal};

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
        let deadline = Instant::now() + self.ctx.time_limit;
        command.await_predecessor(&self.ctx.cancel, deadline, &|line| (self.ctx.progress)(line)).await
    }

    pub(super) async fn migrate(&self) -> Result<(), Diagnostic> {
        let done = self.run(self.zenml(["migrate-database"])?).await?;
        self.check(&done, &format!("the migration of the database to {} failed", self.wanted.release))
    }

    /// Writes the whole database into a file, with the server's own means.
    pub(super) async fn dump(&self, file: &Path) -> Result<(), Diagnostic> {
        let location = file.display().to_string();
        let arguments = ["backup-database", "--strategy", "dump-file", "--overwrite", "--location", &location];
        let done = self.run(self.zenml(arguments)?).await?;
        self.check(&done, "the database cannot be backed up before its migration")
    }

    /// Makes the database what is in the file. What is in it now is gone.
    pub(super) async fn load(&self, file: &Path) -> Result<(), Diagnostic> {
        let location = file.display().to_string();
        let arguments = ["restore-database", "--strategy", "dump-file", "--location", &location];
        let done = self.run(self.zenml(arguments)?).await?;
        self.check(&done, "the backup taken before the migration cannot be put back")
    }

    pub(super) async fn finish(&self, what: Unfinished) -> Result<(), Diagnostic> {
        let argument = match what {
            Unfinished::Flavors => "flavors",
            Unfinished::Accounts => "accounts",
        };
        let mut command = self.prepare(Command::new(
            &self.target.world,
            self.plain(&self.wanted.python)?,
            &self.folder()?,
            self.target.folder.log(&self.unit.id),
        ))?;
        command = command.arguments(["-I", "-c", FINISH, argument]);
        if let Some(administrator) = &self.wanted.administrator {
            command = command
                .variable("DEPLOY_ADMINISTRATOR", administrator.username.clone())
                .variable("DEPLOY_PASSWORD", reveal(&administrator.password, &self.ctx.secrets)?);
        }
        let done = self.run(command).await?;
        self.check(&done, "the migrated database cannot be made ready for the server")
    }

    fn zenml<'b>(&self, arguments: impl IntoIterator<Item = &'b str>) -> Result<Command, Diagnostic> {
        let python = self.plain(&self.wanted.python)?;
        let log = self.target.folder.log(&self.unit.id);
        let command = Command::new(&self.target.world, python.with_file_name("zenml"), &self.folder()?, log);
        Ok(self.prepare(command)?.arguments(arguments))
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
        command.run(&self.ctx.cancel, &|_| {}).await
    }

    fn check(&self, finished: &Finished, title: &str) -> Result<(), Diagnostic> {
        if finished.succeeded() {
            return Ok(());
        }
        let cause = causes::of(Speaker::Zenml, Some(finished.exit), &finished.tail);
        let known = causes::recognise(Speaker::Zenml, Some(finished.exit), &finished.tail).is_some();
        let code = if known { cause.code } else { codes::DATABASE_MIGRATION_FAILED };
        let mut diagnostic = cause.explain(Diagnostic::error(code, title).at(self.database.place()));
        diagnostic.evidence.extend(finished.memory.clone());
        Err(diagnostic.evidence(format!("log: {}", self.target.folder.log(&self.unit.id).display())))
    }

    /// Home and working folder of the programs.
    fn folder(&self) -> Result<PathBuf, Diagnostic> {
        let folder = self.target.folder.run(&self.unit.id);
        make_private_folder(&folder)?;
        Ok(folder)
    }

    fn plain(&self, text: &Text) -> Result<PathBuf, Diagnostic> {
        Ok(PathBuf::from(reveal(text, &self.ctx.secrets)?.expose_secret()))
    }
}
