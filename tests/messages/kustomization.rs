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
    assert_snapshot!(refusal(tree), @r#"
    app/kustomization.yaml:2:1: invalid Kustomization: json: unknown field "resorces"
      hint: did you mean `resources`?
    "#);
}

#[test]
fn unknown_field_of_an_entry() {
    let tree = r#"== app/kustomization.yaml
images:
- name: nginx
  newtags: "2"
"#;
    assert_snapshot!(refusal(tree), @r#"
    app/kustomization.yaml:3:3: images[0]: invalid Kustomization: json: unknown field "newtags"
      hint: did you mean `newTag`?
    "#);
}

#[test]
fn field_of_another_list() {
    let tree = r"== app/kustomization.yaml
configMapGenerator:
- name: settings
  disableNameSuffixHash: true
";
    assert_snapshot!(refusal(tree), @r#"
    app/kustomization.yaml:3:3: configMapGenerator[0]: invalid Kustomization: json: unknown field "disableNameSuffixHash"
      hint: it belongs under `options` of the entry
    "#);
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
    assert_snapshot!(refusal(tree), @r#"
    app/kustomization.yaml:5:1: invalid Kustomization: json: unknown field "data"
      hint: this is a ConfigMap, not a kustomization: give it a file of its own and list that under `resources`
    "#);
}

#[test]
fn text_where_a_list_belongs() {
    let tree = r"== app/kustomization.yaml
resources: deployment.yaml
";
    assert_snapshot!(refusal(tree), @"
    app/kustomization.yaml:1:12: resources: invalid Kustomization: json: cannot unmarshal string into Go struct field Kustomization.resources of type []string
      hint: `resources` is a list: start each entry with `- `, as in `- deployment.yaml`
    ");
}

#[test]
fn number_where_text_belongs() {
    let tree = r"== app/kustomization.yaml
images:
- name: nginx
  newTag: 1.20
";
    assert_snapshot!(refusal(tree), @r#"
    app/kustomization.yaml:3:11: images[0].newTag: invalid Kustomization: json: cannot unmarshal number into Go struct field Kustomization.images.0.newTag of type string
      hint: write it in quotes: "1.20"
    "#);
}

#[test]
fn boolean_label() {
    let tree = r"== app/kustomization.yaml
commonLabels:
  app: web
  enabled: true
";
    assert_snapshot!(refusal(tree), @r#"
    app/kustomization.yaml:3:12: commonLabels.enabled: invalid Kustomization: json: cannot unmarshal bool into Go struct field Kustomization.commonLabels.enabled of type string
      hint: write it in quotes: "true"
    "#);
}

#[test]
fn text_where_a_number_belongs() {
    let tree = r#"== app/kustomization.yaml
replicas:
- name: web
  count: "3"
"#;
    assert_snapshot!(refusal(tree), @"
    app/kustomization.yaml:3:10: replicas[0].count: invalid Kustomization: json: cannot unmarshal string into Go struct field Kustomization.replicas.0.count of type int64
      hint: write it without quotes
    ");
}

#[test]
fn mapping_where_a_list_belongs() {
    let tree = r"== app/kustomization.yaml
patches:
  path: patch.yaml
";
    assert_snapshot!(refusal(tree), @"
    app/kustomization.yaml:2:3: patches: invalid Kustomization: json: cannot unmarshal object into Go struct field Kustomization.patches of type []types.Patch
      hint: `patches` is a list: start each entry with `- `, as in `- path: ...`
    ");
}

#[test]
fn tab() {
    let tree = concat!("== app/kustomization.yaml\n", "resources:\n", "\t- deployment.yaml\n",);
    assert_snapshot!(refusal(tree), @"
    app/kustomization.yaml:2:1: invalid Kustomization: yaml: line 2: found character that cannot start any token
      hint: a tab indents this line: indent with spaces, not with tabs
    ");
}

#[test]
fn bad_indentation() {
    let tree = r"== app/kustomization.yaml
namespace: prod
 namePrefix: x-
resources:
- deployment.yaml
";
    assert_snapshot!(refusal(tree), @"
    app/kustomization.yaml:2:12: invalid Kustomization: yaml: line 2: mapping values are not allowed in this context
      hint: indent this line like its neighbours, or put the value into quotes if it contains `: `
    ");
}

#[test]
fn bad_indentation_of_a_list_entry() {
    let tree = r#"== app/kustomization.yaml
images:
- name: nginx
   newTag: "2"
"#;
    assert_snapshot!(refusal(tree), @"
    app/kustomization.yaml:3:10: invalid Kustomization: yaml: line 3: mapping values are not allowed in this context
      hint: indent this line like its neighbours, or put the value into quotes if it contains `: `
    ");
}

#[test]
fn unclosed_bracket() {
    let tree = r"== app/kustomization.yaml
resources: [a.yaml, b.yaml
namespace: prod
";
    assert_snapshot!(refusal(tree), @"
    app/kustomization.yaml:2:10: invalid Kustomization: yaml: line 1: did not find expected ',' or ']'
      hint: close the bracket or brace, or put a comma before this
    ");
}

#[test]
fn unclosed_quote() {
    let tree = r#"== app/kustomization.yaml
namePrefix: "dev-
resources:
- a.yaml
"#;
    assert_snapshot!(refusal(tree), @"
    app/kustomization.yaml:1:13: invalid Kustomization: yaml: line 4: found unexpected end of stream
      hint: the quote that starts here is not closed
    ");
}

#[test]
fn wrong_kind() {
    let tree = r"== app/kustomization.yaml
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomize
resources: []
";
    assert_snapshot!(refusal(tree), @"
    app/kustomization.yaml:2:7: Failed to read kustomization file under /app:
    kind should be Kustomization or Component
      hint: write `kind: Kustomization`, or leave kind and apiVersion out
    ");
}

#[test]
fn wrong_version() {
    let tree = r"== app/kustomization.yaml
apiVersion: kustomize.config.k8s.io/v1
kind: Kustomization
resources: []
";
    assert_snapshot!(refusal(tree), @"
    app/kustomization.yaml:1:13: Failed to read kustomization file under /app:
    apiVersion for Kustomization should be kustomize.config.k8s.io/v1beta1
      hint: write `apiVersion: kustomize.config.k8s.io/v1beta1`, or leave it out
    ");
}

#[test]
fn component_with_the_version_of_a_kustomization() {
    let tree = r"== app/kustomization.yaml
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Component
resources: []
";
    assert_snapshot!(refusal(tree), @"
    app/kustomization.yaml:1:13: Failed to read kustomization file under /app:
    apiVersion for Component should be kustomize.config.k8s.io/v1alpha1
      hint: write `apiVersion: kustomize.config.k8s.io/v1alpha1`, or leave it out
    ");
}

#[test]
fn empty() {
    let tree = r"== app/kustomization.yaml
# nothing yet
";
    assert_snapshot!(refusal(tree), @"
    app/kustomization.yaml:1:1: kustomization.yaml is empty
      hint: list files and folders under `resources`
    ");
}

#[test]
fn type_of_a_config_map() {
    let tree = r"== app/kustomization.yaml
configMapGenerator:
- name: settings
  type: Opaque
";
    assert_snapshot!(refusal(tree), @r#"
    app/kustomization.yaml:3:9: configMapGenerator[0]: invalid Kustomization: json: unknown field "type"
      hint: only an entry of `secretGenerator` has a `type`
    "#);
}

#[test]
fn duplicate_key() {
    let tree = r"== app/kustomization.yaml
resources:
- a.yaml
resources:
- b.yaml
";
    assert_snapshot!(refusal(tree), @"
    app/kustomization.yaml:4:3: resources[0]: accumulating resources from 'b.yaml': evalsymlink failure on '/app/b.yaml' : lstat /app/b.yaml: no such file or directory
      hint: a path counts from the folder of the file that names it
    ");
}
