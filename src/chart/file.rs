//! Files of a chart, as bytes.

use jiff::Timestamp;

use crate::template::Text;

/// A file with its path inside the chart, `/` between parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    pub name: String,
    /// As read, without a byte order mark.
    pub data: Text,
    /// When it was last changed, where that is known.
    pub modified: Option<Timestamp>,
}

impl File {
    /// A file whose age does not matter.
    pub fn new(name: impl Into<String>, data: impl Into<Text>) -> Self {
        Self { name: name.into(), data: data.into(), modified: None }
    }

    /// With the byte order mark taken off, as Helm's loaders do.
    pub(super) fn read(name: String, data: Vec<u8>, modified: Option<Timestamp>) -> Self {
        let data = match data.strip_prefix(b"\xEF\xBB\xBF") {
            Some(rest) => Text::from(rest),
            None => Text::from(data),
        };
        Self { name, data, modified }
    }

    /// The last part of the path.
    pub fn base_name(&self) -> &str {
        base_name(&self.name)
    }
}

/// The last part of a path that holds no empty parts, as Go's `path.Base`.
pub(super) fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// With its dot, as Go's `filepath.Ext`.
pub(super) fn extension(path: &str) -> &str {
    let name = base_name(path);
    name.rfind('.').map_or("", |at| &name[at..])
}
