//! Manifests that no kustomization lists on purpose: samples, tests, what is made by hand, and the other way to do it.

use std::path::{Component, Path};

use crate::checks::files::listing::{list, peek};
use crate::load::{Files, KUSTOMIZATION_NAMES, join};
use crate::yaml::Node;

/// Folders of manifests that tests and readers use.
const FOLDERS: &[&str] =
    &["example", "examples", "fixtures", "sample", "samples", "test", "testdata", "tests"];

/// Words in the name of a file that is there to be copied or tried out.
const WORDS: &[&str] =
    &["dummy", "example", "sample", "sandbox", "template", "templates", "test", "tests"];

/// How many listed objects of its kind make a file one of them.
const ALIKE: usize = 2;

/// How many files of a folder are read.
const MOST: usize = 64;

/// Returns `true` for a file that is a sample or test, by its name or that of a folder below `top`.
pub(super) fn is_sample(top: &Path, path: &Path) -> bool {
    let below = path.strip_prefix(top).unwrap_or(path);
    let folders = below.parent().into_iter().flat_map(Path::components);
    let mut folders = folders.filter_map(|part| match part {
        Component::Normal(name) => name.to_str(),
        _ => None,
    });
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let mut words = name.split(|c: char| !c.is_ascii_alphanumeric());
    folders.any(|folder| FOLDERS.contains(&folder))
        || words.any(|word| WORDS.contains(&word.to_ascii_lowercase().as_str()))
}

/// Returns `true` if a file that lies alone beside those which the kustomization of a folder lists was hardly left out
/// on purpose: those have objects of its kind, or there are few such files (`is_rare`). Secrets are made by hand, Pods
/// and Jobs run once, patches are for some only, and what has the name of another object is the other way to do the same.
pub(super) fn stands_out(files: &Files, folder: &Path, path: &Path, is_rare: bool) -> bool {
    let own = peek(files, path);
    if own.iter().any(|object| matches!(kind(object), "Job" | "Pod" | "SealedSecret" | "Secret")) {
        return false;
    }
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    if name.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == "patch") {
        return false;
    }
    let names: Vec<(&str, &str)> =
        own.iter().map(|object| (kind(object), called(object))).collect();
    let listed = listed(files, folder);
    let mut beside = list(files, folder).into_iter().map(|name| join(folder, &name));
    let mut beside = beside.by_ref().filter(|other| listed.contains(other)).take(MOST);
    let mut alike = 0;
    for object in beside.by_ref().flat_map(|other| peek(files, &other)) {
        let it = (kind(&object), called(&object));
        if names.contains(&it) {
            return false;
        }
        alike += usize::from(names.iter().any(|(kind, _)| *kind == it.0));
    }
    is_rare || alike >= ALIKE
}

/// Returns the files that the kustomization of a folder lists.
fn listed(files: &Files, folder: &Path) -> Vec<std::path::PathBuf> {
    let documents = KUSTOMIZATION_NAMES.iter().map(|name| peek(files, &folder.join(name)));
    let root = documents.flatten().next();
    let entries = root.as_ref().and_then(|root| root.get("resources")).and_then(Node::as_seq);
    let entries = entries.into_iter().flatten().filter_map(Node::text);
    entries.map(|entry| join(folder, entry)).collect()
}

fn kind(object: &Node) -> &str {
    object.get("kind").and_then(Node::text).unwrap_or_default()
}

fn called(object: &Node) -> &str {
    object.get_path(&["metadata", "name"]).and_then(Node::text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_called_so() {
        let is = |path: &str| is_sample(Path::new("/r"), Path::new(path));
        assert!(is("/r/web/examples/a.yaml") && is("/r/web/pvc-sample.yaml"));
        assert!(is("/r/web/bundle.template.yaml") && is("/r/tests/a/b.yaml"));
        assert!(!is("/r/web/service.yaml") && !is("/r/latest/service.yaml"));
        assert!(!is_sample(Path::new("/test/r"), Path::new("/test/r/web/service.yaml")));
    }
}
