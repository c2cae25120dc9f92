//! Which referral a reference means.

use ecow::EcoString;

use super::bucket::Bucket;
use super::referral::Referral;
use super::referral_index::{Referrals, Scope};
use super::referrer::{Referrer, wrong};
use crate::diagnostics::hints::AMBIGUOUS_REFERENCE;
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::resource::{Gvk, GvkRef, NO_NAMESPACE, ResId};
use crate::work;
use crate::yaml::{Mapping, Node, Tag};

/// One field with references, and what it takes to follow them.
pub(super) struct Reference<'a> {
    pub(super) referrals: &'a Referrals,
    pub(super) referrer: &'a Referrer,
    /// The kind that the field names.
    pub(super) target: GvkRef<'a>,
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
            Node::Scalar { text, pos, .. } => {
                let found = self
                    .choose(text, None, |a, b| a.id.name == b.id.name)
                    .map_err(|e| e.at(*pos))?;
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

    /// Returns the referral of an object with a name and possibly a namespace.
    fn select_object(&self, name: &str, within: Option<&str>) -> Result<Option<&Referral>> {
        self.choose(name, within, |a, b| a.id.name == b.id.name && a.id.namespace == b.id.namespace)
    }

    /// Narrows down what had the name, rule after rule, until at most one is left.
    fn choose(
        &self,
        name: &str,
        within: Option<&str>,
        same: impl Fn(&Referral, &Referral) -> bool,
    ) -> Result<Option<&Referral>> {
        let (buckets, origin) = match within {
            None => (self.visible(name), None),
            Some(namespace) => self.visible_of(name, namespace),
        };
        let fits = |r: &&Referral| {
            r.was_named(name)
                && r.was_selected_by(self.target)
                && self.role.as_ref().is_none_or(|role| r.was_selected_by(role.borrowed()))
                && origin.is_none_or(|origin| r.origin == origin)
                && self.reaches(r)
                && self.sees(r)
        };
        let numbers = buckets.iter().flat_map(|bucket| bucket.numbers());
        let first: Vec<&Referral> = self.resolve(numbers).filter(fits).take(2).collect();
        if first.len() < 2 {
            return Ok(first.first().copied());
        }
        let own = self.referrer.affixes();
        let agreeing = |empty_agrees| {
            let all = self.referrals.all();
            let lists = buckets.iter().flat_map(move |b| b.agreeing(all, own, empty_agrees));
            self.resolve(lists.flatten())
                .filter(fits)
                .filter(move |r| r.affixes().agree(own, empty_agrees))
        };
        let lenient: Vec<&Referral> = agreeing(true).take(2).collect();
        let found = if lenient.len() > 1 { agreeing(false).collect() } else { lenient };
        match found.as_slice() {
            [] => Ok(None),
            [first, others @ ..] if others.iter().all(|other| same(first, other)) => {
                Ok(Some(first))
            }
            _ => Err(ambiguous(&found)),
        }
    }

    fn resolve<'a>(
        &'a self,
        numbers: impl Iterator<Item = &'a u32>,
    ) -> impl Iterator<Item = &'a Referral> {
        numbers
            .inspect(|_| work::id())
            .filter_map(|&number| self.referrals.all().get(number as usize))
    }

    /// Returns what had the name and kind and may be in the referrer's reach.
    fn visible(&self, name: &str) -> Vec<&Bucket> {
        let bucket = |scope| self.referrals.bucket(name, self.target.kind, scope);
        if self.referrer.id.cluster_scoped {
            return bucket(Scope::Anywhere).into_iter().collect();
        }
        self.referrer.reach.iter().filter_map(|ns| bucket(Scope::In(ns))).collect()
    }

    /// Returns the same for what came from the namespace, which is still to be asked if it is
    /// returned as well; if nothing at all came from it, for what is in it now.
    fn visible_of<'n>(&self, name: &str, namespace: &'n str) -> (Vec<&Bucket>, Option<&'n str>) {
        let Referrer { id, admitted, .. } = self.referrer;
        if namespace == NO_NAMESPACE {
            return (Vec::new(), None);
        }
        let bucket = |scope| self.referrals.bucket(name, self.target.kind, scope);
        let origin_counts = if id.cluster_scoped {
            self.referrals.came_from(namespace)
        } else {
            self.referrals.moved(namespace, id.effective_namespace(), admitted)
        };
        if !origin_counts {
            return (bucket(Scope::In(namespace)).into_iter().collect(), None);
        }
        let from = bucket(Scope::From(namespace));
        // Both ways give the same; the shorter one keeps a thousand tenants linear.
        if id.cluster_scoped || from.is_none_or(|from| from.len() <= admitted.len()) {
            (from.into_iter().collect(), Some(namespace))
        } else {
            (self.visible(name), Some(namespace))
        }
    }

    /// Returns `true` if the referral is in the referrer's reach.
    fn reaches(&self, referral: &Referral) -> bool {
        let Referrer { id, admitted, .. } = self.referrer;
        id.cluster_scoped
            || referral.id.cluster_scoped
            || referral.id.effective_namespace() == id.effective_namespace()
            || admitted.contains(&referral.id.namespace)
    }

    /// Returns `true` if the scopes of both allow the reference; a service account can be named from
    /// other namespaces.
    fn sees(&self, referral: &Referral) -> bool {
        self.referrer.id.cluster_scoped
            || referral.id.cluster_scoped
            || referral.id.gvk.kind == "ServiceAccount"
            || referral.id.effective_namespace() == self.referrer.id.effective_namespace()
    }
}

fn ambiguous(found: &[&Referral]) -> Error {
    let mut ids: Vec<String> = found.iter().map(|r| r.id.to_string()).collect();
    ids.sort_unstable();
    Error::new(
        ErrorKind::Reference,
        format!("found multiple possible referrals: {}", ids.join(", ")),
    )
    .hint(&AMBIGUOUS_REFERENCE)
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
            *tag = Tag::Cleared;
            *text = new.clone();
        }
        other => *other = Node::plain(new.clone()).at(other.pos()),
    }
}
