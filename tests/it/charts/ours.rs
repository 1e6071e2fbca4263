//! Our answers.

use std::panic::{AssertUnwindSafe, catch_unwind};

use std::rc::Rc;

use deploy::chart::render::{self, ReleaseFacts};
use deploy::chart::template::{self, Selection, TemplateOptions};
use deploy::chart::values::{self, ValueOptions, Warnings};
use deploy::chart::{Capabilities, Chart, ChartError, File, load};
use deploy::functions::{Cluster, Sources, Surroundings};
use deploy::template::{Budget, CallError, Dict, Value};

use super::question::{Outcome, Question, in_order};

/// Text in the one template of a chart held in memory.
pub fn expression(template: &str, values: &str) -> Outcome {
    expression_within(template.as_bytes(), values, &Budget::default())
}

fn expression_within(template: &[u8], values: &str, budget: &Budget) -> Outcome {
    guarded(|| {
        let files = vec![
            File::new("Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\n"),
            File::new("templates/t", template.to_vec()),
        ];
        let mut warnings = Warnings::default();
        let chart = load::files(files, &mut warnings)?;
        let options = ValueOptions { files: vec!["values-1.yaml".into()], ..ValueOptions::default() };
        let user = values::collect(&options, &mut |_| Ok(values.as_bytes().to_vec()))?;
        let values = render::values_for(&chart, &user.values, &mut warnings)?;
        let release =
            ReleaseFacts { name: "release-name".into(), namespace: "default".into(), revision: 1, is_upgrade: false };
        let capabilities = Capabilities::offline(None, &[])?;
        let functions = Surroundings::offline(sources());
        let surroundings = render::Surroundings {
            release: &release,
            capabilities: &capabilities,
            functions: &functions,
            budget,
            observer: None,
        };
        let files = render::render(&chart, &values, surroundings)?;
        Ok(files["c/templates/t"].as_bytes().to_vec())
    })
}

/// The same every time.
pub fn sources() -> Sources {
    Sources::fixed(jiff::Timestamp::from_second(1_700_000_000).unwrap(), b"tests")
}

/// A panic of ours is an outcome that Helm never has.
pub fn guarded(answer: impl FnOnce() -> Result<Vec<u8>, ChartError>) -> Outcome {
    match catch_unwind(AssertUnwindSafe(answer)) {
        Ok(Ok(text)) => Outcome::Text(text),
        Ok(Err(error)) => Outcome::Error(in_order(error.to_string().as_bytes())),
        Err(cause) => Outcome::Crash(cause.downcast_ref::<String>().cloned().unwrap_or_else(|| "a panic".to_owned())),
    }
}

/// What `deploy chart render` prints.
pub fn template(question: &Question) -> Outcome {
    let question = question.clone().with_defaults();
    guarded(|| {
        let kube_version = Some(question.kube_version.as_str()).filter(|version| !version.is_empty());
        let capabilities = Capabilities::offline(kube_version, &question.api_versions)?;
        let names: Vec<String> = (1..=question.values.len()).map(|number| format!("values-{number}.yaml")).collect();
        let options = ValueOptions {
            files: names.clone(),
            set_json: question.set_json.clone(),
            set: question.set.clone(),
            set_string: question.set_string.clone(),
            set_file: question.set_file.clone(),
            set_literal: question.set_literal.clone(),
        };
        let user = values::collect(&options, &mut |name| match names.iter().position(|known| known == name) {
            Some(number) => Ok(question.values[number].clone().into_bytes()),
            None => std::fs::read(name).map_err(|_| format!("open {name}: no such file or directory")),
        })?;
        let mut warnings = Warnings::default();
        let mut chart = load_chart(&question, &mut warnings)?;
        let options = TemplateOptions {
            release: ReleaseFacts {
                name: question.release.clone(),
                namespace: question.namespace.clone(),
                revision: 1,
                is_upgrade: question.is_upgrade,
            },
            capabilities,
            include_crds: question.include_crds,
            skip_schema_validation: question.skip_schema,
        };
        let mut functions = Surroundings::offline(sources());
        if !question.cluster.is_empty() {
            functions.cluster = Some(Rc::new(Objects(question.cluster.clone())));
        }
        let rendered =
            template::render_chart(&mut chart, &user, &options, &functions, &Budget::default(), &mut warnings)?;
        let selection = Selection {
            no_hooks: question.no_hooks,
            skip_tests: question.skip_tests,
            show_only: question.show_only.clone(),
        };
        template::print(&rendered.manifest, &rendered.hooks, &selection)
    })
}

fn load_chart(question: &Question, warnings: &mut Warnings) -> Result<Chart, ChartError> {
    if let Some(path) = &question.chart.path {
        load::path(path, load::Links::Anywhere, warnings)
    } else {
        let files = question.chart.files.iter().map(|(name, text)| File::new(name.as_str(), text.as_str()));
        load::files(files.collect(), warnings)
    }
}

/// The same with little to spend, for inputs that nobody meant.
pub fn limited_expression(template: &[u8], values: &str) -> Outcome {
    let budget = Budget { steps: 3_000_000, depth: 1000, output: 16 << 20, memory: 256 << 20, ..Budget::default() };
    expression_within(template, values, &budget)
}

/// What every kind of flag makes of a text.
pub fn settings(text: &str) -> Vec<Outcome> {
    let chart = super::question::Chart::of([
        ("Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\n"),
        ("templates/t.yaml", "kind: X\nvalues: {{ toJson .Values | quote }}\n"),
    ]);
    let question = Question { chart, ..Question::default() };
    let list = vec![text.to_owned()];
    let questions = [
        Question { set: list.clone(), ..question.clone() },
        Question { set_string: list.clone(), ..question.clone() },
        Question { set_literal: list.clone(), ..question.clone() },
        Question { set_json: list.clone(), ..question.clone() },
        Question { values: list, ..question },
    ];
    questions.iter().map(template).collect()
}

/// A cluster that holds a few objects.
struct Objects(Vec<serde_json::Value>);

impl Cluster for Objects {
    fn lookup(&self, api_version: &str, kind: &str, namespace: &str, name: &str) -> Result<Dict, CallError> {
        let fits = |object: &&serde_json::Value| {
            object["apiVersion"] == api_version
                && object["kind"] == kind
                && (namespace.is_empty() || object["metadata"]["namespace"] == namespace)
                && (name.is_empty() || object["metadata"]["name"] == name)
        };
        let mut found = self.0.iter().filter(fits).map(value);
        let dict = Dict::new();
        if !name.is_empty() {
            return Ok(match found.next() {
                Some(Value::Dict(object)) => object,
                _ => dict,
            });
        }
        dict.insert("apiVersion", Value::string(api_version));
        dict.insert("kind", Value::string(format!("{kind}List")));
        dict.insert("items", Value::list(found.collect()));
        Ok(dict)
    }
}

/// As Kubernetes' clients read JSON: whole numbers stay whole.
fn value(json: &serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::Nil,
        serde_json::Value::Bool(truth) => Value::Bool(*truth),
        serde_json::Value::Number(number) => match number.as_i64() {
            Some(whole) => Value::int64(whole),
            None => Value::Float(number.as_f64().unwrap()),
        },
        serde_json::Value::String(text) => Value::string(text.as_str()),
        serde_json::Value::Array(items) => Value::list(items.iter().map(value).collect()),
        serde_json::Value::Object(entries) => {
            let dict = Dict::new();
            for (key, item) in entries {
                dict.insert(key.as_str(), value(item));
            }
            Value::Dict(dict)
        }
    }
}
