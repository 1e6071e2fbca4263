//! Charts that were fetched before, below `cache/charts` in the home folder.
//!
//! `sha256/HEX` holds manifests and charts under the digests of their bytes; `tags/HEX` says which manifest a tag was
//! seen to name, under the digest of the reference. Nothing in it is trusted: bytes are compared with their name on
//! each read, and what does not fit is fetched again. Files are written beside and renamed, so runs at the same time
//! do no harm. What was not used for longest goes when there is too much.

use std::fs::{self, File, FileTimes};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::digest::Digest;

/// Of everything together, in bytes.
pub const BOUND: u64 = 512 * 1024 * 1024;
/// Files that a killed run left unfinished are older than this.
const UNFINISHED: Duration = Duration::from_hours(1);
const UNFINISHED_PREFIX: &str = ".unfinished-";

/// The cache of one home folder.
pub(super) struct Cache {
    folder: PathBuf,
    bound: u64,
    /// Not where there is no home folder.
    kept: bool,
}

impl Cache {
    pub(super) fn below(home: &Path) -> Self {
        Self { folder: home.join("cache").join("charts"), bound: BOUND, kept: home.is_absolute() }
    }

    /// The bytes with this digest, if they are there and whole.
    pub(super) fn read(&self, digest: Digest, largest: u64) -> Option<Vec<u8>> {
        if !self.kept {
            return None;
        }
        let path = self.content(digest);
        let bytes = read_bounded(&path, largest)?;
        if Digest::of(&bytes) == digest {
            mark_used(&path);
            return Some(bytes);
        }
        // It can only be in the way.
        let _ = fs::remove_file(path);
        None
    }

    /// Keeps bytes under their digest.
    pub(super) fn write(&self, digest: Digest, bytes: &[u8]) -> io::Result<()> {
        if self.kept {
            write_whole(&self.content(digest), bytes)?;
            self.make_room(digest);
        }
        Ok(())
    }

    /// Which manifest a reference without digest was last seen to name.
    pub(super) fn noted(&self, reference: &str) -> Option<Digest> {
        let bytes = read_bounded(&self.note_path(reference), 1024).filter(|_| self.kept)?;
        Digest::parse(std::str::from_utf8(&bytes).ok()?)
    }

    /// Remembers which manifest a reference without digest names.
    pub(super) fn note(&self, reference: &str, digest: Digest) -> io::Result<()> {
        if self.kept { write_whole(&self.note_path(reference), digest.to_string().as_bytes()) } else { Ok(()) }
    }

    fn content(&self, digest: Digest) -> PathBuf {
        self.folder.join("sha256").join(digest.hexadecimal())
    }

    fn note_path(&self, reference: &str) -> PathBuf {
        self.folder.join("tags").join(Digest::of(reference.as_bytes()).hexadecimal())
    }

    /// Takes away what was not used for longest, never what was just written. That another run does the same at the
    /// same time, or still reads, is no harm: who has a file open keeps it, who misses one fetches it.
    fn make_room(&self, written: Digest) {
        let written = self.content(written);
        let mut files: Vec<_> = ["sha256", "tags"].iter().flat_map(|part| files_in(&self.folder.join(part))).collect();
        let now = SystemTime::now();
        files.retain(|(path, _, used)| {
            let is_unfinished =
                path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(UNFINISHED_PREFIX));
            let is_old = now.duration_since(*used).is_ok_and(|age| age > UNFINISHED);
            if is_unfinished && is_old {
                let _ = fs::remove_file(path);
            }
            !is_unfinished
        });
        let mut total: u64 = files.iter().map(|(_, size, _)| size).sum();
        files.sort_by_key(|(_, _, used)| *used);
        for (path, size, _) in files {
            if total <= self.bound {
                break;
            }
            if path != written && fs::remove_file(&path).is_ok() {
                total -= size;
            }
        }
    }
}

/// Path, size on disk and time of the last use.
fn files_in(folder: &Path) -> Vec<(PathBuf, u64, SystemTime)> {
    /// What even an empty file takes.
    const BLOCK: u64 = 4096;
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| {
            let metadata = entry.metadata().ok()?;
            Some((entry.path(), metadata.len().next_multiple_of(BLOCK), metadata.modified().ok()?))
        })
        .collect()
}

fn read_bounded(path: &Path, largest: u64) -> Option<Vec<u8>> {
    let file = File::open(path).ok()?;
    let metadata = file.metadata().ok()?;
    if !metadata.is_file() || metadata.len() > largest {
        return None;
    }
    let mut bytes = Vec::new();
    io::Read::read_to_end(&mut io::Read::take(file, largest), &mut bytes).ok()?;
    Some(bytes)
}

/// A folder that cannot be written only forgets the order in which to clean up.
fn mark_used(path: &Path) {
    if let Ok(file) = File::open(path) {
        let _ = file.set_times(FileTimes::new().set_modified(SystemTime::now()));
    }
}

/// Under a name of its own until it is whole, since another run may write the same.
fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut file = tempfile::Builder::new().prefix(UNFINISHED_PREFIX).tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_data()?;
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LARGEST: u64 = 1 << 20;

    fn cache(folder: &tempfile::TempDir) -> Cache {
        Cache::below(folder.path())
    }

    #[test]
    fn what_was_written_is_read_until_it_is_broken() {
        let folder = tempfile::tempdir().unwrap();
        let (cache, digest) = (cache(&folder), Digest::of(b"chart"));
        assert_eq!(cache.read(digest, LARGEST), None);
        cache.write(digest, b"chart").unwrap();
        assert_eq!(cache.read(digest, LARGEST).as_deref(), Some(&b"chart"[..]));
        assert_eq!(cache.read(digest, 4), None, "larger than it may be");
        fs::write(cache.content(digest), "chars").unwrap();
        assert_eq!(cache.read(digest, LARGEST), None);
        assert!(!cache.content(digest).exists());
    }

    #[test]
    fn tags_are_remembered_each_for_itself() {
        let folder = tempfile::tempdir().unwrap();
        let (cache, digest) = (cache(&folder), Digest::of(b"manifest"));
        cache.note("oci://host/a:1", digest).unwrap();
        assert_eq!(cache.noted("oci://host/a:1"), Some(digest));
        assert_eq!(cache.noted("oci://host/a:2"), None);
    }

    #[test]
    fn it_stays_within_its_bound_and_keeps_what_is_used() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache { bound: 4 * 4096, ..cache(&folder) };
        let digests: Vec<Digest> = (0_u8..6).map(|number| Digest::of(&[number])).collect();
        for (number, digest) in digests.iter().enumerate() {
            cache.write(*digest, &[number as u8]).unwrap();
            // A step of the clock that file systems see.
            std::thread::sleep(Duration::from_millis(15));
            assert!(cache.read(digests[0], LARGEST).is_some());
            std::thread::sleep(Duration::from_millis(15));
        }
        let left: Vec<bool> = digests.iter().map(|digest| cache.content(*digest).exists()).collect();
        assert_eq!(left, [true, false, false, true, true, true]);
    }

    #[test]
    fn writers_at_the_same_time_do_not_hinder_each_other() {
        let folder = tempfile::tempdir().unwrap();
        let (cache, bytes) = (cache(&folder), vec![7; 100_000]);
        let digest = Digest::of(&bytes);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| cache.write(digest, &bytes).unwrap());
            }
        });
        assert_eq!(cache.read(digest, LARGEST), Some(bytes));
        assert_eq!(files_in(&folder.path().join("cache/charts/sha256")).len(), 1);
    }
}
