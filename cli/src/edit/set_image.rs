//! `kustom set image`

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use kustom::edit::{Edit, ImageArg, ImageChange, KeptImage};
use kustom::{Builder, DiskFs};
use serde_json::{Value, json};

use super::plain;
use super::set_image_effect::{Effect, effect};
use crate::flags::How;
use crate::report::ErrorFormat;
use crate::write;

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
        kustom set image apps/*/overlays/dev proxy:1.9 --check\n\n\
        A new name stays unless =NEWNAME is given; a tag takes the place of a digest, and the other way\n\
        round. An image without an entry gets one. What would have no effect is refused: an image that the\n\
        directory does not render, and one that something else decides; --add writes the entry all the\n\
        same. So is a tag that is a template such as ${TAG}. `kustom edit set image` does what kustomize\n\
        does instead.\n\n\
        Exit codes: 0 done, or nothing to do; 1 refused, or with --check something to do; 2 wrong usage."
)]
struct SetImageArgs {
    /// Directories of kustomizations, and images: NAME[=NEWNAME][:TAG][@DIGEST]
    #[arg(value_name = "DIR|IMAGE", required = true)]
    args: Vec<String>,

    /// Write the entry even if no rendered object uses the image, or something else decides it
    #[arg(long)]
    add: bool,

    /// Write nothing; exit with 1 if something would change
    #[arg(long)]
    check: bool,

    /// Print what changed as JSON
    #[arg(long, conflicts_with = "message")]
    json: bool,

    /// Print one line for a commit message
    #[arg(long)]
    message: bool,

    #[command(flatten)]
    how: How,
}

/// Changes of one kustomization.
struct Changed {
    dir: String,
    file: PathBuf,
    /// The new text; nothing if it stays.
    text: Option<String>,
    images: Vec<ImageChange>,
    /// The images that nothing here uses, and what may have been meant.
    unused: Vec<(String, Option<String>)>,
}

/// Sets images.
pub(crate) fn run(args: &SetArgs, format: ErrorFormat) -> ExitCode {
    let SetCommand::Image(args) = &args.command;
    let (images, dirs): (Vec<_>, Vec<_>) =
        args.args.iter().partition(|arg| arg.contains([':', '=', '@']));
    let dirs: Vec<PathBuf> = match dirs.as_slice() {
        [] => vec![PathBuf::from(".")],
        dirs => dirs.iter().map(PathBuf::from).collect(),
    };
    let images: kustom::Result<Vec<ImageArg>> = images.iter().map(|image| image.parse()).collect();
    let images = match images {
        Ok(images) if images.is_empty() => return format.misused("no image is given"),
        // As a bot says it whose variable is empty.
        Ok(images) if images.iter().any(ImageArg::says_nothing) => {
            return format.misused("an image is given without a tag, digest or new name");
        }
        Ok(images) => match images.iter().find_map(ImageArg::nonsense) {
            Some(nonsense) => return format.misused(&nonsense),
            None => images,
        },
        Err(error) => return format.misused(error.message()),
    };
    let builder = match args.how.builder() {
        Ok(builder) => builder,
        Err(message) => return format.misused(&message),
    };
    // All or none: a bot that fails halfway leaves a mess.
    let mut all = Vec::new();
    for dir in &dirs {
        match change(dir, &images, (!args.add).then_some(&builder), format) {
            Ok(changed) => all.push(changed),
            Err(code) => return code,
        }
    }
    if let Some(message) = unused_everywhere(&all) {
        return format.fail(&message);
    }
    if !args.check {
        let text = |changed: &Changed| Some((changed.file.clone(), changed.text.clone()?));
        if let Err(message) = write::all_edited(&all.iter().filter_map(text).collect()) {
            return format.fail(&message);
        }
    }
    let code = if args.json {
        format.print_json(&json_of(&all))
    } else if args.message {
        format.print(&message_of(&all))
    } else {
        format.print(&all.iter().map(Changed::shown).collect::<String>())
    };
    match args.check && all.iter().any(|changed| changed.text.is_some()) {
        true => ExitCode::FAILURE,
        false => code,
    }
}

/// Sets the images in a directory; with a builder, only those that it renders, and only if that changes them.
fn change(
    dir: &Path,
    images: &[ImageArg],
    builder: Option<&Builder>,
    format: ErrorFormat,
) -> Result<Changed, ExitCode> {
    // What a component changes shows in what includes it.
    let builder = builder.filter(|_| !kustom::roots::is_component(&DiskFs, dir));
    let mut unused: Vec<(usize, Option<String>)> = Vec::new();
    loop {
        let is_used = |i: &usize| unused.iter().all(|(number, _)| number != i);
        let (edit, changes) = edited(dir, images, is_used, format)?;
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
        });
    }
}

/// Opens the file of a directory and sets those images for which `is_used` says so; each change has the number of
/// its image.
fn edited(
    dir: &Path,
    images: &[ImageArg],
    is_used: impl Fn(&usize) -> bool,
    format: ErrorFormat,
) -> Result<(Edit, Vec<(usize, ImageChange)>), ExitCode> {
    let mut edit = Edit::open_unchecked(DiskFs, dir).map_err(|error| format.error(&error))?;
    let mut changes = Vec::new();
    for (i, image) in images.iter().enumerate().filter(|(i, _)| is_used(i)) {
        match edit.keep_image(image) {
            KeptImage::Entries(entries) => {
                changes.extend(entries.into_iter().map(|change| (i, change)));
            }
            KeptImage::Template { line, text } => {
                let file = plain(edit.file());
                let place = line.map_or(file.clone(), |line| format!("{file}:{line}"));
                return Err(format.fail(&format!(
                    "{place}: the entry of {} has a template ({text}), which is not changed\n\
                     change what fills it in, or use `kustom edit set image`, which overwrites it",
                    image.name
                )));
            }
            _ => changes.push((i, edit.add_image(image))),
        }
    }
    Ok((edit, changes))
}

/// Says of an image that none of the directories uses it. One that some of them use is set there.
fn unused_everywhere(all: &[Changed]) -> Option<String> {
    let (first, others) = all.split_first()?;
    let is_unused = |changed: &Changed, name: &str| changed.unused.iter().any(|(n, _)| n == name);
    let (name, _) =
        first.unused.iter().find(|(name, _)| others.iter().all(|o| is_unused(o, name)))?;
    let near = all
        .iter()
        .flat_map(|changed| &changed.unused)
        .find_map(|(unused, near)| near.as_ref().filter(|_| unused == name));
    let meant = near.map(|near| format!(" (did you mean {near}?)")).unwrap_or_default();
    let place = match others {
        [] => first.dir.clone(),
        _ => format!("{} and the {} others", first.dir, others.len()),
    };
    Some(format!(
        "{place}: nothing uses the image {name}{meant}\n--add makes an entry all the same"
    ))
}

impl Changed {
    fn shown(&self) -> String {
        let file = plain(&self.file);
        let line = |image: &ImageChange| {
            let place = image.line.map_or(file.clone(), |line| format!("{file}:{line}"));
            let (name, (old, new)) = (&image.name, sides(image));
            match old {
                _ if image.is_unchanged() => format!("{place}: {name}: {new} (unchanged)\n"),
                Some(old) => format!("{place}: {name}: {old} -> {new}\n"),
                None => format!("{place}: {name}: new: {new}\n"),
            }
        };
        self.images.iter().map(line).collect()
    }
}

fn json_of(all: &[Changed]) -> Value {
    let image = |changed: &Changed, image: &ImageChange| {
        json!({
            "file": plain(&changed.file),
            "line": image.line,
            "name": image.name,
            "old": image.old,
            "new": image.new,
            "oldName": image.old_name,
            "newName": image.new_name,
            "changed": !image.is_unchanged(),
        })
    };
    let images: Vec<_> = all
        .iter()
        .flat_map(|changed| changed.images.iter().map(move |i| image(changed, i)))
        .collect();
    json!(images)
}

/// Returns what an entry says before, if it was there, and after the change: the version, with the new name if
/// that changes or says it all.
fn sides(image: &ImageChange) -> (Option<String>, String) {
    let ImageChange { old, new, old_name, new_name, .. } = image;
    let is_named =
        old_name != new_name || new.is_empty() && old.as_deref().is_none_or(str::is_empty);
    let side = |name: &str, version: &str| match (name, version) {
        (name, version) if !is_named || name.is_empty() && !version.is_empty() => match version {
            "" => "(no tag)".to_owned(),
            version => version.to_owned(),
        },
        ("", _) => "(no tag)".to_owned(),
        (name, "") => name.to_owned(),
        (name, version) if version.starts_with('@') => format!("{name}{version}"),
        (name, version) => format!("{name}:{version}"),
    };
    (old.as_ref().map(|old| side(old_name, old)), side(new_name, new))
}

/// Returns one line that says what changed.
fn message_of(all: &[Changed]) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut dirs: Vec<&str> = Vec::new();
    for changed in all.iter().filter(|changed| changed.text.is_some()) {
        dirs.push(&changed.dir);
        for image in changed.images.iter().filter(|image| !image.is_unchanged()) {
            let (_, new) = sides(image);
            let part = format!("{} to {}", image.name, new.trim_start_matches('@'));
            if !parts.contains(&part) {
                parts.push(part);
            }
        }
    }
    match (parts.as_slice(), dirs.as_slice()) {
        ([], _) => "Nothing to set\n".to_owned(),
        (parts, [dir]) => format!("Set {} in {dir}\n", parts.join(", ")),
        (parts, dirs) => format!("Set {} in {} kustomizations\n", parts.join(", "), dirs.len()),
    }
}
