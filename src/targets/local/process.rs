//! Programs that keep running.

mod runs;
mod seen;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::sleep;

use super::log_file::older;
use super::record::unwritable;
use super::run_folder::{Farewell, Instance, RunFolder, Started, State};
use super::target::{LocalTarget, remove, spec};
use super::{failure, group, inventory, ports, prepare, readiness};
use crate::causes::Speaker;
use crate::diagnostics::{Diagnostic, codes};
use crate::unit::local::Process;
use crate::unit::{
    Context, DataFate, Deleted, Driver, DriverResult, Observation, Outputs, Owned, Present, Readiness, Spec as _, Unit,
    UnitId, secrets_used,
};

/// Keepers of earlier runs may still be at work in the folder.
const ATTEMPTS: u32 = 20;
const STEP: Duration = Duration::from_millis(100);

/// Driver of [`Process`].
pub(super) struct ProcessDriver {
    target: LocalTarget,
    http: reqwest::Client,
}

impl ProcessDriver {
    pub(super) fn new(target: LocalTarget) -> Self {
        Self { target, http: readiness::client() }
    }

    fn folder(&self, unit: &UnitId) -> RunFolder {
        RunFolder::new(self.target.folder.run(unit))
    }

    async fn bring_about(&self, unit: &Unit, ctx: &Context) -> Result<Outputs, Diagnostic> {
        for attempt in 0..ATTEMPTS {
            if let Some(outputs) = self.attempt(unit, ctx).await? {
                return Ok(outputs);
            }
            end_unwritten(attempt, &self.folder(&unit.id));
            sleep(STEP).await;
        }
        Err(unending(&unit.id, &self.folder(&unit.id)))
    }

    /// None if a keeper of an earlier run was quicker; what it did has to be looked at anew.
    async fn attempt(&self, unit: &Unit, ctx: &Context) -> Result<Option<Outputs>, Diagnostic> {
        let wanted: Process = spec(unit)?;
        let folder = self.folder(&unit.id);
        let secrets = ctx.secrets.fingerprints(&secrets_used(&unit.spec))?;
        let state = self.state(&folder).await?;
        if let State::Running(started) = &state
            && started.present.spec == unit.spec
            && started.present.secrets == secrets
        {
            self.target.records().write(unit, &started.present.outputs, ctx)?;
            return Ok(Some(started.present.outputs.clone()));
        }
        let before = self.port_before(&unit.id, &state)?;
        // What can be seen to fail is refused while the old process still runs.
        let means = self.means(&prepare::filled(unit, &prepare::outputs(&self.target, unit, 0))?, ctx).await?;
        let left_behind = state.started().is_some_and(|started| !folder.members(started).is_empty());
        let holds_port = matches!(state, State::Running(_)) || left_behind;
        if let Some(port) = wanted.port.wanted.filter(|port| !(holds_port && before == Some(*port))) {
            check_port(port, &unit.id)?;
        }
        if let Some(started) = state.started() {
            (ctx.progress)("stopping the process that runs");
            self.stop(&unit.id, started, wanted.stop_seconds).await?;
        }
        let _choice = ports::choose_alone(&self.target.home).await?;
        let port = self.choose_port(unit, &wanted, before)?;
        let outputs = prepare::outputs(&self.target, unit, port);
        let present = Present { spec: unit.spec.clone(), secrets, outputs: outputs.clone(), ..Present::default() };
        self.start(unit, present, means, ctx).await.map(|started| started.then_some(outputs))
    }

    /// The port that the unit had, if it had one.
    fn port_before(&self, unit: &UnitId, state: &State) -> Result<Option<u16>, Diagnostic> {
        if let Some(port) = state.started().and_then(|started| ports::port_of(&started.present.outputs)) {
            return Ok(Some(port));
        }
        let record = self.target.records().read(unit)?;
        Ok(record.and_then(|owned| ports::port_of(&owned.present.outputs)))
    }

    fn choose_port(&self, unit: &Unit, wanted: &Process, before: Option<u16>) -> Result<u16, Diagnostic> {
        if let Some(port) = wanted.port.wanted {
            check_port(port, &unit.id)?;
            return Ok(port);
        }
        let spoken_for = ports::spoken_for(&self.target.home, &self.target.folder, &unit.id);
        match before {
            Some(port) if !spoken_for.contains(&port) && ports::is_free(port).unwrap_or(false) => Ok(port),
            _ => ports::first_free(wanted.port.from, &spoken_for),
        }
    }

    /// Ends what runs and removes its folder, with no keeper of a killed run coming in between.
    async fn take_away(&self, unit: &UnitId, folder: &RunFolder, seconds: u32) -> Result<(), Diagnostic> {
        for attempt in 0..ATTEMPTS {
            if let Some(started) = self.state(folder).await?.started() {
                self.stop(unit, started, seconds).await?;
            }
            let lock = match folder.lock() {
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
                other => other.map_err(|error| unwritable(folder.path(), &error))?,
            };
            if lock.is_some() && !matches!(folder.state(), State::Running(_) | State::Changing(_)) {
                // What left its session, or was started before the file about it was lost.
                group::kill_all(|| group::marked(folder.path().as_os_str()));
                return folder.remove().map_err(|error| unwritable(folder.path(), &error));
            }
            end_unwritten(attempt, folder);
            sleep(STEP).await;
        }
        Err(unending(unit, folder))
    }

    async fn failed(&self, unit: &UnitId, speaker: Speaker, farewell: &Farewell, ctx: &Context) -> Readiness {
        let words = self.words(unit, &ctx.secrets.redactor()).await;
        let log = self.target.folder.log(unit).display().to_string();
        Readiness::Failed(Box::new(failure::in_full(unit, speaker, farewell, &words, &log)))
    }

    /// Waits for the sign, but not longer than the process lives.
    async fn probe(&self, unit: &Unit, started: &Started, ctx: &Context) -> Result<Readiness, Diagnostic> {
        let Some(port) = ports::port_of(&started.present.outputs) else { return Ok(Readiness::Ready) };
        let wanted: Process = spec(unit)?;
        let folder = self.folder(&unit.id);
        let missing = tokio::select! {
            missing = readiness::missing(&self.http, &wanted.ready_when, port) => missing,
            () = self.until_gone(&folder, started) => Some("it ended".to_owned()),
        };
        Ok(match self.state(&folder).await? {
            State::Gone(_, farewell) => self.failed(&unit.id, wanted.speaker, &farewell, ctx).await,
            State::Running(started) => match missing {
                Some(missing) => Readiness::Waiting(self.with_last_line(&unit.id, missing, ctx).await),
                None => Self::unless_impostor(unit, port, &folder, &started),
            },
            State::Changing(_) | State::Never => Readiness::Waiting("it is being started".to_owned()),
        })
    }

    fn unless_impostor(unit: &Unit, port: u16, folder: &RunFolder, started: &Started) -> Readiness {
        if matches!(started.instance, Instance::Container { .. }) {
            // Its processes are the engine's; who of them holds the port cannot be told from here.
            return Readiness::Ready;
        }
        match readiness::impostor(port, &folder.members(started)) {
            None => Readiness::Ready,
            Some(_) => Readiness::Failed(Box::new(
                ports::taken(port, &unit.id)
                    .changed("the process was started and does not get its port; `deploy apply` starts it again"),
            )),
        }
    }

    async fn with_last_line(&self, unit: &UnitId, missing: String, ctx: &Context) -> String {
        let words = self.words(unit, &ctx.secrets.redactor_of_seen()).await;
        match words.lines().rev().find(|line| !line.trim().is_empty()) {
            Some(line) => failure::shortened(&format!("{missing}; its last words: {}", failure::message(line))),
            None => missing,
        }
    }
}

#[async_trait]
impl Driver for ProcessDriver {
    fn kind(&self) -> &'static str {
        Process::KIND
    }

    async fn observe(&self, unit: &Unit, ctx: &Context) -> DriverResult<Observation> {
        let recorded = self.target.records().read(&unit.id)?.map(|owned| owned.present);
        let present = match self.state(&self.folder(&unit.id)).await? {
            State::Running(started) => Present { broken: None, ..started.present },
            State::Changing(started) => Present { broken: Some("is being started".to_owned()), ..started.present },
            State::Gone(started, farewell) => {
                let present = recorded.unwrap_or(started.present);
                let speaker = speaker(&present, unit);
                let words = self.words(&unit.id, &ctx.secrets.redactor()).await;
                Present { broken: Some(failure::in_short(speaker, &farewell, &words)), ..present }
            }
            State::Never => match recorded {
                Some(present) => Present { broken: Some("is not running".to_owned()), ..present },
                None => return Ok(Observation::Absent),
            },
        };
        Ok(Observation::Present(Box::new(present)))
    }

    async fn apply(&self, unit: &Unit, ctx: &Context) -> DriverResult<Outputs> {
        supported()?;
        tokio::select! {
            outputs = self.bring_about(unit, ctx) => Ok(outputs?),
            () = ctx.cancel.cancelled() => Err(cancelled(&unit.id).into()),
        }
    }

    async fn ready(&self, unit: &Unit, ctx: &Context) -> DriverResult<Readiness> {
        let wanted: Process = spec(unit)?;
        Ok(match self.state(&self.folder(&unit.id)).await? {
            State::Running(started) => self.probe(unit, &started, ctx).await?,
            State::Changing(_) => Readiness::Waiting("it is being started".to_owned()),
            State::Gone(_, farewell) => self.failed(&unit.id, wanted.speaker, &farewell, ctx).await,
            State::Never => Readiness::Failed(Box::new(
                Diagnostic::error(codes::PROCESS_NOT_STARTED, format!("{} was not started", unit.id))
                    .next("deploy apply"),
            )),
        })
    }

    fn evidence(&self, unit: &Unit, ctx: &Context) -> Vec<String> {
        self.target.evidence(&unit.id, ctx)
    }

    async fn delete(&self, owned: &Owned, data: DataFate, ctx: &Context) -> DriverResult<Deleted> {
        let unit = &owned.unit.id;
        let folder = self.folder(unit);
        let patience = spec::<Process>(&owned.unit).map_or(10, |spec| spec.stop_seconds);
        tokio::select! {
            gone = self.take_away(unit, &folder, patience) => gone?,
            () = ctx.cancel.cancelled() => return Err(cancelled(unit).into()),
        }
        let mut deleted = Deleted::default();
        let log = self.target.folder.log(unit);
        if data == DataFate::Delete {
            remove(&log)?;
            remove(&older(&log))?;
        } else if log.exists() {
            deleted.kept.push(log.display().to_string());
        }
        self.target.records().remove(unit)?;
        Ok(deleted)
    }
}

impl LocalTarget {
    /// Stops every process that works with this path. The next look at its unit finds it stopped and starts it again.
    pub(super) async fn stop_users_of(&self, path: &Path) -> Result<(), Diagnostic> {
        let driver = ProcessDriver::new(self.clone());
        let path = path.display().to_string();
        for owned in inventory(&self.folder)? {
            let is_user = owned.unit.kind == Process::KIND && owned.present.spec.to_string().contains(&path);
            if is_user && let Some(started) = driver.state(&driver.folder(&owned.unit.id)).await?.started() {
                let seconds = spec::<Process>(&owned.unit)?.stop_seconds;
                driver.stop(&owned.unit.id, started, seconds).await?;
            }
        }
        Ok(())
    }

    /// The driver of everything on this machine that keeps running.
    pub fn process_drivers(&self) -> Vec<Arc<dyn Driver>> {
        vec![Arc::new(ProcessDriver::new(self.clone()))]
    }

    /// The number of a unit's process, if it runs on this machine.
    pub fn process_id(&self, unit: &UnitId) -> Option<i32> {
        match RunFolder::new(self.folder.run(unit)).state() {
            State::Running(Started { instance: Instance::Process { child: Some(child), .. }, .. }) => Some(child.pid),
            _ => None,
        }
    }
}

impl State {
    /// What was started, whatever became of it: it may have left other processes behind.
    fn started(&self) -> Option<&Started> {
        match self {
            Self::Never => None,
            Self::Changing(started) | Self::Running(started) | Self::Gone(started, _) => Some(started),
        }
    }
}

fn check_port(port: u16, unit: &UnitId) -> Result<(), Diagnostic> {
    match ports::is_free(port) {
        Ok(true) => Ok(()),
        Ok(false) => Err(ports::taken(port, unit)),
        Err(error) => Err(ports::refused(port, unit, &error)),
    }
}

/// As it was applied; a spec of another release tells less than the one that is wanted.
fn speaker(present: &Present, unit: &Unit) -> Speaker {
    let of = |spec: &serde_json::Value| serde_json::from_value(spec.get("speaker")?.clone()).ok();
    of(&present.spec).or_else(|| of(&unit.spec)).unwrap_or(Speaker::Zenml)
}

fn cancelled(unit: &UnitId) -> Diagnostic {
    Diagnostic::error(codes::RUN_CANCELLED, format!("{unit}: the run was cancelled"))
        .changed("the process may have been asked to end, or have been started; `deploy apply` goes on from there")
}

/// A folder that is busy for longer than any start takes holds something that is not written there any more: the
/// file was damaged or removed. What was started carries the folder's marker.
fn end_unwritten(attempt: u32, folder: &RunFolder) {
    if attempt == ATTEMPTS / 2 {
        group::kill_all(|| group::marked(folder.path().as_os_str()));
    }
}

fn unending(unit: &UnitId, folder: &RunFolder) -> Diagnostic {
    Diagnostic::error(codes::PROCESS_NOT_STOPPING, format!("{unit}: the keeper of an earlier process does not end"))
        .at(folder.path().display().to_string())
        .next(format!("fuser -v {}/keeper.lock", folder.path().display()))
}

fn supported() -> Result<(), Diagnostic> {
    if cfg!(target_os = "linux") {
        return Ok(());
    }
    Err(Diagnostic::error(codes::TARGET_UNSUPPORTED_SYSTEM, "processes can be run on Linux only")
        .cause(format!("this is {}", std::env::consts::OS))
        .changed("nothing was changed"))
}
