//! Values while they are evaluated.

use std::borrow::Cow;

use super::value::Value;

/// A value, and whether Go would hold it in a variable of type `interface {}`.
///
/// The difference shows in errors and with nil: an element of a `map[string]interface {}` that is nil has a type, and
/// a field of it is an error; what a pipeline gives has none, and its fields are nil again.
#[derive(Debug, Clone, Default)]
pub(super) struct Operand {
    pub(super) value: Value,
    pub(super) is_interface: bool,
}

impl Operand {
    pub(super) const fn concrete(value: Value) -> Self {
        Self { value, is_interface: false }
    }

    /// Go's zero `reflect.Value`.
    pub(super) const fn invalid() -> Self {
        Self::concrete(Value::Nil)
    }

    /// Whether it is nothing at all, not even a nil of some type.
    pub(super) const fn is_invalid(&self) -> bool {
        self.value.is_nil() && !self.is_interface
    }

    /// The type of the place that holds it.
    pub(super) fn go_type(&self) -> Cow<'static, str> {
        if self.is_interface { Cow::Borrowed("interface {}") } else { self.value.go_type() }
    }
}
