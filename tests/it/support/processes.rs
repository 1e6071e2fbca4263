//! Processes that belong to a test, found in the system's own table: a program that forgot about a child cannot hide
//! it here.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// A process of this machine.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Process {
    pub pid: i32,
    pub command_line: String,
}

impl fmt::Display for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.pid, self.command_line)
    }
}

impl Process {
    /// Ends it at once.
    pub fn kill(&self) {
        let _ = Pid::from_raw(self.pid).map(|pid| kill_process(pid, Signal::KILL));
    }
}

/// Live processes that have to do with a folder: by arguments, environment or working folder, or because a record of
/// a running process in the folder names them.
pub fn processes_of(folder: &Path) -> Vec<Process> {
    let recorded = recorded_processes(folder);
    let own = i32::try_from(std::process::id()).unwrap();
    all().filter(|pid| *pid != own && (recorded.contains(pid) || mentions(*pid, folder))).filter_map(live).collect()
}

/// Numbers of all processes.
pub fn all() -> impl Iterator<Item = i32> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

/// The arguments of a process, as one text.
pub fn command_line(pid: i32) -> Vec<u8> {
    std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default()
}

/// None for processes that have ended and wait to be collected.
fn live(pid: i32) -> Option<Process> {
    let arguments = command_line(pid);
    let words: Vec<_> = arguments.split(|byte| *byte == 0).map(String::from_utf8_lossy).collect();
    (!arguments.is_empty()).then(|| Process { pid, command_line: words.join(" ").trim_end().to_owned() })
}

fn mentions(pid: i32, folder: &Path) -> bool {
    let path = folder.as_os_str().as_encoded_bytes();
    let contains = |text: &[u8]| text.windows(path.len()).any(|part| part == path);
    contains(&command_line(pid))
        || std::fs::read(format!("/proc/{pid}/environ")).is_ok_and(|text| contains(&text))
        || std::fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd.starts_with(folder))
}

/// Processes that files named `process.json` below the folder speak of, if they are still the same.
fn recorded_processes(folder: &Path) -> BTreeSet<i32> {
    let mut found = BTreeSet::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push(path);
            } else if path.file_name().is_some_and(|name| name == "process.json")
                && let Ok(record) = serde_json::from_slice::<Value>(&std::fs::read(&path).unwrap_or_default())
            {
                collect_identities(&record, &mut found);
            }
        }
    }
    found
}

/// Every `{ pid, started, … }` in a record whose start time is that of the process with this number.
fn collect_identities(record: &Value, found: &mut BTreeSet<i32>) {
    match record {
        Value::Object(fields) => {
            if let (Some(pid), Some(started)) = (fields.get("pid").and_then(Value::as_i64), fields.get("started"))
                && let Ok(pid) = i32::try_from(pid)
                && started.as_u64() == start_time(pid)
            {
                found.insert(pid);
            }
            fields.values().for_each(|value| collect_identities(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| collect_identities(value, found)),
        _ => {}
    }
}

/// Clock ticks between the machine's start and the process's; field 22 of `/proc/PID/stat`.
fn start_time(pid: i32) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    text.rsplit_once(") ")?.1.split(' ').nth(19)?.parse().ok()
}

#[test]
fn processes_are_found_by_environment_by_record_and_not_at_all() {
    use std::process::Command;
    let folder = tempfile::tempdir().unwrap();
    let sleep = |variable: &str| Command::new("sleep").arg("600").env("FOLDER", variable).spawn().unwrap();
    let mut by_environment = sleep(folder.path().to_str().unwrap());
    let mut by_record = sleep("");
    let mut stranger = sleep("");
    let pid = |child: &std::process::Child| i32::try_from(child.id()).unwrap();
    let record =
        |child, started: Option<u64>| serde_json::json!({ "leader": { "pid": pid(child), "started": started } });
    std::fs::create_dir_all(folder.path().join("run/server")).unwrap();
    std::fs::create_dir_all(folder.path().join("run/database")).unwrap();
    let write = |unit: &str, record: Value| {
        std::fs::write(folder.path().join("run").join(unit).join("process.json"), record.to_string()).unwrap();
    };
    write("server", record(&by_record, start_time(pid(&by_record))));
    write("database", record(&stranger, Some(1)));
    // The kernel shows a new program's arguments and environment a moment after it says that it runs.
    let began = std::time::Instant::now();
    while processes_of(folder.path()).len() < 2 && began.elapsed().as_secs() < 5 {}
    let mut found: Vec<i32> = processes_of(folder.path()).iter().map(|process| process.pid).collect();
    let mut expected = vec![pid(&by_environment), pid(&by_record)];
    found.sort_unstable();
    expected.sort_unstable();
    processes_of(folder.path()).iter().for_each(Process::kill);
    stranger.kill().unwrap();
    for child in [&mut by_environment, &mut by_record, &mut stranger] {
        child.wait().unwrap();
    }
    assert_eq!(found, expected);
    assert_eq!(processes_of(folder.path()), []);
}
