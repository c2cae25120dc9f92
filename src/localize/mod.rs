//! A kustomization with all that it uses in one directory, and nothing elsewhere.
//!
//! A build tells what its kustomizations name; from the one that is wanted the names lead on to all the
//! others. Files of the user keep their places. What is elsewhere gets one beside the kustomization that
//! names it, which then names that place; every other byte stays. Nothing is written here.

mod idle;
mod place;
mod rewrite;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use idle::Idle;

use crate::build::Build;
use crate::build::cache::Cache;
use crate::builder::Builder;
use crate::charts::Renderings;
use crate::diagnostics::hints::{LOCALIZE_CONFIGURED, LOCALIZE_SAME_PLACE, LOCALIZE_SCOPE};
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::limits::{Limit, Stop};
use crate::load::remote::Mode;
use crate::load::{
    FileKind, FileSystem, KUSTOMIZATION_NAMES, Loader, Named, NamedEntries, RepoUrl, clean,
};

/// The most files of a copy; repositories that name each other could give any number.
const MOST_FILES: usize = 100_000;

/// A kustomization with all that it uses, to be written.
#[derive(Debug)]
#[non_exhaustive]
pub struct Localized {
    /// The files, by their paths below the destination.
    pub files: BTreeMap<PathBuf, Vec<u8>>,
    /// The directory of the kustomization, below the destination.
    pub target: PathBuf,
    /// The name for the destination if none is given.
    pub name: PathBuf,
    /// Whether something of it came from elsewhere.
    pub had_remotes: bool,
    /// Whether it has charts: their files are among the others, but they are not rendered.
    pub had_charts: bool,
    /// Whether it has functions or plugins: their configurations are among the files, but they are not run, and what
    /// only they read, programs included, is not copied.
    pub had_functions: bool,
    /// What the kustomization builds without charts, functions and plugins, before anything is copied.
    pub build: Result<Build>,
}

impl Builder {
    /// Returns the files that a copy of a kustomization consists of in which everything is local: what is
    /// remote lies in `localized-files/HOST/…` beside the kustomization that names it. The copy begins at
    /// `scope`, which is the target itself if nothing is given.
    ///
    /// ```
    /// let mut files = kustom::MemoryFs::new();
    /// files.insert("/app/kustomization.yaml", "configMapGenerator: [{name: a, files: [a.txt]}]\n");
    /// files.insert("/app/a.txt", "a");
    /// files.insert("/app/notes.txt", "not used");
    /// let copy = kustom::Builder::new().file_system(files).localize("/app", None)?;
    /// assert!(copy.files.keys().eq(["a.txt", "kustomization.yaml"].map(std::path::Path::new)));
    /// # Ok::<(), kustom::Error>(())
    /// ```
    ///
    /// # Errors
    /// If something cannot be loaded, lies outside of the scope, or has no place in a copy; a target that is
    /// loaded and cannot be built is copied nevertheless.
    pub fn localize(&self, target: impl AsRef<Path>, scope: Option<&Path>) -> Result<Localized> {
        let target = target.as_ref();
        let (files, named) = self.files(Mode::Build).listing_names();
        let cache = Cache::new(files, Some(Arc::new(Renderings::none())));
        let functions = Arc::<Idle>::default();
        let builder = self.clone().functions(Arc::clone(&functions));
        let build = match builder.call(&cache).build(target) {
            // The copy would lack what could not be loaded.
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::Load
                        | ErrorKind::Restricted
                        | ErrorKind::Kustomization
                        | ErrorKind::External
                        | ErrorKind::Cycle
                        | ErrorKind::Fetch
                        | ErrorKind::Lock
                        | ErrorKind::Limit
                        | ErrorKind::Cancelled
                ) =>
            {
                return Err(error);
            }
            build => build,
        };
        let used = cache.files.remotes().used();
        let written = target.to_string_lossy();
        let url = RepoUrl::parse(&written);
        let (root, from) = match named.of(Path::new("")).remove("") {
            Some(Named::Repository(root, tree)) => (root, tree),
            Some(Named::Directory(root)) => (root.clone(), root),
            _ => return Err(lost(target)),
        };
        if let Some(url) = &url {
            place::of_repository(&written, url, used.pinned.get(&*from).map(String::as_str))?;
            if let Some(scope) = scope {
                let message = format!("{} is no scope of the remote {written}", scope.display());
                return Err(Error::new(ErrorKind::Option, message).hint(&LOCALIZE_SCOPE));
            }
        }
        let name = place::default_name(&root, url.as_ref().map(|url| (url, &*from)));
        let from = match scope {
            Some(scope) => self.get_file_system().canonicalize(scope).map_err(|e| {
                Error::new(ErrorKind::Load, format!("{}: {e}", scope.display())).caused_by(e)
            })?,
            None => from.to_path_buf(),
        };
        let Ok(below) = root.strip_prefix(&from).map(Path::to_path_buf) else {
            let (target, scope) = (root.display(), from.display());
            let message = format!("{target} is not in the scope {scope}");
            return Err(Error::new(ErrorKind::Restricted, message));
        };
        let mut copy = Copy {
            fs: cache.files.fs(),
            named: &named,
            pinned: &used.pinned,
            files: BTreeMap::new(),
            visited: BTreeSet::new(),
            had_remotes: url.is_some(),
            had_charts: false,
            bytes: 0,
            most_bytes: cache.files.account().limits().read_bytes,
        };
        let mut waiting = vec![(root.to_path_buf(), Place { from, to: PathBuf::new() })];
        while let Some((root, place)) = waiting.pop() {
            copy.visit(&root, &place, &mut waiting)?;
        }
        let Copy { files, had_remotes, had_charts, .. } = copy;
        if let (Err(error), true) = (&build, had_remotes) {
            return Err(error.clone());
        }
        let had_functions = functions.has_met_any();
        Ok(Localized { files, target: below, name, had_remotes, had_charts, had_functions, build })
    }
}

/// A tree of files, and where it goes below the destination.
#[derive(Clone)]
struct Place {
    from: PathBuf,
    to: PathBuf,
}

impl Place {
    fn of(&self, path: &Path) -> Option<PathBuf> {
        Some(joined(&self.to, path.strip_prefix(&self.from).ok()?))
    }

    fn outside(&self, path: &Path) -> Error {
        let (path, scope) = (path.display(), self.from.display());
        let message =
            format!("{path} is not in the scope {scope}; a wider one can be given with --scope");
        Error::new(ErrorKind::Restricted, message)
    }
}

/// What is being put together.
struct Copy<'a> {
    fs: &'a dyn FileSystem,
    named: &'a NamedEntries,
    /// The commits of trees that a lock file pins.
    pinned: &'a BTreeMap<PathBuf, String>,
    files: BTreeMap<PathBuf, Vec<u8>>,
    /// The directories of kustomizations, below the destination.
    visited: BTreeSet<PathBuf>,
    had_remotes: bool,
    had_charts: bool,
    bytes: u64,
    most_bytes: u64,
}

impl Copy<'_> {
    /// Adds what the kustomization in a directory names, and hands out the others that it leads to.
    fn visit(
        &mut self,
        root: &Path,
        place: &Place,
        waiting: &mut Vec<(PathBuf, Place)>,
    ) -> Result<()> {
        let directory = place.of(root).ok_or_else(|| place.outside(root))?;
        if !self.visited.insert(directory.clone()) {
            return Ok(());
        }
        let entries = self.named.of(root);
        let mut renamed = BTreeMap::new();
        for (entry, named) in &entries {
            let to = match named {
                Named::File(_) if KUSTOMIZATION_NAMES.contains(&entry.as_str()) => continue,
                Named::File(path) => {
                    let to = self.place_of_file(root, &directory, place, entry, path)?;
                    self.add(to.clone(), self.read(path)?)?;
                    to
                }
                Named::Directory(path) => {
                    let to = place.of(path).ok_or_else(|| place.outside(path))?;
                    waiting.push((path.to_path_buf(), place.clone()));
                    to
                }
                Named::Charts(found, is_used) => {
                    self.had_charts |= is_used;
                    let Some(path) = found else { continue };
                    let to = self.place_of_file(root, &directory, place, entry, path)?;
                    self.add_folder(path, &to)?;
                    to
                }
                Named::Repository(path, tree) => {
                    let url = RepoUrl::parse(entry).ok_or_else(|| lost(Path::new(entry)))?;
                    self.had_remotes = true;
                    let to = directory.join(place::of_repository(entry, &url, self.pinned(tree))?);
                    let place = Place { from: tree.to_path_buf(), to };
                    let to = place.of(path).ok_or_else(|| place.outside(path))?;
                    waiting.push((path.to_path_buf(), place));
                    to
                }
            };
            let lexical = || clean(&Path::new("/").join(&directory).join(entry));
            if Loader::is_remote(entry)
                || Path::new(entry).is_absolute()
                || lexical() != Path::new("/").join(&to)
            {
                renamed.insert(entry.clone(), relative(&directory, &to));
            }
        }
        for (name, named) in &entries {
            let Named::File(path) = named else { continue };
            if KUSTOMIZATION_NAMES.contains(&name.as_str()) {
                let content = self.kustomization(path, &renamed)?;
                self.add(directory.join(name), content)?;
            }
        }
        Ok(())
    }

    fn pinned(&self, tree: &Path) -> Option<&str> {
        self.pinned.get(tree).map(String::as_str)
    }

    /// Returns the place of a file: where its entry says in the copy, if that can be.
    fn place_of_file(
        &mut self,
        root: &Path,
        directory: &Path,
        place: &Place,
        entry: &str,
        path: &Path,
    ) -> Result<PathBuf> {
        if Loader::is_remote(entry) {
            self.had_remotes = true;
            return Ok(directory.join(place::of_file(entry)?));
        }
        let as_written = Some(Path::new(entry)).filter(|entry| entry.is_relative());
        let as_written = as_written.and_then(|entry| place.of(&clean(&root.join(entry))));
        as_written.or_else(|| place.of(path)).ok_or_else(|| place.outside(path))
    }

    /// Reads a kustomization file, with other entries.
    fn kustomization(&self, path: &Path, renamed: &BTreeMap<String, String>) -> Result<Vec<u8>> {
        let bytes = self.read(path)?;
        if renamed.is_empty() {
            return Ok(bytes);
        }
        let rewritten = rewrite::rewrite(&bytes, renamed).map_err(|e| e.located_in(path))?;
        let (bytes, done) = rewritten;
        match renamed.keys().find(|entry| !done.contains(entry.as_str())) {
            None => Ok(bytes),
            Some(entry) => {
                let message = format!(
                    "'{entry}' is named by what the kustomization configures and not by itself, so it \
                     cannot be made local"
                );
                Err(Error::new(ErrorKind::Option, message)
                    .located_in(path)
                    .hint(&LOCALIZE_CONFIGURED))
            }
        }
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>> {
        self.fs.read(path).map_err(|e| {
            Error::new(ErrorKind::Load, format!("read {}: {e}", path.display())).caused_by(e)
        })
    }

    /// Adds all files below a directory; links are not followed, as upstream does not.
    fn add_folder(&mut self, from: &Path, to: &Path) -> Result<()> {
        let mut waiting = vec![(from.to_path_buf(), to.to_path_buf())];
        while let Some((from, to)) = waiting.pop() {
            let names = self.fs.list(&from).map_err(|e| {
                Error::new(ErrorKind::Load, format!("read {}: {e}", from.display())).caused_by(e)
            })?;
            for name in names {
                let (path, to) = (from.join(&name), to.join(&name));
                match self.fs.kind(&path) {
                    Ok(FileKind::Directory) => waiting.push((path, to)),
                    Ok(FileKind::File) => {
                        let content = self.read(&path)?;
                        self.add(to, content)?;
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }

    fn add(&mut self, to: PathBuf, content: Vec<u8>) -> Result<()> {
        if self.files.get(&to).is_some_and(|there| *there != content) {
            let message = format!("two files belong to {} in the copy", to.display());
            return Err(Error::new(ErrorKind::Option, message).hint(&LOCALIZE_SAME_PLACE));
        }
        self.bytes += content.len() as u64;
        self.files.insert(to, content);
        if self.bytes > self.most_bytes {
            return Err(Stop::Exceeded(Limit::ReadBytes, self.most_bytes).into());
        }
        if self.files.len() > MOST_FILES {
            let message = format!("the copy has more than {MOST_FILES} files");
            return Err(Error::new(ErrorKind::Limit, message));
        }
        Ok(())
    }
}

/// Joins a path to one that may be empty.
fn joined(base: &Path, path: &Path) -> PathBuf {
    // An empty last part would become a slash at the end.
    if path.as_os_str().is_empty() { base.to_path_buf() } else { base.join(path) }
}

/// Returns the way from a directory to a path, both below the destination.
fn relative(directory: &Path, to: &Path) -> String {
    let shared = directory.components().zip(to.components()).take_while(|(a, b)| a == b).count();
    let up = directory.components().skip(shared).map(|_| "..".to_owned());
    let down = to.components().skip(shared);
    let down = down.map(|part| part.as_os_str().to_string_lossy().into_owned());
    let parts: Vec<String> = up.chain(down).collect();
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}

fn lost(target: &Path) -> Error {
    Error::new(ErrorKind::Load, format!("{} was not looked at", target.display()))
}
