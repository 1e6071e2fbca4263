//! Secrets: where their values come from, where generated ones are kept, and how they are kept out of everything
//! that is printed or written.
//!
//! A value is a [`secrecy::SecretString`]: no `Display`, no `Serialize`, wiped after use. Plans, specs and journals
//! hold a [`SecretName`] only.

mod fingerprint;
mod generate;
mod redact;
mod source;
mod store;

pub use fingerprint::Fingerprints;
pub use generate::Alphabet;
pub use redact::Redactor;
pub use source::{Fit, SecretSource, SecretSpec};
pub use store::{SecretStore, Secrets};

use serde::{Deserialize, Serialize};

/// Name of a secret within a deployment: `admin-password`. Names are no secrets.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SecretName(String);

impl SecretName {
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for SecretName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.0)
    }
}
