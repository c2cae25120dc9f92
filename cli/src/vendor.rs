//! `kustom vendor`

use std::fs;
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use kustom::{Builder, Copied, DiskFs, ErrorKind, VENDOR_MARKER, VendorChange, VendorCheck};
use kustom::{VendorPlan, Vendored};

use crate::config::Config;
use crate::exclude::Excluded;
use crate::flags::Restrictor;
use crate::outside::OutsideArgs;
use crate::paths::Shown;
use crate::report::ErrorFormat;
use crate::search;
use crate::write;

/// The name of the lock file.
const LOCK: &str = "kustom.lock";

/// The arguments of `vendor`.
#[derive(Debug, Args)]
#[command(
    after_help = "Every kustomization at or below the directories that no other one uses is built, \
    and what it uses from elsewhere is fetched: bases and components in git repositories, and files \
    behind web addresses; with --enable-helm also charts. Of each repository the files that the builds \
    look at are kept. kustom.lock \
    lists what there is, with commits and hashes.\n\n\
    Where there is a kustom.lock at or above a kustomization, all commands take the copies that it \
    lists: nothing is fetched, and what is missing, changed or not listed is an error. Entries keep \
    their commits until --update.\n\n\
    kustom.lock stays where it is, if there is one at or above the first DIR; else it goes into the \
    working directory, or above all DIRs.\n\n\
    Exit codes: 0 success, 1 not complete (--check) or not fetched, 2 wrong usage.\n\n\
    Examples:\n  \
    kustom vendor\n  \
    kustom vendor clusters apps --to third_party\n  \
    kustom vendor --check                            in CI\n  \
    kustom vendor --update                           take what all refs mean now\n  \
    kustom vendor --update 'github.com/acme/*'"
)]
pub(crate) struct VendorArgs {
    /// The directories to search for kustomizations
    #[arg(value_name = "DIR", default_value = ".")]
    dirs: Vec<PathBuf>,

    /// Where copies go, below the directory of kustom.lock [default: .kustom/vendor]
    #[arg(long, value_name = "PATH")]
    to: Option<PathBuf>,

    /// Write and fetch nothing; fail unless kustom.lock lists exactly what is used and all copies match
    /// it
    #[arg(long, conflicts_with = "update")]
    check: bool,

    /// Move refs forward to what they mean now: for all entries, or those whose repository or URL
    /// contains PATTERN, where * stands for any characters
    #[arg(long, value_name = "PATTERN", num_args = 0..=1, default_missing_value = "*")]
    update: Vec<String>,

    /// Whether files outside their kustomization's directory may be loaded
    #[arg(long, value_enum, value_name = "RESTRICTOR", default_value_t = Restrictor::RootOnly)]
    load_restrictor: Restrictor,

    #[command(flatten)]
    outside: OutsideArgs,
}

/// Copies what is elsewhere, or checks the copies.
pub(crate) fn run(args: &VendorArgs, config: &Config, format: ErrorFormat) -> ExitCode {
    let builder = Builder::new().load_restriction(args.load_restrictor.into());
    let builder = match args.outside.apply_to_fetch(builder) {
        Ok(builder) => builder,
        Err(message) => return format.misused(&message),
    };
    let excluded = Excluded::new(&config.search.exclude);
    let found = search::find_all(&DiskFs, &args.dirs).and_then(|mut roots| {
        roots.retain(|root| !excluded.matches(root) || args.dirs.contains(root));
        let directory = lock_directory(&args.dirs)?;
        Ok((roots, directory))
    });
    let (roots, directory) = match found {
        Ok(found) => found,
        Err(message) => return format.misused(&message),
    };
    let vendor = Vendor { args, builder, roots, directory, format };
    if args.check { vendor.check() } else { vendor.write() }
}

/// Returns where the lock file is or goes.
fn lock_directory(dirs: &[PathBuf]) -> Result<PathBuf, String> {
    let real = |dir: &PathBuf| dir.canonicalize().map_err(|e| format!("{}: {e}", dir.display()));
    let dirs: Vec<PathBuf> = dirs.iter().map(real).collect::<Result<_, _>>()?;
    let is_above_all = |directory: &Path| dirs.iter().all(|dir| dir.starts_with(directory));
    let first = dirs.first().map(PathBuf::as_path).unwrap_or(Path::new("/"));
    let above = || first.ancestors().filter(|above| is_above_all(above));
    if let Some(there) = above().find(|above| above.join(LOCK).is_file()) {
        return Ok(there.to_path_buf());
    }
    let here = real(&PathBuf::from("."))?;
    if is_above_all(&here) {
        return Ok(here);
    }
    let common = above().next().ok_or("the directories have none in common")?;
    Ok(common.to_path_buf())
}

struct Vendor<'a> {
    args: &'a VendorArgs,
    builder: Builder,
    roots: Vec<PathBuf>,
    /// Where the lock file is, absolute.
    directory: PathBuf,
    format: ErrorFormat,
}

impl Vendor<'_> {
    fn lock(&self) -> PathBuf {
        self.directory.join(LOCK)
    }

    fn checked(&self) -> kustom::Result<VendorCheck> {
        self.builder.check_vendored(&self.roots, &self.directory)
    }

    /// Says what is wrong.
    fn check(&self) -> ExitCode {
        let check = match self.checked() {
            Ok(check) => check,
            Err(error) => return self.format.error(&error),
        };
        let lock = Shown::from_here().path(&self.lock());
        let note = |message: String| self.format.note("vendor", &message);
        for (root, error) in &check.failed {
            if check.is_complete() || !matches!(error.kind(), ErrorKind::Lock | ErrorKind::External)
            {
                note(format!("Warning: {} cannot be built:", root.display()));
            }
            self.format.error(error);
        }
        if check.has_left_out_charts && !check.failed.is_empty() {
            note(
                "charts are rendered only with --enable-helm; without, they come to nothing".into(),
            );
        }
        for url in &check.unlisted {
            note(format!("{lock}: '{url}' is used and not listed"));
        }
        for what in &check.unused {
            note(format!("{lock}: {what} is listed and not used"));
        }
        for what in &check.unchecked {
            note(format!("{lock}: {what} is not checked, for what cannot be built may use it"));
        }
        for path in &check.strays {
            note(format!("{lock}: {} is not listed", path.display()));
        }
        if check.is_complete() {
            return self.format.print(&format!("{lock} is complete: {}\n", count(check.used)));
        }
        note(format!("{lock} is not complete; run `kustom vendor`"));
        ExitCode::FAILURE
    }

    /// Fetches what is not as the lock file says, and writes it.
    fn write(&self) -> ExitCode {
        let shown = Shown::from_here();
        let lock = shown.path(&self.lock());
        if self.args.update.is_empty() && self.args.to.is_none() && self.lock().is_file() {
            // What is there needs no network.
            match self.checked() {
                Ok(check) if check.is_complete() && check.failed.is_empty() => {
                    let used = count(check.used);
                    return self.format.print(&format!("{lock} is complete: {used}\n"));
                }
                Ok(_) => {}
                Err(error) => return self.format.error(&error),
            }
        }
        let mut plan = VendorPlan::new(&self.directory).update(self.args.update.clone());
        if let Some(to) = &self.args.to {
            plan = plan.to(without_dots(to));
        }
        let vendored = match self.builder.vendor(&self.roots, &plan) {
            Ok(vendored) => vendored,
            Err(error) => return self.format.error(&error),
        };
        for (root, error) in &vendored.failed {
            let root = root.display();
            let message =
                format!("Warning: {root} cannot be built, and what it uses may be missing:");
            self.format.note("vendor", &message);
            self.format.error(error);
        }
        if vendored.used == 0 && !self.lock().is_file() {
            return self.format.print("nothing is used from elsewhere\n");
        }
        if let Err(message) = put_in_place(&self.directory, &vendored, &self.lock()) {
            return self.format.fail(&message);
        }
        let mut text: String = vendored.changes.iter().map(line).collect();
        text.push_str(&format!("{lock}: {}\n", count(vendored.used)));
        let printed = self.format.print(&text);
        if vendored.failed.is_empty() { printed } else { ExitCode::FAILURE }
    }
}

fn count(used: usize) -> String {
    match used {
        1 => "1 entry".to_owned(),
        used => format!("{used} entries"),
    }
}

/// Tells of a change in a line.
fn line(change: &VendorChange) -> String {
    let short = |id: &str| {
        let digits = id.strip_prefix("sha256:").unwrap_or(id);
        digits.get(..12).unwrap_or(digits).to_owned()
    };
    match (&change.before, &change.after) {
        (Some(before), Some(after)) => {
            format!("moved   {} {} -> {}\n", change.what, short(before), short(after))
        }
        (None, Some(after)) => format!("added   {} {}\n", change.what, short(after)),
        (_, None) => format!("removed {} from {}\n", change.what, change.path.display()),
    }
}

/// Removes `.` and slashes at the end, which say nothing.
fn without_dots(path: &Path) -> PathBuf {
    path.components().filter(|part| *part != Component::CurDir).collect()
}

/// Writes copies, and the lock file when all are there.
///
/// The lock file until now may come from a stranger: nothing is touched but directories of copies, and no
/// link is followed.
fn put_in_place(directory: &Path, vendored: &Vendored, lock: &Path) -> Result<(), String> {
    let top = &vendored.top;
    if !vendored.obsolete.is_empty() {
        check_top(directory, &vendored.former_top)?;
    }
    check_top(directory, top)?;
    for place in vendored.obsolete.iter().chain(&vendored.places) {
        check_way(directory, place)?;
        remove(&directory.join(place))?;
        // Directories that have become empty go too.
        for above in place.ancestors().skip(1).filter(|above| !above.as_os_str().is_empty()) {
            if fs::remove_dir(directory.join(above)).is_err() {
                break;
            }
        }
    }
    if !vendored.copies.is_empty() || directory.join(top).is_dir() {
        mark(&directory.join(top))?;
    }
    let mut checked = PathBuf::new();
    for (path, content) in &vendored.copies {
        let below = path.parent().unwrap_or(top);
        if below != checked {
            // A link of a copy could lie on the way to another.
            check_way(directory, below)?;
            checked = below.to_path_buf();
        }
        let (parent, path) = (directory.join(below), directory.join(path));
        fs::create_dir_all(&parent).map_err(|e| said("mkdir", &parent, &e))?;
        match content {
            Copied::File(bytes) => write_new(&path, bytes).map_err(|e| said("write", &path, &e))?,
            Copied::Link(target) => link(target, &path)?,
            _ => return Err(format!("{}: nothing that is known", path.display())),
        }
    }
    write::file(lock, &vendored.lock)
}

/// Writes a file that is not there yet; a link in its place is not followed.
fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = fs::File::options().write(true).create_new(true).open(path)?;
    file.write_all(bytes)
}

/// Marks a directory as one of copies, before the first is in it.
fn mark(top: &Path) -> Result<(), String> {
    fs::create_dir_all(top).map_err(|e| said("mkdir", top, &e))?;
    let marker = "Written by `kustom vendor`; kustom.lock lists what is here.\n";
    write::file(&top.join(VENDOR_MARKER), marker)?;
    // No line ends are changed on the way through git, and no copy is reviewed as if written.
    write::file(&top.join(".gitattributes"), "* -text linguist-vendored\n")
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

/// Refuses a way over links, which could lead anywhere.
fn check_way(directory: &Path, place: &Path) -> Result<(), String> {
    let mut path = directory.to_path_buf();
    for part in place.components() {
        path.push(part);
        match fs::symlink_metadata(&path) {
            Ok(kind) if kind.is_symlink() => {
                return Err(format!("{} is a link, which is not followed", path.display()));
            }
            Ok(_) => {}
            Err(e) if e.kind() == io::ErrorKind::NotFound => break,
            Err(e) => return Err(said("look at", &path, &e)),
        }
    }
    Ok(())
}

fn remove(path: &Path) -> Result<(), String> {
    let removed = match fs::symlink_metadata(path) {
        Ok(kind) if kind.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(e) => Err(e),
    };
    removed.map_err(|e| said("remove", path, &e))
}

#[cfg(unix)]
fn link(target: &Path, path: &Path) -> Result<(), String> {
    std::os::unix::fs::symlink(target, path).map_err(|e| said("link", path, &e))
}

#[cfg(not(unix))]
fn link(_: &Path, path: &Path) -> Result<(), String> {
    Err(format!("{}: links cannot be made here", path.display()))
}

fn said(what: &str, path: &Path, error: &io::Error) -> String {
    format!("{what} {}: {error}", path.display())
}
