//! A private certificate authority and one server certificate signed by it.
//!
//! The authority's key is thrown away after signing, so nobody can make a second certificate that is trusted. Each
//! set of files lies in a folder of its own and never changes: a renewal has other paths, which is what makes the
//! programs that read them start again.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::{Timestamp, ToSpan as _};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose,
};
use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier as _;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};

use super::record::unwritable;
use super::target::{LocalTarget, remove, spec};
use crate::diagnostics::{Diagnostic, codes};
use crate::unit::local::Certificate;
use crate::unit::{Context, DataFate, Deleted, Driver, DriverResult, Observation, Outputs, Owned, Spec as _, Unit};

/// A certificate with less time left is made anew.
const RENEW_DAYS: u32 = 30;

const AUTHORITY: &str = "ca.pem";
const CERTIFICATE: &str = "certificate.pem";
const KEY: &str = "key.pem";

/// Driver of [`Certificate`].
pub(super) struct CertificateDriver(pub(super) LocalTarget);

#[async_trait]
impl Driver for CertificateDriver {
    fn kind(&self) -> &'static str {
        Certificate::KIND
    }

    async fn observe(&self, unit: &Unit, _ctx: &Context) -> DriverResult<Observation> {
        let now = self.0.world.now();
        Ok(self.0.recorded(unit, |present| {
            let applied: Certificate = serde_json::from_value(present.spec.clone()).ok()?;
            let files = Files::in_folder(Path::new(present.outputs.get("certificate")?).parent()?);
            let ends = present.outputs.get("ends").map_or("", String::as_str);
            files.examine(&applied, now).err().map(|reason| reason.in_words(ends))
        })?)
    }

    async fn apply(&self, unit: &Unit, ctx: &Context) -> DriverResult<Outputs> {
        let wanted: Certificate = spec(unit)?;
        let now = self.0.world.now();
        if let Observation::Present(present) = self.observe(unit, ctx).await?
            && present.broken.is_none()
            && present.spec == unit.spec
        {
            return Ok(present.outputs);
        }
        self.0.claim(unit, ctx)?;
        let parent = self.0.data_folder(&unit.id)?;
        let ends = now + (i64::from(wanted.days) * 24).hours();
        let files = make(&wanted, now, &parent)?;
        let outputs = Outputs::from([
            ("ca".to_owned(), files.path(AUTHORITY)),
            ("certificate".to_owned(), files.path(CERTIFICATE)),
            ("key".to_owned(), files.path(KEY)),
            ("ends".to_owned(), ends.strftime("%Y-%m-%d").to_string()),
        ]);
        let before = self.0.records().read(&unit.id)?;
        self.0.records().write(unit, &outputs, ctx)?;
        // Whoever still runs with the set before this one goes on reading it until it is started again.
        let in_use = before.and_then(|owned| Some(PathBuf::from(owned.present.outputs.get("ca")?)));
        forget_others(&parent, &[Some(files.folder.as_path()), in_use.as_deref().and_then(Path::parent)]);
        Ok(outputs)
    }

    async fn delete(&self, owned: &Owned, _data: DataFate, _ctx: &Context) -> DriverResult<Deleted> {
        remove(&self.0.folder.data(&owned.unit.id))?;
        self.0.records().remove(&owned.unit.id)?;
        Ok(Deleted::default())
    }
}

/// One set of files.
struct Files {
    folder: PathBuf,
}

/// Why a set of files cannot be used.
#[derive(Debug, PartialEq)]
enum Unusable {
    EndsSoon,
    /// In the words of whoever refused it.
    Refused(String),
}

impl Unusable {
    fn in_words(self, ends: &str) -> String {
        match self {
            Self::EndsSoon => format!("the certificate ends on {ends}"),
            Self::Refused(words) => words,
        }
    }
}

impl Files {
    fn in_folder(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    fn path(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    /// Checks the files as a client would, for every subject, now and at the time of the next renewal. Now as well,
    /// since a clock that was set back is before the certificate's begin.
    fn examine(&self, wanted: &Certificate, now: Timestamp) -> Result<(), Unusable> {
        let refused = |error: &dyn std::fmt::Display| Unusable::Refused(error.to_string());
        let read = |name: &str| CertificateDer::from_pem_file(self.folder.join(name)).map_err(|e| refused(&e));
        let (authority, certificate) = (read(AUTHORITY)?, read(CERTIFICATE)?);
        let key = PrivateKeyDer::from_pem_file(self.folder.join(KEY)).map_err(|e| refused(&e))?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        rustls::sign::CertifiedKey::from_der(vec![certificate.clone()], key, &provider).map_err(|e| refused(&e))?;
        let mut roots = RootCertStore::empty();
        roots.add(authority).map_err(|e| refused(&e))?;
        let verifier =
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build().map_err(|e| refused(&e))?;
        let days = RENEW_DAYS.min(wanted.days / 3);
        let now = u64::try_from(now.as_second()).unwrap_or_default();
        let times = [now, now + u64::from(days) * 24 * 60 * 60].map(Duration::from_secs);
        for (subject, time) in wanted.subjects.iter().flat_map(|subject| times.map(|time| (subject, time))) {
            let name = ServerName::try_from(subject.clone()).map_err(|e| refused(&e))?;
            let time = UnixTime::since_unix_epoch(time);
            verifier.verify_server_cert(&certificate, &[], &name, &[], time).map_err(|error| match error {
                rustls::Error::InvalidCertificate(
                    rustls::CertificateError::Expired | rustls::CertificateError::ExpiredContext { .. },
                ) => Unusable::EndsSoon,
                other => refused(&other),
            })?;
        }
        Ok(())
    }
}

/// Makes a new set of files in a folder of its own below `parent`, complete before it has its name.
fn make(wanted: &Certificate, now: Timestamp, parent: &Path) -> Result<Files, Diagnostic> {
    let pem = issue(wanted, now).map_err(|error| {
        Diagnostic::error(codes::INTERNAL, format!("cannot make a certificate for {}", wanted.subjects.join(", ")))
            .cause(error.to_string())
    })?;
    let write = || -> std::io::Result<PathBuf> {
        let unfinished = tempfile::Builder::new().prefix(".new-").tempdir_in(parent)?;
        for (name, text) in [(AUTHORITY, &pem.authority), (CERTIFICATE, &pem.certificate), (KEY, &pem.key)] {
            crate::files::write_atomically(&unfinished.path().join(name), text.as_bytes())?;
        }
        let folder = parent.join(fingerprint(&pem.certificate));
        std::fs::rename(unfinished.keep(), &folder)?;
        std::fs::File::open(parent)?.sync_all()?;
        Ok(folder)
    };
    write().map(|folder| Files { folder }).map_err(|error| unwritable(parent, &error))
}

struct Pem {
    authority: String,
    certificate: String,
    key: zeroize::Zeroizing<String>,
}

fn issue(wanted: &Certificate, now: Timestamp) -> Result<Pem, rcgen::Error> {
    // A day back, for clients whose clock is behind.
    let begins = Duration::from_secs(u64::try_from(now.as_second()).unwrap_or_default().saturating_sub(24 * 60 * 60));
    let length = Duration::from_secs((u64::from(wanted.days) + 1) * 24 * 60 * 60);
    let not_before = rcgen::date_time_ymd(1970, 1, 1) + begins;
    let key = KeyPair::generate()?;

    let mut authority = CertificateParams::default();
    authority.distinguished_name.push(DnType::CommonName, "deploy: private authority of one database");
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    (authority.not_before, authority.not_after) = (not_before, not_before + length);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;

    let mut certificate = CertificateParams::new(wanted.subjects.clone())?;
    let name = wanted.subjects.first().map_or("localhost", String::as_str);
    certificate.distinguished_name.push(DnType::CommonName, name);
    certificate.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    certificate.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    certificate.use_authority_key_identifier_extension = true;
    (certificate.not_before, certificate.not_after) = (not_before, not_before + length);
    let certificate = certificate.signed_by(&key, &authority)?;
    Ok(Pem {
        authority: authority.pem(),
        certificate: certificate.pem(),
        key: zeroize::Zeroizing::new(key.serialize_pem()),
    })
}

/// A name for a set of files: the beginning of its certificate's fingerprint.
fn fingerprint(pem: &str) -> String {
    use sha2::Digest as _;
    sha2::Sha256::digest(pem).iter().take(6).fold(String::new(), |mut name, byte| {
        let _ = write!(name, "{byte:02x}");
        name
    })
}

/// Removes sets that nobody reads any more, and what killed runs left. What cannot be removed does no harm.
fn forget_others(parent: &Path, keep: &[Option<&Path>]) {
    let Ok(entries) = std::fs::read_dir(parent) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if !keep.contains(&Some(path.as_path())) {
            let _ = remove(&path);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::os::unix::fs::PermissionsExt as _;

    use super::super::testing::Ground;
    use super::*;

    fn wanted(days: u32) -> Certificate {
        Certificate { subjects: vec!["127.0.0.1".into(), "localhost".into()], days }
    }

    #[tokio::test]
    async fn files_are_made_once_and_for_their_owner_only() {
        let ground = Ground::new();
        let driver = CertificateDriver(ground.target.clone());
        let ctx = ground.context();
        let unit = Ground::unit("database/certificate", &wanted(825));
        let outputs = driver.apply(&unit, &ctx).await.unwrap();
        assert_eq!(driver.apply(&unit, &ctx).await.unwrap(), outputs, "a second run changes nothing");
        for name in ["ca", "certificate", "key"] {
            let mode = std::fs::metadata(&outputs[name]).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{name}");
        }
        assert_eq!(std::fs::read_dir(Path::new(&outputs["ca"]).parent().unwrap()).unwrap().count(), 3, "no CA key");
    }

    #[tokio::test]
    async fn a_real_handshake_trusts_it_for_its_subjects_only() {
        let ground = Ground::new();
        let driver = CertificateDriver(ground.target.clone());
        let unit = Ground::unit("database/certificate", &wanted(825));
        let outputs = driver.apply(&unit, &ground.context()).await.unwrap();
        assert_eq!(handshake(&outputs, "127.0.0.1").unwrap(), "hello");
        assert_eq!(handshake(&outputs, "localhost").unwrap(), "hello");
        assert!(handshake(&outputs, "example.com").unwrap_err().to_string().contains("not valid for name"));
    }

    #[tokio::test]
    async fn what_ends_soon_or_is_damaged_is_made_anew() {
        let mut ground = Ground::new();
        let ctx = ground.context();
        let unit = Ground::unit("database/certificate", &wanted(90));
        let first = CertificateDriver(ground.target.clone()).apply(&unit, &ctx).await.unwrap();
        ground.target.world = ground.target.world.with_clock(|| Timestamp::now() + (61 * 24).hours());
        let driver = CertificateDriver(ground.target.clone());
        let Observation::Present(present) = driver.observe(&unit, &ctx).await.unwrap() else { panic!("gone") };
        assert_eq!(present.broken, Some(format!("the certificate ends on {}", first["ends"])));
        let second = driver.apply(&unit, &ctx).await.unwrap();
        assert_ne!(first["ca"], second["ca"]);
        assert!(Path::new(&first["ca"]).exists(), "a program may still read the set before");
        std::fs::write(&second["key"], std::fs::read(&first["key"]).unwrap()).unwrap();
        let Observation::Present(present) = driver.observe(&unit, &ctx).await.unwrap() else { panic!("gone") };
        assert!(present.broken.is_some(), "a key of another certificate");
    }

    #[tokio::test]
    async fn a_clock_that_was_set_back_before_its_begin_makes_it_anew() {
        let mut ground = Ground::new();
        let ctx = ground.context();
        let unit = Ground::unit("database/certificate", &wanted(90));
        let first = CertificateDriver(ground.target.clone()).apply(&unit, &ctx).await.unwrap();
        ground.target.world = ground.target.world.with_clock(|| Timestamp::now() - (5 * 24).hours());
        let driver = CertificateDriver(ground.target.clone());
        let Observation::Present(present) = driver.observe(&unit, &ctx).await.unwrap() else { panic!("gone") };
        assert!(present.broken.as_ref().is_some_and(|broken| broken.contains("not valid yet")), "{present:?}");
        assert_ne!(driver.apply(&unit, &ctx).await.unwrap()["ca"], first["ca"]);
    }

    fn handshake(outputs: &Outputs, name: &str) -> std::io::Result<String> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let server = rustls::ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![CertificateDer::from_pem_file(&outputs["certificate"]).unwrap()],
                PrivateKeyDer::from_pem_file(&outputs["key"]).unwrap(),
            )
            .unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(&outputs["ca"]).unwrap()).unwrap();
        let client = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let server = std::thread::spawn(move || -> std::io::Result<()> {
            let (stream, _) = listener.accept()?;
            let connection = rustls::ServerConnection::new(Arc::new(server)).map_err(std::io::Error::other)?;
            let mut stream = rustls::StreamOwned::new(connection, stream);
            stream.write_all(b"hello")?;
            stream.conn.send_close_notify();
            stream.flush()
        });
        let name = ServerName::try_from(name.to_owned()).map_err(std::io::Error::other)?;
        let connection = rustls::ClientConnection::new(Arc::new(client), name).map_err(std::io::Error::other)?;
        let mut stream = rustls::StreamOwned::new(connection, std::net::TcpStream::connect(address)?);
        let mut text = [0; 5];
        let read = stream.read_exact(&mut text);
        drop(stream);
        let _ = server.join();
        read.map(|()| String::from_utf8_lossy(&text).into_owned())
    }
}
