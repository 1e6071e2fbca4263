//! Why JSON could not be read or written, in Go's words.

/// An error of `encoding/json`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// The text is not JSON.
    #[error("{0}")]
    Syntax(String),
    /// The text holds something else than was asked for.
    #[error("json: cannot unmarshal {found} into Go {target}")]
    Type {
        found: String,
        /// `value of type map[string]interface {}` or `struct field Metadata.name of type string`.
        target: String,
    },
    /// A field that the Go struct does not have.
    #[error("json: unknown field {0}")]
    UnknownField(String),
    /// A number or map that JSON cannot say.
    #[error("json: unsupported value: {0}")]
    UnsupportedValue(String),
    /// A Go type that JSON cannot say.
    #[error("json: unsupported type: {0}")]
    UnsupportedType(String),
}
