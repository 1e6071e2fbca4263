//! `.Files`: a chart's other files, for templates.

use std::any::Any;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::rc::Rc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::super::file::{File, base_name};
use super::super::glob::Glob;
use crate::go_yaml;
use crate::template::{
    Dict, ElementType, Function, Integer, IntegerKind, Kind, List, Object, Parameter, Printed, Text, Value,
};

/// Name to content.
#[derive(Debug, Clone)]
pub(super) struct Files(Rc<BTreeMap<Text, Text>>);

impl Files {
    pub(super) fn of(files: &[File]) -> Self {
        Self(Rc::new(files.iter().map(|file| (Text::from(file.name.as_str()), file.data.clone())).collect()))
    }

    pub(super) fn to_value(&self) -> Value {
        Value::Object(Rc::new(self.clone()))
    }

    fn glob(&self, pattern: &str) -> Self {
        // Helm takes everything if the pattern is malformed.
        let everything = Glob::compile("**");
        let Ok(glob) = Glob::compile(pattern).or(everything) else { return self.clone() };
        let found = self.0.iter().filter(|(name, _)| glob.matches(&name.to_str()));
        Self(Rc::new(found.map(|(name, data)| (name.clone(), data.clone())).collect()))
    }

    /// Base names with what becomes of the contents, as YAML without its last line break.
    fn as_yaml(&self, written: impl Fn(&Text) -> Value) -> Value {
        let entries = self.0.iter().map(|(name, data)| {
            let name = name.to_str();
            (Text::from(base_name(&name)), written(data))
        });
        let dict = Dict::typed(entries.collect(), ElementType::String, None);
        let Ok(mut text) = go_yaml::write(&Value::Dict(dict)) else { return Value::string("") };
        if text.last() == Some(&b'\n') {
            text.pop();
        }
        Value::string(text)
    }

    fn lines(&self, name: &Text) -> Value {
        let empty = Text::default();
        let data = self.0.get(name).unwrap_or(&empty).as_bytes();
        if data.is_empty() {
            return Value::strings(Vec::<Text>::new());
        }
        let data = data.strip_suffix(b"\n").unwrap_or(data);
        Value::strings(data.split(|byte| *byte == b'\n').map(Text::from))
    }
}

fn name_of(arguments: &[Value]) -> Text {
    match arguments {
        [Value::String(name)] => name.clone(),
        _ => Text::default(),
    }
}

fn bytes(data: &[u8]) -> Value {
    let byte = |byte: &u8| Value::Integer(Integer { bits: i64::from(*byte), kind: IntegerKind::Uint8 });
    Value::List(List::typed(data.iter().map(byte).collect(), ElementType::Byte))
}

impl Object for Files {
    fn go_type(&self) -> Cow<'static, str> {
        "engine.files".into()
    }

    fn kind(&self) -> Kind {
        Kind::Map
    }

    fn field(&self, name: &str) -> Option<Value> {
        // What is not there is a nil slice of bytes, which prints as an empty one.
        Some(
            self.0
                .get(name.as_bytes())
                .map_or_else(|| Value::List(List::nil(ElementType::Byte)), |data| bytes(data.as_bytes())),
        )
    }

    fn method(&self, name: &str) -> Option<Function> {
        const NAME: &[Parameter] = &[Parameter::String];
        let files = self.clone();
        Some(match name {
            "Get" => Function::new(NAME, move |_, arguments| {
                Ok(Value::String(files.0.get(&name_of(arguments)).cloned().unwrap_or_default()))
            }),
            "GetBytes" => Function::new(NAME, move |runtime, arguments| {
                let data = files.0.get(&name_of(arguments)).cloned().unwrap_or_default();
                runtime.allocate(data.len() * size_of::<Value>())?;
                Ok(bytes(data.as_bytes()))
            }),
            "Glob" => Function::new(NAME, move |runtime, arguments| {
                runtime.spend(files.0.len() as u64)?;
                Ok(files.glob(&name_of(arguments).to_str()).to_value())
            }),
            "AsConfig" => Function::new(&[], move |_, _| Ok(files.as_yaml(|data| Value::String(data.clone())))),
            "AsSecrets" => Function::new(&[], move |_, _| {
                Ok(files.as_yaml(|data| Value::string(BASE64_STANDARD.encode(data.as_bytes()))))
            }),
            "Lines" => Function::new(NAME, move |_, arguments| Ok(files.lines(&name_of(arguments)))),
            _ => return None,
        })
    }

    fn is_true(&self) -> bool {
        !self.0.is_empty()
    }

    fn len(&self) -> Option<usize> {
        Some(self.0.len())
    }

    fn entries(&self) -> Option<Vec<(Value, Value)>> {
        let entries = self.0.iter();
        Some(entries.map(|(name, data)| (Value::String(name.clone()), bytes(data.as_bytes()))).collect())
    }

    fn printed(&self) -> Printed {
        let entries = self.0.iter().map(|(name, data)| (name.clone(), bytes(data.as_bytes())));
        Printed::As(Value::Dict(Dict::from_entries(entries.collect())))
    }

    /// JSON and YAML write bytes as base64.
    fn to_plain(&self) -> Option<Value> {
        let entries = self.0.iter();
        let entries =
            entries.map(|(name, data)| (name.clone(), Value::string(BASE64_STANDARD.encode(data.as_bytes()))));
        Some(Value::Dict(Dict::typed(entries.collect(), ElementType::String, None)))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
