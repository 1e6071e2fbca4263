//! What the process is given from outside: clock, environment, home. Read once, handed down as a value, so that
//! everything below can be run in a test with another world.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

/// The outside, as it was when the command began.
#[derive(Clone)]
pub struct World {
    /// Environment variables. Nothing below the command line reads the process's own.
    pub environment: BTreeMap<String, String>,
    /// Where all state of `deploy` lies: deployments, Python environments, logs.
    pub home: PathBuf,
    /// The folder that relative paths of the command line start from.
    pub current_folder: PathBuf,
    /// This program's own file, started again as the keeper of processes.
    pub program: PathBuf,
    clock: fn() -> Timestamp,
}

impl World {
    pub fn new(
        environment: BTreeMap<String, String>,
        home: PathBuf,
        current_folder: PathBuf,
        program: PathBuf,
    ) -> Self {
        Self { environment, home, current_folder, program, clock: Timestamp::now }
    }

    /// The same world with another clock.
    #[must_use]
    pub fn with_clock(mut self, clock: fn() -> Timestamp) -> Self {
        self.clock = clock;
        self
    }

    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    pub fn variable(&self, name: &str) -> Option<&str> {
        self.environment.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The first file of that name on PATH that may be executed, then in folders where distributions put servers
    /// but which ordinary users do not have on their PATH.
    pub fn find_program(&self, name: &str) -> Option<PathBuf> {
        const SYSTEM_FOLDERS: [&str; 5] =
            ["/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/libexec", "/opt/homebrew/bin"];
        if name.contains('/') {
            let path = self.current_folder.join(name);
            return is_executable(&path).then_some(path);
        }
        let path = self.variable("PATH").unwrap_or("/usr/local/bin:/usr/bin:/bin");
        std::env::split_paths(path)
            .filter(|folder| folder.is_absolute())
            .chain(SYSTEM_FOLDERS.iter().map(PathBuf::from))
            .map(|folder| folder.join(name))
            .find(|candidate| is_executable(candidate))
    }
}

fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}
