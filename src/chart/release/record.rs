//! What Helm keeps about a release, so that Helm can go on with what we began, and we with what Helm began.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use serde_json::{Map, Value as Json};

use super::hook::{Event, Hook};
use super::json::Writer;
use crate::chart::error::ChartError;
use crate::chart::file::File;
use crate::chart::metadata::{Dependency, Maintainer, Metadata};
use crate::chart::values::types::from_json;
use crate::chart::{Chart, Lock};
use crate::template::{Dict, ElementType, Text, Value};

/// One revision of a release.
#[derive(Debug, Clone)]
pub struct Release {
    pub name: String,
    pub namespace: String,
    pub version: i64,
    pub info: Info,
    /// Without its subcharts, which Helm does not keep.
    pub chart: Option<Chart>,
    /// The user's values.
    pub config: Dict,
    pub manifest: Text,
    pub hooks: Vec<RecordedHook>,
    /// `ssa`, `csa` or nothing.
    pub apply_method: String,
    /// Of the object that holds the record; they are not in the record itself.
    pub labels: BTreeMap<String, String>,
}

/// How a release fares.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Info {
    pub first_deployed: Option<Timestamp>,
    pub last_deployed: Option<Timestamp>,
    pub deleted: Option<Timestamp>,
    pub description: String,
    /// `deployed`, `failed`, `pending-install` and so on.
    pub status: String,
    pub rollback_revision: i64,
    pub notes: Text,
}

/// A hook and how it last ran.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedHook {
    pub hook: Hook,
    pub started_at: Option<Timestamp>,
    pub completed_at: Option<Timestamp>,
    /// `Unknown`, `Running`, `Succeeded`, `Failed` or nothing.
    pub phase: String,
}

impl RecordedHook {
    /// One that has not run.
    pub fn new(hook: Hook) -> Self {
        Self { hook, started_at: None, completed_at: None, phase: String::new() }
    }
}

impl Release {
    /// As Helm's `json.Marshal` writes it.
    pub fn to_json(&self) -> String {
        let mut writer = Writer::new();
        writer.begin();
        writer.text_unless_empty("name", &self.name);
        writer.key("info");
        self.info.write(&mut writer);
        if let Some(chart) = &self.chart {
            writer.key("chart");
            write_chart(&mut writer, chart);
        }
        if !self.config.is_empty() {
            writer.key("config");
            writer.value(&Value::Dict(self.config.clone()));
        }
        if !self.manifest.is_empty() {
            writer.key("manifest");
            writer.text(&self.manifest.to_str());
        }
        if !self.hooks.is_empty() {
            writer.key("hooks");
            writer.array(&self.hooks, |writer, hook| hook.write(writer));
        }
        writer.number_unless_zero("version", self.version);
        writer.text_unless_empty("namespace", &self.namespace);
        writer.text_unless_empty("apply_method", &self.apply_method);
        writer.end();
        writer.finish()
    }

    /// Reads what Helm 3 or 4 wrote.
    pub fn from_json(bytes: &[u8]) -> Result<Self, ChartError> {
        let json: Json = serde_json::from_slice(bytes)
            .map_err(|error| ChartError::Record(format!("the release record is no JSON: {error}")))?;
        let reader = Reader(json.as_object().ok_or_else(|| broken("the record", "an object"))?);
        Ok(Self {
            name: reader.text("name"),
            namespace: reader.text("namespace"),
            version: reader.number("version"),
            info: reader.object("info").map_or_else(|| Ok(Info::default()), Info::read)?,
            chart: reader.object("chart").map(read_chart).transpose()?,
            config: reader.dict("config").unwrap_or_default(),
            manifest: reader.text("manifest").into(),
            hooks: reader.objects("hooks").map(RecordedHook::read).collect::<Result<_, _>>()?,
            apply_method: reader.text("apply_method"),
            labels: BTreeMap::new(),
        })
    }
}

impl Info {
    fn write(&self, writer: &mut Writer) {
        writer.begin();
        writer.time_if_known("first_deployed", self.first_deployed);
        writer.time_if_known("last_deployed", self.last_deployed);
        writer.time_if_known("deleted", self.deleted);
        writer.text_unless_empty("description", &self.description);
        writer.text_unless_empty("status", &self.status);
        writer.number_unless_zero("rollback_revision", self.rollback_revision);
        writer.text_unless_empty("notes", &self.notes.to_str());
        writer.end();
    }

    fn read(reader: Reader<'_>) -> Result<Self, ChartError> {
        Ok(Self {
            first_deployed: reader.time("first_deployed")?,
            last_deployed: reader.time("last_deployed")?,
            deleted: reader.time("deleted")?,
            description: reader.text("description"),
            status: reader.text("status"),
            rollback_revision: reader.number("rollback_revision"),
            notes: reader.text("notes").into(),
        })
    }
}

impl RecordedHook {
    fn write(&self, writer: &mut Writer) {
        let hook = &self.hook;
        writer.begin();
        writer.text_unless_empty("name", &hook.name);
        writer.text_unless_empty("kind", &hook.kind);
        writer.text_unless_empty("path", &hook.path);
        writer.text_unless_empty("manifest", &hook.manifest.to_str());
        let events: Vec<String> = hook.events.iter().map(|event| event.name().to_owned()).collect();
        writer.texts_unless_empty("events", &events);
        writer.key("last_run");
        writer.begin();
        writer.time_if_known("started_at", self.started_at);
        writer.time_if_known("completed_at", self.completed_at);
        writer.key("phase");
        writer.text(&self.phase);
        writer.end();
        writer.number_unless_zero("weight", hook.weight);
        writer.texts_unless_empty("delete_policies", &hook.delete_policies);
        writer.texts_unless_empty("output_log_policies", &hook.output_log_policies);
        writer.end();
    }

    fn read(reader: Reader<'_>) -> Result<Self, ChartError> {
        let run = reader.object("last_run");
        let time = |name| run.as_ref().map_or(Ok(None), |run| run.time(name));
        Ok(Self {
            started_at: time("started_at")?,
            completed_at: time("completed_at")?,
            phase: run.as_ref().map_or_else(String::new, |run| run.text("phase")),
            hook: Hook {
                name: reader.text("name"),
                kind: reader.text("kind"),
                path: reader.text("path"),
                manifest: reader.text("manifest").into(),
                events: reader.texts("events").iter().filter_map(|name| Event::named(name)).collect(),
                weight: reader.number("weight"),
                delete_policies: reader.texts("delete_policies"),
                output_log_policies: reader.texts("output_log_policies"),
            },
        })
    }
}

fn write_chart(writer: &mut Writer, chart: &Chart) {
    writer.begin();
    writer.key("metadata");
    write_metadata(writer, &chart.metadata.borrow());
    writer.key("lock");
    match &chart.lock {
        None => writer.null(),
        Some(lock) => write_lock(writer, lock),
    }
    writer.key("templates");
    write_files(writer, &chart.templates);
    writer.key("values");
    writer.value(&Value::Dict(chart.values.clone()));
    writer.key("schema");
    match &chart.schema {
        None => writer.null(),
        Some(schema) => writer.text(&BASE64_STANDARD.encode(schema.data.as_bytes())),
    }
    writer.key("schemamodtime");
    writer.time(chart.schema.as_ref().and_then(|schema| schema.modified));
    writer.key("files");
    write_files(writer, &chart.files);
    writer.time_if_known("modtime", chart.modified);
    writer.end();
}

fn write_metadata(writer: &mut Writer, metadata: &Metadata) {
    writer.begin();
    writer.text_unless_empty("name", &metadata.name);
    writer.text_unless_empty("home", &metadata.home);
    writer.texts_unless_empty("sources", &metadata.sources);
    writer.text_unless_empty("version", &metadata.version);
    writer.text_unless_empty("description", &metadata.description);
    writer.texts_unless_empty("keywords", &metadata.keywords);
    if !metadata.maintainers.is_empty() {
        writer.key("maintainers");
        writer.array(metadata.maintainers.iter().flatten(), |writer, maintainer| {
            writer.begin();
            writer.text_unless_empty("name", &maintainer.name);
            writer.text_unless_empty("email", &maintainer.email);
            writer.text_unless_empty("url", &maintainer.url);
            writer.end();
        });
    }
    writer.text_unless_empty("icon", &metadata.icon);
    writer.text_unless_empty("apiVersion", &metadata.api_version);
    writer.text_unless_empty("condition", &metadata.condition);
    writer.text_unless_empty("tags", &metadata.tags);
    writer.text_unless_empty("appVersion", &metadata.app_version);
    writer.true_only("deprecated", metadata.deprecated);
    if !metadata.annotations.is_empty() {
        let annotations: BTreeMap<&str, &str> =
            metadata.annotations.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        writer.key("annotations");
        writer.begin();
        for (key, value) in annotations {
            writer.key(key);
            writer.text(value);
        }
        writer.end();
    }
    writer.text_unless_empty("kubeVersion", &metadata.kube_version);
    if metadata.dependencies().next().is_some() {
        writer.key("dependencies");
        writer.array(metadata.dependencies(), write_dependency);
    }
    writer.text_unless_empty("type", &metadata.kind);
    writer.end();
}

fn write_dependency(writer: &mut Writer, dependency: &Dependency) {
    writer.begin();
    writer.key("name");
    writer.text(&dependency.name);
    writer.text_unless_empty("version", &dependency.version);
    writer.key("repository");
    writer.text(&dependency.repository);
    writer.text_unless_empty("condition", &dependency.condition);
    writer.texts_unless_empty("tags", &dependency.tags);
    writer.true_only("enabled", dependency.enabled);
    if !dependency.import_values.is_empty() {
        writer.key("import-values");
        writer.array(&dependency.import_values, super::json::Writer::value);
    }
    writer.text_unless_empty("alias", &dependency.alias);
    writer.end();
}

fn write_lock(writer: &mut Writer, lock: &Lock) {
    writer.begin();
    writer.key("generated");
    match lock.generated.parse::<Timestamp>() {
        // As it was written, with its own offset.
        Ok(_) => writer.text(&lock.generated),
        Err(_) => writer.time(None),
    }
    writer.key("digest");
    writer.text(&lock.digest);
    writer.key("dependencies");
    writer.array(&lock.dependencies, write_dependency);
    writer.end();
}

fn write_files(writer: &mut Writer, files: &[File]) {
    if files.is_empty() {
        return writer.null();
    }
    writer.array(files, |writer, file| {
        writer.begin();
        writer.key("name");
        writer.text(&file.name);
        writer.key("data");
        writer.text(&BASE64_STANDARD.encode(file.data.as_bytes()));
        writer.time_if_known("modtime", file.modified);
        writer.end();
    });
}

fn read_chart(reader: Reader<'_>) -> Result<Chart, ChartError> {
    let schema =
        reader.bytes("schema")?.map(|data| File { name: "values.schema.json".to_owned(), data, modified: None });
    Ok(Chart {
        metadata: Rc::new(RefCell::new(reader.object("metadata").map(read_metadata).unwrap_or_default())),
        lock: reader.object("lock").map(read_lock),
        values: reader.dict("values").unwrap_or_else(|| Dict::nil(ElementType::Any)),
        schema: match schema {
            Some(schema) => Some(File { modified: reader.time("schemamodtime")?, ..schema }),
            None => None,
        },
        templates: read_files(&reader, "templates")?,
        files: read_files(&reader, "files")?,
        raw: Rc::from([]),
        modified: reader.time("modtime")?,
        dependencies: Vec::new(),
    })
}

fn read_metadata(reader: Reader<'_>) -> Metadata {
    let annotations = reader.object("annotations");
    let annotations = annotations.iter().flat_map(|reader| reader.0.iter());
    let dependencies: Vec<Option<Dependency>> = reader.objects("dependencies").map(read_dependency).map(Some).collect();
    Metadata {
        name: reader.text("name"),
        home: reader.text("home"),
        sources: reader.texts("sources"),
        version: reader.text("version"),
        description: reader.text("description"),
        keywords: reader.texts("keywords"),
        maintainers: reader
            .objects("maintainers")
            .map(|reader| Maintainer {
                name: reader.text("name"),
                email: reader.text("email"),
                url: reader.text("url"),
            })
            .map(Some)
            .collect(),
        icon: reader.text("icon"),
        api_version: reader.text("apiVersion"),
        condition: reader.text("condition"),
        tags: reader.text("tags"),
        app_version: reader.text("appVersion"),
        deprecated: reader.is_true("deprecated"),
        annotations: annotations
            .map(|(key, value)| (key.clone(), value.as_str().unwrap_or_default().to_owned()))
            .collect(),
        kube_version: reader.text("kubeVersion"),
        dependencies: (!dependencies.is_empty()).then_some(dependencies),
        kind: reader.text("type"),
    }
}

fn read_dependency(reader: Reader<'_>) -> Dependency {
    let imports = reader.0.get("import-values").and_then(Json::as_array);
    Dependency {
        name: reader.text("name"),
        version: reader.text("version"),
        repository: reader.text("repository"),
        condition: reader.text("condition"),
        tags: reader.texts("tags"),
        enabled: reader.is_true("enabled"),
        import_values: imports.into_iter().flatten().map(from_json).collect(),
        alias: reader.text("alias"),
    }
}

fn read_lock(reader: Reader<'_>) -> Lock {
    Lock {
        generated: reader.text("generated"),
        digest: reader.text("digest"),
        dependencies: reader.objects("dependencies").map(read_dependency).collect(),
    }
}

fn read_files(reader: &Reader<'_>, name: &str) -> Result<Rc<[File]>, ChartError> {
    let files = reader.objects(name).map(|reader| {
        let data = reader.bytes("data")?.unwrap_or_default();
        Ok(File { name: reader.text("name"), data, modified: reader.time("modtime")? })
    });
    files.collect()
}

fn broken(what: &str, wanted: &str) -> ChartError {
    ChartError::Record(format!("the release record is damaged: {what} is not {wanted}"))
}

/// An object of a record; what is missing or null is empty, as for Go.
struct Reader<'a>(&'a Map<String, Json>);

impl<'a> Reader<'a> {
    fn text(&self, name: &str) -> String {
        self.0.get(name).and_then(Json::as_str).unwrap_or_default().to_owned()
    }

    fn number(&self, name: &str) -> i64 {
        self.0.get(name).and_then(Json::as_i64).unwrap_or(0)
    }

    fn is_true(&self, name: &str) -> bool {
        self.0.get(name) == Some(&Json::Bool(true))
    }

    fn texts(&self, name: &str) -> Vec<String> {
        let list = self.0.get(name).and_then(Json::as_array).into_iter().flatten();
        list.filter_map(Json::as_str).map(str::to_owned).collect()
    }

    fn object(&self, name: &str) -> Option<Reader<'a>> {
        self.0.get(name).and_then(Json::as_object).map(Reader)
    }

    fn objects(&self, name: &str) -> impl Iterator<Item = Reader<'a>> + use<'a> {
        self.0.get(name).and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_object).map(Reader)
    }

    fn dict(&self, name: &str) -> Option<Dict> {
        match self.0.get(name).map(from_json) {
            Some(Value::Dict(dict)) => Some(dict),
            _ => None,
        }
    }

    fn bytes(&self, name: &str) -> Result<Option<Text>, ChartError> {
        let Some(text) = self.0.get(name).and_then(Json::as_str) else { return Ok(None) };
        let bytes = BASE64_STANDARD.decode(text).map_err(|_| broken(name, "base64"))?;
        Ok(Some(Text::from(bytes)))
    }

    /// None for Go's zero time and for the empty text that older records have.
    fn time(&self, name: &str) -> Result<Option<Timestamp>, ChartError> {
        match self.text(name).as_str() {
            "" | super::json::ZERO_TIME => Ok(None),
            text => text.parse().map(Some).map_err(|_| broken(name, "a time")),
        }
    }
}
