//! The functions that Helm gives to charts: sprig's and its own, one file per family.
//!
//! Signatures, results and the words of errors are those of sprig 3.3.0 and Helm 4.3.1, since charts rely on them.

// Go's numbers wrap around where they are converted and compare exactly, and so do these.
#![allow(clippy::cast_possible_wrap, clippy::cast_sign_loss, clippy::float_cmp)]

#[cfg(test)]
mod answers;
mod arguments;
mod cast;
mod copying;
mod crypto;
mod dates;
mod decimal;
mod defaults;
mod dicts;
mod documents;
mod encodings;
mod equality;
mod floats;
mod helm;
mod lists;
mod merging;
mod numbers;
mod paths;
mod printing;
mod random;
mod regex;
mod runes;
pub mod semver;
mod sources;
mod strings;
#[cfg(test)]
mod tests;
mod toml;
mod types;
mod urls;
mod word_cases;
mod words;

use std::collections::HashMap;

pub use dates::check_json_time;
pub use helm::{Cluster, Surroundings, without_missing};
pub use sources::Sources;

use crate::template::Function;

/// The functions of one family, by the names that templates use.
type Table = Vec<(&'static str, Function)>;

/// All functions that a chart has, by the names that templates use. They belong to one rendering: the counts of its
/// templates and its random values are theirs.
pub fn for_chart(surroundings: &Surroundings) -> HashMap<&'static str, Function> {
    let mut functions = all();
    functions.extend(sourced(&surroundings.sources));
    functions.extend(documents::table());
    functions.extend(toml::table());
    functions.extend(helm::table(surroundings));
    functions
}

/// Functions whose values come from the sources.
fn sourced(sources: &Sources) -> Table {
    let mut table = dates::table(sources);
    table.extend(random::table(sources));
    table.extend(crypto::table(sources));
    table
}

/// Functions that need nothing but their arguments.
pub fn all() -> HashMap<&'static str, Function> {
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
    families.iter().flat_map(|family| family()).collect()
}
