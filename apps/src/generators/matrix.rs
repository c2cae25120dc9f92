//! The matrix generator: each set of one generator with each of another.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::Value as Json;

use crate::params::{self, Params};
use crate::substitute::Unfilled;
use crate::template::{Budget, Value, map_bytes};

use super::sets::Sets;
use super::{Context, children, fault, run_child};

pub(super) fn sets(
    generator: &Json,
    context: &Context<'_>,
    depth: usize,
) -> Result<Vec<Params>, Unfilled> {
    let [first, second] = children(generator) else {
        let count = children(generator).len();
        return Err(fault("generators", format!("a matrix has two generators, not {count}")));
    };
    let firsts = run_child(first, context, None, depth + 1).map_err(|e| e.below("generators.0"))?;
    let budget = &context.substitution.budget;
    let mut sets = Sets::new(budget);
    for first in &firsts {
        let seconds = run_child(second, context, Some(first), depth + 1)
            .map_err(|e| e.below("generators.1"))?;
        for second in &seconds {
            sets.push(if context.substitution.go {
                params::joined(second, first)
            } else {
                united(first, second, budget)?
            })?;
        }
        // What they hold may stay, but not they themselves.
        let maps = seconds.iter().map(|second| map_bytes(second.len())).sum::<usize>();
        budget.gives_back(maps as u64);
    }
    Ok(sets.into_all())
}

/// Joins two sets of texts, which must not say different things of one name.
fn united(first: &Params, second: &Params, budget: &Budget) -> Result<Params, Unfilled> {
    let mut all = texts(first, budget)?;
    for (name, text) in texts(second, budget)? {
        if let Some(other) = all.get(&name).filter(|other| **other != text) {
            let message = format!(
                "both generators have the parameter `{name}`, with different values: {other:?} and {text:?}"
            );
            return Err(fault("generators.1", message));
        }
        all.insert(name, text);
    }
    Ok(all.into_iter().map(|(name, text)| (name, Value::str(text))).collect())
}

/// Returns all values as texts.
pub(super) fn texts(
    params: &Params,
    budget: &Budget,
) -> Result<BTreeMap<Rc<str>, String>, Unfilled> {
    let text = |(name, value): (&Rc<str>, &Value)| {
        let text = params::text(value, budget).map_err(|e| fault("", e.to_string()))?;
        Ok((Rc::clone(name), text))
    };
    params.iter().map(text).collect()
}
