//! Reads regular files of the disk and nothing else: a pipe that nobody writes to would be waited for,
//! and a device may have no end.
#![allow(clippy::disallowed_methods)] // with `fs`, the one place that touches the disk

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::path::Path;

/// Returns the error for a file that is larger than may be read.
pub(super) fn too_large() -> io::Error {
    io::ErrorKind::FileTooLarge.into()
}

/// The most bytes of a file whose reader says no number: as many as a build takes by default.
pub(super) const MOST: u64 = 64 << 20;

/// The size from which on a file is read into memory that nobody has written to before.
const ONE_READ: usize = 64 << 10;

/// Returns the content of a regular file of at most `most` bytes.
///
/// What was opened is looked at, not what had the name before. To open something does not wait for
/// anybody.
///
/// # Errors
/// If it cannot be opened or read, is something else, or is larger.
pub(super) fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let file = open(path).map_err(|e| not_to_be_opened(path, e))?;
    read_open(file, most)
}

/// As [`read`], of a path that has no links: one that has come into it is not followed.
///
/// # Errors
/// As there, and if there is a link.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn read_resolved(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, openat2};
    use rustix::io::Errno;

    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let how = ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    match openat2(CWD, path, flags, Mode::empty(), how) {
        Ok(file) => read_open(file.into(), most),
        Err(Errno::LOOP) => Err(io::Error::new(io::ErrorKind::PermissionDenied, LINK_CAME)),
        // What is wrong otherwise, or a kernel that cannot be asked so.
        Err(_) => read(path, most),
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) fn read_resolved(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    read(path, most)
}

/// What is said of a link in the place of what was looked at before.
#[cfg(any(target_os = "linux", target_os = "android"))]
const LINK_CAME: &str = "a link has come into its path since that was checked";

/// Reads what has been opened; see [`read`].
pub(super) fn read_open(file: File, most: u64) -> io::Result<Vec<u8>> {
    let found = file.metadata()?;
    if found.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if !found.is_file() {
        return Err(no_regular_file());
    }
    if found.len() > most {
        return Err(too_large());
    }
    let mut content = Vec::new();
    let size = usize::try_from(found.len()).map_err(|_| too_large())?;
    content.try_reserve_exact(size.saturating_add(1))?;
    let mut file = file.take(most.saturating_add(1));
    if size < ONE_READ {
        // What ends where it is said to end need not be asked for more.
        content.resize(size.saturating_add(1), 0);
        let count = file.read(&mut content).or_else(|e| match e.kind() {
            io::ErrorKind::Interrupted => Ok(0),
            _ => Err(e),
        })?;
        content.truncate(count);
        if count == size && size > 0 {
            return Ok(content);
        }
    }
    // It may grow meanwhile.
    file.read_to_end(&mut content)?;
    if content.len() as u64 > most { Err(too_large()) } else { Ok(content) }
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, NONBLOCK);
    options.open(path)
}

/// `O_NONBLOCK`, where it is known; elsewhere a pipe is waited for.
#[cfg(unix)]
const NONBLOCK: i32 = if cfg!(all(
    any(target_os = "linux", target_os = "android"),
    not(any(
        target_arch = "mips",
        target_arch = "mips64",
        target_arch = "sparc",
        target_arch = "sparc64"
    ))
)) {
    0o4000
} else if cfg!(any(target_vendor = "apple", target_os = "freebsd", target_os = "openbsd")) {
    4
} else {
    0
};

/// Some things (sockets, devices without a driver) cannot even be opened.
fn not_to_be_opened(path: &Path, error: io::Error) -> io::Error {
    match std::fs::metadata(path) {
        Ok(found) if !found.is_file() && !found.is_dir() => no_regular_file(),
        _ => error,
    }
}

pub(super) fn no_regular_file() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")
}
