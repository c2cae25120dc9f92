//! Which objects get the namespace of the destination.

use kustom::{Builder, MemoryFs};
use kustom_apps::{Preview, Rendered, Repository, render, render_some};

const DEFINITION: &str = "kind: CustomResourceDefinition\napiVersion: apiextensions.k8s.io/v1\n\
                          metadata: {name: widgets.example.com}\n\
                          spec: {group: example.com, scope: SCOPE, names: {kind: Widget}}\n";

const WIDGET: &str = "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: x}\n";

fn applications() -> String {
    let one = |name: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: {name}}}\n\
             spec: {{source: {{repoURL: r, path: {name}}}, destination: {{name: c, namespace: ns}}}}\n---\n"
        )
    };
    one("app") + &one("crds")
}

fn repository(files: &[(&str, &str)]) -> Repository {
    let mut all = MemoryFs::new();
    all.insert("/repo/crds/map.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\n");
    for (path, text) in files {
        all.insert(format!("/repo/{path}"), *text);
    }
    Repository::new(all, "/repo".as_ref()).expect("a directory")
}

fn previewed(repository: &Repository) -> Preview {
    let mut preview = Preview::default();
    preview.add_file("a.yaml".as_ref(), applications().as_bytes(), repository, &[]);
    preview
}

/// Renders the first Application, alone or with the other one: says whether its object has a namespace, and what is
/// said of it.
fn of(repository: &Repository) -> (bool, Vec<String>) {
    let applications = previewed(repository).applications;
    let builder = Builder::new();
    let both = render(&applications, repository, &builder).remove(0);
    let alone = render_some(&applications[..1], &applications[1..], repository, &builder).remove(0);
    assert_eq!(both.to_yaml(), alone.to_yaml());
    let told = |rendered: &Rendered| -> Vec<String> {
        rendered.problems.iter().map(|p| format!("{}: {}", p.code, p.message)).collect()
    };
    assert_eq!(told(&both), told(&alone));
    (both.to_yaml().contains("namespace: ns"), told(&both))
}

#[test]
fn definitions_decide_wherever_they_are() {
    let unknown = "unknown-scope: taken to have a namespace, for nothing here says whether they do: Widget.example.com";
    let widget = ("app/w.yaml", WIDGET);
    let (has, told) = of(&repository(&[widget]));
    assert_eq!((has, told), (true, vec![unknown.to_owned()]));
    let (cluster, namespaced) =
        (DEFINITION.replace("SCOPE", "Cluster"), DEFINITION.replace("SCOPE", "Namespaced"));
    // A Kustomization makes the definition, so that no file has it.
    let made = "resources: [w.yaml]\npatches: [{patch: '[{\"op\": \"add\", \"path\": \"/spec/scope\", \"value\": \"Cluster\"}]', target: {kind: CustomResourceDefinition}}]\n";
    let part = DEFINITION.replace("scope: SCOPE, ", "");
    for (files, wanted) in [
        (vec![("app/crd.yaml", cluster.as_str())], false),
        (vec![("crds/crd.yaml", &cluster)], false),
        (vec![("elsewhere/crd.yaml", &cluster)], false),
        (vec![("elsewhere/crd.yaml", &namespaced)], true),
        (vec![("crds/w.yaml", &part), ("crds/kustomization.yaml", made)], false),
        // What is rendered goes before what lies around.
        (vec![("app/crd.yaml", &cluster), ("elsewhere/crd.yaml", &namespaced)], false),
    ] {
        let (has, told) = of(&repository(&[vec![widget], files.clone()].concat()));
        assert_eq!((has, told), (wanted, Vec::new()), "{files:?}");
    }
    let said = repository(&[widget]).with_cluster_scoped(["Widget.example.com"]);
    assert_eq!(of(&said), (false, Vec::new()));
}

#[test]
fn kinds_of_many_clusters_are_known() {
    for (api, kind, wanted) in [
        ("cert-manager.io/v1", "ClusterIssuer", false),
        ("cert-manager.io/v1", "Issuer", true),
        ("external-secrets.io/v1", "ClusterSecretStore", false),
        ("kyverno.io/v1", "ClusterPolicy", false),
        ("kyverno.io/v1", "Policy", true),
        ("gateway.networking.k8s.io/v1", "GatewayClass", false),
        ("gateway.networking.k8s.io/v1", "HTTPRoute", true),
        ("constraints.gatekeeper.sh/v1beta1", "K8sRequiredLabels", false),
        ("monitoring.coreos.com/v1", "ServiceMonitor", true),
        ("storage.k8s.io/v1beta1", "VolumeAttributesClass", false),
        ("networking.k8s.io/v1", "IngressClass", false),
        ("scheduling.k8s.io/v1", "PriorityClass", false),
        ("flowcontrol.apiserver.k8s.io/v1", "FlowSchema", false),
        ("autoscaling/v2", "HorizontalPodAutoscaler", true),
        ("coordination.k8s.io/v1", "Lease", true),
        ("v1", "Namespace", false),
    ] {
        let object = format!("apiVersion: {api}\nkind: {kind}\nmetadata: {{name: x}}\n");
        assert_eq!(of(&repository(&[("app/o.yaml", &object)])), (wanted, Vec::new()), "{kind}");
    }
}

#[test]
fn what_has_no_namespace_loses_one() {
    let issuer = |kind: &str| {
        format!(
            "apiVersion: cert-manager.io/v1\nkind: {kind}\nmetadata: {{name: x, namespace: own}}\n"
        )
    };
    for (kind, wanted) in [("ClusterIssuer", false), ("Issuer", true)] {
        let repository = repository(&[("app/o.yaml", &issuer(kind))]);
        let applications = previewed(&repository).applications;
        let rendered = render(&applications, &repository, &Builder::new()).remove(0);
        assert_eq!(rendered.to_yaml().contains("namespace: own"), wanted, "{kind}");
    }
}
