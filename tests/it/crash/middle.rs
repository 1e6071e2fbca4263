//! Runs that are killed in the middle of a step: half a data folder, half a schema, a server that is about to serve,
//! half a Python environment. What `deploy` started for the step goes on alone, or dies with it as when the power
//! fails; the next run has to cope with both.

use std::path::{Path, PathBuf};

use rustix::process::Signal;

use super::child::Kill;
use super::proof::{self, Memory};
use super::site::{Scenario, Site, has_entry};
use super::undisturbed::Undisturbed;

const APPLY: [&str; 4] = ["apply", "--yes", "--parallelism", "1"];

/// What dies with `deploy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dies {
    Alone,
    WithAll,
}

/// A moment, told by what can be seen from outside.
struct Moment {
    name: &'static str,
    dies: Dies,
    has_come: fn(&Site) -> bool,
}

const fn moment(name: &'static str, dies: Dies, has_come: fn(&Site) -> bool) -> Moment {
    Moment { name, dies, has_come }
}

/// Kills a run of the real binary at each of the moments, one after the other, then lets one come to its end.
fn killed_at(scenario: Scenario, moments: &[Moment]) {
    let undisturbed = Undisturbed::of(scenario);
    let site = Site::new(scenario);
    let (deaths, memory) = kill_at(&site, moments);
    proof::converges(&site, &undisturbed.applied, &memory, &deaths);
    println!("{}: killed {} times in the middle of a step", scenario.name(), deaths.len());
}

fn kill_at(site: &Site, moments: &[Moment]) -> (Vec<String>, Memory) {
    let mut deaths = Vec::new();
    let mut memory = Memory::default();
    for moment in moments {
        let lines = site.lines().len();
        let mut running = site.call(&APPLY).start();
        // What the run before left may look like the moment; this one has to be at work already.
        let has_come = site.wait_while_running(&mut running, |site| {
            let at_work = site.lines().iter().skip(lines).any(|line| line.starts_with("intent "));
            at_work && (moment.has_come)(site)
        });
        if has_come {
            running.signal(Signal::KILL);
        }
        if moment.dies == Dies::WithAll {
            site.power_cut();
        }
        let run = running.wait();
        assert!(has_come && run.signal == Some(9), "`{}` never came:\n{}", moment.name, run.transcript());
        memory = memory.and_now(site);
        deaths.push(site.lines().pop().unwrap());
    }
    (deaths, memory)
}

/// Kills at each of these delays after every line up to `last`, for steps that take no time to speak of.
fn kill_shortly_after(site: &Site, delays: &[u64], last: &str) -> Vec<String> {
    let mut deaths = Vec::new();
    for later in delays {
        let mut seen: Vec<String> = Vec::new();
        while !seen.iter().any(|line| line == last) {
            let before = site.lines().len();
            let death = site.dies(&APPLY, Kill::at_other_than(&seen, *later));
            deaths.push(death.unwrap_or_else(|| panic!("it came to its end, and never to `{last}`")));
            seen.extend(site.lines().split_off(before));
        }
    }
    deaths
}

/// The revision is the last thing that a migration writes.
fn has_revision(site: &Site) -> bool {
    site.ask_sqlite("SELECT version_num FROM alembic_version").is_some_and(|found| !found.is_empty())
}

fn log_has(site: &Site, log: &str, words: &str) -> bool {
    std::fs::read_to_string(site.folder().join("logs").join(log)).is_ok_and(|text| text.contains(words))
}

#[test]
fn a_schema_in_sqlite_and_a_client() {
    killed_at(
        Scenario::LocalSqlite,
        &[
            moment("an empty store", Dies::WithAll, |site| site.data("database").join("zenml.db").exists()),
            moment("the first table", Dies::WithAll, |site| !site.sqlite_tables().is_empty()),
            moment("half of the tables", Dies::WithAll, |site| site.sqlite_tables().len() > 25),
            moment("the first tables again", Dies::Alone, |site| site.sqlite_tables().len() > 3),
            moment("the client's folder", Dies::WithAll, |site| site.data("client").join("configuration").exists()),
            moment("the client's file", Dies::Alone, |site| {
                site.data("client").join("configuration/config.yaml").exists()
            }),
        ],
    );
}

#[test]
fn a_schema_that_was_made_and_not_finished_and_a_server() {
    killed_at(
        Scenario::LocalServer,
        &[
            moment("a revision", Dies::WithAll, has_revision),
            moment("a server's process", Dies::WithAll, |site| site.folder().join("run/server/process.json").exists()),
            moment("a server that starts", Dies::Alone, |site| log_has(site, "server.log", "Started server process")),
            moment("an administrator to check", Dies::WithAll, |site| site.has_line("intent server/administrator")),
        ],
    );
}

/// The folder in which a data folder is made before it gets its name has one of these.
fn unfinished_data(site: &Site, part: &str) -> bool {
    let entries = std::fs::read_dir(site.folder().join("data")).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(".database--data.new"))
        .any(|entry| entry.path().join(part).exists())
}

#[test]
fn a_database_and_a_schema_in_it() {
    crate::support::require!("mariadb");
    let scenario = Scenario::RemoteServer;
    let undisturbed = Undisturbed::of(scenario);
    let site = Site::new(scenario);
    // Secrets and certificates are made faster than anybody can look.
    let mut deaths = kill_shortly_after(&site, &[1, 4, 15], "intent database/data");
    let (later, memory) = kill_at(
        &site,
        &[
            moment("a folder for the data", Dies::Alone, |site| {
                has_entry(&site.folder().join("data"), ".database--data")
            }),
            moment("a tablespace", Dies::WithAll, |site| unfinished_data(site, "ibdata1")),
            moment("a table of users", Dies::WithAll, |site| unfinished_data(site, "mysql/global_priv.frm")),
            moment("a database for the server", Dies::WithAll, |site| unfinished_data(site, "zenml")),
            moment("a whole data folder", Dies::WithAll, |site| site.data("database/data").exists()),
            moment("a database's process", Dies::WithAll, |site| {
                site.folder().join("run/database/process.json").exists()
            }),
            moment("the first table", Dies::WithAll, |site| site.mysql_table_files("zenml") > 0),
            moment("half of the tables", Dies::WithAll, |site| site.mysql_table_files("zenml") > 25),
            moment("the first tables again", Dies::Alone, |site| site.mysql_table_files("zenml") > 3),
        ],
    );
    deaths.extend(later);
    proof::converges(&site, &undisturbed.applied, &memory, &deaths);
    println!("{}: killed {} times in the middle of a step", scenario.name(), deaths.len());
}

#[test]
fn a_schema_of_mlflow() {
    crate::support::require!("mariadb");
    killed_at(
        Scenario::OnPrem,
        &[
            moment("MLflow's first tables", Dies::WithAll, |site| site.mysql_table_files("mlflow") > 3),
            moment("more tables of MLflow", Dies::WithAll, |site| site.mysql_table_files("mlflow") > 15),
            moment("a server that starts", Dies::Alone, |site| site.folder().join("run/mlflow/process.json").exists()),
        ],
    );
}

/// The environments of this world, the unfinished ones too.
fn environments(site: &Site) -> Vec<PathBuf> {
    let entries = |folder: &Path| std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let shelves = entries(&site.env.deploy_home().join("python"));
    shelves.flat_map(|shelf| entries(&shelf).collect::<Vec<_>>()).filter(|path| path.join("bin").is_dir()).collect()
}

fn packages(site: &Site) -> usize {
    let count = |environment: &PathBuf| {
        let lib = std::fs::read_dir(environment.join("lib")).ok()?.flatten().next()?.path();
        Some(std::fs::read_dir(lib.join("site-packages")).ok()?.count())
    };
    environments(site).iter().filter_map(count).max().unwrap_or(0)
}

fn is_installed(site: &Site) -> bool {
    let log = |environment: &PathBuf| std::fs::read_to_string(environment.with_file_name("install.log")).ok();
    // The last thing that uv says.
    environments(site).iter().filter_map(log).any(|text| text.contains(" + zenml=="))
}

/// In a world whose Python environments are its own, since others must not find unfinished ones.
#[test]
fn a_python_environment() {
    const DONE: &str = "done server/python";
    let site = Site::in_world(Scenario::LocalSqlite, |_| (), serde_json::json!({}));
    let (deaths, _) = kill_at(
        &site,
        &[
            moment("an empty environment", Dies::WithAll, |site| !environments(site).is_empty()),
            moment("some packages", Dies::WithAll, |site| packages(site) > 10),
            moment("some packages again", Dies::Alone, |site| packages(site) > 20),
            moment("all packages", Dies::WithAll, is_installed),
        ],
    );
    assert_eq!(site.dies(&APPLY, Kill::at(DONE)).as_deref(), Some(DONE));
    let left = environments(&site);
    assert!(left.len() == 1 && left[0].join("deploy-complete.json").exists(), "{left:?}");
    assert_eq!(site.env.processes(), []);
    println!("Python environment: killed {} times while it was made", deaths.len());
}
