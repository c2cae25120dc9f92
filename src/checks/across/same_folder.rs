//! Applications of Argo CD that deploy one folder to one place: each claims the objects of the other.

use rustc_hash::FxHashMap;

use crate::checks::across::repository::Repository;
use crate::checks::across::roots::{Root, Suspect};
use crate::checks::positions::place_of_value;
use crate::diagnostics::{Warning, WarningKind};
use crate::load::Files;
use crate::resource::Resource;
use crate::work;
use crate::yaml::{Node, to_json};

/// Looks at the Applications of each root; two roots may be for two instances of Argo CD.
pub(super) fn check<'a>(
    files: &Files,
    repository: &Repository<'_>,
    roots: &'a [Root<'a>],
    suspects: &mut Vec<Suspect<'a>>,
) {
    for root in roots {
        let mut seen: FxHashMap<String, &Resource> = FxHashMap::default();
        for resource in root.resources.iter().filter(|resource| is_application(resource)) {
            work::check();
            let Some(what) = deployed(resource).filter(|_| !is_chart(files, repository, resource))
            else {
                continue;
            };
            let Some(first) = seen.get(&what) else {
                seen.insert(what, resource);
                continue;
            };
            let warning = remark(resource, first);
            suspects.push(Suspect { root: root.number, warning, missing: None });
        }
    }
}

fn is_application(resource: &Resource) -> bool {
    resource.kind() == "Application" && resource.gvk_ref().group == "argoproj.io"
}

/// Returns what decides which objects an Application makes, and where.
fn deployed(resource: &Resource) -> Option<String> {
    let spec = resource.node.get("spec")?;
    let part = |field: &str| spec.get(field).and_then(|value| to_json(value).ok());
    let (source, destination) = (part("source")?, part("destination")?);
    Some(format!("{source} {destination}"))
}

/// Returns `true` if the objects of an Application are called after it, as those of a chart mostly are.
fn is_chart(files: &Files, repository: &Repository<'_>, resource: &Resource) -> bool {
    let source = |field: &str| resource.node.get_path(&["spec", "source", field]);
    let path = source("path").and_then(Node::text).unwrap_or_default();
    let chart = repository.root().map(|root| root.join(path).join("Chart.yaml"));
    path.is_empty()
        || ["chart", "helm", "plugin"].iter().any(|field| source(field).is_some())
        || chart.is_some_and(|chart| files.fs().kind(&chart).is_ok())
}

fn remark(resource: &Resource, first: &Resource) -> Warning {
    let path = resource.node.get_path(&["spec", "source", "path"]);
    let text = format!(
        "Application {} deploys the folder `{}` to where Application {} deploys it: each claims the objects of the other",
        resource.name(),
        path.and_then(Node::text).unwrap_or_default(),
        first.name()
    );
    Warning::new(WarningKind::SharedObject, text, place_of_value(path, resource))
        .related("the other is at", first.node.pos())
        .hint("correct the path or the destination of the one that was copied, or remove it")
}
