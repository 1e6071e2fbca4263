//! A conversation with one repository of one registry: <https://github.com/opencontainers/distribution-spec>.

use reqwest::StatusCode;
use reqwest::header::LINK;
use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

use super::authorization::{self, Challenge, Granted};
use super::credentials::{self, Credentials, Search};
use super::digest::Digest;
use super::failure;
use super::http::{Answer, Authorization, Client, Connection, Request};
use super::manifest;
use super::reference::Reference;
use crate::diagnostics::{Diagnostic, codes};
use crate::secrets::{Redactor, SecretName};
use crate::world::World;

/// The specification asks registries to take manifests of up to 4 MiB.
const LARGEST_MANIFEST: u64 = 4 * 1024 * 1024;
/// Of one page of tags.
const LARGEST_PAGE: u64 = 16 * 1024 * 1024;
const MOST_PAGES: usize = 200;

/// Remembers who we are from one request to the next.
pub(super) struct Session<'a> {
    client: &'a Client,
    connection: &'a Connection,
    world: &'a World,
    pub(super) reference: &'a Reference,
    base: Url,
    authorization: Option<Authorization>,
    /// Once somebody asked for credentials.
    search: Option<Search>,
}

impl<'a> Session<'a> {
    pub(super) fn new(
        client: &'a Client,
        connection: &'a Connection,
        world: &'a World,
        reference: &'a Reference,
    ) -> Result<Self, Box<Diagnostic>> {
        let base = base_url(reference, connection)?;
        Ok(Self { client, connection, world, reference, base, authorization: None, search: None })
    }

    /// A manifest by tag or digest, with the digest of what came; none if there is none.
    pub(super) async fn manifest(&mut self, name: &str) -> Result<Option<(Vec<u8>, Digest)>, Box<Diagnostic>> {
        let url = self.url(&format!("manifests/{name}"));
        let answer = self.ask(url, manifest::ACCEPT, LARGEST_MANIFEST).await?;
        Ok(self.found(answer)?.map(|answer| {
            let digest = Digest::of(&answer.body);
            (answer.body, digest)
        }))
    }

    /// All tags; none if there is no such repository.
    pub(super) async fn tags(&mut self) -> Result<Option<Vec<String>>, Box<Diagnostic>> {
        #[derive(Deserialize)]
        struct Page {
            tags: Option<Vec<String>>,
        }
        let mut tags = Vec::new();
        let mut next = Some(self.url("tags/list"));
        let mut pages = 0;
        while let Some(url) = next.take() {
            let answer = self.ask(url, "application/json", LARGEST_PAGE).await?;
            let Some(answer) = self.found(answer)? else { return Ok(None) };
            let page: Page = serde_json::from_slice(&answer.body)
                .map_err(|error| Box::new(failure::senseless(&self.host(), &format!("no list of tags: {error}"))))?;
            tags.extend(page.tags.unwrap_or_default());
            pages += 1;
            if pages == MOST_PAGES {
                break;
            }
            // Never to another host, which would get our credentials.
            next = next_page(&answer).filter(|next| next.origin() == self.base.origin());
        }
        Ok(Some(tags))
    }

    /// A blob, with the digest and size that its manifest says.
    pub(super) async fn blob(&mut self, digest: Digest, size: u64) -> Result<Vec<u8>, Box<Diagnostic>> {
        let url = self.url(&format!("blobs/{digest}"));
        let place = failure::shown(&url);
        let answer = self.ask(url, "application/octet-stream, */*", size).await?;
        let host = self.host();
        let Some(answer) = self.found(answer)? else {
            let cause = format!("its manifest names {digest}, which is not there");
            return Err(Box::new(failure::senseless(&host, &cause).at(place)));
        };
        let came = Digest::of(&answer.body);
        if came != digest {
            return Err(Box::new(
                Diagnostic::error(codes::REGISTRY_DIGEST, format!("{host} sent something else than it announced"))
                    .at(place)
                    .cause(format!("{digest} was announced, {came} came ({} bytes)", answer.body.len()))
                    .changed("nothing was changed, and nothing of it was kept")
                    .next("try again; if it stays so, the registry or something before it is broken"),
            ));
        }
        Ok(answer.body)
    }

    /// Where the repository is, for errors.
    pub(super) fn host(&self) -> String {
        self.reference.registry.clone()
    }

    pub(super) fn base(&self) -> &Url {
        &self.base
    }

    /// Takes secrets out of a finding: servers repeat what they were sent.
    pub(super) fn clean(&self, mut diagnostic: Box<Diagnostic>) -> Box<Diagnostic> {
        let redactor = self.redactor();
        let clean = |text: &mut String| *text = redactor.redact(text);
        clean(&mut diagnostic.title);
        diagnostic.place.iter_mut().for_each(clean);
        diagnostic.cause.iter_mut().for_each(clean);
        for texts in [&mut diagnostic.evidence, &mut diagnostic.notes, &mut diagnostic.next] {
            texts.iter_mut().for_each(clean);
        }
        diagnostic
    }

    fn redactor(&self) -> Redactor {
        let name = SecretName::new("of the registry");
        let mut secrets: Vec<&SecretString> = Vec::new();
        secrets.extend(self.connection.login.as_ref().map(|login| &login.password));
        let credentials = self.search.as_ref().and_then(|search| search.found.as_ref());
        secrets.extend(credentials.map(Credentials::secret));
        match &self.authorization {
            Some(Authorization::Basic(login)) => secrets.push(&login.password),
            Some(Authorization::Bearer(token)) => secrets.push(token),
            None => {}
        }
        // The header of a password holds more than the password.
        let pairs: Vec<SecretString> = credentials
            .into_iter()
            .filter_map(Credentials::pair)
            .chain(self.connection.login.as_ref().map(credentials::Login::pair))
            .collect();
        Redactor::new(secrets.into_iter().chain(&pairs).map(|secret| (&name, secret)))
    }

    fn url(&self, rest: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("/v2/{}/{rest}", self.reference.repository));
        url
    }

    /// Asks, and shows who we are if that is wanted.
    async fn ask(&mut self, url: Url, accept: &str, largest: u64) -> Result<Answer, Box<Diagnostic>> {
        let mut request = Request::get(url, accept, largest);
        request.authorization.clone_from(&self.authorization);
        let answer = self.client.send(&request).await?;
        if answer.status != StatusCode::UNAUTHORIZED {
            return Ok(answer);
        }
        let Some(challenge) = Challenge::find(&answer.headers) else { return Ok(answer) };
        if self.search.is_none() {
            self.search = Some(match &self.connection.login {
                Some(login) => Search { found: Some(Credentials::given(login)), places: Vec::new() },
                None => credentials::search(&self.reference.registry, self.world).await?,
            });
        }
        let credentials = self.search.as_ref().and_then(|search| search.found.as_ref());
        let repository = &self.reference.repository;
        let granted = authorization::answer(self.client, &challenge, credentials, &self.base, repository).await?;
        match granted {
            None => Ok(answer),
            Some(Granted::Refused(refused)) => Ok(refused),
            Some(Granted::Header(header)) => {
                self.authorization = Some(header);
                request.authorization.clone_from(&self.authorization);
                self.client.send(&request).await
            }
        }
    }

    /// The answer if it is a good one; none if there is no such thing.
    fn found(&self, answer: Answer) -> Result<Option<Answer>, Box<Diagnostic>> {
        match answer.status {
            status if status.is_success() => Ok(Some(answer)),
            StatusCode::NOT_FOUND => Ok(None),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(Box::new(self.denied(&answer))),
            _ => Err(Box::new(refused(&answer))),
        }
    }

    fn denied(&self, answer: &Answer) -> Diagnostic {
        let registry = &self.reference.registry;
        let title = format!("{registry} denies access to {}", self.reference.repository);
        let denied = Diagnostic::error(codes::REGISTRY_DENIED, title)
            .at(failure::shown(&answer.url))
            .cause(reason(answer))
            .changed("nothing was changed");
        let log_in = format!(
            "log in with `docker login {registry}` or `helm registry login {registry}`, or pass `--username NAME \
             --password-stdin`"
        );
        match &self.search {
            None => denied.note("it did not say which credentials it wants, so none were sent").next(log_in),
            Some(Search { found: Some(credentials), .. }) => {
                denied.note(format!("tried: {}", credentials.describe())).next(format!("check this login, or {log_in}"))
            }
            Some(Search { found: None, places }) if places.is_empty() => {
                denied.note("tried: no credentials; HOME is not set, so no file was looked for").next(log_in)
            }
            Some(Search { found: None, places }) => {
                denied.note(format!("tried: no credentials; none for {registry} in {}", places.join(", "))).next(log_in)
            }
        }
    }
}

/// Docker's registry is spoken to under another name than it has in references.
fn base_url(reference: &Reference, connection: &Connection) -> Result<Url, Box<Diagnostic>> {
    let host = match reference.registry.as_str() {
        "docker.io" | "index.docker.io" => "registry-1.docker.io",
        other => other,
    };
    let scheme = if connection.plain_http { "http" } else { "https" };
    Url::parse(&format!("{scheme}://{host}/")).map_err(|error| {
        Box::new(
            Diagnostic::error(codes::REGISTRY_REFERENCE, format!("{reference} cannot be read"))
                .cause(error.to_string())
                .changed("nothing was changed"),
        )
    })
}

/// The link to the next page of a list.
fn next_page(answer: &Answer) -> Option<Url> {
    let link = answer.headers.get(LINK)?.to_str().ok()?;
    let (target, relation) = link.trim().strip_prefix('<')?.split_once('>')?;
    relation.contains("next").then(|| answer.url.join(target).ok())?
}

/// An answer that is neither yes nor no.
pub(super) fn refused(answer: &Answer) -> Diagnostic {
    let host = failure::host(&answer.url);
    let finding = Diagnostic::error(codes::REGISTRY_ANSWER, format!("{host} answers with an error"))
        .at(failure::shown(&answer.url))
        .cause(reason(answer))
        .changed("nothing was changed");
    match answer.status.as_u16() {
        400 if answer.url.scheme() == "http" && reason(answer).contains("HTTPS") => {
            finding.next("leave `--plain-http` out: the host speaks TLS")
        }
        429 => finding.note("it was tried three times, unless it asked for a longer pause").next("try again later"),
        500..=599 => finding.next("try again later; if it stays so, look into the log of the registry"),
        _ => finding.next("check that the address is that of a registry of charts"),
    }
}

/// Status, and what the server says about it.
pub(super) fn reason(answer: &Answer) -> String {
    #[derive(Deserialize)]
    struct Errors {
        errors: Vec<One>,
    }
    #[derive(Deserialize)]
    struct One {
        #[serde(default)]
        code: String,
        #[serde(default)]
        message: String,
    }
    let status = answer.status.to_string();
    let said = match serde_json::from_slice::<Errors>(&answer.body) {
        Ok(Errors { errors }) => {
            let all: Vec<String> = errors.iter().take(3).map(|one| format!("{} {}", one.code, one.message)).collect();
            failure::words(all.join("; ").as_bytes())
        }
        Err(_) if answer.body.trim_ascii_start().starts_with(b"<") => String::new(),
        Err(_) => failure::words(&answer.body),
    };
    if said.is_empty() { status } else { format!("{status}: {said}") }
}
