//! One server of this machine: stopped on its way up, then disturbed in every way while it is there.

use std::process::{Child, Command};

use serde_json::{Value, json};

use super::{kill, refused, until, wait_until, works};
use crate::support::{Example, Expected, Key, MemoryLimit, require, skip};

#[test]
fn a_server_that_is_stopped_on_its_way() {
    require!("wheelhouse");
    let example = Example::new("local-server");
    stopped_at_once_while_another_waits(&example);
    stopped_after_the_step(&example);
    let changed = works(&example).json()["changed"].clone();
    assert!(!changed.to_string().contains("database/schema") && changed.to_string().contains("server"), "{changed}");
    another_of_that_name(&example);
    damaged_journal_and_a_clock_set_back(&example);
    killed_between_rounds(&example);
    too_little_time(&example);
    a_stranger_with_its_number(&example);
}

/// Of two runs at once the second is told who works and at what; the first does not notice. Ctrl-C twice stops it in
/// the middle of its step.
fn stopped_at_once_while_another_waits(example: &Example) {
    let mut first = example.prepare(&["apply"], &["--yes"]).on_terminal(40, 120);
    wait_until("a schema that is made", || example.steps("intent", "database/schema") > 0);
    let held = Expected { code: "DEP-LOCK-001", place: "/lock", cause: "apply by ", next: "--lock-timeout" };
    let second = refused(example, 6, &held);
    let cause = second.failure();
    assert!(cause.cause.contains("at: create database/schema"), "{cause:#?}");
    assert_eq!(cause.changed, "nothing was changed");
    let lock = example.call("lock show", &["-o", "json"]).succeeds().json();
    assert_eq!((&lock["state"], &lock["holder"]["step"]), (&"held".into(), &"create database/schema".into()));
    let live = example.call("lock break", &[]).exits(6);
    assert!(live.stderr.contains("DEP-LOCK-002"), "{}", live.transcript());

    first.press(Key::Interrupt);
    first.wait_for("Ctrl-C again stops at once");
    first.press(Key::Interrupt);
    let began = std::time::Instant::now();
    let (code, screen) = first.finish();
    assert_eq!(code, 8, "{screen}");
    assert!(began.elapsed().as_secs() < 10, "it did not stop at once: {:?}", began.elapsed());
    assert!(screen.contains("DEP-RUN-002") && screen.contains("deploy apply"), "{screen}");
    assert_eq!(example.steps("done", "database/schema"), 0);
    assert_eq!(example.env.processes(), []);
}

/// Ctrl-C once lets the step come to its end and begins no other.
fn stopped_after_the_step(example: &Example) {
    let call = example.prepare(&["apply"], &["--yes", "-o", "json"]).start();
    let call = until(call, "a schema that is made", || example.steps("intent", "database/schema") == 2);
    call.signal(rustix::process::Signal::INT);
    let run = example.keep(call.wait()).exits(8);
    assert_eq!(run.json()["outcome"], "cancelled", "{}", run.transcript());
    assert!(run.stderr.contains("Ctrl-C again stops at once"), "{}", run.transcript());
    assert_eq!((example.steps("done", "database/schema"), example.steps("intent", "server")), (1, 0));
    let history = example.call("history", &["-o", "json"]).succeeds().json();
    let outcomes: Vec<&Value> = history["runs"].as_array().unwrap().iter().map(|run| &run["outcome"]).collect();
    assert_eq!(outcomes, ["cancelled", "cancelled"], "{history:#}");
}

/// Another file with the same name is not taken for this deployment.
fn another_of_that_name(example: &Example) {
    let before = example.pids();
    let file = example.env.write("other/deployment.yaml", "name: local-server\nscenario: local-server\n");
    let taken = Expected {
        code: "DEP-TARGET-004",
        place: "/deployments/local-server",
        cause: "examples/local-server.yaml",
        next: "choose another `name:`",
    };
    let call = example.env.deploy(["apply", "--yes", "-o", "json", "-f"]).arg(&file);
    let run = example.keep(call.run()).exits(1).reports(&taken);
    assert_eq!(run.failure().changed, "nothing was changed");
    assert_eq!(example.pids(), before);
}

/// The journal ends in the middle of a line, and all its lines are of times to come: both are told, and the change is
/// made.
fn damaged_journal_and_a_clock_set_back(example: &Example) {
    let path = example.folder().join("journal.jsonl");
    let mut entries: Vec<Value> =
        std::fs::read_to_string(&path).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let runs = example.call("history", &["-o", "json"]).succeeds().json()["runs"].as_array().unwrap().len();
    for entry in &mut entries {
        entry["at"] = json!("2199-01-01T00:00:00Z");
    }
    let text: String = entries.iter().map(|entry| format!("{entry}\n")).collect();
    std::fs::write(&path, text + r#"{"sequence":4711,"at":"2199-01-01T00:0"#).unwrap();
    let run = example.call("apply", &["--yes", "--set", "server.environment.COLOUR=red"]).succeeds();
    let told = |code: &str| run.stderr.contains(&format!("note[{code}]"));
    assert!(told("DEP-RUN-004") && told("DEP-RUN-007"), "{}", run.transcript());
    assert!(run.stdout.contains("applied, healthy"), "{}", run.transcript());
    let history = example.call("history", &["-o", "json"]).succeeds().json();
    assert_eq!(history["runs"].as_array().unwrap().len(), runs + 1, "{history:#}");
    assert_eq!(history["runs"][0]["outcome"], "applied", "the newest is the first, whatever its time: {history:#}");
    example.call("history", &[]).succeeds();
}

/// The server dies between two rounds of health: how is told at once, and the next run starts it again.
fn killed_between_rounds(example: &Example) {
    let watch = example.prepare(&["health"], &["--count", "5", "--interval", "2s"]).on_terminal(60, 120);
    watch.wait_for("DEP-HEALTH-015");
    kill(example, "uvicorn");
    let (code, screen) = watch.finish();
    assert_eq!(code, 3, "{screen}");
    assert!(screen.contains("DEP-HEALTH-001") && screen.contains("killed by signal 9"), "{screen}");
    let health = example.call("health", &["-o", "json"]).exits(3).json();
    assert_eq!(health["failure"]["code"], "DEP-PROCESS-002", "{health:#}");
    assert_eq!(health["failure"]["title"], "server was killed by signal 9 (SIGKILL)", "{health:#}");
    let status = example.call("status", &["-o", "json"]).succeeds().json();
    let server = status["components"].as_array().unwrap().iter().find(|part| part["name"] == "server").unwrap();
    assert!(server["state"] != "ready" && server["reason"].to_string().contains("signal 9"), "{status:#}");
    let run = example.call("apply", &["--yes", "--set", "server.environment.COLOUR=red", "-o", "json"]).succeeds();
    assert_eq!(run.json()["changed"], json!(["server"]), "{}", run.transcript());
}

/// A step whose time is up says what it waited for and what was seen last; the next run goes on from there.
fn too_little_time(example: &Example) {
    let colour = "server.environment.COLOUR=blue";
    let run = example.call("apply", &["--yes", "--set", colour, "--timeout", "1s", "-o", "json"]).exits(9);
    let late = Expected { code: "DEP-RUN-003", place: "server", cause: "waiting for: ", next: "--timeout 30m" };
    let run = run.reports(&late);
    let evidence = run.json()["failure"]["evidence"].to_string();
    assert!(evidence.contains("/logs/server.log"), "{}", run.transcript());
    let run = example.call("apply", &["--yes", "--set", colour, "-o", "json"]).succeeds();
    assert_eq!(run.json()["health"]["healthy"], true, "{}", run.transcript());
}

/// A process of somebody else.
struct Stranger(Child);

impl Stranger {
    fn new() -> Self {
        Self(Command::new("sleep").arg("600").spawn().unwrap())
    }

    fn lives(&mut self) -> bool {
        self.0.try_wait().unwrap().is_none()
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Server and keeper are gone, and their numbers have been given to another program.
fn a_stranger_with_its_number(example: &Example) {
    let mut stranger = Stranger::new();
    for process in example.env.processes() {
        process.kill();
    }
    wait_until("killed", || example.env.processes().is_empty());
    let path = example.folder().join("run/server/process.json");
    let mut record: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    for who in ["keeper", "child"] {
        record["instance"]["process"][who]["pid"] = json!(stranger.0.id());
    }
    std::fs::write(&path, record.to_string()).unwrap();
    let health = example.call("health", &["-o", "json"]).exits(3).json();
    assert!(health.to_string().contains("another program"), "{health:#}");
    works(example);
    assert!(stranger.lives());
    for who in ["keeper", "child"] {
        let mut record: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        record["instance"]["process"][who]["pid"] = json!(stranger.0.id());
        let kept = std::fs::read(&path).unwrap();
        std::fs::write(&path, record.to_string()).unwrap();
        example.call("status", &[]).succeeds();
        std::fs::write(&path, kept).unwrap();
    }
    assert!(stranger.lives());
    example.call("destroy", &["--yes"]).succeeds();
    assert!(stranger.lives(), "a process of another program was ended");
}

/// The kernel ends a server that takes more memory than there is.
#[test]
fn a_server_that_is_killed_for_memory() {
    require!("root", "wheelhouse");
    let Some(limit) = MemoryLimit::new(110) else {
        skip!("control groups", "this machine does not let root make a control group with a memory limit");
    };
    let example = Example::new("local-server");
    example.call("apply", &["--yes", "--no-health"]).succeeds();
    kill(&example, "uvicorn");
    let call = example.prepare(&["apply"], &["--yes", "-o", "json"]).within(&limit);
    let run = example.keep(call.run());
    println!("{}", run.transcript());
    let memory = Expected { code: "DEP-PROCESS-003", place: "server", cause: "memory", next: "memory" };
    assert!(matches!(run.code, Some(1 | 10)), "{}", run.transcript());
    run.reports(&memory);
    works(&example);
}
