//! What is issued must be what OpenSSL takes for real.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use super::idle::{call, field, seeded, text};
use crate::template::Value;

fn string(text: &str) -> Value {
    Value::string(text)
}

/// None where there is no OpenSSL to ask.
fn openssl(arguments: &[&str], input: &str) -> Option<(bool, String)> {
    let mut child = Command::new("openssl")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .ok()?;
    child.stdin.take().expect("an input").write_all(input.as_bytes()).expect("written");
    let output = child.wait_with_output().expect("an output");
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    Some((output.status.success(), said))
}

fn saved(folder: &Path, name: &str, content: &str) -> String {
    let path = folder.join(name);
    std::fs::File::create(&path).and_then(|mut file| file.write_all(content.as_bytes())).expect("saved");
    path.to_str().expect("a path").to_owned()
}

fn temporary() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

fn names() -> Value {
    Value::list(vec![string("db.example.com"), string("*.example.com")])
}

fn addresses() -> Value {
    Value::list(vec![string("10.0.0.1"), string("2001:db8::1"), string("::ffff:192.0.2.1")])
}

#[test]
fn a_signed_certificate_is_trusted_through_its_authority() {
    let table = seeded();
    let authority = call(&table, "genCA", &[string("an-authority"), Value::int(365)]).expect("an authority");
    let arguments = [string("db"), addresses(), names(), Value::int(30), authority.clone()];
    let issued = call(&table, "genSignedCert", &arguments).expect("a certificate");
    let folder = temporary();
    let authority_file = saved(folder.path(), "ca.pem", &field(&authority, "Cert"));
    let at = ["verify", "-x509_strict", "-attime", "1767312000", "-CAfile", &authority_file];
    let certificate_file = saved(folder.path(), "cert.pem", &field(&issued, "Cert"));
    let Some((is_fine, said)) = openssl(&[&at[..], &[&certificate_file]].concat(), "") else { return };
    // Strict checking wants an identifier of the authority's key even of self-signed roots, which Go leaves out.
    let (is_fine, said) = if is_fine {
        (is_fine, said)
    } else {
        openssl(&["verify", "-attime", "1767312000", "-CAfile", &authority_file, &certificate_file], "").expect("asked")
    };
    assert!(is_fine, "{said}");
    let (_, described) = openssl(&["x509", "-noout", "-text"], &field(&issued, "Cert")).expect("asked");
    for expected in [
        "Issuer: CN = an-authority",
        "Subject: CN = db",
        "Not Before: Jan  1 00:00:00 2026 GMT",
        "Not After : Jan 31 00:00:00 2026 GMT",
        "Public-Key: (2048 bit)",
        "Signature Algorithm: sha256WithRSAEncryption",
        "X509v3 Key Usage: critical\n                Digital Signature, Key Encipherment\n",
        "TLS Web Server Authentication, TLS Web Client Authentication",
        "CA:FALSE",
        "DNS:db.example.com, DNS:*.example.com, IP Address:10.0.0.1, IP Address:2001:DB8:0:0:0:0:0:1, IP Address:192.0.2.1",
    ] {
        assert!(described.contains(expected), "{expected} is not in\n{described}");
    }
    let (is_fine, said) = openssl(&["rsa", "-check", "-noout"], &field(&issued, "Key")).expect("asked");
    assert!(is_fine, "{said}");
}

#[test]
fn every_kind_of_key_is_real_and_can_certify() {
    let table = seeded();
    for (kind, bits) in [("ecdsa", "256 bit"), ("ed25519", "ED25519"), ("rsa", "4096 bit")] {
        let key = text(&call(&table, "genPrivateKey", &[string(kind)]).expect("a key"));
        let Some((is_fine, said)) = openssl(&["pkey", "-noout", "-text", "-check"], &key) else { return };
        assert!(is_fine && said.contains(bits) && said.contains("Key is valid"), "{kind}: {said}");
        let issued = call(&table, "genCAWithKey", &[string("ca"), Value::int(1), string(&key)]).expect(kind);
        assert_eq!(field(&issued, "Key"), key, "{kind}");
        let folder = temporary();
        let file = saved(folder.path(), "ca.pem", &field(&issued, "Cert"));
        let arguments = ["verify", "-attime", "1767229200", "-check_ss_sig", "-CAfile", &file, &file];
        let (is_fine, said) = openssl(&arguments, "").expect("asked");
        assert!(is_fine, "{kind}: {said}");
    }
}

#[test]
fn foreign_keys_of_other_curves_and_formats_are_taken() {
    let table = seeded();
    for command in [
        &["ecparam", "-genkey", "-noout", "-name", "secp384r1"][..],
        &["ecparam", "-genkey", "-noout", "-name", "secp521r1"],
        &["genpkey", "-algorithm", "ed25519"],
        &["genpkey", "-algorithm", "rsa", "-pkeyopt", "rsa_keygen_bits:1024"],
        &["genpkey", "-algorithm", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
    ] {
        let Some((_, key)) = openssl(command, "") else { return };
        let key = key.split_once("-----BEGIN").map(|(_, key)| format!("-----BEGIN{key}")).expect("a key");
        let arguments = [string("self"), Value::Nil, names(), Value::int(1), string(&key)];
        let issued = call(&table, "genSelfSignedCertWithKey", &arguments).expect("a certificate");
        let folder = temporary();
        let file = saved(folder.path(), "self.pem", &field(&issued, "Cert"));
        let arguments = ["verify", "-attime", "1767229200", "-check_ss_sig", "-CAfile", &file, &file];
        let (_, said) = openssl(&arguments, "").expect("asked");
        assert!(!said.contains("signature"), "{command:?}: {said}");
        let (is_fine, said) = openssl(&["x509", "-noout", "-text"], &field(&issued, "Cert")).expect("asked");
        assert!(is_fine, "{said}");
    }
}

#[test]
fn dsa_keys_are_real_but_cannot_certify() {
    let table = seeded();
    let key = text(&call(&table, "genPrivateKey", &[string("dsa")]).expect("a key"));
    let arguments = [string("self"), Value::Nil, Value::Nil, Value::int(1), string(&key)];
    let refused = call(&table, "genSelfSignedCertWithKey", &arguments).expect_err("a refusal");
    let words = "error creating certificate: x509: certificate private key does not implement crypto.Signer";
    assert_eq!(refused, words.into());
    let Some((is_fine, said)) = openssl(&["dsa", "-noout", "-text"], &key) else { return };
    assert!(is_fine && said.contains("2048 bit"), "{said}");
}

#[test]
fn the_same_seed_gives_the_same_certificates() {
    let issue = || {
        let issued = call(&seeded(), "genCA", &[string("ca"), Value::int(1)]).expect("an authority");
        (field(&issued, "Cert"), field(&issued, "Key"))
    };
    assert_eq!(issue(), issue());
}
