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

#[test]
#[cfg(unix)]
fn what_is_named_twice_is_there_once() {
    let app = application("one", "argocd", "p").replace("namespace: n}", "namespace: web}");
    let files = [
        ("a/app.yaml", app.as_str()),
        ("b/kustomization.yaml", "resources: [app.yaml]\n"),
        ("b/app.yaml", &app),
        ("p/kustomization.yaml", "resources: [map.yaml]\n"),
        ("p/map.yaml", &config_map("m")),
    ];
    let dir = folder("apps-named-twice", &files);
    // A pattern of files matches no link to a directory, as it matches no directory.
    let links = [("../b", "a/beside"), ("nowhere", "a/nowhere"), ("b", "c")];
    for (to, from) in links {
        std::os::unix::fs::symlink(to, dir.join(from)).expect("a link");
    }
    let root = dir.join("b");
    let root = root.to_str().expect("a path");
    for named in [
        &["a/*"][..],
        &["a/app.yaml", "./a/app.yaml", "a/*.yaml", "./a/*"],
        &["b", "./b", "b/", "b/../b", root, "c"],
    ] {
        let ran = kustom(&dir, &[&["apps"], named, &["--root", "."]].concat());
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{named:?}");
        assert_eq!(ran.out.lines().count(), 2, "{named:?}: {}", ran.out);
    }
}
