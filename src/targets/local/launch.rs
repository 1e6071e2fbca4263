//! Starting a process through its keeper.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdout};
use zeroize::Zeroizing;

use super::command::not_started;
use super::environment::base_environment;
use super::keeper::{Answer, Launch};
use super::record::unwritable;
use super::run_folder::RunFolder;
use super::target::make_private_folder;
use crate::diagnostics::{Diagnostic, codes};
use crate::world::World;

/// A keeper answers as soon as the program is started; the program itself may take longer to serve.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// What came of asking a keeper.
pub(super) enum Launched {
    Started,
    /// An earlier keeper still works in the folder.
    Busy,
}

/// Starts a keeper and gives it what to start, through a pipe. Dropped half-way, nothing is started, or what was
/// started is found through its folder.
pub(super) async fn launch(world: &World, folder: &RunFolder, launch: Launch) -> Result<Launched, Diagnostic> {
    let mut keeper = spawn(world, folder)?;
    let text = Zeroizing::new(serde_json::to_vec(&launch).unwrap_or_default());
    if let Some(mut stdin) = keeper.stdin.take() {
        // A keeper that does not read has ended and answers why, or its words on standard error do.
        let _ = stdin.write_all(&text).await;
        let _ = stdin.shutdown().await;
    }
    let answer = match keeper.stdout.take() {
        Some(stdout) => tokio::time::timeout(ANSWER_WITHIN, read_answer(stdout)).await.ok().flatten(),
        None => None,
    };
    match answer {
        Some(Answer::Started) => Ok(Launched::Started),
        Some(Answer::Busy) => Ok(Launched::Busy),
        Some(Answer::NotStarted(failure)) => Err(not_started(&launch.program, &failure.into())),
        Some(Answer::Unwritable(path, failure)) => Err(unwritable(&path, &failure.into())),
        None => Err(silent(world, keeper).await),
    }
}

fn spawn(world: &World, folder: &RunFolder) -> Result<Child, Diagnostic> {
    make_private_folder(folder.path())?;
    tokio::process::Command::new(&world.program)
        .args([Path::new("internal"), Path::new("keep"), folder.path()])
        .env_clear()
        .envs(base_environment(world, folder.path()))
        .current_dir(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| not_started(&world.program, &error))
}

async fn read_answer(stdout: ChildStdout) -> Option<Answer> {
    let mut lines = BufReader::new(stdout).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        if let Ok(answer) = serde_json::from_str(&line) {
            return Some(answer);
        }
    }
    None
}

/// The keeper ended, or hangs, without a word.
async fn silent(world: &World, mut keeper: Child) -> Diagnostic {
    let mut words = String::new();
    if let Some(mut stderr) = keeper.stderr.take() {
        let reading = stderr.read_to_string(&mut words);
        let _ = tokio::time::timeout(Duration::from_secs(1), reading).await;
    }
    let end = if let Ok(Ok(status)) = tokio::time::timeout(Duration::from_secs(1), keeper.wait()).await {
        format!("it ended with {status}")
    } else {
        let _ = keeper.kill().await;
        format!("it did not answer within {} s and was killed", ANSWER_WITHIN.as_secs())
    };
    let diagnostic = Diagnostic::error(codes::PROCESS_NOT_STARTED, "the keeper of the process gave no answer")
        .at(world.program.display().to_string())
        .cause(end)
        .changed("nothing was started");
    words.lines().rev().take(5).collect::<Vec<_>>().into_iter().rev().fold(diagnostic, Diagnostic::evidence)
}
