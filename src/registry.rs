//! Charts from elsewhere: registries (`oci://…`), addresses of packed charts, and repositories with an `index.yaml`.
//!
//! What comes out is the bytes of a packed chart; what they hold is not looked into here. Nothing that a server says is
//! believed: sizes are bounded, content is compared with its digest, and secrets are taken out of its words.
//!
//! Registries are spoken to directly, with `reqwest`: the client crates that there are hide which credentials were
//! tried, read the proxies of the process by themselves, and put no bound on what a registry sends.

mod authorization;
mod cache;
mod credentials;
mod digest;
mod failure;
mod fetch;
mod http;
mod manifest;
mod reference;
mod session;
mod version;
mod web;

use std::path::PathBuf;

use tokio::time::timeout;
use url::Url;

pub use cache::BOUND as CACHE_BOUND;
pub use credentials::Login;
pub use digest::Digest;
pub use http::Connection;
pub use reference::{Reference, SCHEME};

use crate::diagnostics::{Diagnostic, codes};
use crate::world::World;

/// Where a chart is to be taken from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A folder or a packed file of this machine, relative to the current folder.
    Path(PathBuf),
    Registry(Reference),
    /// A packed chart on a web server.
    Address(Url),
    /// A chart of a repository with an `index.yaml`.
    Repository {
        url: Url,
        name: String,
    },
}

/// A packed chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    pub bytes: Vec<u8>,
    /// As `helm pull` names it: `demo-1.0.0.tgz`.
    pub file_name: String,
    /// The chart in full, without secrets: `oci://host/charts/demo:1.0.0`.
    pub reference: String,
    /// As the registry or repository tells it, with `+` where tags have `_`.
    pub version: Option<String>,
    /// Of the manifest: what a reference is pinned with. None for charts that come from no registry.
    pub digest: Option<Digest>,
    /// Of the bytes.
    pub content: Digest,
    /// Whether the bytes were there already.
    pub cached: bool,
    /// What should be told though it is no error.
    pub warnings: Vec<String>,
}

/// Reads the name of a chart as `helm template` does: what is there on this machine comes first.
pub fn source(name: &str, repository: Option<&str>, world: &World) -> Result<Source, Diagnostic> {
    let name = name.trim();
    if let Some(repository) = repository {
        let url = read_url(repository)
            .and_then(|url| web::ensure_web(&url).map(|()| url).map_err(|error| *error))
            .map_err(|error| error.at(format!("--repo {}", without_login(repository))))?;
        return Ok(Source::Repository { url, name: name.to_owned() });
    }
    if name.starts_with(SCHEME) {
        return Reference::parse(name).map(Source::Registry);
    }
    let path = world.current_folder.join(name);
    if path.exists() || name.starts_with(['/', '.']) {
        return Ok(Source::Path(PathBuf::from(name)));
    }
    if name.contains("://") {
        let url = read_url(name)?;
        web::ensure_web(&url).map_err(|error| *error)?;
        return Ok(Source::Address(url));
    }
    let missing = Diagnostic::error(codes::REGISTRY_REFERENCE, format!("there is no chart `{name}`"))
        .cause(format!("there is no such file or folder in {}", world.current_folder.display()))
        .changed("nothing was changed");
    Err(if name.contains('/') {
        missing
            .note("repositories that were added to Helm under a name are not known here")
            .next(format!("name the repository itself: {} --repo URL", name.rsplit('/').next().unwrap_or(name)))
    } else {
        missing.next("name a folder, a packed file, oci://HOST/PATH, or add `--repo URL`")
    })
}

/// Fetches a packed chart. A pinned one that is in the cache is there without a connection.
pub async fn fetch(
    source: &Source,
    version: Option<&str>,
    connection: &Connection,
    world: &World,
) -> Result<Fetched, Diagnostic> {
    let (target, result) = match source {
        Source::Path(path) => {
            return Err(Diagnostic::error(codes::REGISTRY_REFERENCE, "a chart of this machine need not be fetched")
                .at(path.display().to_string())
                .cause("it is there already")
                .changed("nothing was changed"));
        }
        Source::Registry(reference) => {
            let fetching = fetch::fetch(reference, version, connection, world);
            let scheme = if connection.plain_http { "http" } else { "https" };
            (read_url(&format!("{scheme}://{}/", reference.registry))?, timeout(connection.time_limit, fetching).await)
        }
        Source::Address(url) => {
            (url.clone(), timeout(connection.time_limit, web::fetch_url(url, connection, world)).await)
        }
        Source::Repository { url, name } => {
            let fetching = web::fetch_from_repository(url, name, version, connection, world);
            (url.clone(), timeout(connection.time_limit, fetching).await)
        }
    };
    if let Ok(result) = result {
        return result.map_err(|error| *error);
    }
    let how = format!("the chart was not there within {} s", connection.time_limit.as_secs_f32());
    Err(failure::timed_out(&target, &how))
}

fn read_url(text: &str) -> Result<Url, Diagnostic> {
    Url::parse(text).map_err(|error| {
        Diagnostic::error(codes::REGISTRY_REFERENCE, "an address cannot be read")
            .at(without_login(text))
            .cause(error.to_string())
            .changed("nothing was changed")
            .next("write it as https://HOST/PATH")
    })
}

/// For an address that may be none.
fn without_login(text: &str) -> String {
    match text.split_once("://").and_then(|(scheme, rest)| Some((scheme, rest.split_once('@')?.1))) {
        Some((scheme, rest)) => format!("{scheme}://{rest}"),
        None => text.to_owned(),
    }
}
