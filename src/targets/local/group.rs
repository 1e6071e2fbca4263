//! The processes that belong to one that we started: its children, and theirs.

use rustix::process::Signal;

use super::process_table::{self, Entry};
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

/// Signals every live member, each by its own identity.
pub(super) fn signal(leader: &Identity, signal: Signal) {
    for member in members(leader) {
        // Gone in the meantime is as good as signalled.
        let _ = member.signal(signal);
    }
}

/// Ends every member, also those that come into being meanwhile. False if some could not be ended.
pub(super) fn kill(leader: &Identity) -> bool {
    for _ in 0..100 {
        if members(leader).is_empty() {
            return true;
        }
        signal(leader, Signal::KILL);
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    members(leader).is_empty()
}

fn identity(entry: &Entry, leader: &Identity) -> Identity {
    Identity { pid: entry.pid, started: entry.started, boot: leader.boot.clone() }
}
