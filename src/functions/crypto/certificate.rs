//! X.509 certificates, field by field as Go's `crypto/x509` makes them for sprig.

use std::net::IpAddr;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::der::{self, Reader};
use super::pem;
use super::private_key::PrivateKey;
use crate::functions::sources::Stream;
use crate::template::quote;

const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
const KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x0f];
const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x25];
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];
const SUBJECT_KEY_ID: &[u8] = &[0x55, 0x1d, 0x0e];
const AUTHORITY_KEY_ID: &[u8] = &[0x55, 0x1d, 0x23];
const SUBJECT_ALTERNATIVE_NAME: &[u8] = &[0x55, 0x1d, 0x11];
const SERVER_AUTHENTICATION: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01];
const CLIENT_AUTHENTICATION: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02];
const TRUE: &[u8] = &[0x01, 0x01, 0xff];
const SECONDS_PER_DAY: i64 = 86_400;

/// What a certificate shall say.
pub(super) struct Request {
    pub(super) common_name: Vec<u8>,
    pub(super) addresses: Vec<IpAddr>,
    pub(super) names: Vec<Vec<u8>>,
    pub(super) days: i64,
    pub(super) is_authority: bool,
}

/// Who signs.
pub(super) struct Issuer {
    /// The certificate's subject, as it stands there.
    subject: Vec<u8>,
    key_id: Vec<u8>,
    public_key: Vec<u8>,
}

impl Issuer {
    /// From a certificate. None if it is none.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let mut outer = Reader::new(bytes);
        let mut certificate = outer.nested(der::SEQUENCE)?;
        let mut body = certificate.nested(der::SEQUENCE)?;
        certificate.nested(der::SEQUENCE)?;
        certificate.value(der::BIT_STRING)?;
        let _version = body.value(der::context(0));
        body.value(der::INTEGER)?;
        let [_algorithm, _issuer, _validity, subject, public_key] =
            [body.whole()?, body.whole()?, body.whole()?, body.whole()?, body.whole()?];
        let _ids = (body.value(der::context_plain(1)), body.value(der::context_plain(2)));
        let key_id =
            body.nested(der::context(3)).and_then(|mut extensions| key_id_in(extensions.nested(der::SEQUENCE)?));
        outer.is_empty().then(|| Self {
            subject: subject.to_vec(),
            key_id: key_id.unwrap_or_default(),
            public_key: public_key.to_vec(),
        })
    }
}

fn key_id_in(mut extensions: Reader<'_>) -> Option<Vec<u8>> {
    while let Some(mut extension) = extensions.nested(der::SEQUENCE) {
        if extension.value(der::OBJECT)? == SUBJECT_KEY_ID {
            let value = extension.value(der::OCTET_STRING)?;
            return Reader::new(value).value(der::OCTET_STRING).map(<[u8]>::to_vec);
        }
    }
    None
}

impl Request {
    /// The certificate in PEM, signed by the issuer, or by itself where there is none.
    pub(super) fn issue(
        &self,
        key: &PrivateKey,
        issuer: Option<(&Issuer, &PrivateKey)>,
        now: Timestamp,
        stream: &mut Stream,
    ) -> Result<String, String> {
        let serial = serial_number(stream);
        let signer = issuer.map_or(key, |(_, signer)| signer);
        if !signer.can_sign() {
            return Err("x509: certificate private key does not implement crypto.Signer".to_owned());
        }
        let public_key = key.public_key()?;
        let subject = self.subject()?;
        let issuer_name = issuer.map_or(subject.as_slice(), |(issuer, _)| &issuer.subject);
        let subject_id = if self.is_authority { Sha256::digest(&public_key.bits)[..20].to_vec() } else { Vec::new() };
        let authority_id = match issuer {
            Some((issuer, _)) if issuer.subject != subject => issuer.key_id.as_slice(),
            _ => &[],
        };
        if issuer.is_some_and(|(issuer, _)| signer.public_key().is_ok_and(|ours| ours.encode() != issuer.public_key)) {
            return Err("x509: provided PrivateKey doesn't match parent's PublicKey".to_owned());
        }
        let extensions = self.extensions(&subject_id, authority_id)?;
        let algorithm = signer.signature_algorithm();
        let body = der::element(
            der::SEQUENCE,
            &[
                &der::element(der::context(0), &[&[der::INTEGER, 1, 2]]),
                &der::unsigned(&serial),
                &algorithm,
                issuer_name,
                &self.validity(now)?,
                &subject,
                &public_key.encode(),
                &der::element(der::context(3), &[&extensions]),
            ],
        );
        let signature = der::bit_string(&signer.sign(&body)?);
        let certificate = der::element(der::SEQUENCE, &[&body, &algorithm, &signature]);
        Ok(pem::encode("CERTIFICATE", &certificate))
    }

    fn subject(&self) -> Result<Vec<u8>, String> {
        if self.common_name.is_empty() {
            return Ok(der::element(der::SEQUENCE, &[]));
        }
        let is_printable =
            self.common_name.iter().all(|byte| byte.is_ascii_alphanumeric() || b" '()+,-./:=?".contains(byte));
        if std::str::from_utf8(&self.common_name).is_err() {
            return Err("asn1: string not valid UTF-8".to_owned());
        }
        let tag = if is_printable { der::PRINTABLE_STRING } else { der::UTF8_STRING };
        let (name, value) = (der::element(der::OBJECT, &[COMMON_NAME]), der::element(tag, &[&self.common_name]));
        let pair = der::element(der::SEQUENCE, &[&name, &value]);
        Ok(der::element(der::SEQUENCE, &[&der::element(der::SET, &[&pair])]))
    }

    fn validity(&self, now: Timestamp) -> Result<Vec<u8>, String> {
        let start = now.as_second();
        // Go counts the hours of a validity in nanoseconds of 64 bits, which wrap after 292 years.
        let length = self.days.wrapping_mul(SECONDS_PER_DAY.wrapping_mul(1_000_000_000));
        let end = now.as_nanosecond() + i128::from(length);
        let end = end.div_euclid(1_000_000_000) as i64;
        Ok(der::element(der::SEQUENCE, &[&time(start)?, &time(end)?]))
    }

    fn extensions(&self, subject_id: &[u8], authority_id: &[u8]) -> Result<Vec<u8>, String> {
        // Signing and encryption of keys; authorities also sign certificates.
        let usage: [u8; 2] = if self.is_authority { [2, 0b1010_0100] } else { [5, 0b1010_0000] };
        let purposes = [SERVER_AUTHENTICATION, CLIENT_AUTHENTICATION].map(|id| der::element(der::OBJECT, &[id]));
        let constraints = if self.is_authority { TRUE } else { &[] };
        let mut extensions = vec![
            extension(KEY_USAGE, true, &der::element(der::BIT_STRING, &[&usage])),
            extension(EXTENDED_KEY_USAGE, false, &der::element(der::SEQUENCE, &[&purposes[0], &purposes[1]])),
            extension(BASIC_CONSTRAINTS, true, &der::element(der::SEQUENCE, &[constraints])),
        ];
        if !subject_id.is_empty() {
            extensions.push(extension(SUBJECT_KEY_ID, false, &der::element(der::OCTET_STRING, &[subject_id])));
        }
        if !authority_id.is_empty() {
            let id = der::element(der::context_plain(0), &[authority_id]);
            extensions.push(extension(AUTHORITY_KEY_ID, false, &der::element(der::SEQUENCE, &[&id])));
        }
        if !self.names.is_empty() || !self.addresses.is_empty() {
            let is_critical = self.common_name.is_empty();
            extensions.push(extension(SUBJECT_ALTERNATIVE_NAME, is_critical, &self.alternative_names()?));
        }
        let parts: Vec<&[u8]> = extensions.iter().map(Vec::as_slice).collect();
        Ok(der::element(der::SEQUENCE, &parts))
    }

    fn alternative_names(&self) -> Result<Vec<u8>, String> {
        let mut names = Vec::new();
        for name in &self.names {
            if !name.is_ascii() {
                return Err(format!("x509: {} cannot be encoded as an IA5String", quote(name)));
            }
            names.push(der::element(der::context_plain(2), &[name]));
        }
        for address in &self.addresses {
            names.push(match address.to_canonical() {
                IpAddr::V4(address) => der::element(der::context_plain(7), &[&address.octets()]),
                IpAddr::V6(address) => der::element(der::context_plain(7), &[&address.octets()]),
            });
        }
        let parts: Vec<&[u8]> = names.iter().map(Vec::as_slice).collect();
        Ok(der::element(der::SEQUENCE, &parts))
    }
}

fn extension(id: &[u8], is_critical: bool, value: &[u8]) -> Vec<u8> {
    let critical = if is_critical { TRUE } else { &[] };
    let parts = [&der::element(der::OBJECT, &[id]), critical, &der::element(der::OCTET_STRING, &[value])];
    der::element(der::SEQUENCE, &parts)
}

/// Any number of 128 bits.
fn serial_number(stream: &mut Stream) -> [u8; 16] {
    let mut bytes = [0; 16];
    stream.fill(&mut bytes);
    bytes
}

fn time(seconds: i64) -> Result<Vec<u8>, String> {
    let cannot = || "asn1: structure error: cannot represent time as GeneralizedTime".to_owned();
    let civil = Timestamp::from_second(seconds).map_err(|_| cannot())?.to_zoned(jiff::tz::TimeZone::UTC);
    let rest = civil.strftime("%m%d%H%M%SZ").to_string();
    let year = civil.year();
    if (1950..2050).contains(&year) {
        let text = format!("{:02}{rest}", year % 100);
        return Ok(der::element(der::UTC_TIME, &[text.as_bytes()]));
    }
    if !(0..=9999).contains(&year) {
        return Err(cannot());
    }
    Ok(der::element(der::GENERALIZED_TIME, &[format!("{year:04}{rest}").as_bytes()]))
}
