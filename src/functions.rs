//! The functions that Helm gives to charts: sprig's and its own, one file per family.
//!
//! Signatures, results and the words of errors are those of sprig 3.3.0 and Helm 4.3.1, since charts rely on them.

mod arguments;
mod cast;
mod copying;
mod crypto;
mod dates;
mod decimal;
mod defaults;
mod dicts;
mod encodings;
mod equality;
mod floats;
mod lists;
mod merging;
mod numbers;
mod paths;
mod printing;
mod random;
mod regex;
mod runes;
mod semver;
mod sources;
mod strings;
mod toml;
mod types;
mod urls;
mod word_cases;
mod words;

use std::collections::HashMap;

pub use sources::Sources;

use crate::template::{Function, Value};

/// The functions of one family, by the names that templates use.
type Table = Vec<(&'static str, Function)>;

/// All functions, by the names that templates use.
pub fn all(sources: &Sources) -> HashMap<&'static str, Function> {
    let families: [fn() -> Table; 12] = [
        strings::table,
        encodings::table,
        lists::table,
        dicts::table,
        defaults::table,
        numbers::table,
        types::table,
        regex::table,
        semver::table,
        urls::table,
        paths::table,
        words::table,
    ];
    let plain = families.iter().flat_map(|family| family());
    plain.chain(sourced(sources)).collect()
}

/// Functions whose values come from the sources.
fn sourced(sources: &Sources) -> Table {
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
