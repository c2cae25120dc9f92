//! The images that a build names, and what decides each.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use kustom::Image;
use kustom::explain::{Event, FieldPath, Object, Trace};

/// A version of an image that is in use.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Use {
    /// The name as it is rendered.
    pub(crate) name: String,
    /// Tag and digest.
    pub(crate) version: String,
    pub(crate) tag: String,
    pub(crate) digest: String,
    /// What decides it.
    pub(crate) decided: Decided,
}

/// The text that decides a value.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Decided {
    /// The file.
    pub(crate) file: Option<PathBuf>,
    /// The line, from 1; 0 if only the file is known.
    pub(crate) line: u32,
    /// The kustomization file that asks for it.
    kustomization: Option<PathBuf>,
    /// The field of the kustomization, such as `images[0].newTag`.
    pub(crate) entry: String,
}

impl Decided {
    fn of(event: Option<&Event>) -> Decided {
        let location = event.and_then(|event| event.location.as_ref());
        Decided {
            file: location.map(|place| place.file.clone()),
            line: location.map_or(0, |place| place.line),
            kustomization: event.and_then(|event| event.kustomization.clone()),
            entry: event.and_then(|event| event.entry.clone()).unwrap_or_default(),
        }
    }

    /// Returns `file:line`.
    pub(crate) fn place(&self) -> String {
        let file = self.file.as_deref().map(|file| file.display().to_string()).unwrap_or_default();
        match self.line {
            0 => file,
            line => format!("{file}:{line}"),
        }
    }

    /// Returns the place with the field of the kustomization, and that kustomization if the place lies in
    /// another file.
    pub(crate) fn said(&self) -> String {
        let (place, entry) = (self.place(), &self.entry);
        match &self.kustomization {
            _ if entry.is_empty() => place,
            Some(by) if Some(by) != self.file.as_ref() => {
                format!("{place} ({entry} of {})", by.display())
            }
            _ => format!("{place} ({entry})"),
        }
    }

    /// Returns `true` if that is a suffix, which has an effect on whatever tag lies below.
    pub(crate) fn is_suffix(&self) -> bool {
        self.entry.ends_with("].tagSuffix")
    }

    /// Returns the number of the `images` entry of a directory's own kustomization that decides.
    pub(crate) fn own_entry(&self, dir: &Path) -> Option<usize> {
        let number = self.entry.strip_prefix("images[")?.split_once(']')?.0.parse().ok()?;
        let folder = self.file.as_deref()?.parent()?;
        let real = |folder: &Path| Path::new(".").join(folder).canonicalize().ok();
        (folder == dir || real(folder)? == real(dir)?).then_some(number)
    }
}

/// An image of a trace.
#[derive(Debug)]
pub(crate) struct Found {
    /// The object, as `Deployment/web`.
    pub(crate) object: String,
    pub(crate) field: FieldPath,
    /// What it was before `images` gave it other names, and in between; what it is comes last.
    pub(crate) texts: Vec<String>,
    pub(crate) image: Use,
}

/// Returns the images of a trace.
pub(crate) fn found(trace: &Trace) -> Vec<Found> {
    let fields = |object: Object<'_>| {
        let fields = object.images();
        let histories = object.histories_of(&fields);
        let found = |(field, history): (FieldPath, Vec<Event>)| found_at(&object, field, &history);
        fields.into_iter().zip(histories).filter_map(found).collect::<Vec<_>>()
    };
    trace.objects().flat_map(fields).collect()
}

fn found_at(object: &Object<'_>, field: FieldPath, history: &[Event]) -> Option<Found> {
    let value = object.value(&field)?;
    let image = Image::parse(value.text()?);
    let texts = texts(history, image.text());
    let image = Use {
        name: image.name().to_owned(),
        version: image.version(),
        tag: image.tag().to_owned(),
        digest: image.digest().to_owned(),
        decided: Decided::of(deciding(history)),
    };
    Some(Found { object: object.to_string(), field, texts, image })
}

/// Returns the event that decided the version of an image: the last one that did more than to give it another name.
fn deciding(history: &[Event]) -> Option<&Event> {
    history.iter().rev().find(|event| !renames_only(event)).or(history.last())
}

/// Returns `true` if a step gave an image another name and left its version to others.
fn renames_only(event: &Event) -> bool {
    let version = |node: &Option<kustom::document::NodeView>| {
        Some(Image::parse(node.as_ref()?.text()?).version())
    };
    let is_of_name = event.entry.as_ref().is_none_or(|entry| entry.ends_with("].newName"));
    let before = version(&event.before);
    event.is_of_images() && is_of_name && before.is_some() && before == version(&event.after)
}

impl Found {
    /// Returns the names that it has had.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(|text| Image::parse(text).name())
    }

    /// Returns the name that it had before `images` of any kustomization gave it another.
    pub(crate) fn first_name(&self) -> &str {
        self.names().next().unwrap_or(&self.image.name)
    }
}

/// Returns the texts that an image had from the time on when only `images` gave it other names.
fn texts(history: &[Event], last: &str) -> Vec<String> {
    let mut texts = vec![last.to_owned()];
    for event in history.iter().rev() {
        if !event.is_of_images() && !keeps_name(event) {
            break;
        }
        if let Some(before) = event.before.as_ref().and_then(|node| node.text()) {
            texts.push(before.to_owned());
        }
    }
    texts.reverse();
    texts
}

/// Returns `true` if a step changed the version of an image at most.
fn keeps_name(event: &Event) -> bool {
    let name = |node: &Option<kustom::document::NodeView>| {
        let text = node.as_ref()?.text()?;
        Some(Image::parse(text).name().to_owned())
    };
    let before = name(&event.before);
    before.is_some() && before == name(&event.after)
}

/// Returns images by their first names: the name before `images` of any kustomization gave it another.
pub(crate) fn images_of(found: &[Found]) -> BTreeMap<String, Vec<Use>> {
    let mut images: BTreeMap<String, Vec<Use>> = BTreeMap::new();
    for found in found {
        let uses = images.entry(found.first_name().to_owned()).or_default();
        if !uses.contains(&found.image) {
            uses.push(found.image.clone());
        }
    }
    images.values_mut().for_each(|uses| uses.sort());
    images
}

/// Shortens a digest for people, and says what is meant without any version.
pub(crate) fn short(version: &str) -> String {
    const SHOWN: usize = "sha256:".len() + 12;
    if version.is_empty() {
        return "latest".to_owned();
    }
    match version.split_once('@') {
        Some((tag, digest)) if digest.chars().count() > SHOWN => {
            let digest: String = digest.chars().take(SHOWN).collect();
            format!("{tag}@{digest}…")
        }
        _ => version.to_owned(),
    }
}
