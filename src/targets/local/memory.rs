//! Evidence that the kernel killed a process because memory ran out. The process itself only shows signal 9.

use std::fs;
use std::io::Read as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use super::process_table::Entry;
use crate::causes::Exit;

/// Clock ticks per second in `/proc`, on every Linux that Rust runs on.
const TICKS: u64 = 100;

/// Watches the kernel's counters of memory kills while a process lives. Counts of a moment ago are compared, since
/// other processes share the counters.
#[derive(Debug)]
pub(super) struct MemoryWatch {
    process: Option<Entry>,
    pid: i32,
    group: Option<Counter>,
    machine: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Counter {
    file: PathBuf,
    kills: u64,
}

impl MemoryWatch {
    pub(super) fn start(pid: i32) -> Self {
        let mut watch = Self { process: None, pid, group: None, machine: None };
        watch.sample();
        watch
    }

    /// To be called every second or so while the process lives.
    pub(super) fn sample(&mut self) {
        let Some(process) = Entry::read(self.pid).filter(Entry::runs) else { return };
        self.process = Some(process);
        self.group = group_counter(self.pid);
        self.machine = kills_in(Path::new("/proc/vmstat"));
    }

    /// How the process really ended, with what shows it.
    pub(super) fn judge(&self, exit: Exit) -> (Exit, Option<String>) {
        // A shell or a parent passes on a child's signal 9 as code 137.
        if !matches!(exit, Exit::Signal(9) | Exit::Code(137)) {
            return (exit, None);
        }
        match self.evidence() {
            Some(evidence) => (Exit::OutOfMemory, Some(evidence)),
            None => (exit, None),
        }
    }

    fn evidence(&self) -> Option<String> {
        if let Some(line) = self.process.as_ref().and_then(kernel_message) {
            return Some(format!("kernel: {line}"));
        }
        if let Some(Counter { file, kills }) = &self.group {
            let now = kills_in(file)?;
            if now > *kills {
                return Some(format!("{}: oom_kill went from {kills} to {now}{}", file.display(), limit(file)));
            }
        }
        let now = kills_in(Path::new("/proc/vmstat"))?;
        let before = self.machine?;
        (now > before).then(|| format!("/proc/vmstat: oom_kill went from {before} to {now} within a second"))
    }
}

/// The counter of the memory group that a process is in, of cgroup version 1 or 2.
fn group_counter(pid: i32) -> Option<Counter> {
    let groups = fs::read_to_string(format!("/proc/{pid}/cgroup")).ok()?;
    groups.lines().filter_map(counter_file).find_map(|file| kills_in(&file).map(|kills| Counter { file, kills }))
}

/// Of a line such as `4:memory:/user.slice` or `0::/user.slice` (cgroups(7)).
fn counter_file(line: &str) -> Option<PathBuf> {
    let mut fields = line.splitn(3, ':');
    let (number, controllers, path) = (fields.next()?, fields.next()?, fields.next()?);
    let path = path.trim_start_matches('/');
    if controllers.split(',').any(|controller| controller == "memory") {
        return Some(Path::new("/sys/fs/cgroup/memory").join(path).join("memory.oom_control"));
    }
    (number == "0").then(|| Path::new("/sys/fs/cgroup").join(path).join("memory.events"))
}

fn kills_in(file: &Path) -> Option<u64> {
    fs::read_to_string(file).ok()?.lines().find_map(|line| line.strip_prefix("oom_kill ")?.trim().parse().ok())
}

fn limit(counter: &Path) -> String {
    ["memory.max", "memory.limit_in_bytes"]
        .iter()
        .find_map(|name| fs::read_to_string(counter.with_file_name(name)).ok()?.trim().parse::<u64>().ok())
        .filter(|bytes| *bytes < 1 << 60)
        .map(|bytes| format!(", limit {} MiB", bytes >> 20))
        .unwrap_or_default()
}

/// The kernel's own line about the kill. Number and name must fit: in a container the kernel speaks of other numbers
/// than we do.
fn kernel_message(process: &Entry) -> Option<String> {
    let wanted = format!("Killed process {} ({})", process.pid, process.name);
    last_in_kernel_log(|record| message_about(record, &wanted, process.started / TICKS))
}

/// The kernel's line about a kill in a container's memory group, which is named after the container. Engines do not
/// always report such a kill themselves: podman 4 with cgroup version 1 does not.
pub(super) fn kill_in_container(id: &str) -> Option<String> {
    last_in_kernel_log(|record| message_about(record, id, 0).filter(|line| line.contains("oom-kill:")))
}

/// The last record in which something is found, where this user may read the kernel's log.
fn last_in_kernel_log(find: impl Fn(&str) -> Option<String>) -> Option<String> {
    const NONBLOCK: i32 = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    let mut log = fs::OpenOptions::new().read(true).custom_flags(NONBLOCK).open("/dev/kmsg").ok()?;
    let mut record = [0_u8; 8192];
    let mut found = None;
    loop {
        match log.read(&mut record) {
            Ok(0) => return found,
            Ok(count) => found = find(&String::from_utf8_lossy(&record[..count])).or(found),
            // Records were overwritten while we read; the next call gives the oldest that is left.
            Err(error) if error.raw_os_error() == Some(rustix::io::Errno::PIPE.raw_os_error()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => return found,
        }
    }
}

/// One record: `priority,sequence,microseconds,flags;text`.
fn message_about(record: &str, wanted: &str, not_before_seconds: u64) -> Option<String> {
    let (head, text) = record.split_once(';')?;
    let microseconds: u64 = head.split(',').nth(2)?.parse().ok()?;
    let line = text.lines().next()?;
    (line.contains(wanted) && microseconds / 1_000_000 >= not_before_seconds).then(|| line.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_found_in_both_versions() {
        assert_eq!(counter_file("4:memory:/a/b").unwrap(), Path::new("/sys/fs/cgroup/memory/a/b/memory.oom_control"));
        assert_eq!(counter_file("0::/a").unwrap(), Path::new("/sys/fs/cgroup/a/memory.events"));
        assert_eq!(counter_file("3:cpuset:/"), None);
    }

    #[test]
    fn the_kernels_line_must_name_this_process_in_its_time() {
        let record = "3,1234,5000000,-;Out of memory: Killed process 77 (python3) total-vm:1kB\n SUBSYSTEM=x\n";
        assert!(message_about(record, "Killed process 77 (python3)", 4).is_some());
        assert!(message_about(record, "Killed process 77 (python3)", 6).is_none());
        assert!(message_about(record, "Killed process 7 (python3)", 4).is_none());
    }

    #[test]
    fn other_ends_are_left_as_they_are() {
        let watch = MemoryWatch::start(1);
        assert_eq!(watch.judge(Exit::Code(3)), (Exit::Code(3), None));
        assert_eq!(watch.judge(Exit::Signal(15)).0, Exit::Signal(15));
    }
}
