//! Failures of sets of parameters: each once, with the sets that it concerns.

use std::collections::BTreeMap;

use crate::params::Params;
use crate::problem::Problem;
use crate::template::Value;

/// Failures in their order, each with how often there was one and the first set of parameters.
#[derive(Default)]
pub(crate) struct Failures {
    all: Vec<(String, Problem, usize, Option<String>)>,
    /// Where each path and message is.
    places: BTreeMap<(String, String), usize>,
}

impl Failures {
    /// Adds a failure with a set of parameters.
    pub(crate) fn add(&mut self, (path, problem): (String, Problem), params: &Params) {
        let next = self.all.len();
        let place = *self.places.entry((path.clone(), problem.message.clone())).or_insert(next);
        match self.all.get_mut(place) {
            Some((_, _, count, _)) => *count += 1,
            None => self.all.push((path, problem, 1, described(params))),
        }
    }

    /// Returns each failure once, with a hint that says for which sets.
    pub(crate) fn told(self) -> impl Iterator<Item = (String, Problem)> {
        self.all.into_iter().map(|(path, problem, count, first)| {
            // What is taken away is so for all sets.
            if let Some(hint) = of_functions(&problem.message) {
                return (path, problem.hint(hint));
            }
            let hint = match (count, first) {
                (1, Some(first)) => Some(format!("it is the set of parameters with {first}")),
                (1, None) => None,
                (_, Some(first)) => {
                    Some(format!("so it is for {count} sets of parameters, the first with {first}"))
                }
                (_, None) => Some(format!("so it is for {count} sets of parameters")),
            };
            let problem = match hint {
                Some(hint) => problem.hint(hint),
                None => problem,
            };
            (path, problem)
        })
    }
}

/// Returns what to do about a function that Argo CD takes away.
fn of_functions(message: &str) -> Option<String> {
    let gone = ["env", "expandenv", "getHostByName"];
    let name = gone
        .into_iter()
        .find(|name| message.contains(&format!("function \"{name}\" not defined")))?;
    Some(format!(
        "Argo CD takes `{name}` of sprig away on purpose, for it would show what the controller has: give the value as a \
         parameter, such as an element of a `list` generator"
    ))
}

/// Returns the parameter by which people know a set: a path or a name, if it has one.
fn described(params: &Params) -> Option<String> {
    let text = |value: &Value| match value {
        Value::Str(text) => Some(text.to_string()),
        _ => None,
    };
    if let Some(Value::Map(path)) = params.get("path") {
        let path = |key: &str| path.get(key).as_ref().and_then(text);
        let file = path("filename").map(|file| format!("/{file}")).unwrap_or_default();
        return Some(format!("path {}{file}", path("path")?));
    }
    let known = ["path", "name", "cluster", "server"];
    known.into_iter().find_map(|key| Some(format!("{key} {}", text(params.get(key)?)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_that_are_taken_away_are_explained() {
        let hint = of_functions("template:1:14: function \"env\" not defined");
        assert!(hint.is_some_and(|hint| hint.contains("Argo CD takes `env` of sprig away")));
        assert_eq!(of_functions("template:1:14: function \"envy\" not defined"), None);
    }
}
