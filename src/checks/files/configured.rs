//! What functions and plugins read: only they know which files, so that a file in the folder that one runs in, or that its
//! config names, has a purpose.

use std::path::{Path, PathBuf};

use crate::checks::files::listing::peek;
use crate::load::{FileKind, Files, KUSTOMIZATION_NAMES, PathSet, join};
use crate::yaml::{Node, Pos};

/// The fields of a kustomization that list configs.
const FIELDS: [&str; 3] = ["generators", "transformers", "validators"];

/// How many files with configs are looked at.
const MOST: usize = 1_000;

/// The files that functions and plugins may read.
#[derive(Debug, Default)]
pub(crate) struct Configured {
    /// The folders of kustomizations that list one.
    folders: PathSet,
    /// What the configs name.
    named: PathSet,
    /// How many files with configs were looked at.
    looked_at: usize,
}

impl Configured {
    /// Looks at the functions and plugins of the kustomizations in these folders.
    pub(crate) fn of<'p>(files: &Files, folders: impl IntoIterator<Item = &'p Path>) -> Configured {
        let mut configured = Configured::default();
        for folder in folders {
            for kustomization in kustomization_of(files, folder) {
                let listed = FIELDS.iter().filter_map(|field| kustomization.get(field)?.as_seq());
                for entry in listed.flatten().filter_map(Node::text) {
                    configured.add_entry(files, folder, entry);
                }
            }
        }
        configured
    }

    /// Returns `true` if a function or plugin runs in a folder.
    pub(crate) fn runs_in(&self, folder: &Path) -> bool {
        self.folders.contains(folder)
    }

    /// Returns `true` if a config names a file or folder, or one that it lies in.
    pub(crate) fn names(&self, path: &Path) -> bool {
        path.ancestors().any(|path| self.named.contains(path))
    }

    /// Adds the configs of one entry: a file, a folder with a kustomization that lists files, or YAML.
    fn add_entry(&mut self, files: &Files, root: &Path, entry: &str) {
        let mut left = vec![(root.to_path_buf(), entry.to_owned())];
        let mut seen = PathSet::default();
        while let Some((folder, entry)) = left.pop() {
            let path = join(&folder, &entry);
            match files.fs().kind(&path).ok().filter(|_| !entry.contains('\n')) {
                Some(_) if self.looked_at >= MOST || !seen.insert(path.clone()) => {}
                Some(FileKind::Directory) => {
                    for kustomization in kustomization_of(files, &path) {
                        let listed = kustomization.get("resources").and_then(Node::as_seq);
                        let listed = listed.into_iter().flatten().filter_map(Node::text);
                        left.extend(listed.map(|entry| (path.clone(), entry.to_owned())));
                    }
                }
                Some(_) => {
                    self.looked_at += 1;
                    self.add_configs(root, path.parent().unwrap_or(root), &peek(files, &path));
                }
                None if entry.contains(':') => {
                    let (bytes, depth) = (entry.as_bytes(), files.limits().depth);
                    let documents = files.aliases().read_stream(bytes, Pos::NONE, depth);
                    self.add_configs(root, root, &documents.unwrap_or_default());
                }
                None => {}
            }
        }
    }

    /// Adds the configs of functions and plugins among these; paths in them are those of the kustomization in `root`, or of the
    /// folder that the config lies in.
    fn add_configs(&mut self, root: &Path, folder: &Path, configs: &[Node]) {
        for config in configs {
            let api_version = config.get("apiVersion").and_then(Node::text);
            if api_version.is_none_or(|version| version == "builtin") {
                continue;
            }
            self.folders.add(root);
            let mut left = vec![config];
            while let Some(node) = left.pop() {
                match node {
                    Node::Scalar { text, .. } => self.add_words(root, folder, text),
                    Node::Seq { items, .. } => left.extend(items),
                    Node::Map { map, .. } => left.extend(map.iter().map(|entry| &entry.value)),
                }
            }
        }
    }

    fn add_words(&mut self, root: &Path, folder: &Path, text: &str) {
        const LONGEST: usize = 255;
        let ends = |c: char| c.is_whitespace() || "\"'[]{},=".contains(c);
        let words = text.split(ends).filter(|word| !word.is_empty() && word.len() <= LONGEST);
        let paths = words.flat_map(|word| [join(root, word), join(folder, word)]);
        // `..` and the like are above everything.
        self.named
            .extend(paths.filter(|path| !root.starts_with(path) && !folder.starts_with(path)));
    }
}

/// Returns the documents of the kustomization in a folder.
fn kustomization_of(files: &Files, folder: &Path) -> Vec<Node> {
    let paths = KUSTOMIZATION_NAMES.iter().map(|name| -> PathBuf { folder.join(name) });
    let mut files_there = paths.filter(|path| files.fs().kind(path).ok() == Some(FileKind::File));
    files_there.next().map_or_else(Vec::new, |path| peek(files, &path))
}
