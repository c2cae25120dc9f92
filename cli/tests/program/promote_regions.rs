//! Environments below regions, and lists of regions.

use std::fs;

use super::promote_layout::{images, overlay, repository};
use super::{kustom, write};

#[test]
fn regions_of_which_none_is_in_both_are_not_compared() {
    let dir = repository("layout-regions-apart", &["apps/web"], &["staging/nonprod", "prod/prod"]);
    let ran = kustom(&dir, &["promote", "staging", "prod", "--check"]);
    insta::assert_snapshot!(ran.err, @"web: it has staging/nonprod and prod/prod; these are not compared, unless they are named, as in `promote staging/REGION prod/REGION`");
    assert!(
        ran.out.starts_with("nothing to promote of what staging and prod both have\n"),
        "{}",
        ran.out
    );
    let named = kustom(&dir, &["promote", "staging/nonprod", "prod/prod", "--check"]);
    assert_eq!(named.code, Some(1), "{}", named.err);
    let said = kustom(&dir, &["promote", "staging", "prod", "--format", "json"]);
    let said: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
    assert!(said["notCompared"][0].as_str().is_some_and(|said| said.contains("staging/nonprod")));
}

#[test]
fn images_above_the_apps_are_told() {
    let dir = repository("layout-above", &["clusters/dev/web", "clusters/prod/web"], &[]);
    for env in ["dev", "prod"] {
        let text = "resources: [base]\nimages: [{name: web, newTag: v1}]\n";
        write(&dir, &format!("clusters/{env}/web/kustomization.yaml"), text);
        write(&dir, &format!("clusters/{env}/kustomization.yaml"), "resources: [web]\n");
    }
    let args = ["promote", "dev", "prod", "--check"];
    assert_eq!(kustom(&dir, &args).err, "");
    let text = "resources: [web]\nimages: [{name: web, newTag: v2}]\n";
    write(&dir, "clusters/dev/kustomization.yaml", text);
    let ran = kustom(&dir, &args);
    insta::assert_snapshot!(ran.err, @"not looked at are the images that these set for the apps they list: clusters/dev; --by says where apps are");
}

#[test]
fn a_list_of_the_regions_of_an_environment_is_none() {
    let environments = ["dev/eu", "dev/us", "staging/eu", "staging/us"];
    let dir = repository("layout-region-lists", &["apps/web"], &environments);
    for env in environments {
        let file = overlay("apps/web", env);
        let text = fs::read_to_string(dir.join(&file)).expect("a file");
        write(&dir, &file, &format!("{text}nameSuffix: -{}\n", env.replace('/', "-")));
    }
    for env in ["dev", "staging"] {
        write(&dir, &overlay("apps/web", env), "resources: [eu, us]\nnamespace: web\n");
    }
    let table = "APP  IMAGE  DEV/EU  DEV/US  STAGING/EU  STAGING/US\n\
                 web  web    dev-eu  dev-us  staging-eu  staging-us\n";
    assert_eq!(images(&dir, &[]), table);
    let said = kustom(&dir, &["promote", "dev", "staging"]).good();
    let wanted = "APP     IMAGE  STAGING     DEV\nweb/eu  web    staging-eu  dev-eu\nweb/us  web    staging-us  dev-us\n";
    assert_eq!(said, wanted);
    // One that has no regions, or says something of images, is compared as a whole.
    for text in [
        "resources: [../../base]\nimages: [{name: web, newTag: v1}]\n",
        "resources: [eu, us]\nimages: [{name: web, newTag: v1}]\n",
    ] {
        write(&dir, &overlay("apps/web", "dev"), text);
        let ran = kustom(&dir, &["promote", "dev", "staging"]);
        assert!(ran.code == Some(2) && ran.out.contains("web: web staging"), "{}", ran.out);
    }
}
