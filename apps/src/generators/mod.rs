//! The generators of an ApplicationSet: each makes sets of parameters, one file per kind.

// Circle: clusters, git, list, matrix, merge, mod, sets, values: generators are made of generators, and the page picks the one that a set names.
mod clusters;
mod git;
mod list;
mod matrix;
mod merge;
mod sets;
mod values;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::Value as Json;

use crate::clusters::Cluster;
use crate::document;
use crate::params::{self, Params};
use crate::repository::Repository;
use crate::selector::Selector;
use crate::size;
use crate::substitute::{Filling, Substitution, Unfilled};
use crate::template::Failure;

/// What a generator may look at.
pub(crate) struct Context<'a> {
    repository: &'a Repository,
    clusters: &'a [Cluster],
    substitution: &'a Substitution,
    /// What was read of files, which the second generator of a matrix looks at again and again.
    files: RefCell<BTreeMap<String, Rc<Json>>>,
}

impl<'a> Context<'a> {
    pub(crate) fn new(
        repository: &'a Repository,
        clusters: &'a [Cluster],
        substitution: &'a Substitution,
    ) -> Context<'a> {
        Context { repository, clusters, substitution, files: RefCell::default() }
    }

    /// Returns the first document of a file.
    fn file(&self, path: &str) -> Result<Rc<Json>, String> {
        if let Some(known) = self.files.borrow().get(path) {
            return Ok(Rc::clone(known));
        }
        let bytes = self.repository.read(path).map_err(|e| e.to_string())?;
        let budget = &self.substitution.budget;
        budget.begin();
        let read = document::read_within(&bytes, budget).map_err(Failure::into_message)?;
        let read = Rc::new(read);
        // One for which there is no room is read again.
        if budget.has_kept(size::of_tree(&read)) {
            self.files.borrow_mut().insert(path.to_owned(), Rc::clone(&read));
        }
        Ok(read)
    }
}

/// The sets of one generator, and the template that goes with them.
pub(crate) struct Generated {
    pub(crate) params: Vec<Params>,
    pub(crate) template: Json,
}

/// The kinds of generators, in the order in which one of several kinds is worked off.
const KINDS: [&str; 9] = [
    "list",
    "clusters",
    "git",
    "scmProvider",
    "clusterDecisionResource",
    "pullRequest",
    "matrix",
    "merge",
    "plugin",
];

/// What a generator has besides its kind.
const SELECTOR: &str = "selector";

/// What errors of generators end with that only Argo CD itself can run.
pub(crate) const NEEDS_SERVER: &str = "needs a server, so a preview cannot run it";

/// The kinds that only Argo CD itself can run.
const OF_SERVERS: [&str; 4] = ["scmProvider", "clusterDecisionResource", "pullRequest", "plugin"];

/// How deep generators may be nested.
const DEEPEST: usize = 4;

/// Runs a generator of an ApplicationSet.
pub(crate) fn run(generator: &Json, context: &Context<'_>) -> Result<Vec<Generated>, Unfilled> {
    run_at(generator, context, None, 0)
}

/// Runs a generator inside of a matrix or a merge, with the parameters that fill it in.
fn run_child(
    generator: &Json,
    context: &Context<'_>,
    params: Option<&Params>,
    depth: usize,
) -> Result<Vec<Params>, Unfilled> {
    let mut generated = run_at(generator, context, params, depth)?;
    match generated.len() {
        1 => Ok(generated.remove(0).params),
        0 => Err(fault("", "the child generator names no kind of generator that is allowed here")),
        _ => Err(fault("", "the child generator has more than one kind of generator")),
    }
}

fn run_at(
    generator: &Json,
    context: &Context<'_>,
    params: Option<&Params>,
    depth: usize,
) -> Result<Vec<Generated>, Unfilled> {
    let Some(members) = generator.as_object() else {
        return Err(fault("", "the generator is not a map"));
    };
    if let Some(unknown) = members.keys().find(|key| !is_known(key)) {
        let message = format!("there is no kind of generator `{unknown}`");
        return Err(fault(unknown, message));
    }
    let selector = generator.get(SELECTOR).filter(|selector| !selector.is_null());
    let selector = selector
        .map(Selector::read)
        .transpose()
        .map_err(|message| fault(SELECTOR, format!("selector: {message}")))?;
    let mut all = Vec::new();
    for kind in KINDS {
        let Some(own) = generator.get(kind).filter(|own| !own.is_null()) else { continue };
        // What is nested twice may only hold generators that hold no others.
        if depth > 1 && matches!(kind, "matrix" | "merge") {
            continue;
        }
        let filled: Json;
        let filled = match params.filter(|params| !params.is_empty()) {
            Some(params) => {
                let filling = Filling::new(params);
                filled = interpolated(kind, own, context.substitution, &filling)
                    .map_err(|e| e.below(kind))?;
                &filled
            }
            None => own,
        };
        let params = match kind {
            "list" => list::sets(filled, context),
            "clusters" => clusters::sets(filled, context),
            "git" => git::sets(filled, context),
            "matrix" => matrix::sets(filled, context, depth),
            "merge" => merge::sets(filled, context, depth),
            _ => Err(fault("", format!("the generator {kind} {NEEDS_SERVER}"))),
        };
        let mut params = params.map_err(|e| e.below(kind))?;
        if let Some(selector) = &selector {
            params = selected(params, selector, context)?;
        }
        let template = own.get("template").cloned().unwrap_or(Json::Null);
        all.push(Generated { params, template });
    }
    Ok(all)
}

/// Returns the kind within a generator of which nobody here knows what it finds, if there is one.
pub(crate) fn unseen(generator: &Json, knows_clusters: bool) -> Option<&'static str> {
    let mut open = vec![(generator, 0)];
    while let Some((generator, depth)) = open.pop() {
        let has = |kind: &str| generator.get(kind).is_some_and(|own| !own.is_null());
        let kind = OF_SERVERS.into_iter().find(|kind| has(kind));
        let clusters = || (!knows_clusters && has("clusters")).then_some("clusters");
        if let Some(kind) = kind.or_else(clusters) {
            return Some(kind);
        }
        for kind in ["matrix", "merge"] {
            let inner = generator.get(kind).map_or(&[][..], children);
            open.extend(inner.iter().filter(|_| depth < DEEPEST).map(|inner| (inner, depth + 1)));
        }
    }
    None
}

fn is_known(key: &str) -> bool {
    key == SELECTOR || KINDS.contains(&key)
}

fn selected(
    sets: Vec<Params>,
    selector: &Selector,
    context: &Context<'_>,
) -> Result<Vec<Params>, Unfilled> {
    let mut kept = Vec::with_capacity(sets.len());
    for set in sets {
        let flat = params::flattened(&set, &context.substitution.budget)
            .map_err(|e| fault(SELECTOR, e.to_string()))?;
        if selector.matches(|key| flat.get(key).map(String::as_str)) {
            kept.push(set);
        }
    }
    Ok(kept)
}

/// Fills in the second generator of a matrix with what the first one found.
///
/// Its own `values` may also name what it finds itself, so one that does not work out yet is left.
fn interpolated(
    kind: &str,
    generator: &Json,
    substitution: &Substitution,
    filling: &Filling<'_>,
) -> Result<Json, Unfilled> {
    let Some(members) = generator.as_object() else { return Ok(generator.clone()) };
    let mut filled = serde_json::Map::new();
    for (key, value) in members {
        let value = match (key.as_str(), value) {
            ("template", value) => value.clone(),
            ("values", Json::Object(values)) if matches!(kind, "git" | "clusters") => {
                values::early(values, substitution, filling)
            }
            (_, value) => substitution.tree(value, filling).map_err(|e| e.below(key))?,
        };
        filled.insert(key.clone(), value);
    }
    Ok(Json::Object(filled))
}

/// Returns the children of a matrix or a merge.
fn children(generator: &Json) -> &[Json] {
    generator.get("generators").and_then(Json::as_array).map_or(&[], Vec::as_slice)
}

fn fault(path: impl Into<String>, message: impl Into<String>) -> Unfilled {
    Unfilled { path: path.into(), message: message.into() }
}
