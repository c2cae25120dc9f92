//! The fields of a kustomization file. One struct per kind of entry; what a missing or null field
//! means is its type's default. Names of fields match without regard to case, and an unknown one is
//! refused by the deserializer. Which fields exist, and their types: spec data kustomization-schema.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde::de::Error;
use serde::{Deserialize, Deserializer};

use crate::yaml::{Located, Node, embedded};

/// String to string, in the order of the keys' bytes.
pub(crate) type StringMap = IndexMap<String, String>;

/// A kustomization file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Kustomization {
    /// `Kustomization` or `Component`.
    pub(crate) kind: String,
    /// Its version.
    pub(crate) api_version: String,
    /// Checked for shape, otherwise ignored.
    pub(crate) metadata: Option<ObjectMeta>,
    /// A custom schema: `path` or `version`.
    pub(crate) openapi: StringMap,
    /// Put before every name.
    pub(crate) name_prefix: Located<String>,
    /// Put after every name.
    pub(crate) name_suffix: Located<String>,
    /// Set on everything namespaced.
    pub(crate) namespace: Located<String>,
    /// Deprecated: labels, selectors included.
    pub(crate) common_labels: StringMap,
    /// Labels.
    pub(crate) labels: Vec<Located<Label>>,
    /// Annotations.
    pub(crate) common_annotations: StringMap,
    /// Deprecated: patch texts or files.
    pub(crate) patches_strategic_merge: Vec<Located<String>>,
    /// Deprecated: JSON patches.
    #[serde(rename = "patchesJson6902")]
    pub(crate) patches_json6902: Vec<Located<Patch>>,
    /// Patches.
    pub(crate) patches: Vec<Located<Patch>>,
    /// New names, tags and digests of images.
    pub(crate) images: Vec<Located<Image>>,
    /// Deprecated: `images`.
    pub(crate) image_tags: Vec<Located<Image>>,
    /// Values copied from field to field.
    pub(crate) replacements: Vec<Located<Replacement>>,
    /// Numbers of replicas.
    pub(crate) replicas: Vec<Located<Replica>>,
    /// Deprecated: variables.
    pub(crate) vars: Vec<Located<Var>>,
    /// Order of the output.
    pub(crate) sort_options: Option<SortOptions>,
    /// Files and bases.
    pub(crate) resources: Vec<Located<String>>,
    /// Components.
    pub(crate) components: Vec<Located<String>>,
    /// Files with field information of custom kinds.
    pub(crate) crds: Vec<Located<String>>,
    /// Deprecated: `resources`.
    pub(crate) bases: Vec<Located<String>>,
    /// Config maps to make.
    pub(crate) config_map_generator: Vec<Located<GeneratorArgs>>,
    /// Secrets to make.
    pub(crate) secret_generator: Vec<Located<GeneratorArgs>>,
    /// Where charts are.
    pub(crate) helm_globals: Option<HelmGlobals>,
    /// Charts to inflate.
    pub(crate) helm_charts: Vec<Located<HelmChart>>,
    /// Deprecated: `helmCharts`.
    pub(crate) helm_chart_inflation_generator: Vec<Located<HelmChartArgs>>,
    /// Options for both generator lists.
    pub(crate) generator_options: Option<GeneratorOptions>,
    /// Transformer configuration files.
    pub(crate) configurations: Vec<Located<String>>,
    /// Configs of more generators.
    pub(crate) generators: Vec<Located<String>>,
    /// Configs of more transformers.
    pub(crate) transformers: Vec<Located<String>>,
    /// Configs of validators.
    pub(crate) validators: Vec<Located<String>>,
    /// Which origins are shown.
    pub(crate) build_metadata: Vec<Located<String>>,
}

/// Metadata of the file itself.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct ObjectMeta {
    /// A name.
    pub(crate) name: String,
    /// A namespace.
    pub(crate) namespace: String,
    /// Labels.
    pub(crate) labels: StringMap,
    /// Annotations.
    pub(crate) annotations: StringMap,
}

/// A field of some kinds of object.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename = "FieldSpec", rename_all = "camelCase")]
pub(crate) struct FieldSpecArgs {
    /// Group, or any.
    #[serde(deserialize_with = "embedded")]
    pub(crate) group: String,
    /// Version, or any.
    #[serde(deserialize_with = "embedded")]
    pub(crate) version: String,
    /// Kind, or any.
    #[serde(deserialize_with = "embedded")]
    pub(crate) kind: String,
    /// The field.
    pub(crate) path: String,
    /// Whether to create it.
    pub(crate) create: bool,
}

/// An entry of `labels`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Label {
    /// The labels.
    pub(crate) pairs: StringMap,
    /// Also in selectors.
    pub(crate) include_selectors: bool,
    /// Also in pod templates.
    pub(crate) include_templates: bool,
    /// Also in volume claim templates.
    pub(crate) include_volume_claim_templates: bool,
    /// More fields.
    pub(crate) fields: Vec<FieldSpecArgs>,
}

/// Selects resources by patterns and by label and annotation selectors.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Selector {
    /// Pattern of the group.
    #[serde(deserialize_with = "embedded")]
    pub(crate) group: String,
    /// Pattern of the version.
    #[serde(deserialize_with = "embedded")]
    pub(crate) version: String,
    /// Pattern of the kind.
    #[serde(deserialize_with = "embedded")]
    pub(crate) kind: String,
    /// Pattern of the name.
    #[serde(deserialize_with = "embedded")]
    pub(crate) name: String,
    /// Pattern of the namespace.
    #[serde(deserialize_with = "embedded")]
    pub(crate) namespace: String,
    /// Selector over annotations.
    pub(crate) annotation_selector: String,
    /// Selector over labels.
    pub(crate) label_selector: String,
}

/// What a patch may change.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct PatchOptions {
    /// The name.
    pub(crate) allow_name_change: bool,
    /// The kind.
    pub(crate) allow_kind_change: bool,
}

/// An entry of `patches` or `patchesJson6902`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Patch {
    /// A file, or
    pub(crate) path: String,
    /// the text.
    pub(crate) patch: Located<String>,
    /// What it applies to.
    pub(crate) target: Option<Selector>,
    /// What it may change.
    pub(crate) options: Option<PatchOptions>,
}

/// An entry of `images`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Image {
    /// The image, a pattern.
    pub(crate) name: String,
    /// Its new name.
    pub(crate) new_name: String,
    /// Put after the tag.
    pub(crate) tag_suffix: String,
    /// Its new tag.
    pub(crate) new_tag: String,
    /// Its new digest.
    pub(crate) digest: String,
}

/// How a replacement reads or writes a field.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct FieldOptions {
    /// Splits the text.
    pub(crate) delimiter: String,
    /// Which piece.
    pub(crate) index: i64,
    /// Accepted and ignored.
    pub(crate) encoding: String,
    /// Whether to create the field.
    pub(crate) create: bool,
}

/// Where a replacement takes its value.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct SourceSelector {
    /// Exact group, or any.
    #[serde(deserialize_with = "embedded")]
    pub(crate) group: String,
    /// Exact version, or any.
    #[serde(deserialize_with = "embedded")]
    pub(crate) version: String,
    /// Exact kind, or any.
    #[serde(deserialize_with = "embedded")]
    pub(crate) kind: String,
    /// Exact name, or any.
    #[serde(deserialize_with = "embedded")]
    pub(crate) name: String,
    /// Exact namespace, or any.
    #[serde(deserialize_with = "embedded")]
    pub(crate) namespace: String,
    /// The field; `metadata.name` if empty.
    pub(crate) field_path: Located<String>,
    /// How to read it.
    pub(crate) options: Option<FieldOptions>,
}

/// Where a replacement puts its value.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct TargetSelector {
    /// The resources.
    pub(crate) select: Option<Selector>,
    /// Not these.
    #[serde(deserialize_with = "without_null_or_empty")]
    pub(crate) reject: Vec<Selector>,
    /// The fields; `metadata.name` if none.
    pub(crate) field_paths: Vec<String>,
    /// How to write them.
    pub(crate) options: Option<FieldOptions>,
}

/// An entry of `replacements`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Replacement {
    /// Where the value comes from, or
    pub(crate) source: Option<SourceSelector>,
    /// Where it goes.
    #[serde(deserialize_with = "without_null")]
    pub(crate) targets: Option<Vec<TargetSelector>>,
    /// the value itself, or
    pub(crate) source_value: Option<String>,
    /// a file with replacements.
    pub(crate) path: String,
}

/// An entry of `replicas`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Replica {
    /// The resource.
    pub(crate) name: String,
    /// The number.
    pub(crate) count: i64,
}

/// The object of a var.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct VarTarget {
    /// Its version.
    pub(crate) api_version: String,
    /// Its group.
    pub(crate) group: String,
    /// Its version.
    pub(crate) version: String,
    /// Its kind.
    pub(crate) kind: String,
    /// Its name.
    pub(crate) name: String,
    /// Its namespace.
    pub(crate) namespace: String,
}

/// The field of a var.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct FieldSelector {
    /// The field; `metadata.name` if empty.
    pub(crate) field_path: String,
}

/// An entry of `vars`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Var {
    /// The variable.
    pub(crate) name: String,
    /// The object.
    pub(crate) objref: VarTarget,
    /// Its field.
    pub(crate) fieldref: FieldSelector,
}

/// Kinds to put first and last.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct LegacySortOptions {
    /// First.
    pub(crate) order_first: Vec<String>,
    /// Last.
    pub(crate) order_last: Vec<String>,
}

/// Order of the output.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct SortOptions {
    /// `fifo` or `legacy`.
    pub(crate) order: String,
    /// Kinds to put first and last.
    pub(crate) legacy_sort_options: Option<LegacySortOptions>,
}

/// Options of generated objects.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct GeneratorOptions {
    /// Labels.
    pub(crate) labels: StringMap,
    /// Annotations.
    pub(crate) annotations: StringMap,
    /// No hash after the name.
    pub(crate) disable_name_suffix_hash: bool,
    /// Sets `immutable`.
    pub(crate) immutable: bool,
}

/// An entry of `configMapGenerator` or `secretGenerator` (only the latter may have `type`).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct GeneratorArgs {
    /// Namespace.
    #[serde(deserialize_with = "embedded")]
    pub(crate) namespace: String,
    /// Name.
    #[serde(deserialize_with = "embedded")]
    pub(crate) name: String,
    /// `create`, `merge` or `replace`.
    #[serde(deserialize_with = "embedded")]
    pub(crate) behavior: String,
    /// `key=value` pairs.
    #[serde(deserialize_with = "embedded")]
    pub(crate) literals: Vec<Located<String>>,
    /// `[key=]path` files.
    #[serde(deserialize_with = "embedded")]
    pub(crate) files: Vec<Located<String>>,
    /// Files of pairs.
    #[serde(deserialize_with = "embedded")]
    pub(crate) envs: Vec<Located<String>>,
    /// One more of them.
    #[serde(deserialize_with = "embedded")]
    pub(crate) env: Located<String>,
    /// Options.
    #[serde(deserialize_with = "embedded")]
    pub(crate) options: Option<GeneratorOptions>,
    /// Type of a secret; has a position if it is there at all.
    #[serde(rename = "type")]
    #[serde(deserialize_with = "embedded")]
    pub(crate) secret_type: Located<String>,
}

/// Where charts and helm are.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct HelmGlobals {
    /// Folder of charts.
    pub(crate) chart_home: String,
    /// Helm's configuration.
    pub(crate) config_home: String,
}

/// An entry of `helmCharts`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct HelmChart {
    /// Chart.
    pub(crate) name: String,
    /// Version.
    pub(crate) version: String,
    /// Repository.
    pub(crate) repo: String,
    /// Release.
    pub(crate) release_name: String,
    /// Namespace.
    pub(crate) namespace: String,
    /// More values.
    pub(crate) additional_values_files: Vec<String>,
    /// Values.
    pub(crate) values_file: String,
    /// Values.
    pub(crate) values_inline: BTreeMap<String, Node>,
    /// How they merge.
    pub(crate) values_merge: String,
    /// With CRDs.
    #[serde(rename = "includeCRDs")]
    pub(crate) include_crds: bool,
    /// Without hooks.
    pub(crate) skip_hooks: bool,
    /// Known versions.
    pub(crate) api_versions: Vec<String>,
    /// Kubernetes version.
    pub(crate) kube_version: String,
    /// Template of the name.
    pub(crate) name_template: String,
    /// Without tests.
    pub(crate) skip_tests: bool,
    /// Debug output.
    pub(crate) debug: bool,
    /// Also development versions.
    pub(crate) devel: bool,
}

/// An entry of `helmChartInflationGenerator`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct HelmChartArgs {
    /// Chart.
    pub(crate) chart_name: String,
    /// Version.
    pub(crate) chart_version: String,
    /// Repository.
    pub(crate) chart_repo_url: String,
    /// Folder of charts.
    pub(crate) chart_home: String,
    /// Ignored.
    pub(crate) chart_repo_name: String,
    /// Ignored.
    pub(crate) helm_bin: String,
    /// Helm's configuration.
    pub(crate) helm_home: String,
    /// Values file.
    pub(crate) values: String,
    /// Values.
    pub(crate) values_local: BTreeMap<String, Node>,
    /// How they merge.
    pub(crate) values_merge: String,
    /// Release.
    pub(crate) release_name: String,
    /// Ignored.
    pub(crate) release_namespace: String,
    /// Ignored.
    pub(crate) extra_args: Vec<String>,
}

/// Reads a list whose elements may not be null, which upstream does not survive.
fn without_null<'de, D, T>(deserializer: D) -> Result<Option<Vec<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let Some(elements) = Option::<Vec<Option<T>>>::deserialize(deserializer)? else {
        return Ok(None);
    };
    match elements.into_iter().collect() {
        None => Err(D::Error::custom("an element of the list is null")),
        present => Ok(present),
    }
}

fn without_null_or_empty<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    without_null(deserializer).map(Option::unwrap_or_default)
}
