//! Whole runs killed with SIGKILL at any moment: the next one goes on from whatever is left.

use std::path::PathBuf;
use std::process::{Command as Program, Stdio};
use std::time::Duration;

use super::mariadb_data::MariadbDataDriver;
use super::python::PythonDriver;
use super::testing::Ground;
use crate::secrets::SecretName;
use crate::unit::local::{DatabaseUser, MariadbData, PythonEnvironment, Runtime};
use crate::unit::{Driver, Observation, Outputs, Text, Unit};

/// Names the home of the run that is killed.
const HOME: &str = "DEPLOY_TEST_HOME";
const CHILD: &str = "targets::local::killed::a_run_that_is_killed";

fn units(ground: &Ground) -> [(Unit, Box<dyn Driver>); 2] {
    let password = Text::secret(&SecretName::new("database-password"));
    let user = DatabaseUser { username: "zenml".into(), password };
    let data = MariadbData {
        program: None,
        users: [("zenml".to_owned(), user)].into(),
        root_password: Text::secret(&SecretName::new("root-password")),
        runtime: Runtime::Process,
    };
    let python =
        PythonEnvironment { packages: vec!["six==1.17.0".into()], python: None, wheelhouse: None, probe: "six".into() };
    [
        (Ground::unit("data", &data), Box::new(MariadbDataDriver(ground.target.clone()))),
        (Ground::unit("python", &python), Box::new(PythonDriver(ground.target.clone()))),
    ]
}

async fn apply(ground: &Ground, which: usize) -> Outputs {
    let ctx = ground.context();
    for name in ["database-password", "root-password"] {
        ctx.secrets.ensure(&SecretName::new(name)).unwrap();
    }
    let (unit, driver) = &units(ground)[which];
    let outputs = driver.apply(unit, &ctx).await.unwrap();
    let observed = driver.observe(unit, &ctx).await.unwrap();
    assert!(
        matches!(observed, Observation::Present(present) if present.broken.is_none() && present.outputs == outputs)
    );
    outputs
}

#[tokio::test]
#[ignore = "started and killed by the tests below"]
async fn a_run_that_is_killed() {
    let Some(home) = std::env::var_os(HOME) else { return };
    let which = std::env::var("DEPLOY_TEST_UNIT").unwrap().parse().unwrap();
    apply(&Ground::at(PathBuf::from(home)), which).await;
}

/// Kills a run after each of these times, and lets another finish what it began.
async fn kill_and_go_on(which: usize, milliseconds: &[u64]) {
    for after in milliseconds {
        let folder = tempfile::tempdir().unwrap();
        let mut run = Program::new(std::env::current_exe().unwrap())
            .args(["--exact", CHILD, "--ignored"])
            .env(HOME, folder.path())
            .env("DEPLOY_TEST_UNIT", which.to_string())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        tokio::time::sleep(Duration::from_millis(*after)).await;
        run.kill().unwrap();
        run.wait().unwrap();
        let ground = Ground::at(folder.path().to_owned());
        let outputs = apply(&ground, which).await;
        assert_eq!(apply(&ground, which).await, outputs, "killed after {after} ms");
        nothing_half_made(&ground, &outputs);
    }
}

/// Beside what is used, nothing of the killed run is left.
fn nothing_half_made(ground: &Ground, outputs: &Outputs) {
    let used = outputs.get("folder").or(outputs.get("bin")).map(PathBuf::from).unwrap();
    let used = if outputs.contains_key("bin") { used.parent().unwrap().to_owned() } else { used };
    for entry in std::fs::read_dir(used.parent().unwrap()).unwrap().flatten() {
        let is_other = entry.path().is_dir() && entry.path() != used && entry.file_name() != "users";
        assert!(!is_other, "{} is left in {}", entry.path().display(), ground.target.home.path().display());
    }
}

#[tokio::test]
async fn a_database_is_finished_whenever_its_making_is_killed() {
    kill_and_go_on(0, &[150, 450, 800, 1200]).await;
}

#[tokio::test]
async fn an_environment_is_finished_whenever_its_making_is_killed() {
    kill_and_go_on(1, &[700, 2200]).await;
}
