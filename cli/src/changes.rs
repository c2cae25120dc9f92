//! What changed: from git, or from a list.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use kustom::FileSystem;

use crate::exclude::Excluded;
use crate::git::Repository;
use crate::{named_file, paths, search};

/// Returns the paths that differ between a revision and the work tree around `dir`, new files
/// included, absolute; ignored files are not looked at.
///
/// `REV...` stands for the merge base of the revision and HEAD, as in `git diff`; no revision for where
/// HEAD left the default branch. Revisions are looked up in git's objects. What the index and the ignore
/// rules say of the work tree, git knows; without it every file is compared, ignored ones too.
pub(crate) fn since(revision: Option<&str>, dir: &Path) -> Result<Vec<PathBuf>, String> {
    let repository = Repository::discover(dir)?;
    let revision = resolved(&repository, revision)?;
    let files = repository.revision(&revision)?;
    let top = repository.root().to_path_buf();
    let diff = ["diff", "--name-only", "-z", "--no-renames", "--no-ext-diff"];
    let diff = diff.into_iter().chain(["--end-of-options", revision.as_str(), "--"]);
    let Some(changed) = git(&top, diff)? else {
        return files.changed_on_disk().map_err(|e| format!("{}: {e}", top.display()));
    };
    let new = git(&top, ["ls-files", "-z", "--others", "--exclude-standard"])?.unwrap_or_default();
    let paths = changed.split(|&b| b == 0).chain(new.split(|&b| b == 0));
    Ok(paths.filter(|p| !p.is_empty()).map(|p| top.join(bytes_to_path(p))).collect())
}

/// Returns the kustomizations at or below a directory that were roots in a revision, as [`since`] names it: those
/// that no other one there referred to.
pub(crate) fn roots_before(
    revision: Option<&str>,
    dir: &Path,
    excluded: &Excluded,
) -> Result<Vec<PathBuf>, String> {
    let repository = Repository::discover(dir)?;
    let files = repository.revision(&resolved(&repository, revision)?)?;
    let top = paths::physical(dir);
    let (roots, _) = search::find_all_with(&files, &[top], &|folder| excluded.matches(folder), "");
    Ok(roots)
}

/// Returns what a file held in a revision, as [`since`] names it.
pub(crate) fn before(revision: Option<&str>, path: &Path) -> Option<Vec<u8>> {
    let repository = Repository::discover(path.parent()?).ok()?;
    let revision = resolved(&repository, revision).ok()?;
    repository.revision(&revision).ok()?.read(path).ok()
}

/// Returns the revision that is meant.
fn resolved(repository: &Repository, revision: Option<&str>) -> Result<String, String> {
    match revision {
        None => repository.merge_base("HEAD"),
        Some(revision) => match revision.strip_suffix("...") {
            Some(revision) => repository.merge_base_of("HEAD", revision),
            None => Ok(revision.to_owned()),
        },
    }
}

/// Reads paths, one a line or each ended by a zero byte, from a file or, for `-`, stdin. Lines may be
/// quoted as git does it.
pub(crate) fn listed(file: &Path) -> Result<Vec<PathBuf>, String> {
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

/// Takes away the quotes and escapes that git gives to paths with bytes out of the ordinary.
fn unquoted(line: &[u8]) -> Cow<'_, [u8]> {
    let inside = line.strip_prefix(b"\"").and_then(|line| line.strip_suffix(b"\""));
    let Some(inside) = inside else { return Cow::Borrowed(line) };
    let mut out = Vec::with_capacity(inside.len());
    let mut bytes = inside.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        out.push(match bytes.next() {
            Some(digit @ b'0'..=b'7') => {
                let mut value = digit - b'0';
                for _ in 0..2 {
                    if let Some(digit) = bytes.next_if(|byte| (b'0'..=b'7').contains(byte)) {
                        value = (value << 3) | (digit - b'0');
                    }
                }
                value
            }
            Some(b'a') => 7,
            Some(b'b') => 8,
            Some(b't') => b'\t',
            Some(b'n') => b'\n',
            Some(b'v') => 11,
            Some(b'f') => 12,
            Some(b'r') => b'\r',
            Some(other) => other,
            None => b'\\',
        });
    }
    Cow::Owned(out)
}

/// Returns the files below a directory that git ignores, by their paths from `top` on; none where it cannot be
/// asked.
pub(crate) fn ignored(top: &Path, directory: &Path) -> Vec<PathBuf> {
    let Some(directory) = directory.to_str() else { return Vec::new() };
    let words = ["ls-files", "--others", "--ignored", "--exclude-standard", "-z", "--", directory];
    let listed = git(top, words).ok().flatten().unwrap_or_default();
    let paths = listed.split(|byte| *byte == 0).filter(|path| !path.is_empty());
    paths.map(|path| bytes_to_path(path).to_path_buf()).collect()
}

/// Returns the files at and below a directory that git has or would add, by their paths from there; none where it
/// cannot be asked, or knows of nothing there.
pub(crate) fn added(directory: &Path) -> Option<BTreeSet<String>> {
    let words = ["ls-files", "--cached", "--others", "--exclude-standard", "-z"];
    let listed = git(directory, words).ok().flatten()?;
    let paths = listed.split(|byte| *byte == 0).filter(|path| !path.is_empty());
    let paths = paths.map(|path| String::from_utf8_lossy(path).into_owned());
    Some(paths.collect()).filter(|paths: &BTreeSet<String>| !paths.is_empty())
}

/// Runs git; nothing if there is none.
fn git<'a>(dir: &Path, args: impl IntoIterator<Item = &'a str>) -> Result<Option<Vec<u8>>, String> {
    let output = Command::new("git").arg("-C").arg(dir).args(args).stdin(Stdio::null()).output();
    let output = match output {
        Ok(output) => output,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(format!("cannot run git: {e}")),
    };
    if output.status.success() {
        return Ok(Some(output.stdout));
    }
    Err(format!("git: {}", String::from_utf8_lossy(&output.stderr).trim()))
}

#[cfg(unix)]
fn bytes_to_path(bytes: &[u8]) -> &Path {
    Path::new(<OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(bytes))
}

#[cfg(not(unix))]
fn bytes_to_path(bytes: &[u8]) -> &Path {
    Path::new(OsStr::new(std::str::from_utf8(bytes).unwrap_or_default()))
}
