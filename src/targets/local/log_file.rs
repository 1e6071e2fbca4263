//! Log files that other programs append to: kept small, read from the end, followed while they grow.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use crate::secrets::Redactor;

/// Size at which a log is put aside. With the one older generation a log takes at most about twice as much.
pub(super) const MAX_BYTES: u64 = 10 * 1024 * 1024;

/// Begins the lines that we add to a log of a process.
pub(super) const NOTE: &str = "==== deploy: ";
/// Ends the one at the start of each life.
pub(super) const STARTED: &str = " started";

/// What is read at most to find the last lines.
const MAX_TAIL_BYTES: u64 = 4 * 1024 * 1024;
const BLOCK: u64 = 64 * 1024;
/// Longer lines are delivered in pieces.
const MAX_LINE: usize = 64 * 1024;

/// The older generation of a log.
pub(super) fn older(log: &Path) -> PathBuf {
    let mut name = OsString::from(log);
    name.push(".1");
    name.into()
}

/// Opens a log for programs to append to, readable by its owner only.
pub(super) fn open(log: &Path) -> io::Result<File> {
    if let Some(folder) = log.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    OpenOptions::new().create(true).append(true).mode(0o600).open(log)
}

/// Puts the content aside as the older generation once it is larger than the limit.
///
/// The writer holds the file open and cannot be told to open another, so the content is copied and the file cut.
/// What is written between the last copied byte and the cut is lost: microseconds, once in 10 MiB.
pub(super) fn bound(log: &Path, max_bytes: u64) -> io::Result<()> {
    let size = match fs::metadata(log) {
        Ok(metadata) => metadata.len(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    if size <= max_bytes {
        return Ok(());
    }
    let copied = put_aside(log, size.saturating_sub(max_bytes));
    if copied.is_err() {
        // No room for a copy: a full disk is the best reason to cut.
        let _ = fs::remove_file(older(log));
    }
    OpenOptions::new().write(true).open(log)?.set_len(0)?;
    copied
}

fn put_aside(log: &Path, skip: u64) -> io::Result<()> {
    let mut from = File::open(log)?;
    from.seek(SeekFrom::Start(skip))?;
    let folder = log.parent().unwrap_or(Path::new("."));
    let mut to = tempfile::Builder::new().prefix(".log-").tempfile_in(folder)?;
    io::copy(&mut from, &mut to)?;
    to.flush()?;
    to.persist(older(log)).map_err(|error| error.error)?;
    Ok(())
}

/// The last lines, oldest first, without reading the whole file. Continues into the older generation.
pub(super) fn tail(log: &Path, lines: usize, redactor: &Redactor) -> io::Result<Vec<String>> {
    let found = tail_before(log, u64::MAX, lines)?;
    Ok(found.iter().map(|line| redactor.redact(line)).collect())
}

/// The last lines of what stands before a place in the log.
fn tail_before(log: &Path, end: u64, lines: usize) -> io::Result<Vec<String>> {
    let mut found = last_lines(log, end, lines)?;
    if found.len() < lines {
        let mut before = last_lines(&older(log), u64::MAX, lines - found.len())?;
        before.append(&mut found);
        found = before;
    }
    Ok(found)
}

fn last_lines(path: &Path, end: u64, lines: usize) -> io::Result<Vec<String>> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let size = file.metadata()?.len().min(end);
    let mut start = size;
    let mut bytes: Vec<u8> = Vec::new();
    let mut line_ends = 0;
    while start > 0 && size - start < MAX_TAIL_BYTES && line_ends <= lines {
        let before = start.saturating_sub(BLOCK);
        file.seek(SeekFrom::Start(before))?;
        let mut block = Vec::new();
        Read::take(&mut file, start - before).read_to_end(&mut block)?;
        line_ends += block.split(|byte| *byte == b'\n').count() - 1;
        block.append(&mut bytes);
        bytes = block;
        start = before;
    }
    let text = String::from_utf8_lossy(&bytes);
    let all: Vec<&str> = text.lines().collect();
    Ok(all[all.len().saturating_sub(lines)..].iter().map(|line| (*line).to_owned()).collect())
}

/// Reads what is appended to a log, across its being put aside.
#[derive(Debug)]
pub(super) struct Follower {
    path: PathBuf,
    offset: u64,
    /// Tells one older generation from the next.
    older: Option<u64>,
    /// The older generation is new, but the file did not look cut yet.
    waited: bool,
    partial: Vec<u8>,
}

impl Follower {
    /// Delivers only what is appended from now on.
    pub(super) fn from_end(path: &Path) -> Self {
        let offset = fs::metadata(path).map_or(0, |metadata| metadata.len());
        Self { path: path.to_owned(), offset, older: inode(&older(path)), waited: false, partial: Vec::new() }
    }

    /// The last lines so far, and a follower that delivers what comes after them: no line twice and none left out,
    /// whatever is written meanwhile. A line that is half written comes as a whole, later.
    pub(super) fn after_tail(path: &Path, lines: usize) -> io::Result<(Vec<String>, Self)> {
        let mut follower = Self::from_end(path);
        follower.offset = line_start(path, follower.offset)?;
        Ok((tail_before(path, follower.offset, lines)?, follower))
    }

    /// Hands over each whole line that was written since the last call.
    pub(super) fn read_new(&mut self, deliver: &mut dyn FnMut(&str)) -> io::Result<()> {
        let size = match fs::metadata(&self.path) {
            Ok(metadata) => metadata.len(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        let older = inode(&older(&self.path));
        if older != self.older && older.is_some() {
            if size >= self.offset && !self.waited {
                self.waited = true;
                return Ok(());
            }
            self.finish_older(deliver)?;
            self.older = older;
            self.waited = false;
            self.offset = 0;
        } else if size < self.offset {
            self.offset = 0;
        }
        let path = self.path.clone();
        self.offset += self.read_from(&path, self.offset, deliver)?;
        Ok(())
    }

    /// Hands over a last line that has no end.
    pub(super) fn finish(&mut self, deliver: &mut dyn FnMut(&str)) -> io::Result<()> {
        self.read_new(deliver)?;
        if !self.partial.is_empty() {
            let line = std::mem::take(&mut self.partial);
            deliver(String::from_utf8_lossy(&line).trim_end_matches('\r'));
        }
        Ok(())
    }

    /// The rest of what was put aside. If it was longer than its limit, its start was dropped and no place in it is
    /// known; then it is passed over.
    fn finish_older(&mut self, deliver: &mut dyn FnMut(&str)) -> io::Result<()> {
        let path = older(&self.path);
        if fs::metadata(&path).is_ok_and(|metadata| metadata.len() >= self.offset) {
            self.read_from(&path, self.offset, deliver)?;
        }
        Ok(())
    }

    fn read_from(&mut self, path: &Path, offset: u64, deliver: &mut dyn FnMut(&str)) -> io::Result<u64> {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(offset))?;
        let mut block = vec![0_u8; usize::try_from(BLOCK).unwrap_or(usize::MAX)];
        let mut total = 0;
        loop {
            let count = file.read(&mut block)?;
            if count == 0 {
                return Ok(total);
            }
            total += count as u64;
            self.take_in(&block[..count], deliver);
        }
    }

    fn take_in(&mut self, bytes: &[u8], deliver: &mut dyn FnMut(&str)) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.partial.extend_from_slice(piece);
            if self.partial.ends_with(b"\n") || self.partial.len() > MAX_LINE {
                let line = std::mem::take(&mut self.partial);
                deliver(String::from_utf8_lossy(&line).trim_end_matches(['\n', '\r']));
            }
        }
    }
}

/// Where the line that a place is in begins; the place itself if the line is too long to look for it.
fn line_start(path: &Path, place: u64) -> io::Result<u64> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(place),
        Err(error) => return Err(error),
    };
    let from = place.saturating_sub(BLOCK);
    file.seek(SeekFrom::Start(from))?;
    let mut block = Vec::new();
    file.take(place - from).read_to_end(&mut block)?;
    match block.iter().rposition(|byte| *byte == b'\n') {
        Some(end) => Ok(from + end as u64 + 1),
        None if from == 0 => Ok(0),
        None => Ok(place),
    }
}

fn inode(path: &Path) -> Option<u64> {
    fs::metadata(path).ok().map(|metadata| metadata.ino())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("x.log");
        (folder, log)
    }

    #[test]
    fn the_tail_goes_on_into_the_older_generation() {
        let (_folder, log) = log();
        fs::write(older(&log), "1\n2\n3\n").unwrap();
        fs::write(&log, "4\n5").unwrap();
        let none = Redactor::default();
        assert_eq!(tail(&log, 1, &none).unwrap(), ["5"]);
        assert_eq!(tail(&log, 3, &none).unwrap(), ["3", "4", "5"]);
        assert_eq!(tail(&log, 99, &none).unwrap(), ["1", "2", "3", "4", "5"]);
        assert!(tail(&log.with_extension("none"), 5, &none).unwrap().is_empty());
    }

    #[test]
    fn the_tail_of_a_large_file_is_exact() {
        let (_folder, log) = log();
        let text: String = (0..200_000).map(|n| format!("line {n}\n")).collect();
        fs::write(&log, text).unwrap();
        let last = tail(&log, 10_000, &Redactor::default()).unwrap();
        assert_eq!(last.len(), 10_000);
        assert_eq!(last[0], "line 190000");
    }

    #[test]
    fn no_line_comes_twice_at_the_seam_between_the_tail_and_what_follows() {
        let (_folder, log) = log();
        let mut writer = open(&log).unwrap();
        writer.write_all(b"one\ntwo\nhal").unwrap();
        let (mut seen, mut follower) = Follower::after_tail(&log, 5).unwrap();
        assert_eq!(seen, ["one", "two"]);
        writer.write_all(b"f\nthree\n").unwrap();
        follower.read_new(&mut |line| seen.push(line.to_owned())).unwrap();
        assert_eq!(seen, ["one", "two", "half", "three"]);
        let (last, _) = Follower::after_tail(&log.with_extension("none"), 5).unwrap();
        assert_eq!(last, [] as [&str; 0]);
    }

    /// Somebody writes all the time while the tail is read.
    #[test]
    fn a_busy_log_is_followed_line_by_line() {
        let (_folder, log) = log();
        let mut writer = open(&log).unwrap();
        let writing = std::thread::spawn(move || {
            for n in 0..20_000 {
                writeln!(writer, "{n}").unwrap();
            }
        });
        while fs::metadata(&log).unwrap().len() < 1000 {}
        let (mut seen, mut follower) = Follower::after_tail(&log, 10).unwrap();
        writing.join().unwrap();
        follower.read_new(&mut |line| seen.push(line.to_owned())).unwrap();
        let numbers: Vec<u32> = seen.iter().map(|line| line.parse().unwrap()).collect();
        assert_eq!(numbers, (numbers[0]..20_000).collect::<Vec<_>>());
    }

    #[test]
    fn a_follower_loses_nothing_when_the_log_is_put_aside() {
        let (_folder, log) = log();
        let mut writer = open(&log).unwrap();
        writer.write_all(b"before\n").unwrap();
        let mut follower = Follower::from_end(&log);
        let mut seen = Vec::new();
        writer.write_all(b"one\ntw").unwrap();
        follower.read_new(&mut |line| seen.push(line.to_owned())).unwrap();
        writer.write_all(b"o\nthree\n").unwrap();
        bound(&log, 4).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(fs::metadata(&log).unwrap().len(), 0);
        writer.write_all(b"four\nfive").unwrap();
        follower.read_new(&mut |line| seen.push(line.to_owned())).unwrap();
        follower.finish(&mut |line| seen.push(line.to_owned())).unwrap();
        // More than the limit was put aside, so its start is dropped; what follows is not.
        assert_eq!(seen.last().unwrap(), "five");
        assert!(seen.contains(&"one".to_owned()) && seen.iter().any(|line| line.ends_with("four")));
    }

    #[test]
    fn a_log_at_its_limit_is_put_aside_whole() {
        let (_folder, log) = log();
        let mut writer = open(&log).unwrap();
        let mut follower = Follower::from_end(&log);
        let mut seen = Vec::new();
        for n in 0..1000 {
            writeln!(writer, "{n}").unwrap();
            bound(&log, 500).unwrap();
            follower.read_new(&mut |line| seen.push(line.to_owned())).unwrap();
        }
        follower.finish(&mut |line| seen.push(line.to_owned())).unwrap();
        assert!(fs::metadata(&log).unwrap().len() <= 504);
        assert!(fs::metadata(older(&log)).unwrap().len() <= 504);
        let numbers: Vec<u32> = seen.iter().filter_map(|line| line.parse().ok()).collect();
        assert!(numbers.len() > 990, "{}", numbers.len());
        assert_eq!(numbers.last(), Some(&999));
    }
}
