//! Which version is meant: an exact one, or the highest that a constraint allows. As Helm decides it.

use crate::functions::semver::{Constraints, Version};

/// What a `--version` or a tag asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wanted {
    /// This tag, whether or not a list of tags has it.
    Exact(String),
    /// The highest version that fits.
    Fitting(String),
    /// The highest version that is no pre-release.
    Highest,
}

impl Wanted {
    /// A version is asked for as it is, however short; everything else that is a constraint looks for a fitting one.
    /// Helm refuses what is neither; here it is a tag, such as `latest`.
    pub(super) fn of(text: Option<&str>) -> Self {
        match text.map(str::trim).filter(|text| !text.is_empty()) {
            None => Self::Highest,
            Some(text) if Version::parse(text.as_bytes()).is_ok() => Self::Exact(text.to_owned()),
            Some(text) if Constraints::parse(text.as_bytes()).is_ok() => Self::Fitting(text.to_owned()),
            Some(text) => Self::Exact(text.to_owned()),
        }
    }

    /// As it is told to people.
    pub(super) fn phrase(&self) -> String {
        match self {
            Self::Exact(version) => format!("version {version}"),
            Self::Fitting(constraint) => format!("version that fits `{constraint}`"),
            Self::Highest => "version that is no pre-release".to_owned(),
        }
    }
}

/// Tags that are versions, highest first, with `+` where registries write `_`.
pub(super) fn versions(tags: &[String]) -> Vec<String> {
    let mut versions: Vec<Version> = tags.iter().filter_map(|tag| strict(&tag.replace('_', "+"))).collect();
    versions.sort_by(|left, right| right.compare(left));
    versions.into_iter().map(|version| version.original).collect()
}

/// The first that is meant, of versions that stand with the highest first.
pub(super) fn choose<'a>(versions: &'a [String], wanted: &Wanted) -> Option<&'a String> {
    let constraint = match wanted {
        Wanted::Exact(exact) => return versions.iter().find(|version| *version == exact),
        Wanted::Fitting(text) => {
            if let Some(exact) = versions.iter().find(|version| *version == text) {
                return Some(exact);
            }
            Constraints::parse(text.as_bytes())
        }
        Wanted::Highest => Constraints::parse(b"*"),
    };
    let constraint = constraint.ok()?;
    versions.iter().find(|version| Version::parse(version.as_bytes()).is_ok_and(|version| constraint.allow(&version)))
}

/// A version with all three numbers, none with zeros before it, and no `v`.
fn strict(text: &str) -> Option<Version> {
    Version::parse(text.as_bytes()).ok().filter(|version| version.to_string() == text)
}

/// Puts the highest first, those that are no version last.
pub(super) fn sort_descending<T>(items: &mut [T], version: impl Fn(&T) -> &str) {
    items.sort_by(|left, right| {
        let parse = |item: &T| Version::parse(version(item).as_bytes()).ok();
        match (parse(left), parse(right)) {
            (Some(left), Some(right)) => right.compare(&left),
            (left, right) => right.is_some().cmp(&left.is_some()),
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn tags_that_are_no_versions_are_left_out() {
        let tags = strings(&["latest", "1.0.0", "v9.0.0", "1.2", "01.0.0", "1.1.1_build.5", "2.0.0-rc.1", "1.10.0"]);
        assert_eq!(versions(&tags), ["2.0.0-rc.1", "1.10.0", "1.1.1+build.5", "1.0.0"]);
    }

    /// Each seen with `helm pull` 4.3.1 on the same tags.
    #[test]
    fn versions_are_chosen_as_helm_does() {
        let known = versions(&strings(&["1.0.0", "1.1.0", "1.1.1_build.5", "2.0.0-rc.1"]));
        let table = [
            (None, Some("1.1.1+build.5")),
            (Some("1.0.0"), Some("1.0.0")),
            (Some("^1"), Some("1.1.1+build.5")),
            (Some("~1.0"), Some("1.0.0")),
            (Some(">0-0"), Some("2.0.0-rc.1")),
            (Some("1.1.1+build.5"), Some("1.1.1+build.5")),
            (Some("> 2"), None),
            (Some("9"), None),
            (Some("1.0"), None),
        ];
        for (wanted, expected) in table {
            assert_eq!(choose(&known, &Wanted::of(wanted)).map(String::as_str), expected, "{wanted:?}");
        }
    }

    #[test]
    fn versions_constraints_and_tags_are_told_apart() {
        assert_eq!(Wanted::of(None), Wanted::Highest);
        assert_eq!(Wanted::of(Some(" ")), Wanted::Highest);
        assert_eq!(Wanted::of(Some("1.0")), Wanted::Exact("1.0".into()));
        assert_eq!(Wanted::of(Some("latest")), Wanted::Exact("latest".into()));
        assert_eq!(Wanted::of(Some("1.x")), Wanted::Fitting("1.x".into()));
    }
}
