//! A template as a tree.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::number::Number;

/// All templates that a text defines; the text itself has the empty name.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub(super) templates: BTreeMap<Rc<str>, Body>,
}

/// What is executed one after the other.
pub(super) type Body = Vec<Node>;

/// A piece of a template.
#[derive(Debug)]
pub(super) enum Node {
    Text(Span),
    Action(Pipe),
    If(Branch),
    With(Branch),
    Range(Branch),
    Template { name: Rc<str>, argument: Option<Pipe>, span: Span },
    Break,
    Continue,
}

/// A piece of the source, from its first byte to that after the last.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
}

#[derive(Debug)]
pub(super) struct Branch {
    pub(super) pipe: Pipe,
    pub(super) body: Body,
    pub(super) otherwise: Option<Body>,
}

/// Commands, each of which gets the value of the one before as its last argument.
#[derive(Debug)]
pub(super) struct Pipe {
    /// The variables that get the value.
    pub(super) variables: Vec<Rc<str>>,
    /// Whether these exist already.
    pub(super) assigns: bool,
    pub(super) commands: Vec<Command>,
    pub(super) span: Span,
}

/// An operand, or a function with its arguments.
#[derive(Debug)]
pub(super) struct Command {
    pub(super) operands: Vec<Operand>,
}

#[derive(Debug)]
pub(super) struct Operand {
    pub(super) kind: OperandKind,
    pub(super) span: Span,
}

#[derive(Debug)]
pub(super) enum OperandKind {
    Dot,
    Nil,
    Bool(bool),
    Number(Number),
    Str(Rc<str>),
    /// `.a.b`
    Field(Vec<Rc<str>>),
    /// `$a.b`
    Variable(Rc<str>, Vec<Rc<str>>),
    /// A function.
    Function(Rc<str>),
    /// `(...)`
    Pipe(Box<Pipe>),
    /// `(...).a.b`
    Chain(Box<Operand>, Vec<Rc<str>>),
}
