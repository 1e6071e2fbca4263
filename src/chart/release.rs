//! What a chart makes, and the records that Helm keeps of it.

mod head;
pub mod hook;
mod json;
pub mod kinds;
pub mod manifest;
pub mod record;
pub mod storage;
#[cfg(test)]
mod tests;

pub use hook::{Event, Hook};
pub use manifest::{Head, Manifest, Sorted, sort};
pub use record::{Info, RecordedHook, Release};
