//! `kustom explain`

use insta::assert_snapshot;
use serde_json::Value;

use super::{folder, kustom, testdata};

const PROD: &str = "apps/payments-api/overlays/prod";

fn explain(args: &[&str]) -> String {
    let args: Vec<&str> = ["explain"].iter().chain(args).copied().collect();
    kustom(&testdata().join("infra-config"), &args).good()
}

#[test]
fn fields_have_one_line_a_step() {
    let api = "spec.template.spec.containers[name=api]";
    assert_snapshot!("image", explain(&[PROD, "deployment/payments-api", &format!("{api}.image")]));
    assert_snapshot!("replicas", explain(&[PROD, "Deployment/payments-api", "/spec/replicas"]));
    assert_snapshot!(
        "reference",
        explain(&[PROD, "deploy/payments-api", &format!("{api}.envFrom[0].configMapRef.name")])
    );
    assert_snapshot!(
        "label",
        explain(&[PROD, "svc/payments-api", "spec.selector.app.kubernetes.io/name"])
    );
    assert_snapshot!(
        "key",
        explain(&[PROD, "cm/payments-api-config", "data.DATABASE_POOL_SIZE", "-n", "payments"])
    );
}

#[test]
fn objects_are_told_step_by_step() {
    assert_snapshot!("deployment", explain(&[PROD, "deployment/payments-api"]));
    assert_snapshot!(
        "resources",
        explain(&[PROD, "deployment/payments-api", "spec.template.spec.containers[0].resources"])
    );
    let dev = "apps/payments-api/overlays/dev";
    assert_snapshot!("removed", explain(&[dev, "hpa/payments-api"]));
    let dev = "apps/notifications/overlays/dev";
    assert_snapshot!("secret", explain(&[dev, "secret/notifications-smtp"]));
}

#[test]
fn json_says_the_same() {
    let args = [PROD, "deployment/payments-api", "spec.replicas", "--format", "json"];
    assert_snapshot!("json", explain(&args));
    let all: Value =
        serde_json::from_str(&explain(&[PROD, "cm/payments-api-config", "--format=json"])).unwrap();
    assert_eq!(all["object"]["names"][0], "payments-api-config");
    assert_eq!(all["value"]["data"]["LOG_LEVEL"], "info");
    assert!(all["events"].as_array().unwrap().len() > 10);
}

#[test]
fn secrets_are_hidden_unless_asked_for() {
    let args = ["apps/notifications/overlays/dev", "secret/notifications-smtp"];
    let encoded = "bm90LWEtc2VjcmV0";
    for field in [None, Some("data"), Some("data.password")] {
        for format in ["text", "json"] {
            let mut args = args.to_vec();
            args.extend(field);
            args.extend(["--format", format]);
            let hidden = explain(&args);
            assert!(!hidden.contains(encoded) && hidden.contains("(hidden)"), "{hidden}");
            args.push("--show-secrets");
            assert!(explain(&args).contains(encoded));
        }
    }
}

#[test]
fn mistakes_are_misuse_and_refusals_are_failures() {
    let dir = testdata().join("infra-config");
    for (args, message) in [
        (vec![PROD, "deployment/payment-api"], "did you mean `payments-api`?"),
        (vec![PROD, "payments-api"], "write it as KIND/NAME"),
        (vec![PROD, "deploy/payments-api", "spec.replica"], "did you mean `replicas`?"),
        (vec![PROD, "deploy/payments-api", "-n", "x"], "in namespace payments"),
    ] {
        let args: Vec<&str> = ["explain"].into_iter().chain(args).collect();
        let ran = kustom(&dir, &args);
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""));
        assert!(ran.err.contains(message), "{}", ran.err);
    }
    let dir = folder("explain-refused", &[("kustomization.yaml", "resources: [missing.yaml]\n")]);
    assert_eq!(kustom(&dir, &["explain", ".", "a/b"]).code, Some(1));
}

#[test]
fn a_step_of_several_entries_is_named_after_their_list() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - {name: a, image: x}\n  \
               - {name: b, image: z}\n";
    let images = "- {name: x, newTag: v1}\n- {name: z, newTag: v2}\n";
    let dir = folder(
        "explain-entries",
        &[
            ("kustomization.yaml", &format!("resources: [p.yaml]\nimages:\n{images}")),
            ("p.yaml", pod),
        ],
    );
    let said = |field: &str| kustom(&dir, &["explain", "pod/p", field]).good();
    let all = said("containers");
    assert!(all.contains("\nimages of kustomization.yaml\n"), "{all}");
    assert!(all.contains("3:21  spec.containers[name=a].image: x → x:v1\n"), "{all}");
    // Where one is asked for, its entry is named.
    let one = said("containers.b.image");
    assert!(one.contains("4:21  images[1].newTag  z:v2"), "{one}");
}

#[test]
fn what_is_set_again_is_told() {
    let base = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: d\n  namespace: prod\n  annotations: {a: x, \
                host: example.com}\nspec:\n  replicas: 3\n  template:\n    spec:\n      containers: [{name: c, image: \
                'nginx:1.25'}]\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: source}\ndata: {host: \
                example.com, settings: '{\"host\":\"example.com\"}'}\n";
    let overlay = "resources: [../base]\nnamespace: prod\ncommonAnnotations: {a: x}\nreplicas: [{name: d, count: 3}]\n\
                   images:\n- {name: nginx, newTag: \"1.25\"}\nsecretGenerator:\n- {name: s, behavior: merge, \
                   literals: [b=1]}\nreplacements:\n- source: {kind: ConfigMap, name: source, fieldPath: data.host}\n  \
                   targets:\n  - {select: {kind: Deployment}, fieldPaths: [metadata.annotations.host]}\n  - {select: \
                   {kind: ConfigMap}, fieldPaths: [data.settings.host]}\n";
    let dir = folder(
        "explain-again",
        &[
            (
                "base/kustomization.yaml",
                "resources: [r.yaml]\nsecretGenerator: [{name: s, literals: [a=1]}]\n",
            ),
            ("base/r.yaml", base),
            ("overlay/kustomization.yaml", overlay),
        ],
    );
    for (object, field, step) in [
        ("deploy/d", "metadata.namespace", "namespace"),
        ("deploy/d", "spec.replicas", "replicas[0].count"),
        ("deploy/d", "containers[name=c].image", "images[0].newTag"),
        ("deploy/d", "metadata.annotations.a", "commonAnnotations.a"),
        ("deploy/d", "metadata.annotations.host", "replacements[0]"),
        ("cm/source", "data.settings", "replacements[0]"),
        ("secret/s", "type", "secretGenerator[0]"),
    ] {
        let said = kustom(&dir, &["explain", "overlay", object, field]).good();
        let last = said.lines().last().unwrap_or_default();
        assert!(last.contains(&format!(" {step} ")) && last.contains(" (again)"), "{said}");
        // Of an object as a whole, it would be too much.
        let all = kustom(&dir, &["explain", "overlay", object]).good();
        assert!(!all.contains("(again)"), "{all}");
    }
}

#[test]
fn a_star_stands_for_every_element() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - {name: a, image: x}\n  \
               - {name: b, image: z, ports: [{containerPort: 1}]}\n";
    let dir = folder(
        "explain-every",
        &[
            (
                "kustomization.yaml",
                "resources: [p.yaml]\nimages: [{name: z, newTag: v2}, {name: x, newTag: v1}]\n",
            ),
            ("p.yaml", pod),
        ],
    );
    let said = |field: &str| kustom(&dir, &["explain", "pod/p", field]);
    assert_snapshot!("every", said("containers[*].image").good());
    assert_eq!(said("spec.containers[*].image").good(), said("containers[*].image").good());
    // Not every element has to have it.
    assert!(said("containers[*].ports[*].containerPort").good().contains("[name=b].ports["));
    let json = kustom(&dir, &["explain", "pod/p", "containers[*].image", "--format=json"]).good();
    let json: Value = serde_json::from_str(&json).unwrap();
    let values: Vec<&Value> = json.as_array().unwrap().iter().map(|one| &one["value"]).collect();
    assert_eq!(values, ["x:v1", "z:v2"]);
    let ran = said("containers[*].imag");
    assert!(ran.code == Some(2) && ran.err.contains("no field `"), "{}", ran.err);
}
