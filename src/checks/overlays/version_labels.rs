//! Labels with a version that end up where nothing can be changed later, such as in selectors.

use crate::checks::kubernetes::is_filled_in;
use crate::diagnostics::{Lint, Warning, WarningKind};
use crate::resource::{Resource, ResourceSet};
use crate::yaml::{Node, Pos};

/// The keys of labels that change with each version, whatever they say.
const VERSIONS: &[&str] = &["app.kubernetes.io/version", "helm.sh/chart"];

/// Last words of keys of labels that change with each version if they say one; they may well name variants
/// apart, such as `v1` and `canary`.
const PERHAPS: &[&str] = &[
    "app-version",
    "appVersion",
    "build",
    "build-number",
    "buildNumber",
    "chart",
    "commit",
    "git-commit",
    "git-sha",
    "gitCommit",
    "gitSha",
    "image-tag",
    "imageTag",
    "release-version",
    "releaseVersion",
    "revision",
    "sha",
    "tag",
    "version",
];

/// Kinds whose selector the API server never changes.
const FIXED: &[&str] = &["DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"];

/// Looks at labels that a step has written; `pos` is where it reads them, and `field` says how its field for a
/// key is called.
pub(crate) fn check<'a>(
    lint: &Lint,
    labels: impl Iterator<Item = (&'a str, &'a str)>,
    pos: Pos,
    field: impl Fn(&str) -> String,
    resources: &ResourceSet,
) {
    for (key, value) in labels.filter(|(key, value)| is_version(key, value)) {
        let of_step = |label: &Node| {
            let there = label.pos();
            label.text() == Some(value) && (there.shared_number().is_some() || there == pos)
        };
        let reached = |resource| Some((resource, reached(resource, key, of_step)?));
        let Some((workload, what)) = resources.iter().find_map(reached) else { continue };
        let text = format!(
            "the label `{key}: {value}` goes into {what} of {} {}, which cannot be changed once it is there: the \
             API server refuses the next version",
            workload.kind(),
            workload.name()
        );
        lint.add(Warning::new(WarningKind::VersionInSelector, text, Pos::NONE).alike(key).in_field(field(key)).hint(
            "give it an entry of `labels` of its own with `includeTemplates: true`, which labels the Pods and \
             leaves selectors as they are",
        ));
    }
}

/// Returns what of a workload a label has reached that cannot be changed.
fn reached(
    resource: &Resource,
    key: &str,
    of_step: impl Fn(&Node) -> bool,
) -> Option<&'static str> {
    if !FIXED.contains(&resource.kind()) {
        return None;
    }
    let spec = resource.node.get("spec")?;
    let selector = spec.get_path(&["selector", "matchLabels"]);
    if selector.and_then(|labels| labels.get(key)).is_some_and(&of_step) {
        return Some("the selector");
    }
    let claims = spec.get("volumeClaimTemplates").and_then(Node::as_seq).into_iter().flatten();
    let mut labels = claims.filter_map(|claim| claim.get_path(&["metadata", "labels"])?.get(key));
    labels.any(of_step).then_some("`volumeClaimTemplates`")
}

/// Returns `true` if a label says a version.
fn is_version(key: &str, value: &str) -> bool {
    let has_digit = value.bytes().any(|byte| byte.is_ascii_digit());
    if !has_digit || is_filled_in(value) {
        return false;
    }
    let last = key.rsplit('/').next().unwrap_or_default();
    VERSIONS.contains(&key) || (PERHAPS.contains(&last) && looks_like_one(value))
}

/// Returns `true` for a text with a number of several parts, such as `web-1.2`, or one of a commit or build.
fn looks_like_one(value: &str) -> bool {
    let numbers = value.as_bytes().windows(3);
    let is_dotted =
        |part: &[u8]| part[0].is_ascii_digit() && part[1] == b'.' && part[2].is_ascii_digit();
    let is_commit = value.len() >= 7 && value.bytes().all(|byte| byte.is_ascii_hexdigit());
    numbers.into_iter().any(is_dotted) || is_commit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_told_from_variants() {
        for (key, value) in [
            ("app.kubernetes.io/version", "v1"),
            ("helm.sh/chart", "web-1.2.3"),
            ("version", "v1.2"),
            ("example.com/git-commit", "1a2b3c4"),
            ("build", "20240131"),
        ] {
            assert!(is_version(key, value), "{key}: {value}");
        }
        for (key, value) in [
            ("version", "v1"),
            ("version", "canary"),
            ("app", "web-1.2"),
            ("tag", "blue"),
            ("app.kubernetes.io/version", "${VERSION_1}"),
        ] {
            assert!(!is_version(key, value), "{key}: {value}");
        }
    }
}
