//! What changed: from git, or from a list.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use kustom::roots::{self, References};
use kustom::{Builder, DiskFs, FileSystem};

use crate::exclude::Excluded;
use crate::git::{Repository, Revision, WorkTree};
use crate::git_paths::{bytes_to_path, unquoted};
use crate::outside::OutsideArgs;
use crate::path_patterns::named_part;
use crate::revisions::Revisions;
use crate::{ask_git, checked_out, named_file, paths, search};

/// What has changed between two revisions, or a revision and the work tree.
#[derive(Default)]
pub(crate) struct Change {
    /// What has changed, absolute.
    pub(crate) paths: BTreeSet<PathBuf>,
    /// Those of them that the work tree does not have, for git has not checked them out.
    pub(crate) not_checked_out: BTreeSet<PathBuf>,
    /// The side before, of each repository that was asked; none if the changes were listed.
    before: Vec<Revision>,
    /// The side after; nothing for the work tree.
    after: Option<Revision>,
}

impl Change {
    /// Returns what has changed around some directories: all of their repositories, new files included; ignored
    /// files are not looked at.
    ///
    /// Revisions are looked up in git's objects. What the index and the ignore rules say of the work tree, git
    /// knows; without it every file is compared, ignored ones too.
    ///
    /// # Errors
    /// If there is no repository, or it has no such revision.
    pub(crate) fn around(
        revisions: &Revisions,
        dirs: &[PathBuf],
        excluded: &Excluded,
    ) -> Result<Change, String> {
        let mut change = Change::default();
        let mut known: Vec<PathBuf> = Vec::new();
        for dir in dirs {
            let repository = Repository::discover(dir)?;
            let top = repository.root();
            // A revision has the files of one repository: that of the first directory, as in `diff`.
            if known.iter().any(|known| known == top) || change.after.is_some() {
                continue;
            }
            known.push(top.to_path_buf());
            let (name, before) = revisions.before(&repository)?;
            change.after = revisions.after(&repository)?;
            let failed = |e: io::Error| format!("{}: {e}", top.display());
            let paths = match &change.after {
                Some(after) => before.changed_in(after).map_err(failed)?,
                None => {
                    let named: Vec<PathBuf> = dirs.iter().map(|dir| named_part(dir)).collect();
                    let folders = named.iter().map(PathBuf::as_path);
                    repository.check_checked_out(folders, excluded)?;
                    match ask_git::changed(top, &name, &before)? {
                        Some(paths) => [paths, before.changed_unseen()].concat(),
                        None => before.changed_on_disk().map_err(failed)?,
                    }
                }
            };
            if change.after.is_none()
                && !paths.is_empty()
                && let Some(skipped) = repository.skipped()
            {
                change
                    .not_checked_out
                    .extend(paths.iter().filter(|path| skipped.has(path)).cloned());
            }
            change.paths.extend(paths);
            change.before.push(before);
        }
        Ok(change)
    }

    /// Returns the changes that a file lists.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(crate) fn listed(file: &Path) -> Result<Change, String> {
        let paths = listed(file)?.into_iter().collect();
        Ok(Change { paths, ..Change::default() })
    }

    /// Returns the files after the change.
    pub(crate) fn after(&self) -> &dyn FileSystem {
        self.after.as_ref().map_or(&DiskFs, |after| after)
    }

    /// Returns the files after the change as those of a search, which goes past what git ignores.
    pub(crate) fn searched(&self) -> Box<dyn FileSystem> {
        match &self.after {
            Some(after) => Box::new(after.clone()),
            None => Box::new(WorkTree::default()),
        }
    }

    /// Returns what builds the side after.
    ///
    /// # Errors
    /// If the flags for functions are wrong.
    pub(crate) fn builder(
        &self,
        builder: Builder,
        outside: &OutsideArgs,
    ) -> Result<Builder, String> {
        match &self.after {
            Some(after) => checked_out::builder(builder, outside, after),
            None => Ok(builder),
        }
    }

    /// Returns what a file held before, if that is known.
    pub(crate) fn before(&self, path: &Path) -> Option<Vec<u8>> {
        let revisions = self.before.iter().filter(|revision| path.starts_with(revision.top().0));
        let nearest = revisions.max_by_key(|revision| revision.top().0.as_os_str().len());
        nearest?.read(path).ok()
    }

    /// Returns the files before; none if the changes were listed.
    pub(crate) fn sides_before(&self) -> impl Iterator<Item = &Revision> {
        self.before.iter()
    }

    /// Returns `true` if a directory had a kustomization before that was no component.
    pub(crate) fn had_root(&self, directory: &Path) -> bool {
        let is_root = |before: &Revision| {
            roots::is_kustomization(before, directory) && !roots::is_component(before, directory)
        };
        self.before.iter().any(is_root)
    }

    /// Returns what knows what has changed of a root, and what it refers to, and is not checked out: no build can look at
    /// that, so what the side before says counts.
    pub(crate) fn not_checked_out_of(&self) -> impl FnMut(&Path) -> Vec<PathBuf> {
        let before = self.before.iter().filter(|_| !self.not_checked_out.is_empty());
        let mut sides: Vec<(&Revision, References<'_>)> =
            before.map(|before| (before, References::new(before))).collect();
        move |root| {
            let mut found = BTreeSet::new();
            for (before, references) in &mut sides {
                let Ok(root) = before.absolute(root) else { continue };
                let root = before.canonicalize(&root).unwrap_or(root);
                let (closure, is_certain) = references.closure(&root);
                let is_of_it = |path: &&PathBuf| {
                    !is_certain || path.ancestors().any(|above| closure.contains(above))
                };
                found.extend(self.not_checked_out.iter().filter(is_of_it).cloned());
            }
            found.into_iter().collect()
        }
    }

    /// Checks that all was there that has been asked for: a partial clone has not all objects, and what cannot be read
    /// is not known to be touched.
    ///
    /// # Errors
    /// If an object is not in the clone, with what gets it.
    pub(crate) fn complete(&self) -> Result<(), String> {
        let lacking = self.before.iter().chain(&self.after).find_map(Revision::lacking);
        lacking.map_or(Ok(()), |message| {
            Err(format!("what the change touches cannot be told: {message}"))
        })
    }

    /// Returns the kustomizations at or below some directories that were roots before: those that no other one
    /// there referred to. Nothing if that is not known.
    pub(crate) fn roots_before(
        &self,
        dirs: &[PathBuf],
        excluded: &Excluded,
    ) -> Option<BTreeSet<PathBuf>> {
        let mut roots = BTreeSet::new();
        for before in &self.before {
            let dirs: Vec<PathBuf> =
                dirs.iter().filter(|dir| dir.starts_with(before.top().0)).cloned().collect();
            let is_excluded = |folder: &Path| excluded.matches(folder);
            roots.extend(search::find_all_with(before, &dirs, &is_excluded, "").0);
        }
        (!self.before.is_empty()).then_some(roots)
    }
}

/// Reads paths, one a line or each ended by a zero byte, from a file or, for `-`, stdin. Lines may be
/// quoted as git does it.
fn listed(file: &Path) -> Result<Vec<PathBuf>, String> {
    let bytes = named_file::read(file).map_err(|e| format!("{}: {e}", file.display()))?;
    let end = if bytes.contains(&0) { 0 } else { b'\n' };
    let lines = bytes.split(|&b| b == end).map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let paths = lines.filter(|line| !line.is_empty());
    let path = |line: &[u8]| match end {
        b'\n' => paths::physical(bytes_to_path(&unquoted(line))),
        _ => paths::physical(bytes_to_path(line)),
    };
    Ok(paths.map(path).collect())
}

/// Returns the files below a directory that git ignores, by their paths from `top` on; none where it cannot be
/// asked.
pub(crate) fn ignored(top: &Path, directory: &Path) -> Vec<PathBuf> {
    let Some(path) = directory.to_str() else { return Vec::new() };
    let words = ["ls-files", "--others", "--ignored", "--exclude-standard", "-z", "--", path];
    let listed = ask_git::run(top, &top.join(directory), words).ok().flatten().unwrap_or_default();
    let paths = listed.split(|byte| *byte == 0).filter(|path| !path.is_empty());
    paths.map(|path| bytes_to_path(path).to_path_buf()).collect()
}

/// Returns the pattern for which git ignores a path below `top`; nothing if it does not, or cannot be asked.
pub(crate) fn pattern_of(top: &Path, path: &Path) -> Option<String> {
    let words = ["check-ignore", "--verbose", "--", path.to_str()?];
    let said = ask_git::run(top, &top.join(path), words).ok().flatten()?;
    let said = String::from_utf8_lossy(&said).into_owned();
    // FILE:LINE:PATTERN and the path behind a tab.
    Some(said.split('\t').next()?.splitn(3, ':').nth(2)?.to_owned())
}

/// Returns the files at and below a directory that git has or would add, by their paths from there; nothing outside of
/// repositories, and where git knows of nothing there.
///
/// # Errors
/// If it lies in a repository of which git does not say that, or there is no git.
pub(crate) fn added(directory: &Path) -> Result<Option<BTreeSet<String>>, String> {
    let physical = paths::physical(directory);
    // A folder with that name alone is no repository.
    let is_repository = |own: PathBuf| own.is_file() || own.join("HEAD").is_file();
    if !physical.ancestors().any(|above| is_repository(above.join(".git"))) {
        return Ok(None);
    }
    let words = ["ls-files", "--cached", "--others", "--exclude-standard", "-z"];
    let listed = ask_git::run(directory, directory, words)?.ok_or(
        "the program git, which knows what a repository ignores, is not there: install it",
    )?;
    let paths = listed.split(|byte| *byte == 0).filter(|path| !path.is_empty());
    let paths = paths.map(|path| String::from_utf8_lossy(path).into_owned());
    Ok(Some(paths.collect()).filter(|paths: &BTreeSet<String>| !paths.is_empty()))
}
