//! Patches that change nothing, and why that may be on purpose.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::checks::files::comments::{self, Commented};
use crate::checks::files::listing::{list, peek};
use crate::checks::files::mentions::Mentions;
use crate::checks::files::stages;
use crate::diagnostics::NoChange;
use crate::load::{FileKind, Files, KUSTOMIZATION_NAMES, join};
use crate::merge::audit::is_same;
use crate::work;
use crate::yaml::Node;

/// How many folders beside that of an overlay are looked at.
const MOST: usize = 64;

/// The kustomizations whose patches are asked about, each read once.
#[derive(Debug, Default)]
pub(crate) struct Layers(FxHashMap<PathBuf, Rc<Layer>>);

/// What is asked of a kustomization.
#[derive(Debug)]
struct Layer {
    /// Its patches.
    entries: Vec<Node>,
    /// How many of them name each file.
    named: FxHashMap<PathBuf, usize>,
    /// How many of them tell cases apart by each label or annotation.
    cases: FxHashMap<String, usize>,
    text: Commented,
}

impl Layers {
    fn layer(&mut self, files: &Files, file: &Path) -> Rc<Layer> {
        if let Some(known) = self.0.get(file) {
            return Rc::clone(known);
        }
        let layer = Rc::new(Layer::read(files, file));
        self.0.insert(file.to_path_buf(), Rc::clone(&layer));
        layer
    }
}

impl Layer {
    fn read(files: &Files, file: &Path) -> Layer {
        let entries = entries(files, file);
        let folder = file.parent().unwrap_or(file);
        let (mut named, mut cases) = (FxHashMap::default(), FxHashMap::default());
        for entry in &entries {
            work::check();
            if let Some(path) = entry.get("path").unwrap_or(entry).text() {
                *named.entry(join(folder, path)).or_default() += 1;
            }
            for key in keys(entry) {
                *cases.entry(key).or_default() += 1;
            }
        }
        Layer { entries, named, cases, text: Commented::read(files, file) }
    }

    /// Returns an entry by its name, such as `patches[1]`.
    fn entry(&self, field: &str) -> Option<&Node> {
        let (_, rest) = field.split_once('[')?;
        self.entries.get(rest.split(']').next()?.parse::<usize>().ok()?)
    }
}

/// Returns the labels and annotations by which a patch picks its targets, each once.
fn keys(entry: &Node) -> FxHashSet<String> {
    let selectors = ["annotationSelector", "labelSelector"].into_iter();
    let texts = selectors.filter_map(|field| entry.get_path(&["target", field])?.text());
    let pairs = texts.flat_map(|text| text.split(','));
    let of =
        |pair: &str| pair.split(['=', '!', ' ']).find(|part| !part.is_empty()).map(str::to_owned);
    pairs.filter_map(of).collect()
}

/// Returns `true` if the patch of a layer most likely changes nothing on purpose: its overlay is called after what it
/// sets, or the one beside it sets something else; it is one of many users of its base, which may change; a comment
/// says something of it, or a script writes it.
///
/// `field` is the entry of the kustomization `layer`, `users` are the numbers of roots that have read each folder.
pub(crate) fn is_on_purpose(
    files: &Files,
    patch: &NoChange,
    (layer, field): (&Path, &str),
    users: &FxHashMap<PathBuf, usize>,
    (mentions, layers): (&mut Mentions, &mut Layers),
) -> bool {
    let Some(folder) = layer.parent() else { return false };
    if is_called_after(folder, &patch.values) {
        return true;
    }
    let base = patch.object_file.as_deref().and_then(Path::parent);
    if base.is_some_and(|base| base != folder && users.get(base).is_some_and(|n| *n > 1)) {
        return true;
    }
    let own = layers.layer(files, layer);
    let file = patch.file.as_deref().filter(|file| *file != layer);
    if own.text.has_around(field) || file.is_some_and(|file| comments::has_any(files, file)) {
        return true;
    }
    if let Some(file) = file
        && (own.named.get(file).is_some_and(|count| *count > 1)
            || has_variants(files, file)
            || mentions.has(files, file))
    {
        return true;
    }
    siblings(files, folder).any(|other| {
        match file.and_then(|file| file.strip_prefix(folder).ok()) {
            Some(below) => differs(files, &other.join(below), &folder.join(below)),
            None => {
                own.entry(field).is_some_and(|own| patches_otherwise(files, &other, own, layers))
            }
        }
    })
}

/// Returns `true` if a patch of several is for one of the cases that a label or annotation tells apart: those that are
/// there need not have all of them. `field` is the entry of the kustomization `layer`.
pub(crate) fn is_a_case(files: &Files, layer: &Path, field: &str, layers: &mut Layers) -> bool {
    let layer = layers.layer(files, layer);
    let own = layer.entry(field).map(keys).unwrap_or_default();
    own.iter().any(|key| layer.cases.get(key).is_some_and(|count| *count > 1))
}

/// Returns `true` if a patch or others of its folder that change the same object are called after a stage or a number, or
/// files of its name do so in the folders beside.
fn has_variants(files: &Files, file: &Path) -> bool {
    let Some((folder, name)) = file.parent().zip(file.file_name()) else { return false };
    let own = objects(files, file);
    let is_of_stage = |path: &Path| {
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        stages::is_known(stem) || stem.bytes().all(|byte| byte.is_ascii_digit())
    };
    let beside = list(files, folder).into_iter().take(MOST).map(|name| folder.join(name));
    let beside = beside.filter(|other| is_of_stage(file) || is_of_stage(other));
    let elsewhere = siblings(files, folder).map(|other| other.join(name));
    beside.chain(elsewhere).any(|other| {
        other != file
            && differs(files, &other, file)
            && objects(files, &other).iter().any(|object| own.contains(object))
    })
}

/// Returns the kinds and names of what a file has.
fn objects(files: &Files, file: &Path) -> Vec<(String, String)> {
    let is_yaml = file.extension().is_some_and(|end| end == "yaml" || end == "yml");
    let documents = if is_yaml { peek(files, file) } else { Vec::new() };
    let text = |object: &Node, path: &[&str]| {
        object.get_path(path).and_then(Node::text).unwrap_or_default().to_owned()
    };
    let all = documents
        .iter()
        .map(|object| (text(object, &["kind"]), text(object, &["metadata", "name"])));
    all.filter(|(_, name)| !name.is_empty()).collect()
}

/// Returns `true` if the last folders of a path are called as one of some values, whatever stands between words.
fn is_called_after(folder: &Path, values: &[String]) -> bool {
    let plain = |text: &str| text.replace(['.', '_'], "-").to_ascii_lowercase();
    let names: Vec<String> =
        folder.iter().rev().take(2).filter_map(|name| name.to_str()).map(plain).collect();
    values.iter().any(|value| !value.is_empty() && names.contains(&plain(value)))
}

/// Returns the patches of a kustomization.
fn entries(files: &Files, layer: &Path) -> Vec<Node> {
    let documents = peek(files, layer);
    let fields = ["patches", "patchesStrategicMerge", "patchesJson6902"];
    let lists = documents.first().into_iter().flat_map(|root| fields.map(|field| root.get(field)));
    lists.flatten().filter_map(Node::as_seq).flatten().cloned().collect()
}

/// Returns the folders beside one.
fn siblings(files: &Files, folder: &Path) -> impl Iterator<Item = PathBuf> {
    let parent = folder.parent().unwrap_or(folder).to_path_buf();
    let names = list(files, &parent).into_iter().take(MOST);
    let all = names.map(move |name| parent.join(name));
    all.filter(move |other| {
        other != folder && files.fs().kind(other).ok() == Some(FileKind::Directory)
    })
}

/// Returns `true` if a file is there and is another one.
fn differs(files: &Files, other: &Path, own: &Path) -> bool {
    files.fs().kind(other).ok() == Some(FileKind::File)
        && files.text(other).is_some_and(|text| files.text(own).is_some_and(|own| own != text))
}

/// Returns `true` if the kustomization of a folder has another patch for the same target.
fn patches_otherwise(files: &Files, folder: &Path, own: &Node, layers: &mut Layers) -> bool {
    let Some(target) = own.get("target") else { return false };
    let mut names = KUSTOMIZATION_NAMES.iter().map(|name| folder.join(name));
    let is_there = |file: &PathBuf| files.fs().kind(file).ok() == Some(FileKind::File);
    let Some(file) = names.find(is_there) else { return false };
    let others = layers.layer(files, &file);
    let same_target = |other: &&Node| other.get("target").is_some_and(|it| is_same(it, target));
    let mut others = others.entries.iter().filter(same_target).peekable();
    others.peek().is_some() && !others.any(|other| is_same(other, own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlays_are_called_after_what_they_set() {
        let is =
            |folder: &str, value: &str| is_called_after(Path::new(folder), &[value.to_owned()]);
        assert!(is("/r/operator/overlays/stable", "stable"));
        assert!(is("/r/operator/overlays/stable-0-12", "stable-0.12"));
        assert!(is("/r/overlays/prod/eu", "prod"));
        assert!(!is("/r/operator/overlays/stable", "fast") && !is("/r/overlays/prod", ""));
    }
}
