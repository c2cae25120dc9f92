//! Executes a tree, as Go's `text/template` does.

mod calls;
mod rounds;

use std::rc::Rc;

use super::Functions;
use super::MissingKey;
use super::ast::{Body, Branch, Command, Node, Operand, OperandKind, Pipe, Span, Tree};
use super::budget::Budget;
use super::error::{TemplateError, TemplateErrorKind};
use super::number::Number;
use super::print::{self, Printer, SourceStyle};
use super::strings::quote;
use super::value::{IntType, Value};
use rounds::Rounds;

/// How deep templates may call templates.
const DEEPEST: usize = 60;

/// What a template is executed with.
pub(super) struct Scope<'a> {
    pub(super) source: &'a str,
    pub(super) tree: &'a Tree,
    pub(super) functions: &'a Functions,
    pub(super) missing: MissingKey,
    pub(super) budget: &'a Budget,
}

/// Executes the main template.
pub(super) fn execute(scope: &Scope<'_>, data: &Value) -> Result<String> {
    let Some(body) = scope.tree.templates.get("") else { return Ok(String::new()) };
    let mut state = State {
        scope,
        out: Printer::new(scope.budget),
        variables: vec![("$".into(), Some(data.clone()))],
        depth: 0,
    };
    state.body(body, &Some(data.clone()))?;
    Ok(state.out.out)
}

/// A value as Go's reflection has it: `None` is no value at all, as a missing key has; `Nil` inside is
/// the null that somebody wrote.
type Eval = Option<Value>;
type Result<T> = std::result::Result<T, TemplateError>;

/// What happens after a node.
#[derive(PartialEq, Eq)]
enum Flow {
    On,
    Break,
    Continue,
}

struct State<'a> {
    scope: &'a Scope<'a>,
    out: Printer<'a>,
    variables: Vec<(Rc<str>, Eval)>,
    depth: usize,
}

impl<'a> State<'a> {
    fn error(&self, span: Span, message: impl Into<String>) -> TemplateError {
        let message = message.into();
        // It is kept, and told in several ways.
        let error = match self.scope.budget.keeps(message.len().saturating_mul(4)) {
            Ok(()) => TemplateError::new(TemplateErrorKind::Execute, message),
            Err(error) => error,
        };
        self.place(error, span)
    }

    fn place(&self, error: TemplateError, span: Span) -> TemplateError {
        error.at(self.scope.source, span.start, span.end)
    }

    fn body(&mut self, body: &'a Body, dot: &Eval) -> Result<Flow> {
        for node in body {
            self.scope.budget.steps(1)?;
            let flow = self.node(node, dot)?;
            if flow != Flow::On {
                return Ok(flow);
            }
        }
        Ok(Flow::On)
    }

    fn node(&mut self, node: &'a Node, dot: &Eval) -> Result<Flow> {
        match node {
            Node::Text(span) => self.out.text(&self.scope.source[span.start..span.end])?,
            Node::Action(pipe) => {
                let value = self.pipe(pipe, dot)?;
                if pipe.variables.is_empty() {
                    match value {
                        None => self.out.text("<no value>")?,
                        Some(value) => self
                            .out
                            .value(&value, SourceStyle::Plain, 0)
                            .map_err(|e| self.place(e, pipe.span))?,
                    }
                }
            }
            Node::If(branch) => return self.condition(branch, dot, false),
            Node::With(branch) => return self.condition(branch, dot, true),
            Node::Range(branch) => return self.range(branch, dot),
            Node::Template { name, argument, span } => {
                self.template(name, argument.as_ref(), *span, dot)?;
            }
            Node::Break => return Ok(Flow::Break),
            Node::Continue => return Ok(Flow::Continue),
        }
        Ok(Flow::On)
    }

    fn condition(&mut self, branch: &'a Branch, dot: &Eval, with: bool) -> Result<Flow> {
        let mark = self.variables.len();
        let value = self.pipe(&branch.pipe, dot)?;
        let flow = if value.as_ref().is_some_and(Value::is_true) {
            self.body(&branch.body, if with { &value } else { dot })?
        } else if let Some(otherwise) = &branch.otherwise {
            self.body(otherwise, dot)?
        } else {
            Flow::On
        };
        self.variables.truncate(mark);
        Ok(flow)
    }

    fn range(&mut self, branch: &'a Branch, dot: &Eval) -> Result<Flow> {
        let mark = self.variables.len();
        let value = self.pipe(&branch.pipe, dot)?;
        let elements = self.elements(value, branch)?;
        let mut flow = Flow::On;
        if let (true, Some(otherwise)) = (elements.is_over(), &branch.otherwise) {
            flow = self.body(otherwise, dot)?;
        }
        for (index, element) in elements {
            let element = Some(element);
            match branch.pipe.variables.as_slice() {
                [] => {}
                [only] => self.iterate(&branch.pipe, only, 1, element.clone())?,
                [first, second, ..] => {
                    self.iterate(&branch.pipe, first, 2, Some(index))?;
                    self.iterate(&branch.pipe, second, 1, element.clone())?;
                }
            }
            let inner = self.variables.len();
            let ended = self.body(&branch.body, &element)?;
            self.variables.truncate(inner);
            if ended == Flow::Break {
                break;
            }
        }
        self.variables.truncate(mark);
        Ok(flow)
    }

    /// Returns what a range goes through.
    fn elements(&self, value: Eval, branch: &Branch) -> Result<Rounds> {
        let budget = self.scope.budget;
        Ok(match value {
            None | Some(Value::Nil) => Rounds::Numbers(0..0, IntType::Int),
            Some(Value::List(list)) => {
                budget.steps(list.items().len())?;
                Rounds::List(list, 0)
            }
            Some(Value::Map(map)) => {
                // What the rounds change is not gone through.
                budget.steps(map.len())?;
                budget.makes(map.len().saturating_mul(2 * size_of::<Value>()))?;
                Rounds::Map(map.entries().into_iter())
            }
            Some(Value::Int(count, kind)) => {
                if branch.pipe.variables.len() > 1 {
                    let message =
                        format!("can't use {count} to iterate over more than one variable");
                    return Err(self.error(branch.pipe.span, message));
                }
                budget.steps(usize::try_from(count).unwrap_or(0))?;
                Rounds::Numbers(0..count, kind)
            }
            Some(other) => {
                let shown = print::plain(&other, budget)?;
                let message = format!("range can't iterate over {shown}");
                return Err(self.error(branch.pipe.span, message));
            }
        })
    }

    /// Sets a variable of a range for the next round; it is the `from_top`th one of the stack if the
    /// range declares it.
    fn iterate(&mut self, pipe: &Pipe, name: &Rc<str>, from_top: usize, value: Eval) -> Result<()> {
        if pipe.assigns {
            return self.assign(name, value, pipe.span);
        }
        let place = self.variables.len().checked_sub(from_top);
        if let Some(variable) = place.and_then(|place| self.variables.get_mut(place)) {
            variable.1 = value;
        }
        Ok(())
    }

    fn template(
        &mut self,
        name: &Rc<str>,
        argument: Option<&'a Pipe>,
        span: Span,
        dot: &Eval,
    ) -> Result<()> {
        let Some(body) = self.scope.tree.templates.get(name) else {
            return Err(self.error(span, format!("template {} not defined", quote(name))));
        };
        if self.depth >= DEEPEST {
            let message = format!("exceeded maximum template depth ({DEEPEST})");
            let error = TemplateError::new(TemplateErrorKind::Limit, message);
            return Err(self.place(error, span));
        }
        let value = match argument {
            Some(pipe) => self.pipe(pipe, dot)?,
            None => None,
        };
        let variables = vec![("$".into(), value.clone())];
        let variables = std::mem::replace(&mut self.variables, variables);
        self.depth += 1;
        self.body(body, &value)?;
        self.depth -= 1;
        self.variables = variables;
        Ok(())
    }

    fn assign(&mut self, name: &Rc<str>, value: Eval, span: Span) -> Result<()> {
        self.scope.budget.steps(self.variables.len() / 16)?;
        match self.variables.iter_mut().rev().find(|(known, _)| known == name) {
            Some(variable) => {
                variable.1 = value;
                Ok(())
            }
            None => Err(self.error(span, format!("undefined variable: {name}"))),
        }
    }

    // Pipelines

    fn pipe(&mut self, pipe: &'a Pipe, dot: &Eval) -> Result<Eval> {
        let mut last: Option<Eval> = None;
        for command in &pipe.commands {
            self.scope.budget.steps(1)?;
            let value = self.command(command, dot, last)?;
            // A null inside of an interface is no value from here on.
            last = Some(value.filter(|value| !matches!(value, Value::Nil)));
        }
        let value = last.unwrap_or_default();
        for name in &pipe.variables {
            if pipe.assigns {
                self.assign(name, value.clone(), pipe.span)?;
            } else {
                self.variables.push((Rc::clone(name), value.clone()));
            }
        }
        Ok(value)
    }

    fn command(&mut self, command: &'a Command, dot: &Eval, last: Option<Eval>) -> Result<Eval> {
        let Some((first, arguments)) = command.operands.split_first() else { return Ok(None) };
        if let OperandKind::Function(name) = &first.kind {
            return self.call(name, first.span, arguments, dot, last);
        }
        let has_arguments = !arguments.is_empty() || last.is_some();
        match &first.kind {
            OperandKind::Field(names)
            | OperandKind::Chain(_, names)
            | OperandKind::Variable(_, names)
                if has_arguments && !names.is_empty() =>
            {
                // Only the last field may be a method.
                let Some((name, others)) = names.split_last() else { return Ok(None) };
                let value = match &first.kind {
                    OperandKind::Chain(inner, _) => self.operand(inner, dot)?,
                    OperandKind::Variable(variable, _) => self.variable(variable, first.span)?,
                    _ => dot.clone(),
                };
                let receiver = self.fields(value, others, first.span)?;
                self.method(receiver, name, first.span, (arguments, dot), last)
            }
            OperandKind::Nil => Err(self.error(first.span, "nil is not a command")),
            _ if has_arguments => {
                let text = &self.scope.source[first.span.start..first.span.end];
                let message = format!("can't give argument to non-function {text}");
                Err(self.error(first.span, message))
            }
            _ => self.operand(first, dot),
        }
    }

    /// Evaluates an operand by itself.
    fn operand(&mut self, operand: &'a Operand, dot: &Eval) -> Result<Eval> {
        self.scope.budget.steps(1)?;
        let span = operand.span;
        match &operand.kind {
            OperandKind::Dot => Ok(dot.clone()),
            OperandKind::Nil => Ok(None),
            OperandKind::Bool(value) => Ok(Some(Value::Bool(*value))),
            OperandKind::Str(text) => Ok(Some(Value::Str(Rc::clone(text)))),
            OperandKind::Number(number) => self.constant(*number, span).map(Some),
            OperandKind::Field(names) => self.fields(dot.clone(), names, span),
            OperandKind::Variable(name, names) => {
                let value = self.variable(name, span)?;
                self.fields(value, names, span)
            }
            OperandKind::Function(name) => self.call(name, span, &[], dot, None),
            OperandKind::Pipe(pipe) => self.pipe(pipe, dot),
            OperandKind::Chain(inner, names) => {
                let value = self.operand(inner, dot)?;
                self.fields(value, names, span)
            }
        }
    }

    fn variable(&self, name: &Rc<str>, span: Span) -> Result<Eval> {
        // They are looked for one by one.
        self.scope.budget.steps(self.variables.len() / 16)?;
        let known = self.variables.iter().rev().find(|(known, _)| known == name);
        let undefined = || self.error(span, format!("undefined variable: {name}"));
        known.map(|(_, value)| value.clone()).ok_or_else(undefined)
    }

    fn constant(&self, number: Number, span: Span) -> Result<Value> {
        match (number.int, number.float) {
            (_, Some(float)) if number.looks_float => Ok(Value::Float(float)),
            (Some(int), _) => Ok(Value::int(int)),
            _ if number.too_large => {
                let text = &self.scope.source[span.start..span.end];
                Err(self.error(span, format!("{text} overflows int")))
            }
            (None, Some(float)) => Ok(Value::Float(float)),
            (None, None) => Ok(Value::int(0)),
        }
    }

    fn fields(&self, value: Eval, names: &[Rc<str>], span: Span) -> Result<Eval> {
        let mut value = value;
        for name in names {
            self.scope.budget.reads(name.len())?;
            value = self.field(value, name, span)?;
        }
        Ok(value)
    }

    fn field(&self, value: Eval, name: &str, span: Span) -> Result<Eval> {
        let missing = self.scope.missing;
        match value {
            None if missing == MissingKey::Error => {
                Err(self.error(span, format!("nil data; no entry for key {}", quote(name))))
            }
            None => Ok(None),
            Some(Value::Nil) => {
                Err(self.error(span, format!("nil pointer evaluating interface {{}}.{name}")))
            }
            Some(Value::Map(map)) => match map.get(name) {
                Some(value) => Ok(Some(value)),
                None => match missing {
                    MissingKey::Default => Ok(None),
                    MissingKey::Zero if map.of() == super::value::Elements::Str => {
                        Ok(Some(Value::str("")))
                    }
                    MissingKey::Zero => Ok(Some(Value::Nil)),
                    MissingKey::Error => {
                        let name = quote(name);
                        Err(self.error(span, format!("map has no entry for key {name}")))
                    }
                },
            },
            Some(Value::Version(version)) => match version.method(name) {
                Some(method) => {
                    method.check_count(0).map_err(|e| self.place(e, span))?;
                    self.run(method, &[Value::Version(version)], span)
                }
                None => {
                    let of = Value::Version(version).type_name();
                    Err(self.error(span, format!("can't evaluate field {name} in type {of}")))
                }
            },
            Some(other) => {
                let of = other.type_name();
                Err(self.error(span, format!("can't evaluate field {name} in type {of}")))
            }
        }
    }
}
