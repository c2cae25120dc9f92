//! Keys of ConfigMaps and Secrets that Pods want.
//!
//! Warnings about Secrets show the names of keys alone, never values.

use rustc_hash::FxHashMap;

use crate::checks::data::asked_keys;
use crate::checks::data::data_maps::Maps;
use crate::checks::data::made_keys::{self, called, keys, shown};
use crate::checks::data::secret_types;
use crate::checks::data::value_files;
use crate::checks::finished::{Finished, Workload};
use crate::checks::kubernetes::{containers, element_name, has_blank, list};
use crate::checks::objects::effective;
use crate::checks::outline::Outline;
use crate::checks::positions::{place_of_entry, place_or};
use crate::diagnostics::{Lint, Warning, WarningKind};
use crate::load::Files;
use crate::resource::{Resource, ResourceSet};
use crate::work;
use crate::yaml::{Entry, Node, Pos, nearest};

/// A key that a Pod wants.
struct Wanted<'a> {
    kind: &'static str,
    name: &'a str,
    key: &'a Node,
}

/// Looks at all ConfigMaps and Secrets of a build, and at all Pods.
pub(in crate::checks) fn check(lint: &Lint, files: &Files, set: &Finished<'_>) {
    let mut maps = Maps::default();
    let build = set.set();
    for resource in build.of_kind("Secret") {
        secret_types::check(lint, files, resource);
    }
    let wants = Outline::VOLUMES.with(Outline::ENV).with(Outline::ENV_FROM);
    let wanting = || set.workloads.iter().filter(|workload| workload.has.any(wants));
    if set.of_groups.is_empty() && wanting().next().is_none() {
        return;
    }
    for kind in ["ConfigMap", "Secret"] {
        for resource in build.of_kind(kind) {
            maps.insert((kind, effective(resource.namespace()), resource.name()), resource);
        }
    }
    if !maps.is_empty() {
        value_files::check(lint, set, &maps);
    }
    add_made(&mut maps, build);
    if maps.is_empty() {
        return;
    }
    asked_keys::check(lint, set, &maps);
    for Workload { by: resource, spec, .. } in wanting() {
        let Some(pod) = spec else { continue };
        let namespace = effective(resource.namespace());
        for wanted in of_volumes(pod).chain(of_environment(pod)) {
            work::check();
            if let Some(map) = maps.get(&(wanted.kind, namespace, wanted.name)) {
                missing(lint, files, resource, map, &wanted);
            }
        }
        mounted_files(lint, resource, pod, &maps);
    }
}

/// Adds the Secrets of which all keys are known though others make them, but for those that several objects make.
fn add_made<'a>(maps: &mut Maps<'a>, set: &'a ResourceSet) {
    let mut makers: FxHashMap<(&str, &str), Vec<&Resource>> = FxHashMap::default();
    for resource in set.of_kinds(&["ExternalSecret", "SealedSecret"]) {
        if let Some(name) = made_keys::secret(resource) {
            makers.entry((effective(resource.namespace()), name)).or_default().push(resource);
        }
    }
    for ((namespace, name), made) in makers {
        if let [maker] = made[..] {
            maps.entry(("Secret", namespace, name)).or_insert(maker);
        }
    }
}

/// Warns about mounts of a file that its ConfigMap or Secret does not have.
fn mounted_files(lint: &Lint, by: &Resource, pod: &Node, maps: &Maps<'_>) {
    for mount in containers(pod).flat_map(|container| list(container, "volumeMounts")) {
        let (Some(name), Some(sub_path)) = (element_name(mount), mount.get("subPath")) else {
            continue;
        };
        let Some(file) = sub_path.text().filter(|f| !f.is_empty() && !has_blank(f)) else {
            continue;
        };
        work::check();
        let volume = list(pod, "volumes").find(|volume| element_name(volume) == Some(name));
        let Some((map, source)) = volume.and_then(|volume| source(by, volume, maps)) else {
            continue;
        };
        let paths: Vec<&str> = match source.get("items") {
            Some(_) => list(source, "items").filter_map(|item| item.get("path")?.text()).collect(),
            None => keys(map),
        };
        let is_there = |path: &&str| {
            let rest = path.strip_prefix(file.trim_end_matches('/'));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        if paths.is_empty() || paths.iter().any(is_there) {
            continue;
        }
        let text = format!(
            "{} {} mounts `{file}` of the {}, which does not have it: an empty folder is mounted in its place",
            by.kind(),
            by.name(),
            called(map)
        );
        let hint = match nearest(paths.iter().copied(), file) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("it has {}", shown(&paths)),
        };
        lint.add(
            Warning::new(WarningKind::MissingKey, text, place_or(sub_path.pos(), by))
                .related("the keys are at", map.node.pos())
                .hint(hint),
        );
    }
}

/// Returns the ConfigMap or Secret that a volume is, and how the volume names it.
fn source<'a>(
    by: &Resource,
    volume: &'a Node,
    maps: &Maps<'a>,
) -> Option<(&'a Resource, &'a Node)> {
    let (kind, source, name) = match (volume.get("configMap"), volume.get("secret")) {
        (Some(source), None) => ("ConfigMap", source, source.get("name")?),
        (None, Some(source)) => ("Secret", source, source.get("secretName")?),
        _ => return None,
    };
    let map = maps.get(&(kind, effective(by.namespace()), name.text()?))?;
    Some((map, source))
}

/// Returns the keys that volumes want.
fn of_volumes(pod: &Node) -> impl Iterator<Item = Wanted<'_>> {
    let sources = list(pod, "volumes").flat_map(|volume| {
        let projected = volume.get("projected").into_iter();
        projected.flat_map(|projected| list(projected, "sources")).chain([volume])
    });
    let maps = sources.flat_map(|source| {
        let kinds = [("configMap", "ConfigMap"), ("secret", "Secret")];
        kinds.into_iter().filter_map(move |(field, kind)| Some((kind, source.get(field)?)))
    });
    maps.filter(|(_, map)| !is_optional(map)).flat_map(|(kind, map)| {
        let name = map.get("secretName").or_else(|| map.get("name")).and_then(Node::text);
        let keys = list(map, "items").filter_map(|item| item.get("key"));
        keys.filter_map(move |key| Some(Wanted { kind, name: name?, key }))
    })
}

/// Returns the keys that variables of containers want.
fn of_environment(pod: &Node) -> impl Iterator<Item = Wanted<'_>> {
    let sources =
        containers(pod).flat_map(|it| list(it, "env")).filter_map(|env| env.get("valueFrom"));
    sources.flat_map(|source| {
        let kinds = [("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")];
        kinds.into_iter().filter_map(move |(field, kind)| {
            let reference = source.get(field).filter(|reference| !is_optional(reference))?;
            let name = reference.get("name").and_then(Node::text)?;
            Some(Wanted { kind, name, key: reference.get("key")? })
        })
    })
}

fn is_optional(reference: &Node) -> bool {
    reference.get("optional").and_then(Node::text) == Some("true")
}

/// Warns about a key that is wanted and not there.
fn missing(lint: &Lint, files: &Files, by: &Resource, map: &Resource, wanted: &Wanted<'_>) {
    let Some(key) = wanted.key.text().filter(|key| !has_blank(key)) else { return };
    let there = keys(map);
    // What has no data at all is filled by someone else.
    if there.is_empty() || there.contains(&key) {
        return;
    }
    let text = format!(
        "{} {} wants the key `{key}` of the {}, which does not have it: its Pods will not start",
        by.kind(),
        by.name(),
        called(map)
    );
    let has = format!("it has {}", shown(&there));
    let near = nearest(there.iter().copied(), key).or_else(|| longer_or_shorter(&there, key));
    let is_replaced = map.history.is_generated && lint.is_replaced(map.node.pos());
    let file = value_files::file_with_line(map, key);
    // Then a warning covers all lines of the file.
    if file.is_some_and(|file| lint.has(WarningKind::EnvFile, place_or(place_of_entry(file), map)))
    {
        return;
    }
    let hint = match (near, file.and_then(|file| file.key.text())) {
        (None, Some(file)) => format!(
            "`{file}` has a line `{key}=`, but is one value as a whole: list the file under `envs` of the generator, not \
             under `files`"
        ),
        (Some(near), _) => format!("did you mean `{near}`?"),
        (None, None) if is_replaced => format!(
            "{has}; `behavior: replace` drops the keys of the base: write `behavior: merge`, or give the generator this \
             key as well"
        ),
        (None, None) => has,
    };
    let pos = place_or(wanted.key.pos(), by);
    let near_place = entry_of(map, near).map(place_of_entry).filter(|place| place.is_some());
    let decides = culprit(files, map, near, pos).filter(|_| map.history.is_generated);
    let decides = decides.or_else(|| is_replaced.then_some(map.node.pos()));
    lint.add(
        match decides {
            Some(decides) => Warning::new(WarningKind::MissingKey, text, decides)
                .related("the key is wanted at", pos),
            None => Warning::new(WarningKind::MissingKey, text, pos)
                .related("the keys are at", near_place.unwrap_or(map.node.pos())),
        }
        .hint(hint),
    );
}

/// Returns the one key that has the first words of another one, or begins with it.
fn longer_or_shorter<'k>(there: &[&'k str], key: &str) -> Option<&'k str> {
    let begins = |long: &str, short: &str| {
        let rest = long.strip_prefix(short);
        short.len() > 2 && rest.is_some_and(|rest| rest.starts_with(['_', '-', '.']))
    };
    let mut found = there.iter().filter(|other| begins(other, key) || begins(key, other));
    found.next().copied().filter(|_| found.next().is_none())
}

/// Returns the entry of a key.
fn entry_of<'m>(map: &'m Resource, key: Option<&str>) -> Option<&'m Entry> {
    let fields = ["data", "binaryData"].into_iter();
    let mut entries = fields.filter_map(|field| map.node.get(field)?.as_map()).flatten();
    entries.find(|entry| key.is_some() && entry.key.text() == key)
}

/// Returns where the generator of another layer than that of the Pods writes the key that is nearly the one they
/// want, at `wanted`.
fn culprit(files: &Files, map: &Resource, near: Option<&str>, wanted: Pos) -> Option<Pos> {
    let folder = |pos| Some(files.locate(pos)?.file.parent()?.to_path_buf());
    let own = map.node.pos();
    let pos = place_of_entry(entry_of(map, near)?);
    (pos.is_some() && files.are_in_one_text(pos, own) && folder(own) != folder(wanted))
        .then_some(pos)
}
