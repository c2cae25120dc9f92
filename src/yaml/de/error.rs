//! Why a value does not fit the type it is read into.

use std::fmt;

use super::super::pos::Pos;

/// A value that does not fit its type.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct DecodeError {
    /// What is wrong, in the words of upstream.
    pub message: String,
    /// Where: the value, or the key if that is not known.
    pub pos: Pos,
    /// The field, for example `replicas[0].count`; empty for the whole.
    pub field: String,
    /// What it is and what to do about it, if that is known.
    pub hint: Option<(Slip, String)>,
    /// The key, if it is no field of the struct.
    pub unknown_field: Option<String>,
}

/// What people do when a value does not fit its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slip {
    /// They misspell a field.
    Field,
    /// They leave the quotes away.
    Unquoted,
    /// They write quotes where none belong.
    Quoted,
    /// They write a list for a mapping, or the like.
    Shape,
}

/// One step to the value at fault.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Key(String),
    Index(usize),
}

#[derive(Clone, Debug)]
enum Problem {
    Other(String),
    /// What it is and what it should be.
    Mismatch {
        found: String,
        wanted: String,
    },
    Unknown(String),
}

/// A [`DecodeError`] on its way up: it gathers the path.
#[derive(Clone, Debug)]
pub(super) struct Fault(Box<Repr>);

#[derive(Clone, Debug)]
struct Repr {
    problem: Problem,
    pos: Pos,
    hint: Option<(Slip, String)>,
    /// From the inside to the outside.
    path: Vec<Step>,
}

impl Fault {
    fn new(problem: Problem) -> Fault {
        Fault(Box::new(Repr { problem, pos: Pos::NONE, hint: None, path: Vec::new() }))
    }

    pub(super) fn other(message: impl Into<String>) -> Fault {
        Fault::new(Problem::Other(message.into()))
    }

    pub(super) fn mismatch(found: impl Into<String>, wanted: impl Into<String>) -> Fault {
        Fault::new(Problem::Mismatch { found: found.into(), wanted: wanted.into() })
    }

    pub(super) fn unknown(key: impl Into<String>) -> Fault {
        Fault::new(Problem::Unknown(key.into()))
    }

    /// Adds the place unless a more exact one is known.
    pub(super) fn at(mut self, pos: Pos) -> Fault {
        if !self.0.pos.is_some() {
            self.0.pos = pos;
        }
        self
    }

    pub(super) fn hint(mut self, hint: Option<(Slip, String)>) -> Fault {
        self.0.hint = self.0.hint.or(hint);
        self
    }

    pub(super) fn inside(mut self, step: Step) -> Fault {
        self.0.path.push(step);
        self
    }

    /// Returns the name of the wanted type, for a fault of a [`Probe`](super::probe::Probe).
    pub(super) fn wanted(self) -> String {
        match self.0.problem {
            Problem::Mismatch { wanted, .. } => wanted,
            _ => "another type".to_owned(),
        }
    }

    /// Words the error for a value of the type `type_name`.
    pub(super) fn finish(mut self, type_name: &str) -> DecodeError {
        self.0.path.reverse();
        let path = &self.0.path;
        let mut field = String::new();
        let mut dotted = type_name.to_owned();
        for step in path {
            match step {
                Step::Key(key) => {
                    field.push_str(if field.is_empty() { "" } else { "." });
                    field.push_str(key);
                    dotted.push('.');
                    dotted.push_str(key);
                }
                Step::Index(i) => {
                    field.push_str(&format!("[{i}]"));
                    dotted.push_str(&format!(".{i}"));
                }
            }
        }
        let mut unknown_field = None;
        let message = match self.0.problem {
            Problem::Other(text) => text,
            Problem::Unknown(key) => {
                let text = format!("json: unknown field {key:?}");
                unknown_field = Some(key);
                text
            }
            Problem::Mismatch { found, wanted } => {
                // Odd: upstream says "struct field" unless the path ends in a number
                // (case kustomization/list-for-label-with-number).
                let is_number = |key: &str| key.bytes().all(|b| b.is_ascii_digit());
                let place = match path.last() {
                    None => format!("Go value of type {wanted}"),
                    Some(Step::Key(key)) if !is_number(key) => {
                        format!("Go struct field {dotted} of type {wanted}")
                    }
                    Some(_) => format!("{dotted} of type {wanted}"),
                };
                format!("json: cannot unmarshal {found} into {place}")
            }
        };
        DecodeError { message, pos: self.0.pos, field, hint: self.0.hint, unknown_field }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.problem {
            Problem::Other(text) => f.write_str(text),
            Problem::Unknown(key) => write!(f, "unknown field {key:?}"),
            Problem::Mismatch { found, wanted } => write!(f, "{found} where {wanted} is expected"),
        }
    }
}

impl std::error::Error for Fault {}

impl serde::de::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Fault::other(message.to_string())
    }
}
