//! Making values that nobody can guess.

use secrecy::SecretString;
use zeroize::Zeroizing;

/// Which characters a generated value is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alphabet {
    /// Letters and digits: safe in URLs, shells, configuration files.
    Alphanumeric,
    /// Lower-case hexadecimal digits.
    Hexadecimal,
}

impl Alphabet {
    fn characters(self) -> &'static [u8] {
        match self {
            Self::Alphanumeric => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
            Self::Hexadecimal => b"0123456789abcdef",
        }
    }

    /// A value of that many characters from the operating system's own randomness, without bias.
    pub fn generate(self, length: usize) -> Result<SecretString, getrandom::Error> {
        let characters = self.characters();
        let limit = 256 - 256 % characters.len();
        let mut value = Zeroizing::new(String::with_capacity(length));
        let mut bytes = Zeroizing::new([0_u8; 64]);
        while value.len() < length {
            getrandom::fill(bytes.as_mut())?;
            for byte in bytes.iter().copied().filter(|byte| usize::from(*byte) < limit) {
                if value.len() == length {
                    break;
                }
                value.push(char::from(characters[usize::from(byte) % characters.len()]));
            }
        }
        Ok(SecretString::from(value.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret as _;

    #[test]
    fn values_have_their_length_and_differ() {
        let a = Alphabet::Alphanumeric.generate(32).unwrap();
        let b = Alphabet::Alphanumeric.generate(32).unwrap();
        assert_eq!(a.expose_secret().len(), 32);
        assert_ne!(a.expose_secret(), b.expose_secret());
        let hex = Alphabet::Hexadecimal.generate(64).unwrap();
        assert!(hex.expose_secret().chars().all(|c| c.is_ascii_hexdigit()));
    }
}
