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
    assert_snapshot!(refusal(tree), @"
    app/prod/kustomization.yaml:4:3: configMapGenerator[0]: merging from generator: id ConfigMap.v1.[noGrp]/setings.[noNs] does not exist; cannot merge or replace
      hint: did you mean `settings`?
    ");
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
    assert_snapshot!(refusal(tree), @"
    app/prod/kustomization.yaml:4:3: configMapGenerator[0]: merging from generator: id ConfigMap.v1.[noGrp]/settings.[noNs] exists; can not use behavior: 'unspecified', behavior must be merge or replace
      first defined at app/base/kustomization.yaml:2:3
      hint: give the entry `behavior: merge` or `behavior: replace`
    ");
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
    assert_snapshot!(refusal(tree), @"
    app/kustomization.yaml:5:5: configMapGenerator[0]: loading KV pairs: literal sources [LEVEL=info MODE: fast]: invalid literal source MODE: fast, expected key=value
      hint: write it as KEY=value
    ");
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
    assert_snapshot!(refusal(tree), @"
    app/kustomization.yaml:5:5: configMapGenerator[0]: loading KV pairs: file sources: [app.ini config/app.toml]: evalsymlink failure on '/app/config/app.toml' : lstat /app/config: no such file or directory
      hint: there is no `config` in the folder `app`, only `app.ini`; a path counts from the folder of this file
    ");
}

#[test]
fn missing_env_file() {
    let tree = r"== app/kustomization.yaml
secretGenerator:
- name: settings
  envs:
  - .env
";
    assert_snapshot!(refusal(tree), @"
    app/kustomization.yaml:4:5: secretGenerator[0]: loading KV pairs: env source files: [.env]: evalsymlink failure on '/app/.env' : lstat /app/.env: no such file or directory
      hint: a path counts from the folder of the file that names it
    ");
}

#[test]
fn a_missing_file_of_a_secret_may_be_a_literal() {
    let tree = r"== app/kustomization.yaml
secretGenerator:
- name: settings
  files:
  - cert.txt
  - token=hunter2/secret
== app/cert.txt
a
";
    assert_snapshot!(refusal(tree), @"
    app/kustomization.yaml:5:5: secretGenerator[0]: loading KV pairs: file sources: [cert.txt token=***]: evalsymlink failure on '/app/***' : lstat /app/***: no such file or directory
      hint: there is no `***` in the folder `app`, only `cert.txt`; a path counts from the folder of this file
    ");
}

#[test]
fn missing_file_name() {
    let tree = r"== app/kustomization.yaml
configMapGenerator:
- name: settings
  files:
  - app.ini=
";
    assert_snapshot!(refusal(tree), @r#"app/kustomization.yaml:4:5: configMapGenerator[0]: loading KV pairs: file sources: [app.ini=]: missing file path for key name "app.ini" in source "app.ini=""#);
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
    assert_snapshot!(refusal(tree), @"
    app/kustomization.yaml:5:5: configMapGenerator[0]: configmap settings illegally repeats the key `LEVEL`
      first given at app/kustomization.yaml:4:5
      hint: each key may come once over all literals, files and envs of an entry
    ");
}

#[test]
fn no_name() {
    let tree = r"== app/kustomization.yaml
secretGenerator:
- literals:
  - a=b
";
    assert_snapshot!(refusal(tree), @"
    app/kustomization.yaml:2:3: secretGenerator[0]: a configmap must have a name
      hint: give the entry a `name`
    ");
}

#[test]
fn literal_that_is_a_mapping() {
    let tree = r"== app/kustomization.yaml
configMapGenerator:
- name: settings
  literals:
  - LEVEL: info
";
    assert_snapshot!(refusal(tree), @"
    app/kustomization.yaml:4:5: configMapGenerator[0].literals[0]: invalid Kustomization: json: cannot unmarshal object into Kustomization.configMapGenerator.0.literals.0 of type string
      hint: a literal is one text: write `- LEVEL=info`
    ");
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
    assert_snapshot!(refusal(tree), @"
    app/prod/kustomization.yaml:4:3: configMapGenerator[0]: merging from generator: id ConfigMap.v1.[noGrp]/settings.[noNs] exists; can not use behavior: 'unspecified', behavior must be merge or replace
      first defined at app/base/kustomization.yaml:2:3
      hint: `patch` is no behavior: did you mean `merge`?
    ");
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
    assert_snapshot!(refusal(tree), @"
    app/generator.yaml:1:1: generators: loading generator plugins: failed to load generator: external plugins disabled; unable to load external plugin 'ChartInflator'
      in app/kustomization.yaml
      hint: --enable-alpha-plugins runs functions in containers and legacy plugins; built-in ones have `apiVersion: builtin`
    ");
}

#[test]
fn helm_chart() {
    let tree = r"== app/kustomization.yaml
helmCharts:
- name: redis
";
    assert_snapshot!(refusal(tree), @"
    app/kustomization.yaml:2:3: helmCharts[0]: trouble configuring builtin HelmChartInflationGenerator: must specify --enable-helm
      hint: --enable-helm lets kustom start helm; without, run `helm template` and list what it prints under `resources`
    ");
}
