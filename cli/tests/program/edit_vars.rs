//! What `edit fix` does to others, and what it cannot keep.

use std::fs;

use super::{folder, kustom, write};

#[test]
fn vars_in_parts_of_the_kustomization_are_no_change_of_theirs() {
    let certificate = "apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: cert}\nspec:\n  \
                       dnsNames: [$(SERVICE_NAME).ns.svc]\n";
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: webhook}\n";
    let vars =
        "vars: [{name: SERVICE_NAME, objref: {kind: Service, name: webhook, apiVersion: v1}}]\n";
    let main = format!("namePrefix: x-\nresources: [../cert, service.yaml]\n{vars}");
    let dir = folder(
        "fix-vars-parts",
        &[
            (
                "config/cert/kustomization.yaml",
                "resources: [c.yaml]\nconfigurations: [refs.yaml]\n",
            ),
            ("config/cert/refs.yaml", "varReference: [{path: spec/dnsNames, kind: Certificate}]\n"),
            ("config/cert/c.yaml", certificate),
            ("config/default/kustomization.yaml", &main),
            ("config/default/service.yaml", service),
        ],
    );
    fs::create_dir_all(dir.join(".git")).expect("a folder");
    let read = |path: &str| fs::read_to_string(dir.join(path)).expect("a file");
    let fix = &["edit", "fix", "--vars"][..];
    let before = kustom(&dir, &["build", "config/default"]).out;
    let main_dir = dir.join("config/default");
    // Another kustomization has the part as well, and fills the variable in.
    let other = format!("resources: [../cert, service.yaml]\n{vars}");
    write(&dir, "config/other/kustomization.yaml", &other);
    write(&dir, "config/other/service.yaml", service);
    let ran = kustom(&main_dir, fix);
    let wanted = "what uses the fixed kustomization, or parts of it, would build something else: config/other\n";
    assert!(ran.code == Some(1) && ran.err.contains(wanted), "{}", ran.err);
    assert!(!ran.err.contains("config/cert") && ran.err.contains("--force"), "{}", ran.err);
    assert_eq!(read("config/cert/c.yaml"), certificate);
    fs::remove_dir_all(dir.join("config/other")).expect("removed");
    let ran = kustom(&main_dir, fix);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(ran.err.contains("nothing fills that in: config/cert\n"), "{}", ran.err);
    assert_eq!(
        read("config/cert/c.yaml"),
        certificate.replace("$(SERVICE_NAME)", "SERVICE_NAME_PLACEHOLDER")
    );
    assert_eq!(kustom(&dir, &["build", "config/default"]).good(), before);
    // Whoever knows better is not kept from it.
    write(&dir, "config/cert/c.yaml", certificate);
    write(&dir, "config/default/kustomization.yaml", &main);
    write(&dir, "config/other/kustomization.yaml", &other);
    write(&dir, "config/other/service.yaml", service);
    let ran = kustom(&main_dir, &[fix, &["--force"]].concat());
    assert!(ran.code == Some(0) && ran.err.contains("config/other"), "{}", ran.err);
}

#[test]
fn what_a_chart_loses_is_told() {
    let text = "helmChartInflationGenerator:\n- chartName: web\n  extraArgs: [--debug]\n  helmBin: /opt/helm\n- chartName: db\n";
    let dir = folder("fix-charts", &[("kustomization.yaml", text)]);
    let ran = kustom(&dir, &["edit", "fix"]);
    for said in ["extraArgs of the chart web is gone", "helmBin of the chart web is gone"] {
        assert!(ran.code == Some(0) && ran.err.contains(said), "{}", ran.err);
    }
    assert!(!ran.err.contains("chart db"), "{}", ran.err);
}

#[test]
fn the_comments_of_vars_go_to_the_replacements() {
    let service =
        "apiVersion: v1\nkind: Service\nmetadata: {name: svc}\nspec: {ports: [{port: 80}]}\n";
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: a, image: i, args: \
               [$(SVC)]}]}\n";
    let dir = folder("fix-vars-comments", &[("s.yaml", service)]);
    fs::create_dir(dir.join(".git")).expect("a folder");
    let header = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n";
    let var = |name: &str| {
        format!("{{name: {name}, objref: {{kind: Service, name: svc, apiVersion: v1}}}}")
    };
    let rest = "namePrefix: a-\nresources: [s.yaml, p.yaml]\n";
    let other = "replacements:\n- source: {kind: Service, name: svc}\n  targets: [{select: {kind: Service}, \
                 fieldPaths: [metadata.name]}]\n";
    let fixed = |vars: &str, other: &str| {
        write(&dir, "p.yaml", pod);
        write(&dir, "kustomization.yaml", &format!("{vars}{rest}{other}"));
        kustom(&dir, &["edit", "fix", "--vars"]).good();
        let text = fs::read_to_string(dir.join("kustomization.yaml")).expect("a file");
        text.replacen(header, "", 1)
    };
    let text = fixed(&format!("vars: [{}] # c\n", var("SVC")), other);
    assert!(text.starts_with(&format!("{rest}{other}# c\n- source:\n")), "{text}");
    let lines =
        format!("vars: # v\n# one\n- {} # two\n# three\n- {} # four\n", var("SVC"), var("UNUSED"));
    let text = fixed(&lines, other);
    let comments = "# v\n# one\n# two\n# three\n# four\n";
    assert!(text.starts_with(&format!("{rest}{other}{comments}- source:\n")), "{text}");
    // Where nothing uses them, there is nothing to go with.
    let unused = format!("vars: [{}] # c\n", var("UNUSED"));
    let above = other.replace("replacements", "# c\nreplacements");
    assert_eq!(fixed(&unused, other), format!("{rest}{above}"));
    assert_eq!(fixed(&unused, ""), format!("# c\n{rest}"));
}
