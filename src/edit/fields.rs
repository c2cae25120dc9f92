//! The fields of a kustomization file, as a tree that is changed.

use ecow::EcoVec;

use super::Edit;
use crate::work;
use crate::yaml::{Entry, Mapping, Node, fold};

/// Returns the place of the entry that decides a field: names match without regard to case, and of
/// several the last in the order of bytes counts, of equal ones the last in the file.
pub(super) fn find(map: &Mapping, field: &str) -> Option<usize> {
    let named = map
        .iter()
        .enumerate()
        .filter(|(_, entry)| entry.key.text().is_some_and(|key| fold(key).eq(fold(field))));
    named.max_by_key(|(_, entry)| entry.key.text()).map(|(i, _)| i)
}

/// Returns the value of a field.
pub(super) fn get<'a>(map: &'a Mapping, field: &str) -> Option<&'a Node> {
    find(map, field).and_then(|i| map.iter().nth(i)).map(|entry| &entry.value)
}

/// Returns the text of a field that holds one; empty if there is none.
pub(super) fn text<'a>(map: &'a Mapping, field: &str) -> &'a str {
    work::id();
    get(map, field).filter(|value| !value.is_null()).and_then(Node::text).unwrap_or_default()
}

/// Returns the value of a field for changing.
pub(super) fn get_mut<'a>(map: &'a mut Mapping, field: &str) -> Option<&'a mut Node> {
    let i = find(map, field)?;
    map.entries_mut().get_mut(i).map(|entry| &mut entry.value)
}

/// Sets a field, in its place if it is there.
pub(super) fn set(map: &mut Mapping, field: &str, value: Node) {
    match get_mut(map, field) {
        Some(old) => *old = value.at(old.pos()),
        None => map.push(Node::plain(field), value),
    }
}

/// Sets a field to a text, or takes it out if that is empty.
pub(super) fn set_text(map: &mut Mapping, field: &str, value: &str) {
    if value.is_empty() {
        remove(map, field);
    } else if get(map, field).is_none_or(|old| old.is_null() || old.text() != Some(value)) {
        set(map, field, Node::str(value));
    }
}

/// Takes a field out, in all its spellings.
pub(super) fn remove(map: &mut Mapping, field: &str) {
    if find(map, field).is_some() {
        map.retain(|entry| !entry.key.text().is_some_and(|key| fold(key).eq(fold(field))));
    }
}

/// Gives a field another name, in its place.
pub(super) fn rename(map: &mut Mapping, field: &str, new: &str) {
    if let Some(i) = find(map, field)
        && let Some(entry) = map.entries_mut().get_mut(i)
    {
        entry.key.set_text(new);
    }
}

/// Returns the list of a field for changing; it is made if there is none.
pub(super) fn list_mut<'a>(map: &'a mut Mapping, field: &str) -> Option<&'a mut EcoVec<Node>> {
    if get(map, field).is_none_or(Node::is_null) {
        set(map, field, Node::seq(EcoVec::new()));
    }
    get_mut(map, field)?.as_seq_mut()
}

/// Returns the mapping of a field for changing; it is made if there is none.
pub(super) fn map_mut<'a>(map: &'a mut Mapping, field: &str) -> Option<&'a mut Mapping> {
    if get(map, field).is_none_or(Node::is_null) {
        set(map, field, Node::map(Mapping::new()));
    }
    get_mut(map, field)?.as_map_mut()
}

/// Returns the items of a field; none if it is no list.
pub(super) fn items<'a>(map: &'a Mapping, field: &str) -> &'a [Node] {
    get(map, field).and_then(Node::as_seq).map_or(&[], |items| items.as_slice())
}

/// Returns a mapping of the texts that are not empty.
pub(super) fn mapping<'a>(entries: impl IntoIterator<Item = (&'a str, &'a str)>) -> Mapping {
    let filled = entries.into_iter().filter(|(_, text)| !text.is_empty());
    filled.map(|(key, text)| Entry { key: Node::plain(key), value: Node::str(text) }).collect()
}

impl Edit {
    /// Returns the fields of the file that is wanted.
    pub(super) fn fields(&mut self) -> &mut Mapping {
        self.image_places = None;
        if self.wanted.as_map().is_none() {
            // Anything else was refused when the file was read.
            self.wanted = Node::map(Mapping::new());
        }
        match &mut self.wanted {
            Node::Map { map, .. } => map,
            _ => unreachable!("it was made a mapping above"),
        }
    }

    /// Returns the items of a list in the file that is wanted.
    pub(super) fn items(&self, field: &str) -> &[Node] {
        self.wanted.as_map().map_or(&[], |map| items(map, field))
    }

    /// Returns the texts of a list in the file that is wanted.
    pub(super) fn texts(&self, field: &str) -> Vec<&str> {
        self.items(field).iter().inspect(|_| work::id()).filter_map(Node::text).collect()
    }

    /// Appends to a list.
    pub(super) fn append(&mut self, field: &str, new: impl IntoIterator<Item = Node>) {
        if let Some(items) = list_mut(self.fields(), field) {
            items.extend(new);
        }
    }

    /// Removes the items of a list for which `goes` says so, and the field with the last of them;
    /// returns how many went.
    pub(super) fn remove_items(&mut self, field: &str, goes: impl Fn(&Node) -> bool) -> usize {
        let before = self.items(field).len();
        let going = self.items(field).iter().filter(|item| goes(item)).count();
        if going == 0 {
            return 0;
        }
        if going == before {
            remove(self.fields(), field);
        } else if let Some(items) = get_mut(self.fields(), field).and_then(Node::as_seq_mut) {
            items.retain(|item| !goes(item));
        }
        going
    }

    /// Moves the items of an old field to the end of the one that replaced it, as the build does.
    pub(super) fn move_list(&mut self, old: &str, new: &str) -> bool {
        let fields = self.fields();
        let Some(value) = get(fields, old) else { return false };
        let moved: EcoVec<Node> = value.as_seq().cloned().unwrap_or_default();
        if get(fields, new).is_none() && !moved.is_empty() {
            rename(fields, old, new);
            return true;
        }
        self.replace_field(old, new);
        if !moved.is_empty() {
            self.append(new, moved);
        }
        true
    }

    /// Takes a field out that another has replaced, to which its comments go.
    pub(super) fn replace_field(&mut self, old: &str, new: &str) {
        let fields = self.fields();
        let key =
            |field| find(fields, field).and_then(|i| fields.iter().nth(i)).map(|it| it.key.pos());
        let heir = key(old).zip(key(new));
        remove(fields, old);
        self.heirs.extend(heir);
    }
}
