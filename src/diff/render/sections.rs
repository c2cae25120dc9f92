//! What is told once although several roots have it.
//!
//! A base that changes, changes all roots that use it in the same way. Here the same changes of several
//! roots are put together: a [`Section`] is a set of roots and the changes that exactly these have in
//! common, so nothing is said twice and nothing is lost.

use indexmap::IndexMap;
use rustc_hash::{FxHashMap, FxHashSet};
use sha2::{Digest as _, Sha256};

use super::titles::{Following, following, listed, title};
use crate::diff::budget::Budget;
use crate::diff::model::{ChangeKind, ResourceDiff};
use crate::diff::renames::{Rename, has_mask, renames};
use crate::diff::report::{Report, RootFailure, RootReport, Standing, plural};
use crate::load::KUSTOMIZATION_NAMES;

/// Changes that some roots have in common.
pub(in crate::diff) struct Section<'r> {
    pub(in crate::diff) roots: Vec<&'r RootReport>,
    pub(in crate::diff) items: Vec<Item<'r>>,
}

/// One change, as it is shown.
pub(in crate::diff) struct Item<'r> {
    /// The name of the object, or what the names in the roots have in common.
    pub(super) title: String,
    pub(super) what: What<'r>,
}

/// What is shown of a change.
pub(in crate::diff) enum What<'r> {
    /// An object that was added, removed or changed.
    Object(&'r ResourceDiff),
    /// An object that was removed, and added under another name.
    Renamed(Rename<'r>, &'r ResourceDiff),
    /// References that follow new names.
    Following(Following),
    /// A line on the root itself.
    Note(String),
    /// The root has moved, and nothing else is to say.
    Moved,
}

impl Section<'_> {
    /// Returns the names of the roots: `overlays/prod`, or `6 roots: dev, eu, …`.
    pub(super) fn title(&self) -> String {
        let names: Vec<String> = self.roots.iter().map(|root| root.title()).collect();
        match names.as_slice() {
            [name] => name.clone(),
            names => format!("same change in {}: {}", plural(names.len(), "root"), listed(names)),
        }
    }

    /// Returns the names of all roots, however many there are.
    pub(super) fn all_roots(&self) -> Vec<String> {
        self.roots.iter().map(|root| root.title()).collect()
    }
}

impl Report {
    /// Returns the roots that failed in this way, those with the same message together, in the order
    /// of the first ones. Those to which other kustomizations led have the same message, and the way is left out.
    pub(super) fn failures(&self, standing: Standing) -> Vec<(String, Vec<&RootReport>)> {
        let mut found: IndexMap<String, (String, Vec<&RootReport>)> = IndexMap::new();
        for root in self.roots.iter().filter(|root| root.standing() == Some(standing)) {
            let text = root.failure.as_ref().map(RootFailure::text).unwrap_or_default();
            let bare = without_way(&text);
            let (shown, roots) =
                found.entry(bare.clone()).or_insert_with(|| (text.clone(), vec![]));
            roots.push(root);
            if *shown != text {
                *shown = bare;
            }
        }
        found.into_values().collect()
    }
}

impl Report {
    /// Returns which roots fail as before, and why if that is the same for all, in what is left of one line.
    pub(super) fn as_before(&self) -> String {
        let roots = self.roots.iter().filter(|root| root.standing() == Some(Standing::AsBefore));
        let (mut names, mut causes) = (Vec::new(), FxHashSet::default());
        for root in roots {
            names.push(root.title());
            causes.extend(root.failure.as_ref().and_then(|failure| failure.cause()));
        }
        let mut line = String::new();
        if names.iter().any(|name| !name.is_empty()) {
            line += &format!(": {}", listed(&names));
        }
        let mut causes = causes.into_iter();
        if let (Some(cause), None) = (causes.next(), causes.next()) {
            line += &format!(": {cause}");
        }
        line
    }
}

/// Returns the text of an error without the kustomizations that led to its place.
fn without_way(text: &str) -> String {
    let is_way = |line: &&str| {
        let line = line.trim_start();
        let is_file = || KUSTOMIZATION_NAMES.iter().any(|name| line.ends_with(name));
        ["in ", "from "].iter().any(|start| line.starts_with(start)) && is_file()
    };
    text.lines().filter(|line| !is_way(line)).collect::<Vec<_>>().join("\n")
}

/// Puts together what several roots have in common; the order is that of the first roots.
pub(in crate::diff) fn sections<'r>(report: &'r Report, budget: &Budget) -> Vec<Section<'r>> {
    if let [root] = report.roots.as_slice() {
        // It has nothing in common with others.
        let items = items(root, budget);
        let section = Section { roots: vec![root], items };
        return Vec::from_iter(Some(section).filter(|section| !section.items.is_empty()));
    }
    // What is the same in several roots, by what it says; the second part of the key tells equal
    // changes within one root apart.
    let mut same: IndexMap<(Digest, usize), Vec<(usize, Item<'_>)>> = IndexMap::new();
    for (i, root) in report.roots.iter().enumerate() {
        let mut counts: FxHashMap<Digest, usize> = FxHashMap::default();
        for item in items(root, budget) {
            let key = digest(&item.key(root));
            let count = counts.entry(key).or_default();
            same.entry((key, *count)).or_default().push((i, item));
            *count += 1;
        }
    }
    let same = joined(same.into_values().collect());
    let mut sections: IndexMap<Vec<usize>, Vec<Item<'_>>> = IndexMap::new();
    for group in same {
        let roots: Vec<usize> = group.iter().map(|(root, _)| *root).collect();
        let titles: Vec<String> = group.iter().map(|(_, item)| item.title.clone()).collect();
        let bare: Vec<String> = group.iter().map(|(_, item)| item.bare()).collect();
        let mut all = group.into_iter().map(|(_, item)| item);
        let Some(mut item) = all.next() else { continue };
        let mut said = FxHashSet::from_iter([item.line()]);
        for other in all.filter(|other| said.insert(other.line())) {
            if let (What::Following(all), What::Following(more)) = (&mut item.what, other.what) {
                all.join(more);
            }
        }
        let differs = titles.iter().any(|title| *title != item.title);
        item.title = common(if differs { &bare } else { &titles });
        sections.entry(roots).or_default().push(item);
    }
    // Within a section the order is that of the objects.
    let mut sections: Vec<_> = sections.into_iter().collect();
    sections.sort_by_key(|(roots, _)| (roots.first().copied(), std::cmp::Reverse(roots.len())));
    let mut all = Vec::with_capacity(sections.len());
    for (roots, items) in sections {
        let roots = roots.iter().filter_map(|&i| report.roots.get(i)).collect();
        all.push(Section { roots, items });
    }
    all
}

type Group<'r> = Vec<(usize, Item<'r>)>;

/// Joins changes that only one root has with those of others which say the same of an object of
/// another name, as overlays with prefixes do.
fn joined(groups: Vec<Group<'_>>) -> Vec<Group<'_>> {
    let key = |group: &Group<'_>| match group.as_slice() {
        [(_, Item { what: What::Object(resource), .. })] => Some(digest(&says(resource)?)),
        [(_, Item { what: What::Following(following), .. })] => Some(digest(&following.outline())),
        _ => None,
    };
    let mut places: IndexMap<Digest, Vec<usize>> = IndexMap::new();
    for (i, group) in groups.iter().enumerate() {
        if let Some(key) = key(group) {
            places.entry(key).or_default().push(i);
        }
    }
    let mut groups: Vec<Option<Group<'_>>> = groups.into_iter().map(Some).collect();
    for places in places.into_values().filter(|places| places.len() > 1) {
        let root = |i: &usize| groups[*i].as_ref().and_then(|g| g.first()).map(|(root, _)| *root);
        let mut roots: Vec<Option<usize>> = places.iter().map(root).collect();
        roots.sort_unstable();
        roots.dedup();
        if roots.len() < places.len() {
            continue;
        }
        for place in &places[1..] {
            let moved = groups[*place].take().unwrap_or_default();
            if let Some(Some(first)) = groups.get_mut(places[0]) {
                first.extend(moved);
            }
        }
    }
    groups.into_iter().flatten().collect()
}

/// Returns what is to be said of a root.
pub(in crate::diff) fn items<'r>(root: &'r RootReport, budget: &Budget) -> Vec<Item<'r>> {
    let mut items = Vec::new();
    let untitled = |what| Item { title: String::new(), what };
    if root.moved_from.is_some() && root.diff.is_empty() && root.failure.is_none() {
        items.push(untitled(What::Moved));
    }
    items.extend(root.note.iter().map(|note| untitled(What::Note(format!("  {note}")))));
    let mut renames = renames(&root.diff, budget);
    let removed: FxHashSet<*const ResourceDiff> =
        renames.values().map(|rename| std::ptr::from_ref(rename.removed)).collect();
    for (i, resource) in root.diff.resources.iter().enumerate() {
        if resource.only_follows() || removed.contains(&std::ptr::from_ref(resource)) {
            continue;
        }
        let what = match renames.remove(&i) {
            Some(rename) => What::Renamed(rename, resource),
            None => What::Object(resource),
        };
        items.push(Item { title: title(resource), what });
    }
    items.extend(following(root).map(|following| untitled(What::Following(following))));
    items
}

impl Item<'_> {
    /// Returns a text that is the same for the same changes only.
    fn key(&self, root: &RootReport) -> String {
        let of = |resource: &ResourceDiff| {
            says(resource).unwrap_or_else(|| format!("{resource} of {}", root.title()))
        };
        match &self.what {
            What::Object(resource) => format!("{}\n{}", bare(resource), of(resource)),
            What::Renamed(rename, resource) => {
                format!("{}\n{}\n{}", bare(resource), of(rename.removed), of(resource))
            }
            What::Following(following) => following.line(),
            What::Note(line) => line.clone(),
            What::Moved => format!("moved {}", root.title()),
        }
    }

    /// Returns the line on references that follow, if it is that.
    fn line(&self) -> String {
        match &self.what {
            What::Following(following) => following.line(),
            _ => String::new(),
        }
    }

    /// Returns the title without content hashes.
    fn bare(&self) -> String {
        match &self.what {
            What::Object(resource) | What::Renamed(_, resource) => bare(resource),
            What::Following(_) | What::Note(_) | What::Moved => String::new(),
        }
    }
}

/// Returns the name of an object without the content hash at its end.
fn bare(resource: &ResourceDiff) -> String {
    let Some(id) = resource.id() else { return String::new() };
    let slash = if id.namespace.is_empty() { "" } else { "/" };
    let name = match id.kind.as_str() {
        "ConfigMap" | "Secret" => crate::diff::options::stem(&id.name),
        _ => &id.name,
    };
    format!("{} {}{slash}{name}", id.kind, id.namespace)
}

/// Returns what a change says, without the name of its object, and with what tells apart what is masked in it; `None` if
/// nobody knows what that is, as in a report that was written and read.
fn says(resource: &ResourceDiff) -> Option<String> {
    let kind = resource.id().map(|id| (&id.api_version, &id.kind));
    match resource.change {
        ChangeKind::Changed => {
            let own: Vec<_> = resource.own_fields().collect();
            if own.iter().any(|field| field.masked && field.hidden.is_none()) {
                return None;
            }
            let hidden: Vec<_> = own.iter().map(|field| field.hidden.digest()).collect();
            let own = serde_json::to_string(&own).unwrap_or_default();
            Some(format!("{kind:?} {own} {hidden:?}"))
        }
        change => {
            let object = resource.object.as_ref().map(|object| object.0.value_and_hidden());
            let (object, hidden) = object.unwrap_or_default();
            if hidden.is_none() && has_mask(&object) {
                return None;
            }
            let mut object = object.into_owned();
            if let Some(metadata) = object.get_mut("metadata").and_then(|m| m.as_object_mut()) {
                metadata.remove("name");
                metadata.remove("namespace");
            }
            Some(format!("{change:?} {kind:?} {object} {:?}", hidden.digest()))
        }
    }
}

/// What stands for a text that is compared with others: the texts of all changes would be all that there is once more.
type Digest = [u8; 32];

fn digest(text: &str) -> Digest {
    Sha256::digest(text).into()
}

/// Returns the one title of several, or the kind and all names.
fn common(titles: &[String]) -> String {
    let mut different: Vec<&str> = titles.iter().map(String::as_str).collect();
    different.sort_unstable();
    different.dedup();
    match different.as_slice() {
        [] => String::new(),
        [title] => (*title).to_owned(),
        [first, rest @ ..] => {
            let kind = first.split(' ').next().unwrap_or_default();
            let names = rest.iter().map(|title| title.strip_prefix(kind).unwrap_or(title).trim());
            let names: Vec<String> =
                std::iter::once(*first).chain(names).map(str::to_owned).collect();
            listed(&names)
        }
    }
}
