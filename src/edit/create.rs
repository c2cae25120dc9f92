//! `create`: a new kustomization file.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::{Edit, LabelPlace, List, PairField, find_file, invalid};
use crate::diagnostics::Result;
use crate::load::{FileKind, FileSystem, KUSTOMIZATION_NAMES};
use crate::yaml::{Limits, Mapping, Node, Pos, Source, read_stream};

/// What a new kustomization file says.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Creation {
    /// Patterns of what it lists.
    pub resources: Vec<String>,
    /// Its namespace.
    pub namespace: Option<String>,
    /// What is put before every name.
    pub name_prefix: Option<String>,
    /// What is put after every name.
    pub name_suffix: Option<String>,
    /// `KEY:VALUE` each, for `commonLabels`.
    pub labels: Vec<String>,
    /// `KEY:VALUE` each, for `commonAnnotations`.
    pub annotations: Vec<String>,
    /// Whether to list the files of the directory that hold objects.
    pub autodetect: bool,
    /// Whether to look for them in directories below as well.
    pub recursive: bool,
}

/// How deep directories are searched.
const MAX_DEPTH: usize = 100;

/// Returns the text of a new kustomization file for a directory that has none.
///
/// ```
/// use kustom::edit::{Creation, create};
///
/// let mut files = kustom::MemoryFs::new();
/// files.insert("/app/web.yaml", "{apiVersion: v1, kind: Service, metadata: {name: web}}");
/// let mut creation = Creation::default();
/// creation.autodetect = true;
/// assert_eq!(
///     create(files, "/app", &creation)?,
///     "apiVersion: kustomize.config.k8s.io/v1beta1\n\
///      kind: Kustomization\n\
///      resources:\n\
///      - web.yaml\n"
/// );
/// # Ok::<(), kustom::Error>(())
/// ```
///
/// # Errors
/// If there is one, a resource is not there, or a label or annotation has no key.
pub fn create(
    fs: impl FileSystem + 'static,
    dir: impl AsRef<Path>,
    creation: &Creation,
) -> Result<String> {
    let (fs, shown): (Arc<dyn FileSystem>, PathBuf) = (Arc::new(fs), dir.as_ref().to_path_buf());
    let dir = fs.absolute(&shown).map_err(|e| invalid(format!("open {}: {e}", shown.display())))?;
    let is_there = |name: &&&str| fs.kind(&dir.join(name)).is_ok();
    if let Some(name) = KUSTOMIZATION_NAMES.iter().find(is_there) {
        let file = shown.join(name);
        return Err(invalid(format!("kustomization file already exists: {}", file.display())));
    }
    let header = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n";
    let source = Source::read(header.as_bytes()).map_err(|e| invalid(e.to_string()))?;
    let file = shown.join(KUSTOMIZATION_NAMES[0]);
    let mut edit = Edit::of(fs, shown, dir, file, source);
    if !creation.resources.is_empty() {
        edit.add_entries(List::Resources, &creation.resources)?;
    }
    if creation.autodetect {
        let mut found = Vec::new();
        edit.detect("", creation.recursive, 0, &mut found);
        found.sort();
        let there: FxHashSet<String> =
            edit.texts("resources").into_iter().map(str::to_owned).collect();
        found.retain(|file| !there.contains(file));
        if !found.is_empty() {
            edit.append("resources", found.into_iter().map(Node::str));
        }
    }
    edit.set_name_prefix(creation.name_prefix.as_deref().unwrap_or_default());
    edit.set_name_suffix(creation.name_suffix.as_deref().unwrap_or_default());
    edit.set_namespace(creation.namespace.as_deref().unwrap_or_default());
    for (field, pairs) in
        [(PairField::Labels, &creation.labels), (PairField::Annotations, &creation.annotations)]
    {
        if !pairs.is_empty() {
            edit.add_pairs(field, LabelPlace::Common, pairs, true)?;
        }
    }
    Ok(edit.finish()?.text)
}

impl Edit {
    /// Collects the files of a directory that hold objects; below it, a directory with a kustomization
    /// counts as one.
    fn detect(&self, below: &str, recursive: bool, depth: usize, found: &mut Vec<String>) {
        let dir = self.path(below);
        let mut names = self.fs.list(&dir).unwrap_or_default();
        names.sort();
        // What git keeps for itself is no object.
        for name in names.into_iter().filter(|name| name != ".git") {
            let entry = if below.is_empty() { name } else { format!("{below}/{name}") };
            let path = self.path(&entry);
            match self.fs.kind(&path) {
                Ok(FileKind::Directory) if recursive && depth < MAX_DEPTH => {
                    if find_file(&*self.fs, &path, &path).is_ok() {
                        found.push(entry);
                    } else {
                        self.detect(&entry, recursive, depth + 1, found);
                    }
                }
                Ok(FileKind::File | FileKind::Link)
                    if self.fs.read(&path).is_ok_and(|bytes| holds_objects(&bytes)) =>
                {
                    found.push(entry);
                }
                _ => {}
            }
        }
    }
}

/// Returns `true` if all documents of a file are objects; an empty file has none that is not.
fn holds_objects(bytes: &[u8]) -> bool {
    let is_object = |node: &Node| {
        let text =
            |path: &[&str]| node.get_path(path).and_then(Node::text).is_some_and(|t| !t.is_empty());
        let is_list = node.get("items").is_some_and(|items| items.as_seq().is_some());
        node.as_map().is_some_and(|map: &Mapping| !map.is_empty())
            && text(&["kind"])
            && (text(&["metadata", "name"]) || is_list)
    };
    read_stream(bytes, Pos::NONE, &Limits { depth: 500, ..Limits::default() })
        .is_ok_and(|documents| documents.iter().all(is_object))
}
