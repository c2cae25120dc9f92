//! The table of hints: mistakes that are known where they are refused, each with its identifier, an example
//! and what to do.
//!
//! Whoever raises an error names the entry: `error.hint(&CYCLE)`, or `error.hint(CYCLE.with(text))` if more
//! is known than the table can say. What is recognized only when all is known is in `mistakes`, which has
//! entries of the same type. A new hint is one entry here, one place that names it, and one case in
//! `testdata/hints`; `docs/hints.md` is made from the tables.

mod charts;
mod commands;
mod elsewhere;
mod generators;
mod kustomization;
mod loading;
mod patches;
mod steps;

pub(crate) use charts::*;
pub(crate) use commands::*;
pub(crate) use elsewhere::*;
pub(crate) use generators::*;
pub(crate) use kustomization::*;
pub(crate) use loading::*;
pub(crate) use patches::*;
pub(crate) use steps::*;

/// A mistake that is recognized, and what to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Hint {
    /// The identifier, such as `glob-in-path`; it does not change between versions.
    pub id: &'static str,
    /// What the mistake is, in a sentence.
    pub looks_at: &'static str,
    /// Some lines that have it.
    pub example: &'static str,
    /// What to do; the hint of an error may be more exact.
    pub remedy: &'static str,
}

impl Hint {
    /// Returns the hint with words that are more exact than the remedy of the table.
    pub(crate) fn with(&self, text: impl Into<String>) -> Advice {
        Advice { id: self.id, text: text.into() }
    }
}

/// A hint as an error has it: which one, and its words. It comes from an entry of the table and from nowhere
/// else.
#[derive(Clone, Debug)]
pub(crate) struct Advice {
    pub(in crate::diagnostics) id: &'static str,
    pub(in crate::diagnostics) text: String,
}

/// The remedy of the table, as the part of a message.
impl From<&Hint> for Advice {
    fn from(hint: &Hint) -> Advice {
        let text = hint.remedy.trim_end_matches('.');
        let mut letters = text.chars();
        let first =
            letters.next().filter(|_| letters.clone().next().is_none_or(|c| !c.is_uppercase()));
        let text = match first {
            Some(first) => first.to_lowercase().chain(letters).collect(),
            None => text.to_owned(),
        };
        hint.with(text)
    }
}

/// Declares hints.
macro_rules! hints {
    ($table:ident; $($name:ident $id:literal {
        looks_at: $looks_at:literal,
        example: $example:literal,
        remedy: $remedy:literal
    })*) => {
        $(
            #[doc = $looks_at]
            pub(crate) static $name: $crate::diagnostics::Hint = $crate::diagnostics::Hint {
                id: $id,
                looks_at: $looks_at,
                example: $example,
                remedy: $remedy,
            };
        )*
        pub(super) static $table: &[&$crate::diagnostics::Hint] = &[$(&$name,)*];
    };
}
use hints;

/// Returns the hints that are known where an error is raised.
pub(crate) fn raised() -> impl Iterator<Item = &'static Hint> {
    let tables = [KUSTOMIZATION, LOADING, PATCHES, STEPS, GENERATORS, CHARTS, COMMANDS, ELSEWHERE];
    tables.into_iter().flatten().copied()
}
