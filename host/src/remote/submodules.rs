//! Submodules of fetched trees, each asked for only after its address has been looked at.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use kustom::outside::{Failure, FailureKind};

use super::git::Work;

/// How deep submodules may nest.
const MOST_LEVELS: usize = 8;
/// How many there may be.
const MOST: usize = 64;

/// Checks out the submodules of a tree and theirs, as `git submodule update --init --recursive` does.
///
/// # Errors
/// If one may not or cannot be fetched.
pub(super) fn check_out(work: &Work<'_>, root: &Path, repository: &str) -> Result<(), Failure> {
    if !has_list(root) && paths(work, root)?.is_empty() {
        return Ok(());
    }
    // Relative addresses count from that of the repository.
    work.git(root, &["remote", "add", "--end-of-options", "origin", repository])?;
    let mut waiting: Vec<(PathBuf, usize)> = vec![(root.to_path_buf(), 0)];
    let mut count = 0;
    while let Some((directory, level)) = waiting.pop() {
        let (modules, paths) = (modules(work, &directory)?, paths(work, &directory)?);
        if let Some(path) = paths.iter().find(|path| !modules.contains_key(*path)) {
            let message = format!("No url found for submodule path '{path}' in .gitmodules");
            return Err(Failure::new(FailureKind::Failed, message).hint(
                "the repository has a submodule that its `.gitmodules` does not list, and `git submodule update` \
                 refuses that: list it there, or write `?submodules=false` behind the address",
            ));
        }
        if paths.is_empty() {
            continue;
        }
        if level == MOST_LEVELS {
            let message = format!("submodules nest deeper than {MOST_LEVELS} levels");
            return Err(Failure::new(FailureKind::Limit, message));
        }
        work.git(&directory, &["submodule", "--quiet", "init"])?;
        let urls = urls(work, &directory)?;
        for (_, url) in &urls {
            work.allowed.check_submodule(url)?;
            work.check_name(url)?;
        }
        for path in paths {
            count += 1;
            if count > MOST {
                let message = format!("more than {MOST} submodules");
                return Err(Failure::new(FailureKind::Limit, message));
            }
            // As git, which leaves it empty.
            if modules.get(&path).is_some_and(|update| update == "none") {
                continue;
            }
            let words = ["submodule", "--quiet", "update", "--checkout", "--", path.as_str()];
            if let Err(failure) = work.git(&directory, &words) {
                follow(work, &directory, &urls, &failure)?;
                work.git(&directory, &words)?;
            }
            let inside = directory.join(&path);
            // No link of the tree leads the next commands out of it.
            if inside.canonicalize().is_ok_and(|real| real.starts_with(root)) {
                work.check_size(&inside, "HEAD")?;
                waiting.push((inside, level + 1));
            }
        }
    }
    Ok(())
}

fn has_list(directory: &Path) -> bool {
    let list = directory.join(".gitmodules");
    fs::symlink_metadata(list).is_ok_and(|kind| kind.is_file())
}

/// Returns what `git submodule update` is to do with the submodules that `.gitmodules` lists, by their paths; those with a name that git does not take are none.
///
/// # Errors
/// If git cannot read the file.
fn modules(work: &Work<'_>, directory: &Path) -> Result<BTreeMap<String, String>, Failure> {
    if !has_list(directory) {
        return Ok(BTreeMap::new());
    }
    let words = ["config", "--file", ".gitmodules", "--null", "--list"];
    let list = work.git(directory, &words)?.stdout;
    let list = String::from_utf8_lossy(&list).into_owned();
    let mut modules: BTreeMap<&str, (&str, &str)> = BTreeMap::new();
    for entry in list.split_terminator('\0') {
        let (key, value) = entry.split_once('\n').unwrap_or((entry, ""));
        let Some((name, field)) = key.strip_prefix("submodule.").and_then(|k| k.rsplit_once('.'))
        else {
            continue;
        };
        if name.is_empty() || name.split(['/', '\\']).any(|part| part == "..") {
            continue;
        }
        let (path, update) = modules.entry(name).or_default();
        match field {
            "path" => *path = value,
            "update" => *update = value,
            _ => {}
        }
    }
    let owned = |(path, update): (&str, &str)| (path.to_owned(), update.to_owned());
    Ok(modules.into_values().map(owned).collect())
}

/// Writes down the addresses that submodules have now, if git has failed because one has moved.
///
/// # Errors
/// If that is not why, or where it is now may not be asked.
fn follow(
    work: &Work<'_>,
    directory: &Path,
    urls: &[(String, String)],
    failure: &Failure,
) -> Result<(), Failure> {
    let mut followed = false;
    for (key, url) in urls.iter().filter(|(_, url)| failure.message().contains(url.as_str())) {
        if let Some(moved) = work.moved(url, failure)? {
            work.allowed.check_submodule(&moved)?;
            work.git(directory, &["config", "--local", key, &moved])?;
            followed = true;
        }
    }
    if followed { Ok(()) } else { Err(failure.clone()) }
}

/// Returns the addresses of the submodules of one level with their keys, relative ones resolved by git.
fn urls(work: &Work<'_>, directory: &Path) -> Result<Vec<(String, String)>, Failure> {
    let words = ["config", "--local", "--null", "--list"];
    let list = work.git(directory, &words)?.stdout;
    let list = String::from_utf8_lossy(&list).into_owned();
    let url = |entry: &str| {
        let (key, value) = entry.split_once('\n')?;
        let is_url = key.starts_with("submodule.") && key.ends_with(".url");
        is_url.then(|| (key.to_owned(), value.to_owned()))
    };
    Ok(list.split_terminator('\0').filter_map(url).collect())
}

/// Returns the paths of the submodules of one level: what the tree has of the kind.
fn paths(work: &Work<'_>, directory: &Path) -> Result<Vec<String>, Failure> {
    let list = work.git(directory, &["ls-tree", "-r", "-z", "HEAD"])?.stdout;
    let list = String::from_utf8_lossy(&list).into_owned();
    let path = |entry: &str| {
        let (head, path) = entry.split_once('\t')?;
        head.starts_with("160000 ").then(|| path.to_owned())
    };
    Ok(list.split_terminator('\0').filter_map(path).collect())
}
