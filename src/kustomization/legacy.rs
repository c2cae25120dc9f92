//! Deprecated fields: a warning for some, and their new form for others.

use super::types::{GeneratorArgs, HelmChart, HelmChartArgs, HelmGlobals, Kustomization};
use crate::diagnostics::{Warning, WarningKind};
use crate::yaml::{Located, Node, get_folded};

/// Deprecated fields that are warned about, and what to use instead, in the order of the warnings.
const DEPRECATED: &[(&str, &str)] = &[
    ("bases", "'resources' instead."),
    ("commonLabels", "'labels' instead."),
    ("imageTags", "'images' instead."),
    ("patchesJson6902", "'patches' instead."),
    ("patchesStrategicMerge", "'patches' instead."),
    ("vars", "'replacements' instead. [EXPERIMENTAL]"),
];

/// What `labels` needs to do what `commonLabels` did.
const LABELS: &str = "an entry of `labels` with these `pairs` and `includeSelectors: true` keeps the meaning; \
    `includeTemplates: true` in its place leaves selectors alone, which cannot be changed once an object is there";

/// Returns a warning for each deprecated field that is set, if only to an empty list.
pub(super) fn warnings(root: &Node) -> impl Iterator<Item = Warning> {
    DEPRECATED.iter().filter_map(|(field, instead)| {
        let value = get_folded(root, field).filter(|value| !value.is_null())?;
        let text = format!(
            "# Warning: '{field}' is deprecated. Please use {instead} \
             Run 'kustomize edit fix' to update your Kustomization automatically."
        );
        let warning = Warning::new(WarningKind::DeprecatedField, text, value.pos());
        Some(if *field == "commonLabels" { warning.hint(LABELS) } else { warning })
    })
}

/// Moves what the oldest fields say to the fields that replaced them, and fills in kind and version.
///
/// `commonLabels`, `patchesStrategicMerge`, `patchesJson6902` and `vars` stay: they have steps of
/// their own.
pub(super) fn convert(file: &mut Kustomization) {
    if file.kind.is_empty() {
        file.kind = "Kustomization".to_owned();
    }
    if file.api_version.is_empty() {
        file.api_version = file.required_api_version().to_owned();
    }
    file.resources.append(&mut file.bases);
    file.images.append(&mut file.image_tags);
    for generator in file.config_map_generator.iter_mut().chain(&mut file.secret_generator) {
        move_env(&mut generator.value);
    }
    move_charts(file);
}

fn move_env(args: &mut GeneratorArgs) {
    if !args.env.is_empty() {
        args.envs.push(std::mem::take(&mut args.env));
    }
}

fn move_charts(file: &mut Kustomization) {
    let mut globals = HelmGlobals::default();
    for Located { value: old, pos } in std::mem::take(&mut file.helm_chart_inflation_generator) {
        if !old.chart_home.is_empty() {
            globals.chart_home.clone_from(&old.chart_home);
        }
        if !old.helm_home.is_empty() {
            globals.config_home.clone_from(&old.helm_home);
        }
        file.helm_charts.push(Located { value: HelmChart::from(old), pos });
    }
    if globals != HelmGlobals::default() {
        file.helm_globals.get_or_insert(globals);
    }
}

impl From<HelmChartArgs> for HelmChart {
    fn from(old: HelmChartArgs) -> HelmChart {
        HelmChart {
            name: old.chart_name,
            version: old.chart_version,
            repo: old.chart_repo_url,
            values_file: old.values,
            values_inline: old.values_local,
            values_merge: old.values_merge,
            release_name: old.release_name,
            ..HelmChart::default()
        }
    }
}
