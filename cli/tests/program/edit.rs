//! `kustom edit`, `create` and `set image`.

use std::fs;
use std::path::Path;

use super::{config_map, folder, kustom, write};

const FILE: &str = "\
# ours
resources:
  - a.yaml # first

images: # pinned
  - name: web
    newName: example.com/web
    newTag: \"v1\"   # by the bot
";

#[test]
fn only_the_bytes_concerned_change() {
    let dir = folder("edit-bytes", &[("kustomization.yaml", FILE), ("b.yaml", &config_map("b"))]);
    let read = || fs::read_to_string(dir.join("kustomization.yaml")).expect("a file");
    assert_eq!(kustom(&dir, &["edit", "add", "resource", "*.yaml"]).good(), "");
    assert_eq!(read(), FILE.replace("first\n", "first\n  - b.yaml\n"));
    assert_eq!(kustom(&dir, &["edit", "remove", "resource", "b.*"]).good(), "");
    assert_eq!(read(), FILE);
    assert_eq!(kustom(&dir, &["edit", "set", "image", "web=*:v2"]).good(), "");
    assert_eq!(read(), FILE.replace("v1", "v2"));
    assert_eq!(kustom(&dir, &["edit", "set", "namespace", "shop"]).good(), "");
    assert_eq!(read(), FILE.replace("v1", "v2") + "namespace: shop\n");
}

#[test]
fn what_is_refused_writes_nothing() {
    let dir = folder("edit-refused", &[("kustomization.yaml", FILE), ("conf.yaml", "")]);
    for (args, said) in [
        (&["add", "resource", "confg.yaml"][..], "confg.yaml has no match"),
        (&["add", "label", "--include-templates", "a:b"], "--without-selector"),
        (&["set", "image", "web"], "invalid format of image"),
        (&["set", "image", "=*"], "invalid format of image"),
        (&["set", "image", "web==v2"], "has another one, which no registry takes"),
        (&["set", "replicas", "web=many"], "expected <replica>=<count>"),
        (&["remove", "label", "a"], "label a is not defined"),
        (
            &["add", "label", "--without-selector=false", "--include-templates", "a:b"],
            "--without-selector",
        ),
        (
            &["add", "buildmetadata", "managedByLabel,managedByLabel"],
            "already in kustomization file",
        ),
        (&["add", "base", ".,."], "already in kustomization file"),
        (&["add", "configmap", "c", "--from-literal=a=b", "--from-file=k=no*"], "matches 0"),
        (&["add", "configmap", "c", "--from-literal=a"], "invalid literal source a"),
    ] {
        let ran = kustom(&dir, &[&["edit"], args].concat());
        assert_ne!(ran.code, Some(0), "{args:?}");
        assert!(ran.err.contains(said), "{args:?}: {}", ran.err);
    }
    let near = kustom(&dir, &["edit", "add", "resource", "confg.yaml"]).err;
    assert!(near.contains("did you mean conf.yaml?"), "{near}");
    assert_eq!(fs::read_to_string(dir.join("kustomization.yaml")).expect("a file"), FILE);
    assert_eq!(fs::read_dir(&dir).expect("a folder").count(), 2, "nothing is left beside it");
}

#[test]
fn odd_words_are_taken_as_upstream_takes_them() {
    let dir = folder("edit-odd", &[("kustomization.yaml", FILE)]);
    let read = || fs::read_to_string(dir.join("kustomization.yaml")).expect("a file");
    // Of several arguments for one name the last counts, and a `*` is what the file says.
    kustom(&dir, &["edit", "set", "image", "web=other:v3", "web=*:v2"]).good();
    assert_eq!(read(), FILE.replace("v1", "v2"));
    // An empty digest leaves nothing but the name; a bot with an empty variable is told.
    kustom(&dir, &["edit", "set", "image", "web@"]).good();
    assert!(!read().contains("newTag") && !read().contains("newName"), "{}", read());
    assert_eq!(kustom(&dir, &["set", "image", "web:"]).code, Some(2));
    kustom(&dir, &["edit", "add", "label", "--include-templates=false", "a:b"]).good();
    // A Secret that is there keeps its type, also none.
    write(&dir, "kustomization.yaml", "secretGenerator:\n- name: s\n  literals: [a=b]\n");
    kustom(&dir, &["edit", "add", "secret", "s", "--from-literal=c=d", "--type=x"]).good();
    assert_eq!(read(), "secretGenerator:\n- name: s\n  literals: [a=b, c=d]\n");
    // Nothing matches, and the kustomization is not looked at.
    fs::remove_file(dir.join("kustomization.yaml")).expect("a file");
    assert_eq!(kustom(&dir, &["edit", "add", "generator", "no*"]).code, Some(0));
    assert_eq!(kustom(&dir, &["edit", "add", "resource", "no*"]).code, Some(1));
}

#[cfg(unix)]
#[test]
fn a_link_stays_and_so_do_the_permissions() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let dir = folder("edit-link", &[("real.yaml", "namePrefix: a-\n")]);
    symlink("real.yaml", dir.join("kustomization.yaml")).expect("a link");
    let mode = || fs::metadata(dir.join("real.yaml")).expect("a file").permissions().mode() & 0o777;
    fs::set_permissions(dir.join("real.yaml"), fs::Permissions::from_mode(0o640))
        .expect("it is set");
    kustom(&dir, &["edit", "set", "nameprefix", "b-"]).good();
    assert!(dir.join("kustomization.yaml").is_symlink());
    assert_eq!(fs::read_to_string(dir.join("real.yaml")).expect("a file"), "namePrefix: b-\n");
    assert_eq!(mode(), 0o640);
}

#[test]
fn set_image_is_for_bots() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: side}, {name: w, image: web}]}\n";
    let files = [("x/kustomization.yaml", "resources: [pod.yaml]\n"), ("x/pod.yaml", pod)];
    let dir = folder("set-image", &files);
    write(&dir, "y/kustomization.yaml", &FILE.replace("a.yaml", "../x"));
    let y = || fs::read_to_string(dir.join("y/kustomization.yaml")).expect("a file");
    let before = y();
    let ran = kustom(&dir, &["set", "image", "y", "web:v2", "--check"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), "y/kustomization.yaml:8: web: v1 -> v2\n"));
    assert_eq!(y(), before);
    let message = kustom(&dir, &["set", "image", "y", "web:v2", "--message"]).good();
    assert_eq!(message, "Set web to v2 in y\n");
    assert_eq!(y(), before.replace("v1", "v2"));
    let again = kustom(&dir, &["set", "image", "y", "web:v2"]).good();
    assert_eq!(again, "y/kustomization.yaml:8: web: v2 (unchanged)\n");
    // An image without an entry gets one where it is rendered, else a typo would be a dead entry.
    let typo = kustom(&dir, &["set", "image", "x", "y", "sied:v1"]);
    assert_eq!(typo.code, Some(1));
    assert!(typo.err.contains("did you mean side?"), "{}", typo.err);
    // In several directories, one that uses it is enough.
    let pod = pod.replace("side", "other");
    write(&dir, "z/kustomization.yaml", "resources: [pod.yaml]\n");
    write(&dir, "z/pod.yaml", &pod);
    let both = kustom(&dir, &["set", "image", "x", "z", "side:1", "other:2", "--check"]);
    let said = "x/kustomization.yaml: side: new: 1\nz/kustomization.yaml: other: new: 2\n";
    assert_eq!((both.code, both.out.as_str()), (Some(1), said), "{}", both.err);
    let none = kustom(&dir, &["set", "image", "x", "z", "side:1", "othre:2"]);
    assert!(none.code == Some(1) && none.err.contains("did you mean other?"), "{}", none.err);
    let new = kustom(&dir, &["set", "image", "x", "side:1.10"]).good();
    assert_eq!(new, "x/kustomization.yaml: side: new: 1.10\n");
    let x = fs::read_to_string(dir.join("x/kustomization.yaml")).expect("a file");
    assert_eq!(x, "resources: [pod.yaml]\nimages:\n- name: side\n  newTag: \"1.10\"\n");
    assert!(kustom(&dir, &["build", "x"]).good().contains("image: side:1.10\n"));
    let json = kustom(&dir, &["set", "image", "x", "--json", "side:2", "--add"]).good();
    assert!(json.contains("\"old\": \"1.10\"") && json.contains("\"line\": 4"), "{json}");
    assert_eq!(kustom(&dir, &["set", "image", "x"]).code, Some(2));
}

#[test]
fn a_fault_is_told_from_something_to_do() {
    let dir = folder(
        "set-image-check",
        &[("x/kustomization.yaml", "images: [{name: web, newTag: v1}]\n")],
    );
    let set = |args: &[&str]| kustom(&dir, &[&["set", "image"], args].concat());
    for (args, plain, check) in [
        (&["x", "web:v1"][..], 0, 0),
        (&["x", "web:v2"], 0, 1),
        (&["x", "web:${TAG}"], 2, 2),
        (&["nowhere", "web:v2"], 1, 2),
        (&["nowhere/*", "web:v2"], 1, 2),
        (&["x", "web:v1", "web:v2"], 2, 2),
        (&["x", "web:v1", "web:v1"], 0, 0),
    ] {
        let ran = set(&[args, &["--check"]].concat());
        assert_eq!(ran.code, Some(check), "{args:?}: {}", ran.err);
        let ran = set(args);
        assert_eq!(ran.code, Some(plain), "{args:?}: {}", ran.err);
        write(&dir, "x/kustomization.yaml", "images: [{name: web, newTag: v1}]\n");
    }
    let twice = set(&["x", "web:v1", "web=new"]);
    let said = "the image web is given twice, as \"web:v1\" and \"web=new\"";
    assert!(twice.err.contains(said), "{}", twice.err);
}

#[test]
fn the_old_name_of_the_field_stays() {
    let old = "# ours\nimageTags:\n- name: web\n  newTag: v1 # c\n";
    let dir = folder("set-image-old-field", &[("kustomization.yaml", old)]);
    kustom(&dir, &["set", "image", "web:v2", "side:v1", "--add"]).good();
    let text = fs::read_to_string(dir.join("kustomization.yaml")).expect("a file");
    assert_eq!(text, old.replace("v1", "v2") + "- name: side\n  newTag: v1\n");
}

#[test]
fn patterns_stand_for_kustomizations() {
    let entry = "images: [{name: web, newTag: v1}]\n";
    let dir = folder(
        "set-image-patterns",
        &[
            ("apps/a/dev/kustomization.yaml", entry),
            ("apps/b/dev/kustomization.yml", entry),
            ("apps/c/dev/notes.txt", ""),
            ("apps/b:2/kustomization.yaml", entry),
        ],
    );
    let set =
        |args: &[&str]| kustom(&dir, &[&["set", "image", "--check", "web:v2"], args].concat());
    let said = "apps/a/dev/kustomization.yaml:1: web: v1 -> v2\n\
                apps/b/dev/kustomization.yml:1: web: v1 -> v2\n";
    assert_eq!(set(&["apps/*/dev"]).out, said);
    assert_eq!(set(&["./apps/a/dev/", "apps/?/dev"]).out, said);
    assert_eq!(set(&["apps/**"]).out.lines().count(), 3);
    assert_eq!(set(&["apps/b:2"]).out, "apps/b:2/kustomization.yaml:1: web: v1 -> v2\n");
    let none = set(&["apps/*/prod"]);
    assert!(none.err.contains("no kustomization matches apps/*/prod"), "{}", none.err);
}

#[test]
fn fix_says_what_it_did() {
    let text = "bases: [b] # base\ncommonLabels: {app: web}\n";
    let dir = folder(
        "fix",
        &[("kustomization.yaml", text), ("b/kustomization.yaml", "resources: [a.yaml]\n")],
    );
    write(&dir, "b/a.yaml", &config_map("a"));
    let before = kustom(&dir, &["build"]).out;
    let said = kustom(&dir, &["edit", "fix"]).good();
    assert_eq!(said, "kustomization.yaml:\n  bases -> resources\n  commonLabels -> labels\n");
    assert_eq!(
        fs::read_to_string(dir.join("kustomization.yaml")).expect("a file"),
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [b] # base\n\
         labels:\n- includeSelectors: true\n  pairs:\n    app: web\n"
    );
    assert_eq!(kustom(&dir, &["build"]).good(), before);
    assert_eq!(kustom(&dir, &["edit", "fix"]).good(), "kustomization.yaml: nothing to fix\n");
}

#[test]
fn vars_in_patches_of_the_kustomization_become_replacements_too() {
    let text = "resources: [map.yaml]
vars:
- name: NAME # of the map
  objref: {kind: ConfigMap, name: map, apiVersion: v1}
patches:
- patch: |-
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: map}
    data:
      self: x/$(NAME) # ours
- target: {kind: ConfigMap, name: map}
  patch: '[{\"op\": \"add\", \"path\": \"/data/a.b\", \"value\": \"$(NAME)\"}]'
configurations: [vars.yaml]
";
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: map}\ndata: {}\n";
    let vars = "varReference: [{path: data, kind: ConfigMap}]\n";
    let files = [("kustomization.yaml", text), ("map.yaml", map), ("vars.yaml", vars)];
    let dir = folder("fix-vars", &files);
    fs::create_dir(dir.join(".git")).expect("a directory");
    let before = kustom(&dir, &["build"]).out;
    assert!(before.contains("self: x/map") && before.contains("a.b: map"), "{before}");
    kustom(&dir, &["edit", "fix", "--vars"]).good();
    assert_eq!(kustom(&dir, &["build"]).good(), before);
    let fixed = fs::read_to_string(dir.join("kustomization.yaml")).expect("a file");
    assert!(
        !fixed.contains("vars:") && fixed.contains("self: x/NAME_PLACEHOLDER # ours"),
        "{fixed}"
    );
}

#[test]
fn what_no_registry_takes_is_refused_or_told() {
    let text = "images:\n- name: web\n  newTag: v1\n";
    let dir = folder("nonsense-tags", &[("kustomization.yaml", text)]);
    let file = || fs::read_to_string(dir.join("kustomization.yaml")).expect("a file");
    for (image, said) in [
        ("web:v 2", "\"v 2\" is no tag that a registry takes"),
        ("web:-v2", "\"-v2\" is no tag"),
        ("web:v2+build", "\"v2+build\" is no tag"),
        ("web:{{ .tag }}", "is no tag"),
        ("web@sha256", "\"sha256\" is no digest"),
        ("web@sha256:abc", "sha256 has 64 digits, and these are 3"),
        ("web@sha256:0aB", "'B' is no lower-case hexadecimal digit"),
        ("web@sha512:abc", "sha512 has 128 digits"),
        ("web@md5", "write it as sha256: and 64 hexadecimal digits"),
        ("web@md 5:a", "write it as ALGORITHM:HASH"),
        ("web=other web:v2", "\"other web\" is no new name"),
    ] {
        let ran = kustom(&dir, &["set", "image", image]);
        assert_eq!(ran.code, Some(2), "{image}");
        assert!(ran.err.contains(said), "{image}: {}", ran.err);
        assert_eq!(file(), text);
    }
    for image in [
        "web:v2",
        "web:_1.0-rc.1",
        &format!("web@sha256:{}", "0a".repeat(32)),
        "web=*:*@sha512+b64u:x_-=",
    ] {
        kustom(&dir, &["set", "image", image]).good();
    }
    // Upstream takes anything.
    let ran = kustom(&dir, &["edit", "set", "image", "web:v 2"]);
    assert_eq!(ran.code, Some(0));
    assert!(ran.err.contains("\"v 2\" is no tag that a registry takes"), "{}", ran.err);
    assert!(file().contains("newTag: v 2"), "{}", file());
}

#[test]
fn a_name_without_its_registry_is_recognized() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: 'example.com/shop/web:1'}]}\n";
    let dir = folder(
        "no-registry",
        &[("kustomization.yaml", "resources: [pod.yaml]\n"), ("pod.yaml", pod)],
    );
    for image in ["web:2", "shop/web:2", "example.com/shop/wbe:2"] {
        let ran = kustom(&dir, &["set", "image", image]);
        assert_eq!(ran.code, Some(1));
        assert!(ran.err.contains("did you mean example.com/shop/web?"), "{image}: {}", ran.err);
    }
}

#[test]
fn vars_that_overlays_use_stay() {
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: map}\ndata: {self: $(NAME)}\n";
    let vars = "varReference: [{path: data, kind: ConfigMap}]\n";
    let base = "resources: [map.yaml]\nconfigurations: [vars.yaml]\nvars: [{name: NAME, objref: {kind: ConfigMap, name: map, apiVersion: v1}}]\n";
    let uses = "resources: [../../base]\npatches: [{patch: '{apiVersion: v1, kind: ConfigMap, metadata: {name: map}, data: {own: $(NAME)}}'}]\n";
    let plain = "resources: [../../base]\ncommonAnnotations: {a: b}\n";
    let dir = folder(
        "fix-vars-overlays",
        &[
            ("base/kustomization.yaml", base),
            ("base/map.yaml", map),
            ("base/vars.yaml", vars),
            ("overlays/plain/kustomization.yaml", plain),
            ("overlays/broken/kustomization.yaml", "resources: [../../base, nowhere.yaml]\n"),
            ("overlays/uses/kustomization.yaml", uses),
        ],
    );
    fs::create_dir(dir.join(".git")).expect("a directory");
    let base_dir = dir.join("base");
    let ran = kustom(&base_dir, &["edit", "fix", "--vars"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("would build something else: overlays/uses\n"), "{}", ran.err);
    assert!(ran.err.contains("nothing was written"), "{}", ran.err);
    assert_eq!(fs::read_to_string(base_dir.join("map.yaml")).expect("a file"), map);
    // What is excluded is not looked at, and what cannot be built proves nothing.
    write(&dir, "kustom.toml", "[search]\nexclude = [\"overlays/uses\"]\n");
    let ran = kustom(&base_dir, &["edit", "fix", "--vars"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(ran.err.contains("stay the same is not proven: overlays/broken"), "{}", ran.err);
    assert!(!ran.err.contains("no git repository"), "{}", ran.err);
    assert_ne!(fs::read_to_string(base_dir.join("map.yaml")).expect("a file"), map);
}

#[test]
fn templates_are_not_changed() {
    let text = "images:\n- name: web\n  newTag: {{ .tag }}\n";
    let dir = folder("template", &[("kustomization.yaml", text)]);
    let ran = kustom(&dir, &["set", "image", "web:v2"]);
    assert!(ran.code == Some(1) && ran.err.contains("kustomization.yaml:3: "), "{}", ran.err);
    assert_eq!(fs::read_to_string(dir.join("kustomization.yaml")).expect("a file"), text);
    // A text may be one as well; what the change does not touch may.
    for tag in ["'${TAG}'", "$TAG", "'{{ .tag }}'", "'#{Tag}#'"] {
        let text = format!("images:\n- name: web\n  newName: ${{REGISTRY}}/web\n  newTag: {tag}\n");
        write(&dir, "kustomization.yaml", &text);
        let file = || fs::read_to_string(dir.join("kustomization.yaml")).expect("a file");
        for image in ["web:v2", &format!("web@sha256:{}", "0a".repeat(32)), "web=other"] {
            let ran = kustom(&dir, &["set", "image", image]);
            assert!(ran.code == Some(1) && ran.err.contains("a template (new"), "{}", ran.err);
            assert_eq!(file(), text);
        }
        // Upstream overwrites it, and so does its command.
        kustom(&dir, &["edit", "set", "image", "web:v2"]).good();
        assert!(file().contains("v2"), "{}", file());
    }
    let text = "images:\n- name: web\n  newName: ${REGISTRY}/web\n  newTag: v1\n";
    write(&dir, "kustomization.yaml", text);
    kustom(&dir, &["set", "image", "web:v2"]).good();
}

#[test]
fn what_killed_processes_have_left_is_swept_away() {
    let dir = folder("sweep", &[("kustomization.yaml", "namePrefix: a-\n")]);
    let own = format!(".kustom-{}-0.tmp", std::process::id());
    for name in [".kustom-4294967295-0.tmp", &own, ".kustom-notes.tmp"] {
        write(&dir, name, "half");
    }
    kustom(&dir, &["edit", "set", "nameprefix", "b-"]).good();
    let left = |name: &str| dir.join(name).exists();
    assert!(left(&own) && left(".kustom-notes.tmp"));
    assert_eq!(left(".kustom-4294967295-0.tmp"), !Path::new("/proc/self").exists());
}

#[cfg(unix)]
#[test]
fn a_killed_process_leaves_the_old_file_or_the_new_one() {
    let filler =
        "# a line that makes the file long enough to be caught in the middle\n".repeat(20_000);
    let file = |tag: &str| format!("images:\n- name: web\n  newTag: {tag}\n{filler}");
    let dir = folder("edit-killed", &[("kustomization.yaml", &file("v0"))]);
    let path = dir.join("kustomization.yaml");
    let mut was = String::from("v0");
    let mut changes = 0;
    for round in 1..=60_u64 {
        let tag = format!("v{round}");
        let image = format!("web:{tag}");
        let (edit, set) = (["edit", "set", "image", &image], ["set", "image", "--add", &image]);
        let mut child = crate::program(&dir, if round % 2 == 0 { &edit } else { &set })
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .expect("it runs");
        // From before it reads to after it has written.
        std::thread::sleep(std::time::Duration::from_micros(round * 500));
        child.kill().expect("it is killed");
        child.wait().expect("it ends");
        let text = fs::read_to_string(&path).expect("a file");
        if text == file(&tag) {
            was = tag;
            changes += 1;
        } else {
            assert!(text == file(&was), "round {round}: neither the old file nor the new one");
        }
    }
    assert!(changes < 60, "no process was killed before it had written");
    // The next one that is let be sweeps away what is left.
    kustom(&dir, &["edit", "set", "image", "web:last"]).good();
    assert_eq!(fs::read_to_string(&path).expect("a file"), file("last"));
    assert_eq!(fs::read_dir(&dir).expect("a folder").count(), 1);
}

#[test]
fn what_has_no_effect_is_not_set() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: shop/web}]}\n";
    let dir = folder("no-effect", &[("pod.yaml", pod)]);
    let text = |images: &str| format!("resources: [pod.yaml]\nimages: {images}\n");
    for (images, image, said) in [
        // A dead entry.
        (
            "[{name: shop/wbe, newTag: v1}]",
            "shop/wbe:v2",
            "nothing uses the image shop/wbe (did you mean shop/web?)",
        ),
        // One that finds what another has written, in both directions.
        (
            "[{name: shop/web, newName: m/web}, {name: m/web, newTag: v1}]",
            "shop/web:v2",
            "kustomization.yaml:2 (images[1].newTag)",
        ),
        (
            "[{name: shop/web, newTag: v1}, {name: shop/.*, newTag: v0}]",
            "shop/web:v2",
            "kustomization.yaml:2 (images[1].newTag)",
        ),
    ] {
        write(&dir, "kustomization.yaml", &text(images));
        let ran = kustom(&dir, &["set", "image", image]);
        assert!(ran.code == Some(1) && ran.err.contains(said), "{}", ran.err);
        let file = || fs::read_to_string(dir.join("kustomization.yaml")).expect("a file");
        assert_eq!(file(), text(images));
        kustom(&dir, &["set", "image", image, "--add"]).good();
        assert!(file().contains("v2"), "{}", file());
    }
    // The entry that decides may be set, a pattern too.
    for (images, image) in [
        ("[{name: shop/web, newName: m/web}, {name: m/web, newTag: v1}]", "m/web:v2"),
        ("[{name: shop/web, newTag: v1}, {name: shop/.*, newTag: v0}]", "shop/.*:v2"),
    ] {
        write(&dir, "kustomization.yaml", &text(images));
        kustom(&dir, &["set", "image", image]).good();
        assert!(kustom(&dir, &["build"]).good().contains("web:v2\n"));
    }
    // An entry that loses its version leaves it to the object.
    let named = "[{name: shop/web, newName: m/web, newTag: v1}]";
    write(&dir, "kustomization.yaml", &text(named));
    kustom(&dir, &["set", "image", "shop/web=*@*"]).good();
    assert!(kustom(&dir, &["build"]).good().contains("image: m/web\n"));
    // What cannot be rendered is set, with a word; a component is not rendered alone.
    write(&dir, "kustomization.yaml", "resources: [gone.yaml]\nimages: [{name: a, newTag: v1}]\n");
    let ran = kustom(&dir, &["set", "image", "a:v2"]);
    assert!(ran.code == Some(0) && ran.err.contains(". cannot be rendered"), "{}", ran.err);
    let component = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [pod.yaml]\nimages: [{name: a, newTag: v1}]\n";
    write(&dir, "kustomization.yaml", component);
    kustom(&dir, &["set", "image", "a:v2"]).good();
}

#[test]
fn names_and_suffixes_are_shown() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: 'web:1'}]}\n";
    let dir = folder("shown", &[("pod.yaml", pod)]);
    for (entry, image, said) in [
        ("newName: m/web", "web:v2", "(no tag) -> v2"),
        ("newTag: v1", "web=m/web", "v1 -> m/web:v1"),
        ("newName: n/web", "web=m/web", "n/web -> m/web"),
        ("digest: sha256:0a", "web=m/web", "@sha256:0a -> m/web@sha256:0a"),
        ("newTag: v1", "web=m/web:v2", "v1 -> m/web:v2"),
        ("tagSuffix: -slim", "web:v2", "*-slim -> v2"),
        ("newTag: |-\n    v1", "web:v2", "v1 -> v2"),
    ] {
        let text = format!("resources: [pod.yaml]\nimages:\n- name: web\n  {entry}\n");
        write(&dir, "kustomization.yaml", &text);
        let ran = kustom(&dir, &["set", "image", image]);
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        assert!(ran.out.ends_with(&format!(": web: {said}\n")), "{}", ran.out);
        assert_eq!(ran.err.contains("tagSuffix"), entry.contains("tagSuffix"), "{}", ran.err);
    }
    let ran = kustom(&dir, &["set", "image", "nothing:v2"]);
    assert!(ran.err.starts_with("Error: .: nothing uses"), "{}", ran.err);
}
