//! Whether there is room: a program that finds none often cannot even say so, since its log is on the same disk.

use std::path::Path;

use crate::diagnostics::{Diagnostic, codes};

/// Less than this, and a disk counts as full although a program gave another reason, or none.
const FULL_BELOW_BYTES: u64 = 1024 * 1024;

/// Whether the disk of a folder, or of the nearest one above it that is there, has no room to speak of.
pub(super) fn is_full(folder: &Path) -> bool {
    let there = folder.ancestors().find(|folder| folder.exists()).unwrap_or(folder);
    rustix::fs::statvfs(there).is_ok_and(|disk| {
        disk.f_bavail.saturating_mul(disk.f_frsize) < FULL_BELOW_BYTES || disk.f_favail == 0 && disk.f_files > 0
    })
}

/// A failure that nobody could give a reason for, where the disk is one.
pub(super) fn blamed(mut failure: Diagnostic, folder: &Path) -> Diagnostic {
    if !is_full(folder) {
        return failure;
    }
    failure.code = codes::PROCESS_DISK_FULL;
    failure.cause = Some(format!("the disk of {} is full", folder.display()));
    failure.next = vec!["free space (`df -h` shows which disk is full), then: deploy apply".to_owned()];
    failure
}
