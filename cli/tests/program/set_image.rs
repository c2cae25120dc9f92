//! Which entries `set image` means, and where it sets none.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::{folder, kustom, write};

const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: shop/web}]}\n";
const RENAMED: &str = "resources: [pod.yaml]\nimages:\n- name: shop/web\n  newName: reg.example.com/web # mirror\n  newTag: v1\n";

fn read(dir: &Path, name: &str) -> String {
    fs::read_to_string(dir.join(name)).expect("a file")
}

#[test]
fn an_entry_is_also_known_by_what_it_calls_the_image() {
    let files = [("kustomization.yaml", RENAMED), ("pod.yaml", POD)];
    let dir = folder("set-image-called", &files);
    let said = kustom(&dir, &["set", "image", "reg.example.com/web:v2"]).good();
    assert_eq!(said, "kustomization.yaml:5: shop/web: v1 -> v2\n");
    assert_eq!(read(&dir, "kustomization.yaml"), RENAMED.replace("v1", "v2"));
    let again = kustom(&dir, &["set", "image", "reg.example.com/web:v2", "--check"]).good();
    assert!(again.contains("(unchanged)"), "{again}");
    // By the name of the objects as before.
    kustom(&dir, &["set", "image", "shop/web:v3"]).good();
    assert_eq!(read(&dir, "kustomization.yaml"), RENAMED.replace("v1", "v3"));
    let both = kustom(&dir, &["set", "image", "shop/web:v4", "reg.example.com/web:v4"]);
    assert!(both.code == Some(2) && both.err.contains("give one of them"), "{}", both.err);

    // Another image has that name of its own.
    write(&dir, "pod.yaml", &POD.replace("}]", "}, {name: d, image: reg.example.com/web}]"));
    let ran = kustom(&dir, &["set", "image", "reg.example.com/web:v5"]);
    assert_eq!(ran.code, Some(1), "{}", ran.out);
    assert!(ran.err.contains("and what the entry of shop/web calls another"), "{}", ran.err);
    assert_eq!(read(&dir, "kustomization.yaml"), RENAMED.replace("v1", "v3"));
    kustom(&dir, &["set", "image", "reg.example.com/web:v5", "--add"]).good();
    let added = RENAMED.replace("v1", "v3") + "- name: reg.example.com/web\n  newTag: v5\n";
    assert_eq!(read(&dir, "kustomization.yaml"), added);
}

#[test]
fn a_registry_too_many_is_recognized() {
    let pod = POD.replace("shop/web", "nginx");
    let files = [("kustomization.yaml", "resources: [pod.yaml]\n"), ("pod.yaml", &pod)];
    let dir = folder("set-image-registry", &files);
    let ran = kustom(&dir, &["set", "image", "docker.io/library/nginx:1"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("did you mean nginx?"), "{}", ran.err);
}

#[test]
fn directories_that_are_named_and_do_not_use_an_image_are_told() {
    let cart = POD.replace("shop/web", "shop/cart");
    let kustomization = "resources: [pod.yaml]\n";
    let files = [
        ("web/kustomization.yaml", kustomization),
        ("web/pod.yaml", POD),
        ("cart/kustomization.yaml", kustomization),
        ("cart/pod.yaml", &cart),
    ];
    let dir = folder("set-image-unused", &files);
    let note = "cart: nothing uses the image shop/web, so it is not set there";
    let check = kustom(&dir, &["set", "image", "web", "cart", "shop/web:v2", "--check"]);
    assert_eq!(check.code, Some(1));
    assert!(check.err.contains(note), "{}", check.err);
    // Of many that a pattern stands for, that is to be expected.
    let matched = kustom(&dir, &["set", "image", "*", "shop/web:v2", "--check"]);
    assert_eq!((matched.code, matched.err.as_str()), (Some(1), ""));
    let named = kustom(&dir, &["set", "image", "*", "cart", "shop/web:v2", "--check"]);
    assert!(named.err.contains(note), "{}", named.err);
    let json = kustom(&dir, &["set", "image", "web", "cart", "shop/web:v2", "--json"]);
    assert!(json.err.contains(note), "{}", json.err);
    for (short, format) in [("--json", "json"), ("--message", "message")] {
        let set = ["set", "image", "web", "shop/web:v3", "--check"];
        let said = kustom(&dir, &[&set[..], &["--format", format]].concat()).out;
        assert_eq!(kustom(&dir, &[&set[..], &[short]].concat()).out, said);
        assert!(!said.is_empty());
        let both = kustom(&dir, &[&set[..], &["--format", "text", short]].concat());
        assert_eq!(both.code, Some(2), "{}", both.err);
    }
    let said: Value = serde_json::from_str(&json.out).expect("JSON");
    assert_eq!(said[0]["used"], true);
    assert_eq!(
        (&said[1]["file"], &said[1]["used"]),
        (&"cart/kustomization.yaml".into(), &false.into())
    );
    assert_eq!(read(&dir, "cart/kustomization.yaml"), kustomization);
}

#[test]
fn what_was_given_in_the_place_of_an_image_or_a_folder_is_recognized() {
    let files = [("web/kustomization.yaml", "resources: [pod.yaml]\n"), ("web/pod.yaml", POD)];
    let dir = folder("set-image-forgotten", &files);
    for args in [&["web", "shop/web"][..], &["shop/web"]] {
        let ran = kustom(&dir, &[&["set", "image"], args].concat());
        let said = "\"shop/web\" is neither a directory nor an image with a tag, as shop/web:TAG";
        assert!(ran.code == Some(2) && ran.err.contains(said), "{}", ran.err);
    }
    assert!(kustom(&dir, &["set", "image", "web"]).err.contains("no image is given"));
    // As a bot says it whose variable is empty.
    for (image, part) in [
        ("shop/web:v1@", "digest"),
        ("shop/web=b@", "digest"),
        ("localhost:5000/web:v1@", "digest"),
        ("shop/web:@sha256:0", "tag"),
        ("shop/web=b:", "tag"),
        ("shop/web=:v1", "new name"),
        ("shop/web=@sha256:0", "new name"),
    ] {
        let ran = kustom(&dir, &["set", "image", "web", image]);
        let said = format!("{image:?} is an image with an empty {part}\n");
        assert!(ran.code == Some(2) && ran.err.contains(&said), "{}", ran.err);
    }
    assert_eq!(read(&dir, "web/kustomization.yaml"), "resources: [pod.yaml]\n");
    // A kustomization file stands for its folder.
    kustom(&dir, &["set", "image", "web/kustomization.yaml", "shop/web:v2"]).good();
    assert!(read(&dir, "web/kustomization.yaml").contains("v2"));
    kustom(&dir.join("web"), &["set", "image", "kustomization.yaml", "shop/web:v3"]).good();
    assert!(read(&dir, "web/kustomization.yaml").contains("v3"));
}

#[test]
fn a_star_needs_an_entry() {
    let file = "images:\n- name: web\n  newName: mirror/web\n";
    let dir = folder("set-image-star", &[("kustomization.yaml", file)]);
    let ran = kustom(&dir, &["set", "image", "api=*", "--add"]);
    let said = "there is no entry of the image api of which a * could keep something";
    assert!(ran.code == Some(1) && ran.err.contains(said), "{}", ran.err);
    assert!(ran.err.contains("as api:TAG"), "{}", ran.err);
    assert_eq!(read(&dir, "kustomization.yaml"), file);
    // For scripts written for kustomize, it means what it means there.
    for (arg, said) in [("api=*", "there was none"), ("api:", "gives none")] {
        write(&dir, "kustomization.yaml", file);
        let ran = kustom(&dir, &["edit", "set", "image", arg]);
        assert!(ran.code == Some(0) && ran.err.contains(said), "{}", ran.err);
        assert_eq!(read(&dir, "kustomization.yaml"), format!("{file}- name: api\n"));
    }
    let ran = kustom(&dir, &["edit", "set", "image", "web=*"]);
    assert!(ran.code == Some(0) && ran.err.is_empty(), "{}", ran.err);
}

#[test]
fn an_alias_is_a_place_of_its_own() {
    let digest = format!("sha256:{}", "ab".repeat(32));
    let pod = POD.replace("}]", "}, {name: d, image: shop/mig}]");
    let dir = folder("set-image-alias", &[("kustomization.yaml", ""), ("pod.yaml", &pod)]);
    let set = |images: &str, args: &[&str]| {
        write(&dir, "kustomization.yaml", &format!("resources: [pod.yaml]\nimages:\n{images}"));
        let ran = kustom(&dir, &[&["set", "image"], args].concat());
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        (
            ran.out,
            read(&dir, "kustomization.yaml").replacen("resources: [pod.yaml]\nimages:\n", "", 1),
        )
    };
    let marker = |policy: &str, part| format!("# {{\"$imagepolicy\": \"ns:{policy}:{part}\"}}");
    let web = format!("- name: shop/web\n  digest: &d {digest} {}\n", marker("web", "digest"));
    let mig = format!("- name: shop/mig\n  digest: *d {}\n", marker("mig", "digest"));
    let (said, text) = set(&(web.clone() + &mig), &["shop/mig:v2"]);
    assert!(said.starts_with("kustomization.yaml:6: shop/mig: "), "{said}");
    assert_eq!(text, format!("{web}- name: shop/mig\n  newTag: v2 {}\n", marker("mig", "tag")));
    let (_, text) = set(&(web.clone() + "- name: shop/mig\n  digest: *d\n"), &["shop/mig:v2"]);
    assert_eq!(text, format!("{web}- name: shop/mig\n  newTag: v2\n"));
    // Also where a whole entry is merged into another.
    let (first, second) = (format!("- &w\n  {}", &web[2..]), "- <<: *w\n  name: shop/mig # ours\n");
    let (said, text) = set(&(first.clone() + second), &["shop/mig:v2"]);
    assert!(said.starts_with("kustomization.yaml:6: shop/mig: "), "{said}");
    assert_eq!(text, format!("{first}- name: shop/mig # ours\n  newTag: v2\n"));
    // All change in the same way.
    let both = "- name: shop/web\n  newTag: &v v1 # w\n- name: shop/mig\n  newTag: *v # m\n";
    let (said, text) = set(both, &["shop/web:v2", "shop/mig:v2"]);
    assert_eq!(
        said,
        "kustomization.yaml:4: shop/web: v1 -> v2\nkustomization.yaml:6: shop/mig: v1 -> v2\n"
    );
    assert_eq!(text, both.replace("v1", "v2"));
    let (_, text) = set(both, &["shop/web:v2"]);
    assert_eq!(text, both.replace("v1", "v2").replace("*v", "v1"));
}

#[test]
fn what_is_unchanged_stays_in_its_form() {
    let digest = |c: &str| format!("sha256:{}", c.repeat(64));
    let dir = folder("set-image-form", &[("kustomization.yaml", ""), ("pod.yaml", POD)]);
    let (one, other) = (format!("v1@{}", digest("a")), format!("v2@{}", digest("b")));
    let both = |version: &str| format!("shop/web:{version}");
    for (fields, arg) in [
        (format!("newTag: {one} # by the bot"), both(&one)),
        ("newTag: v1\n  digest: \"\" # none".to_owned(), both("v1")),
        ("newTag: v1\n  digest:".to_owned(), both("v1")),
    ] {
        let text = format!("resources: [pod.yaml]\nimages:\n- name: shop/web\n  {fields}\n");
        write(&dir, "kustomization.yaml", &text);
        let said = kustom(&dir, &["set", "image", &arg, "--check"]).good();
        assert!(said.contains("(unchanged)"), "{said}");
        let said = kustom(&dir, &["set", "image", &arg, "--format", "message"]).good();
        assert_eq!(said, "Nothing to set\n");
        assert_eq!(read(&dir, "kustomization.yaml"), text);
        // Both stay together where they were.
        kustom(&dir, &["set", "image", &both(&other)]).good();
        let set = read(&dir, "kustomization.yaml");
        match fields.contains('@') {
            true => assert_eq!(set, text.replace(&one, &other)),
            false => assert!(set.contains("  newTag: v2\n  digest: "), "{set}"),
        }
    }
    let old = "resources: [pod.yaml]\nimages: # none\n- name: shop/mig\n  newTag: v1\nimageTags:\n- name: shop/web\n  newTag: v1\n";
    write(&dir, "kustomization.yaml", old);
    let said = kustom(&dir, &["set", "image", "shop/web:v1"]).good();
    assert!(said.contains("(unchanged)"), "{said}");
    assert_eq!(read(&dir, "kustomization.yaml"), old);
}

#[test]
fn a_digest_in_the_place_of_a_tag_is_no_digest() {
    let digest = |c: &str| format!("sha256:{}", c.repeat(64));
    let (one, other) = (digest("a"), digest("b"));
    let base = ("base/kustomization.yaml", "resources: [pod.yaml]\n");
    let dir = folder("set-image-no-digest", &[base, ("base/pod.yaml", POD)]);
    let text = |version: &str| {
        format!("resources: [../base]\nimages:\n- name: shop/web\n  {version} # ours\n")
    };
    let (odd, right) = (format!("newTag: '@{one}'"), format!("digest: '{one}'"));
    write(&dir, "staging/kustomization.yaml", &text(&odd));
    // The image would be shop/web:@sha256:…
    let arg = format!("shop/web@{one}");
    let check = kustom(&dir, &["set", "image", "staging", &arg, "--check"]);
    assert_eq!(check.code, Some(1), "{}", check.err);
    assert!(check.out.ends_with(&format!("shop/web: :@{one} -> @{one}\n")), "{}", check.out);
    kustom(&dir, &["set", "image", "staging", &arg]).good();
    assert_eq!(read(&dir, "staging/kustomization.yaml"), text(&right));
    // So it is promoted to, and not from.
    write(&dir, "dev/kustomization.yaml", &text(&right));
    write(&dir, "staging/kustomization.yaml", &text(&odd));
    let by = ["--by", "{env}"];
    kustom(&dir, &[&["promote", "dev", "staging", "--write"], &by[..]].concat()).good();
    assert_eq!(read(&dir, "staging/kustomization.yaml"), text(&right));
    write(&dir, "dev/kustomization.yaml", &text(&odd.replace(&one, &other)));
    let ran = kustom(&dir, &[&["promote", "dev", "staging", "--write"], &by[..]].concat());
    let said = "its tag is empty and stands before a digest, by dev/kustomization.yaml:4";
    assert!(ran.code == Some(2) && ran.out.contains(said), "{}{}", ran.out, ran.err);
}
