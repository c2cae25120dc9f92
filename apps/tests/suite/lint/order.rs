//! The order of a sync: phases, then waves.

use super::{GOOD, PROJECT, found};

/// Says what of a Pod and of what it needs is in the wrong order, each with these annotations.
fn order(pod: &str, map: &str) -> String {
    let annotations = |text: &str| match text {
        "" => String::new(),
        text => format!(", annotations: {{{text}}}"),
    };
    let objects = format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c{}}}\n---\napiVersion: batch/v1\nkind: Job\nmetadata: {{name: a{}}}\n\
         spec: {{template: {{spec: {{containers: [{{name: a, envFrom: [{{configMapRef: {{name: c}}}}]}}]}}}}}}\n",
        annotations(map),
        annotations(pod),
    );
    told(&objects)
}

fn told(objects: &str) -> String {
    let found = found(&[PROJECT, GOOD], &[("app/objects.yaml", objects)]);
    let mut lines = found.iter().filter_map(|line| line.strip_prefix("sync-wave-order: "));
    lines.next().unwrap_or_default().to_owned()
}

#[test]
fn what_pods_need_comes_before_them_or_with_them() {
    let wave = |wave: &str| format!("argocd.argoproj.io/sync-wave: '{wave}'");
    let hook = |hook: &str| format!("argocd.argoproj.io/hook: '{hook}'");
    let helm = |hook: &str, weight: &str| {
        format!("helm.sh/hook: '{hook}', helm.sh/hook-weight: '{weight}'")
    };
    let both = |one: String, other: String| format!("{one}, {other}");
    let none = String::new;
    let after = |own: &str, first: &str| {
        format!("Job web/a ({own}) needs ConfigMap c, which comes only after it ({first})")
    };
    let fine = String::new();
    for (pod, map, wanted) in [
        (none(), none(), fine.clone()),
        (wave("1"), none(), fine.clone()),
        (none(), wave("-1"), fine.clone()),
        (none(), wave("1"), after("Sync, wave 0", "Sync, wave 1")),
        (wave("-5"), none(), after("Sync, wave -5", "Sync, wave 0")),
        // A phase goes before any wave.
        (hook("PreSync"), none(), after("PreSync, wave 0", "Sync, wave 0")),
        (both(hook("PreSync"), wave("5")), wave("-5"), after("PreSync, wave 5", "Sync, wave -5")),
        (hook("PreSync"), hook("PreSync"), fine.clone()),
        (hook("PreSync"), both(hook("PreSync"), wave("1")), after("PreSync, wave 0", "PreSync, wave 1")),
        (none(), both(hook("PreSync"), wave("9")), fine.clone()),
        (none(), hook("PostSync"), after("Sync, wave 0", "PostSync, wave 0")),
        (both(hook("PostSync"), wave("-9")), wave("9"), fine.clone()),
        (hook("SyncFail"), none(), fine.clone()),
        (hook("PostSync"), hook("SyncFail"), after("PostSync, wave 0", "SyncFail, wave 0")),
        // The first of several phases counts.
        (hook("PostSync, PreSync"), none(), after("PreSync, wave 0", "Sync, wave 0")),
        (hook("PreSync"), hook("PostSync,PreSync"), fine.clone()),
        // Hooks of helm, with their weights.
        (helm("pre-install,pre-upgrade", "0"), none(), after("PreSync, wave 0", "Sync, wave 0")),
        (helm("pre-install", "5"), helm("pre-install", "-5"), fine.clone()),
        (helm("pre-install", "-5"), helm("pre-install", "5"), after("PreSync, wave -5", "PreSync, wave 5")),
        (helm("post-install", "-5"), none(), fine.clone()),
        (both(helm("post-install", "0"), hook("PreSync")), none(), after("PreSync, wave 0", "Sync, wave 0")),
        // What is never applied waits for nothing.
        (hook("Skip"), wave("1"), fine.clone()),
        (helm("test", "0"), wave("1"), fine.clone()),
        // When an Application is deleted.
        (hook("PreDelete"), none(), fine.clone()),
        (hook("PreDelete"), hook("PreDelete"), fine.clone()),
        (
            hook("PostDelete"),
            none(),
            "Job web/a (PostDelete, wave 0) needs ConfigMap c, which is gone by then (Sync, wave 0)".to_owned(),
        ),
        (hook("PostDelete"), hook("PostDelete"), fine.clone()),
        (none(), hook("PreDelete"), after("Sync, wave 0", "PreDelete, wave 0")),
    ] {
        assert_eq!(order(&pod, &map), wanted, "{pod} | {map}");
    }
}

#[test]
fn all_that_a_pod_cannot_start_without_is_known() {
    for (kind, spec, is_found) in [
        ("ConfigMap", "volumes: [{name: v, configMap: {name: c}}]", true),
        ("ConfigMap", "volumes: [{name: v, configMap: {name: c, optional: true}}]", false),
        ("ConfigMap", "volumes: [{name: v, projected: {sources: [{configMap: {name: c}}]}}]", true),
        ("Secret", "volumes: [{name: v, secret: {secretName: c}}]", true),
        ("Secret", "volumes: [{name: v, projected: {sources: [{secret: {name: c}}]}}]", true),
        (
            "PersistentVolumeClaim",
            "volumes: [{name: v, persistentVolumeClaim: {claimName: c}}]",
            true,
        ),
        ("ServiceAccount", "serviceAccountName: c", true),
        (
            "Secret",
            "initContainers: [{name: a, env: [{name: E, valueFrom: {secretKeyRef: {name: c, key: k}}}]}]",
            true,
        ),
        (
            "ConfigMap",
            "containers: [{name: a, env: [{name: E, valueFrom: {configMapKeyRef: {name: c, key: k}}}]}]",
            true,
        ),
        (
            "Secret",
            "containers: [{name: a, envFrom: [{secretRef: {name: c, optional: true}}]}]",
            false,
        ),
        ("Secret", "containers: [{name: a, envFrom: [{secretRef: {name: other}}]}]", false),
        ("ConfigMap", "volumes: [{name: v, secret: {secretName: c}}]", false),
    ] {
        let late = format!(
            "apiVersion: v1\nkind: {kind}\nmetadata: {{name: c, annotations: {{argocd.argoproj.io/sync-wave: '1'}}}}\n---\n"
        );
        let pod =
            format!("{late}apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec: {{{spec}}}\n");
        assert_eq!(!told(&pod).is_empty(), is_found, "{kind} {spec}");
        let elsewhere = pod.replace("name: a}", "name: a, namespace: web-2}");
        assert_eq!(told(&elsewhere), "", "{kind} {spec}");
        let workload = |kind: &str, more: &str| {
            format!(
                "{late}apiVersion: apps/v1\nkind: {kind}\nmetadata: {{name: a}}\nspec: {{{more}template: {{spec: {{{spec}}}}}}}\n"
            )
        };
        assert_eq!(!told(&workload("Deployment", "")).is_empty(), is_found, "{kind} {spec}");
        assert_eq!(told(&workload("Deployment", "replicas: 0, ")), "", "{kind} {spec}");
    }
}

#[test]
fn namespaces_and_definitions_are_moved_by_argo_cd() {
    let late = "annotations: {argocd.argoproj.io/sync-wave: '1', argocd.argoproj.io/sync-options: Prune=false}";
    for objects in [
        format!(
            "apiVersion: v1\nkind: Namespace\nmetadata: {{name: web, {late}}}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\n"
        ),
        format!(
            "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {{name: things.x, {late}}}\nspec: {{group: x, scope: Namespaced, names: {{kind: Thing}}}}\n---\napiVersion: x/v1\nkind: Thing\nmetadata: {{name: a}}\n"
        ),
    ] {
        assert_eq!(told(&objects), "");
    }
}
