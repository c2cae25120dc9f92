//! Each rule, on the smallest objects that show it.

use crate::diff::{Options, Removals, Report, RootReport, compare, read};

pub(super) fn found(before: &str, after: &str) -> Vec<String> {
    let set = |text: &str| read(text.as_bytes()).unwrap();
    let diff = compare(&set(before), &set(after), &Options::new()).unwrap();
    let report = Report::new(vec![RootReport::new("prod", diff)]);
    report.risks().into_iter().map(|risk| risk.rule).collect()
}

#[test]
fn what_the_server_refuses_is_a_risk() {
    let deploy = |label: &str| {
        format!(
            "{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: a}}, spec: {{selector: \
             {{matchLabels: {{app: {label}}}}}}}}}"
        )
    };
    assert_eq!(found(&deploy("x"), &deploy("y")), ["immutable"]);
    let map = |name: &str, value: &str, sealed: &str| {
        format!(
            "{{apiVersion: v1, kind: ConfigMap, metadata: {{name: {name}}}, immutable: {sealed}, data: {{a: {value}}}}}"
        )
    };
    assert_eq!(found(&map("a", "x", "true"), &map("a", "y", "true")), ["immutable"]);
    assert_eq!(found(&map("a", "x", "true"), &map("a", "x", "false")), ["immutable"]);
    assert!(found(&map("a", "x", "false"), &map("a", "y", "true")).is_empty());
    // Under another name it is another object.
    let hashed = |hash: &str, value: &str| map(&format!("a-{hash}"), value, "true");
    assert!(found(&hashed("2bc5dbt62m", "x"), &hashed("f9g8h7k6t5", "y")).is_empty());
    let claim = |size: &str| {
        format!(
            "{{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {{name: a}}, spec: \
             {{resources: {{requests: {{storage: {size}}}}}}}}}"
        )
    };
    assert_eq!(found(&claim("2Gi"), &claim("1Gi")), ["storage-shrunk"]);
    assert!(found(&claim("1Gi"), &claim("2Gi")).is_empty());
    assert_eq!(found(&claim("1Gi"), ""), ["removal"]);
    let namespace =
        |api: &str| format!("{{apiVersion: {api}, kind: Namespace, metadata: {{name: a}}}}");
    assert_eq!(found(&namespace("v1"), ""), ["removal"]);
    assert!(found(&namespace("example.com/v1"), "").is_empty());
    // What stays is not lost as well.
    let kept =
        claim("1Gi").replace("name: a", "name: a, annotations: {helm.sh/resource-policy: keep}");
    assert_eq!(found(&kept, ""), ["removal-of-kept"]);
    let of = |removals| {
        let set = read(kept.as_bytes()).unwrap();
        let diff = compare(&set, &Vec::new(), &Options::new()).unwrap();
        let report = Report::new(vec![RootReport::new("prod", diff).removing(removals)]);
        report.risks().into_iter().map(|risk| risk.rule).collect::<Vec<_>>()
    };
    assert_eq!(of(Removals::Delete), ["removal"]);
    assert!(of(Removals::Stay).is_empty());
}

#[test]
fn what_opens_doors_is_a_risk() {
    let pod = |container: &str| {
        format!(
            "{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: a}}, spec: {{template: {{spec: \
             {{containers: [{{name: c, {container}}}]}}}}}}}}"
        )
    };
    let image = |image: &str| pod(&format!("image: '{image}'"));
    assert_eq!(found(&image("a@sha256:0"), &image("a:1")), ["image-unpinned"]);
    assert_eq!(found(&image("a:1.10"), &image("a:1.9")), ["image-backwards"]);
    assert!(found(&image("a:1.9"), &image("a:1.10")).is_empty());
    assert_eq!(found(&image("docker.io/library/a:2.0"), &image("a:1.0")), ["image-backwards"]);
    assert_eq!(found(&image("a:1"), &image("a:latest")), ["image-latest"]);
    assert_eq!(found(&image("a:1"), &image("a")), ["image-latest"]);
    for (same, other) in [("a", "a:latest"), ("a:latest", "a"), ("a:latest", "a:latest@sha256:0")] {
        assert!(found(&image(same), &image(other)).is_empty(), "{same} → {other}");
    }
    let latest = pod("image: 'a:latest'");
    assert_eq!(found("", &latest), ["image-latest"]);
    let more = latest.replace("[{name: c", "[{name: b, image: 'b:latest'}, {name: c");
    assert_eq!(found(&latest, &more), ["image-latest"]);
    assert!(found(&latest, &latest.replace("name: c", "name: d")).is_empty());
    let open = pod("securityContext: {privileged: true}");
    assert_eq!(found(&pod("securityContext: {privileged: false}"), &open), ["privileged"]);
    assert_eq!(found("", &open), ["privileged"]);
    // A container is no other one under another name.
    let named = |name: &str, image: &str| {
        open.replace("name: c,", &format!("name: {name}, image: '{image}',"))
    };
    assert!(found(&named("c", "a:1"), &named("d", "a:2")).is_empty());
    assert_eq!(found(&named("c", "a:1"), &named("d", "b:1")), ["privileged"]);
    let role = |verbs: &str| {
        format!(
            "{{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {{name: a}}, \
             rules: [{{apiGroups: [''], resources: [pods], verbs: [{verbs}]}}]}}"
        )
    };
    assert_eq!(found(&role("get"), &role("get, '*'")), ["rbac-grown"]);
    assert!(found(&role("get"), &role("get, list")).is_empty());
}
#[test]
fn what_opens_doors_is_found_wherever_it_comes_from() {
    let deploy = |pod: &str| {
        format!(
            "{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: a}}, spec: {{template: {{spec: \
             {{{pod}}}}}}}}}"
        )
    };
    let c = "containers: [{name: c, image: 'a:1'";
    let caps =
        |add: &str| deploy(&format!("{c}, securityContext: {{capabilities: {{add: [{add}]}}}}}}]"));
    let mounts =
        |path: &str| deploy(&format!("{c}}}], volumes: [{{name: v, hostPath: {{path: {path}}}}}]"));
    let plain = deploy(&format!("{c}}}]"));
    let second = "volumes: [{name: v, emptyDir: {}}, {name: w, hostPath: {path: /}}]";
    let first = "volumes: [{name: v, emptyDir: {}}]";
    let with = |more: &str| deploy(&format!("{c}}}], {more}"));
    let bare = "{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, spec: {replicas: 1}}";
    for before in ["", bare, &plain] {
        for after in [&caps("SYS_ADMIN"), &mounts("/var"), &with("hostNetwork: true")] {
            assert_eq!(found(before, after), ["privileged"], "{before} → {after}");
        }
        assert!(found(before, &caps("NET_BIND_SERVICE")).is_empty());
    }
    for (context, count) in [("{runAsUser: 1}", 1), ("{capabilities: {drop: [ALL]}}", 2)] {
        let before = deploy(&format!("{c}, securityContext: {context}}}]"));
        assert_eq!(found(&before, &caps("SYS_ADMIN")), vec!["privileged"; count], "{context}");
    }
    assert_eq!(found(&with(first), &with(second)), ["privileged"]);
    assert_eq!(found(&caps("A"), &caps("A, B")), ["privileged"]);
    assert!(found(&caps("A, B"), &caps("B, A")).is_empty());
    assert!(found(&caps("A, B"), &caps("B")).is_empty());
    assert_eq!(found(&mounts("/var/log"), &mounts("/var")), ["privileged"]);
    assert_eq!(found(&mounts("/var/log"), &mounts("/")), ["privileged"]);
    assert_eq!(found(&mounts("/var/log"), &mounts("/var/logs")), ["privileged"]);
    assert!(found(&mounts("/var"), &mounts("/var/log")).is_empty());
    // The schema of a custom resource mounts nothing.
    let crd = "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: a}, \
               spec: {properties: {volumes: {items: {properties: {hostPath: {type: object}}}}, \
               hostNetwork: {type: boolean}}}}";
    assert!(found("", crd).is_empty());
}

#[test]
fn a_restriction_that_is_given_up_is_a_risk() {
    let deploy = |pod: &str, container: &str| {
        format!(
            "{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: a}}, spec: {{template: {{spec: \
             {{securityContext: {{{pod}}}, containers: [{{name: c, image: 'a:1', securityContext: {{{container}}}}}]}}}}}}}}"
        )
    };
    let of = |container: &str| deploy("", container);
    for (before, after) in [
        ("allowPrivilegeEscalation: false", ""),
        ("allowPrivilegeEscalation: false", "allowPrivilegeEscalation: true"),
        ("runAsNonRoot: true", ""),
        ("runAsNonRoot: true", "runAsNonRoot: false"),
        ("capabilities: {drop: [ALL]}", ""),
        ("capabilities: {drop: [ALL]}", "capabilities: {drop: [NET_RAW]}"),
        ("runAsUser: 1000", "runAsUser: 0"),
        ("", "seccompProfile: {type: Unconfined}"),
        ("seccompProfile: {type: RuntimeDefault}", "seccompProfile: {type: Unconfined}"),
        ("", "windowsOptions: {hostProcess: true}"),
        ("", "procMount: Unmasked"),
    ] {
        assert_eq!(found(&of(before), &of(after)), ["privileged"], "{before} → {after}");
        assert!(found(&of(after), &of(before)).is_empty(), "{after} → {before}");
    }
    // Capabilities in other spellings.
    let drop = |name: &str| of(&format!("capabilities: {{drop: [{name}]}}"));
    for (one, other) in [("ALL", "all"), ("NET_RAW", "CAP_NET_RAW"), ("cap_net_raw", "NET_RAW")] {
        assert!(found(&drop(one), &drop(other)).is_empty(), "{one}, {other}");
    }
    assert!(found(&drop("NET_RAW"), &drop("all")).is_empty());
    // Defaults that are written out.
    for default in ["allowPrivilegeEscalation: true", "runAsNonRoot: false", "privileged: false"] {
        assert!(found(&of(""), &of(default)).is_empty(), "{default}");
    }
    // What the Pod says holds for its containers, and the other way round.
    let (of_pod, of_container) = (deploy("runAsNonRoot: true", ""), of("runAsNonRoot: true"));
    assert!(found(&of_pod, &of_container).is_empty());
    assert!(found(&of_container, &of_pod).is_empty());
    // A container that is gone had restrictions, too.
    let both = of("runAsNonRoot: true").replace(
        "containers: [",
        "containers: [{name: d, securityContext: {runAsNonRoot: true}}, ",
    );
    assert!(found(&both, &of("runAsNonRoot: true")).is_empty());
}

#[test]
fn what_is_created_anew_may_change_and_a_new_name_opens_nothing() {
    let job = |annotation: &str, completions: &str| {
        format!(
            "{{apiVersion: batch/v1, kind: Job, metadata: {{name: a, annotations: {{{annotation}}}}}, \
             spec: {{completions: {completions}}}}}"
        )
    };
    assert_eq!(found(&job("a: b", "1"), &job("a: b", "2")), ["immutable"]);
    let indexed =
        |count| job("a: b", count).replace("completions", "completionMode: Indexed, completions");
    assert!(found(&indexed("1"), &indexed("2")).is_empty());
    for anew in [
        "argocd.argoproj.io/hook: PreSync",
        "helm.sh/hook: pre-upgrade",
        "argocd.argoproj.io/sync-options: 'Force=true, Replace=true'",
    ] {
        assert!(found(&job(anew, "1"), &job(anew, "2")).is_empty(), "{anew}");
    }
    let replaced = "argocd.argoproj.io/sync-options: Replace=true";
    assert_eq!(found(&job(replaced, "1"), &job(replaced, "2")), ["immutable"]);
    let role = |name: &str, verbs: &str| {
        format!(
            "{{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {{name: {name}}}, \
             rules: [{{apiGroups: [''], resources: [pods, secrets], verbs: [{verbs}]}}]}}"
        )
    };
    assert!(found(&role("a", "get"), &role("b", "get")).is_empty());
    assert_eq!(found(&role("a", "get"), &role("b", "get, list")), ["rbac-grown"]);
}

#[test]
fn another_kind_of_workload_under_the_same_name_is_a_risk() {
    let object = |kind: &str, more: &str| {
        format!("{{apiVersion: apps/v1, kind: {kind}, metadata: {{name: a{more}}}}}")
    };
    for (before, after) in
        [("Deployment", "StatefulSet"), ("Deployment", "DaemonSet"), ("DaemonSet", "StatefulSet")]
    {
        assert_eq!(found(&object(before, ""), &object(after, "")), ["kind-change"]);
        let elsewhere = object(after, ", namespace: b");
        assert!(found(&object(before, ""), &elsewhere).is_empty());
    }
    let both = found(&object("StatefulSet", ""), &object("Deployment", ""));
    assert_eq!(both, ["kind-change", "removal"]);
    assert!(found(&object("Deployment", ""), &object("Widget", "")).is_empty());
    let keep = ", annotations: {argocd.argoproj.io/sync-options: Prune=false}";
    let kept = found(&object("Deployment", keep), &object("DaemonSet", keep));
    assert_eq!(kept, ["removal-of-kept"]);
}
#[test]
fn what_is_written_in_another_way_is_no_risk() {
    let object = |api: &str, kind: &str, rest: &str| {
        format!("{{apiVersion: {api}, kind: {kind}, metadata: {{name: a}}, {rest}}}")
    };
    let service = |spec: &str| object("v1", "Service", &format!("spec: {{a: b{spec}}}"));
    let set = |spec: &str| object("apps/v1", "StatefulSet", &format!("spec: {{a: b{spec}}}"));
    let class =
        |more: &str| object("storage.k8s.io/v1", "StorageClass", &format!("provisioner: p{more}"));
    let claims = |size: &str| {
        let spec = format!("{{resources: {{requests: {{storage: {size}}}}}}}");
        set(&format!(", volumeClaimTemplates: [{{metadata: {{name: d}}, spec: {spec}}}]"))
    };
    for (one, other) in [
        (service(""), service(", type: ClusterIP")),
        (service(""), service(", clusterIP: ''")),
        (set(""), set(", podManagementPolicy: OrderedReady")),
        (class(""), class(", reclaimPolicy: Delete, volumeBindingMode: Immediate")),
        (claims("1Gi"), claims("1024Mi")),
        (claims("1Gi"), claims("1Gi").replace("{resources", "{volumeMode: Filesystem, resources")),
    ] {
        assert!(found(&one, &other).is_empty(), "{one} → {other}");
        assert!(found(&other, &one).is_empty(), "{other} → {one}");
    }
    assert_eq!(found(&service(""), &service(", type: NodePort")), ["service-type"]);
    assert_eq!(found(&set(""), &set(", podManagementPolicy: Parallel")), ["immutable"]);
    assert_eq!(found(&claims("1Gi"), &claims("2Gi")), ["immutable"]);
    assert_eq!(found(&class(", reclaimPolicy: Retain"), &class("")), ["immutable"]);
    // Others have kinds of the same name.
    let other = |spec: &str| {
        object("serving.example.dev/v1", "Service", &format!("spec: {{type: {spec}}}"))
    };
    assert!(found(&other("a"), &other("b")).is_empty());
}

#[test]
fn a_field_that_cannot_be_changed_is_one_risk_however_much_of_it_changes() {
    let job = |image: &str, more: &str| {
        format!(
            "{{apiVersion: batch/v1, kind: Job, metadata: {{name: a}}, spec: {{completionMode: {more}, template: \
             {{spec: {{restartPolicy: {more}, containers: [{{name: c, image: '{image}', args: [{more}]}}]}}}}}}}}"
        )
    };
    let messages = |before: &str, after: &str| -> Vec<String> {
        let set = |text: &str| read(text.as_bytes()).unwrap();
        let diff = compare(&set(before), &set(after), &Options::new()).unwrap();
        let risks = Report::new(vec![RootReport::new("prod", diff)]).risks();
        risks.into_iter().map(|risk| risk.message).collect()
    };
    let said = messages(&job("a:1", "x"), &job("a:2", "y"));
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[0].starts_with("spec.completionMode cannot be changed"), "{said:?}");
    assert!(said[1].starts_with("spec.template (3 fields) cannot be changed"), "{said:?}");
    let service = |spec: &str| {
        format!("{{apiVersion: v1, kind: Service, metadata: {{name: a}}, spec: {{a: b{spec}}}}}")
    };
    for headless in [", clusterIP: None", ", clusterIP: None, clusterIPs: [None]"] {
        assert_eq!(found(&service(""), &service(headless)), ["immutable"]);
        // The server keeps it.
        assert!(found(&service(headless), &service("")).is_empty());
    }
    assert!(found(&service(""), &service(", clusterIP: 10.0.0.1")).is_empty());
    assert_eq!(
        found(&service(", clusterIP: 10.0.0.1"), &service(", clusterIP: None")),
        ["immutable"]
    );
}

#[test]
fn the_class_of_a_load_balancer_is_fixed_as_long_as_it_is_one() {
    let service = |spec: &str| {
        format!("{{apiVersion: v1, kind: Service, metadata: {{name: a}}, spec: {{a: b{spec}}}}}")
    };
    let (plain, balancer) = (service(""), service(", type: LoadBalancer"));
    let class = |class: &str| service(&format!(", type: LoadBalancer, loadBalancerClass: {class}"));
    assert_eq!(found(&balancer, &class("x")), ["immutable"]);
    assert_eq!(found(&class("x"), &class("y")), ["immutable"]);
    assert_eq!(found(&class("x"), &balancer), ["immutable"]);
    let cluster = service(", type: ClusterIP");
    for other in [&plain, &cluster] {
        assert_eq!(found(&class("x"), other), ["service-type"]);
        assert_eq!(found(other, &class("x")), ["service-type"]);
    }
}
