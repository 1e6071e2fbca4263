//! DSA keys with 2048 and 256 bits, as OpenSSL's old format writes them. They sign nothing: Go's certificates know
//! no DSA, and neither do ours.

use num_bigint::BigUint;

use super::der::{self, Reader};
use super::prime::{prime, prime_above_multiple};
use crate::functions::sources::Stream;

/// The parameters p, q and g, the public key y and the private key x.
#[derive(Clone)]
pub(super) struct DsaKey([BigUint; 5]);

impl DsaKey {
    pub(super) fn generate(stream: &mut Stream) -> Self {
        let mut source = stream.derive();
        let q = prime(&mut source, 256);
        let p = prime_above_multiple(&mut source, 2048, &q);
        let one = BigUint::from(1_u8);
        let exponent = (&p - &one) / &q;
        let generator = (2_u8..=u8::MAX)
            .map(|base| BigUint::from(base).modpow(&exponent, &p))
            .find(|generator| *generator != one)
            .unwrap_or_default();
        let mut bytes = [0; 40];
        source.fill(&mut bytes);
        let x = BigUint::from_bytes_be(&bytes) % (&q - &one) + &one;
        let y = generator.modpow(&x, &p);
        Self([p, q, generator, y, x])
    }

    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let mut sequence = Reader::new(bytes).nested(der::SEQUENCE)?;
        sequence.value(der::INTEGER)?;
        let mut numbers: [BigUint; 5] = Default::default();
        for number in &mut numbers {
            *number = BigUint::from_bytes_be(sequence.unsigned()?);
        }
        sequence.is_empty().then_some(Self(numbers))
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let encoded: Vec<Vec<u8>> = self.0.iter().map(|number| der::unsigned(&number.to_bytes_be())).collect();
        let mut parts: Vec<&[u8]> = vec![&[der::INTEGER, 1, 0]];
        parts.extend(encoded.iter().map(Vec::as_slice));
        der::element(der::SEQUENCE, &parts)
    }
}
