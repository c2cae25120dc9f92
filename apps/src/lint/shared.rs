//! Objects that an Application has twice, or that two Applications have.

use std::collections::BTreeMap;

use crate::application::{Application, remark};
use crate::preview::{Preview, meet};
use crate::problem::{Problem, few};
use crate::render::{Manifest, Rendered};

/// What an object is known by in the cluster: its group, kind, namespace and name.
type Key<'a> = [&'a str; 4];

/// Where objects are: the Applications that have them, by their number, once for each time.
type Places<'a> = BTreeMap<Key<'a>, (String, Vec<usize>)>;

pub(super) fn check(preview: &Preview, rendered: &[Rendered], problems: &mut Vec<Problem>) {
    let applications = &preview.applications;
    let mut places: Places<'_> = BTreeMap::new();
    let all = applications.iter().zip(rendered).enumerate();
    for (i, (_, rendered)) in all.filter(|(_, (app, _))| !app.is_flux()) {
        for manifest in &rendered.manifests {
            // One that has its name made is a new one each time.
            let Some(key) = key(manifest) else { continue };
            places.entry(key).or_insert_with(|| (manifest.title(), Vec::new())).1.push(i);
        }
    }
    // What is said of one Application, or of two that share several, is said once.
    let mut repeated: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    let mut shared: BTreeMap<(usize, usize), Vec<String>> = BTreeMap::new();
    for (title, numbers) in places.values() {
        for pair in numbers.windows(2) {
            let &[one, other] = pair else { continue };
            if one == other {
                repeated.entry(one).or_default().push(title.clone());
                continue;
            }
            let both = (applications.get(one), applications.get(other));
            if both.0.zip(both.1).is_some_and(|(one, other)| share_a_cluster(preview, one, other)) {
                shared.entry((one, other)).or_default().push(title.clone());
            }
        }
    }
    for (i, mut titles) in repeated {
        titles.dedup();
        let Some(application) = applications.get(i) else { continue };
        let message =
            format!("has more than once, of which Argo CD applies the last: {}", few(&titles));
        problems.push(remark("object-repeated", message, application));
    }
    for ((i, j), titles) in shared {
        let (Some(one), Some(other)) = (applications.get(i), applications.get(j)) else { continue };
        let message = format!(
            "has what {} has as well, so that each takes it from the other: {}",
            one.title(),
            few(&titles)
        );
        problems.push(
            remark("object-shared", message, other)
                .hint("let one of them have it, or an Application of its own"),
        );
    }
}

fn key(manifest: &Manifest) -> Option<Key<'_>> {
    let name = manifest.text(&["metadata", "name"]);
    let group = manifest.text(&["apiVersion"]).split_once('/').map_or("", |(group, _)| group);
    let namespace = manifest.text(&["metadata", "namespace"]);
    (!name.is_empty()).then(|| [group, manifest.text(&["kind"]), namespace, name])
}

/// Returns `true` if two Applications certainly go to one cluster, and are not the same.
fn share_a_cluster(preview: &Preview, one: &Application, other: &Application) -> bool {
    let is_same = (one.name(), one.namespace()) == (other.name(), other.namespace());
    !is_same && meet(one, other) && preview.cluster(one) == preview.cluster(other)
}
