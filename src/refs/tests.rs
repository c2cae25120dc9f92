use super::*;
use crate::diagnostics::ErrorKind;
use crate::fieldspec::{FieldSpec, NameReference};
use crate::resource::{Gvk, PreviousId, Resource};
use crate::schema::Schema;
use crate::test_support::json;

/// Returns a resource with the ids it had (name, namespace), and its prefixes.
fn resource(text: &str, previous: &[(&str, &str)], prefixes: &[&str]) -> Resource {
    let mut resource = Resource::new(json(text));
    let kind = resource.kind().to_owned();
    resource.history.previous = previous
        .iter()
        .map(|(name, namespace)| PreviousId {
            name: (*name).into(),
            namespace: (*namespace).into(),
            kind: kind.as_str().into(),
            times: 1,
        })
        .collect();
    resource.history.prefixes = prefixes.iter().map(|p| (*p).into()).collect();
    resource
}

fn config_map(name: &str, previous: &str, prefixes: &[&str]) -> Resource {
    let text =
        format!(r#"{{"apiVersion":"v1","kind":"ConfigMap","metadata":{{"name":"{name}"}}}}"#);
    resource(&text, &[(previous, "default")], prefixes)
}

fn account(name: &str, namespace: &str) -> Resource {
    let metadata = format!(r#"{{"name":"{name}","namespace":"{namespace}"}}"#);
    let text = format!(r#"{{"apiVersion":"v1","kind":"ServiceAccount","metadata":{metadata}}}"#);
    resource(&text, &[("sa", namespace)], &["p-"])
}

fn reference(target: (&str, &str), kind: &str, path: &str) -> NameReference {
    NameReference {
        gvk: Gvk::parse(target.0, target.1),
        fields: [spec(kind, path)].into_iter().collect(),
    }
}

fn spec(kind: &str, path: &str) -> FieldSpec {
    FieldSpec { gvk: Gvk::parse("", kind), ..FieldSpec::any_kind(path, false) }
}

fn references() -> ReferenceList {
    let references = [
        reference(("v1", "ServiceAccount"), "RoleBinding", "subjects"),
        reference(("v1", "ConfigMap"), "Foo", "spec/ref"),
    ];
    ecow::EcoVec::from(references).into()
}

fn fixed(resources: Vec<Resource>) -> Result<ResourceSet> {
    let cx = Context::new(Schema::builtin());
    let mut set = ResourceSet::default();
    resources.into_iter().for_each(|r| set.push(r, &cx.schema));
    fix(&cx, &references(), &mut set)?;
    Ok(set)
}

fn foo(reference: &str) -> String {
    let head = r#""apiVersion":"x/v1","kind":"Foo","metadata":{"name":"f"}"#;
    format!(r#"{{{head},"spec":{{"ref":"{reference}"}}}}"#)
}

/// Fixes a `Foo` with this reference and these prefixes among config maps.
fn fixed_ref(text: &str, prefixes: &[&str], maps: &[Resource]) -> Result<String> {
    let mut resources = vec![resource(&foo(text), &[("f", "default")], prefixes)];
    resources.extend_from_slice(maps);
    let set = fixed(resources)?;
    let foo = set.iter().next().and_then(|r| r.node.get_path(&["spec", "ref"]));
    Ok(foo.and_then(Node::text).unwrap_or_default().to_owned())
}

#[test]
fn prefixes_tell_referrals_apart() {
    let two = [config_map("a-cm", "cm", &["a-"]), config_map("b-cm", "cm", &["b-"])];
    assert_eq!(fixed_ref("cm", &["a-"], &two).unwrap(), "a-cm");
    assert_eq!(fixed_ref("cm", &[], &two).unwrap(), "cm");
    assert_eq!(fixed_ref("cm", &["c-"], &two).unwrap(), "cm");
    // The only one is taken, whatever its prefix.
    assert_eq!(fixed_ref("cm", &["a-"], &two[1..]).unwrap(), "b-cm");
    assert_eq!(fixed_ref("other", &["a-"], &two).unwrap(), "other");
}

#[test]
fn several_referrals_are_an_error() {
    let outer = |name| config_map(name, "cm", &["o-"]);
    let error = fixed_ref("cm", &["o-"], &[outer("o-a"), outer("o-b")]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Reference);
    assert_eq!(
        error.message(),
        "updating name reference in 'spec/ref' field of 'Foo.v1.x/f.[noNs]': considering \
         field 'spec/ref' of object Foo.v1.x/f.[noNs]: found multiple possible referrals: \
         ConfigMap.v1.[noGrp]/o-a.[noNs], ConfigMap.v1.[noGrp]/o-b.[noNs]"
    );
    assert_eq!(fixed_ref("cm", &["o-"], &[outer("o-a"), outer("o-a")]).unwrap(), "o-a");
}

#[test]
fn subjects_admit_other_namespaces() {
    let subjects = |subjects: &str| {
        let head = r#""apiVersion":"rbac.authorization.k8s.io/v1","kind":"RoleBinding""#;
        let metadata = r#""metadata":{"name":"rb","namespace":"ns2"}"#;
        let text = format!(r#"{{{head},{metadata},"subjects":[{subjects}]}}"#);
        let binding = resource(&text, &[("rb", "ns2")], &["p-"]);
        let set = fixed(vec![binding, account("p-sa", "ns1")]).unwrap();
        let subjects = set.iter().next().and_then(|r| r.node.get("subjects")).cloned();
        let subjects = subjects.unwrap_or_default();
        let show = |subject: &Node| {
            let text = |key| subject.get(key).and_then(Node::text).unwrap_or("-").to_owned();
            format!("{} {}", text("name"), text("namespace"))
        };
        subjects.as_seq().unwrap().iter().map(show).collect::<Vec<_>>().join(", ")
    };
    let in_ns1 = r#"{"kind":"ServiceAccount","name":"sa","namespace":"ns1"}"#;
    let bare = r#"{"kind":"ServiceAccount","name":"sa"}"#;
    let user = r#"{"kind":"User","name":"sa"}"#;
    assert_eq!(subjects(in_ns1), "p-sa ns1");
    assert_eq!(subjects(bare), "sa -");
    let all = subjects(&[bare, in_ns1, user].join(","));
    assert_eq!(all, "p-sa ns1, p-sa ns1, p-sa ns1");
    assert_eq!(subjects(&in_ns1.replace("ns1", "ns2")), "sa ns2");
}

#[test]
fn trees_without_renamed_references_stay_shared() {
    let foo = resource(&foo("cm"), &[], &[]);
    let set = fixed(vec![foo.clone(), config_map("a-cm", "other", &[])]).unwrap();
    let spec = |resource: &Resource| {
        resource.node.get("spec").and_then(Node::as_map).map(|map| map.iter().as_slice().as_ptr())
    };
    assert_eq!(set.iter().next().and_then(spec), spec(&foo));
}
