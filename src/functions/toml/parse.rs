//! Reads a document. Tables may be named before they are written, and written only once; the bookkeeping of that
//! follows the library that Helm uses, since it decides what is refused.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet};
use std::rc::Rc;

use super::key::{Key, dotted};
use super::scalar;
use super::scanner::{END, Fault, Scanner};
use crate::template::{CallError, Dict, ElementType, List, Runtime, Text, Value, quote, quote_character};

/// How deep arrays and tables may stand in each other.
const DEEPEST: usize = 1_000;

/// A table while it may still grow.
type Table = Rc<RefCell<BTreeMap<Vec<u8>, Node>>>;

#[derive(Clone)]
enum Node {
    Value(Value),
    Table(Table),
    Tables(Vec<Table>),
}

/// Why reading ended early.
enum Stop {
    Fault(Fault),
    Call(CallError),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<CallError> for Stop {
    fn from(error: CallError) -> Self {
        Self::Call(error)
    }
}

struct Parser<'a, 'r> {
    scanner: Scanner<'a>,
    runtime: &'r mut dyn Runtime,
    root: Table,
    /// The table that is being written.
    context: Key,
    /// The last part of the key that is being written.
    key: Vec<u8>,
    /// Where that key began.
    line: usize,
    depth: usize,
    /// Tables that were only named on the way to others.
    implicit: HashSet<Vec<u8>>,
    arrays: HashSet<Vec<u8>>,
}

/// The document as a dict, or the complaint in the library's words.
pub(super) fn parse(runtime: &mut dyn Runtime, text: &[u8]) -> Result<Result<Dict, String>, CallError> {
    runtime.allocate(text.len())?;
    let text = [&b"\xff\xfe"[..], b"\xfe\xff", b"\xef\xbb\xbf"]
        .into_iter()
        .find_map(|mark| text.strip_prefix(mark))
        .unwrap_or(text);
    if text.iter().take(6).any(|byte| *byte == 0) {
        let words = "files cannot contain NULL bytes; probably using UTF-16; TOML files must be UTF-8";
        return Ok(Err(format!("toml: line 1: {words}")));
    }
    let mut parser = Parser {
        scanner: Scanner::new(text),
        runtime,
        root: Table::default(),
        context: Vec::new(),
        key: Vec::new(),
        line: 1,
        depth: 0,
        implicit: HashSet::new(),
        arrays: HashSet::new(),
    };
    match parser.document() {
        Ok(()) => Ok(Ok(dict_of(&parser.root))),
        Err(Stop::Call(error)) => Err(error),
        Err(Stop::Fault(fault)) => Ok(Err(parser.complaint(&fault))),
    }
}

fn dict_of(table: &Table) -> Dict {
    let entries = table.borrow();
    Dict::from_entries(entries.iter().map(|(key, node)| (Text::from(key.as_slice()), value_of(node))).collect())
}

fn value_of(node: &Node) -> Value {
    match node {
        Node::Value(value) => value.clone(),
        Node::Table(table) => Value::Dict(dict_of(table)),
        Node::Tables(tables) => {
            let tables = tables.iter().map(|table| Value::Dict(dict_of(table))).collect();
            Value::List(List::typed(tables, ElementType::Dict))
        }
    }
}

impl Parser<'_, '_> {
    fn complaint(&self, fault: &Fault) -> String {
        let last_key = match (self.context.is_empty(), self.key.is_empty()) {
            (_, true) => dotted(&self.context),
            (true, false) => self.key.clone(),
            (false, false) => [dotted(&self.context), self.key.clone()].join(&b'.'),
        };
        let Fault { line, message } = fault;
        if last_key.is_empty() {
            return format!("toml: line {line}: {message}");
        }
        format!("toml: line {line} (last key {}): {message}", quote(&last_key))
    }

    fn document(&mut self) -> Result<(), Stop> {
        loop {
            let character = self.scanner.next()?;
            match character {
                ' ' | '\t' | '\n' | '\r' => continue,
                '#' => {
                    self.scanner.comment()?;
                    continue;
                }
                END => return Ok(()),
                '[' => self.table_header()?,
                other => {
                    self.scanner.back(other);
                    self.scanner.begin();
                    let outer = self.context.clone();
                    self.entry()?;
                    self.context = outer;
                    self.key.clear();
                }
            }
            self.runtime.spend(1)?;
            if self.line_end()? {
                return Ok(());
            }
        }
    }

    /// What follows a whole entry. Whether the document ends here.
    fn line_end(&mut self) -> Result<bool, Stop> {
        loop {
            match self.scanner.next()? {
                '#' => {
                    self.scanner.comment()?;
                    return Ok(false);
                }
                ' ' | '\t' => {}
                '\n' | '\r' => return Ok(false),
                END => return Ok(true),
                other => {
                    let found = quote_character(other);
                    let words = "expected a top-level item to end with a newline, comment, or EOF, but got";
                    return Err(self.scanner.fault(format!("{words} {found} instead")).into());
                }
            }
        }
    }

    /// `[a.b]` or `[[a.b]]`, after the first bracket.
    fn table_header(&mut self) -> Result<(), Stop> {
        let is_array = self.scanner.accept('[')?;
        let mut key = Key::new();
        loop {
            self.scanner.skip_spaces()?;
            match self.scanner.peek()? {
                ']' | END => {
                    let words = "unexpected end of table name (table names cannot be empty)";
                    return Err(self.scanner.fault(words).into());
                }
                '.' => {
                    let words = "unexpected table separator (table names cannot be empty)";
                    return Err(self.scanner.fault(words).into());
                }
                _ => {}
            }
            key.push(self.scanner.name()?);
            if key.len() == 1 {
                self.line = self.scanner.line;
            }
            self.scanner.skip_spaces()?;
            match self.scanner.next()? {
                '.' => {}
                ']' => break,
                other => {
                    let found = quote_character(other);
                    let words = "expected '.' or ']' to end table name, but got";
                    return Err(self.scanner.fault(format!("{words} {found} instead")).into());
                }
            }
        }
        if is_array {
            let character = self.scanner.next()?;
            if character != ']' {
                let found = quote_character(character);
                let words = "expected end of table array name delimiter ']', but got";
                return Err(self.scanner.fault(format!("{words} {found} instead")).into());
            }
        }
        self.enter(&key, is_array)?;
        self.arrays.remove(&dotted(&self.context));
        Ok(())
    }

    /// `a.b = value`. Gives the key and the value, for tables that stand in a line.
    fn entry(&mut self) -> Result<(Key, Value), Stop> {
        let mut key = self.entry_key()?;
        let last = key.pop().unwrap_or_default();
        self.key.clone_from(&last);
        for part in &key {
            let mut path = self.context.clone();
            path.push(part.clone());
            self.implicit.insert(dotted(&path));
            self.enter(&path, false)?;
        }
        let value = self.value(false)?;
        self.set(&last, Node::Value(value.clone()))?;
        let mut path = self.context.clone();
        path.push(last.clone());
        if matches!(value, Value::List(_)) {
            self.arrays.insert(dotted(&path));
        } else {
            self.arrays.remove(&dotted(&path));
        }
        key.push(last);
        Ok((key, value))
    }

    /// The parts up to the equals sign.
    fn entry_key(&mut self) -> Result<Key, Stop> {
        self.scanner.skip_spaces()?;
        match self.scanner.peek()? {
            '=' | END => return Err(self.scanner.fault("unexpected '=': key name appears blank").into()),
            '.' => return Err(self.scanner.fault("unexpected '.': keys cannot start with a '.'").into()),
            _ => {}
        }
        let mut key = Key::new();
        loop {
            self.scanner.skip_spaces()?;
            match self.scanner.peek()? {
                '=' | END => return Err(self.scanner.fault("unexpected '='").into()),
                '.' => return Err(self.scanner.fault("unexpected '.'").into()),
                _ => {}
            }
            key.push(self.scanner.name()?);
            if key.len() == 1 {
                self.line = self.scanner.line;
            }
            self.scanner.skip_spaces()?;
            match self.scanner.next()? {
                '.' => {}
                '=' => return Ok(key),
                END => return Err(self.scanner.fault("unexpected EOF; expected key separator '='").into()),
                other => {
                    let message = format!("expected '.' or '=', but got {} instead", quote_character(other));
                    let fault =
                        if other == '\n' { self.scanner.fault_before(message) } else { self.scanner.fault(message) };
                    return Err(fault.into());
                }
            }
        }
    }

    fn value(&mut self, is_in_array: bool) -> Result<Value, Stop> {
        self.runtime.spend(1)?;
        self.scanner.skip_spaces()?;
        let first = self.scanner.next()?;
        match first {
            '[' => self.nested(Self::array),
            '{' => self.nested(|parser| parser.inline_table(is_in_array)),
            '"' | '\'' => Ok(Value::string(self.scanner.text(first)?)),
            '.' => Err(self.scanner.fault("floats must start with a digit, not '.'").into()),
            'i' | 'n' => self.infinity_or_word(first),
            '0'..='9' | '+' | '-' => {
                self.scanner.back(first);
                let (shape, text) = self.scanner.number()?;
                let judged = scalar::value(shape, &text);
                judged.map_err(|message| Fault { line: self.scanner.line, message }.into())
            }
            letter if letter.is_alphabetic() => {
                self.scanner.back(letter);
                self.word()
            }
            END => Err(self.scanner.fault("unexpected EOF; expected value").into()),
            other => {
                let message = format!("expected value but found {} instead", quote_character(other));
                let is_newline = other == '\n';
                let scanner = &self.scanner;
                Err(if is_newline { scanner.fault_before(message) } else { scanner.fault(message) }.into())
            }
        }
    }

    /// `inf`, `nan`, or a word that is no value. Other mixtures of these letters are taken for floats, too, and fail.
    fn infinity_or_word(&mut self, first: char) -> Result<Value, Stop> {
        let mut letters = vec![first];
        for (one, two) in [('n', 'f'), ('a', 'n')] {
            if self.scanner.accept(one)? {
                letters.push(one);
                if self.scanner.accept(two)? {
                    letters.push(two);
                    let text: String = letters.iter().collect();
                    let judged = scalar::value(super::scanner::Shape::Float, text.as_bytes());
                    return judged.map_err(|message| Fault { line: self.scanner.line, message }.into());
                }
            }
        }
        self.scanner.back(letters[letters.len() - 1]);
        self.word()
    }

    fn word(&mut self) -> Result<Value, Stop> {
        let word = self.scanner.word()?;
        match word.as_slice() {
            b"true" => Ok(Value::Bool(true)),
            b"false" => Ok(Value::Bool(false)),
            other => Err(self.scanner.fault(format!("expected value but found {} instead", quote(other))).into()),
        }
    }

    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Stop>) -> Result<T, Stop> {
        if self.depth == DEEPEST {
            return Err(self.scanner.fault("values are nested too deep").into());
        }
        self.depth += 1;
        let value = read(self);
        self.depth -= 1;
        value
    }

    fn array(&mut self) -> Result<Value, Stop> {
        let mut path = self.context.clone();
        path.push(self.key.clone());
        self.arrays.insert(dotted(&path));
        let mut elements = Vec::new();
        let mut is_after_value = false;
        loop {
            match self.scanner.next()? {
                ' ' | '\t' | '\n' | '\r' => {}
                '#' => self.scanner.comment()?,
                ']' => return Ok(Value::list(elements)),
                ',' if is_after_value => is_after_value = false,
                ',' => return Err(self.scanner.fault("unexpected comma").into()),
                other if is_after_value => {
                    let found = or_end_of_file(other);
                    let words = "expected a comma (',') or array terminator (']'), but got";
                    return Err(self.scanner.fault(format!("{words} {found}")).into());
                }
                other => {
                    self.scanner.back(other);
                    elements.push(self.value(true)?);
                    is_after_value = true;
                }
            }
        }
    }

    fn inline_table(&mut self, is_in_array: bool) -> Result<Value, Stop> {
        let (outer_context, outer_key) = (self.context.clone(), std::mem::take(&mut self.key));
        self.context.push(outer_key.clone());
        self.implicit.insert(dotted(&self.context));
        let path = self.context.clone();
        self.enter(&path, is_in_array)?;
        // The context is now that of a list's last table, which has the same name.
        let context = self.context.clone();
        let table = Dict::new();
        let mut is_after_value = false;
        loop {
            match self.scanner.next()? {
                ' ' | '\t' | '\n' | '\r' => {}
                '#' => self.scanner.comment()?,
                '}' => break,
                ',' if is_after_value => {
                    self.scanner.skip_spaces()?;
                    is_after_value = self.scanner.peek()? == '}';
                }
                ',' => return Err(self.scanner.fault("unexpected comma").into()),
                other if is_after_value => {
                    let found = or_end_of_file(other);
                    let words = "expected a comma or an inline table terminator '}', but got";
                    return Err(self.scanner.fault(format!("{words} {found} instead")).into());
                }
                other => {
                    self.scanner.back(other);
                    let (key, value) = self.entry()?;
                    self.insert(&table, &key, value)?;
                    self.context.clone_from(&context);
                    is_after_value = true;
                }
            }
        }
        (self.context, self.key) = (outer_context, outer_key);
        Ok(Value::Dict(table))
    }

    fn insert(&mut self, table: &Dict, key: &[Vec<u8>], value: Value) -> Result<(), Stop> {
        let Some((last, parents)) = key.split_last() else { return Ok(()) };
        let mut inner = table.clone();
        for part in parents {
            let found = inner.borrow().get(part.as_slice()).cloned();
            inner = match found {
                Some(Value::Dict(dict)) => dict,
                Some(_) => {
                    let context: Vec<String> = self.context.iter().map(|part| quote(part)).collect();
                    return Err(self.refusal(format!("[{}] is not a table", context.join(" "))));
                }
                None => {
                    let dict = Dict::new();
                    inner.borrow_mut().insert(Text::from(part.as_slice()), Value::Dict(dict.clone()));
                    dict
                }
            };
        }
        inner.borrow_mut().insert(Text::from(last.as_slice()), value);
        Ok(())
    }

    fn refusal(&self, message: String) -> Stop {
        Stop::Fault(Fault { line: self.line, message })
    }

    fn already(&self, key: &[Vec<u8>], what: &str) -> Stop {
        self.refusal(format!("Key '{}' {what}", String::from_utf8_lossy(&dotted(key))))
    }

    /// Makes a table, or the next one of a list of tables, the one that is written from here on. Tables on the way are
    /// made where they are missing.
    fn enter(&mut self, key: &[Vec<u8>], is_array: bool) -> Result<(), Stop> {
        let Some((last, parents)) = key.split_last() else { return Ok(()) };
        let mut table = Rc::clone(&self.root);
        for (depth, part) in parents.iter().enumerate() {
            let node = table.borrow().get(part).cloned();
            table = match node {
                Some(Node::Table(inner)) => inner,
                Some(Node::Tables(tables)) => tables.last().cloned().unwrap_or_default(),
                Some(Node::Value(_)) => {
                    return Err(self.already(&parents[..=depth], "was already created as a hash."));
                }
                None => {
                    self.implicit.insert(dotted(&parents[..=depth]));
                    let inner = Table::default();
                    table.borrow_mut().insert(part.clone(), Node::Table(Rc::clone(&inner)));
                    inner
                }
            };
        }
        self.context = parents.to_vec();
        if is_array {
            let mut entries = table.borrow_mut();
            match entries.entry(last.clone()).or_insert_with(|| Node::Tables(Vec::new())) {
                Node::Tables(tables) => tables.push(Table::default()),
                _ => return Err(self.already(key, "was already created and cannot be used as an array.")),
            }
        } else {
            self.set(last, Node::Table(Table::default()))?;
        }
        self.context.push(last.clone());
        Ok(())
    }

    /// Sets a key of the table that is being written, which must not have it yet, other than by the way.
    fn set(&mut self, key: &[u8], node: Node) -> Result<(), Stop> {
        let mut table = Rc::clone(&self.root);
        for (depth, part) in self.context.iter().enumerate() {
            let found = table.borrow().get(part).cloned();
            table = match found {
                Some(Node::Table(inner)) => inner,
                Some(Node::Tables(tables)) => tables.last().cloned().unwrap_or_default(),
                _ => return Err(self.already(&self.context[..=depth], "has already been defined.")),
            };
        }
        let mut path = self.context.clone();
        path.push(key.to_vec());
        let name = dotted(&path);
        if table.borrow().contains_key(key) {
            if !self.implicit.remove(&name) {
                return Err(self.already(&path, "has already been defined."));
            }
            if !self.arrays.contains(&name) {
                return Ok(());
            }
        }
        table.borrow_mut().insert(key.to_vec(), node);
        Ok(())
    }
}

fn or_end_of_file(character: char) -> String {
    if character == END { "end of file".to_owned() } else { format!("'{character}'") }
}
