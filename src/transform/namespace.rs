//! `namespace` (docs/spec/transformers.md, section 2).

use ecow::{EcoString, EcoVec};
use serde::Deserialize;

use super::Transformer;
use super::each::specs_of;
use crate::build_context::Context;
use crate::diagnostics::hints::NAMESPACES_BECOME_ONE;
use crate::diagnostics::{Detail, Error, ErrorKind, Result};
use crate::fieldspec::{
    Create, FieldSpec, SpecList, SpecRef, SpecsByKind, TransformerConfig, set_scalar, wrong_kind,
};
use crate::kustomization::{FieldSpecArgs, Kustomization, ObjectMeta};
use crate::resource::{Resource, ResourceSet};
use crate::yaml::{Kind, Mapping, Node, Pos, Tag};

/// Moves everything namespaced into one namespace.
#[derive(Clone, Debug)]
pub(crate) struct Namespace {
    namespace: EcoString,
    pos: Pos,
    /// `metadata/namespace`, which everything namespaced has.
    own: FieldSpec,
    /// More fields that name the namespace.
    specs: SpecList,
    subjects: Subjects,
    unset_only: bool,
}

/// Which subjects of a binding are moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Subjects {
    /// Those named `default`.
    #[default]
    DefaultOnly,
    /// All of kind `ServiceAccount`.
    AllServiceAccounts,
    /// None.
    None,
}

/// The config of a `NamespaceTransformer`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct NamespaceConfig {
    /// Its namespace is the one.
    pub(crate) metadata: ObjectMeta,
    /// More fields that name it.
    pub(crate) field_specs: Vec<FieldSpecArgs>,
    /// Whether only missing and empty fields are written.
    pub(crate) unset_only: bool,
    /// `defaultOnly`, `allServiceAccounts` or `none`.
    pub(crate) set_role_binding_subjects: String,
}

impl Namespace {
    /// Configures the step, if there is one.
    pub(crate) fn from_kustomization(
        kustomization: &Kustomization,
        config: &TransformerConfig,
    ) -> Option<Namespace> {
        let namespace = &kustomization.namespace;
        (!namespace.is_empty())
            .then(|| Namespace::new(namespace, namespace.pos, config.namespace.clone()))
    }

    /// Configures the step of a plugin; without a namespace it does nothing.
    ///
    /// # Errors
    /// If the mode for subjects is not known.
    pub(crate) fn from_config(config: &NamespaceConfig) -> Result<Namespace> {
        let subjects = match config.set_role_binding_subjects.as_str() {
            "" | "defaultOnly" => Subjects::DefaultOnly,
            "allServiceAccounts" => Subjects::AllServiceAccounts,
            "none" => Subjects::None,
            other => {
                let message = format!(
                    "invalid value {other:?} for setRoleBindingSubjects: must be one of \
                     \"defaultOnly\", \"none\" or \"allServiceAccounts\""
                );
                return Err(Error::new(ErrorKind::Transformer, message));
            }
        };
        let specs = specs_of(&config.field_specs);
        let step = Namespace::new(&config.metadata.namespace, Pos::NONE, specs);
        Ok(Namespace { subjects, unset_only: config.unset_only, ..step })
    }

    fn new(namespace: &str, pos: Pos, specs: impl Into<SpecList>) -> Namespace {
        Namespace {
            namespace: namespace.into(),
            pos,
            own: FieldSpec::any_kind("metadata/namespace", true),
            specs: specs.into(),
            subjects: Subjects::default(),
            unset_only: false,
        }
    }

    /// Moves one resource, and what the field specs find in it.
    ///
    /// # Errors
    /// If a field has a wrong kind.
    pub(super) fn change(
        &self,
        cx: &Context,
        resource: &mut Resource,
        specs: &[SpecRef<'_>],
    ) -> Result<()> {
        // Ids hold it, too.
        cx.account.charge_text(self.namespace.len())?;
        let schema = &cx.schema;
        let kind = resource.kind();
        let cluster_scoped = schema.is_cluster_scoped(resource.api_version(), kind);
        let is_binding = is_binding(kind);
        if !cluster_scoped && !self.keeps_null(resource) {
            self.own
                .borrowed()
                .apply(resource, cx, Create::String, &mut |leaf| self.write(cx, leaf))?;
        }
        if is_binding {
            self.change_subjects(cx, resource)
                .map_err(|e| e.context("setting namespace on (cluster)role binding subjects"))?;
        }
        for spec in specs.iter().filter(|spec| !is_done_anyway(spec)) {
            // The name of a core Namespace is the namespace itself; other names are not.
            if spec.path.text == "metadata/name" && resource.api_version() != "v1" {
                continue;
            }
            spec.apply(resource, cx, Create::String, &mut |leaf| self.write(cx, leaf)).map_err(
                |e| {
                    let prefix = match e.detail() {
                        Some(Detail::WrongNodeKind) => {
                            "namespace field specs must target scalar nodes"
                        }
                        _ => "namespace transformation failed",
                    };
                    e.context(prefix)
                },
            )?;
        }
        Ok(())
    }

    /// Odd: with `unsetOnly`, an explicit null stays (not one that is written as nothing)
    /// (case transform/namespace-unset-only-null).
    fn keeps_null(&self, resource: &Resource) -> bool {
        let old = resource.node.get_path(&["metadata", "namespace"]);
        self.unset_only && old.is_some_and(|n| n.is_null() && n.text() != Some(""))
    }

    fn change_subjects(&self, cx: &Context, binding: &mut Resource) -> Result<()> {
        let (key, value) = match self.subjects {
            Subjects::DefaultOnly => ("name", "default"),
            Subjects::AllServiceAccounts => ("kind", "ServiceAccount"),
            Subjects::None => return Ok(()),
        };
        let Some(subjects) = binding.node.get("subjects").filter(|s| !s.is_null()) else {
            return Ok(());
        };
        let Some(items) = subjects.as_seq() else {
            return Err(wrong_kind(subjects, Kind::Seq));
        };
        let mut chosen = Vec::new();
        for (i, subject) in items.iter().enumerate().filter(|(_, s)| !s.is_null()) {
            let looking_up = |e: Error| {
                e.context(format_args!("looking up {key} on (cluster)role binding subject"))
            };
            let map = subject.as_map().ok_or_else(|| looking_up(wrong_kind(subject, Kind::Map)))?;
            let Some(found) = map.get(key) else { continue };
            let text = found.text().ok_or_else(|| looking_up(wrong_kind(found, Kind::Scalar)))?;
            if text == value {
                chosen.push(i);
            }
        }
        if chosen.is_empty() {
            return Ok(());
        }
        let subjects = binding.node.get_mut("subjects").and_then(Node::as_seq_mut);
        let Some(subjects) = subjects.map(EcoVec::make_mut) else {
            return Ok(());
        };
        for i in chosen {
            let Some(subject) = subjects.get_mut(i).and_then(Node::as_map_mut) else {
                continue;
            };
            match subject.get_mut("namespace") {
                Some(old) if old.is_null() => *old = self.node(),
                Some(old) => self.write(cx, old)?,
                None => subject.set("namespace", self.node()),
            }
        }
        Ok(())
    }

    fn write(&self, cx: &Context, leaf: &mut Node) -> Result<()> {
        if self.unset_only && leaf.text().is_some_and(|old| !old.is_empty() && !leaf.is_null()) {
            return Ok(());
        }
        cx.mark_again(leaf, &self.namespace);
        set_scalar(leaf, self.namespace.clone(), Tag::Str)
    }

    fn node(&self) -> Node {
        Node::str(self.namespace.clone()).at(self.pos).written()
    }
}

impl Transformer for Namespace {
    fn run(&self, cx: &Context, resources: &mut ResourceSet) -> Result<()> {
        if self.namespace.is_empty() {
            return Ok(());
        }
        let mut specs = SpecsByKind::new(&self.specs);
        for slot in resources.slot_numbers() {
            let Some(resource) = resources.get(slot) else {
                continue;
            };
            if resource.history.helm_generated
                || resource.node.as_map().is_none_or(Mapping::is_empty)
            {
                continue;
            }
            let of_kind = specs.of(resource.gvk_ref());
            resources
                .rename(slot, &cx.schema, |resource| {
                    resource.remember_id(&cx.schema);
                    self.change(cx, resource, of_kind)
                })
                .transpose()?;
            // Odd: the others may be about to move away, and still count
            // (case transform/namespace-transient-clash).
            check_unique(cx, resources, slot).map_err(|e| e.at(self.pos))?;
        }
        Ok(())
    }
}

/// Checks that no other resource has the id of the one in `slot`.
fn check_unique(cx: &Context, resources: &ResourceSet, slot: usize) -> Result<()> {
    let has_twin = resources.may_have_twin(slot) && resources.has_twin(slot, &cx.schema);
    let Some(resource) = resources.get(slot).filter(|_| has_twin) else {
        return Ok(());
    };
    let id = resource.id(&cx.schema);
    let same: Vec<&Resource> = resources
        .find_any(&id, &cx.schema)
        .into_iter()
        .filter_map(|slot| resources.get(slot))
        .filter(|other| other.id(&cx.schema).equals(&id))
        .collect();
    let ids: Vec<String> = same.iter().map(|other| other.id(&cx.schema).to_string()).collect();
    let message = format!("namespace transformation produces ID conflict: [{}]", ids.join(" "));
    let error = Error::new(ErrorKind::Conflict, message)
        .at(resource.node.pos())
        .hint(&NAMESPACES_BECOME_ONE);
    Err(same
        .iter()
        .filter(|r| r.node.pos() != resource.node.pos())
        .fold(error, |error, other| error.related("the other is at", other.node.pos())))
}

/// Returns `true` if a spec names what is written without one.
fn is_done_anyway(spec: &SpecRef<'_>) -> bool {
    match spec.path.text {
        "metadata/namespace" => true,
        "subjects/namespace" => is_binding(spec.gvk.kind),
        _ => false,
    }
}

fn is_binding(kind: &str) -> bool {
    matches!(kind, "RoleBinding" | "ClusterRoleBinding")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::{object, run};

    fn step() -> Namespace {
        Namespace::new("new", Pos::NONE, TransformerConfig::builtin().namespace.clone())
    }

    fn moved(step: &Namespace, trees: &[&str]) -> Result<String> {
        run(&[step], trees).map(|all| all.join("\n"))
    }

    #[test]
    fn sets_the_namespace() {
        let built = moved(&step(), &[&object("v1", "Foo", "x", r#","namespace":"old""#)]).unwrap();
        assert_eq!(built, object("v1", "Foo", "x", r#","namespace":"new""#));
    }

    #[test]
    fn renames_core_namespaces_only() {
        let built = moved(&step(), &[&object("v1", "Namespace", "x", "")]).unwrap();
        assert!(built.contains(r#""name":"new""#), "{built}");
        let built = moved(&step(), &[&object("foo/v1", "Namespace", "x", "")]).unwrap();
        assert!(built.contains(r#""name":"x""#), "{built}");
    }

    #[test]
    fn moves_subjects() {
        let binding = |rest: &str| {
            let start =
                r#"{"apiVersion":"v1","kind":"RoleBinding","metadata":{"name":"b"},"subjects""#;
            format!("{start}:[{rest}]}}")
        };
        let subjects = binding(
            r#"{"kind":"ServiceAccount","name":"default"},{"kind":"ServiceAccount","name":"x"},{"kind":"User","name":"default","namespace":"keep"}"#,
        );
        let moved = |subjects_mode: Subjects| {
            let built =
                moved(&Namespace { subjects: subjects_mode, ..step() }, &[&subjects]).unwrap();
            built.matches(r#""new""#).count() - 1
        };
        assert_eq!(moved(Subjects::DefaultOnly), 2);
        assert_eq!(moved(Subjects::AllServiceAccounts), 2);
        assert_eq!(moved(Subjects::None), 0);
    }

    #[test]
    fn refuses_clashes_even_passing_ones() {
        let old = object("v1", "Foo", "x", r#","namespace":"a""#);
        let new = object("v1", "Foo", "x", r#","namespace":"new""#);
        let error = moved(&step(), &[&old, &new]).unwrap_err();
        assert!(error.message().starts_with("namespace transformation produces ID conflict: ["));
        assert!(moved(&step(), &[&new, &object("v1", "Foo", "y", "")]).is_ok());
    }

    #[test]
    fn fills_only_what_is_empty_if_told_so() {
        let step = Namespace { unset_only: true, ..step() };
        let kept = object("v1", "Foo", "x", r#","namespace":"old""#);
        assert_eq!(moved(&step, &[&kept]).unwrap(), kept);
        let empty = object("v1", "Foo", "x", r#","namespace":"""#);
        assert!(moved(&step, &[&empty]).unwrap().contains(r#""namespace":"new""#));
    }

    #[test]
    fn says_which_field_is_no_scalar() {
        let bad = r#"{"apiVersion":"apiregistration.k8s.io/v1","kind":"APIService","metadata":{"name":"x"},"spec":{"service":{"namespace":[1]}}}"#;
        let error = moved(&step(), &[bad]).unwrap_err();
        assert!(error.message().starts_with(
            "namespace field specs must target scalar nodes: considering field 'spec/service/namespace' of object APIService.v1.apiregistration.k8s.io/x"
        ), "{error}");
    }
}
