//! `kustom set image`

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use kustom::edit::{Edit, ImageArg, ImageChange, KeptImage};
use kustom::{Builder, DiskFs};
use serde_json::{Value, json};

use super::plain;
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
        round. An image without an entry gets one if the directory renders it, else it is refused, for\n\
        then the entry would do nothing. `kustom edit set image` does what kustomize does instead.\n\n\
        Exit codes: 0 done, or nothing to do; 1 refused, or with --check something to do; 2 wrong usage."
)]
struct SetImageArgs {
    /// Directories of kustomizations, and images: NAME[=NEWNAME][:TAG][@DIGEST]
    #[arg(value_name = "DIR|IMAGE", required = true)]
    args: Vec<String>,

    /// Add an entry even if no rendered object uses the image
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
        for changed in &all {
            if let Some(text) = &changed.text
                && let Err(message) = write::edited(&changed.file, text)
            {
                return format.fail(&message);
            }
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

/// Sets the images in a directory; with a builder, one without an entry only if it is rendered there.
fn change(
    dir: &Path,
    images: &[ImageArg],
    builder: Option<&Builder>,
    format: ErrorFormat,
) -> Result<Changed, ExitCode> {
    let mut edit = Edit::open_unchecked(DiskFs, dir).map_err(|error| format.error(&error))?;
    let mut changes = Vec::new();
    let (mut rendered, mut unused) = (None, Vec::new());
    for image in images {
        match edit.keep_image(image) {
            KeptImage::Entries(entries) => changes.extend(entries),
            KeptImage::NotText { line } => {
                let file = plain(edit.file());
                let place = line.map_or(file.clone(), |line| format!("{file}:{line}"));
                return Err(format.fail(&format!(
                    "{place}: the entry of {} holds no text; a template is not changed",
                    image.name
                )));
            }
            _ => {
                if let Some(builder) = builder {
                    let names = rendered.get_or_insert_with(|| rendered_names(dir, builder));
                    let names = names.as_ref().map_err(|error| format.error(error))?;
                    if !names.contains(&image.name) {
                        let all = || names.iter().map(String::as_str);
                        // Most often the registry is missing.
                        let end = format!("/{}", image.name);
                        let near = all()
                            .find(|name| name.ends_with(&end))
                            .or_else(|| kustom::edit::nearest_name(all(), &image.name));
                        unused.push((image.name.clone(), near.map(str::to_owned)));
                        continue;
                    }
                }
                changes.push(edit.add_image(image));
            }
        }
    }
    let rewritten = edit.finish().map_err(|error| format.error(&error))?;
    for note in edit.notes() {
        format.note("note", &format!("{}: {note}", plain(edit.file())));
    }
    Ok(Changed {
        dir: plain(dir),
        file: edit.file().to_path_buf(),
        text: (!rewritten.is_unchanged()).then_some(rewritten.text),
        images: changes,
        unused,
    })
}

/// Returns the names of the images that a directory renders.
fn rendered_names(dir: &Path, builder: &Builder) -> kustom::Result<Vec<String>> {
    let build = builder.build(dir)?;
    let images = build.resources().iter().flat_map(kustom::Resource::images);
    let mut names: Vec<String> = images.map(|image| image.name().to_owned()).collect();
    names.sort();
    names.dedup();
    Ok(names)
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
            let ImageChange { name, old, new, .. } = image;
            match old {
                _ if image.is_unchanged() && self.text.is_none() => {
                    format!("{place}: {name}: {new} (unchanged)\n")
                }
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
            "changed": !image.is_unchanged(),
        })
    };
    let images: Vec<_> = all
        .iter()
        .flat_map(|changed| changed.images.iter().map(move |i| image(changed, i)))
        .collect();
    json!(images)
}

/// Returns one line that says what changed.
fn message_of(all: &[Changed]) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut dirs: Vec<&str> = Vec::new();
    for changed in all.iter().filter(|changed| changed.text.is_some()) {
        dirs.push(&changed.dir);
        for image in changed.images.iter().filter(|image| !image.is_unchanged()) {
            let part = format!("{} to {}", image.name, image.new.trim_start_matches('@'));
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
