//! One directory of the disk, and no way out of it.
//!
//! Every step of every path is taken from the open directory before it, and no step follows a link by
//! itself: what a link says is read and walked like the rest, within the same bounds. So it makes no
//! difference what is put into the place of what while somebody looks. Where the kernel can do that at
//! once (`openat2`), it is asked first.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, openat, readlinkat, statat};
use rustix::io::Errno;

use super::fs::{DiskFs, FileKind, FileSystem};
use super::outside_root;
use super::regular_file;

/// How many links one path may lead through, as the kernel has it.
const MOST_LINKS: usize = 40;

/// How many directories one path may lead through; each is open meanwhile.
const MOST_STEPS: usize = 256;

/// How a directory is opened on the way.
const STEP: OFlags = OFlags::DIRECTORY.union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// How a file is opened that is about to be read.
const READ: OFlags =
    OFlags::NOFOLLOW.union(OFlags::NONBLOCK).union(OFlags::NOCTTY).union(OFlags::CLOEXEC);

/// The files of the machine in and below one directory; made by [`DiskFs::rooted`].
///
/// What lies outside is not there: it is neither read nor looked at, whatever path, link or base leads
/// to it. Links that stay inside are followed, absolute ones too. This holds for all that a build reads,
/// and is another thing than [`LoadRestriction`](crate::LoadRestriction), upstream's rule for each
/// kustomization. It does not hold for programs that a build was allowed to start.
#[derive(Clone, Debug)]
pub struct RootedFs {
    root: Arc<Root>,
}

#[derive(Debug)]
struct Root {
    directory: OwnedFd,
    /// The path, links resolved.
    path: PathBuf,
    /// The path as it was given.
    given: PathBuf,
}

/// What a path leads to: a name in an open directory.
struct Found {
    /// The directories from the root to the one that holds it.
    above: Vec<(OsString, OwnedFd)>,
    /// Its name, or `None` if it is the last of them.
    name: Option<OsString>,
}

impl DiskFs {
    /// Returns the files in and below one directory, and none else: for trees of strangers.
    ///
    /// ```
    /// let root = "testdata/infra-config/apps";
    /// let builder = kustom::Builder::new().file_system(kustom::DiskFs::rooted(root)?);
    /// assert!(builder.build("testdata/infra-config/apps/payments-api/overlays/dev").is_ok());
    /// let error = builder.build("testdata/infra-config/platform/argocd").unwrap_err();
    /// assert_eq!(error.kind(), kustom::ErrorKind::Restricted);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    /// If it is not there, is no directory or cannot be opened.
    pub fn rooted(directory: impl AsRef<Path>) -> io::Result<RootedFs> {
        RootedFs::open(directory.as_ref())
    }
}

impl RootedFs {
    /// Opens the directory.
    fn open(path: &Path) -> io::Result<RootedFs> {
        let given = DiskFs.absolute(path)?;
        let path = DiskFs.canonicalize(&given)?;
        let directory = File::open(&path)?;
        if !directory.metadata()?.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        Ok(RootedFs { root: Arc::new(Root { directory: directory.into(), path, given }) })
    }

    /// Returns the directory, links resolved.
    pub fn root(&self) -> &Path {
        &self.root.path
    }

    /// Returns a path from the root on.
    fn inner<'p>(&self, path: &'p Path) -> io::Result<&'p Path> {
        let Root { path: root, given, .. } = &*self.root;
        path.strip_prefix(root)
            .or_else(|_| path.strip_prefix(given))
            .map_err(|_| outside_root::error(path, root))
    }

    /// Finds what a path leads to; a link at its end is followed if `follow` says so.
    fn find(&self, path: &Path, follow: bool) -> io::Result<Found> {
        let mut left: VecDeque<OsString> = steps(self.inner(path)?);
        let mut above: Vec<(OsString, OwnedFd)> = Vec::new();
        let mut links = 0;
        while let Some(step) = left.pop_front() {
            if step == ".." {
                above.pop().ok_or_else(|| outside_root::error(path, &self.root.path))?;
                continue;
            }
            if left.is_empty() && !follow {
                return Ok(Found { above, name: Some(step) });
            }
            let here = self.last(&above);
            match readlinkat(here, &step, Vec::new()) {
                Ok(target) => {
                    links += 1;
                    if links > MOST_LINKS {
                        return Err(Errno::LOOP.into());
                    }
                    let target = PathBuf::from(OsString::from_vec(target.into_bytes()));
                    let mut ahead = if target.is_absolute() {
                        above.clear();
                        steps(self.inner(&target)?)
                    } else {
                        steps(&target)
                    };
                    ahead.append(&mut left);
                    left = ahead;
                }
                // No link, so it may be the end.
                Err(Errno::INVAL) if left.is_empty() => {
                    return Ok(Found { above, name: Some(step) });
                }
                Err(Errno::INVAL) => {
                    if above.len() >= MOST_STEPS {
                        return Err(Errno::NAMETOOLONG.into());
                    }
                    let next = openat(here, &step, STEP | for_step(), Mode::empty())?;
                    above.push((step, next));
                }
                Err(e) => return Err(e.into()),
            }
        }
        Ok(Found { above, name: None })
    }

    /// Returns the directory that was come to last.
    fn last<'f>(&'f self, above: &'f [(OsString, OwnedFd)]) -> BorrowedFd<'f> {
        above.last().map_or(self.root.directory.as_fd(), |(_, directory)| directory.as_fd())
    }

    /// Opens what a path leads to for reading.
    fn open_to_read(&self, path: &Path, more: OFlags) -> io::Result<OwnedFd> {
        let flags = READ | OFlags::RDONLY | more;
        if let Some(opened) = self.open_at_once(path, flags) {
            return Ok(opened);
        }
        let found = self.find(path, true)?;
        let here = self.last(&found.above);
        let name = found.name.unwrap_or_else(|| ".".into());
        Ok(openat(here, name, flags, Mode::empty())?)
    }

    /// Opens a path that has no links, if the kernel can do that; what is wrong with it is reported by those
    /// who take the steps.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn open_at_once(&self, path: &Path, flags: OFlags) -> Option<OwnedFd> {
        use rustix::fs::{ResolveFlags, openat2};

        let inner = self.inner(path).ok().filter(|inner| !inner.as_os_str().is_empty())?;
        let how = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
        openat2(&self.root.directory, inner, flags, Mode::empty(), how).ok()
    }

    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    fn open_at_once(&self, _: &Path, _: OFlags) -> Option<OwnedFd> {
        None
    }
}

/// How a directory is opened that is only passed: without the right to list it, where that is possible.
fn for_step() -> OFlags {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    return OFlags::PATH;
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    return OFlags::RDONLY;
}

/// Returns the names in a path.
fn steps(path: &Path) -> VecDeque<OsString> {
    let name = |component: Component<'_>| match component {
        Component::Normal(name) => Some(name.to_os_string()),
        Component::ParentDir => Some("..".into()),
        _ => None,
    };
    path.components().filter_map(name).collect()
}

impl FileSystem for RootedFs {
    fn kind(&self, path: &Path) -> io::Result<FileKind> {
        if self.root.path.starts_with(path) || self.root.given.starts_with(path) {
            return Ok(FileKind::Directory);
        }
        let found = self.find(path, false)?;
        let Some(name) = &found.name else { return Ok(FileKind::Directory) };
        let stat = statat(self.last(&found.above), name, AtFlags::SYMLINK_NOFOLLOW)?;
        Ok(match FileType::from_raw_mode(stat.st_mode) {
            FileType::RegularFile => FileKind::File,
            FileType::Directory => FileKind::Directory,
            FileType::Symlink => FileKind::Link,
            _ => FileKind::Other,
        })
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        let found = self.find(path, true)?;
        if let Some(name) = &found.name {
            statat(self.last(&found.above), name, AtFlags::SYMLINK_NOFOLLOW)?;
        }
        let mut resolved = self.root.path.clone();
        resolved.extend(found.above.iter().map(|(name, _)| name).chain(&found.name));
        Ok(resolved)
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.read_at_most(path, regular_file::MOST)
    }

    fn read_at_most(&self, path: &Path, most: u64) -> io::Result<Vec<u8>> {
        let file = match self.open_to_read(path, OFlags::empty()) {
            Ok(file) => file,
            // As a socket is.
            Err(_) if self.kind(path).is_ok_and(|kind| kind == FileKind::Other) => {
                return Err(regular_file::no_regular_file());
            }
            Err(e) => return Err(e),
        };
        regular_file::read_open(file.into(), most)
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let directory = Dir::new(self.open_to_read(path, OFlags::DIRECTORY)?)?;
        let mut names = Vec::new();
        for entry in directory {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if name != "." && name != ".." {
                names.push(name);
            }
        }
        Ok(names)
    }

    fn read_link(&self, path: &Path) -> io::Result<PathBuf> {
        let found = self.find(path, false)?;
        let name = found.name.ok_or(io::ErrorKind::InvalidInput)?;
        let target = readlinkat(self.last(&found.above), name, Vec::new())?;
        Ok(OsString::from_vec(target.into_bytes()).into())
    }

    fn is_executable(&self, path: &Path) -> Option<bool> {
        let found = self.find(path, false).ok()?;
        let stat = statat(self.last(&found.above), found.name?, AtFlags::SYMLINK_NOFOLLOW).ok()?;
        let is_file = FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile;
        Some(
            is_file
                && Mode::from_raw_mode(stat.st_mode)
                    .intersects(Mode::XUSR | Mode::XGRP | Mode::XOTH),
        )
    }

    fn owner(&self, path: &Path) -> Option<u32> {
        let found = self.find(path, false).ok()?;
        let above = self.last(&found.above);
        let stat = match found.name {
            Some(name) => statat(above, name, AtFlags::SYMLINK_NOFOLLOW),
            None => statat(above, ".", AtFlags::SYMLINK_NOFOLLOW),
        };
        Some(stat.ok()?.st_uid)
    }

    fn absolute(&self, path: &Path) -> io::Result<PathBuf> {
        DiskFs.absolute(path)
    }
}
