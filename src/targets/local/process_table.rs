//! The kernel's table of processes, as `/proc` shows it.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;

/// The fields of `/proc/PID/stat` that tell processes apart (proc(5)).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) pid: i32,
    /// At most 15 bytes of the program's file name.
    pub(super) name: String,
    pub(super) state: char,
    pub(super) group: i32,
    pub(super) session: i32,
    /// Clock ticks between the machine's start and the process's start.
    pub(super) started: u64,
}

impl Entry {
    /// The process of this number, if there is one.
    pub(super) fn read(pid: i32) -> Option<Self> {
        Self::parse(pid, &String::from_utf8_lossy(&fs::read(format!("/proc/{pid}/stat")).ok()?))
    }

    /// The name stands in parentheses and may hold any character, parentheses too: the last one ends it.
    fn parse(pid: i32, line: &str) -> Option<Self> {
        let (head, tail) = line.rsplit_once(')')?;
        let name = head.split_once('(')?.1.to_owned();
        let fields: Vec<&str> = tail.split_whitespace().collect();
        Some(Self {
            pid,
            name,
            state: fields.first()?.chars().next()?,
            group: fields.get(2)?.parse().ok()?,
            session: fields.get(3)?.parse().ok()?,
            started: fields.get(19)?.parse().ok()?,
        })
    }

    /// A zombie has ended; only its parent has not yet asked how.
    pub(super) fn runs(&self) -> bool {
        !matches!(self.state, 'Z' | 'X' | 'x')
    }
}

/// Every process that this user can see.
pub(super) fn all() -> Vec<Entry> {
    let Ok(folder) = fs::read_dir("/proc") else { return Vec::new() };
    folder.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).filter_map(Entry::read).collect()
}

/// Differs after each start of the machine. Empty where the kernel does not tell.
pub(super) fn boot_id() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id").map(|id| id.trim().to_owned()).unwrap_or_default()
}

/// Whether a process was started with this environment variable; false if that cannot be read.
pub(super) fn was_given(pid: i32, name: &str, value: &OsStr) -> bool {
    let Ok(block) = fs::read(format!("/proc/{pid}/environ")) else { return false };
    let wanted = [name.as_bytes(), b"=", value.as_bytes()].concat();
    block.split(|byte| *byte == 0).any(|variable| variable == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_parentheses_and_spaces_do_not_shift_fields() {
        let line = "12 (a) b (c)) S 1 12 11 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 987654 1000 10 18446744073709551615";
        let entry = Entry::parse(12, line).unwrap();
        assert_eq!(entry.name, "a) b (c)");
        assert_eq!((entry.state, entry.group, entry.session, entry.started), ('S', 12, 11, 987_654));
        assert!(entry.runs());
        assert!(Entry::parse(12, "nonsense").is_none());
    }

    #[test]
    fn this_process_is_in_the_table() {
        let own = i32::try_from(std::process::id()).unwrap();
        assert!(all().iter().any(|entry| entry.pid == own && entry.runs()));
    }
}
