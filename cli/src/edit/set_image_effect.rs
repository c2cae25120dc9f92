//! Whether what `set image` writes has an effect on what a directory renders.

use std::collections::HashMap;
use std::path::Path;

use kustom::edit::{ImageArg, ImageChange};
use kustom::{Builder, Error};

use super::plain;
use crate::image_uses::{Found, found};
use crate::overlay::OverlayFs;

/// What a changed file does.
pub(super) enum Effect {
    /// What was asked for, but for these images, which nothing has; each with one that may be meant.
    Unused(Vec<(usize, Option<String>)>),
    /// Something else decides an image.
    Overridden(String),
    /// That cannot be known, since the directory could not be rendered before either.
    Unknown(Error),
}

/// Renders a directory with a new text of its file, in which images were changed, each given with its number
/// among the arguments.
///
/// # Errors
/// If the directory can be rendered and could not with the new text.
pub(super) fn effect(
    dir: &Path,
    (file, text): (&Path, &str),
    changes: &[(usize, ImageChange)],
    images: &[ImageArg],
    builder: &Builder,
) -> kustom::Result<Effect> {
    let mut files = OverlayFs::over(builder);
    files.insert(file, text);
    let trace = match builder.clone().file_system(files).explain(dir) {
        Ok(trace) => trace,
        Err(error) if builder.build(dir).is_err() => return Ok(Effect::Unknown(error)),
        Err(error) => return Err(error),
    };
    let found = found(&trace);
    // Whoever has no images at all is there for others.
    if found.is_empty() && changes.iter().all(|(_, change)| change.old.is_some()) {
        return Ok(Effect::Unused(Vec::new()));
    }
    let mut by_name: HashMap<&str, Vec<&Found>> = HashMap::new();
    for found in &found {
        found.names().for_each(|name| by_name.entry(name).or_default().push(found));
    }
    let mut unused = Vec::new();
    for changes in changes.chunk_by(|(a, _), (b, _)| a == b) {
        // Of several entries for one image, the last decides.
        let Some((i, last)) = changes.last() else { continue };
        let Some(image) = images.get(*i) else { continue };
        if last.name != image.name
            && let Some(other) = found.iter().find(|found| found.first_name() == image.name)
        {
            return Ok(Effect::Overridden(format!(
                "{}: {1} is an image of {2}, and what the entry of {3} calls another\n\
                 name {3} for that entry, or give --add for one of the name {1}",
                plain(file),
                image.name,
                other.object,
                last.name
            )));
        }
        if changes.iter().all(|(_, change)| change.is_unchanged()) {
            continue;
        }
        // Names are patterns, and most match what has just that name.
        let of_name = by_name.get(image.name.as_str()).map_or(&[][..], Vec::as_slice);
        if of_name
            .iter()
            .any(|found| is_concerned(found, image) && is_as_wanted(found, image, last))
        {
            continue;
        }
        let concerned: Vec<&Found> =
            found.iter().filter(|found| is_concerned(found, image)).collect();
        if concerned.is_empty() {
            unused.push((*i, near(&found, &image.name)));
        } else if !concerned.iter().any(|found| is_as_wanted(found, image, last)) {
            return Ok(Effect::Overridden(overridden(&concerned, last, file)));
        }
    }
    Ok(Effect::Unused(unused))
}

fn is_concerned(found: &Found, image: &ImageArg) -> bool {
    found.texts.iter().any(|text| image.is_for(text))
}

fn is_as_wanted(found: &Found, image: &ImageArg, change: &ImageChange) -> bool {
    let has_name = change.new_name.is_empty() || found.image.name == change.new_name;
    // An entry without a version leaves it to others.
    let gives_version = (image.tag.is_some() || image.digest.is_some()) && !change.new.is_empty();
    has_name && (!gives_version || found.image.version == change.new)
}

fn overridden(concerned: &[&Found], change: &ImageChange, file: &Path) -> String {
    let mut deciding: Vec<String> =
        concerned.iter().map(|found| found.image.decided.said()).collect();
    deciding.dedup();
    format!(
        "{}: setting {} would have no effect, for it is decided by {}\n\
         change that, or write the entry all the same with --add",
        plain(file),
        change.name,
        deciding.join(", ")
    )
}

/// Returns the image that may be meant by a name.
fn near(found: &[Found], name: &str) -> Option<String> {
    let names = || found.iter().flat_map(Found::names);
    // Most often the registry is missing, or there is one, as `docker.io/library/nginx`.
    let end = format!("/{name}");
    let near = names().find(|name| name.ends_with(&end)).or_else(|| {
        let ends = |end: &&str| name.strip_suffix(*end).is_some_and(|start| start.ends_with('/'));
        names().filter(ends).max_by_key(|end| end.len())
    });
    near.or_else(|| kustom::text::nearest_name(names(), name)).map(str::to_owned)
}
