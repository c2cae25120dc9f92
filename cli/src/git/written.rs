//! The files of a revision on the disk, for programs that read them there.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use gix::ObjectId;
use gix::objs::tree::EntryKind;

use super::Revision;

impl Revision {
    /// Writes all files into a folder that is there and empty, as git checks them out without filters;
    /// a submodule becomes an empty folder.
    ///
    /// # Errors
    /// If one cannot be read or written, or has a name that git would not check out.
    pub(crate) fn write_to(&self, folder: &Path) -> io::Result<()> {
        let mut waiting: Vec<(PathBuf, ObjectId)> = vec![(folder.to_path_buf(), self.top().1)];
        while let Some((folder, id)) = waiting.pop() {
            let tree = self.state().objects().tree(id)?;
            for (name, (kind, id)) in tree.iter() {
                let path = folder.join(checked(name)?);
                match kind {
                    EntryKind::Tree => {
                        fs::create_dir(&path)?;
                        waiting.push((path, *id));
                    }
                    EntryKind::Commit => fs::create_dir(&path)?,
                    EntryKind::Blob | EntryKind::BlobExecutable => {
                        let content = self.state().objects().content(*id)?;
                        fs::write(&path, content)?;
                        #[cfg(unix)]
                        if *kind == EntryKind::BlobExecutable {
                            use std::os::unix::fs::PermissionsExt;
                            fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
                        }
                    }
                    EntryKind::Link => {
                        let target = self.state().objects().link(*id)?;
                        link(&target, &path)?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// How much of what git ignores is copied at most, in files and in bytes; the rest is linked to.
const MOST_COPIED: (usize, u64) = (10_000, 64 << 20);

/// The room for copies of what git ignores, such as programs that were built and files with secrets.
#[derive(Debug)]
pub(super) struct Room {
    files: usize,
    bytes: u64,
}

impl Default for Room {
    fn default() -> Room {
        Room { files: MOST_COPIED.0, bytes: MOST_COPIED.1 }
    }
}

impl Room {
    /// Puts a file or folder of the disk, of which some counts, into its place in a folder: a copy, which a function may
    /// change, or a link if there is no room for one and all counts. What cannot be put there is left out: hardly a
    /// function needs it.
    pub(super) fn put(
        &mut self,
        path: &Path,
        folder: &Path,
        below: &Path,
        counts: &dyn Fn(&Path) -> bool,
    ) {
        let mut place = folder.to_path_buf();
        for part in below.parent().unwrap_or(Path::new("")) {
            place.push(part);
            match place.symlink_metadata() {
                Ok(there) if there.is_dir() => {}
                Err(_) if fs::create_dir(&place).is_ok() => {}
                // A link of the revision, which may lead anywhere, or a file.
                _ => return,
            }
        }
        let place = folder.join(below);
        let mut all_count = true;
        let mut counts = |path: &Path| {
            let does = counts(path);
            all_count &= does;
            does
        };
        match self.list(path, &place, &mut counts) {
            Some(list) => list.iter().for_each(|(path, place)| _ = copy(path, place)),
            None if all_count => _ = link(path, &place),
            None => {}
        }
    }

    /// Lists a file, or a folder with all in it that counts, each with the place of its copy, if there is room for copies.
    fn list(
        &mut self,
        path: &Path,
        place: &Path,
        counts: &mut dyn FnMut(&Path) -> bool,
    ) -> Option<Vec<(PathBuf, PathBuf)>> {
        let (mut files, mut bytes) = (self.files, self.bytes);
        let mut list = vec![(path.to_path_buf(), place.to_path_buf())];
        let mut next = 0;
        while let Some((path, place)) = list.get(next).cloned() {
            next += 1;
            let Ok(metadata) = path.symlink_metadata() else { continue };
            files = files.checked_sub(1)?;
            if !metadata.is_dir() {
                bytes = bytes.checked_sub(metadata.len())?;
                continue;
            }
            for entry in fs::read_dir(&path).into_iter().flatten().flatten() {
                if !counts(&entry.path()) {
                    continue;
                }
                list.push((entry.path(), place.join(entry.file_name())));
                if list.len() - next > files {
                    return None;
                }
            }
        }
        (self.files, self.bytes) = (files, bytes);
        Some(list)
    }
}

/// Makes a copy of a file or link, or an empty folder for one. Whatever else it is, reading it might never end.
fn copy(path: &Path, place: &Path) -> io::Result<()> {
    let kind = path.symlink_metadata()?.file_type();
    if kind.is_symlink() {
        link(&fs::read_link(path)?, place)
    } else if kind.is_dir() {
        fs::create_dir(place)
    } else if kind.is_file() {
        fs::copy(path, place).map(drop)
    } else {
        Ok(())
    }
}

fn link(target: &Path, place: &Path) -> io::Result<()> {
    #[cfg(unix)]
    return std::os::unix::fs::symlink(target, place);
    // As git, where there are no links.
    #[cfg(not(unix))]
    return fs::write(place, target.as_os_str().as_encoded_bytes());
}

/// Returns the name of an entry, if it names something right in its folder that is not git's own.
fn checked(name: &[u8]) -> io::Result<PathBuf> {
    let path = gix::path::from_byte_slice(name).map_err(io::Error::other)?;
    let is_plain = path.file_name() == Some(path.as_os_str()) && path != Path::new("..");
    if !is_plain || path.as_os_str().eq_ignore_ascii_case(OsStr::new(".git")) {
        let message = format!("no file can be called {:?}", path.display().to_string());
        return Err(io::Error::new(io::ErrorKind::InvalidData, message));
    }
    Ok(path.to_path_buf())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_git_ignores_is_copied_as_far_as_there_is_room() {
        let top = tempfile::tempdir().expect("a folder");
        let [from, to] = ["from", "to"].map(|name| top.path().join(name));
        for folder in [&from.join("a/b"), &from.join("c"), &to] {
            fs::create_dir_all(folder).expect("a folder");
        }
        for (path, text) in [("a/b/x", "123"), ("a/y", "4"), ("c/z", "567"), ("f", "8")] {
            fs::write(from.join(path), text).expect("a file");
        }
        let mut room = Room { files: 6, bytes: 6 };
        for name in ["a", "c", "f"] {
            room.put(&from.join(name), &to, &Path::new("deep").join(name), &|_| true);
        }
        let kind = |path: &str| to.join("deep").join(path).symlink_metadata().expect("there");
        assert!(kind("a/b/x").is_file() && kind("a/y").is_file() && kind("f").is_file());
        assert!(!kind("c").is_dir(), "a link");
        assert_eq!((room.files, room.bytes), (1, 1));
    }

    #[test]
    fn names_stay_in_their_folder() {
        for name in ["..", ".", "", ".git", ".GIT", "a/b", "/a", "a/", "../a"] {
            assert!(checked(name.as_bytes()).is_err(), "{name}");
        }
        for name in ["a", ".gitignore", "..a", "a b"] {
            assert_eq!(checked(name.as_bytes()).ok().as_deref(), Some(Path::new(name)));
        }
    }
}
