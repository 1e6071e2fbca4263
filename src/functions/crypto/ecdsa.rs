//! ECDSA keys on the curves of NIST, except the weak P-224. Their signatures follow RFC 6979, so the same message gives the same one.

use p256::ecdsa::signature::hazmat::PrehashSigner;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::der::{self, Reader};
use crate::functions::sources::Stream;

/// A private key and its curve.
#[derive(Clone)]
pub(super) enum EcdsaKey {
    P256(p256::ecdsa::SigningKey),
    P384(p384::ecdsa::SigningKey),
    P521(p521::ecdsa::SigningKey),
}

const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const P384: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x22];
const P521: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x23];

impl EcdsaKey {
    /// On P-256.
    pub(super) fn generate(stream: &mut Stream) -> Self {
        let mut bytes = [0; 32];
        loop {
            stream.fill(&mut bytes);
            // Zero and what is beyond the curve's order are refused, once in 2^32.
            if let Ok(key) = p256::ecdsa::SigningKey::from_slice(&bytes) {
                return Self::P256(key);
            }
        }
    }

    /// SEC 1, where PKCS #8 may have told the curve. The error is in Go's words.
    pub(super) fn parse(bytes: &[u8], curve: Option<&[u8]>) -> Result<Self, String> {
        let (version, scalar, own_curve) = read(bytes)
            .ok_or_else(|| format!("x509: failed to parse EC private key: {}", der::problem(bytes, "ecPrivateKey")))?;
        if version != [1] {
            let version = version.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
            return Err(format!("x509: unknown EC private key version {version}"));
        }
        let invalid = || "x509: invalid private key length".to_owned();
        let failed = |_| "crypto/ecdsa: invalid private key".to_owned();
        match curve.or(own_curve) {
            Some(P256) => {
                let scalar = fitted::<32>(scalar).ok_or_else(invalid)?;
                p256::ecdsa::SigningKey::from_slice(&scalar).map(Self::P256).map_err(failed)
            }
            Some(P384) => {
                let scalar = fitted::<48>(scalar).ok_or_else(invalid)?;
                p384::ecdsa::SigningKey::from_slice(&scalar).map(Self::P384).map_err(failed)
            }
            Some(P521) => {
                let scalar = fitted::<66>(scalar).ok_or_else(invalid)?;
                p521::ecdsa::SigningKey::from_slice(&scalar).map(Self::P521).map_err(failed)
            }
            _ => Err("x509: unknown elliptic curve".to_owned()),
        }
    }

    /// SEC 1, with the curve's name.
    pub(super) fn encode(&self) -> Vec<u8> {
        let curve = der::element(der::OBJECT, &[self.curve()]);
        der::element(
            der::SEQUENCE,
            &[
                &[der::INTEGER, 1, 1],
                &der::element(der::OCTET_STRING, &[&self.scalar()]),
                &der::element(der::context(0), &[&curve]),
                &der::element(der::context(1), &[&der::bit_string(&self.public_key())]),
            ],
        )
    }

    pub(super) fn curve(&self) -> &'static [u8] {
        match self {
            Self::P256(_) => P256,
            Self::P384(_) => P384,
            Self::P521(_) => P521,
        }
    }

    fn scalar(&self) -> Vec<u8> {
        match self {
            Self::P256(key) => key.to_bytes().to_vec(),
            Self::P384(key) => key.to_bytes().to_vec(),
            Self::P521(key) => key.to_bytes().to_vec(),
        }
    }

    /// The point, uncompressed.
    pub(super) fn public_key(&self) -> Vec<u8> {
        match self {
            Self::P256(key) => key.verifying_key().to_sec1_point(false).as_bytes().to_vec(),
            Self::P384(key) => key.verifying_key().to_sec1_point(false).as_bytes().to_vec(),
            Self::P521(key) => key.verifying_key().to_sec1_point(false).as_bytes().to_vec(),
        }
    }

    /// The last number of the algorithm's identifier under `ecdsa-with-SHA2`.
    pub(super) fn signature_algorithm(&self) -> u8 {
        match self {
            Self::P256(_) => 2,
            Self::P384(_) => 3,
            Self::P521(_) => 4,
        }
    }

    /// With the digest that belongs to the curve.
    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, String> {
        let signed = match self {
            Self::P256(key) => key
                .sign_prehash(&Sha256::digest(message))
                .map(|signature: p256::ecdsa::Signature| signature.to_der().as_bytes().to_vec()),
            Self::P384(key) => key
                .sign_prehash(&Sha384::digest(message))
                .map(|signature: p384::ecdsa::Signature| signature.to_der().as_bytes().to_vec()),
            Self::P521(key) => key
                .sign_prehash(&Sha512::digest(message))
                .map(|signature: p521::ecdsa::Signature| signature.to_der().as_bytes().to_vec()),
        };
        signed.map_err(|error| format!("crypto/ecdsa: {error}"))
    }
}

/// The version, the number and the curve's name, if there is one.
fn read(bytes: &[u8]) -> Option<(&[u8], &[u8], Option<&[u8]>)> {
    let mut outer = Reader::new(bytes);
    let mut sequence = outer.nested(der::SEQUENCE)?;
    let version = sequence.value(der::INTEGER)?;
    let scalar = sequence.value(der::OCTET_STRING)?;
    let curve = sequence.nested(der::context(0)).and_then(|mut inner| inner.value(der::OBJECT));
    Some((version, scalar, curve))
}

/// The number with as many leading zeros as the curve wants.
fn fitted<const LENGTH: usize>(scalar: &[u8]) -> Option<[u8; LENGTH]> {
    let zeros = scalar.iter().take_while(|byte| **byte == 0).count();
    let digits = &scalar[zeros..];
    let mut out = [0; LENGTH];
    out[LENGTH.checked_sub(digits.len())?..].copy_from_slice(digits);
    Some(out)
}
