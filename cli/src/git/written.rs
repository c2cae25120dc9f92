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
                        #[cfg(unix)]
                        std::os::unix::fs::symlink(target, &path)?;
                        // As git, where there are no links.
                        #[cfg(not(unix))]
                        fs::write(&path, target.as_os_str().as_encoded_bytes())?;
                    }
                }
            }
        }
        Ok(())
    }
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
    fn names_stay_in_their_folder() {
        for name in ["..", ".", "", ".git", ".GIT", "a/b", "/a", "a/", "../a"] {
            assert!(checked(name.as_bytes()).is_err(), "{name}");
        }
        for name in ["a", ".gitignore", "..a", "a b"] {
            assert_eq!(checked(name.as_bytes()).ok().as_deref(), Some(Path::new(name)));
        }
    }
}
