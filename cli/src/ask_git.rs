//! Asks the program git about a work tree that may be a stranger's: nothing that its configuration names is started,
//! and nothing is fetched.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::time::Duration;

use kustom_host::process::{Finished, Limits, ProcessError, Program};
use kustom_host::remote::VARIABLES_OF_REPOSITORY;

use crate::git::{self, Revision};
use crate::git_paths::bytes_to_path;
use crate::{bounds, paths};

/// What a repository may not decide: programs that git would start, attributes of others, and files to be read.
const FIXED: [&str; 5] = [
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.attributesFile=/dev/null",
    "diff.orderFile=/dev/null",
    "protocol.allow=never",
];

/// No protocol has such a name, so none is allowed, whatever the configuration says of single ones.
const NO_PROTOCOL: &str = "-";

/// The most bytes that git may say.
const MOST_OUTPUT: usize = 512 << 20;

/// How long git mostly takes at most.
const SOON: Duration = Duration::from_secs(2);

/// How deep submodules may lie in each other.
const MOST_DEPTH: usize = 8;

/// A work tree that git is asked about.
#[derive(Clone, Copy)]
struct Asked<'a> {
    top: &'a Path,
    is_submodule: bool,
}

/// Returns the paths that differ between a revision and the work tree below `top`, as git knows them, with new ones;
/// nothing without git.
///
/// Filters do not run: of a file that one converts, git's index knows whether it is as it was, and where that is not
/// certain it counts as changed. A submodule counts as changed if anything in it is.
///
/// # Errors
/// If git does not say that.
pub(crate) fn changed(
    top: &Path,
    name: &str,
    revision: &Revision,
) -> Result<Option<Vec<PathBuf>>, String> {
    let asked = Asked { top, is_submodule: false };
    // The index may have been read already, and git need not be asked for them.
    let submodules = match revision.submodules() {
        Some(paths) => checked_out(paths)?,
        None => match submodules(asked)? {
            Some(found) => found,
            None => return Ok(None),
        },
    };
    let (Some(changed), has_filters) = differing(asked, name)? else { return Ok(None) };
    let words = ["ls-files", "-z", "--others", "--exclude-standard"];
    let new = asked.run(top, &[], words)?.unwrap_or_default();
    let mut all: Vec<PathBuf> = names(&changed).map(|path| top.join(path)).collect();
    if has_filters {
        all.retain(|path| !revision.is_surely_on_disk(path));
    }
    all.extend(names(&new).map(|path| top.join(path)));
    for submodule in submodules {
        if !all.contains(&submodule) && is_changed(&submodule, MOST_DEPTH)? {
            all.push(submodule);
        }
    }
    Ok(Some(all))
}

/// Returns `true` if a submodule, or one in it, has other files than its own `HEAD`; new ones do not count, as for git.
fn is_changed(submodule: &Path, depth: usize) -> Result<bool, String> {
    if depth == 0 {
        return Ok(true);
    }
    let asked = Asked { top: submodule, is_submodule: true };
    let inner = submodules(asked)?.unwrap_or_default();
    if differing(asked, "HEAD")?.0.is_none_or(|changed| !changed.is_empty()) {
        return Ok(true);
    }
    for inner in inner {
        if is_changed(&inner, depth - 1)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Returns what of the work tree at `top` differs from a revision, as git lists it, and whether filters were left
/// out; nothing without git. Of submodules only their `HEAD` is looked at: git would start itself in each, with what
/// the configuration there names.
fn differing(asked: Asked<'_>, revision: &str) -> Result<(Option<Vec<u8>>, bool), String> {
    let Some(drivers) = Drivers::of(asked)? else { return Ok((None, false)) };
    let words = ["diff", "--name-only", "-z", "--no-renames", "--no-ext-diff", "--no-textconv"];
    let words = words.into_iter().chain(["--ignore-submodules=dirty"]);
    let words = words.chain(["--end-of-options", revision, "--"]);
    let changed = asked.run(asked.top, &drivers.settings, words)?;
    Ok((changed, !drivers.settings.is_empty()))
}

/// Returns the submodules of the work tree at `top` that are checked out; nothing without git.
fn submodules(asked: Asked<'_>) -> Result<Option<Vec<PathBuf>>, String> {
    let top = asked.top;
    let words = ["ls-files", "--stage", "-z"];
    let Some(listed) = asked.run(top, &[], words)? else { return Ok(None) };
    let entries = listed.split(|byte| *byte == 0).filter(|entry| entry.starts_with(b"160000 "));
    let paths = entries.filter_map(|entry| entry.splitn(2, |byte| *byte == b'\t').nth(1));
    checked_out(paths.map(|path| top.join(bytes_to_path(path)))).map(Some)
}

/// Returns which submodules are checked out.
fn checked_out(paths: impl IntoIterator<Item = PathBuf>) -> Result<Vec<PathBuf>, String> {
    let is_there = |path: &PathBuf| {
        let is_folder = path.symlink_metadata().is_ok_and(|there| there.is_dir());
        is_folder && path.join(".git").symlink_metadata().is_ok()
    };
    let found: Vec<PathBuf> = paths.into_iter().filter(is_there).collect();
    // Git reads their `HEAD`.
    found.iter().try_for_each(|path| git::check_rules(path))?;
    Ok(found)
}

/// Settings under which no program of a repository's configuration converts files or is told of changes.
struct Drivers {
    settings: Vec<OsString>,
}

impl Drivers {
    /// Returns those for what is configured at `top`; nothing without git.
    fn of(asked: Asked<'_>) -> Result<Option<Drivers>, String> {
        let top = asked.top;
        let words = ["config", "--null", "--name-only", "--get-regexp", r"^(filter|hook)\."];
        let Some(found) = asked.finished(top, &[], words)? else { return Ok(None) };
        // Nothing is configured.
        if found.status.code() == Some(1) {
            return Ok(Some(Drivers { settings: Vec::new() }));
        }
        if !found.status.success() {
            return Err(asked.failure(&found));
        }
        let mut settings = Vec::new();
        for key in found.stdout.split(|byte| *byte == 0).filter(|key| !key.is_empty()) {
            // What is set on the command line ends its name at the first of these.
            if key.contains(&b'=') {
                let key = String::from_utf8_lossy(key);
                return Err(format!(
                    "git is not asked at {}: its configuration has '{key}', whose name no command can leave out; \
                     rename it there and in .gitattributes",
                    top.display()
                ));
            }
            let Some(end) = key.iter().rposition(|byte| *byte == b'.') else { continue };
            let (name, _) = key.split_at(end);
            let without: &[&str] = match name.starts_with(b"filter.") {
                true => &[".clean=", ".smudge=", ".process=", ".required=false"],
                false => &[".enabled=false"],
            };
            for end in without {
                let mut setting = bytes_to_path(name).as_os_str().to_owned();
                setting.push(end);
                if !settings.contains(&setting) {
                    settings.push(setting);
                }
            }
        }
        Ok(Some(Drivers { settings }))
    }
}

/// Runs git in a folder, for what lies in `part` of it; `None` if there is none.
///
/// # Errors
/// If git fails, or would wait for what lies there.
pub(crate) fn run<'a>(
    dir: &Path,
    part: &Path,
    words: impl IntoIterator<Item = &'a str>,
) -> Result<Option<Vec<u8>>, String> {
    Asked { top: dir, is_submodule: false }.run(part, &[], words)
}

impl Asked<'_> {
    /// Runs git, for what lies in `part` of the work tree; `None` if there is none.
    fn run<'w>(
        self,
        part: &Path,
        settings: &[OsString],
        words: impl IntoIterator<Item = &'w str>,
    ) -> Result<Option<Vec<u8>>, String> {
        match self.finished(part, settings, words)? {
            Some(finished) if finished.status.success() => Ok(Some(finished.stdout)),
            Some(finished) => Err(self.failure(&finished)),
            None => Ok(None),
        }
    }

    fn finished<'w>(
        self,
        part: &Path,
        settings: &[OsString],
        words: impl IntoIterator<Item = &'w str>,
    ) -> Result<Option<Finished>, String> {
        git::check_rules(part)?;
        // An interrupt ends it too.
        bounds::scratch();
        let program = self.git(settings).args(words);
        let limits = Limits::default().output(MOST_OUTPUT);
        let mut ran = program.run(b"", &limits.time(SOON));
        if ran.as_ref().is_err_and(ProcessError::is_too_long) {
            // Either there is much to do, or it waits for what is no file.
            git::check_rules_below(part)?;
            ran = program.run(b"", &limits);
        }
        match ran {
            Ok(finished) => Ok(Some(finished)),
            Err(e) if e.is_missing() => Ok(None),
            Err(e) => Err(e.to_string()),
        }
    }

    /// Says why git failed.
    fn failure(self, finished: &Finished) -> String {
        // Of a repository that is not its user's, a command may say only what it lacks without one.
        let limits = Limits::default().output(MOST_OUTPUT);
        let cause = self.git(&[]).args(["rev-parse", "--git-dir"]).run(b"", &limits);
        let cause = cause.ok().filter(|asked| !asked.status.success());
        let said = cause.map_or_else(|| finished.stderr_text(), |asked| asked.stderr_text());
        if said.contains("safe.directory") {
            let top = paths::physical(self.top);
            let top = top.ancestors().find(|above| above.join(".git").exists()).unwrap_or(&top);
            let top = top.display();
            return format!(
                "git does not look into {top}, which belongs to another user (dubious ownership): allow it with `git \
                 config --global --add safe.directory {top}`"
            );
        }
        let said = said.trim();
        match said.contains("unable to read") {
            true => format!(
                "git: {said}: if this is a partial clone, `git fetch --refetch --no-filter` gets the rest"
            ),
            false => format!("git: {said}"),
        }
    }

    /// Returns git, to be run there.
    fn git(self, settings: &[OsString]) -> Program {
        let mut program = Program::new("git").cancel(bounds::cancel());
        for setting in FIXED.iter().map(OsStr::new).chain(settings.iter().map(OsString::as_os_str))
        {
            program = program.arg("-c").arg(setting);
        }
        if let Some(own) = git::own_excludes(self.top) {
            let mut setting = OsString::from("core.excludesFile=");
            setting.push(own);
            program = program.arg("-c").arg(setting);
        }
        // A partial clone would fetch what it lacks, by a program that its configuration names.
        program = program.env("GIT_NO_LAZY_FETCH", "1").env("GIT_ALLOW_PROTOCOL", NO_PROTOCOL);
        if self.is_submodule {
            // As git sets them for hooks, they lead to another repository.
            program = VARIABLES_OF_REPOSITORY.iter().fold(program, Program::without_env);
        }
        program.arg("-C").arg(self.top)
    }
}

/// Returns the paths of a list whose entries end with zero bytes.
fn names(list: &[u8]) -> impl Iterator<Item = &Path> {
    list.split(|byte| *byte == 0).filter(|path| !path.is_empty()).map(bytes_to_path)
}
