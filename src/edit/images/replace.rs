//! `edit set image`, as upstream understands it: an entry says afterwards just what the argument says.

use std::collections::hash_map::Entry;

use rustc_hash::{FxHashMap, FxHashSet};

use super::FIELDS;
use super::arg::ImageArg;
use super::entry::{given, name_of, set_version};
use crate::diagnostics::Result;
use crate::edit::{Edit, fields, invalid};
use crate::yaml::{Node, Pos};

impl Edit {
    /// Sets images as `kustomize edit set image` does: the entry of that name says just what the
    /// argument says, so `web:v2` takes out a new name and a digest, unless the argument has a `*` for
    /// them.
    ///
    /// # Errors
    /// If there is no argument.
    pub fn replace_images(&mut self, args: &[ImageArg]) -> Result<()> {
        if args.is_empty() {
            return Err(invalid("no image specified"));
        }
        args.iter().filter_map(ImageArg::wrong_part).for_each(|wrong| self.note(wrong));
        // Of several for one name, the last counts.
        let mut named = FxHashSet::default();
        let mut last: Vec<&ImageArg> =
            args.iter().rev().filter(|arg| named.insert(arg.name.as_str())).collect();
        last.reverse();
        let mut places: FxHashMap<String, usize> = FxHashMap::default();
        for (i, item) in self.image_entries().enumerate() {
            places.entry(name_of(item).to_owned()).or_insert(i);
        }
        for arg in last {
            match places.get(&arg.name) {
                Some(place) => self.set_image(*place, arg),
                None => {
                    if arg.gives_nothing_new() {
                        self.note(nothing_to_keep(arg));
                    }
                    self.append_image(arg);
                }
            }
        }
        self.drop_later_images(&named);
        self.order_images();
        Ok(())
    }

    /// Makes an entry say just what an argument says.
    fn set_image(&mut self, place: usize, arg: &ImageArg) {
        let Some(entry) = self.image_entry(place).cloned() else { return };
        let value = |given: &Option<String>, field| match given.as_deref() {
            Some("*") => fields::text(&entry, field).to_owned(),
            Some(text) => text.to_owned(),
            None => String::new(),
        };
        let new_name = value(&arg.new_name, "newName");
        let (tag, digest) = (value(&arg.tag, "newTag"), value(&arg.digest, "digest"));
        self.keep_remarks(&entry, (&tag, &digest), arg.comment.as_deref());
        if let Some(entry) = self.image_entry_mut(place) {
            fields::set_text(entry, "newName", &new_name);
            fields::set_text(entry, "tagSuffix", "");
            set_version(entry, &tag, &digest);
        }
    }

    /// Appends the entry that upstream makes of an argument.
    fn append_image(&mut self, arg: &ImageArg) {
        let entry = fields::mapping([
            ("digest", given(&arg.digest)),
            ("name", arg.name.as_str()),
            ("newName", given(&arg.new_name)),
            ("newTag", given(&arg.tag)),
        ]);
        self.push_image(entry);
    }

    /// Drops all but the first entry of each name, as upstream does on every change, and says so of those that
    /// were not `set` themselves. Their comments stay, above the first.
    fn drop_later_images(&mut self, set: &FxHashSet<&str>) {
        let mut seen = FxHashSet::default();
        let mut later: Vec<String> = Vec::new();
        for name in self.image_entries().filter(|item| item.as_map().is_some()).map(name_of) {
            if !seen.insert(name) {
                later.push(name.to_owned());
            }
        }
        if later.is_empty() {
            return;
        }
        for name in later.iter().filter(|name| !set.contains(name.as_str())) {
            self.note(format_args!(
                "images has several entries of the name {name}: the first stays, the others go, as upstream does it"
            ));
        }
        let mut first: FxHashMap<String, Pos> = FxHashMap::default();
        let mut heirs = Vec::new();
        let mut goes = |item: &Node| {
            if item.as_map().is_none() {
                return false;
            }
            match first.entry(name_of(item).to_owned()) {
                Entry::Vacant(place) => {
                    place.insert(item.pos());
                    false
                }
                Entry::Occupied(kept) => {
                    heirs.push((item.pos(), *kept.get()));
                    true
                }
            }
        };
        for field in FIELDS {
            let items = fields::get_mut(self.fields(), field).and_then(Node::as_seq_mut);
            let Some(items) = items.filter(|items| !items.is_empty()) else { continue };
            items.retain(|item| !goes(item));
            if items.is_empty() {
                self.replace_field(field, "images");
            }
        }
        self.heirs.extend(heirs);
    }

    /// Puts the entries into the order of names, as upstream does on every change, but only where the
    /// order says something: one entry may find what another has written. Then `imageTags` can stay as it is only if
    /// that is the order already.
    fn order_images(&mut self) {
        let names = |field| -> Vec<String> {
            let maps = self.image_entries().filter_map(Node::as_map);
            maps.map(|map| fields::text(map, field).to_owned()).collect()
        };
        let new_names: FxHashSet<String> = names("newName").into_iter().collect();
        let names = names("name");
        let is_pattern =
            |name: &String| name.contains(['*', '+', '?', '[', '(', '|', '\\', '^', '$']);
        let says_something = names.iter().any(|name| is_pattern(name) || new_names.contains(name));
        if !says_something || self.image_entries().is_sorted_by_key(name_of) {
            return;
        }
        let is_in_both = FIELDS.iter().all(|field| !self.items(field).is_empty());
        if is_in_both {
            self.move_list("imageTags", "images");
        }
        let field = if self.items("images").is_empty() { "imageTags" } else { "images" };
        if let Some(items) = fields::list_mut(self.fields(), field) {
            items.make_mut().sort_by_key(|item| name_of(item).to_owned());
        }
    }
}

/// Says that a new entry says nothing.
fn nothing_to_keep(arg: &ImageArg) -> String {
    let ImageArg { name, .. } = arg;
    let cause = match arg.is_empty() {
        true => "the argument gives none",
        false => "* keeps what an entry has, and there was none",
    };
    format!(
        "the new entry of {name} has no new name, tag or digest: {cause}; give one, as {name}:TAG"
    )
}
