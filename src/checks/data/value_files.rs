//! Files of generators that become one value each where Pods want their lines.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustc_hash::FxHashSet;

use crate::checks::data::data_maps::Maps;
use crate::checks::kubernetes::{containers, list};
use crate::checks::objects::effective;
use crate::checks::positions::{place_of_entry, place_or};
use crate::checks::workloads::pods;
use crate::diagnostics::{Lint, Warning, WarningKind};
use crate::resource::{Resource, ResourceSet};
use crate::work;
use crate::yaml::{Entry, Node};

/// Where a Pod names ConfigMaps and Secrets: the field, the kind, and the field with the name.
const SOURCES: [(&str, &str, &str); 2] =
    [("configMap", "ConfigMap", "name"), ("secret", "Secret", "secretName")];

/// Looks at generated objects that containers take all of their variables from, and that no volume shows as files.
pub(in crate::checks) fn check(lint: &Lint, set: &ResourceSet, maps: &Maps<'_>) {
    let generated = || maps.values().filter(|map| map.history.is_generated);
    if !generated().any(|map| files(map).next().is_some()) {
        return;
    }
    let mut mounted: FxHashSet<(&str, &str, &str)> = FxHashSet::default();
    let mut taken: Vec<(&Resource, &Resource)> = Vec::new();
    for resource in set.iter() {
        let Some(pod) = pods::template(resource).and_then(|template| template.get("spec")) else {
            continue;
        };
        let namespace = effective(resource.namespace());
        let volumes = list(pod, "volumes").flat_map(|volume| {
            let projected = volume.get("projected").into_iter();
            projected.flat_map(|projected| list(projected, "sources")).chain([volume])
        });
        for volume in volumes {
            for (field, kind, name) in SOURCES {
                let source = volume.get(field);
                let name = source.and_then(|it| it.get(name).or_else(|| it.get("name")));
                mounted.extend(name.and_then(Node::text).map(|name| (kind, namespace, name)));
            }
        }
        for source in containers(pod).flat_map(|container| list(container, "envFrom")) {
            for (field, kind) in [("configMapRef", "ConfigMap"), ("secretRef", "Secret")] {
                let name = source.get_path(&[field, "name"]).and_then(Node::text);
                let map = name.and_then(|name| maps.get(&(kind, namespace, name)));
                taken.extend(map.map(|map| (resource, *map)));
            }
        }
    }
    for (by, map) in taken {
        work::check();
        let place = (map.kind(), effective(map.namespace()), map.name());
        if map.history.is_generated && !mounted.contains(&place) {
            files(map).for_each(|file| remark(lint, by, map, file));
        }
    }
}

/// Returns the entries of an object that are whole env files.
fn files(map: &Resource) -> impl Iterator<Item = &Entry> {
    let entries = map.node.get("data").and_then(Node::as_map).into_iter().flatten();
    entries.filter(|entry| {
        // No variable is called so.
        let is_file = entry.key.text().is_some_and(|key| key.contains('.'));
        is_file && text(map, entry).is_some_and(|text| is_env_file(&text))
    })
}

/// Returns a value as the Pod gets it.
fn text(map: &Resource, entry: &Entry) -> Option<String> {
    let text = entry.value.text()?;
    if map.kind() != "Secret" {
        return Some(text.to_owned());
    }
    let bytes = STANDARD.decode(text.split_ascii_whitespace().collect::<String>()).ok()?;
    String::from_utf8(bytes).ok()
}

/// Returns an entry whose text is an env file with a line for a key.
pub(in crate::checks) fn file_with_line<'n>(map: &'n Resource, key: &str) -> Option<&'n Entry> {
    let has_line = |text: String| {
        text.lines().any(|line| line.split_once('=').is_some_and(|(own, _)| own.trim() == key))
    };
    let mut found = files(map).filter(|entry| text(map, entry).is_some_and(has_line));
    found.next()
}

/// Returns `true` for a text whose lines are all `KEY=value`, but for comments.
fn is_env_file(text: &str) -> bool {
    let lines =
        || text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let is_sign = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    let is_pair = |line: &str| {
        line.split_once('=').is_some_and(|(key, _)| {
            let key = key.trim();
            key.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && key.chars().all(is_sign)
        })
    };
    lines().next().is_some() && lines().all(is_pair)
}

fn remark(lint: &Lint, by: &Resource, map: &Resource, file: &Entry) {
    let pos = place_or(place_of_entry(file), map);
    if lint.has(WarningKind::EnvFile, pos) {
        return;
    }
    let key = file.key.text().unwrap_or_default();
    let text = format!(
        "the file `{key}` is one value of the {} `{}`, of which {} {} takes variables with `envFrom`: none of its lines \
         becomes one",
        map.kind(),
        map.original_name(),
        by.kind(),
        by.name()
    );
    lint.add(
        Warning::new(WarningKind::EnvFile, text, pos)
            .related("the generator is at", map.node.pos())
            .hint("list the file under `envs` of the generator, not under `files`: then each line is a key"),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn env_files_have_nothing_but_pairs() {
        assert!(is_env_file("# a comment\n\nA=1\nserver.port=80\n"));
        for text in ["", "# nothing", "a: 1\nb=2", "<a b=\"c\">", "A=1\nand a text"] {
            assert!(!is_env_file(text), "{text}");
        }
    }
}
