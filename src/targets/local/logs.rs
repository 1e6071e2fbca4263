//! What units printed: the last lines, and new ones as they come.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::net::unix::pipe;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::engine::Engine;
use super::log_file::{self, Follower};
use super::run_folder::{Instance, RunFolder, Started};
use super::target::LocalTarget;
use super::{container, failure, inventory};
use crate::diagnostics::{Diagnostic, codes};
use crate::secrets::Redactor;
use crate::unit::{Context, UnitId};

const TICK: Duration = Duration::from_millis(200);
/// How often a container that ended is looked for again.
const CONTAINER_TICK: Duration = Duration::from_secs(1);
/// Lines that wait for a slow reader; then the followers wait too.
const WAITING_LINES: usize = 1024;

/// Last lines of a log that are shown with a time-out.
const EVIDENCE_LINES: usize = 3;

/// A line and the place of its unit in the list.
type Lines = mpsc::Sender<(usize, String)>;

impl LocalTarget {
    /// Units of this deployment that have printed something, or are about to.
    pub fn units_with_logs(&self) -> Result<Vec<UnitId>, Diagnostic> {
        let units = inventory(&self.folder)?.into_iter().map(|owned| owned.unit.id);
        Ok(units.filter(|unit| self.folder.log(unit).exists() || self.contained(unit).is_some()).collect())
    }

    /// The last lines of a unit, oldest first, without secrets.
    pub async fn last_lines(
        &self,
        unit: &UnitId,
        lines: usize,
        redactor: &Redactor,
    ) -> Result<Vec<String>, Diagnostic> {
        let found = match self.contained(unit) {
            Some((engine, start)) => {
                container::words(&engine, &self.run_folder(unit), &start, lines).await.unwrap_or_default()
            }
            None => Vec::new(),
        };
        let log = self.folder.log(unit);
        // Containers before the present one left their words in the file.
        let missing = lines.saturating_sub(found.len());
        let mut all = log_file::tail(&log, missing, redactor).map_err(|error| unreadable(&log, &error))?;
        all.extend(found.iter().map(|line| redactor.redact(line)));
        Ok(all)
    }

    /// For a unit that is still at work when its time is up.
    pub(super) fn evidence(&self, unit: &UnitId, ctx: &Context) -> Vec<String> {
        let log = self.folder.log(unit);
        // A log that cannot be read says nothing.
        let last = log_file::tail(&log, EVIDENCE_LINES, &ctx.secrets.redactor_of_seen()).unwrap_or_default();
        let words = last.iter().filter(|line| !line.trim().is_empty()).map(|line| failure::shortened(line));
        std::iter::once(format!("log: {}", log.display())).chain(words).collect()
    }

    /// Hands over the last lines of each unit, then every new line of all of them as it comes, until cancelled.
    /// Goes on across restarts of the units.
    pub async fn follow(
        &self,
        units: &[UnitId],
        lines: usize,
        redactor: &Redactor,
        cancel: &CancellationToken,
        deliver: &mut (dyn FnMut(&UnitId, &str) + Send),
    ) -> Result<(), Diagnostic> {
        let (sender, mut receiver) = mpsc::channel(WAITING_LINES);
        let mut followers = JoinSet::new();
        for (index, unit) in units.iter().enumerate() {
            // The tail of a container comes from the engine, with what follows it.
            let file = if self.contained(unit).is_some() {
                None
            } else {
                let log = self.folder.log(unit);
                let (last, follower) = Follower::after_tail(&log, lines).map_err(|error| unreadable(&log, &error))?;
                for line in &last {
                    deliver(unit, &redactor.redact(line));
                }
                Some(follower)
            };
            let words = Words { target: self.clone(), unit: unit.clone(), index, lines: sender.clone(), file };
            followers.spawn(words.follow(lines));
        }
        drop(sender);
        loop {
            tokio::select! {
                () = cancel.cancelled() => return Ok(()),
                next = receiver.recv() => match next {
                    Some((index, line)) => deliver(&units[index], &redactor.redact(&line)),
                    None => return Ok(()),
                },
            }
        }
    }

    fn run_folder(&self, unit: &UnitId) -> RunFolder {
        RunFolder::new(self.folder.run(unit))
    }

    /// Engine and start of a unit that runs in a container.
    fn contained(&self, unit: &UnitId) -> Option<(Engine, String)> {
        match self.run_folder(unit).started()? {
            Started { instance: Instance::Container { engine, start }, .. } => {
                Some((Engine::at(&self.world, &engine), start))
            }
            Started { .. } => None,
        }
    }
}

/// Follows one unit, wherever it prints.
struct Words {
    target: LocalTarget,
    unit: UnitId,
    index: usize,
    lines: Lines,
    /// None while it runs in a container: what that printed is appended to the file when it is removed.
    file: Option<Follower>,
}

impl Words {
    async fn follow(mut self, tail: usize) {
        let mut seen: Option<String> = None;
        while !self.lines.is_closed() {
            match self.target.contained(&self.unit) {
                Some((engine, start)) if seen.as_ref() != Some(&start) => {
                    self.file = None;
                    // Of the first one the last lines, of those that follow it all.
                    let tail = if seen.is_none() { tail.to_string() } else { "all".to_owned() };
                    let folder = self.target.run_folder(&self.unit);
                    if let Some(id) = container::id_of(&engine, &folder, &start).await {
                        follow_container(&engine, &id, &tail, self.index, &self.lines).await;
                        seen = Some(start);
                    }
                    sleep(TICK).await;
                }
                Some(_) => sleep(CONTAINER_TICK).await,
                None => {
                    self.read_file().await;
                    sleep(TICK).await;
                }
            }
        }
    }

    async fn read_file(&mut self) {
        let log = self.target.folder.log(&self.unit);
        let file = self.file.get_or_insert_with(|| Follower::from_end(&log));
        let mut new = Vec::new();
        // A log that cannot be read now may be there again after the next start.
        let _ = file.read_new(&mut |line| new.push(line.to_owned()));
        for line in new {
            // Refused when nobody listens any more, which the caller sees.
            let _ = self.lines.send((self.index, line)).await;
        }
    }
}

/// Until the container ends, or nobody listens any more. None if it cannot be followed.
async fn follow_container(engine: &Engine, id: &str, tail: &str, index: usize, lines: &Lines) -> Option<()> {
    let (reader, writer) = std::io::pipe().ok()?;
    let mut command = engine.command(&["logs", "--follow", "--tail", tail, id]);
    // One pipe for both, so that lines stay in their order.
    let errors = writer.try_clone().ok()?;
    let spawned = command.stdout(Stdio::from(writer)).stderr(Stdio::from(errors)).spawn();
    drop(command);
    // Ended when dropped.
    let _client = spawned.ok()?;
    let reader = pipe::Receiver::from_owned_fd(reader.into()).ok()?;
    let mut reader = BufReader::new(reader).split(b'\n');
    while let Ok(Some(line)) = reader.next_segment().await {
        let line = String::from_utf8_lossy(&line).trim_end_matches('\r').to_owned();
        lines.send((index, line)).await.ok()?;
    }
    Some(())
}

fn unreadable(log: &std::path::Path, error: &std::io::Error) -> Diagnostic {
    Diagnostic::error(codes::FILE_UNREADABLE, "a log cannot be read")
        .at(log.display().to_string())
        .cause(error.to_string())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use secrecy::SecretString;

    use super::super::testing::Ground;
    use super::*;
    use crate::secrets::SecretName;

    #[tokio::test]
    async fn lines_of_several_units_come_as_they_are_written_and_without_secrets() {
        let ground = Ground::new();
        let units = [UnitId::new("server"), UnitId::new("database/process")];
        let mut logs: Vec<_> =
            units.iter().map(|unit| log_file::open(&ground.target.folder.log(unit)).unwrap()).collect();
        writeln!(logs[0], "old 1\nold 2\nold 3").unwrap();
        let (name, value) = (SecretName::new("password"), SecretString::from("s3cret-s3cret"));
        let redactor = Redactor::new([(&name, &value)]);
        assert_eq!(ground.target.last_lines(&units[0], 1, &redactor).await.unwrap(), ["old 3"]);
        let cancel = CancellationToken::new();
        let mut seen = Vec::new();
        let mut deliver = |unit: &UnitId, line: &str| {
            seen.push(format!("{unit}: {line}"));
            if line == "last" {
                cancel.cancel();
            }
        };
        let writing = async {
            sleep(TICK * 2).await;
            writeln!(logs[1], "it is s3cret-s3cret").unwrap();
            sleep(TICK * 2).await;
            log_file::bound(&ground.target.folder.log(&units[0]), 1).unwrap();
            writeln!(logs[0], "last").unwrap();
        };
        let follow = ground.target.follow(&units, 2, &redactor, &cancel, &mut deliver);
        tokio::join!(async { follow.await.unwrap() }, writing);
        let wanted = ["server: old 2", "server: old 3", "database/process: it is (secret password)", "server: last"];
        assert_eq!(seen, wanted);
    }
}
