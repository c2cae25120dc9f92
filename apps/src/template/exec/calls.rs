//! Calls of functions and methods: the arguments, whether they fit, and what comes of it.

use std::rc::Rc;

use super::super::ast::{Operand, OperandKind, Span};
use super::super::error::TemplateError;
use super::super::function::{Failure, Function, Type};
use super::super::strings::quote;
use super::super::value::Value;
use super::{Eval, Result, State};

impl<'a> State<'a> {
    pub(super) fn call(
        &mut self,
        name: &Rc<str>,
        span: Span,
        arguments: &'a [Operand],
        dot: &Eval,
        last: Option<Eval>,
    ) -> Result<Eval> {
        let Some(function) = self.scope.functions.get(name) else {
            return Err(self.error(span, format!("{} is not a defined function", quote(name))));
        };
        let count = arguments.len() + usize::from(last.is_some());
        function.check_count(count).map_err(|e| self.place(e, span))?;
        if let "and" | "or" = function.name {
            return self.short_circuit(function.name == "or", arguments, dot, last);
        }
        let values = self.values(function, span, arguments, dot, last)?;
        self.run(function, &values, span)
    }

    /// Calls a method; only versions have some.
    pub(super) fn method(
        &mut self,
        receiver: Eval,
        name: &str,
        span: Span,
        (arguments, dot): (&'a [Operand], &Eval),
        last: Option<Eval>,
    ) -> Result<Eval> {
        let count = arguments.len() + usize::from(last.is_some());
        let Some(Value::Version(version)) = &receiver else {
            let message = format!("{name} is not a method but has arguments");
            return Err(self.error(span, message));
        };
        let Some(method) = version.method(name) else {
            return self.field(receiver, name, span);
        };
        method.check_count(count).map_err(|e| self.place(e, span))?;
        let mut values = vec![Value::Version(Rc::clone(version))];
        values.extend(self.values(method, span, arguments, dot, last)?);
        self.run(method, &values, span)
    }

    /// Evaluates the arguments of a function.
    fn values(
        &mut self,
        function: &Function,
        span: Span,
        arguments: &'a [Operand],
        dot: &Eval,
        last: Option<Eval>,
    ) -> Result<Vec<Value>> {
        let mut values = Vec::with_capacity(arguments.len() + 1);
        for (i, operand) in arguments.iter().enumerate() {
            let of = function.type_at(i);
            values.push(match self.argument(operand, of, dot)? {
                Ok(value) => value,
                Err(what) => return Err(self.misfit(function, i, &what, operand.span)),
            });
        }
        if let Some(last) = last {
            let i = arguments.len();
            let checked = checked(last, function.type_at(i));
            values.push(checked.map_err(|what| self.misfit(function, i, &what, span))?);
        }
        Ok(values)
    }

    pub(super) fn run(&self, function: &Function, values: &[Value], span: Span) -> Result<Eval> {
        match function.call(values, self.scope.budget) {
            Ok(value) => Ok(Some(value)),
            Err(Failure::Message(message)) => {
                let name = function.name;
                Err(self.error(span, format!("error calling {name}: {message}")))
            }
            Err(Failure::Error(error)) => Err(self.place(error, span)),
        }
    }

    /// Evaluates `and` and `or`, which look at no argument after the one that decides.
    fn short_circuit(
        &mut self,
        wanted: bool,
        arguments: &'a [Operand],
        dot: &Eval,
        last: Option<Eval>,
    ) -> Result<Eval> {
        let mut value = None;
        for operand in arguments {
            let found = self.operand(operand, dot)?;
            if found.as_ref().is_some_and(Value::is_true) == wanted {
                return Ok(found);
            }
            value = found;
        }
        Ok(last.unwrap_or(value))
    }

    fn misfit(&self, function: &Function, index: usize, what: &str, span: Span) -> TemplateError {
        let message = format!("{what} (argument {} of {})", index + 1, function.name);
        self.error(span, message)
    }

    /// Evaluates an argument of a function; the inner error says that it is not of the type.
    fn argument(&mut self, operand: &'a Operand, of: Type, dot: &Eval) -> Result<Fit> {
        let text = &self.scope.source[operand.span.start..operand.span.end];
        let found = |wanted: &str| Ok(Err(format!("expected {wanted}; found {text}")));
        match (&operand.kind, of) {
            (OperandKind::Nil, _) => {
                Ok(of.nil().ok_or_else(|| format!("cannot assign nil to {}", of.name())))
            }
            (OperandKind::Number(number), Type::Int | Type::Int64) => match number.int {
                Some(value) if of == Type::Int => Ok(Ok(Value::int(value))),
                Some(value) => Ok(Ok(Value::int64(value))),
                None => found("integer"),
            },
            (OperandKind::Number(number), Type::Float) => match number.float {
                Some(value) => Ok(Ok(Value::Float(value))),
                None => found("float"),
            },
            (OperandKind::Number(_) | OperandKind::Bool(_), Type::Str) => found("string"),
            (OperandKind::Str(_) | OperandKind::Bool(_), Type::Int | Type::Int64) => {
                found("integer")
            }
            (OperandKind::Str(_) | OperandKind::Bool(_), Type::Float) => found("float"),
            (OperandKind::Str(_) | OperandKind::Number(_), Type::Bool) => found("bool"),
            (
                OperandKind::Str(_) | OperandKind::Number(_) | OperandKind::Bool(_),
                Type::Map | Type::StrMap | Type::List | Type::Strs | Type::Version,
            ) => Ok(Err(format!("can't handle {text} for arg of type {}", of.name()))),
            _ => Ok(checked(self.operand(operand, dot)?, of)),
        }
    }
}

/// A value of the type that is asked for, or why it is not.
type Fit = std::result::Result<Value, String>;

/// Checks that a value is of the type that is asked for.
fn checked(value: Eval, of: Type) -> Fit {
    match value {
        None => of.nil().ok_or_else(|| format!("invalid value; expected {}", of.name())),
        Some(value) if of.takes(&value) => Ok(value),
        Some(value) => {
            let got = match value {
                Value::Nil => "interface {}".to_owned(),
                value => value.type_name(),
            };
            Err(format!("wrong type for value; expected {}; got {got}", of.name()))
        }
    }
}
