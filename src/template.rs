//! Go's `text/template` language. Knows nothing of Helm: functions and data are handed to it.
//!
//! What a value prints, how two compare and what an error says follows Go, since charts rely on it.

mod function;
mod text;
mod value;

pub use function::{CallError, Function, Parameter, Runtime};
pub use text::Text;
pub use value::{Dict, ElementType, Integer, IntegerKind, Kind, List, Object, Printed, Value};

/// Placeholder until the machine is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecutionError;
