//! `range`.

use super::super::operand::Operand;
use super::super::print::{print_value, to_text};
use super::super::tree::{Branch, NodeId, NodeKind, Symbol, Tree};
use super::super::value::{ElementType, Integer, Kind, List, Object, Value};
use super::{Fault, Flow, Machine};

/// The variables of a range.
struct Loop<'t> {
    names: Vec<(Symbol, &'t str)>,
    is_assignment: bool,
    body: NodeId,
    /// How many variables there are before the body's own.
    mark: usize,
}

impl Machine<'_> {
    pub(super) fn range(&mut self, tree: &Tree, dot: &Operand, branch: &Branch, id: NodeId) -> Result<Flow, Fault> {
        self.at(id);
        let over = self.pipeline(tree, dot, branch.pipeline)?.value;
        let NodeKind::Pipeline { is_assignment, variables, .. } = &tree.node(branch.pipeline).kind else {
            return self.fail("not a pipeline");
        };
        let names = variables.iter().filter_map(|variable| match &tree.node(*variable).kind {
            NodeKind::Variable { symbol, name, .. } => Some((*symbol, &**name)),
            _ => None,
        });
        let each = Loop {
            names: names.collect(),
            is_assignment: *is_assignment,
            body: branch.body,
            mark: self.variables.len(),
        };
        if self.range_over(tree, &each, &over)? {
            return Ok(Flow::Next);
        }
        match branch.otherwise {
            // A break in the else part belongs to this range too, as Go's recover has it.
            Some(otherwise) => Ok(match self.walk(tree, dot, otherwise)? {
                Flow::Break => Flow::Next,
                flow => flow,
            }),
            None => Ok(Flow::Next),
        }
    }

    /// Whether there was anything.
    fn range_over(&mut self, tree: &Tree, each: &Loop<'_>, over: &Value) -> Result<bool, Fault> {
        match over {
            Value::Nil => Ok(false),
            Value::Integer(integer) => self.range_integer(tree, each, *integer),
            Value::List(list) => self.range_list(tree, each, list),
            Value::Dict(dict) => {
                let is_interface = dict.element() == ElementType::Any;
                let entries: Vec<_> = dict.borrow().iter().map(|(key, value)| (key.clone(), value.clone())).collect();
                let found = !entries.is_empty();
                for (key, value) in entries {
                    let key = Operand::concrete(Value::String(key));
                    if self.iteration(tree, each, key, Operand { value, is_interface })? == Flow::Break {
                        break;
                    }
                }
                Ok(found)
            }
            Value::Object(object) => self.range_object(tree, each, over, &**object),
            _ => self.fail(format!("range can't iterate over {}", to_text(over))),
        }
    }

    fn range_integer(&mut self, tree: &Tree, each: &Loop<'_>, over: Integer) -> Result<bool, Fault> {
        if each.names.len() > 1 {
            let over = to_text(&Value::Integer(over));
            return self.fail(format!("can't use {over} to iterate over more than one variable"));
        }
        let count = if over.is_unsigned() { over.unsigned() } else { u64::try_from(over.bits).unwrap_or(0) };
        for number in 0..count {
            let element = Operand::concrete(Value::Integer(Integer { bits: number.cast_signed(), kind: over.kind }));
            if self.iteration(tree, each, Operand::invalid(), element)? == Flow::Break {
                break;
            }
        }
        Ok(count > 0)
    }

    fn range_list(&mut self, tree: &Tree, each: &Loop<'_>, list: &List) -> Result<bool, Fault> {
        let is_interface = list.element() == ElementType::Any;
        for (index, element) in list.elements().iter().enumerate() {
            let element = Operand { value: element.clone(), is_interface };
            let index = Operand::concrete(Value::count(index));
            if self.iteration(tree, each, index, element)? == Flow::Break {
                break;
            }
        }
        Ok(!list.elements().is_empty())
    }

    fn range_object(&mut self, tree: &Tree, each: &Loop<'_>, over: &Value, object: &dyn Object) -> Result<bool, Fault> {
        let is_iterable = matches!(object.kind(), Kind::Map | Kind::Slice | Kind::Array | Kind::Pointer);
        let Some(entries) = object.entries().filter(|_| is_iterable) else {
            let mut text = Vec::new();
            if let Err(exhausted) = print_value(&mut text, over, self.remaining.output()) {
                return Err(self.exhaust(exhausted));
            }
            return self.fail(format!("range can't iterate over {}", String::from_utf8_lossy(&text)));
        };
        let found = !entries.is_empty();
        for (key, element) in entries {
            let flow = self.iteration(tree, each, Operand::concrete(key), Operand::concrete(element))?;
            if flow == Flow::Break {
                break;
            }
        }
        Ok(found)
    }

    fn iteration(&mut self, tree: &Tree, each: &Loop<'_>, index: Operand, element: Operand) -> Result<Flow, Fault> {
        match (each.names.as_slice(), each.is_assignment) {
            ([], _) => {}
            ([(symbol, name)], true) => self.assign(*symbol, name, element.clone())?,
            ([first, second, ..], true) => {
                self.assign(first.0, first.1, index)?;
                self.assign(second.0, second.1, element.clone())?;
            }
            ([_], false) => self.set_top(1, element.clone()),
            (_, false) => {
                self.set_top(1, element.clone());
                self.set_top(2, index);
            }
        }
        let flow = self.walk(tree, &element, each.body)?;
        self.variables.truncate(each.mark);
        Ok(flow)
    }

    /// Overwrites one of the last variables.
    fn set_top(&mut self, from_end: usize, operand: Operand) {
        if let Some(index) = self.variables.len().checked_sub(from_end) {
            self.variables[index].operand = operand;
        }
    }
}
