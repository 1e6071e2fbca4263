//! Functions that templates call, with the Go signature that decides which arguments they take.

use std::rc::Rc;

use super::text::Text;
use super::value::Value;

/// A parameter's Go type. Arguments are checked and converted to it before the call, as `text/template` does; `Any`
/// takes everything, nil included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parameter {
    /// `interface {}`
    Any,
    /// `reflect.Value`, as the language's own functions take it.
    Reflect,
    Bool,
    Int,
    Int64,
    Uint32,
    Float64,
    /// An `int32` written as a character.
    Rune,
    String,
    /// `[]interface {}`
    List,
    /// `[]string`
    Strings,
    /// `[]uint8`
    Bytes,
    /// `map[string]interface {}`
    Dict,
    /// Another type, by its Go name; only an [`super::Object`] of that name fits.
    Named(&'static str),
}

/// What a call does: the running machine, and the arguments after checking and conversion.
pub type Call = dyn Fn(&mut dyn Runtime, &[Value]) -> Result<Value, CallError>;

/// A function with its signature.
#[derive(Clone)]
pub struct Function {
    pub parameters: &'static [Parameter],
    /// Whether the last parameter may come any number of times, none included.
    pub is_variadic: bool,
    /// Whether Go declares its result as `interface {}`, which shows in errors about a nil result that is an argument
    /// without parentheses around it.
    pub returns_any: bool,
    pub call: Rc<Call>,
}

/// What a function may ask of the machine that runs the template. The machine implements it; `include` and `tpl` are
/// built on it.
pub trait Runtime {
    /// Runs a named template on a value of its own.
    fn execute_template(&mut self, name: &str, data: &Value) -> Result<Text, CallError>;

    /// Parses a text as a template that sees all others, and runs it; what it defines is seen by it alone.
    ///
    /// It has the name of the set of templates. A text that is no template is [`CallError::Parsing`].
    fn execute_text(&mut self, text: &Text, data: &Value) -> Result<Text, CallError>;

    /// Takes from the budget of steps. One step is about a microsecond; long loops of a function call it.
    fn spend(&mut self, steps: u64) -> Result<(), CallError>;

    /// Takes from the budget of memory, before something large is made.
    fn allocate(&mut self, bytes: usize) -> Result<(), CallError>;
}

/// Why a call failed. The machine adds the place and `error calling NAME:`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallError {
    /// In Go's words.
    Message(String),
    /// A template that was run by the call failed; the text is its whole chain of places, as Go's wrapped error.
    Execution(Box<super::ExecutionError>),
    /// A text that was to be run is no template.
    Parsing(Box<super::ParseError>),
    /// Another error with words before it, as Go's `fmt.Errorf("…: %w", err)`. The words end where the cause's begin.
    Wrapped { message: String, cause: Box<CallError> },
    /// A budget is used up. Ends the rendering, whatever the template does.
    Budget(String),
}

impl Function {
    /// With a fixed number of parameters.
    pub fn new(
        parameters: &'static [Parameter],
        call: impl Fn(&mut dyn Runtime, &[Value]) -> Result<Value, CallError> + 'static,
    ) -> Self {
        Self { parameters, is_variadic: false, returns_any: false, call: Rc::new(call) }
    }

    /// The last parameter any number of times.
    pub fn variadic(
        parameters: &'static [Parameter],
        call: impl Fn(&mut dyn Runtime, &[Value]) -> Result<Value, CallError> + 'static,
    ) -> Self {
        Self { parameters, is_variadic: true, returns_any: false, call: Rc::new(call) }
    }

    /// The same function with a result of type `interface {}`.
    #[must_use]
    pub fn returning_any(self) -> Self {
        Self { returns_any: true, ..self }
    }
}

impl CallError {
    /// Puts words before an error, as Go's `fmt.Errorf("words%w", err)`. A used up budget stays what it is.
    #[must_use]
    pub fn wrap(self, words: impl Into<String>) -> Self {
        match self {
            Self::Budget(_) => self,
            cause => Self::Wrapped { message: words.into(), cause: Box::new(cause) },
        }
    }
}

impl Parameter {
    /// As Go prints the type.
    pub const fn go_type(self) -> &'static str {
        match self {
            Self::Any => "interface {}",
            Self::Reflect => "reflect.Value",
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Int64 => "int64",
            Self::Uint32 => "uint32",
            Self::Float64 => "float64",
            Self::Rune => "int32",
            Self::String => "string",
            Self::List => "[]interface {}",
            Self::Strings => "[]string",
            Self::Bytes => "[]uint8",
            Self::Dict => "map[string]interface {}",
            Self::Named(name) => name,
        }
    }
}

impl From<String> for CallError {
    fn from(message: String) -> Self {
        Self::Message(message)
    }
}

impl From<&str> for CallError {
    fn from(message: &str) -> Self {
        Self::Message(message.to_owned())
    }
}

impl std::fmt::Debug for Function {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Function({:?}{})", self.parameters, if self.is_variadic { "..." } else { "" })
    }
}
