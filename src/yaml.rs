//! YAML with places: reading into a tree whose every leaf knows where it was written, decoding that tree into
//! types with errors that point at the place, and writing.
//!
//! Parsing is `serde-saphyr`'s: duplicate keys are errors, merge keys and anchors work, resources are bounded.

pub mod decode;
mod node;
mod read;
mod write;

pub use node::{Entry, Node, Value};
pub use read::{MAX_FILE_BYTES, parse, read_file, source_from_bytes};
pub use write::to_string;
