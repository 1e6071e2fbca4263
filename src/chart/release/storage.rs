//! Records as Kubernetes holds them: gzipped, in base64, in a Secret or ConfigMap of a name that Helm finds again.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value as Json, json};

use super::record::Release;
use crate::chart::error::ChartError;

/// What Helm uses labels for; a user cannot have them.
const SYSTEM_LABELS: &[&str] = &["name", "owner", "status", "version", "createdAt", "modifiedAt"];
/// Kubernetes itself takes no objects beyond 1 MiB; unpacked, a record is some ten times that.
const LARGEST_RECORD: u64 = 64 * 1024 * 1024;

/// `sh.helm.release.v1.NAME.vN`
pub fn record_name(release: &str, version: i64) -> String {
    format!("sh.helm.release.v1.{release}.v{version}")
}

/// The text that is kept.
pub fn encode(release: &Release) -> Result<String, ChartError> {
    let failed = |error: std::io::Error| ChartError::Record(format!("cannot pack the release record: {error}"));
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(release.to_json().as_bytes()).map_err(failed)?;
    Ok(BASE64_STANDARD.encode(packer.finish().map_err(failed)?))
}

/// Reads it back; very old records are not gzipped.
pub fn decode(text: &str) -> Result<Release, ChartError> {
    let damaged = |reason: String| ChartError::Record(format!("the release record is damaged: {reason}"));
    let bytes = BASE64_STANDARD.decode(text.trim()).map_err(|error| damaged(error.to_string()))?;
    if bytes.len() <= 3 || !bytes.starts_with(b"\x1f\x8b\x08") {
        return Release::from_json(&bytes);
    }
    let mut unpacked = Vec::new();
    let mut reader = flate2::read::MultiGzDecoder::new(bytes.as_slice()).take(LARGEST_RECORD + 1);
    reader.read_to_end(&mut unpacked).map_err(|error| damaged(error.to_string()))?;
    if unpacked.len() as u64 > LARGEST_RECORD {
        return Err(damaged("it is larger than any release".to_owned()));
    }
    Release::from_json(&unpacked)
}

/// Labels by which Helm finds records, with the user's own. The time is in seconds, under the name `createdAt` for a
/// new record and `modifiedAt` for a changed one.
pub fn labels(release: &Release, time: (&str, i64)) -> BTreeMap<String, String> {
    let mut labels = release.labels.clone();
    labels.insert(time.0.to_owned(), time.1.to_string());
    labels.insert("name".to_owned(), release.name.clone());
    labels.insert("owner".to_owned(), "helm".to_owned());
    labels.insert("status".to_owned(), release.info.status.clone());
    labels.insert("version".to_owned(), release.version.to_string());
    labels
}

/// The Secret of a record. Kubernetes wants the data in base64 once more.
pub fn to_secret(release: &Release, time: (&str, i64)) -> Result<Json, ChartError> {
    let data = BASE64_STANDARD.encode(encode(release)?);
    Ok(json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": metadata(release, time),
        "type": "helm.sh/release.v1",
        "data": { "release": data },
    }))
}

/// The ConfigMap of a record.
pub fn to_config_map(release: &Release, time: (&str, i64)) -> Result<Json, ChartError> {
    Ok(json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": metadata(release, time),
        "data": { "release": encode(release)? },
    }))
}

fn metadata(release: &Release, time: (&str, i64)) -> Json {
    json!({
        "name": record_name(&release.name, release.version),
        "namespace": release.namespace,
        "labels": labels(release, time),
    })
}

/// The record in a Secret or ConfigMap, with the user's labels.
pub fn from_object(object: &Json) -> Result<Release, ChartError> {
    let missing = || ChartError::Record("the object holds no release record".to_owned());
    let data = object.pointer("/data/release").and_then(Json::as_str).ok_or_else(missing)?;
    let is_secret = object.get("kind").and_then(Json::as_str) == Some("Secret");
    let mut release = if is_secret {
        let bytes = BASE64_STANDARD.decode(data).map_err(|_| missing())?;
        decode(&String::from_utf8_lossy(&bytes))?
    } else {
        decode(data)?
    };
    let labels = object.pointer("/metadata/labels").and_then(Json::as_object);
    release.labels = labels
        .into_iter()
        .flatten()
        .filter(|(name, _)| !SYSTEM_LABELS.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()))
        .collect();
    Ok(release)
}
