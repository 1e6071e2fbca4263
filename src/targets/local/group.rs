//! The processes that belong to one that we started: its children, and theirs.

use std::ffi::OsStr;
use std::time::Duration;

use rustix::process::Signal;

use super::process_table::{self, Entry};
use super::run_folder::MARKER;
use super::{Fate, Identity};

/// Live members of the process group that this process leads or led.
///
/// The kernel does not give a group's number away as long as the group has members. If the number belongs to another
/// process by now, the group had ended before, and what has that number is not ours.
pub(super) fn members(leader: &Identity) -> Vec<Identity> {
    if matches!(leader.fate(), Fate::Foreign(_) | Fate::Rebooted) {
        return Vec::new();
    }
    let ours = |entry: &Entry| entry.group == leader.pid && entry.started >= leader.started && entry.runs();
    process_table::all().iter().filter(|entry| ours(entry)).map(|entry| identity(entry, leader)).collect()
}

/// Live processes of the session that a keeper made, without the keeper.
///
/// While the keeper lives, the session is ours for certain. Afterwards its number could have been given away and
/// given up again, so a process must also be in its child's group or carry the marker of the run folder.
pub(super) fn of_keeper(keeper: &Identity, child: Option<&Identity>, run_folder: &OsStr) -> Vec<Identity> {
    let fate = keeper.fate();
    if matches!(fate, Fate::Foreign(_) | Fate::Rebooted) {
        return Vec::new();
    }
    let in_group = |entry: &Entry| child.is_some_and(|child| entry.group == child.pid);
    let marked = |entry: &Entry| process_table::was_given(entry.pid, MARKER, run_folder);
    let ours = |entry: &Entry| {
        entry.session == keeper.pid
            && entry.pid != keeper.pid
            && entry.started >= keeper.started
            && entry.runs()
            && (fate == Fate::Alive || in_group(entry) || marked(entry))
    };
    process_table::all().iter().filter(|entry| ours(entry)).map(|entry| identity(entry, keeper)).collect()
}

/// Live processes that carry the marker of the run folder, whatever the folder says about them.
pub(super) fn marked(run_folder: &OsStr) -> Vec<Identity> {
    let ours = |entry: &Entry| entry.runs() && process_table::was_given(entry.pid, MARKER, run_folder);
    let boot = process_table::boot_id();
    let identity = |entry: &Entry| Identity { pid: entry.pid, started: entry.started, boot: boot.clone() };
    process_table::all().iter().filter(|entry| ours(entry)).map(identity).collect()
}

/// Signals each by its own identity. Gone in the meantime is as good as signalled.
pub(super) fn signal_all(members: &[Identity], signal: Signal) {
    for member in members {
        let _ = member.signal(signal);
    }
}

/// Ends all, also those that come into being meanwhile. False if some could not be ended.
pub(super) fn kill_all(members: impl Fn() -> Vec<Identity>) -> bool {
    for _ in 0..100 {
        let alive = members();
        if alive.is_empty() {
            return true;
        }
        signal_all(&alive, Signal::KILL);
        std::thread::sleep(Duration::from_millis(5));
    }
    members().is_empty()
}

fn identity(entry: &Entry, leader: &Identity) -> Identity {
    Identity { pid: entry.pid, started: entry.started, boot: leader.boot.clone() }
}
