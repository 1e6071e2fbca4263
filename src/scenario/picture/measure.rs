//! How wide a text will be, without a font at hand.
//!
//! The picture names a stack of system fonts. The widths here are those of DejaVu Sans, the widest of them, so a text
//! that fits by this estimate fits in all.

/// A size and weight of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Face {
    /// In user units of the picture.
    pub(super) size: i32,
    pub(super) bold: bool,
    pub(super) mono: bool,
}

impl Face {
    pub(super) const fn plain(size: i32) -> Self {
        Self { size, bold: false, mono: false }
    }

    pub(super) const fn bold(size: i32) -> Self {
        Self { size, bold: true, mono: false }
    }

    pub(super) const fn mono(size: i32) -> Self {
        Self { size, bold: false, mono: true }
    }

    /// Width of a text, rounded up.
    pub(super) fn width(self, text: &str) -> i32 {
        let thousandths: i32 = text.chars().map(|character| self.advance(character)).sum();
        (thousandths * self.size + 999) / 1000
    }

    /// Advance of a character in thousandths of the size.
    fn advance(self, character: char) -> i32 {
        if self.mono {
            return 602;
        }
        let regular = match character {
            'i' | 'j' | 'l' | '\'' => 278,
            ' ' | ',' | '.' | ':' | ';' | '!' | '|' | 'I' | '·' => 338,
            'f' | 't' | 'r' | '(' | ')' | '[' | ']' | '-' | '/' => 412,
            's' | 'z' | 'c' | 'v' | 'x' | 'y' | 'k' => 592,
            'm' => 974,
            'w' => 818,
            'M' | 'W' | '@' | '%' | '→' | '…' => 1000,
            'A'..='Z' => 720,
            'a'..='z' | '0'..='9' => 636,
            character if character.is_ascii() => 838,
            // Ideographs and the like fill a square.
            _ => 1050,
        };
        if self.bold { regular * 113 / 100 } else { regular }
    }

    /// The text, or as much of it as fits, with an ellipsis.
    pub(super) fn fit(self, text: &str, width: i32) -> String {
        if self.width(text) <= width {
            return text.to_owned();
        }
        let mut kept = String::new();
        for character in text.chars() {
            let next = format!("{kept}{character}…");
            if self.width(&next) > width {
                break;
            }
            kept.push(character);
        }
        format!("{}…", kept.trim_end_matches([' ', ',', ';', '.']))
    }

    /// The text in at most `lines` lines; what does not fit gives way to an ellipsis.
    pub(super) fn wrap(self, text: &str, width: i32, lines: usize) -> Vec<String> {
        let mut wrapped = vec![String::new()];
        for word in text.split_whitespace() {
            let full = wrapped.len();
            let Some(last) = wrapped.last_mut() else { break };
            let joined = if last.is_empty() { word.to_owned() } else { format!("{last} {word}") };
            // On the last line all the rest is gathered, and cut below.
            if self.width(&joined) <= width || last.is_empty() || full == lines {
                *last = joined;
            } else {
                wrapped.push(word.to_owned());
            }
        }
        wrapped.into_iter().map(|line| self.fit(&line, width)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wider_letters_and_heavier_faces_take_more_room() {
        let plain = Face::plain(10);
        assert!(plain.width("mmm") > plain.width("nnn") && plain.width("nnn") > plain.width("iii"));
        assert!(Face::bold(10).width("server") > plain.width("server"));
        assert!(Face::plain(20).width("server") > plain.width("server"));
        assert_eq!(plain.width(""), 0);
    }

    #[test]
    fn what_does_not_fit_is_cut_where_it_shows() {
        let face = Face::plain(10);
        assert_eq!(face.fit("short", 100), "short");
        let cut = face.fit("a rather long text, that is", 60);
        assert!(cut.ends_with('…') && face.width(&cut) <= 60, "{cut}");
        let wrapped = face.wrap("one two three four five six seven", 70, 2);
        assert_eq!(wrapped.len(), 2);
        assert!(wrapped[1].ends_with('…') && wrapped.iter().all(|line| face.width(line) <= 70), "{wrapped:?}");
        assert_eq!(face.wrap("one two", 200, 2), ["one two"]);
    }
}
