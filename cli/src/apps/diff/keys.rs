//! What an Application is known by on both sides.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use kustom_apps::{Application, Preview, Rendered};

/// What an Application is known by on both sides.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key<'a> {
    pub(super) name: &'a str,
    pub(super) cluster: &'a str,
    namespace: &'a str,
    is_flux: bool,
    /// The file, if others are like it but for this: each cluster may have files of its own.
    file: Option<&'a Path>,
    /// Which of several it is that have all else in common.
    number: usize,
}

/// The Applications of a side.
pub(super) type Side<'a> = BTreeMap<Key<'a>, (&'a Application, &'a Rendered)>;

/// Returns the Applications of both sides by what they are known by.
pub(super) fn by_key<'a>(sides: [(&'a Preview, &'a [Rendered]); 2]) -> [Side<'a>; 2] {
    let shared: BTreeSet<Key<'_>> =
        sides.iter().flat_map(|(preview, _)| several_files(preview)).collect();
    sides.map(|(preview, rendered)| {
        let mut all = BTreeMap::new();
        let mut numbers: BTreeMap<Key<'_>, usize> = BTreeMap::new();
        for (application, rendered) in preview.applications.iter().zip(rendered) {
            let mut key = Key::of(application, preview);
            if shared.contains(&key) {
                key.file = Some(&application.origin().file);
            }
            let number = numbers.entry(key.clone()).or_default();
            key.number = *number;
            *number += 1;
            all.insert(key, (application, rendered));
        }
        all
    })
}

/// Returns what Applications of several files have in common.
fn several_files(preview: &Preview) -> BTreeSet<Key<'_>> {
    let mut files: BTreeMap<Key<'_>, &Path> = BTreeMap::new();
    let mut shared = BTreeSet::new();
    for application in &preview.applications {
        let (key, file) = (Key::of(application, preview), application.origin().file.as_path());
        if *files.entry(key.clone()).or_insert(file) != file {
            shared.insert(key);
        }
    }
    shared
}

impl<'a> Key<'a> {
    fn of(application: &'a Application, preview: &'a Preview) -> Key<'a> {
        Key {
            name: application.name(),
            cluster: preview.cluster(application),
            namespace: application.namespace(),
            is_flux: application.is_flux(),
            file: None,
            number: 0,
        }
    }

    /// Returns the name in its namespace.
    pub(super) fn full_name(&self) -> (&'a str, &'a str, bool) {
        (self.name, self.namespace, self.is_flux)
    }

    /// Returns how an Application is called. One whose name and cluster others have as well is told with all by which
    /// they differ.
    pub(super) fn title(&self, is_shared: bool, application: &Application) -> String {
        let Key { name, cluster, namespace, number, .. } = self;
        let name = match is_shared {
            true if namespace.is_empty() => application.title(),
            true => format!("{} in {namespace}", application.title()),
            false => (*name).to_owned(),
        };
        let number = if *number > 0 { format!(" ({})", number + 1) } else { String::new() };
        let file = self.file.map(|file| format!(" of {}", file.display())).unwrap_or_default();
        format!("{name}{number}{file} on {cluster}")
    }
}
