//! Every code that `deploy` can print, with what `deploy explain` says about it.
//!
//! A code never changes its meaning and is never used again. Families: `FILE` the user's files, `SCENARIO`,
//! `SECRET`, `PLAN`, `CONTRACT`, `REGISTRY` (of charts), `TARGET`, `PYTHON`, `DATABASE`, `SERVER`, `MLFLOW`, `PROCESS`,
//! `CONTAINER`, `HEALTH`, `LOCK`, `RUN` (engine and journal), `CHART`, `USAGE`.

use std::fmt;

use serde::{Serialize, Serializer};

mod table;

pub use table::*;

/// A stable name of one kind of finding, such as `DEP-HEALTH-021`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Code(&'static str);

impl Code {
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

/// What `deploy explain CODE` prints.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Explanation {
    pub code: Code,
    /// One line.
    pub title: &'static str,
    /// What it means and why it matters.
    pub meaning: &'static str,
    /// What to do.
    pub remedy: &'static str,
}

/// Declares codes as constants and the table of explanations from one list, so that none can lack one.
macro_rules! codes {
    ($($name:ident = $code:literal, $title:literal, $meaning:literal, $remedy:literal;)*) => {
        $(#[doc = $title] pub const $name: $crate::diagnostics::codes::Code = $crate::diagnostics::codes::Code($code);)*
        /// Every code with its explanation, in the order of the families.
        pub const EXPLANATIONS: &[$crate::diagnostics::codes::Explanation] = &[
            $($crate::diagnostics::codes::Explanation { code: $name, title: $title, meaning: $meaning, remedy: $remedy },)*
        ];
    };
}
pub(crate) use codes;

/// Why something below the state folder cannot be written.
pub fn of_unwritable(error: &std::io::Error) -> Code {
    match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => PROCESS_DISK_FULL,
        _ => TARGET_HOME_UNWRITABLE,
    }
}

/// The explanation of a code, written in any case and with or without the `DEP-` in front.
pub fn explain(code: &str) -> Option<&'static Explanation> {
    let wanted = code.trim().to_ascii_uppercase();
    EXPLANATIONS.iter().find(|e| e.code.0 == wanted || e.code.0.strip_prefix("DEP-") == Some(&wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_explained() {
        let mut seen = std::collections::BTreeSet::new();
        for explanation in EXPLANATIONS {
            assert!(seen.insert(explanation.code), "{} stands twice", explanation.code);
            assert!(
                explanation.meaning.len() > 20 && explanation.remedy.len() > 10,
                "{} says too little",
                explanation.code
            );
        }
    }

    #[test]
    fn a_code_is_found_as_people_type_it() {
        assert!(explain("dep-file-001").is_some());
        assert!(explain("FILE-001").is_some());
        assert!(explain("FILE-999").is_none());
    }
}
