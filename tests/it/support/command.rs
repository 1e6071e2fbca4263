//! One call of the real binary.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use serde_json::Value;

use super::{MemoryLimit, Session};

/// How long a call may take unless the test says otherwise.
const LIMIT: Duration = Duration::from_mins(5);
/// How long outputs may stay open after the program has ended.
const OUTPUT_LIMIT: Duration = Duration::from_secs(5);

/// A call of `deploy` that is being prepared.
#[derive(Debug, Clone)]
pub struct Deploy {
    pub(super) program: PathBuf,
    pub(super) arguments: Vec<OsString>,
    pub(super) folder: PathBuf,
    pub(super) variables: BTreeMap<OsString, OsString>,
    pub(super) user: Option<(u32, u32)>,
    input: Option<Vec<u8>>,
    limit: Duration,
}

impl Deploy {
    /// `folder` is the current folder of the call; `variables` its whole environment.
    pub(super) fn new(
        program: PathBuf,
        arguments: Vec<OsString>,
        folder: &Path,
        variables: BTreeMap<OsString, OsString>,
        user: Option<(u32, u32)>,
    ) -> Self {
        Self { program, arguments, folder: folder.to_owned(), variables, user, input: None, limit: LIMIT }
    }

    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.arguments.push(argument.as_ref().to_owned());
        self
    }

    pub fn args<I: IntoIterator<Item: AsRef<OsStr>>>(mut self, arguments: I) -> Self {
        self.arguments.extend(arguments.into_iter().map(|argument| argument.as_ref().to_owned()));
        self
    }

    pub fn variable(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.variables.insert(name.into(), value.as_ref().to_owned());
        self
    }

    pub fn without_variable(mut self, name: &str) -> Self {
        self.variables.remove(OsStr::new(name));
        self
    }

    pub fn in_folder(mut self, folder: &Path) -> Self {
        folder.clone_into(&mut self.folder);
        self
    }

    /// Another program in place of the binary, in the same folder and with the same environment.
    pub fn stand_in(mut self, program: &Path, arguments: &[&str]) -> Self {
        program.clone_into(&mut self.program);
        self.arguments = arguments.iter().map(Into::into).collect();
        self
    }

    /// With as much memory as the group has, and all that it starts with it.
    pub fn within(self, limit: &MemoryLimit) -> Self {
        let script = format!("echo $$ >'{}' && exec \"$@\"", limit.members().display());
        let mut arguments: Vec<OsString> = vec!["-c".into(), script.into(), "sh".into(), self.program.into()];
        arguments.extend(self.arguments);
        Self { program: "/bin/sh".into(), arguments, ..self }
    }

    /// What it reads on stdin; without this stdin is empty.
    pub fn input(mut self, text: impl Into<Vec<u8>>) -> Self {
        self.input = Some(text.into());
        self
    }

    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Runs it to its end.
    pub fn run(self) -> Run {
        self.start().wait()
    }

    /// Starts it and leaves it running.
    pub fn start(self) -> Running {
        let mut command = self.command(&self.program, &[]);
        command.process_group(0).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.stdin(if self.input.is_some() { Stdio::piped() } else { Stdio::null() });
        let mut child =
            command.spawn().unwrap_or_else(|error| panic!("cannot start {}: {error}", self.program.display()));
        if let (Some(input), Some(mut stdin)) = (self.input.clone(), child.stdin.take()) {
            // A program that does not read its input is allowed to.
            std::thread::spawn(move || stdin.write_all(&input));
        }
        let outputs = [read_to_end(child.stdout.take().unwrap()), read_to_end(child.stderr.take().unwrap())];
        Running { call: self, child, outputs, began: Instant::now() }
    }

    /// Starts it on a terminal of its own, with rows and columns.
    pub fn on_terminal(self, rows: u16, columns: u16) -> Session {
        Session::start(&self, rows, columns)
    }

    /// The call as the system wants it, behind another program if one is given.
    pub(super) fn command(&self, program: &Path, before: &[&OsStr]) -> Command {
        let mut command = Command::new(program);
        command.args(before).args(&self.arguments).current_dir(&self.folder).env_clear().envs(&self.variables);
        if let Some((user, group)) = self.user {
            command.uid(user).gid(group);
        }
        command
    }

    /// As a person would have typed it.
    pub(super) fn line(&self) -> String {
        let words = self.arguments.iter().map(|word| word.to_string_lossy());
        std::iter::once("deploy".into()).chain(words).collect::<Vec<_>>().join(" ")
    }
}

/// A call that has not ended yet.
pub struct Running {
    call: Deploy,
    child: Child,
    outputs: [Receiver<Vec<u8>>; 2],
    began: Instant,
}

impl Running {
    pub fn pid(&self) -> i32 {
        i32::try_from(self.child.id()).unwrap()
    }

    /// Sends a signal to it alone, not to what it started.
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_raw(self.pid()).unwrap(), signal).unwrap();
    }

    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Waits for its end. Fails if it takes too long, or if something that it left running holds its outputs.
    pub fn wait(mut self) -> Run {
        let status = loop {
            match self.child.try_wait().unwrap() {
                Some(status) => break status,
                None if self.began.elapsed() > self.call.limit => self.too_long(),
                None => std::thread::sleep(Duration::from_millis(5)),
            }
        };
        let took = self.began.elapsed();
        let [stdout, stderr] = self.outputs.map(|output| {
            let held = || panic!("`{}` has ended, but what it started holds its output open", self.call.line());
            output.recv_timeout(OUTPUT_LIMIT).unwrap_or_else(|_| held())
        });
        Run::new(self.call.line(), status, &stdout, &stderr, took)
    }

    fn too_long(&mut self) -> ! {
        let _ = kill_process_group(Pid::from_raw(self.pid()).unwrap(), Signal::KILL);
        let status = self.child.wait().unwrap();
        let output = |receiver: &Receiver<Vec<u8>>| receiver.recv_timeout(OUTPUT_LIMIT).unwrap_or_default();
        let [stdout, stderr] = [output(&self.outputs[0]), output(&self.outputs[1])];
        let run = Run::new(self.call.line(), status, &stdout, &stderr, self.began.elapsed());
        panic!("took longer than {:?}\n{}", self.call.limit, run.transcript());
    }
}

fn read_to_end(mut stream: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut content = Vec::new();
        let _ = stream.read_to_end(&mut content);
        let _ = sender.send(content);
    });
    receiver
}

/// A call that has ended.
#[derive(Debug, Clone)]
pub struct Run {
    pub line: String,
    /// None if a signal ended it.
    pub code: Option<i32>,
    pub signal: Option<i32>,
    pub stdout: String,
    pub stderr: String,
    pub took: Duration,
}

impl Run {
    fn new(line: String, status: ExitStatus, stdout: &[u8], stderr: &[u8], took: Duration) -> Self {
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        Self { line, code: status.code(), signal: status.signal(), stdout: text(stdout), stderr: text(stderr), took }
    }

    /// Fails with everything that was printed unless it ended with this code.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert!(self.code == Some(code), "exit code {code} was expected\n{}", self.transcript());
        self
    }

    #[track_caller]
    pub fn succeeds(self) -> Self {
        self.exits(0)
    }

    /// Its standard output as one JSON document.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("no JSON: {error}\n{}", self.transcript()))
    }

    /// Its standard output as JSON documents, one per line.
    #[track_caller]
    pub fn json_lines(&self) -> Vec<Value> {
        let parse = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("no JSON: {error}\n{line}"));
        self.stdout.lines().map(parse).collect()
    }

    /// Everything about it, for people.
    pub fn transcript(&self) -> String {
        let mut text = format!("$ {}\n", self.line);
        let end = match (self.code, self.signal) {
            (Some(code), _) => format!("exit code {code}"),
            (None, signal) => format!("ended by signal {}", signal.unwrap_or_default()),
        };
        for (name, content) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            if !content.is_empty() {
                write!(text, "--- {name}\n{}\n", content.trim_end()).unwrap();
            }
        }
        text + "--- " + &end + "\n"
    }
}
