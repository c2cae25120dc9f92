//! `replicas` (docs/spec/transformers.md, section 5).

use ecow::{EcoString, EcoVec, eco_format};
use serde::Deserialize;

use super::Transformer;
use super::each::specs_of;
use crate::build_context::Context;
use crate::checks;
use crate::checks::kubernetes::differ_by_a_word;
use crate::diagnostics::hints::NO_REPLICAS;
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::fieldspec::{Create, FieldSpec, TransformerConfig, set_scalar};
use crate::kustomization::{FieldSpecArgs, Kustomization, Replica};
use crate::resource::{Gvk, Resource, ResourceSet};
use crate::yaml::{Located, Node, Pos, Tag, nearest};

/// Sets the numbers of replicas: all entries of a list, one after the other.
#[derive(Clone, Debug)]
pub(crate) struct Replicas {
    entries: Vec<Located<Replica>>,
    specs: EcoVec<FieldSpec>,
}

/// The config of a `ReplicaCountTransformer`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct ReplicaCountConfig {
    /// What to set.
    pub(crate) replica: Replica,
    /// Where.
    pub(crate) field_specs: Vec<FieldSpecArgs>,
}

impl Replicas {
    /// Configures the step, if there is one.
    pub(crate) fn from_kustomization(
        kustomization: &Kustomization,
        config: &TransformerConfig,
    ) -> Option<Replicas> {
        let entries = &kustomization.replicas;
        (!entries.is_empty())
            .then(|| Replicas { entries: entries.clone(), specs: config.replicas.specs() })
    }

    /// Configures the step of a plugin.
    pub(crate) fn from_config(config: &ReplicaCountConfig) -> Replicas {
        let entry = Located { value: config.replica.clone(), pos: Pos::NONE };
        Replicas { entries: vec![entry], specs: specs_of(&config.field_specs) }
    }
}

impl Transformer for Replicas {
    fn run(&self, cx: &Context, resources: &mut ResourceSet) -> Result<()> {
        let may_change_id = self.specs.iter().any(|spec| spec.path.borrowed().may_change_id());
        for (i, entry) in self.entries.iter().enumerate() {
            let count = eco_format!("{}", entry.count);
            let mut found = false;
            let mut slots: Vec<usize> = resources.find_by_name(&entry.name).collect();
            for spec in &self.specs {
                for &slot in &slots {
                    let Some(resource) = resources.get(slot) else {
                        continue;
                    };
                    if !has_id(resource, &entry.name, &spec.gvk) {
                        continue;
                    }
                    found = true;
                    // Odd: found by any id, but changed only if the current kind is one of the spec's
                    // (case replicas/kind-changed).
                    if resource.gvk().is_selected_by(&spec.gvk) {
                        let set = |resource: &mut Resource| {
                            spec.borrowed().apply(resource, cx, Create::Int, &mut |leaf| {
                                if let Some(lint) = &cx.lint {
                                    checks::overlays::overruled::replicas(lint, i, leaf, &count);
                                }
                                cx.mark_again(leaf, &count);
                                set_count(leaf, count.clone())
                            })
                        };
                        if may_change_id {
                            resources.update(slot, &cx.schema, set).transpose()?;
                        } else {
                            resources.get_mut(slot).map(set).transpose()?;
                        }
                    }
                }
                if may_change_id {
                    slots = resources.find_by_name(&entry.name).collect();
                }
            }
            if !found {
                return Err(self.no_match(entry, resources).in_field(format!("[{i}]")));
            }
        }
        Ok(())
    }

    fn count(&self) -> usize {
        self.entries.len()
    }
}

impl Replicas {
    fn no_match(&self, entry: &Located<Replica>, resources: &ResourceSet) -> Error {
        let kinds: Vec<String> = self.specs.iter().map(|spec| spec.gvk.to_string()).collect();
        let message = format!(
            "resource with name {} does not match a config with the following GVK [{}]",
            entry.name,
            kinds.join(" ")
        );
        Error::new(ErrorKind::Transformer, message)
            .at(entry.pos)
            .hint(NO_REPLICAS.with(self.advice(&entry.name, resources)))
    }

    /// Says which workload is most likely meant by a name that none has.
    fn advice(&self, name: &str, resources: &ResourceSet) -> String {
        if self.specs.is_empty() {
            return "give the config `fieldSpecs`, as in `fieldSpecs: [{kind: Deployment, path: spec/replicas}]`"
                .to_owned();
        }
        if name.is_empty() {
            return "give the entry the `name` of a workload".to_owned();
        }
        let mut namesakes: Vec<&Resource> =
            resources.iter().filter(|resource| resource.name() == name).collect();
        let has_pods = |resource: &&Resource| {
            resource.node.get_path(&["spec", "template"]).is_some()
                || matches!(resource.kind(), "CronJob" | "Pod" | "Rollout")
        };
        // A Service or ServiceAccount of the name is hardly what is to be scaled.
        namesakes.sort_by_key(|resource| !has_pods(resource));
        let namesake = namesakes.first().copied();
        let near = match namesake.filter(has_pods) {
            None => self.near(name, resources),
            Some(_) => None,
        };
        match (namesake, near) {
            (None, Some(near)) => {
                format!("no workload here is named `{name}`: did you mean `{}`?", near.name())
            }
            (Some(other), Some(near)) => format!(
                "`{name}` is a {} here, and no workload is named so: did you mean the {} `{}`?",
                other.kind(),
                near.kind(),
                near.name()
            ),
            (Some(other), None) => format!(
                "`{name}` is a {}, which `replicas` does not take (Deployment, StatefulSet, ReplicaSet and \
                 ReplicationController only)",
                other.kind()
            ),
            (None, None) => format!(
                "no workload here is named `{name}`; the name is that before prefix and suffix of this layer"
            ),
        }
    }

    /// Returns the workload that a name nearly is of: one that is nearly named or labelled so, or the only one.
    fn near<'r>(&self, name: &str, resources: &'r ResourceSet) -> Option<&'r Resource> {
        let is_taken = |resource: &&Resource| {
            let gvk = resource.gvk();
            self.specs.iter().any(|spec| gvk.is_selected_by(&spec.gvk))
        };
        let workloads: Vec<&Resource> = resources.iter().filter(is_taken).collect();
        let only_one = |is_it: &dyn Fn(&Resource) -> bool| {
            let mut found = workloads.iter().copied().filter(|workload| is_it(workload));
            found.next().filter(|_| found.next().is_none())
        };
        if let Some(near) = nearest(workloads.iter().map(|workload| workload.name()), name) {
            return workloads.iter().copied().find(|workload| workload.name() == near);
        }
        let is_labelled = |workload: &Resource| {
            let label = |key| workload.node.get_path(&["metadata", "labels", key])?.text();
            ["app", "app.kubernetes.io/name"].into_iter().any(|key| label(key) == Some(name))
        };
        only_one(&|workload| differ_by_a_word(workload.name(), name))
            .or_else(|| only_one(&is_labelled))
            .or_else(|| only_one(&|_| true))
    }
}

/// Returns `true` if a resource has or had an id of this name whose kind is selected.
fn has_id(resource: &Resource, name: &str, selector: &Gvk) -> bool {
    let current = resource.gvk();
    if resource.name() == name && current.is_selected_by(selector) {
        return true;
    }
    resource.history.previous.iter().any(|id| {
        id.name == name && Gvk { kind: id.kind.clone(), ..current.clone() }.is_selected_by(selector)
    })
}

/// Writes a count. Odd: quotes around the old one stay, and make the new one a string (case
/// replicas/quoted-stays-quoted), unless a tag was in front of them (case replicas/tagged).
fn set_count(leaf: &mut Node, count: EcoString) -> Result<()> {
    set_scalar(leaf, count, Tag::Int)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::{object, run};
    use crate::transform::affix::Affix;

    fn step(entries: &[(&str, i64)]) -> Replicas {
        let entry = |&(name, count): &(&str, i64)| Located {
            value: Replica { name: name.into(), count },
            pos: Pos::NONE,
        };
        let specs = TransformerConfig::builtin().replicas.specs();
        Replicas { entries: entries.iter().map(entry).collect(), specs }
    }

    #[test]
    fn finds_resources_by_any_name() {
        let config = TransformerConfig::builtin();
        let prefix = Affix::prefix("p-", config.name_prefix.specs());
        let tree = object("apps/v1", "Deployment", "d", "");
        for name in ["d", "p-d"] {
            let built = run(&[&prefix, &step(&[(name, -1), (name, 4)])], &[&tree]).unwrap();
            assert!(built[0].ends_with(r#""spec":{"replicas":4}}"#), "{}", built[0]);
        }
    }

    #[test]
    fn keeps_quotes() {
        let tree = r#"{"kind":"ReplicaSet","metadata":{"name":"d"},"spec":{"replicas":"7"}}"#;
        let built = run(&[&step(&[("d", 4)])], &[tree]).unwrap();
        assert!(built[0].ends_with(r#""spec":{"replicas":"4"}}"#), "{}", built[0]);
    }

    #[test]
    fn refuses_an_unknown_name() {
        let error =
            run(&[&step(&[("svc", 4)])], &[&object("v1", "Service", "svc", "")]).unwrap_err();
        assert_eq!(
            error.message(),
            "resource with name svc does not match a config with the following GVK \
             [Deployment.[noVer].[noGrp] StatefulSet.[noVer].[noGrp] ReplicaSet.[noVer].[noGrp] \
             ReplicationController.[noVer].[noGrp]]"
        );
    }
}
