//! What is known of ZenML's releases and Python before any installer is asked.

/// The minor version that every package has wheels for.
const FAVOURITE: u32 = 12;

/// The versions of Python that a package runs on: from the first up to but without the second.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) of: String,
    from: [u32; 2],
    below: [u32; 2],
}

impl Range {
    pub(super) fn admits(&self, [major, minor, _]: [u32; 3]) -> bool {
        (self.from..self.below).contains(&[major, minor])
    }

    /// `>=3.10,<3.15`.
    pub(super) fn in_words(&self) -> String {
        format!(">={}.{},<{}.{}", self.from[0], self.from[1], self.below[0], self.below[1])
    }

    /// What to get when there is none: not the very newest, for which wheels may be missing.
    fn favourite(&self) -> String {
        format!("3.{}", (self.below[1] - 1).min(FAVOURITE))
    }
}

/// Requires-Python of ZenML's releases, read from the registry: from this release on, from this Python on, below
/// that one. Asked before the installer is, since uv ignores upper bounds and old versions of pip hide the reason.
const ZENML: [((u32, u32), u32, u32); 5] =
    [((0, 43), 8, 12), ((0, 66), 8, 13), ((0, 68), 9, 13), ((0, 91), 10, 14), ((0, 95), 10, 15)];

/// Releases before this one import `pkg_resources` without asking for it. Python had it by itself until 3.11, and
/// setuptools until 81.
const OWN_PKG_RESOURCES: (u32, u32) = (0, 84);
const PKG_RESOURCES: &str = "setuptools<81";

/// What the packages need, as far as it is known.
pub(super) fn needed(packages: &[String]) -> Option<Range> {
    let (version, release) = zenml(packages)?;
    let (_, from, below) = ZENML.into_iter().rev().find(|(first, ..)| *first <= release)?;
    Some(Range { of: format!("zenml {version}"), from: [3, from], below: [3, below] })
}

/// Packages that have to be asked for besides, since the wanted ones do not.
pub(super) fn companions(packages: &[String]) -> Option<String> {
    let (_, release) = zenml(packages)?;
    let is_asked_for = packages.iter().any(|package| package.starts_with("setuptools"));
    (release < OWN_PKG_RESOURCES && !is_asked_for).then(|| PKG_RESOURCES.to_owned())
}

/// The pinned version of ZenML among the packages, as text and as numbers.
fn zenml(packages: &[String]) -> Option<(&str, (u32, u32))> {
    packages.iter().find_map(|package| {
        let (name, version) = package.split_once("==")?;
        let mut numbers = version.split('.').map(|part| part.parse().ok());
        let release = (numbers.next()??, numbers.next()??);
        (name.split('[').next()? == "zenml").then_some((version, release))
    })
}

/// The version to get for these packages where there is no fitting one.
pub(super) fn favourite(packages: &[String]) -> String {
    needed(packages).map_or_else(|| format!("3.{FAVOURITE}"), |range| range.favourite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_follow_the_releases() {
        let request = |package: &str| needed(&["rich".to_owned(), package.to_owned()]).map(|range| range.in_words());
        assert_eq!(request("zenml[server]==0.98.0").as_deref(), Some(">=3.10,<3.15"));
        assert_eq!(request("zenml[server]==0.94.6").as_deref(), Some(">=3.10,<3.14"));
        assert_eq!(request("zenml==0.85.0").as_deref(), Some(">=3.9,<3.13"));
        assert_eq!(request("zenml==0.73.0").as_deref(), Some(">=3.9,<3.13"));
        assert_eq!(request("zenml==0.55.5").as_deref(), Some(">=3.8,<3.12"));
        assert_eq!(request("zenml==0.20.0"), None);
        assert_eq!(request("mlflow==3.17.2"), None);
        assert_eq!(favourite(&["zenml==0.55.5".to_owned()]), "3.11");
        assert_eq!(favourite(&["mlflow".to_owned()]), "3.12");
    }

    #[test]
    fn older_releases_get_what_they_import() {
        let companions =
            |packages: &[&str]| companions(&packages.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>());
        assert_eq!(companions(&["zenml[server]==0.73.0"]).as_deref(), Some("setuptools<81"));
        assert_eq!(companions(&["zenml[server]==0.73.0", "setuptools==70"]), None);
        assert_eq!(companions(&["zenml[server]==0.85.0"]), None);
        assert_eq!(companions(&["mlflow==3.17.2"]), None);
    }
}
