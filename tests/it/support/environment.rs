//! A test's own small world: folders, home, environment. Nothing of the person who runs the tests is touched, and
//! nothing is left running.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::setup::cache_folder;
use super::{Deploy, OtherUser, Process, Run, Setup, processes_of};

/// What a call inherits from the person who runs the tests: the way to the network, and nothing else.
const INHERITED: &[&str] = &[
    "HTTP_PROXY",
    "http_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "NO_PROXY",
    "no_proxy",
    "SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE",
    "PIP_CERT",
    "PIP_INDEX_URL",
    "UV_INDEX_URL",
    "LLVM_PROFILE_FILE",
];

/// A home of its own for `deploy`. When it goes, so does all that was deployed from it. If the test failed, the files
/// stay and their place is printed.
pub struct TestEnv {
    folder: PathBuf,
    program: PathBuf,
    variables: BTreeMap<OsString, OsString>,
    user: Option<(u32, u32)>,
    broken: Cell<bool>,
}

impl TestEnv {
    pub fn new() -> Self {
        // Short, since the paths of sockets may have 107 bytes only.
        let folder = tempfile::Builder::new().prefix("dt-").tempdir().unwrap().keep();
        let mut env = Self {
            program: env!("CARGO_BIN_EXE_deploy").into(),
            variables: BTreeMap::new(),
            user: None,
            broken: Cell::new(false),
            folder,
        };
        for folder in [env.folder(), &env.home()] {
            std::fs::create_dir_all(folder).unwrap();
        }
        for name in INHERITED {
            if let Some(value) = std::env::var_os(name) {
                env.variables.insert(name.into(), value);
            }
        }
        let path = Setup::get().value("DEPLOY_TEST_PATH").unwrap_or("/usr/local/bin:/usr/bin:/bin").to_owned();
        env.set("PATH", path);
        env.set("HOME", env.home());
        env.set("DEPLOY_HOME", env.deploy_home());
        env.set("LANG", "C.UTF-8");
        if let Some(configuration) = Setup::get().value("DEPLOY_TEST_CONTAINERS_CONF") {
            env.set("CONTAINERS_CONF", configuration);
        }
        env
    }

    /// The current folder of calls. Deployment files are written here.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn home(&self) -> PathBuf {
        self.folder.join("home")
    }

    pub fn deploy_home(&self) -> PathBuf {
        self.folder.join("state")
    }

    /// Where `deploy` keeps everything of one deployment.
    pub fn deployment(&self, name: &str) -> PathBuf {
        self.deploy_home().join("deployments").join(name)
    }

    /// Writes a file below the current folder and gives its path.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        self.give(&path);
        path
    }

    /// Sets an environment variable for all later calls.
    pub fn set(&mut self, name: &str, value: impl AsRef<OsStr>) {
        self.variables.insert(name.into(), value.as_ref().to_owned());
    }

    /// Python environments of all tests in one place, as they would be for all deployments of one person. They are
    /// made once for the machine; only tests of the making itself do without.
    pub fn share_python(&self) {
        let shared = cache_folder().unwrap().join("python");
        std::fs::create_dir_all(&shared).unwrap();
        std::fs::create_dir_all(self.deploy_home()).unwrap();
        std::os::unix::fs::symlink(shared, self.deploy_home().join("python")).unwrap();
    }

    /// Packages of all later calls come from the wheels of the setup, without a network. For local targets only.
    pub fn install_from_wheels(&mut self) {
        let wheels = Setup::get().path("DEPLOY_TEST_WHEELHOUSE").expect("no wheels").to_owned();
        self.set("DEPLOY_VALUE_TARGET__LOCAL__WHEELHOUSE", wheels);
    }

    /// Leaves folders with these programs out of PATH: what remains is linked into one folder.
    pub fn hide_programs(&mut self, hidden: &[&str]) {
        let links = self.folder.join("programs");
        std::fs::create_dir_all(&links).unwrap();
        let path = self.variables[OsStr::new("PATH")].clone();
        for folder in std::env::split_paths(&path) {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                let (name, target) = (entry.file_name(), entry.path());
                if !hidden.iter().any(|hidden| name == *hidden) {
                    // The first one on PATH wins.
                    let _ = std::os::unix::fs::symlink(target, links.join(name));
                }
            }
        }
        self.set("PATH", links);
    }

    /// Later calls are made by another, unprivileged user, who owns the folders. Root only.
    pub fn become_user(&mut self, user: OtherUser) {
        let program = self.folder.join("deploy");
        std::fs::copy(&self.program, &program).unwrap();
        self.program = program;
        self.user = Some((user.uid, user.gid));
        let status =
            Command::new("chown").args(["-R", &format!("{}:{}", user.uid, user.gid)]).arg(&self.folder).status();
        assert!(status.unwrap().success());
    }

    /// The test has broken its deployment so that it cannot be destroyed: what is left is ended without a complaint.
    pub fn leave_broken(&self) {
        self.broken.set(true);
    }

    fn give(&self, path: &Path) {
        if let Some((uid, gid)) = self.user {
            std::os::unix::fs::chown(path, Some(uid), Some(gid)).unwrap();
        }
    }

    /// A call of the real binary.
    pub fn deploy<I: IntoIterator<Item: AsRef<OsStr>>>(&self, arguments: I) -> Deploy {
        let arguments = arguments.into_iter().map(|argument| argument.as_ref().to_owned()).collect();
        Deploy::new(self.program.clone(), arguments, &self.folder, self.variables.clone(), self.user)
    }

    /// A text in which the paths of this world have names, for snapshots.
    pub fn stable(&self, text: &str) -> String {
        let replace = |text: String, path: &Path, name: &str| text.replace(&path.display().to_string(), name);
        let text = replace(text.to_owned(), &self.deploy_home(), "[STATE]");
        let text = replace(text, &self.home(), "[HOME]");
        replace(text, &self.folder, "[FOLDER]")
    }

    /// All that a call printed, for snapshots.
    pub fn snapshot(&self, run: &Run) -> String {
        self.stable(&run.transcript())
    }

    /// Live processes that were started from here.
    pub fn processes(&self) -> Vec<Process> {
        processes_of(&self.folder)
    }

    /// Names of all deployments that were made from here.
    pub fn deployments(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.deploy_home().join("deployments")).into_iter().flatten().flatten();
        let made = entries.filter(|entry| entry.path().join("deployment.json").exists());
        let mut names: Vec<String> = made.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// Destroys every deployment; what the calls said if they failed.
    fn destroy_all(&self) -> String {
        let mut complaints = String::new();
        for name in self.deployments() {
            let run = self.deploy(["destroy", "--name", &name, "--yes"]).run();
            if run.code != Some(0) {
                writeln!(complaints, "{name} could not be destroyed:\n{}", run.transcript()).unwrap();
            }
        }
        complaints
    }

    /// Containers that have a part of the folder mounted.
    fn containers(&self) -> Vec<String> {
        if Setup::get().missing("images").is_some() || self.deployments().is_empty() {
            return Vec::new();
        }
        let Ok(output) = Command::new("podman")
            .args(["ps", "--all", "--format", "{{.ID}} {{.Names}} {{.Mounts}}", "--no-trunc"])
            .output()
        else {
            return Vec::new();
        };
        let (text, folder) = (String::from_utf8_lossy(&output.stdout), self.folder.display().to_string());
        text.lines().filter(|line| line.contains(&folder)).map(str::to_owned).collect()
    }

    /// Ends and names everything that is still there. Nothing should be.
    fn kill_leftovers(&self) -> String {
        let mut left = String::new();
        for container in self.containers() {
            writeln!(left, "container {container}").unwrap();
            let id = container.split(' ').next().unwrap_or_default();
            let _ = Command::new("podman").args(["rm", "--force", "--time", "0", id]).output();
        }
        for process in self.processes() {
            writeln!(left, "process {process}").unwrap();
            process.kill();
        }
        left
    }
}

impl Drop for TestEnv {
    fn drop(&mut self) {
        let mut complaints = self.destroy_all();
        let mut left = self.kill_leftovers();
        let failed = std::thread::panicking();
        if self.broken.get() {
            complaints.clear();
            left.clear();
        }
        if failed || !complaints.is_empty() || !left.is_empty() {
            eprintln!("the files of this test are kept in {}", self.folder.display());
        } else {
            let _ = std::fs::remove_dir_all(&self.folder);
        }
        if failed {
            // The test's own failure is what counts; a second panic would hide it.
            eprint!("{complaints}");
            return;
        }
        assert!(complaints.is_empty(), "{complaints}");
        assert!(left.is_empty(), "still there after everything was destroyed:\n{left}");
    }
}

#[test]
fn what_is_left_running_is_ended_and_fails_the_test() {
    let env = TestEnv::new();
    let mut child = Command::new("sleep").arg("600").current_dir(env.folder()).spawn().unwrap();
    let folder = env.folder().to_owned();
    let dropped = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(env)));
    let message = dropped.unwrap_err().downcast::<String>().unwrap();
    assert!(message.contains(&format!("process {} sleep 600", child.id())), "{message}");
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&child.wait().unwrap()), Some(9));
    assert!(folder.exists());
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_quiet_test_leaves_no_files() {
    let env = TestEnv::new();
    let file = env.write("a/deployment.yaml", "name: a\n");
    assert_eq!(env.stable(&file.display().to_string()), "[FOLDER]/a/deployment.yaml");
    drop(env);
    assert!(!file.exists());
}

#[test]
fn hidden_programs_are_not_found() {
    let mut env = TestEnv::new();
    env.hide_programs(&["ls"]);
    let path = env.variables[OsStr::new("PATH")].clone();
    assert!(!Path::new(&path).join("ls").exists());
    assert!(Path::new(&path).join("cat").exists());
}
