//! First cause: what really went wrong, read from a program's exit and its own last words. Pure; knows the texts of
//! the programs that we run (ZenML, MariaDB, MLflow, pip, uv, uvicorn, docker, podman).
//!
//! [`statements`] turns a log into what was said, without decoration; a table per speaker says what each text means.
//! The first recognised statement of the last run wins: what follows it is mostly its echo.

mod container;
mod database;
mod installer;
mod mariadb;
mod mlflow;
mod rule;
mod statements;
mod system;
#[cfg(test)]
mod tests;
mod words;
mod zenml;

use serde::{Deserialize, Serialize};

use crate::diagnostics::{Code, Diagnostic, codes};
use rule::Rule;
use statements::{Statement, last_run};

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Exit {
    Code(i32),
    Signal(i32),
    /// Killed by the kernel because memory ran out.
    OutOfMemory,
    /// Gone, and nobody was there to see how.
    Unseen,
}

impl Exit {
    /// Shells and container engines report a signal as 128 + its number.
    #[must_use]
    pub fn plain(self) -> Self {
        match self {
            Self::Code(137) => Self::Signal(9),
            Self::Code(143) => Self::Signal(15),
            other => other,
        }
    }
}

impl std::fmt::Display for Exit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Code(code) => write!(f, "exited with code {code}"),
            Self::Signal(9) => f.write_str("was killed by signal 9 (SIGKILL)"),
            Self::Signal(signal) => write!(f, "was ended by signal {signal}"),
            Self::OutOfMemory => f.write_str("was killed because memory ran out"),
            Self::Unseen => f.write_str("is gone"),
        }
    }
}

/// Which program's words they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Speaker {
    Zenml,
    Mariadb,
    Mlflow,
    Installer,
    ContainerEngine,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    pub code: Code,
    /// In the system's own words, one line, without decoration of the program that printed it.
    pub cause: String,
    /// The lines that show it, at most a dozen.
    pub evidence: Vec<String>,
    /// What to do, best first.
    pub next: Vec<String>,
}

/// No finding needs more lines than a person reads at three in the morning.
const EVIDENCE_LINES: usize = 12;
/// Lines of context below the one that matters.
const CONTEXT_LINES: usize = 4;

impl Cause {
    /// Gives a finding this cause, its evidence and what to do about it.
    #[must_use]
    pub fn explain(self, mut diagnostic: Diagnostic) -> Diagnostic {
        diagnostic.cause = Some(self.cause);
        diagnostic.evidence.extend(self.evidence);
        diagnostic.next.extend(self.next);
        diagnostic
    }
}

/// The cause, if the exit or the log holds one that is known.
pub fn recognise(speaker: Speaker, exit: Option<Exit>, log: &str) -> Option<Cause> {
    let run = last_run(speaker, log);
    let found = from_log(speaker, &run);
    match exit.map(Exit::plain) {
        Some(Exit::OutOfMemory) => Some(killed(Exit::OutOfMemory, &run)),
        // A process cannot say why it was killed; what it said before is another matter.
        Some(Exit::Signal(9)) => Some(killed(Exit::Signal(9), &run)),
        // It served and was told to go: what it complained of in between did not end it.
        Some(exit) if was_told_to_go(exit, &run) => None,
        Some(exit) => found.map(|mut cause| {
            cause.evidence.insert(0, exit.to_string());
            cause.evidence.truncate(EVIDENCE_LINES);
            cause
        }),
        None => found,
    }
}

/// The cause, known or not: the last line that looks like an error stands in for one that is not.
pub fn of(speaker: Speaker, exit: Option<Exit>, log: &str) -> Cause {
    recognise(speaker, exit, log).unwrap_or_else(|| unknown(speaker, exit.map(Exit::plain), log))
}

/// What the program said last, without decoration; a handful of lines.
pub fn last_lines(speaker: Speaker, log: &str) -> Vec<String> {
    last_words(&last_run(speaker, log))
}

fn rules(speaker: Speaker) -> [&'static [Rule]; 3] {
    match speaker {
        Speaker::Zenml => [zenml::RULES, database::RULES, system::RULES],
        Speaker::Mariadb => [mariadb::RULES, system::RULES, &[]],
        Speaker::Mlflow => [mlflow::RULES, database::RULES, system::RULES],
        Speaker::Installer => [installer::RULES, system::RULES, &[]],
        Speaker::ContainerEngine => [container::RULES, system::RULES, &[]],
    }
}

fn from_log(speaker: Speaker, run: &[Statement]) -> Option<Cause> {
    if speaker == Speaker::Installer
        && let Some(cause) = installer::no_version(run).or_else(|| installer::failed_build(run))
    {
        return Some(cause);
    }
    first_known(speaker, run, Statement::may_be_cause).or_else(|| first_known(speaker, run, Statement::is_warning))
}

fn first_known(speaker: Speaker, run: &[Statement], among: fn(&Statement) -> bool) -> Option<Cause> {
    let rules = rules(speaker);
    run.iter().enumerate().filter(|(_, statement)| among(statement)).find_map(|(index, statement)| {
        let rule = rules.iter().copied().flatten().find(|rule| rule.matches(&statement.text))?;
        Some(Cause {
            code: rule.code,
            cause: words::essence(&statement.text),
            evidence: evidence(run, index),
            next: rule.next.iter().map(|step| (*step).to_owned()).collect(),
        })
    })
}

/// The statement itself and what was said right after it.
fn evidence(run: &[Statement], index: usize) -> Vec<String> {
    let mut lines = vec![words::shorten(&run[index].text)];
    for said in run[index + 1..].iter().filter(|statement| statement.is_telling()) {
        let line = words::shorten(&said.text);
        if lines.len() <= CONTEXT_LINES && !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}

/// Only what was said at the very end: an error before a hundred good answers has nothing to do with the end.
fn last_words(run: &[Statement]) -> Vec<String> {
    let mut lines: Vec<_> = run
        .iter()
        .rev()
        .take(CONTEXT_LINES)
        .filter(|said| !said.text.is_empty() && !said.is_chatter())
        .map(|said| words::shorten(&said.text))
        .collect();
    lines.reverse();
    lines
}

fn killed(exit: Exit, run: &[Statement]) -> Cause {
    let memory = exit == Exit::OutOfMemory;
    let next: &[&str] = if memory {
        &[
            "free memory on this machine (`free -m`), or raise the container's memory limit",
            "deploy apply starts it again",
        ]
    } else {
        &[
            "`journalctl -k | grep -i 'killed process'` shows whether the kernel did it for want of memory",
            "deploy apply starts it again",
        ]
    };
    let mut evidence = vec![exit.to_string()];
    evidence.extend(last_words(run));
    Cause {
        code: if memory { codes::PROCESS_OUT_OF_MEMORY } else { codes::PROCESS_KILLED },
        cause: if memory {
            "the kernel killed it because memory ran out"
        } else {
            "killed from outside (SIGKILL); its own log does not say why"
        }
        .to_owned(),
        evidence,
        next: next.iter().map(|step| (*step).to_owned()).collect(),
    }
}

fn was_told_to_go(exit: Exit, run: &[Statement]) -> bool {
    matches!(exit, Exit::Code(0) | Exit::Signal(15)) && run.iter().any(Statement::is_farewell)
}

fn unknown(speaker: Speaker, exit: Option<Exit>, log: &str) -> Cause {
    let run = last_run(speaker, log);
    let told_to_go = exit.is_some_and(|exit| was_told_to_go(exit, &run));
    let looks_like_one = run.iter().rposition(Statement::looks_like_error).filter(|_| !told_to_go);
    let how = exit.map(|exit| exit.to_string());
    let cause = match (exit, looks_like_one) {
        _ if told_to_go => "was asked to stop and ended in good order".to_owned(),
        (Some(Exit::Signal(15)), None) => "was asked to stop (signal 15, SIGTERM)".to_owned(),
        (_, Some(index)) => words::essence(&run[index].text),
        (Some(exit), None) => format!("{exit} without a word about why"),
        (None, None) => "it did not say why".to_owned(),
    };
    let mut evidence: Vec<String> = how.into_iter().collect();
    evidence.extend(looks_like_one.map_or_else(|| last_words(&run), |index| evidence_before(&run, index)));
    evidence.truncate(EVIDENCE_LINES);
    let (code, next) = fallback(speaker);
    Cause { code, cause, evidence, next: vec![next.to_owned()] }
}

/// The statement and what led to it.
fn evidence_before(run: &[Statement], index: usize) -> Vec<String> {
    last_words(&run[..=index])
}

fn fallback(speaker: Speaker) -> (Code, &'static str) {
    match speaker {
        Speaker::Zenml => (codes::SERVER_STOPPED, "deploy logs server shows all that it said"),
        Speaker::Mariadb => (codes::DATABASE_UNREACHABLE, "deploy logs database shows all that it said"),
        Speaker::Mlflow => (codes::MLFLOW_STOPPED, "deploy logs mlflow shows all that it said"),
        Speaker::Installer => {
            (codes::PYTHON_INSTALL_FAILED, "mend what the installer names, then run deploy apply again")
        }
        Speaker::ContainerEngine => {
            (codes::CONTAINER_FAILED, "mend what the engine names, then run deploy apply again")
        }
    }
}
