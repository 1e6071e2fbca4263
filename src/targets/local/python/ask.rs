//! Short questions to programs, and the environment that Python's tools get.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::super::environment::base_environment;
use crate::world::World;

/// Settings of the user's that lead pip and uv to their registry, and tools like pyenv to their Python.
const PREFIXES: [&str; 5] = ["PIP_", "UV_", "PYENV_", "ASDF_", "MISE_"];
const NAMES: [&str; 10] = [
    "ALL_PROXY",
    "all_proxy",
    "CURL_CA_BUNDLE",
    "SSL_CERT_DIR",
    "NETRC",
    "LD_LIBRARY_PATH",
    "PYTHON_KEYRING_BACKEND",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
];
/// They would lead the packages somewhere else than into the environment, or leave them out.
const LEADING_ASTRAY: [&str; 16] = [
    "PIP_DRY_RUN",
    "PIP_NO_DEPS",
    "PIP_PREFIX",
    "PIP_PYTHON",
    "PIP_QUIET",
    "PIP_REPORT",
    "PIP_ROOT",
    "PIP_TARGET",
    "PIP_USER",
    "PIP_LOG",
    "UV_PROJECT_ENVIRONMENT",
    "UV_PYTHON",
    "UV_PREFIX",
    "UV_SYSTEM_PYTHON",
    "UV_TARGET",
    "UV_NO_DEPS",
];

/// The environment for Python's tools: the user's own home and settings, since indexes, proxies, credentials and
/// caches are configured there.
pub(super) fn tool_environment(world: &World) -> BTreeMap<String, String> {
    let home = world.variable("HOME").map_or_else(|| world.home.clone(), Into::into);
    let mut environment = base_environment(world, &home);
    for (name, value) in &world.environment {
        let is_wanted = PREFIXES.iter().any(|prefix| name.starts_with(prefix)) || NAMES.contains(&name.as_str());
        if is_wanted && !LEADING_ASTRAY.contains(&name.as_str()) {
            environment.insert(name.clone(), value.clone());
        }
    }
    // Also overrules a configuration file of the user's that says otherwise.
    environment.insert("PIP_USER".to_owned(), "0".to_owned());
    environment
}

/// Asks programs on behalf of one run.
#[derive(Clone, Copy)]
pub(super) struct Asker<'a> {
    pub(super) world: &'a World,
    pub(super) cancel: &'a CancellationToken,
}

impl Asker<'_> {
    /// What a program prints, if it ends well in time; otherwise its last words.
    pub(super) async fn ask(self, program: &Path, arguments: &[&str], limit: Duration) -> Result<String, String> {
        tokio::select! {
            answer = ask(self.world, program, arguments, limit) => answer,
            () = self.cancel.cancelled() => Err("cancelled".to_owned()),
        }
    }
}

async fn ask(world: &World, program: &Path, arguments: &[&str], limit: Duration) -> Result<String, String> {
    let answering = tokio::process::Command::new(program)
        .args(arguments)
        .env_clear()
        .envs(tool_environment(world))
        .current_dir(&world.current_folder)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = match tokio::time::timeout(limit, answering).await {
        Ok(output) => output.map_err(|error| error.to_string())?,
        Err(_) => return Err(format!("no answer within {} s", limit.as_secs())),
    };
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let words = String::from_utf8_lossy(&output.stderr);
    let last = words.lines().rev().find(|line| !line.trim().is_empty()).map(str::trim);
    Err(last.map_or_else(|| output.status.to_string(), str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_users_way_to_the_registry_is_kept_and_nothing_else() {
        let environment = [
            ("PIP_INDEX_URL", "https://mirror.example/simple"),
            ("UV_INDEX_URL", "https://mirror.example/simple"),
            ("HTTPS_PROXY", "http://proxy:3128"),
            ("PIP_TARGET", "/elsewhere"),
            ("PIP_USER", "1"),
            ("AWS_SECRET_ACCESS_KEY", "x"),
            ("HOME", "/home/me"),
            ("PYTHONPATH", "/mine"),
        ];
        let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let world = World::new(environment, "/state".into(), "/".into(), "/bin/deploy".into());
        let given = tool_environment(&world);
        for name in ["PIP_INDEX_URL", "UV_INDEX_URL", "HTTPS_PROXY"] {
            assert!(given.contains_key(name), "{name}");
        }
        for name in ["PIP_TARGET", "AWS_SECRET_ACCESS_KEY", "PYTHONPATH"] {
            assert!(!given.contains_key(name), "{name}");
        }
        assert_eq!((given["HOME"].as_str(), given["PIP_USER"].as_str()), ("/home/me", "0"));
    }
}
