//! What units in a Kubernetes cluster are made of: one spec per kind, pure data.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Spec, Text};

impl Spec for Release {
    const KIND: &'static str = "kubernetes.release";
}

impl Spec for SecretObject {
    const KIND: &'static str = "kubernetes.secret";
}

/// A release of a Helm chart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Release {
    pub name: String,
    pub namespace: String,
    pub chart: ChartReference,
    /// The chart's values. A text in it may refer to outputs and secrets, as in any spec.
    pub values: Value,
    /// Keys of the values that hold a secret itself, since this version of the chart takes no reference there. What is
    /// in them lies in the release's record, readable to whoever may read Secrets of the namespace.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub secret_values: Vec<String>,
}

/// Which chart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChartReference {
    pub name: String,
    pub version: String,
    /// A folder, a `.tgz` file or `oci://…`.
    pub source: String,
}

/// A Secret that others refer to by name and key. Outputs: none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SecretObject {
    pub name: String,
    pub namespace: String,
    pub values: BTreeMap<String, Text>,
    /// Keys whose content is that of a file.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<String, PathBuf>,
}
