//! The namespace of the destination: objects that need one and have none get it, and those that can have none lose it.

use std::collections::{BTreeMap, BTreeSet};

use super::kept::Kept;
use super::manifest::Manifest;
use super::rendered::Rendered;
use super::scope::{Kind, Scopes};
use crate::application::{Application, remark};
use crate::problem::{Problem, few};
use crate::repository::Repository;

/// Puts the namespace of the destination where an object has none, as the sync does.
///
/// `others` renders what is not wanted itself, but may define kinds.
pub(super) fn fill(
    applications: &[Application],
    all: &mut [Rendered],
    (repository, kept): (&Repository, &Kept),
    others: impl FnOnce() -> Vec<Rendered>,
) {
    // What several Applications share becomes one again where they go to the same namespace.
    let mut shared: BTreeMap<(usize, String), [Manifest; 2]> = BTreeMap::new();
    let mut scopes = Scopes::new(repository);
    scopes.learn(all.iter().flat_map(|rendered| &rendered.manifests));
    let mut open = open(applications, all, &scopes);
    scopes.look_up(&open, repository);
    open.retain(|kind| !scopes.knows(kind));
    if !open.is_empty() {
        scopes.learn(others().iter().flat_map(|rendered| &rendered.manifests));
    }
    for (application, rendered) in applications.iter().zip(all) {
        let namespace = application.destination_namespace();
        let mut unknown = BTreeSet::new();
        for manifest in &mut rendered.manifests {
            let own = manifest.text(&["metadata", "namespace"]);
            let wanted = match scopes.is_namespaced(manifest) {
                true if own.is_empty() => namespace,
                true => own,
                // Flux applies what is there.
                false if application.is_flux() => own,
                false => "",
            };
            if own == wanted {
                continue;
            }
            unknown.extend(scopes.unknown(manifest));
            let key = (manifest.place(), wanted.to_owned());
            if let Some([_, filled]) = shared.get(&key) {
                *manifest = filled.clone();
                continue;
            }
            let filled = manifest.with_metadata(|metadata| match wanted {
                "" => drop(metadata.remove("namespace")),
                namespace => drop(metadata.insert("namespace".to_owned(), namespace.into())),
            });
            if let Some(Ok(filled)) = filled {
                kept.give_back(manifest);
                if let Err(e) = kept.keep_manifest(&filled, Some(manifest)) {
                    rendered.problems.push(remark_limit(e, application));
                    break;
                }
                if manifest.is_shared() {
                    shared.insert(key, [manifest.clone(), filled.clone()]);
                }
                *manifest = filled;
            }
        }
        if !unknown.is_empty() {
            let names: Vec<String> =
                unknown.iter().map(|(group, kind)| format!("{kind}.{group}")).collect();
            let message = format!(
                "taken to have a namespace, for nothing here says whether they do: {}",
                few(&names)
            );
            rendered.problems.push(remark("unknown-scope", message, application).hint(format!(
                "keep the CustomResourceDefinition in the repository, or say --cluster-scoped {} if that is so",
                names.first().map_or("", String::as_str)
            )));
        }
    }
}

fn remark_limit(message: String, application: &Application) -> Problem {
    let (file, line) = application.origin().place();
    let problem = Problem::error("render", message);
    problem.at(file, line).about(application.title())
}

/// Returns the kinds of objects that may need a namespace, of which nothing says whether they do.
fn open(applications: &[Application], all: &[Rendered], scopes: &Scopes) -> BTreeSet<Kind> {
    let applications = applications.iter().zip(all);
    let filled = applications.filter(|(app, _)| !app.destination_namespace().is_empty());
    let manifests = filled.flat_map(|(_, rendered)| &rendered.manifests);
    let has_none = |own: &&Manifest| own.text(&["metadata", "namespace"]).is_empty();
    manifests.filter(has_none).filter_map(|own| scopes.unknown(own)).collect()
}
