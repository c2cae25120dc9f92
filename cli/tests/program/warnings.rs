//! Warnings: which are said, and that all forms agree.

use std::path::PathBuf;

use serde_json::Value;

use crate::{folder, kustom};

fn broken(name: &str) -> PathBuf {
    let files = [
        ("kustomization.yaml", "resources: [d.yaml]\nimages: [{name: ngnix, newTag: '2'}]\n"),
        (
            "d.yaml",
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replica: 2}\n",
        ),
    ];
    folder(name, &files)
}

#[test]
fn people_json_and_sarif_are_told_the_same() {
    let dir = broken("warnings-forms");
    let human = kustom(&dir, &["build", "--warn"]).err;
    let json = kustom(&dir, &["build", "--warn", "--error-format", "json"]).err;
    let sarif = kustom(&dir, &["build", "--warn", "--warn-format", "sarif"]).err;
    let lines: Vec<Value> = json.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let log: Value = serde_json::from_str(&sarif).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert_eq!((lines.len(), results.len()), (2, 2));
    for (line, result) in lines.iter().zip(results) {
        let (message, hint) = (line["message"].as_str().unwrap(), line["hint"].as_str().unwrap());
        let text = result["message"]["text"].as_str().unwrap();
        assert!(text.contains(message) && text.contains(hint), "{text}");
        assert!(human.contains(message) && human.contains(hint), "{human}");
        assert_eq!(line["kind"], result["ruleId"]);
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(line["file"], place["artifactLocation"]["uri"]);
        assert_eq!(line["line"], place["region"]["startLine"]);
        assert_eq!(line["column"], place["region"]["startColumn"]);
        let shown =
            format!("{}:{}:{}", line["file"].as_str().unwrap(), line["line"], line["column"]);
        assert!(human.contains(&shown), "{human}");
        let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
        assert!(rules.iter().any(|rule| rule["id"] == line["kind"]));
    }
}

#[test]
fn kinds_are_chosen_and_explained() {
    let dir = broken("warnings-kinds");
    let said = |warn: &str| {
        let ran = kustom(&dir, &["build", warn, "--error-format", "json"]);
        assert_eq!(ran.code, Some(0));
        ran.err.lines().count()
    };
    assert_eq!(said("--warn=-unused-image"), 1);
    assert_eq!(said("--warn=unused-file"), 0);
    let wrong = kustom(&dir, &["build", "--warn=unused-imge"]);
    assert_eq!(wrong.code, Some(2));
    assert!(wrong.err.contains("did you mean `unused-image`?"), "{}", wrong.err);
    assert_eq!(kustom(&dir, &["build", "--strict"]).code, Some(1));
    let only = kustom(&dir, &["build", "--strict", "--warn=unused-file"]);
    assert_eq!(only.code, Some(0), "{}", only.err);
    let explained = kustom(&dir, &["--explain-warning", "unused-image"]).good();
    assert!(explained.starts_with("unused-image: No container has"), "{explained}");
    assert!(kustom(&dir, &["--explain-warning"]).good().lines().count() > 30);
    assert_eq!(kustom(&dir, &["--explain-warning", "nothing"]).code, Some(2));
}
