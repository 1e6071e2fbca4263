//! What `tests/setup` made, and tests that are left out because it could not.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The environment file of `tests/setup`.
pub struct Setup {
    values: Option<BTreeMap<String, String>>,
}

impl Setup {
    /// Of this machine; read once.
    pub fn get() -> &'static Self {
        static SETUP: OnceLock<Setup> = OnceLock::new();
        SETUP.get_or_init(|| {
            let text = cache_folder().and_then(|folder| std::fs::read_to_string(folder.join("environment")).ok());
            Self { values: text.map(|text| parse(&text)) }
        })
    }

    /// Whether the setup was run at all.
    pub fn was_run(&self) -> bool {
        self.values.is_some()
    }

    /// A value such as `DEPLOY_TEST_CHROMIUM`; none if it is empty.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.values.as_ref()?.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    pub fn path(&self, name: &str) -> Option<&Path> {
        self.value(name).map(Path::new)
    }

    /// Why a part of the setup is not there; none if it is.
    pub fn missing(&self, what: &str) -> Option<String> {
        if what == "root" {
            return (!super::is_root()).then(|| "only root may do this".to_owned());
        }
        if self.values.is_none() {
            return Some("tests/setup was not run".to_owned());
        }
        let skipped = self.value("DEPLOY_TEST_SKIPPED").unwrap_or_default();
        skipped.split('|').find_map(|part| part.strip_prefix(what)?.strip_prefix(": ")).map(str::to_owned)
    }
}

/// The same folder as in `tests/shell/report.sh`.
pub fn cache_folder() -> Option<PathBuf> {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    variable("DEPLOY_TEST_CACHE").or_else(|| {
        let caches = variable("XDG_CACHE_HOME").or_else(|| Some(variable("HOME")?.join(".cache")))?;
        Some(caches.join("deploy-tests"))
    })
}

/// Lines `export NAME='value'` as the shell reads them.
fn parse(text: &str) -> BTreeMap<String, String> {
    let lines = text.lines().filter_map(|line| line.strip_prefix("export ")?.split_once('='));
    lines
        .map(|(name, value)| {
            let value = value.strip_prefix('\'').and_then(|value| value.strip_suffix('\'')).unwrap_or(value);
            (name.to_owned(), value.replace(r"'\''", "'"))
        })
        .collect()
}

/// Tells `tests/run` that the calling test was left out, or says it where nobody counts.
pub fn note_skip(what: &str, reason: &str) {
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    let line = format!("{test}: {what}: {reason}\n");
    match std::env::var_os("DEPLOY_TEST_SKIP_LOG") {
        Some(path) => {
            let mut log = std::fs::OpenOptions::new().create(true).append(true).open(path).unwrap();
            log.write_all(line.as_bytes()).unwrap();
        }
        None => eprint!("skipped: {line}"),
    }
}

#[test]
fn the_environment_file_is_read_as_the_shell_reads_it() {
    let values = parse("# a comment\nexport A='x y'\nexport B=''\nexport C='it'\\''s'\n");
    assert_eq!(values["A"], "x y");
    assert_eq!(values["B"], "");
    assert_eq!(values["C"], "it's");
    let setup =
        Setup { values: Some(BTreeMap::from([("DEPLOY_TEST_SKIPPED".into(), "a: one|images: as root only".into())])) };
    assert_eq!(setup.missing("images").as_deref(), Some("as root only"));
    assert_eq!(setup.missing("mariadb"), None);
}
