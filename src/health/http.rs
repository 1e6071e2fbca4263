//! HTTP towards the servers that we look at: bounded, named, and never through a proxy to this machine.

use std::error::Error as _;
use std::path::Path;
use std::time::Duration;

use reqwest::{Client, ClientBuilder, Method, RequestBuilder};
use url::{Host, Url};

use crate::diagnostics::{Code, Diagnostic, codes};

/// A page larger than this is not read to its end.
const LARGEST: usize = 32 << 20;

/// Two clients: one for this machine, which no proxy can reach, and one for the rest.
pub(super) struct Http {
    here: Client,
    elsewhere: Client,
    limit: Duration,
}

/// What came back, read to its end.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) url: String,
    pub(super) status: u16,
    pub(super) content_type: String,
    /// The server's own clock, as it writes it.
    pub(super) date: Option<String>,
    pub(super) body: Vec<u8>,
}

/// Nothing came back.
#[derive(Debug, Clone)]
pub(super) struct NoAnswer {
    pub(super) url: String,
    /// In the words of the system.
    pub(super) words: String,
    pub(super) certificate: bool,
}

impl Http {
    pub(super) fn new(ca: Option<&Path>, limit: Duration) -> Result<Self, Box<Diagnostic>> {
        let build = |builder: ClientBuilder| {
            builder.build().map_err(|error| unusable("the HTTP client cannot be made", &innermost(&error)))
        };
        Ok(Self { here: build(builder(ca, limit)?.no_proxy())?, elsewhere: build(builder(ca, limit)?)?, limit })
    }

    /// A request to a path below a base URL.
    pub(super) fn request(&self, method: Method, base: &str, path: &str) -> Result<RequestBuilder, Box<Diagnostic>> {
        let text = format!("{}{path}", base.trim_end_matches('/'));
        let url = Url::parse(&text).map_err(|error| unusable(&format!("`{text}` is no URL"), &error.to_string()))?;
        let client = if is_this_machine(&url) { &self.here } else { &self.elsewhere };
        Ok(client.request(method, url))
    }

    /// Sends it and reads the whole answer.
    pub(super) async fn send(&self, request: RequestBuilder) -> Result<Answer, NoAnswer> {
        let (client, request) = request.build_split();
        let request = request.map_err(|error| self.no_answer(&error, String::new()))?;
        let url = request.url().to_string();
        let mut response = client.execute(request).await.map_err(|error| self.no_answer(&error, url.clone()))?;
        let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let (content_type, date) = (header("content-type").unwrap_or_default(), header("date"));
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.no_answer(&error, url.clone()))? {
            body.extend_from_slice(&chunk);
            if body.len() > LARGEST {
                break;
            }
        }
        Ok(Answer { url, status: response.status().as_u16(), content_type, date, body })
    }

    pub(super) async fn get(&self, base: &str, path: &str) -> Result<Result<Answer, NoAnswer>, Box<Diagnostic>> {
        Ok(self.send(self.request(Method::GET, base, path)?).await)
    }

    fn no_answer(&self, error: &reqwest::Error, url: String) -> NoAnswer {
        let words = innermost(error);
        let certificate = words.contains("certificate");
        let words = if error.is_timeout() { format!("no answer within {} s", self.limit.as_secs()) } else { words };
        NoAnswer { url, words, certificate }
    }
}

impl Answer {
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(super) fn json(&self) -> Option<serde_json::Value> {
        serde_json::from_slice(&self.body).ok()
    }

    pub(super) fn is_good(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// `500: RuntimeError: (pymysql…`, the server's own words as far as one line goes.
    pub(super) fn words(&self) -> String {
        let said = match self.json().as_ref().and_then(|json| json.get("detail").or(json.get("message"))) {
            Some(serde_json::Value::Array(list)) => list
                .iter()
                .map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned))
                .collect::<Vec<_>>()
                .join(": "),
            Some(serde_json::Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None if self.content_type.starts_with("text/html") => "a page of HTML".to_owned(),
            None => self.text(),
        };
        let line: String = said.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(300).collect();
        if line.is_empty() { format!("status {}", self.status) } else { format!("status {}: {line}", self.status) }
    }
}

impl NoAnswer {
    pub(super) fn into_diagnostic(self, code: Code, title: &str) -> Diagnostic {
        let finding = Diagnostic::error(code, title).at(self.url).cause(self.words);
        if self.certificate {
            finding.next("give the authority that signed the server's certificate with `server.tls.ca`")
        } else {
            finding
        }
    }
}

fn builder(ca: Option<&Path>, limit: Duration) -> Result<ClientBuilder, Box<Diagnostic>> {
    let builder = Client::builder()
        .timeout(limit)
        .connect_timeout(limit)
        .pool_idle_timeout(Duration::from_secs(2))
        .redirect(reqwest::redirect::Policy::limited(3))
        .user_agent(concat!("deploy/", env!("CARGO_PKG_VERSION")));
    let Some(path) = ca else { return Ok(builder) };
    let unreadable = |error: String| unusable(&format!("cannot read the authorities in {}", path.display()), &error);
    let pem = std::fs::read(path).map_err(|error| unreadable(error.to_string()))?;
    let certificates = reqwest::Certificate::from_pem_bundle(&pem).map_err(|error| unreadable(innermost(&error)))?;
    Ok(builder.tls_certs_merge(certificates))
}

fn unusable(title: &str, cause: &str) -> Box<Diagnostic> {
    Box::new(Diagnostic::error(codes::FILE_INVALID_VALUE, title).cause(cause))
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback() || address.is_unspecified(),
        Some(Host::Ipv6(address)) => address.is_loopback() || address.is_unspecified(),
        None => false,
    }
}

/// The system's words are at the bottom of a pile of wrappers.
fn innermost(error: &reqwest::Error) -> String {
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        words = inner.to_string();
        source = inner.source();
    }
    words
}
