//! What `deploy init` was told, whether by a person who was asked or by flags.

use std::path::Path;
use std::str::FromStr;

use serde_json::{Value, json};

use super::edit::Change;
use super::schema::RuntimeKind;
use crate::scenario::TargetKind;
use crate::yaml::Node;

/// The environment variable that an existing database's password is read from, unless the file is changed.
pub const DATABASE_PASSWORD_VARIABLE: &str = "ZENML_DATABASE_PASSWORD";

/// The file that `deploy init` writes unless it is told another.
pub const DEFAULT_FILE: &str = "deployment.yaml";

/// The answers. What is none was left to the scenario or to a default and is not set in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answers {
    pub name: String,
    pub scenario: String,
    /// Release of ZenML.
    pub version: Option<String>,
    pub target: Option<TargetKind>,
    pub runtime: Option<RuntimeKind>,
    pub database: Option<DatabaseAnswer>,
    /// Port of the server on this machine.
    pub port: Option<u16>,
    pub mlflow: Option<bool>,
}

/// Where the server keeps its data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseAnswer {
    Sqlite,
    /// A private MySQL or MariaDB.
    Mysql,
    /// An existing one.
    Existing {
        url: String,
    },
}

impl FromStr for DatabaseAnswer {
    type Err = String;

    /// `sqlite`, `mysql` or a `mysql://` URL. Details of a URL are checked where the file is resolved.
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "sqlite" => Ok(Self::Sqlite),
            "mysql" => Ok(Self::Mysql),
            other => match url::Url::parse(other) {
                Ok(url) if url.password().is_some() => {
                    Err(format!("leave the password out of the URL: it is read from {DATABASE_PASSWORD_VARIABLE}"))
                }
                Ok(url) if url.scheme() == "mysql" && url.path().len() > 1 => {
                    Ok(Self::Existing { url: other.to_owned() })
                }
                _ => {
                    Err("write sqlite, mysql, or the address of one that is there: mysql://host:3306/zenml".to_owned())
                }
            },
        }
    }
}

impl std::fmt::Display for DatabaseAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite => f.write_str("sqlite"),
            Self::Mysql => f.write_str("mysql"),
            Self::Existing { url } => f.write_str(url),
        }
    }
}

impl Answers {
    pub fn new(name: impl Into<String>, scenario: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            scenario: scenario.into(),
            version: None,
            target: None,
            runtime: None,
            database: None,
            port: None,
            mlflow: None,
        }
    }

    /// The command that gives the same answers without a question.
    pub fn twin_command(&self, file: &Path) -> String {
        let mut words = vec!["deploy".to_owned(), "init".to_owned(), "--yes".to_owned()];
        if file != Path::new(DEFAULT_FILE) {
            words.extend(["--file".to_owned(), file.display().to_string()]);
        }
        let flags = [
            ("--name", Some(self.name.clone())),
            ("--scenario", Some(self.scenario.clone())),
            ("--target", self.target.map(|target| target.to_string())),
            ("--runtime", self.runtime.map(|runtime| runtime_name(runtime).to_owned())),
            ("--zenml-version", self.version.clone()),
            ("--database", self.database.as_ref().map(ToString::to_string)),
            ("--port", self.port.map(|port| port.to_string())),
            ("--mlflow", self.mlflow.map(|mlflow| mlflow.to_string())),
        ];
        for (flag, value) in flags {
            words.extend(value.into_iter().flat_map(|value| [flag.to_owned(), value]));
        }
        words.iter().map(|word| shell_quoted(word)).collect::<Vec<_>>().join(" ")
    }

    /// What has to be changed in a file that is there already, for [`super::edit::set`]. Keys that say the same
    /// already are left alone; another choice (another target, another database) replaces the one that is there.
    pub fn changes(&self, existing: &Node) -> Vec<Change> {
        let mut wanted: Vec<(&[&str], Value)> =
            vec![(&["name"], json!(self.name)), (&["scenario"], json!(self.scenario))];
        wanted.extend(self.version.iter().map(|version| (["version"].as_slice(), json!(version))));
        let choice = |key: &str| {
            existing.get(key).and_then(|node| match node.as_map() {
                Some(map) => map.keys().next().cloned(),
                None => node.as_text().map(str::to_owned),
            })
        };
        if let Some(target) = self.target {
            let runtime = self.runtime.map_or(json!({}), |runtime| json!({ "runtime": runtime_name(runtime) }));
            match (target, choice("target")) {
                (TargetKind::Local, Some(chosen)) if chosen == "local" => {}
                (TargetKind::Kubernetes, Some(chosen)) if chosen == "kubernetes" => {}
                (TargetKind::Local, _) => wanted.push((&["target"], json!({ "local": runtime }))),
                _ => wanted.push((&["target"], json!({ "kubernetes": {} }))),
            }
        }
        if let Some(runtime) = self.runtime
            && self.target.is_none_or(|_| choice("target").as_deref() == Some("local"))
        {
            wanted.push((&["target", "local", "runtime"], json!(runtime_name(runtime))));
        }
        wanted.extend(self.database_changes(choice("database").as_deref(), existing));
        wanted.extend(self.port.map(|port| (["server", "port"].as_slice(), json!(port))));
        wanted.extend(self.mlflow.map(|mlflow| (["mlflow", "enabled"].as_slice(), json!(mlflow))));
        wanted
            .into_iter()
            .filter(|(path, value)| existing.get(&path.join(".")).map(Node::to_json).as_ref() != Some(value))
            .map(|(path, value)| (path.iter().map(|key| (*key).to_owned()).collect(), value))
            .collect()
    }

    fn database_changes(&self, chosen: Option<&str>, existing: &Node) -> Vec<(&'static [&'static str], Value)> {
        let has = |key: &str| existing.get(&format!("database.mysql.{key}")).is_some();
        match &self.database {
            None => Vec::new(),
            Some(DatabaseAnswer::Sqlite) if chosen == Some("sqlite") => Vec::new(),
            Some(DatabaseAnswer::Sqlite) => vec![(&["database"], json!("sqlite"))],
            // A private one has neither an address nor a password that somebody brings.
            Some(DatabaseAnswer::Mysql) if chosen == Some("mysql") && has("url") => {
                vec![(&["database"], json!("mysql"))]
            }
            Some(DatabaseAnswer::Mysql) if chosen == Some("mysql") => Vec::new(),
            Some(DatabaseAnswer::Mysql) => vec![(&["database"], json!("mysql"))],
            Some(DatabaseAnswer::Existing { url }) => {
                let password = json!({ "fromEnv": DATABASE_PASSWORD_VARIABLE });
                if chosen != Some("mysql") {
                    return vec![(&["database"], json!({ "mysql": { "url": url, "password": password } }))];
                }
                let mut changes: Vec<(&'static [&'static str], Value)> =
                    vec![(&["database", "mysql", "url"], json!(url))];
                if !has("password") {
                    changes.push((&["database", "mysql", "password"], password));
                }
                // The address names the port.
                if has("port") {
                    changes.push((&["database", "mysql", "port"], Value::Null));
                }
                changes
            }
        }
    }
}

/// As it is written in files and flags.
pub(super) fn runtime_name(runtime: RuntimeKind) -> &'static str {
    match runtime {
        RuntimeKind::Process => "process",
        RuntimeKind::Container => "container",
    }
}

/// A word as every POSIX shell takes it.
fn shell_quoted(word: &str) -> String {
    let plain =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ':' | '@' | '%' | '+' | '=' | ',');
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
