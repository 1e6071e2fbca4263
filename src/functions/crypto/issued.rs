//! Functions that issue certificates, and what they give: a certificate with its key.

use std::borrow::Cow;
use std::net::IpAddr;
use std::rc::Rc;

use super::certificate::{Issuer, Request};
use super::cost;
use super::pem;
use super::private_key::PrivateKey;
use crate::functions::Table;
use crate::functions::arguments::{Outcome, bytes, int};
use crate::functions::encodings::decode_base64;
use crate::functions::random::drawing;
use crate::functions::sources::{Sources, Stream};
use crate::template::{CallError, Function, Kind, Object, Parameter, Printed, Runtime, Text, Value, to_text};

const CERTIFICATE: Parameter = Parameter::Named(Certificate::GO_TYPE);

/// Sprig's `certificate`: both texts in PEM.
#[derive(Debug)]
pub(super) struct Certificate {
    certificate: Text,
    key: Text,
}

impl Certificate {
    const GO_TYPE: &str = "sprig.certificate";

    fn of(value: &Value) -> Result<&Self, CallError> {
        match value {
            Value::Object(object) => object.as_any().downcast_ref::<Self>(),
            _ => None,
        }
        .ok_or_else(|| CallError::Message(format!("expected {}", Self::GO_TYPE)))
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        vec![("Cert", Value::String(self.certificate.clone())), ("Key", Value::String(self.key.clone()))]
    }
}

impl Object for Certificate {
    fn go_type(&self) -> Cow<'static, str> {
        Cow::Borrowed(Self::GO_TYPE)
    }

    fn kind(&self) -> Kind {
        Kind::Struct
    }

    fn field(&self, name: &str) -> Option<Value> {
        self.fields().into_iter().find(|(field, _)| *field == name).map(|(_, value)| value)
    }

    fn method(&self, _name: &str) -> Option<Function> {
        None
    }

    fn printed(&self) -> Printed {
        Printed::Struct { is_pointer: false, fields: self.fields() }
    }

    fn to_plain(&self) -> Option<Value> {
        let entries = self.fields().into_iter().map(|(name, value)| (Text::from(name), value)).collect();
        Some(Value::Dict(crate::template::Dict::from_entries(entries)))
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

pub(super) fn table(sources: &Sources) -> Table {
    use Parameter::{Int, List, String};
    vec![
        ("genCA", issuing("genCA", &[String, Int], sources, authority)),
        ("genCAWithKey", issuing("genCAWithKey", &[String, Int, String], sources, authority)),
        ("genSelfSignedCert", issuing("genSelfSignedCert", &[String, List, List, Int], sources, self_signed)),
        (
            "genSelfSignedCertWithKey",
            issuing("genSelfSignedCertWithKey", &[String, List, List, Int, String], sources, self_signed),
        ),
        ("genSignedCert", issuing("genSignedCert", &[String, List, List, Int, CERTIFICATE], sources, signed)),
        (
            "genSignedCertWithKey",
            issuing("genSignedCertWithKey", &[String, List, List, Int, CERTIFICATE, String], sources, signed),
        ),
        ("buildCustomCert", Function::new(&[String, String], |_, arguments| custom(arguments))),
    ]
}

/// What a function that issues works with.
struct Issuing<'a> {
    stream: &'a mut Stream,
    runtime: &'a mut dyn Runtime,
    arguments: &'a [Value],
    now: jiff::Timestamp,
}

fn issuing(
    name: &'static str,
    parameters: &'static [Parameter],
    sources: &Sources,
    issue: fn(&mut Issuing<'_>) -> Outcome,
) -> Function {
    let clock = sources.clone();
    drawing(name, parameters, sources, move |stream, runtime, arguments| {
        issue(&mut Issuing { stream, runtime, arguments, now: clock.now() })
    })
}

impl Issuing<'_> {
    /// The key that was handed over, if one was.
    fn given_key(&self, index: usize) -> Result<Option<PrivateKey>, CallError> {
        if index >= self.arguments.len() {
            return Ok(None);
        }
        let parsed = PrivateKey::parse(bytes(self.arguments, index));
        parsed.map(Some).map_err(|error| CallError::Message(format!("parsing private key: {error}")))
    }

    /// That key, or a new one. Made last, since it takes longer than all the rest.
    fn key(&mut self, given: Option<PrivateKey>) -> Result<PrivateKey, CallError> {
        if let Some(key) = given {
            return Ok(key);
        }
        self.runtime.spend(cost::RSA_2048)?;
        Ok(PrivateKey::rsa(self.stream, 2048))
    }

    /// From the common arguments: name, addresses, other names, days.
    fn request(&self) -> Result<Request, CallError> {
        Ok(Request {
            common_name: bytes(self.arguments, 0).to_vec(),
            addresses: elements(&self.arguments[1]).iter().map(address).collect::<Result<_, _>>()?,
            names: elements(&self.arguments[2]).iter().map(name).collect::<Result<_, _>>()?,
            days: int(self.arguments, 3),
            is_authority: false,
        })
    }

    fn issue(&mut self, request: &Request, key: &PrivateKey, issuer: Option<(&Issuer, &PrivateKey)>) -> Outcome {
        self.runtime.spend(cost::SIGNATURE)?;
        let issued = if matches!(key, PrivateKey::X25519(_)) && issuer.is_some() {
            key.public_key().map(|_| String::new())
        } else {
            request.issue(key, issuer, self.now, self.stream)
        };
        let certificate = issued.map_err(|error| format!("error creating certificate: {error}"))?;
        Ok(pair(certificate.into_bytes(), key.to_pem().into_bytes()))
    }
}

fn pair(certificate: Vec<u8>, key: Vec<u8>) -> Value {
    Value::Object(Rc::new(Certificate { certificate: Text::from(certificate), key: Text::from(key) }))
}

fn authority(issuing: &mut Issuing<'_>) -> Outcome {
    let request = Request {
        common_name: bytes(issuing.arguments, 0).to_vec(),
        addresses: Vec::new(),
        names: Vec::new(),
        days: int(issuing.arguments, 1),
        is_authority: true,
    };
    let given = issuing.given_key(2)?;
    let key = issuing.key(given)?;
    issuing.issue(&request, &key, None)
}

fn self_signed(issuing: &mut Issuing<'_>) -> Outcome {
    let given = issuing.given_key(4)?;
    let request = issuing.request()?;
    let key = issuing.key(given)?;
    issuing.issue(&request, &key, None)
}

fn signed(issuing: &mut Issuing<'_>) -> Outcome {
    let given = issuing.given_key(5)?;
    let authority = Certificate::of(&issuing.arguments[4])?;
    let block = pem::decode(authority.certificate.as_bytes()).ok_or("unable to decode certificate")?;
    let issuer = Issuer::parse(&block.bytes)
        .ok_or("error parsing certificate: decodedSignerCert.Bytes: x509: malformed certificate")?;
    let signer =
        PrivateKey::parse(authority.key.as_bytes()).map_err(|error| format!("error parsing private key: {error}"))?;
    let request = issuing.request()?;
    let key = issuing.key(given)?;
    issuing.issue(&request, &key, Some((&issuer, &signer)))
}

/// A certificate and a key from elsewhere, in base64.
fn custom(arguments: &[Value]) -> Outcome {
    let certificate = decode_base64(bytes(arguments, 0)).map_err(|_| "unable to decode base64 certificate")?;
    let key = decode_base64(bytes(arguments, 1)).map_err(|_| "unable to decode base64 private key")?;
    let block = pem::decode(&certificate).ok_or("unable to decode certificate")?;
    if Issuer::parse(&block.bytes).is_none() {
        return Err("error parsing certificate: decodedCert.Bytes: x509: malformed certificate".into());
    }
    PrivateKey::parse(&key).map_err(|error| format!("error parsing private key: {error}"))?;
    Ok(pair(certificate, key))
}

fn elements(value: &Value) -> &[Value] {
    if let Value::List(list) = value { list.elements() } else { &[] }
}

fn address(value: &Value) -> Result<IpAddr, CallError> {
    let Value::String(text) = value else {
        return Err(CallError::Message(format!("error parsing ip: {} is not a string", to_text(value))));
    };
    let text = text.to_str();
    text.parse().map_err(|_| CallError::Message(format!("error parsing ip: {text}")))
}

fn name(value: &Value) -> Result<Vec<u8>, CallError> {
    match value {
        Value::String(text) => Ok(text.as_bytes().to_vec()),
        other => {
            Err(CallError::Message(format!("error processing alternate dns name: {} is not a string", to_text(other))))
        }
    }
}
