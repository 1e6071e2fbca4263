//! From a reference to the bytes of a chart.

use super::cache::Cache;
use super::digest::Digest;
use super::http::{Client, Connection};
use super::manifest::{Content, Manifest, Packed};
use super::reference::{self, Reference};
use super::session::Session;
use super::version::{self, Wanted};
use super::{Fetched, failure};
use crate::diagnostics::{Diagnostic, codes, suggest};
use crate::world::World;

/// An index may lead to other things as well; charts with more are not known.
const MOST_MANIFESTS: usize = 16;
const LARGEST_MANIFEST: u64 = 4 * 1024 * 1024;
/// Of tags, in an error.
const SHOWN_TAGS: usize = 8;

/// Fetches from a registry, or takes what is in the cache.
pub(super) async fn fetch(
    reference: &Reference,
    version: Option<&str>,
    connection: &Connection,
    world: &World,
) -> Result<Fetched, Box<Diagnostic>> {
    let reference = with_version(reference, version)?;
    let cache = Cache::below(&world.home);
    if let Some(found) = pinned_in_cache(&reference, connection, &cache) {
        return Ok(found);
    }
    let client = Client::new(connection, world)?;
    let session = Session::new(&client, connection, world, &reference)?;
    let mut fetching = Fetching { session, cache, connection, warnings: Vec::new() };
    let result = fetching.run(version).await;
    result.map_err(|diagnostic| fetching.session.clean(diagnostic))
}

/// A version beside a tag has to be the same.
fn with_version(reference: &Reference, version: Option<&str>) -> Result<Reference, Box<Diagnostic>> {
    let version = version.map(str::trim).filter(|version| !version.is_empty());
    match (&reference.tag, version) {
        (Some(tag), Some(version)) if *tag != version.replace('+', "_") => Err(Box::new(
            Diagnostic::error(codes::REGISTRY_REFERENCE, "the chart's name and `--version` say different things")
                .cause(format!("chart reference and version mismatch: {version} is not {tag}"))
                .changed("nothing was changed")
                .next("leave one of them out"),
        )),
        // With a digest the version can only name the tag.
        (None, Some(version)) if reference.digest.is_some() => {
            let pinned = Reference { tag: Some(version.replace('+', "_")), ..reference.clone() };
            let is_tag = pinned.tag.as_deref().is_some_and(reference::is_tag);
            if is_tag { Ok(pinned) } else { Err(Box::new(no_exact_version(&pinned, version))) }
        }
        _ => Ok(reference.clone()),
    }
}

fn no_exact_version(reference: &Reference, version: &str) -> Diagnostic {
    Diagnostic::error(codes::REGISTRY_REFERENCE, format!("`--version {version}` does not go with a digest"))
        .cause(format!("{} names one chart only; the version can only be its tag", reference.registry))
        .changed("nothing was changed")
        .next("leave `--version` out")
}

/// A pinned chart that was fetched before, as long as nothing speaks against its tag. No connection is opened.
fn pinned_in_cache(reference: &Reference, connection: &Connection, cache: &Cache) -> Option<Fetched> {
    let digest = reference.digest?;
    let manifest = Manifest::parse(&cache.read(digest, LARGEST_MANIFEST)?).ok()?;
    if let Some(tag) = &reference.tag {
        let written = manifest.version().is_some_and(|version| version.replace('+', "_") == *tag);
        let seen = cache.noted(&reference.with_tag(tag).to_string()) == Some(digest);
        if !written && !seen {
            return None;
        }
    }
    let Content::Chart(packed) = manifest.content() else { return None };
    let bytes = cache.read(packed.digest, connection.largest_chart)?;
    let warnings = legacy_warning(packed);
    Some(Fetched { warnings, cached: true, ..fetched(reference, &manifest, digest, packed, bytes) })
}

fn legacy_warning(packed: Packed) -> Vec<String> {
    let text = "Warning: chart media type application/tar+gzip is deprecated";
    packed.legacy.then(|| text.to_owned()).into_iter().collect()
}

fn fetched(reference: &Reference, manifest: &Manifest, digest: Digest, packed: Packed, bytes: Vec<u8>) -> Fetched {
    let version = reference.tag.as_deref().or(manifest.version()).map(|tag| {
        // Only versions have a `+` that registries cannot write.
        let with_plus = tag.replace('_', "+");
        if version::versions(std::slice::from_ref(&tag.to_owned())).is_empty() { tag.to_owned() } else { with_plus }
    });
    let end = version.clone().unwrap_or_else(|| digest.hexadecimal()[..12].to_owned());
    Fetched {
        file_name: format!("{}-{end}.tgz", reference.base_name()),
        reference: reference.to_string(),
        version,
        digest: Some(digest),
        content: packed.digest,
        bytes,
        cached: false,
        warnings: Vec::new(),
    }
}

/// One chart on its way.
struct Fetching<'a> {
    session: Session<'a>,
    cache: Cache,
    connection: &'a Connection,
    warnings: Vec<String>,
}

impl Fetching<'_> {
    async fn run(&mut self, version: Option<&str>) -> Result<Fetched, Box<Diagnostic>> {
        let reference = self.session.reference.clone();
        if let Some(digest) = reference.digest {
            self.check_tag(&reference, digest).await?;
            let bytes = self.pinned_manifest(&reference, digest).await?;
            return self.chart(&reference, bytes, digest).await;
        }
        let wanted = Wanted::of(version.or(reference.tag.as_deref()));
        let tag = match &wanted {
            Wanted::Exact(tag) => tag.clone(),
            _ => self.choose(&wanted).await?,
        };
        let reference = reference.with_tag(&tag);
        let name = reference.tag.clone().unwrap_or_default();
        if !reference::is_tag(&name) {
            return Err(self.missing(&reference, &wanted).await);
        }
        let Some((bytes, digest)) = self.session.manifest(&name).await? else {
            return Err(self.missing(&reference, &wanted).await);
        };
        self.keep_note(&reference, digest);
        self.chart(&reference, bytes, digest).await
    }

    /// The highest of the registry's versions that is meant.
    async fn choose(&mut self, wanted: &Wanted) -> Result<String, Box<Diagnostic>> {
        let reference = self.session.reference;
        let tags = self.session.tags().await?;
        let Some(tags) = tags else { return Err(no_repository(reference)) };
        let versions = version::versions(&tags);
        version::choose(&versions, wanted).cloned().ok_or_else(|| no_version(reference, wanted, &versions, &tags))
    }

    /// A tag beside a digest has to name the same. A tag that is gone does not matter, as in Helm.
    async fn check_tag(&mut self, reference: &Reference, digest: Digest) -> Result<(), Box<Diagnostic>> {
        let Some(tag) = &reference.tag else { return Ok(()) };
        let tagged = reference.with_tag(tag);
        match self.session.manifest(tag).await {
            Ok(Some((_, found))) if found == digest => {
                self.keep_note(&tagged, digest);
                Ok(())
            }
            Ok(Some((_, found))) => Err(Box::new(
                Diagnostic::error(codes::REGISTRY_DIGEST, format!("the tag {tag} no longer names the pinned chart"))
                    .at(tagged.to_string())
                    .cause(format!("{tag} is {found}, pinned is {digest}"))
                    .changed("nothing was changed")
                    .next(
                        "find out why it changed; then pin the new digest, or leave the tag out to keep the old chart",
                    ),
            )),
            Ok(None) => {
                self.warnings.push(format!("Warning: {} has no tag {tag}; the digest decides", tagged.registry));
                Ok(())
            }
            Err(error) => match self.cache.read(digest, LARGEST_MANIFEST) {
                Some(_) => {
                    let cause = error.cause.unwrap_or(error.title);
                    self.warnings
                        .push(format!("Warning: the tag {tag} could not be compared with the digest: {cause}"));
                    Ok(())
                }
                None => Err(error),
            },
        }
    }

    async fn pinned_manifest(&mut self, reference: &Reference, digest: Digest) -> Result<Vec<u8>, Box<Diagnostic>> {
        if let Some(bytes) = self.cache.read(digest, LARGEST_MANIFEST) {
            return Ok(bytes);
        }
        match self.session.manifest(&digest.to_string()).await? {
            Some((bytes, found)) if found == digest => Ok(bytes),
            Some((_, found)) => Err(Box::new(
                Diagnostic::error(codes::REGISTRY_DIGEST, format!("{} sent another manifest", reference.registry))
                    .at(reference.to_string())
                    .cause(format!("{digest} was asked for, {found} came"))
                    .changed("nothing was changed, and nothing of it was kept")
                    .next("try again; if it stays so, the registry or something before it is broken"),
            )),
            None => Err(self.missing(reference, &Wanted::Exact(digest.to_string())).await),
        }
    }

    /// From a manifest to the packed chart.
    async fn chart(
        &mut self,
        reference: &Reference,
        bytes: Vec<u8>,
        digest: Digest,
    ) -> Result<Fetched, Box<Diagnostic>> {
        let manifest = Manifest::parse(&bytes)
            .map_err(|cause| Box::new(failure::senseless(&reference.registry, &cause).at(reference.to_string())))?;
        let (manifest, bytes, digest) = match manifest.content() {
            Content::Index(entries) => self.chart_of_index(reference, &entries).await?,
            _ => (manifest, bytes, digest),
        };
        let packed = self.packed(reference, &manifest)?;
        self.keep(digest, &bytes);
        let (content, cached) = match self.cache.read(packed.digest, self.connection.largest_chart) {
            Some(content) => (content, true),
            None => (self.session.blob(packed.digest, packed.size).await?, false),
        };
        if !cached {
            self.keep(packed.digest, &content);
        }
        self.warnings.extend(legacy_warning(packed));
        let warnings = std::mem::take(&mut self.warnings);
        Ok(Fetched { cached, warnings, ..fetched(reference, &manifest, digest, packed, content) })
    }

    fn packed(&self, reference: &Reference, manifest: &Manifest) -> Result<Packed, Box<Diagnostic>> {
        match manifest.content() {
            Content::Chart(packed) if packed.size > self.connection.largest_chart => Err(Box::new(
                failure::too_large(self.session.base(), self.connection.largest_chart).at(reference.to_string()).cause(
                    format!(
                        "the chart has {} bytes, and no more than {} are taken",
                        packed.size, self.connection.largest_chart
                    ),
                ),
            )),
            Content::Chart(packed) => Ok(packed),
            Content::Other(what) => Err(no_chart(reference, &format!("it is {what}"))),
            Content::Index(_) => Err(no_chart(reference, "it is an index of other indexes")),
            Content::Senseless(cause) => {
                Err(Box::new(failure::senseless(&reference.registry, &cause).at(reference.to_string())))
            }
        }
    }

    /// The first manifest of an index that is a chart's.
    async fn chart_of_index(
        &mut self,
        reference: &Reference,
        entries: &[Digest],
    ) -> Result<(Manifest, Vec<u8>, Digest), Box<Diagnostic>> {
        let mut last = "nothing".to_owned();
        for entry in entries.iter().take(MOST_MANIFESTS) {
            let bytes = self.pinned_manifest(reference, *entry).await?;
            let Ok(manifest) = Manifest::parse(&bytes) else { continue };
            match manifest.content() {
                Content::Chart(_) => return Ok((manifest, bytes, *entry)),
                Content::Other(what) => last = what,
                _ => {}
            }
        }
        Err(no_chart(reference, &format!("it is an index of {} manifests, the last of which is {last}", entries.len())))
    }

    /// What the registry has instead of what was asked for.
    async fn missing(&mut self, reference: &Reference, wanted: &Wanted) -> Box<Diagnostic> {
        match self.session.tags().await {
            Ok(Some(tags)) => {
                let versions = version::versions(&tags);
                no_version(reference, wanted, &versions, &tags)
            }
            Ok(None) => no_repository(reference),
            // The tags are an extra: that they cannot be had is no news.
            Err(_) => no_version(reference, wanted, &[], &[]),
        }
    }

    fn keep(&mut self, digest: Digest, bytes: &[u8]) {
        let written = self.cache.write(digest, bytes);
        self.warn_of_cache(written);
    }

    fn keep_note(&mut self, reference: &Reference, digest: Digest) {
        let written = self.cache.note(&reference.to_string(), digest);
        self.warn_of_cache(written);
    }

    /// A chart that cannot be kept is a chart all the same.
    fn warn_of_cache(&mut self, written: std::io::Result<()>) {
        if let Err(error) = written {
            let text = format!("Warning: the chart could not be kept for the next time: {error}");
            if !self.warnings.contains(&text) {
                self.warnings.push(text);
            }
        }
    }
}

fn no_repository(reference: &Reference) -> Box<Diagnostic> {
    Box::new(
        Diagnostic::error(codes::REGISTRY_NOT_FOUND, format!("{} has no {}", reference.registry, reference.repository))
            .at(reference.to_string())
            .cause("404 Not Found: the registry knows nothing under this name")
            .changed("nothing was changed")
            .next("check the path; where charts are private, check that you are logged in"),
    )
}

fn no_version(reference: &Reference, wanted: &Wanted, versions: &[String], tags: &[String]) -> Box<Diagnostic> {
    let known = if versions.is_empty() { tags } else { versions };
    let chart = format!("{}/{}", reference.registry, reference.repository);
    let (code, title) = match wanted {
        Wanted::Exact(exact) => (codes::REGISTRY_NOT_FOUND, format!("{chart} has no {exact}")),
        other => (codes::REGISTRY_NO_VERSION, format!("{chart} has no {}", other.phrase())),
    };
    let mut finding = Diagnostic::error(code, title).at(reference.to_string()).changed("nothing was changed");
    finding = match wanted {
        Wanted::Exact(_) => finding.cause("404 Not Found"),
        _ if versions.is_empty() => finding.cause("none of its tags is a version"),
        _ => finding.cause(format!("none of its {} versions fits", versions.len())),
    };
    if !known.is_empty() {
        let shown = known.iter().take(SHOWN_TAGS).cloned().collect::<Vec<_>>().join(", ");
        let more =
            if known.len() > SHOWN_TAGS { format!(", and {} more", known.len() - SHOWN_TAGS) } else { String::new() };
        finding = finding.note(format!("there are: {shown}{more}"));
    }
    let near = match wanted {
        Wanted::Exact(exact) => {
            let longer = known.iter().find(|version| version.starts_with(&format!("{exact}.")));
            let bare = exact.strip_prefix('v').and_then(|bare| known.iter().find(|version| *version == bare));
            longer.or(bare).map(String::as_str).or_else(|| suggest::nearest(exact, known))
        }
        _ => None,
    };
    Box::new(match near {
        Some(near) => finding.next(format!("did you mean `{near}`?")),
        None => finding.next("choose one of the versions that are there"),
    })
}

fn no_chart(reference: &Reference, cause: &str) -> Box<Diagnostic> {
    Box::new(
        Diagnostic::error(codes::REGISTRY_NOT_A_CHART, format!("{reference} is no chart"))
            .cause(cause)
            .changed("nothing was changed")
            .next("name a chart that `helm push` or the like has put there"),
    )
}
