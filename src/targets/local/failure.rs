//! Why a process is not running, from how it went and its own last words.

use std::path::Path;

use super::Fate;
use super::disk;
use super::log_file;
use super::run_folder::Farewell;
use crate::causes::{self, Cause, Exit, Speaker};
use crate::diagnostics::{Diagnostic, codes};
use crate::secrets::Redactor;
use crate::unit::UnitId;

/// Lines of a log that are searched for a cause.
pub(super) const SEARCHED_LINES: usize = 2000;
/// Of a line in a table.
const MAX_SHOWN: usize = 160;

/// What a process printed in its last life, without our own notes.
pub(super) fn last_life(lines: &[String]) -> String {
    let begin = lines.iter().rposition(|line| line.starts_with(log_file::NOTE) && line.ends_with(log_file::STARTED));
    let life = &lines[begin.map_or(0, |index| index + 1)..];
    life.iter().filter(|line| !line.starts_with(log_file::NOTE)).flat_map(|line| [line.as_str(), "\n"]).collect()
}

/// What the last life printed, from the log file. A log that cannot be read says nothing.
pub(super) fn words(log: &std::path::Path, redactor: &Redactor) -> String {
    last_life(&log_file::tail(log, SEARCHED_LINES, redactor).unwrap_or_default())
}

/// For a table: `exited with code 3: Address already in use`.
pub(super) fn in_short(speaker: Speaker, farewell: &Farewell, words: &str) -> String {
    let how = farewell.describe();
    if matches!(farewell.exit, Exit::Signal(9) | Exit::OutOfMemory) {
        // A process cannot say why it was killed.
        return how;
    }
    match causes::recognise(speaker, Some(farewell.exit), words) {
        Some(Cause { cause, .. }) if !cause.contains(&how) => shortened(&format!("{how}: {cause}")),
        _ => how,
    }
}

/// The whole finding.
pub(super) fn in_full(unit: &UnitId, speaker: Speaker, farewell: &Farewell, words: &str, log: &str) -> Diagnostic {
    let cause = causes::of(speaker, Some(farewell.exit), words);
    let mut diagnostic = Diagnostic::error(cause.code, format!("{unit} {}", farewell.describe()));
    diagnostic = cause.explain(diagnostic);
    if causes::recognise(speaker, Some(farewell.exit), words).is_none() {
        diagnostic = disk::blamed(diagnostic, Path::new(log));
    }
    if let Some(memory) = &farewell.memory {
        diagnostic.evidence.insert(0, memory.clone());
    }
    if farewell.exit == Exit::Unseen && matches!(farewell.fate, Fate::Foreign(_)) {
        diagnostic = diagnostic.note(format!("{}: its number belongs to another program now", codes::PROCESS_FOREIGN));
    }
    diagnostic
        .evidence(format!("log: {log}"))
        .changed("its data was not touched; `deploy apply` starts it again")
        .next(format!("deploy logs {unit}"))
}

/// What a line of a log says, without the time, level and place that servers put before it.
pub(super) fn message(line: &str) -> &str {
    let fields: Vec<&str> = line.splitn(4, " | ").collect();
    if fields.len() == 4 { fields[3].trim() } else { line.trim() }
}

/// One line without control characters, short enough for a table.
pub(super) fn shortened(line: &str) -> String {
    let clean = without_colours(line);
    match clean.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => format!("{}…", &clean[..end]),
        None => clean,
    }
}

/// Without the escape sequences that colour a terminal.
fn without_colours(line: &str) -> String {
    anstream::adapter::strip_str(line).to_string().chars().filter(|character| !character.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_life_counts() {
        let lines: Vec<String> = [
            "==== deploy: 1 started",
            "old",
            "==== deploy: 2 ended: exited with code 1",
            "==== deploy: 3 started",
            "new",
        ]
        .map(str::to_owned)
        .to_vec();
        assert_eq!(last_life(&lines), "new\n");
        assert_eq!(last_life(&lines[1..3]), "old\n");
    }

    #[test]
    fn lines_are_fit_for_a_table() {
        assert_eq!(shortened("\u{1b}[31mred\u{1b}[0m\tx"), "redx");
        let line = "2026-11-20 19:57:03,836 | INFO     | uvicorn.error:_log:234 | Uvicorn running on | x";
        assert_eq!(message(line), "Uvicorn running on | x");
        assert_eq!(message(" [Note] x "), "[Note] x");
        assert!(shortened(&"ä".repeat(500)).chars().count() == MAX_SHOWN + 1);
    }

    #[test]
    fn a_number_that_was_given_away_is_named() {
        let farewell = Farewell { exit: Exit::Unseen, memory: None, fate: Fate::Foreign("sleep".into()) };
        let diagnostic = in_full(&UnitId::new("server"), Speaker::Zenml, &farewell, "", "/x.log");
        assert!(diagnostic.title.contains("another program (sleep)"));
        assert!(diagnostic.notes.iter().any(|note| note.contains(codes::PROCESS_FOREIGN.as_str())));
        assert_eq!(in_short(Speaker::Zenml, &farewell, ""), farewell.describe());
    }
}
