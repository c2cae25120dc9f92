//! Labels and annotations: `set`, `add` and `remove label` and `annotation`

use super::{Edit, fields, invalid};
use crate::diagnostics::Result;
use crate::diagnostics::hints::{EDIT_NO_PAIR, EDIT_PAIR_THERE};
use crate::yaml::{Entry, Mapping, Node, same};

/// Which of the two fields of pairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PairField {
    /// `commonLabels`, or an entry of `labels`.
    Labels,
    /// `commonAnnotations`.
    Annotations,
}

/// Which labels are meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum LabelPlace {
    /// `commonLabels`: everywhere, selectors included.
    #[default]
    Common,
    /// An entry of `labels`: in the metadata of objects only.
    Metadata,
    /// An entry of `labels`: in the metadata of objects and of pod templates.
    Templates,
}

/// A key and its value, as `KEY:VALUE` has them.
type Pair<'a> = (&'a str, &'a str);

impl PairField {
    fn name(self) -> &'static str {
        match self {
            PairField::Labels => "commonLabels",
            PairField::Annotations => "commonAnnotations",
        }
    }

    fn thing(self) -> &'static str {
        match self {
            PairField::Labels => "label",
            PairField::Annotations => "annotation",
        }
    }
}

impl Edit {
    /// Sets pairs, each given as `KEY:VALUE`, in `commonLabels` or `commonAnnotations`.
    ///
    /// # Errors
    /// If one has no key, or the key of an annotation is none.
    pub fn set_pairs<S: AsRef<str>>(&mut self, field: PairField, args: &[S]) -> Result<()> {
        let pairs = parse(field, args)?;
        if field == PairField::Annotations
            && let Some((key, _)) = pairs.iter().find(|(key, _)| !is_qualified_name(key))
        {
            return Err(invalid(format!("{key:?} is no valid annotation key")));
        }
        self.put(field.name(), &pairs);
        Ok(())
    }

    /// Adds pairs, each given as `KEY:VALUE`; with `force`, over those that are there.
    ///
    /// # Errors
    /// If one has no key, or is there and `force` is not given.
    pub fn add_pairs<S: AsRef<str>>(
        &mut self,
        field: PairField,
        place: LabelPlace,
        args: &[S],
        force: bool,
    ) -> Result<()> {
        let pairs = parse(field, args)?;
        if field == PairField::Labels && place != LabelPlace::Common {
            return self.add_labels(place == LabelPlace::Templates, &pairs, force);
        }
        let there = fields::get(self.fields(), field.name()).and_then(Node::as_map);
        refuse_present(field, there, &pairs, force)?;
        self.put(field.name(), &pairs);
        Ok(())
    }

    /// Removes the pairs with these keys from `commonLabels` or `commonAnnotations`.
    ///
    /// # Errors
    /// If one is not there, unless `ignore_missing` is set.
    pub fn remove_pairs<S: AsRef<str>>(
        &mut self,
        field: PairField,
        keys: &[S],
        ignore_missing: bool,
    ) -> Result<()> {
        let name = field.name();
        let thing = field.thing();
        for key in keys.iter().map(AsRef::as_ref) {
            let there = fields::get(self.fields(), name).and_then(Node::as_map);
            if key.is_empty() {
                return Err(invalid(format!("invalid {thing} key {key:?}")));
            }
            if there.is_none_or(|map| map.get(key).is_none()) {
                if ignore_missing {
                    continue;
                }
                let present: Vec<&str> =
                    there.into_iter().flatten().filter_map(|entry| entry.key.text()).collect();
                let error = invalid(format!("{thing} {key} is not defined in kustomization file"));
                let near = crate::yaml::nearest(present.iter().copied(), key);
                return Err(match near {
                    Some(near) => error.hint(EDIT_NO_PAIR.with(format!("did you mean {near}?"))),
                    None => error.hint(&EDIT_NO_PAIR),
                });
            }
            let Some(map) = fields::map_mut(self.fields(), name) else { continue };
            map.retain(|entry| entry.key.text() != Some(key));
            if map.is_empty() {
                fields::remove(self.fields(), name);
            }
        }
        Ok(())
    }

    fn put(&mut self, field: &str, pairs: &[Pair]) {
        if let Some(map) = fields::map_mut(self.fields(), field) {
            put(map, pairs);
        }
    }

    /// Adds to the first entry of `labels` that reaches as far, else to a new one.
    fn add_labels(&mut self, templates: bool, pairs: &[Pair], force: bool) -> Result<()> {
        let flag = |map: &Mapping, field| {
            fields::get(map, field).is_some_and(|value| same(value, &Node::bool(true)))
        };
        let fits = |item: &Node| {
            item.as_map().is_some_and(|map| {
                !flag(map, "includeSelectors") && flag(map, "includeTemplates") == templates
            })
        };
        let place = self.items("labels").iter().position(fits);
        let Some(entry) = place.and_then(|i| {
            fields::list_mut(self.fields(), "labels")?.make_mut().get_mut(i)?.as_map_mut()
        }) else {
            let mut entry = Mapping::new();
            if templates {
                entry.set("includeTemplates", Node::bool(true));
            }
            let mut map = Mapping::new();
            put(&mut map, pairs);
            entry.set("pairs", Node::map(map));
            self.append("labels", [Node::map(entry)]);
            return Ok(());
        };
        let there = fields::get(entry, "pairs").and_then(Node::as_map);
        refuse_present(PairField::Labels, there, pairs, force)?;
        if let Some(map) = fields::map_mut(entry, "pairs") {
            put(map, pairs);
        }
        Ok(())
    }
}

fn put(map: &mut Mapping, pairs: &[Pair]) {
    let is_sorted = |map: &Mapping| {
        map.iter().all(|entry| entry.key.text().is_some())
            && map.iter().is_sorted_by_key(|entry| entry.key.text())
    };
    // It stays sorted, as each new key goes to its place.
    let is_sorted = is_sorted(map);
    for (key, value) in pairs {
        let old = match is_sorted {
            true => {
                let entries = map.iter().as_slice();
                let place = entries.partition_point(|entry| entry.key.text() < Some(*key));
                if entries.get(place).is_none_or(|entry| entry.key.text() != Some(*key)) {
                    map.insert_at(place, new_entry(key, value));
                    continue;
                }
                map.entries_mut().get_mut(place).map(|entry| &mut entry.value)
            }
            false => map.get_mut(key),
        };
        match old {
            Some(old) if old.text() == Some(*value) => {}
            Some(old) => *old = Node::str(*value).at(old.pos()),
            None => insert(map, key, value),
        }
    }
}

/// Adds a pair: where it belongs if the keys are sorted, else at the end.
fn insert(map: &mut Mapping, key: &str, value: &str) {
    let keys: Vec<&str> = map.iter().filter_map(|entry| entry.key.text()).collect();
    let place = match keys.is_sorted() {
        true => keys.partition_point(|other| *other < key),
        false => keys.len(),
    };
    map.insert_at(place, new_entry(key, value));
}

fn new_entry(key: &str, value: &str) -> Entry {
    Entry { key: Node::str(key), value: Node::str(value) }
}

fn refuse_present(
    field: PairField,
    there: Option<&Mapping>,
    pairs: &[Pair],
    force: bool,
) -> Result<()> {
    let is_there = |key: &str| there.is_some_and(|map| map.get(key).is_some());
    match pairs.iter().find(|(key, _)| is_there(key)) {
        Some((key, _)) if !force => {
            let thing = field.thing();
            Err(invalid(format!("{thing} {key} already in kustomization file"))
                .hint(&EDIT_PAIR_THERE))
        }
        _ => Ok(()),
    }
}

fn parse<'a, S: AsRef<str>>(field: PairField, args: &'a [S]) -> Result<Vec<Pair<'a>>> {
    let thing = field.thing();
    if args.is_empty() {
        return Err(invalid(format!("must specify {thing}")));
    }
    let pair = |arg: &'a S| {
        let arg = arg.as_ref();
        let (key, value) = arg.split_once(':').unwrap_or((arg, ""));
        if key.is_empty() {
            return Err(invalid(format!(
                "invalid {thing}: '{arg}' (need k:v pair where v may be quoted)"
            )));
        }
        let inner = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
        Ok((key, inner.unwrap_or(value)))
    };
    args.iter().map(pair).collect()
}

/// Returns `true` for a key that Kubernetes takes: an optional DNS name and a `/`, and a name of at most
/// 63 characters.
fn is_qualified_name(key: &str) -> bool {
    let (prefix, name) = match key.split_once('/') {
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, key),
    };
    let is_alphanumeric = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let is_name = |name: &str, others: &[char]| {
        is_alphanumeric(name.chars().next())
            && is_alphanumeric(name.chars().last())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || others.contains(&c))
    };
    let is_label =
        |label: &str| is_name(label, &['-']) && !label.contains(|c: char| c.is_ascii_uppercase());
    name.len() <= 63
        && is_name(name, &['-', '_', '.'])
        && prefix.is_none_or(|prefix| prefix.len() <= 253 && prefix.split('.').all(is_label))
}
