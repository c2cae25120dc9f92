//! References that lead nowhere because the build has renamed what they mean, and generated objects that
//! nothing means.

use rustc_hash::FxHashMap;

use crate::checks::kubernetes::{differ_by_a_word, is_filled_in};
use crate::checks::objects::{
    affixes, current_name, effective, feeds_others, is_generated, may_refer,
};
use crate::checks::references::called::Called;
use crate::checks::references::dangling::{Reference, Referred};
use crate::checks::references::name_lengths::Lengths;
use crate::checks::references::replacement_hints;
use crate::checks::references::uses_of_names::{
    has_data, label_keys, labels_of_others, mentioned, without_elements,
};
use crate::checks::slips::differ_beyond_digits;
use crate::diagnostics::Lint;
use crate::diagnostics::{Warning, WarningKind};
use crate::resource::{Resource, ResourceSet};
use crate::schema::Schema;
use crate::yaml::{Node, Pos, nearest};

/// How many generated names a reference is compared with; if there are more, nothing is said.
const MOST: usize = 200;

/// The names that objects have and had.
pub(in crate::checks) struct Names<'a> {
    schema: &'a Schema,
    /// By the names that they have now.
    called: Called<'a>,
    /// By kind and a former name, if that is another one, or the object is in another namespace now.
    former: FxHashMap<(&'a str, &'a str), Vec<&'a Resource>>,
    /// By a former name alone.
    former_names: FxHashMap<&'a str, Vec<&'a Resource>>,
    former_lengths: Lengths,
    /// Generated objects with a hash, by every name that they have or had, and whether it is used.
    generated: FxHashMap<&'a str, bool>,
    generated_lengths: Lengths,
}

impl<'a> Names<'a> {
    pub(in crate::checks) fn new(set: &'a ResourceSet, schema: &'a Schema) -> Names<'a> {
        let mut names = Names {
            schema,
            called: Called::new(set),
            former: FxHashMap::default(),
            former_names: FxHashMap::default(),
            former_lengths: Lengths::default(),
            generated: FxHashMap::default(),
            generated_lengths: Lengths::default(),
        };
        for resource in set.iter() {
            let previous = &resource.history.previous;
            if previous.is_empty() && !resource.history.needs_hash {
                continue;
            }
            let (kind, name) = (resource.kind(), resource.name());
            let namespace = effective(resource.namespace());
            let moved = previous.iter().any(|former| former.namespace != namespace);
            for former in previous.iter().filter(|former| former.name != name || moved) {
                let known = names.former.entry((kind, &former.name)).or_default();
                if !known.last().is_some_and(|last| std::ptr::eq(*last, resource)) {
                    known.push(resource);
                }
                names.former_lengths.add(&former.name);
                names.former_names.entry(&former.name).or_default().push(resource);
            }
            if is_generated(resource) && !feeds_others(resource) {
                names.generated_lengths.add(name);
                names.generated.insert(name, false);
                for former in previous {
                    names.generated_lengths.add(&former.name);
                    names.generated.insert(&former.name, false);
                }
            }
        }
        names
    }

    /// Returns `true` if no object was renamed or moved and none is generated: then there is nothing to
    /// look for.
    pub(in crate::checks) fn is_idle(&self) -> bool {
        self.former_names.is_empty() && self.generated.is_empty()
    }

    /// Notes that a text stands somewhere.
    pub(in crate::checks) fn meet(&mut self, text: &str) {
        if self.generated_lengths.may_have(text)
            && let Some(used) = self.generated.get_mut(text)
        {
            *used = true;
        }
    }

    /// Looks at a reference, which stands in `referrer`.
    pub(in crate::checks) fn check(
        &self,
        referrer: &Resource,
        reference: &Reference<'_>,
    ) -> Option<Warning> {
        let name = Some(reference.name).filter(|name| !name.is_empty())?;
        // The namespace of what has none means nothing.
        if reference.kind == "Namespace"
            && self.is_cluster_scoped(referrer)
            && (reference.path)() == "metadata.namespace"
        {
            return None;
        }
        if self.called.is_nobody(name) {
            return None;
        }
        let kind = reference.kind;
        let there = self.called.of_kind(kind, name);
        if !there.is_empty() {
            return self.moved(referrer, reference, &there);
        }
        let former = self.former.get(&(kind, name)).map_or(&[][..], Vec::as_slice);
        let warn = |warning, text: String| {
            let at = format!("{} {}: `{}`", referrer.kind(), referrer.name(), (reference.path)());
            Warning::new(warning, format!("{at} {text}"), reference.pos)
        };
        let Some(meant) = self.meant(referrer, former) else {
            return self
                .wrong(reference, name, &warn)
                .or_else(|| self.other_workload(referrer, reference, &warn));
        };
        let same_place = self.same_place(referrer, meant);
        let now = meant.name();
        if let Some(said) = reference.namespace.filter(|said| {
            meant.history.previous.iter().any(|p| p.namespace == *said)
                && !meant.namespace().is_empty()
                && meant.namespace() != *said
        }) {
            let text = format!(
                "keeps the name `{name}` and the namespace `{said}`, but the {kind} is called `{now}` in `{}` now",
                meant.namespace()
            );
            return Some(
                warn(WarningKind::DanglingReference, text)
                    .related("the renamed object is at", meant.node.pos())
                    .hint("set name and namespace of the reference with a replacement"),
            );
        }
        let path = (reference.path)();
        // What a release is to change is what its chart makes.
        if path.contains("postRenderers") {
            return None;
        }
        let text = if same_place {
            format!("keeps the name `{name}`, but the {kind} is called `{now}` now")
        } else {
            let place = match meant.namespace() {
                "" => "no namespace".to_owned(),
                namespace => format!("the namespace `{namespace}`"),
            };
            format!(
                "keeps the name `{name}`: the {kind} `{now}` has {place}, so it is not meant by this"
            )
        };
        let hint = if kind == "Namespace" {
            "give the object its namespace with `namespace` in the kustomization that lists it"
                .to_owned()
        } else if same_place {
            replacement_hints::hint(referrer, meant, (reference.fields)().as_deref())
        } else {
            "put both into one namespace, such as with `namespace` in the kustomization or in the entry of \
             the generator"
                .to_owned()
        };
        let gist = format!("{} {} {kind}", referrer.kind(), without_elements(&path));
        let warning = warn(WarningKind::DanglingReference, text)
            .alike(gist)
            .related("the renamed object is at", meant.node.pos())
            .hint(hint);
        // One of the two gets its namespace when it is deployed.
        let other = match (referrer.namespace(), meant.namespace()) {
            _ if same_place => "",
            ("", other) | (other, "") => other,
            _ => "",
        };
        Some(warning.unless_deployed_to(other))
    }

    /// Looks at a reference whose name is there: is it in the namespace that is said?
    fn moved(
        &self,
        referrer: &Resource,
        reference: &Reference<'_>,
        there: &[&Resource],
    ) -> Option<Warning> {
        let said = reference.namespace.filter(|said| !said.is_empty())?;
        let is_in = |r: &&Resource| self.is_cluster_scoped(r) || r.namespace() == said;
        if there.iter().any(is_in) {
            return None;
        }
        let was_in = |r: &&&Resource| {
            r.history.previous.iter().any(|p| p.namespace == said) && !r.namespace().is_empty()
        };
        let meant = there.iter().find(was_in)?;
        let text = format!(
            "{} {}: `{}` keeps the namespace `{said}`, but the {} `{}` is in `{}` now",
            referrer.kind(),
            referrer.name(),
            (reference.path)(),
            meant.kind(),
            meant.name(),
            meant.namespace()
        );
        Some(
            Warning::new(WarningKind::DanglingReference, text, reference.pos)
                .related("now in another namespace", meant.node.pos())
                .hint("set the namespace of the reference with a patch or replacement"),
        )
    }

    /// Returns the object that is called so now, in the namespace of what refers to it.
    pub(in crate::checks) fn find(
        &self,
        kind: &str,
        name: &str,
        namespace: &str,
    ) -> Option<&'a Resource> {
        let found = self.called.of_kind(kind, name);
        let is_there = |object: &&&Resource| effective(object.namespace()) == effective(namespace);
        found.iter().find(is_there).copied()
    }

    /// Returns the objects that had a name and have another one or are in another namespace now.
    pub(in crate::checks) fn formerly(&self, name: &str) -> &[&'a Resource] {
        if !self.former_lengths.may_have(name) {
            return &[];
        }
        self.former_names.get(name).map_or(&[], Vec::as_slice)
    }

    /// Looks for a workload or role of another kind that has or had the name.
    fn other_workload(
        &self,
        referrer: &Resource,
        reference: &Reference<'_>,
        warn: &dyn Fn(WarningKind, String) -> Warning,
    ) -> Option<Warning> {
        let is_workload =
            |kind: &str| matches!(kind, "Deployment" | "StatefulSet" | "ReplicaSet" | "Rollout");
        let is_role = |kind: &str| matches!(kind, "Role" | "ClusterRole");
        let (kind, name) = (reference.kind, reference.name);
        let is_alike = |other: &str| {
            is_workload(kind) && is_workload(other) || is_role(kind) && is_role(other)
        };
        let same = |r: &&&'a Resource| is_alike(r.kind()) && self.same_place(referrer, r);
        let other = self.called.all(name).iter().find(same).copied();
        let other = other.or_else(|| self.former_names.get(name)?.iter().find(same).copied())?;
        let other_kind = other.kind();
        let warning = match other.name() == name {
            // The name is right, and the kind is not.
            true if reference.kind_pos.is_some() => {
                let path = (reference.path)();
                let path = path.trim_end_matches(".name");
                let at = format!("{} {}: `{path}.kind`", referrer.kind(), referrer.name());
                let text =
                    format!("{at} says {kind}, but what is called `{name}` is a {other_kind}");
                Warning::new(WarningKind::WrongReference, text, reference.kind_pos)
            }
            true => warn(
                WarningKind::WrongReference,
                format!("says {kind}, but what is called `{name}` is a {other_kind}"),
            ),
            false => warn(
                WarningKind::DanglingReference,
                format!(
                    "keeps the name `{name}`: there is no {kind} of this name, but a {other_kind} that is called \
                     `{}` now",
                    other.name()
                ),
            ),
        };
        Some(
            warning
                .related("called so", other.node.pos())
                .hint(format!("write `kind: {other_kind}` if that is meant")),
        )
    }

    /// Looks for an object of another kind that has the name.
    fn wrong(
        &self,
        reference: &Reference<'_>,
        name: &str,
        warn: &dyn Fn(WarningKind, String) -> Warning,
    ) -> Option<Warning> {
        let kind = reference.kind;
        // One that was called the same as another of the right kind.
        let other = self.called.all(name).iter().find_map(|other| {
            let first = other.history.previous.first().filter(|first| first.name != name)?;
            let right = self.former.get(&(kind, first.name.as_str()))?;
            (other.kind() != kind).then_some((*other, *right.first()?))
        });
        // A name that is filled in later may become the one that is said.
        let (other, right) = other.filter(|(_, right)| !is_filled_in(right.name()))?;
        let text = format!(
            "says {kind} and was changed to `{name}`, which is a {}; the {kind} is called `{}`",
            other.kind(),
            right.name()
        );
        Some(
            warn(WarningKind::WrongReference, text).related("changed for", other.node.pos()).hint(
                "give the two objects different names, or set the reference with a replacement",
            ),
        )
    }

    /// Returns the object that is most likely meant.
    fn meant(&self, referrer: &Resource, former: &[&'a Resource]) -> Option<&'a Resource> {
        let same = || former.iter().filter(|r| self.same_place(referrer, r));
        let alike = same().find(|r| affixes(r).is_some_and(|of| affixes(referrer) == Some(of)));
        alike.or_else(|| same().next()).or_else(|| former.first()).copied()
    }

    fn same_place(&self, referrer: &Resource, other: &Resource) -> bool {
        self.is_cluster_scoped(referrer)
            || self.is_cluster_scoped(other)
            || effective(referrer.namespace()) == effective(other.namespace())
    }

    fn is_cluster_scoped(&self, resource: &Resource) -> bool {
        self.schema.is_cluster_scoped(resource.api_version(), resource.kind())
    }

    /// Warns about references to ConfigMaps and Secrets that are nearly named like a generated one that is used
    /// elsewhere; of one that is used nowhere more is said.
    fn misspelled(&self, references: &[Referred<'_>], lint: &Lint) {
        let is_used = |resource: &Resource| {
            is_generated(resource) && self.generated.get(resource.name()) == Some(&true)
        };
        let used = self.former.iter().filter(|(_, found)| found.iter().any(|r| is_used(r)));
        let mut used: Vec<(&str, &str)> = used.map(|(name, _)| *name).collect();
        used.sort_unstable();
        if used.is_empty() || used.len() > MOST {
            return;
        }
        for Referred { kind, name: node, .. } in references {
            let Some(name) = node.text() else { continue };
            if !self.called.of_kind(kind, name).is_empty()
                || self.former.contains_key(&(*kind, name))
            {
                continue;
            }
            let of_kind = used.iter().filter(|(of, _)| of == kind).map(|(_, used)| *used);
            let Some(near) = nearest(of_kind, name) else { continue };
            if !differ_beyond_digits(near, name) {
                continue;
            }
            let text = format!("the {kind} `{name}` that is referred to here is not in the build");
            lint.add(
                Warning::new(WarningKind::DanglingReference, text, node.pos())
                    .hint(format!("did you mean `{near}`, which is generated?")),
            );
        }
    }

    /// Warns about generated objects that nothing refers to; `references` are all that the build has.
    pub(in crate::checks) fn unused(
        &self,
        set: &ResourceSet,
        references: &[Referred<'_>],
        lint: &Lint,
    ) {
        self.misspelled(references, lint);
        if self.generated.values().all(|used| *used) {
            return;
        }
        let is_used = |resource: &Resource| {
            let previous = resource.history.previous.iter().map(|p| p.name.as_str());
            previous.chain([resource.name()]).any(|name| self.generated.get(name) == Some(&true))
        };
        if !set.iter().any(may_refer) {
            return;
        }
        let unused: Vec<&Resource> = set
            .iter()
            .filter(|resource| is_generated(resource) && !feeds_others(resource))
            .filter(|resource| has_data(resource))
            .filter(|resource| !is_used(resource))
            .collect();
        let mentioned = mentioned(set, &unused);
        let labels = labels_of_others(set);
        let mut not_there: FxHashMap<&str, Vec<&Node>> = FxHashMap::default();
        for Referred { kind, name, .. } in references {
            if self.called.of_kind(kind, name.text().unwrap_or_default()).is_empty() {
                not_there.entry(*kind).or_default().push(name);
            }
        }
        for resource in unused {
            if mentioned.contains(current_name(resource)) {
                continue;
            }
            let kind = resource.kind();
            let name = resource.original_name();
            let text = format!(
                "nothing in the build refers to the generated {kind} `{name}`, whose name has a hash"
            );
            let of_kind = not_there.get(kind).filter(|names| names.len() <= MOST);
            let of_kind = of_kind.map(Vec::as_slice).unwrap_or_default();
            let texts = || of_kind.iter().filter_map(|node| node.text());
            let near = nearest(texts(), name)
                .or_else(|| texts().find(|other| differ_by_a_word(other, name)));
            // With a label of its own it is found by that.
            if near.is_none() && label_keys(resource).any(|key| !labels.contains(key)) {
                continue;
            }
            let place = of_kind.iter().find(|node| near.is_some() && node.text() == near);
            let place = place.map(|node| node.pos());
            let warning = Warning::new(WarningKind::UnusedGenerated, text, resource.node.pos())
                .unless_used_elsewhere(name)
                .related("nearly named at", place.unwrap_or(Pos::NONE));
            lint.add(match near {
                Some(near) => warning.hint(format!("`{near}` is referred to and not there: is it meant?")),
                None => warning.hint(
                    "remove it, or set `options: {disableNameSuffixHash: true}` if something outside of \
                     this build uses it",
                ),
            });
        }
    }
}
