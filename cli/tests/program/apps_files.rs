//! The files that `kustom apps render -o` writes.

use super::apps::{SET, application};
use super::{config_map, folder, kustom, write};

#[test]
fn the_name_of_a_cluster_leads_nowhere() {
    let set = SET
        .replace("git: {repoURL: r, directories: [{path: 'apps/*'}]}", "clusters: {}")
        .replace("{{path.basename}}", "web-{{metadata.labels.id}}")
        .replace("{{path}}", "apps/{{name}}")
        .replace("name: prod", "name: '{{name}}'");
    let clusters = "clusters:\n- {name: ../.., server: a, labels: {id: up}}\n\
                    - {name: a/../b, server: b, labels: {id: aside}}\n\
                    - {name: .., server: c, labels: {id: root}}\n\
                    - {name: in-cluster, server: 'https://kubernetes.default.svc', labels: {id: here}}\n";
    let map = config_map("m");
    let files = [
        ("set.yaml", &*set),
        ("clusters.yaml", clusters),
        ("apps/b/map.yaml", &*map),
        ("map.yaml", &*map),
    ];
    let dir = folder("apps-clusters", &files);
    let base =
        ["apps", "render", "set.yaml", "--root", ".", "--clusters", "clusters.yaml", "-o", "out"];
    let ran = kustom(&dir, &base);
    let err = ran.err.replace("\n  ", " ");
    assert!(
        err.contains("the path apps/../.. leads out of the repository [no-such-path]"),
        "{err}"
    );
    assert!(err.contains("a parameter, such as the name of a cluster, may have brought"), "{err}");
    let ran = kustom(&dir, &[&base[..], &["--only", "web-root", "--only", "web-aside"]].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(
        dir.join("out/__/web-root.yaml").is_file()
            && dir.join("out/a_.._b/web-aside.yaml").is_file()
    );
    let alone = application(".web", "argocd", "apps/b").replace("'.web'", ".web");
    write(&dir, "apps.yaml", &alone);
    let ran = kustom(&dir, &["apps", "render", "apps.yaml", "--root", ".", "-o", "out"]);
    let said = "for Application .web, for it has a name that begins with a dot";
    assert!(ran.err.replace("\n  ", " ").contains(said), "{}", ran.err);
    for (name, said) in [
        ("\"::e::\"", "has a name that the runner of a CI takes for a command"),
        ("\"a##[b]\"", "has a name that the runner of a CI takes for a command"),
        ("\"::e::\\u202e\"", "has a character in its name that cannot be seen"),
        ("\"a\\nb\"", "has a character in its name that cannot be seen"),
        (&*"a".repeat(252), "has too long a name"),
    ] {
        write(&dir, "apps.yaml", &alone.replace(".web", name));
        let ran = kustom(&dir, &["apps", "render", "apps.yaml", "--root", ".", "-o", "out"]);
        assert!(ran.err.replace("\n  ", " ").contains(said), "{}", ran.err);
    }
}
