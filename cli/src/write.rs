//! Writes files so that nothing is lost: each is written beside the old one and takes its place when
//! it is whole. A link in the place of an output is replaced, and none leads out of the repository, for who made
//! it may be a stranger.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use kustom::Build;

use crate::{inside, output};

/// Writes a build to a file, or into an existing directory one file per resource.
///
/// Nothing is written before the build has succeeded, and no file is replaced before all are written.
pub(crate) fn build(build: &Build, path: &Path) -> Result<(), String> {
    if !path.is_dir() {
        return file(path, build.as_yaml());
    }
    inside::check(path)?;
    let names = build.file_names();
    let (mut written, mut number) = (Vec::with_capacity(names.len()), 0);
    for (name, (_, text)) in names.iter().zip(build.documents()) {
        written.push(Beside::write(&path.join(name), text, &mut number)?);
    }
    written.into_iter().try_for_each(Beside::replace)
}

/// Writes a text to a file.
pub(crate) fn text(path: &Path, text: &str) -> Result<(), String> {
    file(path, text)
}

/// Writes a build to a file below a directory, and makes the directories that lead there.
pub(crate) fn below(build: &Build, directory: &Path, name: &Path) -> Result<(), String> {
    beside_below(build.as_yaml(), directory, name, &mut 0)?.replace()
}

/// As [`below`], of several texts: none takes its place before all are written.
pub(crate) fn all_below<'b>(
    texts: impl Iterator<Item = (impl AsRef<str>, &'b Path)>,
    directory: &Path,
) -> Result<(), String> {
    // One for all: each would otherwise try the names of those before it.
    let mut number = 0;
    let written =
        texts.map(|(text, name)| beside_below(text.as_ref(), directory, name, &mut number));
    let written: Result<Vec<Beside>, String> = written.collect();
    written?.into_iter().try_for_each(Beside::replace)
}

fn beside_below(
    text: &str,
    directory: &Path,
    name: &Path,
    number: &mut u32,
) -> Result<Beside, String> {
    inside::check(directory)?;
    make_directory(directory)?;
    let mut path = directory.to_path_buf();
    for part in name.parent().into_iter().flat_map(Path::components) {
        path.push(part);
        make_directory(&path)?;
        let kind = fs::symlink_metadata(&path).map_err(|e| said(&path, &e))?;
        if kind.is_symlink() {
            return Err(format!("{} is a link, which is not followed", path.display()));
        }
    }
    Beside::write(&directory.join(name), text, number)
}

/// Returns `true` if a path means a directory, there or not: it ends with a slash, or is one.
pub(crate) fn names_directory(path: &Path) -> bool {
    let last = path.as_os_str().as_encoded_bytes().last().copied();
    last.is_some_and(|byte| std::path::is_separator(byte.into())) || path.is_dir()
}

/// Refuses a path that is to be a directory and is a file.
///
/// # Errors
/// If it is one.
pub(crate) fn refuse_file(path: &Path) -> Result<(), String> {
    // A slash behind the name of a file would hide that it is there.
    let path: PathBuf = path.components().collect();
    if !path.exists() || path.is_dir() {
        return Ok(());
    }
    Err(format!(
        "{} is a file, not a folder, and several files are to be written there: remove it, or name \
         another folder with --output",
        path.display()
    ))
}

/// Writes a build into a directory, one file per resource, and makes the directory.
pub(crate) fn directory(build: &Build, path: &Path) -> Result<(), String> {
    inside::check(path)?;
    make_directory(path)?;
    self::build(build, path)
}

fn make_directory(path: &Path) -> Result<(), String> {
    fs::create_dir_all(path).map_err(|e| format!("mkdir {}: {e}", path.display()))
}

/// Writes a file that the user named.
pub(crate) fn file(path: &Path, text: &str) -> Result<(), String> {
    // A device or a pipe (as /dev/stdout leads to) is written to, not replaced; by a link of the system alone.
    let is_stream = fs::metadata(path).is_ok_and(|there| !there.is_file() && !there.is_dir());
    let is_link = fs::symlink_metadata(path).is_ok_and(|there| there.is_symlink());
    let is_systems = ["/dev", "/proc"].iter().any(|systems| path.starts_with(systems));
    if is_stream && (!is_link || is_systems) {
        return fs::write(path, text).map_err(|e| said(path, &e));
    }
    // A link itself is replaced.
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).map_or(Ok(()), inside::check)?;
    Beside::write(path, text, &mut 0)?.replace()
}

/// Writes a file of the user's that was changed, or a new one. A link stays a link, and what it leads to
/// changes: that is the file which was read. One that leads out of the repository is refused.
pub(crate) fn edited(path: &Path, text: &str) -> Result<(), String> {
    beside_edited(path, text)?.replace()
}

/// A file of the user's that is to change.
enum Edited<'t> {
    /// By another that takes its place.
    Beside(Beside, &'t str),
    /// Where it is, since its folder takes no other.
    InPlace(PathBuf, &'t str),
}

impl Edited<'_> {
    fn replace(self) -> Result<(), String> {
        match self {
            Edited::InPlace(path, text) => in_place(&path, text).map_err(|e| said(&path, &e)),
            // A file that is mounted by itself, as into a container, cannot be replaced.
            Edited::Beside(beside, text) => match fs::rename(&beside.beside, &beside.path) {
                Err(e) if e.kind() == io::ErrorKind::ResourceBusy => {
                    in_place(&beside.path, text).map_err(|e| said(&beside.path, &e))
                }
                done => beside.done(done),
            },
        }
    }
}

/// Writes into a file, and gives it back its old content if that fails.
fn in_place(path: &Path, text: &str) -> io::Result<()> {
    let old = fs::read(path)?;
    let write = |content: &[u8]| {
        let mut file = fs::OpenOptions::new().write(true).open(path)?;
        file.write_all(content)?;
        file.set_len(u64::try_from(content.len()).unwrap_or(u64::MAX))?;
        file.sync_all()
    };
    let written = write(text.as_bytes()).and_then(|()| match fs::read(path)? == text.as_bytes() {
        true => Ok(()),
        false => Err(io::Error::other("something else was written at the same time")),
    });
    written.inspect_err(|_| drop(write(&old)))
}

fn beside_edited<'t>(path: &Path, text: &'t str) -> Result<Edited<'t>, String> {
    inside::check(path)?;
    let target = match fs::canonicalize(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => path.to_path_buf(),
        target => target.map_err(|e| said(path, &e))?,
    };
    // A file that must not be written is not to be replaced either.
    match fs::OpenOptions::new().write(true).open(&target) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(said(path, &e)),
        there => {
            sweep(&target);
            let (beside, file) = match create_beside(&target, &mut 0) {
                Err(e) if there.is_ok() && is_closed(&e) => {
                    return Ok(Edited::InPlace(target, text));
                }
                created => created.map_err(|e| said(path, &e))?,
            };
            let written = Beside { beside, path: target, in_place: false };
            // As of an edit in place: root in a container leaves files of the user's to the user.
            keep_owner(&written.path, &file);
            Ok(Edited::Beside(written.fill(file, text)?, text))
        }
    }
}

/// Returns `true` if a folder takes no new files.
fn is_closed(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem)
}

/// Writes files of the user's that were changed: none takes the place of the old one before all are written.
pub(crate) fn all_edited(texts: &BTreeMap<PathBuf, String>) -> Result<(), String> {
    edited_in_order(texts.iter().map(|(path, text)| (path.as_path(), text.as_str())))
}

/// As [`all_edited`], one after the other as they are given: whoever ends the program between two may have the first
/// without the second.
pub(crate) fn edited_in_order<'t>(
    texts: impl Iterator<Item = (&'t Path, &'t str)>,
) -> Result<(), String> {
    let written: Result<Vec<Edited>, String> =
        texts.map(|(path, text)| beside_edited(path, text)).collect();
    written?.into_iter().try_for_each(Edited::replace)
}

/// Removes what killed processes have left beside a file. What a process that still runs is writing
/// stays,
/// and so does all where it cannot be known.
pub(crate) fn sweep(path: &Path) {
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let processes = Path::new("/proc");
    let Ok(entries) = fs::read_dir(folder.unwrap_or(Path::new("."))) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let inside = name.to_str().and_then(|name| name.strip_prefix(BESIDE)?.strip_suffix(END));
        let Some((process, number)) = inside.and_then(|inside| inside.split_once('-')) else {
            continue;
        };
        let is_ours = process.parse::<u32>().is_ok() && number.parse::<u32>().is_ok();
        let is_dead = processes.join("self").exists() && !processes.join(process).exists();
        if is_ours && is_dead && entry.file_type().is_ok_and(|kind| kind.is_file()) {
            // Who may not remove it has lost nothing.
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// How the name of a file begins that is to take the place of another, and how it ends; between them
/// are the
/// process and a number.
const BESIDE: &str = ".kustom-";
const END: &str = ".tmp";

/// A file that has been written beside the one whose place it is to take; removed if it never does.
struct Beside {
    beside: PathBuf,
    path: PathBuf,
    in_place: bool,
}

impl Beside {
    /// Writes a file; `number` tells it from others, and becomes the next that may be free.
    fn write(path: &Path, text: &str, number: &mut u32) -> Result<Beside, String> {
        let (beside, file) = Beside::create(path, number)?;
        beside.fill(file, text)
    }

    fn create(path: &Path, number: &mut u32) -> Result<(Beside, File), String> {
        if fs::symlink_metadata(path).is_ok_and(|there| there.is_dir()) {
            return Err(format!("open {}: is a directory", path.display()));
        }
        let (beside, file) = create_beside(path, number).map_err(|e| said(path, &e))?;
        Ok((Beside { beside, path: path.to_path_buf(), in_place: false }, file))
    }

    /// Writes the text, and gives the file the permissions of the one whose place it takes.
    fn fill(self, mut file: File, text: &str) -> Result<Beside, String> {
        let there = fs::symlink_metadata(&self.path).ok().filter(fs::Metadata::is_file);
        there
            .map_or(Ok(()), |there| file.set_permissions(there.permissions()))
            .and_then(|()| file.write_all(text.as_bytes()))
            .map_err(|e| format!("write {}: {e}", self.path.display()))?;
        Ok(self)
    }

    fn replace(self) -> Result<(), String> {
        // Replaces a link itself, not what it leads to.
        let renamed = fs::rename(&self.beside, &self.path);
        self.done(renamed)
    }

    /// Notes that it is where it belongs, if that has worked.
    fn done(mut self, renamed: io::Result<()>) -> Result<(), String> {
        renamed.map_err(|e| said(&self.path, &e))?;
        self.in_place = true;
        Ok(())
    }
}

/// Gives a file the owner and the group of another, as far as the user may: root may give both, others a group that they
/// are in.
#[cfg(unix)]
fn keep_owner(path: &Path, file: &File) {
    use std::os::unix::fs::{MetadataExt, fchown};

    let (Ok(old), Ok(new)) = (fs::metadata(path), file.metadata()) else { return };
    if (old.uid(), old.gid()) != (new.uid(), new.gid())
        && fchown(file, Some(old.uid()), Some(old.gid())).is_err()
    {
        // Who may do neither has written a file of their own, as they would without it.
        let _ = fchown(file, None, Some(old.gid()));
    }
}

#[cfg(not(unix))]
fn keep_owner(_: &Path, _: &File) {}

impl Drop for Beside {
    fn drop(&mut self) {
        if !self.in_place {
            let _ = fs::remove_file(&self.beside);
        }
    }
}

/// Makes a file of a new name in the directory of `path`, with the first free number from `number` on.
fn create_beside(path: &Path, number: &mut u32) -> io::Result<(PathBuf, File)> {
    output::begin();
    let process = std::process::id();
    loop {
        let beside = path.with_file_name(format!("{BESIDE}{process}-{number}{END}"));
        let next = number.checked_add(1);
        match File::create_new(&beside) {
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => *number = next.ok_or(e)?,
            Err(e) => return Err(e),
            Ok(file) => {
                *number = next.unwrap_or_default();
                return Ok((beside, file));
            }
        }
    }
}

fn said(path: &Path, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => format!("open {}: no such file or directory", path.display()),
        _ => format!("open {}: {error}", path.display()),
    }
}
