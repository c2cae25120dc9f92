//! Which resources a selector of a kustomization means.

use ecow::EcoString;

use crate::diagnostics::{Error, Result};
use crate::kustomization::Selector;
use crate::resource::{GvkRef, IdPart, Label, Resource, ResourceSet};
use crate::schema::Schema;
use crate::select::{LabelSelector, Pattern, Patterns};
use crate::work;

/// The compiled `target` of a patch.
#[derive(Clone, Debug)]
pub(crate) struct TargetSelector {
    id: IdPatterns,
    metadata: MetadataSelector,
    /// As it is written.
    written: Selector,
}

/// The one condition of a selector that no resource meets which meets all others.
pub(crate) struct Wrong<'s> {
    /// Its field, such as `group`.
    pub(crate) field: &'static str,
    /// As it is written.
    pub(crate) written: &'s str,
    /// What a resource that meets all others has.
    pub(crate) there: String,
}

impl TargetSelector {
    /// Compiles a selector.
    ///
    /// # Errors
    /// If one of its patterns is none.
    pub(crate) fn new(selector: &Selector, patterns: &Patterns) -> Result<TargetSelector> {
        Ok(TargetSelector {
            id: IdPatterns::new(selector, patterns)?,
            metadata: MetadataSelector::new(selector),
            written: selector.clone(),
        })
    }

    /// Returns the pattern of the kind as it is written.
    pub(crate) fn kind(&self) -> &str {
        &self.written.kind
    }

    /// Returns the pattern of the name as it is written.
    pub(crate) fn name(&self) -> &str {
        &self.written.name
    }

    /// Returns the condition that selects nothing, if kind and name select something and all others do.
    pub(crate) fn wrong(&self, set: &ResourceSet) -> Option<Wrong<'_>> {
        let wrong = self.of_kind_and_name(set).find_map(|resource| {
            if !self.id.kind.matches(resource.kind()) || !self.id.name.matches(resource.name()) {
                return None;
            }
            let gvk = resource.gvk_ref();
            let labels = matches(&self.metadata.labels, resource, "labels");
            let annotations = matches(&self.metadata.annotations, resource, "annotations");
            let conditions = [
                ("group", self.id.group.matches(gvk.group), gvk.group),
                ("version", self.id.version.matches(gvk.version), gvk.version),
                (
                    "namespace",
                    self.id.namespace.matches(resource.namespace()),
                    resource.namespace(),
                ),
                ("labelSelector", labels.unwrap_or(true), ""),
                ("annotationSelector", annotations.unwrap_or(true), ""),
            ];
            let mut wrong = conditions.into_iter().filter(|(_, fits, _)| !fits);
            match (wrong.next(), wrong.next()) {
                (Some((field, _, there)), None) => Some((field, there.to_owned())),
                _ => None,
            }
        });
        let (field, there) = wrong?;
        let written = match field {
            "group" => &self.written.group,
            "version" => &self.written.version,
            "namespace" => &self.written.namespace,
            "labelSelector" => &self.written.label_selector,
            _ => &self.written.annotation_selector,
        };
        Some(Wrong { field, written, there })
    }

    /// Returns the resource that is meant but for its group and version.
    pub(crate) fn of_other_version<'r>(&self, set: &'r ResourceSet) -> Option<&'r Resource> {
        self.of_kind_and_name(set).find(|resource| {
            let gvk = resource.gvk_ref();
            self.id.kind.matches(resource.kind())
                && self.id.name.matches(resource.name())
                && self.id.namespace.matches(resource.namespace())
                && !self.id.group.matches(gvk.group)
                && !self.id.version.matches(gvk.version)
        })
    }

    /// Returns the resources that may have the kind and the name that are meant, in order.
    fn of_kind_and_name<'r>(
        &self,
        set: &'r ResourceSet,
    ) -> impl Iterator<Item = &'r Resource> + use<'r> {
        let id = IdPatterns {
            kind: self.id.kind.clone(),
            name: self.id.name.clone(),
            ..IdPatterns::default()
        };
        let any = MetadataSelector::new(&Selector::default());
        candidates(&id, &any, set).into_iter().filter_map(|slot| set.get(slot))
    }

    /// Returns `true` if the pattern of the kind matches.
    pub(crate) fn is_kind(&self, kind: &str) -> bool {
        self.id.kind.matches(kind)
    }

    /// Returns the slots of the selected resources, in order.
    ///
    /// # Errors
    /// If the label or annotation selector is wrong and a resource passed everything before it.
    pub(crate) fn select(&self, resources: &ResourceSet, schema: &Schema) -> Result<Vec<usize>> {
        let mut selected = Vec::new();
        for slot in candidates(&self.id, &self.metadata, resources) {
            let Some(resource) = resources.get(slot) else {
                continue;
            };
            if self.matches(resource, schema)? {
                selected.push(slot);
            }
        }
        Ok(selected)
    }

    /// Returns `true` if one resource is selected.
    ///
    /// # Errors
    /// As [`select`](Self::select).
    pub(crate) fn matches(&self, resource: &Resource, schema: &Schema) -> Result<bool> {
        work::id();
        let id = &self.id;
        if !id.matches_gvk(|| resource.gvk_ref()) {
            return Ok(false);
        }
        // Name and namespace may be those of the first or the current id, each for itself.
        if !id.name.is_any() {
            let first = resource.history.previous.first();
            if !id.name.matches(resource.name())
                && !first.is_some_and(|first| id.name.matches(&first.name))
            {
                return Ok(false);
            }
        }
        if !id.namespace.is_any() {
            let current = resource.id_ref(schema).namespace;
            let first = resource.previous_id_refs(schema).next();
            if !id.namespace.matches(current)
                && !first.is_some_and(|first| id.namespace.matches(first.namespace))
            {
                return Ok(false);
            }
        }
        self.metadata.matches(resource)
    }
}

/// The patterns of a selector that look at ids.
#[derive(Clone, Debug, Default)]
pub(crate) struct IdPatterns {
    /// Of the group.
    pub(crate) group: Pattern,
    /// Of the version.
    pub(crate) version: Pattern,
    /// Of the kind.
    pub(crate) kind: Pattern,
    /// Of the name.
    pub(crate) name: Pattern,
    /// Of the namespace.
    pub(crate) namespace: Pattern,
}

impl IdPatterns {
    /// Compiles the patterns.
    ///
    /// # Errors
    /// If one of them is none.
    pub(crate) fn new(selector: &Selector, patterns: &Patterns) -> Result<IdPatterns> {
        let pattern =
            |field, text: &str| Pattern::new(text, patterns).map_err(|e| e.in_field(field));
        Ok(IdPatterns {
            group: pattern("group", &selector.group)?,
            version: pattern("version", &selector.version)?,
            kind: pattern("kind", &selector.kind)?,
            name: pattern("name", &selector.name)?,
            namespace: pattern("namespace", &selector.namespace)?,
        })
    }

    /// Returns `true` if all of them are empty.
    pub(crate) fn is_any(&self) -> bool {
        let Self { group, version, kind, name, namespace } = self;
        [group, version, kind, name, namespace].into_iter().all(Pattern::is_any)
    }

    /// Returns `true` if there is nothing but a literal kind, which is all that [`candidates`] look for.
    pub(crate) fn is_kind_alone(&self) -> bool {
        let Self { group, version, kind, name, namespace } = self;
        kind.literal().is_some()
            && [group, version, name, namespace].into_iter().all(Pattern::is_any)
    }

    /// Returns `true` if group, version and kind match; they are only asked for if they matter.
    pub(crate) fn matches_gvk<'a>(&self, gvk: impl FnOnce() -> GvkRef<'a>) -> bool {
        let Self { group, version, kind, .. } = self;
        if [group, version, kind].into_iter().all(Pattern::is_any) {
            return true;
        }
        let gvk = gvk();
        kind.matches(gvk.kind) && group.matches(gvk.group) && version.matches(gvk.version)
    }
}

/// Up to this number of resources, looking for fewer is not worth it.
const FEW: usize = 8;

/// Returns the slots, in order, that may match: those found through an index where the name, its
/// beginning, a label, an annotation or another part of ids is given literally, else all.
pub(crate) fn candidates(
    id: &IdPatterns,
    metadata: &MetadataSelector,
    resources: &ResourceSet,
) -> Vec<usize> {
    if let Some(name) = id.name.literal() {
        return match id.namespace.literal() {
            // What a wrong label selector says must not depend on the namespace.
            Some(namespace) if metadata.is_any() => resources.find_by_place(name, namespace),
            _ => resources.find_by_name(name).collect(),
        };
    }
    if id.name.begins_literally() {
        return by_text(IdPart::Name, &id.name, resources);
    }
    if let Some(slots) = by_labels(metadata, resources) {
        return slots;
    }
    if let Some(slots) = by_rarest(id, resources).filter(|_| metadata.is_any()) {
        return slots;
    }
    match id.kind.literal() {
        // Names are quicker to look through than resources, if there are not many more of them.
        Some(kind)
            if !id.name.is_quick() || resources.count_of_kind(kind) < resources.len() / 2 =>
        {
            resources.find_by_kind(kind).collect()
        }
        None if !id.name.is_quick() => resources.slots().map(|(slot, _)| slot).collect(),
        _ => by_text(IdPart::Name, &id.name, resources),
    }
}

/// Returns the slots, in order, of the resources of which a part of ids may match a pattern. A pattern whose work
/// is counted is only asked about resources that pass all before it.
fn by_text(part: IdPart, pattern: &Pattern, resources: &ResourceSet) -> Vec<usize> {
    let is = |text: &str| !pattern.is_quick() || pattern.matches(text);
    resources.find_by_text(part, &pattern.prefixes(), is)
}

/// Returns the slots, in order, of the resources with the label or annotation that the fewest have of those that
/// are asked for.
fn by_labels(metadata: &MetadataSelector, resources: &ResourceSet) -> Option<Vec<usize>> {
    let (Ok(labels), Ok(annotations)) = (&metadata.labels, &metadata.annotations) else {
        return None;
    };
    let of = |map, wanted: &LabelSelector| {
        let found = |(key, values): (_, Option<&[EcoString]>)| match values {
            None => vec![resources.find_by_label(Label { map, key, value: None })],
            Some(values) => {
                let values = values.iter().map(|value| Label { map, key, value: Some(value) });
                values.map(|label| resources.find_by_label(label)).collect()
            }
        };
        wanted.wanted().map(found).collect::<Vec<_>>()
    };
    let found = of("labels", labels).into_iter().chain(of("annotations", annotations));
    let rarest = found.min_by_key(|slots| slots.iter().map(|slots| slots.len()).sum::<usize>())?;
    let mut slots: Vec<usize> = rarest.into_iter().flatten().map(|&slot| slot as usize).collect();
    slots.sort_unstable();
    slots.dedup();
    Some(slots)
}

/// Returns the slots, in order, of the resources that have the part of ids that the fewest have of those that are
/// asked for; or `None` if more than half of all have it.
fn by_rarest(id: &IdPatterns, resources: &ResourceSet) -> Option<Vec<usize>> {
    let mut rarest = None;
    let mut most = resources.len() / 2;
    if let Some(kind) = id.kind.literal() {
        most = most.min(resources.count_of_kind(kind));
    }
    let parts = [
        (IdPart::Namespace, &id.namespace),
        (IdPart::Group, &id.group),
        (IdPart::Version, &id.version),
        (IdPart::Kind, &id.kind),
    ];
    for (part, pattern) in parts.into_iter().filter(|(_, pattern)| pattern.begins_literally()) {
        if most <= FEW || part == IdPart::Kind && pattern.literal().is_some() {
            break;
        }
        let count = resources.count_by_text(part, &pattern.prefixes(), most);
        if count < most {
            (rarest, most) = (Some((part, pattern)), count);
        }
    }
    rarest.map(|(part, pattern)| by_text(part, pattern, resources))
}

/// The label and annotation selectors of a selector.
///
/// A wrong one is answered only when a resource gets as far as being asked, as upstream does.
#[derive(Clone, Debug)]
pub(crate) struct MetadataSelector {
    labels: std::result::Result<LabelSelector, Error>,
    annotations: std::result::Result<LabelSelector, Error>,
    any: bool,
}

impl MetadataSelector {
    /// Parses both.
    pub(crate) fn new(selector: &Selector) -> MetadataSelector {
        let parse = |field, text| LabelSelector::parse(text).map_err(|e| e.in_field(field));
        MetadataSelector {
            labels: parse("labelSelector", &selector.label_selector),
            annotations: parse("annotationSelector", &selector.annotation_selector),
            any: selector.label_selector.is_empty() && selector.annotation_selector.is_empty(),
        }
    }

    /// Returns `true` if both are empty.
    pub(crate) fn is_any(&self) -> bool {
        self.any
    }

    /// Checks that both can be parsed.
    ///
    /// # Errors
    /// If one cannot.
    pub(crate) fn check(&self) -> Result<()> {
        self.labels.as_ref().and(self.annotations.as_ref()).map(|_| ()).map_err(Clone::clone)
    }

    /// Returns `true` if the labels and annotations of a resource match.
    ///
    /// # Errors
    /// If a selector is wrong.
    pub(crate) fn matches(&self, resource: &Resource) -> Result<bool> {
        if self.any {
            return Ok(true);
        }
        Ok(matches(&self.labels, resource, "labels")?
            && matches(&self.annotations, resource, "annotations")?)
    }
}

fn matches(
    selector: &std::result::Result<LabelSelector, Error>,
    resource: &Resource,
    map: &str,
) -> Result<bool> {
    let map = resource.metadata_map(map);
    let selector = selector.as_ref().map_err(Clone::clone)?;
    Ok(selector.matches(|key| map?.get(key).map(|value| value.text().unwrap_or_default())))
}
