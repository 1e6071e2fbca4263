//! Complex constants, which templates can hold and print but hardly use.

use std::any::Any;
use std::borrow::Cow;

use super::function::Function;
use super::value::{Kind, Object, Printed, Value};

/// A `complex128`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Complex {
    pub real: f64,
    pub imaginary: f64,
}

impl Object for Complex {
    fn go_type(&self) -> Cow<'static, str> {
        Cow::Borrowed("complex128")
    }

    fn kind(&self) -> Kind {
        Kind::Complex128
    }

    fn field(&self, _name: &str) -> Option<Value> {
        None
    }

    fn method(&self, _name: &str) -> Option<Function> {
        None
    }

    fn is_true(&self) -> bool {
        self.real != 0.0 || self.imaginary != 0.0
    }

    /// Never asked: the printer knows this type.
    fn printed(&self) -> Printed {
        Printed::As(Value::Float(self.real))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
