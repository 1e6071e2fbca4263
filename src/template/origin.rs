//! Where in the data a value is, so that an observer can be told which value a template read.

use std::collections::HashMap;
use std::fmt;
use std::rc::Rc;

use super::text::Text;
use super::value::Value;

/// The path of a map or list in the data that a run was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    parent: Option<Rc<Origin>>,
    step: OriginStep,
}

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OriginStep {
    /// The data itself.
    Root,
    Key(Text),
    Index(usize),
}

/// The paths of all maps and lists of the data, by their identity. Values that templates make are not in it.
#[derive(Debug, Default)]
pub(super) struct Origins(HashMap<usize, Rc<Origin>>);

impl Origin {
    /// From the data inwards, without the root.
    pub fn steps(&self) -> Vec<&OriginStep> {
        let mut steps = Vec::new();
        let mut origin = Some(self);
        while let Some(current) = origin {
            if current.step != OriginStep::Root {
                steps.push(&current.step);
            }
            origin = current.parent.as_deref();
        }
        steps.reverse();
        steps
    }
}

/// `.Values.list[2].name`; nothing for the data itself.
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in self.steps() {
            match step {
                OriginStep::Root => {}
                OriginStep::Key(key) => write!(f, ".{key}")?,
                OriginStep::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

impl Origins {
    pub(super) fn of(data: &Value) -> Self {
        let mut origins = Self::default();
        let mut open = vec![(data.clone(), Rc::new(Origin { parent: None, step: OriginStep::Root }))];
        while let Some((value, origin)) = open.pop() {
            let Some(identity) = identity(&value) else { continue };
            if origins.0.contains_key(&identity) {
                continue;
            }
            origins.0.insert(identity, Rc::clone(&origin));
            let below = |step| Rc::new(Origin { parent: Some(Rc::clone(&origin)), step });
            match &value {
                Value::Dict(dict) => {
                    let entries = dict.borrow();
                    open.extend(
                        entries.iter().map(|(key, inner)| (inner.clone(), below(OriginStep::Key(key.clone())))),
                    );
                }
                Value::List(list) => {
                    let elements = list.elements().iter().enumerate();
                    open.extend(elements.map(|(index, inner)| (inner.clone(), below(OriginStep::Index(index)))));
                }
                _ => {}
            }
        }
        origins
    }

    pub(super) fn get(&self, value: &Value) -> Option<&Rc<Origin>> {
        self.0.get(&identity(value)?)
    }
}

/// The address of what clones of the value share.
fn identity(value: &Value) -> Option<usize> {
    match value {
        Value::Dict(dict) => Some(dict.identity()),
        Value::List(list) if !list.elements().is_empty() => Some(list.elements().as_ptr() as usize),
        Value::Object(object) => Some(Rc::as_ptr(object).cast::<()>() as usize),
        _ => None,
    }
}
