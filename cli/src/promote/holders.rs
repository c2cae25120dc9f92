//! Which folder has the entry that decides a version: an environment's own, or one that it alone uses, as a base of its
//! regions or a component.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use kustom::edit::{Edit, ImageArg};
use kustom::roots::References;
use kustom::{Builder, DiskFs};

use crate::image_uses::{Use, found};
use crate::images::Placed;
use crate::remembered::RememberedFs;

/// The folders of the kustomizations that environments use.
pub(super) struct Holders<'p> {
    places: &'p [Placed],
    files: &'p RememberedFs,
    builder: &'p Builder,
    /// The places that use each folder, by its real path; found once somebody asks.
    users: Option<BTreeMap<PathBuf, Vec<&'p Placed>>>,
    /// How folders are called, by their real paths.
    names: BTreeMap<PathBuf, PathBuf>,
    /// The images of places as they are called on the way, by their directories; nothing for those that cannot be rendered.
    images: BTreeMap<&'p Path, Option<BTreeSet<String>>>,
}

impl<'p> Holders<'p> {
    pub(super) fn of(
        places: &'p [Placed],
        files: &'p RememberedFs,
        builder: &'p Builder,
    ) -> Holders<'p> {
        let (names, images) = (BTreeMap::new(), BTreeMap::new());
        Holders { places, files, builder, users: None, names, images }
    }

    /// Returns the folder with the `images` entry that decides all these, if it is that of the kustomization itself, or
    /// no other environment uses it: another one that uses the folder has no image that the entry is for.
    pub(super) fn folder(&mut self, uses: &[Use], own: &Path, env: &str) -> Option<PathBuf> {
        let is_own = |image: &Use| image.decided.own_entry(own).is_some();
        if uses.iter().any(is_own) {
            return Some(own.to_path_buf());
        }
        let mut numbers = BTreeSet::new();
        let folders = uses.iter().map(|image| {
            let folder = image.decided.file.as_deref()?.parent()?;
            numbers.insert(image.decided.own_entry(folder)?);
            self.files.real(folder).ok()
        });
        let mut folders: BTreeSet<PathBuf> = folders.collect::<Option<_>>()?;
        let real = folders.pop_first().filter(|_| folders.is_empty())?;
        let users = self.users().get(&real)?;
        if !users.iter().any(|placed| placed.place.env == env) {
            return None;
        }
        let others: Vec<&Placed> =
            users.iter().copied().filter(|placed| placed.place.env != env).collect();
        if !others.is_empty() {
            let edit = Edit::open_unchecked(DiskFs, &real).ok()?;
            let names: Vec<String> =
                numbers.iter().map(|i| edit.image_name(*i)).collect::<Option<_>>()?;
            if others.iter().any(|placed| self.may_have(placed, &names)) {
                return None;
            }
        }
        let shown = uses.first()?.decided.file.as_deref()?.parent()?.to_path_buf();
        Some(self.names.get(&real).cloned().unwrap_or(shown))
    }

    /// Returns `true` if a place has an image that entries of some names are for, or that is not known.
    fn may_have(&mut self, placed: &'p Placed, names: &[String]) -> bool {
        let images = self.images.entry(&placed.dir).or_insert_with(|| {
            let trace = self.builder.explain(&placed.dir).ok()?;
            Some(found(&trace).into_iter().flat_map(|found| found.texts).collect())
        });
        let is_for = |name: &String, text: &str| {
            let mut image = ImageArg::default();
            image.name.clone_from(name);
            image.is_for(text)
        };
        images.as_ref().is_none_or(|texts| {
            names.iter().any(|name| texts.iter().any(|text| is_for(name, text)))
        })
    }

    fn users(&mut self) -> &BTreeMap<PathBuf, Vec<&'p Placed>> {
        let (places, files, names) = (self.places, self.files, &mut self.names);
        self.users.get_or_insert_with(|| {
            let mut references = References::new(files);
            let mut users: BTreeMap<PathBuf, Vec<&Placed>> = BTreeMap::new();
            for placed in places {
                let Ok(real) = files.real(&placed.dir) else { continue };
                names.entry(real.clone()).or_insert_with(|| placed.dir.clone());
                for folder in references.closure(&real).0 {
                    users.entry(folder).or_default().push(placed);
                }
            }
            users
        })
    }
}
