//! Objects that are missing because a kustomization does not bring what it seems to.

use std::path::{Path, PathBuf};

use super::Mistake;
use super::scene::{Finding, Scene, find_line};
use crate::diagnostics::{Hint, Location};
use crate::load::KUSTOMIZATION_NAMES;
use crate::yaml::Node;

/// How many kustomizations are looked at.
const MOST: usize = 100;

/// The messages for a missing object that a step names.
const NOT_THERE: &[&str] = &[
    "does not exist; cannot merge or replace",
    "no matches for Id",
    "failed to find unique target",
    "nothing selected by",
];

/// The lists whose entries describe objects themselves.
const GENERATORS: &[&str] = &["configMapGenerator", "secretGenerator"];

/// The lists whose entries name files and folders with objects.
const LISTS: &[&str] = &["resources", "bases", "components", "generators", "transformers"];

pub(super) static MISTAKES: &[Mistake] = &[
    Mistake {
        hint: Hint {
            id: "lost-list",
            looks_at: "An object is not there, as a kustomization has a list twice and only the last one counts.",
            example: "configMapGenerator:\n- name: settings\nconfigMapGenerator: # only this one counts\n- name: limits",
            remedy: "Join the two lists under one key.",
        },
        find: |scene| {
            let name = missing(scene)?;
            layers(scene).into_iter().find_map(|file| {
                let text = scene.files.text(&file)?;
                let (key, first, second) = twice(&text, &name)?;
                let shown = shown(scene, &file);
                Some(Finding {
                    also: Some((
                        "the list that is lost is at",
                        Location { file, line: first, column: 1 },
                    )),
                    ..Finding::new(format!(
                        "`{key}` stands twice in {shown}, in the lines {first} and {second}, and only the last one \
                         counts: join them"
                    ))
                })
            })
        },
    },
    Mistake {
        hint: Hint {
            id: "base-among-components",
            looks_at: "An object is not there yet, as its base is listed under `components`, which come last.",
            example: "components: [../../base] # no Component\nconfigMapGenerator:\n- {name: settings, behavior: merge}",
            remedy: "List what is no Component under `resources`.",
        },
        find: |scene| {
            missing(scene)?;
            layers(scene).into_iter().find_map(|file| {
                let documents = scene.documents(&file);
                let entries = documents.first()?.get("components")?.as_seq()?;
                let folder = file.parent()?;
                let is_base = |entry: &&str| is_no_component(scene, &folder.join(entry));
                let entry = entries.iter().filter_map(Node::text).find(is_base)?;
                let text = scene.files.text(&file)?;
                let place = find_line(&file, &text, |line| line.starts_with("components:"))?;
                let hint = format!(
                    "`{entry}` is listed under `components` of {}, and is no Component: list it under `resources`, \
                     for components come after the generators",
                    shown(scene, &file)
                );
                Some(Finding { also: Some(("components are at", place)), ..Finding::new(hint) })
            })
        },
    },
];

/// Returns the name of the object that is not there, or that a target names, if that is what the error says.
fn missing(scene: &Scene<'_>) -> Option<String> {
    let words = NOT_THERE.iter().find(|words| scene.says(words))?;
    let message = scene.error.message();
    let named = match message.rsplit_once(words)? {
        (before, _) if words.starts_with("does not") => before.rsplit_once('/')?.1,
        (_, after) => after.split_once('/').map_or(after, |(_, name)| name),
    };
    let end = named.find(['.', ';', ' ', '"', ',']).unwrap_or(named.len());
    named.get(..end).filter(|name| !name.is_empty()).map(str::to_owned)
}

/// Returns the kustomization at fault and those that it lists, in turn.
fn layers(scene: &Scene<'_>) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = scene.kustomization.iter().cloned().collect();
    let mut next = 0;
    while let Some(file) = found.get(next).cloned() {
        next += 1;
        // A list that is lost names folders as well, which are looked at only if something else does.
        for folder in scene.named_by(&file) {
            if let Some(file) = kustomization_in(scene, &folder)
                && found.len() < MOST
                && scene.may_name(&file)
                && !found.contains(&file)
            {
                found.push(file);
            }
        }
    }
    found
}

fn kustomization_in(scene: &Scene<'_>, folder: &Path) -> Option<PathBuf> {
    let mut files = KUSTOMIZATION_NAMES.iter().map(|name| crate::load::join(folder, name));
    files.find(|file| scene.files.fs().kind(file).is_ok())
}

/// Returns `true` for the folder of a kustomization that is not a Component.
fn is_no_component(scene: &Scene<'_>, folder: &Path) -> bool {
    let Some(file) = kustomization_in(scene, folder) else { return false };
    let documents = scene.documents(&file);
    let kind = documents.first().map(|root| root.get("kind").and_then(Node::text));
    kind.is_some_and(|kind| kind != Some("Component"))
}

/// Returns a list that stands twice in a kustomization, with its first and its last line; what the first says of a
/// generator must be about the object.
fn twice<'t>(text: &'t str, name: &str) -> Option<(&'t str, u32, u32)> {
    let lines: Vec<&str> = text.lines().collect();
    let keys = lines.iter().enumerate().filter_map(|(i, line)| {
        let (key, _) = line.split_once(':')?;
        (GENERATORS.contains(&key) || LISTS.contains(&key)).then_some((i, key))
    });
    let keys: Vec<(usize, &str)> = keys.collect();
    keys.iter().find_map(|(first, key)| {
        let (last, _) = keys.iter().rev().find(|(i, other)| other == key && i > first)?;
        let is_of_list = |line: &&&str| line.is_empty() || line.starts_with([' ', '-', '#']);
        let mut list = lines.iter().skip(first + 1).take_while(is_of_list);
        let is_about = LISTS.contains(key) || list.any(|line| line.contains(name));
        is_about.then_some((*key, *first as u32 + 1, *last as u32 + 1))
    })
}

/// Returns the path of a file relative to the folder of the kustomization at fault.
fn shown(scene: &Scene<'_>, file: &Path) -> String {
    let is_own = scene.kustomization.as_deref() == Some(file);
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let folder = file.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
    if is_own || folder.is_empty() { format!("this {name}") } else { format!("{folder}/{name}") }
}
