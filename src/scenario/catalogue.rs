//! Reading scenario files, those inside the binary or those of a folder.

use std::path::Path;
use std::sync::Arc;

use rust_embed::Embed;

use super::model::Scenario;
use super::names;
use super::validate;
use super::words::Vocabulary;
use crate::diagnostics::{Diagnostic, Findings, Origin, SourceText, codes};
use crate::yaml::{self, Node, Value};

/// The scenarios that come with the program.
#[derive(Embed)]
#[folder = "scenarios/"]
struct Files;

/// All known scenarios, in the order in which they are listed.
#[derive(Debug, Clone)]
pub struct Catalogue {
    pub(super) scenarios: Vec<ScenarioFile>,
}

/// A scenario with the text that it was read from, so that others can point into it.
#[derive(Debug, Clone)]
pub struct ScenarioFile {
    pub scenario: Scenario,
    pub source: Arc<SourceText>,
    /// The parsed text: every leaf knows its place.
    pub tree: Node,
}

impl ScenarioFile {
    /// Where something was written, by its dotted path such as `contract.6.readableBy`: a text itself, the key of a list
    /// or map. Where nothing stands at the path, the part around it.
    pub fn origin(&self, path: &str) -> &Origin {
        let mut path = path;
        while !path.is_empty() {
            let (parent, last) = path.rsplit_once('.').unwrap_or(("", path));
            match self.tree.get(path) {
                Some(node) if matches!(node.value, Value::List(_) | Value::Map(_)) => {
                    let entry = self.tree.get(parent).and_then(Node::as_map).and_then(|map| map.get(last));
                    return entry.map_or(&node.origin, |entry| &entry.key_origin);
                }
                Some(node) => return &node.origin,
                None => path = parent,
            }
        }
        &self.tree.origin
    }

    /// The file's name without folder and ending, which has to be the scenario's.
    pub fn stem(&self) -> &str {
        Path::new(&self.source.name).file_stem().and_then(|stem| stem.to_str()).unwrap_or_default()
    }
}

impl Catalogue {
    /// The scenarios inside the binary.
    pub fn embedded() -> Result<Self, Findings> {
        let sources = Files::iter().filter_map(|name| {
            let file = Files::get(&name)?;
            Some(yaml::source_from_bytes(&format!("scenarios/{name}"), file.data.into_owned()))
        });
        Self::from_sources(sources.collect())
    }

    /// The scenarios of a folder, instead of those inside the binary: every `*.yaml` file in it.
    pub fn from_dir(folder: &Path) -> Result<Self, Findings> {
        let unreadable = |cause: String| {
            Diagnostic::error(codes::FILE_UNREADABLE, format!("cannot read scenarios from {}", folder.display()))
                .cause(cause)
                .changed("nothing was changed")
                .next("name a folder that holds scenario files, or leave it out to use the built-in ones")
        };
        let entries = std::fs::read_dir(folder).map_err(|error| unreadable(error.to_string()))?;
        let mut paths = Vec::new();
        for entry in entries {
            let path = entry.map_err(|error| unreadable(error.to_string()))?.path();
            if path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml") {
                paths.push(path);
            }
        }
        if paths.is_empty() {
            return Err(unreadable("no file in it ends in .yaml".to_owned()).into());
        }
        paths.sort();
        Self::from_sources(paths.iter().map(|path| yaml::read_file(path)).collect())
    }

    /// Reads all texts before it gives up, so that the mistakes of all files are reported together.
    fn from_sources(sources: Vec<Result<Arc<SourceText>, Diagnostic>>) -> Result<Self, Findings> {
        let mut scenarios = Vec::new();
        let mut found = Vec::new();
        for source in sources {
            match source.map_err(Findings::from).and_then(read_scenario) {
                Ok(file) => scenarios.push(file),
                Err(findings) => found.extend(findings.0),
            }
        }
        scenarios.sort_by(|a, b| (a.scenario.order, &a.scenario.name).cmp(&(b.scenario.order, &b.scenario.name)));
        found.extend(validate::files(&scenarios));
        if !found.is_empty() {
            return Err(Findings(found));
        }
        Ok(Self { scenarios })
    }

    /// A scenario by its name, by an alias with its vocabulary (`beta-1:2b`), or by an alias that means one thing in
    /// all vocabularies. Case does not count.
    pub fn find(&self, name: &str) -> Result<&Scenario, Diagnostic> {
        names::find(self, name)
    }

    /// All scenarios, in the order in which they are listed.
    pub fn iter(&self) -> impl Iterator<Item = &Scenario> {
        self.scenarios.iter().map(|file| &file.scenario)
    }

    /// The file that a scenario was read from.
    pub fn file(&self, scenario: &Scenario) -> Option<&ScenarioFile> {
        self.scenarios.iter().find(|file| file.scenario.name == scenario.name)
    }

    /// The scenarios that a vocabulary names, each with the name that it has there.
    pub fn in_vocabulary(&self, vocabulary: Vocabulary) -> impl Iterator<Item = (&str, &Scenario)> {
        self.iter().flat_map(move |scenario| {
            let known = scenario.aliases.iter().filter(move |alias| alias.vocabulary == vocabulary);
            known.map(move |alias| (alias.name.as_str(), scenario))
        })
    }

    /// The aliases of a scenario that [`Catalogue::find`] takes without their vocabulary.
    pub fn bare_aliases<'a>(&'a self, scenario: &'a Scenario) -> Vec<&'a str> {
        names::bare_aliases(self, scenario)
    }
}

/// Types only; whether the scenario agrees with itself is asked when all are read.
pub(super) fn read_scenario(source: Arc<SourceText>) -> Result<ScenarioFile, Findings> {
    let tree = yaml::parse(&source)?;
    let scenario = yaml::decode::decode(&tree)?;
    Ok(ScenarioFile { scenario, source, tree })
}
