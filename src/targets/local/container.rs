//! A process of ours in a container: the same spec, run by docker or podman in the host's network, so that
//! everything stays on loopback.
//!
//! A container is ours by its labels, never by its name. Each start has a label of its own, written down before the
//! engine is asked, so that a run that is killed in between leaves nothing that cannot be found.

mod image;
mod once;

use std::collections::BTreeMap;
use std::time::Duration;

use secrecy::SecretString;
use serde::Deserialize;

pub(super) use image::ensure_image;
pub(super) use once::new_start;
pub(crate) use once::{Place, await_predecessor, run_once};

use super::Fate;
use super::engine::Engine;
use super::log_file;
use super::memory;
use super::run_folder::{Farewell, RunFolder, Started, State};
use super::target::LocalTarget;
use crate::causes::Exit;
use crate::diagnostics::{Diagnostic, codes};
use crate::unit::UnitId;

const LABEL_DEPLOYMENT: &str = "dev.deploy.deployment";
const LABEL_UNIT: &str = "dev.deploy.unit";
/// Run folder: tells deployments of the same name in two homes apart.
const LABEL_FOLDER: &str = "dev.deploy.folder";
const LABEL_START: &str = "dev.deploy.start";

/// Log kept by the engine; docker keeps one older generation, podman cuts.
const MAX_LOG: &str = "10m";

/// What is to be run in a container.
pub(super) struct Order<'a> {
    pub(super) target: &'a LocalTarget,
    pub(super) unit: &'a UnitId,
    /// Which start this is.
    pub(super) start: &'a str,
    pub(super) image: &'a str,
    /// Instead of what the image would run.
    pub(super) program: &'a str,
    pub(super) arguments: &'a [String],
    pub(super) environment: BTreeMap<String, SecretString>,
    /// Host paths to see at the same place, besides the run folder.
    pub(super) mounts: &'a [String],
}

impl Order<'_> {
    /// Everything between `run` and the program's arguments, with what the client's own environment has to hold.
    fn flags(&self, engine: &Engine) -> (Vec<String>, BTreeMap<String, SecretString>) {
        let folder = self.target.folder.run(self.unit);
        let mut flags: Vec<String> = ["--pull", "never", "--network", "host"].map(str::to_owned).to_vec();
        flags.extend(["--name".to_owned(), self.name()]);
        for (label, value) in self.labels() {
            flags.extend(["--label".to_owned(), format!("{label}={value}")]);
        }
        for mount in std::iter::once(&folder.display().to_string()).chain(self.mounts) {
            flags.extend(["--volume".to_owned(), format!("{mount}:{mount}")]);
        }
        flags.extend(user_flags(engine));
        let (variables, values) = variable_flags(&self.environment, &self.target.world.environment);
        flags.extend(variables);
        flags.extend(["--workdir".to_owned(), folder.display().to_string()]);
        flags.extend(["--entrypoint".to_owned(), self.program.to_owned(), self.image.to_owned()]);
        flags.extend(self.arguments.iter().cloned());
        (flags, values)
    }

    /// For people who look at the engine's list; the start makes it unique.
    fn name(&self) -> String {
        format!("deploy-{}-{}-{}", deployment(self.target), self.unit.file_name(), self.start)
    }

    fn labels(&self) -> [(&'static str, String); 4] {
        [
            (LABEL_DEPLOYMENT, deployment(self.target)),
            (LABEL_UNIT, self.unit.to_string()),
            (LABEL_FOLDER, self.target.folder.run(self.unit).display().to_string()),
            (LABEL_START, self.start.to_owned()),
        ]
    }
}

fn deployment(target: &LocalTarget) -> String {
    target.folder.path().file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Files in mounted folders must belong to the calling user, inside as outside.
fn user_flags(engine: &Engine) -> Vec<String> {
    let (user, group) = (rustix::process::geteuid(), rustix::process::getegid());
    let mut flags = vec!["--user".to_owned(), format!("{}:{}", user.as_raw(), group.as_raw())];
    if engine.is_podman() && !user.is_root() {
        flags.push("--userns=keep-id".to_owned());
    }
    if std::fs::read_to_string("/sys/fs/selinux/enforce").is_ok_and(|enforce| enforce.trim() == "1") {
        // Relabelling the user's own folders would shut other programs out of them.
        flags.push("--security-opt=label=disable".to_owned());
    }
    flags
}

/// Values go through the client's environment. A variable that the client itself goes by (HOME, a proxy) and has
/// with another value can only stand in the arguments; those are never secrets.
fn variable_flags(
    environment: &BTreeMap<String, SecretString>,
    clients: &BTreeMap<String, String>,
) -> (Vec<String>, BTreeMap<String, SecretString>) {
    use secrecy::ExposeSecret as _;
    let mut flags = Vec::new();
    let mut values = BTreeMap::new();
    for (name, value) in environment {
        match name.as_str() {
            // The image has its own; the caller's mean nothing in it.
            "PATH" | "TMPDIR" | "LANG" if clients.get(name).is_none_or(|own| own == value.expose_secret()) => {}
            "HOME" => flags.extend(["--env".to_owned(), format!("HOME={}", value.expose_secret())]),
            "SSL_CERT_FILE" | "REQUESTS_CA_BUNDLE" if clients.contains_key(name) => {
                let path = value.expose_secret();
                flags.extend(["--volume".to_owned(), format!("{path}:{path}:ro"), "--env".to_owned(), name.clone()]);
                values.insert(name.clone(), value.clone());
            }
            _ => {
                flags.extend(["--env".to_owned(), name.clone()]);
                values.insert(name.clone(), value.clone());
            }
        }
    }
    (flags, values)
}

/// Starts it and comes back. The container belongs to the engine from here on.
pub(super) async fn start(engine: &Engine, order: &Order<'_>) -> Result<(), Diagnostic> {
    let (flags, values) = order.flags(engine);
    let mut arguments: Vec<String> = ["run", "--detach", "--log-driver"].map(str::to_owned).to_vec();
    let driver = if engine.is_podman() { "k8s-file" } else { "json-file" };
    arguments.extend([driver.to_owned(), "--log-opt".to_owned(), format!("max-size={MAX_LOG}")]);
    arguments.extend(flags);
    let answer = engine.ask(&arguments, &values).await?;
    if answer.succeeded() {
        return Ok(());
    }
    Err(engine.refused(&format!("to run {} for {}", order.image, order.unit), &answer).changed("nothing is running"))
}

/// A container of a run folder, as the engine sees it.
pub(super) struct Found {
    pub(super) id: String,
    start: String,
    state: InspectedState,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Inspected {
    id: String,
    state: InspectedState,
    config: InspectedConfig,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct InspectedState {
    status: String,
    #[serde(default)]
    running: bool,
    #[serde(default, rename = "OOMKilled")]
    oom_killed: bool,
    #[serde(default)]
    exit_code: i32,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct InspectedConfig {
    labels: Option<BTreeMap<String, String>>,
}

/// All containers that were ever started from this folder and were not removed.
pub(super) async fn found(engine: &Engine, folder: &RunFolder) -> Result<Vec<Found>, Diagnostic> {
    let filter = format!("label={LABEL_FOLDER}={}", folder.path().display());
    let list =
        engine.demand(&["ps", "--all", "--quiet", "--no-trunc", "--filter", &filter], "to list containers").await?;
    let mut found = Vec::new();
    for id in list.lines().filter(|line| !line.trim().is_empty()) {
        let text = engine.demand(&["container", "inspect", id.trim()], "to show a container").await?;
        let inspected: Vec<Inspected> = serde_json::from_str(&text).map_err(|error| not_understood(engine, &error))?;
        found.extend(inspected.into_iter().map(|one| {
            let start = one.config.labels.unwrap_or_default().remove(LABEL_START).unwrap_or_default();
            Found { id: one.id, start, state: one.state }
        }));
    }
    Ok(found)
}

fn not_understood(engine: &Engine, error: &serde_json::Error) -> Diagnostic {
    Diagnostic::error(codes::CONTAINER_FAILED, format!("what {} tells of a container is not understood", engine.name()))
        .cause(error.to_string())
}

impl Found {
    fn farewell(&self) -> Farewell {
        if self.state.status == "created" || self.state.status == "configured" {
            return Farewell { exit: Exit::Unseen, memory: None, fate: Fate::Gone };
        }
        let killed = self.state.exit_code == 137;
        let memory = if killed { memory::kill_in_container(&self.id) } else { None };
        let reported = self.state.oom_killed.then(|| "the engine reports: OOMKilled".to_owned());
        let memory = memory.map(|line| format!("kernel: {line}")).or(reported);
        let exit = if memory.is_some() { Exit::OutOfMemory } else { Exit::Code(self.state.exit_code) };
        Farewell { exit, memory, fate: Fate::Gone }
    }
}

/// What has become of the start that was written down.
pub(super) async fn state(
    engine: &Engine,
    folder: &RunFolder,
    started: Started,
    start: &str,
) -> Result<State, Diagnostic> {
    let found = found(engine, folder).await?;
    Ok(match found.iter().find(|one| one.start == start) {
        Some(one) if one.state.running => State::Running(started),
        Some(one) => State::Gone(started, one.farewell()),
        None => State::Gone(started, Farewell { exit: Exit::Unseen, memory: None, fate: Fate::Gone }),
    })
}

/// Ends and removes every container of the folder. Their last words are appended to the unit's log.
pub(super) async fn stop(
    engine: &Engine,
    folder: &RunFolder,
    log: &std::path::Path,
    patience: Duration,
) -> Result<(), Diagnostic> {
    for one in found(engine, folder).await? {
        if one.state.running {
            let seconds = patience.as_secs().to_string();
            let limit = patience + Duration::from_secs(30);
            // What it answers does not matter: whether the container is gone is asked below.
            engine.ask_within(&["stop", "-t", &seconds, &one.id], &BTreeMap::new(), limit).await?;
        }
        keep_words(engine, &one.id, log).await;
        engine.demand(&["rm", "--force", "--volumes", &one.id], "to remove a container").await?;
    }
    match found(engine, folder).await?.first() {
        None => Ok(()),
        Some(one) => Err(Diagnostic::error(codes::PROCESS_NOT_STOPPING, "a container does not end")
            .at(format!("container {}", one.id))
            .next(format!("{} rm --force {}", engine.name(), one.id))),
    }
}

/// A log that cannot be saved does not keep a container alive.
async fn keep_words(engine: &Engine, id: &str, log: &std::path::Path) {
    if let Ok(file) = log_file::open(log) {
        let _ = engine.pour(&["logs", id], file).await;
        let _ = log_file::bound(log, log_file::MAX_BYTES);
    }
}

/// The container of a start, if it is there.
pub(super) async fn id_of(engine: &Engine, folder: &RunFolder, start: &str) -> Option<String> {
    found(engine, folder).await.ok()?.into_iter().find(|one| one.start == start).map(|one| one.id)
}

/// The last lines that the current container printed, or those saved of the ones before.
pub(super) async fn words(engine: &Engine, folder: &RunFolder, start: &str, lines: usize) -> Option<Vec<String>> {
    let id = id_of(engine, folder, start).await?;
    let answer = engine.ask(&["logs", "--tail", &lines.to_string(), &id], &BTreeMap::new()).await.ok()?;
    Some(answer.out.lines().chain(answer.err.lines()).map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_but_that_of_home_stands_in_the_arguments() {
        let environment = [("HOME", "/run"), ("PATH", "/bin"), ("PASSWORD", "s3cret"), ("SSL_CERT_FILE", "/ca.pem")];
        let environment = environment.map(|(name, value)| (name.to_owned(), SecretString::from(value))).into();
        let clients = BTreeMap::from([("SSL_CERT_FILE".to_owned(), "/ca.pem".to_owned())]);
        let (flags, values) = variable_flags(&environment, &clients);
        let flags = flags.join(" ");
        assert_eq!(flags, "--env HOME=/run --env PASSWORD --volume /ca.pem:/ca.pem:ro --env SSL_CERT_FILE");
        assert_eq!(values.keys().map(String::as_str).collect::<Vec<_>>(), ["PASSWORD", "SSL_CERT_FILE"]);
    }
}
