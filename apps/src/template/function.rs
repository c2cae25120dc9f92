//! What a function is, and how its arguments get there.

use std::rc::Rc;

use super::budget::Budget;
use super::error::{TemplateError, TemplateErrorKind};
use super::value::{Elements, IntType, Map, Value};
use super::weight::map_bytes;

/// How many steps a call takes whatever it does.
const STEPS_OF_A_CALL: usize = 4;

/// How many bytes must be left for each byte of the arguments: what a function makes of them is at most about as long,
/// unless it says so itself.
const ROOM: usize = 16;

/// A function of templates.
#[derive(Clone, Copy)]
pub struct Function {
    /// What templates call it.
    pub(crate) name: &'static str,
    /// The types of its parameters, a letter each: see [`Type::of`]. A `*` at the end says that the last
    /// one may be there any number of times.
    pub(crate) parameters: &'static str,
    /// Runs only in [`Function::call`].
    run: fn(&Args<'_>) -> Result<Value, Failure>,
}

/// Returns a function.
pub const fn function(
    name: &'static str,
    parameters: &'static str,
    run: fn(&Args<'_>) -> Result<Value, Failure>,
) -> Function {
    Function { name, parameters, run }
}

/// Why a function has no value.
#[derive(Debug)]
pub enum Failure {
    /// The function says so.
    Message(String),
    /// Something else is to blame.
    Error(TemplateError),
}

impl Failure {
    /// Returns what it says.
    pub(crate) fn into_message(self) -> String {
        match self {
            Failure::Message(message) => message,
            Failure::Error(error) => error.to_string(),
        }
    }
}

impl From<TemplateError> for Failure {
    fn from(error: TemplateError) -> Failure {
        Failure::Error(error)
    }
}

impl From<String> for Failure {
    fn from(message: String) -> Failure {
        Failure::Message(message)
    }
}

impl From<&str> for Failure {
    fn from(message: &str) -> Failure {
        Failure::Message(message.to_owned())
    }
}

/// The type of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    Any,
    Str,
    Int,
    Int64,
    Float,
    Bool,
    /// `map[string]interface {}`
    Map,
    /// `map[string]string`
    StrMap,
    /// `[]interface {}`
    List,
    /// `[]string`
    Strs,
    /// `*semver.Version`
    Version,
}

impl Type {
    fn of(letter: u8) -> Type {
        match letter {
            b's' => Type::Str,
            b'i' => Type::Int,
            b'I' => Type::Int64,
            b'f' => Type::Float,
            b'b' => Type::Bool,
            b'm' => Type::Map,
            b'M' => Type::StrMap,
            b'l' => Type::List,
            b'L' => Type::Strs,
            b'v' => Type::Version,
            _ => Type::Any,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Type::Any => "interface {}",
            Type::Str => "string",
            Type::Int => "int",
            Type::Int64 => "int64",
            Type::Float => "float64",
            Type::Bool => "bool",
            Type::Map => "map[string]interface {}",
            Type::StrMap => "map[string]string",
            Type::List => "[]interface {}",
            Type::Strs => "[]string",
            Type::Version => "*semver.Version",
        }
    }

    pub(super) fn takes(self, value: &Value) -> bool {
        match (self, value) {
            (Type::Any, _)
            | (Type::Str, Value::Str(_))
            | (Type::Int, Value::Int(_, IntType::Int))
            | (Type::Int64, Value::Int(_, IntType::Int64))
            | (Type::Float, Value::Float(_))
            | (Type::Bool, Value::Bool(_)) => true,
            (Type::Version, Value::Version(version)) => version.is_pointer(),
            (Type::Map, Value::Map(map)) => map.of() == Elements::Any,
            (Type::StrMap, Value::Map(map)) => map.of() == Elements::Str,
            (Type::List, Value::List(list)) => list.of() == Elements::Any,
            (Type::Strs, Value::List(list)) => list.of() == Elements::Str,
            _ => false,
        }
    }

    /// Returns what stands for no value, if the type has that.
    pub(super) fn nil(self) -> Option<Value> {
        match self {
            Type::Any => Some(Value::Nil),
            Type::Map => Some(Value::map::<&str>([])),
            Type::StrMap => Some(Value::string_map::<&str>([])),
            Type::List => Some(Value::list(Vec::new())),
            Type::Strs => Some(Value::strings::<&str>([])),
            _ => None,
        }
    }
}

impl Function {
    /// Calls the function, and takes away from a budget what that costs: steps for going through the arguments once, and
    /// bytes for what is made. What goes through them several times, or makes far more of them than they are, says so
    /// itself before.
    ///
    /// # Errors
    /// If the function has no value, or there is no budget for it.
    pub(crate) fn call(&self, values: &[Value], budget: &Budget) -> Result<Value, Failure> {
        let length = values.iter().fold(0usize, |all, value| all.saturating_add(value.length()));
        budget.steps(STEPS_OF_A_CALL + values.len())?;
        budget.reads(length)?;
        budget.has_room(length.saturating_mul(ROOM))?;
        let before = budget.left_to_make();
        let value = (self.run)(&Args { values, budget })?;
        // What the function has said itself counts once.
        let said = usize::try_from(before - budget.left_to_make()).unwrap_or(usize::MAX);
        budget.makes(value.made()?.saturating_sub(said))?;
        Ok(value)
    }

    /// Returns the types that are always there, and that of any further ones.
    pub(super) fn types(&self) -> (&[u8], Option<Type>) {
        let letters = self.parameters.as_bytes();
        match letters {
            [fixed @ .., last, b'*'] => (fixed, Some(Type::of(*last))),
            _ => (letters, None),
        }
    }

    /// Returns the type of a parameter.
    pub(super) fn type_at(&self, index: usize) -> Type {
        let (fixed, further) = self.types();
        fixed.get(index).map_or(further.unwrap_or(Type::Any), |letter| Type::of(*letter))
    }

    /// Checks how many arguments there are.
    pub(super) fn check_count(&self, count: usize) -> Result<(), TemplateError> {
        let (fixed, further) = self.types();
        let wrong = if further.is_some() { count < fixed.len() } else { count != fixed.len() };
        if !wrong {
            return Ok(());
        }
        let least = if further.is_some() { "at least " } else { "" };
        let (name, want) = (self.name, fixed.len());
        Err(TemplateError::new(
            TemplateErrorKind::Execute,
            format!("wrong number of args for {name}: want {least}{want} got {count}"),
        ))
    }
}

/// The arguments of a call, of the types that the function asks for.
pub struct Args<'a> {
    pub(super) values: &'a [Value],
    pub(super) budget: &'a Budget,
}

impl Args<'_> {
    /// Returns what the call may still take.
    pub(crate) fn budget(&self) -> &Budget {
        self.budget
    }

    /// Returns an argument.
    pub fn any(&self, index: usize) -> &Value {
        self.values.get(index).unwrap_or(&Value::Nil)
    }

    /// Returns all arguments.
    pub fn all(&self) -> &[Value] {
        self.values
    }

    /// Returns the arguments from one on.
    pub fn from(&self, index: usize) -> &[Value] {
        self.values.get(index..).unwrap_or_default()
    }

    /// Returns a text.
    pub fn str(&self, index: usize) -> &str {
        match self.any(index) {
            Value::Str(text) => text,
            _ => "",
        }
    }

    /// Returns a shared text.
    pub(super) fn rc(&self, index: usize) -> Rc<str> {
        match self.any(index) {
            Value::Str(text) => Rc::clone(text),
            _ => "".into(),
        }
    }

    /// Returns a whole number.
    pub fn int(&self, index: usize) -> i64 {
        match self.any(index) {
            Value::Int(value, _) => *value,
            _ => 0,
        }
    }

    /// Returns a boolean.
    pub fn bool(&self, index: usize) -> bool {
        matches!(self.any(index), Value::Bool(true))
    }

    /// Returns a map.
    pub(super) fn map(&self, index: usize) -> Map {
        match self.any(index) {
            Value::Map(map) => map.clone(),
            _ => Map::new(Default::default(), Elements::Any),
        }
    }

    /// Says how many bytes are about to be made, and copied to where they stay.
    ///
    /// # Errors
    /// If that is too much.
    pub fn will_make(&self, bytes: usize) -> Result<(), TemplateError> {
        self.budget.has_room(bytes.saturating_mul(2))?;
        self.budget.makes(bytes)
    }

    /// Says that a text is gone through which is in a list or a map, or is gone through once more.
    ///
    /// # Errors
    /// If that is too much.
    pub(crate) fn will_read(&self, bytes: usize) -> Result<(), TemplateError> {
        self.budget.reads(bytes)
    }

    /// Says how many bytes are about to be made that are gone when the function returns.
    ///
    /// # Errors
    /// If that is too much.
    pub(crate) fn will_hold(&self, bytes: usize) -> Result<(), TemplateError> {
        self.budget.has_room(bytes)
    }

    /// Says that a map of so many entries is about to be made.
    ///
    /// # Errors
    /// If that is too much.
    pub(super) fn will_map(&self, entries: usize) -> Result<(), TemplateError> {
        self.budget.steps(entries.saturating_add(1))?;
        self.budget.makes(map_bytes(entries))
    }

    /// Says how many elements are about to be made.
    ///
    /// # Errors
    /// If these are too many.
    pub fn will_list(&self, elements: usize) -> Result<(), TemplateError> {
        self.budget.steps(elements)?;
        self.budget.makes(elements.saturating_mul(size_of::<Value>()))
    }
}
