//! `kustom apps` where each cluster has files of its own, or a file says which there are.

use super::apps::committed;
use super::apps_changes::SET;
use super::{config_map, kustom, write};

#[test]
fn a_file_that_names_no_clusters_is_an_error() {
    let set = SET
        .replace("git: {repoURL: r, directories: [{path: 'apps/*'}]}", "clusters: {}")
        .replace("{{.path.basename}}", "{{.name}}")
        .replace("{{.path.path}}", "apps/{{.name}}");
    let map = config_map("a");
    let dir = committed("apps-clusters-form", &[("set.yaml", &set), ("apps/a/map.yaml", &map)]);
    std::fs::remove_dir_all(dir.join("apps/a")).expect("removed");
    let known = "clusters.yaml: it names no clusters: a file of clusters is a list, as `argocd cluster list -o yaml`";
    for (text, told) in [
        ("", Some(known)),
        ("root:x:0:0:root:/root:/bin/bash\n", Some("clusters.yaml: it is a string: a file of")),
        (
            "cluster: [{name: a, server: 'https://a'}]",
            Some("`cluster` is no key of it, did you mean"),
        ),
        (
            "[{name: a, server: 'https://a', label: {}}]",
            Some("unknown key `label`, did you mean `labels`?"),
        ),
        ("kind: PodList\nitems: []\n", Some(known)),
        ("kind: AllowList\nspec: {a: b}\n", Some(known)),
        ("kind: List\nitem: []\n", Some("`items` is not a list: a file of")),
        ("clusters: []\ncluster: []\n", Some("`cluster` stands beside `clusters`: a file of")),
        (
            "[{name: 1234, server: 'https://a'}]",
            Some("the `name` of a cluster is a number, not a text"),
        ),
        (
            "[{kind: Secret, metadata: {name: a}}]",
            Some("a Secret of the list is not that of a cluster"),
        ),
        ("[{name: a, server: 'https://a'}]", None),
        ("{kind: List, items: []}", None),
        ("[]", None),
    ] {
        write(&dir, "clusters.yaml", text);
        let run = |words: &[&str]| {
            kustom(&dir, &[words, &["set.yaml", "--clusters", "clusters.yaml"]].concat())
        };
        let (list, diff) = (run(&["apps"]), run(&["apps", "diff", "--from", "HEAD"]));
        match told {
            Some(told) => {
                assert_eq!((list.code, diff.code), (Some(1), Some(2)), "{text}: {}", diff.err);
                assert!(list.err.contains(told) && diff.err.contains(told), "{text}: {}", list.err);
            }
            None => {
                assert!(list.err.contains("there is no directory apps/"), "{text}: {}", list.err);
                assert!(list.out.contains("in-cluster"), "{text}: {}", list.out);
            }
        }
    }
    write(&dir, "clusters.yaml", "[{name: a, server: 'https://a'}]");
    let words = ["apps", "diff", "set.yaml", "--clusters", "clusters.yaml", "--from", "HEAD"];
    let ran = kustom(&dir, &words);
    assert_eq!(ran.code, Some(2), "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("there is no directory apps/a"), "{}", ran.out);
}

#[test]
fn a_removed_config_map_is_not_replaced_by_that_of_another_cluster() {
    let flux = "apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: apps, namespace: flux-system}
spec: {path: ./web, prune: true, sourceRef: {kind: GitRepository, name: r}, \
               postBuild: {substituteFrom: [{kind: ConfigMap, name: vars}]}}
";
    let vars = |zone: &str| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: vars, namespace: flux-system}}\ndata: {{zone: {zone}}}\n"
        )
    };
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {zone: '${zone}'}\n";
    let dir = committed(
        "apps-flux-clusters",
        &[
            ("clusters/eu/apps.yaml", flux),
            ("clusters/eu/vars.yaml", &vars("eu-1")),
            ("clusters/us/apps.yaml", flux),
            ("clusters/us/vars.yaml", &vars("us-1")),
            ("web/map.yaml", map),
        ],
    );
    std::fs::remove_file(dir.join("clusters/eu/vars.yaml")).expect("removed");
    let told = "its variables are in the ConfigMap vars, which is not among the files: name its file as well (that in \
                clusters/us/vars.yaml may be for another cluster, which has a Kustomization of the same name there: name \
                the files of one cluster only)";
    let ran = kustom(&dir, &["apps", "render", "clusters/*/*.yaml"]);
    assert_eq!((ran.code, ran.err.contains(told)), (Some(1), true), "{}", ran.err);
    assert!(ran.out.contains("zone: us-1") && ran.out.matches("kind:").count() == 1, "{}", ran.out);
    let ran = kustom(&dir, &["apps", "diff", "clusters/*/*.yaml", "--from", "HEAD"]);
    assert_eq!(ran.code, Some(2), "{}{}", ran.out, ran.err);
    assert!(ran.out.contains(told) && !ran.out.contains("us-1"), "{}", ran.out);
}
