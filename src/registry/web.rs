//! Packed charts on web servers, and repositories with an `index.yaml`.

use std::collections::BTreeMap;

use reqwest::StatusCode;
use serde::Deserialize;
use url::Url;

use super::cache::Cache;
use super::digest::Digest;
use super::http::{Answer, Authorization, Client, Connection, Request};
use super::session;
use super::version::{self, Wanted};
use super::{Fetched, failure};
use crate::diagnostics::{Diagnostic, codes, suggest};
use crate::secrets::{Redactor, SecretName};
use crate::world::World;

/// Those of large repositories have 20 MB.
const LARGEST_INDEX: u64 = 64 * 1024 * 1024;
const SHOWN: usize = 8;

/// What is read of an `index.yaml`; the rest may be anything.
#[derive(Deserialize)]
struct Index {
    #[serde(default)]
    entries: BTreeMap<String, Option<Vec<Entry>>>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(default)]
    version: String,
    #[serde(default)]
    urls: Vec<String>,
    digest: Option<String>,
}

/// A packed chart by its address.
pub(super) async fn fetch_url(url: &Url, connection: &Connection, world: &World) -> Result<Fetched, Box<Diagnostic>> {
    let client = Client::new(connection, world)?;
    let cleaning = |diagnostic| clean(connection, diagnostic);
    let answer = get(&client, url, connection, connection.largest_chart, true).await.map_err(cleaning)?;
    let answer = answer.ok_or_else(|| Box::new(not_found(url)))?;
    Ok(fetched(url, answer.body, None))
}

/// A chart of a repository by its name.
pub(super) async fn fetch_from_repository(
    repository: &Url,
    name: &str,
    version: Option<&str>,
    connection: &Connection,
    world: &World,
) -> Result<Fetched, Box<Diagnostic>> {
    let client = Client::new(connection, world)?;
    let cleaning = |diagnostic| clean(connection, diagnostic);
    let mut base = repository.clone();
    base.set_path(&format!("{}/", repository.path().trim_end_matches('/')));
    let mut index_url = base.clone();
    index_url.set_path(&format!("{}index.yaml", base.path()));
    let answer = get(&client, &index_url, connection, LARGEST_INDEX, true).await.map_err(cleaning)?;
    let answer = answer.ok_or_else(|| {
        Box::new(
            not_found(&index_url).note("a repository of charts has an index.yaml").with_code(codes::REGISTRY_NOT_FOUND),
        )
    })?;
    let index = parse(&answer.body).map_err(|cause| {
        Box::new(failure::senseless(&failure::host(&index_url), &cause).at(failure::shown(&index_url)))
    })?;
    let (entry, chosen) = choose(index, repository, name, version)?;
    let url = base.join(&entry).map_err(|error| {
        Box::new(failure::senseless(&failure::host(&index_url), &format!("the chart's address `{entry}`: {error}")))
    })?;
    ensure_web(&url)?;
    let digest =
        chosen.digest.as_deref().and_then(|text| Digest::parse(text).or_else(|| Digest::from_hexadecimal(text)));
    let cache = Cache::below(&world.home);
    if let Some(bytes) = digest.and_then(|digest| cache.read(digest, connection.largest_chart)) {
        return Ok(Fetched { cached: true, version: Some(chosen.version), ..fetched(&url, bytes, digest) });
    }
    // Only the repository itself gets the password that is meant for it.
    let is_same = url.origin() == repository.origin();
    let answer = get(&client, &url, connection, connection.largest_chart, is_same).await.map_err(cleaning)?;
    let answer = answer.ok_or_else(|| Box::new(not_found(&url)))?;
    let came = Digest::of(&answer.body);
    if let Some(digest) = digest.filter(|digest| *digest != came) {
        return Err(Box::new(
            Diagnostic::error(codes::REGISTRY_DIGEST, format!("{name} is not the chart that its repository announces"))
                .at(failure::shown(&url))
                .cause(format!("{digest} was announced, {came} came ({} bytes)", answer.body.len()))
                .changed("nothing was changed, and nothing of it was kept")
                .next("have the index.yaml of the repository made again"),
        ));
    }
    let mut warnings = Vec::new();
    if let Err(error) = cache.write(came, &answer.body) {
        warnings.push(format!("Warning: the chart could not be kept for the next time: {error}"));
    }
    Ok(Fetched { warnings, version: Some(chosen.version), ..fetched(&url, answer.body, None) })
}

/// Only these are fetched.
pub(super) fn ensure_web(url: &Url) -> Result<(), Box<Diagnostic>> {
    if matches!(url.scheme(), "http" | "https") && url.has_host() {
        return Ok(());
    }
    Err(Box::new(
        Diagnostic::error(codes::REGISTRY_REFERENCE, format!("charts are not fetched by `{}`", url.scheme()))
            .cause("only oci, https and http are known")
            .changed("nothing was changed"),
    ))
}

fn parse(bytes: &[u8]) -> Result<Index, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "its index.yaml is no text".to_owned())?;
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_events: 40_000_000,
            max_nodes: 20_000_000,
            max_total_scalar_bytes: LARGEST_INDEX as usize,
        },
    };
    serde_saphyr::from_str_with_options(text, options)
        .map_err(|error| failure::words(format!("its index.yaml cannot be read: {error}").as_bytes()))
}

/// The entry, and the address that it names.
fn choose(
    mut index: Index,
    repository: &Url,
    name: &str,
    version: Option<&str>,
) -> Result<(String, Entry), Box<Diagnostic>> {
    let place = failure::shown(repository);
    let Some(mut entries) = index.entries.remove(name).flatten() else {
        let found = Diagnostic::error(codes::REGISTRY_NOT_FOUND, format!("the repository has no chart `{name}`"))
            .at(place)
            .cause(format!("its index.yaml names {} others", index.entries.len()))
            .changed("nothing was changed");
        if let Some(near) = suggest::nearest(name, index.entries.keys()) {
            return Err(Box::new(found.next(format!("did you mean `{near}`?"))));
        }
        let known: Vec<&str> = index.entries.keys().take(SHOWN).map(String::as_str).collect();
        let choose = format!("choose one of those that are there, such as {}", suggest::either(&known));
        return Err(Box::new(found.next(choose)));
    };
    version::sort_descending(&mut entries, |entry| &entry.version);
    // An exact version falls back to the nearest one that it allows as a constraint, as in Helm.
    let wanted = match Wanted::of(version) {
        Wanted::Exact(exact) => Wanted::Fitting(exact),
        other => other,
    };
    let versions: Vec<String> = entries.iter().map(|entry| entry.version.clone()).collect();
    let Some(chosen) = version::choose(&versions, &wanted).cloned() else {
        let shown = versions.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
        return Err(Box::new(
            Diagnostic::error(codes::REGISTRY_NO_VERSION, format!("{name} has no {}", wanted.phrase()))
                .at(place)
                .cause(format!("none of its {} versions fits", versions.len()))
                .note(format!("there are: {shown}{}", if versions.len() > SHOWN { ", …" } else { "" }))
                .changed("nothing was changed")
                .next("choose one of the versions that are there"),
        ));
    };
    let at = versions.iter().position(|version| *version == chosen).unwrap_or_default();
    let entry = entries.swap_remove(at);
    match entry.urls.first().cloned() {
        Some(url) => Ok((url, entry)),
        None => Err(Box::new(
            failure::senseless(&failure::host(repository), &format!("{name} {chosen} has no address")).at(place),
        )),
    }
}

/// An answer that holds something; none if nothing is there.
async fn get(
    client: &Client,
    url: &Url,
    connection: &Connection,
    largest: u64,
    with_login: bool,
) -> Result<Option<Answer>, Box<Diagnostic>> {
    let login = connection.login.clone().filter(|_| with_login);
    let authorization = login.map(Authorization::Basic);
    let answer = client
        .send(&Request {
            authorization,
            ..Request::get(url.clone(), "application/gzip,application/octet-stream,*/*", largest)
        })
        .await?;
    match answer.status {
        status if status.is_success() => Ok(Some(answer)),
        StatusCode::NOT_FOUND => Ok(None),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            let tried = match &connection.login {
                Some(login) if with_login => format!("tried: user `{}` from --username", login.username),
                Some(_) => "tried: no credentials, since this is another host than the repository".to_owned(),
                None => "tried: no credentials".to_owned(),
            };
            Err(Box::new(
                Diagnostic::error(codes::REGISTRY_DENIED, format!("{} denies access", failure::host(url)))
                    .at(failure::shown(url))
                    .cause(session::reason(&answer))
                    .note(tried)
                    .changed("nothing was changed")
                    .next("pass `--username NAME --password-stdin`"),
            ))
        }
        _ => Err(Box::new(session::refused(&answer))),
    }
}

fn not_found(url: &Url) -> Diagnostic {
    Diagnostic::error(codes::REGISTRY_NOT_FOUND, format!("{} does not have it", failure::host(url)))
        .at(failure::shown(url))
        .cause("404 Not Found")
        .changed("nothing was changed")
        .next("check the address")
}

fn fetched(url: &Url, bytes: Vec<u8>, content: Option<Digest>) -> Fetched {
    let name = url.path_segments().and_then(|mut parts| parts.next_back()).filter(|name| !name.is_empty());
    Fetched {
        file_name: name.unwrap_or("chart.tgz").replace("%2B", "+"),
        reference: failure::shown(url),
        version: None,
        digest: None,
        content: content.unwrap_or_else(|| Digest::of(&bytes)),
        bytes,
        cached: false,
        warnings: Vec::new(),
    }
}

/// Servers repeat what they were sent.
fn clean(connection: &Connection, mut diagnostic: Box<Diagnostic>) -> Box<Diagnostic> {
    if let Some(login) = &connection.login {
        let name = SecretName::new("of the registry");
        let pair = login.pair();
        let redactor = Redactor::new([(&name, &login.password), (&name, &pair)]);
        diagnostic.cause = diagnostic.cause.map(|cause| redactor.redact(&cause));
    }
    diagnostic
}

#[cfg(test)]
mod tests {
    use super::*;

    const INDEX: &str = "apiVersion: v1\nentries:\n  demo:\n  - {version: 1.0.0, urls: [demo-1.0.0.tgz], created: x}\n  \
                         - {version: 1.10.0, urls: ['https://cdn.example/demo.tgz'], digest: ab}\n  \
                         - {version: 2.0.0-rc.1, urls: [rc.tgz]}\n  - {version: 1.2.0}\n  empty:\n";

    fn chosen(name: &str, version: Option<&str>) -> Result<String, String> {
        let repository = Url::parse("https://charts.example/").unwrap();
        let found = choose(parse(INDEX.as_bytes()).unwrap(), &repository, name, version);
        found.map(|(url, _)| url).map_err(|error| format!("{} {:?}", error.title, error.next))
    }

    #[test]
    fn entries_are_chosen_as_helm_does() {
        assert_eq!(chosen("demo", None).as_deref(), Ok("https://cdn.example/demo.tgz"));
        assert_eq!(chosen("demo", Some("1.0.0")).as_deref(), Ok("demo-1.0.0.tgz"));
        assert_eq!(chosen("demo", Some(">0-0")).as_deref(), Ok("rc.tgz"));
        assert_eq!(chosen("demo", Some("~1.0")).as_deref(), Ok("demo-1.0.0.tgz"));
        assert!(chosen("demo", Some("3")).unwrap_err().contains("fits `3`"));
        assert!(chosen("demo", Some("1.2.0")).unwrap_err().contains("makes no sense"));
        assert!(chosen("demmo", None).unwrap_err().contains("did you mean `demo`"));
        assert!(chosen("empty", None).unwrap_err().contains("no chart `empty`"));
    }

    #[test]
    fn what_is_no_index_is_refused() {
        for text in ["<html>", "[1]", "entries: 3", "\u{0}"] {
            assert!(parse(text.as_bytes()).is_err(), "{text}");
        }
    }
}
