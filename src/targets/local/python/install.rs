//! Building an environment with uv or pip.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use secrecy::SecretString;

use super::super::command::{Command, Finished};
use super::super::disk;
use super::ask::tool_environment;
use super::interpreter::Interpreter;
use super::store::{Environment, Shelf};
use crate::causes::{self, Speaker};
use crate::diagnostics::{Diagnostic, codes};
use crate::secrets::{Redactor, SecretName};
use crate::unit::Context;
use crate::unit::local::PythonEnvironment;
use crate::world::World;

/// A registry that is away is said to be so within half a minute, unless the user wants more patience.
const PATIENCE: [(&[&str], &str); 4] = [
    (&["PIP_RETRIES"], "2"),
    (&["PIP_DEFAULT_TIMEOUT", "PIP_TIMEOUT"], "15"),
    (&["UV_HTTP_RETRIES"], "2"),
    (&["UV_HTTP_TIMEOUT", "UV_REQUEST_TIMEOUT", "HTTP_TIMEOUT"], "30"),
];

/// What builds environments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Installer {
    Uv(PathBuf),
    Pip,
}

/// One build.
pub(super) struct Build<'a> {
    pub(super) world: &'a World,
    pub(super) ctx: &'a Context,
    pub(super) installer: &'a Installer,
    pub(super) interpreter: &'a Interpreter,
    pub(super) wanted: &'a PythonEnvironment,
    pub(super) shelf: &'a Shelf,
}

impl Build<'_> {
    /// Makes the environment and installs the packages, from nothing.
    pub(super) async fn run(&self, environment: &Environment) -> Result<(), Diagnostic> {
        if let Some(wheelhouse) = &self.wanted.wheelhouse {
            check_wheelhouse(wheelhouse)?;
        }
        (self.ctx.progress)(&format!("making an environment of Python {}", self.interpreter.number()));
        let made = self.run_to_end(self.make_environment(environment)).await?;
        if !made.succeeded() {
            return Err(self.explain("cannot make a Python environment", &made));
        }
        (self.ctx.progress)(&format!("installing {}", self.wanted.packages.join(", ")));
        let installed = self.run_to_end(self.install(environment)).await?;
        if !installed.succeeded() {
            return Err(self.explain(&format!("cannot install {}", self.wanted.packages.join(", ")), &installed));
        }
        Ok(())
    }

    fn make_environment(&self, environment: &Environment) -> Command {
        match self.installer {
            Installer::Uv(uv) => self
                .command(uv)
                .arguments(["venv", "--no-project", "--python"])
                .argument(&self.interpreter.path)
                .argument(&environment.0),
            Installer::Pip => {
                self.command(&self.interpreter.path).arguments(["-I", "-m", "venv"]).argument(&environment.0)
            }
        }
    }

    fn install(&self, environment: &Environment) -> Command {
        let mut command = match self.installer {
            Installer::Uv(uv) => {
                // Copies: a file that is damaged in one environment must not be damaged in uv's cache, too.
                let command = self.command(uv).arguments(["pip", "install", "--link-mode", "copy", "--python"]);
                command.argument(environment.python())
            }
            Installer::Pip => self.command(&environment.python()).arguments([
                "-m",
                "pip",
                "install",
                "--disable-pip-version-check",
                "--no-input",
                "--progress-bar",
                "off",
            ]),
        };
        if let Some(wheelhouse) = &self.wanted.wheelhouse {
            command = command.argument("--no-index").argument("--find-links").argument(wheelhouse);
            command = match self.installer {
                Installer::Uv(_) => command.arguments(["--offline", "--no-build"]).variable("UV_NO_CONFIG", "1"),
                // A configuration file could name further links.
                Installer::Pip => command.argument("--only-binary=:all:").variable("PIP_CONFIG_FILE", "/dev/null"),
            };
            command.environment.remove("PIP_FIND_LINKS");
            command.environment.remove("UV_FIND_LINKS");
        }
        command.arguments(&self.wanted.packages)
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(self.world, program, self.shelf.folder(), self.shelf.log());
        command.environment =
            tool_environment(self.world).into_iter().map(|(name, value)| (name, SecretString::from(value))).collect();
        for (names, value) in PATIENCE {
            if names.iter().all(|name| self.world.variable(name).is_none()) {
                command = command.variable(names[0], value);
            }
        }
        command.redactor(index_passwords(self.world)).time_limit(self.ctx.time_limit)
    }

    async fn run_to_end(&self, command: Command) -> Result<Finished, Diagnostic> {
        let collected = AtomicUsize::new(0);
        let progress = &self.ctx.progress;
        let cancel = &self.ctx.cancel;
        command
            .run(cancel, &|line| {
                if let Some(words) = progress_of(line, &collected) {
                    progress(&words);
                }
            })
            .await
    }

    fn explain(&self, title: &str, finished: &Finished) -> Diagnostic {
        let cause = causes::of(Speaker::Installer, Some(finished.exit), &finished.tail);
        let known = causes::recognise(Speaker::Installer, Some(finished.exit), &finished.tail).is_some();
        let (code, title) = match (disk::is_full(self.shelf.folder()), known) {
            (true, _) => (codes::PROCESS_DISK_FULL, format!("{title}: the disk is full")),
            (false, true) => (cause.code, title.to_owned()),
            (false, false) => (codes::PYTHON_INSTALL_FAILED, title.to_owned()),
        };
        let untrusted = cause.cause.to_lowercase().contains("certificate");
        let mut diagnostic = cause
            .explain(Diagnostic::error(code, title).at(self.shelf.folder().display().to_string()))
            .evidence(format!("log: {}", self.shelf.log().display()))
            .changed("nothing that was there before; the unfinished environment is made anew on the next run");
        if untrusted {
            // uv trusts a list of its own unless it is told of another.
            diagnostic = diagnostic
                .next("does your network sign with an authority of its own? SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt deploy apply");
        }
        diagnostic
    }
}

fn check_wheelhouse(folder: &Path) -> Result<(), Diagnostic> {
    let unfit = |cause: String| {
        Diagnostic::error(codes::PYTHON_INSTALL_FAILED, "the wheelhouse cannot be used")
            .at(folder.display().to_string())
            .cause(cause)
            .changed("nothing was changed")
            .next("fill it where there is a network: pip download -d DIR 'zenml[server]==VERSION'")
    };
    let entries = std::fs::read_dir(folder).map_err(|error| unfit(error.to_string()))?;
    let has_wheels = entries.flatten().any(|entry| entry.path().extension().is_some_and(|kind| kind == "whl"));
    has_wheels.then_some(()).ok_or_else(|| unfit("it holds no wheels (*.whl)".to_owned()))
}

/// A few words for the person who waits, out of what pip or uv print.
fn progress_of(line: &str, collected: &AtomicUsize) -> Option<String> {
    if line.starts_with("Collecting ") {
        let count = collected.fetch_add(1, Ordering::Relaxed) + 1;
        return Some(format!("collecting packages ({count} so far)"));
    }
    if let Some(list) = line.strip_prefix("Installing collected packages: ") {
        return Some(format!("installing {} packages", list.split(", ").count()));
    }
    // uv: `Resolved 98 packages in 1.2s`, `Prepared 98 packages in 3s`
    let mut words = line.split_whitespace();
    match (words.next()?, words.next()?.parse::<u32>().ok()?) {
        ("Resolved", count) => Some(format!("downloading {count} packages")),
        ("Prepared", count) => Some(format!("installing {count} packages")),
        _ => None,
    }
}

/// Passwords in the addresses of registries and proxies, so that no log holds them.
fn index_passwords(world: &World) -> Redactor {
    let name = SecretName::new("registry-password");
    let passwords: Vec<SecretString> = tool_environment(world)
        .values()
        .flat_map(|value| value.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
        .filter_map(|address| url::Url::parse(&address).ok()?.password().map(SecretString::from))
        .collect();
    Redactor::new(passwords.iter().map(|password| (&name, password)))
}
