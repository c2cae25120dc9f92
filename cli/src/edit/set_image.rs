//! `kustom set image`

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use kustom::edit::{Edit, ImageArg, ImageChange, UpdateOutcome};
use kustom::{Builder, DiskFs};

use super::set_image_effect::{Effect, effect};
use super::set_image_report::{Changed, json_of, message_of};
use super::{plain, why_not};
use crate::flags::How;
use crate::path_patterns;
use crate::report::ErrorFormat;
use crate::{roots, turn, write};

/// The arguments of `set`.
#[derive(Debug, Args)]
pub(crate) struct SetArgs {
    #[command(subcommand)]
    command: SetCommand,
}

#[derive(Debug, Subcommand)]
enum SetCommand {
    /// Set tags and digests of images, and keep everything else
    Image(SetImageArgs),
}

/// The arguments of `set image`.
#[derive(Debug, Args)]
#[command(
    args_override_self = true,
    after_help = "Examples:\n  \
        kustom set image web:v2\n  \
        kustom set image apps/web/overlays/dev web:v2 sidecar@sha256:…\n  \
        kustom set image 'apps/*/overlays/dev' proxy:1.9 --check\n\n\
        NAME is what the objects or an entry call the image. A new name stays unless =NEWNAME is given; a tag \
        replaces a digest, and the other way round. An image without an entry gets one.\n\n\
        A change without effect is refused: an image that the directory does not render, or that something else \
        decides; --add writes the entry anyway. A tag that is a template, such as ${TAG}, is never replaced. For \
        what kustomize does, use `kustom edit set image`.\n\n\
        Exit codes: 0 done, or nothing to do; 1 refused; 2 wrong usage. With --check: 0 nothing to do; 1 something \
        would change; 2 refused, failed or wrong usage."
)]
struct SetImageArgs {
    /// Directories of kustomizations, or patterns that match them, and images: NAME[=NEWNAME][:TAG][@DIGEST]
    #[arg(value_name = "DIR|IMAGE", required = true)]
    args: Vec<String>,

    /// Write the entry even if no rendered object uses the image, or something else decides it
    #[arg(long)]
    add: bool,

    /// Write nothing; exit with 1 if something would change, and with 2 on any failure
    #[arg(long)]
    check: bool,

    /// What to print; --json and --message are short for two of these
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    format: SetFormat,

    #[arg(long, hide = true, conflicts_with_all = ["message", "format"])]
    json: bool,

    #[arg(long, hide = true, conflicts_with = "format")]
    message: bool,

    #[command(flatten)]
    how: How,
}

/// What is printed about the changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum SetFormat {
    /// A line for each change
    #[default]
    Text,
    /// One line for a commit message
    Message,
    /// For bots
    Json,
}

impl SetImageArgs {
    fn format(&self) -> SetFormat {
        match (self.json, self.message) {
            (true, _) => SetFormat::Json,
            (_, true) => SetFormat::Message,
            _ => self.format,
        }
    }
}

/// Sets images.
pub(crate) fn run(args: &SetArgs, format: ErrorFormat) -> ExitCode {
    let SetCommand::Image(args) = &args.command;
    args.how.outside.bounds.start(if args.check { 2 } else { 1 }, format);
    match set(args, format) {
        Ok(true) if args.check => ExitCode::FAILURE,
        Ok(_) => ExitCode::SUCCESS,
        // There 1 means that something would change.
        Err(_) if args.check => ExitCode::from(2),
        Err(code) => code,
    }
}

/// Sets images, and tells whether that changes anything.
fn set(args: &SetImageArgs, format: ErrorFormat) -> Result<bool, ExitCode> {
    let misused = |message: String| format.misused(&message);
    let is_image = |arg: &&String| arg.contains([':', '=', '@']) && !Path::new(arg).is_dir();
    let (images, dirs): (Vec<&String>, Vec<&String>) = args.args.iter().partition(is_image);
    if let (true, Some(forgotten)) = (images.is_empty(), dirs.iter().find(|dir| is_forgotten(dir)))
    {
        return Err(misused(format!(
            "{forgotten:?} is neither a directory nor an image with a tag, as {forgotten}:TAG"
        )));
    }
    let images = parsed(&images).map_err(misused)?;
    let (dirs, matched) = directories(&dirs).map_err(|message| format.fail(&message))?;
    if let Some(message) = dirs.iter().find_map(|dir| why_not(dir)) {
        return Err(format.refused(&message));
    }
    let builder = args.how.builder().map_err(misused)?;
    let _turn = (!args.check).then(|| turn::take(dirs.iter().map(PathBuf::as_path), format));
    // All or none: a bot that fails halfway leaves a mess.
    let mut all = Vec::new();
    for dir in &dirs {
        let mut changed = change(dir, &images, (!args.add).then_some(&builder), format)?;
        changed.is_named = !matched.contains(dir);
        all.push(changed);
    }
    if let Some(message) = unused_everywhere(&all) {
        return Err(format.fail(&message));
    }
    for note in unused_notes(&all) {
        format.note("note", &note);
    }
    if !args.check {
        let text = |changed: &Changed| Some((changed.file.clone(), changed.text.clone()?));
        write::all_edited(&all.iter().filter_map(text).collect())
            .map_err(|message| format.fail(&message))?;
    }
    let code = match args.format() {
        SetFormat::Json => format.print_json(&json_of(&all)),
        SetFormat::Message => format.print(&message_of(&all)),
        SetFormat::Text => format.print(&all.iter().map(Changed::shown).collect::<String>()),
    };
    match code == ExitCode::SUCCESS {
        true => Ok(all.iter().any(|changed| changed.text.is_some())),
        false => Err(code),
    }
}

/// Returns `true` for what is no path, so that it may be an image of which the tag was forgotten.
fn is_forgotten(arg: &str) -> bool {
    !Path::new(arg).exists() && !path_patterns::is_pattern(arg)
}

/// Returns a directory, also of its kustomization file.
fn folder(path: &Path) -> PathBuf {
    let is_file = roots::is_kustomization_file(path) && path.is_file();
    let folder = path.parent().filter(|_| is_file).unwrap_or(path);
    if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder.to_path_buf() }
}

/// Reads the images of the command line, each once.
fn parsed(args: &[&String]) -> Result<Vec<ImageArg>, String> {
    let mut images: Vec<ImageArg> = Vec::new();
    let mut given: BTreeMap<String, &str> = BTreeMap::new();
    for arg in args {
        let image: ImageArg =
            arg.parse().map_err(|error: kustom::Error| error.message().to_owned())?;
        if image.is_empty() {
            // As a bot says it whose variable is empty.
            return Err(format!("{arg:?} is an image without a tag, digest or new name"));
        }
        if let Some(part) = empty_part(arg) {
            return Err(format!("{arg:?} is an image with an empty {part}"));
        }
        image.validate().map_err(|error| error.message().to_owned())?;
        match given.insert(image.name.clone(), arg) {
            None => images.push(image),
            Some(before) if before == arg.as_str() => {}
            Some(before) => {
                return Err(format!(
                    "the image {} is given twice, as {before:?} and {arg:?}\n\
                     give all of it in one argument: NAME[=NEWNAME][:TAG][@DIGEST]",
                    image.name
                ));
            }
        }
    }
    if images.is_empty() { Err("no image is given".to_owned()) } else { Ok(images) }
}

/// Returns the part of an image that is announced and not there.
fn empty_part(arg: &str) -> Option<&'static str> {
    let (name, rest) = arg.split_once('=').unwrap_or(("", arg));
    let image = rest.split('@').next().unwrap_or_default();
    if !name.is_empty() && (image.is_empty() || image.starts_with(':')) {
        Some("new name")
    } else if image.ends_with(':') {
        Some("tag")
    } else {
        rest.ends_with('@').then_some("digest")
    }
}

/// Returns the directories of the command line, each once, and those among them that only a pattern stands for: those
/// of the kustomizations that it matches.
fn directories(args: &[&String]) -> Result<(Vec<PathBuf>, BTreeSet<PathBuf>), String> {
    let mut dirs: Vec<PathBuf> = Vec::new();
    let (mut all_matched, mut named) = (BTreeSet::new(), BTreeSet::new());
    let real = |dir: &Path| dir.canonicalize().unwrap_or_else(|_| dir.to_path_buf());
    for arg in args.iter().map(Path::new) {
        if !path_patterns::is_pattern(&arg.to_string_lossy()) || arg.is_dir() {
            let dir = folder(arg);
            named.insert(real(&dir));
            dirs.push(dir);
            continue;
        }
        let matched = path_patterns::kustomizations(arg);
        if matched.is_empty() {
            return Err(format!("no kustomization matches {}", arg.display()));
        }
        all_matched.extend(matched.iter().cloned());
        dirs.extend(matched);
    }
    if args.is_empty() {
        dirs.push(PathBuf::from("."));
    }
    let mut seen = BTreeSet::new();
    dirs.retain(|dir| seen.insert(real(dir)));
    all_matched.retain(|dir| !named.contains(&real(dir)));
    Ok((dirs, all_matched))
}

/// Sets the images in a directory; with a builder, only those that it renders, and only if that changes them.
fn change(
    dir: &Path,
    images: &[ImageArg],
    builder: Option<&Builder>,
    format: ErrorFormat,
) -> Result<Changed, ExitCode> {
    let adds = builder.is_none();
    // What a component changes shows in what includes it.
    let builder = builder.filter(|_| !kustom::roots::is_component(&DiskFs, dir));
    let mut unused: BTreeMap<usize, Option<String>> = BTreeMap::new();
    loop {
        let is_used = |i: &usize| !unused.contains_key(i);
        let (edit, changes) = edited(dir, images, is_used, adds, format)?;
        let rewritten = edit.finish().map_err(|error| format.error(&error))?;
        let text = (!rewritten.is_unchanged()).then_some(rewritten.text);
        if let (Some(builder), Some(text)) = (builder, &text) {
            let file = (edit.file(), text.as_str());
            let effect = effect(dir, file, &changes, images, builder);
            match effect.map_err(|error| format.error(&error))? {
                Effect::Unused(new) if !new.is_empty() => {
                    unused.extend(new);
                    continue;
                }
                Effect::Unused(_) => {}
                Effect::Overridden(message) => return Err(format.fail(&message)),
                Effect::Unknown(error) if changes.iter().any(|(_, c)| c.old.is_none()) => {
                    return Err(format.error(&error));
                }
                Effect::Unknown(error) => {
                    let message = error.message().lines().next().unwrap_or_default();
                    format.note(
                        "note",
                        &format!(
                            "{} cannot be rendered, so whether this has an effect is not known: {message}",
                            plain(dir)
                        ),
                    );
                }
            }
        }
        for note in edit.notes() {
            format.note("note", &format!("{}: {note}", plain(edit.file())));
        }
        let name = |i: usize| images.get(i).map_or_else(String::new, |image| image.name.clone());
        return Ok(Changed {
            dir: plain(dir),
            file: edit.file().to_path_buf(),
            text,
            images: changes.into_iter().map(|(_, change)| change).collect(),
            unused: unused.into_iter().map(|(i, near)| (name(i), near)).collect(),
            is_named: true,
        });
    }
}

/// Opens the file of a directory and sets those images for which `is_used` says so; each change has the number of
/// its image. Unless an entry is asked for, an image may be called as the entry calls it that there is.
fn edited(
    dir: &Path,
    images: &[ImageArg],
    is_used: impl Fn(&usize) -> bool,
    adds: bool,
    format: ErrorFormat,
) -> Result<(Edit, Vec<(usize, ImageChange)>), ExitCode> {
    let mut edit = Edit::open_unchecked(DiskFs, dir).map_err(|error| format.error(&error))?;
    let mut changes = Vec::new();
    let mut wanted: Vec<(usize, ImageArg)> = Vec::new();
    for (i, image) in images.iter().enumerate().filter(|(i, _)| is_used(i)) {
        let mut names = (0..).map_while(|i| edit.image_name(i));
        let called = match adds || names.any(|name| name == image.name) {
            true => Vec::new(),
            false => edit.images_called(&image.name),
        };
        if called.is_empty() {
            wanted.push((i, image.clone()));
        }
        for name in called {
            if let Some(other) = images.iter().find(|other| other.name == name) {
                return Err(format.misused(&format!(
                    "{} is what the entry of {} calls that image; give one of them",
                    image.name, other.name
                )));
            }
            let mut image = image.clone();
            image.name = name;
            wanted.push((i, image));
        }
    }
    for (i, image) in &wanted {
        let i = *i;
        match edit.update_image(image) {
            UpdateOutcome::Updated(entries) => {
                changes.extend(entries.into_iter().map(|change| (i, change)));
            }
            UpdateOutcome::Template { line, text } => {
                let file = plain(edit.file());
                let place = line.map_or(file.clone(), |line| format!("{file}:{line}"));
                return Err(format.fail(&format!(
                    "{place}: the entry of {} has a template ({text}), which is not changed\n\
                     change what fills it in, or use `kustom edit set image`, which overwrites it",
                    image.name
                )));
            }
            _ if image.gives_nothing_new() => {
                return Err(format.fail(&format!(
                    "{}: there is no entry of the image {} of which a * could keep something\n\
                     give a new name, tag or digest, as {1}:TAG",
                    plain(edit.file()),
                    image.name
                )));
            }
            _ => changes.push((i, edit.add_image(image))),
        }
    }
    Ok((edit, changes))
}

/// Says which of the directories that were named do not use an image that others use, a line for each image.
fn unused_notes(all: &[Changed]) -> Vec<String> {
    let mut dirs: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for changed in all.iter().filter(|changed| changed.is_named) {
        for name in changed.unused.keys() {
            dirs.entry(name).or_default().push(&changed.dir);
        }
    }
    let note = |(name, dirs): (&str, Vec<&str>)| {
        let places = match dirs.as_slice() {
            [one, two, three, others @ ..] if others.len() > 1 => {
                format!("{one}, {two}, {three} and {} others", others.len())
            }
            all => all.join(", "),
        };
        format!("{places}: nothing uses the image {name}, so it is not set there")
    };
    dirs.into_iter().map(note).collect()
}

/// Says of an image that none of the directories uses it. One that some of them use is set there.
fn unused_everywhere(all: &[Changed]) -> Option<String> {
    let (first, others) = all.split_first()?;
    let name =
        first.unused.keys().find(|&name| others.iter().all(|o| o.unused.contains_key(name)))?;
    let near = all.iter().find_map(|changed| changed.unused.get(name)?.as_ref());
    let meant = near.map(|near| format!(" (did you mean {near}?)")).unwrap_or_default();
    let place = match others {
        [] => first.dir.clone(),
        _ => format!("{} and the {} others", first.dir, others.len()),
    };
    Some(format!(
        "{place}: nothing uses the image {name}{meant}\n--add makes an entry all the same"
    ))
}
