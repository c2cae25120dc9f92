//! Changing a kustomization file: what `kustomize edit` does, without disturbing the rest of the file.
//!
//! An [`Edit`] holds a file as it is and as it is wanted. Each command changes what is wanted; the bytes
//! follow at the end ([`Edit::finish`]), with the proof that they say just that
//! (`yaml::Source::rewrite`). Nothing is written to the disk here.
//!
//! ```text
//! fields      the fields of a file as a tree
//! lists       resources, components, transformers …
//! texts       namespace, namePrefix, nameSuffix
//! pairs       labels and annotations
//! images      replicas      build_metadata      patches      generators
//! fix         deprecated fields; vars -> replacements   (fix_vars)
//! create      a new file
//! ```
//!
//! What a command means is decided by upstream, which rewrites the whole file on the way.

mod build_metadata;
mod create;
mod fields;
mod fix;
mod fix_vars;
mod generators;
mod images;
mod lists;
mod pairs;
mod patches;
mod remarks;
mod replicas;
mod texts;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::FxHashMap;

pub use create::{Creation, create};
pub use fix::Fixed;
pub use generators::{Behavior, GeneratorKind, NewSources};
pub use images::{ImageArg, ImageChange, UpdateOutcome};
pub use lists::List;
pub use pairs::{LabelPlace, PairField};
pub use patches::{PatchArg, PatchTarget};

use crate::diagnostics::hints::{EDIT_BY_HAND, EDIT_WITHOUT_FILE, TWO_KUSTOMIZATION_FILES};
use crate::diagnostics::{Error, ErrorKind, Excerpt, Location, Result, Sources};
use crate::diff::SecretValues;
use crate::kustomization::{self, Kustomization};
use crate::load::{FileKind, FileSystem, KUSTOMIZATION_NAMES, Lines, clean, excerpt};
use crate::mistakes;
use crate::yaml::{Keeping, Kept, Node, Pos, Source, SourceError, same};
pub use crate::yaml::{Rewritten, Splice};

/// A kustomization file that is being changed.
///
/// ```
/// let mut files = kustom::MemoryFs::new();
/// files.insert("/app/kustomization.yaml", "namePrefix: a- # short\nresources: []\n");
/// let mut edit = kustom::edit::Edit::open(files, "/app")?;
/// edit.set_name_prefix("b-");
/// assert_eq!(edit.finish()?.text, "namePrefix: b- # short\nresources: []\n");
/// # Ok::<(), kustom::Error>(())
/// ```
#[derive(Debug)]
pub struct Edit {
    fs: Arc<dyn FileSystem>,
    /// The directory as it was given.
    shown: PathBuf,
    dir: PathBuf,
    file: PathBuf,
    source: Source,
    /// What the file is going to say.
    wanted: Node,
    /// The entries of `images` of each name, as long as nothing else changes.
    image_places: Option<FxHashMap<String, Vec<usize>>>,
    /// Comments that change with the values before them.
    remarks: Vec<Splice>,
    /// Which comments stay of what goes.
    kept: Kept,
    /// Fields and items that go, and those that their comments go to.
    heirs: Vec<(Pos, Pos)>,
    notes: Vec<String>,
}

impl Edit {
    /// Opens the kustomization file of a directory.
    ///
    /// # Errors
    /// If there is none or more than one, or it is not a kustomization file.
    pub fn open(fs: impl FileSystem + 'static, dir: impl AsRef<Path>) -> Result<Edit> {
        let edit = Edit::open_unchecked(fs, dir)?;
        edit.check(edit.source.root())?;
        Ok(edit)
    }

    /// As [`open`](Self::open), for a file that may have a value of the wrong type, which the change
    /// replaces; [`finish`](Self::finish) refuses what is still wrong then.
    ///
    /// # Errors
    /// If there is none or more than one, or it is not YAML.
    pub fn open_unchecked(fs: impl FileSystem + 'static, dir: impl AsRef<Path>) -> Result<Edit> {
        let (fs, shown): (Arc<dyn FileSystem>, _) = (Arc::new(fs), dir.as_ref().to_path_buf());
        let failed = |e: std::io::Error| {
            Error::new(ErrorKind::Load, format!("open {}: {e}", shown.display()))
        };
        let dir = fs.absolute(&shown).map_err(failed)?;
        let name = find_file(&*fs, &dir, &shown)?;
        let file = dir.join(name);
        let bytes = fs.read(&file).map_err(|e| {
            Error::new(ErrorKind::Load, format!("read {}: {e}", shown.join(name).display()))
        })?;
        let source = Source::read(&bytes).map_err(|error| match &error {
            SourceError::Syntax(syntax) => {
                let text = String::from_utf8_lossy(&bytes);
                let shown = TextAt { file: &shown.join(name), text: &text };
                let error = kustomization::syntax_error(syntax.clone(), FIRST);
                let error = mistakes::explain_text(error, shown.file, &bytes).resolve(&shown);
                without_secrets(error, &[&text])
            }
            _ => Error::new(ErrorKind::Kustomization, error.to_string())
                .located_in(&shown.join(name)),
        })?;
        let file = shown.join(name);
        let edit = Edit::of(fs, shown, dir, file, source);
        if edit.wanted.as_map().is_none() {
            edit.check(&edit.wanted)?;
        }
        Ok(edit)
    }

    fn of(
        fs: Arc<dyn FileSystem>,
        shown: PathBuf,
        dir: PathBuf,
        file: PathBuf,
        source: Source,
    ) -> Edit {
        let wanted = match source.root() {
            root if root.is_null() => Node::map(crate::yaml::Mapping::new()),
            root => root.clone(),
        };
        let (image_places, remarks, notes) = (None, Vec::new(), Vec::new());
        let (kept, heirs) = (Kept::OwnLines, Vec::new());
        Edit { fs, shown, dir, file, source, wanted, image_places, remarks, kept, heirs, notes }
    }

    /// Returns the path of the file, as the directory was given.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Returns `true` if the file has a field of this name.
    pub fn has_field(&self, name: &str) -> bool {
        self.source.root().get(name).is_some()
    }

    /// Returns what there is to say although nothing is wrong, such as that an entry is there already.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Returns `true` if the file says already what is wanted.
    pub fn is_unchanged(&self) -> bool {
        match self.source.root() {
            root if root.is_null() => {
                self.wanted.as_map().is_some_and(crate::yaml::Mapping::is_empty)
            }
            root => same(root, &self.wanted),
        }
    }

    /// Returns what is wanted as a file that is written anew, without the comments of the old one: for what
    /// nobody keeps.
    ///
    /// # Errors
    /// If the change would make the file one that cannot be built.
    pub fn to_yaml(&self) -> Result<String> {
        self.check(&self.wanted)?;
        let mut text = String::new();
        crate::yaml::print(&self.wanted, &mut text)?;
        Ok(text)
    }

    /// Returns the changed text, which says what was asked for and nothing else.
    ///
    /// # Errors
    /// If the change would make the file one that cannot be built, or cannot be made in place.
    pub fn finish(&self) -> Result<Rewritten> {
        self.check(&self.wanted)?;
        let is_empty = self.wanted.as_map().is_some_and(crate::yaml::Mapping::is_empty);
        let wanted = match self.is_unchanged() {
            true => self.source.root().clone(),
            // As upstream, which adds it on every change; `{}` is nothing to go on with.
            false if is_empty => empty(),
            false => self.wanted.clone(),
        };
        let mut heirs = self.heirs.clone();
        heirs.sort_unstable();
        let keeping = Keeping { kept: self.kept, heirs: &heirs };
        let rewritten = self.source.rewrite_keeping(&wanted, &self.remarks, keeping);
        // A comment is not worth a refusal.
        rewritten.or_else(|_| self.source.rewrite(&wanted)).map_err(|error| {
            let error = Error::new(ErrorKind::Kustomization, error.to_string());
            self.concealed(error.located_in(&self.file).hint(&EDIT_BY_HAND))
        })
    }

    /// Returns the file as the build reads it.
    fn check(&self, root: &Node) -> Result<Kustomization> {
        let shown = TextAt { file: &self.file, text: self.source.text() };
        kustomization::read_tree(root).map_err(|error| self.concealed(error.resolve(&shown)))
    }

    /// Takes the values of Secrets out of an error: those of the file as it is, and as it is wanted.
    fn concealed(&self, error: Error) -> Error {
        without_secrets(error, &[self.source.text(), &printed(&self.wanted)])
    }

    fn note(&mut self, note: impl fmt::Display) {
        self.notes.push(note.to_string());
    }

    /// Returns the path of something that the file names.
    fn path(&self, entry: &str) -> PathBuf {
        clean(&self.dir.join(entry))
    }

    /// Reads a file that the file names.
    fn read(&self, entry: &str) -> Result<Vec<u8>> {
        self.fs.read(&self.path(entry)).map_err(|e| {
            Error::new(ErrorKind::Load, format!("open {}: {e}", self.shown.join(entry).display()))
        })
    }
}

/// The position of the first byte of a file.
const FIRST: Pos = Pos(1);

/// Returns the name of the kustomization file in a directory.
fn find_file(fs: &dyn FileSystem, dir: &Path, shown: &Path) -> Result<&'static str> {
    let is_file = |name: &&&str| match fs.kind(&dir.join(name)) {
        Ok(FileKind::Link) => fs.read(&dir.join(name)).is_ok(),
        Ok(FileKind::File | FileKind::Other) => true,
        _ => false,
    };
    let mut found = KUSTOMIZATION_NAMES.iter().filter(is_file);
    let place = shown.display();
    match (found.next(), found.next()) {
        (Some(name), None) => Ok(name),
        (None, _) => Err(Error::new(
            ErrorKind::Load,
            format!("Missing kustomization file 'kustomization.yaml' in {place}"),
        )
        .hint(&EDIT_WITHOUT_FILE)),
        (Some(first), Some(second)) => {
            Err(Error::new(ErrorKind::Load, format!("Found multiple kustomization files: {place}"))
                .hint(
                    TWO_KUSTOMIZATION_FILES.with(format!("keep one of `{first}` and `{second}`")),
                ))
        }
    }
}

/// Returns a tree as YAML; nothing if it cannot be printed.
fn printed(node: &Node) -> String {
    let mut text = String::new();
    crate::yaml::print(node, &mut text).map(|()| text).unwrap_or_default()
}

/// Takes the values of Secrets that some texts of a kustomization hold out of an error, which ends up in logs.
fn without_secrets(error: Error, texts: &[&str]) -> Error {
    let secrets = SecretValues::of(texts.iter().map(|text| (KUSTOMIZATION_NAMES[0], text)));
    error.concealed(&|text| secrets.redact(text))
}

/// Returns a kustomization that says nothing.
fn empty() -> Node {
    let mut header = crate::yaml::Mapping::new();
    header.set("apiVersion", Node::str("kustomize.config.k8s.io/v1beta1"));
    header.set("kind", Node::str("Kustomization"));
    Node::map(header)
}

/// Returns the error for an argument that is not understood.
fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Option, message)
}

/// A file whose positions count from 1.
struct TextAt<'a> {
    file: &'a Path,
    text: &'a str,
}

impl Sources for TextAt<'_> {
    fn locate(&self, pos: Pos) -> Option<Location> {
        let before = self.text.get(..pos.since(FIRST))?;
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let count = |n: usize| u32::try_from(n + 1).unwrap_or(u32::MAX);
        Some(Location {
            file: self.file.to_path_buf(),
            line: count(before.matches('\n').count()),
            column: count(before[line_start..].chars().count()),
        })
    }

    fn excerpt(&self, place: &Location) -> Option<Excerpt> {
        excerpt(&Lines::new(self.text.to_owned()), place)
    }

    fn shown(&self, path: &Path) -> PathBuf {
        path.to_path_buf()
    }
}
