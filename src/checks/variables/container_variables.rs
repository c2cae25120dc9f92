//! Variables that a container is started with, and that it does not have: what runs in it gets `$(NAME)` as it stands.

use std::borrow::Cow;

use ecow::EcoString;

use crate::checks::data::made_keys::keys;
use crate::checks::kubernetes::{element_name, is_container_list, list};
use crate::checks::references::renamed::Names;
use crate::diagnostics::{Lint, Warning, WarningKind};
use crate::resource::Resource;
use crate::work;
use crate::yaml::{Mapping, Node, nearest};

/// Looks at the containers of a Pod; `vars` are the names of the vars of the build, which have warnings of their own.
///
/// `names` has the ConfigMaps and Secrets from which containers take all variables.
pub(in crate::checks) fn check(
    lint: &Lint,
    resource: &Resource,
    pod: &Mapping,
    vars: &[EcoString],
    names: &Names<'_>,
) {
    let lists = pod.iter().filter(|entry| entry.key.text().is_some_and(is_container_list));
    for container in lists.flat_map(|entry| entry.value.as_seq().into_iter().flatten()) {
        work::check();
        if !has_variables(container) {
            continue;
        }
        of_container(lint, resource, container, vars, &Taken::of(resource, container, names));
    }
}

/// Returns `true` if something that a container is started with has a variable, as hardly any has.
fn has_variables(container: &Node) -> bool {
    let has = |value: &Node| value.text().is_some_and(|text| text.contains("$("));
    container.as_map().into_iter().flatten().any(|entry| {
        let mut items = entry.value.as_seq().into_iter().flatten();
        match entry.key.text() {
            Some("command" | "args") => items.any(has),
            Some("env") => items.any(|variable| variable.get("value").is_some_and(has)),
            _ => false,
        }
    })
}

/// The variables that a container takes from ConfigMaps and Secrets, which come before its own.
struct Taken<'n> {
    /// In order.
    names: Vec<Cow<'n, str>>,
    /// Whether these are all.
    is_whole: bool,
}

impl<'n> Taken<'n> {
    fn of<'a: 'n>(resource: &Resource, container: &'n Node, names: &Names<'a>) -> Taken<'n> {
        let mut taken = Taken { names: Vec::new(), is_whole: true };
        for source in list(container, "envFrom") {
            let prefix = source.get("prefix").and_then(Node::text).unwrap_or_default();
            let kinds = [("configMapRef", "ConfigMap"), ("secretRef", "Secret")];
            let map = kinds.into_iter().find_map(|(field, kind)| {
                let name = source.get_path(&[field, "name"])?.text()?;
                names.find(kind, name, resource.namespace())
            });
            let keys = map.map(keys).filter(|keys| !keys.is_empty());
            taken.is_whole &= keys.is_some();
            taken.names.extend(keys.into_iter().flatten().map(|key| match prefix {
                "" => Cow::from(key),
                _ => Cow::from(format!("{prefix}{key}")),
            }));
        }
        taken.names.sort_unstable();
        taken
    }

    fn has(&self, name: &str) -> bool {
        self.names.binary_search_by(|taken| taken.as_ref().cmp(name)).is_ok()
    }
}

fn of_container<'n>(
    lint: &Lint,
    resource: &Resource,
    container: &'n Node,
    vars: &[EcoString],
    taken: &Taken<'_>,
) {
    let env = container.get("env").and_then(Node::as_seq);
    let all: Vec<&str> = env.into_iter().flatten().filter_map(element_name).collect();
    let mut told: Vec<&str> = Vec::new();
    let mut tell = |field: &str, value: &'n Node, there: &[&str]| {
        let text = value.text().unwrap_or_default();
        let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
        let name = lines.flat_map(names).find(|name| {
            // What is nearly one of the vars has a warning as such.
            let near_var = || nearest(vars.iter().map(EcoString::as_str), name);
            let may_be_taken = taken.has(name) || !taken.is_whole && !all.contains(name);
            !there.contains(name) && !may_be_taken && !is_of_cluster(name) && near_var().is_none()
        });
        let Some(name) = name.filter(|name| !told.contains(name)) else { return };
        told.push(name);
        let is_later = all.contains(&name);
        let known = there.iter().copied().chain(taken.names.iter().map(AsRef::as_ref));
        let near = nearest(known, name);
        let why = match is_later {
            true => "which comes later in `env`",
            false => "which it does not have",
        };
        let hint = match near {
            _ if is_later => format!(
                "move `{name}` in front of what uses it: a value knows earlier variables only"
            ),
            Some(near) => format!("did you mean `$({near})`?"),
            None => format!("add `{name}` to `env`; `$$({name})` is the text itself"),
        };
        let text = format!(
            "{} {}: `{field}` of the container `{}` has the variable `$({name})`, {why}: it stays as it stands",
            resource.kind(),
            resource.name(),
            element_name(container).unwrap_or_default(),
        );
        lint.add(Warning::new(WarningKind::UnexpandedVariable, text, value.pos()).hint(hint));
    };
    for field in ["command", "args"] {
        for value in container.get(field).and_then(Node::as_seq).into_iter().flatten() {
            tell(field, value, &all);
        }
    }
    for (i, variable) in env.into_iter().flatten().enumerate() {
        let Some(value) = variable.get("value") else { continue };
        if value.text().is_some_and(|text| text.contains("$(")) {
            // A variable of its own name waits for a kustomization further out to fill it in.
            let earlier: Vec<&str> =
                env.into_iter().flatten().take(i + 1).filter_map(element_name).collect();
            tell("env", value, &earlier);
        }
    }
}

/// Returns the names of the variables in a text, in capitals as they mostly are: vars of kustomizations further out,
/// and the commands of a shell, are mostly in small letters.
fn names(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let (_, after) = rest.split_once('$')?;
            if let Some(escaped) = after.strip_prefix('$') {
                rest = escaped;
                continue;
            }
            rest = after;
            let name = after.strip_prefix('(').and_then(|inner| inner.split_once(')'));
            if let Some((name, behind)) = name
                && is_name(name)
            {
                rest = behind;
                return Some(name);
            }
        }
    })
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase() || c == '_')
        && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

/// Returns `true` for what each container has for the Services of its namespace.
fn is_of_cluster(name: &str) -> bool {
    name.ends_with("_SERVICE_HOST") || name.contains("_SERVICE_PORT") || name.contains("_PORT_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escaped_variables_and_commands_are_none() {
        let all: Vec<&str> = names("$(A) $$(B) $$$(C) $(date +%s) ${D} $(E)$(F").collect();
        assert_eq!(all, ["A", "C", "E"]);
    }
}
