//! Integers with a Go type of their own that print a name: months and days of the week.

use std::borrow::Cow;
use std::rc::Rc;

use super::duration::constant;
use crate::template::{Function, Kind, Object, Printed, Text, Value};

/// `time.Month` or `time.Weekday`.
#[derive(Debug)]
pub(super) struct NamedNumber {
    go_type: &'static str,
    number: i64,
    name: &'static str,
}

impl NamedNumber {
    pub(super) fn value(go_type: &'static str, number: i64, name: &'static str) -> Value {
        Value::Object(Rc::new(Self { go_type, number, name }))
    }

    pub(super) fn number(&self) -> i64 {
        self.number
    }
}

impl Object for NamedNumber {
    fn go_type(&self) -> Cow<'static, str> {
        Cow::Borrowed(self.go_type)
    }

    fn kind(&self) -> Kind {
        Kind::Int
    }

    fn field(&self, _name: &str) -> Option<Value> {
        None
    }

    fn method(&self, name: &str) -> Option<Function> {
        (name == "String").then(|| constant(Value::string(self.name)))
    }

    fn is_true(&self) -> bool {
        self.number != 0
    }

    fn printed(&self) -> Printed {
        Printed::Text(Text::from(self.name))
    }

    fn printed_fields(&self) -> Option<Printed> {
        Some(Printed::As(Value::int(self.number)))
    }

    fn to_plain(&self) -> Option<Value> {
        Some(Value::int(self.number))
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}
