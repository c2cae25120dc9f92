//! Kinds on which the schema in force and the build disagree.

use rustc_hash::FxHashMap;

use crate::build_context::Context;
use crate::checks::positions::place_of_value;
use crate::diagnostics::{Lint, Warning, WarningKind};
use crate::resource::{Resource, ResourceSet};
use crate::schema::Schema;
use crate::yaml::{Node, Pos};

/// Warns about custom resources that have a namespace though their definition, in the same build, says
/// `scope: Cluster`.
pub(in crate::checks) fn cluster_scoped(lint: &Lint, set: &ResourceSet) {
    let definition = |resource: &Resource| {
        let text = |path: &[&str]| resource.node.get_path(path).and_then(Node::text);
        let kind =
            (text(&["spec", "group"])?.to_owned(), text(&["spec", "names", "kind"])?.to_owned());
        (text(&["spec", "scope"]) == Some("Cluster")).then_some((kind, resource.node.pos()))
    };
    let clustered: FxHashMap<_, _> =
        set.of_kind("CustomResourceDefinition").filter_map(definition).collect();
    if clustered.is_empty() {
        return;
    }
    for resource in set.iter() {
        let gvk = resource.gvk();
        let Some(place) = clustered.get(&(gvk.group.to_string(), gvk.kind.to_string())) else {
            continue;
        };
        let Some(namespace) = resource.node.get_path(&["metadata", "namespace"]) else { continue };
        let text = format!(
            "{} {} is cluster-scoped, as its definition says, and has the namespace `{}`",
            resource.kind(),
            resource.name(),
            resource.namespace()
        );
        lint.add(
            Warning::new(
                WarningKind::ClusterScopedNamespace,
                text,
                place_of_value(Some(namespace), resource),
            )
            .alike(resource.namespace())
            .related("the resource", resource.node.pos())
            .related("scope: Cluster at", *place)
            .hint(
                "keep it in a kustomization without `namespace`, or remove the field with a patch; \
                     kustomize knows the scope of built-in kinds only",
            ),
        );
    }
}

/// Warns about an object in the place of a schema; returns `true` if it is one.
pub(crate) fn no_schema(cx: &Context, file: &Node) -> bool {
    let text = |key| file.get(key).and_then(Node::text);
    let Some((lint, kind)) =
        cx.lint.as_ref().zip(text("kind").filter(|_| text("apiVersion").is_some()))
    else {
        return false;
    };
    let message = format!(
        "this is a {kind} and no schema, but takes the place of the built-in one, so that patches replace whole lists"
    );
    lint.add(Warning::new(WarningKind::ReplacedSchema, message, file.pos()).hint(match kind {
        "CustomResourceDefinition" => {
            "list it under `resources`; `openapi` takes a file with `definitions`, as `kustomize openapi fetch` prints it"
        }
        _ => "`openapi` takes a file with `definitions`, as `kustomize openapi fetch` prints it",
    }));
    true
}

/// Warns about a schema, read from `at`, that replaces the built-in one and does not have its kinds.
pub(crate) fn schema(cx: &Context, set: &ResourceSet, at: Pos) {
    let Some(lint) = cx.lint.as_ref().filter(|_| at.is_some()) else { return };
    let builtin = Schema::builtin();
    let is_lost = |resource: &&Resource| {
        let (api_version, kind) = (resource.api_version(), resource.kind());
        cx.schema.resource(api_version, kind).is_none()
            && builtin.resource(api_version, kind).is_some()
    };
    let Some(resource) = set.iter().find(is_lost) else { return };
    let text = format!(
        "this schema replaces the built-in one and does not have the kind {}, whose lists no patch can merge",
        resource.kind()
    );
    lint.add(Warning::new(WarningKind::ReplacedSchema, text, at).hint(
        "let it have the built-in definitions too, as `kustomize openapi fetch` prints them",
    ));
}
