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

// Circle: builtins, exec, function, mod, print, printf, sprig, value: a value may be a function, and functions work on values.
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

use std::collections::BTreeMap;

pub use budget::Budget;
pub use error::{TemplateError, TemplateErrorKind};
pub use function::{Args, Failure, Function, function};
pub(crate) use print::plain;
pub use value::{Elements, IntType, List, Map, Value};

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
    let tree = parser::parse(source, &|name| functions.get(name).is_some())?;
    exec::execute(&exec::Scope { source, tree: &tree, functions, missing, budget }, data)
}
