//! Fields that generators make from their entry and its options.

use super::{history, trace_of};

#[test]
fn options_of_generators_are_found_by_their_key_and_not_by_an_equal_text() {
    let trace = trace_of(&[(
        "/o/kustomization.yaml",
        "\
commonLabels: {common: 'yes'}
configMapGenerator:
- name: web
  literals: [k=a, v1=ConfigMap]
  options:
    labels: {own: a, both: a}
    annotations: {own: web}
    immutable: false
- name: plain
  literals: [immutable=true]
  options: {immutable: true}
secretGenerator:
- name: s
  literals: ['t=yes']
generatorOptions:
  immutable: true
  labels:
    tier: a
    both: b
    app: web
    gen: 'yes'
    example.com/n: s
  annotations: {own: b, note: web}
",
    )]);
    let last = |object: &str, field: &str| history(&trace, object, field).pop().unwrap();
    for (object, field, place) in [
        ("ConfigMap/web", "metadata.labels.own", "6:19: configMapGenerator[0].options.labels.own"),
        (
            "ConfigMap/web",
            "metadata.labels.both",
            "6:28: configMapGenerator[0].options.labels.both",
        ),
        ("ConfigMap/web", "metadata.labels.tier", "18:11: generatorOptions.labels.tier"),
        ("ConfigMap/web", "metadata.labels.app", "20:10: generatorOptions.labels.app"),
        ("ConfigMap/web", "metadata.labels.common", "1:24: commonLabels.common"),
        (
            "ConfigMap/web",
            "metadata.annotations.own",
            "7:24: configMapGenerator[0].options.annotations.own",
        ),
        ("ConfigMap/web", "metadata.annotations.note", "23:31: generatorOptions.annotations.note"),
        ("ConfigMap/web", "immutable", "16:14: generatorOptions.immutable"),
        ("ConfigMap/web", "kind", "3:3: configMapGenerator[0]"),
        ("ConfigMap/plain", "immutable", "11:24: configMapGenerator[1].options.immutable"),
        ("ConfigMap/plain", "metadata.labels.both", "19:11: generatorOptions.labels.both"),
        ("Secret/s", "metadata.labels.gen", "21:10: generatorOptions.labels.gen"),
        (
            "Secret/s",
            "metadata.labels[example.com/n]",
            "22:20: generatorOptions.labels[example.com/n]",
        ),
    ] {
        let said = last(object, field);
        assert!(said.starts_with(&format!("/o/kustomization.yaml:{place}: ")), "{said}");
    }
    // The options for all are not for configs.
    let trace = trace_of(&[
        ("/o/kustomization.yaml", "generators: [g.yaml]\ngeneratorOptions: {labels: {a: x}}\n"),
        (
            "/o/g.yaml",
            "\
apiVersion: builtin
kind: ConfigMapGenerator
metadata: {name: x}
literals: [k=x]
options: {labels: {a: x}}
",
        ),
    ]);
    let said = history(&trace, "ConfigMap/x", "metadata.labels.a");
    assert_eq!(said, ["/o/g.yaml:1:1: generators: metadata.labels.a: x"]);
}
