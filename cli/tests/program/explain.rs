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
