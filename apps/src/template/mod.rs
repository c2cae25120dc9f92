//! Templates of Go's `text/template`, with the functions of sprig. Knows nothing of Kubernetes.
//!
//! ```text
//! source ── lexer ── parser ── Tree ── exec ── text
//!                        functions: builtins, sprig/, those of whoever uses it
//! ```
//!
//! Values have the types that Go would give them, for templates can tell: `eq 1 1.0` is an error, and a
//! number of a YAML file is a `float64` and prints as such. What a template may do is limited by a
//! [`Budget`]; neither source nor data make it panic.

// Circle: builtins, exec, function, mod, print, printf, sprig, value, weight: a value may be a function, and functions work on values.
mod ast;
mod budget;
mod builtins;
mod error;
mod exec;
mod floats;
mod function;
mod lexer;
mod number;
mod parser;
mod print;
mod printf;
mod sprig;
mod strings;
mod value;
mod weight;

use std::collections::BTreeMap;

pub use budget::Budget;
pub use error::{TemplateError, TemplateErrorKind};
pub use function::{Args, Failure, Function, function};
pub(crate) use print::plain;
pub use value::{Elements, IntType, List, Map, Value};
pub(crate) use weight::{map_bytes, map_places, own_text};

/// The functions that templates may call.
pub struct Functions(BTreeMap<&'static str, &'static Function>);

impl Functions {
    /// Returns the functions of `text/template` and sprig, and more.
    ///
    /// Functions that look at the machine are not there, as in Argo CD; those that are random or read a
    /// clock are, but answer with an error that says so.
    pub fn with(more: &'static [Function]) -> Functions {
        let tables = [builtins::FUNCTIONS].into_iter().chain(sprig::TABLES.iter().copied());
        let all = tables.chain([more]).flatten();
        Functions(all.map(|function| (function.name, function)).collect())
    }

    /// Returns all of them, and the methods of their values.
    #[cfg(test)]
    pub(crate) fn all(&self) -> impl Iterator<Item = &'static Function> {
        self.0.values().copied().chain(sprig::Version::methods())
    }

    fn get(&self, name: &str) -> Option<&'static Function> {
        self.0.get(name).copied()
    }
}

/// What a key that a map does not have yields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MissingKey {
    /// No value, printed as `<no value>`.
    #[default]
    Default,
    /// The zero value of the map's elements.
    Zero,
    /// An error.
    Error,
}

/// A template that may be rendered many times.
#[derive(Debug)]
pub(crate) struct Template {
    source: String,
    tree: ast::Tree,
}

impl Template {
    /// Parses a template.
    ///
    /// # Errors
    /// If the text is none, or is too long.
    pub(crate) fn parse(
        source: &str,
        functions: &Functions,
        budget: &Budget,
    ) -> Result<Template, TemplateError> {
        let tree = parser::parse(source, &|name| functions.get(name).is_some(), budget)?;
        Ok(Template { source: source.to_owned(), tree })
    }

    /// Renders the template with some data.
    ///
    /// # Errors
    /// If it cannot be executed with this data, or does too much.
    pub(crate) fn render(
        &self,
        data: &Value,
        functions: &Functions,
        missing: MissingKey,
        budget: &Budget,
    ) -> Result<String, TemplateError> {
        let (source, tree) = (self.source.as_str(), &self.tree);
        budget.begin();
        exec::execute(&exec::Scope { source, tree, functions, missing, budget }, data)
    }
}

/// Renders a template with some data.
///
/// # Errors
/// If the text is no template, cannot be executed with this data, or does too much.
pub fn render(
    source: &str,
    data: &Value,
    functions: &Functions,
    missing: MissingKey,
    budget: &Budget,
) -> Result<String, TemplateError> {
    Template::parse(source, functions, budget)?.render(data, functions, missing, budget)
}
