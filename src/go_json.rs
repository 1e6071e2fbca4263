//! JSON as Go's `encoding/json` writes and reads it.

mod error;
pub mod number;
mod read;
mod write;

pub use error::JsonError;
pub use read::{read_any, read_dict, read_first, read_list};
pub(crate) use write::replace_invalid;
pub use write::{Style, write, write_indented};
