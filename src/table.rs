//! Columns and wrapped text that count characters as a terminal shows them.
//!
//! Widths are in terminal cells: a wide character takes two, a colour takes none.

use unicode_width::UnicodeWidthStr;

/// Between two columns.
const GAP: usize = 2;

/// A column that has to give way is not made narrower than this; below it, text reads like a ransom note.
const NARROWEST: usize = 8;

/// How far a note stands to the right of its row.
const NOTE_INDENT: usize = 4;

/// Rows of cells under a header. Cells that are too wide are wrapped within their column.
///
/// ```
/// let table = deploy::table::Table::new(["NAME", "PORT"]).right(1).row(["server", "8237"]);
/// assert_eq!(table.render(80), "NAME    PORT\nserver  8237\n");
/// ```
#[derive(Debug, Clone, Default)]
pub struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
    /// By the number of the row that they stand under.
    notes: Vec<(usize, String)>,
    right: Vec<usize>,
    whole: Vec<usize>,
    indent: usize,
}

impl Table {
    /// An empty header of empty texts is not drawn.
    pub fn new<S: Into<String>>(header: impl IntoIterator<Item = S>) -> Self {
        Self { header: header.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// Adds a row. Cells that are left out are empty; cells beyond the header make a column without one.
    #[must_use]
    pub fn row<S: Into<String>>(mut self, cells: impl IntoIterator<Item = S>) -> Self {
        self.rows.push(cells.into_iter().map(Into::into).collect());
        self
    }

    /// Adds many rows.
    #[must_use]
    pub fn rows<S: Into<String>, R: IntoIterator<Item = S>>(self, rows: impl IntoIterator<Item = R>) -> Self {
        rows.into_iter().fold(self, Table::row)
    }

    /// Sets a column, counted from 0, flush right: for numbers.
    #[must_use]
    pub fn right(mut self, column: usize) -> Self {
        self.right.push(column);
        self
    }

    /// Keeps a column, counted from 0, from being wrapped: for names and addresses that people copy.
    #[must_use]
    pub fn whole(mut self, column: usize) -> Self {
        self.whole.push(column);
        self
    }

    /// Adds a text under the last row, across all columns: for reasons, which are longer than any cell should be.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push((self.rows.len(), text.into()));
        self
    }

    /// Spaces before each line.
    #[must_use]
    pub fn indent(mut self, spaces: usize) -> Self {
        self.indent = spaces;
        self
    }

    /// Draws the table, each line ended, none with trailing spaces, none wider than `width` if that can be.
    pub fn render(&self, width: usize) -> String {
        let widths = fit(&self.columns(), &self.whole, width.saturating_sub(self.indent));
        let mut out = String::new();
        if self.header.iter().any(|name| !name.is_empty()) {
            self.draw_row(&self.header, &widths, &mut out);
        }
        for (index, row) in self.rows.iter().enumerate() {
            self.draw_row(row, &widths, &mut out);
            for (_, note) in self.notes.iter().filter(|(under, _)| *under == index + 1) {
                out.push_str(&wrap(note, width, self.indent + NOTE_INDENT));
                out.push('\n');
            }
        }
        out
    }

    fn columns(&self) -> Vec<Column> {
        let lines = std::iter::once(&self.header).chain(&self.rows);
        let mut columns = Vec::new();
        for row in lines {
            columns.resize(columns.len().max(row.len()), Column::default());
            for (column, cell) in columns.iter_mut().zip(row) {
                column.natural = column.natural.max(cell.lines().map(display_width).max().unwrap_or(0));
                column.word = column.word.max(cell.split_whitespace().map(display_width).max().unwrap_or(0));
            }
        }
        columns
    }

    fn draw_row(&self, cells: &[String], widths: &[usize], out: &mut String) {
        let wrapped: Vec<Vec<String>> =
            cells.iter().zip(widths).map(|(cell, width)| wrap_lines(cell, *width)).collect();
        let height = wrapped.iter().map(Vec::len).max().unwrap_or(0).max(1);
        for number in 0..height {
            let mut line = " ".repeat(self.indent);
            for (index, (lines, width)) in wrapped.iter().zip(widths).enumerate() {
                let text = lines.get(number).map_or("", String::as_str);
                let padding = " ".repeat(width.saturating_sub(display_width(text)));
                let gap = if index == 0 { "" } else { "  " };
                let flush_right = self.right.contains(&index);
                let (before, after) = if flush_right { (padding.as_str(), "") } else { ("", padding.as_str()) };
                line.extend([gap, before, text, after]);
            }
            out.push_str(line.trim_end());
            out.push('\n');
        }
    }
}

/// What a column needs.
#[derive(Debug, Clone, Copy, Default)]
struct Column {
    /// The longest line.
    natural: usize,
    /// The longest word: narrower than this, words are cut.
    word: usize,
}

/// Takes width from the widest column until all fit: first down to the longest words, then, where even those are too
/// long, down to [`NARROWEST`].
fn fit(columns: &[Column], whole: &[usize], width: usize) -> Vec<usize> {
    let mut widths: Vec<usize> = columns.iter().map(|column| column.natural).collect();
    let room = width.saturating_sub(GAP * columns.len().saturating_sub(1));
    let at_least = |least: &dyn Fn(&Column) -> usize| -> Vec<usize> {
        let columns = columns.iter().enumerate();
        columns.map(|(at, column)| if whole.contains(&at) { column.natural } else { least(column) }).collect()
    };
    shrink(&mut widths, &at_least(&|column| column.word), room);
    shrink(&mut widths, &at_least(&|_| NARROWEST), room);
    widths
}

fn shrink(widths: &mut [usize], least: &[usize], room: usize) {
    while widths.iter().sum::<usize>() > room {
        let widest = (0..widths.len()).filter(|at| widths[*at] > least[*at]).max_by_key(|at| (widths[*at], *at));
        match widest {
            Some(at) => widths[at] -= 1,
            None => return,
        }
    }
}

/// Width of a text in terminal cells; colours do not count.
pub fn display_width(text: &str) -> usize {
    if text.contains('\u{1b}') { anstream::adapter::strip_str(text).to_string().width() } else { text.width() }
}

/// Text in lines of at most `width` cells, each with `indent` spaces in front, without an end of line after the last.
/// Line breaks in the text stay.
pub fn wrap(text: &str, width: usize, indent: usize) -> String {
    let space = " ".repeat(indent);
    let lines: Vec<String> = wrap_lines(text, width.saturating_sub(indent))
        .into_iter()
        .map(|line| if line.is_empty() { line } else { format!("{space}{line}") })
        .collect();
    lines.join("\n")
}

/// Text in lines of at most `width` cells. A word that is longer is cut.
pub fn wrap_lines(text: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    text.lines().flat_map(|line| wrap_paragraph(line, width)).collect()
}

fn wrap_paragraph(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        for (number, piece) in pieces(word, width).iter().enumerate() {
            let fits = number == 0 && display_width(&line) + 1 + display_width(piece) <= width;
            if !line.is_empty() && !fits {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(piece);
        }
    }
    lines.push(line);
    lines
}

/// Text in one line of at most `width` cells; where something had to be left out, `sign` stands for it.
pub fn cut(text: &str, width: usize, sign: &str) -> String {
    let text = text.replace(['\r', '\n', '\t'], " ");
    if display_width(&text) <= width {
        return text;
    }
    let Some(room) = width.checked_sub(display_width(sign)) else { return String::new() };
    let mut kept = String::new();
    for character in text.chars() {
        let mut bytes = [0; 4];
        if display_width(&kept) + display_width(character.encode_utf8(&mut bytes)) > room {
            break;
        }
        kept.push(character);
    }
    kept.trim_end().to_owned() + sign
}

/// A word in pieces that fit; one piece if it fits as it is. Coloured words are left whole: a colour must not be cut.
fn pieces(word: &str, width: usize) -> Vec<String> {
    if display_width(word) <= width || word.contains('\u{1b}') {
        return vec![word.to_owned()];
    }
    let mut pieces = vec![String::new()];
    for character in word.chars() {
        let mut bytes = [0; 4];
        let text: &str = character.encode_utf8(&mut bytes);
        let full = pieces.last().is_some_and(|piece| !piece.is_empty() && piece.width() + text.width() > width);
        if full {
            pieces.push(String::new());
        }
        if let Some(piece) = pieces.last_mut() {
            piece.push(character);
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_under_each_other_whatever_the_characters() {
        let table = Table::new(["NAME", "STATE", "N"])
            .right(2)
            .row(["server", "\u{1b}[32mready\u{1b}[0m", "1"])
            .row(["数据库", "ok", "12"])
            .row(["x"]);
        assert_eq!(table.render(80), "NAME    STATE   N\nserver  \u{1b}[32mready\u{1b}[0m   1\n数据库  ok     12\nx\n");
    }

    #[test]
    fn wide_cells_are_wrapped_in_their_column() {
        let table = Table::new(["NAME", "WHAT"]).row(["server", "the API and the dashboard"]).row(["x", "y"]).indent(2);
        assert_eq!(table.render(24), "  NAME    WHAT\n  server  the API and\n          the dashboard\n  x       y\n");
    }

    #[test]
    fn no_line_is_wider_than_asked_even_with_endless_words() {
        let table = Table::new(["A", "B", "C"]).row(["a".repeat(40), "b b b b b b b b b".to_owned(), "c".repeat(30)]);
        for width in [30, 40, 60, 80, 120] {
            let drawn = table.render(width);
            assert!(drawn.lines().all(|line| display_width(line) <= width), "{width}:\n{drawn}");
            assert!(drawn.lines().all(|line| !line.ends_with(' ')));
            assert_eq!(drawn.matches('a').count(), 40);
        }
    }

    #[test]
    fn a_header_of_empty_texts_is_not_drawn() {
        assert_eq!(Table::new(["", ""]).row(["a", "b"]).render(80), "a  b\n");
        assert_eq!(Table::new(Vec::<String>::new()).row(["a", "b"]).render(80), "a  b\n");
        assert_eq!(Table::new(["NAME"]).render(80), "NAME\n");
    }

    #[test]
    fn addresses_stay_whole_and_notes_stand_under_their_rows() {
        let table = Table::new(["NAME", "WHERE"])
            .whole(1)
            .row(["a long name of a server", "http://127.0.0.1:8237"])
            .note("its port is taken")
            .row(["x", "y"]);
        assert_eq!(
            table.render(34),
            "NAME         WHERE\na long name  http://127.0.0.1:8237\nof a server\n    its port is taken\nx            y\n"
        );
    }

    #[test]
    fn what_is_cut_shows_that_it_is() {
        assert_eq!(cut("one two", 7, "..."), "one two");
        assert_eq!(cut("one\ntwo", 7, "..."), "one two");
        assert_eq!(cut("one two three", 8, "..."), "one t...");
        assert_eq!(cut("数据库", 5, "…"), "数据…");
        assert_eq!(cut("abc", 2, "..."), "");
    }

    #[test]
    fn text_is_wrapped_at_words_and_keeps_its_line_breaks() {
        let table: &[(&str, usize, usize, &str)] = &[
            ("one two three", 8, 0, "one two\nthree"),
            ("one two three", 10, 2, "  one two\n  three"),
            ("one\n\ntwo", 10, 2, "  one\n\n  two"),
            ("abcdefghij k", 4, 0, "abcd\nefgh\nij k"),
            ("a abcdefgh", 4, 0, "a\nabcd\nefgh"),
            ("", 10, 2, ""),
            ("数据库 数据", 6, 0, "数据库\n数据"),
        ];
        for (text, width, indent, expected) in table {
            assert_eq!(wrap(text, *width, *indent), *expected, "{text:?} at {width}");
        }
    }

    proptest::proptest! {
        #[test]
        fn wrapping_loses_nothing_and_keeps_the_width(text in "[a-z ]{0,60}", width in 1_usize..20) {
            let wrapped = wrap(&text, width, 0);
            let letters = |text: &str| text.split_whitespace().collect::<String>();
            proptest::prop_assert_eq!(letters(&wrapped), letters(&text));
            proptest::prop_assert!(wrapped.lines().all(|line| display_width(line) <= width));
        }
    }
}
