//! `Chart.yaml`: what a chart says about itself.

use crate::template::{Dict, ElementType, List, Text, Value};

use super::version;

/// A chart's own description. Texts are as written; [`Metadata::validate`] cleans them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Metadata {
    pub name: String,
    pub home: String,
    pub sources: Vec<String>,
    pub version: String,
    pub description: String,
    pub keywords: Vec<String>,
    /// None where the file has a null.
    pub maintainers: Vec<Option<Maintainer>>,
    pub icon: String,
    pub api_version: String,
    pub condition: String,
    pub tags: String,
    pub app_version: String,
    pub deprecated: bool,
    pub annotations: Vec<(String, String)>,
    pub kube_version: String,
    /// None if the file does not speak of dependencies, which switches their processing off.
    pub dependencies: Option<Vec<Option<Dependency>>>,
    /// `application`, `library` or nothing.
    pub kind: String,
}

/// Who keeps a chart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Maintainer {
    pub name: String,
    pub email: String,
    pub url: String,
}

/// A chart that another one needs.
#[derive(Debug, Clone, Default)]
pub struct Dependency {
    pub name: String,
    pub version: String,
    pub repository: String,
    pub condition: String,
    pub tags: Vec<String>,
    pub enabled: bool,
    /// Strings, or maps of `child` and `parent`.
    pub import_values: Vec<Value>,
    pub alias: String,
}

impl PartialEq for Dependency {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.alias == other.alias && self.version == other.version
    }
}

/// Why a `Chart.yaml` is refused, in Helm's words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("validation: {0}")]
pub struct Invalid(String);

pub(super) const VERSION_1: &str = "v1";

impl Metadata {
    /// Takes control characters out of the texts and checks them.
    pub fn validate(&mut self) -> Result<(), Invalid> {
        self.clean();
        let refuse = |text: String| Err(Invalid(text));
        if self.api_version.is_empty() {
            return refuse("chart.metadata.apiVersion is required".to_owned());
        }
        let name = super::values::set::quote(&self.name);
        match self.name.as_str() {
            "" => return refuse("chart.metadata.name is required".to_owned()),
            "." | ".." => return refuse(format!("chart.metadata.name {name} is not allowed")),
            path if path.contains('/') => return refuse(format!("chart.metadata.name {name} is invalid")),
            _ => {}
        }
        if self.version.is_empty() {
            return refuse("chart.metadata.version is required".to_owned());
        }
        if !version::is_valid(&self.version) {
            let version = super::values::set::quote(&self.version);
            return refuse(format!("chart.metadata.version {version} is invalid"));
        }
        if !matches!(self.kind.as_str(), "" | "application" | "library") {
            return refuse("chart.metadata.type must be application or library".to_owned());
        }
        for maintainer in &mut self.maintainers {
            let Some(maintainer) = maintainer else {
                return refuse("maintainers must not contain empty or null nodes".to_owned());
            };
            maintainer.clean();
        }
        self.validate_dependencies()
    }

    fn clean(&mut self) {
        let texts = [
            &mut self.name,
            &mut self.description,
            &mut self.home,
            &mut self.icon,
            &mut self.condition,
            &mut self.tags,
            &mut self.app_version,
            &mut self.kube_version,
        ];
        texts.into_iter().chain(&mut self.sources).chain(&mut self.keywords).for_each(clean);
    }

    fn validate_dependencies(&mut self) -> Result<(), Invalid> {
        let mut seen: Vec<String> = Vec::new();
        for dependency in self.dependencies.iter_mut().flatten() {
            let Some(dependency) = dependency else {
                return Err(Invalid("dependencies must not contain empty or null nodes".to_owned()));
            };
            dependency.validate()?;
            let key = if dependency.alias.is_empty() { &dependency.name } else { &dependency.alias };
            if seen.contains(key) {
                let key = super::values::set::quote(key);
                return Err(Invalid(format!("more than one dependency with name or alias {key}")));
            }
            seen.push(key.clone());
        }
        Ok(())
    }

    /// Those that are not null.
    pub fn dependencies(&self) -> impl Iterator<Item = &Dependency> {
        self.dependencies.iter().flatten().flatten()
    }

    pub fn is_library(&self) -> bool {
        self.kind.eq_ignore_ascii_case("library")
    }

    /// `.Chart`, as templates see it: the names of Helm's own struct.
    pub fn to_dict(&self) -> Dict {
        let dict = Dict::new();
        let text = |text: &str| Value::string(text);
        let texts = |texts: &[String]| Value::list(texts.iter().map(|text| Value::string(text.as_str())).collect());
        dict.insert("Name", text(&self.name));
        dict.insert("Home", text(&self.home));
        dict.insert("Sources", texts(&self.sources));
        dict.insert("Version", text(&self.version));
        dict.insert("Description", text(&self.description));
        dict.insert("Keywords", texts(&self.keywords));
        dict.insert("Maintainers", Value::list(self.maintainers.iter().flatten().map(Maintainer::to_value).collect()));
        dict.insert("Icon", text(&self.icon));
        dict.insert("APIVersion", text(&self.api_version));
        dict.insert("Condition", text(&self.condition));
        dict.insert("Tags", text(&self.tags));
        dict.insert("AppVersion", text(&self.app_version));
        dict.insert("Deprecated", Value::Bool(self.deprecated));
        dict.insert("Annotations", self.annotations_value());
        dict.insert("KubeVersion", text(&self.kube_version));
        dict.insert("Dependencies", Value::list(self.dependencies().map(Dependency::to_value).collect()));
        dict.insert("Type", text(&self.kind));
        dict
    }

    fn annotations_value(&self) -> Value {
        if self.annotations.is_empty() {
            return Value::Dict(Dict::nil(ElementType::String));
        }
        let entries = self.annotations.iter();
        let entries = entries.map(|(key, value)| (Text::from(key.as_str()), Value::string(value.as_str())));
        Value::Dict(Dict::typed(entries.collect(), ElementType::String, None))
    }
}

impl Maintainer {
    fn clean(&mut self) {
        [&mut self.name, &mut self.email, &mut self.url].into_iter().for_each(clean);
    }

    fn to_value(&self) -> Value {
        let dict = Dict::new();
        dict.insert("Name", Value::string(self.name.as_str()));
        dict.insert("Email", Value::string(self.email.as_str()));
        dict.insert("URL", Value::string(self.url.as_str()));
        Value::Dict(dict)
    }
}

impl Dependency {
    fn validate(&mut self) -> Result<(), Invalid> {
        let texts = [&mut self.name, &mut self.version, &mut self.repository, &mut self.condition];
        texts.into_iter().chain(&mut self.tags).for_each(clean);
        let is_fine = self.alias.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
        if !is_fine {
            let name = super::values::set::quote(&self.name);
            return Err(Invalid(format!("dependency {name} has disallowed characters in the alias")));
        }
        Ok(())
    }

    fn to_value(&self) -> Value {
        let dict = Dict::new();
        let text = |text: &str| Value::string(text);
        dict.insert("Name", text(&self.name));
        dict.insert("Version", text(&self.version));
        dict.insert("Repository", text(&self.repository));
        dict.insert("Condition", text(&self.condition));
        dict.insert("Tags", Value::list(self.tags.iter().map(|tag| text(tag)).collect()));
        dict.insert("Enabled", Value::Bool(self.enabled));
        dict.insert("ImportValues", Value::List(List::new(self.import_values.clone())));
        dict.insert("Alias", text(&self.alias));
        Value::Dict(dict)
    }
}

/// White space becomes a blank, what cannot be printed goes.
fn clean(text: &mut String) {
    let is_clean = |character: char| character == ' ' || character.is_ascii_graphic();
    if text.chars().all(is_clean) {
        return;
    }
    *text = text
        .chars()
        .filter_map(|character| match character {
            space if space.is_whitespace() => Some(' '),
            other => version::is_printable(other).then_some(other),
        })
        .collect();
}
