//! A program run to its end in a container.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;
use tokio::time::{Instant, sleep};

use super::super::command::{Command, Finished};
use super::super::engine::Engine;
use super::super::run_folder::RunFolder;
use super::super::target::{LocalTarget, make_private_folder};
use super::{Found, Order, ensure_image, found};
use crate::causes::{self, Exit, Speaker};
use crate::diagnostics::{Diagnostic, codes};
use crate::secrets::Alphabet;
use crate::unit::{Context, UnitId};

/// Exit code with which engines say that they, not the program, failed.
const ENGINE_FAILED: i32 = 125;

/// What is to be done with a container that may still run. `rm --force` alone asks first and waits ten seconds.
const REMOVE: [&[&str]; 2] = [&["kill"], &["rm", "--force", "--volumes"]];

/// In which container a program is to be run.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) target: &'a LocalTarget,
    pub(crate) unit: &'a UnitId,
    pub(crate) engine: Option<&'a str>,
    pub(crate) image: &'a str,
    /// Host paths to see at the same place, besides the unit's run folder.
    pub(crate) mounts: &'a [String],
}

/// Runs a command as [`Command::run`] does, in a container that is gone afterwards. The command's program is a path
/// or a name within the image.
pub(crate) async fn run_once(
    place: Place<'_>,
    command: Command,
    ctx: &Context,
    on_line: &(dyn Fn(&str) + Send + Sync),
) -> Result<Finished, Diagnostic> {
    let engine = Engine::find(&place.target.world, place.engine).await?;
    ensure_image(&engine, place.image, ctx).await?;
    let folder = RunFolder::new(place.target.folder.run(place.unit));
    make_private_folder(folder.path())?;
    await_earlier(&engine, &folder, &command, ctx, on_line).await?;
    let start = new_start()?;
    let program = command.program.display().to_string();
    let arguments: Vec<String> = command.arguments.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    let order = Order {
        target: place.target,
        unit: place.unit,
        start: &start,
        image: place.image,
        program: &program,
        arguments: &arguments,
        environment: command.environment.clone(),
        mounts: place.mounts,
    };
    let mut leftover = Leftover { engine: engine.clone(), name: order.name(), armed: true };
    let finished = clients(&engine, &order, command).run(&ctx.cancel, on_line).await;
    if finished.is_err() {
        // The client has passed the request to end on; what did not follow it is ended here.
        for verb in REMOVE {
            let _ = engine.ask(&[verb, &[&leftover.name]].concat(), &BTreeMap::new()).await;
        }
    }
    leftover.armed = false;
    let finished = finished?;
    if finished.exit == Exit::Code(ENGINE_FAILED) {
        let cause = causes::of(Speaker::ContainerEngine, Some(finished.exit), &finished.tail);
        let title = format!("{} refused to run {}", engine.name(), place.image);
        return Err(cause.clone().explain(Diagnostic::error(cause.code, title)));
    }
    Ok(finished)
}

/// Waits for a container that a killed run started for this unit, before anything is decided by what it changes.
pub(crate) async fn await_predecessor(
    place: Place<'_>,
    command: &Command,
    ctx: &Context,
    on_line: &(dyn Fn(&str) + Send + Sync),
) -> Result<(), Diagnostic> {
    let engine = Engine::find(&place.target.world, place.engine).await?;
    let folder = RunFolder::new(place.target.folder.run(place.unit));
    await_earlier(&engine, &folder, command, ctx, on_line).await
}

/// Tells one start from every other.
pub(in super::super) fn new_start() -> Result<String, Diagnostic> {
    use secrecy::ExposeSecret as _;
    let random = Alphabet::Hexadecimal.generate(12).map_err(|error| {
        Diagnostic::error(codes::INTERNAL, "the system gives no randomness").cause(error.to_string())
    })?;
    Ok(random.expose_secret().to_owned())
}

/// The engine's client that runs the command in its container.
fn clients(engine: &Engine, order: &Order<'_>, command: Command) -> Command {
    let (flags, values) = order.flags(engine);
    let mut arguments: Vec<String> = vec!["run".to_owned(), "--rm".to_owned()];
    if command.stdin.is_some() {
        arguments.push("--interactive".to_owned());
    }
    arguments.extend(flags);
    let mut environment: BTreeMap<String, SecretString> =
        engine.environment().iter().map(|(name, value)| (name.clone(), value.clone().into())).collect();
    environment.extend(values);
    Command {
        program: engine.program.clone(),
        arguments: arguments.into_iter().map(Into::into).collect(),
        environment,
        folder: PathBuf::from("/"),
        ..command
    }
}

/// A container of a run that was killed works on undisturbed, as a program on the host would.
async fn await_earlier(
    engine: &Engine,
    folder: &RunFolder,
    command: &Command,
    ctx: &Context,
    on_line: &(dyn Fn(&str) + Send + Sync),
) -> Result<(), Diagnostic> {
    let deadline = Instant::now() + command.time_limit;
    let mut told = false;
    loop {
        let earlier = found(engine, folder).await?;
        let Some(running) = earlier.iter().find(|one| one.state.running) else {
            return clear(engine, &earlier).await;
        };
        let state = format!("a container of an earlier run ({:.12}) still works", running.id);
        if !told {
            on_line(&format!("waiting: {state}"));
            told = true;
        }
        if Instant::now() > deadline || ctx.cancel.is_cancelled() {
            let code = if ctx.cancel.is_cancelled() { codes::RUN_CANCELLED } else { codes::RUN_TIMED_OUT };
            return Err(Diagnostic::error(code, state).changed("it was left alone").next(format!(
                "wait for it, or `{} rm --force {:.12}`",
                engine.name(),
                running.id
            )));
        }
        sleep(Duration::from_millis(500)).await;
    }
}

async fn clear(engine: &Engine, ended: &[Found]) -> Result<(), Diagnostic> {
    for one in ended {
        engine.demand(&["rm", "--force", "--volumes", &one.id], "to remove a container").await?;
    }
    Ok(())
}

/// Ends the container of whoever stops waiting. Its name holds the start, so it can mean no other.
struct Leftover {
    engine: Engine,
    name: String,
    armed: bool,
}

impl Drop for Leftover {
    fn drop(&mut self) {
        for verb in REMOVE.iter().filter(|_| self.armed) {
            let _ = std::process::Command::new(&self.engine.program)
                .args(*verb)
                .arg(&self.name)
                .env_clear()
                .envs(self.engine.environment())
                .stdin(std::process::Stdio::null())
                .stdout(std::process::Stdio::null())
                .stderr(std::process::Stdio::null())
                .status();
        }
    }
}
