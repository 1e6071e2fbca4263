//! Go's `text/template` language. Knows nothing of Helm: functions and data are handed to it.
//!
//! What a value prints, how two compare and what an error says follows Go, since charts rely on it.

mod budget;
mod builtin;
mod compare;
mod complex;
mod error;
mod escape;
mod function;
mod lexer;
mod machine;
mod number;
mod observer;
mod operand;
mod origin;
mod parser;
mod print;
mod quote;
mod set;
mod shortest;
mod stack;
mod suggestion;
mod text;
mod tree;
mod unicode;
mod value;

pub use budget::{Budget, Exhausted};
pub use builtin::Builtin;
pub use complex::Complex;
pub use error::{ErrorSite, ExecutionError, ParseError};
pub use function::{Call, CallError, Function, Parameter, Runtime};
pub use number::{Number, parse_float};
pub use observer::{Observer, Site};
pub use origin::{Origin, OriginStep};
pub use print::{format_text, to_text, to_text_within};
pub use quote::{can_backquote, quote, quote_character};
pub use set::{FunctionTable, TemplateSet};
pub use shortest::shortest_exponential;
pub(crate) use stack::grow as grow_stack;
pub use text::Text;
pub use tree::{Branch, BranchKind, Callee, Node, NodeId, NodeKind, Place, Symbol, Tree};
pub use value::{Dict, ElementType, Integer, IntegerKind, Kind, List, Object, Printed, Value};

#[cfg(test)]
mod tests;
