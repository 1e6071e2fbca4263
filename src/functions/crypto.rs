//! Keys, certificates, hashes of passwords, encryption.
//!
//! Everything is as real as what Helm makes, and follows from the sources: one seed, the same keys.

mod aes;
mod certificate;
mod der;
mod dsa;
mod ecdsa;
mod issued;
mod passwords;
mod pem;
mod prime;
mod private_key;
mod rsa;

use self::private_key::PrivateKey;
use super::Table;
use super::arguments::{Outcome, bytes, int, made};
use super::random::drawing;
use super::sources::{Sources, Stream};
use crate::template::{Function, Parameter, Runtime, Value};

/// Steps that things cost, a microsecond each on a usual machine.
mod cost {
    pub(super) const RSA_2048: u64 = 60_000;
    pub(super) const RSA_4096: u64 = 900_000;
    pub(super) const DSA: u64 = 600_000;
    pub(super) const SMALL_KEY: u64 = 500;
    pub(super) const SIGNATURE: u64 = 2_000;
    pub(super) const PASSWORD: u64 = 60_000;
    pub(super) const DERIVED_PASSWORD: u64 = 150_000;
    /// What scrypt fills with these parameters, in bytes.
    pub(super) const DERIVED_PASSWORD_MEMORY: usize = 33 << 20;
}

pub(super) fn table(sources: &Sources) -> Table {
    use Parameter::{String, Uint32};
    let mut table = vec![
        ("genPrivateKey", drawing("genPrivateKey", &[String], sources, private_key)),
        ("bcrypt", drawing("bcrypt", &[String], sources, bcrypt)),
        ("htpasswd", drawing("htpasswd", &[String, String], sources, htpasswd)),
        ("encryptAES", drawing("encryptAES", &[String, String], sources, encrypt)),
        ("decryptAES", Function::new(&[String, String], |runtime, arguments| decrypt(runtime, arguments))),
        (
            "derivePassword",
            Function::new(&[Uint32, String, String, String, String], |runtime, arguments| {
                derive_password(runtime, arguments)
            }),
        ),
    ];
    table.extend(issued::table(sources));
    table
}

fn private_key(stream: &mut Stream, runtime: &mut dyn Runtime, arguments: &[Value]) -> Outcome {
    let (cost, make): (u64, fn(&mut Stream) -> PrivateKey) = match bytes(arguments, 0) {
        b"" | b"rsa" => (cost::RSA_4096, |stream| PrivateKey::rsa(stream, 4096)),
        b"dsa" => (cost::DSA, PrivateKey::dsa),
        b"ecdsa" => (cost::SMALL_KEY, PrivateKey::ecdsa),
        b"ed25519" => (cost::SMALL_KEY, PrivateKey::ed25519),
        other => return Ok(Value::string([b"Unknown type ", other].concat())),
    };
    runtime.spend(cost)?;
    Ok(Value::string(make(stream).to_pem()))
}

fn bcrypt(stream: &mut Stream, runtime: &mut dyn Runtime, arguments: &[Value]) -> Outcome {
    runtime.spend(cost::PASSWORD)?;
    Ok(Value::string(passwords::bcrypt(stream, bytes(arguments, 0))))
}

fn htpasswd(stream: &mut Stream, runtime: &mut dyn Runtime, arguments: &[Value]) -> Outcome {
    let user = bytes(arguments, 0);
    if user.contains(&b':') {
        return Ok(Value::string([b"invalid username: ", user].concat()));
    }
    runtime.spend(cost::PASSWORD)?;
    let hash = passwords::bcrypt(stream, bytes(arguments, 1));
    Ok(Value::string([user, b":", hash.as_bytes()].concat()))
}

fn derive_password(runtime: &mut dyn Runtime, arguments: &[Value]) -> Outcome {
    runtime.spend(cost::DERIVED_PASSWORD)?;
    runtime.allocate(cost::DERIVED_PASSWORD_MEMORY)?;
    let counter = int(arguments, 0) as u32;
    let [kind, password, user, site] = [1, 2, 3, 4].map(|index| bytes(arguments, index));
    Ok(Value::string(passwords::derive(counter, kind, password, user, site)))
}

fn encrypt(stream: &mut Stream, runtime: &mut dyn Runtime, arguments: &[Value]) -> Outcome {
    let plain = bytes(arguments, 1);
    runtime.allocate(plain.len())?;
    made(runtime, aes::encrypt(stream, bytes(arguments, 0), plain).into_bytes())
}

fn decrypt(runtime: &mut dyn Runtime, arguments: &[Value]) -> Outcome {
    let plain = aes::decrypt(bytes(arguments, 0), bytes(arguments, 1))?;
    made(runtime, plain)
}
