//! What is promoted has an effect, and no other.

use std::fs;
use std::path::{Path, PathBuf};

use super::promote::git;
use super::{folder, kustom, write};

const DEPLOYMENT: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, labels: {version: v0}}\n\
                          spec:\n  template:\n    spec:\n      containers:\n      - {name: app, image: shop/web}\n      \
                          - {name: proxy, image: 'proxy:1'}\n";

/// Makes an app with the image at v2 in dev and at v1 in staging, with `more` in the file of staging.
fn app(dir: &Path, name: &str, more: &str) {
    write(dir, &format!("apps/{name}/base/deployment.yaml"), DEPLOYMENT);
    write(dir, &format!("apps/{name}/base/kustomization.yaml"), "resources: [deployment.yaml]\n");
    for (env, tag, more) in [("dev", "v2", ""), ("staging", "v1", more)] {
        let text =
            format!("resources: [../../base]\nimages:\n- name: shop/web\n  newTag: {tag}\n{more}");
        write(dir, &overlay(name, env), &text);
    }
}

fn overlay(app: &str, env: &str) -> String {
    format!("apps/{app}/overlays/{env}/kustomization.yaml")
}

fn committed(dir: PathBuf) -> PathBuf {
    git(&dir, &["init", "-q"]);
    git(&dir, &["add", "."]);
    git(&dir, &["commit", "-qm", "Start"]);
    dir
}

const TAG_FROM_ELSEWHERE: &str = "\
configMapGenerator: [{name: versions, literals: [web=v0]}]
replacements:
- source: {kind: ConfigMap, name: versions, fieldPath: data.web}
  targets:
  - select: {kind: Deployment}
    fieldPaths: [spec.template.spec.containers.0.image]
    options: {delimiter: ':', index: 1}
";

const PATCHED_LATER: &str = "\
transformers:
- |-
  apiVersion: builtin
  kind: PatchTransformer
  metadata: {name: patch}
  target: {kind: Deployment}
  patch: '[{\"op\": \"replace\", \"path\": \"/spec/template/spec/containers/0/image\", \"value\": \"shop/web:v9\"}]'
";

#[test]
fn a_line_without_effect_is_refused_with_what_decides_instead() {
    let dir = folder("promote-effect", &[]);
    app(&dir, "later", PATCHED_LATER);
    app(&dir, "replaced", TAG_FROM_ELSEWHERE);
    let dir = committed(dir);
    let ran = kustom(&dir, &["promote", "dev", "staging", "--write"]);
    assert_eq!(ran.code, Some(2));
    insta::assert_snapshot!(ran.out, @"
    refused:
      later: shop/web v9 -> v2: apps/later/overlays/staging/kustomization.yaml:11 (transformers) decides its version
      replaced: shop/web v0 -> v2: apps/replaced/overlays/staging/kustomization.yaml:5 (replacements[0]) decides its version
    ");
    assert!(ran.err.contains("nothing was written"), "{}", ran.err);
    let ran = kustom(&dir, &["promote", "dev", "staging", "--write", "--keep-going"]);
    assert_eq!(ran.code, Some(0));
    assert_eq!(git(&dir, &["status", "--short"]), "");
}

#[test]
fn the_entry_that_decides_is_the_one_that_changes() {
    let dir = folder("promote-entry", &[]);
    // The second one finds what the first has written.
    app(&dir, "again", "- name: shop/w.b\n  newTag: v0\n");
    app(&dir, "chain", "");
    let chained = "resources: [../../base]\nimages:\n- name: shop/web\n  newName: mirror/web\n\
                   - name: mirror/web\n  newTag: v1\n";
    write(&dir, &overlay("chain", "staging"), chained);
    // The base has another name for it.
    app(&dir, "renamed", "");
    let base = "resources: [deployment.yaml]\nimages: [{name: shop/web, newName: mirror/web}]\n";
    write(&dir, "apps/renamed/base/kustomization.yaml", base);
    for (env, tag) in [("dev", "v2"), ("staging", "v1")] {
        let text =
            format!("resources: [../../base]\nimages: [{{name: mirror/web, newTag: {tag}}}]\n");
        write(&dir, &overlay("renamed", env), &text);
    }
    let dir = committed(dir);
    let said = kustom(&dir, &["promote", "dev", "staging", "--write"]).good();
    assert!(said.ends_with("wrote 3 files\n"), "{said}");
    let diff = git(&dir, &["diff", "-U0"]);
    let changed: Vec<&str> =
        diff.lines().filter(|line| line.starts_with('+') && !line.starts_with("+++")).collect();
    assert_eq!(
        changed,
        ["+  newTag: v2", "+  newTag: v2", "+images: [{name: mirror/web, newTag: v2}]"]
    );
    for app in ["again", "chain", "renamed"] {
        let built = kustom(&dir, &["build", &format!("apps/{app}/overlays/staging")]).good();
        assert!(built.contains("web:v2\n"), "{app}: {built}");
    }
    let said = kustom(&dir, &["promote", "dev", "staging", "--check"]).good();
    assert!(said.starts_with("nothing to promote"), "{said}");
}

#[test]
fn a_line_that_changes_something_else_is_refused() {
    let dir = folder("promote-beside", &[]);
    app(&dir, "both", "");
    let entry = "resources: [../../base]\nimages: [{name: shop/web|proxy, newTag: v1}]\n";
    write(&dir, &overlay("both", "staging"), entry);
    // The test is of the next layer, so that it sees the new tag.
    let test = "transformers:\n- |-\n  apiVersion: builtin\n  kind: PatchTransformer\n  metadata: {name: p}\n  \
                target: {kind: Deployment}\n  patch: '[{\"op\": \"test\", \
                \"path\": \"/spec/template/spec/containers/0/image\", \"value\": \"shop/web:v1\"}]'\n";
    app(&dir, "strict", test);
    let dir = committed(dir);
    let ran = kustom(&dir, &["promote", "dev", "staging", "--only", "both", "--write"]);
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.out.contains(
            "both: shop/web v1 -> v2: it would also change Deployment web: \
             spec.template.spec.containers[name=proxy].image"
        ),
        "{}",
        ran.out
    );
    let ran =
        kustom(&dir, &["promote", "dev", "staging", "--only", "strict", "--write", "--keep-going"]);
    assert_eq!(ran.code, Some(2));
    let said = "strict: shop/web v1 -> v2: the target could not be rendered afterwards";
    assert!(ran.out.contains(said) && ran.err.contains("testing value"), "{}{}", ran.out, ran.err);
    assert_eq!(git(&dir, &["status", "--short"]), "");
}

#[test]
fn what_is_copied_from_the_image_follows_it() {
    const FROM_IMAGE: &str = "\
replacements:
- source: {kind: Deployment, name: web, fieldPath: spec.template.spec.containers.0.image, options: {delimiter: ':', index: 1}}
  targets:
  - {select: {kind: Deployment}, fieldPaths: [metadata.labels.version]}
  - select: {kind: Deployment}
    fieldPaths: [spec.template.spec.containers.1.image]
    options: {delimiter: ':', index: 1}
";
    let dir = folder("promote-follows", &[]);
    app(&dir, "web", FROM_IMAGE);
    let dev = fs::read_to_string(dir.join(overlay("web", "dev"))).expect("a file");
    write(&dir, &overlay("web", "dev"), &(dev + FROM_IMAGE));
    let dir = committed(dir);
    let said = kustom(&dir, &["promote", "dev", "staging", "--write"]).good();
    assert_eq!(
        said,
        "APP  IMAGE     STAGING  DEV\nweb  proxy     v1       v2\nweb  shop/web  v1       v2\nwrote 1 file\n"
    );
    let built = kustom(&dir, &["build", "apps/web/overlays/staging"]).good();
    for line in ["version: v2\n", "image: shop/web:v2\n", "image: proxy:v2\n"] {
        assert!(built.contains(line), "{built}");
    }
}

#[test]
fn what_was_there_already_follows_nothing() {
    // In dev there are two versions at once, in staging one of them: that is no news.
    let dir = folder("promote-several", &[]);
    app(&dir, "web", "");
    let second = DEPLOYMENT.replace("name: web,", "name: other,").replace("proxy:1", "proxy:2");
    write(&dir, "apps/web/overlays/dev/other.yaml", &second);
    let text = "resources: [../../base, other.yaml]\nimages: [{name: shop/web, newTag: v2}]\n";
    write(&dir, &overlay("web", "dev"), text);
    let ran = kustom(&committed(dir), &["promote", "dev", "staging"]);
    assert_eq!(ran.code, Some(2));
    insta::assert_snapshot!(ran.out, @"
    APP  IMAGE     STAGING  DEV
    web  shop/web  v1       v2

    refused:
      web: proxy 1 -> 1, 2: it is there in several versions at once
    ");
}

#[test]
fn a_template_in_the_target_is_kept() {
    let dir = folder("promote-template", &[]);
    app(&dir, "web", "");
    let text = "resources: [../../base]\nimages: [{name: shop/web, newTag: '${TAG}'}]\n";
    write(&dir, &overlay("web", "staging"), text);
    let dir = committed(dir);
    let ran = kustom(&dir, &["promote", "dev", "staging", "--write"]);
    assert_eq!(ran.code, Some(2));
    let said = "staging/kustomization.yaml:2 has a template, which is not changed: newTag: ${TAG}";
    assert!(ran.out.contains(said), "{}", ran.out);
    // Nor is one copied.
    let ran = kustom(&dir, &["promote", "staging", "dev", "--write"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.out.contains(r#""${TAG}" is no tag that a registry takes"#), "{}", ran.out);
    assert_eq!(git(&dir, &["status", "--short"]), "");
}

/// Makes an app whose image stands where only the build knows: `how` says so.
fn custom(dir: &Path, name: &str, how: &str) {
    let base = format!("apps/{name}/base");
    let runner = "apiVersion: ci.example.com/v1\nkind: Runner\nmetadata: {name: r}\nspec: {run: {with: shop/tool}}\n";
    write(dir, &format!("{base}/runner.yaml"), runner);
    write(dir, &format!("{base}/fields.yaml"), "images: [{path: spec/run/with, kind: Runner}]\n");
    write(dir, &format!("{base}/kustomization.yaml"), &format!("resources: [runner.yaml]\n{how}"));
    for (env, tag) in [("dev", "v2"), ("staging", "v1")] {
        let text =
            format!("resources: [../../base]\nimages: [{{name: shop/tool, newTag: {tag}}}]\n");
        write(dir, &overlay(name, env), &text);
    }
}

#[test]
fn fields_that_the_build_knows_are_images() {
    let dir = folder("promote-fields", &[]);
    custom(&dir, "tool", "configurations: [fields.yaml]\n");
    let dir = committed(dir);
    assert_eq!(
        kustom(&dir, &["images"]).good(),
        "APP   IMAGE      DEV  STAGING\ntool  shop/tool  v2   v1\n"
    );
    let said = kustom(&dir, &["promote", "dev", "staging", "--write"]).good();
    assert!(said.contains("tool  shop/tool  v1       v2\n"), "{said}");
    let built = kustom(&dir, &["build", "apps/tool/overlays/staging"]).good();
    assert!(built.contains("with: shop/tool:v2\n"), "{built}");
    // One without an entry is known as well.
    write(&dir, &overlay("tool", "dev"), "resources: [../../base]\n");
    let set = kustom(&dir, &["set", "image", "apps/tool/overlays/dev", "shop/tool:v3"]).good();
    assert!(set.contains("shop/tool: new: v3"), "{set}");

    // Without the field spec, nothing looks there.
    write(&dir, "apps/tool/base/kustomization.yaml", "resources: [runner.yaml]\n");
    assert_eq!(kustom(&dir, &["images"]).good(), "APP  IMAGE  DEV  STAGING\n");
}

#[test]
fn fields_of_an_image_transformer_are_images() {
    let dir = folder("promote-transformer", &[]);
    let step = |tag: &str| {
        format!(
            "transformers:\n- |-\n  apiVersion: builtin\n  kind: ImageTagTransformer\n  metadata: {{name: i}}\n  \
             imageTag: {{name: shop/tool, newName: mirror/tool, newTag: {tag}}}\n  \
             fieldSpecs: [{{path: spec/run/with, kind: Runner}}]\n"
        )
    };
    custom(&dir, "tool", "");
    for (env, tag) in [("dev", "v2"), ("staging", "v1")] {
        let text = format!("resources: [../../base]\n{}", step(tag));
        write(&dir, &overlay("tool", env), &text);
    }
    let dir = committed(dir);
    assert_eq!(
        kustom(&dir, &["images", "--places"]).good(),
        "APP   IMAGE      DEV                                               STAGING\n\
         tool  shop/tool  v2 (apps/tool/overlays/dev/kustomization.yaml:7)  v1 (apps/tool/overlays/staging/kustomization.yaml:7)\n"
    );
    let ran = kustom(&dir, &["promote", "dev", "staging", "--write"]);
    assert_eq!(ran.code, Some(2));
    let said = "its version comes from apps/tool/overlays/dev/kustomization.yaml:7 (transformers)";
    assert!(ran.out.contains(said), "{}", ran.out);
}

#[test]
fn volumes_have_images() {
    let dir = folder("promote-volume", &[]);
    app(&dir, "web", "");
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {volumes: [{name: m, image: {reference: 'shop/model:1'}}]}\n";
    write(&dir, "apps/web/base/deployment.yaml", &format!("{DEPLOYMENT}---\n{pod}"));
    let said = kustom(&dir, &["images"]).good();
    assert!(said.contains("web  shop/model  1    1\n"), "{said}");
}

/// Writes an app with a third environment, which has no file of its own or is built on staging.
fn with_prod(dir: &Path, name: &str, prod: &str) {
    app(dir, name, "");
    write(dir, &overlay(name, "prod"), prod);
}

#[test]
fn what_changes_another_environment_takes_consent() {
    let dir = folder("promote-others", &[]);
    let on_staging = "resources: [../staging]\n";
    with_prod(&dir, "cart", on_staging);
    with_prod(&dir, "search", &format!("{on_staging}images: [{{name: shop/web, newTag: v0}}]\n"));
    with_prod(&dir, "shared", "");
    fs::remove_file(dir.join(overlay("shared", "prod"))).expect("a file");
    #[cfg(unix)]
    std::os::unix::fs::symlink(
        "../staging/kustomization.yaml",
        dir.join(overlay("shared", "prod")),
    )
    .expect("a link");
    // An aggregate of staging is no environment of its own.
    let all = "resources: [../../apps/cart/overlays/staging]\n";
    write(&dir, "clusters/eu-1/kustomization.yaml", all);
    let dir = committed(dir);

    let free = "--load-restrictor=LoadRestrictionsNone";
    let ran = kustom(&dir, &["promote", "dev", "staging", "--write", "--keep-going", free]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    insta::assert_snapshot!(ran.out, @"
    APP     IMAGE     STAGING  DEV
    search  shop/web  v1       v2

    refused:
      cart: shop/web v1 -> v2: it would also change cart in prod (apps/cart/overlays/prod); --with-others allows that
      shared: shop/web v1 -> v2: it would also change shared in prod (apps/shared/overlays/prod); --with-others allows that
    wrote 1 file
    ");
    assert_eq!(
        git(&dir, &["diff", "--name-only"]),
        "apps/search/overlays/staging/kustomization.yaml\n"
    );
    git(&dir, &["checkout", "-q", "."]);
    let ran = kustom(&dir, &["promote", "dev", "staging", "--only", "cart"]);
    assert_eq!(ran.code, Some(2));

    let with = ["promote", "dev", "staging", "--with-others", free];
    let json = kustom(&dir, &[&with[..], &["--format", "json"]].concat()).good();
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["others"][0]["dir"], "apps/cart/overlays/prod");
    assert_eq!(json["others"][0]["with"], "apps/cart/overlays/staging");
    let said = kustom(&dir, &[&with[..], &["--write"]].concat()).good();
    insta::assert_snapshot!(said, @"
    APP     IMAGE     STAGING  DEV
    cart    shop/web  v1       v2
    search  shop/web  v1       v2
    shared  shop/web  v1       v2

    also changed:
      cart in prod (apps/cart/overlays/prod), with apps/cart/overlays/staging
      shared in prod (apps/shared/overlays/prod), with apps/shared/overlays/staging
    wrote 3 files
    ");
    let prod = kustom(&dir, &["build", "apps/cart/overlays/prod"]).good();
    assert!(prod.contains("shop/web:v2"), "{prod}");
}

#[test]
fn what_a_digest_is_of_goes_with_it() {
    let dir = folder("promote-said", &[]);
    app(&dir, "web", "");
    let (old, new) = (format!("sha256:{}", "a".repeat(64)), format!("sha256:{}", "b".repeat(64)));
    let entry = |digest: &str, said: &str| {
        format!("resources: [../../base]\nimages:\n- name: shop/web\n  digest: {digest} # {said}\n")
    };
    for (source, target, after) in [
        ("v1.3", "v1.2", "v1.3"),
        ("tag: v1.3", "tag: v1.2", "tag: v1.3"),
        ("v1.3", "tag: v1.2", "tag: v1.3"),
        ("mirror/web:v1.3", "shop/web:v1.2", "shop/web:v1.3"),
        ("v1.3", "2024-06-01", "2024-06-01"),
        ("tested", "by the bot", "by the bot"),
    ] {
        write(&dir, &overlay("web", "dev"), &entry(&new, source));
        write(&dir, &overlay("web", "staging"), &entry(&old, target));
        kustom(&dir, &["promote", "dev", "staging", "--write"]).good();
        let text = fs::read_to_string(dir.join(overlay("web", "staging"))).expect("a file");
        assert_eq!(text, entry(&new, after));
    }
    // So it does behind a tag and in brackets.
    let forms = ["{name: shop/web, digest: VERSION}", "{name: shop/web, newTag: t@VERSION}"];
    for form in [forms[0], forms[1], "name: shop/web\n  newTag: t@VERSION"] {
        let entry = |version: &str, said: &str| {
            let entry = form.replace("VERSION", version);
            format!("resources: [../../base]\nimages:\n- {entry}{said}\n")
        };
        for (source, target, after) in
            [(" # v1.3", " # v1.2", " # v1.3"), (" # v1.3", "", " # v1.3"), ("", " # v1.2", "")]
        {
            write(&dir, &overlay("web", "dev"), &entry(&new, source));
            write(&dir, &overlay("web", "staging"), &entry(&old, target));
            kustom(&dir, &["promote", "dev", "staging", "--write"]).good();
            let text = fs::read_to_string(dir.join(overlay("web", "staging"))).expect("a file");
            assert_eq!(text, entry(&new, after));
        }
    }
}

#[test]
fn a_suffix_is_not_turned_into_a_tag() {
    let dir = folder("promote-suffix", &[]);
    app(&dir, "to", "");
    app(&dir, "from", "");
    // In containers it is put there twice, as upstream does it.
    for (name, env) in [("to", "staging"), ("from", "dev")] {
        let text = "resources: [../../base]\nimages:\n- {name: proxy, tagSuffix: -slim}\n";
        write(&dir, &overlay(name, env), text);
    }
    for (name, env) in [("to", "dev"), ("from", "staging")] {
        let text = "resources: [../../base]\nimages:\n- {name: proxy, newTag: '2'}\n";
        write(&dir, &overlay(name, env), text);
    }
    let ran = kustom(&dir, &["promote", "dev", "staging"]);
    assert_eq!(ran.code, Some(2));
    insta::assert_snapshot!(ran.out, @"
    refused:
      from: proxy 2 -> 1-slim-slim: it has its tag from below, with the suffix of apps/from/overlays/dev/kustomization.yaml:3 (images[0].tagSuffix)
      to: proxy 1-slim-slim -> 2: apps/to/overlays/staging/kustomization.yaml:3 (images[0].tagSuffix) puts a suffix behind whatever tag lies below
    ");
    let images = kustom(&dir, &["images", "--places"]).good();
    assert!(
        images.contains("1-slim-slim (apps/from/overlays/dev/kustomization.yaml:3)"),
        "{images}"
    );
}

#[test]
fn another_name_decides_no_version() {
    let renamed = "resources: [../../base]\nimages:\n- {name: shop/web, newName: mirror.dev/web}\n";
    let tagged = "resources: [../../base]\nimages:\n- {name: shop/web, newTag: v1}\n";
    let dir = folder("promote-renamed", &[]);
    app(&dir, "web", "");
    let with_tag = DEPLOYMENT.replace("shop/web}", "shop/web:v0}");
    write(&dir, "apps/web/base/deployment.yaml", &with_tag);
    write(&dir, "apps/web/overlays/dev/kustomization.yaml", renamed);
    write(&dir, "apps/web/overlays/staging/kustomization.yaml", tagged);
    let dir = committed(dir);
    for (base, decides) in [
        ("resources: [deployment.yaml]\n", "apps/web/base/deployment.yaml:8"),
        (
            "resources: [deployment.yaml]\nimages:\n- {name: shop/web, newTag: b1}\n",
            "apps/web/base/kustomization.yaml:3 (images[0].newTag)",
        ),
    ] {
        write(&dir, "apps/web/base/kustomization.yaml", base);
        let ran = kustom(&dir, &["promote", "dev", "staging", "--write"]);
        assert_eq!(ran.code, Some(2), "{}", ran.out);
        let said = format!("its version comes from {decides}");
        assert!(ran.out.contains(&said), "{said}: {}", ran.out);
        let staging = fs::read_to_string(dir.join("apps/web/overlays/staging/kustomization.yaml"));
        assert_eq!(staging.expect("it is there"), tagged);
        let places = kustom(&dir, &["images", "--places"]).good();
        let place = decides.split_once(' ').map_or(decides, |(place, _)| place);
        assert!(places.contains(&format!("({place})")), "{places}");
    }
}

#[test]
fn a_fork_is_shown_as_another_image() {
    let dir = folder("promote-fork", &[]);
    app(&dir, "web", "  newName: registry.example.com/shop/web\n");
    let dir = committed(dir);
    let table =
        |args: &[&str]| kustom(&dir, &[&["promote", "dev", "staging"], args].concat()).good();
    let plain = "APP  IMAGE     STAGING  DEV\nweb  shop/web  v1       v2\n";
    assert_eq!(table(&[]), plain, "another registry is no other image");
    let fork = fs::read_to_string(dir.join(overlay("web", "dev"))).expect("a file");
    write(&dir, &overlay("web", "dev"), &fork.replace("  newTag", "  newName: fork/web\n  newTag"));
    assert_eq!(
        table(&[]),
        "APP  IMAGE     STAGING                           DEV\n\
         web  shop/web  registry.example.com/shop/web:v1  fork/web:v2\n"
    );
    let json = table(&["--format", "json"]);
    assert!(json.contains("\"renderedName\": \"fork/web\""), "{json}");
}

#[test]
fn a_new_name_with_a_version_in_it_is_named() {
    for (name, wanted) in [
        (
            "reg/web:v1",
            "the newName in apps/web/overlays/staging/kustomization.yaml has a version in it: reg/web:v1",
        ),
        ("reg/web@sha256:aa", "has a version in it: reg/web@sha256:aa"),
        ("localhost:5000/web", ""),
    ] {
        let dir = folder("promote-new-name", &[]);
        app(&dir, "web", "");
        let text =
            format!("resources: [../../base]\nimages: [{{name: shop/web, newName: '{name}'}}]\n");
        write(&dir, &overlay("web", "staging"), &text);
        let ran = kustom(&dir, &["promote", "dev", "staging"]);
        assert_eq!(ran.out.contains("refused:"), !wanted.is_empty(), "{}{}", ran.out, ran.err);
        assert!(ran.out.contains(wanted), "{}{}", ran.out, ran.err);
    }
}
