//! Texts with parameters in them: Go templates, or `{{name}}` and nothing else.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use kustom::Limits;
use serde_json::Value as Json;

use crate::functions;
use crate::params::{self, Params};
use crate::size;
use crate::template::{Budget, Functions, MissingKey, Template, TemplateError, Value};

/// How long a text may become: no cluster takes an object that is longer.
const LONGEST: usize = 2 << 20;

/// What a value costs that is filled in, with all that looks at it later.
const STEPS_OF_A_VALUE: usize = 12;

/// What is said where a budget does not last for what is not a text.
pub(crate) const TOO_MUCH: &str =
    "the ApplicationSets make too many sets and Applications, or too large ones";

/// Returns what the Applications of a call may take within limits: by [`nodes`](Limits::nodes) and
/// [`output_bytes`](Limits::output_bytes); as much as by default within those.
pub(crate) fn budget(limits: &Limits) -> Budget {
    Budget::new(limits.nodes.saturating_mul(20), limits.output_bytes.saturating_mul(2))
}

/// How the texts of an ApplicationSet are filled in.
pub(crate) struct Substitution {
    pub(crate) go: bool,
    pub(crate) missing: MissingKey,
    /// What all texts of a call may take together.
    pub(crate) budget: Arc<Budget>,
    functions: OnceCell<Functions>,
    templates: RefCell<Templates>,
}

/// Templates that were parsed, by their texts, and how many bytes these have.
#[derive(Default)]
struct Templates {
    known: BTreeMap<String, Rc<Template>>,
    bytes: usize,
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
        Substitution {
            go,
            missing,
            budget: Arc::clone(budget),
            functions: OnceCell::new(),
            templates: RefCell::default(),
        }
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
        let filled = if !text.contains("{{") {
            self.budget.reads(text.len() / 8).map_err(|e| e.to_string())?;
            text.to_owned()
        } else if !self.go {
            names(text, filling.params, &self.budget)?
        } else {
            let data = filling.data.get_or_init(|| params::data(filling.params));
            let template = self.template(text);
            let made =
                template.and_then(|it| it.render(data, self.functions(), missing, &self.budget));
            made.map_err(|e| e.to_string())?
        };
        if filled.len() > LONGEST {
            return Err(too_long());
        }
        self.budget.keeps(filled.len()).map_err(|e| e.to_string())?;
        Ok(filled)
    }

    /// Takes away what a part of an Application costs.
    ///
    /// # Errors
    /// If that is too much.
    pub(crate) fn pay(&self, steps: usize, bytes: usize) -> Result<(), Unfilled> {
        let paid = self.budget.steps(steps).and_then(|()| self.budget.keeps(bytes));
        paid.map_err(|_| Unfilled { path: String::new(), message: TOO_MUCH.to_owned() })
    }

    fn functions(&self) -> &Functions {
        self.functions.get_or_init(|| Functions::with(functions::FUNCTIONS))
    }

    /// Returns a text as a template; most are filled in many times, so the first ones are kept.
    fn template(&self, text: &str) -> Result<Rc<Template>, TemplateError> {
        /// How many bytes are kept.
        const KEPT: usize = 256 << 10;
        let mut templates = self.templates.borrow_mut();
        if let Some(template) = templates.known.get(text) {
            return Ok(Rc::clone(template));
        }
        let template = Rc::new(Template::parse(text, self.functions(), &self.budget)?);
        if templates.bytes + text.len() <= KEPT {
            templates.bytes += text.len();
            templates.known.insert(text.to_owned(), Rc::clone(&template));
        }
        Ok(template)
    }

    /// Fills in all texts of a tree, keys of maps included. Nulls of maps vanish.
    pub(crate) fn tree(&self, tree: &Json, filling: &Filling<'_>) -> Result<Json, Unfilled> {
        let unfilled = |message| Unfilled { path: String::new(), message };
        let size = match tree {
            // The text itself counts as it becomes.
            Json::String(_) => size::of_text(0),
            Json::Object(members) => {
                size::of_node(tree).saturating_add(size::of_text(0).saturating_mul(members.len()))
            }
            _ => size::of_node(tree),
        };
        self.pay(STEPS_OF_A_VALUE, size)?;
        Ok(match tree {
            Json::String(text) => Json::String(self.text(text, filling).map_err(unfilled)?),
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

fn too_long() -> String {
    format!("a text would have more than {} MiB", LONGEST >> 20)
}

/// Puts texts in place of their names in braces; what is no name of a text stays.
///
/// Odd: a text in which no line has both braces is left alone, even if one is not closed.
fn names(text: &str, params: &Params, budget: &Budget) -> Result<String, String> {
    budget.reads(text.len().saturating_mul(2)).map_err(|e| e.to_string())?;
    let has_tag = |line: &str| line.find("{{").is_some_and(|i| line[i + 2..].contains("}}"));
    if !text.split('\n').any(has_tag) {
        return Ok(text.to_owned());
    }
    let mut out = String::new();
    let mut push = |part: &str| {
        if out.len() + part.len() > LONGEST {
            return Err(too_long());
        }
        out.push_str(part);
        budget.reads(part.len() / 4).map_err(|e| e.to_string())
    };
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((tag, after)) = after.split_once("}}") else {
            return Err(format!("cannot find end tag=\"}}}}\" in the template {text:?}"));
        };
        push(before)?;
        match params.get(tag.trim()) {
            Some(Value::Str(value)) if !tag.trim().is_empty() => push(value)?,
            _ => ["{{", tag, "}}"].into_iter().try_for_each(&mut push)?,
        }
        rest = after;
    }
    push(rest)?;
    Ok(out)
}
