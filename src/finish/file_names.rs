//! The names of the files that `-o DIR` writes (docs/spec/output.md).

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
        let parts = [prefix.as_deref().unwrap_or_default(), &gvk.group, &gvk.version, &gvk.kind];
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::json;

    #[test]
    fn names_files() {
        let names = |namespace: &str| {
            let texts = [
                r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"aB"}}"#.to_owned(),
                format!(
                    r#"{{"apiVersion":"apps/v1","kind":"Deployment",
                        "metadata":{{"name":"D","namespace":"{namespace}"}}}}"#
                ),
                r#"{"kind":"FooList"}"#.to_owned(),
            ];
            let resources = texts.map(|text| Resource::new(json(&text)));
            file_names(&Schema::builtin(), &resources)
        };
        let plain = ["v1_configmap_ab.yaml", "apps_v1_deployment_d.yaml", "foolist_.yaml"];
        assert_eq!(names("default"), plain);
        let prefixed = [
            "default_v1_configmap_ab.yaml",
            "foo_apps_v1_deployment_d.yaml",
            "default_foolist_.yaml",
        ];
        assert_eq!(names("Foo"), prefixed);
    }
}
