//! `namePrefix` and `nameSuffix` (docs/spec/transformers.md, section 1).

use ecow::{EcoString, eco_format};
use serde::Deserialize;

use super::Transformer;
use super::each::specs_of;
use crate::build_context::Context;
use crate::diagnostics::Result;
use crate::fieldspec::{Create, SpecList, SpecRef, SpecsByKind, TransformerConfig, set_scalar};
use crate::kustomization::{FieldSpecArgs, Kustomization};
use crate::resource::annotations::{self, Notes};
use crate::resource::{GvkRef, Resource, ResourceSet};
use crate::yaml::{Node, Tag};

/// Puts a text before or after names.
#[derive(Clone, Debug)]
pub(crate) struct Affix {
    value: EcoString,
    side: Side,
    specs: SpecList,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Before,
    After,
}

/// The config of a `PrefixTransformer`, `SuffixTransformer` or `PrefixSuffixTransformer`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct PrefixSuffixConfig {
    /// The prefix.
    pub(crate) prefix: String,
    /// The suffix.
    pub(crate) suffix: String,
    /// Where they go; not the same as none if missing.
    pub(crate) field_specs: Option<Vec<FieldSpecArgs>>,
}

impl Affix {
    /// Configures the step of `namePrefix`, if there is one.
    pub(crate) fn prefix_from(k: &Kustomization, config: &TransformerConfig) -> Option<Affix> {
        let specs = || config.name_prefix.clone();
        (!k.name_prefix.is_empty()).then(|| Affix::prefix(&k.name_prefix, specs()))
    }

    /// Configures the step of `nameSuffix`, if there is one.
    pub(crate) fn suffix_from(k: &Kustomization, config: &TransformerConfig) -> Option<Affix> {
        let specs = || config.name_suffix.clone();
        (!k.name_suffix.is_empty()).then(|| Affix::suffix(&k.name_suffix, specs()))
    }

    /// Configures a prefix.
    pub(crate) fn prefix(value: &str, specs: impl Into<SpecList>) -> Affix {
        Affix { value: value.into(), side: Side::Before, specs: specs.into() }
    }

    /// Configures a suffix.
    pub(crate) fn suffix(value: &str, specs: impl Into<SpecList>) -> Affix {
        Affix { value: value.into(), side: Side::After, specs: specs.into() }
    }

    /// Configures the prefix step of a plugin.
    pub(crate) fn prefix_from_config(config: &PrefixSuffixConfig) -> Affix {
        Affix::prefix(&config.prefix, specs_of(config.field_specs.as_deref().unwrap_or_default()))
    }

    /// Configures the suffix step of a plugin.
    pub(crate) fn suffix_from_config(config: &PrefixSuffixConfig) -> Affix {
        Affix::suffix(&config.suffix, specs_of(config.field_specs.as_deref().unwrap_or_default()))
    }

    fn change(&self, cx: &Context, resource: &mut Resource, specs: &[SpecRef<'_>]) -> Result<()> {
        for spec in specs {
            if spec.path.text == "metadata/name" && !self.value.is_empty() {
                let history = &mut resource.history;
                let notes = match self.side {
                    Side::Before => {
                        history.prefixes.push(self.value.clone());
                        Notes::Prefixes
                    }
                    Side::After => {
                        history.suffixes.push(self.value.clone());
                        Notes::Suffixes
                    }
                };
                annotations::reserve(resource, notes);
                resource.remember_id(&cx.schema);
            }
            // Odd: the specs were chosen by the original kind, but apply to the current one only
            // (case transform/prefix-after-a-kind-change).
            if resource.gvk_ref().is_selected_by(spec.gvk) {
                spec.apply(resource, cx, Create::String, &mut |leaf| self.write(cx, leaf))?;
            }
        }
        Ok(())
    }

    fn write(&self, cx: &Context, leaf: &mut Node) -> Result<()> {
        let old = leaf.text().unwrap_or_default();
        cx.account.charge_text(old.len().saturating_add(self.value.len()))?;
        let new = match self.side {
            Side::Before => eco_format!("{}{old}", self.value),
            Side::After => eco_format!("{old}{}", self.value),
        };
        set_scalar(leaf, new, Tag::Cleared)
    }
}

impl Transformer for Affix {
    fn run(&self, cx: &Context, resources: &mut ResourceSet) -> Result<()> {
        let mut specs = SpecsByKind::new(&self.specs);
        for slot in resources.slot_numbers() {
            let Some(resource) = resources.get(slot) else {
                continue;
            };
            let gvk = GvkRef::parse(resource.api_version(), resource.original_kind());
            if keeps_its_name(gvk) {
                continue;
            }
            let of_kind = specs.of(gvk);
            if !of_kind.is_empty() {
                resources
                    .rename(slot, &cx.schema, |resource| self.change(cx, resource, of_kind))
                    .transpose()?;
            }
        }
        Ok(())
    }
}

/// Returns `true` if objects of a kind are never renamed.
fn keeps_its_name(gvk: GvkRef<'_>) -> bool {
    match gvk.kind {
        "CustomResourceDefinition" | "Namespace" => true,
        "APIService" => gvk.group == "apiregistration.k8s.io",
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build_context::Context;
    use crate::test_support::{object, run, set, show};

    fn affixed(api_version: &str, kind: &str) -> String {
        let config = TransformerConfig::builtin();
        let prefix = Affix::prefix("p-", config.name_prefix.clone());
        let suffix = Affix::suffix("-s", config.name_suffix.clone());
        run(&[&prefix, &suffix], &[&object(api_version, kind, "x", "")]).unwrap().concat()
    }

    #[test]
    fn renames_all_but_some_kinds() {
        assert_eq!(affixed("v1", "Foo"), object("v1", "Foo", "p-x-s", ""));
        assert_eq!(affixed("foo/v1", "APIService"), object("foo/v1", "APIService", "p-x-s", ""));
        for (api_version, kind) in [
            ("apiregistration.k8s.io/v1", "APIService"),
            ("foo/v1", "Namespace"),
            ("x/v1", "CustomResourceDefinition"),
        ] {
            assert_eq!(affixed(api_version, kind), object(api_version, kind, "x", ""));
        }
    }

    #[test]
    fn remembers_names_and_affixes() {
        let cx = Context::new(crate::schema::Schema::builtin());
        let mut resources = set(&cx, &[&object("v1", "Foo", "x", "")]);
        let config = TransformerConfig::builtin();
        Affix::prefix("p-", config.name_prefix.clone()).run(&cx, &mut resources).unwrap();
        Affix::suffix("-s", config.name_suffix.clone()).run(&cx, &mut resources).unwrap();
        let resource = resources.iter().next().unwrap();
        let names: Vec<_> = resource.history.previous.iter().map(|p| &*p.name).collect();
        assert_eq!(names, ["x", "p-x"]);
        assert_eq!((&*resource.history.prefixes[0], &*resource.history.suffixes[0]), ("p-", "-s"));
        assert_eq!(resources.find_by_name("x").collect::<Vec<_>>(), [0]);
        assert!(show(&resource.node).contains("p-x-s"));
    }
}
