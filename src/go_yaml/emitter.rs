//! Puts scalars and indicators on paper, with libyaml's rules for quoting, folding and line breaks.

mod analysis;

use std::borrow::Cow;

use analysis::Analysis;

use super::base64::encode_lines;
use super::character::{is_blank, is_blank_or_end, is_break, width};
use super::resolve::{Resolved, Version, resolve};

/// Columns of one level.
const INDENT: usize = 2;

/// Column behind which `toYaml` folds lines; `toYamlPretty` never does.
const BEST_WIDTH: usize = 80;

pub(super) struct Emitter {
    pub out: Vec<u8>,
    version: Version,
    best_width: usize,
    column: usize,
    /// Nothing before the first collection.
    indent: Option<usize>,
    indents: Vec<Option<usize>>,
    /// Whether the last character was a blank, or none was written.
    is_after_blank: bool,
    /// Whether the line holds nothing but indentation and the indicators that count as such.
    is_in_indentation: bool,
}

/// What a node is to the collection that it is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Context {
    Root,
    Item,
    MappingValue,
    /// A key before its `:`.
    SimpleKey,
    /// A key after `?`.
    ExplicitKey,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ScalarStyle {
    Plain,
    SingleQuoted,
    DoubleQuoted,
    Literal,
}

impl Emitter {
    pub(super) fn new(version: Version) -> Self {
        Self {
            out: Vec::new(),
            version,
            best_width: if version == Version::V2 { BEST_WIDTH } else { usize::MAX },
            column: 0,
            indent: None,
            indents: Vec::new(),
            is_after_blank: true,
            is_in_indentation: true,
        }
    }

    pub(super) fn version(&self) -> Version {
        self.version
    }

    /// Ends the document.
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.write_indent();
        self.out
    }

    pub(super) fn open_list(&mut self, context: Context) {
        let is_indentless = self.version == Version::V2 && context == Context::MappingValue && !self.is_in_indentation;
        self.increase_indent(false, is_indentless);
    }

    pub(super) fn open_dict(&mut self) {
        self.increase_indent(false, false);
    }

    pub(super) fn close(&mut self) {
        self.indent = self.indents.pop().flatten();
    }

    pub(super) fn item(&mut self) {
        self.write_indent();
        self.write_indicator(b"-", true, true);
    }

    pub(super) fn empty(&mut self, brackets: [u8; 2]) {
        self.write_indicator(&brackets[..1], true, false);
        self.is_after_blank = true;
        self.write_indicator(&brackets[1..], false, false);
    }

    /// A key with its `:`.
    pub(super) fn key(&mut self, text: &[u8]) {
        self.write_indent();
        let scalar = Scalar::of(text, self.version);
        let is_simple = !scalar.analysis.is_multiline && scalar.length() <= 128;
        if is_simple {
            self.scalar(&scalar, Context::SimpleKey);
            self.write_indicator(b":", false, false);
        } else {
            self.write_indicator(b"?", true, true);
            self.scalar(&scalar, Context::ExplicitKey);
            self.write_indent();
            self.write_indicator(b":", true, true);
        }
    }

    pub(super) fn string(&mut self, text: &[u8], context: Context) {
        let scalar = Scalar::of(text, self.version);
        self.scalar(&scalar, context);
    }

    /// A scalar that needs no quotes: a number, a boolean, null.
    pub(super) fn bare(&mut self, text: &[u8]) {
        if !self.is_after_blank {
            self.put(b' ');
        }
        self.out.extend_from_slice(text);
        self.column += text.len();
        self.is_after_blank = false;
        self.is_in_indentation = false;
    }

    fn scalar(&mut self, scalar: &Scalar<'_>, context: Context) {
        if scalar.is_binary {
            if !self.is_after_blank {
                self.put(b' ');
            }
            self.write_ascii(b"!!binary");
            self.is_after_blank = false;
            self.is_in_indentation = false;
        }
        self.increase_indent(true, false);
        let may_break = context != Context::SimpleKey;
        let text = &*scalar.text;
        match scalar.style(context) {
            ScalarStyle::Plain => self.write_plain(text, may_break),
            ScalarStyle::SingleQuoted => self.write_single_quoted(text, may_break),
            ScalarStyle::DoubleQuoted => self.write_double_quoted(text, may_break),
            ScalarStyle::Literal => self.write_literal(text),
        }
        self.close();
    }

    fn increase_indent(&mut self, is_flow: bool, is_indentless: bool) {
        self.indents.push(self.indent);
        self.indent = match self.indent {
            None if is_flow => Some(INDENT),
            None => Some(0),
            Some(indent) if is_indentless => Some(indent),
            Some(indent) => Some(indent + INDENT),
        };
    }

    fn put(&mut self, byte: u8) {
        self.out.push(byte);
        self.column += 1;
    }

    fn put_break(&mut self) {
        self.out.push(b'\n');
        self.column = 0;
        self.is_in_indentation |= self.version == Version::V3;
    }

    fn write_ascii(&mut self, text: &[u8]) {
        self.out.extend_from_slice(text);
        self.column += text.len();
    }

    /// One character. Gives its length.
    fn write_character(&mut self, text: &[u8]) -> usize {
        let length = width(text[0]).min(text.len());
        self.out.extend_from_slice(&text[..length]);
        self.column += 1;
        length
    }

    /// One line break of any kind. Gives its length.
    fn write_break(&mut self, text: &[u8]) -> usize {
        if text[0] == b'\n' {
            self.put_break();
            return 1;
        }
        let length = self.write_character(text);
        self.column = 0;
        self.is_in_indentation |= self.version == Version::V3;
        length
    }

    fn write_indent(&mut self) {
        let indent = self.indent.unwrap_or(0);
        if !self.is_in_indentation || self.column > indent || (self.column == indent && !self.is_after_blank) {
            self.put_break();
        }
        if self.column < indent {
            let missing = indent - self.column;
            self.out.extend(std::iter::repeat_n(b' ', missing));
            self.column = indent;
        }
        self.is_after_blank = true;
        self.is_in_indentation = true;
    }

    fn write_indicator(&mut self, indicator: &[u8], needs_blank: bool, is_indentation: bool) {
        if needs_blank && !self.is_after_blank {
            self.put(b' ');
        }
        self.write_ascii(indicator);
        self.is_after_blank = false;
        self.is_in_indentation &= is_indentation;
    }

    fn write_plain(&mut self, text: &[u8], may_break: bool) {
        if !self.is_after_blank {
            self.put(b' ');
        }
        // Breaks never come here: texts with any are quoted.
        if text.is_ascii() && (!may_break || self.column + text.len() <= self.best_width) {
            self.write_ascii(text);
        } else {
            self.write_folded(text, may_break, false);
        }
        self.is_after_blank = false;
        self.is_in_indentation = false;
    }

    fn write_single_quoted(&mut self, text: &[u8], may_break: bool) {
        self.write_indicator(b"'", true, false);
        self.write_folded(text, may_break, true);
        self.write_indicator(b"'", false, false);
        self.is_after_blank = false;
        self.is_in_indentation = false;
    }

    /// The content of plain and single quoted scalars.
    fn write_folded(&mut self, text: &[u8], may_break: bool, is_quoted: bool) {
        let mut is_after_space = false;
        let mut is_after_break = false;
        let mut at = 0;
        while at < text.len() {
            let rest = &text[at..];
            if rest[0] == b' ' {
                let is_inner = !is_quoted || (at > 0 && at < text.len() - 1);
                let is_last = rest.get(1) != Some(&b' ');
                if may_break && !is_after_space && self.column > self.best_width && is_inner && is_last {
                    self.write_indent();
                } else {
                    self.put(b' ');
                }
                at += 1;
                is_after_space = true;
            } else if is_break(rest) {
                if !is_after_break && rest[0] == b'\n' {
                    self.put_break();
                }
                at += self.write_break(rest);
                self.is_in_indentation = true;
                is_after_break = true;
            } else {
                if is_after_break {
                    self.write_indent();
                }
                if is_quoted && rest[0] == b'\'' {
                    self.put(b'\'');
                }
                at += self.write_character(rest);
                self.is_in_indentation = false;
                is_after_space = false;
                is_after_break = false;
            }
        }
    }

    fn write_double_quoted(&mut self, text: &[u8], may_break: bool) {
        self.write_indicator(b"\"", true, false);
        let mut is_after_space = false;
        // libyaml looks for a byte order mark at the beginning, wherever it is: all is escaped behind one.
        let is_marked = text.starts_with(b"\xEF\xBB\xBF");
        let mut at = 0;
        while at < text.len() {
            let rest = &text[at..];
            let must_escape =
                is_marked || !analysis::is_printable(rest) || is_break(rest) || matches!(rest[0], b'"' | b'\\');
            if must_escape {
                at += self.write_escaped(rest);
                is_after_space = false;
            } else if rest[0] == b' ' {
                let is_inner = at > 0 && at < text.len() - 1;
                if may_break && !is_after_space && self.column > self.best_width && is_inner {
                    self.write_indent();
                    if rest[1] == b' ' {
                        self.put(b'\\');
                    }
                } else {
                    self.put(b' ');
                }
                at += 1;
                is_after_space = true;
            } else {
                at += self.write_character(rest);
                is_after_space = false;
            }
        }
        self.write_indicator(b"\"", false, false);
        self.is_after_blank = false;
        self.is_in_indentation = false;
    }

    /// The first character as an escape. Gives its length in the text.
    fn write_escaped(&mut self, text: &[u8]) -> usize {
        let length = width(text[0]).min(text.len());
        let character = std::str::from_utf8(&text[..length]).ok().and_then(|text| text.chars().next());
        let character = character.unwrap_or('\u{FFFD}');
        let escape = match character {
            '\0' => Cow::Borrowed("\\0"),
            '\x07' => Cow::Borrowed("\\a"),
            '\x08' => Cow::Borrowed("\\b"),
            '\t' => Cow::Borrowed("\\t"),
            '\n' => Cow::Borrowed("\\n"),
            '\x0B' => Cow::Borrowed("\\v"),
            '\x0C' => Cow::Borrowed("\\f"),
            '\r' => Cow::Borrowed("\\r"),
            '\x1B' => Cow::Borrowed("\\e"),
            '"' => Cow::Borrowed("\\\""),
            '\\' => Cow::Borrowed("\\\\"),
            '\u{85}' => Cow::Borrowed("\\N"),
            '\u{A0}' => Cow::Borrowed("\\_"),
            '\u{2028}' => Cow::Borrowed("\\L"),
            '\u{2029}' => Cow::Borrowed("\\P"),
            '\0'..='\u{FF}' => Cow::Owned(format!("\\x{:02X}", u32::from(character))),
            '\0'..='\u{FFFF}' => Cow::Owned(format!("\\u{:04X}", u32::from(character))),
            _ => Cow::Owned(format!("\\U{:08X}", u32::from(character))),
        };
        self.write_ascii(escape.as_bytes());
        length
    }

    fn write_literal(&mut self, text: &[u8]) {
        self.write_indicator(b"|", true, false);
        if text[0] == b' ' || is_break(text) {
            self.write_indicator(b"2", false, false);
        }
        if let Some(chomping) = chomping(text) {
            self.write_indicator(&[chomping], false, false);
        }
        self.put_break();
        self.is_in_indentation = true;
        self.is_after_blank = true;
        let mut is_after_break = true;
        let mut at = 0;
        while at < text.len() {
            let rest = &text[at..];
            if is_break(rest) {
                at += self.write_break(rest);
                self.is_in_indentation = true;
                is_after_break = true;
            } else {
                if is_after_break {
                    self.write_indent();
                }
                let ascii = rest.iter().take_while(|&&byte| byte.is_ascii() && byte != b'\n' && byte != b'\r').count();
                if ascii > 0 {
                    self.write_ascii(&rest[..ascii]);
                    at += ascii;
                } else {
                    at += self.write_character(rest);
                }
                self.is_in_indentation = false;
                is_after_break = false;
            }
        }
    }
}

/// `-` for a text without a line break at the end, `+` for one with several.
fn chomping(text: &[u8]) -> Option<u8> {
    let last = last_character(text);
    if !is_break(&text[last..]) {
        return Some(b'-');
    }
    let before = &text[..last];
    (before.is_empty() || is_break(&text[last_character(before)..])).then_some(b'+')
}

fn last_character(text: &[u8]) -> usize {
    text.iter().rposition(|byte| byte & 0xC0 != 0x80).unwrap_or(0)
}

/// A string with what decides how it is written.
struct Scalar<'t> {
    text: Cow<'t, [u8]>,
    is_binary: bool,
    analysis: Analysis,
    wanted: ScalarStyle,
}

impl<'t> Scalar<'t> {
    fn of(text: &'t [u8], version: Version) -> Self {
        if std::str::from_utf8(text).is_err() {
            let text = encode_lines(text).into_bytes();
            let analysis = Analysis::of(&text, version);
            let wanted = if text.contains(&b'\n') { ScalarStyle::Literal } else { ScalarStyle::Plain };
            return Self { text: Cow::Owned(text), is_binary: true, analysis, wanted };
        }
        let analysis = Analysis::of(text, version);
        let wanted = if analysis.is_multiline && text.contains(&b'\n') {
            ScalarStyle::Literal
        } else if can_be_plain(text, version) {
            ScalarStyle::Plain
        } else {
            ScalarStyle::DoubleQuoted
        };
        Self { text: Cow::Borrowed(text), is_binary: false, analysis, wanted }
    }

    fn length(&self) -> usize {
        self.text.len() + if self.is_binary { "!!binary".len() } else { 0 }
    }

    fn style(&self, context: Context) -> ScalarStyle {
        let is_key = context == Context::SimpleKey;
        let mut style = self.wanted;
        if is_key && self.analysis.is_multiline {
            style = ScalarStyle::DoubleQuoted;
        }
        if style == ScalarStyle::Plain && (!self.analysis.allows_plain || (self.text.is_empty() && is_key)) {
            style = ScalarStyle::SingleQuoted;
        }
        if style == ScalarStyle::SingleQuoted && !self.analysis.allows_single_quotes {
            style = ScalarStyle::DoubleQuoted;
        }
        if style == ScalarStyle::Literal && (!self.analysis.allows_block || is_key) {
            style = ScalarStyle::DoubleQuoted;
        }
        style
    }
}

/// Whether a string without quotes would be read as a string again.
fn can_be_plain(text: &[u8], version: Version) -> bool {
    let is_old_bool = || {
        matches!(
            text,
            b"y" | b"Y"
                | b"yes"
                | b"Yes"
                | b"YES"
                | b"on"
                | b"On"
                | b"ON"
                | b"n"
                | b"N"
                | b"no"
                | b"No"
                | b"NO"
                | b"off"
                | b"Off"
                | b"OFF"
        )
    };
    resolve(text, version) == Resolved::String && !is_base_60(text) && !(version == Version::V3 && is_old_bool())
}

/// Numbers of YAML 1.1 like `1:30`. Not read as such, but quoted for those who do.
fn is_base_60(text: &[u8]) -> bool {
    let unsigned = text.strip_prefix(b"+").or_else(|| text.strip_prefix(b"-")).unwrap_or(text);
    if !unsigned.first().is_some_and(u8::is_ascii_digit) {
        return false;
    }
    let whole = unsigned.iter().take_while(|&&byte| byte.is_ascii_digit() || byte == b'_').count();
    let mut rest = &unsigned[whole..];
    let mut has_part = false;
    while let Some(part) = rest.strip_prefix(b":") {
        rest = match part {
            [b'0'..=b'5', digit, after @ ..] if digit.is_ascii_digit() => after,
            [digit, after @ ..] if digit.is_ascii_digit() => after,
            _ => return false,
        };
        has_part = true;
    }
    let is_fraction = |bytes: &[u8]| bytes.iter().all(|&byte| byte.is_ascii_digit() || byte == b'_');
    has_part && (rest.is_empty() || rest.strip_prefix(b".").is_some_and(is_fraction))
}
