//! Which referral a reference means.

use std::collections::BTreeSet;

use ecow::EcoString;

use super::referral::{Referral, Referrals};
use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::resource::{DEFAULT_NAMESPACE, Gvk, History, NO_NAMESPACE, ResId, Resource};
use crate::typed::is_string;
use crate::yaml::{Mapping, Node, Tag};

/// The resource that holds references.
pub(super) struct Referrer {
    id: ResId,
    history: History,
    /// Other namespaces that it may reach into, as written.
    admitted: BTreeSet<EcoString>,
}

impl Referrer {
    /// Notes what the selection has to know of a referrer.
    ///
    /// # Errors
    /// If the subjects of a `RoleBinding` are not what they should be.
    pub(super) fn new(cx: &Context, resource: &Resource) -> Result<Referrer> {
        let id = resource.id(&cx.schema);
        let admitted = if id.cluster_scoped || id.gvk.kind != "RoleBinding" {
            BTreeSet::new()
        } else {
            subject_namespaces(resource, &id)?
        };
        Ok(Referrer { id, history: resource.history.clone(), admitted })
    }
}

/// One field with references, and what it takes to follow them.
pub(super) struct Reference<'a> {
    pub(super) referrals: &'a Referrals,
    pub(super) referrer: &'a Referrer,
    /// The kind that the field names.
    pub(super) target: &'a Gvk,
    /// The kind that a `roleRef` itself says it names.
    pub(super) role: Option<Gvk>,
}

impl Reference<'_> {
    /// Puts the current name into a leaf: a name, an object with a name, or a list of these.
    ///
    /// # Errors
    /// If the leaf is none of these, or its name has several possible referrals.
    pub(super) fn fix(&self, leaf: &mut Node) -> Result<()> {
        match leaf {
            Node::Seq { items, .. } => {
                items.make_mut().iter_mut().try_for_each(|item| self.fix_one(item))
            }
            _ => self.fix_one(leaf),
        }
    }

    fn fix_one(&self, node: &mut Node) -> Result<()> {
        if node.is_null() {
            return Ok(());
        }
        match node {
            Node::Scalar { text, .. } => {
                let found = self.select(text, None)?;
                if let Some(referral) = found.filter(|r| r.id.name != *text) {
                    rename(node, &referral.id.name);
                }
                Ok(())
            }
            Node::Map { map, pos, .. } => self.fix_object(map).map_err(|e| e.at(*pos)),
            Node::Seq { pos, .. } => {
                Err(wrong("a name reference is expected to be either a string or a map of string")
                    .at(*pos))
            }
        }
    }

    fn fix_object(&self, object: &mut Mapping) -> Result<()> {
        let Some(name) = object.get("name") else {
            return Err(wrong("path config error; no 'name' field in node"));
        };
        let name = EcoString::from(name.text().unwrap_or_default());
        let within = object.get("namespace").map(|n| n.text().unwrap_or_default());
        let Some(referral) = self.select_object(&name, within)? else {
            return Ok(());
        };
        let ResId { name: new_name, namespace, .. } = &referral.id;
        if *new_name == name && namespace.is_empty() {
            return Ok(());
        }
        put(object, "name", new_name);
        if !namespace.is_empty() {
            put(object, "namespace", namespace);
        }
        Ok(())
    }

    /// Returns the referral of a bare name.
    fn select(&self, name: &str, within: Option<&str>) -> Result<Option<&Referral>> {
        self.choose(name, within, |a, b| a.id.name == b.id.name)
    }

    /// Returns the referral of an object with a name and possibly a namespace.
    fn select_object(&self, name: &str, within: Option<&str>) -> Result<Option<&Referral>> {
        self.choose(name, within, |a, b| a.id.name == b.id.name && a.id.namespace == b.id.namespace)
    }

    fn choose(
        &self,
        name: &str,
        within: Option<&str>,
        same: impl Fn(&Referral, &Referral) -> bool,
    ) -> Result<Option<&Referral>> {
        let mut found = match within {
            None => self.visible(name),
            Some(namespace) => self.visible_of(name, namespace),
        };
        found.retain(|r| {
            r.was_selected_by(self.target)
                && self.role.as_ref().is_none_or(|role| r.was_selected_by(role))
                && self.sees(r)
        });
        for empty_agrees in [true, false] {
            if found.len() > 1 {
                found.retain(|r| self.agrees(r, empty_agrees));
            }
        }
        match found.as_slice() {
            [] => Ok(None),
            [first, others @ ..] if others.iter().all(|other| same(first, other)) => {
                Ok(Some(first))
            }
            _ => Err(ambiguous(&found)),
        }
    }

    /// Returns what had the name and is in the referrer's reach.
    fn visible(&self, name: &str) -> Vec<&Referral> {
        let Referrer { id, admitted, .. } = self.referrer;
        if id.cluster_scoped {
            return self.referrals.anywhere(name).collect();
        }
        let own = id.effective_namespace();
        let mut found: Vec<&Referral> = self.referrals.within(name, own).collect();
        found.extend(self.referrals.within(name, NO_NAMESPACE));
        for other in admitted {
            let effective = if other.is_empty() { DEFAULT_NAMESPACE } else { other };
            if effective != own {
                let there = self.referrals.within(name, effective);
                found.extend(there.filter(|r| r.id.namespace == *other));
            }
        }
        found
    }

    /// Returns what had the name, is in the referrer's reach and came from the namespace; if nothing
    /// at all came from it, what is in it now.
    fn visible_of(&self, name: &str, namespace: &str) -> Vec<&Referral> {
        let Referrer { id, admitted, .. } = self.referrer;
        if namespace == NO_NAMESPACE {
            return Vec::new();
        }
        let origin_counts = if id.cluster_scoped {
            self.referrals.came_from(namespace)
        } else {
            self.referrals.moved(namespace, id.effective_namespace(), admitted)
        };
        if !origin_counts {
            return self.referrals.within(name, namespace).filter(|r| self.reaches(r)).collect();
        }
        // Both ways give the same; the shorter one keeps a thousand tenants linear.
        if id.cluster_scoped || self.referrals.count_from(name, namespace) <= admitted.len() {
            return self.referrals.from(name, namespace).filter(|r| self.reaches(r)).collect();
        }
        let mut found = self.visible(name);
        found.retain(|r| r.original_namespace == namespace);
        found
    }

    /// Tells whether the referral is in the referrer's reach.
    fn reaches(&self, referral: &Referral) -> bool {
        let Referrer { id, admitted, .. } = self.referrer;
        id.cluster_scoped
            || referral.id.cluster_scoped
            || referral.id.effective_namespace() == id.effective_namespace()
            || admitted.contains(&referral.id.namespace)
    }

    /// Tells whether the scopes of both allow the reference; a service account can be named from
    /// other namespaces.
    fn sees(&self, referral: &Referral) -> bool {
        self.referrer.id.cluster_scoped
            || referral.id.cluster_scoped
            || referral.id.gvk.kind == "ServiceAccount"
            || referral.id.effective_namespace() == self.referrer.id.effective_namespace()
    }

    /// Tells whether both went through the same outer prefixes and suffixes.
    fn agrees(&self, referral: &Referral, empty_agrees: bool) -> bool {
        let history = &self.referrer.history;
        same_tail(&referral.prefixes, &history.prefixes, empty_agrees)
            && same_tail(&referral.suffixes, &history.suffixes, empty_agrees)
    }
}

/// Returns the kind that the `roleRef` of a binding says it names, if that is the field.
pub(super) fn role_of(resource: &Resource, path: &str) -> Option<Gvk> {
    if !path.ends_with("roleRef/name") {
        return None;
    }
    let role = resource.node.get("roleRef")?;
    let text = |key| Some(EcoString::from(role.get(key)?.text().unwrap_or_default()));
    Some(Gvk { group: text("apiGroup")?, version: EcoString::new(), kind: text("kind")? })
}

/// Returns the namespaces of the service accounts that a `RoleBinding` names.
fn subject_namespaces(resource: &Resource, id: &ResId) -> Result<BTreeSet<EcoString>> {
    let mut namespaces = BTreeSet::new();
    let Some(subjects) = resource.node.get("subjects").and_then(Node::as_seq) else {
        return Ok(namespaces);
    };
    for subject in subjects {
        let Node::Map { map, .. } = subject else {
            return Err(
                wrong(format!("subjects of {id} must be a list of objects")).at(subject.pos())
            );
        };
        let (Some(namespace), Some(kind)) = (map.get("namespace"), map.get("kind")) else {
            continue;
        };
        if !is_string(kind) {
            return Err(
                wrong(format!("the kind of a subject of {id} must be a string")).at(kind.pos())
            );
        }
        if kind.text() != Some("ServiceAccount") {
            continue;
        }
        let text = namespace.text().filter(|_| is_string(namespace)).ok_or_else(|| {
            wrong(format!("Invalid Input: namespace is blank for resource \"{id}\""))
                .at(namespace.pos())
        })?;
        namespaces.insert(text.into());
    }
    Ok(namespaces)
}

/// Tells whether the shorter list is the end of the longer one.
fn same_tail(a: &[EcoString], b: &[EcoString], empty_agrees: bool) -> bool {
    if a.is_empty() || b.is_empty() {
        return empty_agrees || a.len() == b.len();
    }
    a.ends_with(b) || b.ends_with(a)
}

fn ambiguous(found: &[&Referral]) -> Error {
    let mut ids: Vec<String> = found.iter().map(|r| r.id.to_string()).collect();
    ids.sort_unstable();
    Error::new(
        ErrorKind::Reference,
        format!("found multiple possible referrals: {}", ids.join(", ")),
    )
    .hint("give the objects different names, or refer to one by its full new name")
}

fn wrong(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Reference, message)
}

/// Writes a scalar of an object, in the style of the old one.
fn put(object: &mut Mapping, key: &str, text: &EcoString) {
    match object.get_mut(key) {
        Some(old) => rename(old, text),
        None => object.set(key, Node::plain(text.clone())),
    }
}

/// Writes the text of a scalar; its quotes stay, an explicit tag does not.
fn rename(node: &mut Node, new: &EcoString) {
    match node {
        Node::Scalar { tag, text, .. } => {
            *tag = Tag::None;
            *text = new.clone();
        }
        other => *other = Node::plain(new.clone()).at(other.pos()),
    }
}
