//! `.Capabilities`: which Kubernetes a chart is rendered for.

use std::any::Any;
use std::borrow::Cow;
use std::rc::Rc;

use super::error::ChartError;
use super::values::set::quote;
use crate::template::{Dict, ElementType, Function, Kind, List, Object, Parameter, Printed, Text, Value};

/// What templates may ask about the cluster.
#[derive(Debug, Clone)]
pub struct Capabilities {
    pub kube_version: KubeVersion,
    /// Groups with versions, and with kinds where a cluster told them.
    pub api_versions: Rc<[String]>,
}

/// A version of Kubernetes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KubeVersion {
    /// As given, with a `v` in front: `v1.33.4-gke.1245000`.
    pub version: String,
    /// Numbers only, for constraints: `v1.33.4`.
    pub normalized: String,
    pub major: String,
    pub minor: String,
}

/// The program that templates see as Helm.
const HELM_VERSION: &str = "v4.3";
const GO_VERSION: &str = "go1.26.8";
const CLIENT_VERSION: &str = "v1.37";

impl Default for Capabilities {
    /// Those of `helm template` 4.3.1 without a cluster.
    fn default() -> Self {
        let version = "v1.37.0".to_owned();
        let (major, minor) = ("1".to_owned(), "37".to_owned());
        Self {
            kube_version: KubeVersion { normalized: version.clone(), version, major, minor },
            api_versions: DEFAULT_API_VERSIONS.iter().map(|version| (*version).to_owned()).collect(),
        }
    }
}

impl Capabilities {
    /// The defaults with what the user says otherwise.
    pub fn offline(kube_version: Option<&str>, api_versions: &[String]) -> Result<Self, ChartError> {
        let mut capabilities = Self::default();
        if let Some(version) = kube_version {
            capabilities.kube_version = KubeVersion::parse(version)?;
        }
        if !api_versions.is_empty() {
            capabilities.api_versions = capabilities.api_versions.iter().chain(api_versions).cloned().collect();
        }
        Ok(capabilities)
    }

    pub(super) fn to_value(&self) -> Value {
        Value::Object(Rc::new(CapabilitiesObject(self.clone())))
    }
}

impl KubeVersion {
    /// Errors are in Helm's words.
    pub fn parse(text: &str) -> Result<Self, ChartError> {
        let invalid = |reason: String| ChartError::KubeVersion(format!("invalid kube version '{text}': {reason}"));
        let trimmed = text.trim_start_matches(['\t', '\n', '\x0c', '\r', ' ']);
        let trimmed = trimmed.strip_prefix('v').unwrap_or(trimmed);
        let numbers = leading_numbers(trimmed);
        if numbers.is_empty() || trimmed[numbers.len()..].contains('\n') {
            return Err(invalid(format!("could not parse {} as version", quote(text))));
        }
        let components: Vec<&str> = numbers.split('.').collect();
        if components.len() < 2 {
            return Err(invalid(format!("illegal version string {}", quote(text))));
        }
        let mut values = Vec::new();
        for (index, component) in components.iter().enumerate() {
            if index == 0 && component.starts_with('0') && *component != "0" {
                let (component, text) = (quote(component), quote(text));
                return Err(invalid(format!("illegal zero-prefixed version component {component} in {text}")));
            }
            let value: u64 = component.parse().map_err(|_| {
                let component = quote(component);
                invalid(format!(
                    "illegal non-numeric version component {component} in {}: strconv.ParseUint: parsing {component}: \
                     value out of range",
                    quote(text)
                ))
            })?;
            values.push(value.to_string());
        }
        Ok(Self {
            version: if text.starts_with('v') { text.to_owned() } else { format!("v{text}") },
            normalized: format!("v{}", values.join(".")),
            major: values[0].clone(),
            minor: values[1].clone(),
        })
    }
}

/// `1.2.3` of `1.2.3-gke.4`.
fn leading_numbers(text: &str) -> &str {
    let mut end = 0;
    loop {
        let rest = &text[end..];
        let start = if end == 0 { 0 } else { usize::from(rest.starts_with('.')) };
        let digits = rest[start..].bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 || (end > 0 && start == 0) {
            return &text[..end];
        }
        end += start + digits;
    }
}

/// Text of a struct's field.
fn text(text: &str) -> Value {
    Value::string(text)
}

fn plain(fields: Vec<(&'static str, Value)>) -> Value {
    let entries = fields.into_iter().map(|(name, value)| (Text::from(name), value));
    Value::Dict(Dict::from_entries(entries.collect()))
}

#[derive(Debug)]
struct CapabilitiesObject(Capabilities);

impl Object for CapabilitiesObject {
    fn go_type(&self) -> Cow<'static, str> {
        "*common.Capabilities".into()
    }

    fn kind(&self) -> Kind {
        Kind::Pointer
    }

    fn field(&self, name: &str) -> Option<Value> {
        match name {
            "KubeVersion" => Some(Value::Object(Rc::new(KubeVersionObject(self.0.kube_version.clone())))),
            "APIVersions" => Some(Value::Object(Rc::new(VersionSet(Rc::clone(&self.0.api_versions))))),
            "HelmVersion" => Some(Value::Object(Rc::new(HelmVersion))),
            _ => None,
        }
    }

    /// `Copy` would only make another one that looks the same.
    fn method(&self, name: &str) -> Option<Function> {
        let copy = self.0.clone();
        (name == "Copy").then(|| Function::new(&[], move |_, _| Ok(copy.to_value())))
    }

    fn printed(&self) -> Printed {
        let fields = ["KubeVersion", "APIVersions", "HelmVersion"];
        let fields = fields.into_iter().map(|name| (name, self.printed_field(name))).collect();
        Printed::Struct { is_pointer: true, fields }
    }

    fn to_plain(&self) -> Option<Value> {
        Some(plain(self.json_fields()?))
    }

    fn json_fields(&self) -> Option<Vec<(&'static str, Value)>> {
        let names = ["KubeVersion", "APIVersions", "HelmVersion"];
        Some(names.into_iter().map(|name| (name, self.field(name).unwrap_or_default())).collect())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl CapabilitiesObject {
    /// Inside of another struct, `fmt` cannot call the version's own `String`.
    fn printed_field(&self, name: &str) -> Value {
        match name {
            "KubeVersion" => Value::Object(Rc::new(PlainKubeVersion(self.0.kube_version.clone()))),
            other => self.field(other).unwrap_or_default(),
        }
    }
}

#[derive(Debug)]
struct KubeVersionObject(KubeVersion);

impl KubeVersion {
    fn field(&self, name: &str) -> Option<Value> {
        match name {
            "Version" => Some(text(&self.version)),
            "Major" => Some(text(&self.major)),
            "Minor" => Some(text(&self.minor)),
            _ => None,
        }
    }

    fn json_fields(&self) -> Vec<(&'static str, Value)> {
        let names = ["Version", "Major", "Minor"];
        names.into_iter().map(|name| (name, self.field(name).unwrap_or_default())).collect()
    }
}

impl Object for KubeVersionObject {
    fn go_type(&self) -> Cow<'static, str> {
        "common.KubeVersion".into()
    }

    fn kind(&self) -> Kind {
        Kind::Struct
    }

    fn field(&self, name: &str) -> Option<Value> {
        self.0.field(name)
    }

    fn method(&self, name: &str) -> Option<Function> {
        let result = match name {
            "String" => self.0.normalized.clone(),
            "GitVersion" => self.0.version.clone(),
            _ => return None,
        };
        Some(Function::new(&[], move |_, _| Ok(text(&result))))
    }

    fn printed(&self) -> Printed {
        Printed::Text(self.0.normalized.as_str().into())
    }

    fn to_plain(&self) -> Option<Value> {
        Some(plain(self.0.json_fields()))
    }

    fn json_fields(&self) -> Option<Vec<(&'static str, Value)>> {
        Some(self.0.json_fields())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// As it is printed inside of `.Capabilities`: all fields, the hidden one too.
#[derive(Debug)]
struct PlainKubeVersion(KubeVersion);

impl Object for PlainKubeVersion {
    fn go_type(&self) -> Cow<'static, str> {
        "common.KubeVersion".into()
    }

    fn kind(&self) -> Kind {
        Kind::Struct
    }

    fn field(&self, name: &str) -> Option<Value> {
        self.0.field(name)
    }

    fn method(&self, _name: &str) -> Option<Function> {
        None
    }

    fn printed(&self) -> Printed {
        let version = &self.0;
        Printed::Struct {
            is_pointer: false,
            fields: vec![
                ("Version", text(&version.version)),
                ("normalizedVersion", text(&version.normalized)),
                ("Major", text(&version.major)),
                ("Minor", text(&version.minor)),
            ],
        }
    }

    fn to_plain(&self) -> Option<Value> {
        Some(plain(self.0.json_fields()))
    }

    fn json_fields(&self) -> Option<Vec<(&'static str, Value)>> {
        Some(self.0.json_fields())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// `.Capabilities.APIVersions`
#[derive(Debug)]
struct VersionSet(Rc<[String]>);

impl VersionSet {
    fn list(&self) -> Value {
        let elements = self.0.iter().map(|version| text(version)).collect();
        Value::List(List::typed(elements, ElementType::String))
    }
}

impl Object for VersionSet {
    fn go_type(&self) -> Cow<'static, str> {
        "common.VersionSet".into()
    }

    fn kind(&self) -> Kind {
        Kind::Slice
    }

    fn field(&self, _name: &str) -> Option<Value> {
        None
    }

    fn method(&self, name: &str) -> Option<Function> {
        let versions = Rc::clone(&self.0);
        (name == "Has").then(|| {
            Function::new(&[Parameter::String], move |_, arguments| {
                let wanted = match arguments {
                    [Value::String(wanted)] => wanted.as_bytes(),
                    _ => b"",
                };
                Ok(Value::Bool(versions.iter().any(|version| version.as_bytes() == wanted)))
            })
        })
    }

    fn is_true(&self) -> bool {
        !self.0.is_empty()
    }

    fn len(&self) -> Option<usize> {
        Some(self.0.len())
    }

    fn entries(&self) -> Option<Vec<(Value, Value)>> {
        let entries = self.0.iter().enumerate();
        Some(entries.map(|(index, version)| (Value::int(i64::try_from(index).unwrap_or(0)), text(version))).collect())
    }

    fn printed(&self) -> Printed {
        Printed::As(self.list())
    }

    fn to_plain(&self) -> Option<Value> {
        Some(self.list())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// `.Capabilities.HelmVersion`
#[derive(Debug)]
struct HelmVersion;

impl Object for HelmVersion {
    fn go_type(&self) -> Cow<'static, str> {
        "version.BuildInfo".into()
    }

    fn kind(&self) -> Kind {
        Kind::Struct
    }

    fn field(&self, name: &str) -> Option<Value> {
        let value = match name {
            "Version" => HELM_VERSION,
            "GitCommit" | "GitTreeState" => "",
            "GoVersion" => GO_VERSION,
            "KubeClientVersion" => CLIENT_VERSION,
            _ => return None,
        };
        Some(text(value))
    }

    fn method(&self, _name: &str) -> Option<Function> {
        None
    }

    fn printed(&self) -> Printed {
        let names = ["Version", "GitCommit", "GitTreeState", "GoVersion", "KubeClientVersion"];
        let fields = names.into_iter().map(|name| (name, self.field(name).unwrap_or_default())).collect();
        Printed::Struct { is_pointer: false, fields }
    }

    fn to_plain(&self) -> Option<Value> {
        Some(plain(self.json_fields()?))
    }

    fn json_fields(&self) -> Option<Vec<(&'static str, Value)>> {
        Some(vec![
            ("version", text(HELM_VERSION)),
            ("go_version", text(GO_VERSION)),
            ("kube_client_version", text(CLIENT_VERSION)),
        ])
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// What the client library of Helm 4.3.1 knows, in its order.
const DEFAULT_API_VERSIONS: &[&str] = &[
    "v1",
    "admissionregistration.k8s.io/v1",
    "admissionregistration.k8s.io/v1alpha1",
    "admissionregistration.k8s.io/v1beta1",
    "internal.apiserver.k8s.io/v1alpha1",
    "apps/v1",
    "apps/v1beta1",
    "apps/v1beta2",
    "authentication.k8s.io/v1",
    "authentication.k8s.io/v1alpha1",
    "authentication.k8s.io/v1beta1",
    "authorization.k8s.io/v1",
    "authorization.k8s.io/v1beta1",
    "autoscaling/v1",
    "autoscaling/v2",
    "batch/v1",
    "batch/v1beta1",
    "certificates.k8s.io/v1",
    "certificates.k8s.io/v1beta1",
    "certificates.k8s.io/v1alpha1",
    "coordination.k8s.io/v1alpha2",
    "coordination.k8s.io/v1beta1",
    "coordination.k8s.io/v1",
    "discovery.k8s.io/v1",
    "discovery.k8s.io/v1beta1",
    "events.k8s.io/v1",
    "events.k8s.io/v1beta1",
    "extensions/v1beta1",
    "flowcontrol.apiserver.k8s.io/v1",
    "flowcontrol.apiserver.k8s.io/v1beta1",
    "flowcontrol.apiserver.k8s.io/v1beta2",
    "flowcontrol.apiserver.k8s.io/v1beta3",
    "lifecycle.k8s.io/v1alpha1",
    "networking.k8s.io/v1",
    "networking.k8s.io/v1beta1",
    "node.k8s.io/v1",
    "node.k8s.io/v1alpha1",
    "node.k8s.io/v1beta1",
    "policy/v1",
    "policy/v1beta1",
    "rbac.authorization.k8s.io/v1",
    "rbac.authorization.k8s.io/v1beta1",
    "rbac.authorization.k8s.io/v1alpha1",
    "resource.k8s.io/v1",
    "resource.k8s.io/v1beta2",
    "resource.k8s.io/v1beta1",
    "resource.k8s.io/v1alpha3",
    "scheduling.k8s.io/v1alpha3",
    "scheduling.k8s.io/v1beta1",
    "scheduling.k8s.io/v1",
    "storage.k8s.io/v1beta1",
    "storage.k8s.io/v1",
    "storage.k8s.io/v1alpha1",
    "storagemigration.k8s.io/v1",
    "storagemigration.k8s.io/v1beta1",
    "apiextensions.k8s.io/v1beta1",
    "apiextensions.k8s.io/v1",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kubernetes_versions_are_read_as_helm_does() {
        let version = KubeVersion::parse("1.33.4-gke.1245000").unwrap();
        assert_eq!((version.version.as_str(), version.normalized.as_str()), ("v1.33.4-gke.1245000", "v1.33.4"));
        assert_eq!((version.major.as_str(), version.minor.as_str()), ("1", "33"));
        assert_eq!(KubeVersion::parse("v1.30+").unwrap().normalized, "v1.30");
        let error = |text: &str| KubeVersion::parse(text).unwrap_err().to_string();
        assert_eq!(error("x"), r#"invalid kube version 'x': could not parse "x" as version"#);
        assert_eq!(error("1"), r#"invalid kube version '1': illegal version string "1""#);
        assert_eq!(
            error("01.2"),
            r#"invalid kube version '01.2': illegal zero-prefixed version component "01" in "01.2""#
        );
    }
}
