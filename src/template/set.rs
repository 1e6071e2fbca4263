//! Templates that see each other, and the functions that they call.

use std::collections::HashMap;
use std::rc::Rc;

use super::budget::Budget;
use super::error::{ExecutionError, ParseError};
use super::function::Function;
use super::machine::Machine;
use super::observer::Observer;
use super::parser::{Parsed, parse};
use super::quote::quote;
use super::text::Text;
use super::tree::Tree;
use super::value::Value;

/// Functions by name. The language's own are always there, unless one here has their name.
#[derive(Debug, Default)]
pub struct FunctionTable(HashMap<&'static str, Rc<Function>>);

/// Templates by name. A clone sees all templates of the original; what is added to it later is its own.
#[derive(Debug, Clone)]
pub struct TemplateSet {
    name: Rc<str>,
    functions: Rc<FunctionTable>,
    layer: Rc<Layer>,
    needs_keys: bool,
}

/// Templates over those of another set.
#[derive(Debug, Default)]
struct Layer {
    templates: HashMap<Rc<str>, Rc<Tree>>,
    below: Option<Rc<Layer>>,
}

impl FunctionTable {
    pub fn get(&self, name: &str) -> Option<&Rc<Function>> {
        self.0.get(name)
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().copied()
    }
}

impl FromIterator<(&'static str, Function)> for FunctionTable {
    /// A later function takes the place of an earlier one with its name.
    fn from_iter<T: IntoIterator<Item = (&'static str, Function)>>(functions: T) -> Self {
        Self(functions.into_iter().map(|(name, function)| (name, Rc::new(function))).collect())
    }
}

impl Layer {
    fn get(&self, name: &str) -> Option<&Rc<Tree>> {
        let mut layer = self;
        loop {
            if let Some(tree) = layer.templates.get(name) {
                return Some(tree);
            }
            layer = layer.below.as_deref()?;
        }
    }
}

impl TemplateSet {
    /// An empty set. Its name is that of texts run by [`super::Runtime::execute_text`]; Helm's is `gotpl`.
    pub fn new(name: &str, functions: impl IntoIterator<Item = (&'static str, Function)>) -> Self {
        Self {
            name: Rc::from(name),
            functions: Rc::new(functions.into_iter().collect()),
            layer: Rc::default(),
            needs_keys: false,
        }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn shared_name(&self) -> &Rc<str> {
        &self.name
    }

    /// Makes it an error to ask a map for a key that it does not have, as Go's `missingkey=error`. Without this a
    /// missing key is the zero value, as Go's `missingkey=zero`, which is what Helm sets.
    #[must_use]
    pub fn needing_keys(self) -> Self {
        Self { needs_keys: true, ..self }
    }

    pub(super) const fn needs_keys(&self) -> bool {
        self.needs_keys
    }

    pub fn functions(&self) -> &FunctionTable {
        &self.functions
    }

    /// Parses a text, and adds it and all templates that it defines. An empty template replaces none.
    ///
    /// The answer is the text's own template, also where it is empty and another of its name stays.
    pub fn add(&mut self, name: &str, text: impl Into<Text>) -> Result<Rc<Tree>, ParseError> {
        let parsed = self.parse(&Rc::from(name), &text.into())?;
        self.define(&parsed);
        Ok(Rc::clone(&parsed.main))
    }

    /// A set over this one, with the templates of a text.
    pub(super) fn with(&self, parsed: &Parsed) -> Self {
        let layer = Layer { templates: HashMap::new(), below: Some(Rc::clone(&self.layer)) };
        let mut set = Self { layer: Rc::new(layer), ..self.clone() };
        set.define(parsed);
        set
    }

    pub(super) fn parse(&self, name: &Rc<str>, text: &Text) -> Result<Parsed, ParseError> {
        parse(name, text, &self.functions).map_err(|error| *error)
    }

    fn define(&mut self, parsed: &Parsed) {
        if Rc::get_mut(&mut self.layer).is_none() {
            self.layer = Rc::new(Layer { templates: HashMap::new(), below: Some(Rc::clone(&self.layer)) });
        }
        let Some(layer) = Rc::get_mut(&mut self.layer) else { return };
        for (name, tree) in &parsed.definitions {
            if !tree.is_empty || layer.get(name).is_none() {
                layer.templates.insert(Rc::clone(name), Rc::clone(tree));
            }
        }
    }

    pub fn get(&self, name: &str) -> Option<&Rc<Tree>> {
        self.layer.get(name)
    }

    /// The names of all templates, sorted.
    pub fn names(&self) -> Vec<Rc<str>> {
        let mut names = Vec::new();
        let mut layer = Some(&self.layer);
        while let Some(current) = layer {
            names.extend(current.templates.keys().cloned());
            layer = current.below.as_ref();
        }
        names.sort();
        names.dedup();
        names
    }

    /// Runs a template on a value, and gives what it writes.
    pub fn execute(
        &self,
        name: &str,
        data: &Value,
        budget: &Budget,
        observer: Option<&mut dyn Observer>,
    ) -> Result<Text, ExecutionError> {
        Machine::new(self, budget, observer).execute(name, data).map(Text::from)
    }

    /// Go's text for a name that no template has.
    pub(super) fn missing(&self, name: &str) -> String {
        format!(
            "template: no template {} associated with template {}",
            quote(name.as_bytes()),
            quote(self.name.as_bytes())
        )
    }
}
