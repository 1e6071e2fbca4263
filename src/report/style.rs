//! Colours. They repeat what signs and words say already: everything can be read without them.

use anstyle::{AnsiColor, Style};

use crate::plan::Action;

pub(super) const BOLD: Style = Style::new().bold();
pub(super) const DIM: Style = Style::new().dimmed();
pub(super) const GOOD: Style = AnsiColor::Green.on_default();
pub(super) const BAD: Style = AnsiColor::Red.on_default();
pub(super) const CARE: Style = AnsiColor::Yellow.on_default();

/// Text in a colour; nothing around an empty text.
pub(super) fn paint(style: Style, text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("{style}{text}{style:#}") }
}

/// The sign and colour of an action in a plan.
pub(super) fn sign(action: Action) -> (&'static str, Style) {
    match action {
        Action::Create => ("+", GOOD),
        Action::Update => ("~", CARE),
        Action::Repair => ("!", CARE),
        Action::Delete => ("-", BAD),
        Action::Provided => ("=", DIM),
        Action::Unavailable => ("?", DIM),
        Action::Unchanged => (" ", DIM),
    }
}

/// Marks of running and ended steps.
pub(super) struct Marks {
    pub(super) done: &'static str,
    pub(super) failed: &'static str,
    pub(super) running: &'static [&'static str],
    pub(super) cut: &'static str,
}

/// The marks that a terminal can show.
pub(super) fn marks(unicode: bool) -> Marks {
    if unicode {
        Marks {
            done: "✓", failed: "✗", running: &["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"], cut: "…"
        }
    } else {
        Marks { done: "+", failed: "x", running: &["-", "\\", "|", "/"], cut: "..." }
    }
}
