//! Values that one overlay has of another: copied with its folder, and not changed afterwards.
//!
//! Overlays may well share what they have. So a value counts only if it carries the name of the other overlay,
//! stands at the same place of the same file there, and is one that each has for itself: a host, a namespace, the
//! path of a secret. Others count if a third overlay has its own name in that place.

use std::path::Path;

use rustc_hash::FxHashMap;

use crate::checks::files::listing::list;
use crate::checks::files::overlay_texts::{Leaf, Leaves, What, leaves};
use crate::checks::files::stages::Stage;
use crate::diagnostics::{Warning, WarningKind};
use crate::load::{Files, PathSet};

/// How many overlays of one folder are compared with each other; if there are more, nothing is said of them.
const MOST: usize = 12;

/// Looks at roots that lie side by side; `read` are the files that builds have read. Returns warnings, each
/// with the number of the root that it is about.
pub(crate) fn check(
    files: &Files,
    roots: &[(usize, &Path)],
    read: &PathSet,
) -> Vec<(usize, Warning)> {
    let mut beside: FxHashMap<&Path, Vec<(usize, &Path)>> = FxHashMap::default();
    for (i, root) in roots {
        if let Some(parent) = root.parent() {
            beside.entry(parent).or_default().push((*i, root));
        }
    }
    let mut groups: Vec<_> =
        beside.into_values().filter(|group| (2..=MOST).contains(&group.len())).collect();
    groups.sort();
    let mut found = Vec::new();
    for group in groups {
        let names: Vec<String> = group.iter().map(|(_, root)| name_of(root)).collect();
        for (own, (i, root)) in group.iter().enumerate() {
            let others = Stage::of_each(&names, own);
            for file in list(files, root).iter().filter(|file| is_yaml(file)) {
                let text = files.text(&root.join(file)).unwrap_or_default();
                // A line with the other's name that the other has as well: few files are read as YAML.
                let has_its_line = |(stage, (_, other)): (&Option<Stage>, &(usize, &Path))| {
                    let Some(stage) = stage.as_ref().filter(|stage| stage.other_is_in(&text))
                    else {
                        return false;
                    };
                    let there = files.text(&other.join(file)).unwrap_or_default();
                    let mut lines = text.lines().filter(|line| stage.is_of_other(line));
                    lines.any(|line| there.contains(line.trim()))
                };
                if !others.iter().zip(&group).any(has_its_line) {
                    continue;
                }
                let texts: Vec<Leaves> = group
                    .iter()
                    .map(|(_, root)| root.join(file))
                    .map(|path| {
                        if read.contains(&path) { leaves(files, &path) } else { Leaves::default() }
                    })
                    .collect();
                found.extend(of_file(&names, own, &others, &texts).into_iter().map(|w| (*i, w)));
            }
        }
    }
    found
}

fn name_of(root: &Path) -> String {
    root.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn is_yaml(file: &str) -> bool {
    file.ends_with(".yaml") || file.ends_with(".yml")
}

/// Namespaces that things of all kinds are put into.
const SHARED: &[&str] = &[
    "argocd",
    "default",
    "flux-system",
    "ingress",
    "kube-system",
    "logging",
    "monitoring",
    "observability",
    "security",
    "storage",
];

/// Looks at a file of the overlay `own`; `texts` has those of all overlays, and `stages` how it differs from each.
fn of_file(
    names: &[String],
    own: usize,
    stages: &[Option<Stage>],
    texts: &[Leaves],
) -> Vec<Warning> {
    let Some(mine) = texts.get(own) else { return Vec::new() };
    let mut ways: Vec<&String> = mine.keys().collect();
    ways.sort();
    let mut found = Vec::new();
    for way in ways {
        let Some(leaf) = mine.get(way) else { continue };
        let there = |i: usize| texts.get(i)?.get(way);
        let copied = stages.iter().enumerate().find_map(|(other, stage)| {
            let (stage, same) = (stage.as_ref()?, there(other)?);
            let is_copy = same.text == leaf.text && stage.is_of_other(&leaf.text);
            is_copy.then_some((other, stage, same))
        });
        let Some((other, stage, same)) = copied else { continue };
        let thirds = || (0..names.len()).filter(|i| *i != own && *i != other);
        // What a third has too is shared.
        if thirds().any(|i| there(i).is_some_and(|third| third.text == leaf.text)) {
            continue;
        }
        let pattern = stage.pattern(&leaf.text);
        let has_own = |i: usize| {
            let name = names.get(i).map(String::as_str).unwrap_or_default();
            there(i).is_some_and(|third| Stage::has_pattern(name, &third.text, &pattern))
        };
        let is_told = match leaf.what {
            // Many put things into the namespace of a platform.
            What::Own if leaf.key == "namespace" && SHARED.contains(&leaf.text.as_str()) => false,
            What::Own => stage.are_known() || thirds().any(has_own),
            What::Secret => {
                let of_own =
                    |other: &Leaf| other.what == What::Secret && stage.is_of_own(&other.text);
                thirds().any(has_own) || (stage.are_known() && mine.values().any(of_own))
            }
            // Certificates of production are asked for in many a stage.
            What::Other => {
                !leaf.text.contains("letsencrypt")
                    && stage.is_about_production()
                    && thirds().any(has_own)
            }
        };
        if is_told {
            found.push(remark(names, own, other, stage, leaf, same));
        }
    }
    found
}

fn remark(
    names: &[String],
    own: usize,
    other: usize,
    stage: &Stage,
    leaf: &Leaf,
    same: &Leaf,
) -> Warning {
    let name = |i: usize| names.get(i).map(String::as_str).unwrap_or_default();
    let (own, other) = (name(own), name(other));
    let said = |text: &str| match leaf.key.as_str() {
        "" => format!("`{text}`"),
        key => format!("`{key}: {text}`"),
    };
    let text = format!(
        "overlay `{own}` has {}, the same value as overlay `{other}`: it was most likely copied from there",
        said(&leaf.text)
    );
    Warning::new(WarningKind::CopiedValue, text, leaf.pos)
        .related("the same is at", same.pos)
        .hint(format!("write the value of `{own}`, such as {}", said(&stage.as_own(&leaf.text))))
}
