//! The same questions and requests to a process of this machine and to one in a container.

use std::collections::BTreeMap;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::{Instant, sleep};

use super::super::container::{self, Order, ensure_image};
use super::super::engine::Engine;
use super::super::environment::base_environment;
use super::super::keeper::Launch;
use super::super::launch::{Launched, launch};
use super::super::record::unwritable;
use super::super::run_folder::{Instance, RunFolder, Started, State};
use super::super::target::make_private_folder;
use super::super::{failure, log_file, prepare, stop};
use super::{ProcessDriver, STEP};
use crate::diagnostics::Diagnostic;
use crate::secrets::Redactor;
use crate::unit::local::{Process, Runtime};
use crate::unit::{Context, Present, Unit, UnitId};

/// A keeper needs this long at most to start its process, or to write down how it ended.
const CHANGE_WITHIN: Duration = Duration::from_secs(3);

/// What a start needs that can be missing; had before anything is stopped.
pub(super) enum Means {
    Host,
    Container(Engine),
}

impl ProcessDriver {
    /// What is there, once a keeper that is in the middle of something is done with it.
    pub(super) async fn state(&self, folder: &RunFolder) -> Result<State, Diagnostic> {
        if let Some(started) = folder.started()
            && let Instance::Container { engine, start } = started.instance.clone()
        {
            return container::state(&self.engine(&engine), folder, started, &start).await;
        }
        let deadline = Instant::now() + CHANGE_WITHIN;
        loop {
            match folder.state() {
                State::Changing(_) if Instant::now() < deadline => sleep(STEP / 5).await,
                state => return Ok(state),
            }
        }
    }

    /// Comes back when what runs does not run any more. Looked at often, so that an end is reported at once.
    pub(super) async fn until_gone(&self, folder: &RunFolder, started: &Started) {
        let step = match started.instance {
            Instance::Process { .. } => STEP,
            // Each look starts the engine's client.
            Instance::Container { .. } => STEP * 5,
        };
        loop {
            sleep(step).await;
            if !matches!(self.state(folder).await, Ok(State::Running(_))) {
                return;
            }
        }
    }

    /// Ends what was started and everything that came of it.
    pub(super) async fn stop(&self, unit: &UnitId, started: &Started, seconds: u32) -> Result<(), Diagnostic> {
        let (folder, patience) = (self.folder(unit), Duration::from_secs(seconds.into()));
        match &started.instance {
            Instance::Process { .. } => stop::stop(&folder, started, patience).await,
            Instance::Container { engine, .. } => {
                container::stop(&self.engine(engine), &folder, &self.target.folder.log(unit), patience).await
            }
        }
    }

    /// What the last life printed.
    pub(super) async fn words(&self, unit: &UnitId, redactor: &Redactor) -> String {
        let folder = self.folder(unit);
        if let Some(Started { instance: Instance::Container { engine, start }, .. }) = folder.started()
            && let Some(lines) = container::words(&self.engine(&engine), &folder, &start, failure::SEARCHED_LINES).await
        {
            return lines.iter().map(|line| redactor.redact(line) + "\n").collect();
        }
        failure::words(&self.target.folder.log(unit), redactor)
    }

    /// Looks for what the start needs.
    pub(super) async fn means(&self, spec: &Process, ctx: &Context) -> Result<Means, Diagnostic> {
        let Runtime::Container { engine, image } = &spec.runtime else {
            return prepare::program(&self.target, spec).map(|_| Means::Host);
        };
        let engine = Engine::find(&self.target.world, engine.as_deref()).await?;
        ensure_image(&engine, image, ctx).await?;
        Ok(Means::Container(engine))
    }

    /// False if another run was quicker.
    pub(super) async fn start(
        &self,
        unit: &Unit,
        present: Present,
        means: Means,
        ctx: &Context,
    ) -> Result<bool, Diagnostic> {
        let folder = self.folder(&unit.id);
        let spec = prepare::filled(unit, &present.outputs)?;
        // First, so that whatever a killed run leaves can be found and deleted.
        self.target.records().write(unit, &present.outputs, ctx)?;
        make_private_folder(folder.path())?;
        prepare::write_files(&spec, &folder)?;
        let mut environment: BTreeMap<String, SecretString> = base_environment(&self.target.world, folder.path())
            .into_iter()
            .map(|(name, value)| (name, value.into()))
            .collect();
        environment.extend(prepare::environment(&spec, &ctx.secrets)?);
        match means {
            Means::Host => self.start_on_host(&unit.id, &spec, present, environment).await,
            Means::Container(engine) => self.start_in_container(&engine, unit, &spec, present, environment).await,
        }
    }

    async fn start_on_host(
        &self,
        unit: &UnitId,
        spec: &Process,
        present: Present,
        environment: BTreeMap<String, SecretString>,
    ) -> Result<bool, Diagnostic> {
        let reveal = |(name, value): (String, SecretString)| (name, value.expose_secret().to_owned());
        let order = Launch {
            program: prepare::program(&self.target, spec)?,
            arguments: prepare::arguments(spec)?,
            environment: environment.into_iter().map(reveal).collect(),
            log: self.target.folder.log(unit),
            max_log_bytes: log_file::MAX_BYTES,
            present,
        };
        match launch(&self.target.world, &self.folder(unit), order).await? {
            Launched::Started => Ok(true),
            Launched::Busy => Ok(false),
        }
    }

    async fn start_in_container(
        &self,
        engine: &Engine,
        unit: &Unit,
        spec: &Process,
        present: Present,
        environment: BTreeMap<String, SecretString>,
    ) -> Result<bool, Diagnostic> {
        let Runtime::Container { image, .. } = &spec.runtime else { return Ok(false) };
        let folder = self.folder(&unit.id);
        let (start, program) = (container::new_start()?, prepare::plain(&spec.program, "the program")?);
        let (arguments, mounts) = (prepare::arguments(spec)?, prepare::mounts(spec)?);
        let started = Started {
            instance: Instance::Container { engine: engine.program.clone(), start: start.clone() },
            started_at: self.target.world.now(),
            command: std::iter::once(program.clone()).chain(arguments.iter().cloned()).collect(),
            present,
        };
        folder.write_started(&started).map_err(|error| unwritable(folder.path(), &error))?;
        let order = Order {
            target: &self.target,
            unit: &unit.id,
            start: &start,
            image,
            program: &program,
            arguments: &arguments,
            environment,
            mounts: &mounts,
        };
        let Err(refused) = container::start(engine, &order).await else { return Ok(true) };
        container::stop(engine, &folder, &self.target.folder.log(&unit.id), Duration::ZERO).await?;
        folder.forget();
        Err(refused)
    }

    fn engine(&self, program: &std::path::Path) -> Engine {
        Engine::at(&self.target.world, program)
    }
}
