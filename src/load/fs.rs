//! Where files come from: the disk, or memory.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::path::{clean, is_clean};
use super::regular_file::{self, too_large};

/// What a path names; symbolic links are not followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Link,
    /// Anything else.
    Other,
}

/// The files a build may read. A build is a function of its file system and its options.
///
/// All paths given to it are absolute and lexically clean (no `.`, no `..`).
///
/// What an editor has not saved yet, on top of the disk:
///
/// ```
/// use std::io;
/// use std::path::{Path, PathBuf};
///
/// use kustom::{Builder, DiskFs, FileKind, FileSystem};
///
/// #[derive(Debug)]
/// struct Unsaved {
///     file: PathBuf,
///     text: String,
/// }
///
/// impl FileSystem for Unsaved {
///     fn kind(&self, path: &Path) -> io::Result<FileKind> {
///         DiskFs.kind(path)
///     }
///     fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
///         DiskFs.canonicalize(path)
///     }
///     fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
///         if path == self.file { Ok(self.text.clone().into()) } else { DiskFs.read(path) }
///     }
///     fn absolute(&self, path: &Path) -> io::Result<PathBuf> {
///         DiskFs.absolute(path)
///     }
/// }
///
/// let overlay = "testdata/infra-config/apps/payments-api/overlays/dev";
/// let file = DiskFs.canonicalize(&Path::new(overlay).join("kustomization.yaml"))?;
/// let text = "namePrefix: try-\nresources: [../../base]\n".to_owned();
/// let build = Builder::new().file_system(Unsaved { file, text }).build(overlay)?;
/// assert!(build.resources().iter().all(|resource| resource.name().starts_with("try-")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait FileSystem: Send + Sync + fmt::Debug {
    /// Returns what `path` names, without following a link in its last component.
    ///
    /// # Errors
    /// If it does not exist or cannot be looked at.
    fn kind(&self, path: &Path) -> io::Result<FileKind>;

    /// Returns `path` with all symbolic links resolved.
    ///
    /// # Errors
    /// If it does not exist or its links form a circle.
    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf>;

    /// Returns the content of a file; links are followed.
    ///
    /// # Errors
    /// If it does not exist, is a directory or cannot be read.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// As [`read`](Self::read), for a file of at most `most` bytes: what a build calls.
    ///
    /// A file system that knows the size of a file before it is read, or that passes questions on to
    /// another one, should have its own; by default a larger file is read and then refused.
    ///
    /// # Errors
    /// As [`read`](Self::read), and [`io::ErrorKind::FileTooLarge`] for a larger file.
    fn read_at_most(&self, path: &Path, most: u64) -> io::Result<Vec<u8>> {
        let content = self.read(path)?;
        if content.len() as u64 > most { Err(too_large()) } else { Ok(content) }
    }

    /// As [`read_at_most`](Self::read_at_most), of a path whose links have been resolved: what a build calls for files
    /// that must lie in or below their kustomization.
    ///
    /// Where a link has come into the path since it was checked, a file system that can tell should answer with
    /// [`io::ErrorKind::PermissionDenied`] instead of following it, as [`DiskFs`] does on Linux.
    ///
    /// # Errors
    /// As [`read_at_most`](Self::read_at_most), and for such a link.
    fn read_resolved(&self, path: &Path, most: u64) -> io::Result<Vec<u8>> {
        self.read_at_most(path, most)
    }

    /// Returns the names of what a directory holds, in any order.
    ///
    /// A build does not depend on it: it serves hints and warnings, and may be left out.
    ///
    /// # Errors
    /// If the directory cannot be read, or the file system has no lists.
    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let _ = path;
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Returns what a directory holds, in any order: names, and what they are, as [`kind`](Self::kind) says.
    ///
    /// By default each is asked for; a file system that knows all of them at once should have its own. As
    /// with [`list`](Self::list), no build depends on it.
    ///
    /// # Errors
    /// As [`list`](Self::list).
    fn entries(&self, path: &Path) -> io::Result<Vec<(OsString, FileKind)>> {
        let entry =
            |name: String| self.kind(&path.join(&name)).ok().map(|kind| (name.into(), kind));
        Ok(self.list(path)?.into_iter().filter_map(entry).collect())
    }

    /// Returns what a symbolic link says, which may be relative to the link's directory.
    ///
    /// A build does not ask for it; a list of its [`Inputs`](crate::Inputs) does, to name the links
    /// that lead to other links.
    ///
    /// # Errors
    /// If it is not a link, or the file system cannot tell.
    fn read_link(&self, path: &Path) -> io::Result<PathBuf> {
        let _ = path;
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Returns whether a file may be started as a program, or `None` if the file system does not know.
    ///
    /// No build depends on it; copies of trees in which functions run do.
    fn is_executable(&self, path: &Path) -> Option<bool> {
        let _ = path;
        None
    }

    /// Returns the number of the user whom a file, link or directory belongs to, or `None` if the file system
    /// does not know.
    ///
    /// A `kustom.lock` that is in no repository and belongs to neither root nor the owner of the directory that
    /// needs it is refused.
    fn owner(&self, path: &Path) -> Option<u32> {
        let _ = path;
        None
    }

    /// Returns the absolute form of the path a build was asked for.
    ///
    /// # Errors
    /// If there is no working directory to start from.
    fn absolute(&self, path: &Path) -> io::Result<PathBuf>;
}

impl<F: FileSystem + ?Sized> FileSystem for Arc<F> {
    fn kind(&self, path: &Path) -> io::Result<FileKind> {
        (**self).kind(path)
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        (**self).canonicalize(path)
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        (**self).read(path)
    }

    fn read_at_most(&self, path: &Path, most: u64) -> io::Result<Vec<u8>> {
        (**self).read_at_most(path, most)
    }

    fn read_resolved(&self, path: &Path, most: u64) -> io::Result<Vec<u8>> {
        (**self).read_resolved(path, most)
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        (**self).list(path)
    }

    fn entries(&self, path: &Path) -> io::Result<Vec<(OsString, FileKind)>> {
        (**self).entries(path)
    }

    fn read_link(&self, path: &Path) -> io::Result<PathBuf> {
        (**self).read_link(path)
    }

    fn is_executable(&self, path: &Path) -> Option<bool> {
        (**self).is_executable(path)
    }

    fn owner(&self, path: &Path) -> Option<u32> {
        (**self).owner(path)
    }

    fn absolute(&self, path: &Path) -> io::Result<PathBuf> {
        (**self).absolute(path)
    }
}

/// The files of the machine. Only regular files are read; [`read`](FileSystem::read) takes at most 64 MiB,
/// [`read_at_most`](FileSystem::read_at_most) as much as it is told.
#[derive(Clone, Copy, Debug, Default)]
pub struct DiskFs;

#[allow(clippy::disallowed_methods)] // the one place that touches the disk
impl FileSystem for DiskFs {
    fn kind(&self, path: &Path) -> io::Result<FileKind> {
        std::fs::symlink_metadata(path).map(|metadata| kind_of(metadata.file_type()))
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        std::fs::canonicalize(path)
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        regular_file::read(path, regular_file::MOST)
    }

    fn read_at_most(&self, path: &Path, most: u64) -> io::Result<Vec<u8>> {
        regular_file::read(path, most)
    }

    fn read_resolved(&self, path: &Path, most: u64) -> io::Result<Vec<u8>> {
        regular_file::read_resolved(path, most)
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let name = |entry: io::Result<std::fs::DirEntry>| {
            entry.map(|entry| entry.file_name().to_string_lossy().into_owned())
        };
        std::fs::read_dir(path)?.map(name).collect()
    }

    fn entries(&self, path: &Path) -> io::Result<Vec<(OsString, FileKind)>> {
        let entry = |entry: io::Result<std::fs::DirEntry>| {
            let entry = entry?;
            Ok(entry.file_type().ok().map(|kind| (entry.file_name(), kind_of(kind))))
        };
        std::fs::read_dir(path)?.filter_map(|each| entry(each).transpose()).collect()
    }

    fn read_link(&self, path: &Path) -> io::Result<PathBuf> {
        std::fs::read_link(path)
    }

    #[cfg(unix)]
    fn is_executable(&self, path: &Path) -> Option<bool> {
        use std::os::unix::fs::PermissionsExt;
        let metadata = std::fs::symlink_metadata(path).ok()?;
        Some(metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
    }

    #[cfg(unix)]
    fn owner(&self, path: &Path) -> Option<u32> {
        use std::os::unix::fs::MetadataExt;
        std::fs::symlink_metadata(path).ok().map(|metadata| metadata.uid())
    }

    fn absolute(&self, path: &Path) -> io::Result<PathBuf> {
        if is_clean(path) {
            return Ok(path.to_path_buf());
        }
        std::path::absolute(path).map(|p| clean(&p))
    }
}

fn kind_of(kind: std::fs::FileType) -> FileKind {
    if kind.is_file() {
        FileKind::File
    } else if kind.is_dir() {
        FileKind::Directory
    } else if kind.is_symlink() {
        FileKind::Link
    } else {
        FileKind::Other
    }
}

/// Files in memory; there are no links, and directories exist where a file lies below them.
///
/// ```
/// let mut files = kustom::MemoryFs::new();
/// files.insert("/app/kustomization.yaml", "resources: [map.yaml]\n");
/// files.insert(
///     "/app/map.yaml",
///     "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n",
/// );
/// let build = kustom::Builder::new().file_system(files).build("/app")?;
/// assert_eq!(build.resources()[0].name(), "a");
/// # Ok::<(), kustom::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct MemoryFs {
    files: BTreeMap<PathBuf, Vec<u8>>,
}

impl MemoryFs {
    /// Returns a file system without files.
    pub fn new() -> MemoryFs {
        MemoryFs::default()
    }

    /// Adds a file or replaces it. A relative path counts from `/`.
    pub fn insert(&mut self, path: impl AsRef<Path>, content: impl Into<Vec<u8>>) {
        self.files.insert(clean(&Path::new("/").join(path)), content.into());
    }

    /// Removes a file and returns its content, if there was one. A relative path counts from `/`.
    pub fn remove(&mut self, path: impl AsRef<Path>) -> Option<Vec<u8>> {
        self.files.remove(&clean(&Path::new("/").join(path)))
    }

    fn has_below(&self, directory: &Path) -> bool {
        self.files
            .range(directory.to_path_buf()..)
            .take_while(|(path, _)| path.starts_with(directory))
            .any(|(path, _)| path != directory)
            || directory == Path::new("/")
    }
}

impl<P: AsRef<Path>, C: Into<Vec<u8>>> Extend<(P, C)> for MemoryFs {
    fn extend<I: IntoIterator<Item = (P, C)>>(&mut self, files: I) {
        files.into_iter().for_each(|(path, content)| self.insert(path, content));
    }
}

/// ```
/// let files = kustom::MemoryFs::from_iter([
///     ("kustomization.yaml", "resources: [map.yaml]\n"),
///     ("map.yaml", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n"),
/// ]);
/// let build = kustom::Builder::new().file_system(files).build("/")?;
/// assert_eq!(build.resources().len(), 1);
/// # Ok::<(), kustom::Error>(())
/// ```
impl<P: AsRef<Path>, C: Into<Vec<u8>>> FromIterator<(P, C)> for MemoryFs {
    fn from_iter<I: IntoIterator<Item = (P, C)>>(files: I) -> MemoryFs {
        let mut fs = MemoryFs::new();
        fs.extend(files);
        fs
    }
}

impl FileSystem for MemoryFs {
    fn kind(&self, path: &Path) -> io::Result<FileKind> {
        if self.files.contains_key(path) {
            Ok(FileKind::File)
        } else if self.has_below(path) {
            Ok(FileKind::Directory)
        } else {
            Err(io::ErrorKind::NotFound.into())
        }
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        self.kind(path).map(|_| path.to_path_buf())
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        match self.files.get(path) {
            Some(content) => Ok(content.clone()),
            None if self.has_below(path) => Err(io::ErrorKind::IsADirectory.into()),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn read_at_most(&self, path: &Path, most: u64) -> io::Result<Vec<u8>> {
        match self.files.get(path) {
            Some(content) if content.len() as u64 > most => Err(too_large()),
            _ => self.read(path),
        }
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let below = self.files.range(path.to_path_buf()..).map(|(file, _)| file);
        let mut names: Vec<String> = below
            .map_while(|file| file.strip_prefix(path).ok())
            .filter_map(|rest| Some(rest.iter().next()?.to_string_lossy().into_owned()))
            .collect();
        names.dedup();
        Ok(names)
    }

    fn absolute(&self, path: &Path) -> io::Result<PathBuf> {
        Ok(clean(&Path::new("/").join(path)))
    }
}
