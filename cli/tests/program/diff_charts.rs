//! What `kustom diff` says of roots with charts that configurations name and that are not here.

use super::diff::Repo;

const CHART: &str = "apiVersion: builtin\nkind: HelmChartInflationGenerator\nmetadata: {name: x}\n\
                     name: c\nrepo: 'http://127.0.0.1:1'\nversion: 1.0.0\nreleaseName: r\n";

/// Returns a repository in which the kustomization in `h` has these lines, and others of these files.
fn repo(lines: &str, files: &[(&str, &str)]) -> Repo {
    let repo = Repo::empty();
    repo.write("h/kustomization.yaml", lines);
    repo.write("README.md", "a\n");
    files.iter().for_each(|(path, text)| repo.write(path, text));
    repo.commit();
    repo
}

/// Checks that a root may differ where `values` has changed, and that nothing else makes it differ.
#[track_caller]
fn may_differ_by(repo: &Repo, values: &str) {
    let switches = [&[][..], &["--render-all"], &["--enable-helm", "--helm-command", "/no/helm"]];
    let said = |switches: &[&str]| repo.diff(&[&[".", "--from", "HEAD"], switches].concat());
    repo.write("README.md", "b\n");
    repo.write("other/v.yaml", "a: 2\n");
    for switches in switches {
        let answer = said(switches);
        assert_eq!(answer.code, 0, "{switches:?} {}{}", answer.out, answer.err);
    }
    repo.write(values, "a: 2\n");
    for switches in switches {
        let answer = said(switches);
        assert_eq!(answer.code, 1, "{switches:?} {}{}", answer.out, answer.err);
        let said = "may differ, but could not be compared";
        assert!(answer.out.contains(said), "{switches:?} {}", answer.out);
    }
}

#[test]
fn values_of_a_chart_that_a_configuration_names_may_make_a_difference() {
    let generator = "generators: [gen.yaml]\n";
    for (fields, values) in [
        ("valuesFile: v.yaml\n", "h/v.yaml"),
        ("valuesFile: d/v.yaml\n", "h/d/v.yaml"),
        ("valuesFile: ../h/v.yaml\n", "h/v.yaml"),
        ("valuesFile: ../shared/v.yaml\n", "shared/v.yaml"),
        ("additionalValuesFiles: [w.yaml, v.yaml]\n", "h/v.yaml"),
        ("additionalValuesFiles: [../shared/v.yaml]\n", "shared/v.yaml"),
    ] {
        let chart = format!("{CHART}{fields}");
        let others = [("h/gen.yaml", &*chart), (values, "a: 1\n"), ("h/w.yaml", "a: 1\n")];
        may_differ_by(&repo(generator, &others), values);
    }
    // An empty folder of charts is none, and what is remote beside hides nothing.
    let chart = format!("{CHART}valuesFile: v.yaml\n");
    let files = [("h/gen.yaml", &*chart), ("h/v.yaml", "a: 1\n")];
    let with_folder = repo(generator, &files);
    std::fs::create_dir(with_folder.path().join("h/charts")).expect("a folder");
    may_differ_by(&with_folder, "h/v.yaml");
    let remote = "resources: ['http://127.0.0.1:1/a.yaml']\n";
    may_differ_by(&repo(&format!("{remote}{generator}"), &files), "h/v.yaml");
    let inline = chart.lines().map(|line| format!("  {line}\n")).collect::<String>();
    may_differ_by(&repo(&format!("generators:\n- |-\n{inline}"), &files), "h/v.yaml");
}

#[test]
fn values_of_a_chart_of_another_folder_may_make_a_difference() {
    let chart = |fields: &str| format!("{CHART}{fields}");
    let own = chart("valuesFile: v.yaml\n");
    let component =
        "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\ngenerators: [gen.yaml]\n";
    for (lines, kustomization, values) in [
        // Of configurations in a folder the paths count from the kustomization that lists it.
        ("generators: [../g]\n", "resources: [gen.yaml]\n", "h/v.yaml"),
        ("components: [../g]\n", component, "g/v.yaml"),
        ("resources: [../g]\n", "generators: [gen.yaml]\n", "g/v.yaml"),
    ] {
        let files = [("g/kustomization.yaml", kustomization), ("g/gen.yaml", &own)];
        may_differ_by(&repo(lines, &[&files[..], &[(values, "a: 1\n")]].concat()), values);
    }
    let shared = chart("additionalValuesFiles: [../shared/v.yaml]\n");
    let files = [
        ("g/kustomization.yaml", "resources: [gen.yaml]\n"),
        ("g/gen.yaml", &shared),
        ("shared/v.yaml", "a: 1\n"),
    ];
    may_differ_by(&repo("generators: [../g]\n", &files), "shared/v.yaml");
    // Two kustomizations use the same folder.
    let files = [
        ("b/kustomization.yaml", "generators: [../g]\n"),
        ("g/kustomization.yaml", "resources: [gen.yaml]\n"),
        ("g/gen.yaml", &own),
        ("h/v.yaml", "a: 1\n"),
        ("b/v.yaml", "a: 1\n"),
    ];
    for values in ["h/v.yaml", "b/v.yaml"] {
        may_differ_by(&repo("resources: [../b]\ngenerators: [../g]\n", &files), values);
    }
    let home = "chartHome: ../home\n";
    let local = chart(home).replace("repo: 'http://127.0.0.1:1'\nversion: 1.0.0\n", "");
    let files = [
        ("g/kustomization.yaml", "resources: [gen.yaml]\n"),
        ("g/gen.yaml", &*local),
        ("home/c/Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\n"),
        ("home/c/templates/a.yaml", "a: 1\n"),
    ];
    may_differ_by(&repo("generators: [../g]\n", &files), "home/c/templates/a.yaml");
}
