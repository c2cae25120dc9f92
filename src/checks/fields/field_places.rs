//! Where in an object a field belongs that stands elsewhere.

use std::cell::OnceCell;

use rustc_hash::FxHashSet;

use crate::checks::path::{Path, Step};
use crate::resource::Resource;
use crate::schema::TypeRef;
use crate::work;

/// Fields that have what a kind is about.
const PLACES: &[(&str, &[&str])] = &[
    ("spec", &["spec"]),
    ("spec.template.spec", &["spec", "template", "spec"]),
    ("spec.jobTemplate.spec.template.spec", &["spec", "jobTemplate", "spec", "template", "spec"]),
    ("metadata", &["metadata"]),
];

/// How many types are searched for a field.
const MOST: usize = 256;

/// An unknown field and what is around it.
pub(in crate::checks) struct Stray<'a, 's> {
    pub(in crate::checks) resource: &'a Resource,
    /// The type of the object.
    pub(in crate::checks) top: TypeRef<'s>,
    /// The type of the mapping that has the field.
    pub(in crate::checks) of: TypeRef<'s>,
    pub(in crate::checks) key: &'a str,
    /// The way to the mapping.
    pub(in crate::checks) path: &'a Path<'a>,
    /// The types that have the field, once somebody asks.
    pub(in crate::checks) holders: OnceCell<Vec<usize>>,
}

impl<'s> Stray<'_, 's> {
    /// Returns where the field belongs.
    pub(in crate::checks) fn belongs(&self) -> Option<String> {
        if self.holders().is_empty() {
            return None;
        }
        self.at_known_place()
            .or_else(|| self.around_containers())
            .or_else(|| self.further_out())
            .or_else(|| self.further_in())
            .or_else(|| self.elsewhere())
    }

    /// Returns the types that have the field, by their numbers.
    fn holders(&self) -> &[usize] {
        self.holders.get_or_init(|| TypeRef::ids_with(self.key))
    }

    fn has(&self, of: TypeRef<'_>) -> bool {
        of.has_fields() && self.holders().binary_search(&of.id()).is_ok()
    }

    fn at(&self, path: &[&str]) -> Option<TypeRef<'s>> {
        path.iter().try_fold(self.top, |of, step| of.field(step))
    }

    /// Returns `true` unless the object has the field at a path already.
    fn is_free(&self, path: &[&str]) -> bool {
        self.resource.node.get_path(path).is_none_or(|node| node.get(self.key).is_none())
    }

    /// Of fields near the top: they belong to the spec, to that of the Pods, or to the metadata.
    fn at_known_place(&self) -> Option<String> {
        let depth = self.path.steps().len();
        let fits = |(_, path): &&(&str, &[&str])| {
            self.at(path).is_some_and(|of| self.has(of)) && self.is_free(path)
        };
        let (place, _) = PLACES.iter().filter(|_| depth < 2).find(fits)?;
        let how = if depth == 0 { "indent it" } else { "put it there" };
        Some(format!("it belongs to `{place}`: {how}"))
    }

    /// Of fields of a container beside `containers`, and of fields of the Pod in a container.
    fn around_containers(&self) -> Option<String> {
        let container = self.of.field("containers").and_then(TypeRef::element);
        if container.is_some_and(|of| self.has(of)) {
            return Some(
                "it belongs to a container: put it into its element of `containers`".to_owned(),
            );
        }
        let is_container = self.of.field("imagePullPolicy").is_some();
        let pods = PLACES.iter().filter_map(|(_, path)| self.at(path));
        let mut pods = pods.filter(|of| of.field("containers").is_some());
        (is_container && pods.any(|of| self.has(of)))
            .then(|| "it belongs to the pod: put it beside `containers`".to_owned())
    }

    /// Of fields of a mapping around this one, which does not have it yet.
    fn further_out(&self) -> Option<String> {
        let (mut of, mut node) = (self.top, Some(&self.resource.node));
        let (mut name, mut found) = (None, None);
        for step in self.path.steps() {
            if self.has(of) && node.is_none_or(|node| node.get(self.key).is_none()) {
                found = Some(name);
            }
            match step {
                Step::Key(key) => {
                    (of, node) = (of.field(key)?, node.and_then(|node| node.get(key)));
                    name = Some(*key);
                }
                Step::Element(element, _) => (of, node) = (of.element()?, Some(*element)),
            }
        }
        Some(match found? {
            Some(name) => format!("it belongs to `{name}`, further out: indent it less"),
            None => "it belongs to the top of the object: indent it less".to_owned(),
        })
    }

    /// Of fields of a mapping in this one, or in that.
    fn further_in(&self) -> Option<String> {
        let mut inner: Vec<&str> = self
            .of
            .fields()
            .filter(|(_, of)| of.is_some_and(|of| self.has(of)))
            .map(|(name, _)| name)
            .collect();
        inner.sort_unstable();
        match inner[..] {
            [name] => return Some(format!("it belongs to `{name}`: put it there")),
            [one, other] => {
                return Some(format!(
                    "it belongs to `{one}` or `{other}`: put it under one of them"
                ));
            }
            _ => {}
        }
        let deeper = self.of.fields().flat_map(|(name, of)| {
            let inner = of.into_iter().flat_map(TypeRef::fields);
            inner.filter_map(move |(inner, of)| Some((name, inner, of?)))
        });
        let mut deeper = deeper.filter(|(_, _, of)| self.has(*of));
        let (name, inner, _) = deeper.next()?;
        deeper.next().is_none().then(|| format!("it belongs to `{name}.{inner}`: put it there"))
    }

    /// Of fields of any other mapping of the object, if one alone has it or one of the same name.
    fn elsewhere(&self) -> Option<String> {
        let own = self.path.keys().into_iter().flatten().last();
        let mut seen: FxHashSet<usize> = FxHashSet::default();
        // Each with the number of the one that it was found in, and the field there.
        let mut left = vec![(self.top, 0, "", false)];
        let mut found: Vec<Vec<&str>> = Vec::new();
        let mut i = 0;
        while let Some((of, ..)) = left.get(i).filter(|_| i < MOST).copied() {
            work::check();
            if self.has(of) {
                found.push(way_to(&left, i));
            }
            for (name, inner) in of.fields().filter(|(name, _)| *name != "status") {
                let Some(inner) = inner else { continue };
                let (inner, list) = match inner.element() {
                    Some(element) => (element, true),
                    None => (inner, false),
                };
                if inner.has_fields() && seen.insert(inner.id()) {
                    left.push((inner, i, name, list));
                }
            }
            i += 1;
        }
        let mut namesakes = found.iter().filter(|path| path.last().copied() == own);
        let path = match (namesakes.next(), namesakes.next(), &found[..]) {
            (Some(path), None, _) => path,
            (None, _, [path]) => path,
            _ => return None,
        };
        let path = path.join(".").replace(".[]", "[]");
        Some(format!("it belongs to `{path}`: move it there"))
    }
}

/// Returns the fields on the way to one of some types, each of which says which one it was found in.
fn way_to<'n, T>(all: &[(T, usize, &'n str, bool)], mut i: usize) -> Vec<&'n str> {
    let mut path = Vec::new();
    while let Some((_, from, name, list)) = all.get(i).filter(|_| i > 0) {
        path.extend(list.then_some("[]"));
        path.push(*name);
        i = *from;
    }
    path.reverse();
    path
}
