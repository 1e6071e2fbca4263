//! The one way out: data to stdout, talk to stderr, all of it searched for known secrets.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal as _, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use serde_json::Value;

use super::clean;
use super::live::Live;
use super::surface::{DEFAULT_WIDTH, Surface};
use crate::diagnostics::{Diagnostic, Findings, codes, draw};
use crate::secrets::Redactor;

/// Form of a document for scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Json,
    Yaml,
}

/// Where text goes.
pub struct Output {
    data: Surface,
    talk: Surface,
    redactor: RwLock<Redactor>,
    streams: Mutex<Streams>,
}

struct Streams {
    data: Box<dyn Write + Send>,
    talk: Box<dyn Write + Send>,
    live: Live,
    /// The reader of stdout has gone: `| head`.
    closed: bool,
    failure: Option<Diagnostic>,
}

/// What an [`Output`] that prints nowhere has collected.
#[derive(Debug, Clone, Default)]
pub struct Captured {
    data: Buffer,
    talk: Buffer,
}

#[derive(Debug, Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Output {
    /// Stdout and stderr of this process.
    pub fn standard(environment: &BTreeMap<String, String>) -> Self {
        let data = Surface::new(io::stdout().is_terminal(), environment);
        let talk = Surface::new(io::stderr().is_terminal(), environment);
        Self::new(data, talk, Box::new(io::stdout()), Box::new(io::stderr()))
    }

    /// Collects instead of printing, for tests. Nothing stands behind the surfaces, so their `columns` are the width.
    pub fn captured(data: Surface, talk: Surface) -> (Self, Captured) {
        let captured = Captured::default();
        let output = Self::new(data, talk, Box::new(captured.data.clone()), Box::new(captured.talk.clone()));
        (output, captured)
    }

    fn new(data: Surface, talk: Surface, stdout: Box<dyn Write + Send>, stderr: Box<dyn Write + Send>) -> Self {
        let streams = Streams { data: stdout, talk: stderr, live: Live::default(), closed: false, failure: None };
        Self { data, talk, redactor: RwLock::default(), streams: Mutex::new(streams) }
    }

    /// Replaces what is known to be secret. Called whenever more secrets have become known.
    pub fn hide(&self, redactor: Redactor) {
        *self.redactor.write().unwrap_or_else(PoisonError::into_inner) = redactor;
    }

    /// What is known to be secret now. Text that will be cut or wrapped has to be cleaned before that, since half a
    /// secret is not recognised any more.
    pub fn redactor(&self) -> Redactor {
        self.redactor.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn data_surface(&self) -> Surface {
        self.data
    }

    pub fn talk_surface(&self) -> Surface {
        self.talk
    }

    /// Columns of stdout, now: a terminal may have been resized since.
    pub fn data_width(&self) -> usize {
        size(self.data, terminal_size::terminal_size_of(io::stdout())).0
    }

    /// Columns of stderr, now.
    pub fn talk_width(&self) -> usize {
        self.talk_size().0
    }

    /// Columns and, where there is an end to them, rows of stderr.
    pub(super) fn talk_size(&self) -> (usize, Option<usize>) {
        size(self.talk, terminal_size::terminal_size_of(io::stderr()))
    }

    /// Prints data, which a script may read.
    pub fn data(&self, text: &str) {
        let text = self.prepare(text, self.data);
        let mut streams = self.streams();
        // On a terminal both streams are one picture.
        let lifted = self.data.terminal.then(|| streams.lift(self.talk_width()));
        streams.print(&text);
        if let Some(lines) = lifted {
            streams.put_back(&lines, self.talk_width());
        }
    }

    /// Prints talk, which a person may read.
    pub fn talk(&self, text: &str) {
        let text = self.prepare(text, self.talk);
        let width = self.talk_width();
        self.streams().talk_above_live(&text, width);
    }

    /// Prints a document for scripts. Values are cleaned before they are quoted, so that the form stays whole.
    pub fn document(&self, document: &Value, form: Form) {
        let mut document = document.clone();
        self.redactor().redact_json(&mut document);
        let text = match form {
            Form::Json => format!("{document:#}\n"),
            Form::Yaml => crate::yaml::to_string(&document),
        };
        self.streams().print(&text);
    }

    /// Prints a document in one line of stdout.
    pub fn line(&self, document: &Value) {
        let mut document = document.clone();
        self.redactor().redact_json(&mut document);
        self.streams().print(&format!("{document}\n"));
    }

    /// Draws a finding for a person.
    pub fn diagnostic(&self, diagnostic: &Diagnostic) {
        let clean = clean::diagnostic(diagnostic, &self.redactor());
        self.talk(&draw::draw(&clean, self.talk_width()));
    }

    /// Draws findings, the first cause first.
    pub fn findings(&self, findings: &Findings) {
        for (number, finding) in findings.0.iter().enumerate() {
            if number > 0 {
                self.talk("\n");
            }
            self.diagnostic(finding);
        }
    }

    /// Whether the reader of stdout has gone. No error: it has seen what it wanted. An endless command ends then.
    pub fn is_closed(&self) -> bool {
        self.streams().closed
    }

    /// Why data did not reach stdout, such as a full disk. To be asked before a command calls itself a success.
    pub fn failure(&self) -> Option<Diagnostic> {
        self.streams().failure.clone()
    }

    /// Prints lines for good and draws others below them, in place of those drawn before.
    pub(super) fn draw_live(&self, permanent: &str, lines: &[String]) {
        let permanent = self.prepare(permanent, self.talk);
        let lines: Vec<String> = lines.iter().map(|line| coloured(line, self.talk)).collect();
        let (width, rows) = self.talk_size();
        let shown = rows.map_or(lines.len(), |rows| lines.len().min(rows.saturating_sub(1)));
        let mut streams = self.streams();
        let text = streams.live.redraw(&permanent, &lines[..shown], width);
        streams.write_talk(&text);
    }

    fn prepare(&self, text: &str, surface: Surface) -> String {
        let mut text = self.redactor().redact(&coloured(text, surface));
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        text
    }

    fn streams(&self) -> MutexGuard<'_, Streams> {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        self.draw_live("", &[]);
    }
}

impl Streams {
    fn print(&mut self, text: &str) {
        if self.closed || self.failure.is_some() {
            return;
        }
        if let Err(error) = self.data.write_all(text.as_bytes()).and_then(|()| self.data.flush()) {
            if error.kind() == io::ErrorKind::BrokenPipe {
                self.closed = true;
            } else {
                self.failure = Some(unwritable(&error));
            }
        }
    }

    /// Nobody can be told that stderr is gone, so errors are passed over.
    fn write_talk(&mut self, text: &str) {
        let _ = self.talk.write_all(text.as_bytes()).and_then(|()| self.talk.flush());
    }

    fn talk_above_live(&mut self, text: &str, width: usize) {
        let lines = self.live.lines().to_vec();
        let text = self.live.redraw(text, &lines, width);
        self.write_talk(&text);
    }

    /// Takes the live lines from the terminal and hands them over.
    fn lift(&mut self, width: usize) -> Vec<String> {
        let lines = self.live.lines().to_vec();
        let text = self.live.redraw("", &[], width);
        self.write_talk(&text);
        lines
    }

    fn put_back(&mut self, lines: &[String], width: usize) {
        let text = self.live.redraw("", lines, width);
        self.write_talk(&text);
    }
}

fn coloured(text: &str, surface: Surface) -> String {
    if surface.colour { text.to_owned() } else { anstream::adapter::strip_str(text).to_string() }
}

fn unwritable(error: &io::Error) -> Diagnostic {
    Diagnostic::error(codes::FILE_UNWRITABLE, "cannot write to standard output")
        .cause(error.to_string())
        .changed("the command did its work; only what it printed is incomplete")
        .next("make room where standard output is written to, then print it again")
}

fn size(surface: Surface, terminal: Option<(terminal_size::Width, terminal_size::Height)>) -> (usize, Option<usize>) {
    let found = terminal.filter(|_| surface.terminal);
    let columns = found.map(|(width, _)| usize::from(width.0)).filter(|columns| *columns > 0);
    let rows = found.map(|(_, height)| usize::from(height.0)).filter(|rows| *rows > 0);
    (columns.or(surface.columns).unwrap_or(DEFAULT_WIDTH), rows)
}

impl Captured {
    /// What went to stdout.
    pub fn data(&self) -> String {
        self.data.text()
    }

    /// What went to stderr.
    pub fn talk(&self) -> String {
        self.talk.text()
    }
}

impl Buffer {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::SecretName;
    use secrecy::SecretString;

    struct Broken(io::ErrorKind);

    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::Error::from(self.0))
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn hiding(value: &str) -> Redactor {
        Redactor::new([(&SecretName::new("planted"), &SecretString::from(value))])
    }

    #[test]
    fn nothing_known_to_be_secret_comes_out() {
        let (output, captured) = Output::captured(Surface::plain(), Surface::plain());
        output.talk("before hunter2hunter2");
        output.hide(hiding("hunter2hunter2"));
        output.talk("after hunter2hunter2");
        output.data("data hunter2hunter2\n");
        output.document(&serde_json::json!({ "a": "hunter2hunter2", "b": [1, "x hunter2hunter2"] }), Form::Json);
        output.document(&serde_json::json!({ "a": "hunter2hunter2" }), Form::Yaml);
        output.line(&serde_json::json!({ "a": "hunter2hunter2" }));
        assert_eq!(captured.talk(), "before hunter2hunter2\nafter (secret planted)\n");
        assert!(!captured.data().contains("hunter2"), "{}", captured.data());
        assert_eq!(captured.data().matches("(secret planted)").count(), 5);
    }

    #[test]
    fn a_secret_that_looks_like_a_number_leaves_json_whole() {
        let (output, captured) = Output::captured(Surface::plain(), Surface::plain());
        output.hide(hiding("123456"));
        output.line(&serde_json::json!({ "port": 123_456, "text": "123456" }));
        let line: Value = serde_json::from_str(&captured.data()).unwrap();
        assert_eq!(line["text"], "(secret planted)");
    }

    #[test]
    fn colours_are_for_those_who_can_see_them() {
        let coloured = Surface { colour: true, ..Surface::plain() };
        let (output, captured) = Output::captured(coloured, Surface::plain());
        output.data("\u{1b}[32mready\u{1b}[0m");
        output.talk("\u{1b}[32mready\u{1b}[0m");
        assert_eq!(captured.data(), "\u{1b}[32mready\u{1b}[0m\n");
        assert_eq!(captured.talk(), "ready\n");
    }

    #[test]
    fn a_reader_who_leaves_is_no_error_and_a_full_disk_is_one() {
        let output =
            |kind| Output::new(Surface::plain(), Surface::plain(), Box::new(Broken(kind)), Box::new(Broken(kind)));
        let left = output(io::ErrorKind::BrokenPipe);
        left.data("x");
        left.talk("x");
        assert!(left.is_closed() && left.failure().is_none());
        let full = output(io::ErrorKind::StorageFull);
        full.data("x");
        assert_eq!(full.failure().unwrap().code, codes::FILE_UNWRITABLE);
    }

    #[test]
    fn the_width_is_asked_for_in_order() {
        use terminal_size::{Height, Width};
        let terminal = Surface { terminal: true, columns: Some(100), ..Surface::plain() };
        assert_eq!(size(terminal, Some((Width(120), Height(40)))), (120, Some(40)));
        assert_eq!(size(terminal, Some((Width(0), Height(0)))), (100, None));
        assert_eq!(size(Surface { terminal: false, ..terminal }, Some((Width(120), Height(40)))), (100, None));
        assert_eq!(size(Surface::plain(), None), (80, None));
    }
}
