//! `labels` and `commonLabels` (docs/spec/transformers.md, section 3).

use ecow::EcoVec;
use serde::Deserialize;

use super::Transformer;
use super::each::specs_of;
use super::entries::Entries;
use crate::build_context::Context;
use crate::checks::overlays::version_labels;
use crate::diagnostics::{Lint, Result, Warning, WarningKind};
use crate::fieldspec::{FieldSpec, SpecList, TransformerConfig, reaches};
use crate::kustomization::{FieldSpecArgs, Kustomization, Label, StringMap};
use crate::resource::{Resource, ResourceSet};
use crate::yaml::{Located, Pos};

/// Sets labels, and selectors if the field specs say so.
#[derive(Clone, Debug)]
pub(crate) struct Labels {
    entries: Entries,
    /// The fields that the entry itself gives, and under which name.
    own: EcoVec<FieldSpec>,
    own_name: &'static str,
    /// The field that has the labels, or `None` if the entry is them.
    labels_name: &'static str,
}

/// The config of a `LabelTransformer`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct LabelConfig {
    /// The labels.
    pub(crate) labels: StringMap,
    /// Where they go.
    pub(crate) field_specs: Vec<FieldSpecArgs>,
}

impl Labels {
    /// Configures one step per entry of `labels`, and then always one for `commonLabels`.
    ///
    /// # Errors
    /// If the fields of an entry are in conflict with the configuration.
    pub(crate) fn from_kustomization(
        kustomization: &Kustomization,
        config: &TransformerConfig,
    ) -> Result<Vec<Labels>> {
        if kustomization.labels.is_empty() && kustomization.common_labels.is_empty() {
            return Ok(Vec::new());
        }
        let mut steps = Vec::with_capacity(kustomization.labels.len() + 1);
        for (i, label) in kustomization.labels.iter().enumerate() {
            let specs = specs(label, config)
                .map_err(|e| e.at(label.pos).in_field(format!("labels[{i}]")))?;
            let entries = Entries::new(&label.pairs, label.pos, specs);
            let own = specs_of(&label.fields);
            steps.push(Labels { entries, own, own_name: "fields", labels_name: "pairs" });
        }
        let common = &kustomization.common_labels;
        let entries = Entries::new(common, Pos::NONE, config.common_labels.clone());
        steps.push(Labels { entries, own: EcoVec::new(), own_name: "", labels_name: "" });
        Ok(steps)
    }

    /// Configures the step of a plugin.
    pub(crate) fn from_config(config: &LabelConfig) -> Labels {
        let own = specs_of(&config.field_specs);
        Labels {
            entries: Entries::new(&config.labels, Pos::NONE, own.clone()),
            own,
            own_name: "fieldSpecs",
            labels_name: "labels",
        }
    }
}

impl Transformer for Labels {
    fn run(&self, cx: &Context, resources: &mut ResourceSet) -> Result<()> {
        self.entries.run(cx, resources)?;
        if let Some(lint) = &cx.lint
            && !self.entries.is_empty()
        {
            self.warn_unused(lint, resources);
            let field = |key: &str| match self.labels_name {
                "" => key.to_owned(),
                name => format!("{name}.{key}"),
            };
            let (labels, pos) = (self.entries.pairs(), self.entries.pos());
            version_labels::check(lint, labels, pos, field, resources);
        }
        Ok(())
    }
}

impl Labels {
    /// Warns about fields that no resource has; the step has run, so what it creates is there.
    fn warn_unused(&self, lint: &Lint, resources: &ResourceSet) {
        for (i, spec) in self.own.iter().enumerate() {
            let has_field = |resource: &Resource| {
                resource.gvk().is_selected_by(&spec.gvk)
                    && reaches(&resource.node, spec.path.borrowed(), &mut |_| true)
            };
            if !resources.iter().any(has_field) {
                let text = format!(
                    "no resource has the field `{}` for the labels",
                    spec.path.borrowed().text
                );
                lint.add(
                    Warning::new(WarningKind::UnusedLabel, text, Pos::NONE)
                        .in_field(format!("{}[{i}]", self.own_name))
                        .hint("check group, version, kind and path, or add `create: true`"),
                );
            }
        }
        if resources.len() == 0 {
            let text = "there is no resource to label";
            // In a repository a stub waits for its resources.
            lint.add(Warning::new(WarningKind::UnusedLabel, text, Pos::NONE).if_alone(true));
        }
    }
}

/// Returns the fields of an entry of `labels`: its own first, which the others give way to.
fn specs(label: &Located<Label>, config: &TransformerConfig) -> Result<SpecList> {
    let mut specs = SpecList::from(specs_of(&label.fields));
    let mut add = |list: &SpecList, what| {
        specs.add(list).map_err(|e| e.context(format_args!("failed to merge {what}")))
    };
    add(&config.labels, "labels")?;
    if label.include_selectors {
        add(&config.common_labels, "labels")?;
        return Ok(specs);
    }
    if label.include_templates {
        add(&config.template_labels, "template fieldSpec")?;
    }
    if label.include_volume_claim_templates {
        add(&config.volume_claim_template_labels, "volumeClaimTemplate fieldSpec")?;
    }
    add(&EcoVec::from([FieldSpec::any_kind("metadata/labels", true)]).into(), "labels")?;
    Ok(specs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::{object, run};

    const DEPLOYMENT: &str =
        r#"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d"}}"#;

    fn labels(label: Label, common: &[(&str, &str)], tree: &str) -> Result<String> {
        let pairs = |list: &[(&str, &str)]| {
            list.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect::<StringMap>()
        };
        let kustomization = Kustomization {
            labels: vec![Located {
                value: Label { pairs: pairs(&[("a", "1")]), ..label },
                pos: Pos::NONE,
            }],
            common_labels: pairs(common),
            ..Kustomization::default()
        };
        let config = TransformerConfig::builtin();
        let steps = Labels::from_kustomization(&kustomization, &config)?;
        let steps: Vec<&dyn Transformer> = steps.iter().map(|s| s as &dyn Transformer).collect();
        run(&steps, &[tree]).map(|all| all.concat())
    }

    #[test]
    fn sets_labels_of_metadata_only() {
        let tree = object("v1", "Foo", "f", r#","labels":{"b":"x","a":5}"#);
        assert!(
            labels(Label::default(), &[], &tree).unwrap().contains(r#""labels":{"a":"1","b":"x"}"#)
        );
        assert!(!labels(Label::default(), &[], DEPLOYMENT).unwrap().contains("spec"));
    }

    #[test]
    fn includes_templates_and_selectors() {
        let label = Label { include_templates: true, ..Label::default() };
        let built = labels(label, &[], DEPLOYMENT).unwrap();
        assert!(
            built.ends_with(r#""spec":{"template":{"metadata":{"labels":{"a":"1"}}}}}"#),
            "{built}"
        );
        let label = Label { include_selectors: true, ..Label::default() };
        let built = labels(label, &[], DEPLOYMENT).unwrap();
        assert!(built.contains(r#""selector":{"matchLabels":{"a":"1"}}"#), "{built}");
    }

    #[test]
    fn common_labels_come_last() {
        let built = labels(Label::default(), &[("a", "2")], DEPLOYMENT).unwrap();
        assert!(built.contains(r#""metadata":{"name":"d","labels":{"a":"2"}}"#), "{built}");
    }

    #[test]
    fn own_fields_replace_the_general_one() {
        let field = |create| FieldSpecArgs {
            path: "metadata/labels".into(),
            kind: "Foo".into(),
            create,
            ..FieldSpecArgs::default()
        };
        let label = Label { fields: vec![field(true)], ..Label::default() };
        assert!(!labels(label, &[], DEPLOYMENT).unwrap().contains("labels"));
        let label = Label { fields: vec![field(false)], ..Label::default() };
        let error = labels(label, &[], DEPLOYMENT).unwrap_err();
        assert_eq!(error.message(), "failed to merge labels: conflicting fieldspecs");
    }

    #[test]
    fn what_one_step_created_stays_one() {
        let step = |value: &str, include_selectors| {
            let pairs = [("a".to_string(), value.to_string())].into_iter().collect();
            let value = Label { pairs, include_selectors, ..Label::default() };
            let labels = vec![Located { value, pos: Pos::NONE }];
            let kustomization = Kustomization { labels, ..Kustomization::default() };
            Labels::from_kustomization(&kustomization, &TransformerConfig::builtin()).unwrap()
        };
        let (base, overlay) = (step("base", true), step("over", false));
        let built = run(&[&base[0], &overlay[0]], &[DEPLOYMENT]).unwrap().concat();
        assert_eq!(built.matches(r#"{"a":"over"}"#).count(), 3, "{built}");
        // Labels that were there before are separate.
        let built = run(&[&base[0], &overlay[0]], &[&built]).unwrap().concat();
        assert_eq!(built.matches(r#"{"a":"base"}"#).count(), 2, "{built}");
    }
}
