//! The resources that hold references.

use std::collections::BTreeSet;

use ecow::{EcoString, EcoVec};

use super::referral::Affixes;
use crate::build_context::Context;
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::resource::{DEFAULT_NAMESPACE, Gvk, NO_NAMESPACE, ResId, Resource};
use crate::yaml::{Node, is_string};

/// A resource that holds references.
pub(super) struct Referrer {
    /// The current id.
    pub(super) id: ResId,
    /// Other namespaces that it may reach into, as written.
    pub(super) admitted: BTreeSet<EcoString>,
    /// All effective namespaces that it may reach into, each once; a cluster-scoped one reaches
    /// everywhere.
    pub(super) reach: Vec<EcoString>,
    prefixes: EcoVec<EcoString>,
    suffixes: EcoVec<EcoString>,
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
        let effective = |namespace: &EcoString| match namespace.as_str() {
            "" => DEFAULT_NAMESPACE.into(),
            _ => namespace.clone(),
        };
        let mut reach = vec![id.effective_namespace().into(), NO_NAMESPACE.into()];
        reach.extend(admitted.iter().map(effective));
        reach.sort_unstable();
        reach.dedup();
        Ok(Referrer {
            reach,
            admitted,
            prefixes: resource.history.prefixes.clone(),
            suffixes: resource.history.suffixes.clone(),
            id,
        })
    }

    /// Returns the prefixes and suffixes it went through.
    pub(super) fn affixes(&self) -> Affixes<'_> {
        Affixes { prefixes: &self.prefixes, suffixes: &self.suffixes }
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

/// Returns the error for an object whose references cannot be read.
pub(super) fn wrong(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Reference, message)
}
