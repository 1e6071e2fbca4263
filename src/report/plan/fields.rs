//! What differs in a unit, field by field.

use std::fmt::Write as _;

use similar::{ChangeTag, TextDiff};

use crate::plan::FieldChange;
use crate::report::style::{BAD, GOOD, paint};
use crate::table::display_width;

/// More changed lines of a file than these hide the rest of the plan.
const MAX_LINES: usize = 12;
/// What is left in front of a difference in a long value, so that one sees where it is.
const BEFORE_DIFFERENCE: usize = 20;
/// A line or more for each field.
pub(super) fn draw(fields: &[FieldChange], indent: usize, width: usize) -> String {
    let labels = fields.iter().map(|field| display_width(&field.field));
    let column = labels.max().unwrap_or(0).min(width / 2);
    fields.iter().map(|field| draw_field(field, indent, column, width)).collect()
}

fn draw_field(change: &FieldChange, indent: usize, column: usize, width: usize) -> String {
    let space = " ".repeat(indent);
    if change.field.starts_with("secret ") {
        return format!("{space}{}: another value\n", change.field);
    }
    let none = "(none)".to_owned();
    let before = change.before.as_ref().unwrap_or(&none);
    let after = change.after.as_ref().unwrap_or(&none);
    let label = format!("{space}{:<column$}  ", change.field);
    let line = format!("{label}{before} -> {after}");
    if !line.contains('\n') && display_width(&line) <= width {
        return line + "\n";
    }
    let room = width.saturating_sub(indent + 4).max(24);
    let lines = changed_lines(change.before.as_deref(), change.after.as_deref(), room);
    let mut text = format!("{space}{}\n", change.field);
    for (sign, line) in lines {
        let sign = match sign {
            '-' => paint(BAD, "-"),
            '+' => paint(GOOD, "+"),
            _ => " ".to_owned(),
        };
        let _ = writeln!(text, "{space}  {}", format!("{sign} {line}").trim_end());
    }
    text
}

/// What went and what came, for values that are too long for one line.
fn changed_lines(before: Option<&str>, after: Option<&str>, room: usize) -> Vec<(char, String)> {
    if let (Some(before), Some(after)) = (before, after)
        && !before.contains('\n')
        && !after.contains('\n')
    {
        let (before, after) = around_difference(before, after, room);
        return vec![('-', before), ('+', after)];
    }
    let diff = TextDiff::from_lines(before.unwrap_or_default(), after.unwrap_or_default());
    let changed: Vec<(char, String)> = diff
        .iter_all_changes()
        .filter_map(|change| {
            let sign = match change.tag() {
                ChangeTag::Equal => return None,
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
            };
            Some((sign, window(change.value().trim_end_matches(['\r', '\n']), 0, room)))
        })
        .collect();
    let more = changed.len().saturating_sub(MAX_LINES);
    let mut shown: Vec<_> = changed.into_iter().take(MAX_LINES).collect();
    if more > 0 {
        shown.push((' ', format!("and {more} more lines")));
    }
    shown
}

/// Both values from shortly before the place where they begin to differ.
fn around_difference(before: &str, after: &str, room: usize) -> (String, String) {
    let same = before.chars().zip(after.chars()).take_while(|(a, b)| a == b).count();
    let longest = before.chars().count().max(after.chars().count());
    let start = if longest <= room { 0 } else { same.saturating_sub(BEFORE_DIFFERENCE) };
    (window(before, start, room), window(after, start, room))
}

/// At most `room` cells of a text from a character on, with dots where something was left out.
fn window(text: &str, start: usize, room: usize) -> String {
    let mut shown = if start > 0 { "...".to_owned() } else { String::new() };
    let rest: String = text.chars().skip(start).collect();
    if display_width(&shown) + display_width(&rest) <= room {
        return shown + &rest;
    }
    for character in rest.chars() {
        let mut bytes = [0; 4];
        if display_width(&shown) + display_width(character.encode_utf8(&mut bytes)) + 3 > room {
            break;
        }
        shown.push(character);
    }
    shown + "..."
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str, before: Option<&str>, after: Option<&str>) -> FieldChange {
        FieldChange { field: name.to_owned(), before: before.map(str::to_owned), after: after.map(str::to_owned) }
    }

    fn plain(fields: &[FieldChange]) -> String {
        anstream::adapter::strip_str(&draw(fields, 2, 60)).to_string()
    }

    #[test]
    fn short_values_stand_on_one_line() {
        let fields =
            [field("port", Some("1"), Some("2")), field("env.DEBUG", None, Some("1")), field("url", Some("x"), None)];
        assert_eq!(plain(&fields), "  port       1 -> 2\n  env.DEBUG  (none) -> 1\n  url        x -> (none)\n");
    }

    #[test]
    fn a_secret_is_named_only() {
        let fields = [field("secret admin-password", Some("its old value"), Some("its new value"))];
        assert_eq!(plain(&fields), "  secret admin-password: another value\n");
    }

    #[test]
    fn long_values_are_shown_where_they_differ() {
        let value = |port: u16| {
            format!(
                "-m uvicorn zenml.zen_server.zen_server_api:app --no-server-header --port {port} --host 127.0.0.1 --workers 1"
            )
        };
        let fields = [field("arguments", Some(&value(8237)), Some(&value(8240)))];
        assert_eq!(
            plain(&fields),
            "  arguments\n    - ...ver-header --port 8237 --host 127.0.0.1 --workers 1\n    \
             + ...ver-header --port 8240 --host 127.0.0.1 --workers 1\n"
        );
    }

    #[test]
    fn of_a_file_only_the_changed_lines_are_shown() {
        let before = "[mariadbd]\nport=3307\nmax_connections=200\n";
        let fields = [field("files.my.cnf", Some(before), Some("[mariadbd]\nport=3308\nmax_connections=200\nx=1\n"))];
        assert_eq!(plain(&fields), "  files.my.cnf\n    - port=3307\n    + port=3308\n    + x=1\n");
        let many: String = (0..40).map(|number| format!("{number}\n")).collect();
        let text = plain(&[field("f", None, Some(&many))]);
        assert!(text.ends_with("      and 28 more lines\n"), "{text}");
    }
}
