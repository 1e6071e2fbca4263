//! Private keys of all kinds that charts make or hand over.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};

use super::der::{self, Reader};
use super::dsa::DsaKey;
use super::ecdsa::EcdsaKey;
use super::pem;
use super::rsa::RsaKey;
use crate::functions::sources::Stream;

const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const SHA256_WITH_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b];
const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const ECDSA_WITH_SHA2: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03];
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
const X25519: &[u8] = &[0x2b, 0x65, 0x6e];

#[derive(Clone)]
pub(super) enum PrivateKey {
    Rsa(Box<RsaKey>),
    Dsa(Box<DsaKey>),
    Ecdsa(Box<EcdsaKey>),
    /// The seed.
    Ed25519([u8; 32]),
    /// Read and written, but it cannot sign.
    X25519([u8; 32]),
}

impl PrivateKey {
    /// Of certificates that bring no key of their own.
    pub(super) fn rsa(stream: &mut Stream, bits: usize) -> Self {
        Self::Rsa(Box::new(RsaKey::generate(stream, bits)))
    }

    pub(super) fn dsa(stream: &mut Stream) -> Self {
        Self::Dsa(Box::new(DsaKey::generate(stream)))
    }

    pub(super) fn ecdsa(stream: &mut Stream) -> Self {
        Self::Ecdsa(Box::new(EcdsaKey::generate(stream)))
    }

    pub(super) fn ed25519(stream: &mut Stream) -> Self {
        let mut seed = [0; 32];
        stream.fill(&mut seed);
        Self::Ed25519(seed)
    }

    /// From PEM. The error is in sprig's words.
    pub(super) fn parse(text: &[u8]) -> Result<Self, String> {
        let block = pem::decode(text).ok_or("no PEM data in input")?;
        if block.label == "PRIVATE KEY" {
            return Self::parse_pkcs8(&block.bytes).map_err(|error| format!("decoding PEM as PKCS#8: {error}"));
        }
        let Some(kind) = block.label.strip_suffix(" PRIVATE KEY") else {
            return Err(format!("no private key data in PEM block of type {}", block.label));
        };
        let parsed = match kind {
            "RSA" => RsaKey::parse(&block.bytes).map(|key| Self::Rsa(Box::new(key))),
            "EC" => EcdsaKey::parse(&block.bytes, None).map(|key| Self::Ecdsa(Box::new(key))),
            "DSA" => DsaKey::parse(&block.bytes)
                .map(|key| Self::Dsa(Box::new(key)))
                .ok_or_else(|| der::problem(&block.bytes, "DSAKeyFormat")),
            _ => return Err(format!("invalid private key type {}", block.label)),
        };
        parsed.map_err(|error| format!("parsing {kind} private key from PEM: {error}"))
    }

    fn parse_pkcs8(bytes: &[u8]) -> Result<Self, String> {
        let (algorithm, parameters, key) = read_pkcs8(bytes).ok_or_else(|| der::problem(bytes, "pkcs8"))?;
        match algorithm {
            RSA => RsaKey::parse(key)
                .map(|key| Self::Rsa(Box::new(key)))
                .map_err(|error| format!("x509: failed to parse RSA private key embedded in PKCS#8: {error}")),
            EC => EcdsaKey::parse(key, Reader::new(parameters).value(der::OBJECT))
                .map(|key| Self::Ecdsa(Box::new(key)))
                .map_err(|error| format!("x509: failed to parse EC private key embedded in PKCS#8: {error}")),
            ED25519 | X25519 => {
                let name = if algorithm == ED25519 { "Ed25519" } else { "X25519" };
                if !parameters.is_empty() {
                    return Err(format!("x509: invalid {name} private key parameters"));
                }
                let seed = Reader::new(key).value(der::OCTET_STRING).unwrap_or_default();
                let length = seed.len();
                let seed = <[u8; 32]>::try_from(seed)
                    .map_err(|_| format!("x509: invalid {name} private key length: {length}"))?;
                Ok(if algorithm == ED25519 { Self::Ed25519(seed) } else { Self::X25519(seed) })
            }
            other => {
                let algorithm = dotted(other);
                Err(format!("x509: PKCS#8 wrapping contained private key with unknown algorithm: {algorithm}"))
            }
        }
    }

    /// As sprig writes each kind.
    pub(super) fn to_pem(&self) -> String {
        match self {
            Self::Rsa(key) => pem::encode("RSA PRIVATE KEY", &key.encode()),
            Self::Dsa(key) => pem::encode("DSA PRIVATE KEY", &key.encode()),
            Self::Ecdsa(key) => pem::encode("EC PRIVATE KEY", &key.encode()),
            Self::Ed25519(seed) => pem::encode("PRIVATE KEY", &pkcs8(ED25519, seed)),
            Self::X25519(seed) => pem::encode("PRIVATE KEY", &pkcs8(X25519, seed)),
        }
    }

    /// The algorithm and the public key as certificates hold them, or what is wrong with the kind.
    pub(super) fn public_key(&self) -> Result<PublicKey, String> {
        let of = |algorithm: &[u8], parameters: &[u8], bits| PublicKey {
            algorithm: der::element(der::SEQUENCE, &[&der::element(der::OBJECT, &[algorithm]), parameters]),
            bits,
        };
        Ok(match self {
            Self::Rsa(key) => of(RSA, der::NULL, key.public_key()),
            Self::Ecdsa(key) => of(EC, &der::element(der::OBJECT, &[key.curve()]), key.public_key()),
            Self::Ed25519(seed) => of(ED25519, &[], ed25519(seed)?.public_key().as_ref().to_vec()),
            Self::Dsa(_) => return Err("x509: unsupported public key type: *dsa.PublicKey".to_owned()),
            Self::X25519(_) => return Err("x509: unsupported public key type: *ecdh.PublicKey".to_owned()),
        })
    }

    pub(super) fn can_sign(&self) -> bool {
        !matches!(self, Self::Dsa(_) | Self::X25519(_))
    }

    /// The identifier of what [`Self::sign`] does.
    pub(super) fn signature_algorithm(&self) -> Vec<u8> {
        let of = |object: &[&[u8]], parameters: &[u8]| {
            der::element(der::SEQUENCE, &[&der::element(der::OBJECT, object), parameters])
        };
        match self {
            Self::Ecdsa(key) => of(&[ECDSA_WITH_SHA2, &[key.signature_algorithm()]], &[]),
            Self::Ed25519(_) => of(&[ED25519], &[]),
            _ => of(&[SHA256_WITH_RSA], der::NULL),
        }
    }

    /// The same signature for the same message, whatever the kind.
    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, String> {
        match self {
            Self::Rsa(key) => key.sign(message),
            Self::Ecdsa(key) => key.sign(message),
            Self::Ed25519(seed) => Ok(ed25519(seed)?.sign(message).as_ref().to_vec()),
            Self::Dsa(_) | Self::X25519(_) => {
                Err("x509: certificate private key does not implement crypto.Signer".to_owned())
            }
        }
    }
}

/// A public key in a certificate.
pub(super) struct PublicKey {
    /// The whole identifier of the algorithm.
    pub(super) algorithm: Vec<u8>,
    pub(super) bits: Vec<u8>,
}

impl PublicKey {
    /// `SubjectPublicKeyInfo`
    pub(super) fn encode(&self) -> Vec<u8> {
        der::element(der::SEQUENCE, &[&self.algorithm, &der::bit_string(&self.bits)])
    }
}

fn ed25519(seed: &[u8; 32]) -> Result<Ed25519KeyPair, String> {
    Ed25519KeyPair::from_seed_unchecked(seed).map_err(|error| format!("ed25519: {error}"))
}

fn pkcs8(algorithm: &[u8], seed: &[u8]) -> Vec<u8> {
    let identifier = der::element(der::SEQUENCE, &[&der::element(der::OBJECT, &[algorithm])]);
    let inner = der::element(der::OCTET_STRING, &[seed]);
    der::element(der::SEQUENCE, &[&[der::INTEGER, 1, 0], &identifier, &der::element(der::OCTET_STRING, &[&inner])])
}

/// The algorithm, its parameters as they stand, and the key.
fn read_pkcs8(bytes: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let mut sequence = Reader::new(bytes).nested(der::SEQUENCE)?;
    sequence.value(der::INTEGER)?;
    let mut identifier = sequence.nested(der::SEQUENCE)?;
    let algorithm = identifier.value(der::OBJECT)?;
    let parameters = if identifier.is_empty() { b"" } else { identifier.whole()? };
    Some((algorithm, parameters, sequence.value(der::OCTET_STRING)?))
}

/// An identifier as people write it: `1.2.840.113549.1.1.1`.
fn dotted(object: &[u8]) -> String {
    let mut numbers = Vec::new();
    let mut number = 0_u64;
    for byte in object {
        number = number << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            if numbers.is_empty() {
                numbers.push((number / 40).min(2));
                number -= numbers[0] * 40;
            }
            numbers.push(number);
            number = 0;
        }
    }
    numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(".")
}
