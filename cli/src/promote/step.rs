//! One image that is to be promoted.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use kustom::DiskFs;
use kustom::edit::{Edit, ImageArg, ImageChange, UpdateOutcome};

use crate::image_uses::{Use, short};
use crate::images::Rendered;

/// An image that is in one environment and not in the other.
pub(super) struct Step<'m> {
    pub(super) app: &'m str,
    pub(super) name: &'m str,
    pub(super) from: &'m Use,
    /// What the target has now.
    pub(super) to: &'m [Use],
    /// The directory to copy from.
    pub(super) source: &'m Path,
    /// The directory that is to have the version.
    pub(super) target: &'m Path,
    /// The directory with the entry to copy from, if there is one.
    pub(super) origin: Option<PathBuf>,
    /// The directory with the entry to change: the target, or one that only its environment uses.
    pub(super) holder: PathBuf,
    /// What the target renders now.
    pub(super) before: &'m Rendered,
    /// All images of the source.
    pub(super) wanted: &'m Images,
    /// Why it cannot be promoted.
    pub(super) refused: Option<String>,
    /// Whether that is for something beside its image, which another line may be the cause of.
    pub(super) is_for_beside: bool,
    /// Whether nothing has to be written for it: it follows another image.
    pub(super) follows: bool,
}

/// Images by their first names.
pub(super) type Images = BTreeMap<String, Vec<Use>>;

/// Returns the versions that are there, each once.
pub(super) fn versions(uses: &[Use]) -> Vec<&str> {
    let mut all: Vec<&str> = uses.iter().map(|image| image.version.as_str()).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Returns versions, each once, for people.
fn shown(uses: &[Use]) -> String {
    versions(uses).into_iter().map(short).collect::<Vec<_>>().join(", ")
}

/// Returns the name of an image without the host of its registry.
fn without_registry(name: &str) -> &str {
    let is_host = |first: &str| first.contains(['.', ':']) || first == "localhost";
    name.split_once('/').filter(|(first, _)| is_host(first)).map_or(name, |(_, rest)| rest)
}

impl Step<'_> {
    /// Returns the version that the target has, for people.
    pub(super) fn old(&self) -> String {
        shown(self.to)
    }

    /// Returns the versions that the target has and is to have, for people, behind the names of the images where these are
    /// others: a fork is another image, and that of another registry is not.
    pub(super) fn both(&self) -> [String; 2] {
        let own = without_registry(&self.from.name);
        if self.to.iter().all(|image| without_registry(&image.name) == own) {
            return [self.old(), self.wanted()];
        }
        let named = |image: &Use| match image.tag.is_empty() && !image.digest.is_empty() {
            true => format!("{}{}", image.name, short(&image.version)),
            false => format!("{}:{}", image.name, short(&image.version)),
        };
        [self.to, self.source_uses()].map(|uses| {
            let mut all: Vec<String> = uses.iter().map(named).collect();
            all.dedup();
            all.join(", ")
        })
    }

    fn source_uses(&self) -> &[Use] {
        self.wanted.get(self.name).map_or(&[][..], Vec::as_slice)
    }

    /// Says where the version comes from, if that is not an entry to be copied.
    pub(super) fn said_origin(&self) -> String {
        format!("its version comes from {}", self.from.decided.said())
    }

    /// Returns `true` if files are changed for it.
    pub(super) fn is_written(&self) -> bool {
        self.refused.is_none() && !self.follows
    }

    /// Returns the version that it is to have, for people.
    pub(super) fn wanted(&self) -> String {
        shown(self.source_uses())
    }

    /// Returns the names of the entries that decide in the target, or would.
    pub(super) fn entries(&self, edit: &Edit) -> Vec<String> {
        let numbers = self.to.iter().filter_map(|image| image.decided.own_entry(&self.holder));
        let mut names: Vec<String> = numbers.filter_map(|i| edit.image_name(i)).collect();
        names.sort();
        names.dedup();
        if names.is_empty() { vec![self.name.to_owned()] } else { names }
    }

    pub(super) fn wanted_entry(&self, name: &str) -> ImageArg {
        let filled = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let mut image = ImageArg::default();
        name.clone_into(&mut image.name);
        image.tag = filled(&self.from.tag);
        image.digest = filled(&self.from.digest);
        image
    }

    /// As [`wanted_entry`](Self::wanted_entry), with what the source says of its digest.
    pub(super) fn written_entry(&self, name: &str) -> ImageArg {
        let mut image = self.wanted_entry(name);
        let origin = self.origin.as_deref().filter(|_| image.digest.is_some());
        let number = origin.and_then(|origin| self.from.decided.own_entry(origin));
        let source = origin.filter(|_| number.is_some());
        let source = source.and_then(|origin| Edit::open_unchecked(DiskFs, origin).ok());
        image.comment = source.zip(number).and_then(|(edit, number)| edit.digest_comment(number));
        image
    }

    /// Returns `true` if the version comes from `images` of the source's own kustomization or of one that only its
    /// environment uses, or if its own says the same as what lies below it.
    pub(super) fn comes_from_own_entry(&self) -> bool {
        self.origin.is_some()
            || Edit::open(DiskFs, self.source).is_ok_and(|mut edit| {
                match edit.update_image(&self.wanted_entry(self.name)) {
                    UpdateOutcome::Updated(entries) => {
                        entries.iter().all(ImageChange::is_unchanged)
                    }
                    _ => false,
                }
            })
    }
}
