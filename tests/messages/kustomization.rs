//! Mistakes in the kustomization file itself.

use insta::assert_snapshot;

use crate::refusal;

#[test]
fn unknown_field_with_a_near_miss() {
    let tree = r"== app/kustomization.yaml
namespace: prod
resorces:
- deployment.yaml
";
    assert_snapshot!(refusal(tree), @"");
}

#[test]
fn unknown_field_of_an_entry() {
    let tree = r#"== app/kustomization.yaml
images:
- name: nginx
  newtags: "2"
"#;
    assert_snapshot!(refusal(tree), @"");
}

#[test]
fn field_of_another_list() {
    let tree = r"== app/kustomization.yaml
configMapGenerator:
- name: settings
  disableNameSuffixHash: true
";
    assert_snapshot!(refusal(tree), @"");
}

#[test]
fn a_resource_in_place_of_a_kustomization() {
    let tree = r"== app/kustomization.yaml
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
data:
  a: b
";
    assert_snapshot!(refusal(tree), @"");
}

#[test]
fn text_where_a_list_belongs() {
    let tree = r"== app/kustomization.yaml
resources: deployment.yaml
";
    assert_snapshot!(refusal(tree), @"");
}

#[test]
fn number_where_text_belongs() {
    let tree = r"== app/kustomization.yaml
images:
- name: nginx
  newTag: 1.20
";
    assert_snapshot!(refusal(tree), @"");
}

#[test]
fn boolean_label() {
    let tree = r"== app/kustomization.yaml
commonLabels:
  app: web
  enabled: true
";
    assert_snapshot!(refusal(tree), @"");
}

#[test]
fn text_where_a_number_belongs() {
    let tree = r#"== app/kustomization.yaml
replicas:
- name: web
  count: "3"
"#;
    assert_snapshot!(refusal(tree), @"");
}

#[test]
fn mapping_where_a_list_belongs() {
    let tree = r"== app/kustomization.yaml
patches:
  path: patch.yaml
";
    assert_snapshot!(refusal(tree), @"");
}

#[test]
fn tab() {
    let tree = concat!("== app/kustomization.yaml\n", "resources:\n", "\t- deployment.yaml\n",);
    assert_snapshot!(refusal(tree), @"");
}

#[test]
fn bad_indentation() {
    let tree = r"== app/kustomization.yaml
namespace: prod
 namePrefix: x-
resources:
- deployment.yaml
";
    assert_snapshot!(refusal(tree), @"");
}

#[test]
fn bad_indentation_of_a_list_entry() {
    let tree = r#"== app/kustomization.yaml
images:
- name: nginx
   newTag: "2"
"#;
    assert_snapshot!(refusal(tree), @"");
}

#[test]
fn unclosed_bracket() {
    let tree = r"== app/kustomization.yaml
resources: [a.yaml, b.yaml
namespace: prod
";
    assert_snapshot!(refusal(tree), @"");
}

#[test]
fn unclosed_quote() {
    let tree = r#"== app/kustomization.yaml
namePrefix: "dev-
resources:
- a.yaml
"#;
    assert_snapshot!(refusal(tree), @"");
}

#[test]
fn wrong_kind() {
    let tree = r"== app/kustomization.yaml
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomize
resources: []
";
    assert_snapshot!(refusal(tree), @"");
}

#[test]
fn wrong_version() {
    let tree = r"== app/kustomization.yaml
apiVersion: kustomize.config.k8s.io/v1
kind: Kustomization
resources: []
";
    assert_snapshot!(refusal(tree), @"");
}

#[test]
fn component_with_the_version_of_a_kustomization() {
    let tree = r"== app/kustomization.yaml
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Component
resources: []
";
    assert_snapshot!(refusal(tree), @"");
}

#[test]
fn empty() {
    let tree = r"== app/kustomization.yaml
# nothing yet
";
    assert_snapshot!(refusal(tree), @"");
}

#[test]
fn type_of_a_config_map() {
    let tree = r"== app/kustomization.yaml
configMapGenerator:
- name: settings
  type: Opaque
";
    assert_snapshot!(refusal(tree), @"");
}

#[test]
fn duplicate_key() {
    let tree = r"== app/kustomization.yaml
resources:
- a.yaml
resources:
- b.yaml
";
    assert_snapshot!(refusal(tree), @"");
}
