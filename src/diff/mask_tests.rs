//! Tests of what is masked.

use super::*;
use serde_json::json;

#[test]
fn single_values_of_files_are_hidden() {
    let files = [
        r#"{"auths":{"r.example.com":{"auth":"dTpodW50ZXIy","password":"hunter2hunter2"}}}"#,
        "[db]\npassword = \"hunter2hunter2\" # ours\n",
        "export PASSWORD=hunter2hunter2\n",
        "PASSWORD=hunter2hunter2",
    ];
    for file in files {
        let all = STANDARD.encode(file);
        for secret in [json!({"stringData": {"f": file}}), json!({"data": {"f": all}})] {
            let mut secret = secret;
            secret["kind"] = "Secret".into();
            let secrets = Secrets::of([crate::yaml::from_value(&secret)].iter());
            assert_eq!(secrets.masked("pg://u:hunter2hunter2@db"), "pg://u:***@db", "{file}");
            assert_eq!(secrets.masked("the auths of r.example"), "the auths of r.example");
        }
    }
}

#[test]
fn images_that_run_are_shown_though_a_configuration_in_a_secret_names_them() {
    let trees = |config: &str| {
        let secret = json!({"kind": "Secret", "stringData": {"config": config}});
        let pod = json!({"kind": "Pod", "spec": {"containers": [{"image": "alpine:3.19.1"}]}});
        Secrets::of([secret, pod].map(|tree| crate::yaml::from_value(&tree)).iter())
    };
    for config in ["image = \"alpine:3.19.1\"\nother = 1", "{\"image\": \"alpine:3.19.1\"}"] {
        assert_eq!(trees(config).masked("of alpine:3.19.1"), "of alpine:3.19.1", "{config}");
    }
    // One that is a secret itself stays one.
    assert_eq!(trees("alpine:3.19.1").masked("of alpine:3.19.1"), "of ***");
}

#[test]
fn secrets_are_hidden_wherever_they_are() {
    let secret = json!({
        "kind": "Secret",
        "metadata": {"name": "s", "annotations": {"x/last-applied": "copy", "note": "ok"}},
        "data": {"password": "aHVudGVyMi1odW50ZXIy", "n": 5, "none": null},
        "stringData": {"a": "pin1", "b": "123456", "c": "5432", "d": "true", "e": "api",
                       "f": "pin1-x9"}
    });
    let mut other = json!({"kind": "Deployment", "metadata": {"name": "pay-api"}, "spec": {
        "key": "hunter2-hunter2", "value": "hunter2-hunter2", "flag": "true",
        "url": "pg://u:hunter2-hunter2@db\n", "short": "a pin1-x9 of pin1, no xpin1 pin12",
        "pin": 123456, "port": 5432, "app": "api", "hex": "0xpin1-x99",
        "raw": {"kind": "Secret", "stringData": {"a": ["x"]}}
    }});
    let trees = [&secret, &other].map(crate::yaml::from_value);
    let secrets = Secrets::of(trees.iter());
    let mut hidden = secret;
    secrets.hide(&mut hidden);
    secrets.hide(&mut other);
    assert!(strip(&mut hidden) && strip(&mut other));
    assert_eq!(
        hidden,
        json!({
            "kind": "Secret",
            "metadata": {"name": "s", "annotations": {"x/last-applied": "***", "note": "ok"}},
            "data": {"password": "***", "n": "***", "none": null},
            "stringData": {"a": "***", "b": "***", "c": "***", "d": "***", "e": "***", "f": "***"}
        })
    );
    assert_eq!(
        other["spec"],
        json!({
            "key": "hunter2-hunter2", "value": "***", "flag": "true",
            "url": "pg://u:***@db\n", "short": "a *** of ***, no xpin1 pin12",
            "pin": "***", "port": 5432, "app": "api", "hex": "0xpin1-x99",
            "raw": {"kind": "Secret", "stringData": {"a": ["***"]}}
        })
    );
}
