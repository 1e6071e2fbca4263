//! Manifests: which of a registry's blobs is the chart, or what it is instead.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::digest::Digest;

/// Config of a chart.
const CONFIG: &str = "application/vnd.cncf.helm.config.v1+json";
/// The packed chart.
const CHART: &str = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
/// The packed chart, as Helm named it while this was an experiment.
const LEGACY_CHART: &str = "application/tar+gzip";
const VERSION_ANNOTATION: &str = "org.opencontainers.image.version";

/// What is asked for.
pub(super) const ACCEPT: &str = "application/vnd.oci.image.manifest.v1+json, \
     application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.v2+json, \
     application/vnd.docker.distribution.manifest.list.v2+json";

/// A manifest, or an index of manifests.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Manifest {
    schema_version: u32,
    artifact_type: Option<String>,
    config: Option<Descriptor>,
    layers: Vec<Descriptor>,
    manifests: Option<Vec<Descriptor>>,
    annotations: Option<BTreeMap<String, String>>,
}

/// What a manifest says about a blob.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    #[serde(default)]
    media_type: String,
    digest: String,
    size: u64,
}

/// The packed chart that a manifest names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Packed {
    pub(super) digest: Digest,
    pub(super) size: u64,
    /// Under the media type of earlier days.
    pub(super) legacy: bool,
}

/// What a manifest leads to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Content {
    Chart(Packed),
    /// Several manifests, one of which may be that of a chart.
    Index(Vec<Digest>),
    /// Something else: what it is.
    Other(String),
    /// No manifest at all: why.
    Senseless(String),
}

impl Manifest {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let manifest: Self = serde_json::from_slice(bytes).map_err(|error| format!("it is no manifest: {error}"))?;
        if manifest.schema_version == 2 { Ok(manifest) } else { Err("it is no manifest of version 2".to_owned()) }
    }

    /// The version that was written on it when it was pushed.
    pub(super) fn version(&self) -> Option<&str> {
        self.annotations.as_ref()?.get(VERSION_ANNOTATION).map(String::as_str)
    }

    pub(super) fn content(&self) -> Content {
        if let Some(manifests) = &self.manifests {
            return Content::Index(manifests.iter().filter_map(|entry| Digest::parse(&entry.digest)).collect());
        }
        let Some(config) = &self.config else {
            return Content::Other("something without a config".to_owned());
        };
        if config.media_type != CONFIG {
            return Content::Other(self.describe(config));
        }
        // Helm takes the last as well.
        let layer = self.layers.iter().rev().find(|layer| matches!(layer.media_type.as_str(), CHART | LEGACY_CHART));
        let Some(layer) = layer else {
            let found: Vec<&str> = self.layers.iter().map(|layer| layer.media_type.as_str()).collect();
            let found = if found.is_empty() { "none".to_owned() } else { found.join(", ") };
            return Content::Other(format!("a chart's config without a chart (layers: {found})"));
        };
        match Digest::parse(&layer.digest) {
            Some(digest) => {
                Content::Chart(Packed { digest, size: layer.size, legacy: layer.media_type == LEGACY_CHART })
            }
            None => Content::Senseless(format!("its layer has the digest `{}`, which is none", layer.digest)),
        }
    }

    fn describe(&self, config: &Descriptor) -> String {
        let kind = self.artifact_type.as_deref().unwrap_or(&config.media_type);
        match kind {
            "application/vnd.docker.container.image.v1+json" | "application/vnd.oci.image.config.v1+json" => {
                format!("a container image ({kind})")
            }
            "application/vnd.helm.plugin.v1+json" => format!("a plugin of Helm ({kind})"),
            "" => "something of no kind".to_owned(),
            other => format!("something of the kind {other}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(text: &str) -> Content {
        Manifest::parse(text.as_bytes()).unwrap().content()
    }

    fn manifest(config: &str, layers: &str) -> String {
        format!(
            r#"{{"schemaVersion":2,"config":{{"mediaType":"{config}","digest":"sha256:a","size":2}},"layers":[{layers}]}}"#
        )
    }

    #[test]
    fn the_chart_is_found_among_the_layers() {
        let digest = Digest::of(b"chart");
        let layer = |kind: &str| format!(r#"{{"mediaType":"{kind}","digest":"{digest}","size":5}}"#);
        let provenance = layer("application/vnd.cncf.helm.chart.provenance.v1.prov");
        let packed = |legacy| Content::Chart(Packed { digest, size: 5, legacy });
        assert_eq!(content(&manifest(CONFIG, &format!("{},{provenance}", layer(CHART)))), packed(false));
        assert_eq!(content(&manifest(CONFIG, &layer(LEGACY_CHART))), packed(true));
        let Content::Other(what) = content(&manifest(CONFIG, &provenance)) else { panic!("a chart?") };
        assert!(what.contains("provenance"), "{what}");
    }

    #[test]
    fn what_is_no_chart_is_named() {
        let image = manifest("application/vnd.oci.image.config.v1+json", "");
        let Content::Other(what) = content(&image) else { panic!("a chart?") };
        assert!(what.starts_with("a container image"), "{what}");
        let digest = Digest::of(b"");
        let index = format!(r#"{{"schemaVersion":2,"manifests":[{{"digest":"{digest}","size":1}}]}}"#);
        assert_eq!(content(&index), Content::Index(vec![digest]));
        for text in ["", "[]", "{}", r#"{"schemaVersion":1}"#, "<html>"] {
            assert!(Manifest::parse(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn the_version_stands_in_an_annotation() {
        let text = r#"{"schemaVersion":2,"annotations":{"org.opencontainers.image.version":"1.0.0+b"}}"#;
        assert_eq!(Manifest::parse(text.as_bytes()).unwrap().version(), Some("1.0.0+b"));
    }
}
