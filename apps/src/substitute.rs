//! Texts with parameters in them: Go templates, or `{{name}}` and nothing else.

use std::cell::OnceCell;
use std::sync::Arc;

use serde_json::Value as Json;

use crate::functions;
use crate::params::{self, Params};
use crate::template::{self, Budget, Functions, MissingKey, Value};

/// How the texts of an ApplicationSet are filled in.
pub(crate) struct Substitution {
    pub(crate) go: bool,
    pub(crate) missing: MissingKey,
    /// What all texts of a call may take together.
    pub(crate) budget: Arc<Budget>,
    functions: OnceCell<Functions>,
}

/// Why a text cannot be filled in, and where it stands in its tree.
#[derive(Debug)]
pub(crate) struct Unfilled {
    /// Names and indexes with dots between.
    pub(crate) path: String,
    pub(crate) message: String,
}

/// One set of parameters, put into the form that is asked for.
pub(crate) struct Filling<'p> {
    params: &'p Params,
    data: OnceCell<Value>,
}

impl<'p> Filling<'p> {
    pub(crate) fn new(params: &'p Params) -> Filling<'p> {
        Filling { params, data: OnceCell::new() }
    }
}

impl Substitution {
    pub(crate) fn new(go: bool, missing: MissingKey, budget: &Arc<Budget>) -> Substitution {
        Substitution { go, missing, budget: Arc::clone(budget), functions: OnceCell::new() }
    }

    /// Fills in a text.
    pub(crate) fn text(&self, text: &str, filling: &Filling<'_>) -> Result<String, String> {
        self.text_with(text, filling, self.missing)
    }

    /// Fills in a text, with another rule for missing keys.
    pub(crate) fn text_with(
        &self,
        text: &str,
        filling: &Filling<'_>,
        missing: MissingKey,
    ) -> Result<String, String> {
        if !text.contains("{{") {
            self.budget.bytes(text.len()).map_err(|e| e.to_string())?;
            return Ok(text.to_owned());
        }
        if !self.go {
            return names(text, filling.params);
        }
        let functions = self.functions.get_or_init(|| Functions::with(functions::FUNCTIONS));
        let data = filling.data.get_or_init(|| params::data(filling.params));
        template::render(text, data, functions, missing, &self.budget).map_err(|e| e.to_string())
    }

    /// Fills in all texts of a tree, keys of maps included. Nulls of maps vanish.
    pub(crate) fn tree(&self, tree: &Json, filling: &Filling<'_>) -> Result<Json, Unfilled> {
        Ok(match tree {
            Json::String(text) => {
                let filled = self.text(text, filling);
                Json::String(filled.map_err(|message| Unfilled { path: String::new(), message })?)
            }
            Json::Array(items) => {
                let mut filled = Vec::with_capacity(items.len());
                for (i, item) in items.iter().enumerate() {
                    filled.push(self.tree(item, filling).map_err(|e| e.below(&i.to_string()))?);
                }
                Json::Array(filled)
            }
            Json::Object(members) => {
                let mut filled = serde_json::Map::new();
                for (key, value) in members.iter().filter(|(_, value)| !value.is_null()) {
                    let name = self.text(key, filling);
                    let name = name.map_err(|message| Unfilled { path: key.clone(), message })?;
                    filled.insert(name, self.tree(value, filling).map_err(|e| e.below(key))?);
                }
                Json::Object(filled)
            }
            other => other.clone(),
        })
    }
}

impl Unfilled {
    pub(crate) fn below(mut self, step: &str) -> Unfilled {
        self.path =
            if self.path.is_empty() { step.to_owned() } else { format!("{step}.{}", self.path) };
        self
    }
}

/// Puts texts in place of their names in braces; what is no name of a text stays.
///
/// Odd: a text in which no line has both braces is left alone, even if one is not closed.
fn names(text: &str, params: &Params) -> Result<String, String> {
    let has_tag = |line: &str| line.find("{{").is_some_and(|i| line[i + 2..].contains("}}"));
    if !text.split('\n').any(has_tag) {
        return Ok(text.to_owned());
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((tag, after)) = after.split_once("}}") else {
            return Err(format!("cannot find end tag=\"}}}}\" in the template {text:?}"));
        };
        out.push_str(before);
        match params.get(tag.trim()) {
            Some(Value::Str(value)) if !tag.trim().is_empty() => out.push_str(value),
            _ => {
                out.push_str("{{");
                out.push_str(tag);
                out.push_str("}}");
            }
        }
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}
