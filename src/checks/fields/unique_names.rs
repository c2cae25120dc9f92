//! Elements of one name in a list where each name may stand once.

use rustc_hash::FxHashMap;

use crate::checks::kubernetes::element_name;
use crate::checks::workloads::ports;
use crate::diagnostics::{Lint, Warning, WarningKind};
use crate::resource::Resource;
use crate::yaml::Node;

/// Looks at the elements of the list at a path.
pub(in crate::checks) fn check(
    lint: &Lint,
    resource: &Resource,
    items: &[Node],
    path: impl Fn() -> String,
) {
    let mut seen: FxHashMap<&str, &Node> = FxHashMap::default();
    for item in items {
        let Some(name) = element_name(item) else { continue };
        let Some(first) = seen.insert(name, item) else { continue };
        let path = path();
        let text = format!(
            "{} {}: `{path}` has two elements with the name `{name}`",
            resource.kind(),
            resource.name()
        );
        lint.add(
            Warning::new(WarningKind::DuplicateElement, text, item.pos())
                .alike(format!("{} {} {path}", resource.kind(), resource.name()))
                .related("the other is at", first.pos())
                .hint(ports::removal(resource.kind(), &path, item)),
        );
    }
}
