//! The entries of `images`: replaced as upstream does, or updated in place.

mod arg;
mod entry;
mod replace;
mod update;

use rustc_hash::FxHashSet;

use super::{Edit, fields};
use crate::yaml::{Mapping, Node};
pub use arg::ImageArg;
use entry::name_of;
pub use update::{ImageChange, UpdateOutcome};

/// The fields that have entries, in the order in which the build reads them.
const FIELDS: [&str; 2] = ["images", "imageTags"];

impl Edit {
    /// Returns the entries as the build reads them: those of `imageTags` come behind those of `images`.
    pub(super) fn image_entries(&self) -> impl Iterator<Item = &Node> {
        FIELDS.into_iter().flat_map(|field| self.items(field))
    }

    /// Returns an entry by its number among all of them.
    pub(super) fn image_entry(&self, number: usize) -> Option<&Mapping> {
        self.image_entries().nth(number)?.as_map()
    }

    /// Returns an entry for changing.
    fn image_entry_mut(&mut self, number: usize) -> Option<&mut Mapping> {
        let count = self.items("images").len();
        let (field, i) = match number.checked_sub(count) {
            None => ("images", number),
            Some(i) => ("imageTags", i),
        };
        let items = fields::get_mut(self.fields(), field).and_then(Node::as_seq_mut)?;
        items.make_mut().get_mut(i)?.as_map_mut()
    }

    /// Appends an entry behind all others: where the last of them is.
    fn push_image(&mut self, entry: Mapping) {
        let has_old = !self.items("imageTags").is_empty();
        self.append(if has_old { "imageTags" } else { "images" }, [Node::map(entry)]);
    }

    /// Returns the name of an entry of `images`; entries of `imageTags` count on behind these, as in the build.
    pub fn image_name(&self, number: usize) -> Option<String> {
        self.image_entries().nth(number).map(|entry| name_of(entry).to_owned())
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
        let entries = self.image_entries().filter_map(Node::as_map);
        let entries = entries.filter(|entry| fields::text(entry, "newName") == new_name);
        let mut seen = FxHashSet::default();
        let names = entries.map(|entry| fields::text(entry, "name"));
        names.filter(|name| seen.insert(*name)).map(str::to_owned).collect()
    }
}
