//! Opens repositories that may come from a stranger: nothing in them makes whoever reads them wait, or leads elsewhere.

use std::fs;
use std::path::{Path, PathBuf};

use gix::bstr::ByteSlice;
use gix::config::{Source, source::Kind};

use super::plain;

/// The most bytes of the rules of one folder; git itself refuses a hundred times as many.
const MOST_RULES: u64 = 1 << 20;

/// The most bytes of a commit or tag, or a folder that is named by way of one.
const LARGEST_COMMIT: u64 = 64 << 20;

/// Opens the repository whose work tree has its top in a folder.
pub(super) fn open(top: &Path) -> Result<gix::Repository, String> {
    plain::check(&top.join(".git"))?;
    gix::open(top).map(with_own_excludes).map_err(|e| e.to_string())
}

/// Opens the repository that a folder belongs to.
pub(super) fn discover(folder: &Path) -> Result<gix::Repository, String> {
    let top = folder.ancestors().find(|above| fs::symlink_metadata(above.join(".git")).is_ok());
    // Without a work tree, the folder may be the repository itself.
    let own = top.map_or_else(|| folder.to_path_buf(), |top| top.join(".git"));
    plain::check(&own)?;
    let repository = gix::discover(folder).map_err(|e| e.to_string())?;
    let work_tree = repository.workdir().and_then(|top| top.canonicalize().ok());
    let is_its_own = |top: &PathBuf| {
        folder.canonicalize().is_ok_and(|it| it.starts_with(top))
            && fs::symlink_metadata(top.join(".git")).is_ok()
    };
    if let Some(elsewhere) = work_tree.filter(|top| !is_its_own(top)) {
        let elsewhere = elsewhere.display();
        return Err(format!("its work tree is elsewhere, at {elsewhere} (core.worktree)"));
    }
    Ok(with_own_excludes(repository))
}

/// Opens a repository again for what names its commits and goes along them: none is read that has more bytes.
pub(super) fn commits(repository: &gix::Repository) -> Result<gix::Repository, String> {
    let limit = format!("gitoxide.objects.allocLimit={LARGEST_COMMIT}");
    let options = repository.open_options().clone().config_overrides([limit]);
    gix::open_opts(repository.git_dir(), options).map_err(|e| e.to_string())
}

/// Returns the file that git is to read rules of ignored files from, if the repository of a folder names one: the
/// user's own.
pub(crate) fn own_excludes(folder: &Path) -> Option<PathBuf> {
    let own = folder.ancestors().map(|above| above.join(".git")).find(|own| own.exists())?;
    if own.is_dir() && ["config", "config.worktree"].iter().all(|name| names_none(&own.join(name)))
    {
        return None;
    }
    own_excludes_of(&discover(folder).ok()?)
}

/// Returns `true` if a file surely names no file with rules, nor another file that could.
fn names_none(config: &Path) -> bool {
    let Ok(text) = fs::read(config) else { return true };
    let text = text.to_ascii_lowercase();
    !["excludesfile", "include"].iter().any(|word| text.contains_str(word))
}

/// Returns `true` if the rules in a folder, in a file such as `.gitignore`, can be read: a regular file that is not too
/// large, a link, which git does not follow, or nothing.
pub(super) fn is_readable(rules: &Path) -> bool {
    match fs::symlink_metadata(rules) {
        Ok(there) if there.is_file() => there.len() <= MOST_RULES,
        Ok(there) => there.is_symlink() || there.is_dir(),
        Err(_) => true,
    }
}

/// Takes the user's rules of ignored files in place of those that the repository names, which could be any file.
fn with_own_excludes(mut repository: gix::Repository) -> gix::Repository {
    if let Some(own) = own_excludes_of(&repository)
        && let Ok(own) = gix::path::into_bstr(own)
    {
        let mut config = repository.config_snapshot_mut();
        // What cannot be set would be read; without a commit nothing is.
        if config.set_raw_value("core.excludesFile", own.as_bstr()).is_ok() {
            _ = config.commit();
        }
    }
    repository
}

/// Returns the user's own rules, if those of the repository would be taken.
fn own_excludes_of(repository: &gix::Repository) -> Option<PathBuf> {
    let config = repository.config_snapshot();
    let config = config.plumbing();
    let is_repositorys = |source: Source| source.kind() == Kind::Repository;
    let key = "core.excludesFile";
    config.string_filter(key, |meta| is_repositorys(meta.source))?;
    let own = config.string_filter(key, |meta| !is_repositorys(meta.source));
    let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let own = own.and_then(|own| gix::path::from_bstring(own).ok()).map(|own| {
        own.strip_prefix("~").map(|below| home.join(below)).unwrap_or_else(|_| own.clone())
    });
    let usual = || {
        let folder = std::env::var_os("XDG_CONFIG_HOME").filter(|folder| !folder.is_empty());
        let folder = folder.map_or_else(|| home.join(".config"), PathBuf::from);
        folder.join("git").join("ignore")
    };
    Some(own.unwrap_or_else(usual))
}
