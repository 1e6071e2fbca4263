//! Which process it was. A number alone is given to other programs later; number, start time and boot are not.

use std::io;

use rustix::process::Signal;
use serde::{Deserialize, Serialize};

use super::process_table::{Entry, boot_id};

/// One process of this machine, told apart from every other that had or will have its number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Identity {
    pub pid: i32,
    /// Clock ticks between the machine's start and the process's start.
    pub started: u64,
    /// Of the machine's start: ticks begin again with each.
    pub boot: String,
}

/// What became of a process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    Alive,
    Gone,
    /// Gone, and its number now belongs to another program, whose name this is.
    Foreign(String),
    /// Gone with everything else when the machine was started again.
    Rebooted,
}

impl Identity {
    /// The process that has this number now, even if it has ended and was not waited for.
    pub fn of(pid: i32) -> Option<Self> {
        Entry::read(pid).map(|entry| Self { pid, started: entry.started, boot: boot_id() })
    }

    /// The calling process.
    pub fn own() -> Option<Self> {
        Self::of(i32::try_from(std::process::id()).ok()?)
    }

    pub fn fate(&self) -> Fate {
        if self.boot != boot_id() {
            return Fate::Rebooted;
        }
        match Entry::read(self.pid) {
            Some(entry) if entry.started != self.started => Fate::Foreign(entry.name),
            Some(entry) if entry.runs() => Fate::Alive,
            _ => Fate::Gone,
        }
    }

    pub fn is_alive(&self) -> bool {
        self.fate() == Fate::Alive
    }

    /// Sends a signal to this process and to no other. False if it is gone.
    pub fn signal(&self, signal: Signal) -> io::Result<bool> {
        if !self.is_alive() {
            return Ok(false);
        }
        match send(self, signal) {
            Err(error) if error.raw_os_error() == Some(rustix::io::Errno::SRCH.raw_os_error()) => Ok(false),
            other => other,
        }
    }
}

/// A pidfd stays with the process that had the number when it was opened. The start time is compared again after
/// opening, so whatever was opened is the process that is meant.
#[cfg(target_os = "linux")]
fn send(identity: &Identity, signal: Signal) -> io::Result<bool> {
    use rustix::process::{Pid, PidfdFlags, kill_process, pidfd_open, pidfd_send_signal};
    let Some(pid) = Pid::from_raw(identity.pid) else { return Ok(false) };
    match pidfd_open(pid, PidfdFlags::empty()) {
        Ok(descriptor) => {
            if !identity.is_alive() {
                return Ok(false);
            }
            pidfd_send_signal(&descriptor, signal)?;
        }
        // Kernels before 5.3, and containers that forbid the call. The moment between the comparison and the signal
        // is the shortest that can be had there.
        Err(rustix::io::Errno::NOSYS | rustix::io::Errno::PERM) if identity.is_alive() => kill_process(pid, signal)?,
        Err(error) => return Err(error.into()),
    }
    Ok(true)
}

#[cfg(not(target_os = "linux"))]
fn send(_: &Identity, _: Signal) -> io::Result<bool> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Child, Command};

    fn sleeper() -> (Child, Identity) {
        let child = Command::new("sleep").arg("60").spawn().unwrap();
        let identity = Identity::of(i32::try_from(child.id()).unwrap()).unwrap();
        (child, identity)
    }

    #[test]
    fn the_own_process_is_alive() {
        assert!(Identity::own().unwrap().is_alive());
    }

    #[test]
    fn a_zombie_is_gone_and_so_is_who_was_waited_for() {
        let (mut child, identity) = sleeper();
        assert!(identity.signal(Signal::KILL).unwrap());
        while identity.is_alive() {
            std::thread::yield_now();
        }
        assert!(Entry::read(identity.pid).is_some(), "not waited for yet: still in the table");
        assert_eq!(identity.fate(), Fate::Gone);
        assert!(!identity.signal(Signal::KILL).unwrap());
        child.wait().unwrap();
        assert_eq!(identity.fate(), Fate::Gone);
    }

    #[test]
    fn another_program_with_the_number_is_never_signalled() {
        let (mut child, identity) = sleeper();
        let recorded = Identity { started: identity.started - 1, ..identity.clone() };
        assert_eq!(recorded.fate(), Fate::Foreign("sleep".into()));
        assert!(!recorded.signal(Signal::KILL).unwrap());
        let before_reboot = Identity { boot: "another".into(), ..identity.clone() };
        assert_eq!(before_reboot.fate(), Fate::Rebooted);
        assert!(!before_reboot.signal(Signal::KILL).unwrap());
        assert!(identity.is_alive());
        child.kill().unwrap();
        child.wait().unwrap();
    }
}
