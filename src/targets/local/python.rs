//! Virtual environments with pinned packages, made by uv or pip.

mod ask;
mod install;
mod interpreter;
mod releases;
mod store;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use serde::Deserialize;

use self::ask::Asker;
use self::install::{Build, Installer};
use self::interpreter::Interpreter;
use self::store::{Complete, Environment, Shelf};
use super::target::{LocalTarget, spec};
use crate::diagnostics::{Diagnostic, codes};
use crate::unit::local::PythonEnvironment;
use crate::unit::{Context, DataFate, Deleted, Driver, DriverResult, Observation, Outputs, Owned, Spec as _, Unit};

/// A first import compiles hundreds of modules.
const PROBE_WITHIN: Duration = Duration::from_mins(3);

/// What is installed, and proof that it can be imported.
const PROBE: &str = r#"
import importlib, json, os, sys
from importlib.metadata import distributions
module = importlib.import_module(sys.argv[1])
root = os.path.realpath(sys.prefix)
print(json.dumps({
    "file": os.path.relpath(os.path.realpath(module.__file__), root),
    "installed": {d.metadata["Name"]: d.version for d in distributions() if d.metadata["Name"]},
}))
"#;

/// Driver of [`PythonEnvironment`].
pub(super) struct PythonDriver(pub(super) LocalTarget);

#[derive(Deserialize)]
struct Probed {
    file: PathBuf,
    installed: BTreeMap<String, String>,
}

#[async_trait]
impl Driver for PythonDriver {
    fn kind(&self) -> &'static str {
        PythonEnvironment::KIND
    }

    /// Looks at files only: starting Python costs more than everything else in a plan together.
    async fn observe(&self, unit: &Unit, _ctx: &Context) -> DriverResult<Observation> {
        Ok(self.0.recorded(unit, |present| {
            let bin = Path::new(present.outputs.get("bin")?);
            Environment(bin.parent()?.to_owned()).what_is_wrong()
        })?)
    }

    async fn apply(&self, unit: &Unit, ctx: &Context) -> DriverResult<Outputs> {
        let provided = self.provide(unit, ctx).await;
        if provided.is_err() && ctx.cancel.is_cancelled() {
            // Whatever was cut off sounds like a fault of its own.
            let cancelled = Diagnostic::error(codes::RUN_CANCELLED, "cancelled while a Python environment was made");
            return Err(cancelled.changed("the unfinished environment is made anew on the next run").into());
        }
        Ok(provided?)
    }

    /// Drops our use of the environment. The environment itself stays for others and for the next time.
    async fn delete(&self, owned: &Owned, _data: DataFate, _ctx: &Context) -> DriverResult<Deleted> {
        if let Some(bin) = owned.present.outputs.get("bin") {
            store::remove_user(Path::new(bin), self.0.folder.path())?;
        }
        self.0.records().remove(&owned.unit.id)?;
        Ok(Deleted::default())
    }
}

impl PythonDriver {
    fn asker<'a>(&'a self, ctx: &'a Context) -> Asker<'a> {
        Asker { world: &self.0.world, cancel: &ctx.cancel }
    }

    /// The environment, taken as it is or built.
    async fn provide(&self, unit: &Unit, ctx: &Context) -> Result<Outputs, Diagnostic> {
        let mut wanted: PythonEnvironment = spec(unit)?;
        wanted.packages.extend(releases::companions(&wanted.packages));
        let world = &self.0.world;
        let installer = self.installer(ctx).await;
        let interpreter = self.interpreter(&wanted, &installer, ctx).await?;
        let shelf = Shelf::of(&self.0.home.python(), &wanted, &interpreter);
        shelf.make()?;
        let before = self.0.records().read(&unit.id)?;
        self.0.claim(unit, ctx)?;
        shelf.add_user(self.0.folder.path())?;
        let _lock = shelf.lock(ctx).await?;
        let environment = if let Some(environment) = self.usable(&shelf, &wanted, ctx).await {
            environment
        } else {
            let build =
                Build { world, ctx, installer: &installer, interpreter: &interpreter, wanted: &wanted, shelf: &shelf };
            self.build(&build).await?
        };
        let outputs = Outputs::from([
            ("python".to_owned(), environment.python().display().to_string()),
            ("bin".to_owned(), environment.bin().display().to_string()),
        ]);
        self.0.records().write(unit, &outputs, ctx)?;
        if let Some(bin) = before.as_ref().and_then(|owned| owned.present.outputs.get("bin"))
            && !Path::new(bin).starts_with(shelf.folder())
        {
            store::remove_user(Path::new(bin), self.0.folder.path())?;
        }
        Ok(outputs)
    }

    async fn installer(&self, ctx: &Context) -> Installer {
        match self.0.world.find_program("uv") {
            Some(uv) if self.asker(ctx).ask(&uv, &["--version"], Duration::from_secs(10)).await.is_ok() => {
                Installer::Uv(uv)
            }
            _ => Installer::Pip,
        }
    }

    /// A fitting Python of this machine, or one that uv brings when there is none.
    async fn interpreter(
        &self,
        wanted: &PythonEnvironment,
        installer: &Installer,
        ctx: &Context,
    ) -> Result<Interpreter, Diagnostic> {
        let asker = self.asker(ctx);
        let needs_venv = *installer == Installer::Pip;
        let found = interpreter::find(asker, &wanted.packages, wanted.python.as_deref(), needs_venv).await;
        let (Err(refusal), Installer::Uv(uv)) = (&found, installer) else { return found };
        if wanted.python.is_some() || wanted.wheelhouse.is_some() {
            return found;
        }
        let version = releases::favourite(&wanted.packages);
        (ctx.progress)(&format!("uv gets Python {version}"));
        let brought = asker.ask(uv, &["python", "install", &version], ctx.time_limit).await;
        let path = match brought {
            Ok(_) => asker.ask(uv, &["python", "find", &version], Duration::from_secs(30)).await,
            Err(words) => Err(words),
        };
        match path {
            Ok(path) => interpreter::find(asker, &wanted.packages, Some(Path::new(path.trim())), false).await,
            Err(words) => Err(refusal.clone().note(format!("uv cannot bring one either: {words}"))),
        }
    }

    /// The environment that is there, if it proves to be whole.
    async fn usable(&self, shelf: &Shelf, wanted: &PythonEnvironment, ctx: &Context) -> Option<Environment> {
        let environment = shelf.newest()?;
        let complete = environment.complete()?;
        (ctx.progress)("checking the Python environment");
        let probed = self.probe(&environment, &wanted.probe, ctx).await.ok()?;
        let is_as_installed =
            complete.installed.iter().all(|(name, version)| probed.installed.get(name) == Some(version));
        is_as_installed.then_some(environment)
    }

    async fn build(&self, build: &Build<'_>) -> Result<Environment, Diagnostic> {
        let environment = build.shelf.next();
        build.run(&environment).await?;
        (build.ctx.progress)("checking the Python environment");
        let probed = self.probe(&environment, &build.wanted.probe, build.ctx).await.map_err(|words| {
            Diagnostic::error(
                codes::PYTHON_INSTALL_FAILED,
                format!("the installed module `{}` does not start", build.wanted.probe),
            )
            .at(environment.0.display().to_string())
            .cause(words)
            .evidence(format!("log: {}", build.shelf.log().display()))
            .changed("nothing that was there before")
        })?;
        environment.mark_complete(&Complete {
            folder: environment.0.clone(),
            python: build.interpreter.number(),
            interpreter: build.interpreter.path.clone(),
            installed: probed.installed,
            probe_file: probed.file,
        })?;
        build.shelf.keep_only(&environment);
        Ok(environment)
    }

    async fn probe(&self, environment: &Environment, module: &str, ctx: &Context) -> Result<Probed, String> {
        let answer = self.asker(ctx).ask(&environment.python(), &["-I", "-c", PROBE, module], PROBE_WITHIN).await?;
        // What a module prints while it is imported comes first.
        let answer = answer.lines().last().unwrap_or_default();
        serde_json::from_str(answer).map_err(|error| format!("{error}: {answer}"))
    }
}

#[cfg(test)]
mod tests;
