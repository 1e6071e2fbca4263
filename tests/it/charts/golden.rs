//! Answers that Helm gave once, kept in `tests/golden/charts`. `make golden` asks Helm again where it is at hand; read
//! the diff afterwards.

use std::cell::RefCell;
use std::path::PathBuf;

use serde_json::Value;

use super::oracle;
use super::question::{Outcome, bytes};
use crate::support::repository;

/// The folder of all kept answers.
pub fn folder() -> PathBuf {
    repository().join("tests/golden/charts")
}

/// Whether answers are to be written anew: it was asked for, and Helm is there.
pub fn is_refreshed() -> bool {
    std::env::var_os("UPDATE_GOLDEN").is_some() && oracle::missing().is_none()
}

/// Answers to a list of questions, one JSON object a line.
pub struct Answers {
    file: &'static str,
    pub outcomes: Vec<Outcome>,
    differences: RefCell<Vec<String>>,
}

impl Answers {
    /// Reads the file, or asks and writes it.
    pub fn open(file: &'static str, ask: impl FnOnce() -> Vec<Outcome>) -> Self {
        let path = folder().join(file);
        if is_refreshed() {
            let answers = ask().into_iter().map(Outcome::without_addresses);
            let text: String = answers.map(|outcome| format!("{}\n", outcome.to_json())).collect();
            std::fs::create_dir_all(folder()).unwrap();
            std::fs::write(&path, text).unwrap();
        }
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let outcomes = text.lines().map(|line| read(&serde_json::from_str(line).unwrap())).collect();
        Self { file, outcomes, differences: RefCell::default() }
    }

    pub fn check(&self, case: &str, kept: &Outcome, ours: &Outcome) {
        let ours = &ours.clone().without_addresses();
        if kept != ours && !matches!(kept, Outcome::Crash(_)) {
            let text = format!("{case}\n{}", Outcome::differing(kept, ours));
            self.differences.borrow_mut().push(text);
        }
    }

    #[track_caller]
    pub fn finish(self) {
        let found = self.differences.into_inner();
        let shown = found.iter().take(10).cloned().collect::<String>();
        assert!(
            found.is_empty(),
            "{} of {} answers differ from {}:\n\n{shown}",
            found.len(),
            self.outcomes.len(),
            self.file
        );
    }
}

fn read(answer: &Value) -> Outcome {
    match (&answer["text"], &answer["error"]) {
        (Value::Null, Value::Null) => Outcome::Crash(answer["panic"].to_string()),
        (Value::Null, error) => Outcome::Error(bytes(error)),
        (text, _) => Outcome::Text(bytes(text)),
    }
}

/// Compares with one kept text, or writes it.
pub fn kept_text(name: &str, ask: impl FnOnce() -> Option<Vec<u8>>) -> Vec<u8> {
    let path = folder().join(name);
    if is_refreshed()
        && let Some(text) = ask()
    {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
    }
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error} (make golden)", path.display()))
}
