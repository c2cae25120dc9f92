//! Copies on the disk.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use kustom::vendor::{Copied, LOCK_FILE, VENDOR_MARKER, Vendored};

use super::disk::{check_way, link, make_program, remove, said, write_new};
use super::swap::Swap;
use crate::write;

/// Writes copies and the lock file: all of it or nothing.
///
/// The lock file until now may come from a stranger: nothing is touched but directories of copies, and no
/// link is followed.
///
/// # Errors
/// If that fails; what was there is there again then, and the message says so.
pub(super) fn put_in_place(
    directory: &Path,
    vendored: &Vendored,
    lock: &Path,
) -> Result<(), String> {
    let (top, former) = (&vendored.top, &vendored.former_top);
    if !vendored.obsolete.is_empty() {
        check_top(directory, former)?;
    }
    check_top(directory, top)?;
    for place in vendored.obsolete.iter().chain(&vendored.places) {
        check_way(directory, place)?;
    }
    let was_marked = directory.join(top).join(VENDOR_MARKER).exists();
    let text = if vendored.is_empty() { "" } else { &vendored.lock };
    let mut swap = Swap::new(directory, text);
    let done = replace(&mut swap, vendored, lock);
    let undone = if done.is_err() { swap.undo() } else { Vec::new() };
    let left = swap.clean();
    let is_empty = vendored.is_empty();
    for marked in [former, top] {
        // Where nothing lies any more, nothing is marked.
        let is_left = if done.is_ok() { is_empty || marked != top } else { !was_marked };
        if is_left && (marked == top || done.is_ok()) {
            unmark(directory, marked);
        }
    }
    match done {
        Err(message) if undone.is_empty() => Err(format!(
            "{message}; nothing was changed: {LOCK_FILE} and the copies are as they were"
        )),
        Err(message) => Err(format!(
            "{message}; {LOCK_FILE} is as it was, but not all copies are: {}; run `kustom vendor` again",
            undone.join("; ")
        )),
        Ok(()) if left.is_empty() => Ok(()),
        Ok(()) => Err(format!(
            "{}; {LOCK_FILE} and all copies are written: remove by hand what is left",
            left.join("; ")
        )),
    }
}

/// Writes what is new, moves what was there out of the way, and puts the new into its places.
fn replace(swap: &mut Swap<'_>, vendored: &Vendored, lock: &Path) -> Result<(), String> {
    let top = &vendored.top;
    if !vendored.is_empty() && (!vendored.copies.is_empty() || swap.directory().join(top).is_dir())
    {
        mark(&swap.directory().join(top))?;
    }
    // What the disk has no room for shows before anything is moved.
    let new = write_copies(swap, vendored)?;
    for place in &vendored.obsolete {
        swap.take_away(&vendored.former_top, place)?;
    }
    for (place, written) in &new {
        // A link of a copy could lie on the way to another.
        check_way(swap.directory(), place)?;
        swap.take_away(top, place)?;
        swap.put(top, written, place)?;
    }
    match vendored.is_empty() {
        true => remove(lock),
        false => write::file(lock, &vendored.lock),
    }
}

/// Writes copies beside their places, and returns them by these.
fn write_copies(
    swap: &mut Swap<'_>,
    vendored: &Vendored,
) -> Result<BTreeMap<PathBuf, PathBuf>, String> {
    let mut places = BTreeMap::new();
    for place in &vendored.places {
        places.insert(place.clone(), swap.beside(&vendored.top)?);
    }
    let mut checked = PathBuf::new();
    for (path, content) in &vendored.copies {
        let place = path.ancestors().find_map(|above| places.get_key_value(above));
        let Some((place, beside)) = place else {
            return Err(format!("{}: a copy without a place", path.display()));
        };
        let below = path.strip_prefix(place).unwrap_or(path);
        let target = if below.as_os_str().is_empty() { beside.clone() } else { beside.join(below) };
        let parent = target.parent().unwrap_or(beside);
        if parent != checked {
            // A link of the copy could lie on the way.
            check_way(swap.directory(), parent.strip_prefix(swap.directory()).unwrap_or(parent))?;
            fs::create_dir_all(parent).map_err(|e| said("mkdir", parent, &e))?;
            checked = parent.to_path_buf();
        }
        let failed = |e: io::Error| said("write", &swap.directory().join(path), &e);
        match content {
            Copied::File(bytes) => write_new(&target, bytes).map_err(failed)?,
            Copied::Program(bytes) => {
                write_new(&target, bytes).and_then(|()| make_program(&target)).map_err(failed)?;
            }
            Copied::Link(to) => link(to, &target)?,
            _ => return Err(format!("{}: nothing that is known", path.display())),
        }
    }
    Ok(places)
}

/// The files that mark a directory as one of copies.
const MARKS: [&str; 3] = [VENDOR_MARKER, ".gitattributes", ".gitignore"];

/// What git is told of copies.
const ATTRIBUTES: &str = "* -text -eol -ident -filter -working-tree-encoding -export-ignore -export-subst linguist-vendored\n";

/// Marks a directory as one of copies, before the first is in it.
fn mark(top: &Path) -> Result<(), String> {
    fs::create_dir_all(top).map_err(|e| said("mkdir", top, &e))?;
    let marker = "Written by `kustom vendor`; kustom.lock lists what is here.\n";
    write::file(&top.join(VENDOR_MARKER), marker)?;
    // Nothing is changed on the way through git, and no copy is reviewed as if written.
    write::file(&top.join(".gitattributes"), ATTRIBUTES)?;
    // What the repository ignores elsewhere, such as `charts/`, belongs to the copies here.
    write::file(&top.join(".gitignore"), "!*\n")
}

/// Removes what marks a directory as one of copies, if nothing else is in it, and directories that have become
/// empty.
fn unmark(directory: &Path, top: &Path) {
    let absolute = directory.join(top);
    if check_top(directory, top).is_err() {
        return;
    }
    let Ok(entries) = fs::read_dir(&absolute) else { return };
    let names: Vec<_> = entries.flatten().map(|entry| entry.file_name()).collect();
    if !names.iter().all(|name| MARKS.iter().any(|mark| name == mark)) {
        return;
    }
    for mark in MARKS {
        _ = fs::remove_file(absolute.join(mark));
    }
    for above in top.ancestors().filter(|above| !above.as_os_str().is_empty()) {
        if fs::remove_dir(directory.join(above)).is_err() {
            break;
        }
    }
}

/// Refuses a directory of all copies that has something else in it.
fn check_top(directory: &Path, top: &Path) -> Result<(), String> {
    check_way(directory, top)?;
    let absolute = directory.join(top);
    let is_marked = fs::symlink_metadata(absolute.join(VENDOR_MARKER)).is_ok_and(|m| m.is_file());
    let is_free = || match fs::read_dir(&absolute) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(e) => Err(said("look at", &absolute, &e)),
    };
    if is_marked || is_free()? {
        return Ok(());
    }
    Err(format!(
        "{} is no directory of copies: it is not empty and has no file {VENDOR_MARKER}, so nothing in it is \
         written or removed; move away what is there, or name another directory with --to",
        absolute.display()
    ))
}
