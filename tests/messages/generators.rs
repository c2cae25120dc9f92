//! Mistakes in generators.

use insta::assert_snapshot;

use crate::refusal;

#[test]
fn merge_without_a_base() {
    let tree = r"== app/prod/kustomization.yaml
resources:
- ../base
configMapGenerator:
- name: setings
  behavior: merge
  literals:
  - LEVEL=debug
== app/base/kustomization.yaml
configMapGenerator:
- name: settings
  literals:
  - LEVEL=info
";
    assert_snapshot!(refusal(tree), @"");
}

#[test]
fn create_twice() {
    let tree = r"== app/prod/kustomization.yaml
resources:
- ../base
configMapGenerator:
- name: settings
  literals:
  - LEVEL=debug
== app/base/kustomization.yaml
configMapGenerator:
- name: settings
  literals:
  - LEVEL=info
";
    assert_snapshot!(refusal(tree), @"");
}

#[test]
fn bad_literal() {
    let tree = r#"== app/kustomization.yaml
configMapGenerator:
- name: settings
  literals:
  - LEVEL=info
  - "MODE: fast"
"#;
    assert_snapshot!(refusal(tree), @"");
}

#[test]
fn missing_file() {
    let tree = r"== app/kustomization.yaml
configMapGenerator:
- name: settings
  files:
  - app.ini
  - config/app.toml
== app/app.ini
a=b
";
    assert_snapshot!(refusal(tree), @"");
}

#[test]
fn missing_env_file() {
    let tree = r"== app/kustomization.yaml
secretGenerator:
- name: settings
  envs:
  - .env
";
    assert_snapshot!(refusal(tree), @"");
}

#[test]
fn missing_file_name() {
    let tree = r"== app/kustomization.yaml
configMapGenerator:
- name: settings
  files:
  - app.ini=
";
    assert_snapshot!(refusal(tree), @"");
}

#[test]
fn key_twice() {
    let tree = r"== app/kustomization.yaml
configMapGenerator:
- name: settings
  literals:
  - LEVEL=info
  - LEVEL=debug
";
    assert_snapshot!(refusal(tree), @"");
}

#[test]
fn no_name() {
    let tree = r"== app/kustomization.yaml
secretGenerator:
- literals:
  - a=b
";
    assert_snapshot!(refusal(tree), @"");
}

#[test]
fn literal_that_is_a_mapping() {
    let tree = r"== app/kustomization.yaml
configMapGenerator:
- name: settings
  literals:
  - LEVEL: info
";
    assert_snapshot!(refusal(tree), @"");
}

#[test]
fn unknown_behavior() {
    let tree = r"== app/prod/kustomization.yaml
resources:
- ../base
configMapGenerator:
- name: settings
  behavior: patch
  literals:
  - LEVEL=debug
== app/base/kustomization.yaml
configMapGenerator:
- name: settings
";
    assert_snapshot!(refusal(tree), @"");
}

#[test]
fn external_plugin() {
    let tree = r"== app/kustomization.yaml
generators:
- generator.yaml
== app/generator.yaml
apiVersion: acme.io/v1
kind: ChartInflator
metadata:
  name: x
";
    assert_snapshot!(refusal(tree), @"");
}

#[test]
fn helm_chart() {
    let tree = r"== app/kustomization.yaml
helmCharts:
- name: redis
";
    assert_snapshot!(refusal(tree), @"");
}
