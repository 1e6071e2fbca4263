//! From files to charts.

pub mod archive;
mod decode;
mod folder;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::rc::Rc;

pub use folder::Links;

use super::Chart;
use super::error::ChartError;
use super::file::{File, extension};
use super::metadata::{Metadata, VERSION_1};
use super::values::Warnings;
use super::values::documents;
use crate::template::{Dict, ElementType};
use folder::go_error;

/// What a chart may hold once it is unpacked: 100 MiB.
pub const LARGEST_CHART: u64 = 100 * 1024 * 1024;

/// Why a file of values cannot be read, in Go's words.
pub fn read_error(path: &Path, error: &std::io::Error) -> String {
    // Go opens a folder, and fails to read it.
    let operation = if error.kind() == std::io::ErrorKind::IsADirectory { "read" } else { "open" };
    go_error(operation, path, error)
}

/// A chart from a folder or a packed file. The path is shown in errors as it is given here; Helm makes it absolute.
pub fn path(path: &Path, links: Links, warnings: &mut Warnings) -> Result<Chart, ChartError> {
    let metadata = fs::metadata(path).map_err(|error| ChartError::load(go_error("stat", path, &error)))?;
    if metadata.is_dir() { folder(path, links, warnings) } else { packed(path, &metadata, warnings) }
}

fn folder(path: &Path, links: Links, warnings: &mut Warnings) -> Result<Chart, ChartError> {
    let name = path.join("Chart.yaml");
    let content = fs::read(&name).map_err(|error| {
        let reason = go_error("open", &name, &error);
        ChartError::load(format!("unable to detect chart at {}: {reason}", name.display()))
    })?;
    let generation = generation(&content)?;
    files(folder::files(path, links)?, warnings).and_then(|chart| generation.accept(chart))
}

fn packed(path: &Path, metadata: &fs::Metadata, warnings: &mut Warnings) -> Result<Chart, ChartError> {
    if metadata.len() > LARGEST_CHART {
        return Err(ChartError::load(format!("{} is larger than any chart may be", path.display())));
    }
    let bytes = fs::read(path).map_err(|error| ChartError::load(go_error("open", path, &error)))?;
    archived(&bytes, &path.display().to_string(), warnings)
}

/// A chart from the bytes of a packed file. The name is for errors.
pub fn archived(bytes: &[u8], name: &str, warnings: &mut Warnings) -> Result<Chart, ChartError> {
    archive::ensure_archive(name, bytes)?;
    let read = archive::files(bytes).map_err(|error| match error {
        archive::ArchiveError::NotGzip => {
            ChartError::load(format!("file '{name}' does not appear to be a valid chart file (details: {error})"))
        }
        // Helm does not say why.
        other => ChartError::Load { text: "unable to load chart archive".to_owned(), cause: Some(other.to_string()) },
    })?;
    let Some(chart_file) = read.iter().find(|file| file.name == "Chart.yaml") else {
        return Err(ChartError::load("unable to detect chart version, no Chart.yaml found"));
    };
    let generation = generation(chart_file.data.as_bytes())?;
    files(read, warnings).and_then(|chart| generation.accept(chart))
}

/// Whether Helm installs charts of this `apiVersion`.
enum Generation {
    Installed,
    /// Version 3 is loaded and then refused.
    Refused,
}

fn generation(chart_file: &[u8]) -> Result<Generation, ChartError> {
    let cannot_load = |error: String| ChartError::load(format!("cannot load Chart.yaml: {error}"));
    match decode::api_version(chart_file).map_err(cannot_load)?.as_str() {
        "" | VERSION_1 | "v2" => Ok(Generation::Installed),
        "v3" => Ok(Generation::Refused),
        _ => Err(ChartError::load("unsupported chart version")),
    }
}

impl Generation {
    fn accept(&self, chart: Chart) -> Result<Chart, ChartError> {
        match self {
            Self::Installed => Ok(chart),
            Self::Refused if chart.metadata.borrow().is_library() => Ok(chart),
            Self::Refused if chart.metadata.borrow().dependencies().next().is_some() => {
                Err(super::dependencies::unchecked("unsupported chart dependency type"))
            }
            Self::Refused => Err(ChartError::load("invalid chart apiVersion")),
        }
    }
}

/// A chart from files in memory; the base of all other ways. Paths are relative to the chart.
pub fn files(files: Vec<File>, warnings: &mut Warnings) -> Result<Chart, ChartError> {
    let mut loading = Loading::default();
    for file in files.iter().filter(|file| file.name == "Chart.yaml") {
        loading.metadata(file)?;
        loading.modified = file.modified;
    }
    let mut subcharts: BTreeMap<String, Vec<File>> = BTreeMap::new();
    for file in &files {
        match file.name.strip_prefix("charts/") {
            Some(rest) if extension(&file.name) != ".prov" => {
                let name = rest.split('/').next().unwrap_or(rest).to_owned();
                subcharts.entry(name).or_default().push(File { name: rest.to_owned(), ..file.clone() });
            }
            _ => loading.file(file, warnings)?,
        }
    }
    let mut chart = loading.finish(files)?;
    for (name, files) in subcharts {
        if let Some(subchart) = subchart(&chart, &name, files, warnings)? {
            chart.dependencies.push(subchart);
        }
    }
    Ok(chart)
}

/// A packed chart or a folder in `charts/`; hidden ones are passed over.
fn subchart(chart: &Chart, name: &str, files: Vec<File>, warnings: &mut Warnings) -> Result<Option<Chart>, ChartError> {
    if name.starts_with(['_', '.']) {
        return Ok(None);
    }
    let outer = chart.name();
    let unpacking = |error: String| ChartError::load(format!("error unpacking subchart {name} in {outer}: {error}"));
    if extension(name) == ".tgz" {
        let file = &files[0];
        if file.name != name {
            let found = &file.name;
            let text = format!("error unpacking subchart tar in {outer}: expected {name}, got {found}");
            return Err(ChartError::load(text));
        }
        let inner = archive::files(file.data.as_bytes()).map_err(|error| unpacking(error.to_string()))?;
        return self::files(inner, warnings).map(Some).map_err(|error| unpacking(error.to_string()));
    }
    let inner = files.into_iter().filter_map(|file| {
        let (_, name) = file.name.split_once('/')?;
        Some(File { name: name.to_owned(), ..file.clone() })
    });
    self::files(inner.collect(), warnings).map(Some).map_err(|error| unpacking(error.to_string()))
}

/// A chart of which some files are read.
#[derive(Default)]
struct Loading {
    metadata: Option<Metadata>,
    modified: Option<jiff::Timestamp>,
    lock: Option<super::Lock>,
    values: Option<Dict>,
    schema: Option<File>,
    templates: Vec<File>,
    files: Vec<File>,
}

impl Loading {
    fn metadata(&mut self, file: &File) -> Result<(), ChartError> {
        let metadata = self.metadata.get_or_insert_with(Metadata::default);
        decode::metadata(file.data.as_bytes(), metadata)
            .map_err(|error| ChartError::load(format!("cannot load {}: {error}", file.name)))?;
        if file.name == "Chart.yaml" && metadata.api_version.is_empty() {
            VERSION_1.clone_into(&mut metadata.api_version);
        }
        Ok(())
    }

    fn is_version_1(&self) -> bool {
        self.metadata.as_ref().is_some_and(|metadata| metadata.api_version == VERSION_1)
    }

    fn file(&mut self, file: &File, warnings: &mut Warnings) -> Result<(), ChartError> {
        let failed = |error: String| ChartError::load(format!("cannot load {}: {error}", file.name));
        match file.name.as_str() {
            "Chart.yaml" => {}
            "Chart.lock" => self.lock = Some(decode::lock(file.data.as_bytes()).map_err(failed)?),
            "values.yaml" => self.values = Some(documents::read(file.data.as_bytes()).map_err(failed)?),
            "values.schema.json" => self.schema = Some(file.clone()),
            "requirements.yaml" => {
                if !self.is_version_1() {
                    warnings.add(
                        "Warning: Dependencies are handled in Chart.yaml since apiVersion \"v2\". We recommend \
                         migrating dependencies to Chart.yaml.",
                    );
                }
                self.metadata(file)?;
                self.keep_if_version_1(file);
            }
            "requirements.lock" => {
                self.lock = Some(decode::lock(file.data.as_bytes()).map_err(failed)?);
                if !self.is_version_1() {
                    warnings.add(
                        "Warning: Dependency locking is handled in Chart.lock since apiVersion \"v2\". We recommend \
                         migrating to Chart.lock.",
                    );
                }
                self.keep_if_version_1(file);
            }
            name if name.starts_with("templates/") => self.templates.push(file.clone()),
            _ => self.files.push(file.clone()),
        }
        Ok(())
    }

    fn keep_if_version_1(&mut self, file: &File) {
        if self.is_version_1() {
            self.files.push(file.clone());
        }
    }

    fn finish(self, raw: Vec<File>) -> Result<Chart, ChartError> {
        let Some(mut metadata) = self.metadata else { return Err(ChartError::load("Chart.yaml file is missing")) };
        metadata.validate().map_err(|error| ChartError::load(error.to_string()))?;
        Ok(Chart {
            metadata: Rc::new(RefCell::new(metadata)),
            lock: self.lock,
            values: self.values.unwrap_or_else(|| Dict::nil(ElementType::Any)),
            schema: self.schema,
            templates: self.templates.into(),
            files: self.files.into(),
            raw: raw.into(),
            modified: self.modified,
            dependencies: Vec::new(),
        })
    }
}
