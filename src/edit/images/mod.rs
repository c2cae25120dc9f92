//! The entries of `images`: replaced as upstream does, or updated in place.

mod arg;
mod entry;
mod replace;
mod update;

use rustc_hash::FxHashSet;

use super::{Edit, fields};
use crate::yaml::Node;
pub use arg::ImageArg;
pub use update::{ImageChange, UpdateOutcome};

impl Edit {
    /// Returns the field that has the entries: the old one if that has some.
    pub(super) fn images_field(&self) -> &'static str {
        let old = self.items("imageTags");
        if old.is_empty() || old.iter().any(Node::is_null) { "images" } else { "imageTags" }
    }

    /// Returns the name of an entry of `images`.
    pub fn image_name(&self, number: usize) -> Option<String> {
        Some(
            fields::text(self.items(self.images_field()).get(number)?.as_map()?, "name").to_owned(),
        )
    }

    /// Returns the names of the entries of `images` that give an image another name, each once.
    ///
    /// ```
    /// use kustom::edit::Edit;
    ///
    /// let mut files = kustom::MemoryFs::new();
    /// files.insert("/app/kustomization.yaml", "images:\n- {name: web, newName: example.com/web}\n");
    /// let edit = Edit::open(files, "/app")?;
    /// assert_eq!(edit.images_called("example.com/web"), ["web"]);
    /// # Ok::<(), kustom::Error>(())
    /// ```
    pub fn images_called(&self, new_name: &str) -> Vec<String> {
        let entries = self.items(self.images_field()).iter();
        let entries = entries.filter_map(Node::as_map);
        let entries = entries.filter(|entry| fields::text(entry, "newName") == new_name);
        let mut seen = FxHashSet::default();
        let names = entries.map(|entry| fields::text(entry, "name"));
        names.filter(|name| seen.insert(*name)).map(str::to_owned).collect()
    }
}
