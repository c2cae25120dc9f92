//! Repositories of this machine: what git reads there, wherever files and links of a repository lead it.
//!
//! Who may write to an allowed place could put a link there, or a file that names another repository.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use kustom::outside::{Failure, FailureKind};
use kustom::text::clean_path;
use percent_encoding::percent_decode_str;

/// How many entries of repositories are looked at.
const MOST: usize = 2_000_000;
/// How large a file may be that names another directory.
const MOST_BYTES: u64 = 1 << 20;

/// Returns the path that git reads for what stands behind `file://`.
///
/// Git drops a host, and decodes what is escaped; so what has a host, or is not plain when decoded, has none.
pub(super) fn path(behind_scheme: &str) -> Option<String> {
    let path = percent_decode_str(behind_scheme).decode_utf8().ok()?;
    let is_plain = behind_scheme.starts_with('/') && !path.contains(char::is_control);
    is_plain.then(|| path.into_owned())
}

/// Returns all directories and files that git reads behind a path, links resolved; none if nothing is there.
///
/// # Errors
/// If something cannot be read, or there is too much.
pub(super) fn read_behind(path: &Path) -> Result<BTreeSet<PathBuf>, Failure> {
    let mut reads = Reads::default();
    let found = reads.repository(path);
    match found {
        Ok(()) => Ok(reads.found),
        Err(error) => {
            let message = format!("the repository {} is not read: {error}", path.display());
            Err(Failure::new(FailureKind::Refused, message))
        }
    }
}

#[derive(Debug, Default)]
struct Reads {
    found: BTreeSet<PathBuf>,
    /// The directories of which all entries were looked at.
    walked: BTreeSet<PathBuf>,
    /// The directories of objects of which it was looked at what they borrow.
    borrowing: BTreeSet<PathBuf>,
    count: usize,
}

impl Reads {
    /// Adds what may be meant by the path of a repository, which git tries in turn.
    fn repository(&mut self, path: &Path) -> io::Result<()> {
        let real;
        let path = match (path.file_name(), path.canonicalize()) {
            (Some(_), _) => path,
            (None, Ok(found)) => {
                real = found;
                &real
            }
            (None, Err(_)) => return Ok(()),
        };
        let name = path.file_name().unwrap_or_default();
        for end in ["", ".git"] {
            let mut name = name.to_owned();
            name.push(end);
            let top = path.with_file_name(name);
            if top.symlink_metadata().is_err() {
                continue;
            }
            self.found.insert(top.canonicalize()?);
            for git in [top.join(".git"), top] {
                match git.metadata() {
                    Ok(found) if found.is_dir() => self.git_directory(&git)?,
                    Ok(_) => self.file_of_git(&git)?,
                    Err(_) => {}
                }
            }
        }
        Ok(())
    }

    /// Adds a file in the place of a directory, and the one that it names.
    fn file_of_git(&mut self, file: &Path) -> io::Result<()> {
        self.found.insert(file.canonicalize()?);
        let text = text_of(file)?;
        let named = text.strip_prefix("gitdir: ").map(|named| named.trim_end_matches(['\r', '\n']));
        match (named, file.parent()) {
            (Some(named), Some(folder)) => self.git_directory(&folder.join(named)),
            _ => Ok(()),
        }
    }

    /// Adds a directory if it may be one of git, with those that it shares and borrows from.
    fn git_directory(&mut self, directory: &Path) -> io::Result<()> {
        if directory.join("HEAD").symlink_metadata().is_err() {
            return Ok(());
        }
        let directory = directory.canonicalize()?;
        self.walk(&directory)?;
        let shared = directory.join("commondir");
        if shared.symlink_metadata().is_ok() {
            let named = text_of(&shared)?;
            let shared = directory.join(named.trim_end_matches(['\r', '\n'])).canonicalize()?;
            self.walk(&shared)?;
            self.objects(shared.join("objects"))?;
        }
        self.objects(directory.join("objects"))
    }

    /// Adds the directories of objects that one borrows from, and so on.
    fn objects(&mut self, directory: PathBuf) -> io::Result<()> {
        let mut waiting = vec![directory];
        while let Some(directory) = waiting.pop() {
            let Ok(directory) = directory.canonicalize() else { continue };
            if !self.borrowing.insert(directory.clone()) {
                continue;
            }
            let list = directory.join("info/alternates");
            if list.symlink_metadata().is_err() {
                continue;
            }
            for line in text_of(&list)?.split('\n').filter(|line| !line.starts_with('#')) {
                if line.starts_with('"') {
                    let message = format!("{} has a name in quotes", list.display());
                    return Err(io::Error::other(message));
                }
                if let Ok(borrowed) = clean_path(&directory.join(line)).canonicalize() {
                    self.walk(&borrowed)?;
                    waiting.push(borrowed);
                }
            }
        }
        Ok(())
    }

    /// Adds a directory and all that links in it lead to.
    fn walk(&mut self, top: &Path) -> io::Result<()> {
        self.found.insert(top.to_path_buf());
        let mut waiting = vec![top.to_path_buf()];
        while let Some(directory) = waiting.pop() {
            if !self.walked.insert(directory.clone()) {
                continue;
            }
            for entry in fs::read_dir(&directory)? {
                let entry = entry?;
                self.count += 1;
                if self.count > MOST {
                    return Err(io::Error::other(format!("it has more than {MOST} files")));
                }
                let kind = entry.file_type()?;
                // None runs for who fetches.
                if entry.file_name() == "hooks" && directory == top {
                    continue;
                }
                if kind.is_dir() {
                    waiting.push(entry.path());
                } else if kind.is_symlink()
                    && let Ok(target) = entry.path().canonicalize()
                {
                    self.found.insert(target.clone());
                    waiting.extend(target.is_dir().then_some(target));
                }
            }
        }
        Ok(())
    }
}

/// Reads a small file with a path, which has one meaning for git and for us.
fn text_of(file: &Path) -> io::Result<String> {
    let odd = || io::Error::other(format!("{} names no plain path", file.display()));
    let found = file.metadata()?;
    if !found.is_file() || found.len() > MOST_BYTES {
        return Err(odd());
    }
    let text = String::from_utf8(fs::read(file)?).map_err(|_| odd())?;
    if text.contains('\0') { Err(odd()) } else { Ok(text) }
}
