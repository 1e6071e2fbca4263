//! Scenarios for terminals, as plain text of a given width. Nothing here prints.

mod diff;
mod explain;
mod list;
mod show;

pub use diff::diff;
pub use explain::explain;
pub use list::list;
pub use show::show;

use crate::table;

/// A heading with text under it, a line apart from what stands before.
fn section(out: &mut String, heading: &str, body: &str) {
    if body.trim().is_empty() {
        return;
    }
    if !out.is_empty() {
        out.push('\n');
    }
    out.push_str(heading);
    out.push('\n');
    out.push_str(body);
    if !body.ends_with('\n') {
        out.push('\n');
    }
}

/// One paragraph behind a dash, its further lines under its text.
fn item(text: &str, width: usize) -> String {
    bullet(2, "-", text, width)
}

/// One paragraph behind a mark that stands `indent` spaces in.
fn bullet(indent: usize, mark: &str, text: &str, width: usize) -> String {
    let wrapped = table::wrap(text, width, indent + mark.len() + 1);
    format!("{}{mark} {}\n", " ".repeat(indent), wrapped.trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Catalogue, Vocabulary, difference};

    fn every_text(catalogue: &Catalogue, width: usize) -> Vec<(String, String)> {
        let mut texts = vec![("list".to_owned(), list(catalogue, None, width))];
        for vocabulary in Vocabulary::ALL {
            texts.push((format!("list {vocabulary}"), list(catalogue, Some(*vocabulary), width)));
        }
        let first = catalogue.iter().next().unwrap();
        for scenario in catalogue.iter() {
            texts.push((format!("show {}", scenario.name), show(scenario, width)));
            texts.push((format!("explain {}", scenario.name), explain(catalogue, scenario, width)));
            texts.push((format!("diff {}", scenario.name), diff(&difference(first, scenario), width)));
        }
        texts
    }

    #[test]
    fn no_line_is_too_wide_and_none_ends_in_spaces() {
        let catalogue = Catalogue::embedded().unwrap();
        for width in [80, 100, 132] {
            for (name, text) in every_text(&catalogue, width) {
                assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{name}");
                for line in text.lines() {
                    assert!(table::display_width(line) <= width, "{name} at {width}: {line}");
                    assert_eq!(line.trim_end(), line, "{name} at {width}");
                }
            }
        }
    }
}
