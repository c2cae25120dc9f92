//! Which charts kustomizations and configurations of steps name.

use crate::build::plugin::HELM_CHART;
use crate::document::{NodeKind, NodeView};

/// Returns the charts in a field of a kustomization: the chart, its repository and its version.
pub(super) fn in_field(value: &NodeView) -> Vec<String> {
    value.items().filter_map(|item| chart(&item)).collect()
}

/// Returns `true` if a configuration of a step names a chart.
pub(super) fn is_config(config: &NodeView) -> bool {
    config.text_at(&["kind"]) == Some(HELM_CHART)
}

/// Returns the chart that a configuration of a step names.
pub(super) fn in_config(config: &NodeView) -> Option<String> {
    is_config(config).then(|| chart(config)).flatten()
}

/// Returns how a chart is called where `kustom deps` and messages name it.
fn chart(entry: &NodeView) -> Option<String> {
    if entry.kind() != NodeKind::Mapping {
        return None;
    }
    // The second names are those of an old field.
    let text = |names: [&str; 2]| {
        let texts = names.iter().filter_map(|name| entry.text_at(&[name]));
        texts.filter(|text| !text.is_empty()).map(str::to_owned).next()
    };
    let mut chart = format!("chart {}", text(["name", "chartName"])?);
    if let Some(repository) = text(["repo", "chartRepoUrl"]) {
        chart.push_str(&format!(" of {repository}"));
    }
    if let Some(version) = text(["version", "chartVersion"]) {
        chart.push_str(&format!(" at {version}"));
    }
    Some(chart)
}
