//! What can be seen of an error: its place, the file there, and the kustomization.

use std::path::{Path, PathBuf};

use rustc_hash::FxHashSet;

use crate::diagnostics::{Error, ErrorKind, Location};
use crate::load::{Files, KUSTOMIZATION_NAMES};
use crate::yaml::{self, Merges, Node, Pos, fold};

/// An error and its surroundings.
pub(super) struct Scene<'a> {
    pub(super) error: &'a Error,
    pub(super) files: &'a Files,
    /// The file at fault, with line and column as far as they are known.
    pub(super) place: Option<Location>,
    /// Its text, or an empty one.
    pub(super) text: String,
    /// The kustomization at fault, or whose entry is.
    pub(super) kustomization: Option<PathBuf>,
    /// What that file says, as far as it can be read.
    root: Option<Node>,
}

/// What was recognized.
#[derive(Default)]
pub(super) struct Finding {
    /// What to do.
    pub(super) hint: String,
    /// A better place.
    pub(super) place: Option<Location>,
    /// A better field.
    pub(super) field: Option<String>,
    /// Another place that plays a part.
    pub(super) also: Option<(&'static str, Location)>,
}

impl Finding {
    pub(super) fn new(hint: impl Into<String>) -> Finding {
        Finding { hint: hint.into(), ..Finding::default() }
    }

    pub(super) fn at(mut self, place: Option<Location>) -> Finding {
        self.place = place;
        self
    }
}

impl<'a> Scene<'a> {
    pub(super) fn of(error: &'a Error, files: &'a Files) -> Scene<'a> {
        let place = error.location().cloned().or_else(|| files.locate(error.position()));
        let kustomization = error.chain().last().cloned();
        let place = place.or_else(|| {
            let file = kustomization.clone()?;
            Some(Location { file, line: 0, column: 0 })
        });
        let text = place.as_ref().and_then(|place| files.text(&place.file)).unwrap_or_default();
        let root = kustomization.as_ref().and_then(|file| {
            let text = files.text(file)?;
            yaml::read_document(&text, Pos::NONE, Merges::Plain, &files.limits()).ok()?
        });
        Scene { error, files, place, text, kustomization, root }
    }

    /// Returns `true` if the error is of that kind.
    pub(super) fn is(&self, kind: ErrorKind) -> bool {
        self.error.kind() == kind
    }

    /// Returns `true` if a text or document was not understood.
    pub(super) fn is_about_text(&self) -> bool {
        matches!(
            self.error.kind(),
            ErrorKind::Syntax
                | ErrorKind::Resource
                | ErrorKind::Kustomization
                | ErrorKind::Patch
                | ErrorKind::Render
        )
    }

    /// Returns `true` if advice may name a path: errors in a fetched tree show nothing of the machine.
    pub(super) fn may_name(&self, path: &Path) -> bool {
        let (mounts, files) = (self.files.remotes().mounts(), self.files.fs());
        let Some(folder) = self.folder() else { return true };
        // Links of a fetched tree may lead out of it.
        let leads_out = || {
            let real = path.ancestors().find_map(|above| files.canonicalize(above).ok());
            real.is_none_or(|real| !mounts.are_together(folder, &real))
        };
        mounts.are_together(folder, path) && !(mounts.has(folder) && leads_out())
    }

    /// Returns `true` if the message has these words.
    pub(super) fn says(&self, words: &str) -> bool {
        self.error.message().contains(words)
    }

    /// Returns the line at fault, or an empty text.
    pub(super) fn line(&self) -> &str {
        let line = self.place.as_ref().map_or(0, |place| place.line as usize);
        self.text.lines().nth(line.wrapping_sub(1)).unwrap_or_default()
    }

    /// Returns the place of the first line that fits in the file at fault.
    pub(super) fn find_line(&self, fits: impl Fn(&str) -> bool) -> Option<Location> {
        let file = &self.place.as_ref()?.file;
        find_line(file, &self.text, fits)
    }

    /// Returns the name of the file at fault.
    pub(super) fn file_name(&self) -> &str {
        let file = self.place.as_ref().and_then(|place| place.file.file_name());
        file.and_then(|name| name.to_str()).unwrap_or_default()
    }

    /// Returns the field at fault, such as `resources[2]`.
    pub(super) fn field(&self) -> &str {
        self.error.field().unwrap_or_default()
    }

    /// Returns what the kustomization has in a field such as `patches[1].path`.
    pub(super) fn get(&self, field: &str) -> Option<&Node> {
        let mut node = self.root.as_ref()?;
        for part in field.split(['.', '[']) {
            node = match (node, part.strip_suffix(']')) {
                (Node::Seq { items, .. }, Some(i)) => items.get(i.parse::<usize>().ok()?)?,
                (Node::Map { map, .. }, None) => {
                    let is_it = |key: &str| fold(key).eq(fold(part));
                    &map.iter().rev().find(|e| e.key.text().is_some_and(is_it))?.value
                }
                _ => return None,
            };
        }
        Some(node)
    }

    /// Returns the text of a field of the kustomization, or an empty one.
    pub(super) fn get_text(&self, field: &str) -> &str {
        self.get(field).and_then(Node::text).unwrap_or_default()
    }

    /// Returns the entry at fault, if it is one text in a list of paths.
    pub(super) fn entry(&self) -> Option<&str> {
        let (list, _) = self.field().split_once('[')?;
        let lists = [
            "resources",
            "components",
            "bases",
            "crds",
            "configurations",
            "transformers",
            "generators",
            "validators",
        ];
        lists.contains(&list).then(|| self.get(self.field()).and_then(Node::text)).flatten()
    }

    /// Returns the folder of the kustomization at fault.
    pub(super) fn folder(&self) -> Option<&Path> {
        self.kustomization.as_ref()?.parent()
    }

    /// Returns the kustomization files that were read and that lead to the error's place, the nearest
    /// first, for errors that no kustomization is known of; all if there is no place. Others belong to
    /// other roots of the same call.
    pub(super) fn kustomizations(&self) -> Vec<PathBuf> {
        let is_one = |file: &PathBuf| {
            let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            KUSTOMIZATION_NAMES.contains(&name)
        };
        let mut left: Vec<PathBuf> = self.files.read_so_far().into_iter().filter(is_one).collect();
        left.sort();
        let Some(place) = &self.place else { return left };
        let own = place.file.parent().map(Path::to_path_buf);
        let mut led_to: FxHashSet<PathBuf> = own.into_iter().chain([place.file.clone()]).collect();
        let named: Vec<Vec<PathBuf>> = left.iter().map(|file| self.named_by(file)).collect();
        let mut left: Vec<(PathBuf, Vec<PathBuf>)> = left.into_iter().zip(named).collect();
        let mut found = Vec::new();
        loop {
            let is_near = |(file, named): &(PathBuf, Vec<PathBuf>)| {
                file.parent().is_some_and(|folder| led_to.contains(folder))
                    || named.iter().any(|path| led_to.contains(path))
            };
            let (near, others): (Vec<_>, Vec<_>) = left.into_iter().partition(is_near);
            if near.is_empty() {
                return found;
            }
            left = others;
            for (file, _) in near {
                led_to.extend(file.parent().map(Path::to_path_buf));
                found.push(file);
            }
        }
    }

    /// Returns the files and folders that a kustomization names in its lists.
    pub(super) fn named_by(&self, file: &Path) -> Vec<PathBuf> {
        let folder = file.parent().unwrap_or(Path::new(""));
        let documents = self.documents(file);
        let lists = ["resources", "bases", "components"];
        let roots = documents.first().into_iter().flat_map(|root| lists.map(|list| root.get(list)));
        let entries = roots.flatten().filter_map(Node::as_seq).flatten().filter_map(Node::text);
        entries.map(|entry| crate::load::join(folder, entry)).collect()
    }

    /// Returns all texts of the kustomization, read as paths.
    pub(super) fn paths(&self) -> FxHashSet<PathBuf> {
        let folder = self.folder().unwrap_or(Path::new(""));
        let mut found = FxHashSet::default();
        let mut left: Vec<&Node> = self.root.iter().collect();
        while let Some(node) = left.pop() {
            match node {
                Node::Map { map, .. } => left.extend(map.iter().map(|entry| &entry.value)),
                Node::Seq { items, .. } => left.extend(items),
                Node::Scalar { .. } => {
                    let text = node.text().filter(|text| !text.contains('\n')).unwrap_or_default();
                    // A generator gives a file a key.
                    for path in [Some(text), text.split_once('=').map(|(_, path)| path)] {
                        found.extend(path.map(|path| crate::load::join(folder, path)));
                    }
                }
            }
        }
        found
    }

    /// Returns the documents of a file.
    pub(super) fn documents(&self, path: &Path) -> Vec<Node> {
        let text = self.files.text(path).unwrap_or_default();
        yaml::read_stream(text.as_bytes(), Pos::NONE, &self.files.limits()).unwrap_or_default()
    }
}

/// Returns the place of the first line of a text that fits.
pub(super) fn find_line(file: &Path, text: &str, fits: impl Fn(&str) -> bool) -> Option<Location> {
    let line = text.lines().position(fits)?;
    let indent = text.lines().nth(line).map_or(0, |l| l.len() - l.trim_start().len());
    Some(Location { file: file.to_path_buf(), line: line as u32 + 1, column: indent as u32 + 1 })
}

/// Returns the text between two marks.
pub(super) fn between<'t>(text: &'t str, start: &str, end: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(start)?;
    rest.split_once(end).map(|(inner, _)| inner)
}
