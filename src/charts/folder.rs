//! The files of a chart that the tree holds.

use std::path::{Path, PathBuf};

use super::ignored::{self, Ignored};
use crate::diagnostics::hints::LARGE_CHART;
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::load::{FileKind, Files, Folder, Loader, Part};
use crate::once_map::OnceMap;
use crate::outside::FileTree;

/// The most files that a chart may have.
const MOST_FILES: usize = 20_000;
/// The most bytes that all of them may have.
const MOST_BYTES: usize = 256 << 20;
/// How deep they may lie.
const MOST_LEVELS: usize = 64;

/// The folders that were read, each once.
#[derive(Debug, Default)]
pub(crate) struct Folders(OnceMap<(PathBuf, PathBuf), (Result<Folder>, Part)>);

impl Folders {
    /// Returns the files below a directory, links followed as far as `loader` may read, or within the directory.
    ///
    /// # Errors
    /// If one may not or cannot be read, or they are too many or too large.
    pub(crate) fn read(&self, files: &Files, loader: &Loader, directory: &Path) -> Result<Folder> {
        let key = (directory.to_path_buf(), loader.root().to_path_buf());
        let read = || {
            files.note_tree(directory);
            let (ignored, tree) = (Ignored::default(), FileTree::new());
            let mut reader =
                Reader { files, loader, top: directory, ignored, tree, count: 0, bytes: 0 };
            reader.directory(directory, Path::new(""), 0)?;
            Ok(Folder::new(reader.tree))
        };
        // What this build has fetched into it, others have not.
        if files.added().touches(directory) {
            read()
        } else {
            files.looks().once(&self.0, key, read)
        }
    }
}

struct Reader<'a> {
    files: &'a Files,
    loader: &'a Loader,
    /// The directory that is read.
    top: &'a Path,
    /// What helm leaves out of the chart, so that it need not be readable, nor small.
    ignored: Ignored,
    tree: FileTree,
    count: usize,
    bytes: usize,
}

impl Reader<'_> {
    fn directory(&mut self, directory: &Path, below: &Path, level: usize) -> Result<()> {
        if level > MOST_LEVELS {
            return Err(too_large(directory, &format!("{MOST_LEVELS} levels of folders")));
        }
        let mut names = self.files.fs().list(directory).map_err(|e| {
            let shown = directory.display();
            Error::new(ErrorKind::Load, format!("reading the folder {shown}: {e}"))
        })?;
        names.sort_unstable();
        if level == 0 && names.iter().any(|name| name == ignored::FILE) {
            self.read_ignored(&directory.join(ignored::FILE));
        }
        for name in names {
            let (path, below) = (directory.join(&name), below.join(&name));
            // What has gone meanwhile was not there.
            let Ok(kind) = self.files.fs().kind(&path) else { continue };
            if self.ignored.has(&below, kind == FileKind::Directory) {
                continue;
            }
            let (path, is_directory) = match kind {
                FileKind::Link => {
                    let (target, is_directory) = self.files.resolve(&path)?;
                    if self.ignored.has(&below, is_directory) {
                        continue;
                    }
                    if !target.starts_with(self.top) {
                        self.loader.check_inside(&path, &target)?;
                    }
                    (target.to_path_buf(), is_directory)
                }
                kind => (path, kind == FileKind::Directory),
            };
            if is_directory {
                self.directory(&path, &below, level + 1)?;
            } else {
                self.file(&path, &below)?;
            }
        }
        Ok(())
    }

    /// Reads what is left out; what cannot be read here is told as any other file.
    fn read_ignored(&mut self, path: &Path) {
        let is_file = self.files.fs().kind(path).is_ok_and(|kind| kind == FileKind::File);
        if let Some((content, _)) = is_file.then(|| self.files.read(path).ok()).flatten() {
            self.ignored = Ignored::parse(&String::from_utf8_lossy(&content));
        }
    }

    fn file(&mut self, path: &Path, below: &Path) -> Result<()> {
        let (content, _) = self.files.read(path)?;
        self.count += 1;
        self.bytes += content.len();
        if self.count > MOST_FILES {
            return Err(too_large(path, &format!("{MOST_FILES} files")));
        }
        if self.bytes > MOST_BYTES {
            return Err(too_large(path, &format!("{MOST_BYTES} bytes")));
        }
        self.tree.insert(below, content);
        Ok(())
    }
}

fn too_large(path: &Path, limit: &str) -> Error {
    let message = format!("a chart has more than {limit}, at {}", path.display());
    Error::new(ErrorKind::Limit, message).hint(&LARGE_CHART)
}
