//! Programs that keep credentials, with docker's protocol: the registry on standard input, JSON on standard output.

use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;

use secrecy::SecretString;
use serde::Deserialize;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;
use tokio::time::timeout;

use super::{Credentials, Login, Proof};
use crate::diagnostics::{Diagnostic, codes};
use crate::world::World;

/// Some ask a person, or a service far away.
const TIME_LIMIT: Duration = Duration::from_secs(60);
/// What a helper says when it knows nothing; the protocol has no other sign for it.
const NOT_FOUND: &str = "credentials not found in native keychain";
/// In place of a user: the secret is an identity token.
const TOKEN_USER: &str = "<token>";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    #[serde(default)]
    username: String,
    secret: SecretString,
}

/// Asks one helper about one registry.
pub(super) async fn ask(
    name: &str,
    key: &str,
    named_by: &Path,
    world: &World,
) -> Result<Option<Credentials>, Box<Diagnostic>> {
    let program = format!("docker-credential-{name}");
    let origin = format!("{program}, named by {}", named_by.display());
    let failed = |cause: String| {
        Box::new(
            Diagnostic::error(codes::REGISTRY_CREDENTIALS, format!("{program} gives no credentials for {key}"))
                .at(named_by.display().to_string())
                .cause(cause)
                .changed("nothing was changed")
                .next(format!("try it by hand: echo {key} | {program} get"))
                .next("or pass `--username NAME --password-stdin`"),
        )
    };
    if name.contains('/') {
        return Err(failed("its name leads out of PATH".to_owned()));
    }
    let path = world.find_program(&program).ok_or_else(|| failed("there is no such program on PATH".to_owned()))?;
    let output = match timeout(TIME_LIMIT, run(&path, key, world)).await {
        Ok(output) => output.map_err(|error| failed(error.to_string()))?,
        Err(_) => return Err(failed(format!("it did not end within {} s", TIME_LIMIT.as_secs()))),
    };
    if !output.status.success() {
        let said = said(&output);
        return if said == NOT_FOUND { Ok(None) } else { Err(failed(format!("{}: {said}", output.status))) };
    }
    let answer: Answer = serde_json::from_slice(&output.stdout)
        .map_err(|_| failed("what it printed is not what such programs print".to_owned()))?;
    let proof = if answer.username == TOKEN_USER {
        Proof::Identity(answer.secret)
    } else {
        Proof::Password(Login { username: answer.username, password: answer.secret })
    };
    Ok(Some(Credentials { proof, origin }))
}

async fn run(program: &Path, key: &str, world: &World) -> std::io::Result<Output> {
    let mut child = Command::new(program)
        .arg("get")
        .env_clear()
        .envs(&world.environment)
        .current_dir(&world.current_folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    if let Some(mut input) = child.stdin.take() {
        // One that does not read has its answer already.
        let _ = input.write_all(format!("{key}\n").as_bytes()).await;
    }
    child.wait_with_output().await
}

/// The first line, shortened. Errors stand on standard output by the protocol; an object there may hold a secret.
fn said(output: &Output) -> String {
    const LONGEST: usize = 200;
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    let lines = stdout.lines().filter(|line| !line.contains('{')).chain(stderr.lines());
    let line = lines.map(str::trim).find(|line| !line.is_empty()).unwrap_or("it said nothing");
    line.chars().take(LONGEST).collect()
}
