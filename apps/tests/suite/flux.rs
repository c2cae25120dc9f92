//! What Kustomizations of Flux would apply.

use kustom::{Builder, MemoryFs};
use kustom_apps::{Manifest, Preview, Repository, render};

use super::render::{DEPLOYMENT, repository};

#[test]
fn kustomizations_of_flux_are_rendered() {
    let text = "apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: plain, namespace: flux-system}
spec:
  path: ./plain
  targetNamespace: team
  sourceRef: {kind: GitRepository, name: config}
  commonMetadata: {labels: {team: payments}}
  patches: [{patch: '{apiVersion: v1, kind: ConfigMap, metadata: {name: x}, data: {zone: \"${zone:=a}-${env}\"}}', target: {kind: ConfigMap, name: a}}]
  postBuild: {substitute: {env: prod}, substituteFrom: [{kind: ConfigMap, name: vars}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: vars, namespace: flux-system}
data: {env: dev, zone: eu}
";
    let repository = repository();
    let mut preview = Preview::default();
    preview.add_file("flux.yaml".as_ref(), text.as_bytes(), &repository, &[]);
    preview.check(&repository);
    assert_eq!(preview.applications[0].summary()["kind"], "Kustomization");
    let rendered = render(&preview.applications, &repository, &Builder::new()).remove(0);
    assert!(rendered.problems.is_empty(), "{:?}", rendered.problems);
    insta::assert_snapshot!(rendered.to_yaml(), @r#"
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRole
    metadata:
      labels:
        team: payments
      name: r
    ---
    apiVersion: v1
    data:
      zone: eu-prod
    kind: ConfigMap
    metadata:
      labels:
        team: payments
      name: a
      namespace: team
    ---
    apiVersion: v1
    kind: ConfigMap
    metadata:
      labels:
        team: payments
      name: b
      namespace: team
    "#);
}

#[test]
fn flux_puts_its_fields_over_those_of_the_kustomization() {
    let of = |kustomization: &str, spec: &str| {
        let mut files = MemoryFs::new();
        files.insert("/repo/app/kustomization.yaml", kustomization);
        files.insert("/repo/app/deployment.yaml", DEPLOYMENT);
        let repository = Repository::new(files, "/repo".as_ref()).expect("a directory");
        let text = format!(
            "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: a}}\nspec: {{path: app, {spec}}}\n"
        );
        let mut preview = Preview::default();
        preview.add_file("flux.yaml".as_ref(), text.as_bytes(), &repository, &[]);
        preview.check(&repository);
        render(&preview.applications, &repository, &Builder::new()).remove(0)
    };
    let images = "resources: [deployment.yaml]\nimages: [{name: web, newName: x, newTag: '2'}]\n";
    for (kustomization, spec, wanted) in [
        (images, "images: [{name: web, newTag: '3'}]", "image: x:3\n"),
        (images, "images: [{name: web, newName: z}]", "image: z:2\n"),
        (images, "images: [{name: web, digest: 'sha256:ab'}]", "image: x@sha256:ab\n"),
        (
            images,
            "patchesJson6902: [{target: {kind: Deployment, name: web, version: v1}, patch: [{op: replace, path: /spec/replicas, value: 7}]}]",
            "replicas: 7\n",
        ),
        (images, "buildMetadata: [managedByLabel]", "app.kubernetes.io/managed-by: kustomize"),
        ("namePrefix: a-\n", "", ""),
    ] {
        let rendered = of(kustomization, spec);
        assert!(rendered.problems.is_empty(), "{spec}: {:?}", rendered.problems);
        assert!(rendered.to_yaml().contains(wanted), "{spec}: {}", rendered.to_yaml());
    }
    let refused = of(images, "components: ['https://example.com/c']");
    assert!(refused.problems[0].message.contains("is no path beside"), "{:?}", refused.problems);
}

#[test]
fn each_cluster_has_variables_of_its_own() {
    let kustomization = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n\
                         metadata: {name: plain, namespace: flux-system}\nspec:\n  path: ./plain\n  \
                         sourceRef: {kind: GitRepository, name: r}\n  \
                         patches: [{patch: '{apiVersion: v1, kind: ConfigMap, metadata: {name: x}, data: {zone: \"region: ${region}\"}}', target: {kind: ConfigMap, name: a}}]\n  \
                         postBuild: {substituteFrom: [{kind: ConfigMap, name: vars}]}\n";
    let vars = |region: &str| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: vars, namespace: flux-system}}\ndata: {{region: {region}}}\n"
        )
    };
    let rendered = |files: &[(&str, &str)]| {
        let repository = repository();
        let mut preview = Preview::default();
        for (file, text) in files {
            preview.add_file(file.as_ref(), text.as_bytes(), &repository, &[]);
        }
        preview.finish();
        let doubts = preview.problems.iter().filter(|problem| problem.code == "other-cluster");
        let has_doubts = files.iter().any(|(file, _)| file.contains("/other/"));
        assert_eq!(doubts.count(), usize::from(has_doubts), "{:?}", preview.problems);
        let rendered = render(&preview.applications, &repository, &Builder::new());
        let told = |own: &kustom_apps::Rendered| match own.problems.first() {
            Some(problem) => problem.message.clone(),
            None => own.to_yaml(),
        };
        rendered.iter().map(told).collect::<Vec<_>>()
    };
    let (eu, us) = (vars("eu"), vars("us"));
    let both = rendered(&[
        ("clusters/a/apps.yaml", kustomization),
        ("clusters/a/vars/eu.yaml", &eu),
        ("clusters/b/apps.yaml", kustomization),
        ("clusters/b/vars/us.yaml", &us),
    ]);
    assert!(both[0].contains("region: eu") && !both[0].contains("region: us"), "{}", both[0]);
    assert!(both[1].contains("region: us") && !both[1].contains("region: eu"), "{}", both[1]);
    let unclear = rendered(&[
        ("clusters/c/apps.yaml", kustomization),
        ("clusters/a/vars.yaml", &eu),
        ("clusters/b/vars.yaml", &us),
    ]);
    assert!(
        unclear[0].contains("which is in clusters/a/vars.yaml and in clusters/b/vars.yaml"),
        "{}",
        unclear[0]
    );
    let missing = rendered(&[
        ("clusters/a/apps.yaml", kustomization),
        ("clusters/b/apps.yaml", kustomization),
        ("clusters/b/vars.yaml", &us),
    ]);
    assert_eq!(
        missing[0],
        "its variables are in the ConfigMap vars, which is not among the files: name its file as well (that in \
         clusters/b/vars.yaml may be for another cluster, which has a Kustomization of the same name there: name the \
         files of one cluster only)"
    );
    assert!(missing[1].contains("region: us"), "{}", missing[1]);
    let of_one = kustomization.replace("name: plain, ", "name: other, ");
    let unclear = rendered(&[
        ("clusters/a/apps.yaml", kustomization),
        ("clusters/a/other/apps.yaml", &of_one),
        ("clusters/b/apps.yaml", kustomization),
        ("clusters/b/vars.yaml", &us),
    ]);
    assert_eq!(unclear.len(), 3);
    assert!(unclear[1].contains("region: us"), "{}", unclear[1]);
    let shared = rendered(&[
        ("clusters/a/apps.yaml", kustomization),
        ("clusters/b/apps.yaml", kustomization),
        ("infrastructure/base/vars.yaml", &us),
    ]);
    assert!(shared.iter().all(|one| one.contains("region: us")), "{shared:?}");
    let same = rendered(&[("apps.yaml", kustomization), ("a.yaml", &eu), ("b.yaml", &eu)]);
    assert!(same[0].contains("region: eu"), "{}", same[0]);
}

#[test]
fn variables_may_have_only_other_values() {
    let of = |post_build: &str| {
        let text = format!(
            "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: m}}\nspec:\n  path: m\n  postBuild: {{{post_build}}}\n"
        );
        let mut files = MemoryFs::new();
        files.insert(
            "/repo/m/map.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata: {zone: '${zone:=a}'}\n",
        );
        // What is for other programs is no part of it.
        files.insert("/repo/m/.github/workflows/ci.yaml", "on: push\n");
        files.insert("/repo/m/.sops.yaml", "creation_rules: []\n");
        let repository = Repository::new(files, "/repo".as_ref()).expect("a directory");
        let mut preview = Preview::default();
        preview.add_file("flux.yaml".as_ref(), text.as_bytes(), &repository, &[]);
        preview.finish();
        let rendered = render(&preview.applications, &repository, &Builder::new()).remove(0);
        assert!(!rendered.failed(), "{:?}", rendered.problems);
        rendered.to_yaml()
    };
    assert!(of("substituteStrategy: WithVariables").contains("${zone:=a}"));
    assert!(of("substituteStrategy: Always").contains("zone: a\n"));
    assert!(of("substitute: {other: b}").contains("zone: a\n"));
}

#[test]
fn what_sourceignore_takes_is_left_out() {
    let map = |name: &str| format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\n");
    let mut files = MemoryFs::new();
    files.insert("/repo/.sourceignore", "# docs\n/app/docs/\n*.tmp.yaml\r\n");
    files.insert("/repo/app/.sourceignore", "/b*.yaml\n!/bad.yaml\n");
    for file in ["a", "b", "bad", "docs/a", "x.tmp", "deep/b"] {
        files.insert(format!("/repo/app/{file}.yaml"), map(&file.replace(['/', '.'], "-")));
    }
    let repository = Repository::new(files, "/repo".as_ref()).expect("a directory");
    let mut preview = Preview::default();
    let text = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: a}\n\
                spec: {path: app, prune: true, sourceRef: {kind: GitRepository, name: config}}\n";
    preview.add_file("flux.yaml".as_ref(), text.as_bytes(), &repository, &[]);
    preview.finish();
    let rendered = render(&preview.applications, &repository, &Builder::new()).remove(0);
    let titles: Vec<String> = rendered.manifests.iter().map(Manifest::title).collect();
    assert_eq!(titles, ["ConfigMap a", "ConfigMap bad", "ConfigMap deep-b"]);
}

#[test]
fn a_name_that_is_read_as_a_boolean_is_told_as_it_is_read() {
    let told = |image: &str| {
        let text = format!(
            "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: a}}\nspec: {{path: plain, images: [{image}]}}\n"
        );
        let repository = repository();
        let mut preview = Preview::default();
        preview.add_file("flux.yaml".as_ref(), text.as_bytes(), &repository, &[]);
        preview.check(&repository);
        let rendered = render(&preview.applications, &repository, &Builder::new()).remove(0);
        rendered.problems.first().map(|problem| problem.message.clone()).unwrap_or_default()
    };
    for (image, wanted) in [
        ("{name: n}", "images: name is false, not a text"),
        ("{name: a, newTag: on}", "images: newTag is true, not a text"),
        ("{name: \"n\", newTag: 'on'}", ""),
    ] {
        let said = told(image);
        assert!(said.contains(wanted) && said.is_empty() == wanted.is_empty(), "{image}: {said}");
    }
}

/// What is said of a Kustomization with a source, and the objects that it renders.
fn from_artifact(source: &str, path: &str, generators: &[(&str, &str)]) -> (Vec<String>, String) {
    let map = |name: &str| format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\n");
    let mut files = MemoryFs::new();
    files.insert("/repo/apps/base/map.yaml", map("base"));
    files.insert("/repo/apps/base/kustomization.yaml", "resources: [map.yaml]\n");
    files.insert("/repo/apps/prod/kustomization.yaml", "resources: [../base]\nnamePrefix: prod-\n");
    files.insert("/repo/own/map.yaml", map("own"));
    let repository = Repository::new(files, "/repo".as_ref()).expect("a directory");
    let flux = format!(
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: a, namespace: f}}\nspec: \
         {{path: {path}, sourceRef: {{{source}}}}}\n"
    );
    let mut preview = Preview::default();
    preview.add_file("clusters/prod/flux.yaml".as_ref(), flux.as_bytes(), &repository, &[]);
    for (file, copy) in generators {
        let generator = format!(
            "apiVersion: source.extensions.fluxcd.io/v1beta1\nkind: ArtifactGenerator\nmetadata: {{name: g, namespace: f}}\n\
             spec:\n  sources: [{{alias: repo, kind: GitRepository, name: r}}]\n  artifacts: [{{name: x, copy: [{copy}]}}]\n"
        );
        preview.add_file(file.as_ref(), generator.as_bytes(), &repository, &[]);
    }
    preview.check(&repository);
    let rendered = render(&preview.applications, &repository, &Builder::new()).remove(0);
    let problems = preview.problems.iter().chain(&rendered.problems).map(ToString::to_string);
    (problems.collect(), rendered.to_yaml())
}

const ARTIFACT: &str = "kind: ExternalArtifact, name: x";

#[test]
fn a_path_of_an_artifact_is_no_missing_directory() {
    for (source, said) in [
        (ARTIFACT, "the path prod is in the ExternalArtifact x, which kustom does not assemble"),
        (
            "kind: OCIRepository, name: x",
            "the path prod is in the OCIRepository x, which kustom does not fetch",
        ),
        ("kind: Bucket, name: x", "the path prod is in the Bucket x, which kustom does not fetch"),
        ("kind: GitRepository, name: x", "there is no directory prod"),
    ] {
        let (problems, _) = from_artifact(source, "./prod", &[]);
        assert_eq!(problems.len(), 2, "{problems:?}");
        assert!(problems.iter().all(|problem| problem.contains(said)), "{problems:?}");
        // What the repository has as well is taken from it.
        let (problems, yaml) = from_artifact(source, "./own", &[]);
        assert!(problems.is_empty() && yaml.contains("name: own"), "{problems:?}");
    }
}

#[test]
fn copies_of_whole_folders_in_an_artifact_are_followed() {
    let one = "{from: '@repo/apps/**', to: '@artifact/'}";
    let two = "{from: '@repo/apps/base/**', to: '@artifact/base/'}, {from: '@repo/apps/prod/**', to: '@artifact/prod/'}";
    for copy in [one, two] {
        let (problems, yaml) =
            from_artifact(ARTIFACT, "./prod", &[("clusters/prod/artifacts.yaml", copy)]);
        assert!(problems.is_empty(), "{copy}: {problems:?}");
        assert!(yaml.contains("name: prod-base"), "{copy}: {yaml}");
    }
    // Each cluster may have files of its own.
    let elsewhere = "{from: '@repo/gone/**', to: '@artifact/'}";
    let both = [("clusters/prod/artifacts.yaml", one), ("clusters/dev/artifacts.yaml", elsewhere)];
    assert_eq!(from_artifact(ARTIFACT, "./prod", &both).0, [""; 0]);
    let (problems, _) = from_artifact(ARTIFACT, "./prod", &[both[1]]);
    assert!(problems[0].contains("there is no directory gone/prod"), "{problems:?}");
}

#[test]
fn an_artifact_has_what_is_copied_and_nothing_else() {
    let prod = "{from: '@repo/apps/prod/**', to: '@artifact/prod/'}";
    let base = "{from: '@repo/apps/base/**', to: '@artifact/base/'}";
    let staged = format!("{ARTIFACT}}}, targetNamespace: t, postBuild: {{substitute: {{}}");
    for source in [ARTIFACT, &staged] {
        let file = "clusters/prod/artifacts.yaml";
        let (problems, yaml) = from_artifact(source, "./prod", &[(file, prod)]);
        let said = "apps/base/kustomization.yaml is needed and not in the artifact, which has only apps/prod\nhint: add";
        assert!(problems.len() == 1 && problems[0].contains(said), "{problems:?}");
        assert_eq!(yaml, "");
        let both = format!("{prod}, {base}");
        let (problems, yaml) = from_artifact(source, "./prod", &[(file, &both)]);
        assert!(problems.is_empty() && yaml.contains("name: prod-base"), "{problems:?}");
        // Of two that say different things nobody knows which one counts.
        let differ = [("clusters/dev/a.yaml", prod), ("clusters/qa/a.yaml", &both)];
        let (problems, _) = from_artifact(source, "./prod", &differ);
        assert!(problems[0].contains("which kustom does not assemble"), "{problems:?}");
    }
}

#[test]
fn nothing_is_guessed_of_what_else_makes_an_artifact() {
    let plain = "{from: '@repo/apps/**', to: '@artifact/'}";
    let filtered = "{from: '@repo/apps/**', to: '@artifact/', exclude: ['*.md']}";
    let own = "{from: '@repo/apps/*.yaml', to: '@artifact/own/'}";
    for (path, files) in [
        ("./prod", &[("clusters/prod/artifacts.yaml", filtered)][..]),
        // The artifact has another folder of that name than the repository.
        ("./own", &[("clusters/prod/artifacts.yaml", own)]),
        ("./prod", &[("clusters/dev/a.yaml", plain), ("clusters/qa/a.yaml", filtered)]),
    ] {
        let (problems, yaml) = from_artifact(ARTIFACT, path, files);
        assert!(yaml.is_empty() && problems.len() == 2, "{problems:?}");
        let said = "in the ExternalArtifact x, which kustom does not assemble";
        assert!(problems.iter().all(|problem| problem.contains(said)), "{problems:?}");
    }
}

#[test]
fn variables_of_all_kustomizations_are_limited_together() {
    let vars: String = (0..300).map(|i| format!("  a{i}: b\n")).collect();
    let mut text =
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: vars}}\ndata:\n{vars}");
    for i in 0..20 {
        text += &format!(
            "---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: k{i}}}\n\
             spec: {{path: plain, postBuild: {{substituteFrom: [{{kind: ConfigMap, name: vars}}, {{kind: ConfigMap, name: vars}}]}}}}\n"
        );
    }
    let repository = repository();
    let mut preview = Preview::default();
    preview.add_file("flux.yaml".as_ref(), text.as_bytes(), &repository, &[]);
    preview.finish();
    let mut limits = kustom::Limits::default();
    limits.output_bytes = 600_000;
    let rendered = render(&preview.applications, &repository, &Builder::new().limits(limits));
    let failed: Vec<_> = rendered.iter().filter(|one| one.failed()).collect();
    // Each takes some 300 times 516.
    assert_eq!((rendered[10].failed(), failed.len()), (false, 9), "{:?}", failed.first());
    assert!(
        failed[0].problems[0].message.contains("the variables of all Kustomizations take more")
    );
}
