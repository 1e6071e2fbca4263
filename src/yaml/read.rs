//! From text to [`Node`]s.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use indexmap::IndexMap;
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;

use super::node::{Entry, Node, Value};
use crate::diagnostics::{Code, Diagnostic, Origin, SourceText, Span, codes};

/// A deployment file is written by a person; a megabyte is more than anyone writes.
pub const MAX_FILE_BYTES: u64 = 1 << 20;

/// Reads a file as text, with errors that say what is wrong with it. The size is asked before anything is read.
pub fn read_file(path: &Path) -> Result<Arc<SourceText>, Diagnostic> {
    let name = path.display().to_string();
    let unreadable = |cause: String, next: &str| {
        Diagnostic::error(codes::FILE_UNREADABLE, format!("cannot read {name}"))
            .at(std::path::absolute(path).map_or_else(|_| name.clone(), |path| path.display().to_string()))
            .cause(cause)
            .changed("nothing was changed")
            .next(next)
    };
    let refused = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::PermissionDenied => {
            unreadable(error.to_string(), "correct its permissions, or run as a user who may read it")
                .with_code(codes::RUN_NO_PERMISSION)
        }
        _ => unreadable(error.to_string(), "name another file with `-f FILE`, or write one with `deploy init`"),
    };
    let too_large = |size: String| {
        unreadable(
            format!("it has {size}; a file may have {MAX_FILE_BYTES} bytes"),
            "check that the path names the file you meant",
        )
    };
    let metadata = std::fs::metadata(path).map_err(refused)?;
    if metadata.is_dir() {
        return Err(unreadable("it is a folder".to_owned(), "name a file in it"));
    }
    if metadata.len() > MAX_FILE_BYTES {
        return Err(too_large(format!("{} bytes", metadata.len())));
    }
    // A pipe has no size of its own, so the limit is kept while reading too.
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(refused)?;
    std::io::Read::read_to_end(&mut std::io::Read::take(file, MAX_FILE_BYTES + 1), &mut bytes).map_err(refused)?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(too_large("no end in sight".to_owned()));
    }
    source_from_bytes(&name, bytes)
}

/// Text from bytes that should be UTF-8.
pub fn source_from_bytes(name: &str, bytes: Vec<u8>) -> Result<Arc<SourceText>, Diagnostic> {
    let not_text = |at: usize, byte: u8| {
        Diagnostic::error(codes::FILE_NOT_TEXT, format!("{name} is not text"))
            .at(name)
            .cause(format!("byte {at} (0x{byte:02x}) is not UTF-8 text"))
            .changed("nothing was changed")
            .next("check that the path names the file you meant")
    };
    match String::from_utf8(bytes) {
        Ok(text) => match text.bytes().position(|byte| byte == 0) {
            Some(at) => Err(not_text(at, 0)),
            None => Ok(SourceText::new(name, text.strip_prefix('\u{feff}').unwrap_or(&text))),
        },
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            Err(not_text(at, error.as_bytes().get(at).copied().unwrap_or_default()))
        }
    }
}

/// Parses one YAML document. An empty one gives an error of its own.
pub fn parse(source: &Arc<SourceText>) -> Result<Node, Diagnostic> {
    if is_blank(&source.text) {
        return Err(Diagnostic::error(codes::FILE_EMPTY, format!("{} is empty", source.name))
            .at(&source.name)
            .cause("it holds nothing but white space and comments")
            .changed("nothing was changed")
            .next("write `name:` and `scenario:` into it, or let `deploy init` write the file"));
    }
    let options = serde_saphyr::options! { emit_comments: false };
    serde_saphyr::from_str_with_options::<Spanned<Raw>>(&source.text, options)
        .map(|raw| attach(raw, source))
        .map_err(|error| syntax_error(&error, source))
}

fn is_blank(text: &str) -> bool {
    text.lines().map(str::trim).all(|line| line.is_empty() || line.starts_with('#') || line == "---" || line == "...")
}

fn syntax_error(error: &serde_saphyr::Error, source: &Arc<SourceText>) -> Diagnostic {
    let full = error.to_string();
    let message = full.lines().next().unwrap_or_default().trim_start_matches("error: ");
    let location = error.location().map(|at| ((at.line() as usize).max(1), (at.column() as usize).max(1)));
    let message = match location {
        Some((line, column)) => message.trim_start_matches(&format!("line {line} column {column}: ")),
        None => message,
    };
    let said = in_words_of_users(&full, message);
    let title = if said.code == codes::FILE_TOO_DEEP { "asks for too much" } else { "is not valid YAML" };
    let mut diagnostic =
        Diagnostic::error(said.code, format!("{} {title}", source.name)).changed("nothing was changed");
    if let Some((line, column)) = location {
        diagnostic = diagnostic.origin(&place(source, line, column), said.cause.clone());
        if let Some(first) = said.key.as_ref().and_then(|key| first_line_of_key(source, key, line, column)) {
            diagnostic = diagnostic.origin(&place(source, first, column), "it stands here for the first time");
        }
        if source.text.lines().nth(line - 1).is_some_and(|text| text.trim_start_matches(' ').starts_with('\t')) {
            diagnostic = diagnostic.note("the line is indented with a tab; YAML takes spaces only");
        }
    }
    diagnostic.cause(said.cause).next(said.next)
}

fn place(source: &Arc<SourceText>, line: usize, column: usize) -> Origin {
    let start = source.offset(line, column);
    Origin::Text { source: Arc::clone(source), span: Span::new(start, next_boundary(&source.text, start)) }
}

/// A syntax error without the parts that speak to programmers of the parser.
struct Said {
    code: Code,
    cause: String,
    next: &'static str,
    /// The key that stands twice.
    key: Option<String>,
}

fn in_words_of_users(full: &str, message: &str) -> Said {
    let said = |code, cause: &str, next| Said { code, cause: cause.to_owned(), next, key: None };
    if full.contains("budget") || full.contains("limit") {
        return said(codes::FILE_TOO_DEEP, message, "write it out with fewer aliases and levels");
    }
    if let Some(rest) = message.strip_prefix("duplicate mapping key: ") {
        let key = rest.split(", set ").next().unwrap_or(rest).to_owned();
        let cause = format!("the key `{key}` stands twice in one map");
        return Said { code: codes::FILE_SYNTAX, cause, next: "keep one of the two", key: Some(key) };
    }
    if message.starts_with("multiple YAML documents") {
        let next = "keep one document; further layers go into files of their own: `-f one.yaml -f two.yaml`";
        return said(codes::FILE_SYNTAX, "a second document begins here, and only one is read", next);
    }
    said(codes::FILE_SYNTAX, message, "mend the marked place")
}

/// The nearest earlier line with the same key in the same column, without a shallower line in between.
fn first_line_of_key(source: &SourceText, key: &str, line: usize, column: usize) -> Option<usize> {
    let earlier: Vec<&str> = source.text.lines().take(line - 1).collect();
    let of_this_map = |text: &&str| text.trim().is_empty() || text.len() - text.trim_start().len() >= column - 1;
    let found = earlier.iter().rev().take_while(|text| of_this_map(text)).position(|text| {
        text.len() - text.trim_start().len() == column - 1
            && text.trim_start().strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with(':'))
    })?;
    Some(line - 1 - found)
}

fn next_boundary(text: &str, start: usize) -> usize {
    text[start..].chars().next().map_or(start, |c| start + if c == '\n' { 0 } else { c.len_utf8() })
}

/// A value as the parser gives it, before places are attached.
enum Raw {
    Null,
    Bool(bool),
    Integer(i64),
    Float(f64),
    Text(String),
    List(Vec<Spanned<Raw>>),
    Map(Vec<(Spanned<String>, Spanned<Raw>)>),
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any YAML value")
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_none<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Raw, D::Error> {
        Raw::deserialize(deserializer)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Raw, E> {
        Ok(Raw::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Raw, E> {
        Ok(Raw::Integer(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Raw, E> {
        i64::try_from(value).map(Raw::Integer).map_err(|_| E::custom(format!("the number {value} is too large")))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Raw, E> {
        Ok(Raw::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Raw, E> {
        Ok(Raw::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Raw, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Raw::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Raw, A::Error> {
        let mut map = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            map.push(entry);
        }
        Ok(Raw::Map(map))
    }
}

fn attach(raw: Spanned<Raw>, source: &Arc<SourceText>) -> Node {
    let origin = origin_of(&raw.referenced, source);
    let value = match raw.value {
        Raw::Null => Value::Null,
        Raw::Bool(value) => Value::Bool(value),
        Raw::Integer(value) => Value::Integer(value),
        Raw::Float(value) => Value::Float(value),
        Raw::Text(text) => Value::Text(text),
        Raw::List(list) => Value::List(list.into_iter().map(|item| attach(item, source)).collect()),
        Raw::Map(entries) => Value::Map(
            entries
                .into_iter()
                .map(|(key, item)| {
                    let key_origin = origin_of(&key.referenced, source);
                    (key.value, Entry { key_origin, node: attach(item, source) })
                })
                .collect::<IndexMap<_, _>>(),
        ),
    };
    Node::new(value, origin)
}

/// The whole text of a scalar, or the first line of a list or map: what an arrow should point at.
fn origin_of(location: &serde_saphyr::Location, source: &Arc<SourceText>) -> Origin {
    let start = source.offset((location.line() as usize).max(1), (location.column() as usize).max(1));
    let length = location.span().byte_len().map_or(0, |length| length as usize);
    let mut end = (start + length).min(source.text.len());
    while !source.text.is_char_boundary(end) {
        end -= 1;
    }
    let marked = &source.text[start..end];
    let first_line = marked.lines().next().unwrap_or_default().trim_end();
    Origin::Text { source: Arc::clone(source), span: Span::new(start, start + first_line.len()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Node, Diagnostic> {
        parse(&SourceText::new("f.yaml", text))
    }

    #[test]
    fn places_of_keys_and_values() {
        let node = read("name: trial\nserver:\n  port: 8237\n  hosts: [a, \"b c\"]\n").unwrap();
        let place = |path: &str| node.get(path).unwrap().origin.to_string();
        assert_eq!(place("name"), "f.yaml:1:7");
        assert_eq!(place("server.port"), "f.yaml:3:9");
        assert_eq!(place("server.hosts.1"), "f.yaml:4:14");
        assert_eq!(node.get("server.port").unwrap().value, Value::Integer(8237));
        let Origin::Text { span, source } = &node.get("server.hosts.1").unwrap().origin else { panic!() };
        assert_eq!(&source.text[span.start..span.end], "\"b c\"");
        let server = &node.as_map().unwrap()["server"];
        assert_eq!(server.key_origin.to_string(), "f.yaml:2:1");
    }

    #[test]
    fn merge_keys_and_anchors_work() {
        let node = read("base: &b {port: 1, tls: true}\nserver:\n  <<: *b\n  port: 2\nother: *b\n").unwrap();
        assert_eq!(node.get("server.port").unwrap().value, Value::Integer(2));
        assert_eq!(node.get("server.tls").unwrap().value, Value::Bool(true));
        assert_eq!(node.get("other.port").unwrap().value, Value::Integer(1));
    }

    #[test]
    fn bad_files_say_what_is_wrong_and_where() {
        let code = |text: &str| read(text).unwrap_err().code;
        assert_eq!(code(""), codes::FILE_EMPTY);
        assert_eq!(code("# only a comment\n---\n"), codes::FILE_EMPTY);
        assert_eq!(code("a: [1, 2\n"), codes::FILE_SYNTAX);
        let twice = read("name: a\nname: b\n").unwrap_err();
        assert_eq!(twice.code, codes::FILE_SYNTAX);
        assert_eq!(twice.cause.as_deref(), Some("the key `name` stands twice in one map"));
        let first = &twice.labels[1];
        assert_eq!(first.source.line_column(first.span.start), (1, 1));
        let (line, _) = twice.labels[0].source.line_column(twice.labels[0].span.start);
        assert_eq!(line, 2);
        let tab = read("server:\n\tport: 1\n").unwrap_err();
        assert_eq!(tab.code, codes::FILE_SYNTAX);
        assert!(tab.notes[0].contains("tab"));
        assert_eq!(code("a: 1\n---\nb: 2\n"), codes::FILE_SYNTAX);
        assert_eq!(code("a: *nope\n"), codes::FILE_SYNTAX);
    }

    #[test]
    fn an_alias_bomb_is_refused() {
        let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for level in 1..9 {
            let before = level - 1;
            let refs = vec![format!("*a{before}"); 10].join(", ");
            text.push_str(&format!("a{level}: &a{level} [{refs}]\n"));
        }
        assert_eq!(read(&text).unwrap_err().code, codes::FILE_TOO_DEEP);
    }

    #[test]
    fn bytes_that_are_no_text_are_named() {
        assert_eq!(source_from_bytes("f", vec![b'a', 0xff]).unwrap_err().code, codes::FILE_NOT_TEXT);
        assert_eq!(source_from_bytes("f", vec![b'a', 0]).unwrap_err().code, codes::FILE_NOT_TEXT);
        assert_eq!(source_from_bytes("f", "\u{feff}a: 1".into()).unwrap().text, "a: 1");
    }
}
