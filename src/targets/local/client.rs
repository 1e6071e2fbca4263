//! A configured client: a folder with its configuration, a `zenml` to call and a file to source.

mod shell;

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use async_trait::async_trait;

use super::command::Command;
use super::record::unwritable;
use super::target::{LocalTarget, make_private_folder, remove, spec};
use crate::causes::{self, Speaker};
use crate::diagnostics::{Diagnostic, codes};
use crate::files::write_atomically;
use crate::unit::local::Client;
use crate::unit::{
    Context, DataFate, Deleted, Driver, DriverResult, Observation, Outputs, Owned, Spec as _, Text, Unit, references,
};

const CONFIGURATION: &str = "ZENML_CONFIG_PATH";

/// Driver of [`Client`].
pub(super) struct ClientDriver(pub(super) LocalTarget);

/// Where the parts of one client lie.
struct Places {
    folder: PathBuf,
}

impl Places {
    fn zenml(&self) -> PathBuf {
        self.folder.join("zenml")
    }

    fn environment(&self) -> PathBuf {
        self.folder.join("environment.sh")
    }

    fn configuration(&self) -> PathBuf {
        self.folder.join("configuration")
    }

    fn outputs(&self) -> Outputs {
        let text = |path: PathBuf| path.display().to_string();
        Outputs::from([
            ("zenml".to_owned(), text(self.zenml())),
            ("environment".to_owned(), text(self.environment())),
            ("configuration".to_owned(), text(self.configuration())),
        ])
    }
}

#[async_trait]
impl Driver for ClientDriver {
    fn kind(&self) -> &'static str {
        Client::KIND
    }

    async fn observe(&self, unit: &Unit, ctx: &Context) -> DriverResult<Observation> {
        let places = self.places(unit);
        Ok(self.0.recorded(unit, |present| {
            let applied = Unit { spec: present.spec.clone(), ..unit.clone() };
            let files = self.files(&applied, &places, ctx).ok()?;
            let changed =
                files.iter().find(|(path, text, _)| std::fs::read_to_string(path).ok().as_ref() != Some(text));
            match changed {
                Some((path, ..)) if path.exists() => Some(format!("{} was changed", path.display())),
                Some((path, ..)) => Some(format!("{} is gone", path.display())),
                None if !places.configuration().is_dir() => {
                    Some(format!("{} is gone", places.configuration().display()))
                }
                None => None,
            }
        })?)
    }

    async fn apply(&self, unit: &Unit, ctx: &Context) -> DriverResult<Outputs> {
        let places = self.places(unit);
        self.0.claim(unit, ctx)?;
        make_private_folder(&places.configuration())?;
        for (path, text, mode) in self.files(unit, &places, ctx)? {
            write(&path, &text, mode).map_err(|error| unwritable(&path, &error))?;
        }
        (ctx.progress)("opening the store with the client");
        self.open_store(unit, &places, ctx).await?;
        let outputs = places.outputs();
        self.0.records().write(unit, &outputs, ctx)?;
        Ok(outputs)
    }

    async fn delete(&self, owned: &Owned, data: DataFate, _ctx: &Context) -> DriverResult<Deleted> {
        let places = self.places(&owned.unit);
        if data == DataFate::Keep && !owned.unit.holds.is_empty() && places.configuration().exists() {
            self.0.records().keep(owned)?;
            return Ok(Deleted { kept: vec![places.configuration().display().to_string()] });
        }
        remove(&places.folder)?;
        self.0.records().remove(&owned.unit.id)?;
        Ok(Deleted::default())
    }
}

impl ClientDriver {
    fn places(&self, unit: &Unit) -> Places {
        Places { folder: self.0.folder.data(&unit.id) }
    }

    /// Path, content and mode of everything that we write.
    fn files(&self, unit: &Unit, places: &Places, ctx: &Context) -> Result<[(PathBuf, String, u32); 2], Diagnostic> {
        if let Some(open) = references(&unit.spec).first() {
            return Err(Diagnostic::error(
                codes::INTERNAL,
                format!("{} of {} is not known yet", open.output, open.unit),
            ));
        }
        let wanted: Client = spec(unit)?;
        let bin = PathBuf::from(wanted.bin.known().unwrap_or_default());
        let mut variables: BTreeMap<String, Text> = wanted.environment;
        variables.insert(CONFIGURATION.to_owned(), Text::literal(places.configuration().display().to_string()));
        let world = &self.0.world;
        Ok([
            (places.environment(), shell::environment(&variables, &bin, &ctx.secrets, world), 0o600),
            (places.zenml(), shell::wrapper(&places.environment(), &bin.join("zenml")), 0o700),
        ])
    }

    /// Lets the real client do what it does at its first call, so that the first call of a person is like any other.
    async fn open_store(&self, unit: &Unit, places: &Places, ctx: &Context) -> Result<(), Diagnostic> {
        let log = self.0.folder.log(&unit.id);
        let command = Command::new(&self.0.world, places.zenml(), &places.folder, &log)
            .argument("status")
            .variable("COLUMNS", "400".to_owned())
            .redactor(ctx.secrets.redactor_of_seen())
            .time_limit(ctx.time_limit);
        let command = self.0.world.environment.iter().fold(command, |command, (name, value)| {
            // A secret that comes from the caller's environment is read from there by the script.
            if shell::reads_variable(name, &ctx.secrets, unit) {
                command.variable(name, value.clone())
            } else {
                command
            }
        });
        let finished = command.run(&ctx.cancel, &|_| {}).await?;
        if finished.succeeded() {
            return Ok(());
        }
        let cause = causes::of(Speaker::Zenml, Some(finished.exit), &finished.tail);
        Err(cause
            .explain(Diagnostic::error(codes::HEALTH_CLIENT, "the client cannot open its store"))
            .at(places.configuration().display().to_string())
            .evidence(format!("log: {}", log.display())))
    }
}

fn write(path: &Path, text: &str, mode: u32) -> std::io::Result<()> {
    write_atomically(path, text.as_bytes())?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))
}
