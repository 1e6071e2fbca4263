//! Go's syntax of regular expressions (`regexp/syntax` with the flags of Perl), into the form that the automata are
//! built from.

use regex_syntax::hir::{Capture, Class, ClassUnicode, Dot, Hir, Look, Repetition};

use super::super::runes::decode;
use super::class::{class, folded, negated, perl_class, posix_class};
use super::names::unicode_class;
use super::problem::Problem;

/// Deeper nesting is refused.
const DEEPEST: usize = 1000;

/// Repetitions, multiplied through nested ones, up to here.
const MOST_REPEATS: u64 = 1000;

/// Instructions of Go's compiled form: 128 MB of forty bytes each.
const MOST_INSTRUCTIONS: u64 = (128 << 20) / 40;

/// An expression ready for building.
pub(super) struct Parsed {
    pub hir: Hir,
    /// The names of the groups, the whole match being the first.
    pub names: Vec<Option<Vec<u8>>>,
    /// How deep it is nested.
    pub height: usize,
}

pub(super) fn parse(pattern: &[u8]) -> Result<Parsed, Problem> {
    let mut parser = Parser {
        pattern,
        rest: pattern,
        flags: Flags::default(),
        groups: vec![Group::new(None, Flags::default())],
        names: vec![None],
        last_repeat: None,
    };
    let Node { hir, height, .. } = parser.run()?;
    Ok(Parsed { hir, names: parser.names, height })
}

#[derive(Debug, Clone, Copy, Default)]
struct Flags {
    folds_case: bool,
    is_multiline: bool,
    dot_is_any: bool,
    is_lazy: bool,
}

/// A piece of the expression, with the measures of Go's limits.
struct Node {
    hir: Hir,
    height: usize,
    size: u64,
    /// The most that nested counts multiply to.
    repeats: u64,
}

/// A parenthesis that is not closed yet, or the whole expression.
struct Group {
    /// The number of the group that it captures.
    capture: Option<usize>,
    /// Those that hold again after it.
    flags: Flags,
    alternatives: Vec<Node>,
    sequence: Vec<Node>,
}

struct Parser<'a> {
    pattern: &'a [u8],
    rest: &'a [u8],
    flags: Flags,
    /// Never empty: the first is the whole expression.
    groups: Vec<Group>,
    names: Vec<Option<Vec<u8>>>,
    /// Where the repetition operator right before this place began.
    last_repeat: Option<&'a [u8]>,
}

impl Node {
    fn leaf(hir: Hir) -> Self {
        Self { hir, height: 1, size: 1, repeats: 1 }
    }

    fn look(look: Look) -> Self {
        Self::leaf(Hir::look(look))
    }

    /// Several in a row, or as alternatives; `extra` is the size that Go adds.
    fn joined(nodes: Vec<Self>, extra: u64, join: fn(Vec<Hir>) -> Hir) -> Self {
        let height = 1 + nodes.iter().map(|node| node.height).max().unwrap_or(0);
        let size = nodes.iter().map(|node| node.size).sum::<u64>() + extra;
        let repeats = nodes.iter().map(|node| node.repeats).max().unwrap_or(1);
        Self { hir: join(nodes.into_iter().map(|node| node.hir).collect()), height, size: size.max(1), repeats }
    }
}

impl Group {
    fn new(capture: Option<usize>, flags: Flags) -> Self {
        Self { capture, flags, alternatives: Vec::new(), sequence: Vec::new() }
    }

    fn end_alternative(&mut self) {
        let mut sequence = std::mem::take(&mut self.sequence);
        let node = match sequence.len() {
            0 => Node::leaf(Hir::empty()),
            1 => sequence.remove(0),
            _ => Node::joined(sequence, 0, Hir::concat),
        };
        self.alternatives.push(node);
    }

    fn close(mut self) -> (Node, Flags) {
        self.end_alternative();
        let extra = self.alternatives.len() as u64 - 1;
        let mut node = match self.alternatives.len() {
            1 => self.alternatives.remove(0),
            _ => Node::joined(self.alternatives, extra, Hir::alternation),
        };
        if let Some(index) = self.capture {
            let capture = Capture { index: index as u32, name: None, sub: Box::new(node.hir) };
            node = Node { hir: Hir::capture(capture), height: node.height + 1, size: node.size + 2, ..node };
        }
        (node, self.flags)
    }
}

impl<'a> Parser<'a> {
    fn run(&mut self) -> Result<Node, Problem> {
        while let Some(&first) = self.rest.first() {
            let before = self.rest;
            let last_repeat = self.last_repeat.take();
            match first {
                b'(' if self.rest.get(1) == Some(&b'?') => self.flags_or_group()?,
                b'(' => {
                    self.names.push(None);
                    self.open(Some(self.names.len() - 1), 1);
                }
                b')' => self.close_group()?,
                b'|' => {
                    self.group().end_alternative();
                    self.skip(1);
                }
                b'*' | b'+' | b'?' => {
                    self.skip(1);
                    let (minimum, maximum) = match first {
                        b'*' => (0, None),
                        b'+' => (1, None),
                        _ => (0, Some(1)),
                    };
                    self.repeat(before, last_repeat, minimum, maximum, false)?;
                }
                b'{' => self.counted_repeat(before, last_repeat)?,
                b'[' => self.class()?,
                b'\\' => self.escape()?,
                b'^' | b'$' | b'.' => self.single(first)?,
                _ => {
                    let literal = self.rune()?;
                    self.literal(literal)?;
                }
            }
        }
        if self.groups.len() > 1 {
            return Err(Problem::new("missing closing )", self.pattern));
        }
        let whole = std::mem::replace(self.group(), Group::new(None, Flags::default()));
        let (node, _) = whole.close();
        self.check_limits(&node)?;
        Ok(node)
    }

    fn group(&mut self) -> &mut Group {
        let last = self.groups.len() - 1;
        &mut self.groups[last]
    }

    fn skip(&mut self, count: usize) {
        self.rest = &self.rest[count..];
    }

    /// What of `text` comes before the place that is read next.
    fn read_of(&self, text: &'a [u8]) -> &'a [u8] {
        &text[..text.len() - self.rest.len()]
    }

    fn rune(&mut self) -> Result<char, Problem> {
        let (rune, width) = decode(self.rest);
        if width <= 1 && !rune.is_ascii() {
            return Err(Problem::new("invalid UTF-8", self.rest));
        }
        self.skip(width);
        Ok(rune)
    }

    fn push(&mut self, node: Node) -> Result<(), Problem> {
        self.check_limits(&node)?;
        self.group().sequence.push(node);
        Ok(())
    }

    fn check_limits(&self, node: &Node) -> Result<(), Problem> {
        if node.size > MOST_INSTRUCTIONS {
            return Err(Problem::new("expression too large", self.pattern));
        }
        if node.height > DEEPEST {
            return Err(Problem::new("expression nests too deeply", self.pattern));
        }
        Ok(())
    }

    fn literal(&mut self, rune: char) -> Result<(), Problem> {
        let hir = if self.flags.folds_case {
            Hir::class(Class::Unicode(folded(class(&[(rune, rune)]))))
        } else {
            Hir::literal(rune.encode_utf8(&mut [0; 4]).as_bytes())
        };
        self.push(Node::leaf(hir))
    }

    fn class_node(&mut self, class: ClassUnicode) -> Result<(), Problem> {
        self.push(Node::leaf(Hir::class(Class::Unicode(class))))
    }

    fn single(&mut self, operator: u8) -> Result<(), Problem> {
        self.skip(1);
        self.push(match operator {
            b'^' => Node::look(if self.flags.is_multiline { Look::StartLF } else { Look::Start }),
            b'$' => Node::look(if self.flags.is_multiline { Look::EndLF } else { Look::End }),
            _ => Node::leaf(Hir::dot(if self.flags.dot_is_any { Dot::AnyChar } else { Dot::AnyCharExceptLF })),
        })
    }

    fn open(&mut self, capture: Option<usize>, length: usize) {
        self.groups.push(Group::new(capture, self.flags));
        self.skip(length);
    }

    fn close_group(&mut self) -> Result<(), Problem> {
        if self.groups.len() < 2 {
            return Err(Problem::new("unexpected )", self.pattern));
        }
        if let Some(group) = self.groups.pop() {
            let (node, flags) = group.close();
            self.flags = flags;
            self.push(node)?;
        }
        self.skip(1);
        Ok(())
    }

    /// `(?P<name>`, `(?<name>`, `(?i)`, `(?i:`.
    fn flags_or_group(&mut self) -> Result<(), Problem> {
        let start = self.rest;
        let is_named_as_python = start.len() > 4 && start[2..4] == *b"P<";
        if is_named_as_python || (start.len() > 3 && start[2] == b'<') {
            return self.named_group(if is_named_as_python { 4 } else { 3 });
        }
        self.skip(2);
        let mut flags = self.flags;
        let (mut value, mut has_flag) = (true, false);
        while !self.rest.is_empty() {
            match self.rune()? {
                'i' => flags.folds_case = value,
                'm' => flags.is_multiline = value,
                's' => flags.dot_is_any = value,
                'U' => flags.is_lazy = value,
                '-' if value => {
                    value = false;
                    has_flag = false;
                    continue;
                }
                end @ (':' | ')') if value || has_flag => {
                    if end == ':' {
                        self.open(None, 0);
                    }
                    self.flags = flags;
                    return Ok(());
                }
                _ => break,
            }
            has_flag = true;
        }
        Err(Problem::new("invalid or unsupported Perl syntax", self.read_of(start)))
    }

    fn named_group(&mut self, name_start: usize) -> Result<(), Problem> {
        let start = self.rest;
        let Some(end) = start.iter().position(|byte| *byte == b'>') else {
            check_utf8(start)?;
            return Err(Problem::new("invalid named capture", start));
        };
        let name = &start[name_start.min(end)..end];
        check_utf8(name)?;
        if name.is_empty() || !name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_') {
            return Err(Problem::new("invalid named capture", &start[..=end]));
        }
        self.names.push(Some(name.to_vec()));
        self.open(Some(self.names.len() - 1), end + 1);
        Ok(())
    }

    fn counted_repeat(&mut self, before: &'a [u8], last_repeat: Option<&'a [u8]>) -> Result<(), Problem> {
        let Some((minimum, maximum, length)) = counts(self.rest) else {
            self.skip(1);
            return self.literal('{');
        };
        self.skip(length);
        let is_fine = |count: u64| count <= MOST_REPEATS;
        if !is_fine(minimum) || maximum.is_some_and(|maximum| !is_fine(maximum) || minimum > maximum) {
            return Err(Problem::new("invalid repeat count", self.read_of(before)));
        }
        self.repeat(before, last_repeat, minimum as u32, maximum.map(|maximum| maximum as u32), true)
    }

    fn repeat(
        &mut self,
        before: &'a [u8],
        last_repeat: Option<&'a [u8]>,
        minimum: u32,
        maximum: Option<u32>,
        is_counted: bool,
    ) -> Result<(), Problem> {
        let mut is_greedy = !self.flags.is_lazy;
        if self.rest.first() == Some(&b'?') {
            self.skip(1);
            is_greedy = !is_greedy;
        }
        if let Some(last_repeat) = last_repeat {
            return Err(Problem::new("invalid nested repetition operator", self.read_of(last_repeat)));
        }
        let Some(operand) = self.group().sequence.pop() else {
            return Err(Problem::new("missing argument to repetition operator", self.read_of(before)));
        };
        let count = u64::from(maximum.unwrap_or(minimum));
        let size = match (maximum, minimum) {
            (None, 0) => operand.size + 2,
            (None, minimum) => 1 + u64::from(minimum) * operand.size,
            (Some(maximum), minimum) => u64::from(maximum) * operand.size + u64::from(maximum - minimum),
        };
        let repeats = match maximum {
            Some(0) => 1,
            _ if is_counted => operand.repeats * count.max(1),
            _ => operand.repeats,
        };
        let hir =
            Hir::repetition(Repetition { min: minimum, max: maximum, greedy: is_greedy, sub: Box::new(operand.hir) });
        let node = Node { hir, height: operand.height + 1, size: size.max(1), repeats };
        self.check_limits(&node)?;
        if is_counted && count >= 2 && repeats > MOST_REPEATS {
            return Err(Problem::new("invalid repeat count", self.read_of(before)));
        }
        self.last_repeat = Some(before);
        self.push(node)
    }

    fn escape(&mut self) -> Result<(), Problem> {
        let start = self.rest;
        let look = match start.get(1) {
            Some(b'A') => Look::Start,
            Some(b'z') => Look::End,
            Some(b'b') => Look::WordAscii,
            Some(b'B') => Look::WordAsciiNegate,
            Some(b'C') => return Err(Problem::new("invalid escape sequence", &start[..2])),
            Some(b'Q') => return self.quoted(),
            _ => {
                if let Some(class) = self.escaped_class()? {
                    return self.class_node(class);
                }
                let rune = self.escaped_rune()?;
                return self.literal(rune);
            }
        };
        self.skip(2);
        self.push(Node::look(look))
    }

    /// `\Q…\E`
    fn quoted(&mut self) -> Result<(), Problem> {
        self.skip(2);
        let (text, after) = match memchr::memmem::find(self.rest, br"\E") {
            Some(end) => (&self.rest[..end], &self.rest[end + 2..]),
            None => (self.rest, &b""[..]),
        };
        self.rest = text;
        while !self.rest.is_empty() {
            let rune = self.rune()?;
            self.literal(rune)?;
        }
        self.rest = after;
        Ok(())
    }

    /// `\d` or `\pL`, if it is one of those.
    fn escaped_class(&mut self) -> Result<Option<ClassUnicode>, Problem> {
        let &[b'\\', letter, ..] = self.rest else { return Ok(None) };
        let (class, is_negated) = match letter {
            b'p' | b'P' => self.named_class(letter == b'P')?,
            _ => match perl_class(letter) {
                Some(class) => {
                    self.skip(2);
                    class
                }
                None => return Ok(None),
            },
        };
        Ok(Some(self.adapted(class, is_negated)))
    }

    fn adapted(&self, class: ClassUnicode, is_negated: bool) -> ClassUnicode {
        let class = if self.flags.folds_case { folded(class) } else { class };
        if is_negated { negated(class) } else { class }
    }

    /// `\pL`, `\p{Greek}`, `\p{^Greek}`.
    fn named_class(&mut self, is_negated: bool) -> Result<(ClassUnicode, bool), Problem> {
        let start = self.rest;
        self.skip(2);
        let (name, length) = if self.rest.is_empty() {
            (&b""[..], start.len())
        } else if self.rune()? == '{' {
            let Some(end) = start.iter().position(|byte| *byte == b'}') else {
                check_utf8(start)?;
                return Err(Problem::new("invalid character class range", start));
            };
            (&start[3..end], end + 1)
        } else {
            let read = self.read_of(start);
            (&read[2..], read.len())
        };
        check_utf8(name)?;
        let (bare, is_inverted) = name.strip_prefix(b"^").map_or((name, false), |name| (name, true));
        let class = unicode_class(bare);
        let class = class.ok_or_else(|| Problem::new("invalid character class range", &start[..length]))?;
        self.rest = &start[length..];
        Ok((class, is_negated != is_inverted))
    }

    fn escaped_rune(&mut self) -> Result<char, Problem> {
        let start = self.rest;
        self.skip(1);
        if self.rest.is_empty() {
            return Err(Problem::new("trailing backslash at end of expression", b""));
        }
        let rune = self.rune()?;
        let octal =
            |byte: Option<&u8>| byte.filter(|byte| matches!(byte, b'0'..=b'7')).map(|byte| u32::from(byte - b'0'));
        let escaped = match rune {
            '0' | '1'..='7' if rune == '0' || octal(self.rest.first()).is_some() => {
                let mut code = u32::from(rune) - u32::from('0');
                for _ in 0..2 {
                    let Some(digit) = octal(self.rest.first()) else { break };
                    code = code * 8 + digit;
                    self.skip(1);
                }
                char::from_u32(code)
            }
            'x' if !self.rest.is_empty() => self.hexadecimal()?,
            'a' => Some('\x07'),
            'f' => Some('\x0c'),
            'n' => Some('\n'),
            'r' => Some('\r'),
            't' => Some('\t'),
            'v' => Some('\x0b'),
            _ if rune.is_ascii() && !rune.is_ascii_alphanumeric() => Some(rune),
            _ => None,
        };
        escaped.ok_or_else(|| Problem::new("invalid escape sequence", self.read_of(start)))
    }

    /// `\x0A` or `\x{10FFFF}`, from after the x. None: it is no such.
    fn hexadecimal(&mut self) -> Result<Option<char>, Problem> {
        let first = self.rune()?;
        if first != '{' {
            if self.rest.is_empty() {
                return Ok(None);
            }
            let second = self.rune()?;
            let code = first.to_digit(16).zip(second.to_digit(16)).map(|(high, low)| high * 16 + low);
            return Ok(code.and_then(char::from_u32));
        }
        let mut code = None;
        while !self.rest.is_empty() {
            let rune = self.rune()?;
            if rune == '}' {
                // Surrogates match nothing; so does U+FFFE, which no text of a chart has.
                return Ok(code.map(|code| char::from_u32(code).unwrap_or('\u{fffe}')));
            }
            let Some(digit) = rune.to_digit(16) else { return Ok(None) };
            let next = code.unwrap_or(0) * 16 + digit;
            if next > u32::from(char::MAX) {
                return Ok(None);
            }
            code = Some(next);
        }
        Ok(None)
    }

    /// `[…]`
    fn class(&mut self) -> Result<(), Problem> {
        let start = self.rest;
        self.skip(1);
        let is_negated = self.rest.first() == Some(&b'^');
        if is_negated {
            self.skip(1);
        }
        let mut members = ClassUnicode::empty();
        let mut is_first = true;
        while is_first || self.rest.first() != Some(&b']') {
            is_first = false;
            let member = match self.posix()? {
                Some(class) => class,
                None => match self.escaped_class()? {
                    Some(class) => class,
                    None => self.range(start)?,
                },
            };
            members.union(&member);
        }
        self.skip(1);
        self.class_node(if is_negated { negated(members) } else { members })
    }

    /// `[:alpha:]`, if it is one of those.
    fn posix(&mut self) -> Result<Option<ClassUnicode>, Problem> {
        if self.rest.len() <= 2 || !self.rest.starts_with(b"[:") {
            return Ok(None);
        }
        let Some(end) = memchr::memmem::find(&self.rest[2..], b":]").map(|end| end + 2) else { return Ok(None) };
        let name = &self.rest[..end + 2];
        let (class, is_negated) =
            posix_class(&self.rest[1..=end]).ok_or_else(|| Problem::new("invalid character class range", name))?;
        self.skip(name.len());
        Ok(Some(self.adapted(class, is_negated)))
    }

    fn range(&mut self, whole: &'a [u8]) -> Result<ClassUnicode, Problem> {
        let start = self.rest;
        let low = self.class_rune(whole)?;
        let mut high = low;
        if matches!(self.rest, [b'-', next, ..] if *next != b']') {
            self.skip(1);
            high = self.class_rune(whole)?;
            if high < low {
                return Err(Problem::new("invalid character class range", self.read_of(start)));
            }
        }
        Ok(self.adapted(class(&[(low, high)]), false))
    }

    fn class_rune(&mut self, whole: &'a [u8]) -> Result<char, Problem> {
        match self.rest.first() {
            None => Err(Problem::new("missing closing ]", whole)),
            Some(b'\\') => self.escaped_rune(),
            Some(_) => self.rune(),
        }
    }
}

fn check_utf8(text: &[u8]) -> Result<(), Problem> {
    std::str::from_utf8(text).map(drop).map_err(|error| Problem::new("invalid UTF-8", &text[error.valid_up_to()..]))
}

/// `{2}`, `{2,}`, `{2,5}`: the counts and the length. None: it is a literal brace.
fn counts(text: &[u8]) -> Option<(u64, Option<u64>, usize)> {
    let (minimum, mut place) = count(text, 1)?;
    let mut maximum = Some(minimum);
    if text.get(place) == Some(&b',') {
        place += 1;
        maximum = None;
        if text.get(place) != Some(&b'}') {
            let (number, end) = count(text, place)?;
            maximum = Some(number);
            place = end;
        }
    }
    (text.get(place) == Some(&b'}')).then_some((minimum, maximum, place + 1))
}

/// A number without leading zeros, and where it ends. Those too large for any count are cut short.
fn count(text: &[u8], start: usize) -> Option<(u64, usize)> {
    let length = text.get(start..)?.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let digits = &text[start..start + length];
    if digits.is_empty() || (length > 1 && digits[0] == b'0') {
        return None;
    }
    let number = digits.iter().fold(0_u64, |number, digit| (number * 10 + u64::from(digit - b'0')).min(1_000_000));
    Some((number, start + length))
}
