//! The fields of an Application that decide what happens to its objects.

use serde_json::{Map, Value as Json, json};

use crate::application::Application;

/// What a source is known by; what else it says is in what it renders.
const OF_SOURCE: [&str; 4] = ["repoURL", "targetRevision", "chart", "path"];

/// What the spec of an Application of Argo CD says of syncs and deletions.
const OF_ARGO_CD: [&str; 4] = ["project", "syncPolicy", "ignoreDifferences", "sourceHydrator"];

/// What the spec of a Kustomization of Flux says of them.
const OF_FLUX: [&str; 10] = [
    "path",
    "sourceRef",
    "prune",
    "suspend",
    "deletionPolicy",
    "force",
    "dependsOn",
    "serviceAccountName",
    "kubeConfig",
    "targetNamespace",
];

/// Returns an Application with no more than the fields that decide what happens to its objects. Its cluster is
/// left out: one that goes to another is another one.
pub fn settings(application: &Application) -> Json {
    let object = application.object();
    let taken = |from: &Json, keys: &[&str]| -> Map<String, Json> {
        let taken =
            keys.iter().filter_map(|key| Some(((*key).to_owned(), from.get(*key)?.clone())));
        taken.collect()
    };
    let nothing = Json::Null;
    let metadata = object.get("metadata").unwrap_or(&nothing);
    let mut shown = taken(metadata, &["name", "namespace", "finalizers"]);
    if let Some(set) = &application.origin().set {
        let owner = json!([{"kind": "ApplicationSet", "name": set}]);
        shown.insert("ownerReferences".to_owned(), owner);
    }
    let spec = match application.flux() {
        Some(flux) => taken(flux.spec(), &OF_FLUX),
        None => {
            let skip = application.annotation(SKIP_RECONCILE);
            if !skip.is_empty() {
                shown.insert("annotations".to_owned(), json!({SKIP_RECONCILE: skip}));
            }
            let mut spec = taken(object.get("spec").unwrap_or(&nothing), &OF_ARGO_CD);
            if application.hydrator().is_none() {
                let sources = application.sources().into_iter();
                let sources: Vec<_> = sources.map(|source| taken(source, &OF_SOURCE)).collect();
                spec.insert("sources".to_owned(), json!(sources));
            }
            let namespace = application.destination_namespace();
            spec.insert("destination".to_owned(), json!({"namespace": namespace}));
            spec
        }
    };
    json!({
        "apiVersion": object["apiVersion"],
        "kind": object["kind"],
        "metadata": shown,
        "spec": spec,
    })
}

/// The annotation by which Argo CD leaves an Application alone.
pub(crate) const SKIP_RECONCILE: &str = "argocd.argoproj.io/skip-reconcile";
