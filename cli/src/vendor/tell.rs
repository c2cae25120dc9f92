//! What `kustom vendor` says beside what it does.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use kustom::text::{masked, visible_line};
use kustom::vendor::{LOCK_FILE, VENDOR_MARKER, Vendored};

use super::roots::has_lock;
use super::{CHARTS, FUNCTIONS, Vendor};
use crate::changes;
use crate::paths::Shown;

impl Vendor<'_> {
    /// Says what could not be fetched, and what could not be built.
    pub(super) fn tell_of_failures(&self, vendored: &Vendored) {
        for error in &vendored.not_fetched {
            self.format.error(error);
        }
        let why = "cannot be built, and what only it uses may be missing:";
        self.tell_of_roots(&vendored.unread, why);
        self.tell_of_roots(&vendored.failed, "cannot be built; all that it names is known:");
        let why = "cannot be built with what has moved, and what only it uses may be missing:";
        self.tell_of_roots(&vendored.others_failed, why);
        if vendored.has_left_out_charts {
            self.format.note("vendor", CHARTS);
        }
        if vendored.has_left_out_functions {
            self.format.note("vendor", FUNCTIONS);
        }
    }

    /// Names kustomizations, and says what is wrong with each; what is wrong with several is told once.
    pub(super) fn tell_of_roots(&self, roots: &[(PathBuf, kustom::Error)], what: &str) {
        let mut told: Vec<String> = Vec::new();
        let mut last = None;
        for (root, error) in roots {
            let text = format!("{:?} {}", error.location(), error.message());
            let is_known = told.contains(&text);
            if last != Some(root) {
                let same = if is_known { " (as above)" } else { "" };
                let message = format!("Warning: {} {what}{same}", root.display());
                self.format.note("vendor", &message);
            }
            last = Some(root);
            if !is_known {
                self.format.error(error);
                told.push(text);
            }
        }
    }

    /// Says if git leaves out some copies, which would then be missing elsewhere. That it ignores all is meant so where
    /// the pattern names their directory.
    pub(super) fn tell_of_ignored(&self, top: &Path) {
        let ignored = changes::ignored(&self.roots.directory, top);
        let Some(first) = ignored.first() else { return };
        let marker = top.join(VENDOR_MARKER);
        if ignored.contains(&marker) {
            let pattern = changes::pattern_of(&self.roots.directory, &marker).unwrap_or_default();
            let first = top.iter().next().unwrap_or_default().to_string_lossy();
            let is_named = pattern.contains(&*first);
            // Whoever commits no lock file needs no copies of it.
            let directory = &self.roots.directory;
            let has_lock =
                has_lock(directory) && changes::ignored(directory, Path::new(LOCK_FILE)).is_empty();
            if !is_named && !pattern.is_empty() && has_lock {
                let message = format!(
                    "Warning: git ignores all copies, for the pattern '{}': a clone would have {LOCK_FILE} and nothing that it \
                     lists; add `!/{}/` behind it, or a pattern that names {} if each clone is to run `kustom vendor`",
                    visible_line(&pattern),
                    first,
                    top.display()
                );
                self.format.note("vendor", &message);
            }
            return;
        }
        let message = format!(
            "Warning: git ignores {} of the copies, such as {}: a clone would not have them; add them with \
             `git add --force {top}`, or ignore all of {top}",
            ignored.len(),
            first.display(),
            top = top.display(),
        );
        self.format.note("vendor", &message);
    }

    /// Says which charts stand in the way of an entry, and git does not have them; `true` if there are.
    pub(super) fn tell_of_local_charts(&self, charts: &BTreeMap<PathBuf, String>) -> bool {
        let shown = Shown::from_here();
        let is_ignored = |folder: &Path| {
            folder
                .parent()
                .zip(folder.file_name())
                .is_some_and(|(parent, name)| !changes::ignored(parent, Path::new(name)).is_empty())
        };
        let mut is_told = false;
        for (folder, what) in charts.iter().filter(|(folder, _)| is_ignored(folder)) {
            let message = format!(
                "{} is taken for {}, and git ignores it: a clone has neither that nor an entry of {LOCK_FILE}; remove \
                 the folder and run `kustom vendor --enable-helm`",
                shown.line(folder),
                visible_line(&masked(what))
            );
            self.format.note("vendor", &message);
            is_told = true;
        }
        is_told
    }

    /// Says which addresses that were added to the lock file let in whoever reads it.
    pub(super) fn tell_of_secrets(&self, vendored: &Vendored) {
        let added = vendored.changes.iter().filter(|change| change.after.is_some());
        for what in added.map(|change| &change.what) {
            let shown = masked(what);
            if *shown != **what {
                let message = format!(
                    "Warning: {LOCK_FILE} lists {} with credentials, as the tree has it: whoever reads one of them can \
                     use these; take them out of the address, and let git find them itself",
                    visible_line(&shown)
                );
                self.format.note("vendor", &message);
            }
        }
    }

    /// Names the files of copies by which git changes others.
    pub(super) fn tell_of_attributes(&self, files: &[PathBuf]) {
        let shown = Shown::from_here();
        for file in files {
            let file = shown.line(&self.roots.directory.join(file));
            let message = format!(
                "Warning: {file} lets git change files of its copy, as each user has set it: where git does, the copy \
                 is not what {LOCK_FILE} says; ignore the copies in git, and run `kustom vendor` before each build"
            );
            self.format.note("vendor", &message);
        }
    }

    /// Names a path among the copies that some file systems do not tell from another.
    pub(super) fn tell_of_alike<'p>(&self, copies: impl Iterator<Item = &'p PathBuf>) {
        let mut known: BTreeMap<String, &PathBuf> = BTreeMap::new();
        let mut has_device = false;
        for path in copies {
            if !has_device && path.iter().any(is_device) {
                has_device = true;
                let path = path.to_string_lossy();
                let path = visible_line(&path);
                let message =
                    format!("Warning: Windows has no place for {path}, a name of a device");
                self.format.note("vendor", &message);
            }
            let Some(other) = known.insert(path.to_string_lossy().to_lowercase(), path) else {
                continue;
            };
            let message = format!(
                "Warning: {} and {} are one file on systems that ignore case, where the copy is not as {LOCK_FILE} says",
                visible_line(&other.to_string_lossy()),
                visible_line(&path.to_string_lossy())
            );
            return self.format.note("vendor", &message);
        }
    }

    /// Says what may have been meant where a directory is taken for a pattern.
    pub(super) fn tell_of_directories(&self) {
        for directory in self.args.update.iter().filter(|pattern| Path::new(pattern).is_dir()) {
            let message = format!(
                "'{directory}' is taken for a pattern of URLs; `kustom vendor {directory} --update` moves \
                 what is used in that directory"
            );
            self.format.note("vendor", &message);
        }
    }
}

/// Returns `true` for a name that Windows takes for a device, whatever ending it has.
fn is_device(name: &OsStr) -> bool {
    let name = name.to_string_lossy().to_ascii_lowercase();
    let stem = name.split('.').next().unwrap_or_default().trim_end();
    matches!(stem, "con" | "prn" | "aux" | "nul")
        || ["com", "lpt"].iter().any(|port| {
            let number = stem.strip_prefix(port).unwrap_or_default();
            matches!(number.as_bytes(), [b'1'..=b'9'])
        })
}
