//! Charts in folders.

use std::fs::{self, Metadata};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::super::error::ChartError;
use super::super::file::File;
use super::super::ignore::IgnoreRules;
use super::LARGEST_CHART;

/// What may be read beyond the chart's own folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Links {
    /// Symbolic links may lead to other places of the same chart only. A chart is somebody else's work; a link to
    /// `/etc/shadow` would end in a ConfigMap.
    #[default]
    Inside,
    /// As Helm does: wherever they lead.
    Anywhere,
}

/// All files of a chart's folder that `.helmignore` leaves, sorted by path.
pub(super) fn files(folder: &Path, links: Links) -> Result<Vec<File>, ChartError> {
    let rules = ignore_rules(folder)?;
    let root = fs::canonicalize(folder).map_err(|error| ChartError::load(go_error("lstat", folder, &error)))?;
    let mut walk = Walk { folder, root, rules, links, remaining: LARGEST_CHART, files: Vec::new() };
    walk.folder(folder, "", 0)?;
    Ok(walk.files)
}

fn ignore_rules(folder: &Path) -> Result<IgnoreRules, ChartError> {
    let file = folder.join(".helmignore");
    if fs::metadata(&file).is_err() {
        return Ok(IgnoreRules::default_rules());
    }
    let content = fs::read(&file).map_err(|error| ChartError::load(go_error("open", &file, &error)))?;
    IgnoreRules::parse(&content).map_err(|error| ChartError::load(error.to_string()))
}

struct Walk<'a> {
    folder: &'a Path,
    root: PathBuf,
    rules: IgnoreRules,
    links: Links,
    remaining: u64,
    files: Vec<File>,
}

/// A folder that links to one above it would never end.
const DEEPEST: usize = 64;
const MOST_FILES: usize = 100_000;

impl Walk<'_> {
    fn folder(&mut self, path: &Path, inner: &str, depth: usize) -> Result<(), ChartError> {
        if depth > DEEPEST {
            let text = format!("{} is nested more than {DEEPEST} folders deep; does a link lead back?", path.display());
            return Err(ChartError::load(text));
        }
        let entries = fs::read_dir(path).map_err(|error| ChartError::load(go_error("open", path, &error)))?;
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|error| ChartError::load(go_error("open", path, &error)))?;
            names.push(entry.file_name());
        }
        names.sort();
        for name in names {
            let inner = match inner {
                "" => name.to_string_lossy().into_owned(),
                above => format!("{above}/{}", name.to_string_lossy()),
            };
            self.entry(&path.join(&name), &inner, depth)?;
        }
        Ok(())
    }

    fn entry(&mut self, path: &Path, inner: &str, depth: usize) -> Result<(), ChartError> {
        let unreadable = |error| ChartError::load(go_error("lstat", path, &error));
        let mut metadata = fs::symlink_metadata(path).map_err(unreadable)?;
        if metadata.is_symlink() {
            metadata = self.link_target(path, inner)?;
        }
        if self.rules.is_ignored(inner, metadata.is_dir()) {
            return Ok(());
        }
        if metadata.is_dir() {
            return self.folder(path, inner, depth + 1);
        }
        if !metadata.is_file() {
            let path = path.display();
            return Err(ChartError::load(format!(
                "cannot load irregular file {path} as it has file mode type bits set"
            )));
        }
        self.read(path, inner, &metadata)
    }

    fn link_target(&self, path: &Path, inner: &str) -> Result<Metadata, ChartError> {
        let target = fs::canonicalize(path).map_err(|error| {
            let reason =
                go_error("lstat", &fs::read_link(path).map_or(path.to_owned(), |to| self.folder.join(to)), &error);
            ChartError::load(format!("error evaluating symlink {}: {reason}", path.display()))
        })?;
        if self.links == Links::Inside && !target.starts_with(&self.root) {
            return Err(ChartError::Load {
                text: format!("{inner} is a symbolic link that leads out of the chart, to {}", target.display()),
                cause: Some("a chart is read from its own folder only".to_owned()),
            });
        }
        fs::symlink_metadata(&target).map_err(|error| ChartError::load(go_error("lstat", &target, &error)))
    }

    fn read(&mut self, path: &Path, inner: &str, metadata: &Metadata) -> Result<(), ChartError> {
        let failed = |reason: String| ChartError::load(format!("error reading {inner}: {reason}"));
        let too_large = || failed(format!("chart exceeds maximum decompressed size of {LARGEST_CHART} bytes"));
        if metadata.len() > self.remaining {
            return Err(too_large());
        }
        if self.files.len() >= MOST_FILES {
            return Err(ChartError::load(format!("chart holds more than {MOST_FILES} files")));
        }
        let file = fs::File::open(path).map_err(|error| failed(go_error("open", path, &error)))?;
        let mut data = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0));
        // One more than allowed, to notice a file that grew.
        file.take(self.remaining + 1).read_to_end(&mut data).map_err(|error| failed(error.to_string()))?;
        if data.len() as u64 > self.remaining {
            return Err(too_large());
        }
        self.remaining -= data.len() as u64;
        let modified = metadata.modified().ok().and_then(|time| Timestamp::try_from(time).ok());
        self.files.push(File::read(inner.to_owned(), data, modified));
        Ok(())
    }
}

/// As Go's `*fs.PathError` prints.
pub(super) fn go_error(operation: &str, path: &Path, error: &std::io::Error) -> String {
    format!("{operation} {}: {}", path.display(), go_reason(error))
}

/// The system's words for an error, as Go has them.
pub(crate) fn go_reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    let plain = text.split(" (os error").next().unwrap_or(&text);
    let mut characters = plain.chars();
    match characters.next() {
        Some(first) => first.to_lowercase().chain(characters).collect(),
        None => text,
    }
}
