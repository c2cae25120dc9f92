//! Objects that an Application has twice, or that two Applications have.

use std::collections::BTreeMap;

use crate::application::{Application, remark};
use crate::preview::{Preview, meet};
use crate::problem::{Problem, few};
use crate::render::{Manifest, Rendered};

/// What an object is known by in the cluster: its group, kind, namespace and name.
type Key<'a> = [&'a str; 4];

/// Where objects are: the Applications that have them, by their number, once for each time.
type Places<'a> = BTreeMap<Key<'a>, (&'a Manifest, Vec<usize>)>;

pub(super) fn check(preview: &Preview, rendered: &[Rendered], problems: &mut Vec<Problem>) {
    let applications = &preview.applications;
    let mut places: Places<'_> = BTreeMap::new();
    let all = applications.iter().zip(rendered).enumerate();
    for (i, (_, rendered)) in all.filter(|(_, (app, _))| !app.is_flux()) {
        for manifest in &rendered.manifests {
            // One that has its name made is a new one each time.
            let Some(key) = key(manifest) else { continue };
            places.entry(key).or_insert_with(|| (manifest, Vec::new())).1.push(i);
        }
    }
    // What is said of one Application, or of several that share more, is said once.
    let mut repeated: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    let mut shared: BTreeMap<Vec<usize>, Vec<String>> = BTreeMap::new();
    for (manifest, numbers) in places.into_values().filter(|(_, numbers)| numbers.len() > 1) {
        let title = manifest.title();
        for pair in numbers.windows(2) {
            if let [one, other] = pair
                && one == other
            {
                repeated.entry(*one).or_default().push(title.clone());
            }
        }
        for sharers in sharers(preview, &numbers) {
            shared.entry(sharers).or_default().push(title.clone());
        }
    }
    for (i, mut titles) in repeated {
        titles.dedup();
        let Some(application) = applications.get(i) else { continue };
        let message =
            format!("has more than once, of which Argo CD applies the last: {}", few(&titles));
        problems.push(remark("object-repeated", message, application));
    }
    for (sharers, titles) in shared {
        let mut sharers = sharers.into_iter().filter_map(|i| applications.get(i));
        let Some(first) = sharers.next() else { continue };
        let others: Vec<String> = sharers.map(|other| other.name().to_owned()).collect();
        let message = match others.as_slice() {
            [other] => format!(
                "has what Application {other} has as well, so that each takes it from the other: {}",
                few(&titles)
            ),
            _ => format!(
                "has what Applications {} have as well, so that each takes it from the others: {}",
                few(&others),
                few(&titles)
            ),
        };
        let hint = "let one of them have it, or an Application of its own";
        problems.push(remark("object-shared", message, first).hint(hint));
    }
}

/// Returns the Applications among some that share a cluster, two or more each time.
fn sharers(preview: &Preview, numbers: &[usize]) -> Vec<Vec<usize>> {
    let mut groups: Vec<(&Application, Vec<usize>)> = Vec::new();
    for number in numbers {
        let Some(application) = preview.applications.get(*number) else { continue };
        let group =
            groups.iter_mut().find(|(first, _)| share_a_cluster(preview, first, application));
        match group {
            Some((_, group)) if group.last() != Some(number) => group.push(*number),
            Some(_) => {}
            None => groups.push((application, vec![*number])),
        }
    }
    groups.into_iter().map(|(_, group)| group).filter(|group| group.len() > 1).collect()
}

fn key(manifest: &Manifest) -> Option<Key<'_>> {
    let name = manifest.text(&["metadata", "name"]);
    let group = manifest.text(&["apiVersion"]).split_once('/').map_or("", |(group, _)| group);
    let namespace = manifest.text(&["metadata", "namespace"]);
    (!name.is_empty()).then(|| [group, manifest.text(&["kind"]), namespace, name])
}

/// Returns `true` if two Applications certainly go to one cluster.
fn share_a_cluster(preview: &Preview, one: &Application, other: &Application) -> bool {
    meet(one, other) && preview.cluster(one) == preview.cluster(other)
}
