//! Where paths lead to, each looked up once.

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;

use super::files::Files;
use super::fs::{FileKind, FileSystem};
use super::log::Part;
use super::outside_root;
use super::path::is_clean;
use crate::diagnostics::{Error, ErrorKind, Result};

impl Files {
    /// Returns `path` with links resolved, and whether it is a directory.
    ///
    /// # Errors
    /// If it does not exist, in upstream's words.
    pub(crate) fn resolve(&self, path: &Path) -> Result<(Arc<Path>, bool)> {
        self.resolve_as(path, &path.display())
    }

    /// As [`resolve`](Self::resolve), for a path that messages show otherwise.
    ///
    /// # Errors
    /// As there.
    pub(crate) fn resolve_as(
        &self,
        path: &Path,
        shown: &dyn fmt::Display,
    ) -> Result<(Arc<Path>, bool)> {
        if let Some((found, part)) = self.known().resolved.get(path.as_os_str()) {
            self.log().take_over(part);
            return Ok(found.clone());
        }
        let answers = self.added().answers();
        let (found, part) = self.log().part(|| self.look_up(path));
        let found = found.map_err(|e| self.unresolved(path, shown, e))?;
        if self.added().answers() == answers {
            self.state().resolved.insert(path.into(), (found.clone(), part));
        }
        Ok(found)
    }

    fn look_up(&self, path: &Path) -> io::Result<(Arc<Path>, bool)> {
        if self.remotes().mounts().is_top(path) {
            return Ok((self.fs().canonicalize(path)?.into(), true));
        }
        let (resolved, kind) = match (path.parent(), path.file_name()) {
            (Some(parent), Some(name)) => match self.directory(parent) {
                Ok(real) if self.leads_out(parent, &real) => self.look_up_outside(path)?,
                Ok(parent) => self.look_up_in(&parent.join(name).into())?,
                // The one directory that may be read is in none that may.
                Err(e) if outside_root::of(&e).is_some() => {
                    let resolved = self.fs().canonicalize(path).map_err(|_| e)?;
                    let kind = self.fs().kind(&resolved)?;
                    (resolved.into(), kind)
                }
                Err(e) => return Err(e),
            },
            _ => (self.fs().canonicalize(path)?.into(), FileKind::Directory),
        };
        Ok((resolved, kind == FileKind::Directory))
    }

    /// Looks up a name in a directory that leads through no links.
    fn look_up_in(&self, path: &Arc<Path>) -> io::Result<(Arc<Path>, FileKind)> {
        match self.kind_in_plain(path)? {
            FileKind::Link => {
                let target = self.fs().canonicalize(path)?;
                if self.leads_out(path, &target) {
                    return self.look_up_outside(path);
                }
                let kind = self.fs().kind(&target)?;
                Ok((target.into(), kind))
            }
            kind => Ok((Arc::clone(path), kind)),
        }
    }

    /// Returns `true` if a path of a fetched tree leads out of it.
    fn leads_out(&self, path: &Path, real: &Path) -> bool {
        let mounts = self.remotes().mounts();
        mounts.has(path) && !mounts.are_together(path, real)
    }

    /// As [`look_up`](Self::look_up), for what leads out of a fetched tree: it is refused, as what it is.
    fn look_up_outside(&self, path: &Path) -> io::Result<(Arc<Path>, FileKind)> {
        let mounts = self.remotes().mounts();
        let target = mounts.canonicalize(path)?;
        let kind = mounts.kind_behind(path, &target)?;
        Ok((target.into(), kind))
    }

    fn directory(&self, path: &Path) -> io::Result<Arc<Path>> {
        let known = self.known();
        if let Some((found, part)) = known.directories.get(path.as_os_str()) {
            self.log().take_over(part);
            return Ok(Arc::clone(found));
        }
        let resolved = match known.resolved.get(path.as_os_str()) {
            Some(((found, true), _)) => Some(Arc::clone(found)),
            _ => None,
        };
        let is_plain = |above: &Path| match known.directories.get(above.as_os_str()) {
            Some((found, _)) => found.as_os_str() == above.as_os_str(),
            None => known
                .resolved
                .get(above.as_os_str())
                .is_some_and(|((found, is_dir), _)| *is_dir && **found == *above),
        };
        let is_below_plain = path.file_name().is_some() && path.parent().is_some_and(is_plain);
        drop(known);
        let answers = self.added().answers();
        let (found, part) = match (resolved, &self.recorder) {
            (Some(found), None) => return Ok(found),
            (Some(found), Some(recorder)) => {
                let ((), part) = self.log().part(|| recorder.note_directory(path, &found));
                (found, part)
            }
            (None, _) => {
                let (found, part) = self.log().part(|| self.find_directory(path, is_below_plain));
                (found?, part)
            }
        };
        if self.added().answers() == answers {
            self.know_directory(path, &found, part);
        }
        Ok(found)
    }

    /// Returns what the path of a directory leads to; what lies above it may be known to be no links.
    fn find_directory(&self, path: &Path, is_below_plain: bool) -> io::Result<Arc<Path>> {
        if is_below_plain && is_clean(path) {
            let path: Arc<Path> = path.into();
            if matches!(self.kind_in_plain(&path), Ok(FileKind::Directory)) {
                return Ok(path);
            }
        }
        Ok(self.fs().canonicalize(path)?.into())
    }

    /// As that of the file system, of a name in a directory that leads through no links.
    fn kind_in_plain(&self, path: &Arc<Path>) -> io::Result<FileKind> {
        match &self.recorder {
            Some(recorder) => recorder.kind_in_plain(path).or_else(|e| self.kind_of_added(path, e)),
            None => self.fs().kind(path),
        }
    }

    /// Keeps what the path of a directory leads to. If that is the path itself, there are no links above.
    fn know_directory(&self, path: &Path, found: &Arc<Path>, part: Part) {
        let mut state = self.state();
        if found.as_os_str() == path.as_os_str() {
            for above in path.ancestors().skip(1) {
                if state.directories.contains_key(above.as_os_str()) {
                    break;
                }
                let found: Arc<Path> = above.into();
                let part = self.log().part_of_directory(&found);
                state.directories.insert(above.into(), (found, part));
            }
        }
        state.directories.insert(path.into(), (Arc::clone(found), part));
    }

    /// Says which component is missing, as upstream does.
    fn unresolved(&self, path: &Path, shown: &dyn fmt::Display, error: io::Error) -> Error {
        if let Some(outside) = outside_root::of(&error) {
            let outside = outside.words(path, shown);
            let message = format!("evalsymlink failure on '{shown}' : {outside}");
            return Error::new(ErrorKind::Restricted, message);
        }
        // Below what is not there, nothing is; what leads to something fetched need not be there either.
        let mounts = self.remotes().mounts();
        let above = path.ancestors().take_while(|above| mounts.are_together(path, above));
        let above: Vec<&Path> = above.collect();
        let missing = above.partition_point(|path| self.fs().kind(path).is_err());
        let missing = missing.checked_sub(1).and_then(|i| above.get(i).copied()).unwrap_or(path);
        let missing = missing.display();
        let cause = match error.kind() {
            io::ErrorKind::NotFound => format!("lstat {missing}: no such file or directory"),
            io::ErrorKind::NotADirectory => format!("lstat {missing}: not a directory"),
            io::ErrorKind::PermissionDenied => format!("lstat {missing}: permission denied"),
            _ => format!("lstat {missing}: {error}"),
        };
        Error::new(ErrorKind::Load, format!("evalsymlink failure on '{shown}' : {cause}"))
            .caused_by(error)
    }
}
