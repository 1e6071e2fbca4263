//! Telling that a secret changed without keeping its value.

use hmac::{Hmac, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Sha256;

/// Keyed fingerprints. The key never leaves the deployment's secret store, so a fingerprint in a record or a plan
/// cannot be tried against a list of likely passwords.
pub struct Fingerprints {
    key: SecretString,
}

impl Fingerprints {
    pub fn new(key: SecretString) -> Self {
        Self { key }
    }

    /// 16 hexadecimal digits; equal for equal values within one deployment only.
    pub fn of(&self, value: &SecretString) -> String {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.key.expose_secret().as_bytes()) else {
            // HMAC takes keys of every length.
            return String::new();
        };
        mac.update(value.expose_secret().as_bytes());
        mac.finalize().into_bytes().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }
}
