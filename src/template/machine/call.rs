//! Calls of functions and methods.

use std::rc::Rc;

use super::super::builtin::{Builtin, Logic};
use super::super::function::{CallError, Function, Parameter};
use super::super::operand::Operand;
use super::super::tree::{NodeId, Tree};
use super::super::value::Value;
use super::{Fault, Machine};

/// What a function may be given.
#[derive(Clone, Copy)]
struct Signature<'a> {
    name: &'a str,
    parameters: &'static [Parameter],
    is_variadic: bool,
}

impl Signature<'_> {
    fn fixed(&self) -> usize {
        self.parameters.len() - usize::from(self.is_variadic)
    }

    /// The type of one argument.
    fn parameter(&self, index: usize) -> Parameter {
        let last = self.parameters.len().saturating_sub(1);
        self.parameters.get(index.min(last)).copied().unwrap_or(Parameter::Any)
    }
}

impl Machine<'_> {
    #[expect(clippy::too_many_arguments, reason = "a call is the function, its names and places, and what it gets")]
    pub(super) fn call(
        &mut self,
        tree: &Tree,
        dot: &Operand,
        function: &Rc<Function>,
        whole: NodeId,
        name: &str,
        arguments: &[NodeId],
        last: Option<Operand>,
    ) -> Result<Operand, Fault> {
        let signature = Signature { name, parameters: function.parameters, is_variadic: function.is_variadic };
        let values = self.arguments(tree, dot, signature, arguments, last, |operand| operand.value)?;
        let call = self.site.1;
        self.at(whole);
        match (function.call)(self, &values) {
            Ok(value) => {
                self.at(call);
                Ok(Operand { value, is_interface: function.returns_any })
            }
            Err(error) => Err(self.call_failed(whole, name, error)),
        }
    }

    fn call_failed(&mut self, whole: NodeId, name: &str, error: CallError) -> Fault {
        self.at(whole);
        if let CallError::Budget(message) = error {
            let mut fault = self.error(message);
            fault.exhausted = self.exhausted;
            return fault;
        }
        let mut fault = self.error(format!("error calling {name}: "));
        fault.exhausted = self.exhausted;
        fault.cause = Some(Box::new(error));
        fault
    }

    /// The arguments of a call after the function itself, and the value that a pipeline hands over as the last.
    fn arguments<T>(
        &mut self,
        tree: &Tree,
        dot: &Operand,
        signature: Signature<'_>,
        arguments: &[NodeId],
        last: Option<Operand>,
        take: fn(Operand) -> T,
    ) -> Result<Vec<T>, Fault> {
        let arguments = arguments.get(1..).unwrap_or_default();
        let count = arguments.len() + usize::from(last.is_some());
        self.check_count(signature, arguments.len(), count)?;
        let mut values = Vec::with_capacity(count);
        for (index, argument) in arguments.iter().enumerate() {
            values.push(take(self.argument(tree, dot, signature.parameter(index), *argument)?));
        }
        if let Some(last) = last {
            values.push(take(self.check(last, signature.parameter(count - 1))?));
        }
        Ok(values)
    }

    fn check_count(&self, signature: Signature<'_>, given: usize, count: usize) -> Result<(), Fault> {
        let Signature { name, parameters, is_variadic } = signature;
        let fixed = signature.fixed();
        if is_variadic && count < fixed {
            return self.fail(format!("wrong number of args for {name}: want at least {fixed} got {given}"));
        }
        if !is_variadic && count != parameters.len() {
            return self.fail(format!("wrong number of args for {name}: want {} got {count}", parameters.len()));
        }
        Ok(())
    }

    pub(super) fn call_builtin(
        &mut self,
        tree: &Tree,
        dot: &Operand,
        builtin: Builtin,
        whole: NodeId,
        arguments: &[NodeId],
        last: Option<Operand>,
    ) -> Result<Operand, Fault> {
        let (parameters, is_variadic) = builtin.signature();
        let signature = Signature { name: builtin.name(), parameters, is_variadic };
        if let Some(logic) = builtin.logic() {
            return self.short_circuit(tree, dot, signature, logic, arguments, last);
        }
        let callee = arguments.get(1).map(|argument| tree.print(*argument));
        let operands = self.arguments(tree, dot, signature, arguments, last, |operand| operand)?;
        let limit = self.remaining.output();
        let outcome = builtin.run(operands, callee, limit);
        match outcome {
            Ok(operand) => {
                if let Value::String(text) = &operand.value
                    && let Err(exhausted) = self.remaining.allocate(text.len())
                {
                    return Err(self.exhaust(exhausted));
                }
                Ok(operand)
            }
            Err(error) => {
                if let CallError::Budget(_) = error {
                    self.exhausted = Some(super::super::budget::Exhausted::Output);
                }
                Err(self.call_failed(whole, builtin.name(), error))
            }
        }
    }

    /// `and` and `or` evaluate no more than they must.
    fn short_circuit(
        &mut self,
        tree: &Tree,
        dot: &Operand,
        signature: Signature<'_>,
        logic: Logic,
        arguments: &[NodeId],
        last: Option<Operand>,
    ) -> Result<Operand, Fault> {
        let arguments = arguments.get(1..).unwrap_or_default();
        self.check_count(signature, arguments.len(), arguments.len() + usize::from(last.is_some()))?;
        let mut operand = Operand::invalid();
        for argument in arguments {
            operand = self.argument(tree, dot, Parameter::Reflect, *argument)?;
            if operand.value.is_true() == (logic == Logic::Or) {
                return Ok(operand);
            }
        }
        match last {
            Some(last) => self.check(last, Parameter::Reflect),
            None => Ok(operand),
        }
    }
}
