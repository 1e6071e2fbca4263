//! Cuts a text into documents as Kubernetes' `YAMLReader` does, with which Helm reads values files.

use std::borrow::Cow;

/// A document of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section<'t> {
    /// With line breaks as `\n`, ended by one.
    pub text: Cow<'t, [u8]>,
    /// Its first line in the whole text, from 1.
    pub line: usize,
}

/// A line that begins with `---` and goes on with something else than a comment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid Yaml document separator: {rest}")]
pub struct SeparatorError {
    rest: String,
    /// From 1.
    pub line: usize,
}

/// The documents of a text, one after the other. A separator belongs to a document only where nothing came before it.
#[derive(Debug)]
pub struct Sections<'t> {
    rest: &'t [u8],
    line: usize,
    is_broken: bool,
}

/// Begins to cut a text.
pub fn sections(text: &[u8]) -> Sections<'_> {
    Sections { rest: text, line: 1, is_broken: false }
}

impl<'t> Iterator for Sections<'t> {
    type Item = Result<Section<'t>, SeparatorError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_broken {
            return None;
        }
        let (start, first_line) = (self.rest, self.line);
        let mut length = 0;
        while !self.rest.is_empty() {
            let line_length = self.rest.iter().position(|&byte| byte == b'\n').map_or(self.rest.len(), |at| at + 1);
            let (line, rest) = self.rest.split_at(line_length);
            let is_separator = line.starts_with(b"---");
            if is_separator && let Some(error) = self.check_separator(line) {
                self.is_broken = true;
                return Some(Err(error));
            }
            self.rest = rest;
            self.line += 1;
            if is_separator && length > 0 {
                break;
            }
            length += line_length;
        }
        (length > 0).then(|| Ok(Section { text: normalized(&start[..length]), line: first_line }))
    }
}

impl Sections<'_> {
    fn check_separator(&self, line: &[u8]) -> Option<SeparatorError> {
        let rest = String::from_utf8_lossy(&line[3..]);
        let rest = rest.trim();
        (!rest.is_empty() && !rest.starts_with('#')).then(|| SeparatorError { rest: rest.to_owned(), line: self.line })
    }
}

fn normalized(text: &[u8]) -> Cow<'_, [u8]> {
    let has_returns = text.windows(2).any(|pair| pair == b"\r\n");
    if !has_returns && text.ends_with(b"\n") {
        return Cow::Borrowed(text);
    }
    let mut lines = Vec::with_capacity(text.len() + 1);
    for line in text.split_inclusive(|&byte| byte == b'\n') {
        let content = line.strip_suffix(b"\r\n").or_else(|| line.strip_suffix(b"\n")).unwrap_or(line);
        lines.extend_from_slice(content);
        lines.push(b'\n');
    }
    Cow::Owned(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        sections(text.as_bytes())
            .map(|section| {
                section.map_or_else(
                    |error| error.to_string(),
                    |section| String::from_utf8_lossy(&section.text).into_owned(),
                )
            })
            .collect()
    }

    #[test]
    fn documents_are_cut_at_separators() {
        let cases: [(&str, &[&str]); 7] = [
            ("", &[]),
            ("a: 1\n---\nb: 2\n", &["a: 1\n", "b: 2\n"]),
            ("---\na: 1\n--- # x\nb: 2\n", &["---\na: 1\n", "b: 2\n"]),
            ("a\n---\n---\nb\n", &["a\n", "---\nb\n"]),
            ("a\r\n---\r\nb", &["a\n", "b\n"]),
            ("a\n---b\nc\n", &["invalid Yaml document separator: b"]),
            ("\n", &["\n"]),
        ];
        for (text, expected) in cases {
            assert_eq!(texts(text), expected, "{text:?}");
        }
    }
}
