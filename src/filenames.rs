//! The names of the files that `-o DIR` writes (spec page output).

use std::collections::BTreeSet;

use crate::resource::Resource;
use crate::schema::Schema;

/// Returns the file name of each resource; two resources may have the same.
///
/// For example `apps_v1_deployment_web.yaml`; if there is more than one namespace, namespaced
/// objects get it in front: `default_apps_v1_deployment_web.yaml`.
pub(crate) fn file_names(schema: &Schema, resources: &[Resource]) -> Vec<String> {
    let namespace = |resource: &Resource| {
        let id = resource.id(schema);
        (!id.cluster_scoped).then(|| id.effective_namespace().to_owned())
    };
    let namespaces: BTreeSet<String> = resources.iter().filter_map(namespace).collect();
    let name = |resource: &Resource| {
        let gvk = resource.gvk();
        let prefix = namespace(resource).filter(|_| namespaces.len() > 1);
        let parts = [
            prefix.as_deref().unwrap_or_default(),
            &gvk.group,
            &gvk.version,
            &gvk.kind,
        ];
        let mut name = String::new();
        for part in parts.into_iter().filter(|part| !part.is_empty()) {
            lower(part, &mut name);
            name.push('_');
        }
        lower(resource.name(), &mut name);
        name.push_str(".yaml");
        name
    };
    resources.iter().map(name).collect()
}

/// Adds a text in lower case, character by character as Go does it.
fn lower(text: &str, out: &mut String) {
    out.extend(text.chars().filter_map(|c| c.to_lowercase().next()));
}
