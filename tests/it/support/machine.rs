//! What only root can arrange: small disks, another user.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Whether the tests run as root.
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// A file system in memory with room for so much and no more.
pub struct MemoryDisk {
    folder: PathBuf,
}

impl MemoryDisk {
    /// None where mounting is not allowed, such as in many containers.
    pub fn mount(megabytes: u32) -> Option<Self> {
        let folder = tempfile::Builder::new().prefix("dd-").tempdir().unwrap().keep();
        let options = format!("size={megabytes}m,mode=700");
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(&folder).output();
        if mount.is_ok_and(|output| output.status.success()) {
            return Some(Self { folder });
        }
        let _ = std::fs::remove_dir(&folder);
        None
    }

    pub fn path(&self) -> &Path {
        &self.folder
    }

    /// Takes all room that is left, besides so many bytes.
    pub fn fill(&self, leave: u64) -> PathBuf {
        use std::io::Write as _;
        let path = self.folder.join("filler");
        let mut file = std::fs::File::create(&path).unwrap();
        while file.write_all(&[0; 4096]).is_ok() {}
        let full = file.metadata().unwrap().len();
        file.set_len(full.saturating_sub(leave)).unwrap();
        path
    }

    /// Makes it read-only, or writable again.
    pub fn set_read_only(&self, read_only: bool) {
        self.remount(if read_only { "remount,ro" } else { "remount,rw" });
    }

    /// Gives it more room.
    pub fn grow(&self, megabytes: u32) {
        self.remount(&format!("remount,size={megabytes}m"));
    }

    fn remount(&self, options: &str) {
        let status = Command::new("mount").args(["-o", options]).arg(&self.folder).status();
        assert!(status.unwrap().success(), "cannot remount {}", self.folder.display());
    }
}

impl Drop for MemoryDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.folder).status();
        let _ = std::fs::remove_dir(&self.folder);
    }
}

/// A control group whose processes may take so much memory together and no more; the kernel kills what takes more.
pub struct MemoryLimit {
    group: PathBuf,
}

impl MemoryLimit {
    /// None where control groups cannot be made.
    pub fn new(megabytes: u64) -> Option<Self> {
        const VERSIONS: [(&str, &str); 2] =
            [("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max")];
        VERSIONS.iter().find_map(|(parent, limit)| {
            let group = Path::new(parent).join(format!("deploy-test-{}", std::process::id()));
            // Without a parent that has the controller the folder is made, and has no such file.
            std::fs::create_dir(&group).ok()?;
            let made = Self { group };
            let limited = made.group.join(limit).exists()
                && std::fs::write(made.group.join(limit), (megabytes << 20).to_string()).is_ok();
            limited.then_some(made)
        })
    }

    /// The file through which a process joins.
    pub fn members(&self) -> PathBuf {
        self.group.join("cgroup.procs")
    }
}

impl Drop for MemoryLimit {
    fn drop(&mut self) {
        // Who still lives goes back to where all others are.
        let all = self.group.with_file_name("cgroup.procs");
        for member in std::fs::read_to_string(self.members()).unwrap_or_default().lines() {
            let _ = std::fs::write(&all, member);
        }
        let _ = std::fs::remove_dir(&self.group);
    }
}

/// An unprivileged user of this machine, whose programs root may start.
#[derive(Debug, Clone, Copy)]
pub struct OtherUser {
    pub uid: u32,
    pub gid: u32,
}

impl OtherUser {
    /// The one that every Linux has and that owns nothing.
    pub fn nobody() -> Self {
        Self { uid: 65_534, gid: 65_534 }
    }
}

#[test]
fn a_small_disk_gets_full_and_goes() {
    super::require!("root");
    let Some(disk) = MemoryDisk::mount(1) else {
        super::skip!("mounting", "this machine does not let root mount a file system");
    };
    let path = disk.path().to_owned();
    disk.fill(8192);
    let error = std::fs::write(path.join("more"), vec![1; 100_000]).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::StorageFull);
    disk.set_read_only(true);
    assert_eq!(std::fs::write(path.join("x"), "").unwrap_err().kind(), std::io::ErrorKind::ReadOnlyFilesystem);
    drop(disk);
    assert!(!path.exists());
}

#[test]
fn another_user_calls_the_binary() {
    super::require!("root");
    let mut env = super::TestEnv::new();
    env.become_user(OtherUser::nobody());
    env.deploy(["--version"]).run().succeeds();
}
