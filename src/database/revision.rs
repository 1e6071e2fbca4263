//! Which release a schema is of. ZenML's migrations are named after releases; those in between have hashes.

use std::cmp::Ordering;

/// The state of a ZenML schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Schema {
    /// No tables at all: a fresh database, or no file.
    Empty,
    /// Tables, but no revision: a first migration was cut off, or the tables are of another program.
    Unmarked { tables: usize },
    /// A revision: a release such as `0.98.0`, or the hash of a step in between.
    At(String),
}

/// A schema seen from a server's release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    Empty,
    Equal,
    /// Of this older release.
    Behind(String),
    /// Of this newer release.
    Ahead(String),
    /// A migration was cut off: at this step, or before the first revision was written.
    Unfinished(Option<String>),
}

impl Schema {
    /// How the schema stands to a release. Some releases (0.75.1) have no migration of their own, so `Behind` can
    /// also be as far as that release's migration goes; whoever ran it knows.
    pub fn against(&self, release: &str) -> Standing {
        let revision = match self {
            Self::Empty => return Standing::Empty,
            Self::Unmarked { .. } => return Standing::Unfinished(None),
            Self::At(revision) => revision,
        };
        match (version(revision), version(release)) {
            _ if revision == release => Standing::Equal,
            (None, _) => Standing::Unfinished(Some(revision.clone())),
            (Some(_), None) => Standing::Behind(revision.clone()),
            (Some(schema), Some(server)) => match schema.cmp(&server) {
                Ordering::Less => Standing::Behind(revision.clone()),
                Ordering::Equal => Standing::Equal,
                Ordering::Greater => Standing::Ahead(revision.clone()),
            },
        }
    }
}

/// Numbers of a release, with a candidate (`0.94.0rc0`, `0.57.0.rc1`) before the release itself.
fn version(text: &str) -> Option<([u32; 3], u32)> {
    let (numbers, candidate) = match text.split_once("rc") {
        Some((numbers, candidate)) => (numbers.trim_end_matches('.'), candidate.parse().ok()?),
        None => (text, u32::MAX),
    };
    let mut parts = numbers.split('.');
    let mut next = || parts.next()?.parse().ok();
    let found = [next()?, next()?, next()?];
    parts.next().is_none().then_some((found, candidate))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemas_are_compared_as_releases() {
        let at = |revision: &str| Schema::At(revision.to_owned()).against("0.94.0");
        assert_eq!(at("0.94.0"), Standing::Equal);
        assert_eq!(at("0.85.0"), Standing::Behind("0.85.0".into()));
        assert_eq!(at("0.94.0rc0"), Standing::Behind("0.94.0rc0".into()));
        assert_eq!(at("0.57.0.rc1"), Standing::Behind("0.57.0.rc1".into()));
        assert_eq!(at("0.100.0"), Standing::Ahead("0.100.0".into()));
        assert_eq!(at("0392807467dc"), Standing::Unfinished(Some("0392807467dc".into())));
        assert_eq!(Schema::Unmarked { tables: 22 }.against("0.94.0"), Standing::Unfinished(None));
        assert_eq!(Schema::Empty.against("0.94.0"), Standing::Empty);
    }
}
