//! A container engine's command line: docker or podman, whichever answers.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};

use super::command::{exit_of, not_started};
use crate::causes::{self, Exit, Speaker};
use crate::diagnostics::{Diagnostic, codes};
use crate::world::World;

/// Nearly everything that an engine is asked takes well under a second.
const ANSWER_WITHIN: Duration = Duration::from_mins(1);
/// An engine whose service hangs must not hold up the search for another.
const VERSION_WITHIN: Duration = Duration::from_secs(15);

/// An engine that answers.
#[derive(Clone)]
pub(super) struct Engine {
    pub(super) program: PathBuf,
    /// The caller's whole environment: engines find their service, storage and registry logins through it.
    environment: BTreeMap<String, String>,
}

/// What an engine said.
pub(super) struct Answer {
    pub(super) exit: Exit,
    pub(super) out: String,
    pub(super) err: String,
}

impl Answer {
    pub(super) fn succeeded(&self) -> bool {
        self.exit == Exit::Code(0)
    }
}

impl Engine {
    /// The named one, or podman, or docker: the first that is there and answers.
    pub(super) async fn find(world: &World, named: Option<&str>) -> Result<Self, Diagnostic> {
        let names = named.map_or_else(|| vec!["podman", "docker"], |name| vec![name]);
        let mut reasons = Vec::new();
        for name in names {
            let Some(program) = world.find_program(name) else {
                reasons.push(format!("{name}: not found on PATH"));
                continue;
            };
            let engine = Self::at(world, &program);
            match engine.ask_within(&["version"], &BTreeMap::new(), VERSION_WITHIN).await {
                Ok(answer) if answer.succeeded() => return Ok(engine),
                Ok(answer) => reasons.push(format!("{name}: {}", last_words(&answer))),
                Err(diagnostic) => reasons.push(format!("{name}: {}", diagnostic.cause.unwrap_or_default())),
            }
        }
        let diagnostic = Diagnostic::error(codes::CONTAINER_NO_ENGINE, "no container engine answers")
            .cause(reasons.join("; "))
            .changed("what ran before was left as it is")
            .next("install podman (Debian: `apt-get install podman`), or start docker's service and check `docker ps`")
            .next("or use `runtime: process`");
        Err(diagnostic)
    }

    /// The engine that was found earlier.
    pub(super) fn at(world: &World, program: &Path) -> Self {
        Self { program: program.to_owned(), environment: world.environment.clone() }
    }

    /// Its name, for messages.
    pub(super) fn name(&self) -> String {
        self.program.file_name().unwrap_or(self.program.as_os_str()).to_string_lossy().into_owned()
    }

    pub(super) fn is_podman(&self) -> bool {
        self.name().contains("podman")
    }

    /// Runs one of its commands to the end. Values of secrets go through the client's environment.
    pub(super) async fn ask(
        &self,
        arguments: &[impl AsRef<str>],
        secrets: &BTreeMap<String, SecretString>,
    ) -> Result<Answer, Diagnostic> {
        self.ask_within(arguments, secrets, ANSWER_WITHIN).await
    }

    pub(super) async fn ask_within(
        &self,
        arguments: &[impl AsRef<str>],
        secrets: &BTreeMap<String, SecretString>,
        time_limit: Duration,
    ) -> Result<Answer, Diagnostic> {
        let mut command = self.command(arguments);
        command.envs(secrets.iter().map(|(name, value)| (name, value.expose_secret())));
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let running = command.output();
        let output = match tokio::time::timeout(time_limit, running).await {
            Ok(output) => output.map_err(|error| not_started(&self.program, &error))?,
            Err(_) => return Err(self.silent(arguments, time_limit)),
        };
        Ok(Answer {
            exit: exit_of(output.status),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }

    /// As [`Self::ask`], with an error for every refusal.
    pub(super) async fn demand(&self, arguments: &[impl AsRef<str>], what: &str) -> Result<String, Diagnostic> {
        let answer = self.ask(arguments, &BTreeMap::new()).await?;
        if answer.succeeded() { Ok(answer.out) } else { Err(self.refused(what, &answer)) }
    }

    /// Appends all that a command prints to a file.
    pub(super) async fn pour(&self, arguments: &[impl AsRef<str>], into: File) -> std::io::Result<()> {
        let errors = into.try_clone()?;
        let mut command = self.command(arguments);
        let status = command.stdout(into).stderr(errors).status();
        tokio::time::timeout(ANSWER_WITHIN, status).await??;
        Ok(())
    }

    /// To be started by the caller.
    pub(super) fn command(&self, arguments: &[impl AsRef<str>]) -> tokio::process::Command {
        let mut command = tokio::process::Command::new(&self.program);
        command
            .args(arguments.iter().map(AsRef::as_ref))
            .env_clear()
            .envs(&self.environment)
            .stdin(Stdio::null())
            // Ctrl-C at the terminal must not cut off an engine half-way.
            .process_group(0)
            .kill_on_drop(true);
        command
    }

    pub(super) fn environment(&self) -> &BTreeMap<String, String> {
        &self.environment
    }

    /// What the engine would not do, in its own words.
    pub(super) fn refused(&self, what: &str, answer: &Answer) -> Diagnostic {
        let words = format!("{}\n{}", answer.out, answer.err);
        let cause = causes::of(Speaker::ContainerEngine, Some(answer.exit), &words);
        cause.clone().explain(Diagnostic::error(cause.code, format!("{} refused: {what}", self.name())))
    }

    fn silent(&self, arguments: &[impl AsRef<str>], time_limit: Duration) -> Diagnostic {
        let verb = arguments.first().map_or("", AsRef::as_ref);
        Diagnostic::error(codes::CONTAINER_FAILED, format!("{} does not answer", self.name()))
            .cause(format!("`{} {verb}` took longer than {} s", self.name(), time_limit.as_secs()))
            .next(format!("check that its service is well: `{} ps`", self.name()))
    }
}

fn last_words(answer: &Answer) -> String {
    let line = answer.err.lines().chain(answer.out.lines()).rfind(|line| !line.trim().is_empty());
    line.map_or_else(|| answer.exit.to_string(), |line| line.trim().to_owned())
}
