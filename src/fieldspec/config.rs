//! The transformer configuration of a layer: lists of field specs by transformer
//! (docs/spec/accumulation.md, section 6).

use super::{ReferenceList, SpecList, defaults};
use crate::diagnostics::Result;

/// Which fields each transformer changes. Cloning is cheap.
///
/// A layer's configuration is [`builtin`](Self::builtin) merged with its files, and that merged into
/// what the layer has from its bases; [`merge`](Self::merge) is the only way lists come together.
#[derive(Clone, Debug, Default)]
pub(crate) struct TransformerConfig {
    /// For `namePrefix`.
    pub(crate) name_prefix: SpecList,
    /// For `nameSuffix`.
    pub(crate) name_suffix: SpecList,
    /// For `namespace`.
    pub(crate) namespace: SpecList,
    /// For `commonLabels`, and `labels` with `includeSelectors`.
    pub(crate) common_labels: SpecList,
    /// For every entry of `labels`.
    pub(crate) labels: SpecList,
    /// For `labels` with `includeTemplates`.
    pub(crate) template_labels: SpecList,
    /// For `labels` with `includeVolumeClaimTemplates`.
    pub(crate) volume_claim_template_labels: SpecList,
    /// For `commonAnnotations`.
    pub(crate) common_annotations: SpecList,
    /// For the fix-up of names that changed.
    pub(crate) name_reference: ReferenceList,
    /// For `vars`.
    pub(crate) var_reference: SpecList,
    /// For `images`.
    pub(crate) images: SpecList,
    /// For `replicas`.
    pub(crate) replicas: SpecList,
}

impl TransformerConfig {
    /// Returns the defaults.
    pub(crate) fn builtin() -> TransformerConfig {
        TransformerConfig {
            name_prefix: SpecList::Builtin(&defaults::NAME_PREFIX),
            name_suffix: SpecList::Builtin(&defaults::NAME_PREFIX),
            namespace: SpecList::Builtin(&defaults::NAMESPACE),
            common_labels: SpecList::Builtin(&defaults::COMMON_LABELS),
            labels: SpecList::default(),
            template_labels: SpecList::Builtin(&defaults::TEMPLATE_LABELS),
            volume_claim_template_labels: SpecList::Builtin(
                &defaults::VOLUME_CLAIM_TEMPLATE_LABELS,
            ),
            common_annotations: SpecList::Builtin(&defaults::COMMON_ANNOTATIONS),
            name_reference: ReferenceList::Builtin(&defaults::NAME_REFERENCE),
            var_reference: SpecList::Builtin(&defaults::VAR_REFERENCE),
            images: SpecList::Builtin(&defaults::IMAGES),
            replicas: SpecList::Builtin(&defaults::REPLICAS),
        }
    }

    /// Returns the defaults merged with the files of a layer, which are merged with each other first.
    ///
    /// # Errors
    /// If specs of the same field differ in `create`.
    pub(crate) fn builtin_with(files: &[TransformerConfig]) -> Result<TransformerConfig> {
        let mut own = TransformerConfig::default();
        files.iter().try_for_each(|file| own.merge(file))?;
        let mut config = TransformerConfig::builtin();
        config.merge(&own)?;
        Ok(config)
    }

    /// Merges another configuration into this and sorts all lists.
    ///
    /// # Errors
    /// If specs of the same field differ in `create`.
    pub(crate) fn merge(&mut self, other: &TransformerConfig) -> Result<()> {
        let merge = |list: &mut SpecList, other: &SpecList, name: &str| {
            list.merge(other)
                .map_err(|e| e.context(format_args!("failed to merge {name} fieldSpec")))
        };
        merge(&mut self.name_prefix, &other.name_prefix, "NamePrefix")?;
        merge(&mut self.name_suffix, &other.name_suffix, "NameSuffix")?;
        merge(&mut self.namespace, &other.namespace, "NameSpace")?;
        merge(&mut self.common_annotations, &other.common_annotations, "CommonAnnotations")?;
        merge(&mut self.common_labels, &other.common_labels, "CommonLabels")?;
        merge(&mut self.labels, &other.labels, "Labels")?;
        merge(&mut self.template_labels, &other.template_labels, "TemplateLabels")?;
        merge(
            &mut self.volume_claim_template_labels,
            &other.volume_claim_template_labels,
            "VolumeClaimTemplateLabels",
        )?;
        merge(&mut self.var_reference, &other.var_reference, "VarReference")?;
        self.name_reference
            .merge(&other.name_reference)
            .map_err(|e| e.context("failed to merge NameReference fieldSpec"))?;
        merge(&mut self.images, &other.images, "Images")?;
        merge(&mut self.replicas, &other.replicas, "Replicas")
    }
}

#[cfg(test)]
mod tests {
    use ecow::EcoVec;

    use super::*;
    use crate::fieldspec::FieldSpec;
    use crate::fieldspec::merge::{merge_references, merge_specs, sort_by_gvk};
    use crate::fieldspec::path::{FieldPath, Part};
    use crate::test_support::json;

    fn config(file: &str) -> TransformerConfig {
        TransformerConfig::from_file(&json(file)).unwrap()
    }

    /// The configuration of a top layer with one file, as lines of kind, path and `create`.
    fn layer(file: &str, list: fn(&TransformerConfig) -> &SpecList) -> Result<Vec<String>> {
        let mut all = TransformerConfig::default();
        all.merge(&TransformerConfig::builtin_with(&[config(file)])?)?;
        let show = |s: &FieldSpec| format!("{} {} {}", s.gvk.kind, s.path.text, s.create);
        Ok(list(&all).specs().iter().map(show).collect())
    }

    #[test]
    fn tables_are_closed_under_merging() {
        let tables = TransformerConfig::builtin();
        let lists = [&tables.common_labels, &tables.var_reference, &tables.images];
        for list in lists.into_iter().chain([&tables.common_annotations, &tables.namespace]) {
            let mut merged = EcoVec::new();
            merge_specs(&mut merged, &list.specs()).unwrap();
            sort_by_gvk(&mut merged, 0, |s| &s.gvk);
            assert_eq!(merged, list.specs());
        }
        let mut references = EcoVec::new();
        for _ in 0..2 {
            merge_references(&mut references, &tables.name_reference.references()).unwrap();
            sort_by_gvk(&mut references, 0, |r| &r.gvk);
            assert_eq!(references, tables.name_reference.references());
        }
    }

    #[test]
    fn the_compiler_parses_paths_as_the_program_does() {
        let tables = TransformerConfig::builtin();
        let references = tables.name_reference.references();
        let fields = references.iter().flat_map(|reference| reference.fields.iter().cloned());
        let labels = tables.common_labels.specs().into_iter().chain(tables.images.specs());
        for FieldSpec { path, .. } in fields.chain(labels) {
            let parsed = FieldPath::parse(&path.text);
            let shape = |path: &FieldPath| {
                let path = path.borrowed();
                let part = |p: &Part| (path.name(p).to_owned(), p.list, p.lookup);
                path.parts.iter().map(part).collect::<Vec<_>>()
            };
            assert_eq!(shape(&path), shape(&parsed), "{}", path.text);
        }
    }

    #[test]
    fn a_special_spec_shadows_the_general_default() {
        let file = r#"{"namePrefix":[{"path":"metadata/name","kind":"Foo"}]}"#;
        let specs = layer(file, |c| &c.name_prefix).unwrap();
        assert_eq!(specs, ["Foo metadata/name false"]);
    }

    #[test]
    fn a_general_spec_gives_way_to_a_special_default() {
        let file = r#"{"COMMONANNOTATIONS":[{"path":"spec/template/metadata/annotations","create":true}]}"#;
        let specs = layer(file, |c| &c.common_annotations).unwrap();
        assert_eq!(specs.len(), defaults::COMMON_ANNOTATIONS.rows().len());
    }

    #[test]
    fn refuses_specs_that_differ_in_create() {
        let file = r#"{"namePrefix":[{"path":"metadata/name","create":true}]}"#;
        let error = layer(file, |c| &c.name_prefix).unwrap_err();
        assert_eq!(error.message(), "failed to merge NamePrefix fieldSpec: conflicting fieldspecs");
    }

    #[test]
    fn a_special_spec_of_the_same_file_hides_the_conflict() {
        let file = r#"{"commonLabels":[{"path":"spec/template/metadata/labels"},
            {"path":"spec/template/metadata/labels","kind":"Foo"}]}"#;
        let specs = layer(file, |c| &c.common_labels).unwrap();
        assert!(specs.contains(&"Foo spec/template/metadata/labels false".to_string()));
        assert!(!specs.contains(&" spec/template/metadata/labels false".to_string()));
    }

    #[test]
    fn merges_references_to_the_same_kind() {
        let file = r#"{"nameReference":[
            {"kind":"ConfigMap","version":"v1","fieldSpecs":[{"kind":"Foo","path":"x"}]},
            {"kind":"ConfigMap","fieldSpecs":[{"kind":"Foo","path":"y"}]}]}"#;
        let merged = TransformerConfig::builtin_with(&[config(file)]).unwrap();
        let references = merged.name_reference.references();
        let maps: Vec<_> = references.iter().filter(|r| r.gvk.kind == "ConfigMap").collect();
        assert_eq!(maps.iter().map(|r| r.fields.len()).collect::<Vec<_>>(), [53, 1]);
        assert_eq!(&*maps[0].fields[52].path.text, "x");
    }
}
