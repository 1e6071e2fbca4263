//! What machines and people do to a deployment: disks that are full, programs that are missing or too old, servers that
//! are killed, runs that are stopped or begun twice. Each time: a clear cause with a next step, nothing lost, and the
//! next run works.

mod databases;
mod disks;
mod pythons;
mod running;

use std::time::{Duration, Instant};

use crate::support::{Example, Expected, Process, Run, Running};

/// An apply that fails like this, told to a script.
#[track_caller]
fn refused(example: &Example, exit: i32, expected: &Expected<'_>) -> Run {
    example.call("apply", &["--yes", "-o", "json"]).exits(exit).reports(expected)
}

/// The apply after a fault.
#[track_caller]
fn works(example: &Example) -> Run {
    let applied = example.call("apply", &["--yes", "-o", "json"]).succeeds();
    let result = applied.json();
    assert_eq!((&result["outcome"], &result["health"]["healthy"]), (&"applied".into(), &true.into()));
    applied
}

/// Waits until something is so while a call runs. If the call ends before, what it said is shown.
#[track_caller]
fn until(mut call: Running, what: &str, is_so: impl Fn() -> bool) -> Running {
    while !is_so() {
        assert!(!call.has_ended(), "`{what}` never was so:\n{}", call.wait().transcript());
        std::thread::sleep(Duration::from_millis(2));
    }
    call
}

/// Waits until something is so that comes by itself.
#[track_caller]
fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < Duration::from_mins(2), "`{what}` never was so");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Ends processes of a deployment at once, as the kernel does when memory runs out.
#[track_caller]
fn kill(example: &Example, part: &str) {
    let pids = example.processes(part);
    assert!(!pids.is_empty(), "no process has `{part}` in its arguments");
    for process in example.env.processes().iter().filter(|process| pids.contains(&process.pid)) {
        Process::kill(process);
    }
    wait_until("killed", || example.processes(part).is_disjoint(&pids));
}
