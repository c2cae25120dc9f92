//! Where Applications and their objects go.

use kustom::Builder;
use kustom_apps::lint::lint;
use kustom_apps::{Preview, render};

use super::{GOOD, PROJECT, found, repository};

#[test]
fn the_namespaces_of_objects_count_as_well() {
    let project =
        PROJECT.replace("{server: '*', namespace: '!web-x'}", "{name: prod, namespace: shared}");
    let objects = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: web-2}\n---\n\
                   apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b, namespace: shared}\n---\n\
                   apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: kube-system}\n---\n\
                   apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: d, namespace: kube-system}\n---\n\
                   apiVersion: v1\nkind: Namespace\nmetadata: {name: e, namespace: odd, annotations: {argocd.argoproj.io/sync-options: Prune=false}}\n";
    let found = found(&[&project, GOOD], &[("app/objects.yaml", objects)]);
    assert_eq!(
        found,
        [
            "destination-forbidden: the AppProject apps does not allow the namespace \"kube-system\" of prod, which is that of ConfigMap kube-system/c, Role kube-system/d",
            "kind-forbidden: the AppProject apps does not allow Namespace e",
        ]
    );
    let named = |name: &str| {
        let list = format!(
            "  clusterResourceWhitelist: [{{group: '', kind: Namespace, name: '{name}'}}]\n"
        );
        let found =
            super::found(&[&format!("{project}{list}"), GOOD], &[("app/objects.yaml", objects)]);
        found.iter().any(|line| line.starts_with("kind-forbidden"))
    };
    assert_eq!((named("e*"), named("x"), named("")), (false, true, false));
}

#[test]
fn a_set_for_several_clusters_is_named() {
    let set = "apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: set}
spec:
  generators: [{list: {elements: [{c: one}, {c: two}]}}]
  template:
    metadata: {name: 'a-{{c}}'}
    spec: {project: default, source: {path: app, repoURL: r}, destination: {name: '{{c}}', namespace: web}}
";
    assert_eq!(
        found(&[set], &[]),
        ["crosses-clusters: deploys from one cluster into several: one, two"]
    );
}

#[test]
fn a_destination_is_one_cluster_that_there_is() {
    let of = |destination: &str, clusters: &str| {
        let repository = repository(&[]);
        let clusters = match clusters {
            "" => Vec::new(),
            text => kustom_apps::Cluster::read_all(text.as_bytes()).expect("clusters"),
        };
        let text = GOOD.replace("{name: prod, namespace: web}", destination);
        let mut preview = Preview::default();
        preview.add_file("apps.yaml".as_ref(), text.as_bytes(), &repository, &clusters);
        let rendered = render(&preview.applications, &repository, &Builder::new());
        let problems = lint(&preview, &rendered, &repository, &Builder::new());
        let found = problems.into_iter().find(|problem| problem.code == "destination-invalid");
        found.map(|problem| problem.message).unwrap_or_default()
    };
    let clusters = "clusters: [{name: prod, server: 'https://p'}, {name: two, server: 'https://a'}, {name: two, server: 'https://b'}]";
    for (destination, without, with) in [
        ("{name: prod, namespace: web}", "", ""),
        ("{server: 'https://p/', namespace: web}", "", ""),
        ("{name: in-cluster, namespace: web}", "", ""),
        ("{server: 'https://kubernetes.default.svc', namespace: web}", "", ""),
        ("{name: prd, namespace: web}", "", "there is no cluster prd"),
        ("{server: 'https://q'}", "", "there is no cluster https://q"),
        ("{name: two}", "", "there are 2 clusters two"),
    ] {
        assert_eq!(
            (of(destination, "").as_str(), of(destination, clusters).as_str()),
            (without, with),
            "{destination}"
        );
    }
    assert_eq!(of("{namespace: web}", ""), "the destination has neither a name nor a server");
    assert_eq!(
        of("{name: prod, server: 'https://p'}", clusters),
        "the destination has both the name prod and the server https://p"
    );
}
