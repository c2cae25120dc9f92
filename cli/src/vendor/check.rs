//! `kustom vendor --check`

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use kustom::DiskFs;
use kustom::text::{masked, visible_line};
use kustom::vendor::{LOCK_FILE, VendorChange, VendorPlan, lock_places};

use super::recover::ASIDE;
use super::roots::{Roots, has_lock};
use super::{CHARTS, FUNCTIONS, Vendor, count, line};
use crate::paths::Shown;
use crate::remote::RemoteArgs;

/// Returns the directory of the lock file that counts where an error is.
fn lock_of(error: &kustom::Error) -> Option<PathBuf> {
    let folder = error.location()?.file.parent()?;
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let places = lock_places(&DiskFs, &folder.canonicalize().ok()?);
    places.into_iter().find(|place| has_lock(place))
}

impl Vendor<'_> {
    /// Says what is wrong with the lock file and its copies; `true` if nothing is.
    pub(super) fn check(&self) -> bool {
        let check = match self.checked(false) {
            Ok(mut check) => {
                // What another lock file lists is told where that one is checked.
                check.missing.retain(|error| {
                    lock_of(error).is_none_or(|place| !self.roots.nested.contains(&place))
                });
                check
            }
            Err(error) => {
                self.format.error(&error);
                return false;
            }
        };
        let shown = Shown::from_here();
        let lock = shown.path(&self.lock());
        let note = |message: String| self.format.note("vendor", &message);
        for error in &check.missing {
            self.format.error(error);
        }
        let why = "could not be read to the end, so not all that it uses is known:";
        self.tell_of_roots(&check.unread, why);
        self.tell_of_roots(&check.failed, "cannot be built; all that it names is known:");
        if check.has_left_out_charts {
            note(match self.args.outside.switches.enable_helm {
                true => "helm cannot be started, so charts came to nothing".into(),
                false => CHARTS.into(),
            });
        }
        if check.has_left_out_functions {
            note(FUNCTIONS.into());
        }
        // The lock file may come from a stranger.
        for url in &check.unlisted {
            note(format!("{lock}: '{}' is used and not listed", visible_line(&masked(url))));
        }
        for what in &check.unused {
            note(format!("{lock}: {} is listed and not used", visible_line(&masked(what))));
        }
        for what in &check.unchecked {
            let what = masked(what);
            let what = visible_line(&what);
            note(format!("{lock}: {what} is not checked, for what is told above may use it"));
        }
        for path in &check.strays {
            if path.ends_with(ASIDE) {
                note(format!("{lock}: a `kustom vendor` was ended in the middle; run it again"));
                continue;
            }
            note(format!(
                "{lock}: {} is not listed; remove it by hand if nothing in it is yours",
                visible_line(&path.to_string_lossy())
            ));
        }
        if !check.missing.is_empty() {
            for directory in &check.other_locks {
                if self.roots.nested.contains(directory) {
                    continue;
                }
                let other = shown.line(directory);
                note(format!(
                    "{other} has a {LOCK_FILE} of its own: run `kustom vendor {other}` as well"
                ));
            }
        }
        let is_hidden = self.tell_of_local_charts(&check.local_charts);
        if check.is_complete() && !is_hidden {
            let used = if check.has_lock { count(check.used) } else { "nothing is used".into() };
            let compares = check.has_lock && RemoteArgs::is_asked_for();
            if compares && !self.is_as_elsewhere(check.has_charts) {
                return false;
            }
            let same = if compares { ", the same as elsewhere" } else { "" };
            let printed = self.format.print(&format!("{lock} is complete: {used}{same}\n"));
            return printed == ExitCode::SUCCESS;
        }
        // What is broken has to be mended first: until then, nothing that it may use is removed.
        if !check.unread.is_empty() || !check.unchecked.is_empty() && check.missing.is_empty() {
            note(
                "mend what cannot be read or built, or leave it out by `exclude` of `[search]` in kustom.toml, and \
                 check again"
                    .into(),
            );
        }
        // A chart that lies in the way is removed by hand.
        let is_fetched = |error: &kustom::Error| {
            let is_own = lock_of(error).is_none_or(|place| place == self.roots.directory);
            is_own && error.hint_id() != Some("chart-beside-lock")
        };
        let is_lacking = check.missing.iter().any(is_fetched) || !check.unlisted.is_empty();
        if is_lacking || !check.unused.is_empty() {
            let is_on = self.args.outside.switches.enable_helm;
            let charts = if is_on || check.has_charts { " --enable-helm" } else { "" };
            let state = if check.has_lock { "is not complete" } else { "is not there" };
            let is_here = self.dirs.iter().all(|dir| dir.as_os_str() == ".");
            let dirs = self.dirs.iter().filter(|_| !is_here);
            let dirs: String = dirs.map(|dir| format!(" {}", shown.line(dir))).collect();
            note(format!("{lock} {state}; run `kustom vendor{dirs}{charts}`"));
        }
        false
    }

    /// Fetches all that the lock file lists, at its commits and versions, and says what has another content than the
    /// lock file and its copies; `true` if nothing has. Nothing is written.
    fn is_as_elsewhere(&self, has_charts: bool) -> bool {
        let Roots { asked, directory, others, .. } = &self.roots;
        let plan = VendorPlan::new(directory).others(others).anew(true);
        let vendored = match self.builder.vendor(asked, &plan) {
            Ok(vendored) => vendored,
            Err(error) => {
                self.format.error(&error);
                return false;
            }
        };
        if has_charts && !self.args.outside.switches.enable_helm {
            let message = "charts are compared only with --enable-helm".to_owned();
            self.format.note("vendor", &message);
        }
        self.tell_of_failures(&vendored);
        let is_other = |change: &&VendorChange| {
            let is_listed = change.before.is_some() && change.after.is_some();
            is_listed && (change.before != change.after || change.content.is_some())
        };
        let others: String = vendored.changes.iter().filter(is_other).map(line).collect();
        if !others.is_empty() {
            self.format.note("vendor", others.trim_end());
        }
        vendored.not_fetched.is_empty() && vendored.unread.is_empty() && others.is_empty()
    }
}
