//! What a call has left that was killed in the middle: the next one undoes it, or removes what is not needed any more.
//!
//! Whoever moves copies writes down each move before it, in the directory where copies wait. Where the lock file is
//! the new one already, all was in its place.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Component, Path, PathBuf};

use kustom::{DiskFs, FileSystem};

use super::disk::{check_way, remove, remove_empty, said};

/// The directory beside the copies in which new ones are made and old ones wait until all is done.
pub(super) const ASIDE: &str = ".kustom-vendor-aside";

/// The list of moves: first who has made the directory aside, then what the lock file is to be in the end, and then a
/// line for each.
const MOVES: &str = "moves";

/// A move that is about to happen.
pub(super) enum Move<'p> {
    /// What lay at a place gets this name in the directory aside.
    Away(&'p Path, &'p str),
    /// A place gets what is new.
    Put(&'p Path),
}

/// Begins the list of moves.
pub(super) fn begin(aside: &Path, lock: &str) -> Result<(), String> {
    let path = aside.join(MOVES);
    let (own, lock) = (identity(aside).unwrap_or_default(), fingerprint(lock));
    fs::write(&path, format!("{own}\n{lock}\n")).map_err(|e| said("write", &path, &e))
}

/// Writes a move down.
pub(super) fn note(aside: &Path, next: &Move<'_>) -> Result<(), String> {
    let words = match next {
        Move::Away(place, name) => vec![place.to_string_lossy(), (*name).into()],
        Move::Put(place) => vec![place.to_string_lossy()],
    };
    let line = serde_json::Value::from(words.into_iter().map(String::from).collect::<Vec<_>>());
    let path = aside.join(MOVES);
    let written =
        File::options().append(true).open(&path).and_then(|mut file| writeln!(file, "{line}"));
    written.map_err(|e| said("write", &path, &e))
}

/// Undoes what a call has begun that was killed before all copies in `top` were in their places, and removes what
/// it has left; `true` if there was any such call.
///
/// # Errors
/// If something cannot be moved back, or a link is on the way.
pub(super) fn recover(directory: &Path, top: &Path, lock: &Path) -> Result<bool, String> {
    let aside = directory.join(top).join(ASIDE);
    if !is_plain(top) || fs::symlink_metadata(&aside).is_err() {
        return Ok(false);
    }
    check_way(directory, &top.join(ASIDE))?;
    let read =
        |path: &Path| DiskFs.read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let moves = read(&aside.join(MOVES)).unwrap_or_default();
    let (own, moves) = moves.split_once('\n').unwrap_or_default();
    let (wanted, moves) = moves.split_once('\n').unwrap_or_default();
    let is_done = wanted == fingerprint(&read(lock).unwrap_or_default());
    // A list that came with the repository, or from another disk, says nothing of what happened here.
    let is_own = !own.is_empty() && identity(&aside).is_some_and(|identity| identity == own);
    if is_own && !is_done {
        for line in moves.lines().rev() {
            undo(directory, (top, &aside), line)?;
        }
    }
    remove(&aside)?;
    Ok(true)
}

/// Undoes a move. One that was not complete, or is none of ours, is left as it is.
fn undo(directory: &Path, (top, aside): (&Path, &Path), line: &str) -> Result<(), String> {
    let Ok(words) = serde_json::from_str::<Vec<String>>(line) else { return Ok(()) };
    let Some(place) = words.first().map(PathBuf::from) else { return Ok(()) };
    if !is_plain(&place)
        || !place.starts_with(top)
        || place == top
        || place.starts_with(top.join(ASIDE))
    {
        return Ok(());
    }
    check_way(directory, &place)?;
    let there = directory.join(&place);
    match words.get(1) {
        None => {
            remove(&there)?;
            remove_empty(directory, &place);
        }
        Some(name) if name.bytes().all(|byte| byte.is_ascii_digit()) => {
            let away = aside.join(name);
            if fs::symlink_metadata(&away).is_ok() {
                remove(&there)?;
                let parent = there.parent().unwrap_or(directory);
                fs::create_dir_all(parent).map_err(|e| said("mkdir", parent, &e))?;
                fs::rename(&away, &there).map_err(|e| said("move", &away, &e))?;
            }
        }
        Some(_) => {}
    }
    Ok(())
}

/// Returns what tells a text from others: its length and its FNV hash.
fn fingerprint(text: &str) -> String {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{} {hash:016x}", text.len())
}

/// Returns `true` if a path has nothing but names.
fn is_plain(path: &Path) -> bool {
    path.components().all(|part| matches!(part, Component::Normal(_)))
}

/// Returns what tells a directory from one that was cloned, unpacked or copied.
#[cfg(unix)]
fn identity(directory: &Path) -> Option<String> {
    use std::os::unix::fs::MetadataExt;
    use std::time::UNIX_EPOCH;
    let there = fs::symlink_metadata(directory).ok()?;
    let made = there.created().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(format!("{} {} {}", there.dev(), there.ino(), made.as_nanos()))
}

#[cfg(not(unix))]
fn identity(_: &Path) -> Option<String> {
    None
}
