//! Semantic versions and constraints on them.

mod constraint;
mod object;
mod version;

use std::rc::Rc;

use super::Table;
use super::arguments::bytes;
use crate::template::{Function, Parameter, Value};

use Parameter::String;

pub use constraint::Constraints;
pub use version::Version;

pub(super) fn table() -> Table {
    vec![
        ("semver", Function::new(&[String], |_, a| Ok(Value::Object(Rc::new(Version::parse(bytes(a, 0))?))))),
        (
            "semverCompare",
            Function::new(&[String, String], |_, a| {
                let constraints = Constraints::parse(bytes(a, 0))?;
                Ok(Value::Bool(constraints.allow(&Version::parse(bytes(a, 1))?)))
            }),
        ),
    ]
}
