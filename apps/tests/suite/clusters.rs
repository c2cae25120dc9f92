//! Files of clusters.

use kustom_apps::Cluster;

/// Reads a file, and tells the clusters or why there are none.
fn read(text: &str) -> String {
    match Cluster::read_all(text.as_bytes()) {
        Ok(clusters) => {
            let shown = clusters.iter().map(|cluster| {
                let labels: Vec<&str> = cluster
                    .labels
                    .keys()
                    .map(|key| key.strip_prefix("argocd.argoproj.io/").unwrap_or(key))
                    .collect();
                format!("{} {} [{}]", cluster.name, cluster.server, labels.join(" "))
            });
            shown.collect::<Vec<_>>().join("\n")
        }
        Err(message) => {
            message.split(": a file of clusters is").next().unwrap_or_default().to_owned()
        }
    }
}

/// As `argocd cluster list -o yaml` prints them.
const PRINTED: &str = r#"
- annotations: {note: x}
  config: {tlsClientConfig: {insecure: false}}
  connectionState: {attemptedAt: "2026-01-01T00:00:00Z", message: "", status: Successful}
  info: {applicationsCount: 3, cacheInfo: {}, connectionState: {}, serverVersion: "1.33"}
  labels: {env: prod}
  name: prod
  namespaces: [a]
  clusterResources: true
  refreshRequestedAt: null
  project: team
  server: https://prod.example.com
  serverVersion: "1.33"
  shard: 1
- config: {tlsClientConfig: {insecure: false}}
  connectionState: {attemptedAt: null, message: "", status: Unknown}
  info: {applicationsCount: 0}
  name: in-cluster
  server: https://kubernetes.default.svc
"#;

#[test]
fn clusters_are_read_in_the_forms_that_people_have() {
    let both = "in-cluster https://kubernetes.default.svc []\n\
                prod https://prod.example.com [secret-type env]";
    assert_eq!(read(PRINTED), both);
    assert_eq!(read(&format!("items:{PRINTED}metadata: {{}}\n")), both);
    assert_eq!(read(&format!("clusters:{PRINTED}")), both);
    assert_eq!(read(r#"[{"name": "a", "server": "https://a"}]"#), "a https://a [secret-type]");
    assert_eq!(read("{name: a, server: 'https://a'}"), "a https://a [secret-type]");
    let secret = "kind: Secret\nmetadata: {labels: {argocd.argoproj.io/secret-type: cluster}}\nstringData: {name: s, server: 'https://s'}\n";
    let others = "kind: ConfigMap\n---\n---\nkind: Secret\n";
    assert_eq!(read(&format!("{others}---\n{secret}")), "s https://s [secret-type]");
    for none in ["[]", "clusters: []", "items: []\n", "{apiVersion: v1, kind: List, items: []}"] {
        assert_eq!(read(none), "in-cluster https://kubernetes.default.svc []", "{none}");
    }
}

#[test]
fn what_names_no_clusters_is_an_error() {
    for (text, told) in [
        ("", "it names no clusters"),
        ("# nothing yet\n---\n", "it names no clusters"),
        ("root:x:0:0:root\ndaemon:x:1:1:daemon\n", "it is a string"),
        (
            "cluster: [{name: a, server: b}]",
            "`cluster` is no key of it, did you mean `clusters`? a file of clusters is",
        ),
        ("name: a\nlabels: {}\n", "it names no clusters"),
        ("{kind: Config, clusters: [{name: a, cluster: {server: b}}]}", "it names no clusters"),
        ("{kind: Secret, metadata: {labels: {a: b}}}", "it names no clusters"),
        ("{kind: List, items: [{kind: Secret}]}", "it names no clusters"),
        ("clusters: {a: b}", "`clusters` is not a list"),
        ("clusters:\n", "`clusters` is not a list"),
        ("[a]", "a cluster is a string, not a map with `name` and `server`"),
        (
            "[{name: a, server: b, label: {}}]",
            "the cluster \"a\" has the unknown key `label`, did you mean `labels`?",
        ),
        ("[{name: a, server: b, zone: c}]", "the cluster \"a\" has the unknown key `zone`"),
        (
            "[{name: a, sever: b}]",
            "the cluster \"a\" has the unknown key `sever`, did you mean `server`?",
        ),
        ("[{name: a}]", "the cluster \"a\" has no `server`"),
    ] {
        assert!(read(text).starts_with(told), "{text:?}: {}", read(text));
    }
    let forms = Cluster::read_all(b"").unwrap_err();
    for form in ["argocd cluster list -o yaml", "`clusters:`", "Secrets"] {
        assert!(forms.contains(form), "{forms}");
    }
}
