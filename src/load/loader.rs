//! Finds files and bases from a kustomization's directory, within its rights (docs/spec/loading.md).

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use super::files::Files;
use super::fs::FileKind;
use super::named::Named;
use super::path::{clean, is_within, join};
use super::remote::{FoundFile, FoundTree, Scope, not_whole};
use super::repo_url::{self, RepoUrl};
use crate::diagnostics::hints::{
    AMBIGUOUS_PATH, CYCLE, EMPTY_ENTRY, FILE_AS_FOLDER, FOLDER_AS_FILE, NO_KUSTOMIZATION,
    NOTHING_BESIDE, OUTSIDE_OF_FETCHED, OUTSIDE_OF_ROOT, TWO_KUSTOMIZATION_FILES,
};
use crate::diagnostics::{Detail, Error, ErrorKind, Location, Result, parse_name};
use crate::limits::Limit;
use crate::yaml::Pos;

/// From where files may be loaded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum LoadRestriction {
    /// Only from the directory of the kustomization that names them, and below.
    #[default]
    RootOnly,
    /// From anywhere.
    None,
}

/// Writes the value of upstream's flag: `LoadRestrictionsRootOnly` or `LoadRestrictionsNone`.
impl fmt::Display for LoadRestriction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            LoadRestriction::RootOnly => "LoadRestrictionsRootOnly",
            LoadRestriction::None => "LoadRestrictionsNone",
        })
    }
}

/// Reads what `Display` writes.
impl FromStr for LoadRestriction {
    type Err = Error;

    fn from_str(text: &str) -> Result<LoadRestriction> {
        let all = [LoadRestriction::RootOnly, LoadRestriction::None];
        parse_name("load restriction", &all, text)
    }
}

/// The directory of one kustomization, and those that led to it.
#[derive(Clone, Debug)]
pub(crate) struct Loader {
    root: Arc<Path>,
    restriction: LoadRestriction,
    parent: Option<Arc<Loader>>,
    /// How many directories led here.
    depth: u64,
    clone: Option<ClonedTree>,
}

/// The fetched tree that a directory is in.
#[derive(Clone, Debug)]
struct ClonedTree {
    /// Its directory, which no base may leave.
    directory: Arc<Path>,
    /// The URL that led from another place straight to the directory of this loader.
    url: Option<Arc<str>>,
    /// The directory in the user's files that led here.
    local: Option<Arc<Path>>,
    /// Whether all of it is there, and not only what builds look at.
    is_whole: bool,
}

/// The names of a kustomization file; exactly one must be there.
pub(crate) const KUSTOMIZATION_NAMES: [&str; 3] =
    ["kustomization.yaml", "kustomization.yml", "Kustomization"];

impl Drop for Loader {
    /// Drops a chain of any length without recursion.
    fn drop(&mut self) {
        let mut parent = self.parent.take();
        while let Some(mut loader) = parent.and_then(Arc::into_inner) {
            parent = loader.parent.take();
        }
    }
}

impl Loader {
    /// Returns the loader of the directory that a build was asked for.
    ///
    /// # Errors
    /// If it does not exist, is no directory or cannot be fetched.
    pub(crate) fn target(
        files: &Files,
        target: &Path,
        restriction: LoadRestriction,
    ) -> Result<Loader> {
        let shown = target.display().to_string();
        if shown.is_empty() {
            return Err(Error::new(
                ErrorKind::Load,
                "must build at directory: directory path cannot be empty",
            ));
        }
        if let Some(url) = RepoUrl::parse(&shown) {
            let loader = Loader::of_repo(files, &url, &shown, None, None)?;
            files.note_named(Path::new(""), "", || loader.named());
            return Ok(loader);
        }
        let absolute = files.fs().absolute(target).map_err(|e| {
            let message = format!("must build at directory: '{shown}': {e}");
            Error::new(ErrorKind::Load, message).caused_by(e)
        })?;
        let root = confirm_directory(files, &absolute, &shown)?;
        files.note_named(Path::new(""), "", || Named::Directory(Arc::clone(&root)));
        Ok(Loader { root, restriction, parent: None, depth: 0, clone: None })
    }

    /// Returns what leads here as something named.
    fn named(&self) -> Named {
        let root = Arc::clone(&self.root);
        match &self.clone {
            Some(clone) => Named::Repository(root, Arc::clone(&clone.directory)),
            None => Named::Directory(root),
        }
    }

    /// Returns the loader of the directory that a URL names.
    fn of_repo(
        files: &Files,
        url: &RepoUrl,
        written: &str,
        local: Option<Arc<Path>>,
        parent: Option<Arc<Loader>>,
    ) -> Result<Loader> {
        let from_remote = parent.as_ref().is_some_and(|parent| parent.clone.is_some());
        let scope = Scope { local: local.as_deref(), from_remote };
        let FoundTree { root: directory, is_whole, .. } =
            files.remotes().tree(files.looks(), url, written, scope)?;
        let path = clean(&directory.join(&url.path));
        let (root, is_directory) = files.resolve(&path)?;
        let shown = path.display();
        if !is_directory {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let message = format!("'{shown}' refers to file '{name}'; expecting directory");
            return Err(Error::new(ErrorKind::Load, message));
        }
        if !is_within(&root, &directory) {
            let clone = directory.display();
            let message = format!("\"{shown}\" refers to directory outside of repo \"{clone}\"");
            return Err(Error::new(ErrorKind::Restricted, message));
        }
        let clone = Some(ClonedTree { directory, url: Some(written.into()), local, is_whole });
        // As upstream does: what was fetched is restricted to its roots, whatever holds for the user's files (test
        // `fetched_trees_are_restricted` of the program).
        let depth = parent.as_ref().map_or(0, |parent| parent.depth + 1);
        files.account().allow(Limit::Layers, depth)?;
        Ok(Loader { root, restriction: LoadRestriction::RootOnly, parent, depth, clone })
    }

    /// Returns who asks for what is elsewhere.
    pub(crate) fn scope(&self) -> Scope<'_> {
        match &self.clone {
            Some(clone) => Scope { local: clone.local.as_deref(), from_remote: true },
            None => Scope { local: Some(&self.root), from_remote: false },
        }
    }

    /// Returns `true` if the directory was fetched, or is in a copy.
    pub(crate) fn is_fetched(&self) -> bool {
        self.clone.is_some()
    }

    /// Returns `true` if an entry names something that is elsewhere.
    pub(crate) fn is_remote(entry: &str) -> bool {
        repo_url::is_http(entry) || RepoUrl::parse(entry).is_some()
    }

    /// Notes that a program runs here, which may read any file of a fetched tree.
    ///
    /// # Errors
    /// If it lies in a copy that has only what builds look at.
    pub(crate) fn admit_program(&self, files: &Files) -> Result<()> {
        let Some(clone) = &self.clone else { return Ok(()) };
        files.note_tree(&clone.directory);
        if clone.is_whole { Ok(()) } else { Err(not_whole()) }
    }

    /// Returns the tree from elsewhere that the directory is in.
    pub(crate) fn tree(&self) -> Option<&Path> {
        self.clone.as_ref().map(|clone| &*clone.directory)
    }

    /// Returns the directory, links resolved.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Returns the path of the kustomization file.
    ///
    /// # Errors
    /// If there is none, or more than one.
    pub(crate) fn kustomization_file(&self, files: &Files) -> Result<Arc<Path>> {
        // Odd: whatever keeps a file from being loaded, links that leave the root included, makes it
        // count as absent (case loading/kustomization-is-a-directory).
        let mut path = self.root.join(KUSTOMIZATION_NAMES[0]);
        let there = |name: &&str| {
            path.set_file_name(name);
            match files.fs().kind(&path).ok()? {
                FileKind::Link => self.file(files, name).ok(),
                FileKind::Directory => None,
                FileKind::File | FileKind::Other => {
                    let file: Arc<Path> = path.as_path().into();
                    files.note_named(&self.root, name, || Named::File(Arc::clone(&file)));
                    Some(file)
                }
            }
        };
        let mut found = KUSTOMIZATION_NAMES.iter().filter_map(there);
        let root = self.root.display();
        match (found.next(), found.next()) {
            (Some(file), None) => Ok(file),
            (None, _) => Err(Error::new(
                ErrorKind::Load,
                format!(
                    "unable to find one of 'kustomization.yaml', 'kustomization.yml' or \
                     'Kustomization' in directory '{root}'"
                ),
            )
            .hint(&NO_KUSTOMIZATION)),
            (Some(first), Some(second)) => {
                let name = |file: &Path| file.file_name().unwrap_or_default().display().to_string();
                let (one, other) = (name(&first), name(&second));
                let message = format!("Found multiple kustomization files under: {root}");
                Err(Error::new(ErrorKind::Load, message)
                    .also("one is", Location { file: first.to_path_buf(), line: 0, column: 0 })
                    .hint(
                        TWO_KUSTOMIZATION_FILES.with(format!("keep one of `{one}` and `{other}`")),
                    ))
            }
        }
    }

    /// Returns the path to read for a file that this kustomization names.
    ///
    /// # Errors
    /// If it does not exist, is a directory, lies outside of the root or cannot be fetched.
    pub(crate) fn file(&self, files: &Files, entry: &str) -> Result<Arc<Path>> {
        self.file_or_directory(files, entry)?.ok_or_else(|| self.no_file(entry))
    }

    /// Reads a file that this kustomization names; also returns the position of its first byte.
    ///
    /// # Errors
    /// If it may not or cannot be read.
    pub(crate) fn read(&self, files: &Files, entry: &str) -> Result<(Vec<u8>, Pos)> {
        files.read_resolved(&self.file(files, entry)?)
    }

    /// As [`read`](Self::read), for a file whose content becomes a value.
    ///
    /// # Errors
    /// Also if there is no room for the value.
    pub(crate) fn read_value(&self, files: &Files, entry: &str) -> Result<(Vec<u8>, Pos)> {
        let (bytes, pos) = self.read(files, entry)?;
        files.account().charge_text(bytes.len())?;
        Ok((bytes, pos))
    }

    /// Returns the path to read for a file that this kustomization names, or `None` for a directory.
    ///
    /// # Errors
    /// If it does not exist, is a file that lies outside of the root or cannot be fetched.
    pub(crate) fn file_or_directory(
        &self,
        files: &Files,
        entry: &str,
    ) -> Result<Option<Arc<Path>>> {
        if repo_url::is_http(entry) {
            let found = files.remotes().file(files.looks(), entry, self.scope());
            let path = found.and_then(|found: FoundFile| found.path(entry))?;
            files.note_named(&self.root, entry, || Named::File(Arc::clone(&path)));
            return Ok(Some(path));
        }
        let path = self.path(entry);
        let (resolved, is_directory) = match (files.resolve(&path), self.restriction) {
            (Ok(found), _) => found,
            (Err(e), LoadRestriction::RootOnly) => {
                return Err(e.hint(&NOTHING_BESIDE).of_detail(Detail::Unresolved(path)));
            }
            (Err(e), LoadRestriction::None) => {
                let message = format!("open {}: no such file or directory", path.display());
                return Err(e.with_message(message).hint(&NOTHING_BESIDE));
            }
        };
        if is_directory {
            return Ok(None);
        }
        let is_inside = || resolved.parent().is_some_and(|p| is_within(p, &self.root));
        if self.restriction == LoadRestriction::RootOnly && !is_inside() {
            return Err(self.outside(&path));
        }
        files.note_named(&self.root, entry, || Named::File(Arc::clone(&resolved)));
        Ok(Some(resolved))
    }

    /// Checks that what `path` leads to may be read: it lies in or below the root, unless anything may.
    ///
    /// # Errors
    /// If it does not.
    pub(crate) fn check_inside(&self, path: &Path, resolved: &Path) -> Result<()> {
        let may = self.restriction == LoadRestriction::None || is_within(resolved, &self.root);
        if may { Ok(()) } else { Err(self.outside(path)) }
    }

    fn path(&self, entry: &str) -> PathBuf {
        if Path::new(entry).is_absolute() {
            clean(Path::new(entry))
        } else {
            join(&self.root, entry)
        }
    }

    /// Returns the error for a directory in the place of a file.
    pub(crate) fn no_file(&self, entry: &str) -> Error {
        let path = self.path(entry);
        let path = path.display();
        match self.restriction {
            LoadRestriction::None => {
                Error::new(ErrorKind::Load, format!("read {path}: is a directory"))
            }
            LoadRestriction::RootOnly => {
                Error::new(ErrorKind::Load, format!("'{path}' must resolve to a file"))
                    .hint(&FOLDER_AS_FILE)
            }
        }
    }

    fn outside(&self, path: &Path) -> Error {
        let (path, root) = (path.display(), self.root.display());
        let message = format!("security; file '{path}' is not in or below '{root}'");
        let error = Error::new(ErrorKind::Restricted, message);
        match self.is_fetched() {
            true => error.hint(&OUTSIDE_OF_FETCHED),
            false => error.hint(&OUTSIDE_OF_ROOT),
        }
    }

    /// Returns the loader of a base or component that this kustomization names.
    ///
    /// # Errors
    /// If the entry is absolute, ambiguous, no directory, contains this or a former root, or cannot be
    /// fetched.
    pub(crate) fn enter(self: &Arc<Self>, files: &Files, entry: &str) -> Result<Arc<Loader>> {
        if entry.is_empty() {
            return Err(Error::new(ErrorKind::Load, "new root cannot be empty").hint(&EMPTY_ENTRY));
        }
        if let Some(url) = RepoUrl::parse(entry) {
            self.check_repo_cycle(entry)?;
            let local = self.scope().local.map(Arc::from);
            let parent = Some(Arc::clone(self));
            let loader = Loader::of_repo(files, &url, entry, local, parent)?;
            files.note_named(&self.root, entry, || loader.named());
            return Ok(Arc::new(loader));
        }
        if Path::new(entry).is_absolute() {
            return Err(Error::new(
                ErrorKind::Load,
                format!("new root '{entry}' cannot be absolute"),
            ));
        }
        let ambiguous =
            entry.split('/').any(|part| part != "." && part != ".." && part.contains(".."));
        if ambiguous {
            return Err(Error::new(
                ErrorKind::Load,
                format!(
                    "path \"{entry}\" is ambiguous: resolves to \"{}\" after normalization, which \
                     is likely not the intended target; check for YAML indentation errors in your \
                     kustomization file",
                    clean(Path::new(entry)).display()
                ),
            )
            .hint(&AMBIGUOUS_PATH));
        }
        let depth = self.depth + 1;
        files.account().allow(Limit::Layers, depth)?;
        let path = join(&self.root, entry);
        let root = confirm_directory(files, &path, &path.display().to_string())
            .map_err(|e| e.hint(&NOTHING_BESIDE))?;
        if let Some(clone) = self.clone.as_ref().filter(|clone| !is_within(&root, &clone.directory))
        {
            return Err(Error::new(
                ErrorKind::Restricted,
                format!(
                    "security; bases in kustomizations found in cloned git repos must be within the \
                     repo, but base '{}' is outside '{}'",
                    root.display(),
                    clone.directory.display()
                ),
            ));
        }
        self.check_cycle(&root)?;
        files.note_named(&self.root, entry, || Named::Directory(Arc::clone(&root)));
        let clone = self.clone.clone().map(|clone| ClonedTree { url: None, ..clone });
        let (clone, restriction) =
            match files.added().holder(&root).filter(|_| files.is_added(&root)) {
                // What a chart brings is no more the user's own than a tree that was fetched.
                Some(chart) => {
                    let local = self.scope().local.map(Arc::from);
                    let directory = chart.into();
                    let clone = ClonedTree { directory, url: None, local, is_whole: true };
                    (Some(clone), LoadRestriction::RootOnly)
                }
                None => (clone, self.restriction),
            };
        let parent = Some(Arc::clone(self));
        Ok(Arc::new(Loader { root, restriction, parent, depth, clone }))
    }

    /// Returns the URL that led here, if one did.
    pub(crate) fn url(&self) -> Option<&Arc<str>> {
        self.clone.as_ref()?.url.as_ref()
    }

    /// Returns `true` if this kustomization could enter all of these directories and URLs, one below the
    /// other.
    pub(crate) fn may_enter(&self, entered: &[Entered]) -> bool {
        entered.iter().all(|entered| match entered {
            Entered::Directory(root) => self.check_cycle(root).is_ok(),
            Entered::Url(url) => self.check_repo_cycle(url).is_ok(),
        })
    }

    /// Checks that no URL on the way here begins with this one.
    fn check_repo_cycle(&self, candidate: &str) -> Result<()> {
        let mut visited = Some(self);
        while let Some(loader) = visited {
            if let Some(url) = loader.url().filter(|url| url.starts_with(candidate)) {
                return Err(Error::new(
                    ErrorKind::Cycle,
                    format!("cycle detected: URI '{candidate}' referenced by previous URI '{url}'"),
                )
                .hint(&CYCLE));
            }
            visited = loader.parent.as_deref();
        }
        Ok(())
    }

    fn check_cycle(&self, candidate: &Path) -> Result<()> {
        let mut visited = Some(self);
        while let Some(loader) = visited {
            if is_within(&loader.root, candidate) {
                return Err(Error::new(
                    ErrorKind::Cycle,
                    format!(
                        "cycle detected: candidate root '{}' contains visited root '{}'",
                        candidate.display(),
                        loader.root.display()
                    ),
                )
                .hint(&CYCLE));
            }
            // Upstream clones anew for each URL, so the way from here on leads through other folders.
            visited = loader.parent.as_deref().filter(|_| loader.url().is_none());
        }
        Ok(())
    }
}

/// What was entered on the way to a result.
#[derive(Clone, Debug)]
pub(crate) enum Entered {
    /// The directory of a kustomization.
    Directory(PathBuf),
    /// A URL that led to one.
    Url(Arc<str>),
}

fn confirm_directory(files: &Files, path: &Path, shown: &str) -> Result<Arc<Path>> {
    match files.resolve_as(path, &shown) {
        Ok((root, true)) => Ok(root),
        Ok((_, false)) => Err(Error::new(
            ErrorKind::Load,
            format!("must build at directory: '{shown}': file is not directory"),
        )
        .hint(&FILE_AS_FOLDER)),
        Err(e) => Err(e
            .context("must build at directory: not a valid directory")
            .of_detail(Detail::Unresolved(path.to_path_buf()))),
    }
}
