//! A real registry on loopback, and charts pushed to it without any other tool.

use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{Setup, free_port};

/// How long the registry may take to start.
const START_LIMIT: Duration = Duration::from_secs(20);

/// How a registry is to be.
#[derive(Debug, Clone, Default)]
pub struct RegistryOptions {
    /// With TLS, by an authority of its own.
    pub tls: bool,
    /// User and password that it asks for.
    pub password: Option<(String, String)>,
    /// Address of the service that gives out tokens, and the PEM file of who signs them.
    pub tokens: Option<(String, PathBuf)>,
}

/// Debian's `docker-registry`; it ends with its test.
pub struct Registry {
    process: Child,
    port: u16,
    folder: tempfile::TempDir,
    options: RegistryOptions,
}

/// An authority and a certificate for `127.0.0.1` that it signed.
struct Certificates {
    authority: String,
    certificate: String,
    key: String,
}

impl Registry {
    /// Without TLS and open to all.
    pub fn plain() -> Self {
        Self::start(RegistryOptions::default())
    }

    pub fn start(options: RegistryOptions) -> Self {
        let program = Setup::get().path("DEPLOY_TEST_REGISTRY").expect("no registry");
        let folder = tempfile::Builder::new().prefix("registry-").tempdir().unwrap();
        let port = free_port();
        let configuration = configure(folder.path(), port, &options);
        let log = std::fs::File::create(folder.path().join("log")).unwrap();
        let process = Command::new(program)
            .args(["serve", &configuration.display().to_string()])
            .env_clear()
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut registry = Self { process, port, folder, options };
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = registry.process.try_wait().unwrap().is_some();
            assert!(!ended && began.elapsed() < START_LIMIT, "the registry does not start:\n{}", registry.log());
            std::thread::sleep(Duration::from_millis(20));
        }
        registry
    }

    /// `127.0.0.1:PORT`.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// A reference: `charts/demo:1.0.0` with scheme and host before it.
    pub fn reference(&self, rest: &str) -> String {
        format!("oci://{}/{rest}", self.address())
    }

    /// The certificate of its authority.
    pub fn authority(&self) -> PathBuf {
        self.folder.path().join("authority.pem")
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// Pushes bytes as a chart; the digest of the manifest.
    pub fn push_chart(&self, repository: &str, tag: &str, chart: &[u8]) -> String {
        const CHART: &str = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
        self.push(repository, tag, "application/vnd.cncf.helm.config.v1+json", CHART, chart)
    }

    /// Pushes bytes as anything; the digest of the manifest.
    pub fn push(&self, repository: &str, tag: &str, config_type: &str, layer_type: &str, layer: &[u8]) -> String {
        let config = b"{}";
        self.push_blob(repository, config);
        self.push_blob(repository, layer);
        let manifest = json!({
            "schemaVersion": 2,
            "config": { "mediaType": config_type, "digest": digest(config), "size": config.len() },
            "layers": [{ "mediaType": layer_type, "digest": digest(layer), "size": layer.len() }],
        });
        self.push_manifest(repository, tag, "application/vnd.oci.image.manifest.v1+json", &manifest.to_string())
    }

    /// Puts a manifest under a tag; its digest.
    pub fn push_manifest(&self, repository: &str, tag: &str, media_type: &str, manifest: &str) -> String {
        let url = format!("{}/v2/{repository}/manifests/{tag}", self.url());
        self.send(self.client().put(url).header("Content-Type", media_type).body(manifest.to_owned()));
        digest(manifest.as_bytes())
    }

    /// Removes a blob from the registry's disk, as a failing disk would.
    pub fn lose_blob(&self, digest: &str) {
        let hexadecimal = digest.strip_prefix("sha256:").unwrap();
        let blobs = self.folder.path().join("data/docker/registry/v2/blobs/sha256");
        std::fs::remove_dir_all(blobs.join(&hexadecimal[..2]).join(hexadecimal)).unwrap();
    }

    fn push_blob(&self, repository: &str, bytes: &[u8]) {
        let url = format!("{}/v2/{repository}/blobs/uploads/", self.url());
        let location = self.send(self.client().post(url));
        let separator = if location.contains('?') { '&' } else { '?' };
        let url = format!("{location}{separator}digest={}", digest(bytes));
        self.send(self.client().put(url).body(bytes.to_vec()));
    }

    fn url(&self) -> String {
        format!("{}://{}", if self.options.tls { "https" } else { "http" }, self.address())
    }

    fn client(&self) -> reqwest::Client {
        let mut builder = reqwest::Client::builder().no_proxy();
        if self.options.tls {
            let authority = std::fs::read(self.authority()).unwrap();
            builder = builder.tls_certs_only([reqwest::Certificate::from_pem(&authority).unwrap()]);
        }
        builder.build().unwrap()
    }

    /// Where the answer leads to; fails unless it is a good one.
    fn send(&self, request: reqwest::RequestBuilder) -> String {
        let request = match &self.options.password {
            Some((user, password)) => request.basic_auth(user, Some(password)),
            None => request,
        };
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
            let answer = request.send().await.unwrap();
            let (status, headers) = (answer.status(), answer.headers().clone());
            let text = answer.text().await.unwrap();
            assert!(status.is_success(), "{status}: {text}\n{}", self.log());
            headers.get("Location").map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
        })
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// As manifests name content.
pub fn digest(bytes: &[u8]) -> String {
    let hexadecimal: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hexadecimal}")
}

fn configure(folder: &Path, port: u16, options: &RegistryOptions) -> PathBuf {
    let mut configuration = json!({
        "version": 0.1,
        "log": { "level": "info" },
        "storage": { "filesystem": { "rootdirectory": folder.join("data") }, "maintenance": { "uploadpurging": { "enabled": false } } },
        "http": { "addr": format!("127.0.0.1:{port}"), "secret": "of these tests" },
    });
    if options.tls {
        let certificates = certificates();
        for (name, text) in [
            ("authority.pem", certificates.authority),
            ("certificate.pem", certificates.certificate),
            ("key.pem", certificates.key),
        ] {
            std::fs::write(folder.join(name), text).unwrap();
        }
        configuration["http"]["tls"] =
            json!({ "certificate": folder.join("certificate.pem"), "key": folder.join("key.pem") });
    }
    if let Some((user, password)) = &options.password {
        let path = folder.join("htpasswd");
        // The lowest cost: nobody attacks this.
        let hash = bcrypt::hash(password, 4).unwrap();
        std::fs::write(&path, format!("{user}:{hash}\n")).unwrap();
        configuration["auth"] = json!({ "htpasswd": { "realm": "of the tests", "path": path } });
    }
    if let Some((realm, signer)) = &options.tokens {
        configuration["auth"] = json!({ "token": { "realm": realm, "service": "of-the-tests", "issuer": "tests", "rootcertbundle": signer } });
    }
    let path = folder.join("config.json");
    std::fs::write(&path, configuration.to_string()).unwrap();
    path
}

fn certificates() -> Certificates {
    use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, KeyUsagePurpose};
    let authority_key = KeyPair::generate().unwrap();
    let mut parameters = CertificateParams::new(Vec::new()).unwrap();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let authority = parameters.self_signed(&authority_key).unwrap();
    let issuer = Issuer::new(parameters, authority_key);
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
    Certificates { authority: authority.pem(), certificate: certificate.pem(), key: key.serialize_pem() }
}
