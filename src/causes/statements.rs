//! From a log to what was said: escapes, timestamps, boxes and stack frames gone, wrapped lines joined, older runs of
//! the same program left out.

use super::Speaker;

/// A log is read from its end; this many lines hold the last run of any program that we start.
const LINES_READ: usize = 6000;
/// A program that served for days ends for a reason that stands among its last lines.
const LAST_LINES: usize = 200;
/// pip writes lists of all versions in one line; nothing behind this matters.
const LONGEST_LINE: usize = 20_000;

/// How loud it was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    /// Stack frames, source code, rulers.
    Noise,
    Info,
    Warning,
    /// Without a level of its own.
    Plain,
    Error,
}

/// One thing that a program said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Statement {
    pub(super) level: Level,
    pub(super) text: String,
}

/// Said by every failing start, and never why.
const ECHOES: &[&str] = &[
    "application startup failed",
    "aborting",
    "during handling of the above exception",
    "the above exception was the direct cause",
    "(background on this error",
    "[sql:",
    "[parameters:",
    "[end of output]",
];

impl Statement {
    pub(super) fn may_be_cause(&self) -> bool {
        matches!(self.level, Level::Plain | Level::Error)
    }

    /// Retries warn long before anything fails.
    pub(super) fn is_warning(&self) -> bool {
        self.level == Level::Warning
    }

    /// Worth showing below the statement that matters.
    pub(super) fn is_telling(&self) -> bool {
        matches!(self.level, Level::Error | Level::Warning) && !self.is_echo()
    }

    fn is_echo(&self) -> bool {
        let text = self.text.to_lowercase();
        ECHOES.iter().any(|echo| text.starts_with(echo))
    }

    /// Visits, ours among them: access logs, and the database's remarks on logins that it refused.
    pub(super) fn is_chatter(&self) -> bool {
        let visit = self.text.contains(" HTTP/1.") && !self.text.contains("\" 5");
        let remark = ["Aborted connection", "Access denied for user"].iter().any(|start| self.text.starts_with(start));
        visit || (remark && self.level == Level::Warning)
    }

    /// It was asked to stop and did.
    pub(super) fn is_farewell(&self) -> bool {
        ["Shutting down", "Normal shutdown", "Finished server process"].iter().any(|word| self.text.contains(word))
    }

    pub(super) fn looks_like_error(&self) -> bool {
        const WORDS: [&str; 11] = [
            "error",
            "fatal",
            "failed",
            "failure",
            "cannot",
            "can't",
            "could not",
            "unable to",
            "denied",
            "refused",
            "invalid",
        ];
        if self.is_echo() {
            return false;
        }
        let text = self.text.to_lowercase();
        self.level == Level::Error || (self.level == Level::Plain && WORDS.iter().any(|word| text.contains(word)))
    }
}

/// What was said since the program was last started, or since it was last well.
pub(super) fn last_run(speaker: Speaker, log: &str) -> Vec<Statement> {
    let all = statements(log);
    let (mut begin, mut well) = (0, false);
    for (index, said) in all.iter().enumerate() {
        // What follows without a level is the starter's comment on the end, not another run.
        let more = || all[index + 1..].iter().any(|later| !matches!(later.level, Level::Noise | Level::Plain));
        match mark(speaker, &said.text) {
            Some(Mark::Start) => (begin, well) = (index, false),
            Some(Mark::Well) => (begin, well) = (index, true),
            Some(Mark::End) if more() => (begin, well) = (index + 1, false),
            Some(Mark::End) | None => {}
        }
    }
    if well {
        begin = begin.max(all.len().saturating_sub(LAST_LINES));
    }
    all.into_iter().skip(begin).filter(|said| said.level != Level::Noise).collect()
}

/// Places that cut a log into runs.
enum Mark {
    Start,
    /// It serves: whatever was said before is overcome.
    Well,
    End,
}

fn mark(speaker: Speaker, text: &str) -> Option<Mark> {
    let has = |word: &str| text.contains(word);
    match speaker {
        Speaker::Zenml | Speaker::Mlflow => {
            if has("Started server process") {
                Some(Mark::Start)
            } else if has("Uvicorn running on") || has("Listening at:") {
                Some(Mark::Well)
            } else if has("Finished server process")
                || text.starts_with("Application startup failed")
                || text.starts_with("Database migration finished")
            {
                Some(Mark::End)
            } else {
                None
            }
        }
        Speaker::Mariadb => {
            if text.starts_with("Starting MariaDB") || has("starting as process") {
                Some(Mark::Start)
            } else if has("ready for connections") {
                Some(Mark::Well)
            } else if text == "Aborting" || has("Shutdown complete") {
                Some(Mark::End)
            } else {
                None
            }
        }
        Speaker::Installer | Speaker::ContainerEngine => None,
    }
}

/// Where the reader stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Nothing,
    /// With the indentation of its first line: pip prints those of others indented.
    Trace(usize),
    /// A box drawn by rich around a stack trace.
    TraceBox,
    /// Any other box.
    TextBox,
    /// Right below a stack trace's box: an error wrapped at the width of the terminal.
    Wrapped,
}

struct Reader {
    said: Vec<Statement>,
    inside: Inside,
}

/// Everything that was said.
pub(super) fn statements(log: &str) -> Vec<Statement> {
    let lines: Vec<&str> = log.lines().collect();
    let mut reader = Reader { said: Vec::new(), inside: Inside::Nothing };
    for line in &lines[lines.len().saturating_sub(LINES_READ)..] {
        reader.read(&plain_text(line));
    }
    reader.said.retain(|said| said.level == Level::Noise || !said.text.is_empty());
    reader.said
}

impl Reader {
    fn read(&mut self, line: &str) {
        let inner = line.trim();
        if let Some(more) = chained(line) {
            self.join(more, ": ");
        } else if inner.starts_with('╭') {
            let trace = inner.contains("Traceback");
            self.inside = if trace { Inside::TraceBox } else { Inside::TextBox };
            self.push(Level::Noise, "");
        } else if inner.starts_with('╰') && !inner.starts_with("╰─>") {
            // The box may have begun before the part of the log that we were given.
            let traced = self.said.last().is_some_and(|said| said.level == Level::Noise);
            self.inside = if traced { Inside::Wrapped } else { Inside::Nothing };
            self.push(Level::Noise, "");
        } else if let Some(boxed) = inner.strip_prefix('│') {
            self.read_boxed(boxed.trim_end_matches('│').trim());
        } else if inner.starts_with("Traceback (most recent call last)") {
            self.inside = Inside::Trace(indentation(line));
            self.push(Level::Noise, "");
        } else {
            self.read_open(line, inner);
        }
    }

    fn read_boxed(&mut self, text: &str) {
        match (self.inside, self.said.last()) {
            (Inside::TextBox, Some(Statement { level: Level::Plain, .. })) => self.join(text, " "),
            (Inside::TextBox, _) => self.push(Level::Plain, text),
            _ => self.push(Level::Noise, ""),
        }
    }

    fn read_open(&mut self, line: &str, inner: &str) {
        if let Inside::Trace(margin) = self.inside {
            let frame = indentation(line) > margin || inner.is_empty();
            if !frame {
                self.inside = Inside::Nothing;
            }
            let level = if frame { Level::Noise } else { Level::Error };
            return self.push(level, if frame { "" } else { inner });
        }
        let (level, text) = without_prefix(inner);
        if self.inside == Inside::Wrapped && wraps_on(inner, level) {
            return match self.said.last() {
                Some(Statement { level: Level::Error, .. }) => self.join(inner, " "),
                _ => self.push(Level::Error, inner),
            };
        }
        if self.inside != Inside::Wrapped || !inner.starts_with(['[', '(']) {
            self.inside = Inside::Nothing;
        }
        self.push(level, text);
    }

    fn push(&mut self, level: Level, text: &str) {
        self.said.push(Statement { level, text: text.to_owned() });
    }

    fn join(&mut self, more: &str, with: &str) {
        if let Some(last) = self.said.last_mut()
            && last.text.len() < LONGEST_LINE
        {
            last.text.push_str(with);
            last.text.push_str(more);
        }
    }
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// A line that goes on with the error under a box: not empty, without a level, and no appendix in brackets.
fn wraps_on(line: &str, level: Level) -> bool {
    let appendix = ["[SQL:", "[parameters:", "(Background on", "== "].iter().any(|start| line.starts_with(start));
    !line.is_empty() && level == Level::Plain && !appendix
}

/// A link in uv's chain of causes.
fn chained(line: &str) -> Option<&str> {
    if !line.starts_with([' ', '\t']) {
        return None;
    }
    let inner = line.trim();
    ["cause: ", "Caused by: ", "├─▶ ", "╰─▶ "].iter().find_map(|link| inner.strip_prefix(link))
}

/// Without escapes, other control characters and what a carriage return painted over.
fn plain_text(line: &str) -> String {
    let line = line.trim_end_matches('\r');
    let line = line.rsplit('\r').next().unwrap_or(line);
    let mut text = String::with_capacity(line.len().min(LONGEST_LINE));
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        if text.len() > LONGEST_LINE {
            break;
        }
        match character {
            '\u{1b}' => skip_escape(&mut characters),
            '\t' => text.push(' '),
            other if other.is_control() => {}
            other => text.push(other),
        }
    }
    text.truncate(text.trim_end().len());
    text
}

fn skip_escape(characters: &mut std::str::Chars<'_>) {
    let command = characters.next();
    if command == Some('[') {
        let _ = characters.find(|character| ('@'..='~').contains(character));
    } else if command == Some(']') {
        let _ = characters.find(|character| matches!(character, '\u{7}' | '\u{1b}' | '\\'));
    }
}

/// Level and words of a line, without time, thread, logger and the level itself.
fn without_prefix(line: &str) -> (Level, &str) {
    let untimed = without_time(line);
    let timed = untimed.len() != line.len();
    let rest = untimed.trim_start_matches([' ', '|']);
    let rest = without_thread(rest);
    let Some((level, rest)) = split_level(rest, timed) else { return (Level::Plain, rest.trim()) };
    let mut rest = rest.trim_start();
    if let Some(more) = rest.strip_prefix("| ") {
        rest = more.split_once(" | ").map_or(more, |(_, words)| words);
    }
    while let Some((tag, more)) = rest.strip_prefix('[').and_then(|tagged| tagged.split_once("] ")) {
        if !(tag.starts_with("MY-") || tag == "Server" || tag == "InnoDB") {
            break;
        }
        rest = more;
    }
    let rest = rest.split(" | {\"").next().unwrap_or(rest);
    (level, rest.trim())
}

/// `2026-11-20 18:17:30,316`, `2026/11/20 18:29:34`, `2026-11-20T18:14:09.123456Z`, with or without brackets.
fn without_time(line: &str) -> &str {
    let bare = line.strip_prefix('[').unwrap_or(line);
    let bytes = bare.as_bytes();
    let dated = bytes.len() > 10 && bytes[..4].iter().all(u8::is_ascii_digit) && matches!(bytes[4], b'-' | b'/');
    if !dated {
        return line;
    }
    let end = bare.find(|c: char| !(c.is_ascii_digit() || "-/:.,TZ+ ".contains(c))).unwrap_or(bare.len());
    // The thread's number stands right behind and is made of digits, too.
    let stamp = bare[..end].trim_end();
    let end = stamp.char_indices().filter(|(_, c)| *c == ' ').nth(1).map_or(stamp.len(), |(place, _)| place);
    bare[end..].trim_start_matches([']', ' '])
}

/// `0 [ERROR] …` of MariaDB.
fn without_thread(line: &str) -> &str {
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
    match rest.strip_prefix(' ') {
        Some(bracket) if rest.len() < line.len() && bracket.starts_with('[') => bracket,
        _ => line,
    }
}

fn split_level(line: &str, timed: bool) -> Option<(Level, &str)> {
    if let Some((word, rest)) = line.strip_prefix('[').and_then(|line| line.split_once(']')) {
        return level(word).map(|level| (level, rest));
    }
    let end = line.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(line.len());
    let level = level(&line[..end])?;
    let rest = &line[end..];
    match rest.strip_prefix(':') {
        Some(rest) => Some((level, rest)),
        None if timed => Some((level, rest)),
        None => None,
    }
}

fn level(word: &str) -> Option<Level> {
    Some(match word.to_ascii_lowercase().as_str() {
        "error" | "fatal" | "critical" => Level::Error,
        "warning" | "warn" => Level::Warning,
        "note" | "info" | "debug" | "system" => Level::Info,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_fall_off_in_every_dialect() {
        let cases = [
            (
                "2026-11-20 18:17:30,316 | ERROR    | uvicorn.error:startup:59 | Application startup failed. Exiting.",
                Level::Error,
                "Application startup failed. Exiting.",
            ),
            ("2026-11-20 18:14:09 0 [ERROR] Can't start server: Bind", Level::Error, "Can't start server: Bind"),
            ("2026-11-20 18:14:09 7 [Note] InnoDB: Using io_uring", Level::Info, "InnoDB: Using io_uring"),
            ("2026-11-20T18:14:09.123456Z 0 [ERROR] [MY-010262] [Server] Can't start", Level::Error, "Can't start"),
            ("2026/11/20 18:29:34 ERROR:    [Errno 98] error while", Level::Error, "[Errno 98] error while"),
            ("2026/11/20 18:29:31 INFO mlflow.server.jobs: found", Level::Info, "mlflow.server.jobs: found"),
            ("ERROR:    Application startup failed. Exiting.", Level::Error, "Application startup failed. Exiting."),
            ("mariadbd: Can't change dir", Level::Plain, "mariadbd: Can't change dir"),
            ("\u{1b}[31mError:\u{1b}[0m no such", Level::Error, "no such"),
        ];
        for (line, level, text) in cases {
            assert_eq!(statements(line), [Statement { level, text: text.to_owned() }], "{line}");
        }
    }

    #[test]
    fn an_error_below_a_box_is_one_statement() {
        let log = "╭── Traceback (most recent call last) ──╮\n│ ❱ 1 raise Lie │\n╰──╯\nRuntimeError: The database \nmigration failed\n[SQL: x]\n";
        let said: Vec<_> = statements(log).into_iter().filter(|said| said.level != Level::Noise).collect();
        assert_eq!(
            said[0],
            Statement { level: Level::Error, text: "RuntimeError: The database migration failed".to_owned() }
        );
        assert_eq!(said[1].text, "[SQL: x]");
    }

    #[test]
    fn older_runs_are_left_out() {
        let log = "INFO:     Started server process [1]\nERROR:    [Errno 98] address already in use\nINFO:     Finished server process [1]\nINFO:     Started server process [2]\nINFO:     Uvicorn running on http://127.0.0.1:1\n";
        assert!(last_run(Speaker::Zenml, log).iter().all(|said| !said.text.contains("98")));
    }
}
