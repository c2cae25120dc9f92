//! Reads the repository of the work tree from git's objects; writes nothing and starts no git.

mod committed;
mod inside;
mod objects;
mod open;
mod plain;
mod revision;
mod same;
mod skipped;
mod sparse;
mod work_tree;
mod written;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

pub(crate) use self::committed::{Beside, Committed};
pub(crate) use self::objects::NOT_IN_CLONE;
use self::objects::Objects;
pub(crate) use self::open::own_excludes;
pub(crate) use self::revision::{IN_SUBMODULE, Revision};
pub(crate) use self::same::Between;
pub(crate) use self::sparse::{NOT_CHECKED_OUT, Skipped, Sparse};
pub(crate) use self::work_tree::{Unignored, WorkTree, check_rules, check_rules_below};

/// A repository.
pub(crate) struct Repository {
    repository: gix::Repository,
    /// The same, for what names commits.
    commits: gix::Repository,
    /// What has been read of it, for all revisions.
    objects: Arc<Mutex<Objects>>,
    /// The work tree, links resolved; `/` if there is none.
    root: PathBuf,
}

impl Repository {
    /// Finds the repository that a path belongs to; the path itself need not exist.
    ///
    /// # Errors
    /// If there is none, something in it would be waited for, or it leads out of the one directory that may be read.
    pub(crate) fn discover(path: &Path) -> Result<Repository, String> {
        let absolute = std::path::absolute(path).map_err(|e| format!("{}: {e}", path.display()))?;
        let existing = absolute.ancestors().find(|path| path.is_dir()).unwrap_or(Path::new("/"));
        let mut repository = open::discover(existing)
            .map_err(|e| format!("no git repository at {}: {e}", path.display()))?;
        inside::check(repository.workdir().unwrap_or(repository.git_dir()))?;
        repository.object_cache_size_if_unset(16 << 20);
        let mut commits = open::commits(&repository)?;
        commits.object_cache_size_if_unset(16 << 20);
        let root = match repository.workdir() {
            Some(root) => root.canonicalize().map_err(|e| format!("{}: {e}", root.display()))?,
            None => PathBuf::from("/"),
        };
        let objects = Arc::new(Mutex::new(Objects::new(repository.clone())));
        Ok(Repository { repository, commits, objects, root })
    }

    /// Returns the files of a revision, in any spelling that git understands.
    pub(crate) fn revision(&self, name: &str) -> Result<Revision, String> {
        let hint = match self.repository.is_shallow() {
            Ok(true) => " (the clone is shallow: fetch more of its history)",
            _ => "",
        };
        let wrong = |e: &dyn fmt::Display| format!("revision '{name}': {e}{hint}");
        let missing = |_| wrong(&"there is none in this repository");
        let id = self.commits.rev_parse_single(name).map_err(missing)?;
        let tree = id.object().map_err(|e| wrong(&e))?;
        let tree = tree.peel_to_tree().map_err(|e| wrong(&e))?;
        let has_work_tree = self.repository.workdir().is_some();
        Ok(Revision::new(&self.root, tree.id, has_work_tree, Arc::clone(&self.objects)))
    }

    /// Returns the name and the files of what HEAD is before the first commit: nothing. `None` if there is a commit.
    pub(crate) fn unborn(&self) -> Option<(String, Revision)> {
        self.repository.head().ok().filter(gix::Head::is_unborn)?;
        let top = gix::ObjectId::empty_tree(self.repository.object_hash());
        let has_work_tree = self.repository.workdir().is_some();
        let revision = Revision::new(&self.root, top, has_work_tree, Arc::clone(&self.objects));
        Some((top.to_string(), revision))
    }

    /// Returns the commit where `tip` left the default branch.
    pub(crate) fn merge_base(&self, tip: &str) -> Result<String, String> {
        let branches = [
            "refs/remotes/origin/HEAD",
            "refs/remotes/origin/main",
            "refs/remotes/origin/master",
            "refs/heads/main",
            "refs/heads/master",
        ];
        let parse = |name: &str| self.commits.rev_parse_single(name);
        let branch = branches.iter().find(|name| parse(name).is_ok());
        let branch = branch.ok_or_else(|| format!("no default branch is known; {BASE_HINT}"))?;
        self.merge_base_of(tip, branch)
    }

    /// Returns the folder of the work tree, links resolved.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Returns the files that change when another revision is checked out, or made.
    pub(crate) fn heads(&self) -> Vec<PathBuf> {
        let own = crate::paths::physical(self.repository.git_dir());
        let common = crate::paths::physical(self.repository.common_dir());
        vec![own.join("HEAD"), own.join("logs/HEAD"), common.join("packed-refs")]
    }

    /// Returns the commit where two revisions part.
    pub(crate) fn merge_base_of(&self, tip: &str, branch: &str) -> Result<String, String> {
        let parse = |name: &str| self.commits.rev_parse_single(name);
        let of = |name: &str| {
            let commit = format!("{name}^{{commit}}");
            parse(commit.as_str())
                .map_err(|_| format!("revision '{name}': there is none in this repository"))
        };
        let base = self
            .commits
            .merge_base(of(tip)?, of(branch)?)
            .map_err(|e| format!("merge base of {tip} and {branch}: {e}"))?;
        base.map(|id| id.to_string()).ok_or_else(|| {
            format!("{tip} and {branch} have no commit in common (a shallow clone?); {BASE_HINT}")
        })
    }
}

/// What to do where no merge base is found.
const BASE_HINT: &str = "name the revision to compare with by --from";
