//! RSA keys: made from two primes, read and written as PKCS #1.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use num_bigint::BigUint;
use sha2::{Digest, Sha256};

use super::der::{self, Reader};
use super::prime::{EXPONENT, rsa_prime};
use crate::functions::sources::Stream;

/// Go has no such bound, but a chart's key must not keep a rendering busy for hours.
const LARGEST: u64 = 16_384;
/// The identifier of SHA-256 before its digest in a signature (RFC 8017, 9.2).
const SHA256_PREFIX: [u8; 19] =
    [0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20];

/// Two primes and two exponents.
#[derive(Clone)]
pub(super) struct RsaKey {
    modulus: BigUint,
    public: BigUint,
    private: BigUint,
    primes: [BigUint; 2],
}

impl RsaKey {
    /// Searches both primes at the same time.
    pub(super) fn generate(stream: &mut Stream, bits: usize) -> Self {
        loop {
            let (mut first, mut second) = (stream.derive(), stream.derive());
            let primes = std::thread::scope(|scope| {
                let other = scope.spawn(move || rsa_prime(&mut second, bits / 2));
                let one = rsa_prime(&mut first, bits / 2);
                other.join().map(|other| [one, other])
            });
            if let Some(key) = primes.ok().and_then(Self::of) {
                return key;
            }
        }
    }

    fn of(primes: [BigUint; 2]) -> Option<Self> {
        let [p, q] = &primes;
        let (before_p, before_q) = (p - 1_u8, q - 1_u8);
        let public = BigUint::from(EXPONENT);
        // The least common multiple, as FIPS 186-5 wants it.
        let multiple = &before_p * &before_q / greatest_common_divisor(before_p, before_q);
        let private = public.modinv(&multiple)?;
        let modulus = p * q;
        (p != q).then_some(Self { modulus, public, private, primes })
    }

    /// From PKCS #1. The error is in Go's words.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let (version, numbers) = read_numbers(bytes).ok_or_else(|| der::problem(bytes, "pkcs1PrivateKey"))?;
        if version > 1 {
            return Err("x509: unsupported private key version".to_owned());
        }
        let [modulus, public, private, p, q] = numbers;
        let zero = BigUint::default();
        if [&modulus, &private, &p, &q].contains(&&zero) {
            return Err("x509: private key contains zero or negative value".to_owned());
        }
        let key = Self { modulus, public, private, primes: [p, q] };
        key.check()?;
        Ok(key)
    }

    fn check(&self) -> Result<(), String> {
        let [p, q] = &self.primes;
        if p * q != self.modulus {
            return Err("crypto/rsa: p * q != n".to_owned());
        }
        let one = BigUint::from(1_u8);
        let product = &self.public * &self.private;
        if p <= &one || q <= &one || [p, q].into_iter().any(|prime| &product % (prime - &one) != one) {
            return Err("crypto/rsa: invalid CRT exponent".to_owned());
        }
        Ok(())
    }

    /// PKCS #1.
    pub(super) fn encode(&self) -> Vec<u8> {
        let [p, q] = &self.primes;
        let inverse = q.modinv(p).unwrap_or_default();
        let (private_p, private_q) = (&self.private % (p - 1_u8), &self.private % (q - 1_u8));
        let numbers = [&self.modulus, &self.public, &self.private, p, q, &private_p, &private_q, &inverse];
        let encoded: Vec<Vec<u8>> = numbers.iter().map(|number| der::unsigned(&number.to_bytes_be())).collect();
        let mut parts: Vec<&[u8]> = vec![&[der::INTEGER, 1, 0]];
        parts.extend(encoded.iter().map(Vec::as_slice));
        der::element(der::SEQUENCE, &parts)
    }

    /// The two numbers that everyone may know.
    pub(super) fn public_key(&self) -> Vec<u8> {
        let (modulus, public) = (self.modulus.to_bytes_be(), self.public.to_bytes_be());
        der::element(der::SEQUENCE, &[&der::unsigned(&modulus), &der::unsigned(&public)])
    }

    /// PKCS #1 version 1.5 with SHA-256. It has no randomness.
    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, String> {
        let bits = self.modulus.bits();
        if bits < 1024 {
            return Err(format!(
                "crypto/rsa: {bits}-bit keys are insecure (see https://go.dev/pkg/crypto/rsa#hdr-Minimum_key_size)"
            ));
        }
        if bits > LARGEST {
            return Err(format!("crypto/rsa: {bits}-bit keys are too large"));
        }
        // The library's keys begin at 2048 bits.
        let Ok(pair) = RsaKeyPair::from_der(&self.encode()) else { return Ok(self.sign_plainly(message)) };
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
            .map_err(|_| "crypto/rsa: signing failed".to_owned())?;
        Ok(signature)
    }

    fn sign_plainly(&self, message: &[u8]) -> Vec<u8> {
        let length = self.modulus.bits().div_ceil(8) as usize;
        let digest = Sha256::digest(message);
        let filler = length.saturating_sub(3 + SHA256_PREFIX.len() + digest.len());
        let padded = [&[0, 1], vec![0xff; filler].as_slice(), &[0], &SHA256_PREFIX, &digest].concat();
        let signature = BigUint::from_bytes_be(&padded).modpow(&self.private, &self.modulus).to_bytes_be();
        [vec![0; length - signature.len()], signature].concat()
    }
}

fn read_numbers(bytes: &[u8]) -> Option<(u8, [BigUint; 5])> {
    let mut outer = Reader::new(bytes);
    let mut sequence = outer.nested(der::SEQUENCE)?;
    let version = match sequence.value(der::INTEGER)? {
        [version] => *version,
        _ => return None,
    };
    let mut numbers: [BigUint; 5] = Default::default();
    for number in &mut numbers {
        *number = BigUint::from_bytes_be(sequence.unsigned()?);
    }
    outer.is_empty().then_some((version, numbers))
}

fn greatest_common_divisor(mut one: BigUint, mut other: BigUint) -> BigUint {
    while other != BigUint::default() {
        (one, other) = (other.clone(), one % other);
    }
    one
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::functions::sources::Sources;

    fn key(bits: usize) -> RsaKey {
        RsaKey::generate(&mut Sources::fixed(jiff::Timestamp::UNIX_EPOCH, b"rsa").stream("test"), bits)
    }

    #[test]
    fn keys_are_whole_and_survive_writing() {
        let key = key(1024);
        assert_eq!(key.modulus.bits(), 1024);
        assert_eq!(key.check(), Ok(()));
        assert_eq!(RsaKey::parse(&key.encode()).expect("a key").encode(), key.encode());
    }

    #[test]
    fn both_ways_to_sign_agree() {
        let key = key(2048);
        assert!(RsaKeyPair::from_der(&key.encode()).is_ok(), "the library accepts the key");
        assert_eq!(key.sign(b"message").expect("a signature"), key.sign_plainly(b"message"));
    }
}
