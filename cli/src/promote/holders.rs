//! Which folder has the entry that decides a version: an environment's own, or one that it alone uses, as a base of its
//! regions or a component.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use kustom::DiskFs;
use kustom::roots::References;

use crate::image_uses::Use;
use crate::images::Placed;

/// The folders of the kustomizations that environments use.
pub(super) struct Holders<'p> {
    places: &'p [Placed],
    /// The environments of each folder, by its real path; found once somebody asks.
    users: Option<BTreeMap<PathBuf, BTreeSet<&'p str>>>,
    /// How folders are called, by their real paths.
    names: BTreeMap<PathBuf, PathBuf>,
}

impl<'p> Holders<'p> {
    pub(super) fn of(places: &'p [Placed]) -> Holders<'p> {
        Holders { places, users: None, names: BTreeMap::new() }
    }

    /// Returns the folder with the `images` entry that decides all these, if it is that of the kustomization itself, or
    /// no other environment uses it.
    pub(super) fn folder(&mut self, uses: &[Use], own: &Path, env: &str) -> Option<PathBuf> {
        let is_own = |image: &Use| image.decided.own_entry(own).is_some();
        if uses.iter().any(is_own) {
            return Some(own.to_path_buf());
        }
        let folders = uses.iter().map(|image| {
            let folder = image.decided.file.as_deref()?.parent()?;
            image.decided.own_entry(folder)?;
            Path::new(".").join(folder).canonicalize().ok()
        });
        let mut folders: BTreeSet<PathBuf> = folders.collect::<Option<_>>()?;
        let real = folders.pop_first().filter(|_| folders.is_empty())?;
        let users = self.users().get(&real)?;
        if users.len() != 1 || !users.contains(env) {
            return None;
        }
        let shown = uses.first()?.decided.file.as_deref()?.parent()?.to_path_buf();
        Some(self.names.get(&real).cloned().unwrap_or(shown))
    }

    fn users(&mut self) -> &BTreeMap<PathBuf, BTreeSet<&'p str>> {
        let (places, names) = (self.places, &mut self.names);
        self.users.get_or_insert_with(|| {
            let mut references = References::new(&DiskFs);
            let mut users: BTreeMap<PathBuf, BTreeSet<&str>> = BTreeMap::new();
            for placed in places {
                let Ok(real) = placed.dir.canonicalize() else { continue };
                names.entry(real.clone()).or_insert_with(|| placed.dir.clone());
                for folder in references.closure(&real).0 {
                    users.entry(folder).or_default().insert(&placed.place.env);
                }
            }
            users
        })
    }
}
