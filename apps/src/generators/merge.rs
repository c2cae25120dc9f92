//! The merge generator: the sets of one generator, overridden by those of others that have the same
//! keys.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::params::{self, Params};
use crate::substitute::Unfilled;
use crate::template::{Budget, Value};

use super::sets::pay;
use super::{Context, children, fault, matrix, run_child};

pub(super) fn sets(
    generator: &Json,
    context: &Context<'_>,
    depth: usize,
) -> Result<Vec<Params>, Unfilled> {
    let children = children(generator);
    if children.len() < 2 {
        let count = children.len();
        return Err(fault(
            "generators",
            format!("a merge has two generators or more, not {count}"),
        ));
    }
    let mut all = Vec::with_capacity(children.len());
    for (i, child) in children.iter().enumerate() {
        let sets = run_child(child, context, None, depth + 1);
        all.push(sets.map_err(|e| e.below(&format!("generators.{i}")))?);
    }
    let keys = generator.get("mergeKeys").and_then(Json::as_array);
    let mut keys: Vec<&str> = keys.into_iter().flatten().filter_map(Json::as_str).collect();
    keys.sort_unstable();
    keys.dedup();
    if keys.is_empty() {
        return Err(fault("", "the merge generator has no `mergeKeys`"));
    }
    let budget = &context.substitution.budget;
    let mut others = all.into_iter();
    let mut base = others.next().unwrap_or_default();
    let base_keys = distinct(&base, &keys, 0, budget)?;
    for (i, sets) in others.enumerate() {
        let by_key = distinct(&sets, &keys, i + 1, budget)?;
        for (key, place) in &base_keys {
            let Some(over) = by_key.get(key).and_then(|at| sets.get(*at)) else { continue };
            let Some(set) = base.get_mut(*place) else { continue };
            *set = if context.substitution.go {
                params::joined(set, over)
            } else {
                let mut texts = matrix::texts(set, budget)?;
                texts.extend(matrix::texts(over, budget)?);
                texts.into_iter().map(|(name, text)| (name, Value::str(text))).collect()
            };
            pay(set, budget)?;
        }
    }
    Ok(base)
}

/// Returns where the set with certain values of the merge keys stands.
fn distinct(
    sets: &[Params],
    keys: &[&str],
    generator: usize,
    budget: &Budget,
) -> Result<BTreeMap<String, usize>, Unfilled> {
    let mut by_key = BTreeMap::new();
    for (i, set) in sets.iter().enumerate() {
        let mut parts = Vec::with_capacity(keys.len());
        for key in keys {
            let value = match set.get(*key) {
                None | Some(Value::Nil) => "null".to_owned(),
                Some(Value::Str(text)) => format!("{text:?}"),
                Some(other) => {
                    let text = params::text(other, budget).map_err(|e| fault("", e.to_string()))?;
                    format!("{} {text}", other.type_name())
                }
            };
            parts.push(format!("{key}: {value}"));
        }
        let key = parts.join(", ");
        budget.keeps(key.len()).map_err(|e| fault("", e.to_string()))?;
        if by_key.insert(key.clone(), i).is_some() {
            let message = format!("two sets of this generator have the same merge keys ({key})");
            return Err(fault(format!("generators.{generator}"), message));
        }
    }
    Ok(by_key)
}
