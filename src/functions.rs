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
mod decimal;
mod defaults;
mod dicts;
mod encodings;
mod equality;
mod lists;
mod merging;
mod numbers;
mod paths;
mod printing;
mod regex;
mod runes;
pub mod semver;
mod strings;
mod types;
mod urls;
mod word_cases;
mod words;

use std::collections::HashMap;

use crate::template::Function;

/// The functions of one family, by the names that templates use.
type Table = Vec<(&'static str, Function)>;

/// All functions, by the names that templates use.
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
