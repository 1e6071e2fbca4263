//! From YAML to the structs of a chart.

use crate::chart::Lock;
use crate::chart::metadata::{Dependency, Maintainer, Metadata};
use crate::functions;
use crate::go_yaml::{Shape, StructShape, UnknownFields, read_shape};
use crate::template::{Dict, Value};

const TEXTS: Shape = Shape::List { element: &Shape::String, go_type: "[]string" };

const BASE: Shape = Shape::Struct(&StructShape {
    name: "chartBase",
    go_type: "loader.chartBase",
    fields: &[("apiVersion", Shape::String)],
});

const MAINTAINER: Shape = Shape::Pointer(&Shape::Struct(&StructShape {
    name: "Maintainer",
    go_type: "v2.Maintainer",
    fields: &[("name", Shape::String), ("email", Shape::String), ("url", Shape::String)],
}));

const DEPENDENCY: Shape = Shape::Pointer(&Shape::Struct(&StructShape {
    name: "Dependency",
    go_type: "v2.Dependency",
    fields: &[
        ("name", Shape::String),
        ("version", Shape::String),
        ("repository", Shape::String),
        ("condition", Shape::String),
        ("tags", TEXTS),
        ("enabled", Shape::Bool),
        ("import-values", Shape::List { element: &Shape::Any, go_type: "[]interface {}" }),
        ("alias", Shape::String),
    ],
}));

const DEPENDENCIES: Shape = Shape::List { element: &DEPENDENCY, go_type: "[]*v2.Dependency" };

const METADATA: Shape = Shape::Struct(&StructShape {
    name: "Metadata",
    go_type: "v2.Metadata",
    fields: &[
        ("name", Shape::String),
        ("home", Shape::String),
        ("sources", TEXTS),
        ("version", Shape::String),
        ("description", Shape::String),
        ("keywords", TEXTS),
        ("maintainers", Shape::List { element: &MAINTAINER, go_type: "[]*v2.Maintainer" }),
        ("icon", Shape::String),
        ("apiVersion", Shape::String),
        ("condition", Shape::String),
        ("tags", Shape::String),
        ("appVersion", Shape::String),
        ("deprecated", Shape::Bool),
        ("annotations", Shape::Map { element: &Shape::String, go_type: "map[string]string" }),
        ("kubeVersion", Shape::String),
        ("dependencies", DEPENDENCIES),
        ("type", Shape::String),
    ],
});

const LOCK: Shape = Shape::Struct(&StructShape {
    name: "Lock",
    go_type: "v2.Lock",
    fields: &[("generated", Shape::Any), ("digest", Shape::String), ("dependencies", DEPENDENCIES)],
});

fn read(content: &[u8], shape: &Shape) -> Result<Fields, String> {
    match read_shape(content, shape, UnknownFields::Ignored) {
        Ok(Value::Dict(dict)) => Ok(Fields(dict)),
        Ok(_) => Ok(Fields(Dict::new())),
        Err(error) => Err(error.to_string()),
    }
}

/// Only what tells how to read the rest.
pub(super) fn api_version(content: &[u8]) -> Result<String, String> {
    read(content, &BASE).map(|fields| fields.text("apiVersion").unwrap_or_default())
}

/// Fills in what a `Chart.yaml` or `requirements.yaml` speaks of; the rest stays.
pub(super) fn metadata(content: &[u8], metadata: &mut Metadata) -> Result<(), String> {
    let fields = read(content, &METADATA)?;
    let texts: [(&str, &mut String); 11] = [
        ("name", &mut metadata.name),
        ("home", &mut metadata.home),
        ("version", &mut metadata.version),
        ("description", &mut metadata.description),
        ("icon", &mut metadata.icon),
        ("apiVersion", &mut metadata.api_version),
        ("condition", &mut metadata.condition),
        ("tags", &mut metadata.tags),
        ("appVersion", &mut metadata.app_version),
        ("kubeVersion", &mut metadata.kube_version),
        ("type", &mut metadata.kind),
    ];
    for (name, target) in texts {
        fields.set_text(name, target);
    }
    fields.set_texts("sources", &mut metadata.sources);
    fields.set_texts("keywords", &mut metadata.keywords);
    if let Some(Value::Bool(deprecated)) = fields.0.get("deprecated") {
        metadata.deprecated = deprecated;
    }
    match fields.0.get("maintainers") {
        None => {}
        Some(Value::List(list)) => {
            metadata.maintainers = list.elements().iter().map(|value| structure(value).map(maintainer)).collect();
        }
        Some(_) => metadata.maintainers.clear(),
    }
    match fields.0.get("annotations") {
        Some(Value::Dict(annotations)) => {
            for (key, value) in annotations.borrow().iter() {
                metadata.annotations.push((key.to_str().into_owned(), text_of(value)));
            }
        }
        Some(_) => metadata.annotations.clear(),
        None => {}
    }
    match fields.0.get("dependencies") {
        Some(Value::List(list)) => {
            let before = metadata.dependencies.take().unwrap_or_default();
            metadata.dependencies = Some(dependencies(list.elements(), before));
        }
        Some(_) => metadata.dependencies = None,
        None => {}
    }
    Ok(())
}

/// `Chart.lock`
pub(super) fn lock(content: &[u8]) -> Result<Lock, String> {
    let fields = read(content, &LOCK)?;
    let dependencies = match fields.0.get("dependencies") {
        Some(Value::List(list)) => dependencies(list.elements(), Vec::new()).into_iter().flatten().collect(),
        _ => Vec::new(),
    };
    let failed = |reason: &str| format!("error unmarshaling JSON: while decoding JSON: {reason}");
    match fields.0.get("generated") {
        None | Some(Value::Nil) => {}
        Some(Value::String(time)) => functions::check_json_time(&time.to_str()).map_err(|reason| failed(&reason))?,
        Some(_) => return Err(failed("Time.UnmarshalJSON: input is not a JSON string")),
    }
    let text = |name| fields.text(name).unwrap_or_default();
    Ok(Lock { generated: text("generated"), digest: text("digest"), dependencies })
}

fn structure(value: &Value) -> Option<Fields> {
    match value {
        Value::Dict(dict) if !dict.is_nil() => Some(Fields(dict.clone())),
        _ => None,
    }
}

fn maintainer(fields: Fields) -> Maintainer {
    let text = |name| fields.text(name).unwrap_or_default();
    Maintainer { name: text("name"), email: text("email"), url: text("url") }
}

/// Go writes into the elements that are there already.
fn dependencies(values: &[Value], before: Vec<Option<Dependency>>) -> Vec<Option<Dependency>> {
    let mut before = before.into_iter();
    let mut all = Vec::with_capacity(values.len());
    for value in values {
        let known = before.next().flatten();
        all.push(structure(value).map(|fields| dependency(&fields, known.unwrap_or_default())));
    }
    all
}

fn dependency(fields: &Fields, mut dependency: Dependency) -> Dependency {
    let texts: [(&str, &mut String); 5] = [
        ("name", &mut dependency.name),
        ("version", &mut dependency.version),
        ("repository", &mut dependency.repository),
        ("condition", &mut dependency.condition),
        ("alias", &mut dependency.alias),
    ];
    for (name, target) in texts {
        fields.set_text(name, target);
    }
    fields.set_texts("tags", &mut dependency.tags);
    if let Some(Value::Bool(enabled)) = fields.0.get("enabled") {
        dependency.enabled = enabled;
    }
    match fields.0.get("import-values") {
        Some(Value::List(list)) => dependency.import_values = list.elements().to_vec(),
        Some(_) => dependency.import_values.clear(),
        None => {}
    }
    dependency
}

/// The fields that a document sets.
struct Fields(Dict);

impl Fields {
    fn text(&self, name: &str) -> Option<String> {
        self.0.get(name).map(|value| text_of(&value))
    }

    fn set_text(&self, name: &str, target: &mut String) {
        if let Some(text) = self.text(name) {
            *target = text;
        }
    }

    fn set_texts(&self, name: &str, target: &mut Vec<String>) {
        match self.0.get(name) {
            Some(Value::List(list)) => *target = list.elements().iter().map(text_of).collect(),
            Some(_) => target.clear(),
            None => {}
        }
    }
}

fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.to_str().into_owned(),
        _ => String::new(),
    }
}
