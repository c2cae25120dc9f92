//! Generates Applications: runs the generators, then fills the template with each set of parameters.

use std::sync::Arc;

use serde_json::{Map, Value as Json, json};

use crate::application::{Application, Origin};
use crate::clusters::Cluster;
use crate::failures::Failures;
use crate::functions::kind;
use crate::generators::{self, Context, Generated};
use crate::params::Params;
use crate::problem::Problem;
use crate::repository::Repository;
use crate::size;
use crate::substitute::{Filling, Substitution, TOO_MUCH, Unfilled};
use crate::template::{Budget, MissingKey};
use crate::template_patch;

/// What Argo CD adds to Applications that delete what they made when they go.
const FINALIZER: &str = "resources-finalizer.argocd.argoproj.io";

/// What an Application takes besides its fields.
const APPLICATION: usize = 1500;

/// What looks at an Application later takes, besides what it takes for each source.
const STEPS: usize = 600;
const STEPS_OF_A_SOURCE: usize = 200;

/// What is said where there are too many Applications that somebody wrote.
const TOO_MANY: &str = "there are too many Applications, or they have too many sources";

/// What to do about it.
const MORE: &str = "name fewer files at a time, or allow more with --limits";

/// Makes the Applications of an ApplicationSet.
///
/// What fails takes nothing else with it: a generator, or one set of parameters. A problem comes with
/// the path of what is to blame.
pub(crate) fn generate(
    set: &Json,
    origin: &Origin,
    repository: &Repository,
    clusters: &[Cluster],
    budget: &Arc<Budget>,
) -> (Vec<Application>, Vec<(String, Problem)>) {
    let mut problems = Vec::new();
    let substitution = match substitution(set, budget) {
        Ok(substitution) => substitution,
        Err(e) => return (Vec::new(), vec![problem("invalid-option", e)]),
    };
    let generators = match set.pointer("/spec/generators") {
        // An empty list is one, and makes nothing.
        Some(Json::Array(generators)) => generators.as_slice(),
        _ => {
            let message = "the ApplicationSet has no list of generators";
            problems.push(problem("generator", fault("spec", message)));
            &[]
        }
    };
    let base = set.pointer("/spec/template").unwrap_or(&Json::Null);
    let mut applications = Vec::new();
    let mut ended = None;
    for (i, generator) in generators.iter().enumerate() {
        let path = format!("spec.generators.{i}");
        let context = Context::new(repository, clusters, &substitution);
        let (generated, held) = budget.counted(|| generators::run(generator, &context));
        match generated {
            Ok(generated) if generated.is_empty() => {
                let message = "the generator names no kind of generator, so it makes nothing";
                problems.push((path, Problem::warning("no-applications", message)));
            }
            Ok(generated) => {
                let mut failures = Failures::default();
                'sets: for Generated { params, template } in generated {
                    let template = merged_template(&template, base);
                    for params in &params {
                        let made = || application(set, &template, params, &substitution);
                        match budget.counted(made) {
                            (made, _) if budget.is_spent() => {
                                let fault = made.err().unwrap_or_else(|| fault("spec", TOO_MUCH));
                                ended = Some(problem("template", fault));
                                break 'sets;
                            }
                            (Ok(object), _) => {
                                applications.push(Application::new(object, origin.clone()));
                            }
                            (Err(e), held) => {
                                // What there was of it is gone, but for what is told.
                                budget.gives_back(held.saturating_sub(4 * e.message.len() as u64));
                                failures.add(problem("template", e), params);
                            }
                        }
                    }
                }
                problems.extend(failures.told());
            }
            Err(e) if budget.is_spent() => ended = Some(problem("generator", e.below(&path))),
            Err(e) => problems.push(problem("generator", e.below(&path))),
        }
        // The sets are gone, too.
        budget.gives_back(held);
        if ended.is_some() {
            break;
        }
    }
    problems.extend(ended.map(|(path, problem)| {
        let count = applications.len();
        let hint = format!("nothing more is made, after {count} Applications of this one: {MORE}");
        (path, problem.hint(hint))
    }));
    (applications, problems)
}

fn problem(code: &'static str, unfilled: Unfilled) -> (String, Problem) {
    let Unfilled { path, message } = unfilled;
    let message = if path.is_empty() { message } else { format!("{path}: {message}") };
    (path, Problem::error(code, message))
}

fn fault(path: &str, message: impl Into<String>) -> Unfilled {
    Unfilled { path: path.to_owned(), message: message.into() }
}

/// Returns how the texts of a set are filled in.
fn substitution(set: &Json, budget: &Arc<Budget>) -> Result<Substitution, Unfilled> {
    let go = set.pointer("/spec/goTemplate") == Some(&Json::Bool(true));
    let mut missing = MissingKey::Default;
    let options = set.pointer("/spec/goTemplateOptions").and_then(Json::as_array);
    for option in options.into_iter().flatten().filter(|_| go) {
        missing = match option.as_str().unwrap_or_default() {
            "missingkey=default" | "missingkey=invalid" => MissingKey::Default,
            "missingkey=zero" => MissingKey::Zero,
            "missingkey=error" => MissingKey::Error,
            other => {
                let message = format!(
                    "unrecognized option: {other}; there are missingkey=default, missingkey=zero and missingkey=error"
                );
                return Err(fault("spec.goTemplateOptions", message));
            }
        };
    }
    Ok(Substitution::new(go, missing, budget))
}

/// Puts the template of a generator over that of the set: what it does not have, or has empty, comes
/// from there.
fn merged_template(own: &Json, base: &Json) -> Json {
    match (own, base) {
        (Json::Object(own), Json::Object(base)) => {
            let mut merged: Map<String, Json> = base.clone();
            for (key, value) in own {
                let value = match base.get(key) {
                    // What a chart gets is one value, which is not looked into.
                    Some(other) if key != "valuesObject" => merged_template(value, other),
                    _ => value.clone(),
                };
                merged.insert(key.clone(), value);
            }
            Json::Object(merged)
        }
        (own, base) if is_empty(own) => base.clone(),
        (own, _) => own.clone(),
    }
}

fn is_empty(json: &Json) -> bool {
    match json {
        Json::Null | Json::Bool(false) => true,
        Json::Bool(true) => false,
        Json::Number(number) => number.as_f64() == Some(0.0),
        Json::String(text) => text.is_empty(),
        Json::Array(items) => items.is_empty(),
        Json::Object(members) => members.is_empty(),
    }
}

fn application(
    set: &Json,
    template: &Json,
    params: &Params,
    substitution: &Substitution,
) -> Result<Json, Unfilled> {
    substitution.pay(STEPS, APPLICATION)?;
    let filling = Filling::new(params);
    // Odd: without any parameter the template stays as it is, whatever it says.
    let filled = if params.is_empty() {
        substitution.pay(0, size::of_tree(template))?;
        template.clone()
    } else {
        substitution.tree(template, &filling).map_err(|e| e.below("spec.template"))?
    };
    let Json::Object(mut filled) = filled else {
        return Err(fault(
            "spec.template",
            format!("the template is {}, not a map", kind(&filled)),
        ));
    };
    let mut metadata = match filled.remove("metadata") {
        Some(Json::Object(metadata)) => metadata,
        _ => Map::new(),
    };
    if !params.is_empty() && finalizes(set) && metadata.get("finalizers").is_none_or(is_empty) {
        metadata.insert("finalizers".to_owned(), json!([FINALIZER]));
    }
    let mut object = json!({
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": metadata,
        "spec": filled.remove("spec").unwrap_or_else(|| json!({})),
    });
    if let Some(patch) = set.pointer("/spec/templatePatch").and_then(Json::as_str) {
        let patched = substitution
            .text(patch, &filling)
            .and_then(|patch| template_patch::apply(&object, &patch, &substitution.budget));
        let patched = patched
            .map_err(|message| fault("spec.templatePatch", format!("templatePatch: {message}")))?;
        let more = size::of_tree(&patched).saturating_sub(size::of_tree(&object));
        substitution.pay(0, more)?;
        object = patched;
    }
    check(&object)?;
    substitution.pay(cost_of_sources(&object), 0)?;
    // The Applications live where their set does.
    if let Some(metadata) = object.get_mut("metadata").and_then(Json::as_object_mut) {
        match set.pointer("/metadata/namespace") {
            Some(namespace) => metadata.insert("namespace".to_owned(), namespace.clone()),
            None => metadata.remove("namespace"),
        };
    }
    Ok(object)
}

/// Returns what the sources of an Application cost.
fn cost_of_sources(object: &Json) -> usize {
    let sources = object.pointer("/spec/sources").and_then(Json::as_array);
    sources.map_or(0, Vec::len).saturating_mul(STEPS_OF_A_SOURCE)
}

/// Takes away what an Application costs that somebody wrote, or says that it is too much.
pub(crate) fn pay_written(object: &Json, budget: &Budget) -> Option<Problem> {
    let paid = budget.steps(STEPS / 2 + cost_of_sources(object));
    paid.is_err().then(|| Problem::error("limit", TOO_MANY).hint(MORE))
}

fn finalizes(set: &Json) -> bool {
    set.pointer("/spec/syncPolicy/preserveResourcesOnDeletion") != Some(&Json::Bool(true))
}

/// Checks what no Application can be without.
fn check(object: &Json) -> Result<(), Unfilled> {
    let path = "spec.template.metadata.name";
    match object.pointer("/metadata/name") {
        Some(Json::String(name)) if !name.is_empty() => Ok(()),
        None | Some(Json::Null | Json::String(_)) => {
            Err(fault(path, "the Application would have no name"))
        }
        Some(other) => Err(fault(path, format!("the name is {}, not a string", kind(other)))),
    }
}
