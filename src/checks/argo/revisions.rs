//! Revisions of ApplicationSets: the folders of one revision, and Applications of another one.

use crate::checks::kubernetes::is_filled_in;
use crate::checks::positions::place_or;
use crate::diagnostics::{Lint, Warning, WarningKind};
use crate::resource::Resource;
use crate::work;
use crate::yaml::Node;

/// Looks at an ApplicationSet.
pub(in crate::checks) fn check(lint: &Lint, set: &Resource) {
    let Some(spec) = set.node.get("spec") else { return };
    let mut of_generators: Vec<(&str, &Node)> = Vec::new();
    let mut left: Vec<&Node> = spec.get("generators").into_iter().collect();
    while let Some(node) = left.pop() {
        work::check();
        match node {
            Node::Scalar { .. } => {}
            Node::Seq { items, .. } => left.extend(items.iter().rev()),
            Node::Map { map, .. } => {
                let url = map.get("repoURL").and_then(Node::text);
                match (url, map.get("revision"), map.get("directories")) {
                    (Some(url), Some(revision), Some(_)) => of_generators.push((url, revision)),
                    _ => left.extend(map.iter().rev().map(|entry| &entry.value)),
                }
            }
        }
    }
    let template = spec.get_path(&["template", "spec"]);
    let one = template.and_then(|spec| spec.get("source"));
    let more = template.and_then(|spec| spec.get("sources")).and_then(Node::as_seq);
    for source in one.into_iter().chain(more.into_iter().flatten()) {
        let text = |field: &str| source.get(field).and_then(Node::text).unwrap_or_default();
        // What is found in the repository is in the path.
        if !text("path").contains("{{") {
            continue;
        }
        let mut same =
            of_generators.iter().filter(|(url, _)| address(url) == address(text("repoURL")));
        let (Some((_, revision)), None) = (same.next(), same.next()) else { continue };
        let Some(target) = source.get("targetRevision") else { continue };
        remark(lint, set, revision, target);
    }
}

fn address(url: &str) -> &str {
    url.trim_end_matches('/').trim_end_matches(".git")
}

fn remark(lint: &Lint, set: &Resource, revision: &Node, target: &Node) {
    let (Some(found), Some(used)) = (revision.text(), target.text()) else { return };
    if found == used || [found, used].iter().any(|text| text.is_empty() || is_filled_in(text)) {
        return;
    }
    let text = format!(
        "ApplicationSet {}: its Applications are of the revision `{used}`, and the generator finds their folders in \
         `{found}` of the same repository",
        set.name()
    );
    lint.add(
        Warning::new(WarningKind::OtherRevision, text, place_or(target.pos(), set))
            .related("the generator has its revision at", revision.pos())
            .hint(format!("write the same in both, such as `{found}`")),
    );
}
