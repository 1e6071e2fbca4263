//! A database that is killed while others work with it.

use super::{kill, until, wait_until, works};
use crate::support::{Example, Expected, Run, require};

/// Tables that the server's database has, by their files.
fn tables(example: &Example) -> usize {
    let entries = std::fs::read_dir(example.data("database/data").join("zenml")).into_iter().flatten().flatten();
    entries.filter(|entry| entry.path().extension().is_some_and(|kind| kind == "ibd")).count()
}

/// An apply in whose midst the database dies.
fn killed_when(example: &Example, what: &str, is_so: impl Fn() -> bool) -> Run {
    let call = until(example.prepare(&["apply"], &["--yes", "-o", "json"]).start(), what, is_so);
    kill(example, "mariadbd");
    example.keep(call.wait())
}

#[test]
fn a_database_that_is_killed_during_a_migration_and_an_apply() {
    require!("wheelhouse", "mariadb");
    let example = Example::new("remote-server-local");
    let down = Expected {
        code: "DEP-DATABASE-003",
        place: "mysql://zenml@127.0.0.1",
        cause: "database was killed by signal 9",
        next: "deploy apply starts the database again",
    };
    killed_when(&example, "half of the tables", || tables(&example) > 25).exits(10).reports(&down);
    // While it is down, it is named as the first cause by those who ask.
    let health = example.call("health", &["-o", "json"]).exits(3).json();
    assert_eq!(health["failure"]["code"], "DEP-PROCESS-002", "{health:#}");
    assert_eq!(health["failure"]["title"], "database was killed by signal 9 (SIGKILL)", "{health:#}");

    let run = killed_when(&example, "a server that is started", || example.steps("intent", "server") > 0).exits(10);
    println!("{}", run.transcript());
    let cause = run.failure();
    assert!(cause.code.starts_with("DEP-DATABASE-"), "{}", run.transcript());

    works(&example);
    example.zenml().create_secret("kept", "over a kill");
    kill(&example, "mariadbd");
    wait_until("seen", || example.call("plan", &["--detailed-exitcode"]).code == Some(2));
    works(&example);
    assert_eq!(example.zenml().secret("kept").as_deref(), Some("over a kill"));
}
