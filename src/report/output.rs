//! Where text goes: data to stdout, talk to stderr, nothing past the redactor.

use std::io::Write as _;
use std::sync::{Arc, RwLock};

use crate::secrets::Redactor;

/// Both streams of the process.
#[derive(Clone)]
pub struct Output {
    redactor: Arc<RwLock<Redactor>>,
}

impl Output {
    pub fn standard() -> Self {
        Self { redactor: Arc::default() }
    }

    pub fn set_redactor(&self, redactor: Redactor) {
        *self.redactor.write().unwrap_or_else(std::sync::PoisonError::into_inner) = redactor;
    }

    pub fn redact(&self, text: &str) -> String {
        self.redactor.read().unwrap_or_else(std::sync::PoisonError::into_inner).redact(text)
    }

    /// Data. A reader that went away is no error.
    pub fn stdout(&self, text: &str) {
        let mut stream = anstream::stdout().lock();
        let _ = stream.write_all(self.redact(text).as_bytes()).and_then(|()| stream.flush());
    }

    /// Talk.
    pub fn stderr(&self, text: &str) {
        let mut stream = anstream::stderr().lock();
        let _ = stream.write_all(self.redact(text).as_bytes()).and_then(|()| stream.flush());
    }

    pub fn width(&self) -> usize {
        terminal_size::terminal_size().map_or(80, |(width, _)| usize::from(width.0))
    }
}
