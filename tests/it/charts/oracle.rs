//! The program of tests/oracle, which is the real Helm.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use serde_json::{Value, json};

use super::question::{Outcome, Question};
use crate::support::Setup;

/// The release that is the judge, pinned in tests/oracle/go.mod.
pub const HELM: &str = "4.3.1";
/// Longer than any honest answer takes.
const PATIENCE: Duration = Duration::from_mins(2);

/// A running oracle. It is started again when Helm crashed.
pub struct Oracle {
    program: PathBuf,
    process: Process,
}

struct Process {
    child: Child,
    questions: ChildStdin,
    answers: Receiver<String>,
}

/// Why there is no oracle; none if it is there. Where Go is installed, the setup must have built it.
pub fn missing() -> Option<String> {
    if folder().is_some() {
        return None;
    }
    let reason = Setup::get().missing("oracle").unwrap_or_else(|| "it was not built (make oracle)".to_owned());
    let has_go = std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join("go").is_file()));
    assert!(!has_go || !Setup::get().was_run(), "Go is installed, but the oracle is not there: {reason}");
    Some(reason)
}

/// Where the oracle and the real `helm` are.
pub fn folder() -> Option<&'static Path> {
    Setup::get().path("DEPLOY_TEST_ORACLE")
}

impl Oracle {
    /// Check first: [`missing`].
    pub fn start() -> Self {
        let program = folder().expect("no oracle").join("oracle");
        let process = Process::start(&program);
        Self { program, process }
    }

    /// Asks one question; a crash of Helm is an answer, too.
    pub fn ask(&mut self, question: &Value) -> Value {
        let line = serde_json::to_string(question).unwrap();
        let sent = self.process.questions.write_all(format!("{line}\n").as_bytes());
        let answer = match sent {
            Ok(()) => self.process.answers.recv_timeout(PATIENCE),
            Err(_) => Err(RecvTimeoutError::Disconnected),
        };
        match answer {
            Ok(answer) => serde_json::from_str(&answer).unwrap(),
            Err(cause) => {
                let _ = self.process.child.kill();
                let _ = self.process.child.wait();
                self.process = Process::start(&self.program);
                json!({ "panic": if cause == RecvTimeoutError::Timeout { "no answer" } else { "the process ended" } })
            }
        }
    }

    fn call(&mut self, operation: &str, question: &Question) -> Value {
        let mut asked = serde_json::to_value(question.clone().with_defaults()).unwrap();
        asked["operation"] = operation.into();
        self.ask(&asked)
    }

    /// What `helm template` prints.
    pub fn template(&mut self, question: &Question) -> Outcome {
        Outcome::read(&self.call("template", question), "stdout")
    }

    /// Every template with the same values.
    pub fn expressions(&mut self, templates: &[String], values: &str) -> Vec<Outcome> {
        let question = json!({ "operation": "expression", "templates": templates, "values": [values] });
        let answer = self.ask(&question);
        match answer["answers"].as_array() {
            Some(answers) => answers.iter().map(|answer| Outcome::read(answer, "text")).collect(),
            // Something in the batch ended the process: which one, is found by asking one by one.
            None if templates.len() > 1 => {
                templates.iter().flat_map(|one| self.expressions(std::slice::from_ref(one), values)).collect()
            }
            None => vec![Outcome::read(&answer, "text")],
        }
    }
}

impl Process {
    fn start(program: &Path) -> Self {
        let mut child = Command::new(program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .env("GOMEMLIMIT", "2GiB")
            .env("TZ", "UTC")
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {}: {error}", program.display()));
        let questions = child.stdin.take().unwrap();
        let output = BufReader::with_capacity(1 << 20, child.stdout.take().unwrap());
        let (sender, answers) = channel();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Self { child, questions, answers }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Goes on only where Helm itself can be asked.
macro_rules! require_oracle {
    () => {
        if let Some(reason) = super::oracle::missing() {
            crate::support::skip!("oracle", "{reason}");
        }
    };
}

pub(super) use require_oracle;
