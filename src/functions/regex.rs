//! Regular expressions in Go's syntax, with Go's rules of matching and replacing.

mod class;
mod expansion;
mod expression;
mod names;
mod parser;
mod problem;

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use self::expression::{Expression, Subject};
use self::problem::Problem;
use super::Table;
use super::arguments::{Outcome, allocate_elements, bytes, int, made};
use super::strings::add;
use crate::template::{CallError, ElementType, Function, List, Parameter, Runtime, Text, Value};

use Parameter::{Int, String};

/// So many compiled expressions are kept for the next call; charts use the same few in loops.
const KEPT: usize = 128;

/// Compiled expressions, shared by all functions of one table.
#[derive(Clone, Default)]
struct Expressions(Rc<RefCell<HashMap<Text, Result<Rc<Expression>, Problem>>>>);

/// How a function reports an expression that does not compile.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    /// As `regexp.MustCompile` panics.
    Plain,
    /// As `regexp.Compile` fails.
    Must,
}

type Work = fn(&mut dyn Runtime, &Expression, &[Value]) -> Outcome;

pub(super) fn table() -> Table {
    let expressions = Expressions::default();
    let mut table = Table::new();
    let families: [(&str, &str, &'static [Parameter], Work); 5] = [
        ("regexFind", "mustRegexFind", &[String, String], find),
        ("regexFindAll", "mustRegexFindAll", &[String, String, Int], find_all),
        ("regexReplaceAll", "mustRegexReplaceAll", &[String, String, String], replace_all),
        ("regexReplaceAllLiteral", "mustRegexReplaceAllLiteral", &[String, String, String], replace_all_literally),
        ("regexSplit", "mustRegexSplit", &[String, String, Int], split),
    ];
    for (name, must_name, parameters, work) in families {
        table.push((name, expressions.function(Style::Plain, parameters, work)));
        table.push((must_name, expressions.function(Style::Must, parameters, work)));
    }
    table.push(("mustRegexMatch", expressions.function(Style::Must, &[String, String], is_match)));
    table.push((
        "regexMatch",
        Function::new(&[String, String], move |runtime, a| match expressions.compiled(runtime, bytes(a, 0))? {
            Ok(expression) => is_match(runtime, &expression, a),
            Err(Problem::TooLarge(message)) => Err(CallError::Budget(message)),
            Err(_) => Ok(Value::Bool(false)),
        }),
    ));
    table.push(("regexQuoteMeta", Function::new(&[String], |_, a| Ok(Value::string(quote_meta(bytes(a, 0)))))));
    table
}

impl Expressions {
    fn function(&self, style: Style, parameters: &'static [Parameter], work: Work) -> Function {
        let expressions = self.clone();
        Function::new(parameters, move |runtime, arguments| {
            let expression =
                expressions.compiled(runtime, bytes(arguments, 0))?.map_err(|problem| match (problem, style) {
                    (Problem::TooLarge(message), _) => CallError::Budget(message),
                    (problem, Style::Must) => problem.to_string().into(),
                    (problem, Style::Plain) => problem.as_panic(bytes(arguments, 0)).into(),
                })?;
            work(runtime, &expression, arguments)
        })
    }

    fn compiled(
        &self,
        runtime: &mut dyn Runtime,
        pattern: &[u8],
    ) -> Result<Result<Rc<Expression>, Problem>, CallError> {
        if let Some(known) = self.0.borrow().get(pattern) {
            return Ok(known.clone());
        }
        runtime.spend(20 + pattern.len() as u64)?;
        let compiled = Expression::compile(pattern).map(Rc::new);
        let mut known = self.0.borrow_mut();
        if known.len() >= KEPT {
            known.clear();
        }
        known.insert(Text::from(pattern), compiled.clone());
        Ok(compiled)
    }
}

fn is_match(runtime: &mut dyn Runtime, expression: &Expression, arguments: &[Value]) -> Outcome {
    let subject = Subject::new(bytes(arguments, 1));
    runtime.spend(1 + subject.len() as u64 / 256)?;
    Ok(Value::Bool(expression.is_match(&subject)))
}

fn find(runtime: &mut dyn Runtime, expression: &Expression, arguments: &[Value]) -> Outcome {
    let subject = Subject::new(bytes(arguments, 1));
    runtime.spend(1 + subject.len() as u64 / 256)?;
    let found = expression.find_at(&subject, 0);
    Ok(Value::string(found.map_or(&b""[..], |span| subject.original(span))))
}

fn find_all(runtime: &mut dyn Runtime, expression: &Expression, arguments: &[Value]) -> Outcome {
    let subject = Subject::new(bytes(arguments, 1));
    let found = expression.find_all(runtime, &subject, int(arguments, 2))?;
    allocate_elements(runtime, found.len())?;
    if found.is_empty() {
        return Ok(Value::List(List::nil(ElementType::String)));
    }
    Ok(Value::strings(found.into_iter().map(|span| subject.original(span))))
}

fn replace_all(runtime: &mut dyn Runtime, expression: &Expression, arguments: &[Value]) -> Outcome {
    let subject = Subject::new(bytes(arguments, 1));
    let template = expansion::Template::parse(bytes(arguments, 2));
    if let Some(literal) = template.as_literal() {
        return replaced(runtime, expression, &subject, |runtime, target, _| add(runtime, target, &literal));
    }
    let mut captures = expression.new_captures();
    replaced(runtime, expression, &subject, |runtime, target, start| {
        expression.captures_at(&subject, start, &mut captures);
        template.expand(runtime, target, |reference| expression.group(&captures, &subject, reference))
    })
}

fn replace_all_literally(runtime: &mut dyn Runtime, expression: &Expression, arguments: &[Value]) -> Outcome {
    let subject = Subject::new(bytes(arguments, 1));
    let literal = bytes(arguments, 2);
    replaced(runtime, expression, &subject, |runtime, target, _| add(runtime, target, literal))
}

/// Go's `ReplaceAll`: `write` adds what replaces the match that was searched from the place it is told. An empty match
/// right after another one is not replaced.
fn replaced(
    runtime: &mut dyn Runtime,
    expression: &Expression,
    subject: &Subject<'_>,
    mut write: impl FnMut(&mut dyn Runtime, &mut Vec<u8>, usize) -> Result<(), CallError>,
) -> Outcome {
    let mut text = Vec::new();
    let (mut last_end, mut start) = (0, 0);
    while start <= subject.len() {
        runtime.spend(1 + (subject.len() - start) as u64 / 65536)?;
        let Some(found) = expression.find_at(subject, start) else { break };
        text.extend_from_slice(subject.original(last_end..found.start));
        if found.end > last_end || found.start == 0 {
            write(runtime, &mut text, start)?;
        }
        last_end = found.end;
        start = found.end.max(start + subject.width_at(start).max(1));
    }
    text.extend_from_slice(subject.original(last_end..subject.len()));
    made(runtime, text)
}

/// Go's `Split`: at most `limit` parts, all if it is negative, nil if it is zero.
fn split(runtime: &mut dyn Runtime, expression: &Expression, arguments: &[Value]) -> Outcome {
    let limit = int(arguments, 2);
    if limit == 0 {
        return Ok(Value::List(List::nil(ElementType::String)));
    }
    let text = bytes(arguments, 1);
    if text.is_empty() && !bytes(arguments, 0).is_empty() {
        return Ok(Value::strings([""]));
    }
    let subject = Subject::new(text);
    let (mut begin, mut end) = (0, 0);
    let mut parts: Vec<&[u8]> = Vec::new();
    for found in expression.find_all(runtime, &subject, limit)? {
        if limit > 0 && parts.len() as i64 == limit - 1 {
            break;
        }
        end = found.start;
        if found.end != 0 {
            parts.push(subject.original(begin..end));
        }
        begin = found.end;
    }
    if end != subject.len() {
        parts.push(subject.original(begin..subject.len()));
    }
    allocate_elements(runtime, parts.len())?;
    Ok(Value::strings(parts))
}

fn quote_meta(text: &[u8]) -> Vec<u8> {
    let mut quoted = Vec::with_capacity(text.len());
    for byte in text {
        if br"\.+*?()|[]{}^$".contains(byte) {
            quoted.push(b'\\');
        }
        quoted.push(*byte);
    }
    quoted
}
