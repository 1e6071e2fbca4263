//! Lines at the bottom of a terminal that are drawn over again and again, with a hidden cursor.

use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::table::display_width;

const HIDE_CURSOR: &str = "\u{1b}[?25l";
const SHOW_CURSOR: &str = "\u{1b}[?25h";

/// Whether some output of this process has hidden the cursor; asked for when the process ends in a hurry.
static HIDDEN: AtomicBool = AtomicBool::new(false);

/// Gives the terminal its cursor back if it was taken. For ends that drop nothing: a panic that aborts, an immediate
/// exit after the second Ctrl-C. Harmless at any time.
pub fn restore_cursor() {
    if HIDDEN.swap(false, Ordering::Relaxed) {
        let mut stderr = std::io::stderr();
        let _ = stderr.write_all(SHOW_CURSOR.as_bytes()).and_then(|()| stderr.flush());
    }
}

/// What is drawn at the moment.
#[derive(Debug, Default)]
pub(super) struct Live {
    lines: Vec<String>,
}

impl Live {
    pub(super) fn lines(&self) -> &[String] {
        &self.lines
    }

    /// The bytes that take away what was drawn, print `permanent` and draw `lines` under it: one text for one write,
    /// so that nobody sees the picture half done.
    ///
    /// `width` is the terminal's width now. Terminals break lines anew when they become narrower, so a line drawn
    /// before may take several rows by now.
    pub(super) fn redraw(&mut self, permanent: &str, lines: &[String], width: usize) -> String {
        let mut text = String::new();
        if !self.lines.is_empty() {
            let rows: usize = self.lines.iter().map(|line| display_width(line).div_ceil(width.max(1)).max(1)).sum();
            let _ = write!(text, "\r\u{1b}[{rows}A\u{1b}[J");
        }
        text.push_str(permanent);
        match (self.lines.is_empty(), lines.is_empty()) {
            (true, false) => {
                text.push_str(HIDE_CURSOR);
                HIDDEN.store(true, Ordering::Relaxed);
            }
            (false, true) => {
                text.push_str(SHOW_CURSOR);
                HIDDEN.store(false, Ordering::Relaxed);
            }
            _ => {}
        }
        for line in lines {
            text.push_str(line);
            text.push('\n');
        }
        self.lines = lines.to_vec();
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn what_was_drawn_is_taken_away_and_the_cursor_comes_back() {
        let mut live = Live::default();
        assert_eq!(live.redraw("one\n", &[], 80), "one\n");
        assert_eq!(live.redraw("", &lines(&["a", "b"]), 80), "\u{1b}[?25la\nb\n");
        assert_eq!(live.redraw("two\n", &lines(&["c"]), 80), "\r\u{1b}[2A\u{1b}[Jtwo\nc\n");
        assert_eq!(live.redraw("", &[], 80), "\r\u{1b}[1A\u{1b}[J\u{1b}[?25h");
    }

    #[test]
    fn lines_that_a_narrower_terminal_broke_are_counted() {
        let mut live = Live::default();
        live.redraw("", &lines(&["\u{1b}[1m1234567890\u{1b}[0m", ""]), 80);
        assert!(live.redraw("", &lines(&["x"]), 4).starts_with("\r\u{1b}[4A\u{1b}[J"));
    }
}
