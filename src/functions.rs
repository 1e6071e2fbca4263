//! The functions that Helm gives to charts: sprig's and its own, one file per family.

mod arguments;
mod crypto;
mod dates;
mod encodings;
mod floats;
mod random;
mod sources;

pub use sources::Sources;

use crate::template::{Function, Value};

/// The functions of one family, by the names that templates use.
type Table = Vec<(&'static str, Function)>;

/// Functions whose values come from the sources.
pub fn sourced(sources: &Sources) -> Table {
    let mut table = dates::table(sources);
    table.extend(random::table(sources));
    table.extend(crypto::table(sources));
    table
}

/// Placeholder for the type name that `%T` prints.
fn type_name(_value: &Value) -> String {
    String::new()
}
#[cfg(test)]
mod tests;
