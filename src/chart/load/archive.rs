//! Charts in gzipped tar archives.

use std::io::Read as _;

use jiff::Timestamp;

use super::super::error::ChartError;
use super::super::file::File;
use super::LARGEST_CHART;

/// What can be wrong with an archive, in Helm's words.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// No gzip header.
    #[error("gzip: invalid header")]
    NotGzip,
    /// gzip or tar data is damaged.
    #[error("{0}")]
    Damaged(String),
    #[error("chart illegally contains absolute paths")]
    AbsolutePath,
    #[error("chart illegally contains content outside the base directory: {0:?}")]
    OutsideBase(String),
    #[error("chart illegally references parent directory")]
    ParentFolder,
    #[error("chart contains illegally named files")]
    DrivePath,
    #[error("chart yaml not in base directory")]
    ChartFileInRoot,
    #[error("decompressed chart is larger than the maximum size {LARGEST_CHART}")]
    TooLarge,
    #[error("no files in chart archive")]
    Empty,
    /// Beyond what Helm checks: headers alone can fill the memory.
    #[error("chart archive holds more than {MOST_FILES} files")]
    TooManyFiles,
}

const MOST_FILES: usize = 100_000;
/// Headers and padding come on top of the files' own bytes.
const LARGEST_STREAM: u64 = LARGEST_CHART * 2 + 64 * 1024 * 1024;

/// All files of an archive, without the folder that every path begins with.
pub fn files(bytes: &[u8]) -> Result<Vec<File>, ArchiveError> {
    const GZIP_HEADER: usize = 10;
    match bytes.len() {
        0 => return Err(ArchiveError::Damaged("EOF".to_owned())),
        length if length < GZIP_HEADER => return Err(ArchiveError::Damaged("unexpected EOF".to_owned())),
        _ if !bytes.starts_with(b"\x1f\x8b\x08") => return Err(ArchiveError::NotGzip),
        _ => {}
    }
    let stream = flate2::read::MultiGzDecoder::new(bytes).take(LARGEST_STREAM);
    let mut archive = tar::Archive::new(stream);
    let mut remaining = LARGEST_CHART;
    let mut files = Vec::new();
    for entry in archive.entries().map_err(damaged)? {
        let mut entry = entry.map_err(damaged)?;
        let kind = entry.header().entry_type();
        let path = entry.path_bytes().into_owned();
        let is_folder = kind.is_dir() || (kind.is_file() && path.ends_with(b"/"));
        if is_folder || kind.is_pax_global_extensions() || kind.is_pax_local_extensions() {
            continue;
        }
        let name = inner_name(&String::from_utf8_lossy(&path))?;
        let size = if kind.is_file() { entry.size() } else { 0 };
        if size >= remaining {
            return Err(ArchiveError::TooLarge);
        }
        let mut data = Vec::with_capacity(usize::try_from(size.min(1024 * 1024)).unwrap_or(0));
        if kind.is_file() {
            entry.read_to_end(&mut data).map_err(damaged)?;
        }
        remaining = remaining.saturating_sub(data.len() as u64);
        let modified = entry.header().mtime().ok().and_then(|seconds| i64::try_from(seconds).ok());
        files.push(File::read(name, data, modified.and_then(|seconds| Timestamp::from_second(seconds).ok())));
        if files.len() > MOST_FILES {
            return Err(ArchiveError::TooManyFiles);
        }
    }
    if files.is_empty() { Err(ArchiveError::Empty) } else { Ok(files) }
}

fn damaged(error: std::io::Error) -> ArchiveError {
    ArchiveError::Damaged(error.to_string())
}

/// The path inside the chart; whatever could lead out of it is refused.
fn inner_name(path: &str) -> Result<String, ArchiveError> {
    // Archives made on Windows.
    let delimiter = if path.contains('\\') { '\\' } else { '/' };
    let (first, rest) = path.split_once(delimiter).unwrap_or((path, ""));
    let name = rest.replace(delimiter, "/");
    if name.starts_with('/') {
        return Err(ArchiveError::AbsolutePath);
    }
    let name = clean(&name);
    if name == "." {
        return Err(ArchiveError::OutsideBase(path.to_owned()));
    }
    if name.starts_with("..") {
        return Err(ArchiveError::ParentFolder);
    }
    let bytes = name.as_bytes();
    if bytes.len() > 2 && bytes[0].is_ascii_alphabetic() && &bytes[1..3] == b":/" {
        return Err(ArchiveError::DrivePath);
    }
    if first == "Chart.yaml" {
        return Err(ArchiveError::ChartFileInRoot);
    }
    Ok(name)
}

/// Go's `path.Clean` of a relative path.
fn clean(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            other => parts.push(other),
        }
    }
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}

/// Refuses what is no gzip, with a word on what it is instead.
pub(super) fn ensure_archive(name: &str, bytes: &[u8]) -> Result<(), ChartError> {
    if bytes.starts_with(b"\x1f\x8b\x08") {
        return Ok(());
    }
    let lower = name.strip_suffix(".yml").or_else(|| name.strip_suffix(".yaml"));
    if lower.is_some() {
        let text = format!("file '{name}' seems to be a YAML file, but expected a gzipped archive");
        return Err(ChartError::Load { text, cause: None });
    }
    let text = format!("file '{name}' does not appear to be a gzipped archive; got '{}'", content_type(bytes));
    Err(ChartError::Load { text, cause: None })
}

/// As the WHATWG sniffing standard has it, for what people take for a chart by mistake. Helm looks at 512 bytes filled
/// up with zeros, so a short text counts as binary.
fn content_type(bytes: &[u8]) -> &'static str {
    const WINDOW: usize = 512;
    const MAGIC: &[(&[u8], &str)] = &[
        (b"%PDF-", "application/pdf"),
        (b"%!PS-Adobe-", "application/postscript"),
        (b"\x89PNG\x0D\x0A\x1A\x0A", "image/png"),
        (b"GIF87a", "image/gif"),
        (b"GIF89a", "image/gif"),
        (b"\xFF\xD8\xFF", "image/jpeg"),
        (b"PK\x03\x04", "application/zip"),
        (b"Rar!\x1A\x07\x00", "application/x-rar-compressed"),
        (b"\x00asm", "application/wasm"),
        (b"\xFE\xFF\x00\x00", "text/plain; charset=utf-16be"),
        (b"\xFF\xFE\x00\x00", "text/plain; charset=utf-16le"),
        (b"\xEF\xBB\xBF\x00", "text/plain; charset=utf-8"),
    ];
    const MARKUP: &[&str] = &["<!DOCTYPE HTML", "<HTML", "<HEAD", "<SCRIPT", "<BODY", "<BR", "<P", "<!--"];
    let window = &bytes[..bytes.len().min(WINDOW)];
    if let Some((_, kind)) = MAGIC.iter().find(|(magic, _)| window.starts_with(magic)) {
        return kind;
    }
    let text = String::from_utf8_lossy(window);
    let trimmed = text.trim_start_matches(['\t', '\n', '\x0c', '\r', ' ']);
    if trimmed.starts_with("<?xml") {
        return "text/xml; charset=utf-8";
    }
    let is_markup = |tag: &&&str| {
        let head = trimmed.get(..tag.len()).is_some_and(|head| head.eq_ignore_ascii_case(tag));
        head && matches!(trimmed.as_bytes().get(tag.len()), Some(b' ' | b'>'))
    };
    if MARKUP.iter().any(|tag| is_markup(&tag)) {
        return "text/html; charset=utf-8";
    }
    let is_binary = |byte: &u8| matches!(byte, 0x00..=0x08 | 0x0B | 0x0E..=0x1A | 0x1C..=0x1F);
    if bytes.len() < WINDOW || window.iter().any(is_binary) {
        "application/octet-stream"
    } else {
        "text/plain; charset=utf-8"
    }
}
