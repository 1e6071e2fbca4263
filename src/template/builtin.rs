//! The functions that the language brings itself.

use super::compare::{Relation, is_equal_to_any, relate};
use super::escape::{escape_html, escape_query, escape_script};
use super::function::{CallError, Parameter};
use super::operand::Operand;
use super::print::{print, print_formatted, print_line};
use super::text::Text;
use super::value::{Dict, ElementType, Integer, IntegerKind, Kind, List, Value};

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Builtin {
    And,
    Call,
    Eq,
    Ge,
    Gt,
    Html,
    Index,
    Js,
    Le,
    Len,
    Lt,
    Ne,
    Not,
    Or,
    Print,
    Printf,
    Println,
    Slice,
    UrlQuery,
}

/// The two that stop at the first value that decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Logic {
    And,
    Or,
}

const ALL: [(&str, Builtin); 19] = [
    ("and", Builtin::And),
    ("call", Builtin::Call),
    ("eq", Builtin::Eq),
    ("ge", Builtin::Ge),
    ("gt", Builtin::Gt),
    ("html", Builtin::Html),
    ("index", Builtin::Index),
    ("js", Builtin::Js),
    ("le", Builtin::Le),
    ("len", Builtin::Len),
    ("lt", Builtin::Lt),
    ("ne", Builtin::Ne),
    ("not", Builtin::Not),
    ("or", Builtin::Or),
    ("print", Builtin::Print),
    ("printf", Builtin::Printf),
    ("println", Builtin::Println),
    ("slice", Builtin::Slice),
    ("urlquery", Builtin::UrlQuery),
];

impl Builtin {
    pub fn named(name: &str) -> Option<Self> {
        ALL.iter().find(|(known, _)| *known == name).map(|(_, builtin)| *builtin)
    }

    pub fn names() -> impl Iterator<Item = &'static str> {
        ALL.iter().map(|(name, _)| *name)
    }

    pub fn name(self) -> &'static str {
        ALL.iter().find(|(_, builtin)| *builtin == self).map_or("", |(name, _)| *name)
    }

    pub(super) const fn logic(self) -> Option<Logic> {
        match self {
            Self::And => Some(Logic::And),
            Self::Or => Some(Logic::Or),
            _ => None,
        }
    }

    /// Parameters, and whether the last may come any number of times.
    pub const fn signature(self) -> (&'static [Parameter], bool) {
        use Parameter::{Any, Reflect, String};
        match self {
            Self::And | Self::Call | Self::Eq | Self::Index | Self::Or | Self::Slice => (&[Reflect, Reflect], true),
            Self::Ge | Self::Gt | Self::Le | Self::Lt | Self::Ne => (&[Reflect, Reflect], false),
            Self::Html | Self::Js | Self::Print | Self::Println | Self::UrlQuery => (&[Any], true),
            Self::Len | Self::Not => (&[Reflect], false),
            Self::Printf => (&[String, Any], true),
        }
    }

    /// Calls it with arguments of its signature. The callee is the text of the first argument, for `call`.
    pub(super) fn run(
        self,
        operands: Vec<Operand>,
        callee: Option<String>,
        limit: usize,
    ) -> Result<Operand, CallError> {
        let value = match self {
            // Decided where their arguments are evaluated.
            Self::And | Self::Or => return Ok(Operand::invalid()),
            Self::Call => return Err(call(&operands, callee)),
            Self::Index => return index(&operands),
            Self::Slice => slice(&operands)?,
            Self::Len => length(&operands[0])?,
            Self::Not => Value::Bool(!operands[0].value.is_true()),
            Self::Eq => Value::Bool(is_equal_to_any(&operands[0].value, &operands[1..])?),
            Self::Ne => Value::Bool(!is_equal_to_any(&operands[0].value, &operands[1..])?),
            Self::Lt => Value::Bool(relate(Relation::Less, &operands[0].value, &operands[1])?),
            Self::Le => Value::Bool(relate(Relation::LessOrEqual, &operands[0].value, &operands[1])?),
            Self::Gt => Value::Bool(relate(Relation::Greater, &operands[0].value, &operands[1])?),
            Self::Ge => Value::Bool(relate(Relation::GreaterOrEqual, &operands[0].value, &operands[1])?),
            Self::Html | Self::Js | Self::UrlQuery | Self::Print | Self::Printf | Self::Println => {
                let values: Vec<Value> = operands.into_iter().map(|operand| operand.value).collect();
                Value::String(Text::from(self.write(values, limit)?))
            }
        };
        Ok(Operand::concrete(value))
    }

    fn write(self, mut values: Vec<Value>, limit: usize) -> Result<Vec<u8>, CallError> {
        let mut out = Vec::new();
        let is_escape = matches!(self, Self::Html | Self::Js | Self::UrlQuery);
        if is_escape {
            // These print nil as actions do, and pointers too.
            for value in values.iter_mut().filter(|value| value.is_nil()) {
                *value = Value::string("<no value>");
            }
        }
        let outcome = match self {
            Self::Println => print_line(&mut out, &values, limit),
            Self::Printf => {
                let Some((Value::String(format), rest)) = values.split_first() else { return Ok(out) };
                print_formatted(&mut out, format.as_bytes(), rest, limit)
            }
            _ => print(&mut out, &values, limit, is_escape),
        };
        outcome.map_err(|exhausted| CallError::Budget(exhausted.message().to_owned()))?;
        Ok(match self {
            Self::Html => escape_html(&out),
            Self::Js => escape_script(&out),
            Self::UrlQuery => escape_query(&out),
            _ => out,
        })
    }
}

/// Charts have no values that are functions.
fn call(operands: &[Operand], callee: Option<String>) -> CallError {
    match &operands[0].value {
        Value::Nil => "call of nil".into(),
        value => {
            // Where the callee comes through a pipe, Go names what the value prints as a `reflect.Value`.
            let name = callee.unwrap_or_else(|| match value {
                Value::String(text) => text.to_string(),
                other => format!("<{} Value>", other.go_type()),
            });
            format!("non-function {name} of type {}", value.go_type()).into()
        }
    }
}

fn length(operand: &Operand) -> Result<Value, CallError> {
    let length = match &operand.value {
        Value::Nil if operand.is_interface => return Err("len of nil pointer".into()),
        Value::Nil => return Err("reflect: call of reflect.Value.Type on zero Value".into()),
        Value::String(text) => text.len(),
        Value::List(list) => list.elements().len(),
        Value::Dict(dict) => dict.len(),
        Value::Object(object) => match object.len() {
            Some(length) => length,
            None => return Err(format!("len of type {}", object.go_type().trim_start_matches('*')).into()),
        },
        other => return Err(format!("len of type {}", other.go_type()).into()),
    };
    Ok(Value::count(length))
}

fn index(operands: &[Operand]) -> Result<Operand, CallError> {
    let (first, indexes) = operands.split_first().ok_or("index of untyped nil")?;
    if first.value.is_nil() {
        return Err("index of untyped nil".into());
    }
    let mut item = first.clone();
    item.is_interface = false;
    for index in indexes {
        item = match &item.value {
            Value::Nil => return Err("index of nil pointer".into()),
            Value::List(list) => {
                let at = position(&index.value, list.elements().len())?;
                let element = list.elements().get(at).ok_or_else(|| out_of_range(at, list.elements().len()))?;
                Operand { value: element.clone(), is_interface: list.element() == ElementType::Any }
            }
            Value::String(text) => {
                let at = position(&index.value, text.len())?;
                let byte = text.as_bytes().get(at).ok_or("reflect: string index out of range")?;
                Operand::concrete(Value::Integer(Integer { bits: i64::from(*byte), kind: IntegerKind::Uint8 }))
            }
            Value::Dict(dict) => index_dict(dict, &index.value)?,
            Value::Object(object) if object.kind() == Kind::Map => {
                let Value::String(key) = &index.value else { return Err(not_a_key(&index.value)) };
                Operand::concrete(object.field(&key.to_str()).unwrap_or_default())
            }
            Value::Object(object) => match object.entries() {
                Some(entries) => index_entries(&entries, &index.value)?,
                None => return Err(format!("can't index item of type {}", pointed_type(&item.value)).into()),
            },
            other => return Err(format!("can't index item of type {}", other.go_type()).into()),
        };
    }
    Ok(item)
}

/// `index` lets the length itself pass, and the slice complains.
fn out_of_range(_at: usize, _length: usize) -> CallError {
    "reflect: slice index out of range".into()
}

fn index_dict(dict: &Dict, index: &Value) -> Result<Operand, CallError> {
    let Value::String(key) = index else { return Err(not_a_key(index)) };
    let value = dict.borrow().get(key.as_bytes()).cloned();
    let is_interface = dict.element() == ElementType::Any;
    Ok(Operand { value: value.unwrap_or_else(|| dict.element().zero()), is_interface })
}

fn not_a_key(index: &Value) -> CallError {
    match index {
        Value::Nil => "value is nil; should be of type string".into(),
        other => format!("value has type {}; should be string", other.go_type()).into(),
    }
}

fn index_entries(entries: &[(Value, Value)], index: &Value) -> Result<Operand, CallError> {
    let at = position(index, entries.len())?;
    let (_, value) = entries.get(at).ok_or_else(|| out_of_range(at, entries.len()))?;
    Ok(Operand::concrete(value.clone()))
}

/// An index, which may be the length itself.
fn position(index: &Value, capacity: usize) -> Result<usize, CallError> {
    match index {
        Value::Integer(integer) => match usize::try_from(integer.bits) {
            Ok(at) if at <= capacity => Ok(at),
            _ => Err(format!("index out of range: {}", integer.bits).into()),
        },
        Value::Nil => Err("cannot index slice/array with nil".into()),
        other => Err(format!("cannot index slice/array with type {}", other.go_type()).into()),
    }
}

/// The type behind a pointer.
fn pointed_type(value: &Value) -> String {
    let found = value.go_type();
    if value.kind() == Kind::Pointer { found.trim_start_matches('*').to_owned() } else { found.into_owned() }
}

fn slice(operands: &[Operand]) -> Result<Value, CallError> {
    let (first, indexes) = operands.split_first().ok_or("slice of untyped nil")?;
    if first.value.is_nil() {
        return Err("slice of untyped nil".into());
    }
    if indexes.len() > 3 {
        return Err(format!("too many slice indexes: {}", indexes.len()).into());
    }
    let length = match &first.value {
        Value::String(_) if indexes.len() == 3 => return Err("cannot 3-index slice a string".into()),
        Value::String(text) => text.len(),
        Value::List(list) => list.elements().len(),
        other => return Err(format!("can't slice item of type {}", pointed_type(other)).into()),
    };
    let mut bounds = [0, length, length];
    for (bound, index) in bounds.iter_mut().zip(indexes) {
        if index.is_interface {
            // Unlike `index`, Go's `slice` does not look into interfaces.
            return Err("cannot index slice/array with type interface {}".into());
        }
        *bound = position(&index.value, length)?;
    }
    let [start, end, capacity] = bounds;
    if start > end {
        return Err(format!("invalid slice index: {start} > {end}").into());
    }
    if indexes.len() == 3 && end > capacity {
        return Err(format!("invalid slice index: {end} > {capacity}").into());
    }
    Ok(match &first.value {
        Value::List(list) if !list.is_nil() => {
            Value::List(List::typed(list.elements()[start..end].to_vec(), list.element()))
        }
        Value::String(text) => Value::String(Text::from(&text.as_bytes()[start..end])),
        other => other.clone(),
    })
}
