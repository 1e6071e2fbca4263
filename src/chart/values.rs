//! Values: what the user gave, what charts default to, and how both become one.

mod coalesce;
pub(crate) mod documents;
pub(crate) mod lookup;
mod options;
mod origin;
pub(crate) mod set;
pub(crate) mod types;
mod warnings;

pub(crate) use coalesce::merge_tables;
pub use coalesce::{Nulls, coalesce};
pub use documents::{merged, read};
pub use lookup::{NoTable, table, value};
pub use options::{UserValues, ValueOptions, collect};
pub use origin::{Origins, Part, Path, Source, show};
pub use set::{Reading, set};
pub use warnings::{Warning, Warnings};
