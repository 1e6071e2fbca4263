//! Helm's own functions: templates within templates, refusals of the chart, the cluster.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use super::Table;
use super::arguments::{bytes, value};
use super::sources::Sources;
use crate::template::{CallError, Dict, Function, Parameter, Runtime, Text, Value, quote};

/// How many runs of one template may be within each other. One more is let through, as Helm does.
const DEEPEST: u32 = 1_000;
/// Between these marks stands what a chart's author has to say; Helm cuts it out of the error.
const REFUSAL_MARKS: [&str; 2] = ["HELM_ERR_START", "HELM_ERR_END"];
/// What Go prints for a missing value. Helm takes it out of all that is rendered.
const NO_VALUE: &[u8] = b"<no value>";

/// What functions see beside their arguments. It belongs to one rendering.
#[derive(Clone)]
pub struct Surroundings {
    pub sources: Sources,
    /// Whether `required` and `fail` let everything pass, as `helm lint` wants it.
    pub is_linting: bool,
    /// Who answers `lookup`. Without one there is nothing in the cluster.
    pub cluster: Option<Rc<dyn Cluster>>,
}

/// Answers `lookup`.
pub trait Cluster {
    /// The object of that name, or the list of all if the name is empty, in one namespace or in all if that is empty.
    /// An empty dict for what is not there.
    fn lookup(&self, api_version: &str, kind: &str, namespace: &str, name: &str) -> Result<Dict, CallError>;
}

impl Surroundings {
    /// Without a cluster.
    pub fn offline(sources: Sources) -> Self {
        Self { sources, is_linting: false, cluster: None }
    }
}

pub(super) fn table(surroundings: &Surroundings) -> Table {
    let is_linting = surroundings.is_linting;
    let cluster = if is_linting { None } else { surroundings.cluster.clone() };
    vec![
        ("include", include()),
        ("tpl", Function::new(&[Parameter::String, Parameter::Any], tpl)),
        (
            "required",
            Function::new(&[Parameter::String, Parameter::Any], move |_, arguments| {
                let given = value(arguments, 1);
                let is_missing = match &given {
                    Value::Nil => true,
                    Value::String(text) => text.is_empty(),
                    _ => false,
                };
                match (is_missing, is_linting) {
                    (false, _) => Ok(given),
                    (true, true) => Ok(Value::string("")),
                    (true, false) => Err(refusal(bytes(arguments, 0))),
                }
            }),
        ),
        (
            "fail",
            Function::new(&[Parameter::String], move |_, arguments| {
                if is_linting { Ok(Value::string("")) } else { Err(refusal(bytes(arguments, 0))) }
            }),
        ),
        ("lookup", lookup(cluster)),
        // Names are never asked for: rendering does not touch the network.
        ("getHostByName", Function::new(&[Parameter::String], |_, _| Ok(Value::string("")))),
    ]
}

fn refusal(words: &[u8]) -> CallError {
    let [start, end] = REFUSAL_MARKS;
    CallError::Message(format!("{start}{}{end}", String::from_utf8_lossy(words)))
}

/// Counts runs within each other by name, over all texts that `tpl` runs, too.
fn include() -> Function {
    let running: RefCell<HashMap<Text, u32>> = RefCell::default();
    Function::new(&[Parameter::String, Parameter::Any], move |runtime, arguments| {
        let Some(Value::String(name)) = arguments.first() else { return Err("expected string".into()) };
        {
            let mut running = running.borrow_mut();
            let count = running.entry(name.clone()).or_default();
            if *count > DEEPEST {
                let words = format!("rendering template has a nested reference name: {name}: ");
                return Err(CallError::from("unable to execute template").wrap(words));
            }
            *count += 1;
        }
        let text = runtime.execute_template(&name.to_str(), &value(arguments, 1));
        if let Some(count) = running.borrow_mut().get_mut(name) {
            *count -= 1;
        }
        text.map(Value::String)
    })
}

fn tpl(runtime: &mut dyn Runtime, arguments: &[Value]) -> Result<Value, CallError> {
    let Some(Value::String(text)) = arguments.first() else { return Err("expected string".into()) };
    match runtime.execute_text(text, &value(arguments, 1)) {
        Ok(text) => Ok(Value::String(without_missing(text))),
        Err(error @ CallError::Parsing(_)) => {
            Err(error.wrap(format!("cannot parse template {}: ", quote(text.as_bytes()))))
        }
        Err(error) => Err(error.wrap(format!("error during tpl function execution for {}: ", quote(text.as_bytes())))),
    }
}

/// Helm shows nothing where Go shows that there is no value. Also of use for whole templates.
pub fn without_missing(text: Text) -> Text {
    let bytes = text.as_bytes();
    let mut found = memchr::memmem::find_iter(bytes, NO_VALUE).peekable();
    if found.peek().is_none() {
        return text;
    }
    let mut out = Vec::with_capacity(bytes.len());
    let mut from = 0;
    for at in found {
        out.extend_from_slice(&bytes[from..at]);
        from = at + NO_VALUE.len();
    }
    out.extend_from_slice(&bytes[from..]);
    Text::from(out)
}

fn lookup(cluster: Option<Rc<dyn Cluster>>) -> Function {
    use Parameter::String;
    Function::new(&[String, String, String, String], move |_, arguments| {
        let Some(cluster) = &cluster else { return Ok(Value::Dict(Dict::new())) };
        let texts = [0, 1, 2, 3].map(|index| std::string::String::from_utf8_lossy(bytes(arguments, index)));
        let [api_version, kind, namespace, name] = &texts;
        cluster.lookup(api_version, kind, namespace, name).map(Value::Dict)
    })
}
