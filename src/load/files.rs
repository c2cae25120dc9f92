//! Reads every file once and parses it once, for one build or for many that share it.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ecow::EcoVec;
use rustc_hash::FxHashMap;

use super::fs::{FileKind, FileSystem};
use super::recorder::{Record, Recorder};
use super::sources::{Origin, SourceMap};
use crate::error::{Error, ErrorKind, Location, Result};
use crate::yaml::{self, Limits, Node, Pos};

/// Reads a file that a kustomization names; answers its bytes and the position of the first.
pub(crate) type ReadFile<'a> = dyn FnMut(&str) -> Result<(Vec<u8>, Pos)> + 'a;

/// The files of a build, with what has been read of them.
#[derive(Debug)]
pub(crate) struct Files {
    fs: Arc<dyn FileSystem>,
    limits: Limits,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Resolved directories.
    directories: FxHashMap<PathBuf, PathBuf>,
    /// The documents of resource files.
    documents: FxHashMap<PathBuf, EcoVec<Node>>,
    sources: SourceMap,
}

impl Files {
    /// Returns files of which nothing has been read.
    pub(crate) fn new(fs: Arc<dyn FileSystem>, limits: Limits) -> Files {
        Files { fs, limits, state: Mutex::default() }
    }

    /// Returns files of which nothing has been read, and a record of what will be looked at.
    pub(crate) fn recorded(fs: Arc<dyn FileSystem>, limits: Limits) -> (Files, Record) {
        let (recorder, record) = Recorder::new(fs);
        (Files::new(Arc::new(recorder), limits), record)
    }

    /// Returns the limits for reading YAML.
    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Returns the file system.
    pub(crate) fn fs(&self) -> &dyn FileSystem {
        &*self.fs
    }

    /// Returns `path` with links resolved, and whether it is a directory.
    ///
    /// # Errors
    /// If it does not exist, in upstream's words.
    pub(crate) fn resolve(&self, path: &Path) -> Result<(PathBuf, bool)> {
        if let Some(found) = self.state().directories.get(path) {
            return Ok((found.clone(), true));
        }
        self.look_up(path).map_err(|e| self.unresolved(path, &e))
    }

    fn look_up(&self, path: &Path) -> io::Result<(PathBuf, bool)> {
        let (resolved, kind) = match (path.parent(), path.file_name()) {
            (Some(parent), Some(name)) => {
                let resolved = self.directory(parent)?.join(name);
                match self.fs.kind(&resolved)? {
                    FileKind::Link => {
                        let target = self.fs.canonicalize(&resolved)?;
                        let kind = self.fs.kind(&target)?;
                        (target, kind)
                    }
                    kind => (resolved, kind),
                }
            }
            _ => (self.fs.canonicalize(path)?, FileKind::Directory),
        };
        if kind == FileKind::Directory {
            self.state().directories.insert(path.to_path_buf(), resolved.clone());
        }
        Ok((resolved, kind == FileKind::Directory))
    }

    fn directory(&self, path: &Path) -> io::Result<PathBuf> {
        if let Some(found) = self.state().directories.get(path) {
            return Ok(found.clone());
        }
        let resolved = self.fs.canonicalize(path)?;
        self.state().directories.insert(path.to_path_buf(), resolved.clone());
        Ok(resolved)
    }

    /// Says which component is missing, as upstream does.
    fn unresolved(&self, path: &Path, error: &io::Error) -> Error {
        let missing =
            path.ancestors().take_while(|p| self.fs.kind(p).is_err()).last().unwrap_or(path);
        let hint = self.near(missing);
        let missing = missing.display();
        let cause = match error.kind() {
            io::ErrorKind::NotFound => format!("lstat {missing}: no such file or directory"),
            io::ErrorKind::NotADirectory => format!("lstat {missing}: not a directory"),
            io::ErrorKind::PermissionDenied => format!("lstat {missing}: permission denied"),
            _ => format!("lstat {missing}: {error}"),
        };
        Error::new(
            ErrorKind::Load,
            format!("evalsymlink failure on '{}' : {cause}", path.display()),
        )
        .hint(hint)
    }

    /// Says what may have been meant by a path that is not there.
    fn near(&self, missing: &Path) -> String {
        let name = missing.file_name().unwrap_or_default().to_string_lossy();
        let names = missing.parent().and_then(|folder| self.fs.list(folder).ok());
        let names = names.unwrap_or_default();
        match yaml::nearest(names.iter().map(String::as_str), &name) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "a path counts from the folder of the file that names it".to_owned(),
        }
    }

    /// Reads a file and returns its bytes and the position of the first.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(crate) fn read(&self, path: &Path) -> Result<(Vec<u8>, Pos)> {
        let bytes = self.fs.read(path).map_err(|e| unreadable(path, &e))?;
        let pos = self.state().sources.add(Origin::File(path.to_path_buf()), bytes.len());
        Ok((bytes, pos))
    }

    /// Gives the text of a scalar positions of its own, so that faults inside it can be located.
    pub(crate) fn inline(&self, scalar: Pos, text: &str) -> Pos {
        self.state().sources.add(Origin::Scalar(scalar), text.len())
    }

    /// Returns the documents of a resource file; it is read and parsed once.
    ///
    /// # Errors
    /// If it cannot be read or is not YAML.
    pub(crate) fn documents(&self, path: &Path) -> Result<EcoVec<Node>> {
        if let Some(found) = self.state().documents.get(path) {
            return Ok(found.clone());
        }
        let (bytes, pos) = self.read(path)?;
        let documents: EcoVec<Node> = yaml::read_stream(&bytes, pos, &self.limits)
            .map_err(|e| Error::syntax(&e, pos))?
            .into();
        self.state().documents.insert(path.to_path_buf(), documents.clone());
        Ok(documents)
    }

    /// Returns file, line and column of a position.
    pub(crate) fn locate(&self, pos: Pos) -> Option<Location> {
        self.locate_in(pos, &|path| self.text(path))
    }

    /// As [`locate`](Self::locate), with the texts of the files from elsewhere.
    pub(crate) fn locate_in(
        &self,
        pos: Pos,
        text: &dyn Fn(&Path) -> Option<String>,
    ) -> Option<Location> {
        self.state().sources.locate(pos, text)
    }

    /// Returns the text of a file, read again.
    pub(crate) fn text(&self, path: &Path) -> Option<String> {
        let bytes = self.fs.read(path).ok()?;
        let text = yaml::decode(&bytes).ok()?;
        Some(if text.contains('\r') { text.replace("\r\n", "\n") } else { text.into_owned() })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn unreadable(path: &Path, error: &io::Error) -> Error {
    let path = path.display();
    let message = match error.kind() {
        io::ErrorKind::NotFound => format!("open {path}: no such file or directory"),
        io::ErrorKind::IsADirectory => format!("read {path}: is a directory"),
        io::ErrorKind::PermissionDenied => format!("open {path}: permission denied"),
        _ => format!("read {path}: {error}"),
    };
    Error::new(ErrorKind::Load, message)
}
