//! Requests: TLS and proxies as asked for, sizes bounded, tried again only where that can help.

use std::path::PathBuf;
use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Certificate, Method, NoProxy, Proxy, StatusCode};
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::credentials::Login;
use super::failure;
use crate::diagnostics::{Diagnostic, codes};
use crate::world::World;

/// To the first byte of a connection.
const CONNECT_LIMIT: Duration = Duration::from_secs(15);
/// Between two pieces of an answer.
const SILENCE_LIMIT: Duration = Duration::from_secs(30);
/// Before the second and the third try.
const PAUSES: [Duration; 2] = [Duration::from_millis(250), Duration::from_secs(1)];
/// Longer pauses that a server asks for are the user's to decide.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
const USER_AGENT: &str = concat!("deploy/", env!("CARGO_PKG_VERSION"));

/// How hosts are spoken to.
#[derive(Debug, Clone)]
pub struct Connection {
    /// HTTP without TLS.
    pub plain_http: bool,
    /// Trust the authorities in this PEM file, and no others.
    pub ca_file: Option<PathBuf>,
    /// Speak to whoever answers.
    pub insecure_skip_tls_verify: bool,
    /// From the command line; otherwise files and programs are asked.
    pub login: Option<Login>,
    /// For everything together.
    pub time_limit: Duration,
    /// The largest packed chart, in bytes.
    pub largest_chart: u64,
}

/// A request as plain data.
pub(super) struct Request<'a> {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) accept: &'a str,
    pub(super) authorization: Option<Authorization>,
    /// `application/x-www-form-urlencoded`.
    pub(super) form: Option<&'a [(&'a str, &'a str)]>,
    /// The largest answer, in bytes.
    pub(super) largest: u64,
}

/// What stands in the header of that name.
#[derive(Debug, Clone)]
pub(super) enum Authorization {
    Basic(Login),
    Bearer(SecretString),
}

/// An answer, read to its end.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
    /// After redirections.
    pub(super) url: Url,
}

/// Sends requests.
pub(super) struct Client {
    client: reqwest::Client,
    largest_error: u64,
}

impl<'a> Request<'a> {
    pub(super) fn get(url: Url, accept: &'a str, largest: u64) -> Self {
        Self { method: Method::GET, url, accept, authorization: None, form: None, largest }
    }
}

impl Client {
    pub(super) fn new(connection: &Connection, world: &World) -> Result<Self, Box<Diagnostic>> {
        let silence = SILENCE_LIMIT.min(connection.time_limit);
        let mut builder = reqwest::Client::builder()
            .user_agent(USER_AGENT)
            .connect_timeout(CONNECT_LIMIT.min(connection.time_limit))
            .read_timeout(silence)
            .referer(false)
            .no_proxy();
        for proxy in proxies(world)? {
            builder = builder.proxy(proxy);
        }
        if let Some(path) = &connection.ca_file {
            builder = builder.tls_certs_only(authorities(&world.current_folder.join(path))?);
        }
        if connection.insecure_skip_tls_verify {
            builder = builder.tls_danger_accept_invalid_certs(true);
        }
        let client = builder.build().map_err(|error| {
            Box::new(
                Diagnostic::error(codes::REGISTRY_UNREACHABLE, "connections cannot be made on this machine")
                    .cause(failure::deepest(&error))
                    .changed("nothing was changed")
                    .next("pass `--ca-file FILE` if the machine has no certificates of authorities"),
            )
        })?;
        Ok(Self { client, largest_error: 64 * 1024 })
    }

    /// One answer, whatever its status. Tried again after answers that say "not now" and after connections that broke.
    pub(super) async fn send(&self, request: &Request<'_>) -> Result<Answer, Box<Diagnostic>> {
        let mut pauses = PAUSES.iter();
        loop {
            let result = self.send_once(request).await;
            let pause = match (&result, pauses.next()) {
                (Ok(answer), Some(pause)) => pause_after(answer, *pause),
                (Err(Broken::Connection(_)), Some(pause)) => Some(*pause),
                _ => None,
            };
            match (pause, result) {
                (Some(pause), _) => tokio::time::sleep(pause).await,
                (None, Ok(answer)) => return Ok(answer),
                (None, Err(broken)) => return Err(broken.diagnostic()),
            }
        }
    }

    async fn send_once(&self, request: &Request<'_>) -> Result<Answer, Broken> {
        let mut sent = self.client.request(request.method.clone(), request.url.clone()).header(ACCEPT, request.accept);
        match &request.authorization {
            Some(Authorization::Basic(login)) => {
                sent = sent.basic_auth(&login.username, Some(login.password.expose_secret()));
            }
            Some(Authorization::Bearer(token)) => sent = sent.header(AUTHORIZATION, bearer(token, &request.url)?),
            None => {}
        }
        if let Some(form) = request.form {
            sent = sent.form(form);
        }
        let broken = |error: reqwest::Error| Broken::of(&error, &request.url);
        let mut response = sent.send().await.map_err(broken)?;
        let largest = if response.status().is_success() { request.largest } else { self.largest_error };
        let too_large = || Broken::Final(Box::new(failure::too_large(&request.url, request.largest)));
        if response.status().is_success() && response.content_length().is_some_and(|length| length > largest) {
            return Err(too_large());
        }
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(broken)? {
            if (body.len() + piece.len()) as u64 > largest {
                if response.status().is_success() {
                    return Err(too_large());
                }
                break;
            }
            body.extend_from_slice(&piece);
        }
        let (status, url) = (response.status(), response.url().clone());
        Ok(Answer { status, headers: std::mem::take(response.headers_mut()), body, url })
    }
}

/// Why there is no answer.
enum Broken {
    /// It broke on the way; once more may help.
    Connection(Box<Diagnostic>),
    Final(Box<Diagnostic>),
}

impl Broken {
    fn of(error: &reqwest::Error, url: &Url) -> Self {
        let diagnostic = Box::new(failure::transport(error, url));
        if failure::is_worth_a_retry(error) { Self::Connection(diagnostic) } else { Self::Final(diagnostic) }
    }

    fn diagnostic(self) -> Box<Diagnostic> {
        match self {
            Self::Connection(diagnostic) | Self::Final(diagnostic) => diagnostic,
        }
    }
}

fn bearer(token: &SecretString, url: &Url) -> Result<HeaderValue, Broken> {
    let mut value = HeaderValue::from_str(&format!("Bearer {}", token.expose_secret())).map_err(|_| {
        let host = failure::host(url);
        Broken::Final(Box::new(failure::senseless(&host, "its token holds characters that no header may have")))
    })?;
    value.set_sensitive(true);
    Ok(value)
}

/// How long to wait after an answer that says "not now"; none after all others.
fn pause_after(answer: &Answer, usual: Duration) -> Option<Duration> {
    if !matches!(answer.status.as_u16(), 429 | 502 | 503 | 504) {
        return None;
    }
    let asked = answer.headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
    let pause = asked.map_or(usual, Duration::from_secs);
    (pause <= LONGEST_PAUSE).then_some(pause)
}

/// As Go reads them: capitals or not, never for this machine itself.
fn proxies(world: &World) -> Result<Vec<Proxy>, Box<Diagnostic>> {
    let variable = |name: &str| {
        let lower = name.to_lowercase();
        world.variable(name).map(|value| (name.to_owned(), value)).or_else(|| {
            let value = world.variable(&lower)?;
            Some((lower.clone(), value))
        })
    };
    let exceptions = variable("NO_PROXY").map_or("", |(_, value)| value);
    let exceptions = NoProxy::from_string(&format!("{exceptions},localhost,127.0.0.0/8,::1"));
    let mut proxies = Vec::new();
    for name in ["HTTP_PROXY", "HTTPS_PROXY"] {
        if let Some((name, value)) = variable(name) {
            let is_plain = name.eq_ignore_ascii_case("HTTP_PROXY");
            let address = if value.contains("://") { value.to_owned() } else { format!("http://{value}") };
            // Of another kind it would be passed over without a word.
            let address = Url::parse(&address).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
            let proxy = address.and_then(|address| {
                let proxy = if is_plain { Proxy::http(address) } else { Proxy::https(address) };
                proxy.ok()
            });
            // The value may hold a password, so it is not repeated.
            let proxy = proxy.ok_or_else(|| {
                Box::new(
                    Diagnostic::error(codes::REGISTRY_UNREACHABLE, format!("{name} names no proxy"))
                        .at(format!("environment variable {name}"))
                        .cause("its value is no address of a proxy that speaks HTTP")
                        .changed("nothing was changed")
                        .next(format!("write it as {name}=http://HOST:PORT, or unset it")),
                )
            })?;
            proxies.push(proxy.no_proxy(exceptions.clone()));
        }
    }
    Ok(proxies)
}

fn authorities(path: &std::path::Path) -> Result<Vec<Certificate>, Box<Diagnostic>> {
    let unreadable = |cause: String| {
        Box::new(
            Diagnostic::error(codes::FILE_UNREADABLE, format!("{} cannot be read", path.display()))
                .at("--ca-file")
                .cause(cause)
                .changed("nothing was changed")
                .next("name a PEM file with the certificate of the authority"),
        )
    };
    let bytes = std::fs::read(path).map_err(|error| unreadable(error.to_string()))?;
    let certificates = Certificate::from_pem_bundle(&bytes).map_err(|error| unreadable(failure::deepest(&error)))?;
    if certificates.is_empty() {
        return Err(unreadable("it holds no certificate in PEM form".to_owned()));
    }
    Ok(certificates)
}
