//! State on a disk that is read-only or full. Disks in memory, which only root can mount.

use super::{refused, works};
use crate::support::{Example, Expected, MemoryDisk, require, skip};

/// An example whose state lies on a disk of its own; the shared Python environments do not.
fn on_disk(name: &str, disk: &MemoryDisk) -> Example {
    let example = Example::with_own_python(name);
    std::os::unix::fs::symlink(disk.path(), example.env.deploy_home()).unwrap();
    example.env.share_python();
    example
}

#[test]
fn a_disk_that_is_read_only_then_full_then_nearly_full() {
    require!("root", "wheelhouse");
    let Some(disk) = MemoryDisk::mount(64) else {
        skip!("mounting", "this machine does not let root mount a file system");
    };
    let example = on_disk("local-sqlite", &disk);
    disk.set_read_only(true);
    let read_only =
        Expected { code: "DEP-TARGET-003", place: "/state/", cause: "Read-only file system", next: "DEPLOY_HOME" };
    assert_eq!(refused(&example, 1, &read_only).failure().changed, "nothing was changed");
    disk.set_read_only(false);

    let full = Expected { code: "DEP-PROCESS-004", place: "/state/", cause: "No space left", next: "make room" };
    let filler = disk.fill(0);
    refused(&example, 1, &full);
    std::fs::remove_file(&filler).unwrap();
    // Room for records, not for a database.
    disk.fill(200_000);
    refused(&example, 10, &Expected { place: "zenml.db", cause: "full", next: "free space", ..full });
    std::fs::remove_file(&filler).unwrap();
    works(&example);

    // What is there can be looked at without any room.
    disk.fill(0);
    example.call("plan", &["--detailed-exitcode"]).succeeds();
    example.call("status", &[]).succeeds();
    std::fs::remove_file(&filler).unwrap();
}

#[test]
fn a_disk_too_small_for_mariadb() {
    require!("root", "wheelhouse", "mariadb");
    let Some(disk) = MemoryDisk::mount(40) else {
        skip!("mounting", "this machine does not let root mount a file system");
    };
    let example = on_disk("remote-server-local", &disk);
    let full =
        Expected { code: "DEP-PROCESS-004", place: "data/database--data", cause: "error 28", next: "free space" };
    refused(&example, 10, &full);
    let left: Vec<_> = std::fs::read_dir(example.folder().join("data")).unwrap().flatten().collect();
    assert!(left.iter().all(|entry| !entry.file_name().to_string_lossy().contains("database--data")), "{left:?}");
    assert_eq!(example.env.processes(), []);
    disk.grow(600);
    works(&example);
}
