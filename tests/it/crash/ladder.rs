//! One deployment that is killed at every line of its journal in turn: each run comes one new line further than the
//! one before it and dies there, until one comes to its end. What so many half runs leave must be what one whole run
//! leaves. Then it is taken down in the same manner, put up again with the data that was kept, and taken down with its
//! data.
//!
//! Steps run side by side here, as they do for a user, so that a run dies in the middle of several.

use super::child::Kill;
use super::proof::{self, Memory};
use super::site::{Scenario, Site};
use super::undisturbed::Undisturbed;

/// What dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dies {
    /// `deploy` alone; what it started goes on.
    Deploy,
    /// Everything, as when the power fails.
    Everything,
}

/// Runs the command again and again. The lines at which it was killed, in their order, and all that was there to be
/// remembered.
fn descend(site: &Site, arguments: &[&str], dies: Dies, mut memory: Memory) -> (Vec<String>, Memory) {
    let mut seen = Vec::new();
    while let Some(line) = site.dies(arguments, Kill::at_other_than(&seen, 0)) {
        memory = memory.and_now(site);
        if dies == Dies::Everything {
            site.power_cut();
        }
        seen.push(line);
    }
    (seen, memory)
}

/// Every line of an undisturbed run was one of the kill points. What goes on alone after the run that started it died
/// may be found done by the next one, which then has no line for it.
#[track_caller]
fn covers(deaths: &[String], lines: &[String], dies: Dies) {
    let was_killed = |line: &String| deaths.contains(line);
    let went_on = |line: &String| {
        let intent = line.strip_prefix("done ").map(|unit| format!("intent {unit}"));
        dies == Dies::Deploy && intent.is_some_and(|intent| was_killed(&intent))
    };
    let missed: Vec<&String> = lines.iter().filter(|line| !was_killed(line) && !went_on(line)).collect();
    assert!(missed.is_empty(), "never killed at {missed:?}, only at {deaths:?}");
}

fn ladder(scenario: Scenario, dies: Dies) {
    let undisturbed = Undisturbed::of(scenario);
    let site = Site::new(scenario);
    let (mut deaths, memory) = descend(&site, &["apply", "--yes"], dies, Memory::default());
    covers(&deaths, &undisturbed.lines, dies);
    proof::converges(&site, &undisturbed.applied, &memory, &deaths);
    let up = deaths.len();

    let (downs, memory) = descend(&site, &["destroy", "--yes"], dies, memory);
    let down = downs.len();
    assert!(down > undisturbed.lines.len() - 4, "{downs:?}");
    deaths.extend(downs);
    site.call(&["destroy", "--yes"]).run().succeeds();
    assert_eq!(site.env.processes(), []);
    memory.check_files(&site);
    let seen = proof::unmarked(&site, &memory, &undisturbed.destroyed);
    assert!(seen.is_empty(), "it did not go as it goes undisturbed:\n{}", seen.join("\n"));
    if scenario.has_mysql() {
        one_user_of_each_kind(&site);
    }

    site.apply().succeeds();
    proof::is_whole(&site, &undisturbed.applied, &memory);
    proof::tells_deaths(&site, &deaths);

    let (gone, _) = descend(&site, &["destroy", "--yes", "--delete-data"], dies, Memory::default());
    site.call(&["destroy", "--yes", "--delete-data"]).run().succeeds();
    assert_eq!(site.env.processes(), []);
    assert!(!site.folder().exists(), "{} is still there", site.folder().display());
    println!(
        "{}: killed at {up} lines of apply, {down} of destroy and {} of destroy with its data, one after the other",
        scenario.name(),
        gone.len()
    );
}

/// Asks the data folder of a database that is stopped, without its users' leave.
#[track_caller]
fn one_user_of_each_kind(site: &Site) {
    use std::process::{Command, Stdio};
    let socket = site.env.folder().join("users.sock");
    let mut server = Command::new(crate::support::Setup::get().path("DEPLOY_TEST_MARIADBD").unwrap());
    server.arg("--no-defaults").arg(format!("--datadir={}", site.data("database/data").display()));
    server.arg(format!("--socket={}", socket.display())).args(["--skip-grant-tables", "--skip-networking"]);
    if crate::support::is_root() {
        server.arg("--user=root");
    }
    let mut server = server.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let ask = || {
        let mut client = Command::new("mariadb");
        client.args(["--no-defaults", "--batch", "--skip-column-names"]).arg(format!("--socket={}", socket.display()));
        client.args(["--execute", "SELECT CONCAT(User, '@', Host) FROM mysql.global_priv ORDER BY 1"]);
        let output = client.output().unwrap();
        output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
    };
    let users = (0..200).find_map(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        ask()
    });
    let pid = rustix::process::Pid::from_child(&server);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    server.wait().unwrap();
    let mlflow = if site.scenario == Scenario::OnPrem { "mlflow@%\n" } else { "" };
    assert_eq!(users, Some(format!("mariadb.sys@localhost\n{mlflow}root@localhost\nzenml@%\n")));
}

#[test]
fn local_sqlite_step_by_step() {
    ladder(Scenario::LocalSqlite, Dies::Everything);
}

#[test]
fn local_server_step_by_step() {
    ladder(Scenario::LocalServer, Dies::Deploy);
}

#[test]
fn remote_server_step_by_step() {
    crate::support::require!("mariadb");
    ladder(Scenario::RemoteServer, Dies::Everything);
}

#[test]
fn on_prem_step_by_step() {
    crate::support::require!("mariadb");
    ladder(Scenario::OnPrem, Dies::Deploy);
}
