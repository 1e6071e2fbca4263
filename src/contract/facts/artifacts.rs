//! Where artifacts lie, and what lies with them.

use super::{Claim, Connection, Fact, Purpose, Reader, database, stored};
use crate::contract::host::{self, Host};
use crate::deployment::{ArtifactStore, Cloud};
use crate::scenario::{Component, DataClass, Side};

pub(super) fn facts(reader: &Reader) -> Vec<Fact> {
    let Some(path) = deciding_path(reader) else { return Vec::new() };
    let (host, because) = location(reader, &path);
    // Step logs are written to the artifact store, and so is code where the scenario lets clients upload it.
    let usual = [DataClass::Artifacts, DataClass::Logs];
    let data = reader.carried(Component::Client, Component::ArtifactStore, &usual);
    let mut facts = stored(&data, Component::ArtifactStore, &host, &path, &because);
    let connection = Connection {
        from: Component::Client,
        from_side: Side::Customer,
        to: Some(Component::ArtifactStore),
        host,
        purpose: Purpose::Work,
        encrypted: true,
        verified: true,
        carries: data,
    };
    facts.push(Fact::new(Claim::Opens(connection), &path, because));
    facts
}

/// The key that names the store; none where the vendor's store is taken as the scenario has it.
fn deciding_path(reader: &Reader) -> Option<String> {
    let kind = match &reader.deployment.artifact_store {
        ArtifactStore::Local { folder: Some(_) } => "local.folder",
        ArtifactStore::Local { folder: None } => "local",
        ArtifactStore::S3 { bucket: Some(_), .. } => "s3.bucket",
        ArtifactStore::S3 { bucket: None, .. } => "s3",
        ArtifactStore::Gcs { bucket: Some(_), .. } => "gcs.bucket",
        ArtifactStore::Gcs { bucket: None, .. } => "gcs",
        ArtifactStore::AzureBlob { container: Some(_), .. } => "azureBlob.container",
        ArtifactStore::AzureBlob { container: None, .. } => "azureBlob",
    };
    if reader.is_written("artifactStore") {
        return Some(format!("artifactStore.{kind}"));
    }
    if !reader.is_customers(Component::ArtifactStore) {
        return None;
    }
    Some(match &reader.deployment.cloud {
        Some(Cloud::Aws { .. }) => "cloud.aws".to_owned(),
        Some(Cloud::Gcp { .. }) => "cloud.gcp".to_owned(),
        Some(Cloud::Azure { .. }) => "cloud.azure".to_owned(),
        None => format!("artifactStore.{kind}"),
    })
}

fn location(reader: &Reader, path: &str) -> (Host, String) {
    let bucket = match &reader.deployment.artifact_store {
        ArtifactStore::Local { .. } => {
            return (database::here(reader), "artifacts lie in a folder of the deployment".to_owned());
        }
        ArtifactStore::S3 { bucket, .. } | ArtifactStore::Gcs { bucket, .. } => bucket.as_deref(),
        ArtifactStore::AzureBlob { container, .. } => container.as_deref(),
    };
    let side = bucket.map_or(Side::Customer, host::owner);
    let (name, because) = match side {
        Side::Vendor => ("a bucket of the vendor", format!("`{path}` names a bucket in an account of the vendor")),
        Side::Customer => ("a bucket of your own", format!("`{path}` puts artifacts into a bucket of your own")),
    };
    (Host { name: name.to_owned(), side, this_machine: false }, because)
}
