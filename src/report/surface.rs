//! What a stream can show: colour, movement, characters, width.

use std::collections::BTreeMap;

/// Of a stream that nobody told its width.
pub(super) const DEFAULT_WIDTH: usize = 80;

/// What the place behind a stream can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Surface {
    /// A person looks at it.
    pub terminal: bool,
    /// ANSI colours are understood and wanted.
    pub colour: bool,
    /// Lines may be drawn over.
    pub animated: bool,
    /// Characters beyond ASCII are shown; only asked for marks, since texts of users hold what they hold.
    pub unicode: bool,
    /// Width that the user asked for with COLUMNS.
    pub columns: Option<usize>,
}

impl Surface {
    /// Decides from the environment, by the rules that most programs follow: NO_COLOR wins over CLICOLOR_FORCE, that
    /// over CLICOLOR, that over what the terminal can do. A CI system that lends a terminal still keeps a log of
    /// lines, so nothing moves there.
    pub fn new(terminal: bool, environment: &BTreeMap<String, String>) -> Self {
        let variable = |name: &str| environment.get(name).map(String::as_str).filter(|value| !value.is_empty());
        let able = variable("TERM").is_some_and(|term| term != "dumb");
        let colour = if variable("NO_COLOR").is_some() {
            false
        } else if variable("CLICOLOR_FORCE").is_some_and(|value| value != "0") {
            true
        } else {
            variable("CLICOLOR") != Some("0") && terminal && able
        };
        let in_ci = variable("CI").is_some_and(|value| value != "false");
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(variable).unwrap_or_default().to_lowercase();
        Self {
            terminal,
            colour,
            animated: terminal && able && !in_ci,
            unicode: locale.contains("utf-8") || locale.contains("utf8"),
            columns: variable("COLUMNS").and_then(|columns| columns.parse().ok()).filter(|columns| *columns > 0),
        }
    }

    /// A pipe or a file.
    pub fn plain() -> Self {
        Self { terminal: false, colour: false, animated: false, unicode: true, columns: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn surface(terminal: bool, variables: &[(&str, &str)]) -> Surface {
        let environment = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Surface::new(terminal, &environment)
    }

    #[test]
    fn colour_obeys_the_usual_variables() {
        let xterm = ("TERM", "xterm-256color");
        let table: &[(bool, &[(&str, &str)], bool)] = &[
            (true, &[xterm], true),
            (true, &[], false),
            (true, &[("TERM", "dumb")], false),
            (true, &[xterm, ("NO_COLOR", "1")], false),
            (true, &[xterm, ("NO_COLOR", "")], true),
            (true, &[xterm, ("CLICOLOR", "0")], false),
            (false, &[xterm], false),
            (false, &[("CLICOLOR_FORCE", "1")], true),
            (false, &[("CLICOLOR_FORCE", "0")], false),
            (false, &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], false),
        ];
        for (terminal, variables, expected) in table {
            assert_eq!(surface(*terminal, variables).colour, *expected, "{terminal} {variables:?}");
        }
    }

    #[test]
    fn nothing_moves_where_lines_are_kept() {
        assert!(surface(true, &[("TERM", "xterm"), ("NO_COLOR", "1")]).animated);
        assert!(!surface(true, &[("TERM", "dumb")]).animated);
        assert!(!surface(true, &[("TERM", "xterm"), ("CI", "true")]).animated);
        assert!(!surface(false, &[("TERM", "xterm"), ("CLICOLOR_FORCE", "1")]).animated);
    }

    #[test]
    fn marks_and_width_come_from_the_environment() {
        assert!(surface(true, &[("LANG", "de_DE.UTF-8")]).unicode);
        assert!(!surface(true, &[("LANG", "de_DE.UTF-8"), ("LC_ALL", "C")]).unicode);
        assert!(!surface(true, &[]).unicode);
        assert_eq!(surface(false, &[("COLUMNS", "120")]).columns, Some(120));
        assert_eq!(surface(false, &[("COLUMNS", "wide")]).columns, None);
        assert_eq!(surface(false, &[("COLUMNS", "0")]).columns, None);
    }
}
